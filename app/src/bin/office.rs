//! The office app: online.

fn main() {
    #[cfg(target_arch = "wasm32")]
    zhicha_app::office::run();
}

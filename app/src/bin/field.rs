//! The field app: offline first, small.

fn main() {
    #[cfg(target_arch = "wasm32")]
    zhicha_app::field::run();
}

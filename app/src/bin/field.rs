//! The field app: offline first, small.

fn main() {
    #[cfg(target_arch = "wasm32")]
    zhicha_app::field::run(second::load);
}

/// The split point: `cargo xtask build` moves whatever only `tools` reaches into a second file.
#[cfg(target_arch = "wasm32")]
mod second {
    use wasm_split_helpers::{SplitLoaderError, wasm_split};
    use zhicha_app::{
        pages::field::later,
        second::{Later, Tools},
    };

    pub fn load() -> Later<Option<Tools>> {
        Box::pin(async { tools().await.ok() })
    }

    #[wasm_split(later, fallible)]
    fn tools() -> Result<Tools, SplitLoaderError> {
        Ok(later::tools())
    }
}

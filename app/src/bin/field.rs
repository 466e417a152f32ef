//! The field app: offline first, small.

fn main() {
    #[cfg(target_arch = "wasm32")]
    zhicha_app::field::run(second::FILE);
}

/// The split point: `cargo xtask build` moves whatever only `page` reaches into a second file.
#[cfg(target_arch = "wasm32")]
mod second {
    use wasm_split_helpers::{SplitLoaderError, wasm_split};
    use zhicha_app::{
        pages::field::later::{Page, SecondFile, draw},
        view::Node,
    };

    pub const FILE: SecondFile = SecondFile {
        load: || Box::pin(async { load().await.ok() }),
        draw: |of| Box::pin(async move { page(of).await.ok() }),
    };

    #[wasm_split(later, fallible, preload(load))]
    fn page(page: Page) -> Result<Node, SplitLoaderError> {
        Ok(draw(page))
    }
}

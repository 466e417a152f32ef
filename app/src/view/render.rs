//! A [`Node`] is a view of Leptos, so that components, `For`, `Show` and children take it.

use super::{
    Node,
    mounted::{Mounted, draw, patch},
};
use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::{AddAnyAttr, Render, RenderHtml},
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState},
    },
};

impl Render for Node {
    type State = Mounted;

    fn build(self) -> Mounted {
        draw(self)
    }

    fn rebuild(self, state: &mut Mounted) {
        patch(self, state);
    }
}

impl AddAnyAttr for Node {
    type Output<SomeNewAttr: Attribute> = Self;

    // Nothing spreads attributes onto our components: `view!` has no syntax for it.
    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self {
        self
    }
}

// The apps draw in the browser only: there is no HTML to write and none to take over.
impl RenderHtml for Node {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _buf: &mut String,
        _position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        _cursor: &Cursor,
        _position: &PositionState,
    ) -> Mounted {
        draw(self)
    }

    fn into_owned(self) -> Self {
        self
    }
}

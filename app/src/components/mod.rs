//! Parts that several pages share: few, large, accessible, on native elements and the classes of `app.css`.

pub mod banner;
pub mod button;
pub mod codes;
pub mod dialog;
pub mod empty;
pub mod field;
mod find;
pub mod frame;
pub mod icon;
pub mod item;
pub mod lens;
pub mod pen;
pub mod photos;
pub mod sync_badge;
pub mod toast;

pub use banner::Banner;
pub use button::{Button, ButtonKind, LinkButton};
pub use dialog::{Dialog, Sheet};
pub use empty::Empty;
pub use field::{Field, TextField};
pub use find::Find;
pub use frame::{Frame, Tab};
pub use icon::{Icon, LiveIcon};
pub use pen::Pen;
pub use sync_badge::{SaveBadge, SaveWord, StatusBadge, SyncBadge};
pub use toast::{Toaster, use_toaster};

//! Parts that several pages of the office share.

pub mod basis;
pub mod copy;
pub mod failed;
pub mod frame;
pub mod guard;
pub mod qr;
pub mod shown;
pub mod subject;
pub mod tag;

pub use basis::Bases;
pub use copy::CopyButton;
pub use failed::{Failed, FailedLine};
pub use frame::{OfficeFrame, Place};
pub use guard::Guard;
pub use qr::QrCode;
pub use shown::Shown;
pub use subject::open_with;
pub use tag::{LiveTag, Tag};

//! Inspections: a draft that is filled in, the sealed record it becomes, and amendments to that.

pub mod code;
pub mod combined;
pub mod draft;
pub mod drawn;
pub mod evidence;
pub mod fold;
pub mod instance;
pub mod record;
pub mod said;
pub mod seal;
pub mod strokes;

pub use draft::{Draft, DraftAnswer, Finding};
pub use evidence::{Captured, Evidence, EvidenceKind, EvidenceRow};
pub use fold::{FoldedRecord, fold};
pub use instance::Instance;
pub use record::{
    Amended, AnswerChange, ChecklistAnswers, ChecklistRef, Hazard, Inspector, Mode, Outcome,
    RecordedAnswer, Representative, Sealed, SignMethod, SignOff, SignRole, SiteSnapshot, Started,
    Visit,
};

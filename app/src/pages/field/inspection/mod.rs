//! An inspection from the choice of the site to the seal, and amendments after it.

mod amend;
mod check;
mod counts;
mod delete;
mod fails;
mod guard;
mod new;
mod outcome;
mod overview;
mod page;
mod part;
mod people;
mod rings;
mod seal;
mod sheet;
mod sign;
mod site;
mod text;

pub use amend::AmendPage;
pub use new::NewInspection;
pub use overview::OverviewPage;
pub use page::InspectionPage;
pub use sheet::FindingBody;
pub use site::ChosenSite;

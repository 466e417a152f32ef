//! An inspection from the choice of the site to the seal, and amendments after it.

mod amend;
mod check;
mod counts;
mod delete;
mod fails;
mod guard;
mod instances;
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
mod typed;

pub use amend::AmendPage;
pub use instances::Instances;
pub use new::NewInspection;
pub use overview::OverviewPage;
pub use page::InspectionPage;
pub use sheet::FindingBody;
pub use site::ChosenSite;
pub use typed::Typed;

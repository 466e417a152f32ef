//! Pages of the field app, one file each.

pub mod about;
pub mod amendments;
pub mod answers;
pub mod attention;
pub mod delivery;
pub mod device;
pub mod enrol;
pub mod facts;
pub mod hazards;
pub mod inspection;
pub mod join;
pub mod later;
pub mod loss;
pub mod lost_page;
pub mod me;
pub mod outside;
pub mod ready;
pub mod record;
pub mod records;
pub mod setup;
pub mod sign_in;
pub mod sites;
pub mod start;
pub mod taken;
pub mod today;
pub mod trouble;

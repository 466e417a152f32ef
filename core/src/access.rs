//! Roles and what they may do, deny by default. The table of `docs/security.md`; no I/O.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a person is in a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 检查员: spot checks and re-inspections in the regions granted.
    Inspector,
    /// 企业: self-inspection of the own site.
    Business,
    /// 监管负责人: like an inspector, and reads all records of the regions.
    Supervisor,
    /// Manages people, devices, sites and checklists; does not inspect.
    Administrator,
}

/// Something a signed-in person may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read and change the own session; nothing of the tenant.
    OwnSession,
    /// Enrol a device of one's own.
    EnrolDevice,
    /// Pull sites, checklists and the own records.
    PullOwn,
    /// Leave safety copies of the own drafts.
    KeepDrafts,
    /// Seal a spot check or re-inspection.
    SpotCheck,
    /// Seal a self-inspection.
    SelfInspect,
    /// Read received records of the regions.
    ReadRecords,
    /// Look at photos, without their metadata, hear voice notes and save PDFs of the own records, and of the records that
    /// one may read. Voice notes and PDFs leave a row in the audit log.
    SeePictures,
    /// Take the bytes of such records as they were captured: a photo's say where and with what it was made.
    ReadOriginals,
    /// Export records as a ZIP.
    ExportRecords,
    /// Read the quarantine.
    ReadQuarantine,
    /// Invite people, revoke people and devices.
    ManagePeople,
    /// Change what holds for the whole tenant.
    ManageSettings,
    /// Read the list of people and devices.
    ReadPeople,
    /// Create and change sites.
    ManageSites,
    /// Read the sites in the office.
    ReadSites,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [
        Self::Inspector,
        Self::Business,
        Self::Supervisor,
        Self::Administrator,
    ];

    /// Whether the role may do `action`. A pair that is not listed is refused.
    pub fn may(self, action: Action) -> bool {
        use Action as A;
        match self {
            Self::Inspector => matches!(
                action,
                A::OwnSession
                    | A::EnrolDevice
                    | A::PullOwn
                    | A::KeepDrafts
                    | A::SpotCheck
                    | A::SeePictures
            ),
            Self::Business => matches!(
                action,
                A::OwnSession
                    | A::EnrolDevice
                    | A::PullOwn
                    | A::KeepDrafts
                    | A::SelfInspect
                    | A::SeePictures
            ),
            Self::Supervisor => matches!(
                action,
                A::OwnSession
                    | A::EnrolDevice
                    | A::PullOwn
                    | A::KeepDrafts
                    | A::SpotCheck
                    | A::ReadRecords
                    | A::SeePictures
                    | A::ReadOriginals
                    | A::ExportRecords
                    | A::ReadQuarantine
                    | A::ReadSites
            ),
            Self::Administrator => matches!(
                action,
                A::OwnSession
                    | A::EnrolDevice
                    | A::PullOwn
                    | A::ReadRecords
                    | A::SeePictures
                    | A::ReadOriginals
                    | A::ExportRecords
                    | A::ReadQuarantine
                    | A::ManagePeople
                    | A::ManageSettings
                    | A::ReadPeople
                    | A::ManageSites
                    | A::ReadSites
            ),
        }
    }

    /// Whether the role fills in inspections of any kind, and so uses the field app.
    pub fn inspects(self) -> bool {
        self.may(Action::SpotCheck) || self.may(Action::SelfInspect)
    }

    /// The name used in JSON, SQL and certificates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inspector => "inspector",
            Self::Business => "business",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not the name of a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a role")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn officers_check_on_the_spot_and_businesses_check_themselves() {
        let kinds = |role: Role| (role.may(Action::SpotCheck), role.may(Action::SelfInspect));
        assert_eq!(kinds(Role::Inspector), (true, false));
        assert_eq!(kinds(Role::Supervisor), (true, false));
        assert_eq!(kinds(Role::Business), (false, true));
        assert_eq!(kinds(Role::Administrator), (false, false));
        assert!(!Role::Administrator.inspects());
    }

    #[test]
    fn everybody_may_look_and_only_the_office_takes_originals() {
        assert!(Role::ALL.iter().all(|role| role.may(Action::SeePictures)));
        let takes = Role::ALL.map(|role| role.may(Action::ReadOriginals));
        assert_eq!(takes, [false, false, true, true]);
    }
}

//! What events say: the bodies of the kinds that this build writes and reads.

use crate::json;
use crate::{
    id::DeviceId,
    inspection::{Amended, Sealed, Started},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kinds of event that this build knows. A server defers any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An inspection began; a missing seal leaves a gap that shows.
    Started,
    /// A draft became an immutable record.
    Sealed,
    /// An addition to a sealed record.
    Amended,
    /// Numbers that the device lost before they were sent.
    DeviceLoss,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Started, Self::Sealed, Self::Amended, Self::DeviceLoss];

    /// The name in the payload.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Sealed => "sealed",
            Self::Amended => "amended",
            Self::DeviceLoss => "device_loss",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// The `record_type` of its record.
    pub fn record_type(self) -> &'static str {
        match self {
            Self::Started | Self::Sealed | Self::Amended => "inspection",
            Self::DeviceLoss => "device",
        }
    }
}

/// The body of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// See [`Kind::Started`].
    Started(Started),
    /// See [`Kind::Sealed`].
    Sealed(Box<Sealed>),
    /// See [`Kind::Amended`].
    Amended(Amended),
    /// See [`Kind::DeviceLoss`].
    DeviceLoss(DeviceLoss),
}

/// Numbers `from`…`to` of `device_id` will never come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLoss {
    /// The device that lost them: this one, or an earlier enrolment whose key is gone.
    pub device_id: DeviceId,
    /// First lost number.
    pub from: u64,
    /// Last lost number.
    pub to: u64,
    /// What the device can say about it.
    pub note: String,
}

impl Body {
    /// Reads the body of an event of `kind`; nothing for an unknown kind.
    pub fn read(kind: &str, body: &Value) -> Result<Option<Self>, serde_json::Error> {
        let Some(kind) = Kind::from_name(kind) else {
            return Ok(None);
        };
        let body = body.clone();
        Ok(Some(match kind {
            Kind::Started => Self::Started(json::from_value(body)?),
            Kind::Sealed => Self::Sealed(Box::new(json::from_value(body)?)),
            Kind::Amended => Self::Amended(json::from_value(body)?),
            Kind::DeviceLoss => Self::DeviceLoss(json::from_value(body)?),
        }))
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Started(_) => Kind::Started,
            Self::Sealed(_) => Kind::Sealed,
            Self::Amended(_) => Kind::Amended,
            Self::DeviceLoss(_) => Kind::DeviceLoss,
        }
    }

    /// The number that the event must carry when `device` writes it: a report of its own loss goes behind the lost
    /// numbers. Nothing for all others, also for the loss of an earlier enrolment; they take the number after the head.
    pub fn own_seq(&self, device: DeviceId) -> Option<u64> {
        match self {
            Self::DeviceLoss(loss)
                if loss.device_id == device && loss.to >= loss.from && loss.from > 0 =>
            {
                loss.to.checked_add(1)
            }
            _ => None,
        }
    }

    /// The JSON for [`super::Payload::body`].
    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        match self {
            Self::Started(b) => serde_json::to_value(b),
            Self::Sealed(b) => serde_json::to_value(b),
            Self::Amended(b) => serde_json::to_value(b),
            Self::DeviceLoss(b) => serde_json::to_value(b),
        }
    }
}

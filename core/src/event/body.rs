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

/// What has the form of a body.
pub trait EventBody: Serialize {
    /// Its kind.
    const KIND: Kind;

    /// The enrolment whose numbers it reports as lost, and the number behind them.
    fn behind(&self) -> Option<(DeviceId, u64)> {
        None
    }
}

impl EventBody for Started {
    const KIND: Kind = Kind::Started;
}
impl EventBody for Sealed {
    const KIND: Kind = Kind::Sealed;
}
impl EventBody for Amended {
    const KIND: Kind = Kind::Amended;
}
impl EventBody for DeviceLoss {
    const KIND: Kind = Kind::DeviceLoss;

    fn behind(&self) -> Option<(DeviceId, u64)> {
        let sound = self.to >= self.from && self.from > 0;
        let next = self.to.checked_add(1)?;
        sound.then_some((self.device_id, next))
    }
}

/// A body as JSON. Made from its own type, so that a program that writes one kind holds the code of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its kind.
    pub kind: Kind,
    /// The JSON for [`super::Payload::body`], or why there is none.
    pub value: Result<Value, String>,
    behind: Option<(DeviceId, u64)>,
}

impl Written {
    /// A body as JSON.
    pub fn of<B: EventBody>(body: &B) -> Self {
        Self {
            kind: B::KIND,
            value: serde_json::to_value(body).map_err(|e| e.to_string()),
            behind: body.behind(),
        }
    }

    /// The number that the event must carry when `device` writes it: a report of its own loss goes behind the lost
    /// numbers. Nothing for all others, also for the loss of an earlier enrolment; they take the number after the head.
    pub fn own_seq(&self, device: DeviceId) -> Option<u64> {
        let (of, next) = self.behind?;
        (of == device).then_some(next)
    }
}

impl From<&Body> for Written {
    fn from(body: &Body) -> Self {
        match body {
            Body::Started(body) => Self::of(body),
            Body::Sealed(body) => Self::of(&**body),
            Body::Amended(body) => Self::of(body),
            Body::DeviceLoss(body) => Self::of(body),
        }
    }
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

    /// The JSON for [`super::Payload::body`], or why there is none.
    pub fn to_value(&self) -> Result<Value, String> {
        Written::from(self).value
    }
}

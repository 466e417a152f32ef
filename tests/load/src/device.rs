//! A phone that has worked for weeks without a network: its inspections, signed and ready to be sent.

use crate::program::Program;
use anyhow::Context as _;
use serde_json::json;
use zhicha_core::{
    checklist::Digest,
    client::{Signer as _, enrolled},
    event::{Certificate, EventHash, Payload, Testimony, Unsigned, body::Written},
    id::{EventId, IdSource as _, PageSession, RecordId, SiteId},
    inspection::Started,
    sync::wire::{EnrolReply, EnrolRequest, Identity, MAX_PUSH_BYTES, MAX_PUSH_EVENTS, Site},
    testing::NativeKey,
    time::{CivilDate, Timestamp},
};
use zhicha_seed::walk::Walk;
use zhicha_server::{checklists, clock::Clock, ids::Ids};

const LIST: &str = "fire-exits";

/// An enrolled phone.
pub struct Device {
    key: NativeKey,
    identity: Identity,
    clock: Clock,
    walk: Walk,
    site: Site,
    seq: u64,
    prev: EventHash,
}

impl Device {
    /// Enrols phone number `n` (from 1) with a session.
    pub async fn enrol(server: &Program, session: &str, n: u8) -> anyhow::Result<Self> {
        let key = NativeKey::number(n);
        let request = EnrolRequest {
            jwk: key.jwk(),
            label: "虚构手机".to_owned(),
        };
        let reply = server.post("/api/v1/devices", &request, session).await?;
        let reply: EnrolReply = reply.json().await?;
        let (certificate, jws) = Certificate::parse(&reply.certificate)?;
        let lists = checklists::built_in()?;
        let mut lists = lists.into_iter().map(|list| list.loaded);
        let list = lists
            .find(|list| list.checklist.id == LIST)
            .context("the checklist")?;
        let clock = Clock::default();
        Ok(Self {
            key,
            site: site(&clock),
            clock,
            walk: Walk::of(list),
            seq: 0,
            prev: jws.hash,
            identity: enrolled(certificate, &reply),
        })
    }

    /// Pushes of so many further inspections, each begun and sealed, as full as pushes may be.
    pub async fn pushes(&mut self, inspections: usize) -> anyhow::Result<Vec<Push>> {
        let mut pushes = Vec::new();
        let (mut first, mut events) = (self.seq + 1, Vec::<String>::new());
        for _ in 0..inspections {
            for text in self.inspection().await? {
                let bytes: usize = events.iter().map(String::len).sum();
                if events.len() == MAX_PUSH_EVENTS || bytes + text.len() > MAX_PUSH_BYTES {
                    pushes.push(self.push(first, &events));
                    first += events.len() as u64;
                    events.clear();
                }
                events.push(text);
            }
        }
        if !events.is_empty() {
            pushes.push(self.push(first, &events));
        }
        Ok(pushes)
    }

    fn push(&self, first: u64, events: &[String]) -> Push {
        let body = json!({ "protocol": 1, "certificate": self.identity.certificate, "first_seq": first, "events": events });
        Push {
            events: events.len(),
            body: body.to_string(),
        }
    }

    async fn inspection(&mut self) -> anyhow::Result<[String; 2]> {
        let record = RecordId::new(&mut Ids(&self.clock));
        let now = self.clock.now();
        let draft = self.walk.draft(record, &self.site, &self.identity, now);
        let started = Started {
            mode: draft.mode,
            site: draft.site.clone(),
            checklists: draft.checklists.clone(),
            from: draft.from,
        };
        let (begun, head) = self
            .event(record, Vec::new(), &Written::of(&started))
            .await?;
        let sealed = self.walk.sealed(&draft, &self.identity, now);
        let (sealed, _) = self
            .event(record, vec![head], &Written::of(&sealed))
            .await?;
        Ok([begun, sealed])
    }

    async fn event(
        &mut self,
        record: RecordId,
        parents: Vec<EventHash>,
        body: &Written,
    ) -> anyhow::Result<(String, EventHash)> {
        let now = self.clock.now();
        let digest: Digest = self.walk.list.digest.clone();
        let mut ids = Ids(&self.clock);
        let payload = Payload {
            tenant: self.identity.tenant,
            event_id: EventId::new(&mut ids),
            kind: body.kind.as_str().to_owned(),
            record_type: body.kind.record_type().to_owned(),
            record_id: record,
            parents,
            device_id: self.identity.device_id,
            device_seq: self.seq + 1,
            prev: self.prev.clone(),
            actor: self.identity.user,
            role: self.identity.role,
            checklists: vec![digest],
            app_build: "bench".to_owned(),
            schema: 1,
            t: testimony(now, PageSession(ids.next_id())),
            inspection_date: CivilDate::of(now, self.identity.zone),
            body: body.value.clone().map_err(anyhow::Error::msg)?,
            blobs: Vec::new(),
        };
        let unsigned = Unsigned::build(payload, self.key.kid())?;
        let signature = self.key.sign(unsigned.signing_input.as_bytes()).await;
        let signature = signature.map_err(anyhow::Error::msg)?;
        self.seq += 1;
        self.prev = unsigned.hash.clone();
        Ok((unsigned.signed(&signature), unsigned.hash.clone()))
    }
}

fn testimony(wall: Timestamp, page_session: PageSession) -> Testimony {
    Testimony {
        wall,
        mono: 1_000,
        page_session,
        server_est: Some(wall),
        uncertainty: Some(20),
    }
}

fn site(clock: &Clock) -> Site {
    Site {
        site_id: SiteId::new(&mut Ids(clock)),
        version: 1,
        name: "虚构便利店".to_owned(),
        address: "示例区虚构路 8 号".to_owned(),
        region: "示例一街道".to_owned(),
        credit_code: None,
        category: "商店".to_owned(),
        initials: "xgbld".to_owned(),
        checklists: vec![LIST.to_owned()],
    }
}

/// The body of a request, ready to be sent.
pub struct Push {
    /// How many events.
    pub events: usize,
    /// The JSON.
    pub body: String,
}

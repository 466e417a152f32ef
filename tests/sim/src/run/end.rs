//! What must hold once everything is quiet.

use super::World;
use crate::{
    ledger::{Ledger, actor},
    phone::Phone,
};
use std::collections::BTreeSet;
use zhicha_core::{
    client::evidence::LOST,
    event::Disposition,
    store::{Halt, Store},
    sync::push::State,
};
use zhicha_server::{
    Config,
    blob::Blobs,
    cli::fsck,
    keys::ServerKey,
    store::{self as rows, Store as Rows},
};

impl World<'_> {
    pub(super) async fn at_rest(&self, n: usize) -> Result<(), String> {
        let (phone, book) = (&self.phones[n], &self.books[n]);
        let memory = &phone.disk.memory;
        let state = memory.push_state().await.map_err(|e| e.to_string())?;
        let head = memory
            .head()
            .await
            .map_err(|e| e.to_string())?
            .map_or(0, |head| head.seq);
        let frozen = state.halted == Some(Halt::Frozen);
        if state.acked < head {
            return Err(format!(
                "{} of {head} events have receipts; {:?}, {:?}",
                state.acked,
                state.halted,
                phone.state.get()
            ));
        }
        if state.halted.is_some() && !(frozen && self.clones.contains(&n)) {
            return Err(format!("it stands still: {:?}", state.halted));
        }
        self.applied_or_told(n).await?;
        if !frozen && !self.revoked.contains(&n) {
            photos_arrived(
                phone,
                book,
                self.counts.restored + self.counts.rolled_back > 0,
            )
            .await?;
        }
        for lost in book
            .lost
            .iter()
            .filter(|lost| self.confirmed.contains(&lost.hash))
        {
            if !self.server_has(&lost.hash).await? {
                return Err(format!(
                    "I1: event {} was delivered before it was lost here, and is gone",
                    lost.seq
                ));
            }
        }
        self.bytes(n).await?;
        self.pulled(n).await
    }

    async fn applied_or_told(&self, n: usize) -> Result<(), String> {
        let (phone, book) = (&self.phones[n], &self.books[n]);
        let memory = &phone.disk.memory;
        // As the page reads it.
        let troubled = phone.disk.troubled().await.map_err(|e| e.to_string())?;
        for saved in book.events.values() {
            let receipt = memory
                .receipt(&saved.hash)
                .await
                .map_err(|e| e.to_string())?;
            let receipt = receipt.ok_or_else(|| format!("event {} has no receipt", saved.seq))?;
            let applied = receipt.disposition == Disposition::Applied;
            let excused = saved.altered
                || book.fell_back
                || self.revoked.contains(&n)
                || self.clones.contains(&n);
            if !applied && !excused {
                return Err(format!(
                    "event {} was not applied: {:?}",
                    saved.seq, receipt.reason
                ));
            }
            if !applied && !troubled.iter().any(|t| t.hash == saved.hash) {
                return Err(format!(
                    "I8: event {} was not applied and nobody is told",
                    saved.seq
                ));
            }
        }
        Ok(())
    }

    // What a phone calls delivered of its photos, the server has.
    pub(super) async fn bytes(&self, n: usize) -> Result<(), String> {
        let memory = &self.phones[n].disk.memory;
        let app = self.server.app().map_err(|e| e.to_string())?;
        let mut conn = app.store.reader().await.map_err(|e| e.to_string())?;
        let tenant = memory
            .identity()
            .await
            .map_err(|e| e.to_string())?
            .ok_or("an identity")?
            .tenant;
        for (record, _) in &self.books[n].sealed {
            let rows = memory
                .evidence_of(*record)
                .await
                .map_err(|e| e.to_string())?;
            for part in rows
                .iter()
                .flat_map(|row| &row.parts)
                .filter(|part| part.receipt.is_some())
            {
                let there = rows::blobs::find(&mut conn, tenant, &part.sha256)
                    .await
                    .map_err(|e| e.to_string())?;
                if there.is_none() {
                    return Err(
                        "I1: a photo is called delivered and the server lacks its bytes".to_owned(),
                    );
                }
            }
        }
        Ok(())
    }

    // A phone sees all of its person's events, and nobody else's.
    pub(super) async fn pulled(&self, n: usize) -> Result<(), String> {
        let memory = &self.phones[n].disk.memory;
        let identity = memory
            .identity()
            .await
            .map_err(|e| e.to_string())?
            .ok_or("an identity")?;
        let mut there = BTreeSet::new();
        for record in memory
            .records(usize::MAX)
            .await
            .map_err(|e| e.to_string())?
        {
            for event in memory.pulled_of(record).await.map_err(|e| e.to_string())? {
                if actor(&event.text)? != identity.user {
                    return Err("I4: another person's event is on this phone".to_owned());
                }
                there.insert(event.hash);
            }
        }
        if self.revoked.contains(&n) || self.phones[n].state.get() == State::SignedOut {
            return Ok(());
        }
        let own = |m: &usize| self.phones[*m].person == self.phones[n].person;
        for m in (0..self.phones.len()).filter(own) {
            for saved in self.books[m].events.values().filter(|saved| !saved.altered) {
                let receipt = self.phones[m].disk.memory.receipt(&saved.hash).await;
                let applied = receipt
                    .ok()
                    .flatten()
                    .is_some_and(|r| r.disposition == Disposition::Applied);
                if applied && !there.contains(&saved.hash) {
                    return Err(format!(
                        "I7: event {} of phone {m} never came down",
                        saved.seq
                    ));
                }
            }
        }
        Ok(())
    }
}

// What `zhicha fsck` says about the folder that is left.
pub(super) async fn findings(folder: &std::path::Path) -> Result<(), String> {
    let config = Config::in_folder(folder.to_owned());
    let database = config.database().map_err(|e| e.to_string())?;
    let store = Rows::open_existing(&database)
        .await
        .map_err(|e| e.to_string())?;
    let key = ServerKey::open(folder).map_err(|e| e.to_string())?;
    let blobs = Blobs::existing(&config).ok();
    let found = fsck::check(&store, &key, blobs.as_ref())
        .await
        .map_err(|e| e.to_string())?;
    store.close().await;
    match found.is_empty() {
        true => Ok(()),
        false => Err(format!("I3: fsck finds {found:?}")),
    }
}

// Nothing of a phone's photos waits, but what an altered text names.
async fn photos_arrived(phone: &Phone, book: &Ledger, fell_back: bool) -> Result<(), String> {
    let memory = &phone.disk.memory;
    let waiting = memory.waiting_count().await.map_err(|e| e.to_string())?;
    if waiting > 0 {
        let rows = memory
            .waiting_evidence(usize::MAX)
            .await
            .map_err(|e| e.to_string())?;
        // Nobody believes what an altered text names, and nobody knows what a lost one named.
        let altered = |seq: u64| {
            book.gone.contains(&seq) || book.events.get(&seq).is_some_and(|saved| saved.altered)
        };
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| !row.sealed.as_ref().is_some_and(|(_, seq)| altered(*seq)))
            .collect();
        let parts = rows
            .iter()
            .flat_map(|row| row.parts.iter().map(move |part| (row, part)));
        let why: Vec<_> = parts
            .filter(|(_, part)| part.receipt.is_none())
            // An original that had left the phone and went with the server: it is told.
            .filter(|(_, part)| {
                !(fell_back && part.dropped && part.refused.as_deref() == Some(LOST))
            })
            .map(|(row, part)| {
                (
                    row.sealed.as_ref().map(|(_, seq)| *seq),
                    part.role,
                    part.refused.clone(),
                )
            })
            .collect();
        if !why.is_empty() {
            return Err(format!("{waiting} photos wait: {why:?}"));
        }
    }
    Ok(())
}

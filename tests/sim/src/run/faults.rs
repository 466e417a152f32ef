//! What befalls a phone or the server beside network and disk, and the planted mistakes that are the server's.

use super::{World, other};
use crate::{
    ledger::Ledger,
    phone::{Parts, Phone},
    plant::Bug,
    server::Ask,
};
use std::collections::BTreeSet;
use zhicha_core::{event::EventHash, store::Store, testing::NativeKey};
use zhicha_server::store as rows;

impl World<'_> {
    // A planted mistake.
    pub(super) async fn loses_draft(&self, n: usize) {
        let memory = &self.phones[n].disk.memory;
        let Some(id) = self.books[n].open.first() else {
            return;
        };
        if let Ok(fence) = memory.take_fence(*id).await {
            let _ = memory.delete_draft(*id, fence).await;
        }
    }

    // A planted mistake of the server's.
    pub(super) async fn misbehaves(&self) -> Result<(), String> {
        let statement = match self.bug {
            Some(Bug::ServerForgetsEvent) => {
                "DELETE FROM event WHERE tenant_seq = (SELECT max(tenant_seq) FROM event)"
            }
            Some(Bug::ServerRewritesText) => {
                "UPDATE event SET text = text || ' ' WHERE tenant_seq = 2"
            }
            Some(Bug::ServerLosesBytes) => "DELETE FROM blob",
            _ => return Ok(()),
        };
        self.tampers(statement)
            .await
            .map_err(|e| format!("tampering: {e}"))
    }

    // Triggers keep rows from being changed; whoever owns the file can drop them.
    pub(super) async fn tampers(&self, statement: &'static str) -> anyhow::Result<()> {
        let app = self.server.app()?;
        let mut tx = app.store.begin().await?;
        let triggers: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .fetch_all(&mut *tx)
                .await?;
        for name in triggers {
            let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}"));
            sqlx::query(drop).execute(&mut *tx).await?;
        }
        sqlx::query(statement).execute(&mut *tx).await?;
        rows::commit(tx).await?;
        Ok(())
    }

    // The profile is copied to a second machine, and both go on.
    pub(super) async fn clones(&mut self, n: usize) -> Result<(), String> {
        if !self.may_clone || self.phones.len() >= 8 || self.counts.cloned > 0 {
            return Ok(());
        }
        self.counts.cloned += 1;
        let number = self.phones.len();
        let person = self.phones[n].person;
        let parts = Parts {
            number,
            person,
            cookie: &self.template.people[person],
            server: &self.server,
            now: &self.now,
            late: &self.late,
            seed: self.random.u64(..),
            bug: (self.bug, other(self.template, person)),
        };
        let key = u8::try_from(self.phones[n].number + 1).map_err(|e| e.to_string())?;
        let disk = self.phones[n].disk.memory.copy();
        let clone = Phone::on(&parts, disk, NativeKey::number(key));
        let mut book = self.books[n].clone();
        book.compare(&clone).await?;
        self.phones.push(clone);
        self.books.push(book);
        self.clones.extend([n, number]);
        Ok(())
    }

    // Somebody edits an unsent event behind the app's back.
    pub(super) async fn alters(&mut self, n: usize) -> Result<(), String> {
        if self.clones.contains(&n) || self.books[n].fell_back {
            return Ok(());
        }
        let memory = &self.phones[n].disk.memory;
        let acked = memory.push_state().await.map_err(|e| e.to_string())?.acked;
        let unsent = memory
            .events_after(acked, usize::MAX)
            .await
            .map_err(|e| e.to_string())?;
        // What has a receipt may not be sent again; what was pushed and never answered is at the server as it was.
        let Some(last) = unsent.last() else {
            return Ok(());
        };
        // A report of a gap that says something else than was signed helps nobody: a person has to look at that device.
        if self.server_has(&last.hash).await? || last.kind == "device_loss" {
            return Ok(());
        }
        self.counts.altered += 1;
        let mut text = last.text.clone();
        let at = text.len() - 10;
        let other = if text.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        text.replace_range(at..=at, other);
        memory.alter(last.seq, &text);
        if let Some(saved) = self.books[n].events.get_mut(&last.seq) {
            saved.text = text;
            saved.altered = true;
        }
        Ok(())
    }

    // The browser lost what it wrote last; the page that starts names the numbers, and the person goes on.
    pub(super) async fn falls_back(&mut self, n: usize) -> Result<(), String> {
        self.earlier.resize_with(self.phones.len(), || None);
        let altered = self.books[n].events.values().any(|saved| saved.altered);
        if self.clones.contains(&n) || self.bug.is_some() || altered {
            return Ok(());
        }
        let Some(earlier) = self.earlier[n].take() else {
            return Ok(());
        };
        self.counts.fallen_back += 1;
        let phone = &self.phones[n];
        phone.disk.memory.take(&earlier);
        phone.restart();
        self.held.retain(|(m, _)| *m != n);
        let gone = self.books[n].falls_back(phone).await?;
        if let Some((from, to)) = gone {
            phone.disk.fate.refuses(0, 0);
            phone.disk.fate.dies_in(None);
            phone
                .admit_loss(from, to)
                .await
                .map_err(|e| format!("admitting a loss: {e}"))?;
        }
        self.compare(n).await
    }

    // One event that was never sent is gone from the disk, later ones are there.
    pub(super) async fn loses_one(&mut self, n: usize) -> Result<(), String> {
        let book = &self.books[n];
        let other = self.clones.contains(&n) || self.revoked.contains(&n) || self.bug.is_some();
        if other || book.fell_back || book.events.values().any(|saved| saved.altered) {
            return Ok(());
        }
        let words = |e: zhicha_core::store::StoreError| e.to_string();
        let memory = &self.phones[n].disk.memory;
        let acked = memory.push_state().await.map_err(words)?.acked;
        let unsent = memory
            .events_after(acked, usize::MAX)
            .await
            .map_err(words)?;
        let Some((_, before_head)) = unsent.split_last().filter(|(_, few)| !few.is_empty()) else {
            return Ok(());
        };
        let gone = before_head[self.random.usize(0..before_head.len())].clone();
        if self.server_has(&gone.hash).await? || gone.kind == "device_loss" {
            return Ok(());
        }
        self.counts.gaps += 1;
        memory.forget(gone.seq);
        self.held.retain(|held| *held != (n, gone.hash.clone()));
        self.books[n].forgets(gone.seq);
        if let Some(earlier) = self.earlier.get_mut(n) {
            *earlier = None;
        }
        Ok(())
    }

    // The server is what it was at some moment: somebody restored it, or put back an image of the machine.
    pub(super) async fn server_falls_back(&mut self, told: bool) -> Result<(), String> {
        // What a cloned device wrote contradicts itself, and which half a restored server takes is open: a seed has either.
        if self.may_clone {
            return Ok(());
        }
        let before = self.at_server().await?;
        let fallen = self.server.fall_back(told).await;
        if !fallen.map_err(|e| format!("falling back: {e:#}"))? {
            return Ok(());
        }
        match told {
            true => self.counts.restored += 1,
            false => self.counts.rolled_back += 1,
        }
        let after = self.at_server().await?;
        let lost: BTreeSet<EventHash> = before.difference(&after).cloned().collect();
        for n in 0..self.phones.len() {
            let here = self.holds(n).await?;
            let held = lost.intersection(&here).map(|hash| (n, hash.clone()));
            self.held.extend(held);
        }
        self.fell_back.extend(lost);
        self.confirmed.retain(|hash| after.contains(hash));
        Ok(())
    }

    // Own and pulled events of a phone.
    async fn holds(&self, n: usize) -> Result<BTreeSet<EventHash>, String> {
        let memory = &self.phones[n].disk.memory;
        let words = |e: zhicha_core::store::StoreError| e.to_string();
        let own = memory.events_after(0, usize::MAX).await.map_err(words)?;
        let mut hashes: BTreeSet<EventHash> = own.into_iter().map(|event| event.hash).collect();
        for record in memory.records(usize::MAX).await.map_err(words)? {
            let pulled = memory.pulled_of(record).await.map_err(words)?;
            hashes.extend(pulled.into_iter().map(|event| event.hash));
        }
        Ok(hashes)
    }

    /// What a phone still held when the server fell back is at the server again.
    pub(super) async fn came_back(&self) -> Result<(), String> {
        let there = self.at_server().await?;
        for (n, hash) in &self.held {
            let excused = self.revoked.contains(n);
            let altered =
                |book: &Ledger| book.events.values().any(|s| s.altered && s.hash == *hash);
            if !excused && !self.books.iter().any(altered) && !there.contains(hash) {
                let who = self
                    .books
                    .iter()
                    .position(|b| b.events.values().any(|s| s.hash == *hash));
                return Err(format!(
                    "I1: phone {n} held event {hash} of {who:?} when the server fell back, and it did not come back"
                ));
            }
        }
        Ok(())
    }

    async fn at_server(&self) -> Result<BTreeSet<EventHash>, String> {
        let words = |e: rows::StoreError| e.to_string();
        let app = self.server.app().map_err(|e| e.to_string())?;
        let mut conn = app.store.reader().await.map_err(words)?;
        let mut hashes = BTreeSet::new();
        for tenant in rows::tenants::all(&mut conn).await.map_err(words)? {
            let mut place = 0;
            loop {
                let more = rows::log::hashes(&mut conn, tenant.tenant, place)
                    .await
                    .map_err(words)?;
                if more.is_empty() {
                    break;
                }
                place += more.len() as u64;
                hashes.extend(more);
            }
        }
        Ok(hashes)
    }

    pub(super) async fn revokes(&mut self, n: usize) -> Result<(), String> {
        if self.counts.revoked > 0 || self.clones.contains(&n) {
            return Ok(());
        }
        self.counts.revoked += 1;
        self.revoked.insert(n);
        let identity = self.phones[n].identity().await?;
        let device = identity.device_id;
        let path = format!("/api/v1/devices/{device}/revoke");
        let ask = Ask::json(axum::http::Method::POST, &path, &serde_json::json!({}));
        let administrator = self.server.sign_in("admin").await;
        let cookie = administrator.map_err(|e| e.to_string())?;
        let answer = self
            .server
            .call(&ask, Some(&cookie))
            .await
            .map_err(|e| e.to_string())?;
        match answer.status {
            200..300 => Ok(()),
            other => Err(format!(
                "revoking was answered {other}: {}",
                String::from_utf8_lossy(&answer.body)
            )),
        }
    }
}

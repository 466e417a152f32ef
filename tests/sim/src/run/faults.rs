//! What befalls a phone or the server beside network and disk, and the planted mistakes that are the server's.

use super::{World, other};
use crate::{
    phone::{Parts, Phone},
    plant::Bug,
    server::Ask,
};
use zhicha_core::{store::Store, testing::NativeKey};
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
        if self.clones.contains(&n) || self.phones.len() >= 8 || self.counts.cloned > 0 {
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
        if self.server_has(&last.hash).await? {
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
        self.forget_late(n).await?;
        let phone = &self.phones[n];
        phone.disk.memory.take(&earlier);
        phone.restart();
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

    // What a lost disk had sent and is still on its way would contradict the report of the loss: a gap of the server's that is known.
    pub(super) async fn forget_late(&self, n: usize) -> Result<(), String> {
        let identity = self.phones[n].identity().await?;
        let certificate = identity.certificate;
        let of_another = |ask: &Ask| !String::from_utf8_lossy(&ask.body).contains(&certificate);
        self.late.borrow_mut().retain(|(ask, _)| of_another(ask));
        Ok(())
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
        let cookie = self.template.administrator.as_str();
        let answer = self
            .server
            .call(&ask, Some(cookie))
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

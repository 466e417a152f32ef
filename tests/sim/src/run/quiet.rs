//! The end of a simulation: faults off, everything arrives, and what happened is counted.

use super::{Report, World, end::findings, signed_out};
use crate::wire::{Happened, Weather};
use sha2::Digest as _;
use zhicha_core::sync::push::Input;

impl World<'_> {
    // Faults off: everything must arrive.
    pub(super) async fn quiet(&mut self) -> Result<(), String> {
        for phone in &self.phones {
            phone.wire.weather.set(Weather::default());
            phone.disk.fate.refuses(0, 0);
            phone.wall.off.set(0);
            phone.restart();
        }
        self.upgrades().await?;
        while !self.late.borrow().is_empty() {
            self.arrives().await;
        }
        // A simulated minute in six turns of ten seconds.
        for _ in 0..6 {
            self.passes(10_000);
            for n in 0..self.phones.len() {
                self.task(n, self.phones[n].send(&Input::Fresh)).await;
                self.reports_gap(n).await?;
                self.task(n, self.phones[n].send_photos()).await;
                let pulled = self.task(n, self.phones[n].pull()).await;
                if let Some(Err(error)) = pulled
                    && signed_out(&error)
                {
                    self.signs_in(n).await?;
                }
            }
        }
        self.fell_back.clear();
        self.came_back().await?;
        self.check(true).await
    }

    // Whose session has ended signs in again, as the app asks them to.
    pub(super) async fn signs_in(&self, n: usize) -> Result<(), String> {
        let phone = &self.phones[n];
        let session = self
            .server
            .sign_in(&format!("person-{}", phone.person))
            .await
            .map_err(|e| format!("signing in: {e:#}"))?;
        phone.wire.cookie.replace(Some(session));
        Ok(())
    }

    pub(super) async fn settled(mut self) -> Result<Report, String> {
        for n in 0..self.phones.len() {
            self.at_rest(n)
                .await
                .map_err(|what| format!("I7: phone {n}: {what}"))?;
        }
        let mut network = Happened::default();
        let (mut refused, mut before, mut after) = (0, 0, 0);
        for phone in &self.phones {
            let h = phone.wire.happened.get();
            network.lost += h.lost;
            network.unanswered += h.unanswered;
            network.twice += h.twice;
            network.late += h.late;
            network.flipped += h.flipped;
            network.cut += h.cut;
            network.portal += h.portal;
            refused += phone.disk.fate.refused.get();
            let deaths = phone.disk.fate.deaths.get();
            before += deaths.0;
            after += deaths.1;
        }
        let events = self.books.iter().map(|book| book.events.len() as u64).sum();
        let dir = self.server.stop().await.map_err(|e| format!("{e:#}"))?;
        findings(dir.path()).await?;
        let c = &self.counts;
        let faults = vec![
            ("writes refused", refused),
            ("deaths before a step", before),
            ("deaths after a step", after),
            ("server restarts", c.server_restarts),
            ("clock jumps", c.clock_jumps),
            ("devices revoked", c.revoked),
            ("devices cloned", c.cloned),
            ("events altered", c.altered),
            ("disks of an earlier moment", c.fallen_back),
            ("safety copies of drafts", c.drafts_copied),
            ("copies of the server's folder", c.kept),
            ("servers restored", c.restored),
            ("servers rolled back without a word", c.rolled_back),
            ("servers upgraded", c.upgraded),
            ("events lost between others", c.gaps),
        ];
        self.note(&format!("{events} {network:?} {faults:?}"));
        let trace = self.trace.clone().finalize();
        Ok(Report {
            trace: trace.iter().map(|byte| format!("{byte:02x}")).collect(),
            events,
            network,
            faults,
        })
    }
}

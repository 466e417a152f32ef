//! What the page that is open does by itself: it sends, sends again, and downloads.

use super::Phone;
use crate::plant::Bug;
use zhicha_core::{
    client::{
        AppendError, Clock, Contact, contact,
        evidence::{self, Round, send_evidence},
        gap,
        pull::{CheckedEvents, PullError},
        pull_page, push_once, refill, relay,
    },
    inspection::EvidenceRow,
    store::{EventRow, Halt, Store, StoreError},
    sync::{
        push::{Action, Input, State},
        wire::Stream,
    },
    testing::NativeVerifier,
};

impl Phone {
    /// Where sending stands still because a number is missing: tells the server so, as the person confirms on the page that
    /// names it, and goes on.
    pub async fn report_gap(&self) -> Result<Option<EventRow>, AppendError> {
        if self.state.get() != State::Halted(Halt::Gap) {
            return Ok(None);
        }
        let Some(gap) = gap(&self.disk).await? else {
            return Ok(None);
        };
        let report = self.admit_loss(gap.from, gap.to).await?;
        self.state.set(State::Idle);
        Ok(Some(report))
    }

    /// Sends what waits until nothing does, or something is in the way.
    pub async fn send(&self, input: &Input) -> Result<(), StoreError> {
        if !self.contacted.replace(true) || *input == Input::Fresh {
            self.contacts().await?;
        }
        let waits = matches!(self.state.get(), State::Waiting { .. });
        if self.disk.bug == Some(Bug::NeverTriesAgain) && (waits || self.gave_up.get()) {
            self.gave_up.set(true);
            return Ok(());
        }
        let (mut state, mut action) = self.state.get().step(input, 0);
        for _ in 0..64 {
            self.state.set(state);
            match action {
                Action::Send => {}
                Action::SendLess => self.limit.set((self.limit.get() / 2).max(1)),
                // Waiting takes no time here: the next turn tries again.
                Action::WakeIn(_) | Action::Rest => return Ok(()),
            }
            let now = || Clock::now(&self.wall);
            let limit = self.limit.get();
            let step = push_once(&self.disk, &self.wire, &NativeVerifier, limit, &now).await;
            if self.disk.bug == Some(Bug::FailureCountsAsDelivered) {
                self.moves_on().await?;
            }
            if self.refilling.get() && step.as_ref().is_ok_and(|step| step.receipts > 0) {
                self.sent_before.set(false);
            }
            if step.as_ref().is_ok_and(|step| step.restored) {
                self.refill().await?;
            }
            let input = step.map_or_else(
                |_| Input::Failed(zhicha_core::client::Failure::Network),
                |step| step.input,
            );
            (state, action) = state.step(&input, 0);
        }
        self.state.set(state);
        Ok(())
    }

    // The server's log is another one than before.
    async fn refill(&self) -> Result<(), StoreError> {
        if self.disk.bug == Some(Bug::NoRefill) {
            return Ok(());
        }
        let before = self.delivered_photos().await?;
        if refill(&self.disk, &self.wire).await?.is_ok() {
            self.refilling.set(true);
        }
        if self.disk.bug == Some(Bug::PhotosNotDoubted) {
            self.disk.memory.settle_evidence(&before).await?;
        }
        Ok(())
    }

    // What a page does once.
    async fn contacts(&self) -> Result<(), StoreError> {
        if self.disk.bug == Some(Bug::NoRefill) {
            return Ok(());
        }
        match contact(&self.disk, &self.wire).await? {
            Ok(Contact::Restored) => self.refill().await,
            _ => Ok(()),
        }
    }

    // For a planted mistake.
    async fn delivered_photos(&self) -> Result<Vec<EvidenceRow>, StoreError> {
        let memory = &self.disk.memory;
        let mut rows = Vec::new();
        for record in memory.records(usize::MAX).await? {
            rows.extend(memory.evidence_of(record).await?);
        }
        rows.retain(|row| row.parts.iter().any(|part| part.receipt.is_some()));
        Ok(rows)
    }

    // A planted mistake.
    async fn moves_on(&self) -> Result<(), StoreError> {
        let head = self.disk.memory.head().await?.map_or(0, |head| head.seq);
        let moves = |state: &mut zhicha_core::store::PushState| state.acked = head;
        self.disk.memory.put_receipts(&[], &moves).await
    }

    /// Sends photos.
    pub async fn send_photos(&self) -> Result<(), StoreError> {
        let Some(identity) = self.disk.identity().await? else {
            return Ok(());
        };
        if self.disk.waiting_count().await? > 0 && self.disk.bug != Some(Bug::NoRefill) {
            match contact(&self.disk, &self.wire).await? {
                Ok(Contact::Known) => {}
                Ok(Contact::Restored) => return self.refill().await,
                Err(_) => return Ok(()),
            }
        }
        let server = evidence::Server {
            tenant: identity.tenant,
            keys: &identity.server_keys,
        };
        let first = !self.sent_before.replace(true);
        let round = Round {
            originals: true,
            refused: first,
            singly: self.wire.random.borrow_mut().bool(),
        };
        send_evidence(&self.disk, &self.wire, &NativeVerifier, server, round, self).await?;
        Ok(())
    }

    /// Downloads all streams.
    pub async fn pull(&self) -> Result<(), PullError> {
        let pulled = self.pull_all().await;
        if pulled.is_ok() {
            let _ = relay(&self.disk, &self.wire).await?;
        }
        if pulled == Err(PullError::Restored) {
            self.refill().await?;
        }
        pulled
    }

    async fn pull_all(&self) -> Result<(), PullError> {
        for stream in Stream::ALL {
            // A feed that never ends is none of ours.
            let mut pages = 0..200;
            while pages.next().is_some()
                && pull_page(
                    &self.disk,
                    &self.wire,
                    &CheckedEvents {
                        verifier: &NativeVerifier,
                        store: &self.disk,
                    },
                    stream,
                )
                .await?
            {}
        }
        Ok(())
    }
}

//! Faults E08 and E09: a server that is what it was before five hundred events, told or not, has all of them back from the
//! devices, once, under the old numbers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::{cell::Cell, rc::Rc};
use zhicha_core::{client::pull::PullError, store::Store, sync::push::Input};
use zhicha_server::store::{devices, events, tenants};
use zhicha_sim::{
    phone::{Parts, Phone},
    server::{BEGIN, Server, Template},
    wire::Late,
};

struct Town {
    template: Template,
    server: Rc<Server>,
    now: Rc<Cell<i64>>,
    late: Late,
}

impl Town {
    async fn new() -> Self {
        let template = Template::of(3).await.unwrap();
        Self {
            server: Rc::new(template.server(false).await.unwrap()),
            template,
            now: Rc::new(Cell::new(BEGIN)),
            late: Late::default(),
        }
    }

    async fn phone(&self, number: usize, person: usize) -> Phone {
        let parts = Parts {
            number,
            person,
            cookie: &self.template.people[person],
            server: &self.server,
            now: &self.now,
            late: &self.late,
            seed: 1,
            bug: (None, String::new()),
        };
        Phone::enrol(&parts).await.unwrap()
    }

    // Texts of the log in the order of devices and numbers.
    async fn texts(&self) -> Vec<(String, u64, String)> {
        let app = self.server.app().unwrap();
        let mut conn = app.store.reader().await.unwrap();
        let tenant = tenants::all(&mut conn).await.unwrap()[0].tenant;
        let (mut texts, mut place) = (Vec::new(), 0);
        loop {
            let rows = events::after(&mut conn, tenant, place, 200).await.unwrap();
            let Some(last) = rows.last() else { break };
            place = last.tenant_seq;
            let each = |row: events::EventRow| (row.device.to_string(), row.device_seq, row.text);
            texts.extend(rows.into_iter().map(each));
        }
        texts.sort();
        texts
    }

    async fn lives(&self) -> usize {
        let app = self.server.app().unwrap();
        let mut conn = app.store.reader().await.unwrap();
        let tenant = tenants::all(&mut conn).await.unwrap()[0].tenant;
        tenants::lives(&mut conn, tenant).await.unwrap().len()
    }
}

async fn inspect(phone: &Phone, count: usize) {
    for n in 0..count {
        let begun = phone.begin("虚构单位").await.unwrap();
        if n % 10 == 0 {
            phone.photograph(begun.record_id, &[7; 900]).await.unwrap();
        }
        phone.seal(begun.record_id).await.unwrap().unwrap();
    }
}

async fn deliver(phone: &Phone) {
    phone.send(&Input::Fresh).await.unwrap();
    phone.send_photos().await.unwrap();
    let state = phone.disk.push_state().await.unwrap();
    assert_eq!(state.acked, phone.disk.head().await.unwrap().unwrap().seq);
    assert_eq!(phone.disk.waiting_count().await.unwrap(), 0);
}

async fn comes_back(told: bool) {
    let town = Town::new().await;
    let phones = [town.phone(0, 0).await, town.phone(1, 1).await];
    for phone in &phones {
        inspect(phone, 20).await;
        deliver(phone).await;
    }
    town.server.keep().await.unwrap();
    // One is enrolled after the copy was made.
    let newer = town.phone(2, 2).await;
    for phone in phones.iter().chain([&newer]) {
        inspect(phone, 84).await;
        deliver(phone).await;
    }
    let before = town.texts().await;
    assert!(town.server.fall_back(told).await.unwrap());
    let lost = before.len() - town.texts().await.len();
    assert!(lost > 500, "{lost}");

    // Nobody writes anything new: the phones look what there is, are told to sign in, and do.
    for phone in phones.iter().chain([&newer]) {
        for _ in 0..2 {
            if phone.pull().await.is_ok() {
                break;
            }
            let login = format!("person-{}", phone.person);
            let session = town.server.sign_in(&login).await.unwrap();
            phone.wire.cookie.replace(Some(session));
        }
        // The first contact in the new life finds out, the next one brings everything.
        let _ = phone.pull().await;
        deliver(phone).await;
    }
    assert_eq!(town.texts().await, before);
    assert_eq!(town.lives().await, 2, "one new life for all of them");
    for phone in &phones {
        // The second phone's word may have ended the session of the first once more.
        let login = format!("person-{}", phone.person);
        let session = town.server.sign_in(&login).await.unwrap();
        phone.wire.cookie.replace(Some(session));
        phone.pull().await.unwrap();
    }
    recovered(&town, &newer).await;
}

// The device that the copy did not know is taken by its certificate, and an administrator sees that.
async fn recovered(town: &Town, newer: &Phone) {
    let identity = newer.identity().await.unwrap();
    let app = town.server.app().unwrap();
    let mut conn = app.store.reader().await.unwrap();
    let row = devices::get(&mut conn, identity.tenant, identity.device_id)
        .await
        .unwrap()
        .unwrap();
    assert!(row.recovered);
}

#[tokio::test]
async fn a_server_restored_from_an_old_backup_gets_everything_back_from_the_devices() {
    comes_back(true).await;
}

#[tokio::test]
async fn a_server_that_falls_back_without_a_word_finds_out_and_gets_everything_back() {
    comes_back(false).await;
}

#[tokio::test]
async fn what_a_phone_that_is_gone_had_delivered_comes_back_from_the_persons_other_phone() {
    let town = Town::new().await;
    let (gone, other) = (town.phone(0, 0).await, town.phone(1, 0).await);
    inspect(&gone, 3).await;
    deliver(&gone).await;
    town.server.keep().await.unwrap();
    inspect(&gone, 4).await;
    deliver(&gone).await;
    // As each page does, it looks at the server's log before it pulls.
    other.send(&Input::Fresh).await.unwrap();
    other.pull().await.unwrap();
    let before = town.texts().await;
    assert!(town.server.fall_back(true).await.unwrap());
    drop(gone);

    // Signed out with all others; the first pull finds out, the second one brings what there is, and the rest is sent.
    let session = town.server.sign_in("person-0").await.unwrap();
    other.wire.cookie.replace(Some(session));
    assert_eq!(other.pull().await, Err(PullError::Restored));
    assert!(!other.disk.unconfirmed().await.unwrap().is_empty());
    other.pull().await.unwrap();
    assert_eq!(town.texts().await, before);
    // Their receipts come with the next one.
    other.pull().await.unwrap();
    other.pull().await.unwrap();
    assert_eq!(other.disk.unconfirmed().await, Ok(vec![]));
}

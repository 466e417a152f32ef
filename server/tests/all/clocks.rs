//! Clocks that are wrong: the server's, which jumps, and a device's, which somebody sets back (`faults.md` F01–F03). Nothing
//! that lasts goes by the clock of the wall, and what a device says about the time is shown as what it says.

use crate::world::{
    Caller, PASSWORD, World, findings, ledger, phone::Phone, program::Program, record,
};
use serde_json::json;
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;
use zhicha_core::{
    event::Payload, inspection::Mode, store::Store as _, sync::wire::Stream, testing::CountingIds,
};

const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * 24 * HOUR;

// A server's clock of the wall goes to and fro by `jump` while people and a phone of anna's work with it.
async fn nobody_notices(
    nobody: Caller,
    admin: &Caller,
    anna: &Caller,
    folder: &Path,
    jump: impl Fn(i64),
) {
    admin.add_site("示例厂1", "shili-1").await;
    let phone = Phone::enrol(anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.delivers_all(folder).await;
    phone.pull_everything().await;
    let mut last = last_received(&phone).await;
    let jumps = [-HOUR, YEAR, -YEAR, -10 * YEAR, 12 * YEAR, HOUR, 10 * YEAR];
    for ms in jumps {
        jump(ms);
        let cursor = phone.store.cursor(Stream::Sites).await.unwrap();
        assert_eq!(anna.get("/api/v1/session").await.status(), 200, "{ms}");
        assert_eq!(admin.get("/api/v1/records").await.status(), 200, "{ms}");
        // Somebody who signs in now clears nobody else away, and may.
        let body = json!({ "login": "admin", "password": PASSWORD });
        let again = nobody.clone().enter("/api/v1/session", body).await;
        assert_eq!(again.get("/api/v1/records").await.status(), 200, "{ms}");
        let site = admin.add_site("示例厂", "shili-1").await;
        phone.note(&mut ids).await;
        phone.delivers_all(folder).await;
        let received = last_received(&phone).await;
        assert!(
            (received - last - ms).abs() < 60_000,
            "the clock was set: {ms}"
        );
        last = received;
        let path = format!("/api/v1/sync/pull?stream=sites&cursor={}", cursor.unwrap());
        let page = anna.get_json(&path).await;
        assert_eq!(page["snapshot"], false, "the cursor holds: {ms}");
        assert_eq!(page["rows"].as_array().unwrap().len(), 1, "{ms}");
        assert_eq!(page["rows"][0]["site"]["site_id"], json!(site), "{ms}");
        phone.pull_everything().await;
    }
    let rows = ledger::rows(folder, phone.id().await).await;
    assert_eq!(rows.len(), 1 + jumps.len());
    assert!(rows.iter().zip(1..).all(|(row, place)| row.place == place));
}

async fn last_received(phone: &Phone) -> i64 {
    let events = phone.events().await;
    let receipt = phone.receipt(events.last().unwrap()).await.unwrap();
    receipt.received_at.0
}

#[tokio::test]
async fn a_server_whose_clock_jumps_signs_nobody_out_and_numbers_nothing_twice() {
    let (world, admin, anna) = World::staffed().await;
    let jump = |ms| world.clock.jump(ms);
    nobody_notices(world.nobody(), &admin, &anna, world.folder(), jump).await;
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

// How far a program's clock of the wall is off, in a file that libfaketime reads each time the program asks for the time.
struct Wall {
    file: PathBuf,
    off: Cell<i64>,
}

impl Wall {
    fn in_folder(folder: &Path) -> Self {
        let wall = Self {
            file: folder.join("off"),
            off: Cell::default(),
        };
        wall.jump(0);
        wall
    }

    fn jump(&self, ms: i64) {
        self.off.set(self.off.get() + ms);
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("{:+}", self.off.get() / 1000)).unwrap();
        // Never half a number.
        std::fs::rename(&next, &self.file).unwrap();
    }

    // The clock that nobody can set goes on as it is, as on a machine whose time is set.
    fn settings<'a>(&'a self, library: &'a str) -> [(&'a str, &'a str); 4] {
        [
            ("LD_PRELOAD", library),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }
}

// Where libfaketime is, as its own program says.
fn libfaketime() -> String {
    let mut asked = Command::new("faketime");
    asked.args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]);
    let said = asked.output().expect("the program `faketime`");
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
#[ignore = "needs libfaketime (Debian faketime): cargo xtask test --all"]
async fn the_very_program_signs_nobody_out_and_numbers_nothing_twice_when_its_machine_is_set() {
    let (world, ..) = World::staffed().await;
    let (folder, library) = (TempDir::new().unwrap(), libfaketime());
    let wall = Wall::in_folder(folder.path());
    let settings = wall.settings(&library);
    let mut program = Program::start(world.stop().await, &settings);
    let (admin, mut anna) = (
        program.sign_in("admin").await,
        program.sign_in("anna").await,
    );
    let jump = |ms| wall.jump(ms);
    nobody_notices(program.nobody(), &admin, &anna, program.folder(), jump).await;

    // Started with a clock that is a year ahead, and again with the right one.
    for (off, status) in [(YEAR, 401), (0, 200)] {
        program.kill();
        wall.jump(off - wall.off.get());
        program.restart(&settings);
        program.url().clone_into(&mut anna.url);
        assert_eq!(anna.get("/api/v1/session").await.status(), status, "{off}");
        program.sign_in("admin").await;
    }
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn a_start_with_a_clock_that_is_a_year_ahead_costs_no_session() {
    let (world, _, anna) = World::staffed().await;
    let world = World::start_in(world.stop().await, |_| {}).await;
    world.clock.advance(YEAR);
    // Nobody can tell that from a year that has passed.
    let there = |world: &World| {
        let mut caller = anna.clone();
        caller.url.clone_from(&world.running.url);
        async move { caller.get("/api/v1/session").await.status() }
    };
    assert_eq!(there(&world).await, 401);
    let body = json!({ "login": "admin", "password": PASSWORD });
    world.nobody().enter("/api/v1/session", body).await;
    let world = World::start_in(world.stop().await, |_| {}).await;
    assert_eq!(there(&world).await, 200, "the clock is right again");
}

#[tokio::test]
async fn a_record_of_a_phone_whose_clock_was_set_back_is_taken_and_says_so() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let honest = phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    let three_days = 72 * HOUR;
    let true_time = phone.clock.0.get();
    phone.clock.0.set(true_time - three_days);
    // The offset to the server is measured with each answer.
    phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    let late = phone.seal_with_photo(&mut ids, b"bytes").await;
    phone.delivers_all(world.folder()).await;

    let (payload, _) = Payload::parse(&late.text).unwrap();
    assert_eq!(
        payload.t.wall.0,
        true_time - three_days,
        "as the phone says"
    );
    let server = world.clock.now().0;
    let estimated = payload.t.server_est.unwrap().0;
    assert!((estimated - server).abs() < 60_000, "{estimated} {server}");
    let detail = admin
        .get_json(&format!("/api/v1/records/{}", late.record_id))
        .await;
    assert_eq!(detail["summary"]["flags"], json!(["clock_skew"]));
    let received = detail["summary"]["received_at"].as_i64().unwrap();
    assert!((received - server).abs() < 60_000);
    let first = admin
        .get_json(&format!("/api/v1/records/{}", honest.record_id))
        .await;
    assert_eq!(first["summary"]["flags"], json!([]));
}

#[tokio::test]
async fn a_phone_whose_clock_is_ten_years_off_or_jumps_delivers_in_order() {
    let (world, _, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let now = phone.clock.0.get();
    for off in [
        10 * YEAR,
        -10 * YEAR,
        0,
        -HOUR,
        HOUR,
        -56 * YEAR,
        i64::from(i32::MAX),
    ] {
        phone.clock.0.set(now + off);
        phone.note(&mut ids).await;
        phone.seal_with_photo(&mut ids, &off.to_le_bytes()).await;
        phone.delivers_all(world.folder()).await;
        assert_eq!(phone.send_photos().await, None);
    }
    assert_eq!(phone.photos_waiting().await, 0);
    // A device that says nonsense with its own key is taken too.
    let device = anna.enrol(2).await;
    for wall in [i64::from(i32::MIN), -1, 0, (1 << 53) - 1, -(1 << 53) + 1] {
        let mut payload = device.payload(record(), &crate::world::started(Mode::SpotCheck));
        payload.t.wall = zhicha_core::time::Timestamp(wall);
        payload.t.server_est = Some(zhicha_core::time::Timestamp(-wall));
        let seq = payload.device_seq;
        let reply = device.push(&world, seq, &[device.append(&payload)]).await;
        assert_eq!(reply.next_seq, seq + 1, "{wall}");
    }
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

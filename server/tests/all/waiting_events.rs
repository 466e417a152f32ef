//! Events that a server has to defer (`docs/formats.md`, "Push"): the version that knows their kind applies them when it starts,
//! and so does one that starts without the fault.

use crate::world::{
    World, disposition, findings, ledger,
    phone::{Http, Phone},
    record,
};
use serde_json::json;
use zhicha_core::{
    client::{Contact, contact},
    event::{Disposition, Kind},
    store::{EventRow, Store as _},
    sync::{push::State, wire::Reason},
    testing::CountingIds,
};

async fn sql(world: &World, text: &'static str) {
    let (_, write) = world.running.app.store.pools();
    sqlx::raw_sql(text).execute(write).await.unwrap();
}

async fn reason(phone: &Phone, event: &EventRow) -> (Disposition, Option<Reason>) {
    let receipt = phone.receipt(event).await.unwrap();
    (receipt.disposition, receipt.reason)
}

// The next start of a page: it downloads, and asks how the log stands.
async fn opens(phone: &mut Phone, world: &World) {
    phone.http = Http::of(&world.sign_in("anna").await);
    phone.pull_everything().await;
    let found = contact(&phone.store, &phone.http).await.unwrap().unwrap();
    assert_eq!(found, Contact::Known);
}

#[tokio::test]
async fn a_newer_kind_waits_is_applied_after_the_upgrade_and_its_device_hears_of_it() {
    let (world, _, _) = World::staffed().await;
    let older = |dir| World::start_in(dir, |config| config.newer_kinds = vec![Kind::Sealed]);
    let world = older(world.stop().await).await;
    let anna = world.sign_in("anna").await;
    let mut phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let begun = phone.note(&mut ids).await;
    let sealed = phone.seal(&mut ids, &begun).await;
    let again = phone.seal(&mut ids, &begun).await;
    let later = phone.note(&mut ids).await;
    assert_eq!(phone.deliver(10).await.state, State::Idle);
    let waits = (Disposition::Deferred, Some(Reason::UnknownKind));
    assert_eq!(reason(&phone, &sealed).await, waits);
    assert_eq!(reason(&phone, &later).await.0, Disposition::Applied);

    // Another start of the same version changes nothing.
    let world = older(world.stop().await).await;
    opens(&mut phone, &world).await;
    assert_eq!(reason(&phone, &sealed).await, waits);
    assert_eq!(phone.store.troubled().await.unwrap().len(), 2);

    let log = ledger::rows(world.folder(), phone.id().await).await;
    let world = World::start_in(world.stop().await, |_| {}).await;
    opens(&mut phone, &world).await;
    assert_eq!(reason(&phone, &sealed).await, (Disposition::Applied, None));
    let troubled = phone.store.troubled().await.unwrap();
    assert_eq!(
        troubled.len(),
        1,
        "one seal for a record, the other is told"
    );
    assert_eq!(
        reason(&phone, &again).await,
        (Disposition::Quarantined, Some(Reason::SealedTwice))
    );
    let admin = world.sign_in("admin").await;
    let path = format!("/api/v1/records/{}", begun.record_id);
    let seen = admin.get_json(&path).await;
    assert_eq!(seen["summary"]["sealed"], json!(true));
    assert_eq!(seen["events"][1]["disposition"], json!("applied"));
    let flags = seen["summary"]["flags"].as_array().unwrap();
    assert!(!flags.contains(&json!("gap")), "{flags:?}");
    let kept = admin.get_json("/api/v1/quarantine").await;
    assert_eq!(kept[0]["reason"], json!("sealed_twice"));
    assert_eq!(
        ledger::rows(world.folder(), phone.id().await).await,
        log,
        "what came stands as it came"
    );
    // Whoever sends it again gets the receipt of today.
    let again = |state: &mut zhicha_core::store::PushState| state.acked = 0;
    phone.store.put_receipts(&[], &again).await.unwrap();
    assert_eq!(phone.deliver(10).await.state, State::Idle);
    assert_eq!(reason(&phone, &sealed).await, (Disposition::Applied, None));
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn what_waited_for_a_fault_of_ours_is_applied_by_the_next_start() {
    let (world, _, _, device) = World::equipped().await;
    let gone = "ALTER TABLE projection_inspection RENAME TO elsewhere";
    sql(&world, gone).await;
    let record = record();
    let reply = device.push(&world, 1, &[device.started(record)]).await;
    assert_eq!(disposition(&reply, 0), Disposition::Deferred);
    sql(
        &world,
        "ALTER TABLE elsewhere RENAME TO projection_inspection",
    )
    .await;
    let world = World::start_in(world.stop().await, |_| {}).await;
    let admin = world.sign_in("admin").await;
    let path = format!("/api/v1/records/{record}");
    let seen = admin.get_json(&path).await;
    assert_eq!(seen["events"][0]["disposition"], json!("applied"));
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn a_settlement_that_somebody_made_up_is_found() {
    let (world, _, _, device) = World::equipped().await;
    device.push(&world, 1, &[device.started(record())]).await;
    sql(
        &world,
        "INSERT INTO settlement SELECT tenant, tenant_seq, 'quarantined', 'damaged', '', '[]', 0 FROM event",
    )
    .await;
    let dir = world.stop().await;
    let found = findings(dir.path()).await;
    assert!(
        found
            .iter()
            .any(|finding| finding.item == "settlement of no. 1"),
        "{found:?}"
    );
}

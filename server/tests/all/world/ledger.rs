//! What a phone shows, compared with what the server holds (`faults.md`, I1–I3, I6): asked of the database file itself.

use super::phone::Phone;
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use std::path::Path;
use zhicha_core::{
    client::push::verified_receipt, event::Disposition, id::DeviceId, store::Store as _,
    testing::NativeVerifier,
};

/// An event as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number on its device.
    pub seq: u64,
    /// Its place in the log.
    pub place: u64,
    /// Its name.
    pub hash: String,
    /// Where it went.
    pub disposition: String,
    /// The text.
    pub text: String,
}

/// A connection of its own to the database of a server, running or not.
pub async fn database(folder: &Path) -> SqliteConnection {
    let file = folder.join("zhicha.sqlite");
    let options = SqliteConnectOptions::new().filename(file);
    options.pragma("query_only", "ON").connect().await.unwrap()
}

/// What the server in `folder` holds of a device, in the order of its log.
pub async fn rows(folder: &Path, device: DeviceId) -> Vec<Row> {
    let mut conn = database(folder).await;
    let rows = sqlx::query(
        "SELECT device_seq, tenant_seq, event_hash, disposition, text FROM event WHERE device_id = $1 ORDER BY tenant_seq",
    )
    .bind(device.to_string())
    .fetch_all(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    let row = |row: &sqlx::sqlite::SqliteRow| Row {
        seq: row.get::<i64, _>("device_seq").cast_unsigned(),
        place: row.get::<i64, _>("tenant_seq").cast_unsigned(),
        hash: row.get("event_hash"),
        disposition: row.get("disposition"),
        text: row.get("text"),
    };
    rows.iter().map(row).collect()
}

/// What holds at any moment: the server has a beginning of what the phone wrote, each event once, verbatim and in order, and
/// every receipt on the phone is the server's own about a row that is there. How many rows there are.
///
/// The phone may be at work meanwhile: its receipts are taken before the server is asked, what it wrote after that.
pub async fn truthful(folder: &Path, phone: &Phone) -> usize {
    let identity = phone.store.identity().await.unwrap().unwrap();
    let mut believed = Vec::new();
    for event in phone.events().await {
        if let Some(receipt) = phone.receipt(&event).await {
            believed.push((event, receipt));
        }
    }
    let held = rows(folder, identity.device_id).await;
    let written = phone.events().await;
    assert!(held.len() <= written.len(), "nothing is doubled");
    for (n, (row, event)) in (1..).zip(held.iter().zip(&written)) {
        assert_eq!((row.seq, event.seq), (n, n), "numbers without a gap");
        assert_eq!(row.text, event.text, "verbatim");
        assert_eq!(row.hash, event.hash.as_str());
    }
    for (event, receipt) in &believed {
        let row = held.iter().find(|row| row.seq == event.seq);
        let row = row.expect("what has a receipt is on the server");
        let (said, _) = verified_receipt(&NativeVerifier, &identity.server_keys, &receipt.text)
            .await
            .expect("a receipt of the server");
        assert_eq!(said.event_hash, event.hash);
        assert_eq!(said.tenant_seq, row.place);
    }
    held.len()
}

/// The same, and nothing is missing: all has come, all is applied, all has its receipt.
pub async fn complete(folder: &Path, phone: &Phone) {
    let written = phone.events().await;
    assert_eq!(truthful(folder, phone).await, written.len());
    for event in &written {
        let receipt = phone.receipt(event).await.expect("a receipt for each");
        assert_eq!(receipt.disposition, Disposition::Applied);
    }
}

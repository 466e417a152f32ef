//! Pulled pages and their cursors.

use super::{appended, enrolled, record, with_draft};
use crate::{
    checklist::Digest,
    event::{Disposition, EventHash},
    id::{EpochId, SiteId, Uuid},
    store::{PulledEvent, Store},
    sync::{
        epoch::Seen,
        wire::{PullPage, PullRow, Site, Stream},
    },
    testing::{identity, receipt},
    time::Timestamp,
};

fn a_site(n: u128, name: &str) -> Site {
    Site {
        site_id: SiteId(Uuid::from_u128(n)),
        version: 1,
        name: name.to_owned(),
        address: "虚拟路".to_owned(),
        region: "示例".to_owned(),
        credit_code: None,
        category: String::new(),
        initials: String::new(),
        checklists: vec![],
    }
}

fn page(stream: Stream, rows: Vec<PullRow>, cursor: &str) -> PullPage {
    PullPage {
        stream,
        rows,
        cursor: cursor.to_owned(),
        more: false,
        snapshot: false,
        log: Seen {
            epoch: EpochId(Uuid::from_u128(5)),
            size: 0,
        },
        now: Timestamp(0),
    }
}

fn sites_page(sites: &[(u128, &str)], cursor: &str) -> PullPage {
    let rows = sites
        .iter()
        .map(|(n, name)| PullRow::Site {
            site: a_site(*n, name),
        })
        .collect();
    page(Stream::Sites, rows, cursor)
}

async fn site_names(store: &impl Store) -> Vec<String> {
    store
        .sites()
        .await
        .expect("read")
        .into_iter()
        .map(|s| s.name)
        .collect()
}

fn checklist_json() -> String {
    r#"{"id":"sample","version":1,"title":{"zh":"样例","en":"Sample"},"summary":{"zh":"样例","en":"Sample"},"status_date":"2026-11-22","documents":{},"sections":[]}"#.to_owned()
}

/// Case of the contract.
pub async fn a_page_comes_with_its_cursor(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(2, "乙"), (1, "甲")], "c1"), &[])
        .await
        .expect("page");
    assert_eq!(store.cursor(Stream::Sites).await, Ok(Some("c1".to_owned())));
    assert_eq!(store.cursor(Stream::Records).await, Ok(None));
    let mut names = site_names(store).await;
    names.sort();
    assert_eq!(names, ["乙", "甲"]);
    let json = checklist_json();
    let digest = Digest::of(json.as_bytes());
    let rows = vec![PullRow::Checklist {
        digest: digest.clone(),
        json: json.clone(),
    }];
    store
        .apply_page(&page(Stream::Checklists, rows, "k1"), &[])
        .await
        .expect("page");
    let found = store.checklists().await.expect("read");
    assert_eq!(
        found
            .iter()
            .map(|c| (&c.digest, &c.json, c.version))
            .collect::<Vec<_>>(),
        [(&digest, &json, 1)]
    );
}

/// Case of the contract.
pub async fn a_false_checklist_is_refused_whole(store: &impl Store) {
    let rows = vec![PullRow::Checklist {
        digest: Digest::of(b"other"),
        json: checklist_json(),
    }];
    assert!(
        store
            .apply_page(&page(Stream::Checklists, rows, "k1"), &[])
            .await
            .is_err()
    );
    assert_eq!(store.cursor(Stream::Checklists).await, Ok(None));
    assert_eq!(store.checklists().await, Ok(vec![]));
}

/// Case of the contract.
pub async fn a_snapshot_drops_what_it_does_not_name(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙"), (3, "丙")], "c1"), &[])
        .await
        .expect("page");
    let first = PullPage {
        snapshot: true,
        more: true,
        ..sites_page(&[(1, "甲")], "c2")
    };
    store.apply_page(&first, &[]).await.expect("page");
    assert_eq!(
        site_names(store).await.len(),
        3,
        "nothing goes before the snapshot is whole"
    );
    store
        .apply_page(&sites_page(&[(3, "丙二")], "c3"), &[])
        .await
        .expect("page");
    let mut names = site_names(store).await;
    names.sort();
    assert_eq!(names, ["丙二", "甲"]);
}

/// Case of the contract.
pub async fn a_broken_snapshot_drops_nothing(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙")], "c1"), &[])
        .await
        .expect("page");
    let first = PullPage {
        snapshot: true,
        more: true,
        ..sites_page(&[(1, "甲")], "c2")
    };
    store.apply_page(&first, &[]).await.expect("page");
    let again = PullPage {
        snapshot: true,
        more: false,
        ..sites_page(&[(1, "甲"), (2, "乙")], "c3")
    };
    store.apply_page(&again, &[]).await.expect("page");
    assert_eq!(site_names(store).await.len(), 2);
}

/// Case of the contract.
pub async fn dropped_rows_go(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙")], "c1"), &[])
        .await
        .expect("page");
    let rows = vec![PullRow::Drop {
        key: SiteId(Uuid::from_u128(1)).to_string(),
    }];
    store
        .apply_page(&page(Stream::Sites, rows, "c2"), &[])
        .await
        .expect("page");
    assert_eq!(site_names(store).await, ["乙"]);
}

/// Case of the contract.
pub async fn absence_deletes_nothing(store: &impl Store) {
    enrolled(store).await;
    let event = appended(store, 1).await;
    let row = receipt(&identity(1), &event, Disposition::Applied);
    let pulled = PulledEvent {
        v: 1,
        hash: EventHash::of("x"),
        record_id: record(2),
        text: "a.b.c".to_owned(),
        receipt: Some(row),
    };
    store
        .apply_page(
            &page(Stream::Records, vec![], "r1"),
            std::slice::from_ref(&pulled),
        )
        .await
        .expect("page");
    store
        .apply_page(&page(Stream::Records, vec![], "r2"), &[])
        .await
        .expect("page");
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![pulled]));
    let empty = PullPage {
        snapshot: true,
        ..page(Stream::Records, vec![], "r3")
    };
    store.apply_page(&empty, &[]).await.expect("page");
    assert_eq!(
        store.pulled_of(record(2)).await,
        Ok(vec![]),
        "a whole snapshot drops what left the scope"
    );
    assert_eq!(
        store.events_of(record(1)).await,
        Ok(vec![event]),
        "own events are never in a snapshot"
    );
}

/// Case of the contract.
pub async fn what_was_never_confirmed_stays_readable(store: &impl Store) {
    enrolled(store).await;
    with_draft(store, 7).await;
    let sent = appended(store, 1).await;
    let unsent = appended(store, 2).await;
    let row = receipt(&identity(1), &sent, Disposition::Applied);
    store
        .put_receipts(std::slice::from_ref(&row), &|state| state.acked = 1)
        .await
        .expect("receipt");
    assert_eq!(store.unconfirmed().await, Ok(vec![]));
    store
        .replace_identity(&identity(2))
        .await
        .expect("enrol again");
    assert_eq!(store.identity().await, Ok(Some(identity(2))));
    assert_eq!(store.head().await.expect("read").map(|h| h.seq), Some(0));
    assert_eq!(store.drafts().await.expect("read").len(), 1);
    assert_eq!(store.unconfirmed().await, Ok(vec![unsent.hash.clone()]));
    let old = store.pulled_of(record(2)).await.expect("read").remove(0);
    assert_eq!((&old.text, &old.receipt), (&unsent.text, &None));

    // A snapshot that names neither drops neither: the device wrote them.
    let snapshot = PullPage {
        snapshot: true,
        ..page(Stream::Records, vec![], "r1")
    };
    store.apply_page(&snapshot, &[]).await.expect("page");
    assert_eq!(store.pulled_of(record(1)).await.expect("read").len(), 1);
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![old.clone()]));

    // Confirmed after all, it is not told any more.
    let confirmed = PulledEvent {
        receipt: Some(receipt(&identity(1), &unsent, Disposition::Quarantined)),
        ..old
    };
    let next = page(Stream::Records, vec![], "r2");
    store
        .apply_page(&next, std::slice::from_ref(&confirmed))
        .await
        .expect("page");
    assert_eq!(store.unconfirmed().await, Ok(vec![]));
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![confirmed]));
}

/// Case of the contract.
pub async fn what_is_archived_stays_and_is_told_until_a_page_brings_it(store: &impl Store) {
    enrolled(store).await;
    with_draft(store, 7).await;
    let event = appended(store, 1).await;
    let pulled = PulledEvent {
        v: 1,
        hash: event.hash.clone(),
        record_id: record(2),
        text: event.text.clone(),
        receipt: Some(receipt(&identity(1), &event, Disposition::Applied)),
    };
    let page_of = |cursor, snapshot| PullPage {
        snapshot,
        ..page(Stream::Records, vec![], cursor)
    };
    let named = std::slice::from_ref(&pulled);
    store
        .apply_page(&page_of("r1", false), named)
        .await
        .expect("page");
    let doubted = PulledEvent {
        receipt: None,
        ..pulled.clone()
    };
    store
        .archive(std::slice::from_ref(&doubted))
        .await
        .expect("archive");
    assert_eq!(store.unconfirmed().await, Ok(vec![event.hash.clone()]));
    store
        .apply_page(&page_of("r2", true), &[])
        .await
        .expect("page");
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![doubted]));
    store
        .apply_page(&page_of("r3", false), named)
        .await
        .expect("page");
    store.archive(&[]).await.expect("archive");
    assert_eq!(store.unconfirmed().await, Ok(vec![]));
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![pulled]));
}

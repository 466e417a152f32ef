//! The staging folder is cleared, and files and rows are brought in line, while devices upload, forget and name the same
//! bytes (`faults.md` D04, D11). What has a receipt stays, and what is being sent arrives.

use crate::world::{
    Device, World, findings,
    random::Random,
    tus::{Client, delivered, photo},
};
use reqwest::Method;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use zhicha_core::{checklist::Digest, event::EventHash};
use zhicha_server::sweep;

const PHOTOS: usize = 4;
const LEN: usize = 24_000;
const DAY_MS: i64 = 24 * 3_600_000;

// A device that sends all photos in an order of its own, in parts of any size, and begins anew whatever happens.
async fn sends(client: Client, event: EventHash, photos: Arc<Vec<Vec<u8>>>, mut random: Random) {
    let mut order: Vec<usize> = (0..photos.len()).collect();
    for n in 0..order.len() {
        let other = random.below(order.len());
        order.swap(n, other);
    }
    for n in order {
        let bytes = &photos[n];
        loop {
            if random.below(6) == 0 {
                let begun = client.try_create(&event, bytes).await;
                if let Some(place) = begun.headers().get("location") {
                    let place = place.to_str().unwrap();
                    client.send(Method::DELETE, place, &[], vec![]).await;
                }
            }
            let part = 5_000 + random.below(12_000);
            let brought = client.bring(&event, bytes, part).await.unwrap();
            match brought.refused.map(|refused| refused.status().as_u16()) {
                None => break,
                // Somebody else was quicker, or the upload was forgotten or is over.
                Some(404 | 409 | 423) => {}
                Some(other) => panic!("{other}"),
            }
        }
    }
}

async fn raced(seed: u64) {
    let (world, _, anna, first) = World::equipped().await;
    let devices: Vec<Device> = vec![first, anna.enrol(2).await, anna.enrol(3).await];
    let photos: Vec<_> = (0..PHOTOS)
        .map(|n| photo(u8::try_from(n).unwrap() + 90, LEN))
        .collect();
    let named: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
    let mut events = Vec::new();
    for device in &devices {
        events.push(delivered(&world, device, &named).await);
    }
    let photos = Arc::new(photos);
    let sending: Vec<_> = events
        .iter()
        .zip(1_u64..)
        .map(|(event, n)| {
            let (client, event, photos) = (Client::of(&world), event.clone(), Arc::clone(&photos));
            tokio::spawn(sends(client, event, photos, Random(seed * 100 + n)))
        })
        .collect();
    let (app, mut random, mut jumps) = (&world.running.app, Random(seed), 0);
    while !sending.iter().all(tokio::task::JoinHandle::is_finished) {
        sweep::staging(app).await.unwrap();
        sweep::run(app).await.unwrap();
        // Everything on its way is over at once, as often as not in the middle of a part.
        if jumps < 4 && random.below(3) == 0 {
            jumps += 1;
            world.clock.advance(91 * DAY_MS);
        }
        // Not always at the same moment of a request, and not instead of it.
        tokio::time::sleep(Duration::from_micros(random.below(5_000) as u64)).await;
    }
    for one in sending {
        one.await.unwrap();
    }
    let wanted: BTreeSet<Digest> = photos.iter().map(|bytes| Digest::of(bytes)).collect();
    for (device, event) in devices.iter().zip(&events) {
        let receipts = Client::of(&world).receipts(device, event).await;
        let had: BTreeSet<Digest> = receipts.into_iter().map(|receipt| receipt.sha256).collect();
        assert_eq!(had, wanted, "seed {seed}");
    }
    let tenant = devices[0].certificate.tenant;
    let places = world.running.app.fixed.blobs.places(tenant).await.unwrap();
    assert_eq!(
        places.len(),
        PHOTOS,
        "one file for all devices, seed {seed}"
    );
    let adopted = "SELECT count(*) FROM audit WHERE action = 'blob_adopted'";
    let (read, _) = world.running.app.store.pools();
    let adopted: i64 = sqlx::query_scalar(adopted).fetch_one(read).await.unwrap();
    let dir = world.stop().await;
    assert_eq!(
        findings(dir.path()).await,
        [],
        "seed {seed}, {adopted} adopted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_away_never_takes_what_is_named_or_on_its_way() {
    for seed in 1..=4 {
        raced(seed).await;
    }
}

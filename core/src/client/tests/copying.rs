//! The copy beside the database: what is put back is exactly what was signed, and nothing that was not.

use super::*;
use crate::{
    client::copy::{self, Here, Saved, event_line, identity_line},
    store::{EventRow, Head},
};

async fn file(store: &MemoryStore, after: u64) -> String {
    let mut text = identity_line(&identity(1)).unwrap();
    for event in store.events_after(after, 100).await.unwrap() {
        text += &event_line(&event);
    }
    text
}

async fn read(text: &str) -> Vec<Saved> {
    let person = (identity(1).tenant, identity(1).user);
    copy::read(&NativeVerifier, person, text).await
}

async fn here(store: &MemoryStore) -> Here {
    let push = store.push_state().await.unwrap();
    Here {
        identity: store.identity().await.unwrap(),
        head: store.head().await.unwrap(),
        events: store.events_after(push.acked, 100).await.unwrap(),
        push,
    }
}

fn numbers(events: &[EventRow]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

#[tokio::test]
async fn what_was_written_is_read_back_verbatim() {
    let store = device(3).await;
    let saved = read(&file(&store, 0).await).await;
    assert_eq!(saved.len(), 1);
    assert_eq!(saved[0].identity, identity(1));
    assert_eq!(saved[0].events, store.events_after(0, 9).await.unwrap());
}

#[tokio::test]
async fn a_line_that_was_cut_altered_or_repeated_brings_nothing_wrong() {
    let store = device(3).await;
    let whole = file(&store, 0).await;
    let cut = &whole[..whole.len() - 40];
    assert_eq!(numbers(&read(cut).await[0].events), [1, 2]);
    let second = store.events_after(1, 1).await.unwrap().remove(0).text;
    let (input, signature) = second.rsplit_once('.').unwrap();
    for altered in [
        format!("{input}.{}", signature.replacen(&signature[..1], "_", 1)),
        second.replacen("eyJ", "eyK", 2),
        String::new(),
    ] {
        let text = whole.replace(&second, &altered);
        assert_eq!(numbers(&read(&text).await[0].events), [1, 3], "{altered}");
    }
    let twice = whole.clone() + "\nno line of ours\n" + &whole;
    assert_eq!(numbers(&read(&twice).await[0].events), [1, 2, 3]);
}

#[tokio::test]
async fn events_of_another_device_or_person_are_not_taken() {
    let store = device(1).await;
    let foreign = file(&store, 0).await.replace(
        &identity_line(&identity(1)).unwrap(),
        &identity_line(&identity(2)).unwrap(),
    );
    assert_eq!(read(&foreign).await[0].events, []);
    let stranger = (identity(1).tenant, crate::id::UserId(Uuid::from_u128(77)));
    let text = file(&store, 0).await;
    assert_eq!(copy::read(&NativeVerifier, stranger, &text).await, []);
    let mut forged = identity(1);
    forged.server_keys = vec![NativeKey::number(7).jwk()];
    let text = text.replace(
        &identity_line(&identity(1)).unwrap(),
        &identity_line(&forged).unwrap(),
    );
    assert_eq!(read(&text).await, []);
}

#[tokio::test]
async fn an_emptied_database_gets_person_and_events_and_sends_them() {
    let store = device(5).await;
    let saved = read(&file(&store, 2).await).await;
    let back = copy::restore(saved, &Here::default()).unwrap();
    assert!(back.anew);
    assert_eq!((back.identity, back.push.acked), (identity(1), 2));
    assert_eq!(back.head, store.head().await.unwrap().unwrap());
    assert_eq!(numbers(&back.events), [3, 4, 5]);
    assert_eq!(copy::restore(vec![], &Here::default()), None);
}

#[tokio::test]
async fn a_database_that_is_behind_gets_only_what_it_lacks() {
    let store = device(5).await;
    let whole = file(&store, 0).await;
    let all = here(&store).await;
    assert_eq!(copy::restore(read(&whole).await, &all), None);

    let mut rolled_back = all.clone();
    rolled_back.events.truncate(3);
    rolled_back.head = Some(Head {
        seq: 3,
        hash: rolled_back.events[2].hash.clone(),
    });
    let back = copy::restore(read(&whole).await, &rolled_back).unwrap();
    assert!(!back.anew);
    assert_eq!(numbers(&back.events), [4, 5]);
    assert_eq!(Some(back.head), all.head);

    let mut emptied = all.clone();
    emptied.events.retain(|event| event.seq == 2);
    let back = copy::restore(read(&whole).await, &emptied).unwrap();
    assert_eq!(numbers(&back.events), [1, 3, 4, 5]);
    assert_eq!(Some(back.head), all.head);

    emptied.push.acked = 4;
    let back = copy::restore(read(&whole).await, &emptied).unwrap();
    assert_eq!(numbers(&back.events), [5]);
}

#[tokio::test]
async fn a_chain_that_went_on_without_the_copy_is_left_alone() {
    let (one, other) = (device(3).await, device(2).await);
    write(&other, 40).await.unwrap();
    write(&other, 41).await.unwrap();
    let copy_of_one = read(&file(&one, 0).await).await;
    assert_eq!(
        copy::restore(copy_of_one.clone(), &here(&other).await),
        None
    );
    let mut behind = here(&other).await;
    behind.events.truncate(2);
    behind.head = Some(Head {
        seq: 2,
        hash: EventHash::of("something else"),
    });
    assert_eq!(copy::restore(copy_of_one, &behind), None);
}

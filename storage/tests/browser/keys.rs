//! The device key: kept, usable after reopening, never exportable; and the checks of signatures.

use crate::parts::{fresh, new_profile, open, script};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    client::{Signer, Verifier},
    event::{Jws, Typ, jws},
    store::Store,
    sync::wire::Identity,
    testing::{NativeKey, NativeVerifier, identity},
};
use zhicha_storage::{DeviceKey, WebVerifier};

async fn signed(key: &DeviceKey, payload: &str) -> String {
    let input = jws::signing_input(Typ::Event, key.kid(), payload.as_bytes());
    let signature = key.sign(input.as_bytes()).await.expect("sign");
    jws::assemble(&input, &signature)
}

#[wasm_bindgen_test]
async fn a_key_survives_reopening_and_signs_what_others_verify() {
    let profile = new_profile();
    let store = open(&profile).await;
    assert!(DeviceKey::load(&store).await.expect("read").is_none());
    let made = DeviceKey::generate(&store).await.expect("generate");
    let enrolled = Identity {
        kid: made.kid().to_owned(),
        ..identity(1)
    };
    store.put_identity(&enrolled).await.expect("enrol");
    drop(store);
    let store = open(&profile).await;
    let key = DeviceKey::load(&store)
        .await
        .expect("read")
        .expect("the key");
    assert_eq!((key.kid(), key.jwk()), (made.kid(), made.jwk()));
    assert_eq!(key.kid(), key.jwk().thumbprint());
    let text = signed(&key, "{}").await;
    let jws = Jws::parse(&text, Typ::Event).expect("our form");
    assert!(NativeVerifier.verify(&jws, key.jwk()).await);
    assert!(WebVerifier::default().verify(&jws, key.jwk()).await);
}

#[wasm_bindgen_test]
async fn a_key_that_nobody_enrolled_is_not_the_devices() {
    let store = fresh().await;
    store.put_identity(&identity(1)).await.expect("enrol");
    DeviceKey::generate(&store).await.expect("generate");
    assert!(DeviceKey::load(&store).await.expect("read").is_none());
}

#[wasm_bindgen_test]
async fn the_private_key_cannot_be_exported() {
    let store = fresh().await;
    let key = DeviceKey::generate(&store).await.expect("generate");
    let found = script(
        "const db = await new Promise((ok) => {
            const r = indexedDB.open(a); r.onsuccess = () => ok(r.result);
         });
         const row = await new Promise((ok) => {
            const r = db.transaction('keys').objectStore('keys').get(b); r.onsuccess = () => ok(r.result);
         });
         db.close();
         const said = [];
         for (const format of ['jwk', 'pkcs8', 'raw']) {
            said.push(await crypto.subtle.exportKey(format, row.pair.privateKey).then(() => 'exported', (e) => e.name));
         }
         return `${row.pair.privateKey.extractable} ${said}`;",
        &[store.profile().database_name().into(), key.kid().into()],
    )
    .await;
    let refused = "InvalidAccessError";
    assert_eq!(
        found.as_string(),
        Some(format!("false {refused},{refused},{refused}"))
    );
}

#[wasm_bindgen_test]
async fn false_signatures_and_false_keys_do_not_verify() {
    let (right, wrong) = (NativeKey::number(1), NativeKey::number(2));
    let text = right.sign_text(Typ::Receipt, &serde_json::json!({ "a": 1 }));
    let verifier = WebVerifier::default();
    let mut jws = Jws::parse(&text, Typ::Receipt).expect("our form");
    assert!(verifier.verify(&jws, &right.jwk()).await);
    assert!(
        verifier.verify(&jws, &right.jwk()).await,
        "from the imported key"
    );
    assert!(!verifier.verify(&jws, &wrong.jwk()).await);
    let mut no_point = right.jwk();
    no_point.y = no_point.x.clone();
    assert!(!verifier.verify(&jws, &no_point).await);
    jws.signature[40] ^= 1;
    assert!(!verifier.verify(&jws, &right.jwk()).await);
}

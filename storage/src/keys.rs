//! The device key and signature checks, in WebCrypto. Nothing here runs inside a transaction.
//!
//! The private key cannot be exported by any script, but its bytes lie in the browser's profile on disk: that is a
//! rule of the API and no protection of the disk.

use crate::identity::{self, IDENTITY};
use crate::{
    error::words,
    global::{object, subtle},
    row::{self, Row},
    schema::{KEYS, META},
    store::IdbStore,
};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use std::{cell::RefCell, collections::HashMap};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};
use zhicha_core::{
    client::{Signer, Verifier},
    event::{Jwk, Jws},
    store::StoreError,
    sync::wire::Identity,
};

/// Why there is no device key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No WebCrypto: the page is not secure.
    #[error("this page is not secure, so the browser lends no keys; open the app over https")]
    Insecure,
    /// WebCrypto failed.
    #[error("the browser's key store failed: {0}")]
    Crypto(String),
    /// The key could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of this device: ECDSA on P-256, not extractable, kept in IndexedDB.
#[derive(Clone, Debug)]
pub struct DeviceKey {
    private: CryptoKey,
    jwk: Jwk,
    kid: String,
}

impl DeviceKey {
    /// Makes a new key and keeps it beside older ones; it becomes the device's key with the identity that names it.
    ///
    /// # Errors
    /// In an insecure page, or when key store or disk refuse; nothing was kept then.
    pub async fn generate(store: &IdbStore) -> Result<Self, KeyError> {
        let subtle = subtle().ok_or(KeyError::Insecure)?;
        let usages = usages(&["sign", "verify"]);
        let pair = done(subtle.generate_key_with_object(&curve(), false, &usages)).await?;
        let jwk = public_jwk(&subtle, &pair).await?;
        let kid = jwk.thumbprint();
        let row = Row::new()
            .text("kid", &kid)
            .json(&jwk)?
            .set("pair", &pair)
            .done();
        store
            .connection()
            .write(&[KEYS], async |tx| tx.put(KEYS, row))
            .await?;
        Self::from_pair(&pair, jwk, kid)
    }

    /// The key that the stored identity names, or nothing.
    ///
    /// # Errors
    /// When the database cannot be read or the row is damaged.
    pub async fn load(store: &IdbStore) -> Result<Option<Self>, KeyError> {
        let row = store
            .connection()
            .read(&[META, KEYS], async |tx| {
                let identity: Option<Identity> = identity::read(tx, IDENTITY).await?;
                match identity {
                    Some(identity) => tx.get(KEYS, &identity.kid).await,
                    None => Ok(None),
                }
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        let pair = row::field(&row, "pair")?;
        Self::from_pair(&pair, row::json(&row)?, row::text(&row, "kid")?).map(Some)
    }

    /// The public half, for enrolment.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn from_pair(pair: &JsValue, jwk: Jwk, kid: String) -> Result<Self, KeyError> {
        let private = member(pair, "privateKey")?;
        Ok(Self { private, jwk, kid })
    }
}

impl Signer for DeviceKey {
    fn kid(&self) -> &str {
        &self.kid
    }

    async fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], String> {
        let subtle = subtle().ok_or_else(|| KeyError::Insecure.to_string())?;
        let promise = subtle.sign_with_object_and_js_u8_array(
            &es256(),
            &self.private,
            &Uint8Array::from(bytes),
        );
        let signature = done(promise).await.map_err(|e| e.to_string())?;
        Uint8Array::new(&signature)
            .to_vec()
            .try_into()
            .map_err(|_| "the browser gave a signature of another length".to_owned())
    }
}

/// Checks ES256 in WebCrypto; keys are imported once.
#[derive(Debug, Default)]
pub struct WebVerifier {
    imported: RefCell<HashMap<String, CryptoKey>>,
}

impl WebVerifier {
    async fn key(&self, subtle: &SubtleCrypto, jwk: &Jwk) -> Result<CryptoKey, KeyError> {
        let kid = jwk.thumbprint();
        if let Some(key) = self.imported.borrow().get(&kid) {
            return Ok(key.clone());
        }
        let data = object(&[
            ("kty", jwk.kty.as_str().into()),
            ("crv", jwk.crv.as_str().into()),
            ("x", jwk.x.as_str().into()),
            ("y", jwk.y.as_str().into()),
        ]);
        let promise =
            subtle.import_key_with_object("jwk", &data, &curve(), true, &usages(&["verify"]));
        let key: CryptoKey = done(promise).await?.unchecked_into();
        self.imported.borrow_mut().insert(kid, key.clone());
        Ok(key)
    }

    async fn check(&self, jws: &Jws, key: &Jwk) -> Result<bool, KeyError> {
        let subtle = subtle().ok_or(KeyError::Insecure)?;
        let key = self.key(&subtle, key).await?;
        let promise = subtle.verify_with_object_and_js_u8_array_and_js_u8_array(
            &es256(),
            &key,
            &Uint8Array::from(&jws.signature[..]),
            &Uint8Array::from(jws.signing_input.as_bytes()),
        );
        Ok(done(promise).await?.is_truthy())
    }
}

impl Verifier for WebVerifier {
    async fn verify(&self, jws: &Jws, key: &Jwk) -> bool {
        // A key that cannot be imported verifies nothing.
        self.check(jws, key).await.unwrap_or(false)
    }
}

async fn public_jwk(subtle: &SubtleCrypto, pair: &JsValue) -> Result<Jwk, KeyError> {
    let public = member(pair, "publicKey")?;
    let exported = done(subtle.export_key("jwk", &public)).await?;
    let text = |name: &str| {
        row::text(&exported, name).map_err(|_| KeyError::Crypto(format!("a key without {name}")))
    };
    Ok(Jwk {
        kty: text("kty")?,
        crv: text("crv")?,
        x: text("x")?,
        y: text("y")?,
    })
}

fn member(pair: &JsValue, name: &str) -> Result<CryptoKey, KeyError> {
    Reflect::get(pair, &JsValue::from_str(name))
        .ok()
        .and_then(|key| key.dyn_into().ok())
        .ok_or_else(|| KeyError::Crypto(format!("a key pair without {name}")))
}

fn curve() -> Object {
    object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())])
}

fn es256() -> Object {
    object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())])
}

fn usages(names: &[&str]) -> JsValue {
    names
        .iter()
        .map(|name| JsValue::from_str(name))
        .collect::<Array>()
        .into()
}

async fn done(promise: Result<Promise, JsValue>) -> Result<JsValue, KeyError> {
    let failed = |e: JsValue| KeyError::Crypto(words(&e));
    JsFuture::from(promise.map_err(failed)?)
        .await
        .map_err(failed)
}

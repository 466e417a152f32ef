//! Voice notes and PDFs as they are served: to who may see the record, as what their first bytes say, never shown as a page,
//! and each time with a row in the audit log.

use crate::world::{
    World,
    pictures::{ask, jpeg, shot},
    problem,
};
use serde_json::{Value, json};
use zhicha_core::{access::Role, checklist::Digest, id::RecordId};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>";
const WEBM: &[u8] = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01 a voice";
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0 a voice";
const MP4: &[u8] = b"\0\0\0\x1cftypiso5\0\0\x02\0 a voice";

async fn noted(world: &World) -> Vec<(String, Value)> {
    let (read, _) = world.running.app.store.pools();
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT action, detail FROM audit WHERE action LIKE '%\\_read' ESCAPE '\\' ORDER BY seq",
    )
    .fetch_all(read)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(action, detail)| (action, serde_json::from_str(&detail).unwrap()))
        .collect()
}

fn row(action: &str, record: RecordId, bytes: &[u8]) -> (String, Value) {
    let detail = json!({ "record": record, "sha256": Digest::of(bytes) });
    (action.to_owned(), detail)
}

#[tokio::test]
async fn a_voice_note_is_a_sound_and_a_pdf_a_download() {
    let (_world, _, anna, record) = shot(&[WEBM, OGG, MP4, PDF]).await;
    for (bytes, form, kind, end) in [
        (WEBM, "sound", "audio/webm", ".audio\""),
        (OGG, "sound", "audio/ogg", ".audio\""),
        (MP4, "sound", "audio/mp4", ".audio\""),
        (PDF, "document", "application/octet-stream", ".pdf\""),
    ] {
        let response = ask(&anna, record, bytes, form).await;
        assert_eq!(response.status(), 200);
        let said = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(said("content-type"), kind);
        assert_eq!(said("x-content-type-options"), "nosniff");
        let csp = "sandbox; default-src 'none'; frame-ancestors 'none'";
        assert_eq!(said("content-security-policy"), csp);
        assert_eq!(said("cache-control"), "no-store");
        assert_eq!(said("cross-origin-resource-policy"), "same-origin");
        let name = said("content-disposition");
        assert!(name.starts_with("attachment; filename=\"zhicha-"), "{name}");
        assert!(name.ends_with(end), "{name}");
        assert_eq!(response.bytes().await.unwrap(), bytes, "the very bytes");
    }
}

#[tokio::test]
async fn who_sees_the_record_hears_it_and_every_time_is_noted() {
    let (world, admin, anna, record) = shot(&[WEBM, PDF]).await;
    let near = world
        .person(&admin, "near", Role::Supervisor, &["shili-1"])
        .await;
    for caller in [&anna, &near, &admin] {
        for (bytes, form) in [(WEBM, "sound"), (PDF, "document")] {
            assert_eq!(ask(caller, record, bytes, form).await.status(), 200);
        }
    }
    let once = [
        row("voice_read", record, WEBM),
        row("document_read", record, PDF),
    ];
    assert_eq!(
        noted(&world).await,
        [once.clone(), once.clone(), once].concat()
    );

    let far = world
        .person(&admin, "far", Role::Supervisor, &["shili-2"])
        .await;
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await;
    let stranger = world.stranger().await;
    for caller in [&far, &bea, &stranger] {
        for (bytes, form) in [(WEBM, "sound"), (PDF, "document")] {
            assert_eq!(ask(caller, record, bytes, form).await.status(), 404);
        }
    }
    let nobody = ask(&world.nobody(), record, WEBM, "sound").await;
    assert_eq!(nobody.status(), 401);
    assert_eq!(noted(&world).await.len(), 6, "nothing was read since");
}

#[tokio::test]
async fn nothing_passes_for_what_its_first_bytes_are_not() {
    let photo = jpeg(64, 32);
    let page = b"<!doctype html><script>alert(1)</script>".as_slice();
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice();
    let program = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".as_slice();
    let files = [photo.as_slice(), page, drawing, program, WEBM, PDF];
    let (world, _, anna, record) = shot(&files).await;
    let refused = async |bytes: &[u8], form: &str| {
        let said = problem(ask(&anna, record, bytes, form).await).await;
        assert_eq!((said.status, said.code.as_str()), (422, "blob_not_shown"));
    };
    // Above all not a photo as it was captured, which says where it was made.
    for bytes in [photo.as_slice(), page, drawing, program] {
        refused(bytes, "sound").await;
        refused(bytes, "document").await;
    }
    refused(WEBM, "document").await;
    refused(PDF, "sound").await;
    refused(PDF, "view").await;
    refused(WEBM, "thumb").await;
    assert_eq!(ask(&anna, record, WEBM, "original").await.status(), 403);
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn the_office_is_told_what_each_file_is() {
    let (_world, admin, _, record) = shot(&[WEBM, PDF]).await;
    let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
    let blobs = detail["blobs"].as_array().unwrap();
    let sorts = [WEBM, PDF].map(|bytes| {
        let sha256 = json!(Digest::of(bytes));
        let blob = blobs.iter().find(|blob| blob["sha256"] == sha256).unwrap();
        blob["sort"].clone()
    });
    assert_eq!(sorts, [json!("sound"), json!("document")]);
}

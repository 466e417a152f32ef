//! The office's calls to the server. Every answer that is not ours counts as none; nothing is retried by itself.

use crate::{
    office::query::{RecordQuery, escape},
    platform::{
        download,
        fetch::{self, NoAnswer},
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zhicha_core::{
    api::{
        AcceptInvite, CertificateNotice, ChecklistInfo, InviteInfo, InviteLink, NewInvite, Person,
        PublishedChecklist, QuarantineRow, RecordDetail, RecordPage, SessionInfo, Settings, SignIn,
        SignedText, SiteEdit,
    },
    checklist::Digest,
    id::{DeviceId, RecordId, SiteId, UserId},
    sync::wire::{Problem, PullPage, PullRow, Site, Stream},
};

/// Why a call failed. `code` is stable and translated by `words::failure`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Code of the server's problem, or `network`, `not_ours`, `unreadable`.
    pub code: String,
    /// HTTP status; 0 where there was no answer.
    pub status: u16,
    /// The server's own words, Chinese and English.
    pub detail: String,
}

impl Failure {
    fn local(code: &str, detail: String) -> Self {
        Self {
            code: code.to_owned(),
            status: 0,
            detail,
        }
    }

    /// There is no such thing, without asking the server.
    pub fn not_found() -> Self {
        Self::local("not_found", String::new())
    }

    /// What came cannot be read, or is not what was asked for.
    pub fn unreadable(detail: String) -> Self {
        Self::local("unreadable", detail)
    }

    /// Whether the session is missing or has ended.
    pub fn signed_out(&self) -> bool {
        self.status == 401 && self.code != "sign_in_failed"
    }

    /// Whether somebody else changed the row first.
    pub fn conflict(&self) -> bool {
        self.code == "version_conflict"
    }
}

impl From<NoAnswer> for Failure {
    fn from(why: NoAnswer) -> Self {
        Self::local(
            if why == NoAnswer::Network {
                "network"
            } else {
                "not_ours"
            },
            String::new(),
        )
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let detail = if problem.detail.is_empty() {
            problem.title
        } else {
            problem.detail
        };
        Self {
            code: problem.code,
            status: problem.status,
            detail,
        }
    }
}

/// What a call answers.
pub type Answer<T> = Result<T, Failure>;

async fn call(method: &str, path: &str, body: Option<String>) -> Answer<String> {
    let answer = fetch::send(method, path, body).await?;
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    let problem = zhicha_core::json::from_str::<Problem>(&answer.body).unwrap_or_default();
    Err(Failure {
        status: answer.status,
        ..problem.into()
    })
}

fn read<T: DeserializeOwned>(body: &str) -> Answer<T> {
    zhicha_core::json::from_str(body).map_err(|e| Failure::local("unreadable", e.to_string()))
}

async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    read(&call("GET", path, None).await?)
}

async fn send<T: DeserializeOwned>(method: &str, path: &str, body: &impl Serialize) -> Answer<T> {
    read(&call(method, path, Some(text_of(body)?)).await?)
}

fn text_of(body: &impl Serialize) -> Answer<String> {
    serde_json::to_string(body).map_err(|e| Failure::local("unreadable", e.to_string()))
}

/// Who is signed in.
pub async fn session() -> Answer<SessionInfo> {
    get("/api/v1/session").await
}

/// Signs in.
pub async fn sign_in(login: String, password: String) -> Answer<SessionInfo> {
    send("POST", "/api/v1/session", &SignIn { login, password }).await
}

/// Signs out.
pub async fn sign_out() -> Answer<()> {
    call("DELETE", "/api/v1/session", None).await.map(drop)
}

/// Changes what holds for the whole tenant.
pub async fn change_settings(settings: &Settings) -> Answer<()> {
    let body = Some(text_of(settings)?);
    call("PUT", "/api/v1/settings", body).await.map(drop)
}

#[derive(Serialize)]
struct Token<'a> {
    token: &'a str,
}

/// What a one-time link is for, without using it.
pub async fn look_at_invite(token: &str) -> Answer<InviteInfo> {
    send("POST", "/api/v1/invites/look", &Token { token }).await
}

/// Uses a one-time link and signs in.
pub async fn accept_invite(first: bool, accept: &AcceptInvite) -> Answer<SessionInfo> {
    let path = if first {
        "/api/v1/first-administrator"
    } else {
        "/api/v1/invites/accept"
    };
    send("POST", path, accept).await
}

/// Invites a person.
pub async fn invite(person: &NewInvite) -> Answer<InviteLink> {
    send("POST", "/api/v1/invites", person).await
}

/// People and their devices.
pub async fn people() -> Answer<Vec<Person>> {
    get("/api/v1/people").await
}

/// Takes a person's rights.
pub async fn revoke_person(user: UserId) -> Answer<()> {
    call("POST", &format!("/api/v1/people/{user}/revoke"), None)
        .await
        .map(drop)
}

/// Takes a device's rights.
pub async fn revoke_device(device: DeviceId) -> Answer<()> {
    call("POST", &format!("/api/v1/devices/{device}/revoke"), None)
        .await
        .map(drop)
}

/// A page of received inspections.
pub async fn records(query: &RecordQuery, after: Option<&str>) -> Answer<RecordPage> {
    get(&format!("/api/v1/records?{}", query.to_query(after))).await
}

/// One received inspection.
pub async fn record(id: RecordId) -> Answer<RecordDetail> {
    get(&format!("/api/v1/records/{id}")).await
}

/// The text that somebody was shown when signing, if these are its bytes.
pub async fn shown_text(id: RecordId, sha256: &Digest) -> Answer<String> {
    let signed: SignedText = get(&format!("/api/v1/records/{id}/signed/{sha256}")).await?;
    match Digest::of(signed.text.as_bytes()) == *sha256 {
        true => Ok(signed.text),
        false => Err(Failure::local("unreadable", "digest".to_owned())),
    }
}

/// What has to be done about the server's certificate; for who manages people.
pub async fn certificate() -> Answer<Option<CertificateNotice>> {
    get("/api/v1/certificate").await
}

/// The quarantine.
pub async fn quarantine() -> Answer<Vec<QuarantineRow>> {
    get("/api/v1/quarantine").await
}

/// Sites that were found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SiteList {
    /// The first of them, by name.
    pub sites: Vec<Site>,
    /// How many there are in all.
    pub total: u64,
}

/// Sites whose name, address, initials or credit code holds `words`.
pub async fn sites(words: &str) -> Answer<SiteList> {
    get(&format!("/api/v1/sites?q={}", escape(words.trim()))).await
}

/// The site as it is now, found by what it may be called.
pub async fn site(id: SiteId, called: &[String]) -> Answer<Option<Site>> {
    for words in called {
        let found = sites(words)
            .await?
            .sites
            .into_iter()
            .find(|s| s.site_id == id);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Creates a site, or changes the version that was read.
pub async fn save_site(id: Option<SiteId>, edit: &SiteEdit) -> Answer<Site> {
    match id {
        Some(id) => send("PUT", &format!("/api/v1/sites/{id}"), edit).await,
        None => send("POST", "/api/v1/sites", edit).await,
    }
}

/// Published checklists.
pub async fn checklists() -> Answer<Vec<ChecklistInfo>> {
    get("/api/v1/checklists").await
}

/// One published checklist, verbatim, from the feed that devices read.
pub async fn checklist(digest: &Digest) -> Answer<PublishedChecklist> {
    let feed = format!("/api/v1/sync/pull?stream={}", Stream::Checklists.as_str());
    let mut page: PullPage = get(&feed).await?;
    loop {
        for row in page.rows {
            if let PullRow::Checklist {
                digest: found,
                json,
            } = row
                && &found == digest
            {
                return Ok(PublishedChecklist {
                    digest: found,
                    json,
                });
            }
        }
        if !page.more {
            return Err(Failure::not_found());
        }
        page = get(&format!("{feed}&cursor={}", escape(&page.cursor))).await?;
    }
}

#[derive(Serialize, Deserialize)]
struct Wanted {
    record_ids: Vec<RecordId>,
}

/// Address of the export of one record, for a plain link.
pub fn export_path(id: RecordId) -> String {
    format!("/api/v1/export/{id}.zip")
}

/// Exports records as one ZIP and hands it to the browser to keep.
pub async fn export(record_ids: Vec<RecordId>, file_name: &str) -> Answer<()> {
    let body = text_of(&Wanted { record_ids })?;
    match download::post_and_keep("/api/v1/export", body, "application/zip", file_name).await {
        Ok(()) => Ok(()),
        Err(download::Refusal::NoAnswer(why)) => Err(why.into()),
        Err(download::Refusal::Answer { status, body }) => {
            let problem = zhicha_core::json::from_str::<Problem>(&body).unwrap_or_default();
            Err(Failure {
                status,
                ..problem.into()
            })
        }
    }
}

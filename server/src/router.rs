//! The route table: method, path, handler and what the description says. The only way in is [`Table::add`], which takes
//! handlers that begin with a policy.

use crate::{
    assets, auth,
    error::ApiError,
    headers,
    http::{
        blobs, certificate, checklists, devices, drafts, export, health, invites, people,
        quarantine, records, remainder, session, settings, sites, sync, tus, uploads,
    },
    metrics,
    openapi::{
        schemas::Schemas,
        sketch::{Described, Sketch},
    },
    policy::{Guarded, Policed},
    state::App,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method},
    middleware,
    routing::{MethodFilter, on},
};
use std::time::Duration;
use tower_http::{
    CompressionLevel, compression::CompressionLayer, set_header::SetResponseHeaderLayer,
    timeout::RequestBodyTimeoutLayer,
};
use zhicha_core::sync::wire::{MAX_DRAFT_BYTES, MAX_PUSH_BYTES};

// JSON escapes nothing in base64url; certificate, names and commas fit into the rest.
const PUSH_LIMIT: usize = MAX_PUSH_BYTES + 64 * 1024;
// Base64url makes four of three; what is a little too large still gets the answer that says so.
const DRAFT_LIMIT: usize = 2 * MAX_DRAFT_BYTES;
const BODY_LIMIT: usize = 512 * 1024;
// Of brotli: the first download of a phone goes over weak networks, and a page of a feed is small.
const FEED_QUALITY: i32 = 9;

// A body that does not go on for so long has ended.
const BODY_SILENCE: Duration = Duration::from_secs(60);

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with `{name}` for ids.
    pub path: &'static str,
    /// Who gets in.
    pub guarded: Guarded,
    /// One line for the API description.
    pub summary: &'static str,
    /// What the handler takes and gives.
    pub sketch: fn(&mut Sketch, &mut Schemas),
    /// Codes of the problems that only this handler has.
    pub refusals: &'static [&'static str],
}

/// All routes with their handlers.
///
/// A handler that begins with its policy is taken:
/// ```
/// use zhicha_server::{policy::{Health, Open}, router::Table};
/// async fn guarded(_: Open<Health>) {}
/// Table::default().add(axum::http::Method::GET, "/guarded", guarded, "Says nothing");
/// ```
/// One without a policy does not compile:
/// ```compile_fail
/// use zhicha_server::router::Table;
/// async fn unguarded() {}
/// Table::default().add(axum::http::Method::GET, "/unguarded", unguarded, "Says too much");
/// ```
#[derive(Default)]
pub struct Table {
    routes: Vec<Route>,
    router: Router<App>,
}

impl Table {
    /// Adds a route whose handler begins with its policy.
    #[must_use]
    pub fn add<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        H: Described<T>,
        T: Policed + 'static,
    {
        let filter =
            MethodFilter::try_from(method.clone()).expect("the table uses standard methods only");
        self.router = self.router.route(path, on(filter, handler));
        self.routes.push(Route {
            method,
            path,
            guarded: T::GUARDED,
            summary,
            sketch: H::sketch,
            refusals: &[],
        });
        self
    }

    /// Says with which problems the handler added last may refuse, beyond what its arguments say.
    #[must_use]
    pub fn refusing(mut self, codes: &'static [&'static str]) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.refusals = codes;
        }
        self
    }

    fn get<H: Described<T>, T: Policed + 'static>(
        self,
        path: &'static str,
        handler: H,
        summary: &'static str,
    ) -> Self {
        self.add(Method::GET, path, handler, summary)
    }

    fn post<H: Described<T>, T: Policed + 'static>(
        self,
        path: &'static str,
        handler: H,
        summary: &'static str,
    ) -> Self {
        self.add(Method::POST, path, handler, summary)
    }

    // Bodies of everything so far may have so many bytes.
    fn limited(self, bytes: usize) -> Self {
        Self {
            router: self.router.layer(DefaultBodyLimit::max(bytes)),
            ..self
        }
    }

    // Answers of everything so far are brotli for who takes it: only for what repeats nothing of a request beside a
    // secret, whose size would tell it.
    fn compressed(self) -> Self {
        Self {
            router: self
                .router
                .layer(CompressionLayer::new().quality(CompressionLevel::Precise(FEED_QUALITY))),
            ..self
        }
    }

    fn merge(self, other: Self) -> Self {
        Self {
            routes: [self.routes, other.routes].concat(),
            router: self.router.merge(other.router),
        }
    }

    /// The rows.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

/// The table.
pub fn table() -> Table {
    let push = Table::default()
        .post(
            "/api/v1/sync/push",
            sync::push,
            "Deliver signed events; answers with receipts",
        )
        .refusing(&[
            "certificate",
            "expected_seq",
            "not_signed_in",
            "too_many_events",
            "unreadable_push",
        ])
        .limited(PUSH_LIMIT);
    let rest = about(accounts(office(devices_of_people(Table::default())))).limited(BODY_LIMIT);
    let drafts = Table::default()
        .add(
            Method::PUT,
            "/api/v1/drafts/{record_id}",
            drafts::keep,
            "Leave a safety copy of a draft; the highest revision is kept until the seal",
        )
        .refusing(&["draft_sealed", "draft_too_large", "too_many_drafts"])
        .limited(DRAFT_LIMIT);
    push.merge(drafts).merge(uploads()).merge(rest)
}

// Bytes that events name; parts have any size, and the handler counts them.
fn uploads() -> Table {
    let files = "/api/v1/uploads";
    let file = "/api/v1/uploads/{upload_id}";
    let table = Table::default()
        .add(
            Method::OPTIONS,
            files,
            uploads::options,
            "Which parts of tus 1.0.0 are spoken",
        )
        .post(
            files,
            uploads::create,
            "Begin or take up the upload of bytes that an event names",
        )
        .refusing(&[
            "blob_mismatch",
            "blob_quota",
            "blob_too_large",
            "blob_unnamed",
            "upload_busy",
        ])
        .add(Method::HEAD, file, uploads::stand, "How far an upload is")
        .refusing(&["blob_mismatch", "upload_busy"])
        .add(Method::PATCH, file, uploads::go_on, "Go on with an upload")
        .refusing(&["blob_too_large"])
        .add(Method::DELETE, file, uploads::end, "Forget an upload")
        .refusing(&["upload_busy"]);
    let speaking =
        SetResponseHeaderLayer::overriding(tus::RESUMABLE, HeaderValue::from_static(tus::VERSION));
    let versions = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("tus-version"),
        HeaderValue::from_static(tus::VERSION),
    );
    Table {
        router: table.router.layer(speaking).layer(versions),
        ..table
    }
    .get(
        "/api/v1/blobs/receipts",
        uploads::receipts,
        "Receipts for the bytes of an event that are here",
    )
}

fn about(table: Table) -> Table {
    table
        .get("/healthz", health::alive, "Whether the process lives")
        .get(
            "/readyz",
            health::ready,
            "Whether database and files answer",
        )
        .get("/api/v1/openapi.json", health::openapi, "This description")
}

fn accounts(table: Table) -> Table {
    table
        .post("/api/v1/session", session::sign_in, "Sign in")
        .refusing(&["sign_in_failed"])
        .get("/api/v1/session", session::who, "Who is signed in")
        .add(
            Method::DELETE,
            "/api/v1/session",
            session::sign_out,
            "Sign out",
        )
        .post(
            "/api/v1/invites",
            invites::invite,
            "Invite a person by a one-time link",
        )
        .refusing(&["invalid", "login_taken"])
        .post(
            "/api/v1/invites/look",
            invites::look,
            "What a link is for, without using it",
        )
        .refusing(&["invite", "invite_expired"])
        .post(
            "/api/v1/invites/accept",
            invites::accept,
            "Use a link: choose a password",
        )
        .refusing(&["invite", "invite_expired", "weak_password"])
        .post(
            "/api/v1/first-administrator",
            invites::first_administrator,
            "Use the first link",
        )
        .refusing(&[
            "invalid",
            "invite",
            "invite_expired",
            "login_taken",
            "weak_password",
        ])
        .get("/api/v1/people", people::list, "People and their devices")
        .post(
            "/api/v1/people/{user}/revoke",
            people::revoke,
            "Revoke a person",
        )
        .refusing(&["own_account"])
        .post(
            "/api/v1/devices/{device_id}/revoke",
            people::revoke_device,
            "Revoke a device",
        )
        .add(
            Method::PUT,
            "/api/v1/settings",
            settings::change,
            "Change what holds for the whole tenant",
        )
}

fn office(table: Table) -> Table {
    table
        .get(
            "/api/v1/records",
            records::list,
            "Received inspections, filtered",
        )
        .get(
            "/api/v1/records/{record_id}",
            records::one,
            "One inspection with all its events",
        )
        .get(
            "/api/v1/records/{record_id}/blobs/{sha256}",
            blobs::one,
            "A photo of an inspection, small and without metadata, or any file of it as it was captured",
        )
        .refusing(&["blob_not_here", "blob_not_shown"])
        .get(
            "/api/v1/records/{record_id}/signed/{sha256}",
            blobs::signed,
            "The text that somebody was shown when signing",
        )
        .refusing(&["blob_not_here", "blob_not_shown"])
        .get(
            "/api/v1/quarantine",
            quarantine::list,
            "What could not be applied",
        )
        .get(
            "/api/v1/certificate",
            certificate::notice,
            "What has to be done about the certificate of TLS; null while there is nothing, and over plain http",
        )
        .get("/api/v1/sites", sites::list, "Sites")
        .post("/api/v1/sites", sites::add, "Add a site")
        .refusing(&["invalid"])
        .add(
            Method::PUT,
            "/api/v1/sites/{site_id}",
            sites::change,
            "Change a site (compare-and-set on its version)",
        )
        .refusing(&["invalid", "version_conflict"])
        .get(
            "/api/v1/checklists",
            checklists::list,
            "Published checklists",
        )
        .post("/api/v1/export", export::many, "Export records as a ZIP")
        .refusing(&["export_busy", "invalid", "not_found"])
        .get(
            "/api/v1/export/{record_id}",
            export::one,
            "Export one record (`<id>.zip`)",
        )
        .refusing(&["export_busy"])
}

fn devices_of_people(table: Table) -> Table {
    table
        .post(
            "/api/v1/devices",
            devices::enrol,
            "Enrol this browser; answers with a certificate",
        )
        .refusing(&["invalid"])
        .post(
            "/api/v1/sync/have",
            sync::have,
            "Which of these events the log lacks",
        )
        .merge(pulls())
}

// What a device downloads first, on whatever network it has.
fn pulls() -> Table {
    Table::default()
        .get("/api/v1/sync/pull", sync::pull, "Pull a page of a stream")
        .refusing(&["cursor", "cursor_foreign", "cursor_gone"])
        .compressed()
}

/// The whole server as a service: routes, both apps, and the headers of every answer.
pub fn router(app: &App) -> Router {
    table()
        .router
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .route("/api", axum::routing::any(async || ApiError::not_found()))
        .route(
            "/api/{*rest}",
            axum::routing::any(async || ApiError::not_found()),
        )
        .fallback(assets::serve)
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENCE))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            auth::origin::check,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            auth::limit::by_address,
        ))
        .layer(middleware::from_fn(remainder::read))
        .layer(middleware::from_fn_with_state(app.clone(), headers::add))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::count))
        .with_state(app.clone())
}

//! The route table: method, path, handler and what the description says. The only way in is [`Table::add`], which takes
//! handlers that begin with a policy.

use crate::{
    assets, auth, error::ApiError, headers,
    http::{checklists, devices, export, health, invites, people, quarantine, records, session, sites, sync},
    policy::{Guarded, Policed},
    state::App,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, on},
};
use zhicha_core::sync::wire::MAX_PUSH_BYTES;

// JSON escapes nothing in base64url; certificate, names and commas fit into the rest.
const PUSH_LIMIT: usize = MAX_PUSH_BYTES + 64 * 1024;
const BODY_LIMIT: usize = 512 * 1024;

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
}

/// All routes with their handlers.
pub struct Table {
    routes: Vec<Route>,
    router: Router<App>,
}

impl Table {
    fn add<H, T>(mut self, method: Method, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, App>,
        T: Policed + 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("the table uses standard methods only");
        self.router = self.router.route(path, on(filter, handler));
        self.routes.push(Route { method, path, guarded: T::GUARDED, summary });
        self
    }

    fn limit_last(mut self, bytes: usize, path: &'static str) -> Self {
        debug_assert!(self.routes.last().is_some_and(|r| r.path == path));
        self.router = self.router.layer(DefaultBodyLimit::max(bytes));
        self
    }
}

/// The table.
pub fn table() -> Table {
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    Table { routes: Vec::new(), router: Router::new() }
        // First, so that its larger limit covers it alone.
        .add(post.clone(), "/api/v1/sync/push", sync::push, "Deliver signed events; answers with receipts")
        .limit_last(PUSH_LIMIT, "/api/v1/sync/push")
        .merge_limited(|t| {
            t.add(get.clone(), "/healthz", health::alive, "Whether the process lives")
                .add(get.clone(), "/readyz", health::ready, "Whether database and files answer")
                .add(get.clone(), "/api/v1/openapi.json", health::openapi, "This description")
                .add(post.clone(), "/api/v1/session", session::sign_in, "Sign in")
                .add(get.clone(), "/api/v1/session", session::who, "Who is signed in")
                .add(delete.clone(), "/api/v1/session", session::sign_out, "Sign out")
                .add(post.clone(), "/api/v1/invites", invites::invite, "Invite a person by a one-time link")
                .add(post.clone(), "/api/v1/invites/look", invites::look, "What a link is for, without using it")
                .add(post.clone(), "/api/v1/invites/accept", invites::accept, "Use a link: choose a password")
                .add(post.clone(), "/api/v1/first-administrator", invites::first_administrator, "Use the first link")
                .add(get.clone(), "/api/v1/people", people::list, "People and their devices")
                .add(post.clone(), "/api/v1/people/{user}/revoke", people::revoke, "Revoke a person")
                .add(post.clone(), "/api/v1/devices", devices::enrol, "Enrol this browser; answers with a certificate")
                .add(post.clone(), "/api/v1/devices/{device_id}/revoke", people::revoke_device, "Revoke a device")
                .add(get.clone(), "/api/v1/records", records::list, "Received inspections, filtered")
                .add(get.clone(), "/api/v1/records/{record_id}", records::one, "One inspection with all its events")
                .add(get.clone(), "/api/v1/quarantine", quarantine::list, "What could not be applied")
                .add(get.clone(), "/api/v1/sites", sites::list, "Sites")
                .add(post.clone(), "/api/v1/sites", sites::add, "Add a site")
                .add(put, "/api/v1/sites/{site_id}", sites::change, "Change a site (compare-and-set on its version)")
                .add(get.clone(), "/api/v1/checklists", checklists::list, "Published checklists")
                .add(post.clone(), "/api/v1/export", export::many, "Export records as a ZIP")
                .add(get.clone(), "/api/v1/export/{record_id}", export::one, "Export one record (`<id>.zip`)")
                .add(get, "/api/v1/sync/pull", sync::pull, "Pull a page of a stream")
                .add(post, "/api/v1/sync/have", sync::have, "Which of these events the log lacks")
        })
}

impl Table {
    fn merge_limited(self, rest: impl FnOnce(Self) -> Self) -> Self {
        let rest = rest(Self { routes: Vec::new(), router: Router::new() });
        let limited = rest.router.layer(DefaultBodyLimit::max(BODY_LIMIT));
        Self { routes: [self.routes, rest.routes].concat(), router: self.router.merge(limited) }
    }

    /// The rows.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

/// The whole server as a service: routes, both apps, and the headers of every answer.
pub fn router(app: &App) -> Router {
    table()
        .router
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .route("/api", axum::routing::any(async || ApiError::not_found()))
        .route("/api/{*rest}", axum::routing::any(async || ApiError::not_found()))
        .fallback(assets::serve)
        .layer(middleware::from_fn_with_state(app.clone(), auth::origin::check))
        .layer(middleware::from_fn_with_state(app.clone(), headers::add))
        .with_state(app.clone())
}

//! What has to be done about the certificate of TLS.

use crate::{
    policy::{Allowed, ManagePeople},
    state::App,
};
use axum::extract::State;
use zhicha_core::api::CertificateNotice;

/// `GET /api/v1/certificate`
pub async fn notice(
    _: Allowed<ManagePeople>,
    State(app): State<App>,
) -> axum::Json<Option<CertificateNotice>> {
    axum::Json(app.fixed.certificate.notice(app.clock.now()))
}

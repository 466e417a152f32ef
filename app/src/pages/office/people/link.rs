//! A one-time link, to hand over as a QR code or by copying. It is shown once; the server keeps only its hash.

use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind},
    office::{session::OfficeSession, when},
    pages::office::parts::{CopyButton, QrCode},
    platform::dom,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::api::InviteLink;

/// The link for `name`.
#[component]
pub fn Link(
    /// Who is invited.
    name: String,
    /// The link.
    link: InviteLink,
    /// Closes the sheet when set to false.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let until = when::minute(link.expires_at, session.zone());
    let reachable = session.info().is_none_or(|i| i.phones_can_use);
    // The sheet is still scrolled to the button of the form that was here.
    request_animation_frame(|| {
        dom::scroll_to("invited");
        dom::focus("invited");
    });
    let close = Callback::new(move |()| open.set(false));
    view! {
        <div class="stack l">
            <p id="invited" tabindex="-1">{move || t_string!(i18n, office.invite.ready, name = name.clone(), until = until.clone())}</p>
            {(!reachable).then(|| view! { <p class="said" data-tone="warn">{t!(i18n, office.phones.title)}</p> })}
            <QrCode text=link.url.clone() label=t!(i18n, office.invite.qr) />
            <p class="code wrap-anywhere" data-testid="invite-link">{link.url.clone()}</p>
            <CopyButton text=link.url label=t!(i18n, office.invite.copy) />
            <p class="quiet">{t!(i18n, office.invite.once)}</p>
            <Button kind=ButtonKind::Main label=t!(i18n, office.invite.done) on_press=close />
        </div>
    }
}

//! The QR code for a gate, to be printed: a plain link with the site's id and nothing else. An inspector who scans it in the
//! app finds the site without a network; whoever else does learns nothing.

use crate::{
    components::{Button, ButtonKind, Sheet},
    draft::scanned::gate_link,
    office::session::OfficeSession,
    pages::office::parts::{CopyButton, QrCode, open_with},
    platform::download,
    signal::RwSignal,
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::sync::wire::Site;

/// The sheet.
#[component]
pub fn Gate(
    /// The site it is open for.
    site: RwSignal<Option<Site>>,
) -> Node {
    let i18n = use_i18n();
    let open = open_with(site);
    view! {
        <Sheet open=open id="gate" title=t!(i18n, office.gate.title)>
            {move || site.get().map(|site| view! { <Code site=site /> })}
        </Sheet>
    }
}

#[component]
fn Code(site: Site) -> Node {
    let i18n = use_i18n();
    let Some(info) = OfficeSession::get().info() else {
        return Node::Nothing;
    };
    let link = gate_link(&info.public_url, site.site_id);
    let print = Callback::new(move |()| download::print());
    view! {
        <div class="stack l">
            {(!info.phones_can_use).then(|| view! { <p class="said noprint" data-tone="warn">{t!(i18n, office.phones.title)}</p> })}
            <div class="gate stack">
                <h3>{site.name}</h3>
                <QrCode text=link.clone() label=t!(i18n, office.gate.qr) />
                <p>{t!(i18n, office.gate.scan)}</p>
                <p class="code wrap-anywhere" data-testid="gate-link">{link.clone()}</p>
            </div>
            <p class="quiet noprint">{t!(i18n, office.gate.hint)}</p>
            <div class="row wrap noprint">
                <Button kind=ButtonKind::Main icon="print" label=t!(i18n, office.gate.print) on_press=print />
                <CopyButton text=link label=t!(i18n, office.gate.copy) />
            </div>
        </div>
    }
}

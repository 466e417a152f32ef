//! The invented district of `serve --demo`: sites, and a person for each role. Nothing in it is real.

use crate::{
    auth::password,
    http::{invites, sites},
    ids::{self, Ids},
    state::App,
    store::{self, Conn, audit, people, tenants::Tenant},
};
use serde_json::json;
use zhicha_core::{
    access::Role,
    api::{NewInvite, SiteEdit},
    id::{SiteId, TenantId},
};

/// Name of the demo's tenant; a data folder of another name is not touched.
pub const NAME: &str = "示例区（演示，全部虚构）";

const REGIONS: [&str; 4] = ["示例一街道", "示例二街道", "示例三镇", "示例工业园"];

const KINDS: [(&str, &str, &[&str]); 10] = [
    (
        "木制品加工厂",
        "生产车间",
        &["dust-explosion", "fire-exits"],
    ),
    (
        "五金抛光车间",
        "生产车间",
        &["dust-explosion", "fire-exits"],
    ),
    ("饲料厂", "生产车间", &["dust-explosion", "fire-exits"]),
    ("服装作坊", "生产车间", &["fire-exits"]),
    ("便利店", "商店", &["fire-exits", "ebike-charging"]),
    ("餐馆", "餐饮", &["fire-exits"]),
    ("公寓", "出租公寓", &["ebike-charging", "fire-exits"]),
    ("小区", "住宅小区", &["ebike-charging", "fire-exits"]),
    ("宾馆", "宾馆", &["fire-exits"]),
    ("电动自行车充电棚", "充电场所", &["ebike-charging"]),
];

const PEOPLE: [(&str, &str, Role); 4] = [
    ("demo-inspector", "示例检查员甲", Role::Inspector),
    ("demo-business", "示例企业负责人乙", Role::Business),
    ("demo-supervisor", "示例监管负责人丙", Role::Supervisor),
    ("demo-administrator", "示例管理员丁", Role::Administrator),
];

/// Fills a new data folder, and gives fresh sign-ins and links at every start. Returns the lines to print.
///
/// # Errors
/// When the folder holds something else than the demo.
pub async fn fill(app: &App, tenant: &Tenant, new: bool) -> anyhow::Result<Vec<String>> {
    anyhow::ensure!(
        tenant.name == NAME,
        "this data folder holds real work; --demo needs a folder of its own"
    );
    let mut passwords = Vec::new();
    for _ in PEOPLE {
        let secret: String = ids::secret()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        passwords.push(format!("demo-{secret}"));
    }
    let mut hashes = Vec::new();
    for word in &passwords {
        hashes.push(
            password::hash(word.clone())
                .await
                .map_err(|e| anyhow::anyhow!("{e:?}"))?,
        );
    }
    let mut tx = app.store.begin().await?;
    let own_site = if new {
        add_sites(app, &mut tx, tenant.tenant).await?
    } else {
        None
    };
    let mut lines = vec!["演示数据，全部虚构 / demo data, all of it invented".to_owned()];
    for (((login, name, role), word), hash) in PEOPLE.iter().zip(&passwords).zip(&hashes) {
        let grants = grants(*role, own_site);
        let signs_in = person(
            app,
            &mut tx,
            tenant.tenant,
            (login, name, *role),
            grants.clone(),
        )
        .await?;
        people::set_password(&mut tx, tenant.tenant, signs_in, hash).await?;
        lines.push(format!("sign-in {role}: {login} {word}"));
        if new {
            let invited = (format!("{login}-phone"), format!("{name}（手机）"), *role);
            person(
                app,
                &mut tx,
                tenant.tenant,
                (&invited.0, &invited.1, invited.2),
                grants,
            )
            .await?;
        }
    }
    lines.extend(links(app, &mut tx).await?);
    audit::write(
        &mut tx,
        tenant.tenant,
        app.clock.now(),
        None,
        "demo",
        &json!({ "new": new }),
    )
    .await?;
    store::commit(tx).await?;
    Ok(lines)
}

fn grants(role: Role, own_site: Option<SiteId>) -> Vec<String> {
    match role {
        Role::Business => own_site
            .map(|site| format!("site:{site}"))
            .into_iter()
            .collect(),
        Role::Inspector => REGIONS.iter().take(3).map(|r| (*r).to_owned()).collect(),
        Role::Supervisor | Role::Administrator => vec!["*".to_owned()],
    }
}

// The person with this login name, made when there is none.
async fn person(
    app: &App,
    conn: &mut Conn,
    tenant: TenantId,
    (login, name, role): (&str, &str, Role),
    grants: Vec<String>,
) -> anyhow::Result<zhicha_core::id::UserId> {
    if let Some(known) = people::by_login(conn, login).await? {
        anyhow::ensure!(
            known.tenant == tenant,
            "the login name {login} belongs to another tenant"
        );
        return Ok(known.user);
    }
    let wanted = NewInvite {
        name: name.to_owned(),
        login: login.to_owned(),
        role,
        grants,
    };
    let person = invites::new_person(app, tenant, &wanted).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    people::add(conn, &person, app.clock.now()).await?;
    Ok(person.user)
}

// One link a role for a phone, as long as nobody has used it.
async fn links(app: &App, conn: &mut Conn) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for (login, _, role) in PEOPLE {
        let Some(person) = people::by_login(conn, &format!("{login}-phone")).await? else {
            continue;
        };
        if person.password.is_none() && person.revoked_at.is_none() {
            let invited = Some((person.user, role));
            let link = invites::link(app, conn, person.tenant, invited, app.clock.now()).await;
            lines.push(format!(
                "invite {role}: {}",
                link.map_err(|e| anyhow::anyhow!("{e:?}"))?.url
            ));
        }
    }
    Ok(lines)
}

// What a combined visit goes to; the checklists follow from the category.
const COMBINED: [(&str, &str); 3] = [
    ("农贸市场", "农贸市场"),
    ("厂房园区", "厂房出租方（厂中厂）"),
    ("出租房", "租赁住房"),
];

// Forty-three sites; returns the one that the business answers for.
async fn add_sites(app: &App, conn: &mut Conn, tenant: TenantId) -> anyhow::Result<Option<SiteId>> {
    let mut own = None;
    let forty = (0..40).map(|number| KINDS[number % KINDS.len()]);
    let combined = COMBINED.map(|(kind, category)| (kind, category, &[][..]));
    for (number, (kind, category, checklists)) in forty.chain(combined).enumerate() {
        let region = REGIONS[(number / KINDS.len()) % REGIONS.len()];
        let edit = SiteEdit {
            version: 0,
            name: format!("示例{kind}{:02}", number + 1),
            address: format!("示例区{region}虚构路{}号", number * 3 + 1),
            region: region.to_owned(),
            credit_code: None,
            category: category.to_owned(),
            checklists: checklists.iter().map(|c| (*c).to_owned()).collect(),
        };
        let site = sites::site(SiteId::new(&mut Ids(&app.clock)), 1, edit)
            .map_err(|e| anyhow::anyhow!("{e:?}"))?;
        store::sites::put(conn, tenant, &site, None, app.clock.now()).await?;
        if category == "商店" {
            own = own.or(Some(site.site_id));
        }
    }
    Ok(own)
}

//! Somebody of another tenant.

use super::{Caller, PASSWORD, World};
use serde_json::json;
use zhicha_core::{
    access::Role,
    id::{EpochId, TenantId, UserId},
    sync::wire::PhotoPolicy,
    time::ZoneOffset,
};
use zhicha_server::{
    auth::password,
    ids::Ids,
    store::{self, people, people::PersonRow, tenants, tenants::Tenant},
};

impl World {
    /// The administrator of a second tenant on the same server.
    pub async fn stranger(&self) -> Caller {
        let app = &self.running.app;
        let mut ids = Ids(&app.clock);
        let tenant = Tenant {
            tenant: TenantId::new(&mut ids),
            name: "示例另一单位".to_owned(),
            zone: ZoneOffset::CHINA,
            photos: PhotoPolicy::default(),
        };
        let mut tx = app.store.begin().await.unwrap();
        tenants::add(&mut tx, &tenant, EpochId::new(&mut ids), app.clock.now())
            .await
            .unwrap();
        let person = PersonRow {
            tenant: tenant.tenant,
            user: UserId::new(&mut ids),
            name: "示例外人".to_owned(),
            login: Some("stranger".to_owned()),
            role: Role::Administrator,
            grants: vec!["*".to_owned()],
            password: Some(password::hash(PASSWORD.to_owned()).await.unwrap()),
            authz_version: 1,
            revoked_at: None,
        };
        people::add(&mut tx, &person, app.clock.now())
            .await
            .unwrap();
        store::commit(tx).await.unwrap();
        self.nobody()
            .enter(
                "/api/v1/session",
                json!({ "login": "stranger", "password": PASSWORD }),
            )
            .await
    }
}

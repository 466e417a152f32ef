//! Exports are large: only some are made or sent at the same time, and whoever comes too many is told when to come again.

use crate::world::{World, problem, record, tus::header};

#[tokio::test(flavor = "multi_thread")]
async fn too_many_exports_wait_and_are_then_told_to_come_again() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    device.push(&world, 1, &[device.sealed(id)]).await;
    let path = format!("/api/v1/export/{id}.zip");
    let exports = &world.running.app.fixed.exports;
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(exports.turn().await.unwrap());
    }
    let refused = admin.get(&path).await;
    assert!(header(&refused, "retry-after") >= 1);
    let refused = problem(refused).await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (503, "export_busy")
    );

    let waiting = {
        let (admin, path) = (admin.clone(), path.clone());
        tokio::spawn(async move { admin.get(&path).await.status().as_u16() })
    };
    turns.pop();
    assert_eq!(waiting.await.unwrap(), 200);
    drop(turns);
    // Each gives its turn back, whether or not somebody takes all of it.
    for _ in 0..6 {
        let export = admin.get(&path).await;
        assert_eq!(export.status(), 200);
        drop(export);
    }
}

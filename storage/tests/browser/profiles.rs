//! Who uses this browser, as remembered between starts, and what the browser says about keeping data.

use crate::parts::new_profile;
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_storage::{Profile, persist};

#[wasm_bindgen_test]
async fn the_last_person_is_current() {
    let (one, two) = (new_profile(), new_profile());
    assert!(one.make_current() && two.make_current() && one.make_current());
    assert_eq!(Profile::current().await, Some(one));
    assert_ne!(one.database_name(), two.database_name());
}

#[wasm_bindgen_test]
fn a_database_says_whose_it_is() {
    let one = new_profile();
    let name = one.database_name();
    assert_eq!(Profile::of_database(&name), Some(one));
    for foreign in [
        "",
        "zhicha-",
        "zhicha-profiles",
        &name[..name.len() - 1],
        &format!("{name}0"),
        &name.replace("zhicha", "other"),
    ] {
        assert_eq!(Profile::of_database(foreign), None, "{foreign}");
    }
}

#[wasm_bindgen_test]
async fn the_browser_answers_about_keeping_data() {
    assert!(persist::persisted().await.is_some());
    let estimate = persist::estimate().await.expect("Chromium tells");
    assert!(estimate.quota > 0.0 && estimate.usage >= 0.0);
}

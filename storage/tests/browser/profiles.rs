//! Who uses this browser, as remembered between starts, and what the browser says about keeping data.

use crate::parts::new_profile;
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_storage::{Profile, persist};

#[wasm_bindgen_test]
fn the_last_person_is_current_and_nobody_is_forgotten() {
    let (one, two) = (new_profile(), new_profile());
    assert!(one.make_current() && two.make_current() && one.make_current());
    assert_eq!(Profile::current(), Some(one));
    let all = Profile::all();
    assert_eq!(all[all.len() - 2..], [one, two]);
    Profile::forget_current();
    assert_eq!(Profile::current(), None);
    assert_eq!(Profile::all(), all);
    assert_ne!(one.database_name(), two.database_name());
}

#[wasm_bindgen_test]
async fn the_browser_answers_about_keeping_data() {
    assert!(persist::persisted().await.is_some());
    let estimate = persist::estimate().await.expect("Chromium tells");
    assert!(estimate.quota > 0.0 && estimate.usage >= 0.0);
}

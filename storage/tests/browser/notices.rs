//! Notices between tabs.

use crate::parts::script;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_storage::channel::{Notice, listen, post};

#[wasm_bindgen_test]
async fn a_tab_hears_the_others_and_not_itself() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let listener = listen({
        let heard = Rc::clone(&heard);
        move |notice| {
            heard.borrow_mut().push(notice);
            if notice == Notice::Records {
                post(Notice::Device);
            }
        }
    });
    // Another object on the same channel is what another tab is. It ends when it has our answer.
    let other = "
        const other = new BroadcastChannel('zhicha');
        const answer = new Promise((ok) => { other.onmessage = (e) => ok(e.data); });
        for (const word of ['drafts', 'nonsense', 'records']) other.postMessage(word);
        const word = await answer;
        other.close();
        return word;";
    assert_eq!(
        script(other, &[]).await.as_string().as_deref(),
        Some("device")
    );
    assert_eq!(*heard.borrow(), [Notice::Drafts, Notice::Records]);
    drop(listener);
}

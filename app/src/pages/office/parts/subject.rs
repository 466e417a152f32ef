//! A dialog that is open exactly while it has a subject.

use crate::signal::RwSignal;
use crate::view::effect;

/// The signal for the dialog: true while `subject` is given; closing the dialog takes the subject away.
pub fn open_with<T: Send + Sync + 'static>(subject: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    // Each writes only what differs, or the two would wake each other for ever.
    effect(move || {
        let wanted = subject.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    effect(move || {
        if !open.get() && subject.with_untracked(Option::is_some) {
            subject.set(None);
        }
    });
    open
}

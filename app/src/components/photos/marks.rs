//! Marks on a photo: arrows, boxes, words, and parts that are made unrecognisable. They are drawn over the working copy and saved
//! as a copy of their own.

use crate::{
    components::{Button, ButtonKind, Dialog, Icon, dialog::follow},
    draft::marks::{Drawing, Sketch, TEXT_MOST, spot},
    platform::{
        board::{Board, Finger, HtmlCanvasElement, PointerEvent, finger},
        dom,
    },
    signal::RwSignal,
    state::draft::{
        OpenDraft,
        album::{Album, Trouble, album},
    },
    view::{Node, effect, view},
    words::{Words, counted, store_error, t, t_string, use_i18n},
};
use leptos::{html, prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    id::EvidenceId,
    inspection::{
        drawn::{Spot, Tool},
        evidence::Role,
    },
    store::StoreError,
};

const TOOLS: [Tool; 4] = [Tool::Arrow, Tool::Box, Tool::Text, Tool::Blur];

/// The sheet in which a photo of a draft is marked. What is not saved is not left without a question.
#[component]
pub fn MarkSheet(
    /// The draft.
    draft: OpenDraft,
    /// The photo.
    id: EvidenceId,
    /// Id, unique in the page.
    #[prop(name = "name")]
    name: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let node = NodeRef::<html::Dialog>::new();
    follow(node, open);
    let sketch = RwSignal::new(Sketch::default());
    let asking = RwSignal::new(false);
    let leave = move || match sketch.with_untracked(Sketch::is_changed) {
        true => asking.set(true),
        false => open.set(false),
    };
    let escape = move |event: dom::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            leave();
        }
    };
    // The way back of a phone closes it whatever we say; what was drawn is still there.
    let closed = move |_| {
        let changed = sketch.with_untracked(Sketch::is_changed);
        match node
            .get_untracked()
            .filter(|_| changed && open.get_untracked())
        {
            Some(dialog) => {
                dom::show_modal(&dialog);
                asking.set(true);
            }
            None => open.set(false),
        }
    };
    let discard = Callback::new(move |()| {
        asking.set(false);
        sketch.set(Sketch::default());
        open.set(false);
    });
    let count = move || match sketch.with(|sketch| sketch.marks().len()) {
        0 => String::new(),
        count => counted!(i18n, evidence.marks.count, count = count),
    };
    let (title_id, field) = (format!("{name}-title"), format!("{name}-words"));
    view! {
        <dialog class="sheet marks" id=name.clone() node_ref=node aria-labelledby=title_id.clone()
            on:keydown=escape on:close=closed>
            <div class="top-row">
                <div><h2 id=title_id>{t!(i18n, evidence.marks.title)}</h2></div>
                <p class="quiet" role="status">{count}</p>
                <button class="icon" type="button" on:click=move |_| leave() aria-label=t!(i18n, common.action.cancel)>
                    <Icon name="cross" />
                </button>
            </div>
            {move || open.get().then(|| view! { <Marker draft=draft id=id field=field.clone() open=open sketch=sketch /> })}
        </dialog>
        <Dialog open=asking id=format!("{name}-leave") title=t!(i18n, evidence.marks.leave.ask)>
            <p>{t!(i18n, evidence.marks.leave.hint)}</p>
            <div class="row">
                <Button label=t!(i18n, evidence.marks.leave.no) on_press=Callback::new(move |()| asking.set(false)) />
                <Button kind=ButtonKind::Warn label=t!(i18n, evidence.marks.leave.yes) on_press=discard />
            </div>
        </Dialog>
    }
}

// What stands above the buttons.
#[derive(Clone, PartialEq)]
enum Say {
    Nothing,
    Unplaced,
    Failed(Trouble),
    Closed(Trouble),
}

// The picture and what is done to it; a handle.
#[derive(Clone, Copy)]
struct Desk {
    album: Album,
    id: EvidenceId,
    sketch: RwSignal<Sketch>,
    tool: RwSignal<Tool>,
    words: RwSignal<String>,
    say: RwSignal<Say>,
    busy: RwSignal<bool>,
    size: RwSignal<Option<(u32, u32)>>,
    stamp: RwSignal<Vec<String>>,
    board: StoredValue<Option<Rc<Board>>, LocalStorage>,
    finger: StoredValue<Option<i32>>,
}

impl Desk {
    fn open(self) {
        spawn_local(async move {
            let opened = async {
                let stamp = self.album.stamp_of(self.id).await?;
                let picture = self.album.unmarked(self.id).await?;
                let board = Board::open(&picture).await.map_err(Trouble::Bytes)?;
                Ok((stamp, board))
            };
            match opened.await {
                Ok((stamp, board)) => {
                    let size = board.size();
                    // Left meanwhile: the board goes with this future.
                    self.board.try_set_value(Some(Rc::new(board)));
                    self.stamp.try_set(stamp);
                    self.size.try_set(Some(size));
                }
                Err(why) => {
                    self.say.try_set(Say::Closed(why));
                }
            }
        });
    }

    fn show(self, canvas: &HtmlCanvasElement) {
        let drawing = self.stamp.with(|stamp| {
            let marks = self.sketch.with(Sketch::seen);
            Drawing::of(&marks, stamp).json()
        });
        let Some(board) = self.board.get_value() else {
            return;
        };
        let taken = board.take(canvas);
        spawn_local(async move {
            let shown = match taken {
                Ok(()) => board.show(drawing).await,
                Err(why) => Err(why),
            };
            if let Err(why) = shown {
                self.say.try_set(Say::Closed(Trouble::Bytes(why)));
            }
        });
    }

    fn spot(self, finger: &Finger) -> Spot {
        let (width, height) = self.size.get_untracked().unwrap_or((1, 1));
        let size = (f64::from(width), f64::from(height));
        spot(finger.corner, finger.frame, size, finger.at)
    }

    fn down(self, event: &PointerEvent, field: &str) {
        if self.busy.get_untracked() {
            return;
        }
        let finger = finger(event, true);
        let (tool, at) = (self.tool.get_untracked(), self.spot(&finger));
        let words = self.words.get_untracked();
        if self
            .sketch
            .try_update(|sketch| sketch.begin(tool, at, &words))
            == Some(true)
        {
            self.say.set(Say::Nothing);
            self.finger.set_value(Some(finger.id));
        } else if tool == Tool::Text {
            dom::focus(field);
        }
    }

    fn drag(self, event: &PointerEvent) -> bool {
        let finger = finger(event, false);
        let ours = self.finger.get_value() == Some(finger.id);
        if ours {
            let to = self.spot(&finger);
            self.sketch.update(|sketch| sketch.drag(to));
        }
        ours
    }

    fn up(self, event: &PointerEvent) {
        if !self.drag(event) {
            return;
        }
        self.finger.set_value(None);
        let made = self.sketch.try_update(Sketch::finish) == Some(true);
        if made && self.tool.get_untracked() == Tool::Text {
            self.words.set(String::new());
        }
    }

    fn give_up(self) {
        self.finger.set_value(None);
        self.sketch.update(Sketch::give_up);
    }

    fn save(self, open: RwSignal<bool>) {
        let unplaced = self.words.with_untracked(|words| !words.trim().is_empty());
        if unplaced && self.tool.get_untracked() == Tool::Text {
            return self.say.set(Say::Unplaced);
        }
        self.say.set(Say::Nothing);
        self.busy.set(true);
        let marks = self.sketch.with_untracked(|sketch| sketch.marks().to_vec());
        spawn_local(async move {
            let saved = self.album.mark(self.id, marks).await;
            self.busy.try_set(false);
            match saved {
                Ok(()) => {
                    self.sketch.try_set(Sketch::default());
                    open.try_set(false);
                }
                Err(why) => {
                    self.say.try_set(Say::Failed(why));
                }
            }
        });
    }
}

#[component]
fn Marker(
    draft: OpenDraft,
    id: EvidenceId,
    field: String,
    open: RwSignal<bool>,
    sketch: RwSignal<Sketch>,
) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let row = album.shot(id).map(|shot| shot.row);
    // A stamp that failed can be drawn again without a new mark.
    let unstamped = row
        .as_ref()
        .is_some_and(|row| row.drawn.stamp && row.part(Role::Marked).is_none());
    let caption = row
        .as_ref()
        .map(|row| row.text.trim().to_owned())
        .unwrap_or_default();
    sketch.set(Sketch::of(
        row.map(|row| row.drawn.marks).unwrap_or_default(),
    ));
    let desk = Desk {
        album,
        id,
        sketch,
        tool: RwSignal::new(Tool::Arrow),
        words: RwSignal::new(String::new()),
        say: RwSignal::new(Say::Nothing),
        busy: RwSignal::new(false),
        size: RwSignal::new(None),
        stamp: RwSignal::new(Vec::new()),
        board: StoredValue::new_local(None),
        finger: StoredValue::new(None),
    };
    desk.open();
    let ready = move || desk.size.with(Option::is_some) && !desk.busy.get();
    let can_save = Signal::derive(move || {
        ready() && sketch.with(|sketch| !sketch.is_drawing() && (unstamped || sketch.is_changed()))
    });
    let can_undo = Signal::derive(move || ready() && sketch.with(Sketch::can_undo));
    let can_clear = Signal::derive(move || ready() && sketch.with(|s| !s.marks().is_empty()));
    let save_word = move || {
        let removes = sketch.with(|sketch| sketch.had_marks() && sketch.marks().is_empty());
        match (desk.busy.get(), removes) {
            (true, _) => t_string!(i18n, evidence.marks.saving),
            (false, true) => t_string!(i18n, evidence.marks.remove),
            (false, false) => t_string!(i18n, evidence.marks.save),
        }
    };
    let undo = Callback::new(move |()| sketch.update(Sketch::undo));
    let clear = Callback::new(move |()| sketch.update(Sketch::clear));
    let save = Callback::new(move |()| desk.save(open));
    view! {
        <div class="marker" aria-busy=move || desk.busy.get().to_string()>
            <Stage desk=desk caption=caption field=field.clone() />
            <fieldset class="stack" disabled=move || !ready()>
                <Tools desk=desk field=field />
                {move || said(i18n, &desk.say.get()).map(|(tone, title, words)| view! {
                    <p class="said" data-tone=tone role="alert">{(!title.is_empty()).then(|| view! { <b>{title}</b><br /> })}{words}</p>
                })}
                <div class="row">
                    <Button fit=true label=t!(i18n, evidence.marks.undo) disabled=Signal::derive(move || !can_undo.get()) on_press=undo />
                    <Button fit=true label=t!(i18n, evidence.marks.clear) disabled=Signal::derive(move || !can_clear.get()) on_press=clear />
                    <Button kind=ButtonKind::Main label=save_word disabled=Signal::derive(move || !can_save.get()) on_press=save />
                </div>
            </fieldset>
        </div>
    }
}

#[component]
fn Stage(desk: Desk, caption: String, field: String) -> Node {
    let i18n = use_i18n();
    let canvas = NodeRef::<html::Canvas>::new();
    effect(move || {
        if let Some(canvas) = canvas.get() {
            desk.show(&canvas);
        }
    });
    let label = move || match caption.as_str() {
        "" => t_string!(i18n, evidence.marks.picture).to_owned(),
        caption => caption.to_owned(),
    };
    let (label, field) = (StoredValue::new(label), StoredValue::new(field));
    let picture = move |(width, height): (u32, u32)| {
        view! {
            <canvas node_ref=canvas width=width height=height role="img" aria-label=move || label.with_value(|label| label())
                on:pointerdown=move |event| field.with_value(|field| desk.down(&event, field))
                on:pointermove=move |event| { desk.drag(&event); }
                on:pointerup=move |event| desk.up(&event)
                on:pointercancel=move |_| desk.give_up()></canvas>
        }
    };
    let waiting = move || {
        let opening = desk.say.with(|say| !matches!(say, Say::Closed(_)));
        opening.then(|| view! { <p role="status">{t!(i18n, evidence.marks.opening)}</p> })
    };
    view! {
        <div class="stage">{move || match desk.size.get() {
            Some(size) => picture(size),
            None => Node::live(waiting),
        }}</div>
    }
}

#[component]
fn Tools(desk: Desk, field: String) -> Node {
    let i18n = use_i18n();
    let word = move |tool| match tool {
        Tool::Arrow => t_string!(i18n, evidence.marks.arrow),
        Tool::Box => t_string!(i18n, evidence.marks.frame),
        Tool::Text => t_string!(i18n, evidence.marks.text),
        Tool::Blur => t_string!(i18n, evidence.marks.blur),
    };
    let hint = move || match desk.tool.get() {
        Tool::Arrow => t_string!(i18n, evidence.marks.hint.arrow),
        Tool::Box => t_string!(i18n, evidence.marks.hint.frame),
        Tool::Text => t_string!(i18n, evidence.marks.hint.text),
        Tool::Blur => t_string!(i18n, evidence.marks.hint.blur),
    };
    let group = StoredValue::new(format!("{field}-tool"));
    let field = StoredValue::new(field);
    let choice = move |tool: Tool| {
        view! {
            <label><input type="radio" name=group.get_value() prop:checked=move || desk.tool.get() == tool on:change=move |_| desk.tool.set(tool) />
                <span>{move || word(tool)}</span></label>
        }
    };
    let words = move |event: dom::Event| {
        desk.words.set(event_target_value(&event));
        desk.say.set(Say::Nothing);
    };
    view! {
        <div class="seg tools" role="radiogroup" aria-label=t!(i18n, evidence.marks.tools)>{TOOLS.map(choice).into_iter().collect::<Vec<_>>()}</div>
        {move || (desk.tool.get() == Tool::Text).then(|| view! {
            <input class="in" id=field.get_value() aria-label=t!(i18n, evidence.marks.words) placeholder=t!(i18n, evidence.marks.words) maxlength=TEXT_MOST autocomplete="off"
                prop:value=move || desk.words.get() on:input=words />
        })}
        <p class="quiet">{hint}</p>
    }
}

// Tone, what happened, and what to do.
fn said(i18n: Words, say: &Say) -> Option<(&'static str, &'static str, String)> {
    let failed = |words: String| {
        let title = t_string!(i18n, evidence.marks.failed.title);
        Some(("fail", title, words))
    };
    match say {
        Say::Nothing => None,
        Say::Unplaced => {
            let words = t_string!(i18n, evidence.marks.unplaced).to_owned();
            Some(("warn", "", words))
        }
        Say::Failed(Trouble::Store(StoreError::Quota)) => {
            failed(t_string!(i18n, evidence.marks.failed.quota).to_owned())
        }
        Say::Failed(Trouble::Store(error)) => failed(store_error(i18n, error).to_owned()),
        Say::Failed(Trouble::Bytes(error)) => {
            let why = error.words.clone();
            failed(t_string!(i18n, evidence.marks.failed.other, why = why))
        }
        Say::Closed(why) => {
            let why = match why {
                Trouble::Store(error) => store_error(i18n, error).to_owned(),
                Trouble::Bytes(error) => error.words.clone(),
            };
            let title = t_string!(i18n, evidence.marks.failed.closed);
            let words = t_string!(i18n, evidence.marks.failed.open, why = why);
            Some(("fail", title, words))
        }
    }
}

//! One generated inspection: filled in as a person would, in the order of the walk, then sealed.

use super::{Known, filled};
use std::{cell::RefCell, collections::BTreeMap};
use zhicha_core::{
    answer::AnswerValue,
    checklist::{Gate, ItemState, Loaded, Row, Shared, View},
    inspection::{
        ChecklistAnswers, Draft, DraftAnswer, RecordedAnswer, Sealed, Visit,
        combined::counted_in_each,
        seal::{obstacles, seal, unchecked},
    },
};

/// What is answered otherwise than usual: by the position of the checklist and the id there.
pub type Wishes = BTreeMap<(usize, String), AnswerValue>;

type Given = BTreeMap<(usize, String, String), AnswerValue>;

/// An inspection with one checklist or several.
pub struct Inspection<'a> {
    lists: Vec<&'a Known>,
    loaded: Vec<Loaded>,
    shared: Shared,
    wishes: Wishes,
    /// The one instance in which the wishes hold, where not in all.
    only: Option<&'a str>,
    draft: Draft,
    given: RefCell<Given>,
}

impl<'a> Inspection<'a> {
    /// Nothing is answered yet; repeated sections have two instances.
    pub fn new(lists: Vec<&'a Known>, wishes: Wishes) -> Self {
        let loaded: Vec<Loaded> = lists.iter().map(|list| list.loaded.clone()).collect();
        let shared = Shared::of(loaded.iter().map(|list| &list.checklist));
        let draft = filled::draft(&loaded);
        let given = RefCell::default();
        Self {
            lists,
            loaded,
            shared,
            wishes,
            only: None,
            draft,
            given,
        }
    }

    /// Another number of instances for every repeated section, as far as it takes so many.
    pub fn instances(mut self, number: u16) -> Self {
        for list in &self.loaded {
            let sections = list.checklist.sections.iter();
            for (section, repeat) in sections.filter_map(|s| Some((s, s.repeat.as_ref()?))) {
                let key = Draft::instances_key(&list.digest, &section.id);
                self.draft.instances.insert(key, number.min(repeat.max));
            }
        }
        self
    }

    /// The wishes hold in one instance only; elsewhere answers are the usual ones.
    pub fn only_in(mut self, instance: &'a str) -> Self {
        self.only = Some(instance);
        self
    }

    /// Answers everything that is asked. Only earlier items decide what is asked, so that one round answers a checklist;
    /// what another checklist asks may need more of them.
    pub fn fill(self) -> Self {
        loop {
            let before = self.given.borrow().len();
            (0..self.lists.len()).for_each(|at| self.round(at));
            if self.given.borrow().len() == before {
                return self;
            }
        }
    }

    fn round(&self, at: usize) {
        for section in self.lists[at].sections() {
            if let Some(gate) = &section.gate {
                self.ask(at, &gate.id, "");
            }
            let number = match section.repeat {
                Some(_) => self.number(at, &section.id),
                None => 0,
            };
            let places = (1..=number).map(|n| n.to_string());
            let places = match section.repeat {
                Some(_) => places.collect(),
                None => vec![String::new()],
            };
            for place in &places {
                for item in &section.items {
                    self.ask(at, &item.id, place);
                }
            }
        }
    }

    fn number(&self, at: usize, section: &str) -> u16 {
        let digest = &self.loaded[at].digest;
        self.draft.instances_of(digest, section)
    }

    fn ask(&self, at: usize, id: &str, place: &str) {
        // Asked where it has its home.
        if self.shared.home(at, id).is_some() || self.answer(at, id, place).is_some() {
            return;
        }
        if self.row(at, id, place).state == ItemState::Shown {
            let value = self.value(at, id, place);
            let key = (at, id.to_owned(), place.to_owned());
            self.given.borrow_mut().insert(key, value);
        }
    }

    fn value(&self, at: usize, id: &str, place: &str) -> AnswerValue {
        let here = self
            .only
            .is_none_or(|only| place.is_empty() || only == place);
        let copies = self.shared.copies(at, id).cloned();
        let mut places = [(at, id.to_owned())].into_iter().chain(copies);
        let wish = places
            .find_map(|place| self.wishes.get(&place))
            .filter(|_| here);
        let usual = || filled::value_for(&self.loaded[at], id, &AnswerValue::Pass, Gate::YES);
        wish.cloned().unwrap_or_else(usual)
    }

    fn answer(&self, at: usize, id: &str, place: &str) -> Option<AnswerValue> {
        let (at, id) = match self.shared.home(at, id) {
            Some((home, there)) => (*home, there.as_str()),
            None => (at, id),
        };
        let key = (at, id.to_owned(), place.to_owned());
        self.given.borrow().get(&key).cloned()
    }

    fn view<T>(&self, at: usize, look: impl FnOnce(View<'_>) -> T) -> T {
        look(View {
            checklist: &self.loaded[at].checklist,
            index: &self.lists[at].index,
            answer: &|id, place| self.answer(at, id, place),
        })
    }

    /// The line of an item or gate.
    pub fn row(&self, at: usize, id: &str, place: &str) -> Row {
        self.view(at, |view| view.row(id, place)).unwrap()
    }

    /// The answers of a checklist in the order in which it is written, those included that are asked elsewhere. Counted
    /// here by itself, not by the engine's walk.
    fn expected(&self, at: usize) -> Vec<(String, String, AnswerValue)> {
        let mut all = Vec::new();
        let mut add = |id: &str, place: &str| {
            let shown = self.row(at, id, place).state == ItemState::Shown;
            let answer = self.answer(at, id, place).filter(|_| shown);
            all.extend(answer.map(|value| (id.to_owned(), place.to_owned(), value)));
        };
        for section in self.lists[at].sections() {
            if let Some(gate) = &section.gate {
                add(&gate.id, "");
            }
            let places: Vec<String> = match section.repeat {
                None => vec![String::new()],
                Some(_) => {
                    let number = self.number(at, &section.id);
                    (1..=number).map(|n| n.to_string()).collect()
                }
            };
            for place in &places {
                section.items.iter().for_each(|item| add(&item.id, place));
            }
        }
        all
    }

    fn answers(&self) -> Vec<DraftAnswer> {
        let given = self.given.borrow();
        let all = given.iter().map(|((at, id, place), value)| {
            filled::answer(&self.loaded[*at], id, place, value.clone())
        });
        all.collect()
    }

    /// How many answers were given to an item, over all checklists and instances.
    pub fn asked(&self, at: usize, id: &str) -> usize {
        let given = self.given.borrow();
        let here = |key: &&(usize, String, String)| key.0 == at && key.1 == id;
        given.keys().filter(here).count()
    }

    /// What nobody looked at.
    pub fn unchecked(&self) -> usize {
        unchecked(&self.draft, &self.answers(), &self.loaded)
    }

    /// The sealed body of a complete inspection: all that was asked is answered with what fits, recorded in the order of the
    /// checklist, and each failed answer is one hazard.
    #[track_caller]
    pub fn sealed(&self, why: &str) -> Sealed {
        let answers = self.answers();
        let open = unchecked(&self.draft, &answers, &self.loaded);
        assert_eq!(open, 0, "{why}: unchecked");
        assert_eq!(obstacles(&self.draft, &self.loaded, open), [], "{why}");
        let body = self.body();
        assert_eq!(body.outcome.visit, Visit::Completed, "{why}");
        for (at, group) in self.counted(&body).iter().enumerate() {
            assert_eq!(group.checklist, self.loaded[at].digest, "{why}");
            let one = |a: &RecordedAnswer| (a.item.clone(), a.instance.clone(), a.value.clone());
            let recorded: Vec<_> = group.answers.iter().map(one).collect();
            assert_eq!(recorded, self.expected(at), "{why}: the record of {at}");
            for answer in &group.answers {
                let item = self.lists[at].item(&answer.item);
                let fits = item.map_or(Ok(()), |item| answer.value.check(&item.answer));
                assert_eq!(fits, Ok(()), "{why}: {}", answer.item);
            }
        }
        let fails = answers.iter().filter(|a| a.value == AnswerValue::Fail);
        let mut wanted: Vec<_> = fails.map(|a| &a.key).collect();
        let mut raised: Vec<_> = body.hazards.iter().map(|h| &h.key).collect();
        wanted.sort();
        raised.sort();
        assert_eq!(raised, wanted, "{why}: a hazard for each failed answer");
        body
    }

    /// The answers of a body, counted in each checklist that they belong to.
    pub fn counted(&self, body: &Sealed) -> Vec<ChecklistAnswers> {
        counted_in_each(&body.answers, &self.loaded.iter().collect::<Vec<_>>())
    }

    /// The body, whatever is open.
    pub fn body(&self) -> Sealed {
        seal(
            &self.draft,
            &self.answers(),
            &self.loaded,
            &filled::moment(),
        )
    }
}

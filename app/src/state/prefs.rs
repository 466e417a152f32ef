//! Theme and language: choices of this device, kept in localStorage where `early.js` finds them.

use crate::signal::RwSignal;
use crate::view::effect;
use crate::{
    platform::{dom, kept},
    words::{Locale, tag},
};
use leptos::prelude::expect_context;

const THEME: &str = "zhicha.theme";
const LANGUAGE: &str = "zhicha.lang";

/// The colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    System,
    /// 浅色.
    Light,
    /// 深色.
    Dark,
    /// 户外: high contrast for sunlight.
    Outdoor,
}

impl Theme {
    /// All themes in the order of the choice.
    pub const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::Outdoor];

    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
            Self::Outdoor => Some("outdoor"),
        }
    }
}

/// The choices of this device.
#[derive(Clone, Copy, Debug)]
pub struct Prefs {
    /// Colours.
    pub theme: RwSignal<Theme>,
    /// Language.
    pub locale: RwSignal<Locale>,
}

impl Prefs {
    /// Reads what is kept; keeps the document in step from now on.
    pub fn load() -> Self {
        let kept_theme = kept::get(THEME);
        let theme = Theme::ALL
            .into_iter()
            .find(|t| t.attribute() == kept_theme.as_deref())
            .unwrap_or(Theme::System);
        let language = kept::get(LANGUAGE).unwrap_or_else(dom::browser_language);
        let locale = if language.starts_with("zh") {
            Locale::zh
        } else {
            Locale::en
        };
        let prefs = Self {
            theme: RwSignal::new(theme),
            locale: RwSignal::new(locale),
        };
        effect(move || dom::set_language(tag(prefs.locale.get())));
        effect(move || dom::set_theme(prefs.theme.get().attribute()));
        prefs
    }

    /// Chooses the colours.
    pub fn set_theme(self, theme: Theme) {
        kept::set(THEME, theme.attribute());
        self.theme.set(theme);
    }

    /// Chooses the language. Views change in place; nothing that was typed is lost.
    pub fn set_locale(self, locale: Locale) {
        kept::set(LANGUAGE, Some(tag(locale)));
        self.locale.set(locale);
    }
}

/// The choices of this device.
pub fn use_prefs() -> Prefs {
    expect_context()
}

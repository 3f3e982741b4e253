//! Lines from a terminal: an editor with a prompt, completion and a history.

use super::completing::Completing;
use super::past::Past;
use super::{Lines, Typed};
use crate::cli::arguments::Shared;
use crate::cli::screen;
use crate::report::Stream;
use crate::run::store::StateRoot;
use crate::script::completion::Names;
use crate::script::unfinished::wants_more;
use reedline::{
    Color, DefaultHinter, Emacs, IdeMenu, KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode,
    PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal, SimpleMatchHighlighter, ValidationResult,
    Validator, default_emacs_keybindings,
};
use std::borrow::Cow;
use std::sync::{Arc, Mutex};

const MENU: &str = "completions";

pub(super) struct Keyboard {
    editor: Reedline,
}

impl Keyboard {
    pub(super) fn new(shared: &Shared, root: &StateRoot, names: Arc<Mutex<Names>>) -> Self {
        let colour = Stream::stderr(shared.colour()).colour;
        let mut keys = default_emacs_keybindings();
        let tab = vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext];
        keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, ReedlineEvent::UntilFound(tab));
        keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
        let menu = Box::new(IdeMenu::default().with_name(MENU).with_marker("").with_max_completion_height(10));
        let mut editor = Reedline::create()
            .with_ansi_colors(colour)
            .use_bracketed_paste(true)
            .with_highlighter(Box::<SimpleMatchHighlighter>::default())
            .with_validator(Box::new(Whole))
            .with_completer(Box::new(Completing::new(names)))
            .with_partial_completions(true)
            .with_quick_completions(true)
            .with_menu(ReedlineMenu::EngineCompleter(menu))
            .with_edit_mode(Box::new(Emacs::new(keys)));
        if colour {
            editor = editor.with_hinter(Box::<DefaultHinter>::default());
        }
        editor = match Past::open(root) {
            Ok(past) => editor.with_history(Box::new(past)),
            Err(why) => {
                screen::note(&format!("what is typed here is not kept for another time: {why}"));
                editor
            }
        };
        Self { editor }
    }
}

impl Lines for Keyboard {
    fn next(&mut self, prompt: &str) -> Typed {
        loop {
            match self.editor.read_line(&Shown(prompt)) {
                Ok(Signal::Success(text)) if text.trim().is_empty() => {}
                Ok(Signal::Success(text)) => return Typed::Text(text),
                Ok(Signal::CtrlC) => return Typed::Dropped,
                Ok(Signal::CtrlD) => return Typed::End,
                Ok(_) => {}
                // Read again, it would fail again, for ever.
                Err(why) => {
                    screen::note(&format!("the terminal cannot be read any more: {why}"));
                    return Typed::End;
                }
            }
        }
    }
}

/// Enter ends a text once it is whole; before that, it begins the next line of it.
struct Whole;

impl Validator for Whole {
    fn validate(&self, text: &str) -> ValidationResult {
        let whole = text.trim_start().starts_with(':') || !wants_more(text);
        if whole { ValidationResult::Complete } else { ValidationResult::Incomplete }
    }
}

struct Shown<'a>(&'a str);

impl Prompt for Shown<'_> {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("::: ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("(history: {}) ", search.term))
    }

    /// Where a line can change things, the prompt says so in red.
    fn get_prompt_color(&self) -> Color {
        if self.0.contains(super::desk::READ_ONLY) { Color::Default } else { Color::LightRed }
    }
}

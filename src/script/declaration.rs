//! Reads `const PARAMS = #{ name: #{ kind: "…", help: "…", optional: true, value: … } }` from the syntax tree, so that
//! everything wrong with it has its place.

use super::kinds::Kind;
use super::params::Declared;
use super::problem::Problem;
use super::source::SourceFile;
use super::tree;
use crate::suggestion::did_you_mean_name;
use rhai::{AST, ASTFlags, Expr, Ident, Position, Stmt};
use serde_json::Value;

const KEYS: [&str; 6] = ["kind", "help", "of", "optional", "or", "value"];

/// Flags of krun itself: a parameter of the same name could not be given.
const TAKEN: [&str; 12] =
    ["accept", "answer", "cluster", "color", "config", "edited", "help", "json", "state", "version", "wait", "yes"];

/// The name of the constant.
pub(super) const NAME: &str = "PARAMS";

pub(super) fn read(ast: &AST, file: &SourceFile) -> (Vec<Declared>, Vec<Problem>) {
    let mut reader = Reader { file, problems: Vec::new() };
    let declared = match find(ast) {
        Some((value, flags, position)) => {
            if !flags.contains(ASTFlags::CONSTANT) {
                let problem = Problem::error("PARAMS_NOT_CONST", "`PARAMS` must be a `const`");
                reader.report(problem.hint("write `const PARAMS = #{ … };`"), position, "declared here");
            }
            reader.all(value)
        }
        None => Vec::new(),
    };
    (declared, reader.problems)
}

fn find(ast: &AST) -> Option<(&Expr, ASTFlags, Position)> {
    ast.statements().iter().find_map(|stmt| match stmt {
        Stmt::Var(parts, flags, _) if parts.0.name == NAME => Some((&parts.1, *flags, parts.0.pos)),
        _ => None,
    })
}

struct Reader<'a> {
    file: &'a SourceFile,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, problem: Problem, position: Position, label: &str) {
        self.problems.push(problem.at(self.file, position, label));
    }

    fn all(&mut self, value: &Expr) -> Vec<Declared> {
        let Expr::Map(map, _) = value else {
            let problem = Problem::error("PARAMS_SHAPE", "`PARAMS` must be a map of parameters, written out");
            let hint =
                "as `const PARAMS = #{ to: #{ kind: \"version\", help: \"Kafka version to run afterwards\" } };`";
            self.report(problem.hint(hint), value.start_position(), "this is no map");
            return Vec::new();
        };
        let mut declared: Vec<Declared> = map.0.iter().filter_map(|(name, value)| self.one(name, value)).collect();
        // Rhai keeps the keys of a literal as written; `--help` shows that order.
        declared.sort_by_key(|param| (param.position.line(), param.position.position()));
        declared
    }

    fn one(&mut self, name: &Ident, value: &Expr) -> Option<Declared> {
        self.check_name(name);
        let Expr::Map(map, _) = value else {
            let problem =
                Problem::error("PARAMS_SHAPE", format!("the parameter `{}` must be a map, written out", name.name));
            let hint = format!("as `{}: #{{ kind: \"string\", help: \"…\" }}`", name.name);
            self.report(problem.hint(hint), value.start_position(), "this is no map");
            return None;
        };
        for (key, _) in &map.0 {
            self.check_key(&name.name, key);
        }
        let field = |wanted: &str| map.0.iter().find(|(key, _)| key.name == wanted).map(|(_, value)| value);
        let kind = self.kind(name, field("kind"))?;
        let help = self.help(name, field("help"));
        let optional = match field("optional") {
            None => false,
            Some(Expr::BoolConstant(optional, _)) => *optional,
            Some(other) => {
                let problem = Problem::error("PARAMS_SHAPE", "`optional` is `true` or `false`");
                self.report(problem, other.start_position(), "neither of them");
                false
            }
        };
        let choices = self.choices(name, kind, field("of"));
        let words = self.words(name, kind, field("or"));
        let (name, position) = (name.name.to_string(), name.pos);
        let mut declared = Declared { name, kind, choices, words, help, optional, default: None, position };
        declared.default = field("value").and_then(|value| self.default(&declared, value));
        Some(declared)
    }

    fn check_name(&mut self, name: &Ident) {
        let text = name.name.as_str();
        let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain {
            let problem = Problem::error("PARAMS_NAME", format!("`{text}` cannot be the name of a parameter"));
            let hint = "use small letters, digits and `_`; `dry_wait` is given as `--dry-wait`";
            self.report(problem.hint(hint), name.pos, "this name");
        } else if TAKEN.contains(&text) {
            let problem = Problem::error("PARAMS_NAME", format!("`--{text}` is a flag of krun itself"));
            self.report(problem.hint("take another name"), name.pos, "this name");
        }
    }

    fn check_key(&mut self, param: &str, key: &Ident) {
        if KEYS.contains(&key.name.as_str()) {
            return;
        }
        let problem =
            Problem::error("PARAMS_KEY", format!("the parameter `{param}` has an unknown key `{}`", key.name));
        let hint = match key.name.as_str() {
            "default" => Some("the default is given as `value: …`".to_owned()),
            "type" => Some("did you mean `kind`?".to_owned()),
            other => did_you_mean_name(other, KEYS),
        };
        let hint = hint.unwrap_or_else(|| format!("it can have {}", KEYS.join(", ")));
        self.report(problem.hint(hint), key.pos, "this key");
    }

    fn kind(&mut self, param: &Ident, value: Option<&Expr>) -> Option<Kind> {
        let known = || Kind::ALL.map(Kind::name);
        let Some(value) = value else {
            let problem = Problem::error("PARAMS_KIND", format!("the parameter `{}` has no kind", param.name));
            self.report(
                problem.hint(format!("add `kind: \"…\"`, one of {}", known().join(", "))),
                param.pos,
                "this one",
            );
            return None;
        };
        let Some(name) = tree::literal(value) else {
            let problem = Problem::error("PARAMS_KIND", "the kind of a parameter must be a literal text");
            self.report(problem.hint(format!("one of {}", known().join(", "))), value.start_position(), "not this");
            return None;
        };
        let kind = Kind::named(name);
        if kind.is_none() {
            let hint =
                did_you_mean_name(name, known()).unwrap_or_else(|| format!("it is one of {}", known().join(", ")));
            let problem = Problem::error("PARAMS_KIND", format!("there is no kind `{name}` of parameters"));
            self.report(problem.hint(hint), value.start_position(), "this kind");
        }
        kind
    }

    /// `of: ["one", "other"]` of a choice.
    fn choices(&mut self, param: &Ident, kind: Kind, value: Option<&Expr>) -> Vec<String> {
        let items = match value {
            Some(Expr::Array(items, _)) => items.iter().map(tree::literal).collect::<Option<Vec<&str>>>(),
            Some(_) => None,
            None => Some(Vec::new()),
        };
        let message = match (kind, items) {
            (Kind::Choice, Some(items)) if !items.is_empty() => return items.into_iter().map(str::to_owned).collect(),
            (Kind::Choice, _) => format!("the choice `{}` does not list what it can be", param.name),
            (_, Some(items)) if items.is_empty() && value.is_none() => return Vec::new(),
            _ => format!("the parameter `{}` is no choice, and lists what it can be", param.name),
        };
        let hint = "a choice is `#{ kind: \"choice\", of: [\"one\", \"other\"], help: \"…\" }`";
        let position = value.map_or(param.pos, Expr::start_position);
        self.report(Problem::error("PARAMS_CHOICES", message).hint(hint), position, "this one");
        Vec::new()
    }

    /// `or: ["auto"]` of a quantity.
    fn words(&mut self, param: &Ident, kind: Kind, value: Option<&Expr>) -> Vec<String> {
        let Some(value) = value else { return Vec::new() };
        let items = match value {
            Expr::Array(items, _) => items.iter().map(tree::literal).collect::<Option<Vec<&str>>>(),
            _ => None,
        };
        let name = &param.name;
        let message = match items {
            _ if !kind.is_quantity() => format!("the parameter `{name}` is no quantity, and has words beside it"),
            Some(items) if !items.is_empty() => match items.iter().find(|word| !is_word(word, kind)) {
                None => return items.into_iter().map(str::to_owned).collect(),
                Some(word) => {
                    format!("`{word}` beside the parameter `{name}` is no plain word, or is itself a {}", kind.name())
                }
            },
            _ => format!("the words beside the parameter `{name}` are no list of texts"),
        };
        let hint = "words stand beside an int, a size, a rate or a duration: `#{ kind: \"rate\", or: [\"auto\"], help: \"…\" }`";
        self.report(Problem::error("PARAMS_WORDS", message).hint(hint), value.start_position(), "these");
        Vec::new()
    }

    fn help(&mut self, param: &Ident, value: Option<&Expr>) -> String {
        let text = value.and_then(tree::literal).unwrap_or_default();
        if text.trim().is_empty() {
            let problem = Problem::warning("PARAMS_HELP", format!("the parameter `{}` has no help", param.name));
            let hint = "add `help: \"…\"`: `krun RUNBOOK --help` shows it";
            self.report(problem.hint(hint), value.map_or(param.pos, Expr::start_position), "this one");
        }
        text.trim().to_owned()
    }

    fn default(&mut self, param: &Declared, value: &Expr) -> Option<Value> {
        let read = match (param.kind, value) {
            (Kind::Int, Expr::IntegerConstant(number, _)) => Ok(Value::from(*number)),
            (Kind::Bool, Expr::BoolConstant(flag, _)) => Ok(Value::from(*flag)),
            (Kind::List, Expr::Array(items, _)) => {
                let texts: Option<Vec<&str>> = items.iter().map(tree::literal).collect();
                texts.map(Value::from).ok_or_else(|| "a list has texts only".to_owned())
            }
            (Kind::Int, Expr::StringConstant(text, _)) if param.words.iter().any(|word| word == text.as_str()) => {
                Ok(Value::from(text.as_str()))
            }
            (Kind::Int | Kind::Bool, _) => Err("it is of another kind".to_owned()),
            (_, Expr::StringConstant(text, _)) => param.parse(text),
            _ => Err("it is no literal text".to_owned()),
        };
        match read {
            Ok(value) => Some(value),
            Err(why) => {
                let problem =
                    Problem::error("PARAMS_VALUE", format!("the default of `{}` does not fit: {why}", param.name));
                let hint = format!("it must be {}", param.example());
                self.report(problem.hint(hint), value.start_position(), "this default");
                None
            }
        }
    }
}

/// As it is typed behind a flag, and nothing that the kind itself reads.
fn is_word(text: &str, kind: Kind) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain) && kind.parse(text).is_err()
}

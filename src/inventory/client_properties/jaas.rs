//! `sasl.jaas.config`: one login module with its options.
//!
//! ```text
//! org.apache.kafka.common.security.plain.PlainLoginModule required username="krun" password="…";
//! ```

use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct LoginModule {
    /// The class, as it is written.
    pub(super) class: String,
    pub(super) options: BTreeMap<String, String>,
}

impl LoginModule {
    /// The error never repeats a value.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = words(text)?.into_iter();
        let Some(Word::Text(class)) = words.next() else { return Err("names no login module".to_owned()) };
        match words.next() {
            Some(Word::Text(flag)) if is_flag(&flag) => {}
            _ => return Err("lacks `required` behind the login module".to_owned()),
        }
        let mut options = BTreeMap::new();
        loop {
            match (words.next(), words.next(), words.next()) {
                (Some(Word::Mark(';')), None, _) => return Ok(Self { class, options }),
                (Some(Word::Mark(';')), ..) => return Err("has more than one login module".to_owned()),
                (Some(Word::Text(name)), Some(Word::Mark('=')), Some(Word::Text(value))) => {
                    options.insert(name, value);
                }
                (None, ..) => return Err("does not end in `;`".to_owned()),
                (Some(Word::Text(name)), Some(Word::Mark('=')), _) => {
                    return Err(format!("has no value for {name}: put it into double quotes"));
                }
                _ => {
                    let after = options.keys().next_back().map_or_else(String::new, |name| format!(" (near {name})"));
                    return Err(format!("is not a list of name=\"value\"{after}"));
                }
            }
        }
    }

    /// The class without its package.
    pub(super) fn name(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or(&self.class)
    }
}

fn is_flag(text: &str) -> bool {
    ["required", "requisite", "sufficient", "optional"].iter().any(|flag| flag.eq_ignore_ascii_case(text))
}

enum Word {
    Text(String),
    Mark(char),
}

/// As Java's `StreamTokenizer`, which Kafka uses for this.
fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => {}
            '=' | ';' => words.push(Word::Mark(letter)),
            '"' | '\'' => words.push(Word::Text(quoted(letter, &mut letters)?)),
            letter => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| !next.is_whitespace() && !"=;\"'".contains(*next)) {
                    word.push(next);
                }
                words.push(Word::Text(word));
            }
        }
    }
    Ok(words)
}

fn quoted(quote: char, letters: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut value = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter == quote => return Ok(value),
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(other) => value.push(other),
                None => break,
            },
            letter => value.push(letter),
        }
    }
    Err("has a quote that does not end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::LoginModule;

    #[test]
    fn a_module_and_its_options() {
        let text = "org.apache.kafka.common.security.scram.ScramLoginModule required\n username=\"krun\" \
                    password=\"a \\\"b\\\\ = ; c\" tokenauth=true;";
        let module = LoginModule::parse(text).expect("well formed");
        assert_eq!(module.name(), "ScramLoginModule");
        let options: Vec<(&str, &str)> =
            module.options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(options, [("password", "a \"b\\ = ; c"), ("tokenauth", "true"), ("username", "krun")]);
        assert_eq!(LoginModule::parse("a.B required;").expect("well formed").options.len(), 0);
        assert_eq!(LoginModule::parse("B Optional u='x';").expect("well formed").options["u"], "x");
    }

    #[test]
    fn what_is_none_is_told_without_its_values() {
        for (text, why) in [
            ("", "names no login module"),
            ("a.B username=\"hunter2\";", "`required`"),
            ("a.B required username=\"hunter2\"", "does not end in `;`"),
            ("a.B required username=\"hunter2;", "quote"),
            ("a.B required username=;", "no value for username"),
            ("a.B required username hunter2;", "not a list"),
            ("a.B required a=\"hunter2\" ; c.D required;", "more than one"),
        ] {
            let said = LoginModule::parse(text).expect_err("refused");
            assert!(said.contains(why), "{text}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}

//! The fenced blocks of a Markdown text, and the commands of a console block.

/// A block that begins with ```` ```language name ````.
pub(super) struct Block {
    pub(super) language: String,
    pub(super) name: String,
    pub(super) text: String,
}

/// `$ line      # exit N`, and the lines shown below it.
#[derive(Debug, PartialEq)]
pub(super) struct Command {
    pub(super) line: String,
    pub(super) exit: i32,
    pub(super) shown: Vec<String>,
}

pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(head) => {
                let (language, name) = head.split_once(' ').unwrap_or((head, ""));
                found.push(Block { language: language.to_owned(), name: name.to_owned(), text: String::new() });
                open = true;
            }
            None if open => {
                if let Some(block) = found.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            None => {}
        }
    }
    assert!(!open, "a block is not closed");
    found
}

pub(super) fn commands(console: &str) -> Vec<Command> {
    let mut found: Vec<Command> = Vec::new();
    for line in console.lines() {
        if let Some(line) = line.strip_prefix("$ ") {
            let (line, exit) = line.split_once(" # exit ").unwrap_or((line, "0"));
            let exit = exit.trim().parse().expect("a number behind `# exit`");
            found.push(Command { line: line.trim().to_owned(), exit, shown: Vec::new() });
        } else {
            found.last_mut().expect("a console block begins with a command").shown.push(line.to_owned());
        }
    }
    found
}

#[test]
fn blocks_and_commands_are_found() {
    let text = "a\n```console\n$ krun x      # exit 2\nkrun: no\n$ krun y\n```\nb\n```rhai k.rhai\nlet x = 1;\n```\n";
    let found = blocks(text);
    let heads: Vec<(&str, &str)> = found.iter().map(|block| (&*block.language, &*block.name)).collect();
    assert_eq!(heads, [("console", ""), ("rhai", "k.rhai")]);
    assert_eq!(found[1].text, "let x = 1;\n");
    assert_eq!(
        commands(&found[0].text),
        [
            Command { line: "krun x".to_owned(), exit: 2, shown: vec!["krun: no".to_owned()] },
            Command { line: "krun y".to_owned(), exit: 0, shown: Vec::new() },
        ]
    );
}

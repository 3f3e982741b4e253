//! The house rules of the source tree, held by reading it. Each rule is shown to fail on a text that breaks it.

mod imports;
mod rules;
mod texts;

use texts::Text;

/// What may stand at the top of the repository, besides dotfiles and the build's own `target`.
const TOP: [&str; 9] =
    ["Cargo.toml", "Cargo.lock", "src", "runbooks", "stdlib", "tests", "README.md", "LICENSE", "CHANGELOG.md"];

#[test]
fn calls_go_one_way() {
    hold(&texts::below("src"), imports::wrong_ways);
}

#[test]
fn only_script_and_bind_know_the_language() {
    hold(&texts::below("src"), |text| rules::names_crate(text, "rhai", &["src/script/", "src/bind/"]));
}

#[test]
fn only_diagnostics_know_how_a_report_is_drawn() {
    hold(&texts::below("src"), |text| rules::names_crate(text, "miette", &["src/script/diagnostic.rs", "src/cli/"]));
}

#[test]
fn only_report_and_cli_print() {
    hold(&texts::below("src"), |text| rules::prints(text, &["src/report/", "src/cli/"]));
}

#[test]
fn only_the_command_line_ends_the_process() {
    hold(&texts::below("src"), |text| rules::ends_the_process(text, &["src/cli/"]));
}

#[test]
fn files_are_short_and_named_for_what_is_in_them() {
    hold(&texts::everything(), rules::too_long);
    hold(&texts::everything(), rules::named_for_nothing);
}

#[test]
fn files_say_what_they_are_for() {
    hold(&texts::everything(), rules::no_header);
}

#[test]
fn nothing_is_left_for_later() {
    hold(&texts::everything(), rules::left_for_later);
}

#[test]
fn the_top_of_the_repository_is_the_card() {
    let names = texts::top_level();
    let strangers: Vec<&String> = names.iter().filter(|name| is_stranger(name)).collect();
    assert_eq!(strangers, Vec::<&String>::new(), "the top of the repository holds {TOP:?} and dotfiles");
    let missing: Vec<&str> = TOP.into_iter().filter(|name| !names.iter().any(|found| found == name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(is_stranger("scratch.txt") && !is_stranger("src") && !is_stranger(".ci"));
}

#[test]
fn every_dependency_is_used() {
    let manifest: toml::Table = texts::read("Cargo.toml").parse().expect("Cargo.toml is TOML");
    let product = texts::below("src");
    let tests = texts::below("tests");
    assert_eq!(rules::unused(&manifest, "dependencies", &product), Vec::<String>::new());
    assert_eq!(rules::unused(&manifest, "dev-dependencies", &tests), Vec::<String>::new());

    let bad = "[dependencies]\nbytes = '1'\nleft-pad = '1'\n".parse().expect("TOML");
    assert_eq!(rules::unused(&bad, "dependencies", &product), ["left-pad"]);
}

fn is_stranger(name: &str) -> bool {
    !name.starts_with('.') && name != "target" && !TOP.contains(&name)
}

/// Every text keeps the rule.
fn hold<F: Fn(&Text) -> Vec<String>>(texts: &[Text], rule: F) {
    assert!(!texts.is_empty(), "nothing was read");
    let broken: Vec<String> = texts
        .iter()
        .flat_map(|text| rule(text).into_iter().map(|what| format!("{}: {what}", text.path)).collect::<Vec<_>>())
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

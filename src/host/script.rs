//! The text that a login shell gets: it hands over to `sh`, and marks where the answer begins and ends. What startup files of
//! the login shell write comes before the marks, and an answer without the last one is no answer.

use super::command::{Command, Sudo};

/// Where output begins, on stdout and stderr.
pub(super) fn begin(nonce: &str) -> String {
    format!("krun-{nonce}-begin\n")
}

/// What stdout ends with, before the exit status and a line break.
pub(super) fn end(nonce: &str) -> String {
    format!("\nkrun-{nonce}-end ")
}

/// What sudo asks with.
pub(super) fn prompt(nonce: &str) -> String {
    format!("krun-{nonce}-password:")
}

/// The whole text.
pub(super) fn text(command: &Command, nonce: &str) -> String {
    let arguments: Vec<String> = command.arguments.iter().map(|argument| quoted(argument)).collect();
    let begin = quoted(begin(nonce).trim_end());
    let end = quoted(end(nonce).trim());
    let inner = format!(
        "printf '%s\\n' {begin}; printf '%s\\n' {begin} >&2
LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH
set -- {}
(
{}
)
krun_status=$?
printf '\\n%s %s\\n' {end} \"$krun_status\"
exit \"$krun_status\"",
        arguments.join(" "),
        command.script,
    );
    let sh = format!("sh -c {}", quoted(&inner));
    let by_sudo = match command.sudo {
        Sudo::No => return format!("exec {sh}"),
        Sudo::Free => "sudo -n".to_owned(),
        Sudo::Password(_) => format!("sudo -S -p {}", quoted(&prompt(nonce))),
    };
    // Where one is root already, sudo need not even be installed.
    format!("if [ \"$(id -u)\" = 0 ]; then exec {sh}; else exec {by_sudo} -- {sh}; fi")
}

/// One word of a shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

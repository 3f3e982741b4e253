//! What goes back and forth while a command runs. Pure: whoever has the connection tells what was heard, and sends what is to
//! be said.

use super::command::{Command, Output, Sudo};
use super::script;
use crate::error::{Error, Failure};
use crate::secret::Secret;

/// More than any file that krun edits; a command that writes more is stopped being listened to.
const MOST_OUTPUT: usize = 64 << 20;

pub(super) struct Conversation {
    nonce: String,
    password: Option<Secret>,
    /// Held back until the command itself reads, and not sudo.
    input: Vec<u8>,
    to_say: Vec<u8>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    has_begun: bool,
    /// How often sudo has asked.
    asked: usize,
}

impl Conversation {
    pub(super) fn about(command: &Command) -> Self {
        let password = if let Sudo::Password(password) = &command.sudo { Some(password.clone()) } else { None };
        Self {
            nonce: uuid::Uuid::new_v4().simple().to_string(),
            password,
            input: command.input.clone(),
            to_say: Vec::new(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            has_begun: false,
            asked: 0,
        }
    }

    /// What the login shell is to run.
    pub(super) fn text(&self, command: &Command) -> String {
        script::text(command, &self.nonce)
    }

    pub(super) fn hear_stdout(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stdout.extend_from_slice(bytes);
        if !self.has_begun && find(&self.stdout, script::begin(&self.nonce).as_bytes()).is_some() {
            self.has_begun = true;
            self.to_say.append(&mut self.input);
        }
        self.check_size()
    }

    pub(super) fn hear_stderr(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stderr.extend_from_slice(bytes);
        let Some(password) = self.password.as_ref().filter(|_| !self.has_begun) else { return self.check_size() };
        let prompts = count(&self.stderr, script::prompt(&self.nonce).as_bytes());
        if prompts > self.asked {
            self.asked = prompts;
            if prompts > 1 {
                return Err(Failure::Refused(wrong_password()));
            }
            self.to_say.extend_from_slice(password.reveal().as_bytes());
            self.to_say.push(b'\n');
        }
        self.check_size()
    }

    fn check_size(&self) -> Result<(), Failure> {
        if self.stdout.len() + self.stderr.len() <= MOST_OUTPUT {
            return Ok(());
        }
        let text = format!("the command wrote more than {MOST_OUTPUT} bytes");
        Err(Failure::Unknown(Error::new("OUTPUT_TOO_LONG", text).hint("let it write into a file on the host")))
    }

    /// What is to be sent now.
    pub(super) fn to_say(&self) -> &[u8] {
        &self.to_say
    }

    /// So many bytes of it were sent.
    pub(super) fn said(&mut self, bytes: usize) {
        self.to_say.drain(..bytes);
    }

    /// Whether nothing more will be sent.
    pub(super) fn is_over(&self) -> bool {
        self.has_begun && self.to_say.is_empty()
    }

    /// The answer, after both streams have come to their end. `status` is what the connection says of how the command ended;
    /// what the command itself says must be the same.
    pub(super) fn answer(self, status: Option<i32>) -> Result<Output, Failure> {
        let begin = script::begin(&self.nonce);
        let Some(from) = find(&self.stdout, begin.as_bytes()) else { return Err(self.not_begun(status)) };
        let stdout = &self.stdout[from + begin.len()..];
        let end = script::end(&self.nonce);
        let found = rfind(stdout, end.as_bytes());
        let told = found.and_then(|at| std::str::from_utf8(&stdout[at + end.len()..]).ok()?.trim().parse::<i32>().ok());
        let (Some(at), Some(told)) = (found, told) else {
            let how =
                status.map_or("it was ended by a signal, or its connection was".to_owned(), |s| format!("status {s}"));
            let text = format!("the command ended before its end: {how}");
            return Err(Failure::Unknown(Error::new("COMMAND_CUT_OFF", text)));
        };
        if status != Some(told) {
            let text = format!("the command says that it ended with {told}, and the connection does not say so");
            return Err(Failure::Unknown(Error::new("COMMAND_CUT_OFF", text)));
        }
        let stderr = match find(&self.stderr, begin.as_bytes()) {
            Some(from) => self.stderr[from + begin.len()..].to_vec(),
            None => self.stderr,
        };
        Ok(Output { status: told, stdout: stdout[..at].to_vec(), stderr })
    }

    /// Why a command that ended had not even begun: what runs before it refused.
    fn not_begun(&self, status: Option<i32>) -> Failure {
        let Some(status) = status else {
            return Failure::Unknown(Error::new("COMMAND_CUT_OFF", "the connection ended before the command answered"));
        };
        let said = String::from_utf8_lossy(&self.stderr).replace(&script::prompt(&self.nonce), "");
        let said = said.trim();
        if said.contains("sudo:") {
            let text = format!("sudo refused: {said}");
            let hint =
                "let this user run everything by sudo without a password, or name one: password = { env = \"…\" }";
            return Failure::Refused(Error::new("SUDO_REFUSED", text).hint(hint));
        }
        let said = if said.is_empty() { "and said nothing" } else { said };
        let text = format!("the login shell ended with {status} before it ran the command: {said}");
        Failure::Refused(Error::new("NO_SHELL", text).hint("can this user log in and run a command by ssh?"))
    }
}

fn wrong_password() -> Error {
    Error::new("SUDO_REFUSED", "sudo does not take the password").hint("is it the one of the user who logs in?")
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|window| *window == what).count()
}

//! Somebody who is not root, and changes things by a real sudo: with the password, with a wrong one, without one, and without the right.

use super::lab::Lab;
use krun::host::machine::Keeping;
use krun::host::{Command, Machine, Sudo};
use krun::secret::Secret;

const PASSWORD: &str = "correct horse";
const FILE: &str = "/etc/krun-was-here";
/// `ops` wants a password, `deploy` none, and `guest` is nobody.
const PEOPLE: &str = r#"
for user in ops deploy guest; do
    useradd --create-home --shell /bin/sh "$user"
    echo "$user:correct horse" | chpasswd
    mkdir "/home/$user/.ssh"
    cp /root/.ssh/authorized_keys "/home/$user/.ssh/"
    chown -R "$user:" "/home/$user/.ssh"
done
printf 'ops ALL=(ALL) ALL\ndeploy ALL=(ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/people
chmod 440 /etc/sudoers.d/people"#;

#[test]
fn a_real_sudo_is_passed_or_says_why_not() {
    let Some(kafka) = super::kafka() else { return };
    let lab = Lab::start(&kafka, &[1]);
    lab.hosts[0].ssh(PEOPLE);
    let with = |password: &str| Sudo::Password(Secret::new(password));
    let refused = |user: &str, sudo: Sudo, says: &str| {
        let machine = lab.machine_as(0, Some(user), sudo);
        let error = machine.write_file(FILE, b"written", Keeping::default()).expect_err("sudo refuses").error().clone();
        assert_eq!(error.code, "SUDO_REFUSED", "{user}: {error:?}");
        assert!(error.to_string().contains(says) && !error.to_string().contains(PASSWORD), "{user}: {error:?}");
        assert_eq!(lab.hosts[0].ssh(&format!("ls {FILE} 2>/dev/null; true")), "", "{user}");
    };
    refused("ops", Sudo::Free, "password");
    refused("ops", with("wrong"), "does not take the password");
    refused("guest", with(PASSWORD), "guest is not in the sudoers file");
    lab.say("sudo refused");

    for (user, sudo) in [("ops", with(PASSWORD)), ("deploy", Sudo::Free)] {
        let machine = lab.machine_as(0, Some(user), sudo);
        machine.write_file(FILE, user.as_bytes(), Keeping::default()).expect("sudo lets it through");
        assert_eq!(lab.hosts[0].ssh(&format!("stat -c %U {FILE}; cat {FILE}")), format!("root\n{user}"));
        // What sudo asks, and what a command says, cannot be taken for each other.
        let said = machine.run_with_rights(&Command::new("echo 'Password: '; cat")).expect("it runs");
        assert_eq!((said.status, String::from_utf8_lossy(&said.stdout).as_ref()), (0, "Password: \n"));
    }
    lab.say("sudo passed");
}

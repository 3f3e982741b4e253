//! Through another host.

use super::sshd::{self, Sshd};
use krun::host::{Command, Shell};
use std::fs;

#[test]
fn a_host_behind_two_others_is_reached() {
    if !sshd::is_here() {
        return;
    }
    let (first, second, last) = (Sshd::start(), Sshd::start(), Sshd::start());
    let entry = |name: &str, server: &Sshd, more: &str| {
        let text = fs::read_to_string(server.path("config")).expect("its configuration");
        format!("{}{more}\n", text.replace("Host there", &format!("Host {name}")))
    };
    let text =
        [entry("one", &first, ""), entry("two", &second, ""), entry("there", &last, "  ProxyJump one,two")].concat();
    fs::write(last.path("config"), text).expect("a written file");
    let client = last.client();
    let access = client.access().unwrap_or_else(|error| panic!("{error}; {}", last.log()));
    assert_eq!(access.port, last.port);
    let flood = Command::new("cat; yes 123456789 | head -c 3000000 >&2").input(vec![b'x'; 3_000_000]);
    let output = client.run(&flood, &|| false).expect("much goes through both ways");
    assert_eq!((output.stdout.len(), output.stderr.len()), (3_000_000, 3_000_000));

    // The key of every host on the way is checked.
    fs::write(second.path("known_hosts"), "").expect("a written file");
    let error = last.client().access().expect_err("the second one is not known");
    assert_eq!(error.code, "HOST_KEY_UNKNOWN");
    assert!(error.message.contains(&second.port.to_string()), "{error}");
    // A jump host that dies takes the connection with it.
    first.kill_connections();
    client.run(&Command::new("true"), &|| false).expect_err("there is no way any more");
}

#[test]
fn a_proxy_command_is_refused() {
    if !sshd::is_here() {
        return;
    }
    let server = Sshd::start();
    server.configure("  ProxyCommand nc %h %p");
    let refused = krun::host::ssh::Ssh::to("there", &server.configuration()).err().expect("krun runs none");
    assert!(refused.message.contains("ProxyCommand"), "{refused}");
}

//! How a customer reaches what stands on the hosting machine.

use local_protocol::{Kind, PhpVersion, Standing};
use provisioning::AccessField;

/// The lines for a customer, by kind; `host` is the machine's public name.
pub(super) fn access(standing: &Standing, host: &str) -> Vec<AccessField> {
    let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
    let Standing { name, port, login, .. } = standing;
    let address = if *port == 80 { format!("http://{name}") } else { format!("http://{name}:{port}") };
    let php = || field("PHP version", PhpVersion::V8_2.as_str().to_owned());
    let mut fields = match standing.kind {
        Kind::Website => vec![field("Website", address), php()],
        Kind::Wordpress => {
            vec![field("Website", address.clone()), field("Sign in", format!("{address}/wp-login.php")), php()]
        }
        Kind::Mailbox => vec![
            field("Address", name.clone()),
            field("IMAP server", host.to_owned()),
            field("IMAP port", port.to_string()),
        ],
        Kind::Game => vec![field("Address", format!("{host}:{port}"))],
    };
    fields.extend(login.clone().map(|login| field("User name", login)));
    fields
}

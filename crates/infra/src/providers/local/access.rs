//! How a customer reaches what stands on the hosting machine.

use local_protocol::{Kind, PhpVersion, Standing};
use provisioning::AccessField;

/// The lines for a customer, by kind; `host` is the machine's public name.
pub(super) fn access(standing: &Standing, host: &str) -> Vec<AccessField> {
    let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
    let Standing { name, port, login, .. } = standing;
    let php = || field("PHP version", PhpVersion::V8_2.as_str().to_owned());
    let mut fields = match standing.kind {
        Kind::Website => vec![field("Website", address(standing)), php()],
        Kind::Wordpress => {
            let sign_in = format!("{}/wp-login.php", address(standing));
            vec![field("Website", address(standing)), field("Sign in", sign_in), php()]
        }
        Kind::Mailbox => vec![
            field("Address", name.clone()),
            field("IMAP server", host.to_owned()),
            field("IMAP port", port.to_string()),
        ],
        Kind::Game => vec![field("Address", format!("{host}:{port}"))],
        Kind::Storage => Vec::new(),
    };
    // Of storage the user name is the one of SFTP.
    if standing.kind != Kind::Storage {
        fields.extend(login.clone().map(|login| field("User name", login)));
    }
    if let Some(sftp) = &standing.sftp {
        fields.push(field("SFTP server", host.to_owned()));
        fields.push(field("SFTP port", sftp.port.to_string()));
        fields.push(field("SFTP user", sftp.user.clone()));
    }
    fields.extend(standing.notice.clone().map(|notice| field("To do", notice)));
    fields
}

/// Without the port that browsers use by themselves.
fn address(standing: &Standing) -> String {
    let (scheme, usual) = if standing.secure { ("https", 443) } else { ("http", 80) };
    let (name, port) = (&standing.name, standing.port);
    if port == usual { format!("{scheme}://{name}") } else { format!("{scheme}://{name}:{port}") }
}

//! What the file is taken for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use super::*;

fn problems(text: &str) -> String {
    ProvidersFile::parse(text, Secrets::Left).unwrap_err().to_string()
}

#[test]
fn the_guides_sample_is_one_that_is_read() {
    let guide = include_str!("../../../../docs/guides/providers.md");
    let (_, rest) = guide.split_once("```toml\n# providers.toml\n").unwrap();
    let (sample, _) = rest.split_once("```").unwrap();
    let file = ProvidersFile::parse(sample, Secrets::Left).unwrap();
    let keys: Vec<&str> = file.providers.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["games-2", "cpanel-1", "da-1", "web-1", "vps-1", "mail-1", "my-servers", "my-script"]);
    for one in TYPES {
        assert!(sample.contains(&format!("type = \"{}\"", one.name)), "the sample shows {}", one.name);
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_line() {
    let text = "[[provider]]\nkey = \"manual\"\ntype = \"webhook\"\nurl = \"https://a.test/\"\nsecret_env = \"A\"\n\
                [[provider]]\nkey = \"b\"\ntype = \"webhook\"\nurl = \"https://u:p@b.test/\"\nsecret = \"hunter2\"\n\
                [[provider]]\nkey = \"c\"\ntype = \"telepathy\"\nurl = 1\n";
    let said = problems(text);
    for part in [
        "line 1: key: manual",
        "line 6: url: expected",
        "line 6: secret_env: expected either",
        "line 6: secret: is not",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains("line 11: type: expected one of pterodactyl, whm"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(problems("[[supplier]]\nkey = 1\n").starts_with("line 1: unknown field"), "{}", problems("[[supplier]]\n"));
}

#[test]
fn a_secret_is_read_from_its_file_and_shown_nowhere() {
    let path = std::env::temp_dir().join(format!("hostwright-secret-{}", std::process::id()));
    let secret = "0123456789abcdef0123456789abcdef";
    let text = format!(
        "[[provider]]\nkey = \"a\"\ntype = \"webhook\"\nurl = \"https://a.test/\"\nsecret_file = \"{}\"\n",
        path.display()
    );
    std::fs::write(&path, format!("{secret}\n")).unwrap();
    let file = ProvidersFile::parse(&text, Secrets::Read).unwrap();
    assert_eq!(file.providers.len(), 1);
    assert!(!format!("{file:?}").contains(secret));
    std::fs::write(&path, "short").unwrap();
    let short = ProvidersFile::parse(&text, Secrets::Read).unwrap_err().to_string();
    assert!(short.contains("secret_file: the secret is too short") && !short.contains("\"short\""), "{short}");
    std::fs::remove_file(&path).unwrap();
    let missing = ProvidersFile::parse(&text, Secrets::Read).unwrap_err().to_string();
    assert!(missing.contains("cannot be read"), "{missing}");
    assert!(ProvidersFile::parse(&text, Secrets::Left).is_ok(), "settings are checked without the secret");
}

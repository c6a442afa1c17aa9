//! The provider type `exec` with the program of the guide. Wants `python3`, as the repository's checks do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kernel::{Clock, Env, Id, Timestamp, entity};
use panels::{
    Gated,
    exec::{ExecProvider, ExecSettings},
};
use provisioning::{
    BoxFuture, PollToken, Provider, ProviderError, RemoteState, ServiceOrder, Step,
    testing::{Stage, Trouble, provider_conforms, sample_order},
};
use secrecy::SecretString;
use serde_json::{Value, json};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }
}

fn order(seed: u64) -> ServiceOrder {
    sample_order(&mut Env::with(Arc::new(Fixed), seed), "vps", json!({ "size": "small" }))
}

/// A directory that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hostwright-exec-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn text(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The interpreter itself, whatever leads to it here.
fn python() -> PathBuf {
    let asked =
        std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    PathBuf::from(String::from_utf8(asked.stdout).unwrap().trim())
}

fn provider(program: PathBuf, arguments: Vec<String>) -> Gated<ExecProvider> {
    let environment = vec![("GREETING".to_owned(), SecretString::from("hello from the file"))];
    let timeout = Duration::from_mins(1);
    Gated::unlimited(ExecProvider::new(ExecSettings { program, arguments, environment, lists: true, timeout }))
}

/// A program of one line of shell.
fn saying(script: &str) -> Gated<ExecProvider> {
    provider("/bin/sh".into(), vec!["-c".to_owned(), script.to_owned()])
}

/// The guide's program, which can be told to go wrong.
struct Own {
    folder: Folder,
    provider: Gated<ExecProvider>,
}

impl Own {
    fn start() -> Self {
        let folder = Folder::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = |path: &str| here.join(path).to_str().unwrap().to_owned();
        let (trouble, guide) = (file("tests/exec/trouble.py"), file("../../docs/guides/exec-program.py"));
        let provider = provider(python(), vec!["-S".to_owned(), trouble, guide, folder.text()]);
        Self { folder, provider }
    }

    fn file(&self, service: Id<entity::Service>) -> PathBuf {
        self.folder.0.join(format!("{service}.json"))
    }
}

impl Stage for Own {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        order(number)
    }
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        std::fs::write(self.folder.0.join("next"), format!("{trouble:?}")).unwrap();
        Box::pin(async { true })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        let there = self.file(service).exists();
        Box::pin(async move { usize::from(there) })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        let mut thing: Value = serde_json::from_slice(&std::fs::read(self.file(service)).unwrap()).unwrap();
        thing["customer"] = json!(order(99).owner.customer.to_string());
        std::fs::write(self.file(service), thing.to_string()).unwrap();
        Box::pin(async { true })
    }
}

#[tokio::test]
async fn the_guides_program_conforms() {
    provider_conforms(&Own::start()).await;
}

#[tokio::test]
async fn a_program_that_ends_badly_leaves_a_write_in_doubt_and_a_read_without_an_answer() {
    for script in ["exit 3", "kill -9 $$", "echo nonsense", "true", "echo '{\"state\":\"active\"}'"] {
        let provider = saying(&format!("cat > /dev/null; {script}"));
        let made = provider.create(&order(1)).await;
        assert!(matches!(made, Err(ProviderError::Unknown { .. })), "{script}: {made:?}");
        let found = provider.find(&order(1)).await;
        assert!(matches!(found, Err(ProviderError::Unavailable { .. })), "{script}: {found:?}");
    }
    let missing = provider("/nowhere/program".into(), Vec::new()).create(&order(1)).await;
    assert!(matches!(missing, Err(ProviderError::Unavailable { .. })), "nothing happened: {missing:?}");
    let told = saying("cat > /dev/null; echo 'no disk in fra' >&2; exit 1").create(&order(1)).await.unwrap_err();
    assert!(told.to_string().ends_with("ended with 1: no disk in fra"), "{told}");
}

/// It answers without reading, prints without end, or does not end at all: nobody waits at a full pipe.
#[tokio::test]
async fn a_program_that_does_not_behave_is_neither_waited_for_nor_read_for_ever() {
    let thing = json!({
        "status": 201, "state": "active", "service": order(1).service.to_string(),
        "customer": order(1).owner.customer.to_string(),
    });
    let made = saying(&format!("echo '{thing}'")).create(&order(1)).await.unwrap();
    assert_eq!(made.state, RemoteState::Ready, "it did not read its question");
    let much =
        saying("cat > /dev/null; head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2").create(&order(1)).await;
    assert!(matches!(&much, Err(ProviderError::Unknown { detail }) if detail.contains("1 MiB")), "{much:?}");
    let folder = Folder::new();
    let mark = folder.0.join("mark");
    let script = format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait", mark.display());
    let settings = ExecSettings {
        program: "/bin/sh".into(),
        arguments: vec!["-c".to_owned(), script],
        environment: Vec::new(),
        lists: false,
        timeout: Duration::from_secs(8),
    };
    let told = Gated::unlimited(ExecProvider::new(settings)).create(&order(1)).await;
    assert!(matches!(&told, Err(ProviderError::Unknown { detail }) if detail.contains("within 8 s")), "{told:?}");
    let child = std::fs::read_to_string(&mark).unwrap();
    let still =
        || std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).is_ok_and(|stat| !stat.contains(") Z "));
    while still() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn it_sees_what_the_file_gives_it_and_nothing_of_ours() {
    let folder = Folder::new();
    let seen = folder.0.join("seen");
    let provider = saying(&format!("cat > {0}; env >> {0}; pwd >> {0}; exit 1", seen.display()));
    let _ = provider.create(&order(1)).await;
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("GREETING=hello from the file") && seen.contains("PATH=/usr/bin:/bin"), "{seen}");
    assert!(!seen.contains("CARGO") && !seen.contains("HOME="), "{seen}");
    assert!(seen.ends_with("PWD=/\n/\n") || seen.lines().any(|line| line == "/"), "{seen}");
    assert!(seen.starts_with('{') && seen.contains(&format!("\"key\":\"{}\"", order(1).service)), "{seen}");
}

#[tokio::test]
async fn what_takes_a_while_is_asked_for_with_the_programs_own_word() {
    let pending = json!({ "status": 202, "state": "pending", "poll": "job 7", "check_after": 3 });
    let script = format!(
        "case \"$(cat)\" in *'\"verb\":\"poll\"'*'job 7'*|*'job 7'*'\"verb\":\"poll\"'*) echo '{}';; \
         *observe*) echo '{}';; *) echo '{pending}';; esac",
        json!({ "status": 200, "state": "suspended" }),
        json!({
            "status": 200, "state": "active", "service": order(1).service.to_string(),
            "customer": order(1).owner.customer.to_string(), "ref": "box",
        }),
    );
    let provider = saying(&script);
    let reference = provisioning::RemoteRef { id: order(1).service.to_string(), identifier: "box".to_owned() };
    let target = provisioning::Target { service: order(1).service, customer: order(1).owner.customer, reference };
    let Step::Pending { token, check_after } = provider.suspend(&target, "why").await.unwrap() else { panic!() };
    assert_eq!((&token, check_after.as_secs()), (&PollToken("job 7".to_owned()), 3));
    assert_eq!(provider.poll(&token).await, Ok(Step::Done));
}

//! One question and one answer over the helper's socket.

use std::{path::Path, time::Duration};

use local_protocol::{Answer, LONGEST_LINE, Question, VERSION, Verb};
use provisioning::ProviderError;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    time::timeout,
};

use super::unavailable;

/// How long the helper may take to accept.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take to answer. It waits for other work on the same service before it begins.
const ANSWER: Duration = Duration::from_secs(75);

/// What a question does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Reads,
    Makes,
    Changes,
}

impl Effect {
    /// The error when it was asked and nobody knows what came of it.
    pub(super) fn doubt(self, detail: impl Into<String>) -> ProviderError {
        match self {
            Self::Reads => unavailable(detail),
            Self::Makes | Self::Changes => ProviderError::Unknown { detail: detail.into() },
        }
    }
}

/// Asks once.
pub(super) async fn ask(socket: &Path, verb: Verb, effect: Effect) -> Result<Answer, ProviderError> {
    let question = serde_json::to_string(&Question { version: VERSION, verb })
        .map_err(|error| unavailable(format!("the question to the hosting helper cannot be written: {error}")))?;
    let connected = timeout(CONNECT, UnixStream::connect(socket)).await;
    let stream = connected
        .map_err(|_| unavailable("the hosting helper does not accept; see LOCAL_SOCKET"))?
        .map_err(|error| unavailable(format!("the hosting helper is not at LOCAL_SOCKET: {error}")))?;
    let line = timeout(ANSWER, talk(stream, &question))
        .await
        .map_err(|_| effect.doubt("the hosting helper did not answer in time"))?
        .map_err(|error| effect.doubt(format!("the connection to the hosting helper was lost: {error}")))?;
    // The line may repeat nothing of a password: the helper never does.
    serde_json::from_str(&line).map_err(|_| effect.doubt("the hosting helper's answer cannot be read"))
}

async fn talk(mut stream: UnixStream, question: &str) -> std::io::Result<String> {
    // A helper that refuses this user says so without waiting for the question, and hangs up: what it said counts more than
    // that the rest of the question found nobody.
    let asked = async {
        stream.write_all(question.as_bytes()).await?;
        stream.write_all(b"\n").await
    }
    .await;
    let mut line = String::new();
    let read = BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line).await;
    if line.is_empty() {
        asked?;
        read?;
    }
    Ok(line)
}

//! Work that a client's hanging up must not cut off between two of its steps.

use tracing::Instrument;

use crate::problem::Problem;

/// Runs `work` as a task of its own and waits for it. When the request is dropped the task goes on.
///
/// # Errors
/// A [`Problem`] when the task panicked.
pub(crate) async fn detached<T: 'static>(work: impl Future<Output = T> + 'static) -> Result<T, Problem> {
    let task = actix_web::rt::spawn(work.in_current_span());
    task.await.map_err(|error| Problem::bug(&format!("a task died: {error}")))
}

//! What people are told who tried too often.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
};

use crate::say::{Say, say};

/// From here on, minutes say enough.
const TWO_MINUTES: u32 = 120;

/// The words for a form.
pub(crate) fn too_many(seconds: u32) -> Say {
    say("too-many-tries").with("wait", span(seconds))
}

/// How long that is; never shorter than it is.
fn span(seconds: u32) -> Say {
    match seconds {
        0..TWO_MINUTES => say("wait-seconds").with("seconds", seconds.max(1)),
        _ => say("wait-minutes").with("minutes", seconds.div_ceil(60)),
    }
}

/// The same for programs, where there is something to wait for.
pub(crate) fn told_to_wait(mut answer: HttpResponse, seconds: Option<u32>) -> HttpResponse {
    if let Some(seconds) = seconds {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::spoken_in_english;

    #[test]
    fn a_span_is_never_told_shorter_than_it_is() {
        for (seconds, words) in [
            (0, "a second"),
            (1, "a second"),
            (30, "30 seconds"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (121, "3 minutes"),
        ] {
            assert_eq!(spoken_in_english(&span(seconds)), words);
        }
    }
}

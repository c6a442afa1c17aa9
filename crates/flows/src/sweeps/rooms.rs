//! Room at the providers for what is on sale, so that the shop says what is sold out before anybody chooses it.

use kernel::{JobContext, JobFailure, Recorded};

use super::{SweepRooms, Tally, finish};
use crate::{Hosting, room};

/// Handles [`SweepRooms`]. A place that is full is nothing to be put right: the shop shows it, and it is logged.
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_rooms<W: Hosting>(world: &W, _: SweepRooms, context: JobContext) -> Result<Recorded, JobFailure> {
    let (seen, full) = room::look_everywhere(world).await?;
    for place in &full {
        let region = place.place.region.as_ref().map(ToString::to_string);
        tracing::info!(product.id = %place.place.product, region, detail = place.detail, "there is no room for one more");
    }
    finish::<SweepRooms, _>(world, context, Tally { seen, ..Tally::default() }).await
}

//! Whether there is room for what somebody is about to pay for.
//!
//! The provider is asked outside any transaction, with the number of those that are promised and not made; the order is
//! written only while no more are promised than it said. A provider that cannot be asked sells as if it had room: then the
//! delivery finds out, and a person is told.

use catalog::{CatalogStore, Product};
use checkout::{CheckoutRequest, place_of};
use kernel::{StoreError, Transact};
use orders::{Place, RoomSeen, StockStore};
use provisioning::{Ability, DeliveryRequest, Provider, ProviderError, Providers, RoomFor};

use crate::Hosting;

/// What there is to ask about.
struct Asked {
    place: Place,
    ask: RoomFor,
    product: Product,
    seen: Option<RoomSeen>,
}

/// How many of what the request asks for may be promised in all at its place; `None` where nobody can tell. Mistakes of the
/// request are for whoever writes the order.
pub(crate) async fn room_for<W: Hosting>(world: &W, request: &CheckoutRequest) -> Result<Option<u32>, StoreError> {
    let work = async |tx: &mut W::Tx| {
        let Some(product) = tx.active_product(request.plan.as_str()).await? else { return Ok(None) };
        if teller(world, &product).is_none() {
            return Ok(None);
        }
        let Ok(place) = place_of(&product, &request.delivery) else { return Ok(None) };
        let delivery = DeliveryRequest { region: place.region.clone(), ..request.delivery.clone() };
        asked(tx, product, place, delivery).await.map(Some)
    };
    let Some(asked) = world.db().transaction(work).await? else { return Ok(None) };
    let (now, promised) = (world.env().now(), asked.ask.promised);
    if asked.seen.as_ref().is_some_and(|seen| seen.is_still_full(now, promised)) {
        // Whoever holds a place already is led to its payment, and nobody else gets one.
        return Ok(Some(promised));
    }
    Ok(look(world, &asked).await?.map(|seen| seen.most()))
}

/// Whether the room was not full when it was looked at last, so that somebody else must have taken the place.
pub(crate) async fn is_overtaken<W: Hosting>(world: &W, request: &CheckoutRequest) -> Result<bool, StoreError> {
    let work = async |tx: &mut W::Tx| {
        let Some(product) = tx.active_product(request.plan.as_str()).await? else { return Ok(false) };
        let Ok(place) = place_of(&product, &request.delivery) else { return Ok(false) };
        Ok::<_, StoreError>(tx.room_seen(&place).await?.is_some_and(|seen| seen.fits))
    };
    world.db().transaction(work).await
}

/// Asks about every place of every product on sale whose provider can tell, for the shop to show. How many it asked about, and
/// those that are full.
pub(crate) async fn look_everywhere<W: Hosting>(world: &W) -> Result<(i64, Vec<RoomSeen>), StoreError> {
    let products = world.db().transaction(async |tx: &mut W::Tx| tx.active_products().await).await?;
    let (mut looked, mut full) = (0, Vec::new());
    for product in products.into_iter().filter(|product| teller(world, product).is_some()) {
        let mut regions: Vec<_> = product.regions.iter().map(|region| Some(region.code.clone())).collect();
        if regions.is_empty() {
            regions.push(None);
        }
        for region in regions {
            let (product, delivery) =
                (product.clone(), DeliveryRequest { region: region.clone(), ..DeliveryRequest::default() });
            let work = async |tx: &mut W::Tx| {
                let place = Place { product: product.id, region: region.clone() };
                asked(tx, product.clone(), place, delivery.clone()).await
            };
            let asked = world.db().transaction(work).await?;
            looked += 1;
            full.extend(look(world, &asked).await?.filter(|seen| !seen.fits));
        }
    }
    Ok((looked, full))
}

/// The product's provider, if it can tell.
fn teller<'a, W: Hosting>(world: &'a W, product: &Product) -> Option<&'a dyn Provider> {
    let provider = world.providers().provider(&product.provider)?;
    provider.capabilities().can(Ability::Room).then_some(provider)
}

async fn asked<S: StockStore>(
    tx: &mut S,
    product: Product,
    place: Place,
    delivery: DeliveryRequest,
) -> Result<Asked, StoreError> {
    let promised = tx.promised(&place).await?;
    let seen = tx.room_seen(&place).await?;
    let (kind, settings) = (product.kind.as_str().to_owned(), product.settings.clone());
    let ask = RoomFor { kind, settings, delivery, promised };
    Ok(Asked { place, ask, product, seen })
}

/// Asks the provider, and keeps what it says. `None` where it says nothing.
async fn look<W: Hosting>(world: &W, asked: &Asked) -> Result<Option<RoomSeen>, StoreError> {
    let Some(provider) = teller(world, &asked.product) else { return Ok(None) };
    let (fits, detail) = match provider.room(&asked.ask).await {
        Ok(()) => (true, String::new()),
        Err(ProviderError::NoCapacity { detail }) => (false, detail),
        Err(error) => {
            tracing::warn!(product.code = %asked.product.code, error = %error, "nobody says whether there is room");
            return Ok(None);
        }
    };
    let seen_at = world.env().now();
    let seen = RoomSeen { place: asked.place.clone(), promised: asked.ask.promised, fits, detail, seen_at };
    world.db().transaction(async |tx: &mut W::Tx| tx.save_room(&seen).await).await?;
    Ok(Some(seen))
}

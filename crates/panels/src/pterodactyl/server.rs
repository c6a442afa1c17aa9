//! The server: looked for by the service's id, made, observed.

use kernel::Page;
use provisioning::{AccessField, Listed, Lookup, Owner, ProviderError, Remote, RemoteRef, RemoteState, ServiceOrder};
use reqwest::Method;

use super::{
    super::settings::listed,
    Installation,
    answer::{Doubt, Fault, printable},
    egg,
    flavour::Spot,
    panel::{misconfigured, refused},
    settings::GameSettings,
    user,
    wire::{self, Allocation, Deploy, NewServer, Server, User},
};

/// The panel's limit for names.
const NAME_LIMIT: usize = 191;

/// Looks for the service's server. `Absent` only when the panel itself says that there is none.
pub(super) async fn find(place: &Installation, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
    let settings = read_settings(order)?;
    let key = order.service.to_string();
    let query = [("include", "allocations,user")];
    let found: Option<Server> = place.panel.get_item(&["servers", "external", &key], &query).await.map_err(harmless)?;
    let Some(server) = found else { return Ok(Lookup::Absent) };
    if let Some(difference) = difference(place, order, &settings, &server).await? {
        return Ok(Lookup::Foreign(format!("the panel's server {} {difference}", server.id)));
    }
    Ok(Lookup::Ours(remote(place, server)?))
}

/// Makes the server; an earlier attempt's is adopted.
pub(super) async fn create(place: &Installation, order: &ServiceOrder) -> Result<Remote, ProviderError> {
    let settings = read_settings(order)?;
    let (_, spots) = place.spots(&settings, order.delivery.region.as_ref()).await?;
    let recipe = egg::recipe(place, &settings, order.delivery.server_name.as_ref()).await?;
    let user = user::ensure(place, &order.owner).await?;
    let (key, label, note) = texts(order);
    let mut body = NewServer {
        external_id: &key,
        name: &label,
        description: &note,
        user,
        egg: settings.egg,
        docker_image: recipe.docker_image.as_deref(),
        startup: recipe.startup.as_deref(),
        environment: &recipe.environment,
        limits: settings.limits,
        feature_limits: settings.feature_limits,
        deploy: Deploy {
            locations: &[],
            tags: &[],
            dedicated_ip: settings.dedicated_ip,
            port_range: &settings.port_range,
        },
        skip_scripts: false,
        start_on_completion: true,
    };
    // In the product's order: where there is no room the panel refuses before it makes anything, and the next is asked.
    let mut full = refused("the product has no place for it");
    for spot in &spots {
        match spot {
            Spot::Location(id) => body.deploy.locations = std::slice::from_ref(id),
            Spot::Tag(tag) => body.deploy.tags = std::slice::from_ref(tag),
        }
        match ask(place, order, &body).await {
            Err(error @ ProviderError::NoCapacity { .. }) => full = error,
            answer => return answer,
        }
    }
    Err(full)
}

async fn ask(place: &Installation, order: &ServiceOrder, body: &NewServer<'_>) -> Result<Remote, ProviderError> {
    match place.panel.write::<Server>(Method::POST, &["servers"], body).await {
        Ok(server) => remote(place, server).map_err(|_| unknown("the panel made a server that it does not describe")),
        Err(Fault::Refusal(refusal)) if refusal.breaks("external_id", "unique") => adopt(place, order).await,
        Err(fault) => Err(fault.into_error(Doubt::MayHaveHappened)),
    }
}

/// Reads the server's present state.
pub(super) async fn observe(place: &Installation, reference: &RemoteRef) -> Result<Remote, ProviderError> {
    let found: Option<Server> =
        place.panel.get_item(&["servers", &reference.id], &[("include", "allocations")]).await.map_err(harmless)?;
    let server = found.ok_or_else(|| gone(&reference.id))?;
    if server.identifier != reference.identifier {
        return Err(misconfigured("the panel answered with another server than was asked for"));
    }
    remote(place, server)
}

/// Servers on a page of the panel's list; the panel takes at most this many (contract, `GET /servers`).
const PAGE: &str = "100";

/// One page of the servers whose external id is a service of ours. Others on the panel are none of our affair.
pub(super) async fn list(place: &Installation, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
    let number = page.unwrap_or("1");
    let query = [("per_page", PAGE), ("page", number), ("sort", "id")];
    let found: wire::Page<Server> = place.panel.get(&["servers"], &query).await.map_err(harmless)?;
    let read = number.parse::<u32>().unwrap_or(1);
    let more = found.meta.is_some_and(|meta| read < meta.pagination.total_pages);
    let mut items = Vec::new();
    for server in found.data.into_iter().map(|item| item.attributes) {
        let Some(service) = server.external_id.as_deref().and_then(|key| key.parse().ok()) else { continue };
        let reference = RemoteRef { id: server.id.to_string(), identifier: server.identifier.clone() };
        items.push(Listed { service: Some(service), reference, state: state(&server)?, access: None });
    }
    Ok(Page { items, next: more.then(|| (read + 1).to_string()) })
}

/// An earlier attempt took effect after all.
async fn adopt(place: &Installation, order: &ServiceOrder) -> Result<Remote, ProviderError> {
    match find(place, order).await {
        Ok(Lookup::Ours(remote)) => Ok(remote),
        Ok(Lookup::Foreign(difference)) => Err(refused(format!("{difference}; it stands under our service's id"))),
        // Taken and yet not there: the other attempt may still be running.
        Ok(Lookup::Absent) => Err(unknown("the panel says that the service's id is taken, but shows no server")),
        // A server exists, so nothing may be concluded from a lookup that failed.
        Err(error) => Err(unknown(format!("the service's id is taken, and looking at it failed: {error}"))),
    }
}

/// In what the server differs from what we would have made.
async fn difference(
    place: &Installation,
    order: &ServiceOrder,
    settings: &GameSettings,
    server: &Server,
) -> Result<Option<String>, ProviderError> {
    let key = order.service.to_string();
    if server.external_id.as_deref() != Some(key.as_str()) {
        return Ok(Some("has another external id than was asked for".to_owned()));
    }
    if server.egg != settings.egg {
        return Ok(Some(format!("has egg {}, the product has egg {}", server.egg, settings.egg)));
    }
    if !owned(place, &order.owner, server).await? {
        return Ok(Some(format!("belongs to the panel's user {}, who is not the buyer", server.user)));
    }
    Ok(None)
}

async fn owned(place: &Installation, owner: &Owner, server: &Server) -> Result<bool, ProviderError> {
    let included = server.relationships.user.as_ref().and_then(|related| related.attributes.as_ref());
    if let Some(user) = included.filter(|user| user.id == server.user) {
        return Ok(user::is_owner(place, owner, user));
    }
    let id = server.user.to_string();
    let user: Option<User> = place.panel.get_item(&["users", &id], &[]).await.map_err(harmless)?;
    Ok(user.is_some_and(|user| user::is_owner(place, owner, &user)))
}

/// Key, name and description of a new server.
fn texts(order: &ServiceOrder) -> (String, String, String) {
    let key = order.service.to_string();
    let clean: String = order.label.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect();
    let label = if clean.trim().is_empty() { key.clone() } else { clean.trim().to_owned() };
    (key, label, format!("Hostwright order {}", order.order))
}

pub(super) fn remote(place: &Installation, server: Server) -> Result<Remote, ProviderError> {
    let state = state(&server)?;
    let mut access = Vec::new();
    if let Some(value) = address(&server) {
        access.push(AccessField { label: "Address".to_owned(), value });
    }
    access.push(AccessField { label: "Panel".to_owned(), value: place.server_page(&server.identifier) });
    let reference = RemoteRef { id: server.id.to_string(), identifier: server.identifier };
    Ok(Remote { reference, state, access })
}

/// The panel's words. One that we do not know is an error: it must not pass for ready.
fn state(server: &Server) -> Result<RemoteState, ProviderError> {
    Ok(match server.status.as_deref() {
        Some("suspended") => RemoteState::Suspended,
        _ if server.suspended => RemoteState::Suspended,
        Some("installing") => RemoteState::Installing,
        // Pelican makes one without a port where it is not told from which range.
        None if server.allocation.is_none() => RemoteState::Failed("the panel gave it no port".to_owned()),
        // A server that restores a backup is installed; the panel is only busy with it.
        None | Some("restoring_backup") => RemoteState::Ready,
        Some("install_failed") => RemoteState::Failed("the install script failed (install_failed)".to_owned()),
        Some("reinstall_failed") => RemoteState::Failed("reinstalling failed (reinstall_failed)".to_owned()),
        Some(other) => {
            return Err(misconfigured(format!(
                "the panel has the server in a state we do not know: {}",
                printable(other)
            )));
        }
    })
}

/// `alias:port` or `ip:port` of the default allocation, as far as the panel shows it.
fn address(server: &Server) -> Option<String> {
    let all = server.relationships.allocations.as_ref()?.data.as_ref()?;
    let default: &Allocation =
        all.iter().map(|item| &item.attributes).find(|allocation| Some(allocation.id) == server.allocation)?;
    let host = default.alias.as_deref().filter(|alias| !alias.trim().is_empty()).unwrap_or(&default.ip);
    // An IPv6 address is written in brackets before a port (RFC 3986, 3.2.2).
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    Some(format!("{host}:{}", default.port))
}

pub(super) fn read_settings(order: &ServiceOrder) -> Result<GameSettings, ProviderError> {
    GameSettings::read(&order.settings)
        .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))
}

/// The panel itself says that it is not there.
pub(super) fn gone(id: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the panel has no server {id} any more") }
}

fn harmless(fault: Fault) -> ProviderError {
    fault.into_error(Doubt::Harmless)
}

fn unknown(detail: impl Into<String>) -> ProviderError {
    ProviderError::Unknown { detail: detail.into() }
}

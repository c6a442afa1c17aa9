//! Servers that stand on the panel already, made by hand or by another shop's programs: seen, and taken over.

use kernel::Page;
use provisioning::{Adoption, Lookup, Mode, ProviderError, RemoteRef, ServiceOrder, Stray};
use reqwest::Method;

use super::{
    Installation,
    answer::{Doubt, printable},
    panel::refused,
    server::{find, gone, read_settings, remote},
    settings::GameSettings,
    user,
    wire::{self, Details, Server},
};

/// One page of the servers without a service's id of ours on them.
pub(super) async fn strays(place: &Installation, page: Option<&str>) -> Result<Page<Stray>, ProviderError> {
    let (number, found): (u32, wire::Page<Server>) = wire_page(place, page).await?;
    let more = found.meta.is_some_and(|meta| number < meta.pagination.total_pages);
    let ours = |server: &Server| {
        server.external_id.as_deref().is_some_and(|key| key.parse::<kernel::Id<kernel::entity::Service>>().is_ok())
    };
    let stray = |server: Server| Stray {
        reference: RemoteRef { id: server.id.to_string(), identifier: server.identifier.clone() },
        name: printable(&server.name),
        owner: server
            .relationships
            .user
            .and_then(|user| user.attributes)
            .map_or_else(String::new, |user| printable(&user.email.trim().to_lowercase())),
        key: server.external_id.as_deref().filter(|key| !key.is_empty()).map(printable),
    };
    let servers = found.data.into_iter().map(|item| item.attributes);
    let items = servers.filter(|server| !ours(server)).map(stray).collect();
    Ok(Page { items, next: more.then(|| (number + 1).to_string()) })
}

async fn wire_page(place: &Installation, page: Option<&str>) -> Result<(u32, wire::Page<Server>), ProviderError> {
    let number = page.unwrap_or("1");
    let query = [("per_page", "100"), ("page", number), ("sort", "id"), ("include", "user")];
    let found = place.panel.get(&["servers"], &query).await.map_err(|fault| fault.into_error(Doubt::Harmless))?;
    Ok((number.parse().unwrap_or(1), found))
}

/// Puts the service's id on the server with this number, once everything says that it is this order's.
pub(super) async fn adopt(
    place: &Installation,
    order: &ServiceOrder,
    id: &str,
    mode: Mode,
) -> Result<Adoption, ProviderError> {
    let settings = read_settings(order)?;
    if id.parse::<u64>().is_err() {
        return Err(refused("expected the number of a server, as the panel's administration shows it"));
    }
    let query = [("include", "allocations,user")];
    let found = place.panel.get_item(&["servers", id], &query).await;
    let server: Server = found.map_err(|fault| fault.into_error(Doubt::Harmless))?.ok_or_else(|| gone(id))?;
    let key = order.service.to_string();
    may_be_taken(place, order, &server, &key).await?;
    let owner = its_owner(place, order, &server).await?;
    if server.egg != settings.egg {
        let (found, wanted) = (server.egg, settings.egg);
        return Err(refused(format!("the server has egg {found}, and the product has egg {wanted}")));
    }
    let mut changes = Vec::new();
    if server.external_id.as_deref() != Some(key.as_str()) {
        changes.push(format!("its external id becomes {key}"));
    }
    if owner == KeyOf::Missing {
        changes.push(format!("its owner's external id becomes {}", place.user_key(order.owner.customer)));
    }
    let differences = differences(&settings, &server);
    if mode == Mode::Do && !changes.is_empty() {
        put_key(place, order, &server, &key).await?;
    }
    Ok(Adoption { remote: remote(place, server)?, changes, differences })
}

/// Neither another's server, nor a second one of this service.
async fn may_be_taken(
    place: &Installation,
    order: &ServiceOrder,
    server: &Server,
    key: &str,
) -> Result<(), ProviderError> {
    match server.external_id.as_deref().filter(|found| !found.is_empty()) {
        Some(found) if found == key => return Ok(()),
        Some(found) => {
            let found = printable(found);
            return Err(refused(format!(
                "the server has the external id {found}: remove that first, if nobody uses it"
            )));
        }
        None => {}
    }
    match find(place, order).await? {
        Lookup::Absent => Ok(()),
        Lookup::Ours(other) => Err(refused(format!("server {} stands under this service's id", other.reference.id))),
        Lookup::Foreign(why) => Err(refused(why)),
    }
}

/// Whether our key is on the owner already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyOf {
    Present,
    Missing,
}

async fn its_owner(place: &Installation, order: &ServiceOrder, server: &Server) -> Result<KeyOf, ProviderError> {
    let number = server.user.to_string();
    let found = place.panel.get_item(&["users", &number], &[]).await;
    let user: wire::User = found
        .map_err(|fault| fault.into_error(Doubt::Harmless))?
        .ok_or_else(|| refused(format!("the panel does not show the server's owner, user {number}")))?;
    if !user::is_owner(place, &order.owner, &user) {
        let address = printable(&user.email);
        return Err(refused(format!("the server belongs to {address}, and the order to {}", order.owner.email)));
    }
    let keyed = user.external_id.as_deref().is_some_and(|key| !key.is_empty());
    Ok(if keyed { KeyOf::Present } else { KeyOf::Missing })
}

/// The owner first: were that refused, the server would be as it was. The panel wants name and owner again, and takes away
/// what is left out.
async fn put_key(place: &Installation, order: &ServiceOrder, server: &Server, key: &str) -> Result<(), ProviderError> {
    let owner = user::ensure(place, &order.owner).await?;
    if owner != server.user {
        return Err(refused(format!(
            "the buyer is the panel's user {owner}, and the server is user {}'s",
            server.user
        )));
    }
    let description = server.description.as_deref().unwrap_or_default();
    let body = Details { external_id: key, name: &server.name, user: server.user, description };
    let id = server.id.to_string();
    let path = ["servers", id.as_str(), "details"];
    let written: Result<Server, _> = place.panel.write(Method::PATCH, &path, &body).await;
    let written = written.map_err(|fault| fault.into_error(Doubt::MayHaveHappened))?;
    if written.external_id.as_deref() == Some(key) && written.id == server.id {
        return Ok(());
    }
    Err(ProviderError::Unknown { detail: "the panel answered with another server than was changed".to_owned() })
}

/// Memory, disk and cpu as they are and as the plan has them.
fn differences(settings: &GameSettings, server: &Server) -> Vec<String> {
    let Some(found) = server.limits.as_ref().map(|limits| limits.limits) else {
        return vec!["the panel does not say its limits".to_owned()];
    };
    let wanted = settings.limits;
    [
        ("memory", "MiB", found.memory, wanted.memory),
        ("disk", "MiB", found.disk, wanted.disk),
        ("cpu", "% of a core", found.cpu, wanted.cpu),
    ]
    .into_iter()
    .filter(|(_, _, found, wanted)| found != wanted)
    .map(|(what, unit, found, wanted)| format!("it has {found} {unit} of {what}, and the plan has {wanted}"))
    .collect()
}

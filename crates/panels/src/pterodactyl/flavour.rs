//! Pterodactyl, or Pelican, which came of it: the same paths for what matters here, other rules in places.
//!
//! Pelican has neither nests nor locations: eggs stand by themselves, and nodes have tags. Its users have no names. A server that
//! is asked for without a port range gets no port at all, so that a plan for it must name one.

use provisioning::ProviderError;
use serde_json::Value;

use super::{
    Installation,
    answer::{Doubt, Fault},
    panel::refused,
    settings::GameSettings,
    wire::Node,
};
use kernel::Slug;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Pterodactyl,
    Pelican,
}

impl Flavour {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pterodactyl => "Pterodactyl",
            Self::Pelican => "Pelican",
        }
    }
}

/// Where a server may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    Location(u64),
    Tag(String),
}

impl Spot {
    pub(super) fn has(&self, node: &Node) -> bool {
        match self {
            Self::Location(id) => node.location_id == Some(*id),
            Self::Tag(tag) => node.tags.contains(tag),
        }
    }
}

impl Installation {
    /// What the panel is; asked once, since no panel turns into another while we run.
    pub(super) async fn flavour(&self) -> Result<Flavour, ProviderError> {
        if let Some(known) = self.flavour.get() {
            return Ok(*known);
        }
        let found = self.ask_flavour().await?;
        Ok(*self.flavour.get_or_init(|| found))
    }

    /// Only Pelican lists its eggs at once.
    pub(super) async fn ask_flavour(&self) -> Result<Flavour, ProviderError> {
        let read: Result<Value, Fault> = self.panel.get(&["eggs"], &[("per_page", "1")]).await;
        match read {
            Ok(_) => Ok(Flavour::Pelican),
            Err(Fault::Refusal(refusal)) if refusal.is_absence() => Ok(Flavour::Pterodactyl),
            Err(fault) => Err(fault.into_error(Doubt::Harmless)),
        }
    }

    /// Where the product may be made for this region, in the order of trying.
    pub(super) async fn spots(
        &self,
        settings: &GameSettings,
        region: Option<&Slug>,
    ) -> Result<(Flavour, Vec<Spot>), ProviderError> {
        let flavour = self.flavour().await?;
        let (what, given, found): (_, _, Option<Vec<Spot>>) = match flavour {
            Flavour::Pterodactyl => {
                let found = settings.locations_for(region).map(|all| all.into_iter().map(Spot::Location).collect());
                ("locations", !settings.locations.is_empty(), found)
            }
            Flavour::Pelican => {
                let found = settings.tags_for(region).map(|all| all.into_iter().map(Spot::Tag).collect());
                ("tags", !settings.tags.is_empty(), found)
            }
        };
        if !given {
            return Err(refused(format!("the panel is a {}, and the product has no {what} for it", flavour.name())));
        }
        let nowhere = || {
            let region = region.map_or("", |region| region.as_str());
            refused(format!("the product has no {what} for region {region}"))
        };
        found.map(|spots| (flavour, spots)).ok_or_else(nowhere)
    }
}

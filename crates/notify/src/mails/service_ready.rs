//! What was bought is running.

use serde::Serialize;

use super::Fact;
use crate::{Department, MailTemplate};

/// Says that a service runs and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceReady {
    /// The customer's name for it, or the plan's.
    pub service_name: String,
    /// What it is, as it stands in the middle of a sentence: `game server`, `website`.
    pub kind: String,
    /// How to reach it: address, panel, identifier. No passwords.
    pub access: Vec<Fact>,
    /// The service's page in the dashboard.
    pub dashboard_url: String,
}

impl MailTemplate for ServiceReady {
    const NAME: &'static str = "service_ready";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        let game = Self {
            service_name: "Block Party".to_owned(),
            kind: "game server".to_owned(),
            access: vec![
                Fact::new("Address", "203.0.113.7:25565"),
                Fact::new("Panel", "https://panel.example/server/1a2b3c4d"),
                Fact::new("Identifier", "1a2b3c4d"),
            ],
            dashboard_url: "https://shop.example/dashboard".to_owned(),
        };
        let website = Self {
            service_name: "novak.example".to_owned(),
            kind: "website".to_owned(),
            access: Vec::new(),
            ..game.clone()
        };
        vec![game, website]
    }
}

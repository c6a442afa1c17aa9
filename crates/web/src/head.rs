//! What stands around every page: title, navigation, refresh.

use accounts::Permission;
use serde::Serialize;

use crate::{
    say::{Fill, Say},
    visitor::Visitor,
};

/// The frame of a page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Head {
    /// The title, without the shop's name.
    pub(crate) title: Fill,
    /// For search engines; empty for pages that they shall not list.
    pub(crate) description: Option<Say>,
    /// The customer in whose place somebody of the shop acts; every page says so.
    pub(crate) acting_for: Option<String>,
    /// Shown in the navigation.
    pub(crate) signed_in: bool,
    /// Seconds after which a browser without JavaScript asks again.
    pub(crate) refresh: Option<u32>,
    /// Where the browser goes at once.
    pub(crate) go_to: Option<String>,
    /// Narrow pages hold one form or message.
    pub(crate) narrow: bool,
    /// Works for the shop: the navigation leads to the desk.
    pub(crate) staff: bool,
    /// The part of the account that its navigation marks as the one looked at; empty elsewhere.
    pub(crate) part: &'static str,
    /// A page of the desk, with its own navigation.
    pub(crate) desk: Option<DeskBar>,
}

/// What the desk's navigation leads to besides what everybody there sees.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DeskBar {
    /// The audit trail.
    trail: bool,
    /// Closing the shop for maintenance.
    maintenance: bool,
}

impl Head {
    pub(crate) fn new(title: impl Into<Fill>, visitor: &Visitor) -> Self {
        Self {
            title: title.into(),
            description: None,
            acting_for: visitor
                .0
                .as_ref()
                .filter(|who| who.means.acted_by().is_some())
                .map(|who| who.user.email.to_string()),
            signed_in: visitor.0.is_some(),
            refresh: None,
            go_to: None,
            narrow: false,
            staff: visitor.is_staff(),
            part: "",
            desk: None,
        }
    }

    pub(crate) fn desk(title: impl Into<Fill>, visitor: &Visitor) -> Self {
        let may = |permission| visitor.0.as_ref().is_some_and(|who| who.user.role.may(permission));
        let bar = DeskBar { trail: may(Permission::ReadAudit), maintenance: may(Permission::ManageShop) };
        Self { desk: Some(bar), ..Self::new(title, visitor) }
    }

    /// A page of the account, of this part.
    pub(crate) fn account(title: impl Into<Fill>, visitor: &Visitor, part: &'static str) -> Self {
        Self { part, ..Self::new(title, visitor) }
    }

    pub(crate) fn narrow(title: impl Into<Fill>, visitor: &Visitor) -> Self {
        Self { narrow: true, ..Self::new(title, visitor) }
    }
}

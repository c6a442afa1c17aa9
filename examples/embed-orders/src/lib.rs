//! A shop of somebody else's: it has a rule of its own on top of Hostwright's orders.

use orders::{Order, OrderState};

/// Whether this shop's people should look at an order: what Hostwright says needs a person, and large unpaid ones.
pub fn wants_a_look(order: &Order, large: i64) -> bool {
    match &order.state {
        OrderState::NeedsAttention { .. } => true,
        OrderState::Pending => order.line.total.minor() >= large,
        _ => false,
    }
}

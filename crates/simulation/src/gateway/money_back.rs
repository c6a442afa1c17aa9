//! Refunds that the shop asks for: what was truly sent back, under which keys.

use checkout::GatewayError;
use kernel::Money;
use orders::{GatewayFact, Refund, RefundFact, RefundStatus};

use super::{KEY_LIFE, number};
use crate::{check::Rule, core::State, fault::Fault, seen::Sometimes};

fn refused(code: &str) -> GatewayError {
    GatewayError::Refused { code: code.to_owned(), message: "no".to_owned(), request_id: None }
}

impl State {
    /// Sends money back, or answers as the key's first call was answered.
    pub(crate) fn send_back(&mut self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        let failed = || GatewayError::Failed { detail: "500".to_owned() };
        let (key, now) = (refund.idempotency_key(), self.now);
        let known = self.ledger.refund_keys.get(&key).filter(|(at, _)| now < at + KEY_LIFE).cloned();
        if let Some((_, answer)) = known {
            self.note(Sometimes::KeyReplayed);
            return answer.map_err(|()| failed());
        }
        if self.strikes(Fault::GatewayRefuses) {
            self.check.excuse(refund.order);
            return Err(refused("charge_disputed"));
        }
        let fails = self.strikes(Fault::Gateway500);
        let made = if fails && self.dice.percent(50) { None } else { Some(self.money_leaves(intent, refund)?) };
        let answer = if fails { Err(()) } else { made.ok_or(()) };
        self.ledger.refund_keys.insert(key, (now, answer.clone()));
        answer.map_err(|()| failed())
    }

    fn money_leaves(&mut self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        let place = number(intent).ok_or_else(|| refused("resource_missing"))?;
        let session = self.ledger.sessions.get_mut(place).ok_or_else(|| refused("resource_missing"))?;
        let collected = session.collected.ok_or_else(|| refused("charge_not_captured"))?;
        if session.refunded == collected.minor() {
            return Err(refused("charge_already_refunded"));
        }
        if session.refunded + refund.amount.minor() > collected.minor() {
            return Err(refused("amount_too_large"));
        }
        session.refunded += refund.amount.minor();
        let sent = self.ledger.sent_back.entry(refund.id).or_default();
        let fact = RefundFact {
            id: format!("re_{}_{}", refund.id, sent.len()),
            refund: Some(refund.id),
            intent: Some(intent.to_owned()),
            amount: Some(refund.amount),
            status: RefundStatus::Sent,
            reason: None,
        };
        sent.push(fact.clone());
        let total: i64 = sent.iter().filter_map(|fact| fact.amount.map(Money::minor)).sum();
        self.holds(total <= refund.amount.minor(), Rule::S7, || {
            format!("{}: {total} went back for {}, asked were {}", refund.order, refund.id, refund.amount)
        });
        if let Some(charge) = self.ledger.charge(place) {
            self.send("charge.refunded", GatewayFact::Refund(charge), false);
        }
        Ok(fact)
    }
}

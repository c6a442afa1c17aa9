//! Whether something may be tried once more, asked before anything costly or telling is done for it.

use audit::{Act, Actor, AuditStore as _, Entry, Facts, Origin, Subject};
use kernel::{StoreError, Transact};
use limits::{Attempt, Decision, LimitStore as _, Limited, Per, Refusal, Whose};

use crate::{Shop, Stores, account::by_owner};

/// Counts a try. Known and unknown addresses are counted alike, before anybody looks whether there is an account.
///
/// A refusal is one line in the log, without anybody's address. The first one about an account, in the time that its tries
/// take to come back, is on record: each is preceded by tries that passed, so that whoever writes many has done more.
///
/// # Errors
/// [`Limited`] with the time to wait; the store's own.
pub(crate) async fn admit<W: Shop, E>(world: &W, attempt: Attempt<'_>, origin: &Origin) -> Result<(), E>
where
    E: From<Limited> + From<StoreError>,
{
    let charges = world.limits().charges(&attempt, origin.ip);
    if charges.is_empty() {
        return Ok(());
    }
    let refusals = world.db().take(&charges, None).await?;
    let Decision::Wait(seconds) = Decision::of(&refusals) else { return Ok(()) };
    let rules = refusals.iter().map(|refusal| refusal.rule.name).collect::<Vec<_>>().join(", ");
    tracing::info!(limit.rules = rules, limit.wait_s = seconds, "a try was refused");
    if let (Some(refusal), Some(whose)) = (refusals.iter().find(|refusal| is_worth_telling(refusal)), attempt.whose()) {
        put_on_record(world, refusal, whose, origin).await?;
    }
    Err(Limited { seconds }.into())
}

/// What is said of a network says nothing of an account.
fn is_worth_telling(refusal: &Refusal) -> bool {
    refusal.news && matches!(refusal.rule.per, Per::Account | Per::AccountAndNetwork)
}

async fn put_on_record<W: Shop>(
    world: &W,
    refusal: &Refusal,
    whose: Whose<'_>,
    origin: &Origin,
) -> Result<(), StoreError> {
    let facts = Facts::none().text("rule", refusal.rule.name).number("wait_s", refusal.wait);
    let work = async |tx: &mut W::Tx| {
        let entry = entry(world, tx, whose).await?;
        tx.append(&entry.from(origin).after(facts)).await
    };
    world.db().transaction(work).await
}

/// Whoever is signed in has proven who they are; whoever gives an address has not.
async fn entry<W: Shop, S: Stores>(world: &W, tx: &mut S, whose: Whose<'_>) -> Result<Entry, StoreError> {
    let env = &mut world.env();
    let subject = match whose {
        Whose::User(user) => match tx.user(user).await? {
            Some(user) => return Ok(by_owner(env, Act::Limited, &user)),
            None => Subject::new("user", user),
        },
        Whose::Address(address) => match tx.user_by_email(address).await? {
            Some(user) => Subject::new("user", user.id),
            None => Subject::new("address", world.pseudonyms().name(address.as_str())),
        },
    };
    Ok(Entry::new(env, Actor::Visitor, Act::Limited, subject))
}

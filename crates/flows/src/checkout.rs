//! From a checkout request to a payment page.

mod look_up;

use accounts::AccountStore;
use audit::{Act, AuditStore as _, Entry, Origin, Subject};
use checkout::{
    CheckoutError, CheckoutRequest, GatewayError, PaymentGateway, Placed, next_attempt, record_gateway_error,
    record_session, session_request,
};
use kernel::{Env, Failure, FailureKind, Id, StoreError, Transact, entity, planted};
use limits::{Attempt, Limited};
use orders::{
    Links, Order, OrderError, OrderSession, OrderState, OrderStore, Payment, Receipt, SessionFact, SessionState,
};
use outbound::{CallState, OutboundCall, OutboundStore, Purpose};

pub(crate) use self::look_up::find_session;
use self::look_up::{Asked, look_up};
use crate::{
    Hosting, Shop, SignedIn, Stores,
    limit::admit,
    password,
    room::{is_overtaken, room_for},
};

/// How often others may come in between before a buyer is told that there is no room.
const MOST_LOOKS: u32 = 3;

/// Where the customer pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStarted {
    /// The order.
    pub order: Id<entity::Order>,
    /// The gateway's session; an id of our own where nothing is to be paid.
    pub session: String,
    /// The payment page; the order's page where nothing is to be paid.
    pub url: String,
}

/// Why there is no payment page.
#[derive(Debug, thiserror::Error)]
pub enum CreateSessionError {
    /// The request.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The gateway; the order says so too.
    #[error("{source}; order {order} is kept")]
    Gateway {
        /// The order that was written.
        order: Id<entity::Order>,
        /// What the gateway did.
        source: GatewayError,
    },
    /// A guest's account could not be prepared.
    #[error(transparent)]
    Password(#[from] password::PrepareError),
    /// The order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// It was tried too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for CreateSessionError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Checkout(error) => error.kind(),
            // That the gateway does not find something is no «not found» of ours.
            Self::Gateway { source: GatewayError::NotFound, .. } => FailureKind::Upstream,
            Self::Gateway { source, .. } => source.kind(),
            Self::Password(error) => error.kind(),
            Self::Order(error) => error.kind(),
            Self::Limited(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Checkout(error) => error.code(),
            Self::Gateway { source, .. } => source.code(),
            Self::Password(error) => error.code(),
            Self::Order(error) => error.code(),
            Self::Limited(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        if let Self::Limited(error) = self { error.retry_after() } else { None }
    }
}

/// What the first transaction leaves to do.
enum Next {
    /// A double click, or a reload: the page exists already.
    Done(SessionStarted),
    /// Ask the gateway.
    Ask(Box<(Order, Payment)>),
    /// The gateway was asked so long ago that its key may be forgotten: look first.
    LookUp(Box<Asked>),
    /// Nothing is to be paid.
    Free(Box<Order>),
}

/// [`create_session`] for whoever came in by a door, as often as the limits let them. What somebody of the shop orders in a
/// customer's place is on record with the order.
///
/// # Errors
/// See [`CreateSessionError`].
pub async fn check_out<W: Hosting>(
    world: &W,
    request: CheckoutRequest,
    who: Option<&SignedIn>,
    origin: &Origin,
) -> Result<SessionStarted, CreateSessionError> {
    let buyer = &request.buyer;
    admit::<_, CreateSessionError>(world, Attempt::Checkout(buyer.customer, &buyer.email), origin).await?;
    let acting = who.filter(|who| who.means.acted_by().is_some()).map(|who| (who, origin));
    // Whoever comes in between takes the place that was asked for: then it is asked about once more.
    for _ in 0..MOST_LOOKS {
        let room = room_for(world, &request).await?;
        match begin(world, request.clone(), (acting, room)).await {
            Err(CreateSessionError::Checkout(CheckoutError::NoRoom { .. }))
                if is_overtaken(world, &request).await? => {}
            done => return done,
        }
    }
    let room = room_for(world, &request).await?;
    begin(world, request, (acting, room)).await
}

/// Writes the order, then asks the gateway for a payment page, then links it. A crash between the two is mended by the
/// webhook, which finds the order by the session's metadata; a repeated call with the same client key goes on where the
/// first one stopped.
///
/// # Errors
/// See [`CreateSessionError`]. With [`CreateSessionError::Gateway`] the order stays on record and says why.
pub async fn create_session<W: Shop>(
    world: &W,
    request: CheckoutRequest,
) -> Result<SessionStarted, CreateSessionError> {
    begin(world, request, (None, None)).await
}

async fn begin<W: Shop>(
    world: &W,
    request: CheckoutRequest,
    how: (Option<(&SignedIn, &Origin)>, Option<u32>),
) -> Result<SessionStarted, CreateSessionError> {
    match prepare(world, request, how).await? {
        Next::Done(started) => Ok(started),
        Next::Free(order) => complete_free(world, *order).await,
        Next::LookUp(asked) => look_up(world, *asked).await,
        Next::Ask(pair) => {
            let (order, payment) = *pair;
            let answer = world.gateway().create_session(&session_request(&order, &payment, world.links())).await;
            match answer {
                Ok(session) => link(world, &order, payment, &session).await,
                Err(error) => Err(record_failure(world, &payment, error).await?),
            }
        }
    }
}

/// The intent, committed with the order before the gateway is asked.
async fn about_to_ask<S: Stores>(
    tx: &mut S,
    env: &Env,
    links: &Links,
    (order, payment): &(Order, Payment),
) -> Result<OutboundCall, StoreError> {
    let key = session_request(order, payment, links).session_key();
    outbound::about_to_call(tx, env, (Purpose::CreateSession, &key), Some(order.id)).await
}

/// Records the session that the gateway has.
async fn link<W: Shop>(
    world: &W,
    order: &Order,
    mut payment: Payment,
    session: &SessionFact,
) -> Result<SessionStarted, CreateSessionError> {
    let url = session.url.clone().unwrap_or_else(|| world.links().order(order.id));
    let started = SessionStarted { order: order.id, session: session.id.clone(), url };
    let key = session_request(order, &payment, world.links()).session_key();
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        record_session(tx, env, order, &mut payment, session).await?;
        outbound::happened(tx, &key, &session.id).await
    };
    world.db().transaction(work).await?;
    Ok(started)
}

async fn prepare<W: Shop>(
    world: &W,
    request: CheckoutRequest,
    (acting, room): (Option<(&SignedIn, &Origin)>, Option<u32>),
) -> Result<Next, CreateSessionError> {
    let mut env = world.env();
    let key = request.client_key.clone();
    world
        .db()
        .transaction(async |tx| {
            let pair = match checkout::place_within(tx, &mut env, request, room).await? {
                Placed::New(pair) => pair,
                // The order that was just written has lost to the one that the key belongs to: roll it back.
                Placed::Replay(order) => return Err(Rollback::Replay(order)),
            };
            if let Some((who, origin)) = acting {
                let entry = Entry::new(&mut env, who.actor(), Act::ActedAs, Subject::new("order", pair.0.id));
                tx.append(&entry.from(origin)).await?;
            }
            if pair.0.line.is_free() {
                return Ok(Next::Free(Box::new(pair.0)));
            }
            about_to_ask(tx, &env, world.links(), &pair).await?;
            Ok(Next::Ask(pair))
        })
        .await
        .or_else_replay(async |order| {
            tracing::debug!(order.id = %order, key = key.is_some(), "the same checkout again");
            resume(world, order).await
        })
        .await
}

/// The first transaction was given up, and why.
enum Rollback {
    Replay(Id<entity::Order>),
    Error(CreateSessionError),
}

impl From<CheckoutError> for Rollback {
    fn from(error: CheckoutError) -> Self {
        Self::Error(error.into())
    }
}
impl From<StoreError> for Rollback {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

trait OrElseReplay {
    async fn or_else_replay(
        self,
        resume: impl AsyncFnOnce(Id<entity::Order>) -> Result<Next, CreateSessionError>,
    ) -> Result<Next, CreateSessionError>;
}

impl OrElseReplay for Result<Next, Rollback> {
    async fn or_else_replay(
        self,
        resume: impl AsyncFnOnce(Id<entity::Order>) -> Result<Next, CreateSessionError>,
    ) -> Result<Next, CreateSessionError> {
        match self {
            Ok(next) => Ok(next),
            Err(Rollback::Replay(order)) => resume(order).await,
            Err(Rollback::Error(error)) => Err(error),
        }
    }
}

/// Goes on with an order that the same request made before.
async fn resume<W: Shop>(world: &W, id: Id<entity::Order>) -> Result<Next, CreateSessionError> {
    let mut env = world.env();
    world
        .db()
        .transaction(async |tx| {
            let (order, payment) = locked(tx, id).await?;
            if let Some(OrderSession { session, url: Some(url), .. }) = tx.session_of(id).await? {
                return Ok(Next::Done(SessionStarted { order: id, session, url }));
            }
            if order.state != OrderState::Pending {
                return Err(CheckoutError::OrderClosed(order.state.as_str()).into());
            }
            if order.line.is_free() {
                return Ok(Next::Free(Box::new(order)));
            }
            let payment = next_attempt(tx, &mut env, payment).await?;
            let key = session_request(&order, &payment, world.links()).session_key();
            // A key that the gateway may have forgotten would make a second session: it is looked for instead.
            let stale = tx.lock_call(&key).await?.filter(|call| call.key_is_stale(env.now()));
            if let Some(call) = stale.filter(|call| call.state != CallState::Done) {
                return Ok(Next::LookUp(Box::new(Asked { order, payment, call })));
            }
            let pair = Box::new((order, payment));
            about_to_ask(tx, &env, world.links(), &pair).await?;
            Ok(Next::Ask(pair))
        })
        .await
}

/// Notes why an attempt got no session.
async fn record_failure<W: Shop>(
    world: &W,
    asked: &Payment,
    error: GatewayError,
) -> Result<CreateSessionError, CreateSessionError> {
    let id = asked.order;
    tracing::warn!(order.id = %id, error = %error, detail = ?error, "no payment page");
    let mut env = world.env();
    world
        .db()
        .transaction(async |tx| {
            let (mut order, mut payment) = locked(tx, id).await?;
            let key = session_request(&order, asked, world.links()).session_key();
            if !matches!(error, GatewayError::Unknown { .. }) {
                outbound::did_not_happen(tx, &key, &error.to_string()).await?;
            }
            // A webhook or a second click may have moved the order on, or begun a new attempt, which this answer says
            // nothing about; then there is nothing to note.
            let same = payment.id == asked.id || planted("failure-hits-any-attempt");
            let current = same && order.state == OrderState::Pending;
            if current && tx.session_of(id).await?.is_none() {
                record_gateway_error(tx, &mut env, &mut order, &mut payment, &error).await?;
            }
            Ok::<_, CreateSessionError>(())
        })
        .await?;
    Ok(CreateSessionError::Gateway { order: id, source: error })
}

/// Nothing is to be paid: the order is paid without the gateway.
async fn complete_free<W: Shop>(world: &W, order: Order) -> Result<SessionStarted, CreateSessionError> {
    let mut env = world.env();
    let email = &order.buyer.email;
    let known =
        world.db().transaction(async |tx| Ok::<_, StoreError>(tx.user_by_email(email).await?.is_some())).await?;
    let access = if known { None } else { Some(password::prepare(world, &mut env).await?) };
    let session = format!("free_{}", order.id.uuid().simple());
    let url = world.links().order(order.id);
    let receipt = Receipt { access, session: Some(session.clone()), ..Receipt::default() };
    let link = (session.clone(), url.clone());
    world
        .db()
        .transaction(async |tx| {
            let (mut order, mut payment) = locked(tx, order.id).await?;
            if order.state != OrderState::Pending {
                return Ok(());
            }
            let at = env.now();
            let (session, url) = link;
            let link = OrderSession {
                session,
                order: order.id,
                payment: payment.id,
                state: SessionState::Completed,
                url: Some(url),
                created_at: at,
            };
            tx.save_session(&link).await?;
            Ok::<_, CreateSessionError>(
                orders::pay(tx, &mut env, world.links(), (&mut order, &mut payment), &receipt).await?,
            )
        })
        .await?;
    Ok(SessionStarted { order: order.id, session, url })
}

/// An order with its latest payment, locked.
pub(crate) async fn locked<S: Stores>(tx: &mut S, id: Id<entity::Order>) -> Result<(Order, Payment), OrderError> {
    let order = tx.lock_order(id).await?.ok_or(OrderError::NotFound(id))?;
    let payment = tx.latest_payment(id).await?;
    let payment = payment.ok_or_else(|| StoreError::bug(format!("{id} has no payment")))?;
    Ok((order, payment))
}

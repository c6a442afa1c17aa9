//! What can go wrong, and how often it does in one world.

use crate::dice::{Dice, WHOLE};

/// Kinds of faults, with their words and how often each may happen at most, in parts of [`WHOLE`] per opportunity.
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = ($word:literal, $most:expr);)*) => {
        /// Something that goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(usize)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// Its words.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
            const fn most(self) -> u32 {
                match self { $(Self::$name => $most,)* }
            }
        }
    };
}

const fn percent(percent: u32) -> u32 {
    WHOLE / 100 * percent
}

faults! {
    /// A worker's process ends without a word.
    KillWorker = ("worker killed", percent(1));
    /// The API's process ends without a word.
    KillApi = ("api killed", percent(1));
    /// A process is not run for a while and then goes on as if nothing had been.
    Freeze = ("process frozen (zombie)", percent(1));
    /// A worker is told to end: it gives its jobs back and comes again.
    Restart = ("worker restarted in order", percent(1));
    /// A worker's heartbeats do not arrive although it works.
    SilentHeart = ("heartbeats lost", percent(1));
    /// A job takes down every worker that tries it, for some time or for ever.
    PoisonJob = ("job that kills its worker", percent(4));
    /// A process's clock is wrong by up to an hour.
    ClockSkew = ("clock off by up to 1 h", percent(30));
    /// A call takes its time.
    Slow = ("slow call", percent(6));
    /// The database is away for a while.
    DbDown = ("database down", WHOLE / 800);
    /// The database gives a transaction up: it would not be serializable, or two waited for each other.
    DbConflict = ("serialization failure, deadlock", percent(2));
    /// No connection is free.
    DbPool = ("connection pool exhausted", percent(2));
    /// The database committed, and nobody heard of it.
    ReplyLost = ("commit reply lost", percent(2));
    /// A claim took jobs, and nobody heard of it.
    ClaimLost = ("claim reply lost", percent(2));
    /// Nobody was told of new work.
    BellLost = ("doorbell lost", percent(20));
    /// The gateway cannot be reached.
    GatewayDown = ("gateway unreachable", percent(10));
    /// The gateway never got the call, and nobody knows.
    GatewayTimeout = ("gateway timeout, no effect", percent(10));
    /// The gateway did it, and nobody knows.
    GatewayLost = ("gateway timeout, effect", percent(10));
    /// The gateway failed, and repeats that under the same key; sometimes it did it all the same.
    Gateway500 = ("gateway 500, replayed under its key", percent(8));
    /// The gateway refuses.
    GatewayRefuses = ("gateway refuses", percent(3));
    /// A customer comes back when the gateway has forgotten the key.
    KeyExpired = ("idempotency key older than 24 h", percent(4));
    /// A webhook is never delivered.
    WebhookLost = ("webhook never sent", percent(15));
    /// A webhook is delivered two to five times.
    WebhookDoubled = ("webhook doubled", percent(60));
    /// A webhook comes late, after others.
    WebhookReordered = ("webhook reordered", percent(40));
    /// A webhook comes up to three days late.
    WebhookDelayed = ("webhook up to 3 days late", percent(5));
    /// Somebody sends an old or false account of a session in an event of its own.
    WebhookForged = ("webhook that tells something false", percent(15));
    /// An event of the gateway's other mode.
    WebhookForeign = ("webhook of the other mode", percent(10));
    /// The gateway collected another amount.
    WrongAmount = ("wrong amount collected", percent(4));
    /// The panel cannot be reached.
    PanelDown = ("panel unreachable", percent(12));
    /// The panel has too many calls.
    PanelBusy = ("panel 429", percent(8));
    /// The panel never got the call, and nobody knows.
    PanelTimeout = ("panel timeout, no effect", percent(12));
    /// The panel did it, and nobody knows.
    PanelLost = ("panel timeout, effect", percent(12));
    /// The panel does it later, and nobody knows.
    PanelLate = ("panel timeout, effect later", percent(12));
    /// A look at the panel shows what it had a while ago.
    PanelStale = ("panel lookup stale", percent(20));
    /// The panel has no room.
    PanelFull = ("panel has no capacity", percent(3));
    /// The panel refuses.
    PanelRefuses = ("panel refuses", percent(2));
    /// An install fails.
    InstallFails = ("install fails", percent(5));
    /// An install takes half an hour and longer.
    InstallSlow = ("install takes 10 to 40 min", percent(5));
    /// A server vanishes while it is installed.
    ServerVanishes = ("server vanishes", percent(2));
    /// Somebody else's server stands under our key.
    ServerForeign = ("foreign server under our key", percent(2));
    /// The mail server cannot be reached.
    MailDown = ("mail server unreachable", percent(15));
    /// The mail server took it, and nobody knows.
    MailLost = ("mail timeout, effect", percent(10));
    /// The mail server refuses the mail.
    MailRejected = ("mail rejected", percent(2));
    /// A customer clicks twice.
    DoubleClick = ("double click", percent(40));
    /// An operator tries something again that needs it or not.
    Redrive = ("operator tries again", percent(80));
    /// Somebody removes a job that waits, by hand or by restoring an old copy.
    JobRemoved = ("waiting job removed by hand", percent(60));
    /// Money goes back at the gateway.
    Refund = ("refund at the gateway", percent(40));
}

/// How many kinds there are.
pub(crate) const FAULTS: usize = Fault::ALL.len();

/// How often each kind happens in one world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    chances: [u32; FAULTS],
}

impl Plan {
    /// Nothing goes wrong.
    pub const CALM: Self = Self { chances: [0; FAULTS] };

    /// Draws a plan: each kind is left out in half of the worlds, and in the others as frequent as it falls.
    pub fn swarm(dice: &mut Dice) -> Self {
        let mut plan = Self::CALM;
        // Some worlds are quiet on the whole, or rare orders of events would drown in noise.
        let share = 20 + 30 * dice.below(3);
        for (chance, fault) in plan.chances.iter_mut().zip(Fault::ALL) {
            if dice.percent(share) {
                let most = u64::from(fault.most());
                *chance = u32::try_from(most >> dice.below(4)).unwrap_or(0);
            }
        }
        plan
    }

    /// The plan of a world.
    pub fn of(setting: &crate::world::Setting) -> Self {
        let drawn = || Self::swarm(&mut Dice::new(setting.plan_of.unwrap_or(setting.seed)));
        let mut plan = setting.plan.clone().unwrap_or_else(drawn);
        for fault in &setting.without {
            plan.set(*fault, 0);
        }
        plan
    }

    /// The webhook figure: half of them doubled, a fifth reordered, a tenth never sent, nothing else.
    pub fn webhooks() -> Self {
        let mut plan = Self::CALM;
        plan.set(Fault::WebhookDoubled, percent(50));
        plan.set(Fault::WebhookReordered, percent(20));
        plan.set(Fault::WebhookLost, percent(10));
        plan
    }

    /// How often a kind happens, in parts of [`WHOLE`].
    pub fn chance(&self, fault: Fault) -> u32 {
        self.chances.get(fault as usize).copied().unwrap_or(0)
    }

    /// Changes how often a kind happens.
    pub fn set(&mut self, fault: Fault, chance: u32) {
        if let Some(place) = self.chances.get_mut(fault as usize) {
            *place = chance;
        }
    }

    /// The kinds that happen at all.
    pub fn kinds(&self) -> Vec<Fault> {
        Fault::ALL.iter().copied().filter(|fault| self.chance(*fault) > 0).collect()
    }
}

//! What is tried, how hard, and what has to come out of it.

use std::time::Duration;

use crate::stack::Shape;

/// The scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    WorkerKill,
    ApiKill,
    Zombies,
    Restarts,
    Terminate,
    CommitCuts,
    DiskFull,
    ClockSkew,
    FewFiles,
    Providers,
    Network,
    Rolling,
    Pauses,
    PanelLimit,
}

/// How hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// The longest that things are broken.
    pub(crate) span: Duration,
    pub(crate) orders: u32,
    /// After so many faults it is enough.
    pub(crate) target: Option<u64>,
    /// Some webhooks never come; the shop then finds out by itself, minutes later.
    pub(crate) lose_events: bool,
    /// How long everything may take to come to rest afterwards.
    pub(crate) calm: Duration,
    /// Times decide, too: the machine is quiet.
    pub(crate) quiet: bool,
}

/// A scenario.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Full form: minutes, orders, wanted faults.
    full: (u64, u32, Option<u64>),
    /// Short form: seconds, orders, wanted faults.
    short: (u64, u32, Option<u64>),
}

const fn scenario(
    kind: Kind,
    (name, what): (&'static str, &'static str),
    full: (u64, u32, Option<u64>),
    short: (u64, u32, Option<u64>),
) -> Scenario {
    Scenario { kind, name, what, full, short }
}

/// All of them, in the order in which they are run.
pub(crate) const ALL: [Scenario; 14] = [
    scenario(Kind::WorkerKill, ("worker-kill", "a worker is killed every second"), (10, 5000, None), (60, 500, None)),
    scenario(Kind::ApiKill, ("api-kill", "one of two APIs is killed every second"), (3, 1500, None), (10, 100, None)),
    scenario(
        Kind::Zombies,
        ("zombies", "workers are frozen until others have their jobs, then thawed"),
        (12, 4000, Some(500)),
        (22, 220, Some(60)),
    ),
    scenario(
        Kind::Restarts,
        ("restarts", "PostgreSQL is stopped immediately and started, mid-burst"),
        (6, 3000, Some(20)),
        (25, 250, Some(5)),
    ),
    scenario(
        Kind::Terminate,
        ("terminate", "database connections are ended at random"),
        (3, 1500, None),
        (10, 100, None),
    ),
    scenario(
        Kind::CommitCuts,
        ("commit-cuts", "connections are cut exactly after a COMMIT went out"),
        (20, 6000, Some(10_000)),
        (20, 200, Some(300)),
    ),
    scenario(
        Kind::DiskFull,
        ("disk-full", "PostgreSQL's disk is filled to the last page"),
        (3, 900, None),
        (15, 80, None),
    ),
    scenario(
        Kind::ClockSkew,
        ("clock-skew", "one worker's clock is an hour ahead, one's an hour behind"),
        (3, 900, None),
        (10, 80, None),
    ),
    scenario(Kind::FewFiles, ("few-files", "a program may open no more files"), (3, 900, None), (10, 80, None)),
    scenario(
        Kind::Providers,
        ("providers", "Stripe, panel and mail fail with and without effect; webhooks come twice, late, shuffled"),
        (5, 1500, None),
        (12, 100, None),
    ),
    scenario(
        Kind::Network,
        ("network", "connections are slow, silent, reset, half-open"),
        (3, 900, None),
        (12, 80, None),
    ),
    scenario(Kind::Rolling, ("rolling", "every program is restarted in turn"), (3, 1200, None), (12, 100, None)),
    scenario(
        Kind::Pauses,
        ("pauses", "programs stand still for up to three seconds"),
        (3, 1200, None),
        (12, 100, None),
    ),
    scenario(
        Kind::PanelLimit,
        ("panel-limit", "everybody wants a game server of a panel that takes 240 calls a minute"),
        (1, 1000, None),
        (10, 20, None),
    ),
];

impl Scenario {
    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|scenario| scenario.name == name)
    }

    /// The form that the figures are about; a time that was asked for scales the orders and the wanted faults with it.
    pub(crate) fn full(&self, minutes: Option<u64>) -> Form {
        let (usual, orders, target) = self.full;
        let minutes = minutes.unwrap_or(usual).max(1);
        let scaled = |count: u64| (count * minutes / usual).max(1);
        Form {
            span: Duration::from_mins(minutes),
            orders: u32::try_from(scaled(u64::from(orders))).unwrap_or(orders),
            target: target.map(|count| if minutes < usual { scaled(count) } else { count }),
            lose_events: self.kind == Kind::Providers,
            // The panel decides how long a thousand orders take there.
            calm: Duration::from_mins(if self.kind == Kind::PanelLimit { 90 } else { 6 }),
            quiet: true,
        }
    }

    /// The form that continuous integration runs.
    pub(crate) fn short(&self) -> Form {
        let (seconds, orders, target) = self.short;
        Form {
            span: Duration::from_secs(seconds),
            orders,
            target,
            lose_events: false,
            calm: Duration::from_mins(3),
            quiet: false,
        }
    }

    /// The shop that it needs.
    pub(crate) fn shape(&self, form: Form) -> Shape {
        let usual = Shape {
            apis: 2,
            workers: 2,
            concurrency: 16,
            install_ms: 400,
            disk_mb: None,
            skew: false,
            panel_limit: 0,
            orders: form.orders,
        };
        match self.kind {
            Kind::WorkerKill | Kind::Rolling => Shape { workers: 3, ..usual },
            Kind::Zombies => Shape { apis: 1, workers: 3, concurrency: 64, ..usual },
            Kind::DiskFull => Shape { disk_mb: Some(224), ..usual },
            Kind::ClockSkew => Shape { workers: 3, skew: true, ..usual },
            Kind::PanelLimit => Shape { panel_limit: 240, ..usual },
            Kind::ApiKill
            | Kind::Restarts
            | Kind::Terminate
            | Kind::CommitCuts
            | Kind::FewFiles
            | Kind::Providers
            | Kind::Network
            | Kind::Pauses => usual,
        }
    }
}

impl Kind {
    /// How many of a thousand customers want a game server.
    pub(crate) const fn players(self) -> u64 {
        match self {
            Self::PanelLimit => 1000,
            Self::WorkerKill
            | Self::ApiKill
            | Self::Zombies
            | Self::Restarts
            | Self::Terminate
            | Self::CommitCuts
            | Self::DiskFull
            | Self::ClockSkew
            | Self::FewFiles
            | Self::Providers
            | Self::Network
            | Self::Rolling
            | Self::Pauses => 400,
        }
    }
}

impl Form {
    /// How long the customers keep coming.
    pub(crate) fn opening(&self) -> Duration {
        self.span * 9 / 10
    }
}

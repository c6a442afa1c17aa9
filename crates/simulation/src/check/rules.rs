//! The rules, each with a name and one sentence.

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that must hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $(#[doc = $word] $name,)* }

        impl Rule {
            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
            /// Its sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }

        /// All of them.
        pub const INVARIANTS: &[Rule] = &[$(Rule::$name,)*];
    };
}

rules! {
    S1 = "At most one live server exists per order, at any time.";
    S2 = "No server is made for an order that is not paid.";
    S3 = "No order, payment or service goes back to where it was before.";
    S4 = "Whoever has lost a lease changes no job.";
    S5 = "A job executes under one valid lease, which only grows, and is taken only from who is lost.";
    S6 = "An event that was answered with 200 is stored and stays.";
    S7 = "What was collected less what went back is what our payments say, or a case says otherwise.";
    S8 = "Every change of an order's state has exactly one line in its history that says so.";
    S9 = "No address, name or password stands in a job or a dead letter.";
    S10 = "The gateway and the panel are asked only after the intent is on record.";
    S11 = "No worker runs more jobs of a queue than it may.";
    S12 = "A job is given up only with a reason, and only after as many tries as it has.";
    S13 = "One checkout under one key is one order and one payment page.";
    S14 = "An order counts as delivered only when its server can be used.";
    S15 = "An order that needs a person says why and what to do.";
    E1 = "Every paid order ends with exactly one server that runs, or with a case that somebody sees; an unpaid one with none.";
    E2 = "Every mail that was promised arrives, once, but for copies under the same Message-ID.";
    E3 = "No job is left over.";
    E4 = "Every claim ended in the history, in a rescue or in a release.";
    E5 = "A case has a cause in the world.";
    E6 = "The panel's servers are the ones that we know of.";
    E7 = "Every paid order is right within the bound after calm.";
    E8 = "The world comes to rest.";
    E9 = "When everything was looked through, there is nothing left to find.";
    E10 = "A case closes when its cause is gone.";
}

//! The shop as the flows see it, and the tasks that its processes run.

use std::{rc::Rc, sync::Arc};

use accounts::{
    KnownWords, StaffFactor, WelcomeMail,
    testing::{FakePasskeys, FakePasswords, FakeSealer},
};
use audit::{ChainKey, PseudonymKey};
use flows::{CreateSessionError, Hosting, Shop, Workshop, create_session, sync_session, take_event};
use kernel::{Env, JobContext, JobFailure, RetryClass};
use limits::Limits;
use notify::{Brand, Renderer};
use orders::{
    Links,
    testing::{Fate, MemoryJob, MemoryStore},
};

use crate::{
    core::{Core, SECOND, WorldClock},
    db::Database,
    gateway::Gateway,
    mailbox::Post,
    panel::Panels,
    seen::Sometimes,
    spawn::{Answer, Reply, Request, Spawn},
};

/// What worlds share, since it never changes.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) known_words: KnownWords,
    pub(crate) pseudonyms: PseudonymKey,
    pub(crate) chain_key: ChainKey,
    pub(crate) limits: Limits,
    pub(crate) links: Links,
    pub(crate) brand: Brand,
    pub(crate) renderer: Renderer,
}

/// One world's shop.
pub(crate) struct World {
    pub(crate) core: Arc<Core>,
    clock: Arc<WorldClock>,
    db: Database,
    gateway: Gateway,
    panels: Panels,
    post: Post,
    fixed: Rc<Fixed>,
    welcome: WelcomeMail,
}

impl World {
    pub(crate) fn new(core: &Arc<Core>, fixed: Rc<Fixed>, welcome: WelcomeMail) -> Self {
        let core = Arc::clone(core);
        Self {
            clock: Arc::new(WorldClock(Arc::clone(&core))),
            db: Database(Arc::clone(&core)),
            gateway: Gateway(Arc::clone(&core)),
            panels: Panels::new(&core),
            post: Post(Arc::clone(&core)),
            core,
            fixed,
            welcome,
        }
    }

    /// One call to the API. A call whose process ends under it is answered by its reply's owner.
    pub(crate) async fn answer(self: Rc<Self>, request: Request, reply: Reply) {
        let answer = match request {
            Request::Checkout(request) => match create_session(&*self, *request).await {
                Ok(started) => Answer::Page(started),
                Err(CreateSessionError::Gateway { order, source }) => {
                    Answer::NoPage(Some(order), kernel::Failure::code(&source))
                }
                Err(error) => Answer::NoPage(None, kernel::Failure::code(&error)),
            },
            Request::Webhook(raw) => match take_event(&*self, &raw).await {
                Ok((id, _)) => {
                    self.core.lock().check_taken(&id);
                    Answer::Taken
                }
                Err(_) => Answer::Failed,
            },
            Request::Returned(session) => match sync_session(&*self, &session).await {
                Ok(()) => Answer::Taken,
                Err(_) => Answer::Failed,
            },
        };
        reply.put(answer);
    }

    /// One try of a job, and the record of its failure.
    pub(crate) async fn work(self: Rc<Self>, job: Arc<MemoryJob>, context: JobContext) {
        if let Err(failure) = self.run(&job, context).await {
            self.record_failure(context, &failure).await;
        }
    }

    /// Records a failed try; five times at most, then the job is left to its rescue.
    pub(crate) async fn record_failure(&self, context: JobContext, failure: &JobFailure) {
        if failure.class == RetryClass::Stale {
            self.core.lock().note(Sometimes::StaleRefused);
        }
        for pause in 1..=5 {
            let fate = self
                .db
                .statement(
                    |store| store.jobs.fail(context, failure),
                    |state, before, fate| state.check_failed(before, context, failure, *fate),
                )
                .await;
            match fate {
                Ok(Fate::Dead) => return self.core.lock().spawns.push(Spawn::Bury),
                Ok(Fate::Again | Fate::NotOurs) => return,
                Err(_) => self.core.sleep(pause * SECOND).await,
            }
        }
    }

    /// Opens the cases of dead jobs, one after the other.
    pub(crate) async fn see_to_the_dead(self: Rc<Self>) {
        loop {
            let taken = self.db.statement(|store| store.jobs.take_dead(), |_, _, _| ()).await;
            let Ok(Some((id, job, detail))) = taken else { return };
            if self.bury(&job, &detail).await.is_ok() {
                let marked = self.db.statement(|store| store.jobs.case_opened(id), |_, _, ()| ()).await;
                if marked.is_ok() {
                    self.core.lock().note(Sometimes::DeadCase);
                }
            }
        }
    }
}

impl Shop for World {
    type Tx = MemoryStore;
    type Db = Database;
    type Gateway = Gateway;
    type Passwords = FakePasswords;
    type Sealer = FakeSealer;
    type Passkeys = FakePasskeys;

    fn db(&self) -> &Database {
        &self.db
    }
    fn gateway(&self) -> &Gateway {
        &self.gateway
    }
    fn passwords(&self) -> &FakePasswords {
        &FakePasswords
    }
    fn sealer(&self) -> &FakeSealer {
        &FakeSealer
    }
    fn passkeys(&self) -> &FakePasskeys {
        &FakePasskeys
    }
    fn staff_factor(&self) -> StaffFactor {
        StaffFactor::Optional
    }
    fn welcome(&self) -> WelcomeMail {
        self.welcome
    }
    fn known_words(&self) -> &KnownWords {
        &self.fixed.known_words
    }
    fn pseudonyms(&self) -> &PseudonymKey {
        &self.fixed.pseudonyms
    }
    fn limits(&self) -> &Limits {
        &self.fixed.limits
    }
    fn links(&self) -> &Links {
        &self.fixed.links
    }
    fn env(&self) -> Env {
        let seed = self.core.lock().dice.word();
        Env::with(self.clock.clone(), seed)
    }
}

impl Hosting for World {
    type Providers = Panels;

    fn providers(&self) -> &Panels {
        &self.panels
    }
}

impl Workshop for World {
    type Mailer = Post;

    fn mailer(&self) -> &Post {
        &self.post
    }
    fn chain_key(&self) -> &ChainKey {
        &self.fixed.chain_key
    }
    fn renderer(&self) -> &Renderer {
        &self.fixed.renderer
    }
    fn brand(&self) -> &Brand {
        &self.fixed.brand
    }
}

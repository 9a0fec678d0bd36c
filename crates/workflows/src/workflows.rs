use crate::refusal::WorkflowError;
use audit::{AuditEvent, Code, Digest, Events, Reference};
use authentication::PasswordCheck;
use identity::SourceOpener;
use identity::register::{RegisterOpener, RegisterRemote};
use kernel::{
    Actor, Capability, Clock, DateTime, KeyStore, NaiveDate, Randomness, Reach, Utc, Zone,
};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, RwLock};
use store::{Store, StoreError};

/// What stands outside the appliance, and the plain settings that use cases need. Made once, by `appliance`.
pub struct Parts {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub keys: Arc<dyn KeyStore>,
    pub sources: Arc<dyn SourceOpener>,
    pub register: Arc<dyn RegisterOpener>,
    /// Where the register is published.
    pub remote: Arc<dyn RegisterRemote>,
    pub passwords: Arc<dyn PasswordCheck>,
    /// Folder of the register's own files.
    pub register_folder: PathBuf,
    /// Host of the public listener: origin of the audit log, issuer, relying party.
    pub public_host: String,
    /// `https://host[:port]` of the public listener, without a trailing slash.
    pub public_origin: String,
    /// `https://host[:port]` of the admin listener.
    pub admin_origin: String,
    /// WebAuthn relying party: a suffix of both hosts, chosen at `init` and kept.
    pub rp_id: String,
    /// The hospital's own time, for dates of contracts.
    pub zone: Zone,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Workflows(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub parts: Parts,
    pub reach: RwLock<Reach>,
    pub flood: crate::flood::Flood,
    /// The register as it was last opened.
    pub register: RwLock<Option<store::register::Register>>,
    /// What the register calls the sites of the house.
    pub sites: RwLock<crate::views::KnownSites>,
    /// What the journal's proofs are made of.
    pub tiles: std::sync::Mutex<crate::views::Tiles>,
    /// As many passwords are hashed at once as there are cores (AU-04).
    pub hashing: Arc<tokio::sync::Semaphore>,
    /// This process among those that share the store: holder of leases.
    pub instance: String,
    /// Editors try their clients here, and nobody real is known.
    pub sandbox: Option<crate::sandbox::Sandbox>,
    /// What the provider has outside.
    pub links: crate::oidc::Links,
    /// Cards that are taken.
    pub cards: crate::cards::Cards,
    pub known_clients: crate::oidc::KnownClients,
    /// A link that a human decides needs a second one.
    pub links_take_two: AtomicBool,
    /// The base has seen a later time than this machine's clock shows.
    pub clock_behind: AtomicBool,
}

impl Workflows {
    pub fn new(parts: Parts) -> Self {
        Self::made(parts, None)
    }

    /// The use cases of an appliance for editors.
    pub fn of_sandbox(parts: Parts, sandbox: crate::sandbox::Sandbox) -> Self {
        Self::made(parts, Some(sandbox))
    }

    fn made(parts: Parts, sandbox: Option<crate::sandbox::Sandbox>) -> Self {
        let instance = kernel::new_uuid(&*parts.clock, &*parts.randomness);
        let instance = format!("{}/{instance}", parts.store.node());
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let hashing = Arc::new(tokio::sync::Semaphore::new(cores));
        let reach = RwLock::new(Reach::all_online());
        let (flood, register) = (crate::flood::Flood::default(), RwLock::new(None));
        let sites = RwLock::new(crate::views::KnownSites::default());
        let clock_behind = AtomicBool::new(false);
        let tiles = std::sync::Mutex::default();
        Self(Arc::new(Inner {
            parts,
            reach,
            flood,
            register,
            sites,
            tiles,
            hashing,
            instance,
            sandbox,
            links: crate::oidc::Links::default(),
            cards: crate::cards::Cards::default(),
            known_clients: crate::oidc::KnownClients::default(),
            links_take_two: AtomicBool::new(false),
            clock_behind,
        }))
    }

    pub(crate) fn instance(&self) -> &str {
        &self.0.instance
    }

    /// What makes this appliance one for editors, if it is one.
    pub fn sandbox(&self) -> Option<&crate::sandbox::Sandbox> {
        self.0.sandbox.as_ref()
    }
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }
    pub fn now(&self) -> DateTime<Utc> {
        self.0.parts.clock.now()
    }
    /// Today at the hospital.
    pub fn today(&self) -> NaiveDate {
        self.0.parts.zone.date(self.now())
    }
    pub fn keys(&self) -> &dyn KeyStore {
        &*self.0.parts.keys
    }
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }
    /// What can be reached now; an argument of policies.
    pub fn reach(&self) -> Reach {
        self.0.reach.read().expect("reach is never poisoned").clone()
    }
    pub fn set_reach(&self, reach: Reach) {
        *self.0.reach.write().expect("reach is never poisoned") = reach;
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }
    pub(crate) fn randomness(&self) -> &dyn Randomness {
        &*self.0.parts.randomness
    }
    /// A new id of any kind: `self.id::<PersonId>()`.
    pub(crate) fn id<T: From<kernel::Uuid>>(&self) -> T {
        T::from(kernel::new_uuid(self.clock(), self.randomness()))
    }
    /// A new six-character reference, for a refusal.
    pub(crate) fn reference(&self) -> Reference {
        Reference::new(self.randomness())
    }
    /// What a human typed, for the audit: a MAC, since it could be guessed from a plain hash.
    pub(crate) fn motive(&self, text: &str) -> Digest {
        Digest::from_bytes(self.keys().mac("audit-motive", text.as_bytes()))
    }

    /// The right first. A refusal is an act too: traced here, in a transaction of its own.
    pub(crate) async fn must(
        &self,
        actor: &Actor,
        capability: Capability,
        act: &'static str,
    ) -> Result<(), WorkflowError> {
        if actor.can(capability) {
            return Ok(());
        }
        let reference = self.reference();
        let event = AuditEvent::Refused {
            by: actor.id(),
            capability,
            act: Code::of(act),
            reference: reference.clone(),
        };
        self.trace(event).await?;
        Err(WorkflowError::Forbidden { capability, reference })
    }

    /// Events that stand alone: refusals, reads.
    pub(crate) async fn trace(&self, events: impl Into<Events>) -> Result<(), StoreError> {
        self.store().begin().await?.commit(events).await
    }
}

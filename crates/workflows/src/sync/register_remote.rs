//! The register fetched by itself: looked at, fetched when it is another one, imported under the same guards as a file
//! that somebody hands over. And the API asked about one person, or about those who changed.
use super::register_follow::Heard;
use super::{ImportLimits, SyncError};
use crate::{JobContext, JobParams, Workflows};
use chrono::Duration;
use directory::{RegisterStanding, ToldBy};
use identity::register::{RemoteFault, RemotePerson};
use kernel::{Actor, ActorId, Capability, DateTime, IdNat, Utc};
use serde::{Deserialize, Serialize};
use store::Job;

/// What the last fetches brought, beside the register that they brought: nodes that do not share the folder fetch each
/// for itself. Until when changes were heard is a fact of all of them.
const REFRESH: &str = "refresh.json";
const DELTA_UNTIL: &str = "register.delta_until";
/// When changes were asked for last by themselves, and why they were not heard.
const DELTA_TRIED: &str = "register.delta_tried";
const DELTA_FAULT: &str = "register.delta_fault";
/// A node that has not ended its hearing for so long is gone.
const DELTA_LEASE: Duration = Duration::hours(1);
/// The publisher keeps changes for thirty days: after that only whole extracts tell.
const DELTA_DAYS: i64 = 30;
/// Pages of one delta: a publisher that never ends is left.
const MOST_PAGES: u32 = 20_000;

/// How the last looks at the publisher ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshStanding {
    /// What was published when the register in use was fetched.
    #[serde(default)]
    pub taken: Option<String>,
    #[serde(default)]
    pub looked_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub fetched_at: Option<DateTime<Utc>>,
    /// Why the last look failed; none when it did not.
    #[serde(default)]
    pub fault: Option<String>,
    /// Until when the changes told by the API were heard.
    #[serde(skip)]
    pub delta_until: Option<DateTime<Utc>>,
    /// When they were asked for last by themselves.
    #[serde(skip)]
    pub delta_tried: Option<DateTime<Utc>>,
    /// Why the last hearing by itself failed; none when it did not.
    #[serde(skip)]
    pub delta_fault: Option<String>,
}

impl Workflows {
    pub async fn refresh_standing(&self) -> Result<RefreshStanding, SyncError> {
        let path = self.parts().register_folder.join(REFRESH);
        let standing: RefreshStanding = match tokio::fs::read_to_string(&path).await {
            Ok(text) => {
                serde_json::from_str(&text).map_err(|_| SyncError::Unreadable("refresh"))?
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Default::default(),
            Err(cause) => return Err(disk(&path, cause)),
        };
        let (delta_until, delta_tried) =
            (self.delta_time(DELTA_UNTIL).await?, self.delta_time(DELTA_TRIED).await?);
        let delta_fault = self.store().read().counters().fact(DELTA_FAULT).await?;
        let delta_fault = delta_fault.filter(|text| !text.is_empty());
        Ok(RefreshStanding { delta_until, delta_tried, delta_fault, ..standing })
    }

    async fn delta_time(&self, key: &str) -> Result<Option<DateTime<Utc>>, SyncError> {
        let text = self.store().read().counters().fact(key).await?.filter(|text| !text.is_empty());
        let time = text.map(|text| DateTime::parse_from_rfc3339(&text)).transpose();
        Ok(time.map_err(|_| SyncError::Unreadable("refresh"))?.map(|at| at.to_utc()))
    }

    async fn keep_delta_until(&self, until: Option<DateTime<Utc>>) -> Result<(), SyncError> {
        let text = until.map(|at| at.to_rfc3339()).unwrap_or_default();
        Ok(self.store().upkeep().set_fact(DELTA_UNTIL, &text).await?)
    }

    async fn keep_refresh(&self, standing: &RefreshStanding) -> Result<(), SyncError> {
        let text = serde_json::to_string(standing).expect("plain data serialise");
        let folder = &self.parts().register_folder;
        let (new, path) = (folder.join("refresh.new"), folder.join(REFRESH));
        tokio::fs::create_dir_all(folder).await.map_err(|cause| disk(folder, cause))?;
        tokio::fs::write(&new, text).await.map_err(|cause| disk(&new, cause))?;
        tokio::fs::rename(&new, &path).await.map_err(|cause| disk(&path, cause))
    }

    /// Looks at the publisher, and fetches what is new, as a job.
    pub async fn start_register_refresh(
        &self,
        actor: &Actor,
        limits: ImportLimits,
    ) -> Result<Job, SyncError> {
        self.must(actor, Capability::ImportRegister, "refresh_register").await?;
        Ok(self.queue(&JobParams::RegisterRefresh { limits }, actor.id()).await?)
    }

    /// Queues a look when the last is `hours` old; true when one was queued. Never two at once.
    pub async fn refresh_when_due(&self, hours: i64) -> Result<bool, SyncError> {
        let standing = self.refresh_standing().await?;
        if standing.looked_at.is_some_and(|at| self.now() - at < Duration::hours(hours)) {
            return Ok(false);
        }
        let node = self.instance().to_owned();
        // Nodes take turns: two fetches at once would only slow each other.
        let (lease, life) = ("register/refresh", Duration::minutes(1));
        if !self.store().upkeep().take_lease(lease, &node, life).await? {
            return Ok(false);
        }
        let params = JobParams::RegisterRefresh { limits: ImportLimits::default() };
        let waiting = self.store().read().jobs().unfinished().await?;
        if waiting.iter().any(|job| job.kind == params.kind()) {
            return Ok(false);
        }
        let by = ActorId::Job { name: "register_refresh".to_owned() };
        self.queue(&params, by).await?;
        Ok(true)
    }

    pub(crate) async fn run_register_refresh(
        &self,
        actor: &Actor,
        limits: ImportLimits,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let mut standing = self.refresh_standing().await?;
        let outcome = self.refresh(actor, limits, context, &mut standing).await;
        standing.looked_at = Some(self.now());
        standing.fault = outcome.as_ref().err().map(SyncError::french);
        self.keep_refresh(&standing).await?;
        outcome
    }

    async fn refresh(
        &self,
        actor: &Actor,
        limits: ImportLimits,
        context: &JobContext,
        standing: &mut RefreshStanding,
    ) -> Result<String, SyncError> {
        let remote = &self.parts().remote;
        let published = remote.published().await.map_err(remote_fault)?;
        if standing.taken.as_deref() == Some(&published) && self.register()?.is_some() {
            return Ok("Rien de nouveau n’est publié.".to_owned());
        }
        let folder = self.parts().register_folder.join("incoming");
        tokio::fs::create_dir_all(&folder).await.map_err(|cause| disk(&folder, cause))?;
        // One fetch at a time into this folder, the command line's and the server's alike.
        let _alone = lock_folder(&self.parts().register_folder)?;
        let progress = context.clone();
        let watch = move |done, total| {
            progress.set(done, total);
            !progress.is_stopped()
        };
        let files = remote.fetch(&folder, &watch).await.map_err(remote_fault)?;
        let said = self.run_register_import(actor, files, limits, context).await;
        // Refused or taken, what was fetched is not kept: a refused one is fetched again whole.
        tokio::fs::remove_dir_all(&folder).await.map_err(|cause| disk(&folder, cause))?;
        let said = said?;
        (standing.taken, standing.fetched_at) = (Some(published), Some(self.now()));
        Ok(said)
    }

    /// What the publisher says of one number now.
    pub async fn look_up(
        &self,
        actor: &Actor,
        id_nat: &IdNat,
    ) -> Result<Option<RemotePerson>, SyncError> {
        self.must(actor, Capability::ReadCases, "look_up").await?;
        let found = self.parts().remote.by_number(id_nat).await.map_err(remote_fault)?;
        if let Some(person) = &found {
            self.hear_remote(actor, std::slice::from_ref(person)).await?;
        }
        Ok(found)
    }

    /// Who bears a card, for the number that its certificate gives.
    pub async fn look_up_card(
        &self,
        actor: &Actor,
        number: &str,
    ) -> Result<Vec<RemotePerson>, SyncError> {
        self.must(actor, Capability::ReadCases, "look_up_card").await?;
        self.parts().remote.by_card(number).await.map_err(remote_fault)
    }

    /// Hears changes when the last hearing, or the last attempt, is `hours` old; how many were told. `None`: it is not time,
    /// another node is at it, or there is no register that they are changes of.
    pub async fn hear_when_due(&self, hours: i64) -> Result<Option<u64>, SyncError> {
        if self.register()?.is_none() {
            return Ok(None);
        }
        let node = self.instance().to_owned();
        let lease = "register/delta";
        if !self.store().upkeep().take_lease(lease, &node, DELTA_LEASE).await? {
            return Ok(None);
        }
        // Read under the lease: another node may have heard since somebody looked.
        let heard = self.hear_if_due(hours).await;
        self.store().upkeep().release_lease(lease, &node).await?;
        heard
    }

    async fn hear_if_due(&self, hours: i64) -> Result<Option<u64>, SyncError> {
        let standing = self.refresh_standing().await?;
        let last = standing.delta_until.max(standing.delta_tried);
        if last.is_some_and(|at| self.now() - at < Duration::hours(hours)) {
            return Ok(None);
        }
        let upkeep = self.store().upkeep();
        upkeep.set_fact(DELTA_TRIED, &self.now().to_rfc3339()).await?;
        let by = ActorId::Job { name: "register_delta".to_owned() };
        let heard = self.hear_changes(&Actor::new(by, [Capability::ImportRegister])).await;
        let fault = heard.as_ref().err().map(SyncError::french).unwrap_or_default();
        upkeep.set_fact(DELTA_FAULT, &fault).await?;
        heard.map(Some)
    }

    /// Hears what changed since the last time about the people we hold; how many changes were told.
    pub async fn hear_changes(&self, actor: &Actor) -> Result<u64, SyncError> {
        self.must(actor, Capability::ImportRegister, "hear_changes").await?;
        let (standing, began) = (self.refresh_standing().await?, self.now());
        let since = match (standing.delta_until, self.register()?) {
            (Some(until), _) => until,
            (None, Some(register)) => {
                let version = register.version();
                version.extracted_at.unwrap_or(version.imported_at)
            }
            (None, None) => return Err(SyncError::NoRegister),
        };
        // Older changes are not kept by the publisher: an extract must be imported first (DA-09).
        if began - since > Duration::days(DELTA_DAYS) {
            self.keep_delta_until(None).await?;
            return Err(SyncError::DeltaTooOld);
        }
        let (mut page, mut told) = (None, 0);
        for _ in 0..MOST_PAGES {
            let changed =
                self.parts().remote.changed_since(since, page).await.map_err(remote_fault)?;
            told += self.hear_remote(actor, &changed.persons).await?;
            page = changed.next;
            if page.is_none() {
                self.keep_delta_until(Some(began)).await?;
                return Ok(told);
            }
        }
        Err(SyncError::Remote("the changes never end".to_owned()))
    }

    /// Keeps what the API says of those whom we hold; the rest is nothing to us.
    async fn hear_remote(&self, actor: &Actor, persons: &[RemotePerson]) -> Result<u64, SyncError> {
        let mut told = 0;
        for person in persons {
            let reader = self.store().read();
            let found = reader.national_identities().bearer(&person.id_nat).await?;
            let Some(identity) = found else { continue };
            let known = reader.register_follow().told_of(&person.id_nat).await?;
            // The API tells no place of a person struck off; her professions stay what they were, for the history.
            let before = match known {
                Some(known) => Some(known.standing),
                None => self.standing_in_use(&person.id_nat)?,
            };
            let Some(before) = before.or_else(|| person.is_active.then(RegisterStanding::default))
            else {
                continue; // struck off, and nothing known of before: there is nothing to tell
            };
            let standing = Some(standing_of(person, &before));
            // The answer says what holds now, whichever of her resources moved, and none says when a role ended.
            let as_of = self.now();
            let heard = Heard { identity, standing, became: None };
            told += self.keep_heard(actor, vec![heard], ToldBy::Fhir, as_of).await?;
        }
        Ok(told)
    }

    fn standing_in_use(&self, id_nat: &IdNat) -> Result<Option<RegisterStanding>, SyncError> {
        let Some(register) = self.register()? else { return Ok(None) };
        let found = register.find_by_id_nat(id_nat)?;
        Ok(found.map(|person| super::register_follow::standing_of(&person)))
    }
}

fn standing_of(person: &RemotePerson, before: &RegisterStanding) -> RegisterStanding {
    if !person.is_active {
        return RegisterStanding { practises: false, ..before.clone() };
    }
    RegisterStanding {
        family: person.family.clone(),
        given: person.given.clone(),
        professions: person.professions.clone(),
        // Functions (TRE_R21) are told by the API alone; roles proper (TRE_R85) have three digits in both.
        roles: match person.practises {
            Some(_) => person.roles.iter().filter(|role| is_role(role)).cloned().collect(),
            None => before.roles.clone(),
        },
        practises: person.practises.unwrap_or(before.practises),
    }
}

fn is_role(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn remote_fault(fault: RemoteFault) -> SyncError {
    match fault {
        RemoteFault::Stopped => SyncError::Stopped,
        fault => SyncError::Remote(fault.to_string()),
    }
}

/// Held as long as the file is open, by this process alone.
fn lock_folder(register: &std::path::Path) -> Result<std::fs::File, SyncError> {
    let path = register.join("incoming.lock");
    let lock = std::fs::File::create(&path).map_err(|cause| disk(&path, cause))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(SyncError::Register(store::register::RegisterError::Busy))
        }
        Err(std::fs::TryLockError::Error(cause)) => Err(disk(&path, cause)),
    }
}

fn disk(path: &std::path::Path, cause: std::io::Error) -> SyncError {
    SyncError::Register(store::register::RegisterError::File {
        path: path.to_owned(),
        attempted: "keep what is fetched",
        cause,
    })
}

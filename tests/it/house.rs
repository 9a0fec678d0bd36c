//! A hospital's appliance without its listeners: real store, keys, sources and register, on a generated hospital.
use async_trait::async_trait;
use authentication::{
    DirectoryAccount, DirectoryVerdict, Password, PasswordCheck, PasswordCheckError,
};
use demo::hospital::{Plan, Size, Summary, generate};
use directory::{Run, RunState};
use kernel::{Actor, Clock, FixedClock, OsRandomness};
use keystore::MasterKeyFile;
use outbound::AllowedHosts;
use sources::register::ExtractFiles;
use sources::{Opener, OpenerSettings};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use store::{Job, Place, Store};
use workflows::sync::SyncError;
use workflows::{AddSource, Parts, Workflows};

/// One generated hospital for all tests of this binary: made once, never written to.
pub fn hospital() -> &'static (PathBuf, Summary) {
    static MADE: OnceLock<(tempfile::TempDir, (PathBuf, Summary))> = OnceLock::new();
    let (_, made) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("folder");
        let plan = Plan { seed: 7, size: Size::Small, hard: false };
        let summary = generate(&plan, folder.path(), &mut |_, _, _| {}).expect("hospital");
        let path = folder.path().to_owned();
        (folder, (path, summary))
    });
    made
}

pub struct House {
    pub workflows: Workflows,
    pub actor: Actor,
    pub clock: Arc<FixedClock>,
    /// Feeds are copied here, so that a test may spoil its own.
    pub feeds: PathBuf,
    pub folder: PathBuf,
    _kept: tempfile::TempDir,
}

/// Asks nobody.
pub struct NoDirectory;

#[async_trait]
impl PasswordCheck for NoDirectory {
    async fn check(
        &self,
        _account: &DirectoryAccount,
        _password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        Err(PasswordCheckError::Unreachable { cause: "none in this test".to_owned() })
    }
}

impl House {
    pub async fn open() -> Self {
        let kept = tempfile::tempdir().expect("folder");
        MasterKeyFile::create(&kept.path().join("master.key"), &OsRandomness).expect("key");
        let clock = Arc::new(FixedClock::at("2026-11-22T05:00:00Z"));
        let workflows = reopen(kept.path(), clock.clone()).await;
        let feeds = kept.path().join("feeds");
        std::fs::create_dir_all(&feeds).expect("feeds");
        let folder = kept.path().to_owned();
        Self { workflows, actor: Actor::command_line(0), clock, feeds, folder, _kept: kept }
    }

    /// Puts a file of the hospital where the source looks for it, under the name it looks for.
    pub fn deliver(&self, from: &str, to: &str) {
        let source = hospital().0.join(from);
        std::fs::copy(&source, self.feeds.join(to))
            .unwrap_or_else(|cause| panic!("{from}: {cause}"));
    }

    pub async fn add_sources(&self) {
        for (file, delivery) in
            [("hr/mapping.toml", "hr/hr-v1.csv"), ("ad/mapping.toml", "ad/ad-v1.ldif")]
        {
            let definition = std::fs::read_to_string(hospital().0.join(file)).expect("mapping");
            self.workflows.add_source(&self.actor, AddSource { definition }).await.expect("source");
            let name =
                Path::new(delivery).file_name().and_then(|name| name.to_str()).expect("name");
            self.deliver(delivery, name);
        }
    }

    pub async fn sync(&self, source: &str) -> Run {
        self.start(source, true).await.expect("sync").0
    }

    pub async fn preview(&self, source: &str) -> Run {
        self.start(source, false).await.expect("preview").0
    }

    async fn start(&self, source: &str, apply: bool) -> Result<(Run, Job), SyncError> {
        let source =
            self.workflows.store().read().sources().by_name(source).await?.expect("source");
        let (run, job) = self.workflows.start_sync(&self.actor, source.id, apply).await?;
        let job = self.finish(job).await;
        Ok((self.run(run.id).await, job))
    }

    /// Works until a job is over.
    pub async fn finish(&self, job: Job) -> Job {
        for _ in 0..50 {
            self.workflows.run_waiting_jobs().await.expect("jobs");
            let now =
                self.workflows.store().read().jobs().find(job.id).await.expect("job").expect("job");
            if now.state.is_over() {
                return now;
            }
        }
        panic!("the job never ended");
    }

    pub async fn run(&self, id: kernel::RunId) -> Run {
        self.workflows.store().read().runs().find(id).await.expect("run").expect("run")
    }

    pub async fn import_register(&self, restricted: bool) -> Job {
        let version = &hospital().1.versions[0];
        let mut files = vec![hospital().0.join(&version.register)];
        files.extend(
            version.restricted.as_ref().filter(|_| restricted).map(|file| hospital().0.join(file)),
        );
        let job =
            self.workflows.start_register_import(&self.actor, files, true).await.expect("import");
        self.finish(job).await
    }

    pub async fn reconcile(&self) -> Run {
        let (run, job) = self.workflows.start_reconcile(&self.actor).await.expect("reconcile");
        let job = self.finish(job).await;
        assert_eq!(job.state, store::JobState::Done, "{:?}", job.result);
        self.run(run.id).await
    }

    /// The whole first morning, without the people at the screens.
    pub async fn first_morning(&self) {
        self.add_sources().await;
        for source in ["rh", "ad"] {
            let run = self.sync(source).await;
            assert_eq!(run.state, RunState::Applied, "{source}: {:?} {:?}", run.error, run.brakes);
        }
        assert_eq!(self.import_register(true).await.state, store::JobState::Done);
        assert_eq!(self.reconcile().await.state, RunState::Applied);
    }

    pub async fn audit_holds(&self) {
        let report = self.workflows.verify_audit(&self.actor).await.expect("verify");
        assert!(report.verdict.holds(), "{:?}", report.verdict);
    }

    /// Days pass.
    pub fn wait_days(&self, days: i64) {
        self.clock.set(self.clock.now() + chrono::Duration::days(days));
    }
}

/// The appliance of this folder, opened (again), as a start after a crash would.
pub async fn reopen(folder: &Path, clock: Arc<FixedClock>) -> Workflows {
    let store = Store::open(&Place::Sqlite(folder.join("hygie.db")), clock.clone(), "test")
        .await
        .expect("store");
    store.migrate::<migrations::Migrator>().await.expect("schema");
    Workflows::new(Parts {
        store,
        clock,
        randomness: Arc::new(OsRandomness),
        keys: Arc::new(MasterKeyFile::open(&folder.join("master.key")).expect("key")),
        sources: Arc::new(Opener::new(OpenerSettings {
            folders: vec![folder.join("feeds")],
            allowed_hosts: AllowedHosts::new(["127.0.0.1:636"]),
            ..OpenerSettings::default()
        })),
        register: Arc::new(ExtractFiles),
        passwords: Arc::new(NoDirectory),
        register_folder: folder.join("register"),
        public_host: "hygie.hopital.test".to_owned(),
        public_origin: "https://hygie.hopital.test".to_owned(),
        admin_origin: "https://console.hopital.test".to_owned(),
        rp_id: "hopital.test".to_owned(),
        utc_offset_hours: 1,
    })
}

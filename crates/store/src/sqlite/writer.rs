//! The one writer. Acts that wait for it are grouped: the first opens the transaction, each that joins it has a savepoint
//! of its own, and one durable commit serves them all; each is answered after it (style, rule 5).
use super::SqliteProxy;
use crate::StoreError;
use sea_orm::DatabaseConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

/// How long an act waits for another process that writes to the same file.
const LOCKED_AFTER: Duration = Duration::from_secs(10);
/// Acts that one durable commit may serve.
const LARGEST_GROUP: usize = 64;

type Answer = Result<(), String>;

pub struct Writer {
    connection: DatabaseConnection,
    proxy: Arc<SqliteProxy>,
    turn: Arc<Mutex<Group>>,
    waiting: AtomicUsize,
}

/// The acts that stand in the open transaction, released but not yet durable.
#[derive(Default)]
struct Group {
    open: bool,
    acts: Vec<oneshot::Sender<Answer>>,
}

/// The writer, held for one act.
pub struct Lease {
    writer: Arc<Writer>,
    group: Option<OwnedMutexGuard<Group>>,
    /// Others stand before it in the transaction: it is undone alone, by its savepoint. The first act needs none (undone,
    /// the transaction goes with it), and SQLite then copies none of the pages that it changes: a sixth of what a token
    /// costs.
    joined: bool,
}

/// Counts a waiting act for as long as it waits, also when its future is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Writer {
    pub fn new(connection: DatabaseConnection, proxy: Arc<SqliteProxy>) -> Self {
        Self { connection, proxy, turn: Arc::default(), waiting: AtomicUsize::new(0) }
    }

    pub async fn begin(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let mut group = {
            let _waiting = Waiting::new(&self.waiting);
            self.turn.clone().lock_owned().await
        };
        if !group.open {
            self.begin_group().await?;
            group.open = true;
        }
        let joined = !group.acts.is_empty();
        let mut lease = Lease { writer: self.clone(), group: Some(group), joined };
        if joined && let Err(error) = self.proxy.order("SAVEPOINT act") {
            lease.fail_group(&error.to_string());
            return Err(sorted("begin", error));
        }
        Ok(lease)
    }

    /// Waits its turn when another process writes, without holding a thread.
    async fn begin_group(&self) -> Result<(), StoreError> {
        let deadline = tokio::time::Instant::now() + LOCKED_AFTER;
        loop {
            match self.proxy.begin() {
                Ok(()) => return Ok(()),
                Err(error) if is_busy(&error) && tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) if is_busy(&error) => {
                    return Err(StoreError::Locked { seconds: LOCKED_AFTER.as_secs() });
                }
                Err(error) => return Err(sorted("begin", error)),
            }
        }
    }

    /// One durable commit for all acts of the group; on failure none of them lasts, and each is told.
    fn commit_group(&self, group: &mut Group) -> Answer {
        group.open = false;
        self.proxy.end();
        let answer = self.proxy.order("COMMIT").map_err(|error| {
            // The transaction may still be open: nothing of it may leak into the next group.
            if let Err(second) = self.proxy.batch("ROLLBACK") {
                tracing::debug!(error = %second, "nothing was left to roll back");
            }
            error.to_string()
        });
        for act in group.acts.drain(..) {
            // An act whose caller has gone away needs no answer.
            let _ = act.send(answer.clone());
        }
        answer
    }
}

impl Lease {
    pub fn connection(&self) -> &DatabaseConnection {
        &self.writer.connection
    }

    pub fn proxy(&self) -> &SqliteProxy {
        &self.writer.proxy
    }

    /// Makes the act last. Answered only once it is durable.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let writer = self.writer.clone();
        let mut group = self.group.take().expect("held until the end of the act");
        if self.joined
            && let Err(error) = writer.proxy.order("RELEASE act")
        {
            self.group = Some(group);
            return Err(sorted("release an act", error)); // dropped: rolled back
        }
        if writer.waiting.load(Ordering::SeqCst) == 0 || group.acts.len() + 1 >= LARGEST_GROUP {
            return writer.commit_group(&mut group).map_err(told);
        }
        let (tell, mut told_later) = oneshot::channel();
        group.acts.push(tell);
        drop(group);
        // Those who wait go first and join; when the turn comes back, whatever stands is committed.
        let _waiting = Waiting::new(&writer.waiting);
        tokio::select! {
            biased;
            answer = &mut told_later => answer.unwrap_or_else(|_| Err("the writer stopped".to_owned())).map_err(told),
            mut group = writer.turn.clone().lock_owned() => {
                if group.open && !group.acts.is_empty() {
                    let _ = writer.commit_group(&mut group); // our own answer is in the channel
                }
                drop(group);
                told_later.await.unwrap_or_else(|_| Err("the writer stopped".to_owned())).map_err(told)
            }
        }
    }

    fn fail_group(&mut self, reason: &str) {
        let Some(mut group) = self.group.take() else { return };
        group.open = false;
        self.writer.proxy.end();
        if let Err(error) = self.writer.proxy.batch("ROLLBACK") {
            tracing::debug!(%error, "nothing was left to roll back");
        }
        for act in group.acts.drain(..) {
            let _ = act.send(Err(reason.to_owned()));
        }
    }
}

impl Drop for Lease {
    /// An act that was not committed leaves nothing; those that stood before it are not touched.
    fn drop(&mut self) {
        let Some(mut group) = self.group.take() else { return };
        if !group.open {
            return;
        }
        if !self.joined {
            group.open = false;
            self.writer.proxy.end();
            if let Err(error) = self.writer.proxy.batch("ROLLBACK") {
                // SQLite undoes the transaction itself when the disk is full or fails.
                tracing::debug!(%error, "nothing was left to roll back");
            }
            return;
        }
        // The acts that stand are committed by their own callers, who wait for the turn.
        if let Err(error) = self.writer.proxy.batch("ROLLBACK TO act; RELEASE act") {
            self.group = Some(group);
            self.fail_group(&error.to_string());
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

fn sorted(attempted: &'static str, error: rusqlite::Error) -> StoreError {
    StoreError::from_db(attempted, super::proxy::query_error(error))
}

fn told(reason: String) -> StoreError {
    let error = sea_orm::DbErr::Exec(sea_orm::RuntimeErr::Internal(reason));
    StoreError::from_db("commit", error)
}

//! Logins under way. No act until they end: begun, moved on and swept through `upkeep`.
use crate::by_place::{ByPlace, Columns, columns};
use crate::entity::login_transaction;
use crate::error::Attempted;
use crate::sessions::{listener_from, listener_text};
use crate::{StoreError, Upkeep};
use audit::AccessKind;
use chrono::{DateTime, Utc};
use kernel::{HandleHash, PersonId};
use sea_orm::ConnectionTrait;
use std::sync::LazyLock;

columns! {
    login_transaction::Model { handle_hash, browser_hash, listener, purpose, state, person_id, expires_at, version }
}

/// One login, enrolment or step-up under way in one browser.
#[derive(Debug, Clone)]
pub struct Login {
    pub handle: HandleHash,
    pub browser: HandleHash,
    pub listener: AccessKind,
    pub purpose: String,
    /// What its workflow knows so far (JSON of that workflow alone).
    pub state: String,
    pub person: Option<PersonId>,
    pub expires_at: DateTime<Utc>,
    /// The version that was read; the row holds the next one after a save.
    pub version: i64,
}

static INSERTION: LazyLock<String> =
    LazyLock::new(|| login_transaction::Model::insertion("login_transaction"));
static BY_HANDLE: LazyLock<String> = LazyLock::new(|| {
    let columns = login_transaction::Model::listed("l");
    format!("SELECT {columns} FROM login_transaction l WHERE l.handle_hash = $1")
});
const SAVE: &str = "UPDATE login_transaction SET state = $1, person_id = $2, expires_at = $3, \
                    version = version + 1 WHERE handle_hash = $4 AND version = $5";
const END: &str = "DELETE FROM login_transaction WHERE handle_hash = $1 AND version = $2";

/// Logins under way.
pub struct Logins<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> Logins<'_, C> {
    pub async fn find(&self, handle: &HandleHash) -> Result<Option<Login>, StoreError> {
        let values = vec![handle.0.to_vec().into()];
        let rows = self.0.rows(&BY_HANDLE, values, login_transaction::Model::first).await;
        rows.attempted("read a login")?.pop().map(read).transpose()
    }

    pub async fn insert(&self, login: &Login) -> Result<(), StoreError> {
        self.0.write(&INSERTION, row(login).values()).await.attempted("begin a login")?;
        Ok(())
    }

    /// Saves what moves of what was read at `login.version`: whose browser, listener and purpose it is stays.
    /// [`StoreError::Stale`]: another request of this browser was first.
    pub async fn save(&self, login: &Login) -> Result<(), StoreError> {
        let next = row(login);
        let values = vec![
            next.state.into(),
            next.person_id.into(),
            next.expires_at.into(),
            next.handle_hash.into(),
            next.version.into(),
        ];
        let saved = self.0.write(SAVE, values).await.attempted("move a login on")?;
        stale_unless(saved == 1)
    }

    /// Ends it: the last use of its handle, within the act that it led to.
    pub async fn end(&self, login: &Login) -> Result<(), StoreError> {
        let values = vec![login.handle.0.to_vec().into(), login.version.into()];
        let ended = self.0.write(END, values).await.attempted("end a login")?;
        stale_unless(ended == 1)
    }
}

impl Upkeep<'_> {
    pub async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.logins().insert(login).await?;
        tx.finish().await
    }

    pub async fn save_login(&self, login: &Login) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.logins().save(login).await?;
        tx.finish().await
    }
}

fn stale_unless(saved: bool) -> Result<(), StoreError> {
    saved.then_some(()).ok_or(StoreError::Stale { table: "login_transaction" })
}

fn row(login: &Login) -> login_transaction::Model {
    login_transaction::Model {
        handle_hash: login.handle.0.to_vec(),
        browser_hash: login.browser.0.to_vec(),
        listener: listener_text(login.listener),
        purpose: login.purpose.clone(),
        state: login.state.clone(),
        person_id: login.person.map(PersonId::uuid),
        expires_at: login.expires_at,
        version: login.version,
    }
}

fn read(row: login_transaction::Model) -> Result<Login, StoreError> {
    let bad = |column| StoreError::Corrupt {
        table: "login_transaction",
        row: "of one browser".to_owned(),
        column,
    };
    let hash =
        |bytes: Vec<u8>, column| bytes.try_into().map(HandleHash).map_err(|_: Vec<u8>| bad(column));
    Ok(Login {
        listener: listener_from(&row.listener).ok_or_else(|| bad("listener"))?,
        handle: hash(row.handle_hash, "handle_hash")?,
        browser: hash(row.browser_hash, "browser_hash")?,
        purpose: row.purpose,
        state: row.state,
        person: row.person_id.map(Into::into),
        expires_at: row.expires_at,
        version: row.version,
    })
}

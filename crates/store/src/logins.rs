//! Logins under way. No act until they end: begun, moved on and swept through `upkeep`.
use crate::entity::login_transaction;
use crate::error::Attempted;
use crate::sessions::{listener_from, listener_text};
use crate::{StoreError, Upkeep};
use audit::AccessKind;
use chrono::{DateTime, Utc};
use kernel::{HandleHash, PersonId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

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

/// Logins under way.
pub struct Logins<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Logins<'_, C> {
    pub async fn find(&self, handle: &HandleHash) -> Result<Option<Login>, StoreError> {
        let row = login_transaction::Entity::find_by_id(handle.0.to_vec())
            .one(self.0)
            .await
            .attempted("read a login")?;
        row.map(read).transpose()
    }

    pub async fn insert(&self, login: &Login) -> Result<(), StoreError> {
        login_transaction::Entity::insert(row(login).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("begin a login")?;
        Ok(())
    }

    /// Saves what was read at `login.version`. [`StoreError::Stale`]: another request of this browser was first.
    pub async fn save(&self, login: &Login) -> Result<(), StoreError> {
        let mut next = row(login);
        next.version += 1;
        let result = login_transaction::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(login_transaction::Column::HandleHash.eq(login.handle.0.to_vec()))
            .filter(login_transaction::Column::Version.eq(login.version))
            .exec(self.0)
            .await
            .attempted("move a login on")?;
        stale_unless(result.rows_affected == 1)
    }

    /// Ends it: the last use of its handle, within the act that it led to.
    pub async fn end(&self, login: &Login) -> Result<(), StoreError> {
        let result = login_transaction::Entity::delete_many()
            .filter(login_transaction::Column::HandleHash.eq(login.handle.0.to_vec()))
            .filter(login_transaction::Column::Version.eq(login.version))
            .exec(self.0)
            .await
            .attempted("end a login")?;
        stale_unless(result.rows_affected == 1)
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

use crate::StoreError;
use crate::entity::account;
use crate::error::Attempted;
use directory::Account;
use identity::{AccountFields, ExternalKey};
use kernel::{AccountId, PersonId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

/// Accounts: logins in outside systems, of a person or of nobody yet.
pub struct Accounts<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Accounts<'_, C> {
    pub async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = account::Entity::find_by_id(id.uuid())
            .one(self.0)
            .await
            .attempted("read an account")?;
        Ok(row.map(read))
    }

    /// Those of the given ids that exist, in any order.
    pub async fn find_all(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let mut accounts = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let rows = account::Entity::find()
                .filter(account::Column::Id.is_in(chunk.iter().map(|id| id.uuid())))
                .all(self.0)
                .await
                .attempted("read accounts")?;
            accounts.extend(rows.into_iter().map(read));
        }
        Ok(accounts)
    }

    pub async fn of(&self, person: PersonId) -> Result<Vec<Account>, StoreError> {
        let rows = account::Entity::find()
            .filter(account::Column::PersonId.eq(person.uuid()))
            .order_by_asc(account::Column::Id)
            .all(self.0)
            .await
            .attempted("read accounts")?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Accounts that bear this canonical login ([`login_key`]).
    pub async fn by_login(&self, login: &str) -> Result<Vec<Account>, StoreError> {
        let rows = account::Entity::find()
            .filter(account::Column::LoginKey.eq(login_key(login)))
            .filter(account::Column::Deleted.eq(false))
            .all(self.0)
            .await
            .attempted("read accounts by login")?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// All accounts. For runs; screens page instead.
    pub async fn all(&self) -> Result<Vec<Account>, StoreError> {
        let rows = account::Entity::find().all(self.0).await.attempted("read accounts")?;
        Ok(rows.into_iter().map(read).collect())
    }

    pub async fn insert_all(&self, accounts: &[Account]) -> Result<(), StoreError> {
        for chunk in accounts.chunks(500) {
            account::Entity::insert_many(
                chunk.iter().map(|account| row(account).into_active_model()),
            )
            .exec_without_returning(self.0)
            .await
            .attempted("create accounts")?;
        }
        Ok(())
    }

    pub async fn save(&self, account: &Account) -> Result<(), StoreError> {
        account::Entity::update_many()
            .set(row(account).into_active_model().reset_all())
            .filter(account::Column::Id.eq(account.id.uuid()))
            .exec(self.0)
            .await
            .attempted("save an account")?;
        Ok(())
    }
}

/// One canonical form of a login: without domain, lower case, spaces gone (AU-15).
pub fn login_key(login: &str) -> String {
    let bare = login.rsplit_once('\\').map_or(login, |(_, name)| name);
    let bare = bare.split_once('@').map_or(bare, |(name, _)| name);
    bare.trim().to_lowercase()
}

fn row(account: &Account) -> account::Model {
    let fields = &account.fields;
    account::Model {
        id: account.id.uuid(),
        source_id: account.source.uuid(),
        external_key: account.external_key.0.clone(),
        person_id: account.person.map(PersonId::uuid),
        login: fields.login.clone(),
        login_key: login_key(&fields.login),
        upn: fields.upn.clone(),
        distinguished_name: fields.distinguished_name.clone(),
        enabled: fields.enabled,
        deleted: fields.deleted,
        expires_at: fields.expires_at,
        must_change_password: fields.must_change_password,
        mail: account.mail.clone(),
        first_seen: account.first_seen,
    }
}

pub(crate) fn read(row: account::Model) -> Account {
    Account {
        id: row.id.into(),
        source: row.source_id.into(),
        external_key: ExternalKey(row.external_key),
        person: row.person_id.map(Into::into),
        fields: AccountFields {
            login: row.login,
            upn: row.upn,
            distinguished_name: row.distinguished_name,
            enabled: row.enabled,
            deleted: row.deleted,
            expires_at: row.expires_at,
            must_change_password: row.must_change_password,
        },
        mail: row.mail,
        first_seen: row.first_seen,
    }
}

#[cfg(test)]
mod tests {
    use super::login_key;

    #[test]
    fn au_15_one_login_has_one_canonical_form() {
        for written in
            ["mmartin", "MMARTIN ", "HOPITAL\\mmartin", "mmartin@hopital.test", "Hopital\\MMartin"]
        {
            assert_eq!(login_key(written), "mmartin", "{written:?}");
        }
        assert_ne!(
            login_key("mmartin"),
            login_key("mmаrtin"),
            "a Cyrillic letter is another login"
        );
    }
}

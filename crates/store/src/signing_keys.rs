use crate::StoreError;
use crate::by_place::{ByPlace, Columns};
use crate::entity::signing_key;
use crate::error::Attempted;
use kernel::SigningAlgorithm;
use oidc::{KeyState, SigningKey};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use std::sync::LazyLock;

static OF_ISSUER: LazyLock<String> = LazyLock::new(|| {
    let columns = signing_key::Model::listed("k");
    format!("SELECT {columns} FROM signing_key k WHERE k.issuer = $1 ORDER BY k.created_at, k.id")
});

/// Their sealed halves are long: whoever signs reads those that may sign.
static OF_ALGORITHM: LazyLock<String> = LazyLock::new(|| {
    let columns = signing_key::Model::listed("k");
    format!(
        "SELECT {columns} FROM signing_key k WHERE k.issuer = $1 AND k.algorithm = $2 \
         ORDER BY k.created_at, k.id"
    )
});

/// Signing keys of issuers, their private halves sealed.
pub struct SigningKeys<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> SigningKeys<'_, C> {
    /// All of one issuer, whatever their state, oldest first.
    pub async fn of_issuer(&self, issuer: &str) -> Result<Vec<SigningKey>, StoreError> {
        let rows = self.0.rows(&OF_ISSUER, vec![issuer.into()], signing_key::Model::first).await;
        rows.attempted("read signing keys")?.into_iter().map(read).collect()
    }

    /// The same, of one algorithm.
    pub async fn of_algorithm(
        &self,
        issuer: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Vec<SigningKey>, StoreError> {
        let values = vec![issuer.into(), algorithm.name().into()];
        let rows = self.0.rows(&OF_ALGORITHM, values, signing_key::Model::first).await;
        rows.attempted("read signing keys")?.into_iter().map(read).collect()
    }

    /// All of one issuer, held until the transaction ends: of two acts that turn them, the second sees what the first did.
    pub async fn hold(&self, issuer: &str) -> Result<Vec<SigningKey>, StoreError> {
        let held = signing_key::Entity::find()
            .filter(signing_key::Column::Issuer.eq(issuer))
            .order_by_asc(signing_key::Column::Id)
            .lock(LockType::Update);
        held.all(self.0).await.attempted("hold signing keys")?;
        // The statement that waited does not see what was added meanwhile.
        self.of_issuer(issuer).await
    }

    pub async fn insert(&self, key: &SigningKey) -> Result<(), StoreError> {
        signing_key::Entity::insert(row(key).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a signing key")?;
        Ok(())
    }

    /// A key that was revoked meanwhile stays so: what was read before cannot bring it back.
    pub async fn save(&self, key: &SigningKey) -> Result<(), StoreError> {
        signing_key::Entity::update_many()
            .set(row(key).into_active_model().reset_all())
            .filter(signing_key::Column::Id.eq(key.id.uuid()))
            .filter(signing_key::Column::State.ne(oidc::KeyState::Revoked.name()))
            .exec(self.0)
            .await
            .attempted("save a signing key")?;
        Ok(())
    }
}

fn row(key: &SigningKey) -> signing_key::Model {
    signing_key::Model {
        id: key.id.uuid(),
        kid: key.kid.clone(),
        issuer: key.issuer.clone(),
        algorithm: key.algorithm.name().to_owned(),
        sealed: key.sealed.clone(),
        public_jwk: key.public_jwk.clone(),
        state: key.state.name().to_owned(),
        created_at: key.created_at,
        active_from: key.active_from,
        retire_after: key.retire_after,
    }
}

fn read(row: signing_key::Model) -> Result<SigningKey, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "signing_key", row: id.clone(), column };
    let algorithm = SigningAlgorithm::from_name(&row.algorithm);
    Ok(SigningKey {
        id: row.id.into(),
        kid: row.kid,
        issuer: row.issuer,
        algorithm: algorithm.ok_or_else(|| bad("algorithm"))?,
        sealed: row.sealed,
        public_jwk: row.public_jwk,
        state: KeyState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        created_at: row.created_at,
        active_from: row.active_from,
        retire_after: row.retire_after,
    })
}

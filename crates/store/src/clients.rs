use crate::StoreError;
use crate::by_place::{ByPlace, Columns};
use crate::entity::client;
use crate::error::Attempted;
use kernel::ClientId;
use oidc::{Client, ClientSecretHash, ClientSettings, Profile};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use std::sync::{Arc, LazyLock};

static BY_ID: LazyLock<String> = LazyLock::new(|| by("id"));
static BY_NAME: LazyLock<String> = LazyLock::new(|| by("client_id"));

fn by(column: &str) -> String {
    format!("SELECT {} FROM client c WHERE c.{column} = $1", client::Model::listed("c"))
}

/// A client, and the row that it was read from.
#[derive(Debug)]
pub struct ReadClient {
    pub client: Arc<Client>,
    row: client::Model,
}

/// Registered OpenID Connect clients.
pub struct Clients<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> Clients<'_, C> {
    pub async fn find(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        let rows = self.0.rows(&BY_ID, vec![id.uuid().into()], client::Model::first).await;
        rows.attempted("read a client")?.pop().map(read).transpose()
    }

    /// By the name that it calls itself in requests.
    pub async fn named(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        let rows = self.0.rows(&BY_NAME, vec![client_id.into()], client::Model::first).await;
        rows.attempted("read a client")?.pop().map(read).transpose()
    }

    /// The same, to be known again later. `known`: as it was read before; where its row still says the same, to the letter,
    /// nothing of it is made out anew.
    pub async fn read_named(
        &self,
        client_id: &str,
        known: Option<&Arc<ReadClient>>,
    ) -> Result<Option<Arc<ReadClient>>, StoreError> {
        let rows = self.0.rows(&BY_NAME, vec![client_id.into()], client::Model::first).await;
        let Some(row) = rows.attempted("read a client")?.pop() else { return Ok(None) };
        if let Some(known) = known.filter(|known| known.row == row) {
            return Ok(Some(Arc::clone(known)));
        }
        Ok(Some(Arc::new(ReadClient { client: Arc::new(read(row.clone())?), row })))
    }

    /// Whether the row is, to the letter, what this client was read from.
    pub async fn is_as_read(&self, known: &ReadClient) -> Result<bool, StoreError> {
        let rows = self.0.rows(&BY_ID, vec![known.row.id.into()], client::Model::first).await;
        Ok(rows.attempted("read a client")?.pop().is_some_and(|row| row == known.row))
    }

    /// All of them, by name: a hospital has tens.
    pub async fn all(&self) -> Result<Vec<Client>, StoreError> {
        let rows = client::Entity::find()
            .order_by_asc(client::Column::Name)
            .order_by_asc(client::Column::Id)
            .all(self.0)
            .await
            .attempted("read clients")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        client::Entity::insert(row(client).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("create a client")?;
        Ok(())
    }

    /// Saves what was read at `client.version`; the row then holds the next version.
    pub async fn save(&self, client: &Client) -> Result<(), StoreError> {
        let mut next = row(client);
        next.version += 1;
        let result = client::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(client::Column::Id.eq(client.id.uuid()))
            .filter(client::Column::Version.eq(client.version))
            .exec(self.0)
            .await
            .attempted("save a client")?;
        if result.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale { table: "client" }) }
    }
}

fn row(client: &Client) -> client::Model {
    client::Model {
        id: client.id.uuid(),
        client_id: client.client_id.clone(),
        issuer: client.issuer.as_str().to_owned(),
        name: client.name.clone(),
        enabled: client.enabled,
        profile: client.profile.name().to_owned(),
        settings: client.settings.to_text(),
        secret_hash: client.secret.map(|hash| hash.0.to_vec()),
        version: client.version,
        created_at: client.created_at,
    }
}

pub(crate) fn read(row: client::Model) -> Result<Client, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "client", row: id.clone(), column };
    let hash = |bytes: Vec<u8>| bytes.try_into().map(ClientSecretHash);
    Ok(Client {
        id: row.id.into(),
        client_id: row.client_id,
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        name: row.name,
        enabled: row.enabled,
        profile: Profile::from_name(&row.profile).ok_or_else(|| bad("profile"))?,
        settings: ClientSettings::from_text(&row.settings).map_err(|_| bad("settings"))?,
        secret: row.secret_hash.map(hash).transpose().map_err(|_| bad("secret_hash"))?,
        version: row.version,
        created_at: row.created_at,
    })
}

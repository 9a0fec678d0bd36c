use crate::by_place::{ByPlace, Columns, columns};
use crate::entity::{pushed_request, spent_id};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::{ClientId, HandleHash};
use oidc::KeptRequest;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use std::sync::LazyLock;

columns! {
    pushed_request::Model { handle_hash, issuer, client, parameters, signed, pushed_at, expires_at, used_at }
}

static FIND: LazyLock<String> = LazyLock::new(|| {
    let columns = pushed_request::Model::listed("p");
    format!("SELECT {columns} FROM pushed_request p WHERE p.handle_hash = $1")
});
static INSERTION: LazyLock<String> =
    LazyLock::new(|| pushed_request::Model::insertion("pushed_request"));
const PENDING: &str = "SELECT count(*) FROM pushed_request \
     WHERE client = $1 AND expires_at > $2 AND used_at IS NULL";
const SPEND: &str =
    "UPDATE pushed_request SET used_at = $1 WHERE handle_hash = $2 AND used_at IS NULL";

/// Pushed authorization requests, by the hash of their handle.
pub struct PushedRequests<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> PushedRequests<'_, C> {
    pub async fn find(&self, hash: &HandleHash) -> Result<Option<KeptRequest>, StoreError> {
        let values = vec![hash.0.to_vec().into()];
        let rows = self.0.rows(&FIND, values, pushed_request::Model::first).await;
        rows.attempted("read a pushed request")?.pop().map(read).transpose()
    }

    /// How many of a client still wait for a browser.
    pub async fn pending(&self, client: ClientId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let values = vec![client.uuid().into(), now.into()];
        let rows = self.0.rows(PENDING, values, |row| row.get::<i64>(0)).await;
        let count = rows.attempted("count pushed requests")?.pop().unwrap_or(0);
        Ok(count.unsigned_abs())
    }

    /// Marks a request used. False: it was, by somebody faster.
    pub async fn spend(&self, hash: &HandleHash, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = vec![now.into(), hash.0.to_vec().into()];
        let spent = self.0.write(SPEND, values).await.attempted("use a pushed request")?;
        Ok(spent == 1)
    }
}

/// Ids of tokens that serve once.
pub struct SpentIds<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> SpentIds<'_, C> {
    /// Keeps an id. False: it served before, on this node or another.
    pub async fn spend(&self, id: &[u8; 32], until: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = spent_id::Model { id_hash: id.to_vec(), expires_at: until };
        let once = OnConflict::column(spent_id::Column::IdHash).do_nothing().to_owned();
        let inserted = spent_id::Entity::insert(row.into_active_model())
            .on_conflict(once)
            .exec_without_returning(self.0)
            .await
            .attempted("keep the id of a token")?;
        Ok(inserted == 1)
    }
}

fn read(row: pushed_request::Model) -> Result<KeptRequest, StoreError> {
    let client = row.client;
    let bad =
        |column| StoreError::Corrupt { table: "pushed_request", row: client.to_string(), column };
    Ok(KeptRequest {
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: client.into(),
        parameters: row.parameters,
        signed: row.signed,
        pushed_at: row.pushed_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
    })
}

impl Upkeep<'_> {
    /// Keeps a request for the browser that will come with its name. No act: nothing is given for it yet.
    pub async fn keep_request(
        &self,
        hash: &HandleHash,
        request: &KeptRequest,
    ) -> Result<(), StoreError> {
        let row = pushed_request::Model {
            handle_hash: hash.0.to_vec(),
            issuer: request.issuer.as_str().to_owned(),
            client: request.client.uuid(),
            parameters: request.parameters.clone(),
            signed: request.signed,
            pushed_at: request.pushed_at,
            expires_at: request.expires_at,
            used_at: request.used_at,
        };
        let tx = self.0.begin().await?;
        tx.write(&INSERTION, row.values()).await.attempted("keep a pushed request")?;
        tx.finish().await
    }

    /// Keeps the id of a token that serves once. False: it served before, on this node or another.
    pub async fn spend_id(&self, id: &[u8; 32], until: DateTime<Utc>) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let first = tx.spent_ids().spend(id, until).await?;
        tx.finish().await?;
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::on_each;
    use chrono::Duration;
    use kernel::{ClientId, Clock, Handle, HandleKind, SeededRandomness};
    use oidc::KeptRequest;

    #[tokio::test]
    async fn op_11_an_id_serves_once_however_many_ask_at_once() {
        on_each(async |at| {
            let until = at.clock.now() + Duration::seconds(60);
            for round in 0..3u8 {
                let mut attempts = tokio::task::JoinSet::new();
                for _ in 0..20 {
                    let store = at.store.clone();
                    attempts.spawn(async move {
                        store.upkeep().spend_id(&[round; 32], until).await.expect("kept")
                    });
                }
                let firsts = attempts.join_all().await.into_iter().filter(|first| *first).count();
                assert_eq!(firsts, 1);
            }
            at.clock.advance(Duration::seconds(59));
            at.store.upkeep().sweep().await.expect("swept");
            assert!(!at.store.upkeep().spend_id(&[0; 32], until).await.expect("kept"), "alive");
            at.clock.advance(Duration::days(2));
            at.store.upkeep().sweep().await.expect("swept");
            assert!(at.store.upkeep().spend_id(&[0; 32], until).await.expect("kept"), "gone");
        })
        .await;
    }

    #[tokio::test]
    async fn op_13_a_pushed_request_is_read_back_and_spent_once() {
        on_each(async |at| {
            let (chance, now) = (SeededRandomness::new(31), at.clock.now());
            let client = ClientId::new(&*at.clock, &chance);
            let request = KeptRequest {
                issuer: "https://hygie.hopital.test".parse().expect("issuer"),
                client,
                parameters: "client_id=dpi&scope=openid".to_owned(),
                signed: true,
                pushed_at: now,
                expires_at: now + Duration::seconds(60),
                used_at: None,
            };
            let hash = Handle::new(HandleKind::Par, &chance).hash();
            at.store.upkeep().keep_request(&hash, &request).await.expect("kept");
            let reader = at.store.read();
            let read = reader.pushed_requests().find(&hash).await.expect("read");
            assert_eq!(read, Some(request.clone()));
            assert_eq!(reader.pushed_requests().pending(client, now).await.expect("count"), 1);
            let later = request.expires_at;
            assert_eq!(reader.pushed_requests().pending(client, later).await.expect("count"), 0);
            let tx = at.store.begin().await.expect("begun");
            assert!(tx.pushed_requests().spend(&hash, now).await.expect("spent"));
            assert!(!tx.pushed_requests().spend(&hash, now).await.expect("spent"));
            assert_eq!(tx.pushed_requests().pending(client, now).await.expect("count"), 0);
        })
        .await;
    }
}

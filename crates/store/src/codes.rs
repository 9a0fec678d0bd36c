use crate::StoreError;
use crate::by_place::{ByPlace, Columns};
use crate::entity::authorization_code;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::HandleHash;
use oidc::{AuthorizationCode, CodeDetails};
use sea_orm::ConnectionTrait;
use std::sync::LazyLock;

static INSERTION: LazyLock<String> =
    LazyLock::new(|| authorization_code::Model::insertion("authorization_code"));
const BURN: &str =
    "UPDATE authorization_code SET used_at = $1 WHERE code_hash = $2 AND used_at IS NULL";
static BY_HASH: LazyLock<String> = LazyLock::new(|| {
    let columns = authorization_code::Model::listed("a");
    format!("SELECT {columns} FROM authorization_code a WHERE a.code_hash = $1")
});

/// Authorization codes, by the hash of their handle.
pub struct Codes<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> Codes<'_, C> {
    pub async fn insert(
        &self,
        hash: &HandleHash,
        code: &AuthorizationCode,
    ) -> Result<(), StoreError> {
        let row = authorization_code::Model {
            code_hash: hash.0.to_vec(),
            issuer: code.issuer.as_str().to_owned(),
            client: code.client.uuid(),
            person_id: code.person.uuid(),
            session_id: code.session.uuid(),
            sid: code.sid.uuid(),
            details: code.details.to_text(),
            issued_at: code.issued_at,
            expires_at: code.expires_at,
            used_at: code.used_at,
        };
        self.0.write(&INSERTION, row.values()).await.attempted("keep a code")?;
        Ok(())
    }

    /// Burns a code, and gives it as it was before. One statement marks it, so that of many attempts at once a
    /// single one finds it unused (threats OP-06).
    pub async fn burn(
        &self,
        hash: &HandleHash,
        now: DateTime<Utc>,
    ) -> Result<Option<AuthorizationCode>, StoreError> {
        let values = vec![now.into(), hash.0.to_vec().into()];
        let marked = self.0.write(BURN, values).await.attempted("burn a code")?;
        let values = vec![hash.0.to_vec().into()];
        let rows = self.0.rows(&BY_HASH, values, authorization_code::Model::first).await;
        let Some(mut row) = rows.attempted("read a code")?.pop() else { return Ok(None) };
        if marked == 1 {
            row.used_at = None;
        }
        read(row).map(Some)
    }
}

fn read(row: authorization_code::Model) -> Result<AuthorizationCode, StoreError> {
    // The hash is no secret by itself, but it stays out of messages: the session names the row.
    let session = row.session_id.to_string();
    let bad =
        |column| StoreError::Corrupt { table: "authorization_code", row: session.clone(), column };
    Ok(AuthorizationCode {
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: row.client.into(),
        person: row.person_id.into(),
        session: row.session_id.into(),
        sid: row.sid.into(),
        details: CodeDetails::from_text(&row.details).map_err(|_| bad("details"))?,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{TestStore, on_each};
    use crate::{Store, StoreError};
    use audit::{AuditEvent, Code};
    use chrono::Duration;
    use kernel::{
        ActorId, Clock, Handle, HandleKind, KeyStore, OpeningId, PersonId, Secret,
        SeededRandomness, SessionId, SigningAlgorithm,
    };
    use oidc::{
        AccessToken, Acr, AuthMethod, AuthorizationCode, ClaimsRequest, Client, ClientDraft,
        CodeDetails, KeyState, Profile, SigningKey, TokenDetails,
    };

    const ISSUER: &str = "https://hygie.hopital.test";

    fn client(at: &TestStore, chance: &SeededRandomness) -> Client {
        let mut draft = ClientDraft::new("DPI", Profile::PscLike, AuthMethod::ClientSecretBasic);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        let issuer: oidc::Issuer = ISSUER.parse().expect("issuer");
        let settings = draft.check(&issuer, at.clock.now()).expect("settings");
        let id = kernel::ClientId::new(&*at.clock, chance);
        Client {
            id,
            client_id: "dpi".to_owned(),
            issuer,
            name: "DPI".to_owned(),
            enabled: true,
            profile: Profile::PscLike,
            settings,
            secret: Some(oidc::ClientSecret::draw(chance).hash(id)),
            version: 1,
            created_at: at.clock.now(),
        }
    }

    fn code(at: &TestStore, client: &Client, chance: &SeededRandomness) -> AuthorizationCode {
        let now = at.clock.now();
        AuthorizationCode {
            issuer: client.issuer.clone(),
            client: client.id,
            person: PersonId::new(&*at.clock, chance),
            session: SessionId::new(&*at.clock, chance),
            sid: OpeningId::new(&*at.clock, chance),
            details: CodeDetails {
                redirect_uri: "https://dpi.test/cb".to_owned(),
                code_challenge: None,
                dpop_jkt: None,
                scopes: ["openid".to_owned()].into(),
                nonce: Some("n".to_owned()),
                claims: ClaimsRequest::default(),
                asked_at: now,
                max_age: Some(60),
                minimum_acr: Acr::Eidas2,
                essential_acr: vec![Acr::Eidas2],
            },
            issued_at: now,
            expires_at: now + Duration::seconds(60),
            used_at: None,
        }
    }

    fn token(code: &AuthorizationCode, family: [u8; 32]) -> AccessToken {
        AccessToken {
            issuer: code.issuer.clone(),
            client: code.client,
            person: code.person,
            session: code.session,
            family,
            details: TokenDetails {
                scopes: code.details.scopes.clone(),
                claims: ClaimsRequest::default(),
                sid: code.sid,
                auth_time: code.issued_at,
                acr: Acr::Eidas2,
                amr: vec!["hwk".to_owned()],
                confirmation: Some(oidc::Confirmation::Key("k".to_owned())),
            },
            issued_at: code.issued_at,
            expires_at: code.expires_at,
            revoked_at: None,
        }
    }

    fn event(client: &Client) -> AuditEvent {
        let profile = Code::of(client.profile.name());
        AuditEvent::ClientCreated { by: ActorId::Nobody, client: client.id, profile }
    }

    async fn write<T>(
        store: &Store,
        client: &Client,
        act: impl AsyncFnOnce(&crate::Transaction) -> Result<T, StoreError>,
    ) -> T {
        let tx = store.begin().await.expect("begun");
        let done = act(&tx).await.expect("done");
        tx.commit(event(client)).await.expect("committed");
        done
    }

    #[tokio::test]
    async fn op_06_a_code_is_found_unused_once() {
        on_each(async |at| {
            let chance = SeededRandomness::new(21);
            let client = client(&at, &chance);
            let code = code(&at, &client, &chance);
            let hash = Handle::new(HandleKind::Code, &chance).hash();
            write(&at.store, &client, async |tx| tx.codes().insert(&hash, &code).await).await;
            let mut attempts = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (store, hash, client, now) =
                    (at.store.clone(), hash.clone(), client.clone(), at.clock.now());
                attempts.spawn(async move {
                    write(&store, &client, async |tx| tx.codes().burn(&hash, now).await).await
                });
            }
            let found = attempts.join_all().await;
            let unused: Vec<_> =
                found.iter().flatten().filter(|found| found.used_at.is_none()).collect();
            assert_eq!(unused, [&code], "read back whole, once");
            let unknown = Handle::new(HandleKind::Code, &chance).hash();
            let now = at.clock.now();
            let none = write(&at.store, &client, async |tx| tx.codes().burn(&unknown, now).await);
            assert_eq!(none.await, None);
        })
        .await;
    }

    /// A rotation adds a token while the family is being ended: the end waits for it, and takes it along.
    #[tokio::test]
    async fn op_07_a_revocation_takes_along_what_a_rotation_under_way_adds() {
        on_each(async |at| {
            let chance = SeededRandomness::new(23);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let family = Handle::new(HandleKind::Code, &chance).hash().0;
            let (old, new) = (
                Handle::new(HandleKind::AccessToken, &chance).hash(),
                Handle::new(HandleKind::AccessToken, &chance).hash(),
            );
            let token = token(&code, family);
            write(&at.store, &client, async |tx| tx.tokens().insert(&old, &token).await).await;
            let held = tokio::sync::Notify::new();
            let rotate = write(&at.store, &client, async |tx| {
                tx.tokens().hold_family(family).await?;
                held.notify_one();
                // Long enough for the other to have begun, were it not made to wait.
                for _ in 0..50 {
                    tx.tokens().find_access(&old).await?;
                }
                tx.tokens().insert(&new, &token).await
            });
            let end = async {
                held.notified().await;
                write(&at.store, &client, async |tx| {
                    tx.tokens().revoke_family(family, code.session, now).await
                })
                .await
            };
            let ((), ended) = tokio::join!(rotate, end);
            assert_eq!(ended, 2);
            for hash in [&old, &new] {
                let read = at.store.read().tokens().find_access(hash).await.expect("read");
                assert!(read.is_some_and(|token| token.revoked_at.is_some()));
            }
        })
        .await;
    }

    #[tokio::test]
    async fn expired_tokens_leave_in_steps_a_day_after_their_end() {
        on_each(async |at| {
            let chance = SeededRandomness::new(24);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let family = Handle::new(HandleKind::Code, &chance).hash().0;
            let fresh = Handle::new(HandleKind::AccessToken, &chance).hash();
            write(&at.store, &client, async |tx| {
                let over =
                    AccessToken { expires_at: now - Duration::days(2), ..token(&code, family) };
                for _ in 0..1_100 {
                    let hash = Handle::new(HandleKind::AccessToken, &chance).hash();
                    tx.tokens().insert(&hash, &over).await?;
                }
                let late =
                    AccessToken { expires_at: now - Duration::hours(2), ..token(&code, family) };
                tx.tokens().insert(&fresh, &late).await
            })
            .await;
            assert_eq!(at.store.upkeep().sweep().await.expect("swept"), 1_100);
            let kept = at.store.read().tokens().find_access(&fresh).await.expect("read");
            assert!(kept.is_some(), "a late replay is still recognised");
            assert_eq!(at.store.upkeep().sweep().await.expect("swept"), 0);
        })
        .await;
    }

    #[tokio::test]
    async fn tokens_end_by_family_and_session() {
        on_each(async |at| {
            let chance = SeededRandomness::new(22);
            let client = client(&at, &chance);
            let now = at.clock.now();
            for way in ["family", "session"] {
                let code = code(&at, &client, &chance);
                let family = Handle::new(HandleKind::Code, &chance).hash().0;
                let hash = Handle::new(HandleKind::AccessToken, &chance).hash();
                let token = token(&code, family);
                let revoked = write(&at.store, &client, async |tx| {
                    tx.tokens().insert(&hash, &token).await?;
                    assert_eq!(tx.tokens().find_access(&hash).await?, Some(token.clone()));
                    let other = SessionId::new(&*at.clock, &chance);
                    assert_eq!(tx.tokens().revoke_of_session(other, now).await?, 0);
                    assert_eq!(tx.tokens().revoke_family(family, other, now).await?, 0);
                    assert_eq!(tx.tokens().revoke_family([0; 32], code.session, now).await?, 0);
                    match way {
                        "family" => tx.tokens().revoke_family(family, code.session, now).await,
                        _ => tx.tokens().revoke_of_session(code.session, now).await,
                    }
                })
                .await;
                assert_eq!(revoked, 1, "{way}");
                let read = at.store.read().tokens().find_access(&hash).await.expect("read");
                assert_eq!(read.and_then(|token| token.revoked_at), Some(now), "{way}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn clients_and_keys_are_read_back_as_they_were_kept() {
        on_each(async |at| {
            let chance = SeededRandomness::new(23);
            let mut client = client(&at, &chance);
            let keys = keystore::MasterKey::new(Secret::new([1; 32]));
            let material = keys.new_signing_key(SigningAlgorithm::Es256, 0).expect("made");
            let id = kernel::SigningKeyId::new(&*at.clock, &chance);
            let mut key = SigningKey::new(id, ISSUER, material, at.clock.now(), at.clock.now());
            write(&at.store, &client, async |tx| {
                tx.clients().insert(&client).await?;
                tx.signing_keys().insert(&key).await
            })
            .await;
            assert_eq!(
                at.store.read().clients().named("dpi").await.expect("read"),
                Some(client.clone())
            );
            key.state = KeyState::Retired;
            key.retire_after = Some(at.clock.now());
            let stale = client.clone();
            client.enabled = false;
            // Retired over revoked, by somebody who read it before: it stays out of everything.
            let mut leaked = SigningKey {
                id: kernel::SigningKeyId::new(&*at.clock, &chance),
                kid: "leaked".to_owned(),
                state: KeyState::Active,
                ..key.clone()
            };
            for state in [KeyState::Revoked, KeyState::Retired] {
                write(&at.store, &client, async |tx| {
                    if state == KeyState::Revoked {
                        tx.signing_keys().insert(&leaked).await?;
                    }
                    leaked.state = state;
                    tx.signing_keys().save(&leaked).await
                })
                .await;
            }
            let kept = at.store.read().signing_keys().of_issuer(ISSUER).await.expect("read");
            let kept = kept.iter().find(|key| key.kid == "leaked").map(|key| key.state);
            assert_eq!(kept, Some(KeyState::Revoked));
            write(&at.store, &client, async |tx| {
                tx.clients().save(&client).await?;
                let late = tx.clients().save(&stale).await;
                assert!(matches!(late, Err(StoreError::Stale { table: "client" })), "{late:?}");
                tx.signing_keys().save(&key).await
            })
            .await;
            client.version += 1;
            let reader = at.store.read();
            assert_eq!(reader.clients().find(client.id).await.expect("read"), Some(client.clone()));
            assert_eq!(reader.clients().all().await.expect("read"), [client.clone()]);
            let read = reader.signing_keys().of_issuer(ISSUER).await.expect("read");
            assert!(read.contains(&key), "{read:?}");
            let sid = OpeningId::new(&*at.clock, &chance);
            let session = SessionId::new(&*at.clock, &chance);
            write(&at.store, &client, async |tx| {
                tx.opening_clients().note(sid, client.id, session, at.clock.now()).await?;
                tx.opening_clients().note(sid, client.id, session, at.clock.now()).await
            })
            .await;
            assert_eq!(reader.opening_clients().of(sid).await.expect("read"), [client.id]);
        })
        .await;
    }
}

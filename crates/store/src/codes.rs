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
    use crate::by_place::ByPlace;
    use crate::sweep::{Pace, TokenWalk};
    use crate::testing::{TestStore, on_each, on_each_with};
    use crate::{Store, StoreError};
    use audit::{AuditEvent, Code};
    use chrono::Duration;
    use kernel::{
        ActorId, Clock, Handle, HandleKind, KeyStore, OpeningId, PersonId, Secret,
        SeededRandomness, SessionId, SigningAlgorithm, TokenName,
    };
    use oidc::{
        AccessToken, Acr, AuthMethod, AuthorizationCode, ClaimsRequest, Client, ClientDraft,
        CodeDetails, KeyState, Profile, RefreshToken, SigningKey, TokenDetails,
    };
    use sea_orm::{ConnectionTrait, DbBackend};
    use sea_orm_migration::{MigrationTrait, MigratorTrait};

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

    fn refresh(token: &AccessToken) -> RefreshToken {
        let token = token.clone();
        RefreshToken {
            issuer: token.issuer,
            client: token.client,
            person: token.person,
            session: token.session,
            family: token.family,
            details: token.details,
            issued_at: token.issued_at,
            expires_at: token.expires_at + Duration::hours(1),
            used_at: None,
            revoked_at: None,
        }
    }

    fn handle(chance: &SeededRandomness) -> Handle {
        Handle::new(HandleKind::AccessToken, chance)
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
            let (old, new) = (handle(&chance), handle(&chance));
            let token = token(&code, family);
            let (first, second) = (old.hash(), new.hash());
            let insert =
                async |tx: &crate::Transaction| tx.tokens().insert((&first, &token), None).await;
            let number = write(&at.store, &client, insert).await;
            let old = old.numbered(number).token_name();
            let held = tokio::sync::Notify::new();
            let rotate = write(&at.store, &client, async |tx| {
                tx.tokens().hold_family(family).await?;
                held.notify_one();
                // Long enough for the other to have begun, were it not made to wait.
                for _ in 0..50 {
                    tx.tokens().find_access(&old).await?;
                }
                tx.tokens().insert((&second, &token), None).await
            });
            let end = async {
                held.notified().await;
                write(&at.store, &client, async |tx| {
                    tx.tokens().revoke_family(family, code.session, now).await
                })
                .await
            };
            let (number, ended) = tokio::join!(rotate, end);
            assert_eq!(ended, 2);
            for name in [&old, &new.numbered(number).token_name()] {
                let read = at.store.read().tokens().find_access(name).await.expect("read");
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
            let fresh = handle(&chance);
            let number = write(&at.store, &client, async |tx| {
                let over =
                    AccessToken { expires_at: now - Duration::days(2), ..token(&code, family) };
                for _ in 0..1_100 {
                    tx.tokens().insert((&handle(&chance).hash(), &over), None).await?;
                }
                let late =
                    AccessToken { expires_at: now - Duration::hours(2), ..token(&code, family) };
                tx.tokens().insert((&fresh.hash(), &late), None).await
            })
            .await;
            assert_eq!(at.store.upkeep().sweep().await.expect("swept"), 1_100);
            let fresh = fresh.numbered(number).token_name();
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
                let (handle, token) = (handle(&chance), token(&code, family));
                let (revoked, name) = write(&at.store, &client, async |tx| {
                    let number = tx.tokens().insert((&handle.hash(), &token), None).await?;
                    let name = handle.numbered(number).token_name();
                    assert_eq!(tx.tokens().find_access(&name).await?, Some(token.clone()));
                    let other = SessionId::new(&*at.clock, &chance);
                    assert_eq!(tx.tokens().revoke_of_session(other, now).await?, 0);
                    assert_eq!(tx.tokens().revoke_family(family, other, now).await?, 0);
                    assert_eq!(tx.tokens().revoke_family([0; 32], code.session, now).await?, 0);
                    let revoked = match way {
                        "family" => tx.tokens().revoke_family(family, code.session, now).await?,
                        _ => tx.tokens().revoke_of_session(code.session, now).await?,
                    };
                    Ok((revoked, name))
                })
                .await;
                assert_eq!(revoked, 1, "{way}");
                let read = at.store.read().tokens().find_access(&name).await.expect("read");
                assert_eq!(read.and_then(|token| token.revoked_at), Some(now), "{way}");
            }
        })
        .await;
    }

    /// An access token and a refresh token of one row are two tokens: each is found by its own name, and ends by itself.
    #[tokio::test]
    async fn op_04_tokens_given_together_are_found_and_end_apart() {
        on_each(async |at| {
            let chance = SeededRandomness::new(25);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let family = Handle::new(HandleKind::Code, &chance).hash().0;
            let access = token(&code, family);
            let narrowed = TokenDetails { confirmation: None, ..access.details.clone() };
            for details in [access.details.clone(), narrowed] {
                let refresh = RefreshToken { details, ..refresh(&access) };
                let (first, second) =
                    (handle(&chance), Handle::new(HandleKind::RefreshToken, &chance));
                let (its_hash, other_hash) = (first.hash(), second.hash());
                let number = write(&at.store, &client, async |tx| {
                    tx.tokens().insert((&its_hash, &access), Some((&other_hash, &refresh))).await
                })
                .await;
                let (first, second) = (first.numbered(number), second.numbered(number));
                let (first, second) = (first.token_name(), second.token_name());
                let reader = at.store.read();
                let read = reader.tokens().find_access(&first).await.expect("read");
                assert_eq!(read, Some(access.clone()));
                let read = reader.tokens().find_refresh(&second).await.expect("read");
                assert_eq!(read, Some(refresh.clone()));
                // Neither by the name of the other, nor by a number alone, nor by another number.
                assert_eq!(reader.tokens().find_refresh(&first).await.expect("read"), None);
                assert_eq!(reader.tokens().find_access(&second).await.expect("read"), None);
                for number in [number + 1, 0, -1, TokenName::unnumbered(its_hash.clone()).number] {
                    let elsewhere = TokenName { number, ..first.clone() };
                    assert_eq!(reader.tokens().find_access(&elsewhere).await.expect("read"), None);
                }
                let wrong = TokenName { hash: handle(&chance).hash(), ..first.clone() };
                write(&at.store, &client, async |tx| {
                    assert!(!tx.tokens().revoke_access(&wrong, now).await?);
                    assert!(!tx.tokens().use_refresh(&first, now).await?);
                    assert!(!tx.tokens().revoke_access(&second, now).await?);
                    assert!(tx.tokens().revoke_access(&first, now).await?);
                    assert!(!tx.tokens().revoke_access(&first, now).await?);
                    let read = tx.tokens().find_access(&first).await?;
                    assert_eq!(read.and_then(|token| token.revoked_at), Some(now));
                    assert_eq!(tx.tokens().find_refresh(&second).await?, Some(refresh.clone()));
                    assert!(tx.tokens().use_refresh(&second, now).await?);
                    assert!(!tx.tokens().use_refresh(&second, now).await?);
                    assert_eq!(tx.tokens().revoke_family(family, code.session, now).await?, 1);
                    assert_eq!(tx.tokens().revoke_family(family, code.session, now).await?, 0);
                    assert!(!tx.tokens().use_refresh(&second, now).await?);
                    let read = tx.tokens().find_refresh(&second).await?;
                    let ends = read.map(|token| (token.used_at, token.revoked_at));
                    assert_eq!(ends, Some((Some(now), Some(now))));
                    Ok(())
                })
                .await;
            }
        })
        .await;
    }

    /// A row leaves when both of its tokens have ended, wherever the last sweep stopped.
    #[tokio::test]
    async fn what_still_stands_beside_an_expired_access_token_stays() {
        on_each(async |at| {
            let chance = SeededRandomness::new(26);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let access =
                AccessToken { expires_at: now - Duration::days(2), ..token(&code, [7; 32]) };
            let alive = RefreshToken { expires_at: now, ..refresh(&access) };
            let other = Handle::new(HandleKind::RefreshToken, &chance);
            let (hash, alone) = (other.hash(), handle(&chance).hash());
            let number = write(&at.store, &client, async |tx| {
                let beside = Some((&hash, &alive));
                let number = tx.tokens().insert((&handle(&chance).hash(), &access), beside).await?;
                tx.tokens().insert((&alone, &access), None).await?;
                Ok(number)
            })
            .await;
            for gone in [1, 0] {
                assert_eq!(at.store.upkeep().sweep().await.expect("swept"), gone);
            }
            let name = other.numbered(number).token_name();
            let kept = at.store.read().tokens().find_refresh(&name).await.expect("read");
            assert_eq!(kept, Some(alive));
        })
        .await;
    }

    /// A sweep that looked at as many rows as it may goes on from there the next time, and around: what stands behind those
    /// that live goes too.
    #[tokio::test]
    async fn a_sweep_of_tokens_goes_on_where_the_last_one_stopped() {
        on_each(async |at| {
            let chance = SeededRandomness::new(27);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let ended =
                AccessToken { expires_at: now - Duration::days(2), ..token(&code, [7; 32]) };
            let alive = token(&code, [7; 32]);
            write(&at.store, &client, async |tx| {
                for token in [vec![&alive; 7], vec![&ended; 4]].concat() {
                    tx.tokens().insert((&handle(&chance).hash(), token), None).await?;
                }
                Ok(())
            })
            .await;
            let walk = TokenWalk { rows: 2, looks: 2 };
            let late = now - Duration::days(1);
            // Rows 1 to 4, 5 to 8, 9 to 11 and the end; then around.
            for gone in [0, 1, 3, 0, 0] {
                let upkeep = at.store.upkeep();
                assert_eq!(
                    upkeep.sweep_tokens(&mut Pace::new(), late, &walk).await.expect("swept"),
                    gone
                );
            }
        })
        .await;
    }

    /// A sweep whose time is over stops after a step, and the next one begins before what it left.
    #[tokio::test]
    async fn what_a_sweep_has_no_more_time_for_goes_with_the_next_one() {
        on_each(async |at| {
            let chance = SeededRandomness::new(29);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let ended =
                AccessToken { expires_at: now - Duration::days(2), ..token(&code, [7; 32]) };
            write(&at.store, &client, async |tx| {
                for _ in 0..150 {
                    tx.tokens().insert((&handle(&chance).hash(), &ended), None).await?;
                }
                Ok(())
            })
            .await;
            let (upkeep, walk) = (at.store.upkeep(), TokenWalk { rows: 1_000, looks: 10 });
            for gone in [100, 50, 0] {
                let over = &mut Pace::over();
                let went = upkeep.sweep_tokens(over, now - Duration::days(1), &walk).await;
                assert_eq!(went.expect("swept"), gone);
            }
        })
        .await;
    }

    /// SQLite gives the number of the last row again when that row went: the text of before opens nothing of the new one.
    #[tokio::test]
    async fn op_04_a_number_that_is_given_again_is_no_token_of_before() {
        on_each(async |at| {
            let chance = SeededRandomness::new(28);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let over = AccessToken { expires_at: now - Duration::days(2), ..token(&code, [7; 32]) };
            let keep = async |handle: &Handle, token: &AccessToken| {
                let kept = (&handle.hash(), token);
                write(&at.store, &client, async |tx| tx.tokens().insert(kept, None).await).await
            };
            let (old, new) = (handle(&chance), handle(&chance));
            let first = keep(&old, &over).await;
            assert_eq!(at.store.upkeep().sweep().await.expect("swept"), 1);
            let second = keep(&new, &token(&code, [8; 32])).await;
            if at.store.read().get_database_backend() == DbBackend::Sqlite {
                assert_eq!(second, first, "what is tried here is a number given twice");
            }
            let reader = at.store.read();
            let old = old.numbered(second).token_name();
            assert_eq!(reader.tokens().find_access(&old).await.expect("read"), None);
            let new = new.numbered(second).token_name();
            assert!(reader.tokens().find_access(&new).await.expect("read").is_some());
        })
        .await;
    }

    /// The schema as it was before tokens had numbers.
    struct Before;

    #[async_trait::async_trait]
    impl MigratorTrait for Before {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            let all = migrations::Migrator::migrations().into_iter();
            all.take_while(|step| !step.name().ends_with("_token_rows")).collect()
        }
    }

    const GIVEN_BEFORE: &str = "INSERT INTO token (token_hash, kind, issuer, family, client, person_id, session_id, \
         details, issued_at, expires_at, revoked_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    #[tokio::test]
    async fn op_07_tokens_given_before_they_had_numbers_go_on() {
        on_each_with::<Before>(async |at| {
            let chance = SeededRandomness::new(27);
            let client = client(&at, &chance);
            let now = at.clock.now();
            let code = code(&at, &client, &chance);
            let family = Handle::new(HandleKind::Code, &chance).hash().0;
            let access = token(&code, family);
            let refresh = refresh(&access);
            let mut given = Vec::new();
            let tx = at.store.begin().await.expect("begun");
            for (kind, ended, used) in [
                ("access", None, None),
                ("access", Some(now), None),
                ("refresh", None, None),
                ("refresh", None, Some(now)),
                ("refresh", Some(now), Some(now)),
            ] {
                for _ in 0..20 {
                    let handle_kind = match kind {
                        "access" => HandleKind::AccessToken,
                        _ => HandleKind::RefreshToken,
                    };
                    let handle = Handle::new(handle_kind, &chance);
                    let expires_at = match kind {
                        "access" => access.expires_at,
                        _ => refresh.expires_at,
                    };
                    let values = vec![
                        handle.hash().0.to_vec().into(),
                        kind.into(),
                        access.issuer.as_str().into(),
                        family.to_vec().into(),
                        access.client.uuid().into(),
                        Some(access.person.uuid()).into(),
                        Some(access.session.uuid()).into(),
                        access.details.to_text().into(),
                        access.issued_at.into(),
                        expires_at.into(),
                        ended.into(),
                        used.into(),
                    ];
                    tx.write(GIVEN_BEFORE, values).await.expect("given");
                    given.push((handle, kind, ended, used));
                }
            }
            tx.finish().await.expect("finished");
            at.store.migrate::<migrations::Migrator>().await.expect("migrated");
            let reader = at.store.read();
            for (handle, kind, revoked_at, used_at) in &given {
                let name =
                    Handle::parse(handle.kind(), handle.expose()).expect("ours").token_name();
                let found = reader.tokens().find_access(&name).await.expect("read");
                let expected = AccessToken { revoked_at: *revoked_at, ..access.clone() };
                assert_eq!(found, (*kind == "access").then_some(expected));
                let found = reader.tokens().find_refresh(&name).await.expect("read");
                let (revoked_at, used_at) = (*revoked_at, *used_at);
                let expected = RefreshToken { revoked_at, used_at, ..refresh.clone() };
                assert_eq!(found, (*kind == "refresh").then_some(expected));
            }
            // What comes after is numbered after them, and one chain holds both.
            let next = handle(&chance);
            let (next_hash, last) = (next.hash(), given[40].0.token_name());
            let (name, ended) = write(&at.store, &client, async |tx| {
                assert!(tx.tokens().use_refresh(&last, now).await?);
                assert!(!tx.tokens().use_refresh(&last, now).await?);
                let number = tx.tokens().insert((&next_hash, &access), None).await?;
                assert!(number > last.number);
                let ended = tx.tokens().revoke_family(family, code.session, now).await?;
                Ok((next.numbered(number).token_name(), ended))
            })
            .await;
            assert_eq!(ended, 20 + 20 + 20 + 1, "all that was alive");
            let read = at.store.read().tokens().find_access(&name).await.expect("read");
            assert_eq!(read.and_then(|token| token.revoked_at), Some(now));
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
            let known = at.store.read().clients().read_named("dpi", None).await.expect("read");
            let again = at.store.read().clients().read_named("dpi", known.as_ref()).await;
            let [known, again] = [known, again.expect("read")].map(|read| read.expect("there"));
            assert!(std::sync::Arc::ptr_eq(&known, &again), "the row says the same");
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
            let now = reader.clients().read_named("dpi", Some(&known)).await.expect("read");
            assert_eq!(now.as_ref().map(|read| &*read.client), Some(&client), "saved since");
            let other = reader.clients().read_named("other", Some(&known)).await.expect("read");
            assert!(other.is_none());
            assert_eq!(reader.clients().find(client.id).await.expect("read"), Some(client.clone()));
            assert_eq!(reader.clients().all().await.expect("read"), [client.clone()]);
            let read = reader.signing_keys().of_issuer(ISSUER).await.expect("read");
            assert!(read.contains(&key), "{read:?}");
            for (algorithm, theirs) in
                [(SigningAlgorithm::Es256, &*read), (SigningAlgorithm::Rs256, &[])]
            {
                let found = reader.signing_keys().of_algorithm(ISSUER, algorithm).await;
                assert_eq!(found.expect("read"), theirs, "{algorithm:?}");
            }
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

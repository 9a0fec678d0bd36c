//! Signing keys change under applications that go on working.
use super::*;
use ::oidc::{KeyState, Rotation, read_hint};

#[tokio::test]
async fn ky_01_signing_keys_turn_without_a_login_lost() {
    on_each(async |house| {
        let desk = Actor::command_line(0);
        let issuer = house.workflows.issuer().expect("issuer");
        let kid = |tokens: &TokenResponse| {
            use base64::Engine;
            let header = tokens.id_token.split('.').next().expect("header");
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header);
            let header: Value = serde_json::from_slice(&bytes.expect("base64url")).expect("JSON");
            header["kid"].as_str().expect("kid").to_owned()
        };
        let jwks = async || house.workflows.provider_documents().await.expect("documents").jwks;
        let tokens = async || house.redeem(&house.code(&[]).await).await.expect("tokens");
        let first = tokens().await;
        let made = house.workflows.rotate_keys(&desk, false).await.expect("rotated");
        assert_eq!(made.len(), 1, "one for each algorithm in use");
        assert!(jwks().await.contains(&made[0].kid), "published before it signs");
        assert_eq!(kid(&tokens().await), kid(&first), "the old one signs still");
        assert!(house.workflows.rotate_keys(&desk, false).await.expect("rotated").is_empty());
        // A day later the session is over: its person comes back, and nobody else noticed.
        house.clock.advance(Duration::hours(24));
        let session = open_session(&house.workflows, &house.person, &house.means).await;
        let house = House { session, ..house };
        let next = house.redeem(&house.code(&[]).await).await.expect("tokens");
        assert_eq!(kid(&next), made[0].kid);
        house.workflows.keep_keys_fresh().await.expect("kept");
        let keys = house.workflows.store().read().signing_keys().of_issuer(issuer.as_str()).await;
        let keys = keys.expect("keys");
        let old = keys.iter().find(|key| key.kid == kid(&first)).expect("the first key");
        assert_eq!(old.state, KeyState::Retired);
        let documents = house.workflows.provider_documents().await.expect("documents");
        assert!(documents.jwks.contains(&old.kid), "published a day more");
        assert!(read_hint(&first.id_token, &issuer, &keys).is_some(), "its hints are read");
        // It leaked: the next signs at once, what it signed is nobody's word any more.
        let made = house.workflows.rotate_keys(&desk, true).await.expect("rotated");
        let after = house.redeem(&house.code(&[]).await).await.expect("tokens");
        assert_eq!(kid(&after), made[0].kid);
        let keys = house.workflows.store().read().signing_keys().of_issuer(issuer.as_str()).await;
        let keys = keys.expect("keys");
        for (tokens, believed) in [(&first, false), (&next, false), (&after, true)] {
            assert_eq!(read_hint(&tokens.id_token, &issuer, &keys).is_some(), believed);
        }
        let documents = house.workflows.provider_documents().await.expect("documents");
        assert!(!documents.jwks.contains(&kid(&next)));
    })
    .await;
}

/// Two administrators, or an administrator and the daily look, at the same moment on two nodes.
#[tokio::test]
async fn ky_01_two_nodes_that_turn_the_keys_at_once_make_one_successor() {
    on_each(async |house| {
        let desk = Actor::command_line(0);
        let by = desk.id();
        let issuer = house.workflows.issuer().expect("issuer");
        let keys = async || {
            let read = house.workflows.store().read();
            read.signing_keys().of_issuer(issuer.as_str()).await.expect("keys")
        };
        let nodes = house.nodes().await;
        let (one, other) = (&nodes[0], nodes.get(1).unwrap_or(&nodes[0]));
        for emergency in [false, true, true] {
            let before = keys().await;
            // Both have read the keys before either turns them, however the machine shares its time.
            let why = if emergency { Rotation::Emergency } else { Rotation::Asked };
            let (made, again) = tokio::join!(
                one.turn_keys_from(before.clone(), why, &by),
                other.turn_keys_from(before.clone(), why, &by)
            );
            let made = [made.expect("rotated"), again.expect("rotated")].concat();
            assert_eq!(made.len(), 1, "emergency: {emergency}");
            let after = keys().await;
            assert_eq!(after.len(), before.len() + 1);
            let active = after.iter().filter(|key| key.state == KeyState::Active);
            assert_eq!(active.count(), if emergency { 1 } else { before.len() + 1 });
        }
        house.clock.advance(Duration::days(90));
        let before = keys().await.len();
        let (looked, made) = tokio::join!(one.keep_keys_fresh(), other.rotate_keys(&desk, false));
        looked.expect("looked");
        assert!(made.expect("rotated").len() <= 1);
        assert_eq!(keys().await.len(), before + 1, "the look and the act make one");
    })
    .await;
}

//! An application that asks for more than the person can prove (console, L11 and L12), or that opens care data.
use super::elsewhere::HERS;
use super::*;
use crate::oidc::Decided;
use ::oidc::{Acr, DecoupledKind};
use authentication::Factor;

const EIDAS3: (&str, &str) =
    ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}"#);

fn said(answer: AuthorizeAnswer) -> String {
    match told(answer) {
        Told::Code(_) => "code".to_owned(),
        Told::Other(other) => other,
    }
}

pub(super) async fn by_password(house: &House) -> Session {
    let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
    let (of, kind) = (ProofOf::Account(house.account.id), MeansKind::Password);
    let (factors, now) = ([Factor::Knowledge].into(), house.workflows.now());
    let proof = Proof::recalled(of, kind, factors, false, now, place);
    open_session_by(&house.workflows, &house.person, proof).await
}

#[tokio::test]
async fn who_did_all_she_could_is_told_so_and_no_login_is_asked_for_again() {
    on_each(async |house| {
        assert_eq!(said(house.authorize(&[EIDAS3]).await), "not enough true", "a fresh login");
        let silent = said(house.authorize(&[EIDAS3, ("prompt", "none")]).await);
        assert_eq!(silent, "unmet_authentication_requirements", "no page for prompt none");
        house.clock.advance(Duration::minutes(1));
        assert_eq!(said(house.authorize(&[EIDAS3]).await), "login StepUp", "she may try first");
        assert_eq!(house.events().await.last().map(String::as_str), Some("authorize_refused"));
    })
    .await;
}

#[tokio::test]
async fn a_password_without_a_key_is_told_what_is_missing_and_a_key_is_asked_for() {
    on_each(async |mut house| {
        house.session = by_password(&house).await;
        house.clock.advance(Duration::minutes(1));
        let eidas2 = ("acr_values", "eidas2");
        assert_eq!(said(house.authorize(&[]).await), "code");
        assert_eq!(said(house.authorize(&[eidas2]).await), "login StepUp");
        let mut key = house.means.clone();
        key.status = MeansStatus::Revoked;
        house.write(async |tx| tx.means().save(&key).await.expect("saved")).await;
        assert_eq!(said(house.authorize(&[]).await), "code", "the rest stays open");
        assert_eq!(said(house.authorize(&[eidas2]).await), "not enough false");
    })
    .await;
}

/// « Sensible »: whatever was given to a password, each door wants two factors from the moment it is said.
#[tokio::test]
async fn op_20_an_application_of_care_data_takes_two_factors_at_every_door() {
    on_each(async |mut house| {
        let key = house.session.clone();
        house.session = by_password(&house).await;
        house.give(true, true).await;
        house.secure(|security| security.refresh_seconds = Some(3600)).await;
        house.clock.advance(Duration::minutes(1));
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let kept = house.code(&[]).await;
        let refresh = tokens.refresh_token.expect("a refresh token").expose().to_owned();
        let mut approved = Vec::new();
        for kind in [DecoupledKind::Device, DecoupledKind::Backchannel] {
            let asked = house.ask(kind, &HERS).await.expect("asked");
            let here = house.here(&by_password(&house).await).await;
            let typed = asked.user_code.as_deref();
            assert_eq!(house.say(&here, typed, true).await, Decided::Approved, "{kind:?}");
            approved.push((kind, asked));
        }
        assert!(house.userinfo(&tokens.access_token).await.is_ok());
        assert!(house.is_active(tokens.access_token.expose()).await);

        house.change(|draft| draft.sensitive = true).await;
        assert_eq!(said(house.authorize(&[]).await), "login StepUp");
        let silent = said(house.authorize(&[("prompt", "none")]).await);
        assert_eq!(silent, "unmet_authentication_requirements");
        assert_eq!(house.redeem(&kept).await.err(), Some("invalid_grant"), "a code of before");
        assert_eq!(house.refresh(&refresh, &[]).await.err(), Some("invalid_grant"));
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        assert!(!house.is_active(tokens.access_token.expose()).await);
        for (kind, asked) in &approved {
            assert_eq!(house.poll(*kind, asked).await, "invalid_grant", "{kind:?} of before");
            let asked = house.ask(*kind, &HERS).await.expect("asked");
            let typed = asked.user_code.as_deref();
            let here = house.here(&by_password(&house).await).await;
            assert_eq!(house.say(&here, typed, true).await, Decided::ProveFirst, "{kind:?}");
            let here = house.again().await;
            assert_eq!(house.say(&here, typed, true).await, Decided::Approved, "{kind:?}");
            assert_eq!(house.poll(*kind, &asked).await, "ok", "{kind:?}");
        }
        let preview = async || {
            let (actor, person) = (Actor::command_line(0), house.person.id);
            let preview = house.workflows.preview_token(&actor, "dpi", person).await;
            preview.expect("read").expect("known").refused
        };
        assert_eq!(preview().await, None, "she holds a key");
        let mut lost = house.means.clone();
        lost.status = MeansStatus::Revoked;
        house.write(async |tx| tx.means().save(&lost).await.expect("saved")).await;
        assert_eq!(preview().await, Some("needs_key"));
        assert_eq!(said(house.authorize(&[]).await), "not enough false");
        let found = Means { version: lost.version + 1, ..house.means.clone() };
        house.write(async |tx| tx.means().save(&found).await.expect("saved")).await;
        house.session = key;
        let code = house.code(&[]).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        assert_eq!(claims_of(&tokens.id_token)["acr"], Acr::Eidas2.name());
    })
    .await;
}

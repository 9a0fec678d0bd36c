//! An application that asks for more than the person can prove (console, L11 and L12).
use super::*;
use authentication::Factor;

const EIDAS3: (&str, &str) =
    ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}"#);

fn said(answer: AuthorizeAnswer) -> String {
    match told(answer) {
        Told::Code(_) => "code".to_owned(),
        Told::Other(other) => other,
    }
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
        let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
        let (of, kind) = (ProofOf::Account(house.account.id), MeansKind::Password);
        let now = house.workflows.now();
        let factors = [Factor::Knowledge].into();
        let proof = Proof::recalled(of, kind, factors, false, now, place);
        house.session = open_session_by(&house.workflows, &house.person, proof).await;
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

//! An application that demands a verified national identity: nobody else gets anything of it, by any door, and the reason is
//! said to her, to the application and to the journal.
use super::elsewhere::{HERS, waiting_of};
use super::*;
use crate::oidc::Decided;
use ::oidc::DecoupledKind::Backchannel;

impl House {
    async fn demands_identity(&self) {
        self.secure(|security| {
            security.needs_national_identity = true;
            security.backchannel_login = true;
            security.refresh_seconds = Some(3600);
        })
        .await;
    }

    async fn unlink(&self) {
        let (person, now) = (self.person.id, self.workflows.now());
        let held = self.workflows.store().read().national_identities().of(person).await;
        let link = held.expect("read").pop().expect("a link");
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.national_identities().end(link.id, now).await.expect("ended");
        tx.commit(noted(&self.person)).await.expect("committed");
    }

    async fn puts_off(&self) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", "dpi"),
            ("redirect_uri", "https://dpi.test/cb"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("nonce", "n-1"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let parameters = parse_authorize(&pairs).expect("readable");
        let here = self.current().await;
        let visit = AuthorizeVisit {
            parameters: &parameters,
            session: Some(&here.session),
            asked_at: self.workflows.now(),
            put_off: true,
            consents: None,
        };
        match self.workflows.authorize(&visit).await.expect("answered") {
            AuthorizeAnswer::Return { members, .. } => {
                let told = |wanted| members.iter().find(|(name, _)| *name == wanted);
                let (_, words) = told("error_description").expect("a sentence");
                assert!(words.contains("verified national identity") && !words.contains("Goff"));
                told("error").expect("an error").1.clone()
            }
            other => panic!("{}", matches!(told(other), Told::Code(_))),
        }
    }
}

#[tokio::test]
async fn op_27_an_application_that_demands_an_identity_opens_to_nobody_without_one() {
    on_each(async |house| {
        house.demands_identity().await;
        let actor = Actor::command_line(0);
        let refused = async || {
            let seen = house.workflows.preview_token(&actor, "dpi", house.person.id).await;
            seen.expect("read").expect("known").refused
        };
        assert_eq!(refused().await, None);
        let tokens = house.redeem(&house.code(&[]).await).await.expect("a linked doctor");
        let late = house.code(&[]).await;
        let asked = house.ask(Backchannel, &HERS).await.expect("asked");
        house.unlink().await;
        assert_eq!(refused().await, Some("no_national_identity"));
        // What was given before opens nothing more.
        assert_eq!(house.redeem(&late).await.err(), Some("invalid_grant"));
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        let refresh = tokens.refresh_token.as_ref().expect("refresh").expose();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let again = house.redeem_with("dpi", house.secret.expose(), &form).await;
        assert_eq!(again.err(), Some("invalid_grant"));
        // She is told why, then the application; in silence the application alone.
        let told = told(house.authorize(&[]).await);
        assert!(matches!(told, Told::Other(what) if what == "no identity"));
        let silent = super::told(house.authorize(&[("prompt", "none")]).await);
        assert!(matches!(silent, Told::Other(what) if what == "access_denied"));
        assert_eq!(house.puts_off().await, "access_denied");
        // Her yes on another screen opens nothing either.
        let (here, waiting) = waiting_of(&house).await;
        let said = house.workflows.decide_elsewhere(&here, &waiting.reference, None, true).await;
        assert_eq!(said.expect("answered"), Decided::NoIdentity);
        house.clock.advance(Duration::seconds(6));
        assert_eq!(house.poll(Backchannel, &asked).await, "access_denied");
        let entries = house.workflows.store().read().audit().unsealed(1_000).await.expect("read");
        let bodies = entries.iter().filter(|entry| entry.event == "authorize_refused");
        let reasons = bodies.filter(|entry| entry.body.contains("no_national_identity"));
        assert_eq!(reasons.count(), 4, "the page, the silent one, the way back, the other screen");
    })
    .await;
}

#[tokio::test]
async fn a_session_that_lapsed_gives_nothing_and_is_asked_again() {
    on_each(async |house| {
        house.demands_identity().await;
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let late = house.code(&[]).await;
        // Four hours of silence, or another application's demand of a fresh login.
        let fresh = [("max_age", "0"), ("prompt", "none")];
        house.clock.advance(Duration::seconds(2));
        let too_old = told(house.authorize(&fresh).await);
        assert!(matches!(too_old, Told::Other(what) if what == "login_required"));
        house.clock.advance(SessionLimits::PUBLIC.idle);
        let silent = told(house.authorize(&[("prompt", "none")]).await);
        assert!(matches!(silent, Told::Other(what) if what == "login_required"));
        let asked = told(house.authorize(&[]).await);
        assert!(matches!(asked, Told::Other(what) if what == "login NobodyThere"));
        assert_eq!(house.redeem(&late).await.err(), Some("invalid_grant"));
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        let refresh = tokens.refresh_token.as_ref().expect("refresh").expose();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let again = house.redeem_with("dpi", house.secret.expose(), &form).await;
        assert_eq!(again.err(), Some("invalid_grant"));
    })
    .await;
}

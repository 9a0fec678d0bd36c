//! Applications of somebody else: what they hear, a person agreed to, and takes back.
use super::*;
use crate::login::Current;
use crate::oidc::ConsentWord;
use authentication::{Demand, MeansScale, Weighed, weigh};

impl House {
    /// The request of a browser, with what its person said on the page that came before.
    async fn asked(&self, changes: &[(&str, &str)], word: Option<bool>) -> String {
        let Some(yes) = word else { return self.asked_marked(changes, None).await.0 };
        let (_, mark) = self.asked_marked(changes, None).await;
        self.asked_marked(changes, Some(ConsentWord { yes, mark: &mark })).await.0
    }

    /// What was answered, and the mark of the page when it is one.
    async fn asked_marked(
        &self,
        changes: &[(&str, &str)],
        word: Option<ConsentWord<'_>>,
    ) -> (String, String) {
        let good = [
            ("response_type", "code"),
            ("client_id", "dpi"),
            ("redirect_uri", "https://dpi.test/cb"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("nonce", "n-1"),
        ];
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let pairs: Vec<_> =
            kept.chain(changes).map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let parameters = parse_authorize(&pairs).expect("readable");
        let session = self.workflows.store().read().sessions().find(self.session.id).await;
        let session = session.expect("read");
        let visit = AuthorizeVisit {
            parameters: &parameters,
            session: session.as_ref(),
            asked_at: self.workflows.now(),
            put_off: false,
            consents: word,
        };
        match self.workflows.authorize(&visit).await.expect("answered") {
            AuthorizeAnswer::Consent { application, asked, mark, .. } => {
                let asked = asked.into_iter().collect::<Vec<_>>().join(" ");
                (format!("{application} asks {asked}"), mark)
            }
            other => match told(other) {
                Told::Code(code) => (code, String::new()),
                Told::Other(other) => (other, String::new()),
            },
        }
    }

    pub(super) async fn current(&self) -> Current {
        let session = self.workflows.store().read().sessions().find(self.session.id).await;
        let session = session.expect("read").expect("a session");
        let (demand, scale) = (Demand::anything(), MeansScale::default());
        let (reach, now) = (self.workflows.reach(), self.workflows.now());
        match weigh(&session.proofs, Some(&demand), &scale, &reach, now) {
            Weighed::Enough(assurance) => Current { session, assurance },
            Weighed::Missing(missing) => panic!("{missing:?}"),
        }
    }

    async fn of_somebody_else(&self) {
        self.secure(|security| {
            security.asks_consent = true;
            security.refresh_seconds = Some(3600);
        })
        .await;
    }
}

#[tokio::test]
async fn the_hospitals_own_applications_ask_nobody() {
    on_each(async |house| {
        for prompt in ["", "consent"] {
            let code = house.asked(&[("prompt", prompt)], None).await;
            assert!(house.redeem(&code).await.is_ok(), "{prompt} {code}");
        }
        let given = house.workflows.given_consents(&house.current().await).await.expect("read");
        assert!(given.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_consent_is_asked_once_for_what_is_told_and_taken_back_with_its_tokens() {
    on_each(async |house| {
        house.of_somebody_else().await;
        assert_eq!(house.asked(&[], None).await, "DPI asks profile");
        assert_eq!(house.asked(&[("prompt", "none")], None).await, "consent_required");
        assert_eq!(house.asked(&[], Some(false)).await, "access_denied");
        assert_eq!(house.asked(&[], None).await, "DPI asks profile", "a refusal is not kept");
        let code = house.asked(&[], Some(true)).await;
        let first = house.redeem(&code).await.expect("tokens");
        // Remembered, for this and for less; more is asked again.
        for scope in ["openid profile", "openid"] {
            let code = house.asked(&[("scope", scope), ("prompt", "none")], None).await;
            assert!(house.redeem(&code).await.is_ok(), "{scope} {code}");
        }
        let more = [("claims", r#"{"userinfo":{"rpps":null}}"#)];
        assert_eq!(house.asked(&more, None).await, "DPI asks claim:rpps profile");
        assert_eq!(house.asked(&[("prompt", "consent")], None).await, "DPI asks profile");
        let code = house.asked(&more, Some(true)).await;
        let second = house.redeem(&code).await.expect("tokens");
        let here = house.current().await;
        let given = house.workflows.given_consents(&here).await.expect("read");
        assert_eq!((given.len(), given[0].granted.len()), (1, 2));
        // Taken back: tokens, refresh tokens and codes of before open nothing.
        let late = house.asked(&[], None).await;
        let client = house.client.id;
        assert!(house.workflows.withdraw_consent(&here, client).await.expect("withdrawn"));
        assert!(!house.workflows.withdraw_consent(&here, client).await.expect("nothing left"));
        for tokens in [&first, &second] {
            assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
            let refresh = tokens.refresh_token.as_ref().expect("refresh").expose();
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
            let again = house.redeem_with("dpi", house.secret.expose(), &form).await;
            assert_eq!(again.err(), Some("invalid_grant"));
        }
        assert_eq!(house.redeem(&late).await.err(), Some("invalid_grant"), "a code of before");
        assert_eq!(house.asked(&[], None).await, "DPI asks profile");
        let events = house.events().await;
        for event in ["consent_given", "consent_denied", "consent_withdrawn"] {
            assert!(events.iter().any(|name| name == event), "{event}");
        }
    })
    .await;
}

/// WB-05: the word is for what its page showed, to this application, in this session.
#[tokio::test]
async fn wb_05_a_yes_counts_for_what_its_page_showed_and_for_nothing_else() {
    on_each(async |mut house| {
        house.of_somebody_else().await;
        let more = [("claims", r#"{"userinfo":{"rpps":null}}"#)];
        let (asked, mark) = house.asked_marked(&[], None).await;
        assert_eq!(asked, "DPI asks profile");
        for forged in ["", "0", &mark[1..]] {
            let word = Some(ConsentWord { yes: true, mark: forged });
            assert_eq!(house.asked_marked(&[], word).await.0, "DPI asks profile", "{forged}");
        }
        let word = Some(ConsentWord { yes: true, mark: &mark });
        assert_eq!(house.asked_marked(&more, word).await.0, "DPI asks claim:rpps profile");
        assert!(house.events().await.iter().all(|name| name != "consent_given"));
        // The same page, and another session of the same person at the same browser.
        house.session = open_session(&house.workflows, &house.person, &house.means).await;
        assert_eq!(house.asked_marked(&[], word).await.0, "DPI asks profile");
        let given = house.workflows.given_consents(&house.current().await).await.expect("read");
        assert!(given.is_empty());
        assert!(house.redeem(&house.asked(&[], Some(true)).await).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_the_hospital_grants_later_is_told_once_its_person_agreed() {
    on_each(async |house| {
        house.of_somebody_else().await;
        let claims = [("claims", r#"{"userinfo":{"email":null}}"#)];
        assert_eq!(house.asked(&claims, None).await, "DPI asks profile", "not granted");
        let tokens = house.redeem(&house.asked(&claims, Some(true)).await).await.expect("tokens");
        assert!(house.userinfo(&tokens.access_token).await.is_ok());
        house.change(|draft| draft.claims.extend(["email".to_owned()])).await;
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        let refresh = tokens.refresh_token.as_ref().expect("refresh").expose();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let again = house.redeem_with("dpi", house.secret.expose(), &form).await;
        assert_eq!(again.err(), Some("invalid_grant"));
        assert_eq!(house.asked(&claims, None).await, "DPI asks claim:email profile");
        let tokens = house.redeem(&house.asked(&claims, Some(true)).await).await.expect("tokens");
        assert!(house.userinfo(&tokens.access_token).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_code_of_before_a_withdrawal_gives_no_more_than_what_was_agreed_to_since() {
    on_each(async |house| {
        house.of_somebody_else().await;
        let more = [("claims", r#"{"userinfo":{"rpps":null}}"#)];
        let wide = house.asked(&more, Some(true)).await;
        let (here, client) = (house.current().await, house.client.id);
        assert!(house.workflows.withdraw_consent(&here, client).await.expect("withdrawn"));
        let narrow = house.asked(&[], Some(true)).await;
        assert_eq!(house.redeem(&wide).await.err(), Some("invalid_grant"));
        assert!(house.redeem(&narrow).await.is_ok());
    })
    .await;
}

//! CIBA, ping: whoever was asked has answered, and the client hears it, once.
use super::elsewhere::waiting_of;
use super::*;
use crate::oidc::Decided;
use ::oidc::{DecoupledKind, Notifier, parse_decoupled};
use std::sync::Mutex;

const ADDRESS: &str = "https://dpi.test/ping";
const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

/// A client's server, by script.
#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Result<(), NotifyError>>>,
    heard: Mutex<Vec<[String; 3]>>,
}

#[async_trait]
impl Notifier for Script {
    async fn log_out(&self, _: &str, _: &str) -> Result<(), NotifyError> {
        Ok(())
    }
    async fn ping(
        &self,
        address: &str,
        token: &Secret<String>,
        id: &Secret<String>,
    ) -> Result<(), NotifyError> {
        let heard = [address.to_owned(), token.expose().clone(), id.expose().clone()];
        self.heard.lock().expect("heard").push(heard);
        self.answers.lock().expect("answers").pop().unwrap_or(Ok(()))
    }
}

impl House {
    async fn wants_pings(&self) {
        self.secure(|security| {
            security.backchannel_login = true;
            security.backchannel_notification_uri = Some(ADDRESS.to_owned());
        })
        .await;
    }

    async fn asks(&self, token: &str) -> Result<String, &'static str> {
        let form = [
            ("client_id", "dpi"),
            ("client_secret", self.secret.expose()),
            ("scope", "openid"),
            ("login_hint", "aslegoff"),
            ("binding_message", "42"),
            ("client_notification_token", token),
        ];
        let form: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let ask = parse_decoupled(&form, &[], None).map_err(|error| error.code.name())?;
        let told = self.workflows.ask_elsewhere(ask, DecoupledKind::Backchannel).await;
        told.map(|answer| answer.handle.expose().to_owned()).map_err(|error| match error {
            OidcError::Refused { error, .. } => error.code.name(),
            other => panic!("failed: {other}"),
        })
    }

    async fn answers(&self, approve: bool) {
        let (here, request) = waiting_of(self).await;
        let word = self.workflows.decide_elsewhere(&here, &request.reference, None, approve).await;
        let expected = if approve { Decided::Approved } else { Decided::Denied };
        assert_eq!(word.expect("heard"), expected);
    }

    async fn calls(&self, script: &Arc<Script>) -> Vec<[String; 3]> {
        let notifier: Arc<dyn Notifier> = Arc::<Script>::clone(script);
        self.workflows.tell_pings(&notifier).await.expect("told");
        std::mem::take(&mut *script.heard.lock().expect("heard"))
    }

    async fn fetches(&self, id: &str) -> &'static str {
        let form = [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", id)];
        let told = self.redeem_with("dpi", self.secret.expose(), &form).await;
        told.map_or_else(|error| error, |_| "ok")
    }
}

#[tokio::test]
async fn a_client_is_called_once_when_the_person_has_answered() {
    on_each(async |house| {
        house.wants_pings().await;
        let script = Arc::new(Script::default());
        for bad in ["", "short", "with a space in the middle of it", "é-éééééééééééééééééééééé"]
        {
            assert_eq!(house.asks(bad).await.err(), Some("invalid_request"), "{bad}");
        }
        for (approve, expected) in [(true, "ok"), (false, "access_denied")] {
            let id = house.asks(TOKEN).await.expect("asked");
            assert!(house.calls(&script).await.is_empty(), "nobody answered yet");
            assert_eq!(house.fetches(&id).await, "authorization_pending");
            house.answers(approve).await;
            let heard = house.calls(&script).await;
            assert_eq!(heard, [[ADDRESS.to_owned(), TOKEN.to_owned(), id.clone()]]);
            assert!(house.calls(&script).await.is_empty(), "once");
            assert_eq!(house.fetches(&id).await, expected);
            house.clock.advance(Duration::seconds(11));
        }
        assert!(house.events().await.iter().any(|event| event == "login_ping_told"));
    })
    .await;
}

/// Conformance: `fapi-ciba-id1-ping-…-401`, `…-403`, `…-require-server-does-not-retry`, `…-return-redirect-request`.
#[tokio::test]
async fn a_call_that_fails_is_tried_again_and_one_that_is_refused_is_not() {
    on_each(async |house| {
        house.wants_pings().await;
        let script = Arc::new(Script::default());
        for status in [301, 400, 401, 403, 404] {
            let id = house.asks(TOKEN).await.expect("asked");
            house.answers(true).await;
            script.answers.lock().expect("answers").push(Err(NotifyError::Refused { status }));
            assert_eq!(house.calls(&script).await.len(), 1, "{status}");
            house.clock.advance(Duration::seconds(30));
            assert!(house.calls(&script).await.is_empty(), "{status}: not again");
            assert_eq!(house.fetches(&id).await, "ok", "the answer is there all the same");
        }
        assert!(house.events().await.iter().any(|event| event == "login_ping_untold"));
        house.asks(TOKEN).await.expect("asked");
        house.answers(true).await;
        let failures = [
            Err(NotifyError::TimedOut),
            Err(NotifyError::Refused { status: 503 }),
            Err(NotifyError::Unreachable { cause: "away".to_owned() }),
        ];
        script.answers.lock().expect("answers").extend(failures);
        assert_eq!(house.calls(&script).await.len(), 1);
        assert!(house.calls(&script).await.is_empty(), "a pause first");
        for pause in [2, 4] {
            house.clock.advance(Duration::seconds(pause));
            assert_eq!(house.calls(&script).await.len(), 1, "after {pause} s");
        }
        house.clock.advance(Duration::seconds(8));
        assert_eq!(house.calls(&script).await.len(), 1, "and this one is heard");
        house.clock.advance(Duration::minutes(10));
        assert!(house.calls(&script).await.is_empty());
        // Too late, there is nothing to fetch: nobody is called.
        house.asks(TOKEN).await.expect("asked");
        house.answers(true).await;
        script.answers.lock().expect("answers").push(Err(NotifyError::TimedOut));
        assert_eq!(house.calls(&script).await.len(), 1);
        house.clock.advance(Duration::seconds(121));
        script.answers.lock().expect("answers").push(Err(NotifyError::TimedOut));
        assert_eq!(house.calls(&script).await.len(), 1, "the last try");
        house.clock.advance(Duration::minutes(1));
        assert!(house.calls(&script).await.is_empty());
        // Nobody could call for two days: it is written down, and nobody is called.
        let untold = async || {
            let events = house.events().await;
            events.iter().filter(|event| *event == "login_ping_untold").count()
        };
        let before = untold().await;
        house.asks(TOKEN).await.expect("asked");
        house.answers(true).await;
        house.clock.advance(Duration::days(2));
        house.workflows.store().upkeep().sweep().await.expect("swept");
        assert!(house.calls(&script).await.is_empty());
        assert_eq!(untold().await, before + 1);
    })
    .await;
}

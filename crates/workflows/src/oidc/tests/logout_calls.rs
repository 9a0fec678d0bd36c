//! Back-channel logout: whatever ends a session, each client that was opened in it is told, once.
use super::*;
use crate::oidc::ClientError;
use ::oidc::{Notifier, NotifyError, verify_jws};
use std::sync::Mutex;
use store::views::receipts::ReceiptState;

/// A client's server, by script.
#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Result<(), NotifyError>>>,
    heard: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Notifier for Script {
    async fn log_out(&self, address: &str, token: &str) -> Result<(), NotifyError> {
        self.heard.lock().expect("heard").push((address.to_owned(), token.to_owned()));
        self.answers.lock().expect("answers").pop().unwrap_or(Ok(()))
    }
    async fn ping(
        &self,
        _: &str,
        _: &Secret<String>,
        _: &Secret<String>,
    ) -> Result<(), NotifyError> {
        Err(NotifyError::NotAllowed)
    }
}

impl House {
    async fn wants_calls(&self) {
        let actor = Actor::command_line(0);
        let client = self.workflows.show_client(&actor, self.client.id).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        draft.security.backchannel_logout_uri = Some("https://dpi.test/logout".to_owned());
        let changed =
            self.workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("changed");
    }

    /// Tells who is due; what was heard since the last time.
    async fn tell(&self, script: &Arc<Script>) -> Vec<(String, String)> {
        let notifier: Arc<dyn Notifier> = Arc::<Script>::clone(script);
        self.workflows.tell_logouts(&notifier).await.expect("told");
        std::mem::take(&mut *script.heard.lock().expect("heard"))
    }
}

/// How a session may be over.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Closed(CloseReason),
    /// By the person, at the application's logout.
    ByTheApplication,
    Restored,
    /// Nobody came back for hours.
    Silence,
    /// Somebody went on for longer than a session lasts.
    Age,
}

impl House {
    async fn end(&self, ending: Ending) {
        let reader = self.workflows.store().read();
        let session = reader.sessions().find(self.session.id).await.expect("read").expect("there");
        match ending {
            Ending::Closed(reason) => {
                let closed = session.close(reason, self.clock.now()).expect("open");
                self.write(async |tx| tx.sessions().save(&closed).await.expect("saved")).await;
            }
            Ending::ByTheApplication => {
                let request = LogoutRequest {
                    id_token_hint: None,
                    post_logout_redirect_uri: None,
                    state: None,
                    client_id: None,
                };
                let visit =
                    LogoutVisit { request: &request, session: Some(&session), confirmed: true };
                let answer = self.workflows.logout(&visit).await.expect("answered");
                assert!(matches!(answer, LogoutAnswer::Ended { .. }), "{answer:?}");
            }
            Ending::Restored => self.meet(Mishap::Restored).await,
            Ending::Silence => self.clock.advance(Duration::hours(4)),
            Ending::Age => {
                self.clock.advance(Duration::hours(30));
                let seen = Session { last_seen_at: self.clock.now(), ..session };
                self.write(async |tx| tx.sessions().save(&seen).await.expect("saved")).await;
            }
        }
    }
}

/// Conformance: `oidcc-backchannel-rp-initiated-logout`.
#[tokio::test]
async fn op_23_whatever_ends_a_session_tells_each_client_of_it_once() {
    use Ending::*;
    let reasons = CloseReason::ALL.map(Closed);
    for ending in reasons.into_iter().chain([ByTheApplication, Restored, Silence, Age]) {
        on_each(async |house| {
            house.wants_calls().await;
            let script = Arc::new(Script::default());
            let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
            assert!(house.tell(&script).await.is_empty(), "the session lives");
            house.end(ending).await;
            let heard = house.tell(&script).await;
            assert_eq!(heard.len(), 1, "{ending:?}");
            assert_eq!(heard[0].0, "https://dpi.test/logout");
            let reader = house.workflows.store().read();
            let keys = reader.signing_keys().of_issuer("https://hygie.hopital.test").await;
            let keys = keys.expect("keys");
            let claims = verify_jws(&heard[0].1, "logout+jwt", &keys).expect("signed by us");
            assert!(verify_jws(&heard[0].1, "JWT", &keys).is_err(), "no ID token");
            let payload = tokens.id_token.split('.').nth(1).expect("payload");
            use base64::Engine;
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
            let id: Value = serde_json::from_slice(&bytes.expect("base64url")).expect("JSON");
            for same in ["sub", "sid", "iss", "aud"] {
                assert_eq!(claims[same], id[same], "{same}");
            }
            assert!(!claims.contains_key("nonce"));
            assert!(house.tell(&script).await.is_empty(), "told once");
            assert!(house.events().await.iter().any(|event| event == "logout_told"));
        })
        .await;
    }
}

/// What ends by its date is written by nobody: a node finds it, and each application hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByDate {
    LastPost,
    OnlyAccount,
    AccountLoggedInWith,
    MeansLoggedInWith,
    /// Another post or account goes on: she stays.
    OnePostOfTwo,
    OneAccountOfTwo,
}

impl House {
    /// Both end at midnight of the hospital's wall, two hours from now.
    async fn ends_tonight(&mut self, what: ByDate) {
        self.clock.set(FixedClock::at("2026-11-22T21:00:00Z").now());
        // Two browsers: the application is open in one.
        open_session(&self.workflows, &self.person, &self.means).await;
        self.session = open_session(&self.workflows, &self.person, &self.means).await;
        let (today, midnight) = (self.workflows.today(), self.clock.now() + Duration::hours(2));
        let mut post = self.post.clone();
        post.fields.ends_on = Some(today);
        let mut account = self.account.clone();
        account.fields.expires_at = Some(midnight);
        let mut other = self.account.clone();
        (other.id, other.external_key) = (self.workflows.id(), ExternalKey("other".to_owned()));
        other.fields.login = "aslegoff2".to_owned();
        let second = Post { id: self.workflows.id(), ..self.post.clone() };
        let means = Means { expires_at: Some(midnight), ..self.means.clone() };
        let (person, source) = (self.person.id, self.post.source);
        self.write(async |tx| match what {
            ByDate::LastPost => {
                tx.posts().replace(person, source, &[post]).await.expect("saved");
            }
            ByDate::OnePostOfTwo => {
                tx.posts().replace(person, source, &[post, second]).await.expect("saved");
            }
            ByDate::OnlyAccount => tx.accounts().save(&account).await.expect("saved"),
            ByDate::OneAccountOfTwo | ByDate::AccountLoggedInWith => {
                tx.accounts().save(&account).await.expect("saved");
                tx.accounts().insert_all(&[other]).await.expect("another");
            }
            ByDate::MeansLoggedInWith => tx.means().save(&means).await.expect("saved"),
        })
        .await;
        if what == ByDate::AccountLoggedInWith {
            self.session = super::not_enough::by_password(self).await;
        }
    }
}

impl House {
    /// Sessions that the look names, one at a time.
    async fn looked_at(&self) -> usize {
        let (now, today) = (self.workflows.now(), self.workflows.today());
        let reader = self.workflows.store().read();
        let (mut seen, mut after) = (0, None);
        loop {
            let found = reader.sessions().may_be_over(now, today, after.as_ref(), 1).await;
            let Some(found) = found.expect("read").pop() else { return seen };
            assert_ne!(after.as_ref(), Some(&found));
            (seen, after) = (seen + 1, Some(found));
        }
    }
}

#[tokio::test]
async fn op_23_a_contract_or_an_account_that_ends_by_its_date_tells_each_client() {
    for (what, looked_at, closed, reason) in [
        (ByDate::LastPost, 2, 2, Some("post_over")),
        (ByDate::OnlyAccount, 2, 2, Some("account_over")),
        (ByDate::AccountLoggedInWith, 3, 1, Some("account_over")),
        (ByDate::MeansLoggedInWith, 2, 2, Some("means_withdrawn")),
        (ByDate::OnePostOfTwo, 0, 0, None),
        (ByDate::OneAccountOfTwo, 2, 0, None),
    ] {
        on_each(async |mut house| {
            house.wants_calls().await;
            house.ends_tonight(what).await;
            let script = Arc::new(Script::default());
            house.redeem(&house.code(&[]).await).await.expect("tokens");
            house.clock.set(FixedClock::at("2026-11-22T22:59:59Z").now());
            assert_eq!(house.workflows.end_what_is_over().await.expect("looked"), 0, "{what:?}");
            assert!(house.tell(&script).await.is_empty());
            house.clock.set(FixedClock::at("2026-11-22T23:00:00Z").now());
            assert_eq!(house.looked_at().await, looked_at, "{what:?}");
            let mut ended = 0;
            for node in house.nodes().await {
                ended += node.end_what_is_over().await.expect("looked");
            }
            assert_eq!(ended, closed, "{what:?}");
            let heard = house.tell(&script).await;
            assert_eq!(heard.len(), usize::from(reason.is_some()), "{what:?}");
            assert!(house.tell(&script).await.is_empty(), "told once");
            let entries = house.workflows.store().read().audit().unsealed(1_000).await;
            let entries = entries.expect("read").into_iter().rev();
            let mut ends = entries.filter(|entry| entry.event == "session_closed");
            let told = ends.next().map(|entry| entry.body.contains(reason.unwrap_or("-")));
            assert_eq!(told, reason.map(|_| true), "{what:?}");
            assert_eq!(house.workflows.end_what_is_over().await.expect("looked"), 0);
        })
        .await;
    }
}

#[tokio::test]
async fn a_client_that_does_not_answer_is_tried_again_and_given_up_after_a_day() {
    on_each(async |house| {
        house.wants_calls().await;
        let script = Arc::new(Script::default());
        let refuse = || script.answers.lock().expect("answers").push(Err(NotifyError::TimedOut));
        house.code(&[]).await;
        house.meet(Mishap::SessionClosed).await;
        refuse();
        assert_eq!(house.tell(&script).await.len(), 1);
        assert!(house.tell(&script).await.is_empty(), "not at once");
        house.clock.advance(Duration::seconds(2));
        refuse();
        assert_eq!(house.tell(&script).await.len(), 1);
        house.clock.advance(Duration::seconds(3));
        assert!(house.tell(&script).await.is_empty(), "the pause doubles");
        house.clock.advance(Duration::seconds(1));
        assert_eq!(house.tell(&script).await.len(), 1, "the third time it answers");
        assert!(house.tell(&script).await.is_empty());
        assert!(house.events().await.iter().any(|event| event == "logout_told"));
    })
    .await;
    on_each(async |house| {
        house.wants_calls().await;
        let script = Arc::new(Script::default());
        let refused = NotifyError::Refused { status: 400 };
        house.code(&[]).await;
        house.meet(Mishap::SessionClosed).await;
        house.clock.advance(Duration::hours(25));
        script.answers.lock().expect("answers").push(Err(refused));
        assert_eq!(house.tell(&script).await.len(), 1);
        house.clock.advance(Duration::hours(1));
        assert!(house.tell(&script).await.is_empty(), "given up");
        assert!(house.events().await.iter().any(|event| event == "logout_untold"));
    })
    .await;
}

#[tokio::test]
async fn what_was_given_up_or_lost_is_told_again_when_somebody_asks() {
    on_each(async |house| {
        house.wants_calls().await;
        let script = Arc::new(Script::default());
        house.code(&[]).await;
        house.meet(Mishap::SessionClosed).await;
        house.clock.advance(Duration::hours(25));
        script.answers.lock().expect("answers").push(Err(NotifyError::TimedOut));
        assert_eq!(house.tell(&script).await.len(), 1);
        let actor = Actor::command_line(0);
        let receipt = async || {
            let page = house.workflows.logout_receipts(&actor, "dpi", None, None, 10).await;
            let page = page.expect("receipts");
            assert_eq!((page.receipts.len(), page.people.len()), (1, 1));
            page.receipts[0].clone()
        };
        let given_up = receipt().await;
        assert_eq!(given_up.state, ReceiptState::GivenUp);
        assert_eq!(given_up.failure.as_deref(), Some("timed_out"));
        assert_eq!((given_up.attempts, given_up.sent_at), (1, Some(house.clock.now())));
        let sid = house.session.sid;
        // Twice: after it was given up, and after the application took note and says that it lost it.
        for attempts in [2, 3] {
            house.workflows.resend_logout(&actor, "dpi", sid).await.expect("asked");
            assert_eq!(receipt().await.state, ReceiptState::Waiting);
            assert_eq!(house.tell(&script).await.len(), 1);
            let received = receipt().await;
            assert_eq!((received.state, received.attempts), (ReceiptState::Received, attempts));
            assert_eq!(received.failure, None);
        }
        let resent = house.events().await.into_iter().filter(|event| event == "logout_resent");
        assert_eq!(resent.count(), 2);
        let unknown = house.workflows.resend_logout(&actor, "dpi", house.workflows.id()).await;
        assert!(matches!(unknown, Err(ClientError::NothingToTell)), "{unknown:?}");
    })
    .await;
}

#[tokio::test]
async fn the_browser_tells_each_client_that_asked_for_it_whose_session_ended() {
    on_each(async |house| {
        let actor = Actor::command_line(0);
        let client = house.workflows.show_client(&actor, house.client.id).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        let address = "https://dpi.test/logout?entity=1".to_owned();
        draft.security.frontchannel_logout_uri = Some(address);
        let changed =
            house.workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("changed");
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let request = LogoutRequest {
            id_token_hint: Some(tokens.id_token),
            post_logout_redirect_uri: Some("https://dpi.test/bye".to_owned()),
            state: None,
            client_id: None,
        };
        let logout = async || {
            let visit =
                LogoutVisit { request: &request, session: Some(&house.session), confirmed: false };
            house.workflows.logout(&visit).await.expect("answered")
        };
        let frame = format!(
            "https://dpi.test/logout?entity=1&iss=https%3A%2F%2Fhygie.hopital.test&sid={}",
            house.session.sid
        );
        let redirect = Some("https://dpi.test/bye".to_owned());
        assert_eq!(logout().await, LogoutAnswer::Ended { redirect, frames: vec![frame] });
    })
    .await;
}

#[tokio::test]
async fn a_client_that_asked_for_no_calls_gets_none() {
    on_each(async |house| {
        let script = Arc::new(Script::default());
        house.code(&[]).await;
        house.meet(Mishap::SessionClosed).await;
        assert!(house.tell(&script).await.is_empty());
        house.wants_calls().await;
        assert!(house.tell(&script).await.is_empty(), "that end is settled");
        // The opening is forgotten; that she opened it then is not.
        house.clock.advance(Duration::days(3));
        house.workflows.store().upkeep().sweep().await.expect("swept");
        let reader = house.workflows.store().read();
        let openings = reader.opening_clients().of(house.session.sid).await.expect("read");
        assert!(openings.is_empty(), "the sweep met it");
        for whose in [Some(house.person.id), None] {
            let last = store::views::person::last_openings(&reader, whose).await.expect("read");
            assert_eq!(last.keys().collect::<Vec<_>>(), [&house.client.id], "{whose:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn retries_of_many_never_come_before_those_who_were_not_told_once() {
    on_each(async |house| {
        house.wants_calls().await;
        let script = Arc::new(Script::default());
        // Twenty openings that moved on: more than one turn takes.
        let now = house.clock.now();
        house
            .write(async |tx| {
                for _ in 0..20 {
                    let sid = house.workflows.id();
                    let openings = tx.opening_clients();
                    let noted = openings.note(sid, house.client.id, house.session.id, now).await;
                    noted.expect("noted");
                }
            })
            .await;
        script.answers.lock().expect("answers").extend((0..16).map(|_| Err(NotifyError::TimedOut)));
        let first = house.tell(&script).await;
        assert_eq!(first.len(), 16);
        house.clock.advance(Duration::minutes(5));
        let second = house.tell(&script).await;
        assert_eq!(second.len(), 16);
        let sid = |heard: &(String, String)| {
            use base64::Engine;
            let payload = heard.1.split('.').nth(1).expect("payload");
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
            let claims: Value = serde_json::from_slice(&bytes.expect("base64url")).expect("JSON");
            claims["sid"].as_str().expect("sid").to_owned()
        };
        let tried: std::collections::BTreeSet<String> = first.iter().map(sid).collect();
        let fresh = second.iter().filter(|heard| !tried.contains(&sid(heard))).count();
        assert_eq!(fresh, 4, "the four that nobody was told of come first");
        assert_eq!(house.tell(&script).await.len(), 4);
        assert!(house.tell(&script).await.is_empty());
    })
    .await;
}

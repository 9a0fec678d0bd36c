//! Logins approved elsewhere (RFC 8628, CIBA): whose word counts, when, and for what.
use super::grants::{Signer, claims_of};
use super::*;
use crate::login::Current;
use crate::oidc::{Decided, DecoupledAnswer, Typed, WaitingRequest};
use ::oidc::{Acr, DecoupledKind, parse_decoupled};
use authentication::{Demand, MeansScale, Weighed, weigh};
use serde_json::json;

use DecoupledKind::{Backchannel, Device};

pub(super) const HERS: [(&str, &str); 2] = [("login_hint", "aslegoff"), ("binding_message", "42")];

/// Her open session, and the one request that waits for her.
pub(super) async fn waiting_of(house: &House) -> (Current, WaitingRequest) {
    let here = house.again().await;
    let waiting = house.workflows.waiting_requests(&here).await.expect("read").pop();
    (here, waiting.expect("one waits"))
}

impl House {
    pub(super) async fn give(&self, device: bool, backchannel: bool) {
        let actor = Actor::command_line(0);
        let client = self.workflows.show_client(&actor, self.client.id).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        (draft.security.device_login, draft.security.backchannel_login) = (device, backchannel);
        let changed =
            self.workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("changed");
    }

    pub(super) async fn ask(
        &self,
        kind: DecoupledKind,
        more: &[(&str, &str)],
    ) -> Result<DecoupledAnswer, &'static str> {
        let own = [("client_id", "dpi"), ("client_secret", self.secret.expose())];
        self.ask_by(kind, &own, more).await
    }

    async fn demand(&self, level: Acr) {
        let actor = Actor::command_line(0);
        let client = self.workflows.show_client(&actor, self.client.id).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        draft.minimum_acr = Some(level);
        let changed =
            self.workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("changed");
    }

    /// A code for a request that is signed.
    async fn code_of_signed(&self, signer: &Signer) -> String {
        let now = self.workflows.now().timestamp();
        let claims = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "iat": now, "nbf": now,
            "exp": now + 60, "client_id": "dpi", "response_type": "code",
            "redirect_uri": "https://dpi.test/cb", "scope": "openid profile", "state": "s",
            "nonce": "n-1",
        });
        let object = signer.sign(self, "oauth-authz-req+jwt", &claims);
        self.visit(&[("client_id", "dpi"), ("request", &object)]).await
    }

    /// Another application, which may have people asked too; its secret.
    pub(super) async fn labo(&self) -> String {
        let mut draft = ClientDraft::new("Labo", Profile::Standard, AuthMethod::ClientSecretPost);
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        draft.security.backchannel_login = true;
        let wish = CreateClient { client_id: Some("labo".to_owned()), draft };
        let made = self.workflows.create_client(&Actor::command_line(0), wish).await;
        made.expect("client").secret.expect("secret").expose().to_owned()
    }

    pub(super) async fn ask_by(
        &self,
        kind: DecoupledKind,
        own: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Result<DecoupledAnswer, &'static str> {
        let scope = [("scope", "openid profile")];
        let scope = scope.iter().filter(|_| more.iter().all(|(name, _)| *name != "request"));
        let form: Vec<(String, String)> = own
            .iter()
            .chain(scope)
            .chain(more)
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let ask = parse_decoupled(&form, &[], None).expect("readable");
        self.workflows.ask_elsewhere(ask, kind).await.map_err(|error| match error {
            OidcError::Refused { error, .. } => error.code.name(),
            other => panic!("failed: {other}"),
        })
    }

    pub(super) async fn poll(&self, kind: DecoupledKind, answer: &DecoupledAnswer) -> &'static str {
        let (grant, name) = match kind {
            Backchannel => ("urn:openid:params:grant-type:ciba", "auth_req_id"),
            Device => ("urn:ietf:params:oauth:grant-type:device_code", "device_code"),
        };
        let form = [("grant_type", grant), (name, answer.handle.expose())];
        let told = self.redeem_with("dpi", self.secret.expose(), &form).await;
        told.map_or_else(|error| error, |_| "ok")
    }

    pub(super) async fn here(&self, session: &Session) -> Current {
        let session = self.workflows.store().read().sessions().find(session.id).await;
        let session = session.expect("read").expect("a session");
        let (demand, scale) = (Demand::anything(), MeansScale::default());
        let (reach, now) = (self.workflows.reach(), self.workflows.now());
        match weigh(&session.proofs, Some(&demand), &scale, &reach, now) {
            Weighed::Enough(assurance) => Current { session, assurance },
            Weighed::Missing(missing) => panic!("{missing:?}"),
        }
    }

    /// She logs in again, now.
    pub(super) async fn again(&self) -> Current {
        let session = open_session(&self.workflows, &self.person, &self.means).await;
        self.here(&session).await
    }

    pub(super) async fn say(
        &self,
        current: &Current,
        typed: Option<&str>,
        approve: bool,
    ) -> Decided {
        let waiting = match typed {
            None => self.workflows.waiting_requests(current).await.expect("read").pop(),
            Some(code) => {
                match self.workflows.request_of_code(current, code).await.expect("read") {
                    Typed::Found(request) => Some(request),
                    Typed::Unknown | Typed::Wait(_) => None,
                }
            }
        };
        let Some(request) = waiting else { return Decided::Gone };
        assert_eq!(request.application, "DPI");
        let word =
            self.workflows.decide_elsewhere(current, &request.reference, typed, approve).await;
        word.expect("heard")
    }
}

#[tokio::test]
async fn op_26_a_device_waits_for_whoever_types_its_code_after_a_fresh_login() {
    on_each(async |house| {
        assert_eq!(house.ask(Device, &[]).await.err(), Some("unauthorized_client"), "off");
        house.give(true, false).await;
        assert_eq!(house.ask(Backchannel, &[]).await.err(), Some("unauthorized_client"));
        let old = house.here(&house.session).await;
        house.clock.advance(Duration::seconds(10));
        let asked = house.ask(Device, &[]).await.expect("asked");
        let code = asked.user_code.clone().expect("a code");
        assert_eq!((asked.expires_in, asked.interval), (120, 5));
        assert_eq!(asked.verification_uri, "https://hygie.hopital.test/device");
        assert_eq!(house.poll(Device, &asked).await, "authorization_pending");
        assert_eq!(house.poll(Device, &asked).await, "slow_down");
        assert_eq!(house.say(&old, None, true).await, Decided::Gone, "nothing was typed");
        assert_eq!(house.say(&old, Some("BCDF-GHJK"), true).await, Decided::Gone, "another code");
        assert_eq!(house.say(&old, Some(&code), true).await, Decided::ProveFirst);
        // The five seconds count from the question that was in time.
        house.clock.advance(Duration::seconds(4));
        assert_eq!(house.poll(Device, &asked).await, "slow_down");
        house.clock.advance(Duration::seconds(1));
        assert_eq!(house.poll(Device, &asked).await, "authorization_pending");
        let fresh = house.again().await;
        assert_eq!(house.say(&fresh, Some(&code.to_lowercase()), true).await, Decided::Approved);
        assert_eq!(house.say(&fresh, Some(&code), false).await, Decided::Gone, "said once");
        let other = house.ask(Device, &[]).await.expect("asked");
        assert_eq!(house.poll(Backchannel, &asked).await, "invalid_grant", "another kind");
        assert_eq!(house.poll(Device, &asked).await, "ok");
        assert_eq!(house.poll(Device, &asked).await, "invalid_grant", "once");
        // Nobody says anything: it ends.
        house.clock.advance(Duration::seconds(120));
        assert_eq!(house.poll(Device, &other).await, "expired_token");
        let events = house.events().await;
        for event in ["login_asked_elsewhere", "login_approved_elsewhere", "token_issued"] {
            assert!(events.iter().any(|name| name == event), "{event}");
        }
    })
    .await;
}

#[tokio::test]
async fn op_26_who_is_meant_is_asked_once_at_a_time_and_left_alone_after_refusals() {
    on_each(async |house| {
        house.give(false, true).await;
        for (more, expected) in [
            (vec![("binding_message", "42")], "invalid_request"),
            (vec![("login_hint", "nobody.here"), ("binding_message", "42")], "unknown_user_id"),
            (vec![("login_hint", "' OR 1=1 --"), ("binding_message", "42")], "unknown_user_id"),
            (vec![("login_hint", "aslegoff")], "invalid_binding_message"),
            (
                vec![("login_hint", "aslegoff"), ("binding_message", "<b>")],
                "invalid_binding_message",
            ),
        ] {
            assert_eq!(house.ask(Backchannel, &more).await.err(), Some(expected), "{more:?}");
        }
        let hers = [("login_hint", "aslegoff"), ("binding_message", "Poste 3 : 42")];
        let before = house.ask(Backchannel, &hers).await.expect("asked");
        // One waits at a time: its own later one takes its place, somebody else's is refused.
        let first = house.ask(Backchannel, &hers).await.expect("asked");
        assert_eq!(house.poll(Backchannel, &before).await, "expired_token");
        let labo = house.labo().await;
        let own = [("client_id", "labo"), ("client_secret", labo.as_str())];
        let others = house.ask_by(Backchannel, &own, &hers).await;
        assert_eq!(others.err(), Some("access_denied"), "one waits");
        let current = house.here(&house.session).await;
        let waiting = house.workflows.waiting_requests(&current).await.expect("read");
        assert_eq!(waiting[0].binding_message.as_deref(), Some("Poste 3 : 42"));
        // Somebody else's word is nothing.
        let mut stranger = house.here(&house.session).await;
        stranger.session.person = house.workflows.id();
        let reference = waiting[0].reference.as_str();
        let word = house.workflows.decide_elsewhere(&stranger, reference, None, true).await;
        assert_eq!(word.expect("heard"), Decided::Gone);
        assert!(house.workflows.waiting_requests(&stranger).await.expect("read").is_empty());
        assert_eq!(house.say(&current, None, true).await, Decided::Approved);
        assert_eq!(house.poll(Backchannel, &first).await, "ok");
        // Three refusals, and the client waits.
        for _ in 0..3 {
            let asked = house.ask(Backchannel, &hers).await.expect("asked");
            assert_eq!(house.say(&current, None, false).await, Decided::Denied);
            assert_eq!(house.poll(Backchannel, &asked).await, "access_denied");
        }
        assert_eq!(house.ask(Backchannel, &hers).await.err(), Some("access_denied"));
        // Each insisting stands in her own journal, under her and that client: "one waits" and "too often".
        let entries = house.workflows.store().read().audit().unsealed(1_000).await.expect("read");
        let insisted = entries.iter().filter(|entry| {
            entry.event == "token_refused" && entry.person == Some(house.person.id)
        });
        assert_eq!(insisted.count(), 2);
        house.clock.advance(Duration::minutes(10) + Duration::seconds(1));
        assert!(house.ask(Backchannel, &hers).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn op_08_no_approved_request_gives_tokens_to_who_is_no_longer_in_order() {
    use Mishap::*;
    for (mishap, expected) in [
        (Mishap::None, "ok"),
        (PersonSuspended, "invalid_grant"),
        (PersonClosed, "invalid_grant"),
        (PostOver, "invalid_grant"),
        (AccountDisabled, "invalid_grant"),
        (AccountDeleted, "invalid_grant"),
        (ClientDisabled, "invalid_client"),
        (MeansSuspended, "invalid_grant"),
        (MeansRevoked, "invalid_grant"),
        (SessionClosed, "invalid_grant"),
        (Restored, "invalid_grant"),
    ] {
        for kind in [Device, Backchannel] {
            on_each(async |house| {
                house.give(true, true).await;
                let asked = house.ask(kind, &HERS).await.expect("asked");
                let current = house.here(&house.session).await;
                let typed = asked.user_code.as_deref();
                assert_eq!(house.say(&current, typed, true).await, Decided::Approved);
                house.meet(mishap).await;
                assert_eq!(house.poll(kind, &asked).await, expected, "{mishap:?}");
                let again = if expected == "ok" { "invalid_grant" } else { expected };
                assert_eq!(house.poll(kind, &asked).await, again, "{mishap:?}");
            })
            .await;
        }
    }
}

/// What the application demands counts at the moment of issuance, as it is then.
#[tokio::test]
async fn op_20_an_approved_request_meets_the_policy_of_the_moment() {
    on_each(async |house| {
        house.give(true, true).await;
        let here = house.here(&house.session).await;
        for kind in [Device, Backchannel] {
            let asked = house.ask(kind, &HERS).await.expect("asked");
            let typed = asked.user_code.as_deref();
            assert_eq!(house.say(&here, typed, true).await, Decided::Approved);
            house.demand(Acr::Eidas3).await;
            assert_eq!(house.poll(kind, &asked).await, "invalid_grant", "{kind:?}");
            // Asked now, her login is not enough to say yes.
            let asked = house.ask(kind, &HERS).await.expect("asked");
            let typed = asked.user_code.as_deref();
            assert_eq!(house.say(&here, typed, true).await, Decided::ProveFirst);
            assert_eq!(house.say(&here, typed, false).await, Decided::Denied);
            house.demand(Acr::Eidas1).await;
            // What the request itself demands as well.
            let more = [HERS[0], HERS[1], ("acr_values", "eidas3")];
            let asked = house.ask(kind, &more).await.expect("asked");
            let typed = asked.user_code.as_deref();
            assert_eq!(house.say(&here, typed, true).await, Decided::ProveFirst);
            assert_eq!(house.say(&here, typed, false).await, Decided::Denied);
        }
        // The grant was taken back between the word and the tokens.
        let hers = [("login_hint", "aslegoff"), ("binding_message", "42")];
        let asked = house.ask(Backchannel, &hers).await.expect("asked");
        assert_eq!(house.say(&here, None, true).await, Decided::Approved);
        house.give(true, false).await;
        assert_eq!(house.poll(Backchannel, &asked).await, "unauthorized_client");
    })
    .await;
}

/// RFC 8628 §5.1: who tries codes waits, and nobody else.
#[tokio::test]
async fn op_26_codes_are_not_guessed() {
    on_each(async |house| {
        house.give(true, false).await;
        let here = house.here(&house.session).await;
        let asked = house.ask(Device, &[]).await.expect("asked");
        let code = asked.user_code.clone().expect("a code");
        let looked = async |here: &Current, code: &str| {
            house.workflows.request_of_code(here, code).await.expect("read")
        };
        for wrong in ["BCDF-GHJK", "nonsense", "BCDF-GHJL"] {
            assert_eq!(looked(&here, wrong).await, Typed::Unknown);
        }
        assert!(matches!(looked(&here, &code).await, Typed::Wait(_)), "not even the right one");
        let mut other = here.clone();
        other.session.person = house.workflows.id();
        assert!(matches!(looked(&other, &code).await, Typed::Found(_)), "somebody else goes on");
        house.clock.advance(Duration::seconds(61));
        assert!(matches!(looked(&here, &code).await, Typed::Found(_)));
        // A code of one's own between wrong ones pays for none of them.
        assert!(matches!(looked(&here, "BCDF-GHJK").await, Typed::Wait(_)));
        let refused =
            house.events().await.iter().filter(|name| *name == "authorize_refused").count();
        assert!(refused >= 4, "{refused}");
    })
    .await;
}

/// Conformance: `fapi-ciba-id1`, its requests signed, its person meant in each way.
#[tokio::test]
async fn op_12_a_signed_ask_is_taken_once_and_names_a_person_in_each_way() {
    on_each(async |house| {
        let signer = Signer::new(&house);
        house.give(false, true).await;
        house
            .secure(|security| {
                security.keys = Some(signer.keys());
                security.signed_request_required = true;
            })
            .await;
        let tokens = house.redeem(&house.code_of_signed(&signer).await).await.expect("tokens");
        let subject = claims_of(&tokens.id_token)["sub"].as_str().expect("sub").to_owned();
        let at = house.workflows.now().timestamp();
        let claims = |id: &str, more: Value| {
            let mut claims = json!({
                "iss": "dpi", "aud": "https://hygie.hopital.test", "iat": at, "nbf": at,
                "exp": at + 60, "jti": id, "scope": "openid profile", "binding_message": "1234",
            });
            for (name, value) in more.as_object().expect("members") {
                claims[name] = value.clone();
            }
            claims
        };
        let sub_id =
            json!({ "format": "iss_sub", "iss": "https://hygie.hopital.test", "sub": subject });
        let hint = signer.sign(&house, "JWT", &claims("hint", json!({ "sub_id": sub_id })));
        let old = json!({ "sub_id": sub_id, "exp": at - 300, "iat": at - 600, "nbf": at - 600 });
        let old = signer.sign(&house, "JWT", &claims("old", old));
        let foreign = Signer::new(&house);
        for (id, more, expected) in [
            ("1", json!({ "login_hint": "aslegoff" }), None),
            ("1", json!({ "login_hint": "aslegoff" }), Some("invalid_request")),
            ("2", json!({ "id_token_hint": tokens.id_token }), None),
            ("3", json!({ "login_hint_token": hint }), None),
            ("4", json!({ "login_hint_token": old }), Some("expired_login_hint_token")),
            ("5", json!({ "login_hint_token": "a.b.c" }), Some("invalid_request")),
            ("6", json!({ "id_token_hint": "a.b.c" }), Some("unknown_user_id")),
            ("7", json!({ "login_hint": "a", "id_token_hint": "x" }), Some("invalid_request")),
            ("8", json!({}), Some("invalid_request")),
        ] {
            let object = signer.sign(&house, "JWT", &claims(id, more));
            let told = house.ask(Backchannel, &[("request", &object)]).await;
            assert_eq!(told.err(), expected, "{id}");
        }
        let object = foreign.sign(&house, "JWT", &claims("9", json!({ "login_hint": "aslegoff" })));
        let told = house.ask(Backchannel, &[("request", &object)]).await;
        assert_eq!(told.err(), Some("invalid_request"), "another's key");
        let unsigned = house.ask(Backchannel, &[("login_hint", "aslegoff")]).await;
        assert_eq!(unsigned.err(), Some("invalid_request"), "unsigned");
    })
    .await;
}

//! Rows of the plan `fapi-ciba-id1` that need the whole way, test by test.
use super::grants::{Signer, claims_of};
use super::*;
use crate::login::Current;
use crate::oidc::{Decided, DecoupledAnswer};
use ::oidc::{
    Channel, DecoupledKind, PeerCertificate, SelfDescribed, SenderConstraint, TlsSubject,
    parse_decoupled,
};
use DecoupledKind::Backchannel;
use serde_json::json;

impl House {
    /// Signs every ask, with a key of its own.
    async fn signs_asks(&self) -> Signer {
        let signer = Signer::new(self);
        self.give(false, true).await;
        self.secure(|security| {
            security.keys = Some(signer.keys());
            security.signed_request_required = true;
        })
        .await;
        signer
    }

    /// A signed ask: what every one holds, and these members.
    fn object(&self, signer: &Signer, id: &str, more: &Value) -> String {
        let at = self.workflows.now().timestamp();
        let mut claims = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "iat": at, "nbf": at,
            "exp": at + 60, "jti": id, "scope": "openid profile", "binding_message": "1234",
        });
        for (name, value) in more.as_object().expect("members") {
            claims[name] = value.clone();
        }
        signer.sign(self, "JWT", &claims)
    }

    async fn asks_signed(
        &self,
        signer: &Signer,
        id: &str,
        more: &Value,
    ) -> Result<DecoupledAnswer, &'static str> {
        let object = self.object(signer, id, more);
        self.ask(Backchannel, &[("request", &object)]).await
    }

    async fn approves(&self, current: &Current) {
        assert_eq!(self.say(current, None, true).await, Decided::Approved);
    }

    async fn fetched(&self, answer: &DecoupledAnswer) -> TokenResponse {
        let form = [
            ("grant_type", "urn:openid:params:grant-type:ciba"),
            ("auth_req_id", answer.handle.expose()),
        ];
        self.redeem_with("dpi", self.secret.expose(), &form).await.expect("tokens")
    }
}

/// `fapi-ciba-id1-multiple-call-to-token-endpoint`: whoever asks without a pause is told to slow down, each time, loses
/// nothing by it, and does not put the answer off for itself.
#[tokio::test]
async fn fapi_ciba_twenty_calls_in_a_row_are_told_to_slow_down_and_the_answer_still_comes() {
    on_each(async |house| {
        let signer = house.signs_asks().await;
        let asked = house.asks_signed(&signer, "1", &json!({ "login_hint": "aslegoff" })).await;
        let asked = asked.expect("asked");
        assert_eq!(house.poll(Backchannel, &asked).await, "authorization_pending");
        for call in 1..20 {
            assert_eq!(house.poll(Backchannel, &asked).await, "slow_down", "{call}");
        }
        // The pause counts from the call that was in time, and not from those that were told to slow down.
        house.clock.advance(Duration::seconds(asked.interval) - Duration::milliseconds(1));
        assert_eq!(house.poll(Backchannel, &asked).await, "slow_down");
        house.clock.advance(Duration::milliseconds(1));
        assert_eq!(house.poll(Backchannel, &asked).await, "authorization_pending");
        let here = house.here(&house.session).await;
        house.approves(&here).await;
        assert_eq!(house.poll(Backchannel, &asked).await, "ok");
        for _ in 0..20 {
            assert_eq!(house.poll(Backchannel, &asked).await, "invalid_grant");
        }
    })
    .await;
}

/// `fapi-ciba-id1-ensure-requested-expiry-as-string-succeeds`, `-auth-req-id-expired`.
#[tokio::test]
async fn fapi_ciba_a_requested_expiry_is_a_number_or_its_text_and_is_held() {
    on_each(async |house| {
        let signer = house.signs_asks().await;
        for (id, expiry, expected) in [
            ("text", json!("30"), Ok(30)),
            ("number", json!(30), Ok(30)),
            ("long", json!(300), Ok(120)),
            ("zero", json!("0"), Err("invalid_request")),
            ("word", json!("soon"), Err("invalid_request")),
            ("part", json!(1.5), Err("invalid_request")),
            ("list", json!([30]), Err("invalid_request")),
            ("short", json!("10"), Ok(10)),
        ] {
            let more = json!({ "login_hint": "aslegoff", "requested_expiry": expiry });
            let told = house.asks_signed(&signer, id, &more).await;
            assert_eq!(told.as_ref().map(|told| told.expires_in).map_err(|error| *error), expected);
            if let (Ok(told), 10) = (told, expected.unwrap_or(0)) {
                assert_eq!(house.poll(Backchannel, &told).await, "authorization_pending");
                house.clock.advance(Duration::seconds(10));
                assert_eq!(house.poll(Backchannel, &told).await, "expired_token");
                let here = house.here(&house.session).await;
                assert_eq!(house.say(&here, None, true).await, Decided::Gone, "too late");
                assert_eq!(house.poll(Backchannel, &told).await, "expired_token");
            }
        }
    })
    .await;
}

/// `fapi-ciba-id1-ensure-authorization-request-with-multiple-hints-fails`; `fapi-ciba-id1` with each kind of hint.
#[tokio::test]
async fn fapi_ciba_one_hint_of_each_kind_reaches_her_and_several_reach_nobody() {
    on_each(async |house| {
        let signer = house.signs_asks().await;
        let here = house.here(&house.session).await;
        let first = house.asks_signed(&signer, "first", &json!({ "login_hint": "aslegoff" })).await;
        let first = first.expect("asked");
        house.approves(&here).await;
        let id_token = house.fetched(&first).await.id_token;
        let subject = claims_of(&id_token)["sub"].clone();
        let named = json!({ "sub_id":
            { "format": "iss_sub", "iss": "https://hygie.hopital.test", "sub": subject } });
        let hint_token = house.object(&signer, "hint", &named);
        let hints = [
            ("login_hint", json!("aslegoff")),
            ("id_token_hint", json!(id_token)),
            ("login_hint_token", json!(hint_token)),
        ];
        for chosen in 1..8_u32 {
            let mut more = json!({});
            for (place, (name, value)) in hints.iter().enumerate() {
                if chosen & (1 << place) != 0 {
                    more[*name] = value.clone();
                }
            }
            let told = house.asks_signed(&signer, &format!("h{chosen}"), &more).await;
            if chosen.count_ones() > 1 {
                assert_eq!(told.err(), Some("invalid_request"), "{chosen}");
                continue;
            }
            let told = told.expect("asked");
            house.approves(&here).await;
            let claims = claims_of(&house.fetched(&told).await.id_token);
            assert_eq!(claims["sub"], subject, "{chosen}");
            assert_eq!(claims.get("nonce"), None, "CIBA Core §10.1.1");
        }
    })
    .await;
}

/// `fapi-ciba-id1-ensure-wrong-auth-req-id-in-token-endpoint-request`, `-ensure-other-scope-order-succeeds`,
/// `-ensure-authorization-request-with-potentially-bad-binding-message`; the letters of an `auth_req_id`.
#[tokio::test]
async fn fapi_ciba_a_request_is_its_clients_in_any_order_of_scopes_and_shown_whole_or_not_at_all() {
    on_each(async |house| {
        let signer = house.signs_asks().await;
        let labo = house.labo().await;
        let here = house.here(&house.session).await;
        for (id, message, expected) in [
            ("plain", "1234", None),
            ("emoji", "1234 👍🏿 成田 空港", Some("invalid_binding_message")),
            ("markup", "<img src=x>", Some("invalid_binding_message")),
            ("lines", "a\nb", Some("invalid_request")),
        ] {
            let more = json!({
                "login_hint": "aslegoff", "scope": "profile openid", "binding_message": message,
            });
            let told = house.asks_signed(&signer, id, &more).await;
            assert_eq!(told.as_ref().err().copied(), expected, "{message}");
            let Ok(told) = told else { continue };
            let text = told.handle.expose();
            assert!(
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            );
            assert!(text.len() >= 40, "160 bits and more: {}", text.len());
            let form = [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", text)];
            let other = house.redeem_with("labo", &labo, &form).await;
            assert_eq!(other.err(), Some("invalid_grant"));
            house.approves(&here).await;
            assert_eq!(house.redeem_with("labo", &labo, &form).await.err(), Some("invalid_grant"));
            house.fetched(&told).await;
        }
    })
    .await;
}

/// `fapi-ciba-id1-ensure-request-object-signature-algorithm-…-fails`: the algorithm that was registered, and no other.
#[tokio::test]
async fn fapi_ciba_an_ask_is_signed_by_the_algorithm_that_its_client_registered() {
    on_each(async |house| {
        let signer = house.signs_asks().await;
        for (id, algorithm, expected) in [
            ("1", SigningAlgorithm::Es256, None),
            ("2", SigningAlgorithm::Ps256, Some("invalid_request")),
        ] {
            house
                .change(|draft| {
                    let ask_algorithm = Some(algorithm);
                    draft.described = SelfDescribed { ask_algorithm, ..SelfDescribed::default() };
                })
                .await;
            let told = house.asks_signed(&signer, id, &json!({ "login_hint": "aslegoff" })).await;
            assert_eq!(told.err(), expected, "{algorithm:?}");
        }
    })
    .await;
}

/// The connection of whoever holds the certificate of this name.
fn by_certificate(name: Option<&str>) -> Channel {
    let certificate = name.map(|name| PeerCertificate {
        thumbprint: name.to_owned(),
        trusted: true,
        until: "2030-01-01T00:00:00Z".parse().expect("time"),
        names: vec![TlsSubject::SanDns(format!("{name}.hopital.test"))],
    });
    Channel { method: "POST", proof: None, certificate }
}

/// `fapi-ciba-id1-ensure-wrong-client-id-in-backchannel-authorization-request`, `-in-token-endpoint-request`,
/// `-ensure-different-client-id-and-issuer…`, `-ensure-mtls-holder-of-key-required`.
#[tokio::test]
async fn fapi_ciba_by_certificate_a_client_asks_and_fetches_for_itself_alone() {
    on_each(async |house| {
        for id in ["one", "two"] {
            let mut draft = ClientDraft::new(id, Profile::Standard, AuthMethod::TlsClientAuth);
            draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
            draft.security.tls_subject = Some(TlsSubject::SanDns(format!("{id}.hopital.test")));
            draft.security.sender_constraint = Some(SenderConstraint::Mtls);
            draft.security.backchannel_login = true;
            let wish = CreateClient { client_id: Some(id.to_owned()), draft };
            house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
        }
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let name_of = |error: OidcError| match error {
            OidcError::Refused { error, .. } => error.code.name(),
            other => panic!("failed: {other}"),
        };
        let asks = async |id: &str, certificate: Option<&str>| {
            let form = owned(
                &[&[("client_id", id), ("scope", "openid")][..], &super::elsewhere::HERS].concat(),
            );
            let ask = parse_decoupled(&form, &[], None).expect("readable");
            let ask = ask.over(by_certificate(certificate));
            house.workflows.ask_elsewhere(ask, Backchannel).await.map_err(name_of)
        };
        for certificate in [Some("two"), None] {
            assert_eq!(asks("one", certificate).await.err(), Some("invalid_client"));
        }
        let asked = asks("one", Some("one")).await.expect("asked");
        let (here, request) = super::elsewhere::waiting_of(&house).await;
        let word = house.workflows.decide_elsewhere(&here, &request.reference, None, true).await;
        assert_eq!(word.expect("heard"), Decided::Approved);
        let fetches = async |id: &str, certificate: Option<&str>| {
            let form = owned(&[
                ("client_id", id),
                ("grant_type", "urn:openid:params:grant-type:ciba"),
                ("auth_req_id", asked.handle.expose()),
            ]);
            let request = parse_token_request(&form, &[], None).expect("readable");
            let request = request.over(by_certificate(certificate));
            let told = house.workflows.give_tokens(&request).await.map_err(name_of);
            told.map_or_else(|error| error, |_| "ok")
        };
        for (id, certificate, expected) in [
            ("one", None, "invalid_client"),
            ("one", Some("two"), "invalid_client"),
            ("two", Some("one"), "invalid_client"),
            ("two", Some("two"), "invalid_grant"),
            ("one", Some("one"), "ok"),
        ] {
            assert_eq!(fetches(id, certificate).await, expected, "{id} {certificate:?}");
        }
    })
    .await;
}

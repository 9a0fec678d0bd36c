//! Tokens bound to a key (RFC 9449).
use super::*;
use ::oidc::{Channel, SenderConstraint};
use sha2::{Digest, Sha256};

pub(super) const TOKEN: &str = "https://hygie.hopital.test/oauth2/token";
pub(super) const PAR: &str = "https://hygie.hopital.test/oauth2/par";
pub(super) const USERINFO: &str = "https://hygie.hopital.test/oauth2/userinfo";

impl Signer {
    fn jwk(&self) -> Value {
        serde_json::from_str(&self.0.public_jwk).expect("JWK")
    }

    /// A proof for a call, by whatever number is good now.
    pub(super) fn proof(&self, house: &House, call: (&str, &str), token: Option<&str>) -> Channel {
        let id = Handle::new(HandleKind::Form, house.workflows.randomness());
        let claims = json!({
            "htm": call.0, "htu": call.1, "jti": id.expose(),
            "iat": house.workflows.now().timestamp(), "nonce": house.workflows.dpop_nonce(),
        });
        self.proof_of(house, claims, token)
    }

    fn proof_of(&self, house: &House, mut claims: Value, token: Option<&str>) -> Channel {
        if let Some(token) = token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into();
        }
        let method = if claims["htm"] == "GET" { "GET" } else { "POST" };
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": self.jwk() });
        let proof = Some(self.sign_under(house, &header, &claims));
        Channel { method, proof, certificate: None }
    }
}

fn posted() -> Channel {
    Channel { method: "POST", ..Channel::default() }
}

impl House {
    async fn over(
        &self,
        credentials: &[Pair<'_>],
        form: &[Pair<'_>],
        channel: Channel,
    ) -> Result<TokenResponse, &'static str> {
        let form = owned(&[credentials, form].concat());
        let request = parse_token_request(&form, &[], None).expect("readable").over(channel);
        self.workflows.give_tokens(&request).await.map_err(code_of)
    }

    async fn push_over(&self, more: &[Pair<'_>], channel: Channel) -> Result<String, &'static str> {
        let own = self.own();
        let request = [
            ("response_type", "code"),
            ("redirect_uri", "https://dpi.test/cb"),
            ("scope", "openid"),
            ("state", "s"),
            ("nonce", "n"),
        ];
        let form = owned(&[&own[..], &request, more].concat());
        let request = parse_pushed_request(&form, &[], None).expect("readable").over(channel);
        let kept = self.workflows.push_request(&request).await.map_err(code_of)?;
        Ok(kept.request_uri)
    }

    pub(super) async fn told_over(
        &self,
        token: &str,
        channel: Channel,
    ) -> Result<Value, &'static str> {
        let token = AccessTokenText::parse(token).expect("a token");
        let scheme = TokenScheme::Dpop;
        self.shown(&ShownToken { token, scheme, channel }).await
    }
}

fn grant_of(code: &str) -> [Pair<'_>; 3] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "https://dpi.test/cb")]
}

#[tokio::test]
async fn op_17_a_bound_token_opens_nothing_without_its_key() {
    on_each(async |house| {
        house.secure(|security| security.sender_constraint = Some(SenderConstraint::Dpop)).await;
        let (key, other) = (Signer::new(&house), Signer::new(&house));
        let own = house.own();
        let code = house.code(&[]).await;
        let form = grant_of(&code);
        // Nothing of this uses the code up.
        let refused = house.over(&own, &form, posted()).await.err();
        assert_eq!(refused, Some("invalid_request"), "none");
        let now = house.workflows.now().timestamp();
        let unnumbered = json!({ "htm": "POST", "htu": TOKEN, "jti": "j", "iat": now });
        let refused = house.over(&own, &form, key.proof_of(&house, unnumbered, None)).await.err();
        assert_eq!(refused, Some("use_dpop_nonce"));
        let elsewhere = key.proof(&house, ("POST", PAR), None);
        let refused = house.over(&own, &form, elsewhere).await.err();
        assert_eq!(refused, Some("invalid_dpop_proof"), "for another address");
        let first = key.proof(&house, ("POST", TOKEN), None);
        let tokens = house.over(&own, &form, first.clone()).await.expect("tokens");
        assert_eq!(tokens.to_json()["token_type"], "DPoP");
        let text = tokens.access_token.expose();
        let told = house.introspected(&own, text).await;
        assert_eq!(told["token_type"], "DPoP");
        assert_eq!(told["cnf"]["jkt"].as_str().map(str::len), Some(43), "{told}");
        // The proof of the token request, sent again with another code.
        house.clock.advance(Duration::seconds(14));
        let code = house.code(&[]).await;
        let replayed = house.over(&own, &grant_of(&code), first).await.err();
        assert_eq!(replayed, Some("invalid_dpop_proof"));
        assert!(
            house
                .over(&own, &grant_of(&code), key.proof(&house, ("POST", TOKEN), None))
                .await
                .is_ok(),
            "the code was not touched"
        );
        // At userinfo.
        assert_eq!(
            house.userinfo(&tokens.access_token).await.err(),
            Some("invalid_token"),
            "Bearer"
        );
        let get = ("GET", USERINFO);
        let proof = key.proof(&house, get, Some(text));
        assert!(house.told_over(text, proof.clone()).await.is_ok());
        house.clock.advance(Duration::seconds(14));
        for (channel, expected) in [
            (proof, "invalid_dpop_proof"),
            (Channel { method: "GET", ..Channel::default() }, "invalid_dpop_proof"),
            (key.proof(&house, get, None), "invalid_dpop_proof"),
            (key.proof(&house, get, Some("ht_other")), "invalid_dpop_proof"),
            (key.proof(&house, ("POST", USERINFO), Some(text)), "ok"),
            (other.proof(&house, get, Some(text)), "invalid_token"),
            (key.proof(&house, get, Some(text)), "ok"),
        ] {
            let told = house.told_over(text, channel).await.map_or_else(|error| error, |_| "ok");
            assert_eq!(told, expected);
        }
        // A number that is minutes old.
        let late = key.proof(&house, get, Some(text));
        house.clock.advance(Duration::seconds(121));
        assert_eq!(house.told_over(text, late).await.err(), Some("use_dpop_nonce"));
        // A token that is bound to nothing is no bound one.
        house.secure(|security| security.sender_constraint = None).await;
        let free = house.redeem(&house.code(&[]).await).await.expect("tokens");
        assert_eq!(free.to_json()["token_type"], "Bearer");
        let text = free.access_token.expose();
        let told = house.told_over(text, key.proof(&house, get, Some(text))).await;
        assert_eq!(told.err(), Some("invalid_token"));
    })
    .await;
}

#[tokio::test]
async fn op_17_a_proof_serves_once_however_many_ask_at_once() {
    on_each(async |house| {
        let key = Signer::new(&house);
        let own = house.own();
        let code = house.code(&[]).await;
        let form = grant_of(&code);
        let bound = house.over(&own, &form, key.proof(&house, ("POST", TOKEN), None)).await;
        let bound = bound.expect("a client that may prove a key");
        let text = bound.access_token.expose();
        let proof = key.proof(&house, ("GET", USERINFO), Some(text));
        let attempts = (0..20).map(|_| house.told_over(text, proof.clone()));
        let told = futures(attempts).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(told, 1);
    })
    .await;
}

#[tokio::test]
async fn op_17_a_pushed_request_binds_its_code_to_the_key_that_was_proved() {
    on_each(async |house| {
        let (key, other) = (Signer::new(&house), Signer::new(&house));
        let thumbprint = |key: &Signer| {
            let jwk = key.jwk();
            let text = json!({ "crv": jwk["crv"], "kty": "EC", "x": jwk["x"], "y": jwk["y"] });
            URL_SAFE_NO_PAD.encode(Sha256::digest(text.to_string()))
        };
        let (ours, theirs) = (thumbprint(&key), thumbprint(&other));
        for (named, proved, expected) in [
            (None, Some(&key), "ok"),
            (Some(&ours), None, "ok"),
            (Some(&ours), Some(&key), "ok"),
            (Some(&theirs), Some(&key), "invalid_dpop_proof"),
        ] {
            let more: Vec<Pair<'_>> =
                named.map(|named| ("dpop_jkt", named.as_str())).into_iter().collect();
            let channel = proved.map_or_else(posted, |key| key.proof(&house, ("POST", PAR), None));
            let name = match house.push_over(&more, channel).await {
                Ok(name) => name,
                Err(error) => {
                    assert_eq!(error, expected);
                    continue;
                }
            };
            assert_eq!(expected, "ok");
            for (redeemer, expected) in
                [(Some(&other), "invalid_grant"), (None, "invalid_grant"), (Some(&key), "ok")]
            {
                let name = match redeemer {
                    Some(redeemer) if std::ptr::eq(redeemer, &raw const key) => name.clone(),
                    _ => {
                        let channel = proved
                            .map_or_else(posted, |key| key.proof(&house, ("POST", PAR), None));
                        house.push_over(&more, channel).await.expect("pushed")
                    }
                };
                let code = house.visit(&[("client_id", "dpi"), ("request_uri", &name)]).await;
                let channel =
                    redeemer.map_or_else(posted, |key| key.proof(&house, ("POST", TOKEN), None));
                let outcome = house.over(&house.own(), &grant_of(&code), channel).await;
                assert_eq!(outcome.map_or_else(|error| error, |_| "ok"), expected);
            }
        }
        let plain = house.push_over(&[("dpop_jkt", "short")], posted()).await;
        assert_eq!(plain.err(), Some("invalid_request"));
    })
    .await;
}

#[tokio::test]
async fn op_07_a_bound_refresh_token_stays_and_serves_its_client_and_key_alone() {
    on_each(async |house| {
        house
            .secure(|security| {
                security.sender_constraint = Some(SenderConstraint::Dpop);
                security.refresh_seconds = Some(3600);
            })
            .await;
        let (key, other) = (Signer::new(&house), Signer::new(&house));
        let token = ("POST", TOKEN);
        let code = house.code(&[]).await;
        let tokens =
            house.over(&house.own(), &grant_of(&code), key.proof(&house, token, None)).await;
        let first = tokens.expect("tokens").refresh_token.expect("a refresh token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", first.expose())];
        let refused = house.over(&house.own(), &form, posted()).await.err();
        assert_eq!(refused, Some("invalid_request"));
        // It does not rotate; a confidential client may turn its keys over.
        for key in [&key, &key, &other] {
            let next = house.over(&house.own(), &form, key.proof(&house, token, None)).await;
            let next = next.expect("tokens");
            assert!(next.refresh_token.is_none(), "the same goes on");
            assert_eq!(next.to_json()["token_type"], "DPoP");
            house.clock.advance(Duration::seconds(31));
        }
        // A public client has nothing but its key.
        let mut draft = ClientDraft::new("App", Profile::Standard, AuthMethod::None);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        draft.security.refresh_seconds = Some(3600);
        draft.security.sender_constraint = Some(SenderConstraint::Dpop);
        let wish = CreateClient { client_id: Some("app".to_owned()), draft };
        house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let pkce = [
            ("client_id", "app"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ];
        let code = house.code(&pkce).await;
        let app = [("client_id", "app")];
        let with = [&grant_of(&code)[..], &[("code_verifier", verifier)]].concat();
        let tokens = house.over(&app, &with, key.proof(&house, token, None)).await.expect("tokens");
        let kept = tokens.refresh_token.expect("a refresh token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", kept.expose())];
        assert!(house.over(&app, &form, key.proof(&house, token, None)).await.is_ok());
        let stolen = house.over(&app, &form, other.proof(&house, token, None)).await.err();
        assert_eq!(stolen, Some("invalid_grant"));
        let after = house.over(&app, &form, key.proof(&house, token, None)).await.err();
        assert_eq!(after, Some("invalid_grant"), "somebody else had it: the family is over");
    })
    .await;
}

//! Refresh, introspection, revocation, pushed and signed requests, and clients that sign.
use super::*;
use ::oidc::{
    ASSERTION_TYPE, ClientKeys, ClientSecurity, parse_lookup_request, parse_pushed_request,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{KeyStore, SigningKeyMaterial};
use serde_json::json;

mod certificates;
mod dpop;
mod strict;

/// A client's own key.
pub(super) struct Signer(SigningKeyMaterial);

impl Signer {
    pub(super) fn new(house: &House) -> Self {
        Self(house.workflows.keys().new_signing_key(SigningAlgorithm::Es256, 0).expect("key"))
    }
    pub(super) fn keys(&self) -> ClientKeys {
        let jwk: Value = serde_json::from_str(&self.0.public_jwk).expect("JWK");
        ClientKeys::read(&json!({ "keys": [jwk] }).to_string()).expect("keys")
    }
    pub(super) fn sign(&self, house: &House, kind: &str, claims: &Value) -> String {
        self.sign_under(house, &json!({ "alg": "ES256", "typ": kind }), claims)
    }
    fn sign_under(&self, house: &House, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let keys: &dyn KeyStore = house.workflows.keys();
        let signature = keys.sign(self.0.algorithm, &self.0.sealed_private, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.expect("signed")))
    }
    fn assertion(&self, house: &House, client_id: &str, id: &str) -> String {
        let now = house.workflows.now().timestamp();
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": "https://hygie.hopital.test",
            "iat": now, "exp": now + 60, "jti": id,
        });
        self.sign(house, "JWT", &claims)
    }
}

type Pair<'a> = (&'a str, &'a str);

fn owned(pairs: &[Pair<'_>]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl House {
    /// Changes how the DPI's exchanges are secured.
    pub(super) async fn secure(&self, change: impl FnOnce(&mut ClientSecurity)) {
        self.change(|draft| change(&mut draft.security)).await;
    }

    pub(super) async fn change(&self, change: impl FnOnce(&mut ClientDraft)) {
        let actor = Actor::command_line(0);
        let client = self.workflows.show_client(&actor, self.client.id).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        change(&mut draft);
        let changed =
            self.workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("changed");
    }

    /// Another client, by a secret in the body.
    async fn other_client(&self) -> String {
        let mut draft = ClientDraft::new("Labo", Profile::Standard, AuthMethod::ClientSecretPost);
        draft.redirect_uris = vec!["https://labo.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        draft.security.refresh_seconds = Some(3600);
        let wish = CreateClient { client_id: Some("labo".to_owned()), draft };
        let made = self.workflows.create_client(&Actor::command_line(0), wish).await;
        made.expect("client").secret.expect("secret").expose().to_owned()
    }

    fn own(&self) -> [Pair<'_>; 2] {
        [("client_id", "dpi"), ("client_secret", self.secret.expose())]
    }

    pub(super) async fn refresh(
        &self,
        token: &str,
        more: &[Pair<'_>],
    ) -> Result<TokenResponse, &'static str> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.redeem_with("dpi", self.secret.expose(), &[&form[..], more].concat()).await
    }

    async fn introspected(&self, credentials: &[Pair<'_>], token: &str) -> Value {
        let form = owned(&[credentials, &[("token", token)]].concat());
        let request = parse_lookup_request(&form, &[], None).expect("readable");
        match self.workflows.introspect(&request).await {
            Ok((_, told)) => Value::Object(told),
            Err(OidcError::Refused { error, .. }) => error.code.name().into(),
            Err(other) => panic!("failed: {other}"),
        }
    }

    pub(super) async fn is_active(&self, token: &str) -> bool {
        self.introspected(&self.own(), token).await["active"] == true
    }

    async fn revoked(&self, credentials: &[Pair<'_>], token: &str) -> Result<(), &'static str> {
        let form = owned(&[credentials, &[("token", token)]].concat());
        let request = parse_lookup_request(&form, &[], None).expect("readable");
        self.workflows.revoke_token(&request).await.map_err(code_of)
    }

    async fn push(&self, form: &[Pair<'_>]) -> Result<String, &'static str> {
        let request =
            parse_pushed_request(&owned(form), &[], None).map_err(|error| error.code.name())?;
        let kept = self.workflows.push_request(&request).await.map_err(code_of)?;
        assert_eq!(kept.expires_in, 60);
        assert!(kept.request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
        Ok(kept.request_uri)
    }

    /// A browser that carries these parameters and nothing else.
    pub(super) async fn visit(&self, pairs: &[Pair<'_>]) -> String {
        let parameters = parse_authorize(&owned(pairs)).expect("readable");
        let session = self.workflows.store().read().sessions().find(self.session.id).await;
        let session = session.expect("read");
        let visit = AuthorizeVisit {
            parameters: &parameters,
            session: session.as_ref(),
            asked_at: self.workflows.now(),
            put_off: false,
            consents: None,
        };
        match told(self.workflows.authorize(&visit).await.expect("answered")) {
            Told::Code(code) => code,
            Told::Other(other) => other,
        }
    }
}

fn code_of(error: OidcError) -> &'static str {
    match error {
        OidcError::Refused { error, .. } => error.code.name(),
        other => panic!("failed: {other}"),
    }
}

pub(super) fn claims_of(token: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("payload"));
    serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
}

const REQUEST: [Pair<'static>; 5] = [
    ("response_type", "code"),
    ("redirect_uri", "https://dpi.test/cb"),
    ("scope", "openid profile"),
    ("state", "s"),
    ("nonce", "n-1"),
];

/// Conformance: `oidcc-refresh-token`.
#[tokio::test]
async fn op_07_a_refresh_gives_the_next_tokens_of_the_same_login() {
    on_each(async |house| {
        let bearer = house.redeem(&house.code(&[]).await).await.expect("tokens");
        assert!(bearer.refresh_token.is_none(), "only to a client that was given them");
        assert_eq!(house.refresh("hr_x", &[]).await.err(), Some("unauthorized_client"));
        house.secure(|security| security.refresh_seconds = Some(3600)).await;
        let first = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let token = first.refresh_token.as_ref().expect("a refresh token").expose().to_owned();
        house.clock.advance(Duration::seconds(10));
        let next = house.refresh(&token, &[("scope", "openid")]).await.expect("refreshed");
        let (before, after) = (claims_of(&first.id_token), claims_of(&next.id_token));
        for same in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid", "azp"] {
            assert_eq!(before[same], after[same], "{same}");
        }
        assert!(after["iat"].as_i64() > before["iat"].as_i64());
        assert!(after.get("nonce").is_none());
        assert!(house.userinfo(&next.access_token).await.is_ok());
        assert_eq!(next.scopes.len(), 1, "as narrow as asked");
        let rotated = next.refresh_token.as_ref().expect("rotated").expose().to_owned();
        assert_ne!(rotated, token);
        // Narrowed once, the chain still holds what was granted; never more.
        assert_eq!(
            house.refresh(&rotated, &[("scope", "openid scope_all")]).await.err(),
            Some("invalid_scope")
        );
        let wide = house.refresh(&rotated, &[]).await.expect("refreshed");
        assert_eq!(wide.scopes.len(), 2);
        // The chain ends an hour after it began, however often it was used.
        house.clock.advance(Duration::seconds(3590));
        let last = wide.refresh_token.expect("rotated");
        assert_eq!(house.refresh(last.expose(), &[]).await.err(), Some("invalid_grant"));
    })
    .await;
}

#[tokio::test]
async fn op_07_a_refresh_token_shown_twice_ends_its_family() {
    on_each(async |house| {
        let labo = house.other_client().await;
        house.secure(|security| security.refresh_seconds = Some(3600)).await;
        let begun = async || {
            let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
            let refresh = tokens.refresh_token.as_ref().expect("refresh").expose().to_owned();
            (tokens.access_token.expose().to_owned(), refresh)
        };
        // Replayed after its use.
        let (access, token) = begun().await;
        let next = house.refresh(&token, &[]).await.expect("refreshed");
        assert_eq!(house.refresh(&token, &[]).await.err(), Some("invalid_grant"));
        let rotated = next.refresh_token.expect("rotated");
        for dead in [&access, next.access_token.expose(), rotated.expose(), &token] {
            assert!(!house.is_active(dead).await);
        }
        assert_eq!(house.refresh(rotated.expose(), &[]).await.err(), Some("invalid_grant"));
        assert!(house.events().await.iter().any(|event| event == "refresh_misused"));
        // By another client.
        let (access, token) = begun().await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let stolen = house.redeem_with("labo", &labo, &form).await;
        assert_eq!(stolen.err(), Some("invalid_grant"));
        assert!(!house.is_active(&access).await);
        assert_eq!(house.refresh(&token, &[]).await.err(), Some("invalid_grant"));
        // At a barrier: one is served, and then nothing of the family lives.
        let (_, token) = begun().await;
        let attempts = (0..20).map(|_| house.refresh(&token, &[]));
        let mut served = Vec::new();
        for outcome in futures(attempts).await {
            served.extend(outcome.ok());
        }
        assert_eq!(served.len(), 1);
        assert!(!house.is_active(served[0].access_token.expose()).await);
        // Within the grace of a client that asked for one, an answer that was lost comes again.
        house.secure(|security| security.refresh_reuse_grace_seconds = 40).await;
        let (_, token) = begun().await;
        house.refresh(&token, &[]).await.expect("first");
        house.clock.advance(Duration::seconds(30));
        house.refresh(&token, &[]).await.expect("again");
        house.clock.advance(Duration::seconds(10));
        assert_eq!(house.refresh(&token, &[]).await.err(), Some("invalid_grant"));
    })
    .await;
}

#[tokio::test]
async fn op_08_no_refresh_and_no_active_token_for_who_is_no_longer_in_order() {
    use Mishap::*;
    for mishap in [
        None,
        PersonSuspended,
        PersonClosed,
        PostOver,
        AccountDisabled,
        AccountDeleted,
        MeansSuspended,
        MeansRevoked,
        SessionClosed,
        Restored,
    ] {
        on_each(async |house| {
            house.secure(|security| security.refresh_seconds = Some(3600)).await;
            let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
            let refresh = tokens.refresh_token.expect("refresh");
            house.meet(mishap).await;
            let well = matches!(mishap, None);
            assert_eq!(house.is_active(tokens.access_token.expose()).await, well, "{mishap:?}");
            assert_eq!(house.is_active(refresh.expose()).await, well, "{mishap:?}");
            let again = house.refresh(refresh.expose(), &[]).await;
            assert_eq!(
                again.err(),
                if well { Option::None } else { Some("invalid_grant") },
                "{mishap:?}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn op_28_a_client_hears_of_its_own_tokens_alone() {
    on_each(async |house| {
        let labo = house.other_client().await;
        let labo = [("client_id", "labo"), ("client_secret", labo.as_str())];
        house.secure(|security| security.refresh_seconds = Some(3600)).await;
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let (access, refresh) = (tokens.access_token, tokens.refresh_token.expect("refresh"));
        let told = house.introspected(&house.own(), access.expose()).await;
        let sub = claims_of(&tokens.id_token)["sub"].clone();
        for (name, value) in [
            ("active", json!(true)),
            ("client_id", json!("dpi")),
            ("sub", sub),
            ("scope", json!("openid profile")),
            ("token_type", json!("Bearer")),
            ("iss", json!("https://hygie.hopital.test")),
            ("acr", json!("eidas2")),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
        let wrong = [("client_id", "dpi"), ("client_secret", "wrong")];
        let nobody = [("client_id", "dpi")];
        let inactive = json!({ "active": false });
        for (who, token, expected) in [
            (&labo[..], access.expose().as_str(), inactive.clone()),
            (&labo, refresh.expose(), inactive.clone()),
            (&house.own(), "x", inactive.clone()),
            (&house.own(), &access.expose()[..40], inactive.clone()),
            (&house.own(), &tokens.id_token, inactive.clone()),
            (&wrong, access.expose(), json!("invalid_client")),
            (&nobody, access.expose(), json!("invalid_client")),
        ] {
            assert_eq!(house.introspected(who, token).await, expected, "{token}");
        }
        // What another has is not its to give back.
        assert_eq!(house.revoked(&labo, access.expose()).await, Err("invalid_grant"));
        assert!(house.is_active(access.expose()).await);
        assert_eq!(house.revoked(&house.own(), "x").await, Ok(()), "nothing to do is done");
        assert_eq!(house.revoked(&house.own(), access.expose()).await, Ok(()));
        assert!(!house.is_active(access.expose()).await);
        assert_eq!(house.userinfo(&access).await.err(), Some("invalid_token"));
        assert!(house.is_active(refresh.expose()).await, "the chain lives");
        let next = house.refresh(refresh.expose(), &[]).await.expect("refreshed");
        let last = next.refresh_token.expect("rotated");
        assert_eq!(house.revoked(&house.own(), last.expose()).await, Ok(()));
        assert!(!house.is_active(next.access_token.expose()).await, "the family went along");
        assert!(house.events().await.iter().any(|event| event == "token_revoked"));
    })
    .await;
}

/// Conformance: `par-attempt-reuse-request_uri`, `par-attempt-to-use-expired-request_uri`,
/// `par-attempt-to-use-request_uri-for-different-client`, `par-ensure-pkce-required`,
/// `par-authorization-request-containing-request_uri-form-param`.
#[tokio::test]
async fn op_13_a_pushed_request_serves_its_client_once_within_its_minute() {
    on_each(async |house| {
        house.other_client().await;
        let form = [&house.own()[..], &REQUEST].concat();
        let name = house.push(&form).await.expect("kept");
        let carried = [("client_id", "dpi"), ("request_uri", name.as_str())];
        let other = [("client_id", "labo"), ("request_uri", name.as_str())];
        assert_eq!(house.visit(&other).await, "page invalid_request_uri");
        // What stands beside it in the query never wins.
        let beside = [
            &carried[..],
            &[
                ("state", "evil"),
                ("scope", "openid scope_all"),
                ("redirect_uri", "https://evil.test"),
            ],
        ]
        .concat();
        let code = house.visit(&beside).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        assert_eq!(tokens.scopes.len(), 2);
        assert_eq!(claims_of(&tokens.id_token)["nonce"], "n-1");
        assert_eq!(house.visit(&carried).await, "page invalid_request_uri", "used");
        let late = house.push(&form).await.expect("kept");
        house.clock.advance(Duration::seconds(60));
        let carried = [("client_id", "dpi"), ("request_uri", late.as_str())];
        assert_eq!(house.visit(&carried).await, "page invalid_request_uri", "too late");
        let changed = |change: Pair<'static>| {
            let mut form = form.clone();
            form.retain(|(name, _)| *name != change.0);
            if !change.1.is_empty() {
                form.push(change);
            }
            form
        };
        let nested = ("request_uri", "urn:ietf:params:oauth:request_uri:hp_x");
        for (change, error) in [
            (("client_secret", "wrong"), "invalid_client"),
            (("client_secret", ""), "invalid_client"),
            (("redirect_uri", "https://evil.test/cb"), "invalid_request"),
            (("redirect_uri", ""), "invalid_request"),
            (("response_type", "token"), "unsupported_response_type"),
            (("scope", "profile"), "invalid_scope"),
            (("code_challenge", "short"), "invalid_request"),
            (nested, "invalid_request"),
            (("request", "a.b.c"), "request_not_supported"),
        ] {
            assert_eq!(house.push(&changed(change)).await.err(), Some(error), "{change:?}");
        }
        // A client that pushes pushes always.
        house.secure(|security| security.par_required = true).await;
        let plain = [&[("client_id", "dpi")][..], &REQUEST].concat();
        assert_eq!(house.visit(&plain).await, "invalid_request");
        let name = house.push(&form).await.expect("kept");
        let carried = [("client_id", "dpi"), ("request_uri", name.as_str())];
        assert!(house.visit(&carried).await.starts_with("hc_"));
    })
    .await;
}

#[tokio::test]
async fn op_12_a_signed_request_counts_and_what_stands_beside_it_does_not() {
    on_each(async |house| {
        let signer = Signer::new(&house);
        let now = house.workflows.now().timestamp();
        let mut claims = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "exp": now + 60, "nbf": now,
        });
        for (name, value) in REQUEST {
            claims[name] = value.into();
        }
        let object = signer.sign(&house, "oauth-authz-req+jwt", &claims);
        let carried = [("client_id", "dpi"), ("request", object.as_str()), ("nonce", "evil")];
        assert_eq!(house.visit(&carried).await, "page invalid_request", "no keys, no objects");
        house.secure(|security| security.keys = Some(signer.keys())).await;
        let code = house.visit(&carried).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        assert_eq!(claims_of(&tokens.id_token)["nonce"], "n-1");
        let stranger = Signer::new(&house);
        let mut elsewhere = claims.clone();
        elsewhere["redirect_uri"] = "https://evil.test/cb".into();
        let elsewhere = signer.sign(&house, "JWT", &elsewhere);
        let forged = stranger.sign(&house, "JWT", &claims);
        let none = format!("eyJhbGciOiJub25lIn0.{}.", object.split('.').nth(1).expect("payload"));
        for (object, error) in [
            (forged.as_str(), "page invalid_request_object"),
            (&none, "page invalid_request_object"),
            (&elsewhere, "page invalid_request"),
        ] {
            let full = [&[("client_id", "dpi"), ("request", object)][..], &REQUEST].concat();
            assert_eq!(house.visit(&full).await, error);
        }
        // Never an address: nothing is fetched.
        let address =
            [&[("client_id", "dpi"), ("request_uri", "https://evil.test/r")][..], &REQUEST]
                .concat();
        assert_eq!(house.visit(&address).await, "request_uri_not_supported");
        house.secure(|security| security.signed_request_required = true).await;
        let plain = [&[("client_id", "dpi")][..], &REQUEST].concat();
        assert_eq!(house.visit(&plain).await, "invalid_request");
        assert!(house.visit(&carried).await.starts_with("hc_"));
        let pushed = [&house.own()[..], &[("request", object.as_str())]].concat();
        let name = house.push(&pushed).await.expect("kept");
        let by_name = [("client_id", "dpi"), ("request_uri", name.as_str())];
        assert!(house.visit(&by_name).await.starts_with("hc_"));
    })
    .await;
}

/// Conformance: `oidcc-server` with `private_key_jwt`, `ensure-client-assertion-in-token-endpoint`.
#[tokio::test]
async fn op_11_an_assertion_opens_the_token_endpoint_once() {
    on_each(async |house| {
        let signer = Signer::new(&house);
        let mut draft = ClientDraft::new("Imagerie", Profile::Standard, AuthMethod::PrivateKeyJwt);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = |draft: &ClientDraft| CreateClient {
            client_id: Some("pacs".to_owned()),
            draft: draft.clone(),
        };
        let desk = Actor::command_line(0);
        let keyless = house.workflows.create_client(&desk, wish(&draft)).await;
        assert!(keyless.is_err(), "a client that signs has keys");
        draft.security.keys = Some(signer.keys());
        let made = house.workflows.create_client(&desk, wish(&draft)).await.expect("client");
        assert!(made.secret.is_none());
        let show = async |assertion: &str, code: &str| {
            let form = owned(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", "https://dpi.test/cb"),
                ("client_assertion", assertion),
                ("client_assertion_type", ASSERTION_TYPE),
            ]);
            let request =
                parse_token_request(&form, &[], Option::None).map_err(|error| error.code.name())?;
            house.workflows.give_tokens(&request).await.map(|_| ()).map_err(code_of)
        };
        let code = async || house.code(&[("client_id", "pacs")]).await;
        let good = signer.assertion(&house, "pacs", "j-1");
        assert_eq!(show(&good, &code().await).await, Ok(()));
        let fresh = code().await;
        assert_eq!(show(&good, &fresh).await, Err("invalid_client"), "replayed");
        let forged = Signer::new(&house).assertion(&house, "pacs", "j-2");
        assert_eq!(show(&forged, &fresh).await, Err("invalid_client"));
        let of_dpi = signer.assertion(&house, "dpi", "j-3");
        assert_eq!(show(&of_dpi, &fresh).await, Err("invalid_client"), "its method is a secret");
        let next = signer.assertion(&house, "pacs", "j-4");
        assert_eq!(show(&next, &fresh).await, Ok(()), "none of them reached the code");
        // Many at once, with one id: a single one is let in.
        let once = signer.assertion(&house, "pacs", "j-5");
        let attempts = (0..10).map(|_| async { show(&once, "hc_x").await });
        let let_in =
            futures(attempts).await.into_iter().filter(|answer| *answer == Err("invalid_grant"));
        assert_eq!(let_in.count(), 1);
    })
    .await;
}

/// Conformance: `oidcc-userinfo-rs256`.
#[tokio::test]
async fn userinfo_is_signed_for_a_client_that_asked_so() {
    on_each(async |house| {
        house.secure(|security| security.userinfo_algorithm = Some(SigningAlgorithm::Es256)).await;
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let signed = house.userinfo(&tokens.access_token).await.expect("told");
        let claims = claims_of(signed.as_str().expect("a signed token"));
        assert_eq!(claims["iss"], "https://hygie.hopital.test");
        assert_eq!(claims["aud"], "dpi");
        assert_eq!(claims["sub"], claims_of(&tokens.id_token)["sub"]);
        assert!(claims.get("nonce").is_none());
    })
    .await;
}

//! Clients known by a certificate, tokens bound to it, keys that clients publish (RFC 8705, RFC 7517).
use super::*;
use ::oidc::{Channel, PeerCertificate, SenderConstraint, TlsSubject};

fn shown(thumbprint: &str, name: &str, trusted: bool) -> Channel {
    let certificate = PeerCertificate {
        thumbprint: thumbprint.to_owned(),
        trusted,
        until: "2030-01-01T00:00:00Z".parse().expect("time"),
        names: vec![TlsSubject::SanDns(name.to_owned())],
    };
    Channel { method: "POST", proof: None, certificate: Some(certificate) }
}

const ADDRESS: Pair<'static> = ("redirect_uri", "https://dpi.test/cb");

impl House {
    async fn register(&self, client_id: &str, draft: ClientDraft) {
        let mut draft = draft;
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some(client_id.to_owned()), draft };
        self.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
    }

    async fn asked_by(
        &self,
        client_id: &str,
        channel: Channel,
    ) -> Result<TokenResponse, &'static str> {
        let code = self.code(&[("client_id", client_id)]).await;
        let form = [
            ("client_id", client_id),
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ADDRESS,
        ];
        let request = parse_token_request(&owned(&form), &[], None).expect("readable");
        self.workflows.give_tokens(&request.over(channel)).await.map_err(code_of)
    }
}

#[tokio::test]
async fn op_17_a_token_bound_to_a_certificate_opens_nothing_without_it() {
    on_each(async |house| {
        let mut draft = ClientDraft::new("Labo", Profile::Standard, AuthMethod::TlsClientAuth);
        draft.security.tls_subject = Some(TlsSubject::SanDns("labo.hopital.test".to_owned()));
        draft.security.sender_constraint = Some(SenderConstraint::Mtls);
        house.register("labo", draft).await;
        for (channel, why) in [
            (Channel { method: "POST", ..Channel::default() }, "none"),
            (shown("a", "dpi.hopital.test", true), "another name"),
            (shown("a", "labo.hopital.test", false), "nobody vouches for it"),
        ] {
            let refused = house.asked_by("labo", channel).await.err();
            assert_eq!(refused, Some("invalid_client"), "{why}");
        }
        let ours = || shown("a", "labo.hopital.test", true);
        let tokens = house.asked_by("labo", ours()).await.expect("tokens");
        assert_eq!(tokens.to_json()["token_type"], "Bearer");
        let text = tokens.access_token.expose();
        let form = owned(&[("client_id", "labo"), ("token", text)]);
        let request = parse_lookup_request(&form, &[], None).expect("readable").over(ours());
        let (_, told) = house.workflows.introspect(&request).await.expect("told");
        assert_eq!(told["cnf"], json!({ "x5t#S256": "a" }));
        for (channel, scheme, expected) in [
            (ours(), TokenScheme::Bearer, "ok"),
            (shown("b", "labo.hopital.test", true), TokenScheme::Bearer, "invalid_token"),
            (Channel::default(), TokenScheme::Bearer, "invalid_token"),
            (ours(), TokenScheme::Dpop, "invalid_token"),
        ] {
            let token = AccessTokenText::parse(text).expect("a token");
            let told = house.shown(&ShownToken { token, scheme, channel }).await;
            assert_eq!(told.map_or_else(|error| error, |_| "ok"), expected);
        }
        // A client that registered a secret is not known by a certificate.
        let form = [("client_id", "dpi"), ("grant_type", "refresh_token"), ("refresh_token", "x")];
        let request = parse_token_request(&owned(&form), &[], None).expect("readable").over(ours());
        let refused = house.workflows.give_tokens(&request).await.map_err(code_of).err();
        assert_eq!(refused, Some("invalid_client"));
    })
    .await;
}

/// What a client is told that shows an assertion, and a code that nobody gave.
async fn by(house: &House, client_id: &str, signer: &Signer, id: &str) -> &'static str {
    let assertion = signer.assertion(house, client_id, id);
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
        ("grant_type", "authorization_code"),
        ("code", "x"),
    ];
    let request = parse_token_request(&owned(&form), &[], None).expect("readable");
    house.workflows.give_tokens(&request).await.map_err(code_of).expect_err("no code")
}

/// What the public suite does from one module to the next: another client, at the address where it serves its keys.
#[tokio::test]
async fn oidcc_registration_jwks_uri_a_client_is_judged_by_what_stands_there_for_it() {
    on_each(async |house| {
        let mut draft = ClientDraft::new("Suite", Profile::Standard, AuthMethod::PrivateKeyJwt);
        draft.security.jwks_uri = Some("https://suite.test/jwks".to_owned());
        for client_id in ["first", "second"] {
            let signer = Signer::new(&house);
            let text = signer.keys().to_document().to_string();
            *house.published.keys.lock().expect("keys") = Some(text);
            house.register(client_id, draft.clone()).await;
            assert_eq!(by(&house, client_id, &signer, "j").await, "invalid_grant", "{client_id}");
        }
        assert_eq!(house.published.asked.load(Ordering::Relaxed), 2);
    })
    .await;
}

#[tokio::test]
async fn a_key_turned_over_by_its_client_is_found_and_no_address_is_called_often() {
    on_each(async |house| {
        let address = "https://labo.test/jwks".to_owned();
        let mut draft = ClientDraft::new("Labo", Profile::Standard, AuthMethod::PrivateKeyJwt);
        draft.security.jwks_uri = Some(address);
        house.register("labo", draft).await;
        let (old, new, never) = (Signer::new(&house), Signer::new(&house), Signer::new(&house));
        let publish = |signer: &Signer| {
            let text = signer.keys().to_document().to_string();
            *house.published.keys.lock().expect("keys") = Some(text);
        };
        let times = || house.published.asked.load(Ordering::Relaxed);
        let number = AtomicU32::new(0);
        let by = async |signer: &Signer| {
            let id = format!("j-{}", number.fetch_add(1, Ordering::Relaxed));
            self::by(&house, "labo", signer, &id).await
        };
        let (known, unknown) = ("invalid_grant", "invalid_client");
        assert_eq!(by(&old).await, unknown, "its address does not answer");
        assert_eq!(times(), 1);
        publish(&old);
        assert_eq!(by(&old).await, unknown, "called a moment ago");
        house.clock.advance(Duration::seconds(30));
        assert_eq!((by(&old).await, by(&old).await, times()), (known, known, 2));
        publish(&new);
        assert_eq!((by(&new).await, times()), (unknown, 2), "called a moment ago");
        house.clock.advance(Duration::seconds(30));
        assert_eq!((by(&new).await, by(&old).await, times()), (known, unknown, 3));
        for _ in 0..20 {
            assert_eq!(by(&never).await, unknown);
        }
        assert_eq!(times(), 3, "a key that nobody has calls nobody");
        // Its address is silent: what it said last goes on for an hour.
        *house.published.keys.lock().expect("keys") = None;
        house.clock.advance(Duration::minutes(59));
        assert_eq!(by(&new).await, known);
        house.clock.advance(Duration::minutes(2));
        assert_eq!(by(&new).await, unknown);
        for nonsense in ["", "{}", "<html>"] {
            *house.published.keys.lock().expect("keys") = Some(nonsense.to_owned());
            house.clock.advance(Duration::seconds(31));
            assert_eq!(by(&new).await, unknown, "{nonsense}");
        }
        publish(&new);
        house.clock.advance(Duration::seconds(31));
        assert_eq!(by(&new).await, known);
    })
    .await;
}

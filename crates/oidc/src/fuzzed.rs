//! Outside bytes end in an answer, never in a panic (invariant I-27).
use crate::*;
use proptest::prelude::*;

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = prop::sample::select(vec![
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "response_mode",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "acr_values",
        "claims",
        "id_token_hint",
        "request_uri",
        "grant_type",
        "code",
        "code_verifier",
        "client_secret",
        "client_assertion",
        "post_logout_redirect_uri",
        "access_token",
        "login_hint",
        "binding_message",
        "requested_expiry",
        "client_notification_token",
        "request",
        "é",
        "",
    ]);
    let values = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "code",
            "dpi",
            "https://dpi.test/cb",
            "openid profile",
            "form_post",
            "S256",
            "none",
            "0",
            "{}",
            r#"{"id_token":{"acr":{"essential":true,"values":["eidas2"]}}}"#,
            "authorization_code",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((names.prop_map(str::to_owned), values), 0..20)
}

proptest! {
    #[test]
    fn authorization_requests(pairs in pairs()) {
        let (client, _) = client::tests::client(Profile::PscLike, AuthMethod::None);
        if let Ok(parameters) = parse_authorize(&pairs) {
            prop_assert_eq!(AuthorizeParameters::from_text(&parameters.to_text()), Ok(parameters.clone()));
            match validate_authorize(&parameters, Some(&client), Carriage::default(), client.created_at) {
                Ok(request) => {
                    prop_assert!(client.redirect_uri(&request.return_path.redirect_uri).is_some());
                    prop_assert!(request.scopes.is_subset(&client.settings.scopes));
                }
                Err(AuthorizeRefusal::Return(path, error)) => {
                    prop_assert!(client.redirect_uri(&path.redirect_uri).is_some());
                    prop_assert!(path.location(&path.refusal(&error)).starts_with(&path.redirect_uri));
                }
                Err(AuthorizeRefusal::Page(_)) => {}
            }
        }
    }

    #[test]
    fn token_and_logout_requests(form in pairs(), query in pairs(), header in any::<String>()) {
        if let Ok(request) = parse_token_request(&form, &query, Some(&header)) {
            let _answered = request.shown();
        }
        let _answered = (parse_logout(&form), read_access_token(Some(&header), &form, Channel::default()));
        let _answered = (parse_pushed_request(&form, &query, Some(&header)).is_ok(), parse_lookup_request(&form, &query, None).is_ok());
    }

    #[test]
    fn logins_asked_for_elsewhere(form in pairs(), query in pairs(), header in any::<String>(), typed in any::<String>()) {
        let (client, _) = client::tests::client(Profile::Standard, AuthMethod::ClientSecretPost);
        if let Ok(ask) = parse_decoupled(&form, &query, Some(&header)) {
            let _answered = (ask.signed(&client).is_ok(), ask.hint().is_ok(), ask.notification_token().is_ok());
            if let Ok(life) = ask.life() {
                prop_assert!((1..=i64::from(DECOUPLED_SECONDS)).contains(&life.num_seconds()));
            }
            if let Ok(details) = ask.details(&client, DecoupledKind::Backchannel) {
                prop_assert!(details.scopes.is_subset(&client.settings.scopes));
                prop_assert_eq!(DecoupledDetails::from_text(&details.to_text()).ok(), Some(details));
            }
        }
        let (signer, _) = client::tests::client(Profile::Standard, AuthMethod::PrivateKeyJwt);
        prop_assert!(read_signed_ask(&typed, &signer, signer.created_at).is_err());
        prop_assert!(read_hint_token(&typed, &signer, signer.created_at).is_err());
        prop_assert!(user_code_hash(&typed).is_none() || typed.len() >= 8);
    }

    #[test]
    fn headers_claims_and_tokens(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        use base64::Engine;
        let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let _answered = (parse_basic_auth(&text), parse_basic_auth(&format!("Basic {encoded}")));
        let _answered = (parse_claims(&text), ClientKeys::read(&text), read_request_uri(&text));
        let (client, _) = client::tests::client(Profile::Standard, AuthMethod::PrivateKeyJwt);
        prop_assert!(read_request_object(&text, &client, ObjectFrom::Kept, client.created_at).is_err());
        prop_assert!(judge_assertion(&text, &client, &["https://x".to_owned()], client.created_at).is_err());
        prop_assert!(verify_jws(&text, JWS_TYPE_ID, &[]).is_err());
        prop_assert!(text.parse::<Issuer>().map_or(true, |issuer| issuer.as_str() == text));
    }

    #[test]
    fn only_the_registered_address_matches(text in "(https?://)?[a-z.@\\\\:/?#%0-9]{0,40}") {
        let registered = RedirectUri::register("https://dpi.test/cb", false, false).expect("good");
        prop_assert_eq!(registered.matches(&text), text == "https://dpi.test/cb");
        if let Ok(registered) = RedirectUri::register(&text, false, false) {
            prop_assert!(registered.as_str().starts_with("https://"));
        }
    }
}

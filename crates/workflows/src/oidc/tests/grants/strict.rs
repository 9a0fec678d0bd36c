//! The profile `strict` (FAPI 2 Security Profile), and access tokens that others read (RFC 9068).
use super::dpop::{PAR, TOKEN, USERINFO};
use super::*;
use ::oidc::{AccessTokenFormat, Channel};

const CHALLENGE: Pair<'static> = ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
const VERIFIER: Pair<'static> = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

fn owned_with(pairs: &[Pair<'_>], assertion: &str) -> Vec<(String, String)> {
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    owned(&[pairs, &proof].concat())
}

/// Conformance: `fapi2-security-profile-final-happy-flow`, and what must fail around it.
#[tokio::test]
async fn a_strict_client_gets_tokens_by_par_pkce_a_signed_assertion_and_a_proof() {
    on_each(async |house| {
        let (signer, key) = (Signer::new(&house), Signer::new(&house));
        let mut draft = ClientDraft::new("Strict", Profile::Strict, AuthMethod::PrivateKeyJwt);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.security.keys = Some(signer.keys());
        let wish = CreateClient { client_id: Some("strict".to_owned()), draft };
        house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
        let number = AtomicU32::new(0);
        let assertion = || {
            let id = format!("s-{}", number.fetch_add(1, Ordering::Relaxed));
            signer.assertion(&house, "strict", &id)
        };
        let push = async |changes: &[Pair<'_>]| {
            let good = [
                ("response_type", "code"),
                ("redirect_uri", "https://dpi.test/cb"),
                ("scope", "openid"),
                CHALLENGE,
                ("code_challenge_method", "S256"),
            ];
            let kept =
                good.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
            let pairs: Vec<Pair<'_>> = kept.chain(changes).copied().collect();
            let form = owned_with(&pairs, &assertion());
            let request =
                parse_pushed_request(&form, &[], None).map_err(|error| error.code.name())?;
            let request = request.over(key.proof(&house, ("POST", PAR), None));
            let kept = house.workflows.push_request(&request).await.map_err(super::code_of)?;
            Ok::<String, &'static str>(kept.request_uri)
        };
        // Neither `state` nor `nonce`: PAR, PKCE and `iss` stand in for them.
        let name = push(&[]).await.expect("pushed");
        let code = house.visit(&[("client_id", "strict"), ("request_uri", &name)]).await;
        let again = house.visit(&[("client_id", "strict"), ("request_uri", &name)]).await;
        assert_eq!(again, "page invalid_request_uri", "spent");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "https://dpi.test/cb"),
            VERIFIER,
        ];
        let ask = async |channel: Channel| {
            let form = owned_with(&form, &assertion());
            let request = parse_token_request(&form, &[], None).expect("readable").over(channel);
            house.workflows.give_tokens(&request).await.map_err(super::code_of)
        };
        let unproved = ask(Channel { method: "POST", ..Channel::default() }).await;
        assert_eq!(unproved.err(), Some("invalid_request"));
        let tokens = ask(key.proof(&house, ("POST", TOKEN), None)).await.expect("tokens");
        assert!(claims_of(&tokens.id_token).get("nonce").is_none());
        let header = tokens.id_token.split('.').next().expect("header");
        let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
        assert!(String::from_utf8_lossy(&header).contains("ES256"), "never RS256");
        let text = tokens.access_token.expose();
        assert!(
            house.told_over(text, key.proof(&house, ("GET", USERINFO), Some(text))).await.is_ok()
        );
        // What FAPI 2 leaves out.
        let plain = house.visit(&[&[("client_id", "strict")], &REQUEST[..]].concat()).await;
        assert_eq!(plain, "invalid_request", "a request that was not pushed");
        for (changes, expected) in [
            (&[("code_challenge", ""), ("code_challenge_method", "")][..], "invalid_request"),
            (&[("code_challenge_method", "plain")], "invalid_request"),
            (&[("redirect_uri", "")], "invalid_request"),
            (&[("redirect_uri", "https://dpi.test/other")], "invalid_request"),
            (&[("response_type", "code id_token")], "unsupported_response_type"),
            (&[("request_uri", "urn:x")], "invalid_request"),
            (&[("request", "a.b.c")], "invalid_request_object"),
        ] {
            assert_eq!(push(changes).await.err(), Some(expected), "{changes:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_signed_access_token_is_read_by_others_and_ends_here_at_once() {
    on_each(async |house| {
        let audience = "https://api.hopital.test".to_owned();
        house.secure(|security| security.access_token = AccessTokenFormat::Jwt { audience }).await;
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let text = tokens.access_token.expose();
        let claims = claims_of(text);
        for (name, expected) in [
            ("iss", json!("https://hygie.hopital.test")),
            ("aud", json!("https://api.hopital.test")),
            ("client_id", json!("dpi")),
            ("sub", json!(house.person.id.to_string())),
            ("scope", json!("openid profile")),
            ("acr", json!("eidas2")),
        ] {
            assert_eq!(claims[name], expected, "{name}");
        }
        let life = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(end, from)| end - from);
        assert!(life.is_some_and(|life| life <= 300), "{claims}");
        let header = URL_SAFE_NO_PAD.decode(text.split('.').next().expect("header"));
        let header: Value = serde_json::from_slice(&header.expect("base64url")).expect("JSON");
        assert_eq!(header["typ"], "at+jwt");
        // What it bears is no handle: nobody makes another token of it.
        let id = claims["jti"].as_str().expect("text");
        for other in [id.to_owned(), format!("ht_{id}"), tokens.id_token.clone()] {
            assert!(!house.is_active(&other).await, "{other}");
        }
        assert!(house.is_active(text).await);
        assert_eq!(
            house.userinfo(&tokens.access_token).await.expect("claims")["sub"],
            claims["sub"]
        );
        let id_token = Secret::new(tokens.id_token.clone());
        assert_eq!(house.userinfo(&id_token).await.err(), Some("invalid_token"));
        let last = if text.ends_with('A') { 'Q' } else { 'A' };
        let forged = Secret::new(format!("{}{last}", &text[..text.len() - 1]));
        assert_eq!(house.userinfo(&forged).await.err(), Some("invalid_token"));
        house.revoked(&house.own(), text).await.expect("given back");
        assert!(!house.is_active(text).await);
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
    })
    .await;
}

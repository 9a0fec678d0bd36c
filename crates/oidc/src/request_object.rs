//! Signed authorization requests (RFC 9101, OpenID Connect Core §6.1). What is signed is the request; what stands
//! beside it is ignored, but for the client's name (threats OP-12).
use crate::assertion::{SKEW_SECONDS, allowed_algorithms};
use crate::authorize::KNOWN;
use crate::claims_reader::{Claims, InvalidClaim};
use crate::client_jwt::read_client_jwt;
use crate::{AuthorizeParameters, Client, OAuthError, parse_authorize};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A request that lives longer was not made for now.
const LONGEST_LIFE: i64 = 3600;

/// Why a request object is none. For the journal: the client is told one sentence for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectFault {
    #[error("no key of this client signed it by an allowed algorithm")]
    Signature,
    #[error("its `typ` is another token's")]
    Kind,
    #[error(transparent)]
    Claim(#[from] InvalidClaim),
    #[error("its `iss` or `client_id` is not the client")]
    Client,
    #[error("its `aud` is not the issuer")]
    Audience,
    #[error("expired, or it lives too long")]
    Life,
    #[error("not valid yet")]
    Early,
    #[error("a request within a request")]
    Nested,
    #[error("one of its members is no parameter")]
    Member,
    #[error("one of `iat`, `nbf` and `jti` is missing")]
    Incomplete,
}

/// How a request object came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFrom {
    /// In the request, by whoever held it: it says how long it is good.
    Request,
    /// Read this moment at an address that the client registered: good as long as it stands there, unless it says less.
    Kept,
}

/// The parameters that a request object holds. Unsigned ones are none (RFC 9101 §10.1): discovery lists no `none`.
pub fn read_request_object(
    object: &str,
    client: &Client,
    from: ObjectFrom,
    now: DateTime<Utc>,
) -> Result<AuthorizeParameters, RequestObjectFault> {
    let keys = client.settings.security.keys.as_ref().ok_or(RequestObjectFault::Signature)?;
    let allowed = allowed_algorithms(client, client.settings.described.request_algorithm);
    let read =
        read_client_jwt(object, keys, &allowed).map_err(|_| RequestObjectFault::Signature)?;
    match read.kind.as_deref() {
        None | Some("jwt" | "oauth-authz-req+jwt") => {}
        Some(_) => return Err(RequestObjectFault::Kind),
    }
    let claims = &read.claims;
    let own = client.client_id.as_str();
    if claims.text("iss")? != Some(own) || claims.text("client_id")?.is_some_and(|id| id != own) {
        return Err(RequestObjectFault::Client);
    }
    let (audience, _) = claims.audience()?.ok_or(RequestObjectFault::Audience)?;
    if !audience.contains(&client.issuer.as_str()) {
        return Err(RequestObjectFault::Audience);
    }
    if from == ObjectFrom::Request || claims.has("exp") {
        judge_expiry(claims, now)?;
    }
    judge_beginning(claims, now)?;
    if claims.has("request") || claims.has("request_uri") {
        return Err(RequestObjectFault::Nested);
    }
    let mut pairs = parameters_of(claims)?;
    pairs.retain(|(name, _)| name != "client_id");
    pairs.push(("client_id".to_owned(), own.to_owned()));
    parse_authorize(&pairs).map_err(|_: OAuthError| RequestObjectFault::Member)
}

pub(crate) fn judge_times(claims: &Claims, now: DateTime<Utc>) -> Result<(), RequestObjectFault> {
    judge_expiry(claims, now)?;
    judge_beginning(claims, now)
}

fn judge_expiry(claims: &Claims, now: DateTime<Utc>) -> Result<(), RequestObjectFault> {
    let seconds = now.timestamp();
    let expires = claims.time("exp")?.ok_or(RequestObjectFault::Life)?;
    let good = seconds - SKEW_SECONDS < expires && expires <= seconds + LONGEST_LIFE + SKEW_SECONDS;
    if good { Ok(()) } else { Err(RequestObjectFault::Life) }
}

fn judge_beginning(claims: &Claims, now: DateTime<Utc>) -> Result<(), RequestObjectFault> {
    let seconds = now.timestamp();
    let from = claims.time("nbf")?.max(claims.time("iat")?);
    if from.is_some_and(|from| from > seconds + SKEW_SECONDS) {
        return Err(RequestObjectFault::Early);
    }
    let stale =
        claims.time("nbf")?.is_some_and(|from| from < seconds - LONGEST_LIFE - SKEW_SECONDS);
    if stale { Err(RequestObjectFault::Life) } else { Ok(()) }
}

/// Each member that is a parameter, as it would stand in a query: texts, numbers, and `claims` as JSON.
fn parameters_of(claims: &Claims) -> Result<Vec<(String, String)>, RequestObjectFault> {
    let known = |name: &str| KNOWN.iter().any(|(known, _)| *known == name);
    let text = |name: &str, value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if name == "max_age" => Ok(number.to_string()),
        Value::Object(_) if name == "claims" => Ok(value.to_string()),
        _ => Err(RequestObjectFault::Member),
    };
    claims
        .iter()
        .filter(|(name, _)| known(name))
        .map(|(name, value)| Ok((name.to_owned(), text(name, value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::client_jwt::tests::signed;
    use crate::client_keys::tests::jwks;
    use crate::keys::tests::{key, keystore};
    use crate::{AuthMethod, ClientKeys, Profile};
    use kernel::SigningAlgorithm;
    use serde_json::json;

    const NOW: i64 = 1_795_334_400; // 2026-11-22T08:00:00Z

    #[test]
    fn op_12_a_request_object_is_this_clients_for_this_issuer_now_and_whole() {
        let store = keystore();
        let key = key(&store, SigningAlgorithm::Es256);
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        client.settings.security.keys = Some(ClientKeys::read(&jwks(&[&key])).expect("keys"));
        let now = DateTime::from_timestamp(NOW, 0).expect("time");
        let good = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "exp": NOW + 60, "nbf": NOW,
            "client_id": "dpi", "response_type": "code", "redirect_uri": "https://dpi.test/cb",
            "scope": "openid", "state": "s", "nonce": "n", "max_age": 300,
            "claims": { "userinfo": { "name": null } }, "unknown": [1],
        });
        let read = |kind: &str, claims: &Value| {
            let header = json!({ "alg": "ES256", "kid": key.kid, "typ": kind });
            let object = signed(&store, &key, &header, claims);
            read_request_object(&object, &client, ObjectFrom::Request, now)
        };
        let text = read("oauth-authz-req+jwt", &good).expect("good").to_text();
        for part in ["max_age=300", "state=s", "client_id=dpi", "claims=%7B%22userinfo"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("unknown"));
        assert!(read("JWT", &good).is_ok());
        for kind in ["dpop+jwt", "logout+jwt", "client-authentication+jwt"] {
            assert_eq!(read(kind, &good), Err(RequestObjectFault::Kind), "{kind}");
        }
        for (name, value, fault) in [
            ("iss", json!("other"), RequestObjectFault::Client),
            ("iss", Value::Null, RequestObjectFault::Claim(InvalidClaim("iss"))),
            ("client_id", json!("other"), RequestObjectFault::Client),
            ("aud", json!("https://other.test"), RequestObjectFault::Audience),
            ("aud", json!([]), RequestObjectFault::Claim(InvalidClaim("aud"))),
            ("exp", json!(NOW - 300), RequestObjectFault::Life),
            ("exp", json!(NOW + 4200), RequestObjectFault::Life),
            ("exp", json!("soon"), RequestObjectFault::Claim(InvalidClaim("exp"))),
            ("nbf", json!(NOW + 600), RequestObjectFault::Early),
            ("nbf", json!(NOW - 4200), RequestObjectFault::Life),
            ("request", json!("a.b.c"), RequestObjectFault::Nested),
            ("request_uri", json!("https://evil.test/r"), RequestObjectFault::Nested),
            ("state", json!(["a", "b"]), RequestObjectFault::Member),
            ("state", json!("a\nb"), RequestObjectFault::Member),
            ("max_age", json!([1]), RequestObjectFault::Member),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            assert_eq!(read("JWT", &claims), Err(fault), "{claims}");
        }
        let mut unsigned = client.clone();
        unsigned.settings.security.keys = None;
        let header = json!({ "alg": "ES256", "kid": key.kid });
        let object = signed(&store, &key, &header, &good);
        let refused = read_request_object(&object, &unsigned, ObjectFrom::Request, now);
        assert_eq!(refused, Err(RequestObjectFault::Signature));
        let none = object.replace(object.split('.').next().expect("header"), "eyJhbGciOiJub25lIn0");
        for from in [ObjectFrom::Request, ObjectFrom::Kept] {
            let refused = read_request_object(&none, &client, from, now);
            assert_eq!(refused, Err(RequestObjectFault::Signature));
        }
    }

    #[test]
    fn oidcc_request_uri_signed_an_object_that_stands_at_its_address_may_tell_no_end() {
        let store = keystore();
        let (es, ps) = (key(&store, SigningAlgorithm::Es256), key(&store, SigningAlgorithm::Rs256));
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        client.settings.security.keys = Some(ClientKeys::read(&jwks(&[&es, &ps])).expect("keys"));
        let now = DateTime::from_timestamp(NOW, 0).expect("time");
        let whole = json!({ "iss": "dpi", "aud": "https://hygie.hopital.test", "scope": "openid" });
        let object = |key: &crate::SigningKey, claims: &Value| {
            let header = json!({ "alg": key.algorithm.name(), "kid": key.kid });
            signed(&store, key, &header, claims)
        };
        let read = |object: &str, client: &Client, from| {
            read_request_object(object, client, from, now).map(|_| ())
        };
        let endless = object(&es, &whole);
        assert_eq!(read(&endless, &client, ObjectFrom::Kept), Ok(()));
        assert_eq!(read(&endless, &client, ObjectFrom::Request), Err(RequestObjectFault::Life));
        for (name, time, fault) in [
            ("exp", NOW - 300, RequestObjectFault::Life),
            ("nbf", NOW + 600, RequestObjectFault::Early),
        ] {
            let mut said = whole.clone();
            said[name] = json!(time);
            assert_eq!(read(&object(&es, &said), &client, ObjectFrom::Kept), Err(fault), "{name}");
        }
        // Registered with an algorithm, signed by another of its keys.
        client.settings.described.request_algorithm = Some(SigningAlgorithm::Rs256);
        assert_eq!(read(&object(&ps, &whole), &client, ObjectFrom::Kept), Ok(()));
        assert_eq!(read(&endless, &client, ObjectFrom::Kept), Err(RequestObjectFault::Signature));
    }
}

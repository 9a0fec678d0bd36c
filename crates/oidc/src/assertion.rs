//! A client proves who it is by a token that it signs (RFC 7523, RFC 7521; threats OP-11).
use crate::claims_reader::{Claims, InvalidClaim};
use crate::client_jwt::read_client_jwt;
use crate::jws::object;
use crate::{Client, Profile};
use chrono::{DateTime, Utc};
use kernel::SigningAlgorithm;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The one `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the clock of a client may be from ours.
pub(crate) const SKEW_SECONDS: i64 = 60;
/// The longest life of an assertion.
const LONGEST_LIFE: i64 = 300;
const LONGEST_JTI: usize = 256;

/// Whom an assertion is addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer and nobody else.
    #[default]
    Issuer,
    /// The URL of the endpoint too, as older libraries write: a relaxation with an end.
    Endpoint,
}

/// Why an assertion proves nothing. For the journal: the client is told one sentence for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    #[error("no key of this client signed it by an allowed algorithm")]
    Signature,
    #[error("its `typ` is another token's")]
    Kind,
    #[error(transparent)]
    Claim(#[from] InvalidClaim),
    #[error("`iss` and `sub` are not the client")]
    Client,
    #[error("`aud` is not the issuer alone")]
    Audience,
    #[error("expired, or it lives too long")]
    Life,
    #[error("not valid yet")]
    Early,
    #[error("no `jti`, or too long a one")]
    Id,
}

impl AssertionFault {
    pub fn name(self) -> &'static str {
        match self {
            Self::Signature => "assertion_signature",
            Self::Kind => "assertion_kind",
            Self::Claim(_) => "assertion_claim",
            Self::Client => "assertion_client",
            Self::Audience => "assertion_audience",
            Self::Life => "assertion_life",
            Self::Early => "assertion_early",
            Self::Id => "assertion_id",
        }
    }
}

/// The algorithms that a client of this profile may sign with. FAPI 2 leaves RS256 out.
pub fn client_algorithms(profile: Profile) -> &'static [SigningAlgorithm] {
    use SigningAlgorithm::{EdDsa, Es256, Ps256, Rs256};
    match profile {
        Profile::Strict => &[Ps256, Es256, EdDsa],
        Profile::Standard | Profile::PscLike | Profile::Legacy => &[Rs256, Ps256, Es256, EdDsa],
    }
}

/// Those that this client may sign with: the one that it `registered` for this kind of token, where it named one.
pub(crate) fn allowed_algorithms(
    client: &Client,
    registered: Option<SigningAlgorithm>,
) -> Vec<SigningAlgorithm> {
    let named = |algorithm: &&SigningAlgorithm| {
        registered.is_none_or(|registered| registered == **algorithm)
    };
    client_algorithms(client.profile).iter().filter(named).copied().collect()
}

/// An id to keep, so that the token that bears it serves once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceOnly {
    pub id: String,
    pub until: DateTime<Utc>,
}

impl OnceOnly {
    /// What to keep: of this kind of token, of this owner, this id and no other.
    pub fn fingerprint(&self, kind: &str, owner: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        // Lengths first, so that no two triples spell the same text.
        for part in [kind, owner, &self.id] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// Whose assertion this says it is, before anything of it is believed.
pub(crate) fn claimed_client(assertion: &str) -> Option<String> {
    let payload = assertion.split('.').nth(1).filter(|part| part.len() <= 16_384)?;
    let claims = Claims::of(object(payload).ok()?);
    claims.text("sub").ok().flatten().map(str::to_owned)
}

/// Judges an assertion. `endpoints`: the URLs by which the route that it came to is called. The id must then be kept: seen twice, it is a replay.
pub fn judge_assertion(
    assertion: &str,
    client: &Client,
    endpoints: &[String],
    now: DateTime<Utc>,
) -> Result<OnceOnly, AssertionFault> {
    let keys = client.settings.security.keys.as_ref().ok_or(AssertionFault::Signature)?;
    let allowed = allowed_algorithms(client, client.settings.described.assertion_algorithm);
    let read = read_client_jwt(assertion, keys, &allowed).map_err(|_| AssertionFault::Signature)?;
    match read.kind.as_deref() {
        None | Some("jwt" | "client-authentication+jwt") => {}
        Some(_) => return Err(AssertionFault::Kind),
    }
    let claims = &read.claims;
    let own = Some(client.client_id.as_str());
    if claims.text("iss")? != own || claims.text("sub")? != own {
        return Err(AssertionFault::Client);
    }
    let (audience, is_list) = claims.audience()?.ok_or(AssertionFault::Audience)?;
    let issuer = client.issuer.as_str();
    let addressed = match (client.profile, client.settings.security.assertion_audience) {
        // FAPI 2 Security Profile §5.3.2.1: a string, and the issuer.
        (Profile::Strict, _) => audience == [issuer] && !is_list,
        (_, AssertionAudience::Issuer) => audience == [issuer],
        (_, AssertionAudience::Endpoint) => {
            let ours =
                |member: &&str| *member == issuer || endpoints.iter().any(|url| url == member);
            audience.iter().all(ours)
        }
    };
    if !addressed {
        return Err(AssertionFault::Audience);
    }
    let until = judge_times(claims, now)?;
    let id = claims.text("jti")?.filter(|id| id.len() <= LONGEST_JTI);
    Ok(OnceOnly { id: id.ok_or(AssertionFault::Id)?.to_owned(), until })
}

fn judge_times(claims: &Claims, now: DateTime<Utc>) -> Result<DateTime<Utc>, AssertionFault> {
    let seconds = now.timestamp();
    let expires = claims.time("exp")?.ok_or(AssertionFault::Life)?;
    let (issued, valid) = (claims.time("iat")?, claims.time("nbf")?);
    if expires <= seconds - SKEW_SECONDS {
        return Err(AssertionFault::Life);
    }
    // Without `iat` it is as if written now.
    if expires - issued.unwrap_or(seconds) > LONGEST_LIFE
        || expires > seconds + LONGEST_LIFE + SKEW_SECONDS
    {
        return Err(AssertionFault::Life);
    }
    if issued.max(valid).is_some_and(|from| from > seconds + SKEW_SECONDS) {
        return Err(AssertionFault::Early);
    }
    DateTime::from_timestamp(expires + SKEW_SECONDS, 0).ok_or(AssertionFault::Life)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::client_jwt::tests::signed;
    use crate::client_keys::tests::jwks;
    use crate::keys::tests::{key, keystore};
    use crate::{AuthMethod, ClientKeys};
    use serde_json::{Value, json};

    const NOW: i64 = 1_795_334_400; // 2026-11-22T08:00:00Z
    const ENDPOINT: &str = "https://hygie.hopital.test/oauth2/token";
    const ISSUER: &str = "https://hygie.hopital.test";

    fn good() -> Value {
        json!({
            "iss": "dpi", "sub": "dpi", "aud": ISSUER, "jti": "j-1", "iat": NOW, "exp": NOW + 60,
        })
    }

    #[test]
    fn op_11_an_assertion_is_this_clients_for_this_issuer_once_and_short() {
        let store = keystore();
        let key = key(&store, SigningAlgorithm::Es256);
        let judge = |profile, audience, claims: &Value| {
            let (mut client, _) = client(Profile::Standard, AuthMethod::PrivateKeyJwt);
            client.profile = profile;
            client.settings.security.keys = Some(ClientKeys::read(&jwks(&[&key])).expect("keys"));
            client.settings.security.assertion_audience = audience;
            let header = json!({ "alg": "ES256", "kid": key.kid });
            let token = signed(&store, &key, &header, claims);
            let now = DateTime::from_timestamp(NOW, 0).expect("time");
            judge_assertion(&token, &client, &[ENDPOINT.to_owned()], now)
        };
        let (issuer, endpoint) = (AssertionAudience::Issuer, AssertionAudience::Endpoint);
        let kept = judge(Profile::Standard, issuer, &good()).expect("good");
        assert_eq!((kept.id.as_str(), kept.until.timestamp()), ("j-1", NOW + 120));
        assert!(judge(Profile::Strict, issuer, &good()).is_ok());
        let with = |name: &str, value: Value| {
            let mut claims = good();
            if value == json!("absent") {
                claims.as_object_mut().expect("object").remove(name);
            } else {
                claims[name] = value;
            }
            claims
        };
        let claim = |name| Err(AssertionFault::Claim(InvalidClaim(name)));
        for (name, value, expected) in [
            ("iss", json!("other"), Err(AssertionFault::Client)),
            ("sub", json!("other"), Err(AssertionFault::Client)),
            ("sub", json!("absent"), Err(AssertionFault::Client)),
            ("sub", json!(1), claim("sub")),
            ("aud", json!("absent"), Err(AssertionFault::Audience)),
            ("aud", json!(ENDPOINT), Err(AssertionFault::Audience)),
            ("aud", json!([ISSUER]), Ok(())),
            ("aud", json!([ISSUER, ENDPOINT]), Err(AssertionFault::Audience)),
            ("aud", json!([ISSUER, ISSUER]), Err(AssertionFault::Audience)),
            ("aud", json!(format!("{ISSUER}/")), Err(AssertionFault::Audience)),
            ("aud", json!(7), claim("aud")),
            ("exp", json!("absent"), Err(AssertionFault::Life)),
            ("exp", json!((NOW + 60).to_string()), claim("exp")),
            ("exp", json!(NOW - 300), Err(AssertionFault::Life)),
            ("exp", json!(NOW + 301), Err(AssertionFault::Life)),
            ("exp", json!(NOW + 3600), Err(AssertionFault::Life)),
            ("iat", json!("absent"), Ok(())),
            ("iat", json!(NOW + 8), Ok(())),
            ("iat", json!(NOW + 61), Err(AssertionFault::Early)),
            ("iat", json!(NOW - 1000), Err(AssertionFault::Life)),
            ("nbf", json!(NOW + 8), Ok(())),
            ("nbf", json!(NOW + 61), Err(AssertionFault::Early)),
            ("nbf", json!("soon"), claim("nbf")),
            ("jti", json!("absent"), Err(AssertionFault::Id)),
            ("jti", json!("x".repeat(300)), Err(AssertionFault::Id)),
            ("jti", json!(""), claim("jti")),
        ] {
            let claims = with(name, value);
            let judged = judge(Profile::Standard, issuer, &claims).map(|_| ());
            assert_eq!(judged, expected, "{claims}");
        }
        // FAPI 2: one string; the relaxation lets the endpoint in, and nobody else.
        for (profile, audience, value, accepted) in [
            (Profile::Strict, issuer, json!([ISSUER]), false),
            (Profile::Strict, endpoint, json!(ENDPOINT), false),
            (Profile::Standard, endpoint, json!(ENDPOINT), true),
            (Profile::Standard, endpoint, json!([ISSUER, ENDPOINT]), true),
            (Profile::Standard, endpoint, json!([ENDPOINT, "https://other.test"]), false),
            (Profile::Standard, endpoint, json!("https://hygie.hopital.test/oauth2/par"), false),
        ] {
            let judged = judge(profile, audience, &with("aud", value.clone()));
            assert_eq!(judged.is_ok(), accepted, "{profile:?} {audience:?} {value}");
        }
    }

    #[test]
    fn op_11_another_kind_of_token_or_a_weak_algorithm_proves_nothing() {
        let store = keystore();
        let (es, rs) = (key(&store, SigningAlgorithm::Es256), key(&store, SigningAlgorithm::Rs256));
        let now = DateTime::from_timestamp(NOW, 0).expect("time");
        let judge = |profile, key: &crate::SigningKey, kind: Option<&str>| {
            let (mut client, _) = client(Profile::Standard, AuthMethod::PrivateKeyJwt);
            client.profile = profile;
            client.settings.security.keys =
                Some(ClientKeys::read(&jwks(&[&es, &rs])).expect("keys"));
            let mut header = json!({ "alg": key.algorithm.name(), "kid": key.kid });
            if let Some(kind) = kind {
                header["typ"] = kind.into();
            }
            judge_assertion(
                &signed(&store, key, &header, &good()),
                &client,
                &[ENDPOINT.to_owned()],
                now,
            )
        };
        for (profile, key, kind, accepted) in [
            (Profile::Standard, &es, None, true),
            (Profile::Standard, &es, Some("JWT"), true),
            (Profile::Standard, &es, Some("client-authentication+jwt"), true),
            (Profile::Standard, &es, Some("application/client-authentication+jwt"), true),
            (Profile::Standard, &es, Some("dpop+jwt"), false),
            (Profile::Standard, &es, Some("logout+jwt"), false),
            (Profile::Standard, &es, Some("oauth-authz-req+jwt"), false),
            (Profile::Standard, &rs, None, true),
            (Profile::Strict, &rs, None, false),
            (Profile::Strict, &es, None, true),
        ] {
            assert_eq!(judge(profile, key, kind).is_ok(), accepted, "{profile:?} {kind:?}");
        }
        let (keyless, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let header = json!({ "alg": "ES256", "kid": es.kid });
        let token = signed(&store, &es, &header, &good());
        let judged = judge_assertion(&token, &keyless, &[ENDPOINT.to_owned()], now);
        assert_eq!(judged, Err(AssertionFault::Signature));
        assert_eq!(claimed_client(&token).as_deref(), Some("dpi"));
        for bad in ["", "a", "a.b.c", "..", "a.e30.c"] {
            assert_eq!(claimed_client(bad), None, "{bad}");
        }
    }
}

//! What an application asks when it wants a person asked elsewhere: by parameters, or signed (CIBA Core §7.1.1, FAPI-CIBA
//! §5.2.2). What is signed is the request; nothing beside it counts.
use crate::assertion::{OnceOnly, SKEW_SECONDS, allowed_algorithms};
use crate::claims_reader::Claims;
use crate::client_jwt::read_client_jwt;
use crate::client_request::{ClientCredentials, read_client_request};
use crate::parameters::{Parameters, words};
use crate::request_object::{RequestObjectFault, judge_times};
use crate::{
    Acr, Channel, Client, DECOUPLED_SECONDS, DecoupledDetails, DecoupledKind, ErrorCode,
    OAuthError, Profile,
};
use chrono::{DateTime, Duration, Utc};
use kernel::Secret;
use serde_json::Value;

const LONGEST_MESSAGE: usize = 60;
const LONGEST_JTI: usize = 256;

const KNOWN: [(&str, usize); 9] = [
    ("scope", 2048),
    ("acr_values", 512),
    ("login_hint", 256),
    ("id_token_hint", 8192),
    ("login_hint_token", 8192),
    ("binding_message", 512),
    ("requested_expiry", 20),
    ("client_notification_token", 1024),
    ("request", 65_536),
];

/// A request to be asked elsewhere, read.
#[derive(Debug)]
pub struct DecoupledAsk {
    pub credentials: ClientCredentials,
    pub channel: Channel,
    /// Where the call came from.
    pub network: Option<String>,
    parameters: Parameters,
}

/// Whom the client means: one hint and no more (CIBA Core §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint<'a> {
    /// A name that she logs in by.
    Login(&'a str),
    /// An ID token of ours.
    IdToken(&'a str),
    /// A token that the client signed and that names her (RFC 9493, `iss_sub`).
    Token(&'a str),
}

/// Reads the form of `/oauth2/bc-authorize` or `/oauth2/device`.
pub fn parse_decoupled(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
) -> Result<DecoupledAsk, OAuthError> {
    let (credentials, parameters) = read_client_request(form, query, authorization, &KNOWN)?;
    Ok(DecoupledAsk { credentials, channel: Channel::default(), network: None, parameters })
}

/// The parameters that a signed request holds, and its id, which serves once. FAPI-CIBA: each of its claims is there.
pub fn read_signed_ask(
    object: &str,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(Vec<(String, String)>, OnceOnly), RequestObjectFault> {
    let (claims, once) = read_signed(object, client, now)?;
    let known = |name: &str| KNOWN.iter().any(|(known, _)| *known == name);
    if claims.has("request") {
        return Err(RequestObjectFault::Nested);
    }
    let text = |name: &str, value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if name == "requested_expiry" => Ok(number.to_string()),
        _ => Err(RequestObjectFault::Member),
    };
    let mut pairs = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| known(name)) {
        pairs.push((name.to_owned(), text(name, value)?));
    }
    Ok((pairs, once))
}

/// Whom a `login_hint_token` names: her `sub` for this client.
pub fn read_hint_token(
    token: &str,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<String, RequestObjectFault> {
    let (claims, _) = read_signed(token, client, now)?;
    let named = claims.iter().find(|(name, _)| *name == "sub_id").map(|(_, value)| value);
    let named = named.and_then(Value::as_object).ok_or(RequestObjectFault::Member)?;
    let text = |name: &str| named.get(name).and_then(Value::as_str);
    let ours = text("format") == Some("iss_sub") && text("iss") == Some(client.issuer.as_str());
    let subject = text("sub").filter(|subject| ours && !subject.is_empty());
    subject.map(str::to_owned).ok_or(RequestObjectFault::Member)
}

/// A token of this client for this issuer, now. A request serves once (its id is spent); a hint, its whole life: it names
/// somebody and asks nothing.
fn read_signed(
    token: &str,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(Claims, OnceOnly), RequestObjectFault> {
    let keys = client.settings.security.keys.as_ref().ok_or(RequestObjectFault::Signature)?;
    let allowed = allowed_algorithms(client, client.settings.described.ask_algorithm);
    let read = read_client_jwt(token, keys, &allowed).map_err(|_| RequestObjectFault::Signature)?;
    if !matches!(read.kind.as_deref(), None | Some("jwt" | "oauth-authz-req+jwt")) {
        return Err(RequestObjectFault::Kind);
    }
    let claims = read.claims;
    if claims.text("iss")? != Some(client.client_id.as_str()) {
        return Err(RequestObjectFault::Client);
    }
    let (audience, _) = claims.audience()?.ok_or(RequestObjectFault::Audience)?;
    if !audience.contains(&client.issuer.as_str()) {
        return Err(RequestObjectFault::Audience);
    }
    let whole = claims.time("iat")?.is_some() && claims.time("nbf")?.is_some();
    judge_times(&claims, now)?;
    let id = claims.text("jti")?.filter(|id| whole && id.len() <= LONGEST_JTI);
    let id = id.ok_or(RequestObjectFault::Incomplete)?.to_owned();
    let until = claims.time("exp")?.and_then(|exp| DateTime::from_timestamp(exp + SKEW_SECONDS, 0));
    let once = OnceOnly { id, until: until.ok_or(RequestObjectFault::Life)? };
    Ok((claims, once))
}

impl DecoupledAsk {
    #[must_use]
    pub fn over(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }

    pub fn from_network(self, network: Option<String>) -> Self {
        Self { network, ..self }
    }

    /// The signed request, where one came. What would stand beside it is refused (CIBA Core §7.1.1), and so is a request
    /// without signature of a client that must sign.
    pub fn signed(&self, client: &Client) -> Result<Option<&str>, OAuthError> {
        let must =
            client.settings.security.signed_request_required || client.profile == Profile::Strict;
        match self.parameters.find("request") {
            Some(_) if self.parameters.iter().count() > self.credentials_beside() + 1 => {
                Err(OAuthError::invalid_request("what is asked stands in the signed request alone"))
            }
            None if must => Err(OAuthError::invalid_request("this client signs its requests")),
            object => Ok(object),
        }
    }

    pub fn is_signed(&self) -> bool {
        self.parameters.find("request").is_some()
    }

    fn credentials_beside(&self) -> usize {
        self.parameters
            .iter()
            .filter(|(name, _)| KNOWN.iter().all(|(known, _)| known != name))
            .count()
    }

    /// The same request with the parameters that were signed.
    pub fn with_signed(self, pairs: &[(String, String)]) -> Result<Self, OAuthError> {
        Ok(Self { parameters: Parameters::read(pairs, &KNOWN)?, ..self })
    }

    /// What is asked, within what the client was granted.
    pub fn details(
        &self,
        client: &Client,
        kind: DecoupledKind,
    ) -> Result<DecoupledDetails, OAuthError> {
        let asked = words(self.parameters.find("scope"));
        if !asked.iter().any(|scope| scope == "openid") {
            return Err(OAuthError::new(ErrorCode::InvalidScope, "the scope openid is missing"));
        }
        let granted = asked.into_iter().filter(|scope| client.settings.scopes.contains(scope));
        let levels = words(self.parameters.find("acr_values"));
        Ok(DecoupledDetails {
            scopes: granted.collect(),
            minimum_acr: levels.iter().filter_map(|value| Acr::from_name(value)).min(),
            binding_message: match kind {
                DecoupledKind::Backchannel => Some(self.binding_message()?),
                // RFC 8628 has no such thing: its code is what both screens show.
                DecoupledKind::Device => None,
            },
        })
    }

    /// Without one, she would have nothing to compare with the other screen (threats OP-26).
    fn binding_message(&self) -> Result<String, OAuthError> {
        let Some(message) = self.parameters.find("binding_message") else {
            return Err(OAuthError::new(
                ErrorCode::InvalidBindingMessage,
                "binding_message is missing: both screens show it",
            ));
        };
        // Shown whole or not at all (CIBA Core §7.1).
        let plain = |letter: char| letter.is_alphanumeric() || " -_.:/#".contains(letter);
        let shown = message.chars().count() <= LONGEST_MESSAGE && message.chars().all(plain);
        let error = OAuthError::new(
            ErrorCode::InvalidBindingMessage,
            "binding_message has up to 60 letters, digits, spaces and - _ . : / #",
        );
        shown.then(|| message.to_owned()).ok_or(error)
    }

    pub fn hint(&self) -> Result<Hint<'_>, OAuthError> {
        let find = |name| self.parameters.find(name);
        match (find("login_hint"), find("id_token_hint"), find("login_hint_token")) {
            (Some(name), None, None) => Ok(Hint::Login(name)),
            (None, Some(token), None) => Ok(Hint::IdToken(token)),
            (None, None, Some(token)) => Ok(Hint::Token(token)),
            _ => Err(OAuthError::invalid_request("one hint at whom to ask, and no more")),
        }
    }

    /// What the client wants to be called with: a bearer token of its own, of 128 bits at least (CIBA Core §7.1).
    pub fn notification_token(&self) -> Result<Secret<String>, OAuthError> {
        let token = self.parameters.find("client_notification_token").unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        let good = (22..=1024).contains(&token.len()) && token.bytes().all(legal);
        let error = OAuthError::invalid_request(
            "client_notification_token has 22 to 1024 letters, digits and - . _ ~ + / =",
        );
        good.then(|| Secret::new(token.to_owned())).ok_or(error)
    }

    /// How long the client would wait; never longer than we ask.
    pub fn life(&self) -> Result<Duration, OAuthError> {
        let longest = i64::from(DECOUPLED_SECONDS);
        let seconds = match self.parameters.find("requested_expiry") {
            None => longest,
            Some(text) => text
                .parse::<u32>()
                .ok()
                .filter(|seconds| *seconds > 0)
                .map(i64::from)
                .ok_or(OAuthError::invalid_request("requested_expiry is a number of seconds"))?,
        };
        Ok(Duration::seconds(seconds.min(longest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::client_jwt::tests::signed;
    use crate::client_keys::tests::jwks;
    use crate::keys::tests::{key, keystore};
    use crate::{AuthMethod, ClientKeys};
    use kernel::SigningAlgorithm;
    use serde_json::json;

    #[test]
    fn what_is_asked_keeps_to_the_grant_and_to_what_a_screen_shows() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let ask = |more: &[(&str, &str)]| {
            let good =
                [("client_id", "dpi"), ("client_secret", "s"), ("scope", "openid scope_all")];
            let kept = good.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
            let form: Vec<(String, String)> =
                kept.chain(more).map(|(name, value)| ((*name).into(), (*value).into())).collect();
            parse_decoupled(&form, &[], None).expect("readable")
        };
        let backchannel = DecoupledKind::Backchannel;
        let device = ask(&[("binding_message", "<b>")]).details(&client, DecoupledKind::Device);
        assert_eq!(device.expect("good").binding_message, None, "a device shows its code alone");
        let details = ask(&[("binding_message", "Poste 3 – n° 42")]).details(&client, backchannel);
        assert_eq!(details.err().map(|error| error.code.name()), Some("invalid_binding_message"));
        let details = ask(&[("binding_message", "Poste 3 : 1234")])
            .details(&client, backchannel)
            .expect("good");
        assert_eq!(details.scopes.len(), 1, "scope_all was not granted");
        assert_eq!(DecoupledDetails::from_text(&details.to_text()).ok(), Some(details));
        let long = "1".repeat(61);
        for (more, expected) in [
            (vec![("scope", "profile")], "invalid_scope"),
            (vec![("scope", "")], "invalid_scope"),
            (vec![("binding_message", long.as_str())], "invalid_binding_message"),
            (vec![("binding_message", "<b>")], "invalid_binding_message"),
            (vec![], "invalid_binding_message"),
        ] {
            let told =
                ask(&more).details(&client, backchannel).err().map(|error| error.code.name());
            assert_eq!(told, Some(expected), "{more:?}");
        }
        for (more, expected) in [
            (vec![("login_hint", "asmartin")], Ok(Hint::Login("asmartin"))),
            (vec![], Err("invalid_request")),
            (vec![("id_token_hint", "x")], Ok(Hint::IdToken("x"))),
            (vec![("login_hint_token", "x")], Ok(Hint::Token("x"))),
            (vec![("login_hint", "a"), ("id_token_hint", "x")], Err("invalid_request")),
        ] {
            let ask = ask(&more);
            assert_eq!(ask.hint().map_err(|error| error.code.name()), expected, "{more:?}");
        }
        for (text, expected) in [("30", Some(30)), ("9999", Some(120)), ("0", None), ("x", None)] {
            let life = ask(&[("requested_expiry", text)]).life().ok();
            assert_eq!(life.map(|life| life.num_seconds()), expected, "{text}");
        }
    }

    /// Conformance: `fapi-ciba-id1-ensure-request-object-…-fails`, `…-unsigned-backchannel-authorization-request-fails`.
    #[test]
    fn op_12_a_signed_ask_is_this_clients_for_this_issuer_now_whole_and_alone() {
        let store = keystore();
        let key = key(&store, SigningAlgorithm::Es256);
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretPost);
        client.settings.security.keys = Some(ClientKeys::read(&jwks(&[&key])).expect("keys"));
        let (now, at) = (client.created_at, client.created_at.timestamp());
        let good = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "iat": at, "nbf": at,
            "exp": at + 60, "jti": "j", "scope": "openid", "login_hint": "asmartin",
            "binding_message": "1234", "requested_expiry": 30, "unknown": [1],
            "sub_id": { "format": "iss_sub", "iss": "https://hygie.hopital.test", "sub": "p" },
        });
        let signed = |kind: &str, claims: &Value| {
            let header = json!({ "alg": "ES256", "kid": key.kid, "typ": kind });
            signed(&store, &key, &header, claims)
        };
        let (pairs, once) = read_signed_ask(&signed("JWT", &good), &client, now).expect("good");
        assert_eq!((pairs.len(), once.id.as_str()), (4, "j"));
        assert!(pairs.contains(&("requested_expiry".to_owned(), "30".to_owned())));
        assert_eq!(read_hint_token(&signed("JWT", &good), &client, now).as_deref(), Ok("p"));
        for (name, value, fault) in [
            ("iss", json!("other"), RequestObjectFault::Client),
            ("aud", json!("https://other.test"), RequestObjectFault::Audience),
            ("exp", json!(at - 300), RequestObjectFault::Life),
            ("exp", json!(at + 4200), RequestObjectFault::Life),
            ("nbf", json!(at + 600), RequestObjectFault::Early),
            ("nbf", json!(at - 4200), RequestObjectFault::Life),
            ("request", json!("a.b.c"), RequestObjectFault::Nested),
            ("login_hint", json!(["a"]), RequestObjectFault::Member),
            ("binding_message", json!(12), RequestObjectFault::Member),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            let read = read_signed_ask(&signed("JWT", &claims), &client, now);
            assert_eq!(read.err(), Some(fault), "{claims}");
        }
        for missing in ["iss", "aud", "exp", "iat", "nbf", "jti"] {
            let mut claims = good.clone();
            claims.as_object_mut().expect("claims").remove(missing);
            assert!(read_signed_ask(&signed("JWT", &claims), &client, now).is_err(), "{missing}");
            assert!(read_hint_token(&signed("JWT", &claims), &client, now).is_err(), "{missing}");
        }
        for kind in ["dpop+jwt", "logout+jwt", "client-authentication+jwt"] {
            let read = read_signed_ask(&signed(kind, &good), &client, now);
            assert_eq!(read.err(), Some(RequestObjectFault::Kind));
        }
        for named in [
            json!({ "format": "email", "email": "a@b" }),
            json!({ "format": "iss_sub", "iss": "https://other.test", "sub": "p" }),
            json!({ "format": "iss_sub", "iss": "https://hygie.hopital.test" }),
            json!("p"),
        ] {
            let mut claims = good.clone();
            claims["sub_id"] = named;
            let read = read_hint_token(&signed("JWT", &claims), &client, now);
            assert_eq!(read, Err(RequestObjectFault::Member));
        }
        let form = |pairs: &[(&str, &str)]| {
            let own = [("client_id", "dpi"), ("client_secret", "s")];
            let pairs = own.iter().chain(pairs);
            let pairs: Vec<(String, String)> =
                pairs.map(|(name, value)| ((*name).into(), (*value).into())).collect();
            parse_decoupled(&pairs, &[], None).expect("readable")
        };
        let must = Client { profile: Profile::Strict, ..client.clone() };
        for (pairs, client, expected) in [
            (&[("request", "a.b.c")][..], &must, Ok(Some("a.b.c"))),
            (&[("scope", "openid"), ("login_hint", "x")], &must, Err("invalid_request")),
            (&[("scope", "openid"), ("login_hint", "x")], &client, Ok(None)),
            (&[("request", "a.b.c"), ("login_hint", "x")], &client, Err("invalid_request")),
        ] {
            let ask = form(pairs);
            let told = ask.signed(client).map_err(|error| error.code.name());
            assert_eq!(told, expected, "{pairs:?}");
        }
    }
}

//! Logout asked by a client (OpenID Connect RP-Initiated Logout 1.0). Nobody is logged out by a link that
//! somebody else wrote: without a hint of ours for this very session, the person is asked (threats OP-22).
use crate::jws::JWS_TYPE_ID;
use crate::parameters::Parameters;
use crate::{Client, Issuer, OAuthError, SigningKey, verify_jws};
use kernel::OpeningId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

const KNOWN: [(&str, usize); 6] = [
    ("id_token_hint", 16_384),
    ("post_logout_redirect_uri", 2048),
    ("state", 2048),
    ("client_id", 128),
    ("logout_hint", 512),
    ("ui_locales", 256),
];

/// A logout request, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    pub id_token_hint: Option<String>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
    pub client_id: Option<String>,
}

pub fn parse_logout(pairs: &[(String, String)]) -> Result<LogoutRequest, OAuthError> {
    let parameters = Parameters::read(pairs, &KNOWN)?;
    let find = |name| parameters.find(name).map(str::to_owned);
    Ok(LogoutRequest {
        id_token_hint: find("id_token_hint"),
        post_logout_redirect_uri: find("post_logout_redirect_uri"),
        state: find("state"),
        client_id: find("client_id"),
    })
}

/// What a hint of ours says. An ID token that has expired still is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintClaims {
    pub client_id: String,
    pub subject: String,
    pub sid: OpeningId,
}

/// Reads an ID token that this issuer signed, by keys that it still publishes or has retired.
pub fn read_hint(token: &str, issuer: &Issuer, keys: &[SigningKey]) -> Option<HintClaims> {
    let claims = verify_jws(token, JWS_TYPE_ID, keys).ok()?;
    let text = |name: &str| text_claim(&claims, name);
    if text("iss")? != issuer.as_str() {
        return None;
    }
    Some(HintClaims {
        client_id: text("aud")?.to_owned(),
        subject: text("sub")?.to_owned(),
        sid: text("sid")?.parse().ok()?,
    })
}

/// A claim of another type is no claim (threats OP-16).
fn text_claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The session of the browser that asks, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub sid: OpeningId,
    pub subject_for_client: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutDecision {
    /// End the session now, if there is one, then go there, or show our page.
    End { redirect: Option<String> },
    /// Show a page that asks; the session stays until the person says so.
    Ask,
    /// The request itself is wrong: a page says so, nothing ends.
    Refuse(OAuthError),
}

/// `hint`: `None` when none was sent or it is not ours. `client`: whom the hint, or `client_id`, names.
pub fn decide_logout(
    request: &LogoutRequest,
    hint: Option<&HintClaims>,
    client: Option<&Client>,
    session: Option<&OpenSession>,
) -> LogoutDecision {
    let refuse = |why| LogoutDecision::Refuse(OAuthError::invalid_request(why));
    if request.id_token_hint.is_some() && hint.is_none() {
        return refuse("id_token_hint is not a token of ours");
    }
    let named_twice = hint.zip(request.client_id.as_ref());
    if named_twice.is_some_and(|(hint, client_id)| hint.client_id != *client_id) {
        return refuse("client_id is not the client of the id_token_hint");
    }
    // Without a hint anybody may have written this link: no client is believed to have sent it.
    let asking = hint.and(client);
    let redirect = match (&request.post_logout_redirect_uri, asking) {
        (None, _) => None,
        (Some(_), None) if hint.is_some() => {
            return refuse("the client of the id_token_hint is unknown");
        }
        (Some(asked), None) => {
            // Shown as wrong when it is so for the client named; else the page asks and goes nowhere.
            if client.is_some_and(|client| client.post_logout_uri(asked).is_none()) {
                return refuse("post_logout_redirect_uri is not registered for this client");
            }
            None
        }
        (Some(asked), Some(client)) => match client.post_logout_uri(asked) {
            Some(registered) => Some(with_state(registered.as_str(), request.state.as_deref())),
            None => {
                return refuse("post_logout_redirect_uri is not registered for this client");
            }
        },
    };
    match (hint, session) {
        (Some(_), None) => LogoutDecision::End { redirect },
        (Some(hint), Some(session)) if hint.sid == session.sid => LogoutDecision::End { redirect },
        (Some(_), Some(_)) | (None, Some(_)) => LogoutDecision::Ask,
        (None, None) => LogoutDecision::End { redirect: None },
    }
}

pub(crate) fn with_state(address: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return address.to_owned() };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}state={}", utf8_percent_encode(state, NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{client, issuer};
    use crate::keys::tests::{key, keystore};
    use crate::{AuthMethod, Profile, sign_jws};
    use kernel::{FixedClock, SeededRandomness, SigningAlgorithm};
    use serde_json::json;

    fn sids() -> (OpeningId, OpeningId) {
        let (clock, chance) = (FixedClock::at("2026-11-22T08:00:00Z"), SeededRandomness::new(5));
        (OpeningId::new(&clock, &chance), OpeningId::new(&clock, &chance))
    }

    fn request(hint: bool, uri: Option<&str>, state: Option<&str>) -> LogoutRequest {
        LogoutRequest {
            id_token_hint: hint.then(|| "hint".to_owned()),
            post_logout_redirect_uri: uri.map(str::to_owned),
            state: state.map(str::to_owned),
            client_id: None,
        }
    }

    #[test]
    fn op_22_only_a_hint_for_this_session_ends_it_unasked() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let (here, elsewhere) = sids();
        let hint = |sid| HintClaims { client_id: "dpi".to_owned(), subject: "p".to_owned(), sid };
        let session = OpenSession { sid: here, subject_for_client: None };
        let bye = Some("https://dpi.test/bye");
        for (request, hint, session, expected) in [
            (
                request(true, bye, Some("s")),
                Some(hint(here)),
                Some(&session),
                "https://dpi.test/bye?state=s",
            ),
            (request(true, bye, None), Some(hint(here)), Some(&session), "https://dpi.test/bye"),
            (request(true, None, Some("s")), Some(hint(here)), Some(&session), "page"),
            (request(true, bye, Some("s")), Some(hint(here)), None, "https://dpi.test/bye?state=s"),
            (request(true, bye, Some("s")), Some(hint(elsewhere)), Some(&session), "ask"),
            (request(true, bye, Some("s")), None, Some(&session), "refuse"),
            (
                request(true, Some("https://dpi.test/bye?foo=bar"), None),
                Some(hint(here)),
                Some(&session),
                "refuse",
            ),
            (
                request(true, Some("https://evil.test/"), None),
                Some(hint(here)),
                Some(&session),
                "refuse",
            ),
            (
                request(true, Some("javascript:alert(1)"), None),
                Some(hint(here)),
                Some(&session),
                "refuse",
            ),
            (request(false, bye, Some("s")), None, Some(&session), "ask"),
            (request(false, bye, Some("s")), None, None, "page"),
            (request(false, Some("https://evil.test/"), None), None, Some(&session), "refuse"),
            (request(false, None, None), None, Some(&session), "ask"),
            (request(false, None, Some("s")), None, Some(&session), "ask"),
            (request(false, None, None), None, None, "page"),
        ] {
            let decided = decide_logout(&request, hint.as_ref(), Some(&client), session);
            let decided = match decided {
                LogoutDecision::End { redirect: Some(to) } => to,
                LogoutDecision::End { redirect: None } => "page".to_owned(),
                LogoutDecision::Ask => "ask".to_owned(),
                LogoutDecision::Refuse(_) => "refuse".to_owned(),
            };
            assert_eq!(decided, expected, "{request:?} {hint:?}");
        }
    }

    #[test]
    fn a_state_of_all_printable_characters_comes_back_byte_for_byte() {
        let state: String = ('!'..='~').collect();
        let address = with_state("https://dpi.test/bye?x=1", Some(&state));
        let url = url::Url::parse(&address).expect("URL");
        let read: Vec<_> = url.query_pairs().collect();
        assert_eq!(read[1], ("state".into(), state.into()));
    }

    #[test]
    fn op_16_a_hint_is_ours_whole_and_well_typed() {
        let store = keystore();
        let key = key(&store, SigningAlgorithm::Es256);
        let (sid, _) = sids();
        let good = json!({
            "iss": issuer().as_str(), "sub": "p", "aud": "dpi", "sid": sid.to_string(), "exp": 0,
        });
        let read = |claims: &Value| {
            let claims = claims.as_object().expect("object");
            let token = sign_jws(&store, &key, JWS_TYPE_ID, claims).expect("signed");
            read_hint(&token, &issuer(), std::slice::from_ref(&key))
        };
        assert_eq!(read(&good).map(|hint| hint.sid), Some(sid));
        for (name, wrong) in [
            ("iss", json!("https://hygie.hopital.test/ej-b")),
            ("iss", json!(["https://hygie.hopital.test"])),
            ("sub", json!("")),
            ("sub", json!(1)),
            ("aud", json!(["dpi", "other"])),
            ("aud", Value::Null),
            ("sid", json!("not-an-id")),
            ("sid", json!(12)),
        ] {
            let mut bad = good.clone();
            bad[name] = wrong;
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}

//! The provider that a check plays: discovery, keys, and the four endpoints that a client calls. Everything that a client
//! does wrong is noted and let through where that shows more of it.
use super::checks::{Check, CheckError, drawn, note};
use crate::Workflows;
use kernel::Secret;
use oidc::check::{
    LogoutVisitSeen, Play, TokenCall, UserinfoCall, Visit, check_answer_address, check_id_claims,
    check_logout_address, is_verifier_of,
};
use oidc::{JWS_TYPE_ID, jwks_document};
use serde_json::{Map, Value, json};

/// What a request of a client has at most; what is sent is kept for the report.
const LONGEST_REQUEST: usize = 8 * 1024;

/// A request as it came: its parameters, and what its headers say.
#[derive(Debug, Default)]
pub struct CheckCall<'a> {
    pub parameters: &'a [(String, String)],
    /// In the address, where no secret belongs.
    pub query: &'a [(String, String)],
    pub authorization: Option<&'a str>,
    /// A page of a browser made the call, by script.
    pub from_browser: bool,
}

impl CheckCall<'_> {
    fn find(&self, name: &str) -> Option<&str> {
        find(self.parameters, name)
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
}

/// What a browser gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckAnswer {
    Redirect(String),
    /// It cannot go back: a page says why.
    Page(&'static str),
}

impl Workflows {
    pub async fn check_discovery(&self, id: &str) -> Result<Value, CheckError> {
        let check = self.read_check(id).await?;
        let at = |path: &str| format!("{}/{path}", check.client.issuer);
        Ok(json!({
                "issuer": check.client.issuer,
                "authorization_endpoint": at("authorize"),
                "token_endpoint": at("token"),
                "userinfo_endpoint": at("userinfo"),
                "jwks_uri": at("jwks"),
                "end_session_endpoint": at("logout"),
                "backchannel_logout_supported": true,
                "backchannel_logout_session_supported": true,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "profile", "email", "scope_all"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name", "given_name", "family_name", "preferred_username"],
                "authorization_response_iss_parameter_supported": true,
                "request_parameter_supported": false,
                "request_uri_parameter_supported": false,
                "acr_values_supported": ["eidas1", "eidas2", "eidas3"],
        }))
    }

    /// The next key stands beside the usual one, as in a change of keys that is announced.
    pub async fn check_jwks(&self, id: &str) -> Result<String, CheckError> {
        self.read_check(id).await?;
        let sandbox = self.sandbox().ok_or(CheckError::Unknown)?;
        let keys = self.check_keys(sandbox).await?;
        Ok(jwks_document(&[keys.usual.clone(), keys.new.clone()], self.now()))
    }

    /// The browser arrives; it goes back at once with what was armed.
    pub async fn check_authorize(
        &self,
        id: &str,
        call: &CheckCall<'_>,
    ) -> Result<CheckAnswer, CheckError> {
        let (code, sid) = (drawn(self.randomness()), drawn(self.randomness()));
        self.with_check(id, |check| {
            check.room()?;
            if call.parameters.iter().map(|(_, value)| value.len()).sum::<usize>() > LONGEST_REQUEST
            {
                return Ok(CheckAnswer::Page("Cette demande est trop longue."));
            }
            if call.find("client_id") != Some(check.client.client_id.as_str()) {
                return Ok(CheckAnswer::Page("client_id n’est pas celui que ce contrôle a donné."));
            }
            let play = std::mem::replace(&mut check.next, Play::Normal);
            let owned = |name| call.find(name).map(str::to_owned);
            let secret_in_address =
                ["client_secret", "client_assertion", "password", "access_token", "id_token"]
                    .iter()
                    .any(|name| call.find(name).is_some());
            check.visits.push(Visit {
                play,
                response_type: owned("response_type"),
                redirect_uri: owned("redirect_uri"),
                scopes: owned("scope"),
                state: owned("state"),
                nonce: owned("nonce"),
                challenge: owned("code_challenge"),
                challenge_method: owned("code_challenge_method"),
                secret_in_address,
                sid,
                token_calls: Vec::new(),
                userinfo_calls: Vec::new(),
                replayed: false,
                told: None,
            });
            check.codes.insert(code.clone(), check.visits.len() - 1);
            // To the registered address, whatever was asked: OP-01 holds here too.
            let address = check_answer_address(&check.client, play, call.find("state"), &code);
            if play == Play::SameAnswerTwice {
                check.same_answer =
                    address.clone().map(|address| (check.visits.len() - 1, address));
            }
            Ok(address.map_or(
                CheckAnswer::Page("L’adresse de retour enregistrée ne se lit pas."),
                CheckAnswer::Redirect,
            ))
        })
        .await
    }

    /// The answer of a play of [`Play::SameAnswerTwice`], once more.
    pub async fn check_replay(&self, id: &str) -> Result<String, CheckError> {
        self.with_check(id, |check| {
            let (rank, address) = check.same_answer.clone().ok_or(CheckError::NotPlayed)?;
            check.visits.get_mut(rank).ok_or(CheckError::NotPlayed)?.replayed = true;
            Ok(address)
        })
        .await
    }

    /// The error word of RFC 6749 §5.2 is the other half of the answer.
    pub async fn check_token(
        &self,
        id: &str,
        call: &CheckCall<'_>,
    ) -> Result<Result<Value, &'static str>, CheckError> {
        let sandbox = self.sandbox().ok_or(CheckError::Unknown)?;
        let keys = self.check_keys(sandbox).await?;
        let access_token = drawn(self.randomness());
        let taken = self.with_check(id, |check| Ok(take_code(check, call, &access_token))).await?;
        let (play, client, nonce, sid, secret) = match taken {
            Ok(taken) => taken,
            Err(error) => return Ok(Err(error)),
        };
        let claims = check_id_claims(play, &client, nonce.as_deref(), &sid, self.now());
        let id_token = keys.sign(self, play.signer(), JWS_TYPE_ID, &claims, secret.expose())?;
        Ok(Ok(json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 300,
            "scope": "openid profile", "id_token": id_token,
        })))
    }

    pub async fn check_userinfo(
        &self,
        id: &str,
        call: &CheckCall<'_>,
    ) -> Result<Option<Map<String, Value>>, CheckError> {
        self.with_check(id, |check| {
            let in_header = call
                .authorization
                .and_then(|header| header.split_once(' '))
                .map(|(_, token)| token.trim());
            let in_address = find(call.query, "access_token");
            let Some(token) = in_header.or(in_address).or(call.find("access_token")) else {
                return Ok(None);
            };
            let Some(rank) = check.tokens.get(token) else { return Ok(None) };
            let Some(visit) = check.visits.get_mut(*rank) else { return Ok(None) };
            let seen =
                UserinfoCall { in_address: in_address.is_some(), from_browser: call.from_browser };
            note(&mut visit.userinfo_calls, seen);
            Ok(Some(visit.play.userinfo()))
        })
        .await
    }

    pub async fn check_logout(
        &self,
        id: &str,
        call: &CheckCall<'_>,
    ) -> Result<CheckAnswer, CheckError> {
        self.with_check(id, |check| {
            let registered = check.client.post_logout_redirect_uri.clone();
            let asked = call.find("post_logout_redirect_uri");
            check.leavings.truncate(99);
            check.leavings.push(LogoutVisitSeen {
                with_hint: call.find("id_token_hint").is_some_and(|hint| !hint.is_empty()),
                return_right: asked.map(|asked| Some(asked) == registered.as_deref()),
                with_state: call.find("state").is_some(),
            });
            Ok(match asked.and(registered) {
                Some(uri) => CheckAnswer::Redirect(check_logout_address(&uri, call.find("state"))),
                None => CheckAnswer::Page("Session fermée."),
            })
        })
        .await
    }
}

type Taken = (Play, oidc::check::CheckedClient, Option<String>, String, Secret<String>);

/// Notes the call, and takes the code if the client has shown that it may.
fn take_code(
    check: &mut Check,
    call: &CheckCall<'_>,
    access_token: &str,
) -> Result<Taken, &'static str> {
    let code = call.find("code").ok_or("invalid_request")?;
    let rank = *check.codes.get(code).ok_or("invalid_grant")?;
    let secret_right = proves(check, call);
    let redirect_right = call.find("redirect_uri") == Some(check.client.redirect_uri.as_str());
    let (client, secret) = (check.client.clone(), Secret::new(check.secret.clone()));
    let visit = check.visits.get_mut(rank).ok_or("invalid_grant")?;
    let verifier_right = visit.challenge.as_deref().map(|challenge| {
        call.find("code_verifier").is_some_and(|verifier| is_verifier_of(challenge, verifier))
    });
    let again = !visit.token_calls.is_empty();
    let from_browser = call.from_browser;
    note(
        &mut visit.token_calls,
        TokenCall { secret_right, redirect_right, verifier_right, from_browser },
    );
    if !secret_right {
        return Err("invalid_client");
    }
    if again || !redirect_right || verifier_right == Some(false) {
        return Err("invalid_grant");
    }
    let taken = (visit.play, client, visit.nonce.clone(), visit.sid.clone(), secret);
    check.tokens.insert(access_token.to_owned(), rank);
    Ok(taken)
}

/// By the header or by the body, the secret that the check gave.
fn proves(check: &Check, call: &CheckCall<'_>) -> bool {
    let right =
        |id: &str, secret: &str| id == check.client.client_id && check.is_secret(secret.as_bytes());
    match call.authorization {
        Some(header) => {
            oidc::parse_basic_auth(header).is_ok_and(|(id, secret)| right(&id, secret.expose()))
        }
        None => match (call.find("client_id"), call.find("client_secret")) {
            (Some(id), Some(secret)) => right(id, secret),
            _ => false,
        },
    }
}

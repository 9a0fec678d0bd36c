//! A client asks what a token is worth (RFC 7662), or gives one back (RFC 7009).
use crate::client_request::{ClientCredentials, read_client_request};
use crate::parameters::Parameters;
use crate::{
    AccessToken, AccessTokenText, Channel, Client, Confirmation, OAuthError, RefreshToken,
};
use kernel::{Handle, HandleKind};
use serde_json::{Map, Value, json};

/// `token_type_hint` is read and ignored: the handle says its own kind.
const KNOWN: [(&str, usize); 2] = [("token", 16_384), ("token_type_hint", 64)];

/// `typ` of a signed introspection answer (RFC 9701).
pub const JWS_TYPE_INTROSPECTION: &str = "token-introspection+jwt";

/// A request about one token, read.
#[derive(Debug)]
pub struct LookupRequest {
    pub credentials: ClientCredentials,
    pub channel: Channel,
    parameters: Parameters,
}

/// The token that it is about.
#[derive(Debug)]
pub enum TokenHandle {
    Access(AccessTokenText),
    Refresh(Handle),
    /// None of ours.
    Other,
}

impl LookupRequest {
    /// The same request, with what its call brought besides.
    #[must_use]
    pub fn over(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }

    pub fn token(&self) -> Result<TokenHandle, OAuthError> {
        let text = self.parameters.find("token");
        let text = text.ok_or(OAuthError::invalid_request("token is missing"))?;
        let access = AccessTokenText::parse(text).map(TokenHandle::Access);
        let refresh =
            || Handle::parse(HandleKind::RefreshToken, text).ok().map(TokenHandle::Refresh);
        Ok(access.or_else(refresh).unwrap_or(TokenHandle::Other))
    }
}

pub fn parse_lookup_request(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
) -> Result<LookupRequest, OAuthError> {
    let (credentials, parameters) = read_client_request(form, query, authorization, &KNOWN)?;
    Ok(LookupRequest { credentials, channel: Channel::default(), parameters })
}

/// All that is said of a token that is worth nothing, whatever the reason.
pub fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), false.into())])
}

/// What an access token is worth; `subject` is the person as its client knows her.
pub fn active_access(token: &AccessToken, client: &Client, subject: &str) -> Map<String, Value> {
    let mut told = common(&token.details, client, subject);
    let kind = Confirmation::token_type(token.details.confirmation.as_ref());
    told.insert("token_type".to_owned(), kind.into());
    told.insert("iat".to_owned(), token.issued_at.timestamp().into());
    told.insert("exp".to_owned(), token.expires_at.timestamp().into());
    told
}

pub fn active_refresh(token: &RefreshToken, client: &Client, subject: &str) -> Map<String, Value> {
    let mut told = common(&token.details, client, subject);
    told.insert("token_type".to_owned(), "refresh_token".into());
    told.insert("iat".to_owned(), token.issued_at.timestamp().into());
    told.insert("exp".to_owned(), token.expires_at.timestamp().into());
    told
}

fn common(details: &crate::TokenDetails, client: &Client, subject: &str) -> Map<String, Value> {
    let scopes: Vec<&str> = details.scopes.iter().map(String::as_str).collect();
    let told = json!({
        "active": true,
        "iss": client.issuer.as_str(),
        "client_id": client.client_id,
        "aud": client.client_id,
        "sub": subject,
        "scope": scopes.join(" "),
        "acr": details.acr.name(),
        "auth_time": details.auth_time.timestamp(),
        "sid": details.sid.to_string(),
    });
    let mut told = match told {
        Value::Object(told) => told,
        _ => Map::new(),
    };
    if let Some(confirmation) = &details.confirmation {
        told.insert("cnf".to_owned(), json!(confirmation));
    }
    told
}

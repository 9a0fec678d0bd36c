//! Access tokens are opaque handles: what they are worth is in the store, so that a closing ends them at once.
use crate::{Acr, Channel, ClaimsRequest, Client, Confirmation, Issuer, OAuthError};
use chrono::{DateTime, Utc};
use kernel::{ClientId, Handle, HandleKind, OpeningId, PersonId, Secret, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a token was given for; kept as one text by the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenDetails {
    pub scopes: BTreeSet<String>,
    #[serde(default)]
    pub claims: ClaimsRequest,
    pub sid: OpeningId,
    /// The login as it was told when the token was given.
    pub auth_time: DateTime<Utc>,
    pub acr: Acr,
    pub amr: Vec<String>,
    /// What whoever shows it must prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

impl TokenDetails {
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("details have text keys and no floats")
    }
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// An access token as the store keeps it, beside the hash of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub issuer: Issuer,
    pub client: ClientId,
    pub person: PersonId,
    pub session: SessionId,
    /// The hash of the code it came from: a code shown twice revokes the family.
    pub family: [u8; 32],
    pub details: TokenDetails,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Why an access token opens nothing. The client is told `invalid_token` for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("expired")]
    Expired,
    #[error("revoked")]
    Revoked,
    #[error("of another issuer")]
    OtherIssuer,
    #[error("its client is closed")]
    ClientClosed,
}

impl AccessToken {
    /// The token's own part of the judgement; the person's is the choke point's.
    pub fn judge(
        &self,
        issuer: &Issuer,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<(), TokenFault> {
        if self.issuer != *issuer || client.issuer != *issuer || self.client != client.id {
            return Err(TokenFault::OtherIssuer);
        }
        if self.revoked_at.is_some() {
            return Err(TokenFault::Revoked);
        }
        if now >= self.expires_at || now < self.issued_at {
            return Err(TokenFault::Expired);
        }
        if client.is_open(now) { Ok(()) } else { Err(TokenFault::ClientClosed) }
    }
}

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug)]
pub struct TokenResponse {
    pub access_token: Secret<String>,
    pub confirmation: Option<Confirmation>,
    pub expires_in: u32,
    pub id_token: String,
    pub refresh_token: Option<Handle>,
    pub scopes: BTreeSet<String>,
}

impl TokenResponse {
    pub fn to_json(&self) -> Value {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let mut answer = json!({
            "access_token": self.access_token.expose().as_str(),
            "token_type": Confirmation::token_type(self.confirmation.as_ref()),
            "expires_in": self.expires_in,
            "id_token": self.id_token,
            "scope": scopes.join(" "),
        });
        if let Some(refresh_token) = &self.refresh_token {
            answer["refresh_token"] = refresh_token.expose().into();
        }
        answer
    }
}

/// How an access token was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScheme {
    Bearer,
    Dpop,
}

/// The text of an access token, before anything of it is believed.
#[derive(Debug)]
pub enum AccessTokenText {
    Opaque(Handle),
    /// Something in three parts.
    Signed(Secret<String>),
}

impl AccessTokenText {
    /// `None`: no access token of ours looks so.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(handle) = Handle::parse(HandleKind::AccessToken, text) {
            return Some(Self::Opaque(handle));
        }
        let parts = text.split('.').count() == 3 && text.len() <= 16_384;
        parts.then(|| Self::Signed(Secret::new(text.to_owned())))
    }
    pub fn expose(&self) -> &str {
        match self {
            Self::Opaque(handle) => handle.expose(),
            Self::Signed(text) => text.expose(),
        }
    }
}

/// An access token as a call shows it, with what the call brought besides.
#[derive(Debug)]
pub struct ShownToken {
    pub token: AccessTokenText,
    pub scheme: TokenScheme,
    pub channel: Channel,
}

/// The access token of a userinfo request (RFC 6750 §2, RFC 9449 §7.1): the header, or a form, never both, never the
/// query. `None`: nothing was shown.
pub fn read_access_token(
    authorization: Option<&str>,
    form: &[(String, String)],
    channel: Channel,
) -> Result<Option<ShownToken>, OAuthError> {
    let invalid = OAuthError::invalid_request;
    let in_form = form.iter().filter(|(name, _)| name == "access_token");
    let mut shown: Vec<(&str, TokenScheme)> =
        in_form.map(|(_, value)| (&**value, TokenScheme::Bearer)).collect();
    if let Some(header) = authorization {
        let other = invalid("the Authorization header is neither Bearer nor DPoP");
        let (scheme, token) = header.split_once(' ').ok_or(other)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => TokenScheme::Bearer,
            "dpop" => TokenScheme::Dpop,
            _ => return Err(other),
        };
        shown.push((token.trim_start_matches(' '), scheme));
    }
    match shown.as_slice() {
        [] => Ok(None),
        [(token, scheme)] => {
            let token = AccessTokenText::parse(token).ok_or(OAuthError::invalid_token())?;
            Ok(Some(ShownToken { token, scheme: *scheme, channel }))
        }
        _ => Err(invalid("more than one access token was sent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRandomness;

    #[test]
    fn op_04_only_an_access_token_is_read_as_one() {
        let chance = SeededRandomness::new(1);
        for kind in HandleKind::ALL {
            let handle = Handle::new(kind, &chance);
            let header = format!("Bearer {}", handle.expose());
            let read = read_access_token(Some(&header), &[], Channel::default());
            assert_eq!(read.is_ok(), kind == HandleKind::AccessToken, "{kind:?}");
        }
    }

    #[test]
    fn a_bearer_token_is_shown_once_in_one_way() {
        let chance = SeededRandomness::new(1);
        let token = Handle::new(HandleKind::AccessToken, &chance).expose().to_owned();
        let form = |times: usize| vec![("access_token".to_owned(), token.clone()); times];
        let bearer = format!("Bearer {token}");
        let lower = format!("bEARER {token}");
        let dpop = format!("dPOP {token}");
        let basic = "Basic YTpi".to_owned();
        for (header, form, expected) in [
            (None, vec![], "nothing"),
            (Some(&bearer), vec![], "token"),
            (Some(&lower), vec![], "token"),
            (Some(&dpop), vec![], "token"),
            (Some(&dpop), form(1), "invalid_request"),
            (None, form(1), "token"),
            (None, form(2), "invalid_request"),
            (Some(&bearer), form(1), "invalid_request"),
            (Some(&basic), vec![], "invalid_request"),
            (Some(&token), vec![], "invalid_request"),
            (None, vec![("access_token".to_owned(), "x".to_owned())], "invalid_token"),
            (None, vec![("token".to_owned(), token.clone())], "nothing"),
        ] {
            let read =
                match read_access_token(header.map(String::as_str), &form, Channel::default()) {
                    Ok(Some(_)) => "token",
                    Ok(None) => "nothing",
                    Err(error) => error.code.name(),
                };
            assert_eq!(read, expected, "{header:?}");
        }
    }
}

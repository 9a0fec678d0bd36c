//! What a token is worth, asked by its client, and its return (RFC 7662, RFC 9701, RFC 7009).
use super::OidcError;
use crate::Workflows;
use crate::issue::Ask;
use audit::{AuditEvent, Code};
use kernel::{ActorId, PersonId, TokenName};
use oidc::{
    AccessTokenText, AuthMethod, Client, ErrorCode, JWS_TYPE_ACCESS, JWS_TYPE_INTROSPECTION,
    LookupRequest, OAuthError, ProviderEndpoints, TokenHandle, access_token_name_of, active_access,
    active_refresh, inactive, judge_refresh, sign_jws, signing_key_for, subject_identifier,
    verify_jws,
};
use serde_json::{Map, Value, json};
use sessions::{Grant, Session};
use std::sync::Arc;
use store::Around;

impl Workflows {
    /// A client hears of its own tokens alone (threats OP-28); of others, and of all that are worth nothing now, the
    /// same words.
    pub async fn introspect(
        &self,
        request: &LookupRequest,
    ) -> Result<(Arc<Client>, Map<String, Value>), OidcError> {
        let client = self.lookup_client(request, ProviderEndpoints::INTROSPECT).await?;
        if client.settings.auth == AuthMethod::None {
            let error = OAuthError::invalid_client();
            return self.refuse_client(error, Some(&client), "public_client").await;
        }
        let told = match request.token() {
            Err(error) => return self.refuse_client(error, Some(&client), "no_token").await,
            Ok(TokenHandle::Other) => None,
            Ok(TokenHandle::Access(handle)) => {
                let found = match self.name_of(&handle).await? {
                    Some(name) => self.store().read().tokens().around_access(&name).await?,
                    None => None,
                };
                let (issuer, now) = (self.issuer()?, self.now());
                match found.filter(|found| found.token.judge(&issuer, &client, now).is_ok()) {
                    Some(Around { token, session, .. })
                        if self.still_in_order(&client, token.person, session.as_ref()).await? =>
                    {
                        let subject = subject_identifier(&client, token.person, self.keys());
                        Some(active_access(&token, &client, &subject))
                    }
                    _ => None,
                }
            }
            Ok(TokenHandle::Refresh(handle)) => {
                let found =
                    self.store().read().tokens().around_refresh(&handle.token_name()).await?;
                let good = |Around { token, .. }: &Around<oidc::RefreshToken>| {
                    token.used_at.is_none()
                        && judge_refresh(token, &client, None, self.now()).is_ok()
                };
                match found.filter(good) {
                    Some(Around { token, session, .. })
                        if self.still_in_order(&client, token.person, session.as_ref()).await? =>
                    {
                        let subject = subject_identifier(&client, token.person, self.keys());
                        Some(active_refresh(&token, &client, &subject))
                    }
                    _ => None,
                }
            }
        };
        Ok((client, told.unwrap_or_else(inactive)))
    }

    /// The same answer, signed for this client.
    pub async fn sign_introspection(
        &self,
        client: &Client,
        told: Map<String, Value>,
    ) -> Result<String, OidcError> {
        let claims = json!({
            "iss": client.issuer.as_str(),
            "aud": client.client_id,
            "iat": self.now().timestamp(),
            "token_introspection": told,
        });
        self.sign_for(client, JWS_TYPE_INTROSPECTION, claims).await
    }

    /// By the key that signs this client's ID tokens.
    pub(super) async fn sign_for(
        &self,
        client: &Client,
        kind: &str,
        claims: Value,
    ) -> Result<String, OidcError> {
        let algorithm = client.settings.id_token_algorithm;
        let keys = self.signing_keys().await?;
        let key = signing_key_for(&keys, algorithm, self.now())
            .ok_or(OidcError::NoSigningKey(algorithm.name()))?;
        let Value::Object(claims) = claims else { return Err(OidcError::Issuer) };
        Ok(sign_jws(self.keys(), key, kind, &claims)?)
    }

    /// A token given back is worth nothing from this commit on; a refresh token takes its family along.
    pub async fn revoke_token(&self, request: &LookupRequest) -> Result<(), OidcError> {
        let client = self.lookup_client(request, ProviderEndpoints::REVOKE).await?;
        let (kind, name) = match request.token() {
            Err(error) => return self.refuse_client(error, Some(&client), "no_token").await,
            // Nothing to revoke is a success (RFC 7009 §2.2).
            Ok(TokenHandle::Other) => return Ok(()),
            Ok(TokenHandle::Access(token)) => match self.name_of(&token).await? {
                Some(name) => ("access", name),
                None => return Ok(()),
            },
            Ok(TokenHandle::Refresh(handle)) => ("refresh", handle.token_name()),
        };
        let now = self.now();
        let tx = self.store().begin().await?;
        let found = if kind == "access" {
            let token = tx.tokens().find_access(&name).await?;
            token.map(|token| (token.client, token.person, token.session, token.family))
        } else {
            let token = tx.tokens().find_refresh(&name).await?;
            token.map(|token| (token.client, token.person, token.session, token.family))
        };
        let Some((owner, person, session, family)) = found else { return Ok(()) };
        if owner != client.id {
            drop(tx);
            let error = OAuthError::new(ErrorCode::InvalidGrant, "the token is not yours");
            return self.refuse_client(error, Some(&client), "other_client").await;
        }
        let ended = match kind {
            "access" => u64::from(tx.tokens().revoke_access(&name, now).await?),
            _ => tx.tokens().revoke_family(family, session, now).await?,
        };
        if ended == 0 {
            return Ok(());
        }
        let by = ActorId::Client { client: client.id };
        let kind = Code::of(kind);
        let client = client.id;
        tx.commit(AuditEvent::TokenRevoked { by, person, client, session, kind }).await?;
        Ok(())
    }

    async fn lookup_client(
        &self,
        request: &LookupRequest,
        endpoint: &str,
    ) -> Result<Arc<Client>, OidcError> {
        self.authenticate_client(&request.credentials, &request.channel, endpoint).await
    }

    /// How an access token is looked up; `None`: it is none of ours.
    pub(super) async fn name_of(
        &self,
        token: &AccessTokenText,
    ) -> Result<Option<TokenName>, OidcError> {
        let text = match token {
            AccessTokenText::Opaque(handle) => return Ok(Some(handle.token_name())),
            AccessTokenText::Signed(text) => text,
        };
        let keys = self.signing_keys().await?;
        let claims = verify_jws(text.expose(), JWS_TYPE_ACCESS, &keys).ok();
        Ok(claims.and_then(|claims| access_token_name_of(&claims)))
    }

    /// The choke point, for an answer that lasts no longer than itself.
    async fn still_in_order(
        &self,
        client: &Client,
        person: PersonId,
        session: Option<&Session>,
    ) -> Result<bool, OidcError> {
        let ask = Ask {
            grant: Grant::Claims,
            person,
            proofs: session.map_or(&[], |session| &session.proofs),
            session,
            client: Some(client),
            operator: session.and_then(|session| session.operator),
        };
        Ok(self.may_tell(&ask).await?.verdict.is_ok())
    }
}

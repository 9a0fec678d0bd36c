//! Claims about a person, for an access token that still stands.
use super::OidcError;
use crate::Workflows;
use crate::issue::Ask;
use audit::{AuditEvent, Code};
use kernel::{ActorId, Handle};
use oidc::{
    AccessToken, Client, Destination, JWS_TYPE_ID, LoginFacts, Needs, OAuthError, TokenFault,
    most_needed, released, sign_jws, signing_key_for, subject_identifier,
};
use serde_json::{Map, Value};
use sessions::Grant;

/// What userinfo answers.
pub enum Told {
    Plain(Map<String, Value>),
    /// `application/jwt`.
    Signed(String),
}

impl Workflows {
    /// The claims, as the client of the token registered to hear them.
    pub async fn userinfo(&self, token: &Handle) -> Result<Told, OidcError> {
        let (client, claims) = self.claims_for(token).await?;
        let Some(algorithm) = client.settings.security.userinfo_algorithm else {
            return Ok(Told::Plain(claims));
        };
        // OpenID Connect Core §5.3.2: signed, they say by whom and for whom.
        let mut claims = claims;
        claims.insert("iss".to_owned(), client.issuer.as_str().into());
        claims.insert("aud".to_owned(), client.client_id.as_str().into());
        let keys = self.signing_keys().await?;
        let key = signing_key_for(&keys, algorithm, self.now())
            .ok_or(OidcError::NoSigningKey(algorithm.name()))?;
        Ok(Told::Signed(sign_jws(self.keys(), key, JWS_TYPE_ID, &claims)?))
    }

    async fn claims_for(&self, token: &Handle) -> Result<(Client, Map<String, Value>), OidcError> {
        let (issuer, now) = (self.issuer()?, self.now());
        let reader = self.store().read();
        let Some(token) = reader.tokens().find_access(&token.hash()).await? else {
            return self.refuse_userinfo(None, None, "token_unknown").await;
        };
        let client = reader.clients().find(token.client).await?;
        let Some(client) = client else {
            return self.refuse_userinfo(Some(&token), None, "client_unknown").await;
        };
        if let Err(fault) = token.judge(&issuer, &client, now) {
            let reason = match fault {
                TokenFault::Expired => "token_expired",
                TokenFault::Revoked => "token_revoked",
                TokenFault::OtherIssuer => "other_issuer",
                TokenFault::ClientClosed => "client_disabled",
            };
            return self.refuse_userinfo(Some(&token), Some(&client), reason).await;
        }
        let session = reader.sessions().find(token.session).await?;
        let ask = Ask {
            grant: Grant::Claims,
            person: token.person,
            proofs: session.as_ref().map_or(&[], |session| &session.proofs),
            session: session.as_ref(),
            client: Some(&client),
            operator: session.as_ref().and_then(|session| session.operator),
        };
        let weighing = self.may_tell(&ask).await?;
        if let Err(refusal) = weighing.verdict {
            return self.refuse_userinfo(Some(&token), Some(&client), refusal.code()).await;
        }
        // The login as it was when the token was given: claims never grow with a later step up.
        let login = LoginFacts {
            person: token.person,
            session: token.session,
            sid: token.details.sid,
            auth_time: token.details.auth_time,
            acr: token.details.acr,
            amr: token.details.amr.clone(),
        };
        let destination = Destination::Userinfo {
            scopes: &token.details.scopes,
            asked: &token.details.claims.userinfo,
        };
        let needs = most_needed(destination, &client).unwrap_or(Needs::Person);
        let identities = match needs {
            Needs::Person => Vec::new(),
            Needs::NationalIdentity | Needs::Exercise => {
                reader.national_identities().of(token.person).await?
            }
        };
        let subject = self.subject_with(token.person, &weighing.standing, &identities, needs)?;
        let mut claims = released(destination, &client, &subject, &login);
        let sub = subject_identifier(&client, token.person, self.keys());
        claims.insert("sub".to_owned(), sub.into());
        Ok((client, claims))
    }

    async fn refuse_userinfo<T>(
        &self,
        token: Option<&AccessToken>,
        client: Option<&Client>,
        reason: &'static str,
    ) -> Result<T, OidcError> {
        let reference = self.reference();
        let event = AuditEvent::UserinfoRefused {
            by: client.map_or(ActorId::Nobody, |client| ActorId::Client { client: client.id }),
            person: token.map(|token| token.person),
            client: client.map(|client| client.id),
            reason: Code::of(reason),
            reference: reference.clone(),
        };
        match token {
            Some(_) => self.trace(event).await?,
            None => self.trace_nobody(reason, event).await?,
        }
        tracing::info!(reason, reference = %reference, "userinfo was refused");
        Err(OidcError::Refused { error: OAuthError::invalid_token(), reference })
    }
}

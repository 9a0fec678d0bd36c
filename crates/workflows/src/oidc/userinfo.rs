//! Claims about a person, for an access token that still stands.
use super::OidcError;
use super::client_auth::place_of;
use super::consents::covers;
use crate::Workflows;
use crate::issue::Ask;
use audit::{AuditEvent, Code};
use kernel::ActorId;
use oidc::{
    AccessToken, Client, Confirmation, Destination, DpopFault, JWS_TYPE_ID, LoginFacts, Needs,
    OAuthError, ProviderEndpoints, ShownToken, TokenFault, TokenScheme, most_needed, released,
    sign_jws, signing_key_for, subject_identifier,
};
use serde_json::{Map, Value};
use sessions::{Grant, Refusal};
use store::Around;

/// What userinfo answers.
pub enum Told {
    Plain(Map<String, Value>),
    /// `application/jwt`.
    Signed(String),
}

impl Workflows {
    /// The claims, as the client of the token registered to hear them.
    pub async fn userinfo(&self, shown: &ShownToken) -> Result<Told, OidcError> {
        let (client, claims) = self.claims_for(shown).await?;
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

    async fn claims_for(
        &self,
        shown: &ShownToken,
    ) -> Result<(Client, Map<String, Value>), OidcError> {
        let (issuer, now) = (self.issuer()?, self.now());
        let reader = self.store().read();
        let found = match self.name_of(&shown.token).await? {
            Some(name) => reader.tokens().around_access(&name).await?,
            None => None,
        };
        let Some(Around { token, client, session }) = found else {
            return self.refuse_userinfo(None, None, "token_unknown").await;
        };
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
        self.owned(&token, &client, shown).await?;
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
        if client.settings.security.asks_consent {
            let held = reader.consents().find(token.person, client.id).await?;
            let told = (&token.details.scopes, &token.details.claims);
            if !covers(held.as_ref(), &client, told) {
                let reason = Refusal::NoConsent.code();
                return self.refuse_userinfo(Some(&token), Some(&client), reason).await;
            }
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
                reader.national_identities().to_tell(token.person).await?
            }
        };
        let chosen = session.and_then(|session| session.exercise);
        let of = (identities.as_slice(), chosen);
        let subject = self.subject_with(token.person, &weighing.standing, of, needs)?;
        let mut claims = released(destination, &client, &subject, &login);
        let sub = subject_identifier(&client, token.person, self.keys());
        claims.insert("sub".to_owned(), sub.into());
        Ok((client, claims))
    }

    /// Whoever shows a bound token proves what it is bound to (RFC 9449 §7, threats OP-17).
    async fn owned(
        &self,
        token: &AccessToken,
        client: &Client,
        shown: &ShownToken,
    ) -> Result<(), OidcError> {
        let (bound, endpoint) = (&token.details.confirmation, ProviderEndpoints::USERINFO);
        let fault = match (bound, shown.scheme) {
            (None, TokenScheme::Bearer) => return Ok(()),
            (Some(Confirmation::Key(key)), TokenScheme::Dpop) => {
                let text = Some(shown.token.expose());
                match self.proof_of_key(&shown.channel, endpoint, text)? {
                    Ok(Some(proof)) if proof.thumbprint == *key => {
                        let (id, until) = (proof.fingerprint(), proof.once.until);
                        match self.store().upkeep().spend_id(&id, until).await? {
                            true => return Ok(()),
                            false => "dpop_replayed",
                        }
                    }
                    Ok(Some(_)) => "other_key",
                    Ok(None) => "dpop_missing",
                    Err(DpopFault::Nonce) => {
                        let (error, reference) = (OAuthError::use_dpop_nonce(), self.reference());
                        return Err(OidcError::Refused { error, reference });
                    }
                    Err(fault) => fault.name(),
                }
            }
            (Some(Confirmation::Key(_)), TokenScheme::Bearer) => "token_is_bound",
            (Some(Confirmation::Certificate(due)), TokenScheme::Bearer) => {
                match &shown.channel.certificate {
                    Some(certificate) if certificate.thumbprint == *due => return Ok(()),
                    Some(_) => "other_certificate",
                    None => "certificate_missing",
                }
            }
            (Some(Confirmation::Certificate(_)), TokenScheme::Dpop) => "token_is_not_bound",
            (None, TokenScheme::Dpop) => "token_is_not_bound",
        };
        self.refuse_userinfo(Some(token), Some(client), fault).await
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
        self.trace_bounded(reason, client.map(place_of), event).await?;
        tracing::info!(reason, reference = %reference, "userinfo was refused");
        let error = match reason {
            _ if reason.starts_with("dpop_") => OAuthError::invalid_dpop_proof(),
            _ => OAuthError::invalid_token(),
        };
        Err(OidcError::Refused { error, reference })
    }
}

//! The token endpoint's use cases: a code, shown by its client with all that belongs to it, becomes tokens. Any attempt
//! burns it (threats OP-03).
use super::OidcError;
use super::facts::facts;
use crate::Workflows;
use crate::issue::{Ask, Weighing};
use audit::{AuditEvent, Code};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, Handle, HandleKind, PersonId, SessionId};
use oidc::{
    AccessToken, AuthorizationCode, ClaimsRequest, Client, CodeFault, CodeRedemption, Destination,
    ErrorCode, GrantType, IdToken, JWS_TYPE_ID, LoginFacts, OAuthError, ProviderEndpoints,
    RefreshToken, Shown, SigningKey, TokenDetails, TokenRequest, TokenResponse, most_needed,
    redeem, released, sign_jws, signing_key_for, still_holds, subject_identifier,
};
use sessions::{Grant, Session};
use std::collections::BTreeSet;
use store::{Standing, Transaction};

/// What the client gets.
pub type TokenAnswer = TokenResponse;

impl Workflows {
    pub async fn give_tokens(&self, request: &TokenRequest) -> Result<TokenAnswer, OidcError> {
        let endpoint = self.issuer()?.url(ProviderEndpoints::TOKEN);
        let client = self.authenticate_client(&request.credentials, &endpoint).await?;
        match request.shown() {
            Ok(Shown::Code { code, with }) => self.redeem_code(&client, code, &with).await,
            Ok(Shown::Refresh { .. }) if client.settings.security.refresh_seconds.is_none() => {
                let description = "this client gets no refresh tokens";
                let error = OAuthError::new(ErrorCode::UnauthorizedClient, description);
                self.refuse_client(error, Some(&client), "grant_not_granted").await
            }
            Ok(Shown::Refresh { token, scopes }) => {
                self.redeem_refresh(&client, token, scopes.as_ref()).await
            }
            Err(error) => self.refuse_client(error, Some(&client), error.code.name()).await,
        }
    }

    async fn redeem_code(
        &self,
        client: &Client,
        code_text: &str,
        shown: &CodeRedemption,
    ) -> Result<TokenAnswer, OidcError> {
        let Ok(handle) = Handle::parse(HandleKind::Code, code_text) else {
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "code_malformed").await;
        };
        let (hash, now) = (handle.hash(), self.now());
        // Before the act: an act that waits for a second connection could wait for itself.
        let keys = self.signing_keys().await?;
        let tx = self.store().begin().await?;
        let Some(code) = tx.codes().burn(&hash, now).await? else {
            drop(tx);
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "code_unknown").await;
        };
        if let Err(fault) = redeem(&code, client, shown, now) {
            return self.misused(tx, hash.0, &code, client, fault).await;
        }
        let refreshed = client.settings.security.refresh_seconds;
        let grant = refreshed.map_or(Grant::AccessToken, |_| Grant::RefreshToken);
        let (session, weighing) =
            self.weigh_grant(&tx, grant, code.person, code.session, client).await?;
        let held = match (&weighing.verdict, &session) {
            (Ok(grant), Some(session)) => {
                let facts = facts(session, grant.assurance());
                let acr = still_holds(&code.details, code.issued_at, client, &facts);
                acr.map(|acr| LoginFacts { acr, ..facts }).ok_or("request_no_longer_met")
            }
            (Ok(_), None) => Err("no_session"),
            (Err(refusal), _) => Err(refusal.code()),
        };
        let held = match (held, session) {
            (Ok(facts), Some(session)) if session.sid == code.sid => Ok((facts, session)),
            (Ok(_), _) => Err("opening_over"),
            (Err(reason), _) => Err(reason),
        };
        match held {
            Ok((facts, session)) => {
                let issuing = Issuing {
                    client,
                    grant: GrantType::AuthorizationCode,
                    person: code.person,
                    family: hash.0,
                    scopes: &code.details.scopes,
                    ceiling: &code.details.scopes,
                    claims: &code.details.claims,
                    nonce: code.details.nonce.as_deref(),
                    facts,
                    session: &session,
                    keys: &keys,
                    refresh_until: refreshed.map(|life| now + Duration::seconds(i64::from(life))),
                };
                self.issue_tokens(tx, issuing, &weighing.standing).await
            }
            Err(reason) => self.refuse_burnt(tx, &code, client, reason).await,
        }
    }

    /// Whoever is behind a grant, judged now, in the act that gives.
    pub(super) async fn weigh_grant(
        &self,
        tx: &Transaction,
        grant: Grant,
        person: PersonId,
        session: SessionId,
        client: &Client,
    ) -> Result<(Option<Session>, Weighing), OidcError> {
        let session = tx.sessions().hold(session).await?;
        let ask = Ask {
            grant,
            person,
            proofs: session.as_ref().map_or(&[], |session| &session.proofs),
            session: session.as_ref(),
            client: Some(client),
            operator: session.as_ref().and_then(|session| session.operator),
        };
        let weighing = self.may_issue(tx, &ask).await?;
        Ok((session, weighing))
    }

    /// Keeps the access token in the act that burnt the code, then signs the ID token outside it: a signature costs
    /// more than the act, and nobody else needs to wait for it.
    pub(super) async fn issue_tokens(
        &self,
        tx: Transaction,
        issuing: Issuing<'_>,
        standing: &Standing,
    ) -> Result<TokenAnswer, OidcError> {
        let (client, now) = (issuing.client, self.now());
        let algorithm = client.settings.id_token_algorithm;
        let key = signing_key_for(issuing.keys, algorithm, now)
            .ok_or(OidcError::NoSigningKey(algorithm.name()))?;
        let to_id_token = Destination::IdToken { asked: &issuing.claims.id_token };
        let more = match most_needed(to_id_token, client) {
            Some(needs) => {
                let identities = tx.national_identities().of(issuing.person).await?;
                let subject = self.subject_with(issuing.person, standing, &identities, needs)?;
                released(to_id_token, client, &subject, &issuing.facts)
            }
            None => serde_json::Map::new(),
        };
        let access_token = Handle::new(HandleKind::AccessToken, self.randomness());
        tx.tokens().insert(&access_token.hash(), &kept_token(&issuing, now)).await?;
        let refresh_token = match issuing.refresh_until {
            Some(until) => {
                let handle = Handle::new(HandleKind::RefreshToken, self.randomness());
                let kept = kept_refresh(&issuing, now, until.min(issuing.session.expires_at));
                tx.tokens().insert_refresh(&handle.hash(), &kept).await?;
                Some(handle)
            }
            None => None,
        };
        tx.commit(AuditEvent::TokenIssued {
            by: ActorId::Client { client: client.id },
            person: Some(issuing.person),
            client: client.id,
            session: Some(issuing.session.id),
            opening: Some(issuing.facts.sid),
            grant: Code::of(issuing.grant.name()),
            level: Some(Code::of(issuing.facts.acr.name())),
        })
        .await?;
        let subject = subject_identifier(client, issuing.person, self.keys());
        let id_token = IdToken {
            client,
            subject: &subject,
            login: &issuing.facts,
            nonce: issuing.nonce,
            access_token: access_token.expose(),
            more,
            now,
        };
        let id_token = sign_jws(self.keys(), key, JWS_TYPE_ID, &id_token.claims())?;
        let expires_in = client.settings.access_token_seconds;
        let scopes = issuing.scopes.clone();
        Ok(TokenResponse { access_token, expires_in, id_token, refresh_token, scopes })
    }

    /// A wrong attempt: the code stays burnt, what it gave before is taken back.
    async fn misused(
        &self,
        tx: Transaction,
        family: [u8; 32],
        code: &AuthorizationCode,
        client: &Client,
        fault: CodeFault,
    ) -> Result<TokenAnswer, OidcError> {
        tx.tokens().revoke_family(family, self.now()).await?;
        tx.commit(AuditEvent::CodeMisused {
            by: ActorId::Client { client: client.id },
            person: code.person,
            client: client.id,
            session: code.session,
            reason: Code::of(fault.name()),
        })
        .await?;
        let reference = self.reference();
        tracing::warn!(reason = fault.name(), client.id = %client.id, "a code was misused");
        Err(OidcError::Refused { error: OAuthError::invalid_grant(), reference })
    }

    /// The person, the session or the login is no longer in order: the code is burnt all the same.
    async fn refuse_burnt(
        &self,
        tx: Transaction,
        code: &AuthorizationCode,
        client: &Client,
        reason: &'static str,
    ) -> Result<TokenAnswer, OidcError> {
        let reference = self.reference();
        tx.commit(AuditEvent::TokenRefused {
            by: ActorId::Client { client: client.id },
            person: Some(code.person),
            client: Some(client.id),
            session: Some(code.session),
            grant: Code::of("authorization_code"),
            reason: Code::of(reason),
            reference: reference.clone(),
        })
        .await?;
        tracing::info!(reason, reference = %reference, "a token was refused");
        Err(OidcError::Refused { error: OAuthError::invalid_grant(), reference })
    }
}

/// What tokens are issued on.
pub(super) struct Issuing<'a> {
    pub client: &'a Client,
    pub grant: GrantType,
    pub person: PersonId,
    pub family: [u8; 32],
    pub scopes: &'a BTreeSet<String>,
    /// The most that the chain may ask again.
    pub ceiling: &'a BTreeSet<String>,
    pub claims: &'a ClaimsRequest,
    pub nonce: Option<&'a str>,
    pub facts: LoginFacts,
    pub session: &'a Session,
    pub keys: &'a [SigningKey],
    /// The end of the chain of refresh tokens, where there is one.
    pub refresh_until: Option<DateTime<Utc>>,
}

impl Issuing<'_> {
    fn details(&self, scopes: &BTreeSet<String>) -> TokenDetails {
        TokenDetails {
            scopes: scopes.clone(),
            claims: self.claims.clone(),
            sid: self.facts.sid,
            auth_time: self.facts.auth_time,
            acr: self.facts.acr,
            amr: self.facts.amr.clone(),
        }
    }
}

/// What the store keeps of an access token.
fn kept_token(issuing: &Issuing<'_>, now: DateTime<Utc>) -> AccessToken {
    let life = i64::from(issuing.client.settings.access_token_seconds);
    AccessToken {
        issuer: issuing.client.issuer.clone(),
        client: issuing.client.id,
        person: issuing.person,
        session: issuing.session.id,
        family: issuing.family,
        details: issuing.details(issuing.scopes),
        issued_at: now,
        expires_at: now + Duration::seconds(life),
        revoked_at: None,
    }
}

fn kept_refresh(issuing: &Issuing<'_>, now: DateTime<Utc>, until: DateTime<Utc>) -> RefreshToken {
    RefreshToken {
        issuer: issuing.client.issuer.clone(),
        client: issuing.client.id,
        person: issuing.person,
        session: issuing.session.id,
        family: issuing.family,
        details: issuing.details(issuing.ceiling),
        issued_at: now,
        expires_at: until,
        used_at: None,
        revoked_at: None,
    }
}

//! The token endpoint's use case: a code, shown by its client with all that belongs to it, becomes tokens. Any
//! attempt burns it (threats OP-03).
use super::OidcError;
use super::facts::facts;
use crate::Workflows;
use crate::issue::Ask;
use audit::{AuditEvent, Code};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, Handle, HandleKind};
use oidc::{
    AccessToken, AuthorizationCode, Client, ClientCredentials, CodeFault, Destination, IdToken,
    JWS_TYPE_ID, LoginFacts, OAuthError, SigningKey, TokenDetails, TokenRequest, TokenResponse,
    most_needed, redeem, released, sign_jws, signing_key_for, still_holds, subject_identifier,
};
use sessions::{Grant, Session};
use store::{Standing, Transaction};

/// What the client gets.
pub type TokenAnswer = TokenResponse;

impl Workflows {
    pub async fn redeem_code(&self, request: &TokenRequest) -> Result<TokenAnswer, OidcError> {
        let client = self.authenticate_client(&request.credentials).await?;
        let (code_text, shown) = match request.redemption() {
            Ok(redemption) => redemption,
            Err(error) => return self.refuse_token(error, Some(&client), error.code.name()).await,
        };
        let Ok(handle) = Handle::parse(HandleKind::Code, code_text) else {
            let error = OAuthError::invalid_grant();
            return self.refuse_token(error, Some(&client), "code_malformed").await;
        };
        let (hash, now) = (handle.hash(), self.now());
        // Before the act: an act that waits for a second connection could wait for itself.
        let keys = self.signing_keys().await?;
        let tx = self.store().begin().await?;
        let Some(code) = tx.codes().burn(&hash, now).await? else {
            drop(tx);
            let error = OAuthError::invalid_grant();
            return self.refuse_token(error, Some(&client), "code_unknown").await;
        };
        if let Err(fault) = redeem(&code, &client, &shown, now) {
            return self.misused(tx, hash.0, &code, &client, fault).await;
        }
        let session = tx.sessions().find(code.session).await?;
        let ask = Ask {
            grant: Grant::AccessToken,
            person: code.person,
            proofs: session.as_ref().map_or(&[], |session| &session.proofs),
            session: session.as_ref(),
            client: Some(&client),
            operator: session.as_ref().and_then(|session| session.operator),
        };
        let weighing = self.may_issue(&tx, &ask).await?;
        let held = match (&weighing.verdict, &session) {
            (Ok(grant), Some(session)) => {
                let facts = facts(session, grant.assurance());
                let acr = still_holds(&code.details, code.issued_at, &client, &facts);
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
                let (client, code, session) = (&client, &code, &session);
                let issuing = Issuing { client, code, facts, session, keys: &keys };
                self.issue_tokens(tx, hash.0, issuing, &weighing.standing).await
            }
            Err(reason) => self.refuse_burnt(tx, &code, &client, reason).await,
        }
    }

    /// Who the client is; one answer for all causes of refusal (threats OP-10).
    async fn authenticate_client(
        &self,
        credentials: &ClientCredentials,
    ) -> Result<Client, OidcError> {
        let found = self.client_named(Some(&credentials.client_id)).await?;
        let secret = credentials.secret.as_ref().map(|secret| secret.expose().as_str());
        let reason = match &found {
            None => "client_unknown",
            Some(client) if !client.is_open(self.now()) => "client_disabled",
            Some(client) if !client.admits(credentials.method, secret) => "client_not_proved",
            Some(client) => return Ok(client.clone()),
        };
        self.refuse_token(OAuthError::invalid_client(), found.as_ref(), reason).await
    }

    /// Keeps the access token in the act that burnt the code, then signs the ID token outside it: a signature costs
    /// more than the act, and nobody else needs to wait for it.
    async fn issue_tokens(
        &self,
        tx: Transaction,
        family: [u8; 32],
        issuing: Issuing<'_>,
        standing: &Standing,
    ) -> Result<TokenAnswer, OidcError> {
        let Issuing { client, code, facts, session, keys } = issuing;
        let (now, life) = (self.now(), client.settings.access_token_seconds);
        let algorithm = client.settings.id_token_algorithm;
        let key = signing_key_for(keys, algorithm, now)
            .ok_or(OidcError::NoSigningKey(algorithm.name()))?;
        let to_id_token = Destination::IdToken { asked: &code.details.claims.id_token };
        let more = match most_needed(to_id_token, client) {
            Some(needs) => {
                let identities = tx.national_identities().of(code.person).await?;
                let subject = self.subject_with(code.person, standing, &identities, needs)?;
                released(to_id_token, client, &subject, &facts)
            }
            None => serde_json::Map::new(),
        };
        let access_token = Handle::new(HandleKind::AccessToken, self.randomness());
        let kept = kept_token(client, code, &facts, family, now);
        tx.tokens().insert(&access_token.hash(), &kept).await?;
        tx.commit(AuditEvent::TokenIssued {
            by: ActorId::Client { client: client.id },
            person: Some(code.person),
            client: client.id,
            session: Some(session.id),
            opening: Some(code.sid),
            grant: Code::of("authorization_code"),
            level: Some(Code::of(facts.acr.name())),
        })
        .await?;
        let subject = subject_identifier(client, code.person, self.keys());
        let id_token = IdToken {
            client,
            subject: &subject,
            login: &facts,
            nonce: code.details.nonce.as_deref(),
            access_token: access_token.expose(),
            more,
            now,
        };
        let id_token = sign_jws(self.keys(), key, JWS_TYPE_ID, &id_token.claims())?;
        let scopes = code.details.scopes.clone();
        Ok(TokenResponse { access_token, expires_in: life, id_token, scopes })
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

    async fn refuse_token<T>(
        &self,
        error: OAuthError,
        client: Option<&Client>,
        reason: &'static str,
    ) -> Result<T, OidcError> {
        let reference = self.reference();
        let event = AuditEvent::TokenRefused {
            by: client.map_or(ActorId::Nobody, |client| ActorId::Client { client: client.id }),
            person: None,
            client: client.map(|client| client.id),
            session: None,
            grant: Code::of("authorization_code"),
            reason: Code::of(reason),
            reference: reference.clone(),
        };
        self.trace_nobody(reason, event).await?;
        tracing::info!(reason, reference = %reference, "a token was refused");
        Err(OidcError::Refused { error, reference })
    }
}

/// What tokens are issued on.
struct Issuing<'a> {
    client: &'a Client,
    code: &'a AuthorizationCode,
    facts: LoginFacts,
    session: &'a Session,
    keys: &'a [SigningKey],
}

/// What the store keeps of an access token.
fn kept_token(
    client: &Client,
    code: &AuthorizationCode,
    facts: &LoginFacts,
    family: [u8; 32],
    now: DateTime<Utc>,
) -> AccessToken {
    let life = i64::from(client.settings.access_token_seconds);
    AccessToken {
        issuer: client.issuer.clone(),
        client: client.id,
        person: code.person,
        session: code.session,
        family,
        details: TokenDetails {
            scopes: code.details.scopes.clone(),
            claims: code.details.claims.clone(),
            sid: code.sid,
            auth_time: facts.auth_time,
            acr: facts.acr,
            amr: facts.amr.clone(),
        },
        issued_at: now,
        expires_at: now + Duration::seconds(life),
        revoked_at: None,
    }
}

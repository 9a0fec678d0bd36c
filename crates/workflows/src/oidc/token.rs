//! The token endpoint's use cases: a code, shown by its client with all that belongs to it, becomes tokens. Any attempt
//! burns it (threats OP-03).
use super::OidcError;
use super::binding::Bound;
use super::client_auth::place_of;
use super::consents::covers;
use super::facts::facts;
use crate::Workflows;
use crate::issue::{Ask, Weighing};
use audit::{AuditEvent, Code};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, Handle, HandleKind, PersonId, Secret, SessionId};
use oidc::{
    AccessToken, AccessTokenFormat, AuthMethod, AuthorizationCode, ClaimsRequest, Client,
    CodeFault, CodeRedemption, Confirmation, Destination, ErrorCode, GrantType, IdToken,
    JWS_TYPE_ACCESS, JWS_TYPE_ID, LoginFacts, OAuthError, ProviderEndpoints, RefreshToken, Shown,
    SigningKey, TokenDetails, TokenRequest, TokenResponse, access_token_claims, most_needed,
    redeem, released, sign_jws, signing_key_for, still_holds, subject_identifier,
};
use sessions::{Grant, Refusal, Session};
use std::collections::BTreeSet;
use store::{Standing, Transaction};

/// What the client gets.
pub type TokenAnswer = TokenResponse;

/// What becomes tokens in one act.
enum Redeemed {
    Code(Handle, CodeRedemption),
    Refresh(Handle, Option<BTreeSet<String>>),
}

impl Redeemed {
    /// `None`: malformed, or what waits for a person's word.
    fn of(shown: Shown<'_>) -> Option<Self> {
        match shown {
            Shown::Code { code, with } => {
                Some(Self::Code(Handle::parse(HandleKind::Code, code).ok()?, with))
            }
            Shown::Refresh { token, scopes } => {
                Some(Self::Refresh(Handle::parse(HandleKind::RefreshToken, token).ok()?, scopes))
            }
            Shown::Elsewhere { .. } => None,
        }
    }
}

impl Workflows {
    pub async fn give_tokens(&self, request: &TokenRequest) -> Result<TokenAnswer, OidcError> {
        if let Some(answer) = self.give_to_known(request).await? {
            return Ok(answer);
        }
        let endpoint = ProviderEndpoints::TOKEN;
        let (credentials, channel) = (&request.credentials, &request.channel);
        let client = &self.authenticate_client(credentials, channel, endpoint).await?;
        let shown = match request.shown() {
            Ok(shown) => shown,
            Err(error) => {
                return self.refuse_client(error, Some(client), error.code.name()).await;
            }
        };
        // Before anything is used up: a proof without the number of the day is sent again.
        let bound = self.bind(client, channel, endpoint).await?;
        let malformed = match &shown {
            Shown::Code { .. } => "code_malformed",
            Shown::Refresh { .. } if client.settings.security.refresh_seconds.is_none() => {
                let description = "this client gets no refresh tokens";
                let error = OAuthError::new(ErrorCode::UnauthorizedClient, description);
                return self.refuse_client(error, Some(client), "grant_not_granted").await;
            }
            Shown::Refresh { .. } => "refresh_malformed",
            Shown::Elsewhere { kind, handle } => {
                return self.redeem_elsewhere(client, *kind, handle, bound).await;
            }
        };
        match Redeemed::of(shown) {
            Some(redeemed) => {
                let tx = self.store().begin().await?;
                self.redeem(tx, client, redeemed, bound).await
            }
            None => self.refuse_client(OAuthError::invalid_grant(), Some(client), malformed).await,
        }
    }

    /// To a client that was read before, in one act that first sees that the client still is what was read: reading it on a
    /// connection of its own reads again the pages that any commit changed. `None`: it is to be judged by what stands now.
    async fn give_to_known(
        &self,
        request: &TokenRequest,
    ) -> Result<Option<TokenAnswer>, OidcError> {
        let Some(redeemed) = request.shown().ok().and_then(Redeemed::of) else { return Ok(None) };
        let Some(known) = self.client_from_before(&request.credentials, &request.channel) else {
            return Ok(None);
        };
        let client = &known.client;
        let refreshes = client.settings.security.refresh_seconds.is_some();
        if matches!(redeemed, Redeemed::Refresh(..)) && !refreshes {
            return Ok(None);
        }
        let tx = self.store().begin().await?;
        if !tx.clients().is_as_read(&known).await? {
            return Ok(None);
        }
        self.redeem(tx, client, redeemed, Bound::to_nothing()).await.map(Some)
    }

    async fn redeem(
        &self,
        tx: Transaction,
        client: &Client,
        redeemed: Redeemed,
        bound: Bound,
    ) -> Result<TokenAnswer, OidcError> {
        match redeemed {
            Redeemed::Code(handle, with) => {
                let with = CodeRedemption { proved_key: bound.key().map(str::to_owned), ..with };
                self.redeem_code(tx, client, &handle, &with, bound).await
            }
            Redeemed::Refresh(handle, scopes) => {
                self.redeem_refresh(tx, client, &handle, scopes.as_ref(), bound).await
            }
        }
    }

    async fn redeem_code(
        &self,
        tx: Transaction,
        client: &Client,
        handle: &Handle,
        shown: &CodeRedemption,
        bound: Bound,
    ) -> Result<TokenAnswer, OidcError> {
        let (hash, now) = (handle.hash(), self.now());
        // First: a code is not used up where nothing could be signed.
        let keys = self.keys_that_sign(&tx, client).await?;
        if !bound.spend(&tx).await? {
            drop(tx);
            return self.refuse_replay(client).await;
        }
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
        let (session, weighing) = self
            .weigh_grant(
                &tx,
                grant,
                (code.person, code.session),
                client,
                (&code.details.scopes, &code.details.claims),
            )
            .await?;
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
                    confirmation: bound.confirmation.as_ref(),
                    session: &session,
                    keys: &keys,
                    refresh_until: refreshed.map(|life| now + Duration::seconds(i64::from(life))),
                };
                self.issue_tokens(tx, issuing, &weighing.standing).await
            }
            Err(reason) => {
                let grant = GrantType::AuthorizationCode;
                self.refuse_grant(tx, client, grant, (code.person, code.session), reason).await
            }
        }
    }

    /// The keys of the issuer of which one signs for this client now. Read in the act that gives: on a connection of its
    /// own, the act could wait for itself, and another connection of SQLite reads again whatever somebody wrote.
    pub(super) async fn keys_that_sign(
        &self,
        tx: &Transaction,
        client: &Client,
    ) -> Result<Vec<SigningKey>, OidcError> {
        let (issuer, algorithm) = (self.issuer()?, client.settings.id_token_algorithm);
        let keys = tx.signing_keys().of_algorithm(issuer.as_str(), algorithm).await?;
        match signing_key_for(&keys, algorithm, self.now()) {
            Some(_) => Ok(keys),
            None => Err(OidcError::NoSigningKey(algorithm.name())),
        }
    }

    /// Whoever is behind a grant, judged now, in the act that gives.
    pub(super) async fn weigh_grant(
        &self,
        tx: &Transaction,
        grant: Grant,
        (person, session): (PersonId, SessionId),
        client: &Client,
        told: (&BTreeSet<String>, &ClaimsRequest),
    ) -> Result<(Option<Session>, Weighing), OidcError> {
        tx.people().hold(person).await?;
        let session = tx.sessions().hold(session).await?;
        let ask = Ask {
            grant,
            person,
            proofs: session.as_ref().map_or(&[], |session| &session.proofs),
            session: session.as_ref(),
            client: Some(client),
            operator: session.as_ref().and_then(|session| session.operator),
        };
        let mut weighing = self.may_issue(tx, &ask).await?;
        // Of somebody else's application, what she agreed to stands as long as she leaves it, and for no more.
        if weighing.verdict.is_ok() && client.settings.security.asks_consent {
            let held = tx.consents().find(person, client.id).await?;
            if !covers(held.as_ref(), client, told) {
                weighing.verdict = Err(Refusal::NoConsent);
            }
        }
        Ok((session, weighing))
    }

    /// Keeps the tokens in the act that burnt the code, then signs the ID token outside it: a signature costs
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
                let identities = tx.national_identities().to_tell(issuing.person).await?;
                let of = (identities.as_slice(), issuing.session.exercise);
                let subject = self.subject_with(issuing.person, standing, of, needs)?;
                released(to_id_token, client, &subject, &issuing.facts)
            }
            None => serde_json::Map::new(),
        };
        let access = Handle::new(HandleKind::AccessToken, self.randomness());
        let kept = kept_token(&issuing, now);
        let refresh = issuing.refresh_until.map(|until| {
            let handle = Handle::new(HandleKind::RefreshToken, self.randomness());
            (handle, kept_refresh(&issuing, now, until.min(issuing.session.expires_at)))
        });
        let beside = refresh.as_ref().map(|(handle, kept)| (handle.hash(), kept));
        let beside = beside.as_ref().map(|(hash, kept)| (hash, *kept));
        let number = tx.tokens().insert((&access.hash(), &kept), beside).await?;
        let access = access.numbered(number);
        let refresh_token = refresh.map(|(handle, _)| handle.numbered(number));
        tx.commit(AuditEvent::TokenIssued {
            by: ActorId::Client { client: client.id },
            person: Some(issuing.person),
            client: client.id,
            session: Some(issuing.session.id),
            opening: Some(issuing.facts.sid),
            grant: Code::of(issuing.grant.word()),
            level: Some(Code::of(issuing.facts.acr.name())),
        })
        .await?;
        let subject = subject_identifier(client, issuing.person, self.keys());
        let access_token = match &client.settings.security.access_token {
            AccessTokenFormat::Opaque => Secret::new(access.expose().to_owned()),
            AccessTokenFormat::Jwt { audience } => {
                let claims =
                    access_token_claims(&kept, &access.token_name(), client, audience, &subject);
                Secret::new(sign_jws(self.keys(), key, JWS_TYPE_ACCESS, &claims)?)
            }
        };
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
        let confirmation = issuing.confirmation.cloned();
        let answer = TokenResponse {
            access_token,
            confirmation,
            expires_in,
            id_token,
            refresh_token,
            scopes,
        };
        Ok(answer)
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
        let ended = tx.tokens().revoke_family(family, code.session, self.now()).await?;
        let reference = self.reference();
        let event = AuditEvent::CodeMisused {
            by: ActorId::Client { client: client.id },
            person: code.person,
            client: client.id,
            session: code.session,
            reason: Code::of(fault.name()),
            reference: reference.clone(),
        };
        if fault == CodeFault::Used && ended == 0 {
            // Nothing was left to take back: shown a thousand times, it is told a few (LG-06).
            drop(tx);
            self.trace_bounded("code_used_again", Some(place_of(client)), event).await?;
        } else {
            tx.commit(event).await?;
        }
        tracing::warn!(reason = fault.name(), client.id = %client.id, "a code was misused");
        Err(OidcError::Refused { error: OAuthError::invalid_grant(), reference })
    }

    /// The person, the session or the login is no longer in order: what was shown stays used all the same.
    pub(super) async fn refuse_grant(
        &self,
        tx: Transaction,
        client: &Client,
        grant: GrantType,
        (person, session): (PersonId, SessionId),
        reason: &'static str,
    ) -> Result<TokenAnswer, OidcError> {
        let reference = self.reference();
        tx.commit(AuditEvent::TokenRefused {
            by: ActorId::Client { client: client.id },
            person: Some(person),
            client: Some(client.id),
            session: Some(session),
            grant: Code::of(grant.word()),
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
    /// What whoever shows the tokens must prove.
    pub confirmation: Option<&'a Confirmation>,
    pub session: &'a Session,
    pub keys: &'a [SigningKey],
    /// The end of the chain of refresh tokens, where there is one.
    pub refresh_until: Option<DateTime<Utc>>,
}

impl Issuing<'_> {
    fn details(
        &self,
        scopes: &BTreeSet<String>,
        confirmation: Option<&Confirmation>,
    ) -> TokenDetails {
        TokenDetails {
            scopes: scopes.clone(),
            claims: self.claims.clone(),
            sid: self.facts.sid,
            auth_time: self.facts.auth_time,
            acr: self.facts.acr,
            amr: self.facts.amr.clone(),
            confirmation: confirmation.cloned(),
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
        details: issuing.details(issuing.scopes, issuing.confirmation),
        issued_at: now,
        expires_at: now + Duration::seconds(life),
        revoked_at: None,
    }
}

fn kept_refresh(issuing: &Issuing<'_>, now: DateTime<Utc>, until: DateTime<Utc>) -> RefreshToken {
    // A confidential client proves itself at each refresh, and may turn its keys over (RFC 9449 §5).
    let public = issuing.client.settings.auth == AuthMethod::None;
    let confirmation = issuing.confirmation.filter(|_| public);
    RefreshToken {
        issuer: issuing.client.issuer.clone(),
        client: issuing.client.id,
        person: issuing.person,
        session: issuing.session.id,
        family: issuing.family,
        details: issuing.details(issuing.ceiling, confirmation),
        issued_at: now,
        expires_at: until,
        used_at: None,
        revoked_at: None,
    }
}

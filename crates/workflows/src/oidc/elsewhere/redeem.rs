//! The client asks whether she said yes; once she did, it gets its tokens, once.
use super::super::OidcError;
use super::super::binding::Bound;
use super::super::facts::facts;
use super::super::token::{Issuing, TokenAnswer};
use super::ask::is_granted;
use crate::Workflows;
use crate::issue::Weighing;
use chrono::Duration;
use kernel::{Handle, HandleHash, OpeningId, PersonId, SessionId};
use oidc::{
    ClaimsRequest, Client, DecoupledKind, DecoupledRequest, DecoupledState, ErrorCode, GrantType,
    LoginFacts, OAuthError, POLL_SECONDS, asked_too_soon, judge_poll,
};
use sessions::{Grant, Session};
use store::Transaction;

/// A request that was approved, and whose word it was.
struct Approved {
    request: DecoupledRequest,
    person: PersonId,
    session: SessionId,
    sid: OpeningId,
}

impl Workflows {
    pub(in super::super) async fn redeem_elsewhere(
        &self,
        client: &Client,
        kind: DecoupledKind,
        text: &str,
        bound: Bound,
    ) -> Result<TokenAnswer, OidcError> {
        let granted = is_granted(client, kind);
        let Ok(handle) = Handle::parse(kind.handle(), text) else {
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "handle_malformed").await;
        };
        if !granted {
            let description = "this client was not given this grant";
            let error = OAuthError::new(ErrorCode::UnauthorizedClient, description);
            return self.refuse_client(error, Some(client), "grant_not_granted").await;
        }
        let hash = handle.hash();
        let Some(request) = self.store().read().decoupled().find(&hash).await? else {
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "handle_unknown").await;
        };
        let waits = request.client == client.id && request.state == DecoupledState::Pending;
        if let Err(error) = judge_poll(&request, client, self.now()) {
            return self.still_waiting(client, &hash, waits, error).await;
        }
        let Some(person) = request.person else {
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "nobody_said_yes").await;
        };
        let tx = self.store().begin().await?;
        let keys = self.keys_that_sign(&tx, client).await?;
        if !bound.spend(&tx).await? {
            drop(tx);
            return self.refuse_replay(client).await;
        }
        // The person first, as whoever closes or asks her does; then as it is once nobody else can use it.
        tx.people().hold(person).await?;
        let approved = match self.still_approved(&tx, &hash, client).await? {
            Ok(approved) => approved,
            Err(error) => {
                drop(tx);
                return self.still_waiting(client, &hash, false, error).await;
            }
        };
        let used = DecoupledRequest { state: DecoupledState::Used, ..approved.request.clone() };
        tx.decoupled().save(&hash, &used).await?;
        let refreshed = client.settings.security.refresh_seconds;
        let grant = refreshed.map_or(Grant::AccessToken, |_| Grant::RefreshToken);
        let none = ClaimsRequest::default();
        let told = (&approved.request.details.scopes, &none);
        let whose = (approved.person, approved.session);
        let (session, weighing) = self.weigh_grant(&tx, grant, whose, client, told).await?;
        let (facts, session) = match held(&approved, session, &weighing) {
            Ok(held) => held,
            Err(reason) => {
                return self.refuse_grant(tx, client, grant_type(kind), whose, reason).await;
            }
        };
        let now = self.now();
        tx.opening_clients().note(approved.sid, client.id, approved.session, now).await?;
        let issuing = Issuing {
            client,
            grant: grant_type(kind),
            person: approved.person,
            family: hash.0,
            scopes: &approved.request.details.scopes,
            ceiling: &approved.request.details.scopes,
            claims: &none,
            nonce: None,
            facts,
            confirmation: bound.confirmation.as_ref(),
            session: &session,
            keys: &keys,
            refresh_until: refreshed.map(|life| now + Duration::seconds(i64::from(life))),
        };
        self.issue_tokens(tx, issuing, &weighing.standing).await
    }

    async fn still_approved(
        &self,
        tx: &Transaction,
        hash: &HandleHash,
        client: &Client,
    ) -> Result<Result<Approved, OAuthError>, OidcError> {
        let Some(request) = tx.decoupled().lock(hash).await? else {
            return Ok(Err(OAuthError::invalid_grant()));
        };
        if let Err(error) = judge_poll(&request, client, self.now()) {
            return Ok(Err(error));
        }
        Ok(match (request.person, request.session) {
            (Some(person), Some((session, sid))) => Ok(Approved { request, person, session, sid }),
            _ => Err(OAuthError::invalid_grant()),
        })
    }

    /// Nothing to give (yet). Waiting is no refusal, and leaves no trace but its time.
    async fn still_waiting(
        &self,
        client: &Client,
        hash: &HandleHash,
        waits: bool,
        error: OAuthError,
    ) -> Result<TokenAnswer, OidcError> {
        let reference = self.reference();
        if waits && error.code == ErrorCode::AuthorizationPending {
            let (now, apart) = (self.now(), Duration::seconds(POLL_SECONDS));
            let first = self.store().upkeep().decoupled_polled(hash, (now - apart, now)).await?;
            let error = if first { error } else { asked_too_soon() };
            return Err(OidcError::Refused { error, reference });
        }
        // It counts from the last question that was in time: an impatient client costs no write.
        if waits && error.code == ErrorCode::SlowDown {
            return Err(OidcError::Refused { error, reference });
        }
        self.refuse_client(error, Some(client), error.code.name()).await
    }
}

/// Her login now, if it still is the one that approved, and worth what was asked.
fn held(
    approved: &Approved,
    session: Option<Session>,
    weighing: &Weighing,
) -> Result<(LoginFacts, Session), &'static str> {
    let leave = weighing.verdict.as_ref().map_err(|refusal| refusal.code())?;
    let session = session.filter(|session| session.sid == approved.sid).ok_or("opening_over")?;
    let facts = facts(&session, leave.assurance());
    let least = approved.request.details.minimum_acr;
    let enough = least.is_none_or(|least| facts.acr >= least);
    enough.then_some((facts, session)).ok_or("request_no_longer_met")
}

fn grant_type(kind: DecoupledKind) -> GrantType {
    match kind {
        DecoupledKind::Backchannel => GrantType::Backchannel,
        DecoupledKind::Device => GrantType::DeviceCode,
    }
}

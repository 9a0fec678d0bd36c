//! A refresh token becomes the next tokens of its family. Used twice, by whomever, it ends the family (threats OP-07).
use super::OidcError;
use super::binding::Bound;
use super::facts::facts;
use super::token::{Issuing, TokenAnswer};
use crate::Workflows;
use audit::{AuditEvent, Code};
use kernel::{ActorId, Handle, TokenName};
use oidc::{
    Client, ErrorCode, GrantType, LoginFacts, OAuthError, RefreshFault, RefreshToken, grace,
    judge_refresh,
};
use sessions::{Grant, Session};
use std::collections::BTreeSet;
use store::Transaction;

impl Workflows {
    pub(super) async fn redeem_refresh(
        &self,
        tx: Transaction,
        client: &Client,
        handle: &Handle,
        asked: Option<&BTreeSet<String>>,
        bound: Bound,
    ) -> Result<TokenAnswer, OidcError> {
        let (name, now) = (handle.token_name(), self.now());
        let keys = self.keys_that_sign(&tx, client).await?;
        if !bound.spend(&tx).await? {
            drop(tx);
            return self.refuse_replay(client).await;
        }
        let Some(token) = held_refresh(&tx, &name).await? else {
            drop(tx);
            let error = OAuthError::invalid_grant();
            return self.refuse_client(error, Some(client), "refresh_unknown").await;
        };
        let scopes = match judge_refresh(&token, client, asked, now) {
            Ok(scopes) => scopes,
            Err(fault) => return self.refuse_refresh(tx, &token, client, fault).await,
        };
        let elsewhere = token.details.confirmation.is_some()
            && token.details.confirmation != bound.confirmation;
        if elsewhere {
            return self.refuse_refresh(tx, &token, client, RefreshFault::OtherKey).await;
        }
        let grant = Grant::RefreshToken;
        let told = (&token.details.scopes, &token.details.claims);
        // The person and the session before their tokens, as whoever closes them does.
        let (session, weighing) =
            self.weigh_grant(&tx, grant, (token.person, token.session), client, told).await?;
        // One that opens nothing without its key or certificate stays the same (RFC 9700 §4.14.2).
        let rotates = client.settings.security.sender_constraint.is_none();
        if rotates && !self.marks_first(&tx, &name, client).await? {
            return self.refuse_refresh(tx, &token, client, RefreshFault::Used).await;
        }
        let held = match (&weighing.verdict, session) {
            (Ok(grant), Some(session)) => {
                still_worth(&token, &session, &facts(&session, grant.assurance()), client)
                    .map(|login| (login, session))
            }
            (Ok(_), None) => Err("no_session"),
            (Err(refusal), _) => Err(refusal.code()),
        };
        match held {
            Ok((login, session)) => {
                let issuing = Issuing {
                    client,
                    grant: GrantType::RefreshToken,
                    person: token.person,
                    family: token.family,
                    scopes: &scopes,
                    ceiling: &token.details.scopes,
                    claims: &token.details.claims,
                    nonce: None,
                    facts: login,
                    confirmation: bound.confirmation.as_ref(),
                    session: &session,
                    keys: &keys,
                    refresh_until: rotates.then_some(token.expires_at),
                };
                self.issue_tokens(tx, issuing, &weighing.standing).await
            }
            Err(reason) if !rotates => {
                // Nothing was used up.
                drop(tx);
                let error = OAuthError::invalid_grant();
                self.refuse_client(error, Some(client), reason).await
            }
            Err(reason) => {
                let grant = GrantType::RefreshToken;
                self.refuse_grant(tx, client, grant, (token.person, token.session), reason).await
            }
        }
    }

    /// Marks the token used; of many attempts at once one alone does, the client's grace apart.
    async fn marks_first(
        &self,
        tx: &Transaction,
        name: &TokenName,
        client: &Client,
    ) -> Result<bool, OidcError> {
        let marked = tx.tokens().use_refresh(name, self.now()).await?;
        Ok(marked || grace(client) > chrono::Duration::zero())
    }

    async fn refuse_refresh(
        &self,
        tx: Transaction,
        token: &RefreshToken,
        client: &Client,
        fault: RefreshFault,
    ) -> Result<TokenAnswer, OidcError> {
        if !fault.is_theft() {
            drop(tx);
            let error = match fault {
                RefreshFault::WiderScope => {
                    OAuthError::new(ErrorCode::InvalidScope, "more than was granted is asked")
                }
                _ => OAuthError::invalid_grant(),
            };
            return self.refuse_client(error, Some(client), fault.name()).await;
        }
        tx.tokens().revoke_family(token.family, token.session, self.now()).await?;
        let reference = self.reference();
        tx.commit(AuditEvent::RefreshMisused {
            by: ActorId::Client { client: client.id },
            person: token.person,
            client: client.id,
            session: token.session,
            reason: Code::of(fault.name()),
            reference: reference.clone(),
        })
        .await?;
        tracing::warn!(reason = fault.name(), client.id = %client.id, "a refresh token was misused");
        Err(OidcError::Refused { error: OAuthError::invalid_grant(), reference })
    }
}

/// A refresh token as it is once its family is held.
async fn held_refresh(
    tx: &Transaction,
    name: &TokenName,
) -> Result<Option<RefreshToken>, OidcError> {
    let Some(found) = tx.tokens().find_refresh(name).await? else { return Ok(None) };
    match tx.tokens().hold_family(found.family).await? {
        true => Ok(tx.tokens().find_refresh(name).await?),
        false => Ok(Some(found)),
    }
}

/// The login as it was when the chain began: never more, and nothing when it is worth less now.
fn still_worth(
    token: &RefreshToken,
    session: &Session,
    now: &LoginFacts,
    client: &Client,
) -> Result<LoginFacts, &'static str> {
    if session.sid != token.details.sid {
        return Err("opening_over");
    }
    if now.acr < token.details.acr || token.details.acr < client.settings.least_level() {
        return Err("request_no_longer_met");
    }
    Ok(LoginFacts {
        person: token.person,
        session: token.session,
        sid: token.details.sid,
        auth_time: token.details.auth_time,
        acr: token.details.acr,
        amr: token.details.amr.clone(),
    })
}

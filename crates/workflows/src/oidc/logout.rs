//! Logout asked by a client, and the session's end with the tokens that hung on it.
use super::OidcError;
use crate::Workflows;
use audit::AuditEvent;
use audit::Code;
use kernel::{ActorId, ClientId, OpeningId};
use oidc::{
    Client, HintClaims, LogoutDecision, LogoutRequest, OAuthError, OpenSession, decide_logout,
    front_channel_call, read_hint, subject_identifier,
};
use sessions::{CloseReason, Session, SessionLimits, SessionStanding};
use store::Counter;

/// A browser at `/oauth2/logout`.
pub struct LogoutVisit<'a> {
    pub request: &'a LogoutRequest,
    pub session: Option<&'a Session>,
    /// The person pressed the button of our page (its form token was checked).
    pub confirmed: bool,
}

/// What the browser gets.
#[derive(Debug, PartialEq, Eq)]
pub enum LogoutAnswer {
    /// Over; go there, or show the page that says so. The cookie goes too.
    /// `frames`: what the browser loads on the way, so that applications hear of it there.
    Ended { redirect: Option<String>, frames: Vec<String> },
    /// Ask first.
    Ask,
    /// The request is wrong; nothing ended.
    Page(OAuthError),
}

impl Workflows {
    pub async fn logout(&self, visit: &LogoutVisit<'_>) -> Result<LogoutAnswer, OidcError> {
        let hint = self.logout_hint(visit.request).await?;
        let named = hint.as_ref().map(|hint| hint.client_id.as_str());
        let client = self.client_named(named.or(visit.request.client_id.as_deref())).await?;
        let open = match visit.session {
            Some(session) => self.session_stands(session).await?.then_some(session),
            None => None,
        };
        let elsewhere = match (&hint, &client, visit.session) {
            (Some(hint), Some(client), None) => self.opening_of(hint, client).await?,
            _ => None,
        };
        let facts = open.map(|session| OpenSession { sid: session.sid, subject_for_client: None });
        let decision =
            decide_logout(visit.request, hint.as_ref(), client.as_deref(), facts.as_ref());
        let redirect = match decision {
            LogoutDecision::Refuse(error) => return Ok(LogoutAnswer::Page(error)),
            LogoutDecision::Ask if !visit.confirmed => return Ok(LogoutAnswer::Ask),
            LogoutDecision::Ask => None,
            LogoutDecision::End { redirect } => redirect,
        };
        let mut frames = Vec::new();
        if let Some(session) = open.or(elsewhere.as_ref()) {
            frames = self.front_channel_calls(session.sid).await?;
            let client = client.map(|client| client.id);
            let by = match open {
                Some(_) => ActorId::Person { person: session.person },
                // A hint proves what was given, not who shows it: it stands in addresses and in histories.
                None => ActorId::Nobody,
            };
            self.end_session_here(session, by, client).await?;
        }
        Ok(LogoutAnswer::Ended { redirect, frames })
    }

    /// The session that a hint names, where no cookie does: a broker says by its own server, without a browser, that
    /// somebody left (Pro Santé Connect is one), and the form of another site brings no cookie of ours either. The
    /// hint is signed by us, and says to which client it was given, in which opening and for whom: it must be so still. It
    /// ends that opening, once, and nothing else (RP-Initiated Logout §2).
    async fn opening_of(
        &self,
        hint: &HintClaims,
        client: &Client,
    ) -> Result<Option<Session>, OidcError> {
        if !client.is_open(self.now()) {
            return Ok(None);
        }
        let reader = self.store().read();
        let Some(id) = reader.opening_clients().session_of(hint.sid, client.id).await? else {
            return Ok(None);
        };
        let found = reader.sessions().find(id).await?;
        let hers = |session: &Session| {
            session.sid == hint.sid
                && hint.subject == subject_identifier(client, session.person, self.keys())
        };
        match found.filter(hers) {
            Some(session) if self.session_stands(&session).await? => Ok(Some(session)),
            _ => Ok(None),
        }
    }

    /// Of each client that was opened in this opening and asked to be told in the browser.
    async fn front_channel_calls(&self, sid: OpeningId) -> Result<Vec<String>, OidcError> {
        let reader = self.store().read();
        let mut calls = Vec::new();
        for id in reader.opening_clients().of(sid).await? {
            let client = reader.clients().find(id).await?;
            let open = client.filter(|client| client.is_open(self.now()));
            calls.extend(open.and_then(|client| front_channel_call(&client, sid)));
        }
        Ok(calls)
    }

    async fn logout_hint(&self, request: &LogoutRequest) -> Result<Option<HintClaims>, OidcError> {
        let Some(hint) = &request.id_token_hint else { return Ok(None) };
        let keys = self.signing_keys().await?;
        Ok(read_hint(hint, &self.issuer()?, &keys))
    }

    async fn end_session_here(
        &self,
        session: &Session,
        by: ActorId,
        client: Option<ClientId>,
    ) -> Result<(), OidcError> {
        let (now, person) = (self.now(), session.person);
        let tx = self.store().begin().await?;
        let current = tx.sessions().lock(session.id).await?;
        // Somebody was faster: it is over, which is what was asked for.
        let Some(Ok(closed)) = current.map(|session| session.close(CloseReason::LoggedOut, now))
        else {
            return Ok(());
        };
        tx.sessions().save(&closed).await?;
        tx.tokens().revoke_of_session(session.id, now).await?;
        let logged_out =
            AuditEvent::LoggedOut { by: by.clone(), person, session: session.id, client };
        let reason = Code::of(CloseReason::LoggedOut.name());
        let closed = AuditEvent::SessionClosed { by, person, session: session.id, reason };
        tx.commit((logged_out, vec![closed])).await?;
        Ok(())
    }

    /// Whether a session carries anything now.
    pub(super) async fn session_stands(&self, session: &Session) -> Result<bool, OidcError> {
        let epoch = self.store().read().counters().read(Counter::RestoreEpoch).await?;
        let limits = SessionLimits::of(session.listener);
        let standing = session.standing(limits, u64::try_from(epoch).unwrap_or(0), self.now());
        Ok(standing == SessionStanding::Open)
    }
}

//! The authorization endpoint's use case: a request becomes a code, a login to make, or a refusal.
use super::OidcError;
use super::consents::{Consented, given_event, with_before};
use super::exercises::OwnExercise;
use super::facts::level_of;
use super::pushed::{GONE, Opened};
use crate::Workflows;
use crate::issue::{Ask, identity_standing, is_hers};
use audit::{AuditEvent, Code, Digest, Events, Reference};
use authentication::{Holder, Level, MeansKind, MeansStatus};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, ClientId, Handle, HandleHash, HandleKind, PersonId, SessionId};
use oidc::{
    AuthorizationCode, AuthorizeParameters, AuthorizeRefusal, AuthorizeRequest, Client,
    ClientPages, CodeDetails, ErrorCode, Interaction, LoginFacts, LoginReason, OAuthError,
    ReturnPath, read_hint, subject_identifier, validate_authorize, weigh_request,
};
use sessions::{Grant, IdentityStanding, Refusal, Session};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A browser at `/oauth2/authorize`.
pub struct AuthorizeVisit<'a> {
    pub parameters: &'a AuthorizeParameters,
    /// The session that its cookie names, whatever its state.
    pub session: Option<&'a Session>,
    /// When this request first came; `now` at its first visit.
    pub asked_at: DateTime<Utc>,
    /// The person goes back to the application rather than prove more (console, L11 and L12).
    pub put_off: bool,
    /// What the person says to what an application of somebody else would hear; `None`: she was not asked yet.
    pub consents: Option<ConsentWord<'a>>,
}

/// A person's word on the page that asked her.
#[derive(Debug, Clone, Copy)]
pub struct ConsentWord<'a> {
    pub yes: bool,
    /// What that page was marked with.
    pub mark: &'a str,
}

/// What the browser gets.
pub enum AuthorizeAnswer {
    /// Send these members to the client.
    Return { path: ReturnPath, members: Vec<(&'static str, String)>, form_origin: Option<String> },
    /// Somebody must log in, then come back with the same request.
    Login {
        client: ClientId,
        application: String,
        pages: ClientPages,
        level: Level,
        reason: LoginReason,
        login_hint: Option<String>,
        /// Languages that the application asks for, wherever its request came from.
        ui_locales: Vec<String>,
    },
    /// The person is known, and what she proved is not enough for this application: told to her, who then goes back
    /// to it with its refusal (console, L12). `has_key`: she holds one, and it does not reach that level.
    NotEnough { application: String, has_key: bool },
    /// The application takes people with a verified national identity alone, and none is linked to her: told to her, who then
    /// goes back to it with its refusal.
    NoIdentity { application: String, reference: Reference },
    /// She practises here in more than one way, and this application hears of it: she chooses under which she acts.
    Exercise { application: String, choices: Vec<OwnExercise> },
    /// An application of somebody else: she is asked what it may hear. `mark`: comes back with her word, which counts for
    /// these lines, this application and this session alone.
    Consent { application: String, pages: ClientPages, asked: BTreeSet<String>, mark: String },
    /// Said on a page of ours: the client or its address is wrong.
    Page { error: OAuthError, reference: Reference },
}

/// What a code is given on, beside its request.
struct Given {
    kept: Option<HandleHash>,
    asked_at: DateTime<Utc>,
    /// What she agrees to now.
    consent: Option<BTreeSet<String>>,
}

/// Whom the journal names beside a refusal.
#[derive(Default)]
struct Parties {
    person: Option<PersonId>,
    client: Option<ClientId>,
    session: Option<SessionId>,
}

impl Workflows {
    pub async fn authorize(
        &self,
        visit: &AuthorizeVisit<'_>,
    ) -> Result<AuthorizeAnswer, OidcError> {
        let client = self.client_named(visit.parameters.client_id()).await?;
        let known = client.as_deref();
        let opened = self.open_request(visit.parameters, known, visit.asked_at).await?;
        let judged = opened.map_err(AuthorizeRefusal::Page).and_then(|opened| {
            let Opened { parameters, carriage, kept } = &opened;
            validate_authorize(parameters, known, *carriage, self.now())
                .map(|request| (request, kept.clone()))
        });
        let (request, kept) = match judged {
            Ok(judged) => judged,
            Err(refusal) => return self.refuse_request(refusal, known).await,
        };
        let client = known.expect("a valid request has its client");
        let facts = match visit.session {
            Some(session) => self.open_facts(session).await?,
            None => None,
        };
        let right_person = self.right_person(&request, client, facts.as_ref()).await?;
        let weighed = weigh_request(
            &request,
            client,
            facts.as_ref(),
            right_person,
            visit.asked_at,
            self.now(),
        );
        let weighed = match weighed {
            Interaction::Login(_) if visit.put_off => Interaction::Refuse(put_off()),
            weighed => weighed,
        };
        if let Some(facts) = facts.as_ref().filter(|_| !visit.put_off && !request.prompt.none)
            && let Some(has_key) = self.is_beyond(&weighed, facts.person).await?
        {
            self.trace_refusal(&parties(client, visit.session), "level_not_reached").await?;
            return Ok(AuthorizeAnswer::NotEnough { application: client.name.clone(), has_key });
        }
        match (weighed, visit.session) {
            (Interaction::Proceed(acr), Some(session)) => {
                if self.lacks_identity(client, session.person).await? {
                    let parties = parties(client, visit.session);
                    let reason = Refusal::NoNationalIdentity.code();
                    let reference = self.trace_refusal(&parties, reason).await?;
                    if !visit.put_off && !request.prompt.none {
                        let application = client.name.clone();
                        return Ok(AuthorizeAnswer::NoIdentity { application, reference });
                    }
                    return Ok(answer(client, request.return_path, &no_identity()));
                }
                if let Some(choices) = self.exercise_asked(&request, client, session, acr).await? {
                    if !visit.put_off && !request.prompt.none {
                        return Ok(AuthorizeAnswer::Exercise {
                            application: client.name.clone(),
                            choices,
                        });
                    }
                    let error = if visit.put_off { put_off() } else { exercise_unsaid() };
                    self.trace_refusal(&parties(client, visit.session), "exercise_unsaid").await?;
                    return Ok(answer(client, request.return_path, &error));
                }
                let consent = match self.consented(&request, client, session, visit).await? {
                    Consented::Yes(consent) => consent,
                    Consented::Ask { asked, mark } => {
                        let (application, pages) =
                            (client.name.clone(), client.settings.described.pages.clone());
                        return Ok(AuthorizeAnswer::Consent { application, pages, asked, mark });
                    }
                    Consented::No(error) => {
                        self.trace_refusal(&parties(client, visit.session), error.code.name())
                            .await?;
                        return Ok(answer(client, request.return_path, &error));
                    }
                };
                let given = Given { kept, asked_at: visit.asked_at, consent };
                self.give_code(request, given, client, session).await
            }
            (Interaction::Proceed(_), None) => unreachable!("nobody proceeds without a session"),
            (Interaction::Login(need), _) => Ok(AuthorizeAnswer::Login {
                client: client.id,
                application: client.name.clone(),
                pages: client.settings.described.pages.clone(),
                level: level_of(need.minimum),
                reason: need.reason,
                login_hint: request.login_hint,
                ui_locales: request.ui_locales,
            }),
            (Interaction::Refuse(error), session) => {
                let parties = parties(client, session);
                // Nothing was shown and nothing tried: a client that asks whether somebody is there (prompt none).
                if session.is_none() && !visit.put_off {
                    return Ok(answer(client, request.return_path, &error));
                }
                self.trace_refusal(&parties, error.code.name()).await?;
                Ok(answer(client, request.return_path, &error))
            }
        }
    }

    /// The choke point, then the code, in one act.
    async fn give_code(
        &self,
        request: AuthorizeRequest,
        given: Given,
        client: &Client,
        session: &Session,
    ) -> Result<AuthorizeAnswer, OidcError> {
        let Given { kept, asked_at, consent } = given;
        let tx = self.store().begin().await?;
        // RFC 9126 §7.3: a name serves once, when it has given what it was for.
        let spent = match &kept {
            Some(kept) => tx.pushed_requests().spend(kept, self.now()).await?,
            None => true,
        };
        if !spent {
            drop(tx);
            let error = OAuthError::new(ErrorCode::InvalidRequestUri, GONE);
            return self.refuse_request(AuthorizeRefusal::Page(error), Some(client)).await;
        }
        // Read again under the act: it may have ended since the page was asked for.
        tx.people().hold(session.person).await?;
        let current = tx.sessions().hold(session.id).await?;
        let ask = Ask {
            grant: Grant::Code,
            person: session.person,
            proofs: &session.proofs,
            session: current.as_ref(),
            client: Some(client),
            operator: session.operator,
        };
        let weighing = self.may_issue(&tx, &ask).await?;
        if let Err(refusal) = weighing.verdict {
            drop(tx);
            self.trace_refusal(&parties(client, Some(session)), refusal.code()).await?;
            let description = "this person may not open this application now";
            let error = OAuthError::new(ErrorCode::AccessDenied, description);
            return Ok(answer(client, request.return_path, &error));
        }
        let (handle, now) = (Handle::new(HandleKind::Code, self.randomness()), self.now());
        let code = code_of(&request, client, session, asked_at, now);
        tx.codes().insert(&handle.hash(), &code).await?;
        tx.opening_clients().note(session.sid, client.id, session.id, now).await?;
        let mut events = vec![AuditEvent::CodeIssued {
            by: ActorId::Person { person: session.person },
            person: session.person,
            client: client.id,
            session: session.id,
            opening: session.sid,
        }];
        if let Some(asked) = consent {
            // Her row is held: what she takes back in another tab meanwhile does not come back with this.
            let consent = with_before(&tx, session.person, client, asked, now).await?;
            events.insert(0, given_event(&consent, session));
        }
        tx.commit(Events::try_from(events).expect("a code was issued")).await?;
        let members = request.return_path.success(handle.expose());
        let form_origin = client.redirect_origin(&request.return_path.redirect_uri);
        Ok(AuthorizeAnswer::Return { path: request.return_path, members, form_origin })
    }

    /// A session that carries nothing counts as none: somebody else may sit there now.
    async fn open_facts(&self, session: &Session) -> Result<Option<LoginFacts>, OidcError> {
        let standing = self.session_stands(session).await?;
        Ok(if standing { self.facts_of(session) } else { None })
    }

    /// `Some(false)` when a hint of ours, or a wanted `sub`, names somebody else than who is there.
    async fn right_person(
        &self,
        request: &AuthorizeRequest,
        client: &Client,
        facts: Option<&LoginFacts>,
    ) -> Result<Option<bool>, OidcError> {
        let Some(facts) = facts else { return Ok(None) };
        let subject = subject_identifier(client, facts.person, self.keys());
        if let Some(wanted) = request.claims.id_token.get("sub")
            && !wanted.values.is_empty()
            && !wanted.values.contains(&subject)
        {
            return Ok(Some(false));
        }
        let Some(hint) = &request.id_token_hint else { return Ok(None) };
        let keys = self.signing_keys().await?;
        let read = read_hint(hint, &client.issuer, &keys);
        Ok(Some(
            read.is_some_and(|hint| hint.client_id == client.client_id && hint.subject == subject),
        ))
    }

    /// Before any act: the choke point says the same within it.
    async fn lacks_identity(&self, client: &Client, person: PersonId) -> Result<bool, OidcError> {
        if !client.settings.security.needs_national_identity {
            return Ok(false);
        }
        let told = self.store().read().national_identities().to_tell(person).await?;
        Ok(identity_standing(&told) == IdentityStanding::Missing)
    }

    /// Whether another login of hers can't reach the level: the last one was for this very request, or she holds no
    /// key. `Some`: it can't, and this says whether she holds one.
    async fn is_beyond(
        &self,
        weighed: &Interaction,
        person: PersonId,
    ) -> Result<Option<bool>, OidcError> {
        let unmet = ErrorCode::UnmetAuthenticationRequirements;
        let tried = match weighed {
            Interaction::Login(need) if need.reason == LoginReason::StepUp => false,
            Interaction::Refuse(error) if error.code == unmet => true,
            Interaction::Proceed(_) | Interaction::Login(_) | Interaction::Refuse(_) => {
                return Ok(None);
            }
        };
        let reader = self.store().read();
        let means = reader.means().of(person).await?;
        let links = reader.national_identities().of(person).await?;
        let has_key = means.iter().any(|means| {
            matches!(means.kind, MeansKind::Fido2 | MeansKind::CpsCard)
                && is_hers(means, &links)
                && means.holder == Some(Holder::Person(person))
                && means.standing(self.now()) == MeansStatus::Active
        });
        Ok((tried || !has_key).then_some(has_key))
    }

    async fn refuse_request(
        &self,
        refusal: AuthorizeRefusal,
        client: Option<&Client>,
    ) -> Result<AuthorizeAnswer, OidcError> {
        let parties = Parties { client: client.map(|client| client.id), ..Parties::default() };
        match (refusal, client) {
            (AuthorizeRefusal::Return(path, error), Some(client)) => {
                self.trace_refusal(&parties, error.code.name()).await?;
                Ok(answer(client, path, &error))
            }
            (AuthorizeRefusal::Page(error) | AuthorizeRefusal::Return(_, error), _) => {
                let reference = self.trace_refusal(&parties, "client_or_address_wrong").await?;
                Ok(AuthorizeAnswer::Page { error, reference })
            }
        }
    }

    async fn trace_refusal(
        &self,
        parties: &Parties,
        reason: &'static str,
    ) -> Result<Reference, OidcError> {
        let reference = self.reference();
        let event = AuditEvent::AuthorizeRefused {
            by: parties.person.map_or(ActorId::Nobody, |person| ActorId::Person { person }),
            person: parties.person,
            client: parties.client,
            session: parties.session,
            reason: Code::of(reason),
            reference: reference.clone(),
        };
        let place = parties.client.map(|client| Digest::of(client.uuid().as_bytes()));
        self.trace_bounded(reason, place, event).await?;
        tracing::info!(reason, reference = %reference, "an authorization was refused");
        Ok(reference)
    }

    /// A client of this issuer, by its name.
    pub(super) async fn client_named(
        &self,
        client_id: Option<&str>,
    ) -> Result<Option<Arc<Client>>, OidcError> {
        match client_id {
            Some(client_id) => self.client_now(client_id).await,
            None => Ok(None),
        }
    }
}

fn no_identity() -> OAuthError {
    let description = "this application takes people with a verified national identity alone";
    OAuthError::new(ErrorCode::AccessDenied, description)
}

fn exercise_unsaid() -> OAuthError {
    let description = "the person has to choose under which exercise she acts and prompt is none";
    OAuthError::new(ErrorCode::InteractionRequired, description)
}

fn put_off() -> OAuthError {
    OAuthError::new(ErrorCode::AccessDenied, "the person put the login off")
}

fn code_of(
    request: &AuthorizeRequest,
    client: &Client,
    session: &Session,
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AuthorizationCode {
    AuthorizationCode {
        issuer: client.issuer.clone(),
        client: client.id,
        person: session.person,
        session: session.id,
        sid: session.sid,
        details: CodeDetails::of(request, asked_at),
        issued_at: now,
        expires_at: now + Duration::seconds(i64::from(client.settings.code_seconds)),
        used_at: None,
    }
}

fn parties(client: &Client, session: Option<&Session>) -> Parties {
    Parties {
        person: session.map(|session| session.person),
        client: Some(client.id),
        session: session.map(|session| session.id),
    }
}

fn answer(client: &Client, path: ReturnPath, error: &OAuthError) -> AuthorizeAnswer {
    let members = path.refusal(error);
    let form_origin = client.redirect_origin(&path.redirect_uri);
    AuthorizeAnswer::Return { path, members, form_origin }
}

use super::form::{self, Pairs};
use super::{OidcState, consent, exercise, on_heap, pages};
use crate::{cookies, login};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kernel::{Handle, HandleKind};
use oidc::{
    AuthorizeParameters, LoginReason, OAuthError, ProviderEndpoints, ResponseMode, parse_authorize,
};
use std::net::SocketAddr;
use workflows::Workflows;
use workflows::login::LoginAsk;
use workflows::oidc::{AuthorizeAnswer, AuthorizeVisit, ConsentWord, OidcError, PUT_OFF, RESUME};

/// Permission: anybody; a code needs a session, and the choke point's leave.
#[tracing::instrument(skip_all)]
pub async fn by_query(
    State(state): State<OidcState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    RawQuery(query): RawQuery,
    mut headers: HeaderMap,
) -> Response {
    let pairs = form::pairs(query.unwrap_or_default().as_bytes());
    let peer = peer.map(|peer| peer.0.0);
    answered(&state, &pairs, &mut headers, peer, At::Authorize).await
}

/// Where a request is shown to the person, and what she said there.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    Authorize,
    /// The page that asks what an application of somebody else may hear.
    Consent(Option<ConsentWord<'a>>),
    /// The page where she chooses her exercise. `said`: by its form, a moment ago.
    Exercise {
        said: bool,
    },
}

/// The answer to a request, whatever page it came to.
pub(super) async fn answered(
    state: &OidcState,
    pairs: &Pairs,
    headers: &mut HeaderMap,
    peer: Option<SocketAddr>,
    at: At<'_>,
) -> Response {
    match authorize(state, pairs, headers, peer, at).await {
        Ok(response) => response,
        Err(Failed::Request(error)) => told(state, &error, headers).await,
        Err(Failed::Here(cause)) => {
            tracing::error!(cause, "an authorization failed");
            pages::failed()
        }
    }
}

/// Permission: anybody. A form from another site comes without our cookies (SameSite); asked again by GET, the
/// same request comes with them.
pub async fn by_form(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let read = form::form(&headers, &body).and_then(|mut pairs| {
        pairs.extend(form::pairs(query.unwrap_or_default().as_bytes()));
        parse_authorize(&pairs)
    });
    match read {
        Ok(parameters) => {
            let path = format!("{}?{}", ProviderEndpoints::AUTHORIZE, parameters.to_text());
            pages::see_other(&path)
        }
        Err(error) => told(&state, &error, &headers).await,
    }
}

enum Failed {
    Request(OAuthError),
    Here(String),
}

impl From<OidcError> for Failed {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused { error, .. } => Self::Request(error),
            cause @ (OidcError::NoSigningKey(_)
            | OidcError::Issuer
            | OidcError::Key(_)
            | OidcError::Register(_)
            | OidcError::Store(_)) => Self::Here(cause.to_string()),
        }
    }
}

async fn authorize(
    state: &OidcState,
    pairs: &Pairs,
    headers: &mut HeaderMap,
    peer: Option<SocketAddr>,
    at: At<'_>,
) -> Result<Response, Failed> {
    let workflows = &state.workflows;
    let parameters = parse_authorize(pairs).map_err(Failed::Request)?;
    let browser = cookies::read_one(headers, cookies::BROWSER)
        .and_then(|text| Handle::parse(HandleKind::Browser, text).ok());
    let current = match (
        cookies::read_one(headers, cookies::SESSION),
        cookies::read_one(headers, cookies::BROWSER),
    ) {
        (Some(session), Some(browser)) => workflows
            .current_session(audit::AccessKind::Public, session, browser)
            .await
            .map_err(|cause| Failed::Here(cause.to_string()))?,
        _ => None,
    };
    let resumed = first_asked(state, pairs, &parameters, browser.as_ref());
    let asked_at = resumed.unwrap_or_else(|| workflows.now());
    let visit = AuthorizeVisit {
        parameters: &parameters,
        session: current.as_ref().map(|current| &current.session),
        asked_at,
        put_off: resumed.is_some() && pairs.iter().any(|(name, _)| name == PUT_OFF),
        consents: match at {
            At::Authorize | At::Exercise { .. } => None,
            At::Consent(word) => word,
        },
    };
    let answer = on_heap(workflows.authorize(&visit)).await?;
    match answer {
        AuthorizeAnswer::Return { path, members, form_origin } => match path.mode {
            // A page that moves on: browsers hold the redirects of a form to `form-action` too.
            ResponseMode::Query
                if matches!(at, At::Consent(Some(_)) | At::Exercise { said: true }) =>
            {
                Ok(login::move_on(&path.location(&members)))
            }
            ResponseMode::Query => Ok(pages::see_other(&path.location(&members))),
            ResponseMode::FormPost => {
                let origin = form_origin.ok_or(Failed::Here("no origin".to_owned()))?;
                let nonce = workflows.page_nonce();
                Ok(pages::form_post(&path.redirect_uri, &members, &origin, &nonce))
            }
        },
        AuthorizeAnswer::Page { error, reference } => {
            let house = workflows.house().await.map_err(|cause| Failed::Here(cause.to_string()))?;
            Ok(pages::bad_request(&house, &error, reference.as_str(), login::Lang::of(headers)))
        }
        AuthorizeAnswer::NoIdentity { application, reference } => {
            let house = workflows.house().await.map_err(|cause| Failed::Here(cause.to_string()))?;
            let (known, _) = browser_secret(state, headers, browser);
            let back = put_off(&again(workflows, &parameters, &known, asked_at));
            let (night, lang) = (state.login.is_night(), login::Lang::of(headers));
            let told = (application.as_str(), &reference);
            Ok(pages::no_identity(&house, told, &back, (night, lang)))
        }
        AuthorizeAnswer::NotEnough { application, has_key } => {
            let house = workflows.house().await.map_err(|cause| Failed::Here(cause.to_string()))?;
            let (known, _) = browser_secret(state, headers, browser);
            let back = put_off(&again(workflows, &parameters, &known, asked_at));
            let lang = login::Lang::of(headers);
            let night = state.login.is_night();
            Ok(pages::not_enough(&house, &application, has_key, &back, (night, lang)))
        }
        AuthorizeAnswer::Exercise { application, choices } => {
            let (known, new) = browser_secret(state, headers, browser);
            let again = again(workflows, &parameters, &known, asked_at);
            let here = again.replacen(ProviderEndpoints::AUTHORIZE, exercise::PATH, 1);
            let mut response = match at {
                At::Authorize | At::Consent(_) => pages::see_other(&here),
                At::Exercise { .. } => {
                    let ways = (here.as_str(), put_off(&again));
                    exercise::page(state, headers, (&application, &choices), (ways.0, &ways.1))
                        .await
                        .map_err(Failed::Here)?
                }
            };
            if let Some(cookie) = new {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        AuthorizeAnswer::Consent { application, pages, asked, mark } => {
            let (known, new) = browser_secret(state, headers, browser);
            let again = again(workflows, &parameters, &known, asked_at);
            let here = again.replacen(ProviderEndpoints::AUTHORIZE, consent::PATH, 1);
            let mut response = match at {
                At::Authorize | At::Exercise { .. } => pages::see_other(&here),
                At::Consent(_) => {
                    consent::page(state, headers, (&application, &pages), (&asked, &mark), &here)
                        .await
                        .map_err(Failed::Here)?
                }
            };
            if let Some(cookie) = new {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        AuthorizeAnswer::Login {
            client, application, pages, level, reason, ui_locales, ..
        } => {
            let (known, new) = browser_secret(state, headers, browser);
            let next = again(workflows, &parameters, &known, asked_at);
            let confirms = match reason {
                LoginReason::NobodyThere | LoginReason::OtherPerson => false,
                LoginReason::AskedByClient | LoginReason::TooOld | LoginReason::StepUp => true,
            };
            let ask = LoginAsk {
                later: confirms.then(|| put_off(&next)),
                cancel: (!confirms).then(|| put_off(&next)),
                next,
                application: Some(application),
                pages,
                client: Some(client),
                level,
                two_factors: false,
                locales: ui_locales,
            };
            Ok(send_to_login(state, headers, peer, ask, new).await)
        }
    }
}

/// This request, with the mark of when it first came.
fn again(
    workflows: &Workflows,
    parameters: &AuthorizeParameters,
    browser: &Handle,
    asked_at: DateTime<Utc>,
) -> String {
    let mark = workflows.resume_mark(parameters, browser, asked_at);
    format!("{}?{}&{RESUME}={mark}", ProviderEndpoints::AUTHORIZE, parameters.to_text())
}

/// Back to the application, with its refusal.
fn put_off(again: &str) -> String {
    format!("{again}&{PUT_OFF}=1")
}

/// The browser's secret, and the cookie that gives it one when it has none: the mark and the login are both bound
/// to it.
fn browser_secret(
    state: &OidcState,
    headers: &mut HeaderMap,
    browser: Option<Handle>,
) -> (Handle, Option<HeaderValue>) {
    if let Some(browser) = browser {
        return (browser, None);
    }
    let browser = state.workflows.new_browser();
    let secret = browser.expose();
    let shown = HeaderValue::from_str(&format!("{}={secret}", cookies::BROWSER));
    headers.append(header::COOKIE, shown.expect("handles are letters and digits"));
    let cookie = cookies::set(cookies::BROWSER, secret, "Lax");
    (browser, Some(cookie))
}

async fn send_to_login(
    state: &OidcState,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    ask: LoginAsk,
    cookie: Option<HeaderValue>,
) -> Response {
    let mut response = login::send_to_login(&state.login, headers, peer, ask).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// When the request first came, where it comes back from a login of ours with its mark.
fn first_asked(
    state: &OidcState,
    pairs: &Pairs,
    parameters: &AuthorizeParameters,
    browser: Option<&Handle>,
) -> Option<DateTime<Utc>> {
    let mut marks = pairs.iter().filter(|(name, _)| name == RESUME).map(|(_, mark)| mark);
    match (marks.next(), marks.next(), browser) {
        (Some(mark), None, Some(browser)) => state.workflows.read_resume(mark, parameters, browser),
        _ => None,
    }
}

/// Too malformed to know whose it is: a page, and no event, since there is nothing to name.
async fn told(state: &OidcState, error: &OAuthError, headers: &HeaderMap) -> Response {
    let reference = state.workflows.page_reference();
    tracing::info!(reference = %reference, code = error.code.name(), "a malformed request");
    match state.workflows.house().await {
        Ok(house) => {
            pages::bad_request(&house, error, reference.as_str(), login::Lang::of(headers))
        }
        Err(cause) => {
            tracing::error!(%cause, "a page failed");
            pages::failed()
        }
    }
}

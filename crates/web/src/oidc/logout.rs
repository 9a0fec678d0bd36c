use super::form::{self, Pairs};
use super::{OidcState, pages};
use crate::login::Lang;
use crate::{cookies, guard};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use oidc::{OAuthError, parse_logout};
use workflows::login::{Current, House};
use workflows::oidc::{LogoutAnswer, LogoutVisit};

/// Permission: anybody; only a hint for this very session, or the person's own press, ends it.
#[tracing::instrument(skip_all)]
pub async fn by_query(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = form::pairs(query.unwrap_or_default().as_bytes());
    logout(&state, &pairs, &headers, false).await
}

/// Permission: anybody. Both a client's form (RP-Initiated Logout §2) and the button of our own page.
#[tracing::instrument(skip_all)]
pub async fn by_form(State(state): State<OidcState>, headers: HeaderMap, body: Bytes) -> Response {
    match form::form(&headers, &body) {
        Ok(pairs) => logout(&state, &pairs, &headers, true).await,
        Err(error) => refused(&state, &error, &headers).await,
    }
}

async fn logout(state: &OidcState, pairs: &Pairs, headers: &HeaderMap, posted: bool) -> Response {
    let request = match parse_logout(pairs) {
        Ok(request) => request,
        Err(error) => return refused(state, &error, headers).await,
    };
    let current = match current(state, headers).await {
        Ok(current) => current,
        Err(cause) => return failed(&cause),
    };
    let visit = LogoutVisit {
        request: &request,
        session: current.as_ref().map(|current| &current.session),
        confirmed: posted && is_confirmed(state, pairs, headers, current.as_ref()),
    };
    let (answer, house) =
        match (state.workflows.logout(&visit).await, state.workflows.house().await) {
            (Ok(answer), Ok(house)) => (answer, house),
            (Err(cause), _) => return failed(&cause),
            (_, Err(cause)) => return failed(&cause),
        };
    let lang = Lang::of(headers);
    match (answer, &current) {
        (LogoutAnswer::Ended { redirect, frames }, here) => {
            let nonce = state.workflows.page_nonce();
            let mut response = ended(&house, redirect, &frames, (&nonce, lang));
            // Any site can post a form here, which brings no cookie of ours: the answer takes nothing from a browser
            // whose own session was not the one that ended.
            if here.is_some() {
                empty_browser(&mut response);
            }
            response
        }
        (LogoutAnswer::Ask, Some(current)) => {
            pages::ask_logout(&house, &state.workflows.logout_token(&current.session), lang)
        }
        (LogoutAnswer::Ask, None) => pages::logged_out(&house, lang),
        (LogoutAnswer::Page(error), _) => refused(state, &error, headers).await,
    }
}

fn failed(cause: &dyn std::fmt::Display) -> Response {
    tracing::error!(%cause, "a logout failed");
    pages::failed()
}

/// The button of our own page: its token is for this session, and the form came from here.
fn is_confirmed(
    state: &OidcState,
    pairs: &Pairs,
    headers: &HeaderMap,
    current: Option<&Current>,
) -> bool {
    let shown = pairs.iter().find(|(name, _)| name == "confirm").map(|(_, token)| token);
    let from_here = guard::is_same_origin(headers, &state.workflows.parts().public_origin);
    match (shown, current) {
        (Some(shown), Some(current)) if from_here => {
            let due = kernel::Secret::new(state.workflows.logout_token(&current.session));
            due.matches(shown.as_bytes())
        }
        _ => false,
    }
}

async fn current(
    state: &OidcState,
    headers: &HeaderMap,
) -> Result<Option<Current>, impl std::fmt::Display> {
    let session = cookies::read_one(headers, cookies::SESSION).unwrap_or_default();
    let browser = cookies::read_one(headers, cookies::BROWSER).unwrap_or_default();
    state.workflows.current_session(audit::AccessKind::Public, session, browser).await
}

fn ended(
    house: &House,
    redirect: Option<String>,
    frames: &[String],
    (nonce, lang): (&str, Lang),
) -> Response {
    match redirect {
        redirect if !frames.is_empty() => {
            pages::tell_applications(house, redirect.as_deref(), frames, (nonce, lang))
        }
        Some(address) => pages::see_other(&address),
        None => pages::logged_out(house, lang),
    }
}

fn empty_browser(response: &mut Response) {
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookies::cleared(cookies::SESSION));
    // Not "cookies": that would empty every host of the hospital's domain, other applications included.
    let cleared = HeaderValue::from_static(r#""cache", "storage""#);
    headers.insert("clear-site-data", cleared);
}

async fn refused(state: &OidcState, error: &OAuthError, headers: &HeaderMap) -> Response {
    match state.workflows.house().await {
        Ok(house) => {
            let reference = state.workflows.page_reference();
            pages::bad_request(&house, error, reference.as_str(), Lang::of(headers))
        }
        Err(cause) => failed(&cause),
    }
}

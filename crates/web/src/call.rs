//! `Call`: who calls, and the workflows. `Answer`: what every handler gives back.
use crate::admin::AdminState;
use crate::admin::cursor::Bound;
use crate::cookies;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use kernel::Actor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sessions::SessionLimits;
use std::ops::Deref;
use workflows::views::ConsoleCaller;
use workflows::{ConfirmedAct, Workflows};

/// What a handler answers.
pub type Answer<T> = Result<T, Problem>;

/// The one extractor of the admin API.
pub struct Call {
    pub workflows: Workflows,
    pub caller: ConsoleCaller,
    /// Route and filters, without cursor, limit and columns: what a cursor is bound to.
    query: String,
    if_match: Option<i64>,
    /// This very call keeps the session open.
    alive: bool,
}

impl Call {
    pub fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// Refuses a write on what has changed since it was shown.
    pub fn must_match(&self, version: i64, code: &str) -> Result<(), Problem> {
        match self.if_match {
            Some(shown) if shown != version => Err(Problem::stale(code)),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses an act that this session has not confirmed with its key. After the right, before the act.
    pub async fn must_confirm(&self, act: ConfirmedAct) -> Result<(), Problem> {
        Ok(self.workflows.must_be_confirmed(&self.caller, act).await?)
    }

    /// The version that the caller saw, when it told one.
    pub fn shown_version(&self) -> Option<i64> {
        self.if_match
    }

    /// When the session closes if nobody does anything more.
    pub fn idle_until(&self) -> DateTime<Utc> {
        let session = &self.caller.session;
        let seen = if self.alive { self.workflows.now() } else { session.last_seen_at };
        (seen + SessionLimits::of(session.listener).idle).min(session.expires_at)
    }

    pub fn open_cursor<T: DeserializeOwned>(
        &self,
        cursor: Option<&str>,
    ) -> Result<Option<T>, Problem> {
        cursor.map(|text| self.bound().open(text)).transpose()
    }

    pub fn seal_cursor<T: Serialize>(&self, position: &T) -> String {
        self.bound().seal(position)
    }

    fn bound(&self) -> Bound<'_> {
        let id = self.caller.operator.id;
        Bound { keys: self.workflows.keys(), operator: id, query: &self.query }
    }
}

impl FromRequestParts<AdminState> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AdminState) -> Result<Self, Problem> {
        let session = cookies::read_one(&parts.headers, cookies::CONSOLE);
        let browser = cookies::read_one(&parts.headers, cookies::CONSOLE_BROWSER);
        let (session, browser) = session.zip(browser).ok_or_else(Problem::unauthenticated)?;
        let alive = !(parts.method.is_safe() && watches(parts.uri.path()));
        let caller = state.workflows.console_caller(session, browser, alive).await?;
        Ok(Self {
            workflows: state.workflows.clone(),
            caller: caller.ok_or_else(Problem::unauthenticated)?,
            alive,
            query: bound_query(parts),
            if_match: if_match(parts)?,
        })
    }
}

/// What an open page asks by itself: no sign that somebody is there.
fn watches(path: &str) -> bool {
    const ASKED: [&str; 7] = [
        "/api/v1/me",
        "/api/v1/me/acts",
        "/api/v1/reach",
        "/api/v1/home",
        "/api/v1/accords",
        "/api/v1/jobs",
        "/api/v1/jobs/events",
    ];
    // A run that moves is looked at each second.
    let a_run = path.strip_prefix("/api/v1/runs/").is_some_and(|rest| !rest.contains('/'));
    a_run || ASKED.contains(&path)
}

fn bound_query(parts: &Parts) -> String {
    // None of these moves a line: a page goes on where it was when more of it is asked for.
    let of_the_page =
        |pair: &str| ["cursor=", "limit=", "columns="].iter().any(|name| pair.starts_with(name));
    let asked = parts.uri.query().unwrap_or("");
    let mut pairs: Vec<&str> =
        asked.split('&').filter(|pair| !pair.is_empty() && !of_the_page(pair)).collect();
    pairs.sort_unstable();
    format!("{}?{}", parts.uri.path(), pairs.join("&"))
}

fn if_match(parts: &Parts) -> Result<Option<i64>, Problem> {
    let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or("").trim_start_matches("W/").trim_matches('"');
    let version =
        text.parse().map_err(|_| Problem::bad_request("If-Match holds no tag of ours"))?;
    Ok(Some(version))
}

/// An answer with the tag of what it shows.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        response.headers_mut().insert(header::ETAG, etag_header(self.0));
        response
    }
}

/// A tag as bodies repeat it.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

fn etag_header(version: i64) -> HeaderValue {
    HeaderValue::from_str(&etag(version)).expect("digits and quotes")
}

/// Something was made.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

/// Long work has begun.
pub struct Accepted<T>(pub T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

/// A JSON body; anything else is refused with its reason.
pub struct Body<T>(pub T);

impl<T> Deref for Body<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// Query parameters; an unreadable one is refused.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        use axum::extract::Query;
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// The place in the path; one that cannot be is a thing unknown.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        use axum::extract::Path;
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(place)) => Ok(Self(place)),
            Err(_) => Err(Problem::not_found("not_found")),
        }
    }
}

/// Where a page begins and how long it is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Paging {
    pub cursor: Option<String>,
    pub limit: Option<u64>,
}

impl Paging {
    /// 100 unless told, 200 at most.
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(100).clamp(1, 200)
    }
}

/// `a,b,c` in a filter; nothing when absent.
pub fn listed(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or("").split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Each value of a filter in its type; one that is not of the list is refused.
pub fn listed_as<T>(
    field: &str,
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let one = |value: &String| {
        read(value).ok_or_else(|| Problem::bad_request(format!("{field} has no value {value}")))
    };
    listed(text).iter().map(one).collect()
}

//! The provider that a check plays, over HTTP.
use super::check::Failed;
use super::pages;
use crate::oidc::{Pairs, pairs, see_other};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use workflows::Workflows;
use workflows::sandbox::{CheckAnswer, CheckCall};

/// Permission: anybody.
pub async fn discovery(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    Ok(Json(workflows.check_discovery(&id).await?).into_response())
}

/// Permission: anybody.
pub async fn jwks(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let document = workflows.check_jwks(&id).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}

/// Permission: anybody; nobody real logs in here.
pub async fn authorize(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failed> {
    let asked = Asked::read(query, &headers, &body);
    Ok(answer(workflows.check_authorize(&id, &asked.call()).await?))
}

/// Permission: the client of the check, by the secret that the check gave.
pub async fn token(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failed> {
    let asked = Asked::read(query, &headers, &body);
    Ok(match workflows.check_token(&id, &asked.call()).await? {
        Ok(tokens) => Json(tokens).into_response(),
        Err(code) => {
            let status = if code == "invalid_client" {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::BAD_REQUEST
            };
            (status, Json(json!({ "error": code }))).into_response()
        }
    })
}

/// Permission: a token of the check.
pub async fn userinfo(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failed> {
    let asked = Asked::read(query, &headers, &body);
    Ok(match workflows.check_userinfo(&id, &asked.call()).await? {
        Some(claims) => Json(claims).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    })
}

/// Permission: anybody.
pub async fn logout(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failed> {
    let asked = Asked::read(query, &headers, &body);
    Ok(answer(workflows.check_logout(&id, &asked.call()).await?))
}

fn answer(answer: CheckAnswer) -> Response {
    match answer {
        CheckAnswer::Redirect(address) => see_other(&address),
        CheckAnswer::Page(words) => pages::told(words),
    }
}

/// A request, read as widely as it came: what is wrong with it is for the report.
struct Asked {
    query: Pairs,
    parameters: Pairs,
    authorization: Option<String>,
    from_browser: bool,
}

impl Asked {
    fn read(query: Option<String>, headers: &HeaderMap, body: &Bytes) -> Self {
        let query = pairs(query.unwrap_or_default().as_bytes());
        let mut parameters = pairs(body);
        parameters.extend(query.iter().cloned());
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // A page's script cannot hide where it runs; some servers' libraries send `sec-fetch-mode`, and no more than that.
        let scripted = text("sec-fetch-site").is_some_and(|site| site != "none");
        Self {
            query,
            parameters,
            authorization: text("authorization").map(str::to_owned),
            from_browser: scripted || text("origin").is_some(),
        }
    }

    fn call(&self) -> CheckCall<'_> {
        CheckCall {
            parameters: &self.parameters,
            query: &self.query,
            authorization: self.authorization.as_deref(),
            from_browser: self.from_browser,
        }
    }
}

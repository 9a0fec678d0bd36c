//! `Idempotency-Key`: a call that the network sent twice is done once, and answered twice the same.
use super::AdminState;
use crate::cookies;
use crate::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use workflows::Workflows;
use workflows::views::KeptAnswer;

const LONGEST_KEY: usize = 128;

/// What is kept of an answer, sealed: it may hold a secret that is shown once.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// What was asked: the same key for another call is refused.
    call: String,
    status: u16,
    etag: Option<String>,
    body: String,
}

pub async fn once(State(state): State<AdminState>, request: Request, next: Next) -> Response {
    let key = request.headers().get("idempotency-key").cloned();
    let (true, Some(key)) = (request.method() == Method::POST, key) else {
        return next.run(request).await;
    };
    match answer(&state.workflows, &key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(
    workflows: &Workflows,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Problem::bad_request("Idempotency-Key has 1 to 128 characters"));
    }
    // Bound to the session: nobody reads an answer of somebody else by guessing a key.
    let Some(session) = cookies::read_one(request.headers(), cookies::CONSOLE) else {
        return Err(Problem::unauthenticated());
    };
    let name = digest(&[b"key", session.as_bytes(), key.as_bytes()]);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, super::LONGEST_BODY).await;
    let body = body.map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_long"))?;
    let path = parts.uri.path().to_owned();
    let call = digest(&[b"call", path.as_bytes(), &body]);
    match workflows.claim_call(&name).await? {
        KeptAnswer::First => {}
        KeptAnswer::Running => return Err(Problem::conflict("idempotency_conflict")),
        KeptAnswer::Done(kept) => return again(&kept, &call),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(workflows, &name, call, response).await
}

fn again(kept: &str, call: &str) -> Result<Response, Problem> {
    let kept: Kept = serde_json::from_str(kept).map_err(|error| Problem::internal(&error))?;
    if kept.call != call {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_conflict"));
    }
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Some(etag) = kept.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// A refusal is not kept: what was refused may be asked again.
async fn keep(
    workflows: &Workflows,
    name: &str,
    call: String,
    response: Response,
) -> Result<Response, Problem> {
    if !response.status().is_success() {
        workflows.forget_call(name).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, super::LONGEST_BODY).await;
    let body = body.map_err(|error| Problem::internal(&error))?;
    let etag = parts.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let kept = Kept {
        call,
        status: parts.status.as_u16(),
        etag: etag.map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let text = serde_json::to_string(&kept).expect("texts serialise");
    workflows.keep_answer(name, &text).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let bytes: [u8; 32] = hasher.finalize().into();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

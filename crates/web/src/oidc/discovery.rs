//! Discovery and JWKS: bytes made before they are asked for, with a tag. Readable by any origin, since they hold
//! nothing but what is public (threats WB-08: every address in them comes from the settings).
use super::OidcState;
use super::error::Refused;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

/// A key made on another node is published here within this.
const KEPT: Duration = Duration::seconds(5);

/// The documents in memory, made again after a while.
#[derive(Clone, Default)]
pub struct Documents(Arc<RwLock<Option<Arc<Made>>>>);

struct Made {
    at: DateTime<Utc>,
    discovery: Document,
    jwks: Document,
}

/// Bytes and headers, put together once: an answer copies references.
struct Document {
    bytes: Bytes,
    headers: HeaderMap,
}

impl Document {
    fn new(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let tag = HeaderValue::from_str(&format!("\"{:016x}\"", hasher.finish()));
        let fixed = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "public, max-age=300"),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
            // No page: nothing of it runs, frames or loads anything.
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        ];
        let mut headers: HeaderMap = fixed
            .into_iter()
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect();
        headers.insert(header::ETAG, tag.expect("hexadecimal digits"));
        Self { bytes: text.into(), headers }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let tag = asked.get(header::IF_NONE_MATCH);
        let known = tag.is_some_and(|tag| self.headers.get(header::ETAG) == Some(tag));
        let mut response = match known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Response::new(Body::from(self.bytes.clone())),
        };
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Permission: anybody.
pub async fn discovery(
    State(state): State<OidcState>,
    request: Request,
) -> Result<Response, Refused> {
    Ok(made(&state).await?.discovery.answer(request.headers()))
}

/// Permission: anybody.
pub async fn jwks(State(state): State<OidcState>, request: Request) -> Result<Response, Refused> {
    Ok(made(&state).await?.jwks.answer(request.headers()))
}

/// Permission: anybody. What a browser asks before it reads a document from another origin.
pub async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn made(state: &OidcState) -> Result<Arc<Made>, Refused> {
    let now = state.workflows.now();
    let kept = state.documents.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(made) = kept.filter(|made| now - made.at < KEPT && now >= made.at) {
        return Ok(made);
    }
    let documents = state.workflows.provider_documents().await?;
    let made = Arc::new(Made {
        at: now,
        discovery: Document::new(documents.discovery),
        jwks: Document::new(documents.jwks),
    });
    *state.documents.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&made));
    Ok(made)
}

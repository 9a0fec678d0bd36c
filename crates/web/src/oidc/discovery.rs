//! Discovery and JWKS: bytes made before they are asked for, with a tag. Readable by any origin, since they hold
//! nothing but what is public (threats WB-08: every address in them comes from the settings).
use super::OidcState;
use super::error::Refused;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
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

#[derive(Clone)]
struct Document {
    bytes: Bytes,
    tag: HeaderValue,
}

impl Document {
    fn new(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let tag = HeaderValue::from_str(&format!("\"{:016x}\"", hasher.finish()));
        Self { bytes: text.into(), tag: tag.expect("hexadecimal digits") }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).is_some_and(|asked| *asked == self.tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(self.bytes.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ETAG, self.tag.clone());
        let kept = HeaderValue::from_static("public, max-age=300");
        headers.insert(header::CACHE_CONTROL, kept);
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        let resource = HeaderValue::from_static("cross-origin");
        headers.insert("cross-origin-resource-policy", resource);
        response
    }
}

/// Permission: anybody.
pub async fn discovery(
    State(state): State<OidcState>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    Ok(made(&state).await?.discovery.answer(&headers))
}

/// Permission: anybody.
pub async fn jwks(State(state): State<OidcState>, headers: HeaderMap) -> Result<Response, Refused> {
    Ok(made(&state).await?.jwks.answer(&headers))
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

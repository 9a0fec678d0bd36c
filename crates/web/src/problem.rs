//! RFC 9457 problems: a status, a stable code that the console words, never a cause.
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One field that was refused; `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    pub field: String,
    pub code: String,
    pub params: Option<BTreeMap<String, String>>,
}

impl FieldFault {
    pub fn new(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), params: None }
    }
}

/// RFC 9457. `code` is stable and is what the console words; `reference` is six characters that the search finds again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    // Boxed: every handler's error passes through many hands, and is rare.
    #[schema(value_type = String)]
    r#type: Box<str>,
    #[schema(value_type = String)]
    title: &'static str,
    status: u16,
    #[schema(value_type = String)]
    code: Box<str>,
    #[schema(value_type = Option<String>)]
    detail: Option<Box<str>>,
    #[schema(value_type = Option<String>)]
    reference: Option<Box<str>>,
    #[schema(value_type = Option<Vec<FieldFault>>)]
    fields: Option<Box<[FieldFault]>>,
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    params: Option<Box<Params>>,
    /// With 412: the record as it is now, as its own page shows it.
    #[schema(value_type = Option<serde_json::Value>)]
    current: Option<Box<serde_json::Value>>,
}

/// What the words of a code need: a name, a number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
struct Params(BTreeMap<String, String>);

impl Problem {
    pub fn new(status: StatusCode, code: &str) -> Self {
        Self {
            r#type: format!("urn:hygie:problem:{code}").into(),
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            code: code.into(),
            detail: None,
            reference: None,
            fields: None,
            params: None,
            current: None,
        }
    }

    /// Nobody is known by this request's cookie.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }
    pub fn not_found(code: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code)
    }
    pub fn conflict(code: &str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }
    /// What was shown has changed since.
    pub fn stale(code: &str) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, code)
    }
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request").with_detail(detail)
    }
    pub fn fields(faults: Vec<FieldFault>) -> Self {
        Self {
            fields: Some(faults.into()),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "fields")
        }
    }
    /// Logged here, told to nobody.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %chain(cause), "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    #[must_use]
    pub fn with_reference(mut self, reference: impl ToString) -> Self {
        self.reference = Some(reference.to_string().into());
        self
    }
    #[must_use]
    pub fn with_param(mut self, name: &str, value: impl ToString) -> Self {
        self.params.get_or_insert_default().0.insert(name.to_owned(), value.to_string());
        self
    }
    #[must_use]
    pub fn with_current(mut self, record: &impl Serialize) -> Self {
        self.current = serde_json::to_value(record).ok().map(Box::new);
        self
    }
    /// What was shown is not what is: its record is to go with the answer.
    pub fn is_stale(&self) -> bool {
        self.status == StatusCode::PRECONDITION_FAILED.as_u16()
    }
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into());
        self
    }

    pub fn has_reference(&self) -> bool {
        self.reference.is_some()
    }
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    pub fn code(&self) -> &str {
        &self.code
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        told = format!("{told}: {inner}");
        cause = inner.source();
    }
    told
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(&self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.extensions_mut().insert(self); // so that a layer may add what only it knows
        response
    }
}

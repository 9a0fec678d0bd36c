//! The console's own files, embedded at build. A page of the console is its one HTML file, with a nonce of its own.
use super::AdminState;
use crate::guard::STRICT_POLICY;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

/// Written by the console's build where a nonce belongs.
const NONCE: &str = "HYGIE_CSP_NONCE";

#[derive(Embed)]
#[folder = "../../web-admin/dist"]
#[allow_missing = true]
struct Console;

/// Whether this build holds a console.
pub fn is_built() -> bool {
    Console::get("index.html").is_some()
}

pub async fn serve(State(state): State<AdminState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::not_found("not_found").into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    match Console::get(path).filter(|_| path != "index.html") {
        Some(file) => asset(path, file.data.into_owned()),
        // An address with a dot is a file that is not there, never a page (WB-12).
        None if path.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            Problem::not_found("not_found").into_response()
        }
        None => page(&state),
    }
}

fn asset(path: &str, content: Vec<u8>) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = content.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.essence_str()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if path.starts_with("assets/") {
        // Their names hold the hash of their content.
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, forever);
    }
    response
}

fn page(state: &AdminState) -> Response {
    let Some(file) = Console::get("index.html") else {
        return Problem::not_found("console_not_built").into_response();
    };
    let mut bytes = [0; 16];
    state.workflows.parts().randomness.fill(&mut bytes);
    let nonce: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let html = String::from_utf8_lossy(&file.data).replace(NONCE, &nonce);
    // React Aria writes one style element of its own; nothing else may be inline. Trusted types stay out of the
    // console: its library makes no HTML from text, and has no policy to name.
    let policy = STRICT_POLICY
        .replace("style-src 'self'", &format!("style-src 'self' 'nonce-{nonce}'"))
        .replace("; require-trusted-types-for 'script'", "");
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

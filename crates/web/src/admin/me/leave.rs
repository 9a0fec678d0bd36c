use crate::call::Call;
use crate::cookies;
use crate::problem::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Close the console session.
///
/// Permission: anybody at the console.
#[utoipa::path(post, path = "/api/v1/logout", operation_id = "logout", tag = "logout",
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn leave(call: Call) -> Result<Response, Problem> {
    call.workflows.leave_console(&call.caller).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, cookies::cleared(cookies::CONSOLE));
    let site_data = HeaderValue::from_static("\"cookies\", \"storage\"");
    headers.insert("clear-site-data", site_data);
    Ok(response)
}

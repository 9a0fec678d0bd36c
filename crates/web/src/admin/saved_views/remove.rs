use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::http::StatusCode;
use kernel::SavedViewId;

/// Take a view of mine away.
///
/// Permission: anybody at the console, on her own.
#[utoipa::path(delete, path = "/api/v1/views/{id}", operation_id = "remove_view", tag = "views",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(view.id = %id))]
pub async fn remove(call: Call, At(id): At<SavedViewId>) -> Answer<StatusCode> {
    call.workflows.remove_view(&call.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

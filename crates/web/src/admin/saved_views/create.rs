use super::view;
use super::views::{SavedView, SavedViewDraft};
use crate::call::{Answer, Body, Call, Created};
use crate::problem::Problem;

/// Keep a list under a name.
///
/// Permission: anybody at the console.
#[utoipa::path(post, path = "/api/v1/views", operation_id = "create_view", tag = "views",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = SavedViewDraft,
    responses((status = 201, body = SavedView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn create(call: Call, Body(draft): Body<SavedViewDraft>) -> Answer<Created<SavedView>> {
    let saved = call.workflows.save_view(&call.caller, draft.into()).await?;
    Ok(Created(view(&saved, true, None)))
}

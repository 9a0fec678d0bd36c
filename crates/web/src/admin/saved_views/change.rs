use super::view;
use super::views::{SavedView, SavedViewDraft};
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::SavedViewId;

/// Change a view of mine.
///
/// Permission: anybody at the console, on her own.
#[utoipa::path(put, path = "/api/v1/views/{id}", operation_id = "change_view", tag = "views",
    params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = SavedViewDraft,
    responses((status = 200, body = SavedView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(view.id = %id))]
pub async fn change(
    call: Call,
    At(id): At<SavedViewId>,
    Body(draft): Body<SavedViewDraft>,
) -> Answer<Tagged<SavedView>> {
    let shown = call.shown_version();
    let saved = call.workflows.change_view(&call.caller, id, shown, draft.into()).await?;
    Ok(Tagged(saved.version, view(&saved, true, None)))
}

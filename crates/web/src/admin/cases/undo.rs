use super::show::shown;
use super::views::CaseView;
use crate::call::{Answer, At, Call, Tagged};
use crate::problem::Problem;
use kernel::CaseId;
use workflows::CaseError;

/// Take back a decision that changed nothing but the case.
///
/// Permission: `DecideCases`.
#[utoipa::path(post, path = "/api/v1/cases/{id}/undo", operation_id = "undo_case", tag = "cases",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = CaseView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(case.id = %id))]
pub async fn undo(call: Call, At(id): At<CaseId>) -> Answer<Tagged<CaseView>> {
    match call.workflows.undo_case(call.actor(), id).await {
        Ok(_) => shown(&call, id).await,
        Err(CaseError::Decided(_)) => Err(Problem::conflict("undo_too_late")),
        Err(other) => Err(other.into()),
    }
}

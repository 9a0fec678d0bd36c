use crate::admin::people::{sheet::person, views::Person};
use crate::admin::shared::views::Motive;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::MergeId;
use workflows::ConfirmedAct;

/// Take a merge back: the absorbed record is again what it was, with all that was its own. Answers with it.
///
/// Permission: `DecideCases`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", operation_id = "split_people", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(merge.id = %id))]
pub async fn split(
    call: Call,
    At(id): At<MergeId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    workflows.may_merge(call.actor()).await?;
    call.must_confirm(ConfirmedAct::MergePeople).await?;
    let merge = workflows.split_people(call.actor(), id, &body.motive).await?;
    let sheet = workflows.person_sheet(merge.absorbed).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

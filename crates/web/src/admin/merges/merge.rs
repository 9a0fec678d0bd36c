use super::views::MergeRequest;
use crate::admin::people::{sheet::person, views::Person};
use crate::call::{Answer, Body, Call, Tagged};
use crate::problem::Problem;
use workflows::{ConfirmedAct, MergePeople};

/// Make two records of one person one. Answers with the record that stays; `merges` of it names the way back.
///
/// Permission: `DecideCases`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/merges", operation_id = "merge_people", tag = "people",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = MergeRequest,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %body.kept, other.id = %body.absorbed))]
pub async fn merge(call: Call, Body(body): Body<MergeRequest>) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    workflows.may_merge(call.actor()).await?;
    call.must_confirm(ConfirmedAct::MergePeople).await?;
    let wish = MergePeople {
        kept: body.kept.into(),
        absorbed: body.absorbed.into(),
        evidence: body.evidence.into(),
        motive: body.motive,
    };
    let merge = workflows.merge_people(call.actor(), wish).await?;
    let sheet = workflows.person_sheet(merge.kept).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

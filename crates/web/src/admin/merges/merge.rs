use super::views::MergeRequest;
use crate::admin::accords::views::AccordRef;
use crate::admin::people::{sheet::person, views::Person};
use crate::call::{Accepted, Answer, Body, Call, Tagged};
use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use workflows::{ConfirmedAct, MergeError, MergePeople, TwoPeopleAct};

/// Make two records of one person one. Answers with the record that stays; `merges` of it names the way back. Where one
/// of the two bears a number of the register, it waits for a second person (202).
///
/// Permission: `DecideCases`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/merges", operation_id = "merge_people", tag = "people",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = MergeRequest,
    responses((status = 200, body = Person), (status = 202, body = AccordRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %body.kept, other.id = %body.absorbed))]
pub async fn merge(call: Call, Body(body): Body<MergeRequest>) -> Answer<Response> {
    let workflows = &call.workflows;
    workflows.may_merge(call.actor()).await?;
    call.must_confirm(ConfirmedAct::MergePeople).await?;
    let wish = MergePeople {
        kept: body.kept.into(),
        absorbed: body.absorbed.into(),
        evidence: body.evidence.into(),
        motive: body.motive,
    };
    let act = TwoPeopleAct::MergePeople {
        kept: wish.kept,
        absorbed: wish.absorbed,
        evidence: wish.evidence.name().to_owned(),
        motive: wish.motive.trim().to_owned(),
    };
    let merge = match workflows.merge_people(call.actor(), wish).await {
        Ok(merge) => merge,
        Err(MergeError::TwoPeople) => {
            let accord = workflows.ask_accord(&call.caller, &act).await?;
            return Ok(Accepted(AccordRef::from(&accord)).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let sheet = workflows.person_sheet(merge.kept).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())).into_response())
}

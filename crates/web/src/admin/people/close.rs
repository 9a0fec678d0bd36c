use super::sheet::person;
use super::views::Person;
use crate::admin::shared::views::Motive;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::PersonId;
use workflows::ClosePerson;

/// Close the access of a person.
///
/// Permission: `ClosePeople`.
#[utoipa::path(post, path = "/api/v1/people/{id}/close", operation_id = "close_person", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn close(
    call: Call,
    At(id): At<PersonId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    if let Some(version) = workflows.version_to_close(call.actor(), id).await?
        && let Err(stale) = call.must_match(version, "stale")
    {
        return Err(with_record(&call, id, stale).await?);
    }
    workflows.close_person(call.actor(), ClosePerson { person: id, motive: body.motive }).await?;
    let sheet = workflows.person_sheet(id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

/// The record as it is now, and who changed it when, for the two versions side by side.
async fn with_record(call: &Call, id: PersonId, stale: Problem) -> Result<Problem, Problem> {
    let workflows = &call.workflows;
    let Some(sheet) = workflows.person_sheet(id).await? else { return Ok(stale) };
    let stale = stale.with_current(&person(&sheet, workflows.today()));
    let Some((at, by)) = workflows.last_change_of(id).await? else { return Ok(stale) };
    let stale = stale.with_param("at", at.to_rfc3339());
    Ok(match by {
        Some(by) => stale.with_param("by", by.display_name()),
        None => stale,
    })
}

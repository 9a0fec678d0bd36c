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
    if let Some(version) = workflows.version_to_close(call.actor(), id).await? {
        call.must_match(version, "stale")?;
    }
    workflows.close_person(call.actor(), ClosePerson { person: id, motive: body.motive }).await?;
    let sheet = workflows.person_sheet(id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

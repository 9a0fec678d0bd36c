use super::sheet::person;
use super::views::Person;
use crate::call::{Answer, At, Call, Tagged};
use crate::problem::Problem;
use kernel::PersonId;

/// One person.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people/{id}", operation_id = "find_person", tag = "people", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn show(call: Call, At(id): At<PersonId>) -> Answer<Tagged<Person>> {
    let sheet = call.workflows.show_person(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, call.workflows.today())))
}

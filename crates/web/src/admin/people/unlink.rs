use super::sheet::person;
use super::views::Person;
use crate::admin::shared::views::Motive;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::{NationalIdentityId, PersonId};
use workflows::ConfirmedAct;

/// Take back a link with a national identity; no run makes it again.
///
/// Permission: `DecideCases`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/people/{id}/national-identities/{identity}/unlink", operation_id = "unlink_identity", tag = "people",
    params(("id" = uuid::Uuid, Path), ("identity" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn unlink(
    call: Call,
    At((id, identity)): At<(PersonId, NationalIdentityId)>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    workflows.may_decide_cases(call.actor()).await?;
    call.must_confirm(ConfirmedAct::LinkIdentity).await?;
    workflows.unlink_identity(call.actor(), id, identity, &body.motive).await?;
    let sheet = workflows.person_sheet(id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

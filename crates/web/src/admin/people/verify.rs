use super::sheet::person;
use super::views::Person;
use crate::admin::cases::evidence_name;
use crate::admin::cases::views::Evidence;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::{NationalIdentityId, PersonId};
use serde::Deserialize;
use utoipa::ToSchema;
use workflows::ConfirmedAct;

/// evidence: what was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    pub evidence: Evidence,
}

/// Say that a link with a national identity was verified again, on this evidence: it is due in two years.
///
/// Permission: `DecideCases`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/people/{id}/national-identities/{identity}/verify", operation_id = "verify_identity", tag = "people",
    params(("id" = uuid::Uuid, Path), ("identity" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Verification,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn verify(
    call: Call,
    At((id, identity)): At<(PersonId, NationalIdentityId)>,
    Body(body): Body<Verification>,
) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    workflows.may_decide_cases(call.actor()).await?;
    call.must_confirm(ConfirmedAct::LinkIdentity).await?;
    workflows.verify_link(call.actor(), (id, identity), evidence_name(body.evidence)).await?;
    let sheet = workflows.person_sheet(id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, workflows.today())))
}

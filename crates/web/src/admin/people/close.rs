use super::sheet::person;
use super::views::Person;
use crate::admin::shared::views::Motive;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use chrono::NaiveDate;
use kernel::PersonId;
use serde::Deserialize;
use utoipa::ToSchema;
use workflows::{ClosePerson, ConfirmedAct};

/// on: the last day, worked to its end; absent: now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub motive: String,
    pub on: Option<NaiveDate>,
}

/// Close the access of a person, now or at the end of a day to come.
///
/// Permission: `ClosePeople`. For a day to come the key is asked again; now is never slowed.
#[utoipa::path(post, path = "/api/v1/people/{id}/close", operation_id = "close_person", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Closing,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn close(
    call: Call,
    At(id): At<PersonId>,
    Body(body): Body<Closing>,
) -> Answer<Tagged<Person>> {
    let workflows = &call.workflows;
    must_match(&call, id).await?;
    match body.on {
        None => {
            let close = ClosePerson { person: id, motive: body.motive.clone() };
            workflows.close_person(call.actor(), close).await?;
        }
        Some(day) => {
            call.must_confirm(ConfirmedAct::ClosePeople).await?;
            workflows.plan_closing(call.actor(), id, day, &body.motive).await?;
        }
    }
    shown(&call, id).await
}

/// Take a planned closing back.
///
/// Permission: `ClosePeople`.
#[utoipa::path(post, path = "/api/v1/people/{id}/keep-open", operation_id = "keep_person_open", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn keep_open(call: Call, At(id): At<PersonId>) -> Answer<Tagged<Person>> {
    must_match(&call, id).await?;
    call.workflows.cancel_closing(call.actor(), id).await?;
    shown(&call, id).await
}

/// Suspend a person: her sessions end, and nothing is issued to her until she is resumed.
///
/// Permission: `ClosePeople`.
#[utoipa::path(post, path = "/api/v1/people/{id}/suspend", operation_id = "suspend_person", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn suspend(
    call: Call,
    At(id): At<PersonId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Person>> {
    must_match(&call, id).await?;
    call.workflows.suspend_person(call.actor(), id, &body.motive).await?;
    shown(&call, id).await
}

/// Let a suspended person log in again.
///
/// Permission: `ClosePeople`.
#[utoipa::path(post, path = "/api/v1/people/{id}/resume", operation_id = "resume_person", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Person), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn resume(
    call: Call,
    At(id): At<PersonId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Person>> {
    must_match(&call, id).await?;
    call.workflows.resume_person(call.actor(), id, &body.motive).await?;
    shown(&call, id).await
}

async fn must_match(call: &Call, id: PersonId) -> Result<(), Problem> {
    if let Some(version) = call.workflows.version_to_close(call.actor(), id).await?
        && let Err(stale) = call.must_match(version, "stale")
    {
        return Err(with_record(call, id, stale).await?);
    }
    Ok(())
}

async fn shown(call: &Call, id: PersonId) -> Answer<Tagged<Person>> {
    let sheet = call.workflows.person_sheet(id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("person_unknown"))?;
    Ok(Tagged(sheet.line.person.version, person(&sheet, call.workflows.today())))
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

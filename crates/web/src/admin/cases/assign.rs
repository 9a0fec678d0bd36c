use super::views::{AssignRequest, AssignedCase, AssignedCases, Assignee, Assignees};
use crate::call::{Answer, Body, Call, etag};
use crate::problem::{FieldFault, Problem};
use axum::Json;
use directory::Person;
use kernel::{CaseId, PersonId};

/// So many at once.
const MOST: usize = 500;

/// Give questions to an operator, or to nobody; taken back by giving them to `before`.
///
/// Permission: `DecideCases`.
#[utoipa::path(post, path = "/api/v1/cases/assign", operation_id = "assign_cases", tag = "cases",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = AssignRequest,
    responses((status = 200, body = AssignedCases), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn assign(call: Call, Body(body): Body<AssignRequest>) -> Answer<Json<AssignedCases>> {
    if body.cases.len() > MOST {
        return Err(Problem::fields(vec![FieldFault::new("cases", "too_many")]));
    }
    let cases: Vec<CaseId> = body.cases.iter().copied().map(CaseId::from).collect();
    let to = body.to.map(PersonId::from);
    let assigned = call.workflows.assign_cases(call.actor(), &cases, to).await?;
    let items = assigned.iter().map(|assigned| AssignedCase {
        id: assigned.case.id.uuid(),
        etag: etag(assigned.case.version),
        before: assigned.before.map(PersonId::uuid),
    });
    Ok(Json(AssignedCases { items: items.collect() }))
}

/// Who may be given a question.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/cases/assignees", operation_id = "list_assignees", tag = "cases",
    responses((status = 200, body = Assignees), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn assignees(call: Call) -> Answer<Json<Assignees>> {
    let able = call.workflows.case_deciders(call.actor()).await?;
    let names: Vec<String> = able.iter().map(Person::display_name).collect();
    let items = able.iter().zip(&names).map(|(person, name)| Assignee {
        id: person.id.uuid(),
        name: name.clone(),
        birth_date: person
            .birth_date
            .filter(|_| names.iter().filter(|one| *one == name).count() > 1),
    });
    Ok(Json(Assignees { items: items.collect() }))
}

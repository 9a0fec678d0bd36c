use super::views::{Operator, OperatorList};
use crate::call::{Answer, Call, etag};
use crate::problem::Problem;
use axum::Json;

/// Operators, in the order of their appointment.
///
/// Permission: `ManageOperators`.
#[utoipa::path(get, path = "/api/v1/operators", operation_id = "list_operators", tag = "operators",
    responses((status = 200, body = OperatorList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<OperatorList>> {
    let lines = call.workflows.list_operators(call.actor()).await?;
    let own = call.caller.operator.id;
    let items = lines.into_iter().map(|line| Operator {
        id: line.operator.id.uuid(),
        etag: etag(line.operator.version),
        person_id: line.operator.person.uuid(),
        display_name: line.person.as_ref().map(directory::Person::display_name),
        roles: line.operator.roles.iter().copied().map(Into::into).collect(),
        enabled: line.operator.enabled,
        keys: i64::try_from(line.keys).unwrap_or(i64::MAX),
        created_at: line.operator.created_at,
        own: line.operator.id == own,
    });
    Ok(Json(OperatorList { items: items.collect() }))
}

use super::follow_views::{ToRegister, Worklist};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Staff to register or update on the RPPS+ portal.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/worklist", operation_id = "list_people_to_register", tag = "register",
    responses((status = 200, body = Worklist), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn worklist(call: Call) -> Answer<Json<Worklist>> {
    let list = call.workflows.people_to_register(call.actor()).await?;
    let items = list.into_iter().map(|one| ToRegister {
        person_id: one.person.id.uuid(),
        display_name: one.person.display_name(),
        matricule: one.post.fields.matricule.to_string(),
        function: one.post.fields.function_label,
        role: one.role,
        id_nat: one.id_nat.map(|id_nat| id_nat.to_string()),
        reason: one.reason.to_owned(),
    });
    Ok(Json(Worklist { items: items.collect() }))
}

use super::role;
use super::views::OperatorChange;
use crate::admin::accords::views::AccordRef;
use crate::call::{Accepted, Answer, At, Body, Call};
use crate::problem::Problem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{OperatorId, Role};
use workflows::ConfirmedAct;
use workflows::login::OperatorError;

/// Set what an operator may do, or take her off: her sessions of the console end. The right to appoint waits for a
/// second person (202).
///
/// Permission: `ManageOperators`. The key is asked again.
#[utoipa::path(put, path = "/api/v1/operators/{id}", operation_id = "change_operator", tag = "operators",
    params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = OperatorChange,
    responses((status = 204), (status = 202, body = AccordRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(operator.id = %id))]
pub async fn change(
    call: Call,
    At(id): At<OperatorId>,
    Body(body): Body<OperatorChange>,
) -> Answer<Response> {
    call.workflows.may_manage_operators(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ManageOperators).await?;
    let roles: Vec<Role> = body.roles.iter().copied().map(role).collect();
    let (actor, seen) = (call.actor(), call.shown_version());
    match call.workflows.change_operator(actor, id, seen, &roles, body.enabled).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(OperatorError::TwoPeople) => {
            let accord = call.workflows.ask_roles(&call.caller, id, &roles).await?;
            Ok(Accepted(AccordRef::from(&accord)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

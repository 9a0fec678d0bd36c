use super::role;
use super::views::{OperatorCreate, OperatorLink};
use crate::call::{Answer, At, Body, Call, Created};
use crate::problem::Problem;
use kernel::{OperatorId, PersonId, Role};
use workflows::ConfirmedAct;
use workflows::login::{Appointed, FirstLink};

/// Make somebody an operator; the link for her key is shown this once.
///
/// Permission: `ManageOperators`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/operators", operation_id = "appoint_operator", tag = "operators",
    request_body = OperatorCreate,
    responses((status = 201, body = OperatorLink), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn appoint(
    call: Call,
    Body(body): Body<OperatorCreate>,
) -> Answer<Created<OperatorLink>> {
    call.workflows.may_manage_operators(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ManageOperators).await?;
    let who = Appointed::Known(PersonId::from(body.person));
    let roles: Vec<Role> = body.roles.iter().copied().map(role).collect();
    let made = call.workflows.appoint_operator(call.actor(), who, &roles).await?;
    Ok(Created(shown(&made)))
}

/// Another link, for an operator whose first key was never enrolled, or is lost.
///
/// Permission: `ManageOperators`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/operators/{id}/link", operation_id = "link_operator", tag = "operators",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 201, body = OperatorLink), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(operator.id = %id))]
pub async fn link(call: Call, At(id): At<OperatorId>) -> Answer<Created<OperatorLink>> {
    call.workflows.may_manage_operators(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ManageOperators).await?;
    let made = call.workflows.link_operator(call.actor(), id).await?;
    Ok(Created(shown(&made)))
}

fn shown(link: &FirstLink) -> OperatorLink {
    OperatorLink {
        operator_id: link.operator.uuid(),
        url: link.url.clone(),
        expires_at: link.expires_at,
    }
}

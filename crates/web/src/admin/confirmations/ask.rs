use super::views::{AskedConfirmation, ConfirmationRequest};
use crate::call::{Answer, Body, Call, Created};
use crate::problem::Problem;

/// A challenge for my key, before an act that asks for it again.
///
/// Permission: anybody at the console.
#[utoipa::path(post, path = "/api/v1/confirmations", operation_id = "ask_confirmation", tag = "confirmations",
    request_body = ConfirmationRequest,
    responses((status = 201, body = AskedConfirmation), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn ask(
    call: Call,
    Body(body): Body<ConfirmationRequest>,
) -> Answer<Created<AskedConfirmation>> {
    let asked = call.workflows.begin_confirmation(&call.caller, body.act.into()).await?;
    let options =
        serde_json::from_str(&asked.options).map_err(|error| Problem::internal(&error))?;
    Ok(Created(AskedConfirmation { id: asked.id.uuid(), options }))
}

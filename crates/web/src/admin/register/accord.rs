use crate::admin::accords::views::AccordRef;
use crate::call::{Accepted, Answer, Call};
use crate::problem::Problem;
use audit::Digest;
use chrono::NaiveDate;
use workflows::TwoPeopleAct;
use workflows::sync::content_of;

/// Ask that the version which a brake holds be taken; a second person lets it happen.
///
/// Permission: `ReleaseBrakes`.
#[utoipa::path(post, path = "/api/v1/register/accept", operation_id = "accept_register", tag = "register",
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = AccordRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn accept(call: Call) -> Answer<Accepted<AccordRef>> {
    let (version, file, extracted_on) = waiting(&call).await?;
    ask(&call, TwoPeopleAct::AcceptRegister { version, file, extracted_on }).await
}

/// Ask that the version which a brake holds be forgotten; a second person lets it happen.
///
/// Permission: `ReleaseBrakes`.
#[utoipa::path(post, path = "/api/v1/register/dismiss", operation_id = "dismiss_register", tag = "register",
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = AccordRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn dismiss(call: Call) -> Answer<Accepted<AccordRef>> {
    let (version, file, extracted_on) = waiting(&call).await?;
    ask(&call, TwoPeopleAct::DismissRegister { version, file, extracted_on }).await
}

async fn waiting(call: &Call) -> Result<(u64, Digest, Option<NaiveDate>), Problem> {
    call.workflows.may_release_brakes(call.actor()).await?;
    let found = call.workflows.waiting_register().map_err(|cause| Problem::internal(&cause))?;
    let version = found.ok_or_else(|| Problem::conflict("register_not_waiting"))?;
    let zone = &call.workflows.parts().zone;
    let told = version.extracted_at.unwrap_or(version.imported_at);
    Ok((version.number, content_of(&version), Some(zone.at(told).date())))
}

async fn ask(call: &Call, act: TwoPeopleAct) -> Answer<Accepted<AccordRef>> {
    let accord = call.workflows.ask_accord(&call.caller, &act).await?;
    Ok(Accepted(AccordRef::from(&accord)))
}

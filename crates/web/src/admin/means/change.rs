use super::view;
use super::views::Means;
use crate::admin::shared::views::Motive;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use kernel::MeansId;
use workflows::ConfirmedAct;

/// Suspend a means.
///
/// Permission: `RevokeMeans`.
#[utoipa::path(post, path = "/api/v1/means/{id}/suspend", operation_id = "suspend_means", tag = "means",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Means), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(means.id = %id))]
pub async fn suspend(
    call: Call,
    At(id): At<MeansId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Means>> {
    must_match(&call, id).await?;
    call.workflows.suspend_means(call.actor(), id, &body.motive).await?;
    shown(&call, id).await
}

/// Take a suspended means up again.
///
/// Permission: `RevokeMeans`.
#[utoipa::path(post, path = "/api/v1/means/{id}/reactivate", operation_id = "reactivate_means", tag = "means",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Means), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(means.id = %id))]
pub async fn reactivate(
    call: Call,
    At(id): At<MeansId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Means>> {
    must_match(&call, id).await?;
    call.workflows.reactivate_means(call.actor(), id, &body.motive).await?;
    shown(&call, id).await
}

/// Revoke a means for ever.
///
/// Permission: `RevokeMeans`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/means/{id}/revoke", operation_id = "revoke_means", tag = "means",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = Motive,
    responses((status = 200, body = Means), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(means.id = %id))]
pub async fn revoke(
    call: Call,
    At(id): At<MeansId>,
    Body(body): Body<Motive>,
) -> Answer<Tagged<Means>> {
    call.workflows.may_revoke_means(call.actor()).await?;
    call.must_confirm(ConfirmedAct::RevokeMeans).await?;
    must_match(&call, id).await?;
    call.workflows.revoke_means(call.actor(), id, &body.motive).await?;
    shown(&call, id).await
}

/// The tag is compared before anything is done.
async fn must_match(call: &Call, id: MeansId) -> Result<(), Problem> {
    let brief = call.workflows.means_to_change(call.actor(), id).await?;
    let brief = brief.ok_or_else(|| Problem::not_found("means_unknown"))?;
    let stale = |stale: Problem| match view(&brief) {
        Some(means) => stale.with_current(&means),
        None => stale,
    };
    call.must_match(brief.version, "stale").map_err(stale)
}

async fn shown(call: &Call, id: MeansId) -> Answer<Tagged<Means>> {
    let brief = call.workflows.means_to_change(call.actor(), id).await?;
    let brief = brief.ok_or_else(|| Problem::not_found("means_unknown"))?;
    let means = view(&brief).ok_or_else(|| Problem::not_found("means_unknown"))?;
    Ok(Tagged(brief.version, means))
}

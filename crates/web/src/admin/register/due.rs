use super::follow_views::{DueLink, DueLinks};
use crate::call::{Answer, Asked, Call};
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;

pub(super) const MOST: u64 = 1_000;

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Within {
    /// 0 when not said: those overdue today.
    #[serde(default)]
    pub(super) within_days: u64,
}

/// Links to verify again (every two years), the most overdue first.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/register/due", operation_id = "list_due_links", tag = "register",
    params(("within_days" = Option<u64>, Query)),
    responses((status = 200, body = DueLinks), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn due(call: Call, Asked(within): Asked<Within>) -> Answer<Json<DueLinks>> {
    let by = call.workflows.due_by(within.within_days);
    let due = call.workflows.due_identities(call.actor(), by, MOST).await?;
    let items = due.into_iter().map(|one| DueLink {
        person_id: one.person.id.uuid(),
        identity_id: one.identity.id.uuid(),
        display_name: one.person.display_name(),
        id_nat: one.identity.id_nat.to_string(),
        channel: one.identity.channel.name().to_owned(),
        verified_at: one.identity.verified_at,
        next_check: one.identity.next_check,
        overdue: one.is_overdue,
        register_name: one.in_register.map(|told| format!("{} {}", told.family, told.given)),
    });
    Ok(Json(DueLinks { items: items.collect() }))
}

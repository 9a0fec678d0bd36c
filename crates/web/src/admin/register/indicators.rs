use super::follow_views::{Indicator, IndicatorGroup, Indicators};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Indicators I-01 to I-03 of the HospiConnect file, as of now.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/indicators", operation_id = "show_link_indicators", tag = "register",
    responses((status = 200, body = Indicators), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn indicators(call: Call) -> Answer<Json<Indicators>> {
    let found = call.workflows.link_indicators(call.actor()).await?;
    let all = [("I-01", found.complete), ("I-02", found.linked), ("I-03", found.fresh)];
    let items = all.into_iter().map(|(id, indicator)| Indicator {
        id: id.to_owned(),
        reached: number(indicator.reached),
        of: number(indicator.of),
        by: indicator.by.into_iter().map(group).collect(),
    });
    Ok(Json(Indicators { as_of: call.workflows.today(), items: items.collect() }))
}

fn group((group, (reached, of)): (String, (u64, u64))) -> IndicatorGroup {
    IndicatorGroup { group, reached: number(reached), of: number(of) }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

use super::follow_views::{Age, Coverage, IndicatorGroup, LinkedBy};
use crate::admin::shared::words;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use workflows::sync::Indicator;

/// From all staff to those linked, by profession and by unit, and the age of the questions that wait.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/coverage", operation_id = "show_link_coverage", tag = "register",
    responses((status = 200, body = Coverage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn coverage(call: Call) -> Answer<Json<Coverage>> {
    let found = call.workflows.link_coverage(call.actor()).await?;
    let linked = found
        .linked
        .iter()
        .map(|(channel, count)| LinkedBy { channel: (*channel).to_owned(), count: number(*count) });
    let ages = ["under_a_day", "under_a_week", "under_a_month", "older"];
    let waiting = ages.into_iter().zip(found.waiting);
    Ok(Json(Coverage {
        as_of: call.workflows.today(),
        staff: number(found.staff),
        concerned: number(found.concerned),
        declared: number(found.declared),
        linked: linked.collect(),
        to_decide: number(found.to_decide),
        missing: number(found.missing),
        by_profession: groups(&found.by_profession, words::professions),
        by_unit: groups(&found.by_unit, str::to_owned),
        waiting: waiting
            .map(|(age, count)| Age { age: age.to_owned(), count: number(count) })
            .collect(),
    }))
}

/// The least linked first, as the page shows them.
fn groups(indicator: &Indicator, label: impl Fn(&str) -> String) -> Vec<IndicatorGroup> {
    let mut groups: Vec<IndicatorGroup> = indicator
        .by
        .iter()
        .map(|(group, (reached, of))| IndicatorGroup {
            group: label(group),
            reached: number(*reached),
            of: number(*of),
        })
        .collect();
    groups.sort_by(|one, other| (one.reached * other.of).cmp(&(other.reached * one.of)));
    groups
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

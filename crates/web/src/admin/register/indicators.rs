use super::follow_views::{Indicator, IndicatorFeed, IndicatorGroup, Indicators};
use crate::admin::csv;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use audit::Digest;
use axum::Json;
use axum::response::Response;
use workflows::sync;

const COLUMNS: [&str; 4] = ["Indicateur", "Groupe", "Atteint", "Sur"];

/// Indicators I-01 to I-03 of the HospiConnect file, as of now, with what they were counted on.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/indicators", operation_id = "show_link_indicators", tag = "register",
    responses((status = 200, body = Indicators), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn indicators(call: Call) -> Answer<Json<Indicators>> {
    Ok(Json(counted(&call).await?))
}

/// The same as CSV (UTF-8 with BOM, `;`): the figures, then what they were counted on; the last line seals those before it.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/indicators.csv", operation_id = "export_link_indicators", tag = "register",
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn file(call: Call) -> Result<Response, Problem> {
    let found = counted(&call).await?;
    call.workflows.trace_export(call.actor(), 0).await?;
    let mut rows = lines(&found);
    rows.push(row(["Empreinte SHA-256 des lignes précédentes", &found.digest, "", ""]));
    let name = "attachment; filename=\"indicateurs-hospiconnect.csv\"";
    Ok(csv::file(name, &COLUMNS, rows, |rows| async move { Ok(csv::Lines { rows, next: None }) }))
}

async fn counted(call: &Call) -> Answer<Indicators> {
    let found = call.workflows.link_indicators(call.actor()).await?;
    let all = [("I-01", found.complete), ("I-02", found.linked), ("I-03", found.fresh)];
    let items = all.into_iter().map(|(id, indicator)| Indicator {
        id: id.to_owned(),
        reached: number(indicator.reached),
        of: number(indicator.of),
        by: indicator.by.into_iter().map(group).collect(),
    });
    let mut counted = Indicators {
        as_of: call.workflows.today(),
        items: items.collect(),
        scope: found.proof.scope.into_iter().collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        register: found.proof.register,
        feeds: found.proof.feeds.into_iter().map(feed).collect(),
        digest: String::new(),
    };
    let text: String = lines(&counted).into_iter().map(csv::line).collect();
    counted.digest = Digest::of(text.as_bytes()).to_string();
    Ok(counted)
}

/// What is sealed: the lines of the file after its heads.
fn lines(found: &Indicators) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for one in &found.items {
        lines.push(row([&one.id, "", &one.reached.to_string(), &one.of.to_string()]));
        for group in &one.by {
            let (reached, of) = (group.reached.to_string(), group.of.to_string());
            lines.push(row([&one.id, &group.group, &reached, &of]));
        }
    }
    lines.push(row(["Date", &day(found.as_of), "", ""]));
    for entity in &found.scope {
        lines.push(row(["Périmètre (FINESS EJ)", entity, "", ""]));
    }
    lines.push(row(["Version de Hygie", &found.version, "", ""]));
    lines.push(row(["Registre", found.register.as_deref().unwrap_or_default(), "", ""]));
    for feed in &found.feeds {
        let read = feed.applied_on.map(|on| format!(", lues le {}", day(on))).unwrap_or_default();
        let said = format!("{} fiches d’agents{read}", feed.records);
        lines.push(row(["Source", &feed.source, &said, &feed.digest]));
    }
    lines
}

fn row(cells: [&str; 4]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn day(date: chrono::NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn group((group, (reached, of)): (String, (u64, u64))) -> IndicatorGroup {
    IndicatorGroup { group, reached: number(reached), of: number(of) }
}

fn feed(feed: sync::IndicatorFeed) -> IndicatorFeed {
    IndicatorFeed {
        source: feed.source,
        records: number(feed.records),
        digest: feed.digest.to_string(),
        applied_on: feed.applied_on,
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

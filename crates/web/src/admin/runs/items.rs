use super::views::{FieldChange, FoldedPerson, ItemKind, ItemResult, RunItem, RunItemsPage};
use crate::admin::shared::{person_ref, reason};
use crate::call::{Answer, Asked, At, Call, Paging, listed_as};
use crate::problem::Problem;
use axum::Json;
use kernel::RunId;
use serde::Deserialize;
use utoipa::IntoParams;
use workflows::views::plan::PlanLine;
use workflows::views::{RunItems, folded_id, question};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ItemsQuery {
    kind: Option<String>,
    /// The members of one folded line.
    pattern: Option<String>,
    /// So many, drawn evenly over the plan, to check by eye.
    sample: Option<u64>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// Lines of the plan, folded by pattern unless `pattern` asks for the members.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/runs/{id}/items", operation_id = "run_items", tag = "runs",
    params(("id" = uuid::Uuid, Path), ItemsQuery),
    responses((status = 200, body = RunItemsPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(run.id = %id))]
pub async fn items(
    call: Call,
    At(id): At<RunId>,
    Asked(query): Asked<ItemsQuery>,
) -> Answer<Json<RunItemsPage>> {
    let asked = listed_as("kind", query.kind.as_deref(), kinds)?;
    let kinds: Vec<directory::ItemKind> = asked.into_iter().flatten().collect();
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let offset: u64 = call.open_cursor(query.cursor.as_deref())?.unwrap_or(0);
    let pattern = query.pattern.as_deref();
    let span = if query.sample.is_some() { (0, 200) } else { (offset, limit) };
    let found = call.workflows.list_run_items(call.actor(), id, &kinds, pattern, span).await?;
    let page = &found.page;
    let end = offset + page.lines.len() as u64;
    let shown = page.lines.iter().map(|line| item(line, &found, pattern.is_some()));
    let mut items: Vec<RunItem> = shown.collect();
    let mut more = page.more;
    if let Some(sample) = query.sample {
        let every = (items.len() / usize::try_from(sample.clamp(1, 50)).unwrap_or(1)).max(1);
        items = items.into_iter().step_by(every).collect();
        more = false;
    }
    Ok(Json(RunItemsPage {
        items,
        next_cursor: more.then(|| call.seal_cursor(&end)),
        total: i64::try_from(page.total).unwrap_or(i64::MAX),
    }))
}

/// What a kind of the screens holds: a link changes a person.
fn kinds(name: &str) -> Option<Vec<directory::ItemKind>> {
    use directory::ItemKind as Known;
    match name {
        "change" => Some(vec![Known::Change, Known::Link]),
        "link" => None,
        other => Known::from_name(other).map(|kind| vec![kind]),
    }
}

fn item(line: &PlanLine, found: &RunItems, unfolded: bool) -> RunItem {
    use directory::ItemKind as Known;
    let item = &line.item;
    let folded = line.count > 1 && !unfolded;
    let known = item.person.and_then(|person| found.people.get(&person)).filter(|_| !folded);
    let open = item.person.and_then(|person| found.sessions.get(&person)).copied().unwrap_or(0);
    let mut changes: Vec<FieldChange> = item.changes.iter().map(FieldChange::from).collect();
    if known.is_none() && !folded {
        changes.insert(
            0,
            FieldChange {
                field: "label".to_owned(),
                before: None,
                after: Some(item.label.clone()),
            },
        );
    }
    RunItem {
        id: if folded { folded_id(item.run, &item.pattern_key).uuid() } else { item.id.uuid() },
        kind: match item.kind {
            Known::Create => ItemKind::Create,
            Known::Change | Known::Link => ItemKind::Change,
            Known::Close => ItemKind::Close,
            Known::Reopen => ItemKind::Reopen,
            Known::Conflict => ItemKind::Conflict,
            Known::Doubt => ItemKind::Doubt,
        },
        person: known.map(|line| person_ref(&line.person, line.homonym)),
        line: item.lines.first().and_then(|line| i64::try_from(*line).ok()),
        changes,
        reason: reason("plan", item.reason.clone()),
        pattern_key: Some(item.pattern_key.clone()).filter(|key| !key.is_empty()),
        pattern_count: i64::try_from(line.count).unwrap_or(i64::MAX),
        sample: line.sample.iter().map(|member| folded_person(member, found)).collect(),
        sources: vec![found.source.clone().unwrap_or_else(|| "Annuaire Santé".to_owned())],
        selected: item.selected,
        open_sessions: i64::try_from(open).unwrap_or(i64::MAX),
        case_id: question(item).and_then(|key| found.cases.get(key)).map(|case| case.uuid()),
        result: item.outcome.as_deref().map(|outcome| match outcome {
            "done" | "unchanged" => ItemResult::Applied,
            "aside" => ItemResult::Aside,
            _ => ItemResult::Failed,
        }),
        result_reason: item.outcome.as_deref().map(|outcome| reason(outcome, String::new())),
    }
}

fn folded_person(member: &directory::PlanItem, found: &RunItems) -> FoldedPerson {
    let known = member.person.and_then(|person| found.people.get(&person));
    FoldedPerson {
        person: known.map(|line| person_ref(&line.person, line.homonym)),
        name: member.label.clone(),
        unit: member.unit.clone(),
    }
}

impl From<&directory::FieldChange> for FieldChange {
    fn from(change: &directory::FieldChange) -> Self {
        Self {
            field: change.field.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        }
    }
}

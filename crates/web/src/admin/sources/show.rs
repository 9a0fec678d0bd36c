use super::views::{BrakeSetting, BrakeUnit, Mapping, MappingColumn, Source};
use super::{health, kind, last_good, unreachable_since, usual, waiting};
use crate::admin::runs::views::ItemKind;
use crate::admin::shared::{actor_name, reason};
use crate::call::{Answer, At, Call, Tagged, etag};
use crate::problem::Problem;
use identity::mapping::{Brake, Mapping as Definition, Reader, Schedule};
use kernel::SourceId;
use workflows::views::SourceSheet;

/// One source.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/sources/{id}", operation_id = "find_source", tag = "sources", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Source), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(source.id = %id))]
pub async fn show(call: Call, At(id): At<SourceId>) -> Answer<Tagged<Source>> {
    shown(&call, id).await
}

/// The source as it is now, after an act on it too.
pub(super) async fn shown(call: &Call, id: SourceId) -> Answer<Tagged<Source>> {
    let sheet = call.workflows.show_source(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("source_unknown"))?;
    Ok(Tagged(sheet.source.version, view(&sheet)))
}

fn view(sheet: &SourceSheet) -> Source {
    let source = &sheet.source;
    let good = last_good(sheet);
    let definition = Definition::parse(&source.definition).ok();
    let warned = sheet.runs.first().map(|run| run.warnings.as_slice()).unwrap_or_default();
    Source {
        id: source.id.uuid(),
        name: source.name.clone(),
        kind: kind(source.kind),
        health: health(sheet),
        last_good_at: good.map(|run| run.started_at),
        lines: good.and_then(|run| i64::try_from(run.lines).ok()),
        usual_low: usual(sheet).map(|(low, _)| low),
        usual_high: usual(sheet).map(|(_, high)| high),
        next_at: None,
        location: definition.as_ref().map(location).unwrap_or_default(),
        applies_alone: definition
            .as_ref()
            .is_some_and(|definition| definition.schedule != Schedule::ByHand),
        mapping: definition.as_ref().map(|definition| mapping(sheet, definition)),
        brakes: definition.as_ref().map(brakes).unwrap_or_default(),
        warnings: warned.iter().map(|text| reason("source_warning", text.clone())).collect(),
        etag: etag(source.version),
        waiting_run_id: waiting(sheet).map(|run| run.id.uuid()),
        unreachable_since: unreachable_since(sheet),
    }
}

fn location(definition: &Definition) -> String {
    match &definition.reader {
        Reader::HrCsv(settings) => settings.path.clone(),
        Reader::ActiveDirectory(settings) => settings.url.clone(),
        Reader::Ldif(settings) => settings.path.clone(),
    }
}

fn mapping(sheet: &SourceSheet, definition: &Definition) -> Mapping {
    let version = sheet.versions.iter().find(|version| version.version == sheet.source.version);
    let columns = definition.fields.iter().map(|rule| MappingColumn {
        column: rule.column.clone(),
        to: rule.to.name().to_owned(),
        transform: format!("{:?}", rule.transform)
            .split('(')
            .next()
            .unwrap_or_default()
            .to_lowercase(),
        required: rule.to == identity::mapping::Target::Matricule,
        samples: Vec::new(),
    });
    Mapping {
        version: sheet.source.version,
        saved_at: version.map_or(sheet.source.created_at, |version| version.at),
        saved_by: version.and_then(|version| actor_name(&version.by, &sheet.people)),
        toml: sheet.source.definition.clone(),
        columns: columns.collect(),
    }
}

fn brakes(definition: &Definition) -> Vec<BrakeSetting> {
    let set = &definition.brakes;
    let both = |kind: ItemKind, brake: Brake, scope: &str| {
        let percent = (brake.share * 100.0).round() as i64;
        let count = i64::try_from(brake.count).unwrap_or(i64::MAX);
        [(count, BrakeUnit::Persons), (percent, BrakeUnit::Percent)]
            .map(|(limit, unit)| BrakeSetting { kind, limit, unit, scope: scope.to_owned() })
    };
    [
        both(ItemKind::Create, set.creations, "source"),
        both(ItemKind::Change, set.changes, "source"),
        both(ItemKind::Close, set.closings, "source"),
        both(ItemKind::Close, set.unit_closings, "unit"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

use super::views::{BrakeSetting, BrakeUnit, Mapping, MappingColumn, Source};
use super::{health, kind, last_good, unreachable_since, usual, waiting};
use crate::admin::runs::views::ItemKind;
use crate::admin::shared::{actor_name, reason};
use crate::call::{Answer, At, Call, Tagged, etag};
use crate::problem::Problem;
use identity::mapping::{Brake, FieldRule, Mapping as Definition, Reader, Schedule, Target};
use kernel::SourceId;
use std::collections::BTreeSet;
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
        next_at: sheet.next_at,
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
        required: rule.to == Target::Matricule,
        samples: samples(sheet, rule),
    });
    Mapping {
        version: sheet.source.version,
        saved_at: version.map_or(sheet.source.created_at, |version| version.at),
        saved_by: version.and_then(|version| actor_name(&version.by, &sheet.people)),
        toml: sheet.source.definition.clone(),
        columns: columns.collect(),
    }
}

/// A few values of one column, cut where they are long. Of what is about somebody alone the form is shown, which is what a
/// mapping is checked by: the day and month of a birth, and the name before the sign of an address, are not.
fn samples(sheet: &SourceSheet, rule: &FieldRule) -> Vec<String> {
    let hidden = |value: &String| match rule.to {
        Target::BirthDate => birth_form(value),
        Target::Mail => mail_form(value),
        _ => value.chars().take(60).collect(),
    };
    let values = sheet.samples.get(&rule.column).into_iter().flatten().map(hidden);
    let distinct: BTreeSet<String> = values.collect();
    distinct.into_iter().collect()
}

/// `14/02/1988` → `••/••/1988`: only a group of four digits stays.
fn birth_form(value: &str) -> String {
    let digits = |character: char| character.is_ascii_digit();
    let mut shown = String::new();
    let mut rest = value;
    while let Some(start) = rest.find(digits) {
        let group = rest[start..].find(|character| !digits(character));
        let end = group.map_or(rest.len(), |length| start + length);
        shown.push_str(&rest[..start]);
        match end - start {
            4 => shown.push_str(&rest[start..end]),
            length => shown.extend(std::iter::repeat_n('•', length)),
        }
        rest = &rest[end..];
    }
    shown + rest
}

/// `marie.martin@hopital.fr` → `m•••@hopital.fr`.
fn mail_form(value: &str) -> String {
    match value.split_once('@') {
        Some((name, host)) => {
            format!("{}•••@{host}", name.chars().next().map(String::from).unwrap_or_default())
        }
        None => "•••".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_birth_and_of_an_address_the_form_alone_is_shown() {
        for (value, shown) in [
            ("14/02/1988", "••/••/1988"),
            ("1988-02-14", "1988-••-••"),
            ("19880214", "••••••••"),
            ("inconnue", "inconnue"),
            ("", ""),
        ] {
            assert_eq!(birth_form(value), shown);
        }
        assert_eq!(mail_form("marie.martin@hopital.fr"), "m•••@hopital.fr");
        assert_eq!(mail_form("@hopital.fr"), "•••@hopital.fr");
        assert_eq!(mail_form("néant"), "•••");
    }
}

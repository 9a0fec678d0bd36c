use super::list::{assignee, of_record};
use super::views::{Candidate, CaseAccord, CaseAlarm, CaseField, CaseView, Decision};
use super::{kind, priority, state};
use crate::admin::people::sheet::contributions;
use crate::admin::people::views::{Contribution, Homonym, Sign};
use crate::admin::shared::{person_ref, words};
use crate::call::{Answer, At, Call, Tagged, etag};
use crate::problem::Problem;
use chrono::NaiveDate;
use kernel::{CaseId, PersonId};
use reconciliation::{LinkPolicy, Why};
use serde_json::Value;
use workflows::views::CaseSheet;
use workflows::{TwoPeopleAct, WaitingAccord};

/// One case: the records side by side, and what each field weighs.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/cases/{id}", operation_id = "find_case", tag = "cases", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(case.id = %id))]
pub async fn show(call: Call, At(id): At<CaseId>) -> Answer<Tagged<CaseView>> {
    shown(&call, id).await
}

/// The case as it is now, after an act on it too.
pub(super) async fn shown(call: &Call, id: CaseId) -> Answer<Tagged<CaseView>> {
    let sheet = call.workflows.show_case(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("case_unknown"))?;
    let mut view = view(&sheet, call.workflows.today());
    view.two_people = call.workflows.links_take_two();
    if sheet.case.state != directory::CaseState::Decided
        && let Some(waiting) = call.workflows.waiting_link(call.actor(), id).await?
    {
        view.waiting_accord = accord(&sheet, waiting, call.caller.person.id);
    }
    Ok(Tagged(sheet.case.version, view))
}

fn accord(sheet: &CaseSheet, waiting: WaitingAccord, me: PersonId) -> Option<CaseAccord> {
    let TwoPeopleAct::LinkIdentity { candidate, evidence, .. } = waiting.act else { return None };
    let payload: Value = serde_json::from_str(&sheet.case.payload).unwrap_or_default();
    let mut listed = payload["candidates"].as_array().into_iter().flatten();
    let place = listed.position(|one| one["id_nat"].as_str().or(one.as_str()) == Some(&candidate));
    Some(CaseAccord {
        id: waiting.accord.id.uuid(),
        asked_by: waiting.asked_by.map(|person| person.display_name()),
        asked_at: waiting.accord.asked_at,
        until: waiting.accord.expires_at,
        candidate: place.map(letter),
        evidence,
        mine: waiting.accord.asked_by == me,
    })
}

fn view(sheet: &CaseSheet, today: NaiveDate) -> CaseView {
    let case = &sheet.case;
    let payload: Value = serde_json::from_str(&case.payload).unwrap_or_default();
    let candidates = candidates(sheet, &payload);
    let own = own_values(sheet, &payload, today);
    let (ours, candidates) = side_by_side(sheet, own, candidates);
    let homonyms = sheet.homonyms.iter().map(|other| Homonym {
        person: person_ref(&other.person, true),
        function: other.main_post(today).and_then(|post| post.fields.function_label.clone()),
        unit_name: other.main_post(today).and_then(|post| post.fields.unit_label.clone()),
    });
    let first_line = sheet.records.iter().find_map(|record| record.identity.lines.first());
    let told_line = payload["record"]["lines"][0].as_u64();
    let line = told_line.or(first_line.copied());
    CaseView {
        id: case.id.uuid(),
        etag: etag(case.version),
        kind: kind(case.kind),
        state: state(case.state),
        person: match &sheet.line {
            Some(line) => person_ref(&line.person, line.homonym),
            None => of_record(&payload),
        },
        source_name: sheet.source_name.clone(),
        line: line.and_then(|line| i64::try_from(line).ok()),
        waiting_since: case.opened_at,
        priority: priority(case.priority),
        threshold: LinkPolicy::default().link_from,
        ours: ours.into_iter().map(|(field, value)| own_field(sheet, field, value, line)).collect(),
        candidates,
        homonyms: homonyms.collect(),
        register_version: sheet.register.as_ref().map(|version| version.number.to_string()),
        register_extracted_at: sheet.register.as_ref().and_then(|version| version.extracted_at),
        decision: case.decision.as_deref().and_then(decision),
        decided_by: sheet.decided_by.as_ref().map(directory::Person::display_name),
        decided_at: case.decided_at,
        note: case.note.clone(),
        assigned_to: case.assigned_to.map(|person| assignee(person, sheet.assigned_to.as_ref())),
        field: payload["evidence"]["field"].as_str().map(str::to_owned),
        two_people: false,
        waiting_accord: None,
        alarm: payload["contradiction"]["reason"].as_str().map(|reason| CaseAlarm {
            reason: reason.to_owned(),
            credential: payload["contradiction"]["credential"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            sentence: payload["sentence"].as_str().unwrap_or_default().to_owned(),
        }),
    }
}

fn decision(name: &str) -> Option<Decision> {
    match name {
        "link" => Some(Decision::Link),
        "none_fits" => Some(Decision::NoneFits),
        "ask_hr" => Some(Decision::AskHr),
        "wait_card" => Some(Decision::WaitCard),
        _ => None,
    }
}

/// A, B, C… in the order of the matcher: best first, and none is preferred on screen.
pub(super) fn letter(place: usize) -> String {
    char::from(b'A' + u8::try_from(place % 26).unwrap_or(0)).to_string()
}

fn candidates(sheet: &CaseSheet, payload: &Value) -> Vec<Candidate> {
    let proposed = payload["candidates"].as_array().into_iter().flatten().enumerate();
    proposed.map(|(place, proposed)| candidate(sheet, payload, place, proposed)).collect()
}

fn candidate(sheet: &CaseSheet, payload: &Value, place: usize, proposed: &Value) -> Candidate {
    // A register entry with its explanation, or the id of somebody of ours.
    let idnat = proposed["id_nat"].as_str().or(proposed.as_str()).unwrap_or_default();
    let why = proposed.get("why").or_else(|| payload.get("evidence"));
    let why: Option<Why> = why.and_then(|why| serde_json::from_value(why.clone()).ok());
    let someone = proposed.as_str().and_then(|text| text.parse::<kernel::PersonId>().ok());
    let person = someone.and_then(|id| sheet.candidates.get(&id));
    let number: Option<kernel::IdNat> = idnat.parse().ok();
    Candidate {
        letter: letter(place),
        idnat: idnat.to_owned(),
        rpps: number.and_then(|number| number.rpps()).map(|rpps| rpps.to_string()),
        label: person.map(directory::Person::display_name),
        score: proposed["score"].as_f64().or(why.as_ref().map(Why::score)).unwrap_or(0.0),
        contributions: why.as_ref().map(|why| contributions(why, &sheet.sites)).unwrap_or_default(),
        struck_off: None,
        person: person.map(|person| person_ref(person, true)),
    }
}

/// What we have of whom the question is about, field by field, whether candidates were weighed on it or not.
fn own_values(
    sheet: &CaseSheet,
    payload: &Value,
    today: NaiveDate,
) -> Vec<(String, Option<String>)> {
    let record = &payload["record"];
    let person = sheet.line.as_ref().map(|line| &line.person);
    let names = |of: fn(&identity::Names) -> Option<&str>, told: &str| match person {
        Some(person) => of(&person.names).map(str::to_owned),
        None => record["names"][told].as_str().map(str::to_owned),
    };
    let post = sheet.line.as_ref().and_then(|line| line.main_post(today)).map(|post| &post.fields);
    let site = match post {
        Some(post) => post.finess_et.as_ref().map(ToString::to_string),
        None => record["posts"][0]["finess_et"].as_str().map(str::to_owned),
    };
    let profession = match post {
        Some(post) => {
            let code = post.profession.as_ref().map(|code| code.0.clone());
            code.or_else(|| post.function_label.clone())
        }
        None => record["posts"][0]["function_label"].as_str().map(str::to_owned),
    };
    let birth = match person {
        Some(person) => person.birth_date.map(|date| date.to_string()),
        None => record["birth_date"].as_str().map(str::to_owned),
    };
    let used = names(identity::Names::family, "usage_family");
    [
        (
            "exercise_name",
            used.or_else(|| names(|names| names.birth_family.as_deref(), "birth_family")),
        ),
        ("birth_name", names(|names| names.birth_family.as_deref(), "birth_family")),
        ("given_names", names(identity::Names::given, "given")),
        ("birth_date", birth),
        ("profession", profession.map(|told| words::professions(&told))),
        ("place", site.map(|told| words::sites(&told, &sheet.sites))),
    ]
    .into_iter()
    .map(|(field, value)| (field.to_owned(), value))
    .collect()
}

/// One row a field for everybody: a candidate without a value has an absent one, and what differs is marked.
fn side_by_side(
    sheet: &CaseSheet,
    mut ours: Vec<(String, Option<String>)>,
    mut candidates: Vec<Candidate>,
) -> (Vec<(String, Option<String>)>, Vec<Candidate>) {
    for part in candidates.iter().flat_map(|candidate| &candidate.contributions) {
        match ours.iter_mut().find(|(field, _)| *field == part.field) {
            Some((_, value)) if part.ours.is_some() => value.clone_from(&part.ours),
            Some(_) => {}
            None => ours.push((part.field.clone(), part.ours.clone())),
        }
    }
    // Of a record that is somebody's of ours there is more to say than what was weighed; of the register there is not.
    let of_ours = sheet.case.kind != directory::CaseKind::NationalIdentity;
    for (field, value) in &ours {
        let told: std::collections::BTreeSet<String> = candidates
            .iter()
            .filter_map(|candidate| part_of(candidate, field)?.theirs.clone())
            .collect();
        for candidate in &mut candidates {
            match candidate.contributions.iter_mut().find(|part| part.field == *field) {
                Some(part) => part.differs |= value.is_none() && told.len() > 1,
                None if of_ours => {}
                None => candidate.contributions.push(absent(field, value)),
            }
        }
    }
    (ours, candidates)
}

fn part_of<'a>(candidate: &'a Candidate, field: &str) -> Option<&'a Contribution> {
    candidate.contributions.iter().find(|part| part.field == field)
}

fn absent(field: &str, ours: &Option<String>) -> Contribution {
    Contribution {
        field: field.to_owned(),
        ours: ours.clone(),
        theirs: None,
        sign: Sign::Absent,
        differs: false,
        weight: 0.0,
    }
}

fn own_field(
    sheet: &CaseSheet,
    field: String,
    value: Option<String>,
    line: Option<u64>,
) -> CaseField {
    CaseField {
        field,
        value,
        source_name: sheet.source_name.clone(),
        line: line.and_then(|line| i64::try_from(line).ok()),
    }
}

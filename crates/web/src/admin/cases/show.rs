use super::list::{assignee, of_record};
use super::views::{Candidate, CaseField, CaseView, Decision};
use super::{kind, priority, state};
use crate::admin::people::sheet::contributions;
use crate::admin::people::views::{Contribution, Homonym};
use crate::admin::shared::person_ref;
use crate::call::{Answer, At, Call, Tagged, etag};
use crate::problem::Problem;
use chrono::NaiveDate;
use kernel::CaseId;
use reconciliation::{LinkPolicy, Why};
use serde_json::Value;
use workflows::views::CaseSheet;

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
    Ok(Tagged(sheet.case.version, view(&sheet, call.workflows.today())))
}

fn view(sheet: &CaseSheet, today: NaiveDate) -> CaseView {
    let case = &sheet.case;
    let payload: Value = serde_json::from_str(&case.payload).unwrap_or_default();
    let candidates = candidates(sheet, &payload);
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
        ours: ours(sheet, &candidates, line),
        candidates,
        homonyms: homonyms.collect(),
        register_version: None,
        register_extracted_at: None,
        decision: case.decision.as_deref().and_then(decision),
        decided_by: sheet.decided_by.as_ref().map(directory::Person::display_name),
        decided_at: case.decided_at,
        note: case.note.clone(),
        assigned_to: case.assigned_to.map(|person| assignee(person, sheet.assigned_to.as_ref())),
        field: payload["evidence"]["field"].as_str().map(str::to_owned),
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
        contributions: why.as_ref().map(contributions).unwrap_or_default(),
        struck_off: None,
        person: person.map(|person| person_ref(person, true)),
    }
}

/// Our side of the comparison: the fields that the candidates were weighed on, in their order.
fn ours(sheet: &CaseSheet, candidates: &[Candidate], line: Option<u64>) -> Vec<CaseField> {
    let mut fields: Vec<CaseField> = Vec::new();
    let all = candidates.iter().flat_map(|candidate| &candidate.contributions);
    for part in all {
        let known = fields.iter_mut().find(|field| field.field == part.field);
        match known {
            Some(field) if field.value.is_none() => field.value.clone_from(&part.ours),
            Some(_) => {}
            None => fields.push(own_field(sheet, part, line)),
        }
    }
    fields
}

fn own_field(sheet: &CaseSheet, part: &Contribution, line: Option<u64>) -> CaseField {
    CaseField {
        field: part.field.clone(),
        value: part.ours.clone(),
        source_name: sheet.source_name.clone(),
        line: line.and_then(|line| i64::try_from(line).ok()),
    }
}

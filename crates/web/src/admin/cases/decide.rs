use super::show::{letter, shown};
use super::state;
use super::views::{Decision, DecisionRequest, DecisionResult, Evidence};
use crate::admin::accords::views::AccordRef;
use crate::call::{Answer, At, Body, Call};
use crate::problem::{FieldFault, Problem};
use axum::Json;
use axum::http::StatusCode;
use kernel::CaseId;
use workflows::{ConfirmedAct, DecideCase, undo_until};

/// Decide a case. Where links take two people, a link waits for the second, named in `accord`.
///
/// Permission: `DecideCases`. A link asks for the key again, and for the tag of the question that was shown: its letter is
/// a place in a list.
#[utoipa::path(post, path = "/api/v1/cases/{id}/decision", operation_id = "decide_case", tag = "cases",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = DecisionRequest,
    responses((status = 200, body = DecisionResult), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(case.id = %id))]
pub async fn decide(
    call: Call,
    At(id): At<CaseId>,
    Body(body): Body<DecisionRequest>,
) -> Answer<Json<DecisionResult>> {
    call.workflows.may_decide_cases(call.actor()).await?;
    let decision = match body.decision {
        Decision::Link | Decision::SamePerson => link(&call, id, &body).await?,
        Decision::NoneFits | Decision::DifferentPeople => directory::Decision::NoneFits,
        Decision::AskHr => directory::Decision::AskHr,
        Decision::WaitCard => directory::Decision::WaitCard,
        // A value is corrected where it is owned; the next reading brings it here.
        Decision::TakeOurs | Decision::TakeTheirs => {
            return Err(Problem::conflict("decision_does_not_fit"));
        }
    };
    if matches!(decision, directory::Decision::Link { .. }) {
        if call.shown_version().is_none() {
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "version_required"));
        }
        call.must_confirm(ConfirmedAct::LinkIdentity).await?;
    }
    let note = body.note.clone().filter(|note| !note.trim().is_empty());
    let version = call.shown_version();
    let case = DecideCase { case: id, version, decision, note };
    let is_link = matches!(case.decision, directory::Decision::Link { .. });
    if is_link && call.workflows.links_take_two() {
        return match call.workflows.ask_link(&call.caller, &case).await {
            Ok(accord) => waiting(&call, id, &accord).await,
            Err(error) => Err(with_case(&call, id, Problem::from(error)).await?),
        };
    }
    let decided = match call.workflows.decide_case(call.actor(), case).await {
        Ok(decided) => decided,
        Err(error) => return Err(with_case(&call, id, Problem::from(error)).await?),
    };
    let next = call.workflows.next_case(call.actor(), decided.kind).await?;
    Ok(Json(DecisionResult {
        case_id: decided.id.uuid(),
        state: state(decided.state),
        undo_until: undo_until(&decided, call.workflows.now()),
        next_case_id: next.map(|next| next.uuid()),
        accord: None,
    }))
}

/// Whoever decided on an older page sees the case as it is.
async fn with_case(call: &Call, id: CaseId, problem: Problem) -> Result<Problem, Problem> {
    Ok(match problem.is_stale() {
        true => problem.with_current(&shown(call, id).await?.1),
        false => problem,
    })
}

/// Nothing is linked yet: a second person is waited for.
async fn waiting(
    call: &Call,
    id: CaseId,
    accord: &workflows::Accord,
) -> Answer<Json<DecisionResult>> {
    let sheet = call.workflows.show_case(call.actor(), id).await?;
    let case = sheet.ok_or_else(|| Problem::not_found("case_unknown"))?.case;
    let next = call.workflows.next_case_after(call.actor(), &case).await?;
    Ok(Json(DecisionResult {
        case_id: case.id.uuid(),
        state: state(case.state),
        undo_until: None,
        next_case_id: next.map(|next| next.uuid()),
        accord: Some(AccordRef::from(accord)),
    }))
}

/// The candidate that the letter names, on the evidence that was chosen.
async fn link(
    call: &Call,
    id: CaseId,
    body: &DecisionRequest,
) -> Result<directory::Decision, Problem> {
    let sheet = call.workflows.show_case(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("case_unknown"))?;
    let wanted = body
        .candidate
        .as_deref()
        .ok_or_else(|| Problem::fields(vec![FieldFault::new("candidate", "required")]))?;
    let payload: serde_json::Value =
        serde_json::from_str(&sheet.case.payload).map_err(|error| Problem::internal(&error))?;
    let mut proposed = payload["candidates"].as_array().into_iter().flatten().enumerate();
    let found = proposed.find(|(place, _)| letter(*place) == wanted);
    let (_, found) = found.ok_or_else(|| Problem::conflict("candidate_unknown"))?;
    let candidate = found["id_nat"].as_str().or(found.as_str()).unwrap_or_default().to_owned();
    let evidence = body
        .evidence
        .ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "evidence_required"))?;
    Ok(directory::Decision::Link { candidate, evidence: evidence_name(evidence).to_owned() })
}

/// As the journal names it.
pub(crate) fn evidence_name(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::ProfessionalCard => "professional_card",
        Evidence::OrderCertificate => "order_certificate",
        Evidence::Diploma => "diploma",
        Evidence::RegisterRecord => "register_record",
        Evidence::HrFile => "hr_file",
        Evidence::IdentityDocument => "identity_document",
    }
}

use super::views::VerifyResult;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use ::audit::{Fault, Verdict};
use axum::Json;

/// Verify the whole log against every signed checkpoint; names the first entry that is not what was signed.
///
/// Permission: `ReadAudit`.
#[utoipa::path(post, path = "/api/v1/audit/verify", operation_id = "verify_audit", tag = "audit",
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = VerifyResult), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn verify(call: Call) -> Answer<Json<VerifyResult>> {
    let report = call.workflows.verify_audit(call.actor()).await?;
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let fault = report.verdict.first_fault();
    let entries = match &report.verdict {
        Verdict::Holds { entries, .. } | Verdict::Broken { entries, .. } => *entries,
    };
    Ok(Json(VerifyResult {
        holds: report.verdict.holds(),
        entries: number(entries),
        waiting_seal: number(report.unsealed),
        first_fault: fault.and_then(Fault::index).map(number),
        fault: fault.map(ToString::to_string),
    }))
}

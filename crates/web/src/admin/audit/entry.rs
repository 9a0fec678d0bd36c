use super::rows;
use super::views::{AuditEntry, AuditEntryView, InclusionProof};
use crate::admin::shared::{event_params, setting_changes};
use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use ::audit::AuditRecord;
use axum::Json;
use base64::{Engine, prelude::BASE64_STANDARD};

/// One sealed entry with its inclusion proof.
///
/// Permission: `ReadAudit`.
#[utoipa::path(get, path = "/api/v1/audit/{index}", operation_id = "find_audit_entry", tag = "audit",
    params(("index" = i64, Path)),
    responses((status = 200, body = AuditEntryView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(audit.index = index))]
pub async fn entry(call: Call, At(index): At<u64>) -> Answer<Json<AuditEntryView>> {
    let unknown = || Problem::not_found("entry_unknown");
    let proof = call.workflows.prove_entry(call.actor(), index).await?.ok_or_else(unknown)?;
    let key = call.workflows.audit_key()?;
    let row = rows::row(&proof.entry, &proof.people, &proof.homonyms, &proof.names)
        .ok_or_else(unknown)?;
    let record = AuditRecord::from_bytes(proof.entry.body.as_bytes()).map_err(|_| unknown())?;
    let mut fields = event_params(&record, &proof.names);
    // Told apart, beside each other.
    fields.remove("changes");
    let (before, after) = setting_changes(&record).unzip();
    let text = |digest: &::audit::Digest| BASE64_STANDARD.encode(digest.as_bytes());
    Ok(Json(AuditEntryView {
        entry: AuditEntry { row, leaf_hash: text(&proof.entry.leaf_hash), fields, before, after },
        proof: Some(InclusionProof {
            index: i64::try_from(index).unwrap_or(i64::MAX),
            tree_size: i64::try_from(proof.checkpoint.size).unwrap_or(i64::MAX),
            root: text(&proof.checkpoint.root),
            hashes: proof.hashes.iter().map(text).collect(),
            checkpoint: rows::checkpoint(&proof.checkpoint, &proof.note, proof.signed_at, &key),
            verified: proof.verified,
        }),
    }))
}

use super::views::{HeldChanges, Register, RegisterVersion};
use crate::admin::shared::views::Health;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use directory::RegisterShift;
use workflows::sync::content_of;
use workflows::views::{REGISTER_LIMIT_DAYS, RegisterSheet};

/// The register and its age.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/register", operation_id = "find_register", tag = "register",
    responses((status = 200, body = Register), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(call: Call) -> Answer<Json<Register>> {
    let sheet = call.workflows.show_register(call.actor()).await?;
    Ok(Json(Register {
        current: sheet.version.as_ref().map(version),
        previous: sheet.previous.as_ref().map(version),
        held: sheet.held.as_ref().map(version),
        held_changes: sheet.held_shift.as_ref().map(changes),
        age_days: sheet.age_days,
        limit_days: REGISTER_LIMIT_DAYS,
        unit_changes: None,
        links: i64::try_from(sheet.links).unwrap_or(i64::MAX),
        to_decide: i64::try_from(sheet.to_decide).unwrap_or(i64::MAX),
        last_reconciled_at: sheet.last_reconciled_at,
        health: health(&sheet),
    }))
}

pub(crate) fn health(sheet: &RegisterSheet) -> Health {
    match sheet.age_days {
        None => Health::Never,
        Some(days) if days > REGISTER_LIMIT_DAYS => Health::Warning,
        Some(_) => Health::Ok,
    }
}

fn changes(shift: &RegisterShift) -> HeldChanges {
    let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
    HeldChanges {
        followed: number(shift.held),
        professions: number(shift.professions),
        names: number(shift.names),
        missing: number(shift.missing),
    }
}

fn version(version: &workflows::views::RegisterVersion) -> RegisterVersion {
    let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
    RegisterVersion {
        version: version.number.to_string(),
        content: content_of(version).to_string(),
        file: version.files.first().map(|file| file.name.clone()).unwrap_or_default(),
        lines: number(version.lines()),
        persons: number(version.persons),
        extracted_at: version.extracted_at.unwrap_or(version.imported_at),
        imported_at: version.imported_at,
        rejected: number(version.files.iter().map(|file| file.left_out).sum()),
    }
}

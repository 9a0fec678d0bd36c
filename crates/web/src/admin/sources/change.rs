use super::show::shown;
use super::views::{MappingDraft, MappingVersion, MappingVersions, Source};
use crate::admin::shared::actor_name;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use axum::Json;
use kernel::SourceId;
use workflows::ConfirmedAct;

/// The next version of a source's definition; an earlier text brings that version back.
///
/// Permission: `ManageSources`. The key is asked again.
#[utoipa::path(put, path = "/api/v1/sources/{id}/mapping", operation_id = "change_mapping", tag = "sources",
    params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = MappingDraft,
    responses((status = 200, body = Source), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(source.id = %id))]
pub async fn change(
    call: Call,
    At(id): At<SourceId>,
    Body(draft): Body<MappingDraft>,
) -> Answer<Tagged<Source>> {
    call.workflows.may_change_sources(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ChangeMapping).await?;
    let seen = call.shown_version();
    match call.workflows.change_source(call.actor(), id, seen, draft.toml.clone()).await {
        Ok(_) => shown(&call, id).await,
        Err(error) => {
            let problem = Problem::from(error);
            match problem.is_stale() {
                true => Err(problem.with_current(&shown(&call, id).await?.1)),
                false => Err(problem),
            }
        }
    }
}

/// Every version of a source's definition, newest first.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/sources/{id}/versions", operation_id = "list_mapping_versions", tag = "sources",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = MappingVersions), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(source.id = %id))]
pub async fn versions(call: Call, At(id): At<SourceId>) -> Answer<Json<MappingVersions>> {
    let sheet = call.workflows.show_source(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("source_unknown"))?;
    let mut items: Vec<MappingVersion> = sheet
        .versions
        .iter()
        .map(|version| MappingVersion {
            version: version.version,
            saved_at: version.at,
            saved_by: actor_name(&version.by, &sheet.people),
            toml: version.definition.clone(),
        })
        .collect();
    items.sort_by_key(|version| std::cmp::Reverse(version.version));
    Ok(Json(MappingVersions { items }))
}

use super::views::{DegradedDependency, ReachView};
use crate::admin::shared::views::Dependency;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// What cannot be reached.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/reach", operation_id = "reach", tag = "reach",
    responses((status = 200, body = ReachView), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn reach(call: Call) -> Answer<Json<ReachView>> {
    let reach = call.workflows.reach();
    let degraded = reach.degraded().map(|(dependency, since)| DegradedDependency {
        dependency: Dependency::from(dependency),
        since,
        stops_someone: dependency == kernel::Dependency::Database,
        next_try_at: None,
        queued: None,
    });
    let now = call.workflows.now();
    Ok(Json(ReachView { degraded: degraded.collect(), recovered: Vec::new(), now }))
}

impl From<kernel::Dependency> for Dependency {
    fn from(dependency: kernel::Dependency) -> Self {
        match dependency {
            kernel::Dependency::Internet => Self::Internet,
            kernel::Dependency::ActiveDirectory => Self::ActiveDirectory,
            kernel::Dependency::HumanResources => Self::HumanResources,
            kernel::Dependency::Register => Self::Register,
            kernel::Dependency::ProSanteConnect => Self::ProSanteConnect,
            kernel::Dependency::Database => Self::Database,
        }
    }
}

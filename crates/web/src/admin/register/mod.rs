//! The national register: its version, its age.
mod reconcile;
mod show;
pub mod views;

pub(crate) use show::health;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new().routes(routes!(show::show)).routes(routes!(reconcile::reconcile))
}

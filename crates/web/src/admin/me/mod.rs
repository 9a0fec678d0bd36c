//! Who is at the console.
mod acts;
mod leave;
mod show;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(show::stay))
        .routes(routes!(acts::acts))
        .routes(routes!(leave::leave))
}

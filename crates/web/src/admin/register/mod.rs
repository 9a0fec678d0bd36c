//! The national register: its version, its age, what it changes about people here, links that grow old.
mod accord;
mod changes;
mod coverage;
mod due;
mod export;
pub mod follow_views;
mod indicators;
mod reconcile;
mod refresh;
mod settle;
mod show;
pub mod views;
mod worklist;

pub(crate) use show::health;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(reconcile::reconcile))
        .routes(routes!(refresh::refresh))
        .routes(routes!(changes::changes))
        .routes(routes!(settle::settle))
        .routes(routes!(due::due))
        .routes(routes!(worklist::worklist))
        .routes(routes!(indicators::indicators))
        .routes(routes!(coverage::coverage))
        .routes(routes!(accord::accept))
        .routes(routes!(accord::dismiss))
        .routes(routes!(export::due))
        .routes(routes!(export::worklist))
        .routes(routes!(indicators::file))
}

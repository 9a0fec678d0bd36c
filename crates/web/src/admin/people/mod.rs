//! People: the list, one person, what an operator may do to her.
mod bulk;
mod close;
mod columns;
mod end_session;
mod end_sessions;
mod enrolment_code;
mod export;
mod facets;
mod lines;
mod list;
mod query;
pub(crate) mod sheet;
mod show;
mod timeline;
mod unlink;
mod verify;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(bulk::act))
        .routes(routes!(facets::facets))
        .routes(routes!(export::export))
        .routes(routes!(show::show))
        .routes(routes!(timeline::timeline))
        .routes(routes!(close::close))
        .routes(routes!(close::keep_open))
        .routes(routes!(close::suspend))
        .routes(routes!(close::resume))
        .routes(routes!(end_session::end_session))
        .routes(routes!(unlink::unlink))
        .routes(routes!(verify::verify))
        .routes(routes!(end_sessions::end_sessions))
        .routes(routes!(enrolment_code::give))
}

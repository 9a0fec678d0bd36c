//! Means of identification, as the desk handles them.
mod change;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{Means, MeansKind, MeansState};
use workflows::views::person_parts::MeansBrief;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(change::suspend))
        .routes(routes!(change::reactivate))
        .routes(routes!(change::revoke))
}

impl MeansKind {
    /// The kinds that screens tell apart; others have no sign of theirs yet.
    pub fn shown(kind: authentication::MeansKind) -> Option<Self> {
        use authentication::MeansKind as Known;
        match kind {
            Known::Password => Some(Self::Password),
            Known::Fido2 => Some(Self::Fido2),
            Known::Totp => Some(Self::Totp),
            Known::CpsCard => Some(Self::Cps),
            Known::DesfireBadge | Known::TemporaryBadge => Some(Self::Badge),
            Known::Pin | Known::PhoneApp | Known::WorkstationTicket | Known::ProSanteConnect => {
                None
            }
        }
    }
}

/// A means as screens show it; `None` for a kind that they do not know.
pub(crate) fn view(brief: &MeansBrief) -> Option<Means> {
    use authentication::MeansStatus;
    Some(Means {
        id: brief.id.uuid(),
        kind: MeansKind::shown(brief.kind)?,
        label: brief.label.clone(),
        serial: brief.serial.clone(),
        state: match brief.status {
            MeansStatus::Blank => MeansState::Blank,
            MeansStatus::Issued => MeansState::Issued,
            MeansStatus::Active => MeansState::Active,
            MeansStatus::Suspended => MeansState::Suspended,
            MeansStatus::Revoked => MeansState::Revoked,
            MeansStatus::Expired => MeansState::Expired,
        },
        issued_at: Some(brief.issued_at),
        issued_by: None,
        last_used_at: brief.last_used_at,
        last_used_where: None,
        expires_at: None,
        etag: Some(crate::call::etag(brief.version)),
    })
}

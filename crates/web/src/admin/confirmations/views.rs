//! What the screens are told, field by field, as the OpenAPI document says.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Kinds of acts that ask for the key again: they answer 403 confirmation_required with the kind in params.act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedAct {
    ClosePeople,
    ApplyPlan,
    ReleaseBrake,
    LinkIdentity,
    RevokeMeans,
    RotateSecret,
    ChangeMapping,
    ManageOperators,
    MergePeople,
    RelaxClient,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    pub act: ConfirmedAct,
}

/// options: for navigator.credentials.get, in WebAuthn's JSON form (PublicKeyCredential.parseRequestOptionsFromJSON on its publicKey).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AskedConfirmation {
    pub id: Uuid,
    pub options: serde_json::Value,
}

/// answer: the credential, in WebAuthn's JSON form (its toJSON()).
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationAnswer {
    pub answer: serde_json::Value,
}

/// Acts of this kind are confirmed in this session until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Confirmed {
    pub act: ConfirmedAct,
    pub until: DateTime<Utc>,
}

impl From<ConfirmedAct> for workflows::ConfirmedAct {
    fn from(act: ConfirmedAct) -> Self {
        match act {
            ConfirmedAct::ClosePeople => Self::ClosePeople,
            ConfirmedAct::ApplyPlan => Self::ApplyPlan,
            ConfirmedAct::ReleaseBrake => Self::ReleaseBrake,
            ConfirmedAct::LinkIdentity => Self::LinkIdentity,
            ConfirmedAct::RevokeMeans => Self::RevokeMeans,
            ConfirmedAct::RotateSecret => Self::RotateSecret,
            ConfirmedAct::ChangeMapping => Self::ChangeMapping,
            ConfirmedAct::ManageOperators => Self::ManageOperators,
            ConfirmedAct::MergePeople => Self::MergePeople,
            ConfirmedAct::RelaxClient => Self::RelaxClient,
        }
    }
}

impl From<workflows::ConfirmedAct> for ConfirmedAct {
    fn from(act: workflows::ConfirmedAct) -> Self {
        use workflows::ConfirmedAct as Known;
        match act {
            Known::ClosePeople => Self::ClosePeople,
            Known::ApplyPlan => Self::ApplyPlan,
            Known::ReleaseBrake => Self::ReleaseBrake,
            Known::LinkIdentity => Self::LinkIdentity,
            Known::RevokeMeans => Self::RevokeMeans,
            Known::RotateSecret => Self::RotateSecret,
            Known::ChangeMapping => Self::ChangeMapping,
            Known::ManageOperators => Self::ManageOperators,
            Known::MergePeople => Self::MergePeople,
            Known::RelaxClient => Self::RelaxClient,
        }
    }
}

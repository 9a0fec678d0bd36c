use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::MergeEvidence;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SameEvidence {
    IdentityDocument,
    HrFile,
    ProfessionalCard,
}

impl From<SameEvidence> for MergeEvidence {
    fn from(evidence: SameEvidence) -> Self {
        match evidence {
            SameEvidence::IdentityDocument => Self::IdentityDocument,
            SameEvidence::HrFile => Self::HrFile,
            SameEvidence::ProfessionalCard => Self::ProfessionalCard,
        }
    }
}

/// kept: the record that stays; absorbed: the one whose posts, accounts, links and questions go to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    pub kept: Uuid,
    pub absorbed: Uuid,
    pub evidence: SameEvidence,
    pub motive: String,
}

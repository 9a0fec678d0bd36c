use crate::{Client, SubjectType};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{IdNat, KeyStore, PersonId};

/// A person as far as clients may hear of her; put together from directory and register by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub person: PersonId,
    pub family_name: Option<String>,
    pub given_name: Option<String>,
    /// The login that she knows (AD).
    pub login: Option<String>,
    pub mail: Option<String>,
    /// The unit of her current post, in words.
    pub unit: Option<String>,
    /// A verified link only (invariant I-13).
    pub national_id: Option<NationalId>,
    /// The exercise that she works under now; `None` while she has none or must still choose.
    pub exercise: Option<Exercise>,
}

/// A national identity whose link was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalId {
    pub id_nat: IdNat,
}

/// One exercise as the register's row says it. Empty text: the register says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exercise {
    pub profession: String,
    pub category: String,
    /// Civility in practice (DR, PR…).
    pub practice_title: String,
    pub family_name: String,
    pub given_name: String,
    /// Civility (M, MME).
    pub civility: String,
    pub expertise_kind: String,
    pub expertise: String,
    pub activity: Activity,
}

/// Where the exercise takes place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    pub mode: String,
    pub sector: String,
    pub pharmacist_section: String,
    pub role: String,
    pub genre: String,
    pub siret: String,
    pub siren: String,
    pub finess_site: String,
    pub finess_entity: String,
    pub structure_id: String,
    pub structure_name: String,
    pub structure_sign: String,
    pub recipient: String,
    pub location: String,
    pub street_number: String,
    pub street_repeat: String,
    pub street_kind: String,
    pub street: String,
    pub distribution: String,
    pub delivery: String,
    pub postal_code: String,
    pub commune: String,
    pub country: String,
    pub phone: String,
    pub phone_2: String,
    pub fax: String,
    pub mail: String,
    pub department: String,
    pub former_structure_id: String,
    pub authority: String,
}

impl Activity {
    /// Struct_IdNat as the VIHF wants it: `1` + FINESS, the legal entity first, or `3` + SIRET.
    pub fn structure_id_nat(&self) -> Option<String> {
        [("1", &self.finess_entity), ("1", &self.finess_site), ("3", &self.siret)]
            .into_iter()
            .find(|(_, number)| !number.is_empty())
            .map(|(kind, number)| format!("{kind}{number}"))
    }
}

/// `sub` for this client: the person's own id, or one that no other sector sees (OpenID Connect Core §8.1).
/// Derived, so that it is the same for ever and needs no table (threats OP-30).
pub fn subject_identifier(client: &Client, person: PersonId, keys: &dyn KeyStore) -> String {
    match &client.settings.subject {
        SubjectType::Public => person.to_string(),
        SubjectType::Pairwise { sector } => {
            // Lengths first, so that no issuer and sector can spell another pair.
            let issuer = client.issuer.as_str();
            let message = format!("{}:{issuer}{}:{sector}{person}", issuer.len(), sector.len());
            URL_SAFE_NO_PAD.encode(keys.mac("oidc-pairwise-subject", message.as_bytes()))
        }
    }
}

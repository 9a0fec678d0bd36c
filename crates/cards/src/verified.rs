//! A card that was verified: holding the value is the proof.
use crate::holder::national_id;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::IdNat;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// Of a professional.
    Cps,
    /// Of one in training.
    Cpf,
}

/// The text is not that of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the text of a verified card")]
pub struct InvalidCard;

/// Only `judge_card` makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCard {
    pub(crate) id_nat: IdNat,
    pub(crate) said: Said,
}

/// What a card says beside the number of its holder; also how it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    pub family: String,
    pub given: String,
    pub profession: Option<u32>,
    pub card_number: String,
    pub kind: CardKind,
    pub is_test: bool,
    pub until: DateTime<Utc>,
    pub serial: String,
    pub thumbprint: String,
    pub authority: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id_nat: String,
    said: Said,
}

impl VerifiedCard {
    /// The number of its holder: the key by which a person is found. Never her name.
    pub fn id_nat(&self) -> &IdNat {
        &self.id_nat
    }
    /// The name in practice, often not the birth name.
    pub fn family(&self) -> &str {
        &self.said.family
    }
    pub fn given(&self) -> &str {
        &self.said.given
    }
    /// Of table G15.
    pub fn profession(&self) -> Option<u32> {
        self.said.profession
    }
    pub fn card_number(&self) -> &str {
        &self.said.card_number
    }
    pub fn kind(&self) -> CardKind {
        self.said.kind
    }
    pub fn is_test(&self) -> bool {
        self.said.is_test
    }
    pub fn until(&self) -> DateTime<Utc> {
        self.said.until
    }
    /// In hexadecimal, as the certificate writes it.
    pub fn serial(&self) -> &str {
        &self.said.serial
    }
    /// `x5t#S256` of the certificate.
    pub fn thumbprint(&self) -> &str {
        &self.said.thumbprint
    }
    /// The authority that issued it: its fingerprint, as [`crate::AuthorityLine`] has it.
    pub fn authority(&self) -> &str {
        &self.said.authority
    }

    /// To be kept for the seconds that it takes to go from one listener to the other (WB-09), and no longer: the text does
    /// not say that the card is still good.
    pub fn text(&self) -> String {
        let written = Written { id_nat: self.id_nat.to_string(), said: self.said.clone() };
        serde_json::to_string(&written).expect("plain fields make JSON")
    }

    /// Read back from our own store only: nothing in the text proves who wrote it.
    pub fn from_text(text: &str) -> Result<Self, InvalidCard> {
        let written: Written = serde_json::from_str(text).map_err(|_| InvalidCard)?;
        let id_nat = national_id(&written.id_nat).map_err(|_| InvalidCard)?;
        Ok(Self { id_nat, said: written.said })
    }
}

pub(crate) fn thumbprint(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(der))
}

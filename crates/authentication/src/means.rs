use crate::{Fido2Credential, PasswordVerifier};
use cards::VerifiedCard;
use chrono::{DateTime, Utc};
use kernel::{AccountId, ActorId, IdNat, MeansId, OperatorId, PersonId};

const DIRECTORY: &str = "directory:";

/// Every kind of means that Hygie speaks of; a kind without a verifier here simply yields no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MeansKind {
    Password,
    Fido2,
    Pin,
    Totp,
    CpsCard,
    DesfireBadge,
    PhoneApp,
    WorkstationTicket,
    ProSanteConnect,
    TemporaryBadge,
}

impl MeansKind {
    pub const ALL: [Self; 10] = [
        Self::Password,
        Self::Fido2,
        Self::Pin,
        Self::Totp,
        Self::CpsCard,
        Self::DesfireBadge,
        Self::PhoneApp,
        Self::WorkstationTicket,
        Self::ProSanteConnect,
        Self::TemporaryBadge,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Fido2 => "fido2",
            Self::Pin => "pin",
            Self::Totp => "totp",
            Self::CpsCard => "cps_card",
            Self::DesfireBadge => "desfire_badge",
            Self::PhoneApp => "phone_app",
            Self::WorkstationTicket => "workstation_ticket",
            Self::ProSanteConnect => "pro_sante_connect",
            Self::TemporaryBadge => "temporary_badge",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where a means stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MeansStatus {
    /// In the drawer: opens nothing, belongs to nobody.
    Blank,
    /// Given to somebody, not yet proved to be in their hands.
    Issued,
    Active,
    Suspended,
    Revoked,
    Expired,
}

impl MeansStatus {
    pub const ALL: [Self; 6] =
        [Self::Blank, Self::Issued, Self::Active, Self::Suspended, Self::Revoked, Self::Expired];
    pub fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Issued => "issued",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
    /// What is revoked or expired never becomes active again: a new means is issued (threats I-24).
    pub fn may_become(self, next: Self) -> bool {
        use MeansStatus::*;
        matches!(
            (self, next),
            (Blank, Issued | Revoked)
                | (Issued, Active | Revoked | Expired)
                | (Active, Suspended | Revoked | Expired)
                | (Suspended, Active | Revoked | Expired)
        )
    }
}

/// Whose hands a means is in. An operator's means never serve for care, and the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    Person(PersonId),
    Operator { operator: OperatorId, person: PersonId },
}

impl Holder {
    pub fn person(self) -> PersonId {
        match self {
            Self::Person(person) | Self::Operator { person, .. } => person,
        }
    }
    pub fn operator(self) -> Option<OperatorId> {
        match self {
            Self::Person(_) => None,
            Self::Operator { operator, .. } => Some(operator),
        }
    }
}

/// How we know that the means is in the right hands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum EnrolmentProof {
    /// A code given at the desk, by whom.
    DeskCode { given_by: ActorId },
    /// The one-time link printed on the machine at `init`.
    FirstAdministrator,
    /// Another means of the same person, proved just before.
    OtherMeans { means: MeansId },
    /// The card itself: its certificate names who holds it, as long as she bears this number.
    Certificate {
        #[serde(with = "as_text")]
        id_nat: IdNat,
        /// SHA-256 of the certificate, in base64url.
        thumbprint: String,
    },
}

/// What checks the means. Never leaves the appliance.
#[derive(Debug, Clone)]
pub enum Verifier {
    Password(PasswordVerifier),
    Fido2(Box<Fido2Credential>),
    /// The password is checked by the directory that owns this account.
    Directory {
        account: AccountId,
    },
    Card(CardVerifier),
}

/// A card that was shown, as it was when it was last used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CardVerifier {
    /// Its authority, and its serial there: by these a list names it.
    pub authority: String,
    pub serial: String,
}

impl CardVerifier {
    pub fn of(card: &VerifiedCard) -> Self {
        Self { authority: card.authority().to_owned(), serial: card.serial().to_owned() }
    }
}

mod as_text {
    use kernel::IdNat;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(id_nat: &IdNat, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(id_nat.as_str())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(kept: D) -> Result<IdNat, D::Error> {
        String::deserialize(kept)?.parse().map_err(D::Error::custom)
    }
}

/// A kept verifier or enrolment proof cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of a means cannot be read")]
pub struct InvalidMeans;

impl Verifier {
    /// As the store keeps it; [`MeansKind`] is kept beside it.
    pub fn text(&self) -> Result<String, InvalidMeans> {
        match self {
            Self::Password(verifier) => Ok(verifier.text().to_owned()),
            Self::Fido2(credential) => credential.text().map_err(|_| InvalidMeans),
            Self::Directory { account } => Ok(format!("{DIRECTORY}{account}")),
            Self::Card(card) => serde_json::to_string(card).map_err(|_| InvalidMeans),
        }
    }

    pub fn from_text(kind: MeansKind, text: &str) -> Result<Self, InvalidMeans> {
        if let Some(account) = text.strip_prefix(DIRECTORY) {
            let account = account.parse().map_err(|_| InvalidMeans)?;
            return Ok(Self::Directory { account });
        }
        match kind {
            MeansKind::Password => {
                PasswordVerifier::from_text(text).map(Self::Password).map_err(|_| InvalidMeans)
            }
            MeansKind::Fido2 => Fido2Credential::from_text(text)
                .map(|credential| Self::Fido2(Box::new(credential)))
                .map_err(|_| InvalidMeans),
            MeansKind::CpsCard => {
                serde_json::from_str(text).map(Self::Card).map_err(|_| InvalidMeans)
            }
            MeansKind::Pin
            | MeansKind::Totp
            | MeansKind::DesfireBadge
            | MeansKind::PhoneApp
            | MeansKind::WorkstationTicket
            | MeansKind::ProSanteConnect
            | MeansKind::TemporaryBadge => Err(InvalidMeans),
        }
    }

    /// The credential id of a key, by which a login without a name finds it.
    pub fn credential_id(&self) -> Option<&[u8]> {
        match self {
            Self::Fido2(credential) => Some(credential.id()),
            Self::Password(_) | Self::Directory { .. } | Self::Card(_) => None,
        }
    }
}

impl EnrolmentProof {
    /// The stable word of the journal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DeskCode { .. } => "desk_code",
            Self::FirstAdministrator => "first_administrator",
            Self::OtherMeans { .. } => "other_means",
            Self::Certificate { .. } => "certificate",
        }
    }

    pub fn text(proof: Option<&Self>) -> String {
        serde_json::to_string(&proof).expect("ids are JSON")
    }

    pub fn from_text(text: &str) -> Result<Option<Self>, InvalidMeans> {
        serde_json::from_str(text).map_err(|_| InvalidMeans)
    }
}

/// One means of identification (MIE).
#[derive(Debug, Clone)]
pub struct Means {
    pub id: MeansId,
    pub kind: MeansKind,
    pub status: MeansStatus,
    /// Nobody while blank.
    pub holder: Option<Holder>,
    /// What the holder and the desk call it.
    pub label: String,
    pub serial: Option<String>,
    pub enrolment: Option<EnrolmentProof>,
    pub verifier: Option<Verifier>,
    pub issued_at: DateTime<Utc>,
    pub activated_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    /// The version that was read; the store raises it at each change.
    pub version: i64,
}

/// The means cannot go from here to there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a means that is {} cannot become {}", from.name(), to.name())]
pub struct IllegalTransition {
    pub from: MeansStatus,
    pub to: MeansStatus,
}

impl Means {
    /// Gives a new means to its holder; it opens nothing until activated.
    pub fn issue(
        id: MeansId,
        kind: MeansKind,
        holder: Holder,
        label: &str,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind,
            status: MeansStatus::Issued,
            holder: Some(holder),
            label: label.to_owned(),
            serial: None,
            enrolment: None,
            verifier: None,
            issued_at: now,
            activated_at: None,
            expires_at: None,
            last_used_at: None,
            version: 1,
        }
    }

    /// The holder has proved to hold it.
    pub fn activate(
        mut self,
        verifier: Verifier,
        enrolment: EnrolmentProof,
        now: DateTime<Utc>,
    ) -> Result<Self, IllegalTransition> {
        self.must_become(MeansStatus::Active)?;
        if self.status != MeansStatus::Issued {
            return Err(IllegalTransition { from: self.status, to: MeansStatus::Active });
        }
        self.verifier = Some(verifier);
        self.enrolment = Some(enrolment);
        self.activated_at = Some(now);
        Ok(self.moved(MeansStatus::Active))
    }

    pub fn suspend(self) -> Result<Self, IllegalTransition> {
        self.must_become(MeansStatus::Suspended)?;
        Ok(self.moved(MeansStatus::Suspended))
    }

    /// Lifts a suspension; nothing else.
    pub fn reactivate(self) -> Result<Self, IllegalTransition> {
        if self.status != MeansStatus::Suspended {
            return Err(IllegalTransition { from: self.status, to: MeansStatus::Active });
        }
        Ok(self.moved(MeansStatus::Active))
    }

    /// For ever. What could be searched goes with it; the public half of a key stays, so that its next use is named in
    /// the journal.
    pub fn revoke(mut self) -> Result<Self, IllegalTransition> {
        self.must_become(MeansStatus::Revoked)?;
        self.verifier = self.verifier.filter(|verifier| verifier.credential_id().is_some());
        Ok(self.moved(MeansStatus::Revoked))
    }

    /// The status that counts now: an end that has passed needs no job to have run.
    pub fn standing(&self, now: DateTime<Utc>) -> MeansStatus {
        let over = self.expires_at.is_some_and(|end| end <= now);
        if over && self.status.may_become(MeansStatus::Expired) {
            MeansStatus::Expired
        } else {
            self.status
        }
    }

    fn must_become(&self, to: MeansStatus) -> Result<(), IllegalTransition> {
        let legal = self.status.may_become(to);
        legal.then_some(()).ok_or(IllegalTransition { from: self.status, to })
    }

    fn moved(mut self, to: MeansStatus) -> Self {
        self.status = to;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Clock;
    use kernel::{FixedClock, SeededRandomness};

    fn key() -> Means {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        let holder = Holder::Person(PersonId::new(&clock, &chance));
        Means::issue(MeansId::new(&clock, &chance), MeansKind::Fido2, holder, "Clé", clock.now())
    }

    #[test]
    fn i_24_what_is_revoked_or_expired_never_comes_back() {
        for dead in [MeansStatus::Revoked, MeansStatus::Expired] {
            for next in MeansStatus::ALL {
                assert!(!dead.may_become(next), "{dead:?} to {next:?}");
            }
        }
    }

    #[test]
    fn a_means_lives_one_way() {
        use MeansStatus::*;
        let legal = [
            (Blank, Issued),
            (Blank, Revoked),
            (Issued, Active),
            (Issued, Revoked),
            (Issued, Expired),
            (Active, Suspended),
            (Active, Revoked),
            (Active, Expired),
            (Suspended, Active),
            (Suspended, Revoked),
            (Suspended, Expired),
        ];
        for from in MeansStatus::ALL {
            for to in MeansStatus::ALL {
                assert_eq!(from.may_become(to), legal.contains(&(from, to)), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn only_what_was_issued_is_activated_and_only_what_was_suspended_is_taken_up_again() {
        let now = FixedClock::at("2026-03-01T09:00:00Z").now();
        let account =
            AccountId::new(&FixedClock::at("2026-03-01T09:00:00Z"), &SeededRandomness::new(2));
        let verifier = || Verifier::Directory { account };
        let active =
            key().activate(verifier(), EnrolmentProof::FirstAdministrator, now).expect("issued");
        assert_eq!(active.status, MeansStatus::Active);
        assert!(key().reactivate().is_err(), "an issued key is not active by a reactivation");
        let suspended = active.suspend().expect("active");
        assert!(
            suspended
                .clone()
                .activate(verifier(), EnrolmentProof::FirstAdministrator, now)
                .is_err(),
            "a suspended key does not change its verifier"
        );
        let revoked = suspended.reactivate().expect("suspended").revoke().expect("active");
        assert!(revoked.verifier.is_none());
        assert!(revoked.reactivate().is_err());
    }

    #[test]
    fn a_past_end_counts_without_any_job() {
        let mut means = key();
        means.expires_at = Some(means.issued_at);
        assert_eq!(means.standing(means.issued_at), MeansStatus::Expired);
        assert_eq!(
            means.standing(means.issued_at - chrono::Duration::seconds(1)),
            MeansStatus::Issued
        );
    }
}

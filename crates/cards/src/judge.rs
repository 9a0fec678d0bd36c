//! Whether a certificate is a card's that logs in (`cps-igc-sante.md` §7). That the card has its key is proved elsewhere:
//! by the handshake that brought the certificate, or by a signed challenge (CP-01).
use crate::authority::Authority;
use crate::der::{Der, INTEGER, SEQUENCE, context, only};
use crate::extensions::{DIGITAL_SIGNATURE, Extensions, KEY_CERT_SIGN, Unreadable};
use crate::holder::Holder;
use crate::list::Serial;
use crate::lists::Asked;
use crate::profile::{Profile, UNDERSTOOD};
use crate::signed::{SignatureFault, Signed, is_strong};
use crate::verified::{Said, thumbprint};
use crate::{CardAuthorities, CardFault, RevocationLists, VerifiedCard};
use chrono::{DateTime, Duration, Utc};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Version;

/// A card's certificate has two kilobytes.
const MOST_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardRules {
    /// Cards for tests are taken besides; what the card is says `VerifiedCard::is_test`. Never in production.
    pub test_cards: bool,
    /// How long a list is believed after the moment when the next one was promised.
    pub revocation_grace: Duration,
}

impl Default for CardRules {
    fn default() -> Self {
        Self { test_cards: false, revocation_grace: Duration::hours(24) }
    }
}

impl From<Unreadable> for CardFault {
    fn from(Unreadable: Unreadable) -> Self {
        Self::Unreadable
    }
}

pub fn judge_card(
    der: &[u8],
    authorities: &CardAuthorities,
    lists: &RevocationLists,
    rules: &CardRules,
    now: DateTime<Utc>,
) -> Result<VerifiedCard, CardFault> {
    if der.len() > MOST_BYTES {
        return Err(CardFault::Unreadable);
    }
    let signed = Signed::read(der).ok_or(CardFault::Unreadable)?;
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| CardFault::Unreadable)?;
    if certificate.version() != X509Version::V3 {
        return Err(CardFault::Unreadable);
    }
    let authority = issuer(&signed, &certificate, authorities)?;
    let until = within_dates(&certificate, authority, now)?;
    let extensions = Extensions::read(certificate.extensions())?;
    judge_use(&certificate, &extensions)?;
    let profile = Profile::read(&extensions, rules)?;
    let holder = Holder::read(certificate.subject().as_raw())?;
    let serial = Serial::read(certificate.raw_serial()).ok_or(CardFault::Unreadable)?;
    let points = extensions.distribution_points()?;
    let fingerprint = &authority.line.fingerprint;
    let asked = Asked { authority: fingerprint, serial: &serial, points: &points };
    lists.judge(&asked, rules.revocation_grace, now)?;
    let said = Said {
        family: holder.family,
        given: holder.given,
        profession: profile.profession,
        card_number: profile.card_number,
        kind: profile.kind,
        is_test: profile.is_test,
        until,
        serial: hex::encode(certificate.raw_serial()),
        thumbprint: thumbprint(der),
        authority: fingerprint.clone(),
    };
    Ok(VerifiedCard { id_nat: holder.id_nat, said })
}

/// The pinned authority whose name the certificate bears and whose key signed it. Nothing stands between the two.
fn issuer<'a>(
    signed: &Signed<'_>,
    certificate: &X509Certificate<'_>,
    authorities: &'a CardAuthorities,
) -> Result<&'a Authority, CardFault> {
    let named = algorithm_inside(signed.body).ok_or(CardFault::Unreadable)?;
    let mut fault = CardFault::AuthorityUnknown;
    for authority in authorities.named(certificate.issuer().as_raw()) {
        match signed.verify(named, &authority.key) {
            Ok(()) => return Ok(authority),
            Err(SignatureFault::Weak) => fault = CardFault::SignatureWeak,
            Err(SignatureFault::Wrong) => fault = CardFault::SignatureWrong,
        }
    }
    Err(fault)
}

fn algorithm_inside(body: &[u8]) -> Option<&[u8]> {
    let mut parts = Der::new(only(body, SEQUENCE)?);
    parts.take_as(context(0))?;
    parts.take_as(INTEGER)?;
    Some(parts.take_as(SEQUENCE)?.whole)
}

/// The end of the certificate.
fn within_dates(
    certificate: &X509Certificate<'_>,
    authority: &Authority,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, CardFault> {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(CardFault::Unreadable);
    let from = at(certificate.validity().not_before.timestamp())?;
    let until = at(certificate.validity().not_after.timestamp())?;
    if now < authority.from || now >= authority.line.until {
        return Err(CardFault::AuthorityOutOfDate);
    }
    if now < from {
        return Err(CardFault::NotYetValid);
    }
    if now >= until {
        return Err(CardFault::Expired);
    }
    Ok(until)
}

/// A card has two certificates or more: the one that signs documents, and the one for badges, log nobody in.
fn judge_use(
    certificate: &X509Certificate<'_>,
    extensions: &Extensions<'_>,
) -> Result<(), CardFault> {
    let usage = extensions.key_usage()?;
    if extensions.is_authority()? || usage & KEY_CERT_SIGN != 0 {
        return Err(CardFault::IsAuthority);
    }
    if usage & DIGITAL_SIGNATURE == 0 || !extensions.has_client_auth()? {
        return Err(CardFault::NotForLogin);
    }
    if !extensions.are_understood(UNDERSTOOD) {
        return Err(CardFault::ExtensionUnknown);
    }
    is_strong(certificate.public_key()).then_some(()).ok_or(CardFault::KeyWeak)
}

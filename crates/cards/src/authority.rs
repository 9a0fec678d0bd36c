//! The issuing authorities that are believed.
use crate::extensions::{CRL_SIGN, Extensions, KEY_CERT_SIGN};
use crate::signed::is_strong;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// More is a mistake: three authorities issue cards to persons.
const MOST_AUTHORITIES: usize = 16;
const MOST_BYTES: usize = 256 * 1024;

/// Why a file pins no authorities. Blocks are counted from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityFault {
    #[error("there is no certificate in PEM")]
    Empty,
    #[error("there are more than {MOST_AUTHORITIES} certificates, or more bytes than they take")]
    TooMany,
    #[error("block {0} is not a certificate in PEM")]
    Unreadable(usize),
    #[error("block {0} is not the certificate of an authority that signs certificates")]
    NoAuthority(usize),
    #[error("block {0} is a root: pin the authority below it that issues the cards")]
    Root(usize),
    #[error("block {0} has a key that is too short, or of another kind than RSA, P-256 and P-384")]
    WeakKey(usize),
    #[error("block {0} is an authority that stands there before, by name and key")]
    Repeated(usize),
}

/// One authority, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityLine {
    /// SHA-256 of its name and its key (DER), in hexadecimal: the same when its certificate is renewed.
    pub fingerprint: String,
    pub name: String,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(crate) struct Authority {
    pub line: AuthorityLine,
    /// DER of the name that its certificates bear as their issuer.
    pub subject: Vec<u8>,
    /// DER of `SubjectPublicKeyInfo`.
    pub key: Vec<u8>,
    pub from: DateTime<Utc>,
    pub signs_lists: bool,
}

/// The issuing authorities of cards that are believed, pinned (CP-02): a certificate was signed by exactly one of them. Not
/// roots: a root's other children are not believed.
#[derive(Debug, Clone)]
pub struct CardAuthorities(Vec<Authority>);

impl CardAuthorities {
    /// One certificate or more, in PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuthorityFault> {
        if pem.len() > MOST_BYTES {
            return Err(AuthorityFault::TooMany);
        }
        let mut found: Vec<Authority> = Vec::new();
        for (place, block) in Pem::iter_from_buffer(pem).enumerate() {
            let place = place + 1;
            let block = block.map_err(|_| AuthorityFault::Unreadable(place))?;
            if place > MOST_AUTHORITIES {
                return Err(AuthorityFault::TooMany);
            }
            if block.label != "CERTIFICATE" {
                return Err(AuthorityFault::Unreadable(place));
            }
            let authority = read(&block.contents, place)?;
            // Renewed with the same key, it replaces the one before: with both, a card would have two issuers.
            let same = |known: &Authority| {
                known.subject == authority.subject && known.key == authority.key
            };
            if found.iter().any(same) {
                return Err(AuthorityFault::Repeated(place));
            }
            found.push(authority);
        }
        if found.is_empty() { Err(AuthorityFault::Empty) } else { Ok(Self(found)) }
    }

    /// Their names in DER: what a TLS handshake asks for.
    pub fn subjects(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|authority| authority.subject.clone()).collect()
    }

    pub fn list(&self) -> Vec<AuthorityLine> {
        self.0.iter().map(|authority| authority.line.clone()).collect()
    }

    /// Those of this name, byte by byte: an authority that changed its key has two certificates.
    pub(crate) fn named<'a, 'n>(
        &'a self,
        name: &'n [u8],
    ) -> impl Iterator<Item = &'a Authority> + use<'a, 'n> {
        self.0.iter().filter(move |authority| authority.subject == name)
    }
}

fn read(der: &[u8], place: usize) -> Result<Authority, AuthorityFault> {
    let unreadable = || AuthorityFault::Unreadable(place);
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| unreadable())?;
    let extensions = Extensions::read(certificate.extensions()).map_err(|_| unreadable())?;
    let is_authority = extensions.is_authority().map_err(|_| unreadable())?;
    let usage = extensions.key_usage().map_err(|_| unreadable())?;
    let at = |time: i64| DateTime::from_timestamp(time, 0);
    let from = at(certificate.validity().not_before.timestamp()).ok_or_else(unreadable)?;
    let until = at(certificate.validity().not_after.timestamp()).ok_or_else(unreadable)?;
    if !rest.is_empty() {
        return Err(unreadable());
    }
    if !is_authority || usage & KEY_CERT_SIGN == 0 {
        return Err(AuthorityFault::NoAuthority(place));
    }
    if certificate.issuer().as_raw() == certificate.subject().as_raw() {
        return Err(AuthorityFault::Root(place));
    }
    if !is_strong(certificate.public_key()) {
        return Err(AuthorityFault::WeakKey(place));
    }
    let (subject, key) = (certificate.subject().as_raw(), certificate.public_key().raw);
    let known_by = Sha256::new().chain_update(subject).chain_update(key);
    Ok(Authority {
        line: AuthorityLine {
            fingerprint: hex::encode(known_by.finalize()),
            name: certificate.subject().to_string(),
            until,
        },
        subject: subject.to_vec(),
        key: key.to_vec(),
        from,
        signs_lists: usage & CRL_SIGN != 0,
    })
}

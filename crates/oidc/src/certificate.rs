//! The certificate that the other end of a connection showed, read by our own TLS and never from a header (RFC 8705;
//! threats OP-17, WB-10).
use crate::{AuthMethod, Client};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// A name that a certificate bears, in one of the five ways by which a client may register it (RFC 8705 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum TlsSubject {
    SubjectDn(String),
    SanDns(String),
    SanUri(String),
    SanIp(String),
    SanEmail(String),
}

impl TlsSubject {
    /// As RFC 8705 §2.1.2 names it, and its text.
    pub fn registered(&self) -> (&'static str, &str) {
        match self {
            Self::SubjectDn(text) => ("tls_client_auth_subject_dn", text),
            Self::SanDns(text) => ("tls_client_auth_san_dns", text),
            Self::SanUri(text) => ("tls_client_auth_san_uri", text),
            Self::SanIp(text) => ("tls_client_auth_san_ip", text),
            Self::SanEmail(text) => ("tls_client_auth_san_email", text),
        }
    }

    /// The same name, as it is read from certificates; `None` when it is none.
    pub fn normalised(&self) -> Option<Self> {
        let plain =
            |text: &str| (1..=512).contains(&text.len()) && !text.contains(char::is_control);
        match self {
            Self::SubjectDn(text) => {
                let name: Name = text.parse().ok().filter(|_| plain(text))?;
                let written = name.to_string();
                (!written.is_empty()).then_some(Self::SubjectDn(written))
            }
            Self::SanDns(text) => plain(text).then(|| Self::SanDns(text.to_ascii_lowercase())),
            Self::SanUri(text) => plain(text).then(|| Self::SanUri(text.clone())),
            Self::SanEmail(text) => plain(text).then(|| Self::SanEmail(text.clone())),
            Self::SanIp(text) => {
                text.parse::<IpAddr>().ok().map(|address| Self::SanIp(address.to_string()))
            }
        }
    }
}

/// Why a certificate cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no X.509 certificate")]
pub struct InvalidCertificate;

/// Why a certificate proves no client. For the journal: the client is told one sentence for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    #[error("the connection showed none")]
    Missing,
    #[error("no authority of the settings stands behind it")]
    Untrusted,
    #[error("it has expired")]
    Expired,
    #[error("it bears another name than the registered one")]
    OtherName,
    #[error("it is none of those that the client registered")]
    Unknown,
}

impl CertificateFault {
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "certificate_missing",
            Self::Untrusted => "certificate_untrusted",
            Self::Expired => "certificate_expired",
            Self::OtherName => "certificate_other_name",
            Self::Unknown => "certificate_unknown",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// `x5t#S256`: the SHA-256 of its bytes.
    pub thumbprint: String,
    /// An authority of the settings stood behind it when the connection was made.
    pub trusted: bool,
    pub until: DateTime<Utc>,
    pub names: Vec<TlsSubject>,
}

impl PeerCertificate {
    /// `trusted`: what the chain was found to be worth.
    pub fn read(der: &[u8], trusted: bool) -> Result<Self, InvalidCertificate> {
        let read = Certificate::from_der(der).map_err(|_| InvalidCertificate)?;
        let body = read.tbs_certificate();
        let seconds = body.validity().not_after.to_unix_duration().as_secs();
        let until = i64::try_from(seconds).ok().and_then(|at| DateTime::from_timestamp(at, 0));
        let mut names = vec![TlsSubject::SubjectDn(body.subject().to_string())];
        let others = body.get_extension::<SubjectAltName>().map_err(|_| InvalidCertificate)?;
        if let Some((_, others)) = others {
            names.extend(others.0.iter().filter_map(other_name));
        }
        Ok(Self {
            thumbprint: certificate_thumbprint(der),
            trusted,
            until: until.ok_or(InvalidCertificate)?,
            names,
        })
    }
}

fn other_name(name: &GeneralName) -> Option<TlsSubject> {
    match name {
        GeneralName::DnsName(name) => Some(TlsSubject::SanDns(name.to_string())),
        GeneralName::UniformResourceIdentifier(name) => Some(TlsSubject::SanUri(name.to_string())),
        GeneralName::Rfc822Name(name) => Some(TlsSubject::SanEmail(name.to_string())),
        GeneralName::IpAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(bytes.as_bytes()).map(IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(bytes.as_bytes()).map(IpAddr::from);
            let address = v4.or_else(|_| v6()).ok()?;
            Some(TlsSubject::SanIp(address.to_string()))
        }
        _ => None,
    }
    .and_then(|name| name.normalised())
}

/// `x5t#S256` (RFC 8705 §3.1).
pub(crate) fn certificate_thumbprint(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(der))
}

/// Whether this certificate is this client's, by the way that it registered.
pub fn judge_certificate(
    client: &Client,
    certificate: Option<&PeerCertificate>,
    now: DateTime<Utc>,
) -> Result<(), CertificateFault> {
    let certificate = certificate.ok_or(CertificateFault::Missing)?;
    let security = &client.settings.security;
    match client.settings.auth {
        AuthMethod::TlsClientAuth => {
            if !certificate.trusted {
                return Err(CertificateFault::Untrusted);
            }
            if now >= certificate.until {
                return Err(CertificateFault::Expired);
            }
            let named = security.tls_subject.as_ref().and_then(TlsSubject::normalised);
            let borne = named.is_some_and(|named| certificate.names.contains(&named));
            borne.then_some(()).ok_or(CertificateFault::OtherName)
        }
        // What the client registered is the trust: nobody else vouches for it (RFC 8705 §2.2).
        AuthMethod::SelfSignedTlsClientAuth => {
            let thumbprint = Some(certificate.thumbprint.as_str());
            let mut keys = security.keys.iter().flat_map(crate::ClientKeys::iter);
            let known = keys.any(|key| key.certificate.as_deref() == thumbprint);
            known.then_some(()).ok_or(CertificateFault::Unknown)
        }
        AuthMethod::ClientSecretBasic
        | AuthMethod::ClientSecretPost
        | AuthMethod::PrivateKeyJwt
        | AuthMethod::None => Err(CertificateFault::Unknown),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::{ClientKeys, Profile};
    use base64::engine::general_purpose::STANDARD;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
    use serde_json::json;

    /// A certificate of an application, as bytes.
    pub(crate) fn certificate(common: &str) -> Vec<u8> {
        let mut parameters =
            CertificateParams::new(vec!["DPI.hopital.test".to_owned()]).expect("names");
        parameters.subject_alt_names.push(SanType::IpAddress("10.1.2.3".parse().expect("address")));
        parameters
            .subject_alt_names
            .push(SanType::Rfc822Name("dpi@hopital.test".try_into().expect("mail")));
        parameters
            .subject_alt_names
            .push(SanType::URI("https://dpi.hopital.test/".try_into().expect("URI")));
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CountryName, "FR");
        parameters.distinguished_name.push(DnType::OrganizationName, "CH de Valbrume, Nord");
        parameters.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().expect("key");
        parameters.self_signed(&key).expect("certificate").der().to_vec()
    }

    #[test]
    fn op_17_a_certificate_is_the_clients_by_the_name_that_it_registered() {
        let read = |trusted| PeerCertificate::read(&certificate("DPI"), trusted).expect("read");
        let (good, strange) = (read(true), read(false));
        let now = good.until - chrono::Duration::days(1);
        let (mut client, _) = client(Profile::Standard, AuthMethod::TlsClientAuth);
        let mut judge = |named: TlsSubject, certificate: Option<&PeerCertificate>, now| {
            client.settings.security.tls_subject = Some(named);
            judge_certificate(&client, certificate, now)
        };
        let dn = || TlsSubject::SubjectDn(r"CN=DPI,O=CH de Valbrume\, Nord,C=FR".to_owned());
        let dns = |name: &str| TlsSubject::SanDns(name.to_owned());
        for (named, expected) in [
            (dn(), Ok(())),
            (dns("dpi.hopital.test"), Ok(())),
            (dns("DPI.HOPITAL.TEST"), Ok(())),
            (TlsSubject::SanIp("10.1.2.3".to_owned()), Ok(())),
            (TlsSubject::SanEmail("dpi@hopital.test".to_owned()), Ok(())),
            (TlsSubject::SanUri("https://dpi.hopital.test/".to_owned()), Ok(())),
            (TlsSubject::SubjectDn("CN=DPI".to_owned()), Err(CertificateFault::OtherName)),
            (TlsSubject::SubjectDn(String::new()), Err(CertificateFault::OtherName)),
            (dns("hopital.test"), Err(CertificateFault::OtherName)),
            (dns("*.hopital.test"), Err(CertificateFault::OtherName)),
            (TlsSubject::SanUri("dpi.hopital.test".to_owned()), Err(CertificateFault::OtherName)),
            (TlsSubject::SanIp("10.1.2".to_owned()), Err(CertificateFault::OtherName)),
        ] {
            assert_eq!(judge(named.clone(), Some(&good), now), expected, "{named:?}");
        }
        assert_eq!(judge(dn(), None, now), Err(CertificateFault::Missing));
        assert_eq!(judge(dn(), Some(&strange), now), Err(CertificateFault::Untrusted));
        assert_eq!(judge(dn(), Some(&good), good.until), Err(CertificateFault::Expired));
        for bad in [&b""[..], b"x", &certificate("a")[1..]] {
            assert_eq!(PeerCertificate::read(bad, true), Err(InvalidCertificate));
        }
    }

    #[test]
    fn op_17_a_self_signed_certificate_is_one_of_those_registered() {
        let (ours, other) = (certificate("DPI"), certificate("DPI"));
        let (mut client, _) = client(Profile::Standard, AuthMethod::SelfSignedTlsClientAuth);
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": "n", "x5c": [STANDARD.encode(&ours)],
            "x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "y": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        });
        let keys = ClientKeys::read(&json!({ "keys": [jwk] }).to_string()).expect("keys");
        client.settings.security.keys = Some(keys);
        for (der, trusted, expected) in [
            (&ours, false, Ok(())),
            (&other, false, Err(CertificateFault::Unknown)),
            (&other, true, Err(CertificateFault::Unknown)),
        ] {
            let certificate = PeerCertificate::read(der, trusted).expect("read");
            let judged = judge_certificate(&client, Some(&certificate), client.created_at);
            assert_eq!(judged, expected);
        }
        assert_eq!(
            judge_certificate(&client, None, client.created_at),
            Err(CertificateFault::Missing)
        );
        client.settings.auth = AuthMethod::ClientSecretBasic;
        let certificate = PeerCertificate::read(&ours, true).expect("read");
        let judged = judge_certificate(&client, Some(&certificate), client.created_at);
        assert_eq!(judged, Err(CertificateFault::Unknown), "registered another way");
    }
}

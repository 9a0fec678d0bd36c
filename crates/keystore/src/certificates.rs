//! Certificates that `init` issues, so that an appliance speaks TLS from its first start: a small authority
//! of its own, whose key is forgotten at once, and one server certificate under it.
use chrono::{DateTime, Datelike, Utc};
use kernel::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    PKCS_ECDSA_P256_SHA256,
};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What browsers accept at most from an authority that somebody added by hand.
const DAYS: i64 = 825;

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("a certificate needs at least one host name or address")]
    NoHost,
    #[error("`{host}` is no host name or IP address")]
    InvalidHost { host: String },
    #[error("the certificates could not be made: {0}")]
    Failed(#[from] rcgen::Error),
}

/// What `init` writes beside the settings.
#[derive(Debug)]
pub struct ApplianceCertificates {
    /// To add to the workstations' trusted authorities. It can only vouch for the appliance's own names,
    /// and nobody holds its key.
    pub ca_pem: String,
    /// The server's certificate, to send with every handshake.
    pub cert_pem: String,
    pub key_pem: Secret<String>,
}

/// Issues certificates for these host names and addresses. The authority is constrained to them (RFC 5280
/// §4.2.1.10) and its key is dropped here: trusting it gives nobody power over other sites.
pub fn issue_appliance_certificates(
    hosts: &[String],
    now: DateTime<Utc>,
) -> Result<ApplianceCertificates, CertificateError> {
    let first = hosts.first().ok_or(CertificateError::NoHost)?;
    let mut named = BTreeSet::new();
    let hosts: Vec<String> = hosts.iter().filter(|host| named.insert(*host)).cloned().collect();
    let permitted = hosts.iter().map(|host| subtree(host)).collect::<Result<Vec<_>, _>>()?;

    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, format!("Hygie, {first}"));
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: vec![] });
    valid_from(&mut authority, now);
    let authority_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let ca_pem = authority.self_signed(&authority_key)?.pem();

    let mut server = CertificateParams::new(hosts.clone())?;
    server.distinguished_name.push(DnType::CommonName, first.as_str());
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    valid_from(&mut server, now);
    let server_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let cert_pem = server.signed_by(&server_key, &Issuer::new(authority, authority_key))?.pem();
    Ok(ApplianceCertificates { ca_pem, cert_pem, key_pem: Secret::new(server_key.serialize_pem()) })
}

fn subtree(host: &str) -> Result<GeneralSubtree, CertificateError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        return Ok(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits)));
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let well_formed = host.len() <= 253 && host.split('.').all(label);
    well_formed
        .then(|| GeneralSubtree::DnsName(host.to_owned()))
        .ok_or_else(|| CertificateError::InvalidHost { host: host.to_owned() })
}

/// From the day before, since a workstation's clock may be late.
fn valid_from(params: &mut CertificateParams, now: DateTime<Utc>) {
    let (from, until) = (now - chrono::Duration::days(1), now + chrono::Duration::days(DAYS - 1));
    let day = |date: DateTime<Utc>| {
        let (month, day) = (date.month() as u8, date.day() as u8);
        rcgen::date_time_ymd(date.year(), month, day)
    };
    params.not_before = day(from);
    params.not_after = day(until);
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T06:00:00Z".parse().expect("time")
    }

    fn issued(hosts: &[&str]) -> ApplianceCertificates {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        issue_appliance_certificates(&hosts, now()).expect("issued")
    }

    #[test]
    fn the_server_certificate_names_the_hosts_and_hangs_under_the_authority() {
        let issued = issued(&["hygie.hopital.test", "localhost", "127.0.0.1", "::1", "localhost"]);
        let ca = pem::parse_x509_pem(issued.ca_pem.as_bytes()).expect("PEM").1;
        let ca = ca.parse_x509().expect("authority");
        let server = pem::parse_x509_pem(issued.cert_pem.as_bytes()).expect("PEM").1;
        let server = server.parse_x509().expect("certificate");
        assert!(server.verify_signature(Some(ca.public_key())).is_ok());
        assert!(ca.is_ca() && !server.is_ca());
        let names = server.subject_alternative_name().expect("readable").expect("present");
        assert_eq!(names.value.general_names.len(), 4);
        let usage = server.extended_key_usage().expect("readable").expect("present").value;
        assert!(usage.server_auth && !usage.client_auth && !usage.any);
        assert!(ca.name_constraints().expect("readable").is_some());
        for certificate in [&ca, &server] {
            let validity = certificate.validity();
            assert!(validity.not_before.timestamp() <= now().timestamp());
            let days = (validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400;
            assert_eq!(days, DAYS);
        }
        assert!(issued.key_pem.expose().contains("PRIVATE KEY"));
    }

    #[test]
    fn a_client_that_trusts_the_authority_accepts_the_named_hosts_alone() {
        use rustls::client::WebPkiServerVerifier;
        use rustls::client::danger::ServerCertVerifier;
        use rustls_pki_types::pem::PemObject;
        use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
        let issued = issued(&["hygie.hopital.test", "localhost", "127.0.0.1"]);
        let der = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(der(&issued.ca_pem)).expect("an anchor");
        let provider = rustls::crypto::aws_lc_rs::default_provider().into();
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider)
            .build()
            .expect("verifier");
        let day = 86_400;
        for (host, days, accepted) in [
            ("hygie.hopital.test", 0, true),
            ("localhost", 0, true),
            ("127.0.0.1", 800, true),
            ("127.0.0.2", 0, false),
            ("other.hopital.test", 0, false),
            ("hygie.hopital.test", 900, false),
        ] {
            let at = u64::try_from(now().timestamp() + days * day).expect("after 1970");
            let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
            let name = ServerName::try_from(host).expect("name");
            let checked = verifier.verify_server_cert(&der(&issued.cert_pem), &[], &name, &[], at);
            assert_eq!(checked.is_ok(), accepted, "{host} after {days} days: {checked:?}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused_by_name() {
        for bad in ["", " ", "a b", "*.hopital.test", "-x", "hygie..test", "https://x", "x/y"] {
            let refused = issue_appliance_certificates(&[bad.to_owned()], now());
            assert!(matches!(refused, Err(CertificateError::InvalidHost { .. })), "{bad:?}");
        }
        let none = issue_appliance_certificates(&[], now());
        assert!(matches!(none, Err(CertificateError::NoHost)));
    }
}

use crate::OutboundError;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::sync::Arc;

/// Certificate authorities that one destination is judged by. Those of the machine are never added.
#[derive(Debug, Clone)]
pub struct Anchors(Arc<RootCertStore>);

impl Anchors {
    /// At least one certificate, and each must be readable.
    pub fn from_pem(pem: &[u8]) -> Result<Self, OutboundError> {
        let fault = |cause: String| OutboundError::Settings { what: "trust anchors", cause };
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|cause| fault(cause.to_string()))?;
            store.add(certificate).map_err(|cause| fault(cause.to_string()))?;
        }
        if store.is_empty() {
            return Err(fault("no certificate in PEM form".to_owned()));
        }
        Ok(Self(Arc::new(store)))
    }

    pub(crate) fn client_config(&self) -> Result<ClientConfig, OutboundError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|cause| OutboundError::Settings { what: "TLS", cause: cause.to_string() })?
            .with_root_certificates(Arc::clone(&self.0))
            .with_no_client_auth();
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_that_hold_nothing_are_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "ldaps", broken, "-----BEGIN CERTIFICATE-----\n!\n"] {
            assert!(Anchors::from_pem(pem.as_bytes()).is_err(), "{pem:?}");
        }
    }
}

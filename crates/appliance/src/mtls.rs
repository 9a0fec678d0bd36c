//! The listener that asks applications for their certificate. Whatever is shown gets in: who it is, is judged after the
//! handshake, so that a refusal is an answer and an event (design, section 2).
use crate::settings::MtlsListener;
use anyhow::Context;
use axum::Extension;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::future::BoxFuture;
use oidc::PeerCertificate;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;
use tower::Layer;
use web::oidc::ConnectionCertificate;

/// Whoever holds the key of a certificate may show it; nobody must.
#[derive(Debug)]
struct AskedOfAll {
    algorithms: WebPkiSupportedAlgorithms,
    /// Whose certificates a browser offers; all of them where none is named.
    authorities: Vec<DistinguishedName>,
}

impl ClientCertVerifier for AskedOfAll {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.authorities
    }
    fn client_auth_mandatory(&self) -> bool {
        false
    }
    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What the listener asks for in a handshake. Nothing is resumed: a certificate is shown each time (threats CP-05).
pub fn ask_certificates(config: &mut ServerConfig) {
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
}

/// For the builder of the listener's configuration.
pub fn verifier(authorities: Vec<DistinguishedName>) -> Arc<dyn ClientCertVerifier> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let algorithms = provider.signature_verification_algorithms;
    Arc::new(AskedOfAll { algorithms, authorities })
}

/// Takes connections, reads the certificate that each showed, and hands it to the routes beside every request of it.
#[derive(Clone)]
pub struct CertificateAcceptor {
    tls: RustlsAcceptor,
    /// Who vouches for applications; `None`: nobody does, and only registered certificates count.
    authorities: Option<Arc<dyn ClientCertVerifier>>,
}

impl CertificateAcceptor {
    pub fn new(config: Arc<ServerConfig>, settings: &MtlsListener) -> anyhow::Result<Self> {
        let authorities = match &settings.client_anchors_file {
            None => None,
            Some(file) => {
                let mut roots = RootCertStore::empty();
                for certificate in CertificateDer::pem_file_iter(file)
                    .with_context(|| format!("reading {}", file.display()))?
                {
                    roots.add(certificate.with_context(|| format!("in {}", file.display()))?)?;
                }
                let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
                let builder =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = builder.build();
                Some(verifier.with_context(|| format!("no authority in {}", file.display()))?)
            }
        };
        Ok(Self { tls: RustlsAcceptor::new(RustlsConfig::from_config(config)), authorities })
    }

    /// A chain that cannot be read is none: the routes then say what is missing.
    fn shown(&self, chain: &[CertificateDer<'_>]) -> Option<ConnectionCertificate> {
        let (own, others) = chain.split_first()?;
        let now = UnixTime::now();
        let vouched = |authorities: &Arc<dyn ClientCertVerifier>| {
            authorities.verify_client_cert(own, others, now).is_ok()
        };
        let trusted = self.authorities.as_ref().is_some_and(vouched);
        PeerCertificate::read(own, trusted).ok().map(ConnectionCertificate)
    }
}

impl<I, S> Accept<I, S> for CertificateAcceptor
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = TlsStream<I>;
    type Service = <Extension<Option<ConnectionCertificate>> as Layer<S>>::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let acceptor = self.clone();
        Box::pin(async move {
            let (stream, service) = acceptor.tls.accept(stream, service).await?;
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let shown = acceptor.shown(chain);
            Ok((stream, Extension(shown).layer(service)))
        })
    }
}

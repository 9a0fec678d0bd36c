//! Between ldap3 and the directory: ldap3 speaks to one end of a local pair; the other end carries what it says over
//! TLS, and brings back only what [`ber::check_message`] lets through.
use super::ber;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf};
use tokio::net::{TcpStream, UnixStream, unix::OwnedWriteHalf};
use tokio_rustls::client::TlsStream;

pub(super) async fn start(
    tls: TlsStream<TcpStream>,
    fault: Arc<OnceLock<String>>,
) -> Result<Ldap, String> {
    let (ours, theirs) =
        std::os::unix::net::UnixStream::pair().map_err(|cause| cause.to_string())?;
    ours.set_nonblocking(true).map_err(|cause| cause.to_string())?;
    let ours = UnixStream::from_std(ours).map_err(|cause| cause.to_string())?;
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(theirs));
    let opened = LdapConnAsync::with_settings(settings, "ldapi://pair").await;
    let (driver, ldap) = opened.map_err(|cause| cause.to_string())?;
    tokio::spawn(async move {
        if let Err(cause) = driver.drive().await {
            tracing::debug!(%cause, "the connection to a directory ended");
        }
    });
    tokio::spawn(async move {
        if let Err(cause) = carry(tls, ours, &fault).await {
            tracing::debug!(%cause, "the exchange with a directory was ended");
        }
    });
    Ok(ldap)
}

/// Ends when either side does, so that nothing outlives the last handle.
async fn carry(
    tls: TlsStream<TcpStream>,
    local: UnixStream,
    fault: &OnceLock<String>,
) -> io::Result<()> {
    let (tls_read, mut tls_write) = tokio::io::split(tls);
    let (mut local_read, local_write) = local.into_split();
    let outgoing = async {
        tokio::io::copy(&mut local_read, &mut tls_write).await?;
        tls_write.shutdown().await
    };
    tokio::select! {
        ended = outgoing => ended,
        ended = bring_in(tls_read, local_write, fault) => ended,
    }
}

/// Hands over whole messages only, each checked.
async fn bring_in(
    mut from: ReadHalf<TlsStream<TcpStream>>,
    mut to: OwnedWriteHalf,
    fault: &OnceLock<String>,
) -> io::Result<()> {
    let refuse = |cause: ber::BerFault| {
        // Told before the local end closes, so that whoever waits there finds it. Only one fault is ever met.
        let _first = fault.set(cause.to_string());
        io::Error::new(io::ErrorKind::InvalidData, cause)
    };
    let mut waiting: Vec<u8> = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let mut handed = 0;
        while let Some(length) = ber::message_length(&waiting[handed..]).map_err(refuse)? {
            let Some(message) = waiting.get(handed..handed + length) else { break };
            ber::check_message(message).map_err(refuse)?;
            to.write_all(message).await?;
            handed += length;
        }
        waiting.drain(..handed);
        match from.read(&mut piece).await? {
            0 => return Ok(()),
            read => waiting.extend_from_slice(&piece[..read]),
        }
    }
}

//! The listener that reads cards: what a browser shows in a handshake, and the lists of what was revoked.
use crate::settings::CardListener;
use anyhow::Context;
use axum::Extension;
use axum_server::Server;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use cards::{AuthorityLine, CardAuthorities, CardRules, RevocationList};
use futures_util::future::BoxFuture;
use hyper_util::rt::TokioTimer;
use kernel::{Clock, SystemClock};
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;
use tower::Layer;
use web::login::ShownCard;
use workflows::{CardReader, MissingList, Workflows};

/// A card is chosen and its code typed within the handshake.
const TYPING: Duration = Duration::from_secs(120);
/// Between two looks at the folder of lists.
const LOOK: Duration = Duration::from_secs(60);
const LOOKS_AN_HOUR: u64 = 60;
/// The longest list that is read.
const LONGEST_LIST: u64 = 64 << 20;
/// More files than there are authorities: the rest is not looked at.
const MOST_LISTS: usize = 32;

/// Whom the settings believe.
pub fn reader(settings: &CardListener) -> anyhow::Result<CardReader> {
    let file = &settings.authorities_file;
    let pem = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let authorities =
        CardAuthorities::from_pem(&pem).with_context(|| format!("in {}", file.display()))?;
    let revocation_grace = chrono::Duration::hours(settings.revocation_grace_hours);
    let rules = CardRules { test_cards: settings.test_cards, revocation_grace };
    Ok(CardReader { origin: settings.listener.origin.clone(), authorities, rules })
}

/// The same, and each list beside them, for `hygie settings check`: name and end of each authority, file and end of each
/// list. An error names the file.
pub fn checked(settings: &CardListener) -> anyhow::Result<serde_json::Value> {
    let authorities = reader(settings)?.authorities;
    let folder = &settings.revocation_folder;
    let files = std::fs::read_dir(folder)
        .with_context(|| format!("reading the folder {}", folder.display()))?;
    let mut lists = Vec::new();
    for file in files {
        let path = file?.path();
        let at = path.display();
        let about = std::fs::metadata(&path).with_context(|| format!("reading {at}"))?;
        if !about.is_file() {
            continue;
        }
        let length = about.len();
        anyhow::ensure!(length <= LONGEST_LIST, "{at}, of {length} bytes, is too long for a list");
        let bytes = std::fs::read(&path).with_context(|| format!("reading {at}"))?;
        let list = RevocationList::read(&bytes, &authorities, SystemClock.now());
        let list = list.with_context(|| format!("the list of revoked cards {at}"))?;
        lists.push(serde_json::json!({
            "file": path, "number": list.number(), "next_update": list.next_update(), "revoked": list.len(),
        }));
    }
    let authorities = authorities.list();
    let line = |one: &AuthorityLine| serde_json::json!({ "name": one.name, "until": one.until });
    let authorities: Vec<_> = authorities.iter().map(line).collect();
    Ok(serde_json::json!({ "authorities": authorities, "lists": lists }))
}

/// Takes connections, and hands what each showed to the routes beside every request of it. Judged there, so that a refusal
/// is a page and an event (design, section 2).
#[derive(Clone)]
pub struct CardAcceptor(RustlsAcceptor);

impl CardAcceptor {
    /// One request a connection, so the protocol that has many is not offered.
    pub fn new(config: &ServerConfig) -> Self {
        let mut config = config.clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // With TLS 1.2 a handshake is bound to its keys by the extended master secret (RFC 7627; threats CP-11).
        config.require_ems = true;
        let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)));
        Self(acceptor.handshake_timeout(TYPING))
    }
}

impl<I, S> Accept<I, S> for CardAcceptor
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = TlsStream<I>;
    type Service = <Extension<Option<ShownCard>> as Layer<S>>::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let acceptor = self.clone();
        Box::pin(async move {
            let (stream, service) = acceptor.0.accept(stream, service).await?;
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let at = Instant::now();
            let shown = chain.first().map(|own| ShownCard { der: Arc::from(own.as_ref()), at });
            Ok((stream, Extension(shown).layer(service)))
        })
    }
}

/// One request a connection, sent within ten seconds: the next card is read by another handshake (threats CP-05).
pub fn one_request_each(
    mut server: Server<SocketAddr, CardAcceptor>,
) -> Server<SocketAddr, CardAcceptor> {
    let mut http1 = server.http_builder().http1();
    http1.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10)).keep_alive(false);
    server
}

/// A file as it was when it was looked at.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Reads the lists of revoked certificates at the start and whenever their files change. What cannot be taken is said, and
/// what was held goes on until its own end: then no card of that authority is let in.
pub async fn list_loop(workflows: Workflows, settings: Option<CardListener>) {
    let Some(settings) = settings else { return };
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = Seen::new();
    let mut looks: u64 = 0;
    // What a list names is withdrawn when it is taken, and once at the start.
    let mut owed = true;
    loop {
        tick.tick().await;
        match look(&workflows, &settings.revocation_folder, &mut seen).await {
            Ok(taken) => owed |= taken,
            Err(error) => {
                tracing::error!(%error, "the lists of revoked cards were not looked at; it will be tried again");
            }
        }
        if owed {
            match workflows.withdraw_revoked_cards().await {
                Ok(_) => owed = false,
                Err(error) => {
                    tracing::error!(%error, "revoked cards were not all withdrawn; it will be tried again");
                }
            }
        }
        if looks.is_multiple_of(LOOKS_AN_HOUR) {
            for MissingList { authority, place } in workflows.missing_card_lists() {
                tracing::error!(%authority, place, "no fresh list of revoked cards: none that it is about is let in");
            }
        }
        looks += 1;
    }
}

/// Whether any list was taken.
async fn look(workflows: &Workflows, folder: &Path, seen: &mut Seen) -> anyhow::Result<bool> {
    let mut files = tokio::fs::read_dir(folder)
        .await
        .with_context(|| format!("reading the folder {}", folder.display()))?;
    let mut now = Seen::new();
    while let Some(file) = files.next_entry().await? {
        // Where a link leads: « today's list » is one in some houses.
        match tokio::fs::metadata(file.path()).await {
            Ok(about) if about.is_file() => {
                now.insert(file.path(), (about.modified()?, about.len()));
            }
            Ok(_) => {}
            Err(error) => {
                let file = file.path();
                tracing::error!(file = %file.display(), %error, "this list of revoked cards is not there");
            }
        }
    }
    if now.len() > MOST_LISTS {
        tracing::error!(
            files = now.len(),
            "too many files for lists of revoked cards: the first {MOST_LISTS} by name are read"
        );
    }
    let mut taken = false;
    let mut kept = Seen::new();
    for (path, about) in now.into_iter().take(MOST_LISTS) {
        if seen.get(&path) == Some(&about) {
            kept.insert(path, about);
        } else if let Some(whether) = take(workflows, &path, about.1).await {
            taken |= whether;
            kept.insert(path, about);
        }
    }
    *seen = kept;
    Ok(taken)
}

/// Whether it was taken; nothing where it is worth another try.
async fn take(workflows: &Workflows, path: &Path, length: u64) -> Option<bool> {
    let file = path.display();
    if length > LONGEST_LIST {
        tracing::error!(%file, length, "this list of revoked cards is too long to be one");
        return Some(false);
    }
    let bytes = match tokio::fs::read(path).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%file, %error, "this list of revoked cards could not be read");
            return None;
        }
    };
    let refused = match workflows.take_revocation_list(bytes).await {
        Ok(()) => return Some(true),
        Err(refused) => refused,
    };
    tracing::error!(%file, error = %refused, "this list of revoked cards was not taken");
    (!refused.may_pass()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Listener;
    use demo::cards::{ListProfile, TestPki};

    #[test]
    fn what_settings_check_says_of_cards_names_the_file_that_is_no_good() {
        let folder = tempfile::tempdir().expect("folder");
        let lists = folder.path().join("lists");
        let pki = TestPki::new(SystemClock.now());
        let settings = CardListener {
            listener: Listener {
                bind: SocketAddr::from(([127, 0, 0, 1], 0)),
                origin: "https://carte.hopital.test".to_owned(),
                host: "carte.hopital.test".to_owned(),
                tls: None,
                tls12: true,
                tls13: false,
            },
            authorities_file: folder.path().join("authorities.pem"),
            revocation_folder: lists.clone(),
            revocation_grace_hours: 24,
            test_cards: false,
        };
        let said = || checked(&settings).map_err(|error| format!("{error:#}"));
        let fault = |named: &str| {
            let error = said().expect_err(named);
            assert!(error.contains(named), "{error}");
        };
        fault("authorities.pem");
        std::fs::write(&settings.authorities_file, pki.root.pem()).expect("written");
        fault("is a root");
        std::fs::write(&settings.authorities_file, pki.issuer.pem()).expect("written");
        fault("lists");
        std::fs::create_dir(&lists).expect("made");
        assert_eq!(said().expect("good")["lists"], serde_json::json!([]));
        // Today's list, under the name that is looked for.
        let today = folder.path().join("2026-11-24.crl");
        let list = pki.issuer.list(&ListProfile::new(7, SystemClock.now()));
        std::fs::write(&today, list).expect("written");
        std::os::unix::fs::symlink(&today, lists.join("people.crl")).expect("linked");
        let told = said().expect("good");
        assert_eq!(
            (&told["lists"][0]["number"], &told["lists"][0]["revoked"]),
            (&"7".into(), &0.into())
        );
        assert_eq!(told["authorities"].as_array().map(Vec::len), Some(1));
        std::fs::write(lists.join("junk.crl"), "junk").expect("written");
        fault("junk.crl");
        std::fs::remove_file(lists.join("junk.crl")).expect("removed");
        let other = pki.other.list(&ListProfile::new(1, SystemClock.now()));
        std::fs::write(lists.join("other.crl"), other).expect("written");
        fault("other.crl");
        std::fs::remove_file(lists.join("other.crl")).expect("removed");
        std::fs::remove_file(&today).expect("removed");
        fault("people.crl");
    }
}

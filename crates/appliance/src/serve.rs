//! The server: listeners, the beat that seals the audit and takes jobs, and a stop that finishes what it began.
use crate::anchor::Anchor;
use crate::cards::{self, CardAcceptor};
use crate::mtls::{self, CertificateAcceptor};
use crate::settings::{Listener, Settings};
use crate::{health, wiring};
use anyhow::Context;
use audit::{AuditEvent, Digest};
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use kernel::{ActorId, ClientId};
use oidc::Notifier;
use rustls::{DistinguishedName, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, JoinSet};
use workflows::Workflows;

/// How long requests under way may take to end after a stop was asked.
const GRACE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_secs(1);
/// Between two sweeps of expired rows.
const SWEEP: Duration = Duration::from_secs(60);
/// Beats between two looks at the clock and the log's head.
const LOOKS: u64 = 10;

/// Serves until SIGTERM or SIGINT.
pub async fn serve(settings: Settings, started: Instant) -> anyhow::Result<()> {
    let workflows = wiring::open(&settings).await?;
    crate::sandbox::refuse_beside_people(&settings, &workflows).await?;
    let hospital = workflows.fact("hospital").await?.unwrap_or_default();
    let listeners = listeners(&settings, &workflows, &hospital)?;
    let settings_digest = Digest::of(settings.text.as_bytes());
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let by = ActorId::Job { name: "serve".to_owned() };
    let event = AuditEvent::SystemStarted { by: by.clone(), version, settings: settings_digest };
    workflows.store().begin().await?.commit(event).await?;

    let handle = Handle::new();
    let mut servers = JoinSet::new();
    for listener in listeners {
        let (name, bind) = (listener.name, listener.bind);
        let socket = std::net::TcpListener::bind(bind).with_context(|| {
            format!("the listener {name} cannot take {bind}: is another program there?")
        })?;
        socket.set_nonblocking(true)?;
        servers.spawn(listener.run(socket, handle.clone()));
    }
    let refresh = (!settings.register.extracts.is_empty()).then_some(settings.register.every_hours);
    let mut beat = tokio::spawn(beat(workflows.clone(), Anchor::of(&settings), refresh));
    let hears = settings.register.api.is_some().then_some(settings.register.every_hours);
    let mut delta = tokio::spawn(delta_loop(workflows.clone(), hears));
    let lists = tokio::spawn(cards::list_loop(workflows.clone(), settings.card.clone()));
    let mut calls = tokio::spawn(logout_loop(workflows.clone(), wiring::notifier(&settings)?));
    tracing::info!(
        duration_ms = started.elapsed().as_millis(),
        public = %settings.public.origin,
        admin = %settings.admin.origin,
        "ready"
    );
    let outcome = tokio::select! {
        () = stop_asked() => Ok(()),
        Some(ended) = servers.join_next() => ended.map_err(anyhow::Error::from).and_then(|ended| ended),
        // Neither ends but by a fault: a node that no longer seals, or tells no logout, is no node.
        ended = &mut beat => ended.map_err(anyhow::Error::from).and_then(|ended| ended),
        ended = &mut delta => Err(anyhow::anyhow!("changes of the register are no longer heard: {ended:?}")),
        ended = &mut calls => Err(anyhow::anyhow!("logouts are no longer told: {ended:?}")),
    };
    tracing::info!("stopping: requests under way are finished first");
    handle.graceful_shutdown(Some(GRACE));
    while let Some(ended) = servers.join_next().await {
        ended??;
    }
    beat.abort();
    delta.abort();
    calls.abort();
    lists.abort();
    let kept = say_stopped(&workflows, &Anchor::of(&settings), by).await;
    tracing::info!("stopped");
    outcome.and(kept)
}

async fn say_stopped(workflows: &Workflows, anchor: &Anchor, by: ActorId) -> anyhow::Result<()> {
    workflows.store().begin().await?.commit(AuditEvent::SystemStopped { by }).await?;
    workflows.seal_all().await?;
    anchor.keep(workflows).await
}

struct Ready {
    name: &'static str,
    bind: SocketAddr,
    router: Router,
    tls: Option<Arc<ServerConfig>>,
    /// Where certificates are asked for.
    certificates: Option<Asking>,
}

/// Of whom, and what becomes of what is shown.
enum Asking {
    Applications(CertificateAcceptor),
    Cards(CardAcceptor),
}

impl Ready {
    async fn run(
        self,
        socket: std::net::TcpListener,
        handle: Handle<SocketAddr>,
    ) -> anyhow::Result<()> {
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        match (self.certificates, self.tls) {
            (Some(Asking::Applications(acceptor)), _) => {
                let server = axum_server::from_tcp(socket)?.acceptor(acceptor);
                server.handle(handle).serve(service).await?;
            }
            (Some(Asking::Cards(acceptor)), _) => {
                let server = axum_server::from_tcp(socket)?.acceptor(acceptor).http1_only();
                cards::one_request_each(server).handle(handle).serve(service).await?;
            }
            (None, Some(tls)) => {
                let tls = RustlsConfig::from_config(tls);
                axum_server::from_tcp_rustls(socket, tls)?.handle(handle).serve(service).await?;
            }
            (None, None) => axum_server::from_tcp(socket)?.handle(handle).serve(service).await?,
        }
        Ok(())
    }
}

fn listeners(
    settings: &Settings,
    workflows: &Workflows,
    hospital: &str,
) -> anyhow::Result<Vec<Ready>> {
    let mut listeners = vec![
        Ready {
            name: "public",
            bind: settings.public.bind,
            router: crate::routers::public(settings, workflows),
            tls: tls(&settings.public, None)?,
            certificates: None,
        },
        Ready {
            name: "admin",
            bind: settings.admin.bind,
            router: crate::routers::admin(settings, workflows, hospital),
            tls: tls(&settings.admin, None)?,
            certificates: None,
        },
    ];
    if let Some(mtls) = &settings.mtls {
        let config = tls(&mtls.listener, Some(Vec::new()))?
            .context("the listener mtls has no certificate")?;
        listeners.push(Ready {
            name: "mtls",
            bind: mtls.listener.bind,
            router: crate::routers::mtls(mtls, workflows),
            tls: None,
            certificates: Some(Asking::Applications(CertificateAcceptor::new(config, mtls)?)),
        });
    }
    if let Some(card) = &settings.card {
        let offered = workflows.card_authorities();
        let offered = offered.into_iter().map(DistinguishedName::from).collect();
        let config = tls(&card.listener, Some(offered))?;
        let config = config.context("the listener card has no certificate")?;
        listeners.push(Ready {
            name: "card",
            bind: card.listener.bind,
            router: crate::routers::card(card, workflows),
            tls: None,
            certificates: Some(Asking::Cards(CardAcceptor::new(&config))),
        });
    }
    if let Some(bind) = settings.health {
        listeners.push(Ready {
            name: "health",
            bind,
            router: health::router(workflows.clone()),
            tls: None,
            certificates: None,
        });
    }
    Ok(listeners)
}

/// TLS 1.3, with 1.2 beside it where the listener allows (ECDHE and AEAD only: rustls knows no other).
/// `asked`: whoever connects, for a certificate of these authorities.
fn tls(
    listener: &Listener,
    asked: Option<Vec<DistinguishedName>>,
) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    let Some((certificate, key)) = &listener.tls else { return Ok(None) };
    let versions: &[&rustls::SupportedProtocolVersion] = match (listener.tls13, listener.tls12) {
        (true, true) => &[&rustls::version::TLS13, &rustls::version::TLS12],
        (false, true) => &[&rustls::version::TLS12],
        (_, false) => &[&rustls::version::TLS13],
    };
    let builder = ServerConfig::builder_with_protocol_versions(versions);
    let asks = asked.is_some();
    let builder = match asked {
        Some(authorities) => builder.with_client_cert_verifier(mtls::verifier(authorities)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(certificates(certificate)?, private_key(key)?)
        .context("the certificate and its key do not go together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if asks {
        mtls::ask_certificates(&mut config);
    }
    Ok(Some(Arc::new(config)))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .with_context(|| format!("reading the certificate {}", path.display()))?
        .collect();
    let chain = chain.with_context(|| format!("{} is no PEM certificate", path.display()))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", path.display());
    Ok(chain)
}

fn private_key(path: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path)
        .with_context(|| format!("reading the private key {}", path.display()))
}

/// What a node does by itself, each second: seal the audit, take waiting jobs; and each minute sweep what time has ended.
/// Now and then: read the sources whose time has come.
/// `refresh`: hours between two looks at the publisher of the register, when the settings name one.
async fn beat(workflows: Workflows, anchor: Anchor, refresh: Option<i64>) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(BEAT);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let jobs = tokio::spawn(job_loop(workflows.clone()));
    let sweeps = tokio::spawn(sweep_loop(workflows.clone()));
    let mut beats: u64 = 0;
    loop {
        tick.tick().await;
        beats += 1;
        if let Err(error) = workflows.seal_audit().await {
            tracing::error!(%error, "the audit was not sealed; it will be tried again");
        }
        if let Err(error) = workflows.close_due_people().await {
            tracing::error!(%error, "planned closings were not written; it will be tried again");
        }
        if beats.is_multiple_of(LOOKS) {
            look_around(&workflows, &anchor).await?;
        }
        if beats.is_multiple_of(2 * LOOKS)
            && let Err(error) = workflows.end_what_is_over().await
        {
            tracing::error!(%error, "sessions that time has ended were not closed; it will be tried again");
        }
        if beats.is_multiple_of(LOOKS)
            && let Err(error) = workflows.start_due_syncs().await
        {
            tracing::error!(%error, "sources were not read on schedule; it will be tried again");
        }
        // A version of the register that waits here may have its answer from another node.
        if beats.is_multiple_of(60)
            && let Err(error) = workflows.follow_settled_register().await
        {
            tracing::error!(%error, "the register that waits was not settled; it will be tried again");
        }
        // A key lives for months: an hour late is no matter.
        if beats % 3600 == 1
            && let Err(error) = workflows.keep_keys_fresh().await
        {
            tracing::error!(%error, "signing keys were not looked after; it will be tried again");
        }
        if let Some(hours) = refresh.filter(|_| beats.is_multiple_of(60))
            && let Err(error) = workflows.refresh_when_due(hours).await
        {
            tracing::warn!(%error, "the register's publisher was not looked at; it will be tried again");
        }
        anyhow::ensure!(!jobs.is_finished(), "the job loop ended");
        anyhow::ensure!(!sweeps.is_finished(), "the loop that removes expired rows ended");
    }
}

/// The clock against the base, and the log's head kept outside the database. An error ends the node: the database was
/// put back while it ran, and nothing is served from it before a human says so, as at a start.
async fn look_around(workflows: &Workflows, anchor: &Anchor) -> anyhow::Result<()> {
    match workflows.keep_time().await {
        Ok(view) => {
            if let Some(behind) = view.behind {
                let seconds = behind.num_seconds();
                tracing::error!(
                    seconds,
                    "the clock is behind what the base has seen: no login is let in; put it right, or `hygie clock agree`"
                );
            }
        }
        Err(error) => tracing::warn!(%error, "the time was not kept; it will be tried again"),
    }
    if let Some(off) = workflows.clock_set_aside() {
        let seconds = off.num_seconds();
        tracing::error!(
            seconds,
            "the machine's clock jumped and is set aside; put it right, or restart if it is right now"
        );
    }
    if anchor.is_of_another_log(workflows).await {
        return anchor.check(workflows).await;
    }
    if let Err(error) = anchor.keep(workflows).await {
        tracing::error!(%error, "the head of the audit was not kept outside the database");
    }
    Ok(())
}

async fn job_loop(workflows: Workflows) {
    let mut tick = tokio::time::interval(BEAT);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = workflows.run_waiting_jobs().await {
            tracing::error!(%error, "jobs could not be taken; it will be tried again");
        }
    }
}

/// Beside all else: a sweep of many rows rests often, and nothing waits for it.
async fn sweep_loop(workflows: Workflows) {
    let mut tick = tokio::time::interval(SWEEP);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = workflows.store().upkeep().sweep().await {
            tracing::warn!(%error, "expired rows were not removed; it will be tried again");
        }
    }
}

/// Where the settings name the API of the register, changes are heard from it between two extracts. `hours` between two
/// hearings; a long one holds up nothing else.
async fn delta_loop(workflows: Workflows, hours: Option<i64>) {
    let Some(hours) = hours else { return std::future::pending().await };
    let mut tick = tokio::time::interval(Duration::from_secs(60));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match workflows.hear_when_due(hours).await {
            Ok(Some(told)) => tracing::info!(told, "changes of the register were heard"),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "changes of the register were not heard; it will be tried again");
            }
        }
    }
}

/// Applications are told of ended sessions within a second, whatever runs or imports are under way, and whichever other
/// application does not answer.
async fn logout_loop(workflows: Workflows, notifier: Arc<dyn Notifier>) {
    let mut pings: HashMap<ClientId, JoinHandle<()>> = HashMap::new();
    let mut tick = tokio::time::interval(BEAT);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turns: HashMap<ClientId, JoinHandle<()>> = HashMap::new();
    loop {
        tick.tick().await;
        turns.retain(|_, turn| !turn.is_finished());
        pings.retain(|_, turn| !turn.is_finished());
        ping_due(&workflows, &notifier, &mut pings).await;
        let due = workflows.clients_to_tell().await.unwrap_or_else(|error| {
            tracing::error!(%error, "logouts could not be told; it will be tried again");
            Vec::new()
        });
        for client in due {
            let (workflows, notifier) = (workflows.clone(), notifier.clone());
            turns.entry(client).or_insert_with(|| {
                tokio::spawn(async move {
                    if let Err(error) = workflows.tell_client(client, &notifier).await {
                        tracing::error!(%error, client.id = %client, "logouts could not be told; it will be tried again");
                    }
                })
            });
        }
    }
}

/// Applications are called when somebody whom they had asked has answered, each in a turn of its own.
async fn ping_due(
    workflows: &Workflows,
    notifier: &Arc<dyn Notifier>,
    turns: &mut HashMap<ClientId, JoinHandle<()>>,
) {
    let due = workflows.clients_to_ping().await.unwrap_or_else(|error| {
        tracing::error!(%error, "answers could not be told; it will be tried again");
        Vec::new()
    });
    for client in due {
        let (workflows, notifier) = (workflows.clone(), notifier.clone());
        turns.entry(client).or_insert_with(|| {
            tokio::spawn(async move {
                if let Err(error) = workflows.ping_client(client, &notifier).await {
                    tracing::error!(%error, client.id = %client, "answers could not be told; it will be tried again");
                }
            })
        });
    }
}

async fn stop_asked() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                return;
            }
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

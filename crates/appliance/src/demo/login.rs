//! A doctor's first day: a code from the desk, a key, and the demo DPI opened with it.
use super::browser::{Browser, Page};
use super::job::House;
use anyhow::{Context, ensure};
use authentication::MeansKind;
use demo::authenticator::Authenticator;
use demo::dpi::{self, DpiConfig, DpiError};
use demo::hospital::PersonaView;
use oidc::{AuthMethod, ClientDraft, Profile};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;
use workflows::oidc::CreateClient;

/// Port of the demo DPI, unless it is taken.
const PORT: u16 = 8082;

/// The demo DPI, served.
pub struct Dpi {
    pub base_url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), DpiError>>,
}

impl Dpi {
    pub async fn start(house: &House) -> anyhow::Result<Self> {
        let (listener, address) = match dpi::listen(PORT).await {
            Ok(listening) => listening,
            Err(_) => dpi::listen(0).await?,
        };
        let base_url = format!("http://localhost:{}", address.port());
        let mut config = DpiConfig {
            base_url: base_url.clone(),
            issuer: house.settings.public.origin.clone(),
            client_id: "dpi-demo".to_owned(),
            client_secret: None,
            scopes: vec!["profile".to_owned(), "email".to_owned(), "scope_all".to_owned()],
            acr_values: vec!["eidas2".to_owned()],
            ca_pem: None,
        };
        let mut draft = ClientDraft::new(
            "DPI de démonstration",
            Profile::PscLike,
            AuthMethod::ClientSecretBasic,
        );
        draft.redirect_uris = vec![config.redirect_uri()];
        draft.post_logout_redirect_uris = vec![config.post_logout_redirect_uri()];
        let wish = CreateClient { client_id: Some(config.client_id.clone()), draft };
        let (workflows, actor) = (&house.context.workflows, &house.context.actor);
        let made = workflows.create_client(actor, wish).await?;
        config.client_secret = made.secret.map(|secret| secret.expose().to_owned());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(dpi::serve(config, listener, async {
            // Stopped, or the demo is gone: the same to the DPI.
            let _ = stopped.await;
        }));
        Ok(Self { base_url, stop, served })
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(());
        Ok(self.served.await??)
    }
}

/// Plays the whole of it; the claims that the DPI received.
pub async fn play(house: &House, dpi: &Dpi, doctor: &PersonaView) -> anyhow::Result<Value> {
    let (workflows, actor) = (&house.context.workflows, &house.context.actor);
    let bearers = workflows.store().read().posts().bearers(&doctor.matricule).await?;
    let person = *bearers.first().context("the doctor is in the directory")?;
    let code = workflows.give_enrolment_code(actor, person, MeansKind::Fido2).await?;
    let mut browser = Browser::new()?;
    let mut key = Authenticator::new();
    let public = Url::parse(&house.settings.public.origin)?;
    enrol(&mut browser, &mut key, &public, &code.text.expose()).await.context("enrolling a key")?;
    let page = browser.get(Url::parse(&dpi.base_url)?.join("/connexion")?).await?;
    let page = log_in(&mut browser, &mut key, page).await.context("logging in with the key")?;
    ensure!(
        page.url.as_str().starts_with(&dpi.base_url),
        "the login ended on {}: {}",
        page.url.path(),
        page.says()
    );
    let session = browser.get(Url::parse(&dpi.base_url)?.join("/session.json")?).await?;
    Ok(serde_json::from_str(&session.body)?)
}

async fn enrol(
    browser: &mut Browser,
    key: &mut Authenticator,
    public: &Url,
    code: &str,
) -> anyhow::Result<()> {
    let page = browser.get(public.join("/enrol")?).await?;
    let mut form = page.form("action=\"/enrol\"")?;
    form.set("code", code);
    let page = browser.submit(&form).await?;
    answer(browser, page, |origin, options| Ok(key.register(origin, options)?)).await?;
    Ok(())
}

async fn log_in(
    browser: &mut Browser,
    key: &mut Authenticator,
    page: Page,
) -> anyhow::Result<Page> {
    let page = browser.submit(&page.form("action=\"/login/key\"")?).await?;
    answer(browser, page, |origin, options| Ok(key.sign_in(origin, options)?)).await
}

/// What the page's script does: hands the options to the key, posts its answer.
async fn answer(
    browser: &mut Browser,
    page: Page,
    work: impl FnOnce(&str, &Value) -> anyhow::Result<Value>,
) -> anyhow::Result<Page> {
    let mut form = page.form("id=\"key\"")?;
    let options: Value = serde_json::from_str(form.attribute("data-options")?)?;
    let origin = page.url.origin().ascii_serialization();
    let answer = work(&origin, &options)?;
    form.set("answer", &answer.to_string());
    browser.submit(&form).await
}

//! A card at a login: the page that sends to the listener of cards, that listener, and the way back.
use super::page::{Page, card_picture, refusal};
use super::visitor::Visitor;
use super::walk::{Held, finish};
use super::{Failed, Lang, LoginState, assets, failed, steps, timing};
use axum::extract::{ConnectInfo, Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use chrono::TimeDelta;
use maud::{Markup, html};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use workflows::Workflows;
use workflows::login::{CardAnswer, House, LoginStep, ShownCertificate};

/// The certificate (DER) that this connection showed to the listener of cards, read by our own TLS and never from a header
/// (threats WB-10), and when.
#[derive(Clone)]
pub struct ShownCard {
    pub der: Arc<[u8]>,
    pub at: Instant,
}

impl ShownCard {
    fn told(&self) -> ShownCertificate<'_> {
        let age = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX);
        ShownCertificate { der: &self.der, age }
    }
}

#[derive(Deserialize)]
pub struct Back {
    t: String,
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    t: String,
    /// The language of the page that led here.
    #[serde(default)]
    lang: String,
}

/// Routes of the listener of cards: it reads, and sends back.
pub fn card_routes(workflows: Workflows) -> Router {
    let state = LoginState::new(workflows, audit::AccessKind::Public);
    let elsewhere = |path: &'static str| {
        get(async move |State(state): State<LoginState>| {
            Redirect::to(&format!("{}{path}", state.origin))
        })
    };
    Router::new()
        .route("/card", get(read))
        .route("/accessibility", elsewhere("/accessibility"))
        .route("/your-data", elsewhere("/your-data"))
        .route("/favicon.ico", get(assets::icon))
        .route(&assets::style_path(), get(assets::style))
        .route(&assets::script_path(), get(assets::script))
        .fallback(failed::not_here)
        .with_state(state)
}

/// Permission: a login of this browser.
pub async fn begin(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<Held>,
) -> Result<Response, Failed> {
    let view = state.workflows.begin_card(&visitor.visit(), &form.t).await;
    let view = view.map_err(|error| Failed::at(error, &form.next))?;
    let lang = visitor.lang();
    let mut response = steps::show(&view, state.is_night(), lang);
    // Beyond the reach of `form-action`, which would hold a form's redirect to this host.
    if let LoginStep::Card { at } = &view.step
        && let Ok(refresh) = HeaderValue::from_str(&format!("1;url={}", address(at, lang)))
    {
        response.headers_mut().insert("refresh", refresh);
    }
    Ok(response)
}

/// Where cards are read, in the reader's language.
pub fn address(at: &str, lang: Lang) -> String {
    format!("{at}&lang={}", lang.code())
}

/// Permission: a login of this browser, and the code that the listener of cards gave for it.
pub async fn back(
    State(state): State<LoginState>,
    visitor: Visitor,
    Query(back): Query<Back>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let answer = state.workflows.take_card(&visitor.visit(), &back.t, &back.code).await?;
    finish(&state, &visitor, answer, started).await
}

/// Permission: none; a login waits for a card, and what is read goes to its browser alone.
async fn read(
    State(state): State<LoginState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    card: Option<Extension<Option<ShownCard>>>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let lang = Lang::among([asked.lang.as_str()]).unwrap_or_else(|| Lang::of(&headers));
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer.ip().to_string());
    let network = peer.unwrap_or_else(|| "unknown".to_owned());
    let shown = card.and_then(|Extension(card)| card);
    let shown = shown.as_ref().map(ShownCard::told);
    let answer = match state.workflows.present_card(&network, &asked.t, shown).await {
        Ok(answer) => answer,
        Err(error) => {
            let again = format!("{}/login", state.origin);
            return Failed::from(error).answer_leading_to(lang, &again);
        }
    };
    let again = format!("/card?t={}&lang={}", asked.t, lang.code());
    match answer {
        CardAnswer::HandedOver { to } => {
            let mut response = Redirect::to(&to).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        CardAnswer::NoCard { house, back } => {
            let title = lang.say("Carte non lue", "Card not read");
            let body = html! {
                (card_picture())
                h1 tabindex="-1" data-focus="" { (lang.say("Aucune carte n’a été lue.", "No card was read.")) }
                p {
                    (lang.say(
                        "Rien n’a été refusé. Mettez votre carte dans le lecteur, puis recommencez.",
                        "Nothing was refused. Put your card in the reader, then start over.",
                    ))
                }
                (ways(&again, &back, lang))
            };
            shown_page(&state, &house, lang, title, StatusCode::OK, body)
        }
        CardAnswer::Refused { house, refusal: refused, back } => {
            let title = lang.say("Connexion refusée", "Login refused");
            let body = html! {
                (refusal(&house, &refused, lang))
                (ways(&again, &back, lang))
            };
            shown_page(&state, &house, lang, title, StatusCode::FORBIDDEN, body)
        }
    }
}

fn ways(again: &str, back: &str, lang: Lang) -> Markup {
    html! {
        p {
            a.lbtn.primary #hy-card-again href=(again) { (lang.say("Lire la carte", "Read the card")) }
            " "
            a.lbtn #hy-other href=(back) { (lang.say("Autre moyen", "Another way")) }
        }
        p.muted.small {
            (lang.say(
                "Si le navigateur ne demande plus la carte, fermez-le et rouvrez-le.",
                "If the browser no longer asks for the card, close it and open it again.",
            ))
        }
    }
}

fn shown_page(
    state: &LoginState,
    house: &House,
    lang: Lang,
    title: &str,
    status: StatusCode,
    body: Markup,
) -> Response {
    let night = state.is_night();
    Page { house, title, night, lang, back: None, aside: None, body }.answer(status)
}

//! What waits for the person's word: an application asked for her (« Demandes à approuver »), or she types the code of a device
//! (threats OP-26). No script is needed.
use super::{current, day_and_time};
use crate::login::{Failed, Lang, LoginState, Page, Visitor, send_to_login, told};
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{Secret, Zone};
use maud::{Markup, html};
use serde::Deserialize;
use std::net::SocketAddr;
use workflows::login::{Current, LoginAsk, LoginError};
use workflows::oidc::{Decided, OidcError, Typed, WaitingRequest};

/// Where a person types the code of a device, and says yes or no.
pub const DEVICE: &str = "/device";
/// What applications ask of her.
pub const REQUESTS: &str = "/portal/requests";

/// What a login of ours brings back: a code, and the proof that this browser typed it here. A link that somebody sends has
/// no such proof, and its code is not looked at (RFC 8628 §5.4).
#[derive(Deserialize, Default)]
pub struct Back {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    typed: Option<String>,
}

#[derive(Deserialize)]
pub struct Word {
    f: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    request: Option<String>,
    #[serde(default)]
    say: Option<String>,
}

/// What the page shows.
struct View<'a> {
    at: &'static str,
    /// Whose session would open.
    name: String,
    waiting: Vec<WaitingRequest>,
    typed: Option<&'a str>,
    /// Seconds to wait before another code is looked at.
    wait: Option<i64>,
    decided: Option<Decided>,
    token: String,
    lang: Lang,
}

/// Permission: a session of this browser.
pub async fn device(
    State(state): State<LoginState>,
    visitor: Visitor,
    Query(back): Query<Back>,
) -> Result<Response, Failed> {
    let Some(here) = current(&state, &visitor).await? else { return Ok(to_login(DEVICE)) };
    let person = here.session.person;
    let due = |code: &str| state.workflows.typed_code_token(&visitor.visit(), person, code);
    let own = |code: &&str| match (due(code), &back.typed) {
        (Some(due), Some(typed)) => Secret::new(due).matches(typed.as_bytes()),
        _ => false,
    };
    let typed = back.code.as_deref().filter(own);
    page(&state, &visitor, &here, DEVICE, typed, None).await
}

/// Permission: a session of this browser; what waits for its person.
pub async fn requests(
    State(state): State<LoginState>,
    visitor: Visitor,
) -> Result<Response, Failed> {
    let Some(here) = current(&state, &visitor).await? else { return Ok(to_login(REQUESTS)) };
    page(&state, &visitor, &here, REQUESTS, None, None).await
}

/// Permission: a session of this browser, whose person logged in since the device asked.
pub async fn device_word(
    State(state): State<LoginState>,
    visitor: Visitor,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(word): Form<Word>,
) -> Result<Response, Failed> {
    heard(&state, &visitor, (&headers, peer.map(|peer| peer.0.0)), DEVICE, &word).await
}

/// Permission: a session of this browser, whose person logged in since she was asked.
pub async fn requests_word(
    State(state): State<LoginState>,
    visitor: Visitor,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(word): Form<Word>,
) -> Result<Response, Failed> {
    heard(&state, &visitor, (&headers, peer.map(|peer| peer.0.0)), REQUESTS, &word).await
}

async fn heard(
    state: &LoginState,
    visitor: &Visitor,
    from: (&HeaderMap, Option<SocketAddr>),
    at: &'static str,
    word: &Word,
) -> Result<Response, Failed> {
    let Some(here) = current(state, visitor).await? else { return Ok(to_login(at)) };
    if !state.workflows.is_form_token(&visitor.visit(), &word.f) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let typed = word.code.as_deref().filter(|code| at == DEVICE && !code.is_empty());
    let Some(request) = word.request.as_deref() else {
        return page(state, visitor, &here, at, typed, None).await;
    };
    let approve = match word.say.as_deref() {
        Some("yes") => true,
        Some("no") => false,
        // « C’est moi »: she proves it first, then comes back.
        _ => return prove(state, visitor, from, &here, (at, typed, request)).await,
    };
    let decided = state.workflows.decide_elsewhere(&here, request, typed, approve).await;
    match decided.map_err(failed)? {
        Decided::ProveFirst => prove(state, visitor, from, &here, (at, typed, request)).await,
        decided => page(state, visitor, &here, at, None, Some(decided)).await,
    }
}

/// A login made for this request, at the level that its application wants, then this page again.
async fn prove(
    state: &LoginState,
    visitor: &Visitor,
    (headers, peer): (&HeaderMap, Option<SocketAddr>),
    here: &Current,
    (at, typed, reference): (&'static str, Option<&str>, &str),
) -> Result<Response, Failed> {
    let (waiting, _) = look(state, here, at, typed).await?;
    let Some(request) = waiting.into_iter().find(|request| request.reference == reference) else {
        return page(state, visitor, here, at, None, Some(Decided::Gone)).await;
    };
    let next = match typed {
        Some(code) => {
            let person = here.session.person;
            let typed = state.workflows.typed_code_token(&visitor.visit(), person, code);
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("code", code)
                .append_pair("typed", &typed.unwrap_or_default())
                .finish();
            format!("{at}?{query}")
        }
        None => at.to_owned(),
    };
    let ask = LoginAsk {
        application: Some(request.application),
        client: Some(request.client),
        level: request.level,
        later: Some(at.to_owned()),
        cancel: None,
        ..LoginAsk::to(&next)
    };
    Ok(send_to_login(state, headers, peer, ask).await)
}

/// What waits at this page, and how long she must wait before another code is looked at.
async fn look(
    state: &LoginState,
    here: &Current,
    at: &'static str,
    typed: Option<&str>,
) -> Result<(Vec<WaitingRequest>, Option<i64>), Failed> {
    if at == REQUESTS {
        return Ok((state.workflows.waiting_requests(here).await.map_err(failed)?, None));
    }
    let Some(code) = typed else { return Ok((Vec::new(), None)) };
    Ok(match state.workflows.request_of_code(here, code).await.map_err(failed)? {
        Typed::Found(request) => (vec![request], None),
        Typed::Unknown => (Vec::new(), None),
        Typed::Wait(wait) => (Vec::new(), Some(wait.num_seconds().max(1))),
    })
}

async fn page(
    state: &LoginState,
    visitor: &Visitor,
    here: &Current,
    at: &'static str,
    typed: Option<&str>,
    decided: Option<Decided>,
) -> Result<Response, Failed> {
    let (waiting, wait) = look(state, here, at, typed).await?;
    let (lang, token) = (visitor.lang(), state.workflows.form_token(&visitor.visit()));
    let house = state.workflows.house().await?;
    let name = state.workflows.own_name(here).await?;
    let view = View { at, name, waiting, typed, wait, decided, token, lang };
    let page = Page {
        house: &house,
        title: title(at, lang),
        night: state.is_night(),
        lang,
        back: Some(at.to_owned()),
        aside: None,
        body: body(&view, &state.workflows.parts().zone),
    };
    Ok(visitor.remember(page.answer(StatusCode::OK)))
}

fn title(at: &str, lang: Lang) -> &'static str {
    if at == DEVICE {
        lang.say("Se connecter sur un appareil", "Log in on a device")
    } else {
        lang.say("Demandes à approuver", "Requests to approve")
    }
}

fn body(view: &View<'_>, zone: &Zone) -> Markup {
    let lang = view.lang;
    let over =
        matches!(view.decided, Some(Decided::Approved | Decided::Denied | Decided::NoIdentity));
    html! {
        @match view.decided {
            Some(decided @ (Decided::Approved | Decided::Denied)) => {
                div role="status" id="hy-decided" { (told(outcome(decided, lang), &html! {})) }
            }
            Some(decided) => {
                h1 { (title(view.at, lang)) }
                p.advice role="status" id="hy-decided" { (outcome(decided, lang)) }
            }
            None => h1 { (title(view.at, lang)) },
        }
        @for request in &view.waiting { (asked(request, view, zone)) }
        @if view.at == DEVICE && view.waiting.is_empty() && !over { (code_form(view)) }
        @if view.at == REQUESTS && view.waiting.is_empty() && !over {
            p.field id="hy-nothing-waits" {
                (lang.say("Aucune application n’attend votre accord.", "No application waits for your word."))
            }
        }
        p { a.lbtn href="/portal" { (lang.say("Revenir au portail", "Back to the portal")) } }
    }
}

fn code_form(view: &View<'_>) -> Markup {
    let lang = view.lang;
    html! {
        @if let Some(seconds) = view.wait {
            p.refused role="alert" id="hy-wait" {
                (lang.say("Trop de codes inexacts. Nouvel essai possible dans ", "Too many wrong codes. You may try again in "))
                (seconds) " s."
            }
        } @else if view.typed.is_some() {
            p.refused role="alert" id="hy-unknown-code" {
                (lang.say(
                    "Ce code n’attend personne : vérifiez-le, ou demandez-en un autre sur l’appareil.",
                    "Nothing waits under this code: check it, or ask the device for another.",
                ))
            }
        }
        p.field id="hy-code-words" {
            (lang.say(
                "Ne tapez que le code d’un appareil que vous avez devant vous. Un code reçu par message ou par téléphone \
                 ouvrirait votre session à quelqu’un d’autre.",
                "Type only the code of a device that you have before you. A code that came by message or by phone would \
                 open your session to somebody else.",
            ))
        }
        form method="post" action=(view.at) {
            input type="hidden" name="f" value=(view.token);
            p.field {
                label for="hy-code" { (lang.say("Code affiché par l’appareil", "Code that the device shows")) }
                input #hy-code .code type="text" name="code" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" maxlength="20" required aria-describedby="hy-code-words";
            }
            button.lbtn.primary type="submit" id="hy-continue" { (lang.say("Continuer", "Continue")) }
        }
    }
}

fn asked(request: &WaitingRequest, view: &View<'_>, zone: &Zone) -> Markup {
    let lang = view.lang;
    html! {
        form method="post" action=(view.at) {
            p.for { (lang.say("Votre session : ", "Your session: ")) b { (view.name) } }
            p.field {
                b id="hy-application" { (request.application) }
                (lang.say(" a demandé, le ", " asked, on "))
                (day_and_time(request.asked_at, zone, lang))
                @if view.at == DEVICE {
                    (lang.say(", à ouvrir votre session sur un appareil.", ", to open your session on a device."))
                } @else {
                    (lang.say(", à ouvrir votre session sur un autre écran.", ", to open your session on another screen."))
                }
            }
            @if let Some(message) = &request.binding_message {
                p.field {
                    (lang.say("L’autre écran doit afficher aussi : ", "That screen must show too: "))
                    b id="hy-binding" { (message) }
                }
            }
            @if let Some(code) = view.typed {
                p.field {
                    (lang.say("L’appareil doit afficher : ", "The device must show: "))
                    b id="hy-typed" { (code.to_uppercase()) }
                }
            }
            p.field {
                (lang.say(
                    "N’acceptez que si vous venez de le demander vous-même et que vous avez cet écran devant vous. \
                     Personne, pas même le service informatique, ne doit vous demander d’accepter. Dans le doute, \
                     refusez. La demande attend deux minutes au plus.",
                    "Say yes only if you have just asked for it yourself and have that screen before you. Nobody, not \
                     even the IT desk, has a reason to make you say yes. When in doubt, deny. The request waits two \
                     minutes at most.",
                ))
            }
            input type="hidden" name="f" value=(view.token);
            input type="hidden" name="request" value=(request.reference);
            @if let Some(typed) = view.typed { input type="hidden" name="code" value=(typed); }
            @if request.fell_short {
                p.field role="alert" id="hy-fell-short" {
                    (lang.say(
                        "Vous venez de vous reconnecter, mais cette application demande plus : reconnectez-vous avec votre \
                         clé. Si vous n’en avez pas, refusez, et ouvrez l’application autrement.",
                        "You have just logged in again, but this application asks for more: log in with your key. If you \
                         have none, deny, and open the application another way.",
                    ))
                }
            }
            @if request.proved {
                button.lbtn.primary type="submit" name="say" value="yes" id="hy-approve" { (lang.say("Accepter", "Approve")) }
            } @else {
                button.lbtn.primary type="submit" name="say" value="prove" id="hy-prove" {
                    (lang.say("C’est moi : me reconnecter pour accepter", "It is me: log in again to approve"))
                }
            }
            button.lbtn type="submit" name="say" value="no" id="hy-deny" { (lang.say("Refuser", "Deny")) }
        }
    }
}

fn outcome(decided: Decided, lang: Lang) -> &'static str {
    match decided {
        Decided::Approved => {
            lang.say("Accepté : l’autre écran s’ouvre.", "Approved: the other screen opens.")
        }
        Decided::Denied => lang.say("Refusé : rien ne s’ouvre.", "Denied: nothing opens."),
        Decided::NoIdentity => lang.say(
            "Rien ne s’ouvre : cette application demande un numéro RPPS vérifié, et aucun n’est relié à votre fiche. Voyez le guichet.",
            "Nothing opens: this application asks for a verified RPPS number, and none is linked to your record. See the desk.",
        ),
        Decided::Gone | Decided::ProveFirst => {
            lang.say("Cette demande n’attend plus.", "This request no longer waits.")
        }
    }
}

fn to_login(at: &str) -> Response {
    Redirect::to(&format!("/login?next={at}")).into_response()
}

pub(super) fn failed(error: OidcError) -> Failed {
    match error {
        OidcError::Store(cause) => cause.into(),
        cause @ (OidcError::Refused { .. }
        | OidcError::NoSigningKey(_)
        | OidcError::Issuer
        | OidcError::Key(_)
        | OidcError::Register(_)) => {
            tracing::error!(%cause, "a request for another screen failed");
            LoginError::Over.into()
        }
    }
}

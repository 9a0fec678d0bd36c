//! What went wrong besides a refusal: said on a page in the reader's language, its cause logged once.
use super::{Lang, Page};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use workflows::StoreError;
use workflows::login::{House, LoginError, is_own_path};

/// What went wrong besides a refusal.
#[derive(Debug)]
pub struct Failed {
    error: LoginError,
    /// Where to begin again.
    next: Option<String>,
}

impl From<LoginError> for Failed {
    fn from(error: LoginError) -> Self {
        Self { error, next: None }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        LoginError::from(error).into()
    }
}

impl Failed {
    pub fn at(error: LoginError, next: &str) -> Self {
        Self { error, next: Some(next.to_owned()) }
    }

    pub fn answer(self, lang: Lang) -> Response {
        self.told().page(lang)
    }

    /// On a listener that has no login of its own: it begins again at `again`, an address of ours.
    pub fn answer_leading_to(self, lang: Lang, again: &str) -> Response {
        Told { again: again.to_owned(), ..self.told() }.page(lang)
    }

    fn told(self) -> Told {
        let next = self.next.filter(|next| is_own_path(next));
        let again = next.unwrap_or_else(|| "/login".to_owned());
        let kind = match &self.error {
            LoginError::Over => Kind::Over,
            LoginError::Busy => Kind::Busy,
            LoginError::Keys(_) | LoginError::Hashing(_) | LoginError::Store(_) => {
                tracing::error!(cause = %self.error, "a login page failed");
                Kind::Broken
            }
        };
        Told { kind, again }
    }
}

impl IntoResponse for Failed {
    /// A handler that fails does not know who reads: French, until `in_their_language` has seen the request.
    fn into_response(self) -> Response {
        let told = self.told();
        let mut response = told.page(Lang::French);
        response.extensions_mut().insert(told);
        response
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Over,
    Busy,
    Broken,
    NotHere,
}

/// What a page says, without its cause: that is logged, and told to nobody.
#[derive(Debug, Clone)]
struct Told {
    kind: Kind,
    again: String,
}

impl Told {
    fn page(&self, lang: Lang) -> Response {
        let house = House { name: "Hygie".to_owned(), help: None, is_sandbox: false };
        let (status, title, words) = match self.kind {
            Kind::Over => (
                StatusCode::GONE,
                lang.say("Page trop ancienne", "Page too old"),
                lang.say(
                    "Cette page est restée ouverte trop longtemps. Rien n’a été ouvert.",
                    "This page stayed open too long. Nothing was opened.",
                ),
            ),
            Kind::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                lang.say("Un instant", "One moment"),
                lang.say(
                    "Trop de connexions à la fois. Rien n’a été ouvert. Recommencez dans quelques secondes.",
                    "Too many logins at once. Nothing was opened. Try again in a few seconds.",
                ),
            ),
            Kind::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                lang.say("Le serveur répond mal", "The server answers badly"),
                lang.say(
                    "Le serveur répond mal. Rien n’a été ouvert.",
                    "The server answers badly. Nothing was opened.",
                ),
            ),
            Kind::NotHere => (
                StatusCode::NOT_FOUND,
                lang.say("Page introuvable", "Page not found"),
                lang.say(
                    "Cette page n’existe pas. Rien n’a été ouvert.",
                    "This page does not exist. Nothing was opened.",
                ),
            ),
        };
        let go_on = match self.kind {
            Kind::NotHere => lang.say("Aller à mon espace", "Go to my page"),
            _ => lang.say("Recommencer", "Start again"),
        };
        let body = html! {
            h1 tabindex="-1" data-focus="" { (words) }
            p { a.lbtn.primary href=(self.again) { (go_on) } }
        };
        let page = Page { house: &house, title, night: false, lang, back: None, aside: None, body };
        let mut response = page.answer(status);
        if matches!(self.kind, Kind::Busy) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// An address of the public listener that leads nowhere: a page for whoever reads pages, and nothing but the status for a
/// program.
pub async fn not_here(headers: HeaderMap) -> Response {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|text| text.to_str().ok());
    match accepted.into_iter().any(|text| text.contains("text/html")) {
        true => Told { kind: Kind::NotHere, again: "/".to_owned() }.page(Lang::of(&headers)),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Draws a failure again for whoever reads English.
pub async fn in_their_language(request: Request, next: Next) -> Response {
    let lang = Lang::of(request.headers());
    let response = next.run(request).await;
    match response.extensions().get::<Told>() {
        Some(told) if lang == Lang::English => told.page(lang),
        _ => response,
    }
}

//! The frame of every page: what the browser is told, the house, the help.
use super::{Lang, assets};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use workflows::login::{House, RefusalView};

/// Forms post here alone; nothing inline, nothing from elsewhere. The end of a login is a page that moves on, since
/// browsers hold a form's redirects to `form-action` too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
     require-trusted-types-for 'script'";

fn policy(image: Option<&str>) -> String {
    match image.and_then(oidc::policy_origin) {
        Some(origin) => POLICY.replace("img-src 'self';", &format!("img-src 'self' {origin};")),
        None => POLICY.to_owned(),
    }
}

/// One page.
pub struct Page<'a> {
    pub house: &'a House,
    /// « Connexion », « Votre mot de passe »…
    pub title: &'a str,
    /// Dark, so that no white screen wakes a patient.
    pub night: bool,
    pub lang: Lang,
    /// Where this page is found again in the other language; `None`: it is said once.
    pub back: Option<String>,
    /// Beside the house's name: the person's way out.
    pub aside: Option<Markup>,
    pub body: Markup,
}

impl Page<'_> {
    pub fn answer(&self, status: StatusCode) -> Response {
        self.answer_with(status, None)
    }

    /// `image`: the address of an image from elsewhere that stands on the page.
    pub fn answer_with(&self, status: StatusCode, image: Option<&str>) -> Response {
        let text = self.document().into_string();
        let policy = policy(image);
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, policy.as_str()),
            // `no-referrer` would make browsers hide from us where a form comes from (`Origin: null`).
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (status, headers, text).into_response()
    }

    fn document(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) ", " (self.house.name) " – Hygie" }
                    link rel="icon" href="/favicon.ico" type="image/svg+xml";
                    link rel="stylesheet" href=(assets::style_path());
                    script src=(assets::script_path()) defer {}
                }
                body class=[self.night.then_some("theme-night")] {
                    header.lhead {
                        span.house { (self.house.name) }
                        @if let Some(back) = &self.back { (self.switch(back)) }
                        @if let Some(aside) = &self.aside { (aside) }
                    }
                    main #contenu { (self.body) }
                    footer.lfoot {
                        span.help {
                            @if let Some(help) = &self.house.help { (self.lang.say("Aide : ", "Help: ")) (help) }
                        }
                        a href="/accessibility" { (self.lang.say("Accessibilité", "Accessibility")) }
                        a href="/your-data" { (self.lang.say("Vos données", "Your data")) }
                    }
                }
            }
        }
    }
}

impl Page<'_> {
    /// « Français | English »: the other one is a link.
    fn switch(&self, back: &str) -> Markup {
        let other = self.lang.other();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("to", other.code())
            .append_pair("back", back)
            .finish();
        let name = match other {
            Lang::French => "Français",
            Lang::English => "English",
        };
        html! { a.language lang=(other.code()) hreflang=(other.code()) href={ "/language?" (query) } { (name) } }
    }
}

/// L7, and L8 when one must wait: the same bytes but the reference, whatever the cause.
pub fn refusal(house: &House, refusal: &RefusalView, lang: Lang) -> Markup {
    let again = lang.say(
        "Reprenez votre badge, votre carte ou votre clé, et recommencez.",
        "Take your badge, card or key again, and start over.",
    );
    refused(house, refusal, Some(again), lang)
}

/// `again`: what to do now; `None` where the page says it below.
pub fn refused(house: &House, refusal: &RefusalView, again: Option<&str>, lang: Lang) -> Markup {
    let code = refusal.reference.as_str();
    let (head, tail) = code.split_at(code.len().min(3));
    html! {
        section.refused aria-labelledby="refus" {
            (failure_sign())
            div {
                h1 #refus tabindex="-1" data-focus="" autofocus {
                    (lang.say("Connexion refusée, rien n’a été ouvert.", "Login refused, nothing was opened."))
                }
                @if let Some(again) = again { p { (again) } }
                p {
                    @match &house.help {
                        Some(help) => {
                            (lang.say("Aide : ", "Help: ")) b { (help) } (lang.say(", référence ", ", reference "))
                        }
                        None => (lang.say("Référence ", "Reference "))
                    }
                    span.ref { (head) "-" (tail) }
                }
                @if let Some(wait) = refusal.wait {
                    p {
                        (lang.say("Nouvel essai possible dans ", "You may try again in ")) (wait.num_seconds().max(1)) " s."
                    }
                }
            }
        }
    }
}

/// Something went well and this page says so.
pub fn told(title: &str, body: &Markup) -> Markup {
    html! {
        section.told aria-labelledby="dit" {
            svg.s viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
                circle cx="12" cy="12" r="10" fill="currentColor" {}
                path.g d="M7 12.5l3.500 3.500L17 9" fill="none" stroke="#FFFFFF" stroke-width="2.500"
                    stroke-linecap="round" {}
            }
            div {
                h1 #dit tabindex="-1" data-focus="" autofocus { (title) }
                (body)
            }
        }
    }
}

/// The next page at once, without script, and out of reach of `form-action`.
pub fn move_on(next: &str) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang="fr" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content={ "0;url=" (next) };
                title { "Connexion – Hygie" }
            }
            body { p { a href=(next) { "Continuer" } } }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::OK, headers, document.into_string()).into_response()
}

pub fn failure_sign() -> Markup {
    html! {
        svg.s viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
            path d="M7.800 2h8.400L22 7.800v8.400L16.200 22H7.800L2 16.200V7.800z" fill="currentColor" {}
            path.g d="M8.500 8.500l7 7M15.500 8.500l-7 7" fill="none" stroke="#FFFFFF" stroke-width="2.500"
                stroke-linecap="round" {}
        }
    }
}

const KEY: &str = "M9 9h6a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM9 9V3h6v6M12 17a2 2 0 1 0 0-4 2 2 0 0 0 0 4z";

const CARD: &str = "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM6.500 9.500h4v4h-4zM14 10h3.500M14 13.500h3.500";

pub fn card_icon() -> Markup {
    html! { svg.i viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(CARD) {} } }
}

pub fn card_picture() -> Markup {
    html! { svg.picto viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(CARD) {} } }
}

pub fn key_icon() -> Markup {
    html! { svg.i viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(KEY) {} } }
}

pub fn key_picture() -> Markup {
    html! { svg.picto viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(KEY) {} } }
}

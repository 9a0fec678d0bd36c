//! French, or English for whoever asks for it: by the application (`ui_locales`), or by the link on the page.
use super::{LoginState, Visitor};
use crate::cookies;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    French,
    English,
}

impl Lang {
    pub fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// One of the two texts.
    pub fn say<'a>(self, french: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::French => Self::English,
            Self::English => Self::French,
        }
    }

    /// What this browser asked for before; French until then.
    pub fn of(headers: &HeaderMap) -> Self {
        match cookies::read_one(headers, cookies::LANGUAGE) {
            Some("en") => Self::English,
            _ => Self::French,
        }
    }

    /// The first language of `ui_locales` (OpenID Connect Core, 3.1.2.1) that we speak.
    pub fn among<'a>(locales: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        locales.into_iter().find_map(|locale| match locale.split(['-', '_']).next() {
            Some("fr") => Some(Self::French),
            Some("en") => Some(Self::English),
            _ => None,
        })
    }

    /// Kept until the session is closed here; it tells nothing of anybody.
    pub fn keep(self, mut response: Response) -> Response {
        let cookie = cookies::plain(cookies::LANGUAGE, self.code());
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }
}

#[derive(Deserialize)]
pub struct Switch {
    to: String,
    #[serde(default)]
    back: String,
}

/// Permission: none; the pages of this browser speak that language from now on.
pub async fn switch(
    State(_): State<LoginState>,
    _visitor: Visitor,
    Query(asked): Query<Switch>,
) -> Response {
    let to = if asked.to == "en" { Lang::English } else { Lang::French };
    let back =
        if workflows::login::is_own_path(&asked.back) { asked.back } else { "/login".into() };
    let mut response = to.keep(Redirect::to(&back).into_response());
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn an_application_asks_for_the_language_of_its_user() {
        for (locales, asked) in [
            ("en", Some(Lang::English)),
            ("de en-GB fr", Some(Lang::English)),
            ("fr-FR en", Some(Lang::French)),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Lang::among(locales.split(' ')), asked, "{locales}");
        }
    }
}

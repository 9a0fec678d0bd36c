//! The style and the script of these pages, under names that change with their content.
use axum::http::header;
use axum::response::{IntoResponse, Response};

pub const STYLE: &str = include_str!("../../assets/login.css");
pub const SCRIPT: &str = include_str!("../../assets/login.js");
const STYLE_MARK: u64 = mark(STYLE.as_bytes());
const SCRIPT_MARK: u64 = mark(SCRIPT.as_bytes());

/// FNV-1a, 64 bits: a name for a cache, no proof of anything.
const fn mark(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

pub fn style_path() -> String {
    format!("/static/login-{STYLE_MARK:016x}.css")
}

pub fn script_path() -> String {
    format!("/static/login-{SCRIPT_MARK:016x}.js")
}

pub async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

pub async fn script() -> Response {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

/// The sign of the house, where browsers look for one by themselves.
pub async fn icon() -> Response {
    const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><path d=\"M12 1.5l9.1 5.25v10.5L12 22.5l-9.1-5.25V6.75z\" fill=\"#0B5C7A\"/></svg>";
    let headers =
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, ICON).into_response()
}

fn kept(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_read_by_old_engines_and_light() {
        assert!(STYLE.len() <= 12 * 1024, "{} bytes", STYLE.len());
        for modern in [
            "var(",
            "--",
            "display: grid",
            "gap:",
            ":has",
            ":is(",
            ":where",
            "clamp(",
            "inset",
            "@layer",
        ] {
            assert!(!STYLE.contains(modern), "{modern}");
        }
    }

    #[test]
    fn the_script_is_es5_and_light() {
        assert!(SCRIPT.len() <= 8 * 1024, "{} bytes", SCRIPT.len());
        for modern in [
            "=>",
            "let ",
            "const ",
            "`",
            "async ",
            "await ",
            "class ",
            "...",
            "?.",
            "innerHTML",
            "eval",
        ] {
            assert!(!SCRIPT.contains(modern), "{modern}");
        }
    }
}

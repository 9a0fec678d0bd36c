//! Cookies: `__Host-` alone, one of a name or none (WB-03).
use axum::http::{HeaderMap, HeaderValue, header};

/// The console's session, on the admin listener.
pub const CONSOLE: &str = "__Host-hygie-console";
/// The browser's own secret, on the admin listener: without it the session's cookie is nothing.
pub const CONSOLE_BROWSER: &str = "__Host-hygie-console-browser";

/// The session, on the public listener.
pub const SESSION: &str = "__Host-hygie-session";
/// The browser's own secret, on the public listener.
pub const BROWSER: &str = "__Host-hygie-browser";

/// The language that this browser asked for: no secret, and nobody's name.
pub const LANGUAGE: &str = "__Host-hygie-language";

/// A cookie that holds no secret.
pub fn plain(name: &str, value: &'static str) -> HeaderValue {
    set(name, value, "Lax")
}

/// A cookie of this browser's life. `Lax` where other sites lead here (the public listener), `Strict` at the console.
pub fn set(name: &str, value: &str, same_site: &str) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}");
    HeaderValue::from_str(&text).expect("names and handles are ASCII")
}

/// The value of a cookie; `None` when it is absent, or there twice.
pub fn read_one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim_ascii_start() == name).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value.trim_ascii_end()),
        (None | Some(_), _) => None,
    }
}

/// Takes a cookie away from the browser.
pub fn cleared(name: &str) -> HeaderValue {
    let text = format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    HeaderValue::from_str(&text).expect("cookie names are ours")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wb_03_a_cookie_that_comes_twice_is_none() {
        let read = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            read_one(&headers, CONSOLE).map(str::to_owned)
        };
        for (lines, value) in [
            (&["__Host-hygie-console=a"][..], Some("a")),
            (&["x=1; __Host-hygie-console=a; y=2"], Some("a")),
            (&["__Host-hygie-console=a; __Host-hygie-console=b"], None),
            (&["__Host-hygie-console=a", "__Host-hygie-console=b"], None),
            (&["__hOsT-hygie-console=a"], None),
            (&["=__Host-hygie-console=a"], None),
            (&[], None),
        ] {
            assert_eq!(read(lines).as_deref(), value, "{lines:?}");
        }
    }
}

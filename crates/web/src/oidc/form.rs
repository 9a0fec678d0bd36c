//! Parameters as they came, in their order and as often as they came: judging them is `oidc`'s.
use axum::http::{HeaderMap, HeaderName, header};
use oidc::{ErrorCode, OAuthError};

/// RFC 9449 §4.
pub const DPOP: HeaderName = HeaderName::from_static("dpop");

pub type Pairs = Vec<(String, String)>;

/// A query or a form body.
pub fn pairs(text: &[u8]) -> Pairs {
    url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// The form of a POST; another media type is refused rather than guessed at.
pub fn form(headers: &HeaderMap, body: &[u8]) -> Result<Pairs, OAuthError> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.and_then(|media| media.split(';').next()).map(str::trim);
    match essence {
        Some(essence) if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
            Ok(pairs(body))
        }
        None if body.is_empty() => Ok(Pairs::new()),
        Some(_) | None => {
            Err(OAuthError::new(ErrorCode::InvalidRequest, "the body must be a form"))
        }
    }
}

/// The one proof of a key; two are refused.
pub fn proof(headers: &HeaderMap) -> Result<Option<String>, OAuthError> {
    let mut proofs = headers.get_all(DPOP).iter();
    match (proofs.next(), proofs.next()) {
        (None, _) => Ok(None),
        (Some(proof), None) => {
            let text = proof.to_str().map_err(|_| OAuthError::invalid_dpop_proof())?;
            Ok(Some(text.to_owned()))
        }
        (Some(_), Some(_)) => Err(OAuthError::invalid_dpop_proof()),
    }
}

/// The one Authorization header; two are refused.
pub fn authorization(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let refused = |why| OAuthError::new(ErrorCode::InvalidRequest, why);
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(Some).map_err(|_| refused("the Authorization header is unreadable"))
        }
        (Some(_), Some(_)) => Err(refused("more than one Authorization header")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_form_is_read_as_a_form() {
        for (media, body, expected) in [
            (Some("application/x-www-form-urlencoded"), "a=1&a=2", Some(2)),
            (Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), "a=1", Some(1)),
            (Some("application/json"), "a=1", None),
            (Some("text/plain"), "a=1", None),
            (None, "a=1", None),
            (None, "", Some(0)),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(media) = media {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
            }
            let read = form(&headers, body.as_bytes()).ok().map(|pairs| pairs.len());
            assert_eq!(read, expected, "{media:?} {body}");
        }
    }
}

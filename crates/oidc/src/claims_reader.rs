//! Claims of a token that somebody else wrote. A claim of another type than its own is a fault, never an absence
//! (threats OP-16).
use serde_json::{Map, Value};

/// A claim has not the type that its name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the claim `{0}` is malformed")]
pub struct InvalidClaim(pub &'static str);

/// 31 December 9999: later is nobody's date.
const LAST_SECOND: i64 = 253_402_300_799;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn of(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, InvalidClaim> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(InvalidClaim(name)),
        }
    }

    /// Seconds since 1970: a whole number, of a day that a calendar knows.
    pub(crate) fn time(&self, name: &'static str) -> Result<Option<i64>, InvalidClaim> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_i64().filter(|seconds| (0..=LAST_SECOND).contains(seconds));
        seconds.map(Some).ok_or(InvalidClaim(name))
    }

    /// One text, or a list of texts; whether it was a list.
    pub(crate) fn audience(&self) -> Result<Option<(Vec<&str>, bool)>, InvalidClaim> {
        let fault = InvalidClaim("aud");
        match self.0.get("aud") {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some((vec![text], false))),
            Some(Value::Array(members)) => {
                let texts: Option<Vec<&str>> = members.iter().map(Value::as_str).collect();
                texts
                    .filter(|texts| !texts.is_empty())
                    .map(|texts| Some((texts, true)))
                    .ok_or(fault)
            }
            Some(_) => Err(fault),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn op_16_a_claim_of_another_type_is_a_fault_and_never_an_absence() {
        let claims = |name: &str, value: &Value| {
            Claims::of(Map::from_iter([(name.to_owned(), value.clone())]))
        };
        for (value, expected) in [
            (json!(1_795_334_400), Ok(Some(1_795_334_400))),
            (json!(0), Ok(Some(0))),
            (json!("1795334400"), Err(InvalidClaim("exp"))),
            (json!(1_795_334_400.5), Err(InvalidClaim("exp"))),
            (json!(-1), Err(InvalidClaim("exp"))),
            (json!(1e30), Err(InvalidClaim("exp"))),
            (json!(u64::MAX), Err(InvalidClaim("exp"))),
            (json!([1]), Err(InvalidClaim("exp"))),
            (json!({}), Err(InvalidClaim("exp"))),
            (json!(true), Err(InvalidClaim("exp"))),
            (Value::Null, Err(InvalidClaim("exp"))),
        ] {
            assert_eq!(claims("exp", &value).time("exp"), expected, "{value}");
            assert_eq!(claims("other", &value).time("exp"), Ok(None));
        }
        for (value, expected) in [
            (json!("a"), Ok(Some((vec!["a"], false)))),
            (json!(["a"]), Ok(Some((vec!["a"], true)))),
            (json!(["a", "b"]), Ok(Some((vec!["a", "b"], true)))),
            (json!(12), Err(InvalidClaim("aud"))),
            (json!(""), Err(InvalidClaim("aud"))),
            (json!([]), Err(InvalidClaim("aud"))),
            (json!(["a", 1]), Err(InvalidClaim("aud"))),
            (Value::Null, Err(InvalidClaim("aud"))),
        ] {
            assert_eq!(claims("aud", &value).audience(), expected, "{value}");
        }
        for value in [json!(1), json!(""), json!(["a"]), json!({}), Value::Null] {
            assert_eq!(claims("jti", &value).text("jti"), Err(InvalidClaim("jti")), "{value}");
        }
        // A number that no program of ours can hold is no number.
        assert!(serde_json::from_str::<Map<String, Value>>(r#"{"exp":1e400}"#).is_err());
    }
}

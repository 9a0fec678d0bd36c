use crate::OAuthError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// More names than we have claims to give.
const MOST_NAMES: usize = 64;

/// How one claim is wanted (OpenID Connect Core §5.5.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// `value` or `values`, texts only: no other claim of ours is chosen by value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// The `claims` parameter, parsed and bounded. Asking gives nothing: what is released is within the grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Wanted>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Wanted>,
}

/// Reads the `claims` parameter. Its length was bounded before; serde_json bounds its depth.
pub fn parse_claims(text: &str) -> Result<ClaimsRequest, OAuthError> {
    let fault = || {
        OAuthError::invalid_request("the claims parameter is not as OpenID Connect Core 5.5 says")
    };
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Err(fault()) };
    let part = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(names)) => wanted_names(names).ok_or_else(fault),
        Some(_) => Err(fault()),
    };
    Ok(ClaimsRequest { userinfo: part("userinfo")?, id_token: part("id_token")? })
}

fn wanted_names(names: &Map<String, Value>) -> Option<BTreeMap<String, Wanted>> {
    if names.len() > MOST_NAMES {
        return None;
    }
    names.iter().map(|(name, value)| Some((name.clone(), wanted(value)?))).collect()
}

fn wanted(value: &Value) -> Option<Wanted> {
    let members = match value {
        Value::Null => return Some(Wanted::default()),
        Value::Object(members) => members,
        _ => return None,
    };
    let essential = match members.get("essential") {
        None => false,
        Some(essential) => essential.as_bool()?,
    };
    let values = match (members.get("value"), members.get("values")) {
        (None, None) => Vec::new(),
        (Some(value), None) => value.as_str().map(str::to_owned).into_iter().collect(),
        (None, Some(Value::Array(values))) if values.len() <= MOST_NAMES => {
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
        _ => return None,
    };
    Some(Wanted { essential, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_core_writes_is_read() {
        let read = parse_claims(
            r#"{"userinfo":{"name":{"essential":true},"rpps":null,"x":{"value":"y"}},
                "id_token":{"acr":{"essential":true,"values":["eidas2","eidas3"]}},"other":1}"#,
        )
        .expect("readable");
        assert!(read.userinfo["name"].essential && !read.userinfo["rpps"].essential);
        assert_eq!(read.userinfo["x"].values, ["y"]);
        assert_eq!(read.id_token["acr"].values, ["eidas2", "eidas3"]);
        assert_eq!(parse_claims("{}").expect("empty"), ClaimsRequest::default());
    }

    #[test]
    fn op_27_malformed_deep_or_crowded_requests_are_refused() {
        let deep = format!("{}1{}", r#"{"userinfo":"#.repeat(500), "}".repeat(500));
        let names: Vec<String> = (0..=MOST_NAMES).map(|i| format!(r#""c{i}":null"#)).collect();
        let crowded = format!(r#"{{"userinfo":{{{}}}}}"#, names.join(","));
        for bad in [
            "",
            "null",
            "[]",
            "1",
            "{",
            r#"{"userinfo":1}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"value":"a","values":["b"]}}}"#,
            r#"{"id_token":{"acr":{"values":"b"}}}"#,
            deep.as_str(),
            crowded.as_str(),
        ] {
            assert!(parse_claims(bad).is_err(), "{}", &bad[..bad.len().min(60)]);
        }
    }
}

//! Access tokens that a resource server reads by itself (RFC 9068). Ours look them up as any other, so that a closing
//! ends them at once there; elsewhere they live their five minutes out (design, section 9b).
use crate::{AccessToken, Client};
use kernel::{HandleHash, TokenName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `typ` of such a token, so that no other is taken for one.
pub const JWS_TYPE_ACCESS: &str = "at+jwt";

/// What an access token is to its bearer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// A handle that says nothing by itself.
    #[default]
    Opaque,
    /// A signed token for this resource server.
    Jwt { audience: String },
}

/// What it says. `jti` is how it is looked up here: a hash and a number, which open nothing by themselves.
pub fn access_token_claims(
    token: &AccessToken,
    name: &TokenName,
    client: &Client,
    audience: &str,
    subject: &str,
) -> Map<String, Value> {
    let details = &token.details;
    let scopes: Vec<&str> = details.scopes.iter().map(String::as_str).collect();
    let mut id: String = name.hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    id.push_str(&format!("{:016x}", name.number));
    let claims = json!({
        "iss": client.issuer.as_str(),
        "aud": audience,
        "sub": subject,
        "client_id": client.client_id,
        "jti": id,
        "iat": token.issued_at.timestamp(),
        "exp": token.expires_at.timestamp(),
        "scope": scopes.join(" "),
        "auth_time": details.auth_time.timestamp(),
        "acr": details.acr.name(),
        "amr": details.amr,
    });
    let Value::Object(mut claims) = claims else { unreachable!("an object was written") };
    if let Some(confirmation) = &details.confirmation {
        claims.insert("cnf".to_owned(), json!(confirmation));
    }
    claims
}

/// How the token that says this is looked up. One that was given before tokens had numbers says its hash alone.
pub fn access_token_name_of(claims: &Map<String, Value>) -> Option<TokenName> {
    let id = claims.get("jti")?.as_str()?;
    let Some((hash, number)) = id.split_at_checked(64).filter(|(_, number)| !number.is_empty())
    else {
        return hash_of_reference(id).map(TokenName::unnumbered);
    };
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let number = Some(number).filter(|text| text.len() == 16 && text.bytes().all(lower))?;
    let number = i64::from_be_bytes(u64::from_str_radix(number, 16).ok()?.to_be_bytes());
    Some(TokenName { number, hash: hash_of_reference(hash)? })
}

/// The hash of a handle from its 64 hexadecimal digits: a name that opens nothing by itself.
pub fn hash_of_reference(text: &str) -> Option<HandleHash> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(HandleHash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_token_is_its_hash_and_nothing_else_is() {
        let hash = HandleHash([0xa7; 32]);
        let claims = |id: &str| Map::from_iter([("jti".to_owned(), Value::from(id))]);
        let of_old = Some(TokenName::unnumbered(hash.clone()));
        assert_eq!(access_token_name_of(&claims(&"a7".repeat(32))), of_old);
        for number in [i64::MIN, -1, 0, 12, i64::MAX] {
            let id = format!("{}{number:016x}", "a7".repeat(32));
            let name = TokenName { number, hash: hash.clone() };
            assert_eq!(access_token_name_of(&claims(&id)), Some(name));
            for bad in [&id[1..], &id[..79], &format!("{id}0"), &format!("{}+", &id[..79])] {
                assert_eq!(access_token_name_of(&claims(bad)), None, "{bad}");
            }
        }
        let (short, signed, long) = ("a7".repeat(31), "+7".repeat(32), "é".repeat(32));
        for bad in ["", &short, &long, &signed, "z7"] {
            assert_eq!(access_token_name_of(&claims(bad)), None, "{bad}");
        }
        assert_eq!(access_token_name_of(&Map::new()), None);
    }
}

//! What an application of somebody else may hear of a person, as she is asked it: scopes, and claims asked one by one.
use crate::{AuthorizeRequest, CLAIMS, ClaimsRequest, Client, claims_of_scope};
use std::collections::BTreeSet;

/// Before the name of a claim, so that the claim `email` and the scope `email` are two things.
const CLAIM: &str = "claim:";

/// What this request would let the client hear. `openid` alone says that she is somebody, and no more.
pub fn consent_asked(request: &AuthorizeRequest, client: &Client) -> BTreeSet<String> {
    consent_lines(&request.scopes, &request.claims, client)
}

/// What these scopes and claims let the client hear now. Its grant may have grown since somebody agreed: what was agreed to
/// is compared with this each time that something is told.
pub fn consent_lines(
    scopes: &BTreeSet<String>,
    claims: &ClaimsRequest,
    client: &Client,
) -> BTreeSet<String> {
    let settings = &client.settings;
    let by_scope =
        |name: &str| scopes.iter().any(|scope| claims_of_scope(scope).any(|claim| claim == name));
    let granted = |name: &str| {
        settings.claims.contains(name)
            || settings.scopes.iter().any(|scope| claims_of_scope(scope).any(|claim| claim == name))
    };
    let asked = claims.userinfo.keys().chain(claims.id_token.keys());
    let one_by_one = asked
        .chain(&settings.id_token_claims)
        .filter(|name| CLAIMS.iter().any(|claim| claim.name == name.as_str()))
        .filter(|name| granted(name) && !by_scope(name))
        .map(|name| format!("{CLAIM}{name}"));
    let scopes = scopes.iter().filter(|scope| *scope != "openid").cloned();
    scopes.chain(one_by_one).collect()
}

/// The claim that a line of a consent names; `None`: a scope.
pub fn consented_claim(line: &str) -> Option<&str> {
    line.strip_prefix(CLAIM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::{AuthMethod, Carriage, Profile, parse_authorize, validate_authorize};

    #[test]
    fn a_person_is_asked_for_what_would_be_told_and_nothing_else() {
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        client.settings.claims = ["rpps".to_owned()].into();
        let asked = |scope: &str, claims: &str, client: &Client| {
            let pairs = [
                ("response_type", "code"),
                ("client_id", "dpi"),
                ("redirect_uri", "https://dpi.test/cb"),
                ("state", "s"),
                ("nonce", "n"),
                ("scope", scope),
                ("claims", claims),
            ];
            let pairs: Vec<(String, String)> =
                pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let parameters = parse_authorize(&pairs).expect("readable");
            let now = client.created_at;
            let request = validate_authorize(&parameters, Some(client), Carriage::default(), now);
            consent_asked(&request.expect("valid"), client)
                .into_iter()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(asked("openid", "", &client), "");
        assert_eq!(asked("openid profile", "", &client), "profile");
        // Not granted, it would not be told; of a scope that is asked, it is said already.
        assert_eq!(asked("openid profile email scope_all", "", &client), "profile");
        let claims = r#"{"userinfo":{"rpps":null,"SubjectRole":null,"name":null,"nonsense":null}}"#;
        assert_eq!(asked("openid", claims, &client), "claim:name claim:rpps");
        assert_eq!(asked("openid profile", claims, &client), "claim:rpps profile");
        client.settings.id_token_claims = ["rpps".to_owned()].into();
        assert_eq!(asked("openid", "", &client), "claim:rpps");
        assert_eq!(consented_claim("claim:rpps"), Some("rpps"));
        assert_eq!(consented_claim("profile"), None);
    }
}

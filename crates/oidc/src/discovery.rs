//! What the provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414): only what is so.
use crate::{
    Acr, AuthMethod, CLAIMS, DPOP_ALGORITHMS, GrantType, Issuer, Profile, SCOPES, client_algorithms,
};
use kernel::SigningAlgorithm;
use serde_json::json;
use std::collections::BTreeSet;

/// Routes under the issuer; `web` serves these and no others.
pub struct ProviderEndpoints;

impl ProviderEndpoints {
    pub const DISCOVERY: &str = "/.well-known/openid-configuration";
    pub const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
    /// What Pro Santé Connect calls its discovery: a client written for it finds ours there.
    pub const WALLET: &str = "/.well-known/wallet-openid-configuration";
    pub const AUTHORIZE: &str = "/oauth2/authorize";
    pub const TOKEN: &str = "/oauth2/token";
    pub const USERINFO: &str = "/oauth2/userinfo";
    pub const JWKS: &str = "/oauth2/jwks";
    pub const LOGOUT: &str = "/oauth2/logout";
    pub const PAR: &str = "/oauth2/par";
    pub const INTROSPECT: &str = "/oauth2/introspect";
    pub const REVOKE: &str = "/oauth2/revoke";
    /// A sandbox's alone.
    pub const REGISTER: &str = "/oauth2/register";
}

/// The discovery document of an issuer that has active keys of these algorithms.
pub fn discovery_document(issuer: &Issuer, algorithms: &BTreeSet<SigningAlgorithm>) -> String {
    let algorithms: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let protocol =
        ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"];
    let claims: Vec<&str> =
        protocol.into_iter().chain(CLAIMS.iter().map(|claim| claim.name)).collect();
    let methods = AuthMethod::ALL.map(AuthMethod::name);
    let confidential: Vec<&str> =
        methods.into_iter().filter(|method| *method != AuthMethod::None.name()).collect();
    let signed_by_clients: Vec<&str> =
        client_algorithms(Profile::Standard).iter().map(|algorithm| algorithm.name()).collect();
    json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.url(ProviderEndpoints::AUTHORIZE),
        "token_endpoint": issuer.url(ProviderEndpoints::TOKEN),
        "userinfo_endpoint": issuer.url(ProviderEndpoints::USERINFO),
        "jwks_uri": issuer.url(ProviderEndpoints::JWKS),
        "end_session_endpoint": issuer.url(ProviderEndpoints::LOGOUT),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": GrantType::ALL.map(GrantType::name),
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": algorithms,
        "pushed_authorization_request_endpoint": issuer.url(ProviderEndpoints::PAR),
        "require_pushed_authorization_requests": false,
        "introspection_endpoint": issuer.url(ProviderEndpoints::INTROSPECT),
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": signed_by_clients,
        "revocation_endpoint": issuer.url(ProviderEndpoints::REVOKE),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": signed_by_clients,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": signed_by_clients,
        "request_object_signing_alg_values_supported": signed_by_clients,
        "dpop_signing_alg_values_supported": DPOP_ALGORITHMS.map(SigningAlgorithm::name),
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": SCOPES,
        "claims_supported": claims,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": Acr::ALL.map(Acr::name),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["fr", "en"],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_document_keeps_to_what_the_config_plan_checks() {
        let issuer: Issuer = "https://hygie.hopital.test/ej-a".parse().expect("issuer");
        let algorithms = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256].into();
        let text = discovery_document(&issuer, &algorithms);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["issuer"], issuer.as_str());
        for (name, value) in document.as_object().expect("object") {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let address = value.as_str().expect("text");
                assert!(address.starts_with("https://hygie.hopital.test/ej-a/"), "{name}");
            }
            if name.ends_with("_supported") && !value.is_boolean() {
                let texts = value.as_array().expect("array");
                assert!(!texts.is_empty() && texts.iter().all(Value::is_string), "{name}");
            }
        }
        for (name, holds) in [
            ("response_types_supported", "code"),
            ("subject_types_supported", "public"),
            ("id_token_signing_alg_values_supported", "RS256"),
            ("scopes_supported", "openid"),
            ("code_challenge_methods_supported", "S256"),
        ] {
            let values = document[name].as_array().expect("array");
            assert!(values.iter().any(|value| value == holds), "{name}");
        }
        assert_eq!(
            document["grant_types_supported"],
            json!(["authorization_code", "refresh_token"])
        );
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256", "ES256"]));
        // Absent means true for this one.
        assert_eq!(document["request_uri_parameter_supported"], false);
    }
}

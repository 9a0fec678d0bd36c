//! What the provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414): only what is so.
use crate::{
    Acr, AuthMethod, CLAIMS, DPOP_ALGORITHMS, GrantType, Issuer, Profile, SCOPES, client_algorithms,
};
use kernel::SigningAlgorithm;
use serde_json::{Value, json};
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
    pub const BACKCHANNEL: &str = "/oauth2/bc-authorize";
    pub const DEVICE: &str = "/oauth2/device";
}

/// The discovery document of an issuer that has active keys of these algorithms. `mtls`: the origin of the listener that
/// asks for certificates, where there is one.
pub fn discovery_document(
    issuer: &Issuer,
    algorithms: &BTreeSet<SigningAlgorithm>,
    mtls: Option<&str>,
) -> String {
    let algorithms: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let protocol =
        ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"];
    let claims: Vec<&str> =
        protocol.into_iter().chain(CLAIMS.iter().map(|claim| claim.name)).collect();
    let offered = AuthMethod::ALL.into_iter();
    let methods: Vec<&str> = offered
        .filter(|method| mtls.is_some() || !method.by_certificate())
        .map(AuthMethod::name)
        .collect();
    let none = AuthMethod::None.name();
    let confidential: Vec<&str> =
        methods.iter().copied().filter(|method| *method != none).collect();
    let signed_by_clients: Vec<&str> =
        client_algorithms(Profile::Standard).iter().map(|algorithm| algorithm.name()).collect();
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.url(ProviderEndpoints::AUTHORIZE),
        "token_endpoint": issuer.url(ProviderEndpoints::TOKEN),
        "userinfo_endpoint": issuer.url(ProviderEndpoints::USERINFO),
        "jwks_uri": issuer.url(ProviderEndpoints::JWKS),
        "end_session_endpoint": issuer.url(ProviderEndpoints::LOGOUT),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
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
        "acr_values_supported": Acr::REACHED.map(Acr::name),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["fr", "en"],
        "tls_client_certificate_bound_access_tokens": mtls.is_some(),
    });
    for (name, value) in elsewhere(issuer) {
        document[name] = value;
    }
    if let Some(origin) = mtls {
        document["mtls_endpoint_aliases"] = aliases(issuer, origin);
    }
    document.to_string()
}

/// Logins that are approved elsewhere: CIBA Core §4, RFC 8628 §4.
fn elsewhere(issuer: &Issuer) -> [(&'static str, Value); 5] {
    let signed = client_algorithms(Profile::Standard).iter().map(|algorithm| algorithm.name());
    [
        ("backchannel_authentication_request_signing_alg_values_supported", signed.collect()),
        ("backchannel_authentication_endpoint", issuer.url(ProviderEndpoints::BACKCHANNEL).into()),
        ("backchannel_token_delivery_modes_supported", json!(["poll", "ping"])),
        ("backchannel_user_code_parameter_supported", false.into()),
        ("device_authorization_endpoint", issuer.url(ProviderEndpoints::DEVICE).into()),
    ]
}

/// RFC 8705 §5: what is called without a browser, at the listener that asks for certificates.
fn aliases(issuer: &Issuer, origin: &str) -> Value {
    let names = [
        ("token_endpoint", ProviderEndpoints::TOKEN),
        ("userinfo_endpoint", ProviderEndpoints::USERINFO),
        ("pushed_authorization_request_endpoint", ProviderEndpoints::PAR),
        ("introspection_endpoint", ProviderEndpoints::INTROSPECT),
        ("revocation_endpoint", ProviderEndpoints::REVOKE),
        ("backchannel_authentication_endpoint", ProviderEndpoints::BACKCHANNEL),
        ("device_authorization_endpoint", ProviderEndpoints::DEVICE),
    ];
    let entity = issuer.as_str().strip_prefix(issuer.origin()).unwrap_or_default();
    let alias = |path: &str| Value::from(format!("{origin}{entity}{path}"));
    Value::Object(names.map(|(name, path)| (name.to_owned(), alias(path))).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_keeps_to_what_the_config_plan_checks() {
        let issuer: Issuer = "https://hygie.hopital.test/ej-a".parse().expect("issuer");
        let algorithms = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256].into();
        let text = discovery_document(&issuer, &algorithms, None);
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
            json!([
                "authorization_code",
                "refresh_token",
                "urn:openid:params:grant-type:ciba",
                "urn:ietf:params:oauth:grant-type:device_code"
            ])
        );
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256", "ES256"]));
        // Absent means true for this one.
        assert_eq!(document["request_uri_parameter_supported"], false);
    }
    #[test]
    fn certificates_are_offered_where_a_listener_asks_for_them() {
        let issuer: Issuer = "https://hygie.hopital.test/ej-a".parse().expect("issuer");
        let algorithms = [SigningAlgorithm::Es256].into();
        let read = |mtls| -> Value {
            serde_json::from_str(&discovery_document(&issuer, &algorithms, mtls)).expect("JSON")
        };
        let (with, without) = (read(Some("https://mtls.hopital.test")), read(None));
        for (document, offered) in [(&with, true), (&without, false)] {
            assert_eq!(document["tls_client_certificate_bound_access_tokens"], offered);
            let methods = document["token_endpoint_auth_methods_supported"].as_array();
            for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
                let listed =
                    methods.is_some_and(|methods| methods.iter().any(|name| name == method));
                assert_eq!(listed, offered, "{method}");
            }
        }
        assert!(without.get("mtls_endpoint_aliases").is_none());
        let aliases = with["mtls_endpoint_aliases"].as_object().expect("aliases");
        for (name, alias) in aliases {
            assert!(with[name].is_string(), "{name} stands at the top too");
            let alias = alias.as_str().expect("text");
            assert!(alias.starts_with("https://mtls.hopital.test/ej-a/oauth2/"), "{alias}");
        }
        assert!(!aliases.contains_key("authorization_endpoint"));
        let token = with["token_endpoint"].as_str().expect("text");
        assert!(token.starts_with(issuer.as_str()));
    }
}

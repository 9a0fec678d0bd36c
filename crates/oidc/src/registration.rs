//! Dynamic registration (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0): what a program asks, read
//! into a draft, and what a client is, in the same words. The sandbox's alone (ANSSI R49): who may register is judged
//! before anything here is read.
use crate::client_security::is_callable;
use crate::self_described::{are_request_addresses, is_page};
use crate::{
    AssertionAudience, AuthMethod, Client, ClientDraft, ClientFault, ClientKeys, ClientPages,
    GrantType, Profile, Relaxation, SelfDescribed, SenderConstraint, SubjectType, TlsSubject,
};
use chrono::{DateTime, Duration, Utc};
use kernel::SigningAlgorithm;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A test client that nobody looks after ends by itself.
const DAYS: i64 = 90;
/// CIBA Core §4.
const ASKS_SIGNED_BY: &str = "backchannel_authentication_request_signing_alg";
/// A chain of refresh tokens of a test client.
const REFRESH_SECONDS: u32 = 3600;

/// Why a client was not registered, in the words of RFC 7591 §3.2.2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct RegistrationFault {
    pub code: &'static str,
    pub description: String,
}

impl RegistrationFault {
    fn metadata(description: impl Into<String>) -> Self {
        Self { code: "invalid_client_metadata", description: description.into() }
    }
}

/// Faults of a draft: those of addresses of return have a word of their own.
impl From<Vec<ClientFault>> for RegistrationFault {
    fn from(faults: Vec<ClientFault>) -> Self {
        let addresses = faults.iter().any(|fault| {
            matches!(fault, ClientFault::RedirectUri { .. } | ClientFault::NoRedirectUri)
        });
        let code = if addresses { "invalid_redirect_uri" } else { "invalid_client_metadata" };
        let texts: Vec<String> = faults.iter().map(ClientFault::to_string).collect();
        Self { code, description: texts.join("; ") }
    }
}

fn members(body: &[u8]) -> Result<Map<String, Value>, RegistrationFault> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(RegistrationFault::metadata("the body is not a JSON object")),
        Err(_) => Err(RegistrationFault::metadata("the body is not JSON")),
    }
}

/// Where the addresses of a sector are written, to be read before the rest is.
pub fn sector_document_of(body: &[u8]) -> Result<Option<String>, RegistrationFault> {
    let members = members(body)?;
    let address = Asked(&members).text("sector_identifier_uri")?;
    match address {
        Some(address) if !is_callable(address) => {
            Err(RegistrationFault::metadata("sector_identifier_uri is no https address"))
        }
        address => Ok(address.map(str::to_owned)),
    }
}

/// Reads the metadata that a program sent. Members that we do not know are left out (RFC 7591 §2); what contradicts
/// us is refused rather than replaced in silence. `sector`: what was read at [`sector_document_of`].
pub fn read_registration(
    body: &[u8],
    sector: Option<&str>,
    now: DateTime<Utc>,
) -> Result<ClientDraft, RegistrationFault> {
    let members = members(body)?;
    let asked = Asked(&members);
    let auth = match asked.text("token_endpoint_auth_method")? {
        None => AuthMethod::ClientSecretBasic,
        Some(name) => {
            AuthMethod::from_name(name).ok_or_else(|| unknown("token_endpoint_auth_method"))?
        }
    };
    let profile = match asked.text("hygie_profile")? {
        None => Profile::Legacy,
        Some(name) => Profile::from_name(name).ok_or_else(|| unknown("hygie_profile"))?,
    };
    let name = asked.text("client_name")?.unwrap_or("Client enregistré");
    let mut draft = ClientDraft::new(&name.chars().take(100).collect::<String>(), profile, auth);
    draft.redirect_uris = asked.texts("redirect_uris")?.unwrap_or_default();
    draft.post_logout_redirect_uris = asked.texts("post_logout_redirect_uris")?.unwrap_or_default();
    draft.subject = subject(&asked, &draft.redirect_uris, sector)?;
    draft.id_token_algorithm = asked.algorithm("id_token_signed_response_alg")?;
    draft.security.userinfo_algorithm = asked.algorithm("userinfo_signed_response_alg")?;
    draft.longest_auth_age_seconds = asked.seconds("default_max_age")?;
    if let Some(scope) = asked.text("scope")? {
        let known = |scope: &&str| crate::SCOPES.contains(scope);
        let scopes = scope.split(' ').filter(known).chain(["openid"]);
        draft.scopes = Some(scopes.map(str::to_owned).collect());
    } else {
        draft.scopes = Some(["openid", "profile", "email"].map(str::to_owned).into());
    }
    read_security(&asked, &mut draft)?;
    draft.described = described(&asked)?;
    if profile == Profile::Legacy {
        // Older libraries, and the suites that try providers, address their assertions to the endpoint (RFC 7523 §3).
        draft.security.assertion_audience = AssertionAudience::Endpoint;
        draft.relaxation = Some(Relaxation {
            owner: "Bac à sable".to_owned(),
            reason: "Enregistrement dynamique d'un client d'essai".to_owned(),
            until: now + Duration::days(DAYS),
        });
    }
    Ok(draft)
}

fn read_security(asked: &Asked<'_>, draft: &mut ClientDraft) -> Result<(), RegistrationFault> {
    let grants =
        asked.texts("grant_types")?.unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    for grant in &grants {
        match GrantType::from_name(grant).ok_or_else(|| unknown("grant_types"))? {
            GrantType::AuthorizationCode => {}
            GrantType::RefreshToken => draft.security.refresh_seconds = Some(REFRESH_SECONDS),
            GrantType::Backchannel => draft.security.backchannel_login = true,
            GrantType::DeviceCode => draft.security.device_login = true,
        }
    }
    if asked.texts("response_types")?.is_some_and(|types| types.iter().any(|kind| kind != "code")) {
        return Err(RegistrationFault::metadata("response_types: only code is offered"));
    }
    if asked.has("jwks_uri") && asked.has("jwks") {
        // RFC 7591 §2.
        return Err(RegistrationFault::metadata("jwks_uri and jwks exclude each other"));
    }
    draft.security.jwks_uri = asked.text("jwks_uri")?.map(str::to_owned);
    draft.security.keys = match asked.0.get("jwks") {
        None => None,
        Some(keys) => Some(
            ClientKeys::read(&keys.to_string())
                .map_err(|fault| RegistrationFault::metadata(format!("jwks: {fault}")))?,
        ),
    };
    draft.security.backchannel_logout_uri =
        asked.text("backchannel_logout_uri")?.map(str::to_owned);
    draft.security.frontchannel_logout_uri =
        asked.text("frontchannel_logout_uri")?.map(str::to_owned);
    // `sid` and `iss` are always told: whoever does not demand them may leave them unread.
    asked.flag("backchannel_logout_session_required")?;
    asked.flag("frontchannel_logout_session_required")?;
    draft.security.sender_constraint =
        sender_constraint(asked)?.or(draft.security.sender_constraint);
    draft.security.tls_subject = tls_subject(asked)?;
    read_elsewhere(asked, draft)?;
    draft.security.asks_consent = asked.flag("hygie_asks_consent")?;
    draft.security.par_required |= asked.flag("require_pushed_authorization_requests")?;
    draft.security.signed_request_required |= asked.flag("require_signed_request_object")?;
    Ok(())
}

/// What it says of itself, kept as it was said.
fn described(asked: &Asked<'_>) -> Result<SelfDescribed, RegistrationFault> {
    let page = |name: &str| match asked.text(name)? {
        Some(address) if !is_page(address) => {
            Err(RegistrationFault::metadata(format!("{name} is no https address")))
        }
        address => Ok(address.map(str::to_owned)),
    };
    let request_uris = asked.texts("request_uris")?.unwrap_or_default();
    if !are_request_addresses(&request_uris) {
        let why = "request_uris: at most 20 https addresses, without user name";
        return Err(RegistrationFault::metadata(why));
    }
    Ok(SelfDescribed {
        pages: ClientPages {
            logo_uri: page("logo_uri")?,
            policy_uri: page("policy_uri")?,
            tos_uri: page("tos_uri")?,
        },
        sector_identifier_uri: asked.text("sector_identifier_uri")?.map(str::to_owned),
        request_uris,
        request_algorithm: asked.algorithm("request_object_signing_alg")?,
        assertion_algorithm: asked.algorithm("token_endpoint_auth_signing_alg")?,
        ask_algorithm: asked.algorithm(ASKS_SIGNED_BY)?,
    })
}

/// OpenID Connect CIBA Core §4.
fn read_elsewhere(asked: &Asked<'_>, draft: &mut ClientDraft) -> Result<(), RegistrationFault> {
    let security = &mut draft.security;
    match asked.text("backchannel_token_delivery_mode")? {
        None | Some("poll") => {}
        Some("ping") => {
            let address = asked.text("backchannel_client_notification_endpoint")?;
            let missing = "backchannel_client_notification_endpoint: ping needs it";
            let address = address.ok_or_else(|| RegistrationFault::metadata(missing))?;
            security.backchannel_notification_uri = Some(address.to_owned());
        }
        Some(_) => return Err(unknown("backchannel_token_delivery_mode")),
    }
    if asked.flag("backchannel_user_code_parameter")? {
        return Err(unknown("backchannel_user_code_parameter"));
    }
    // Who names an algorithm for its requests signs them.
    let signed = asked.algorithm(ASKS_SIGNED_BY)?;
    security.signed_request_required |= signed.is_some();
    Ok(())
}

/// RFC 9449 §5.2, RFC 8705 §3.4.
fn sender_constraint(asked: &Asked<'_>) -> Result<Option<SenderConstraint>, RegistrationFault> {
    let by_key = asked.flag("dpop_bound_access_tokens")?;
    let by_certificate = asked.flag("tls_client_certificate_bound_access_tokens")?;
    match (by_key, by_certificate) {
        (true, true) => Err(RegistrationFault::metadata(
            "tokens are bound to a key or to a certificate, not to both",
        )),
        (true, false) => Ok(Some(SenderConstraint::Dpop)),
        (false, true) => Ok(Some(SenderConstraint::Mtls)),
        (false, false) => Ok(None),
    }
}

/// RFC 8705 §2.1.2: exactly one of them.
fn tls_subject(asked: &Asked<'_>) -> Result<Option<TlsSubject>, RegistrationFault> {
    let mut found = None;
    for (member, of) in TLS_SUBJECTS {
        if let Some(text) = asked.text(member)? {
            if found.is_some() {
                let why = "one name of the certificate alone is registered";
                return Err(RegistrationFault::metadata(why));
            }
            found = Some(of(text.to_owned()));
        }
    }
    Ok(found)
}

type NameOf = fn(String) -> TlsSubject;

const TLS_SUBJECTS: [(&str, NameOf); 5] = [
    ("tls_client_auth_subject_dn", TlsSubject::SubjectDn),
    ("tls_client_auth_san_dns", TlsSubject::SanDns),
    ("tls_client_auth_san_uri", TlsSubject::SanUri),
    ("tls_client_auth_san_ip", TlsSubject::SanIp),
    ("tls_client_auth_san_email", TlsSubject::SanEmail),
];

/// OpenID Connect Dynamic Client Registration §5: each address of return stands in the document of the sector.
fn sector_of(address: &str, document: &str, redirects: &[String]) -> Option<String> {
    let listed: Vec<String> = serde_json::from_str(document).ok()?;
    let host = url::Url::parse(address).ok()?.host_str()?.to_owned();
    redirects.iter().all(|redirect| listed.contains(redirect)).then_some(host)
}

/// The host of all these addresses, if it is one.
pub(crate) fn shared_host(redirects: &[String]) -> Option<String> {
    let hosts: BTreeSet<String> = redirects
        .iter()
        .filter_map(|address| url::Url::parse(address).ok()?.host_str().map(str::to_owned))
        .collect();
    (hosts.len() == 1).then(|| hosts.into_iter().next()).flatten()
}

fn subject(
    asked: &Asked<'_>,
    redirects: &[String],
    sector: Option<&str>,
) -> Result<SubjectType, RegistrationFault> {
    let of_sector = match (asked.text("sector_identifier_uri")?, sector) {
        (None, _) => None,
        (Some(address), document) => {
            let host = document.and_then(|document| sector_of(address, document, redirects));
            let why = "sector_identifier_uri does not list the redirect_uris";
            Some(host.ok_or_else(|| RegistrationFault::metadata(why))?)
        }
    };
    match (asked.text("subject_type")?, of_sector) {
        (None | Some("public"), _) => Ok(SubjectType::Public),
        (Some("pairwise"), Some(sector)) => Ok(SubjectType::Pairwise { sector }),
        (Some("pairwise"), None) => {
            // OpenID Connect Core §8.1: without a sector of its own, the host that all addresses share.
            let why = "pairwise: redirect_uris have several hosts";
            let sector = shared_host(redirects).ok_or_else(|| RegistrationFault::metadata(why))?;
            Ok(SubjectType::Pairwise { sector })
        }
        (Some(_), _) => Err(unknown("subject_type")),
    }
}

/// What a client is, as RFC 7591 §3.2.1 names it.
pub fn registration_document(client: &Client) -> Map<String, Value> {
    let (settings, security) = (&client.settings, &client.settings.security);
    let grants: Vec<&str> = [
        (!settings.redirect_uris.is_empty(), GrantType::AuthorizationCode),
        (security.refresh_seconds.is_some(), GrantType::RefreshToken),
        (security.backchannel_login, GrantType::Backchannel),
        (security.device_login, GrantType::DeviceCode),
    ]
    .into_iter()
    .filter_map(|(offered, grant)| offered.then_some(grant.name()))
    .collect();
    let mut members = Map::new();
    let mut say = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    say("client_id", client.client_id.as_str().into());
    say("client_id_issued_at", client.created_at.timestamp().into());
    say("client_name", client.name.as_str().into());
    say("hygie_profile", client.profile.name().into());
    say("redirect_uris", settings.redirect_uris.iter().map(|uri| uri.as_str()).collect());
    let after: Vec<&str> =
        settings.post_logout_redirect_uris.iter().map(|uri| uri.as_str()).collect();
    say("post_logout_redirect_uris", after.into());
    say("token_endpoint_auth_method", settings.auth.name().into());
    say("grant_types", grants.into());
    let by_code = !settings.redirect_uris.is_empty();
    say("response_types", if by_code { json!(["code"]) } else { json!([]) });
    let scopes: Vec<&str> = settings.scopes.iter().map(String::as_str).collect();
    say("scope", scopes.join(" ").into());
    let subject = match settings.subject {
        SubjectType::Public => "public",
        SubjectType::Pairwise { .. } => "pairwise",
    };
    say("subject_type", subject.into());
    say("id_token_signed_response_alg", settings.id_token_algorithm.name().into());
    say(
        "userinfo_signed_response_alg",
        security.userinfo_algorithm.map(SigningAlgorithm::name).into(),
    );
    say("default_max_age", settings.longest_auth_age_seconds.into());
    say("jwks", security.keys.as_ref().map(ClientKeys::to_document).into());
    say("jwks_uri", security.jwks_uri.as_deref().into());
    say("frontchannel_logout_uri", security.frontchannel_logout_uri.as_deref().into());
    if security.frontchannel_logout_uri.is_some() {
        say("frontchannel_logout_session_required", true.into());
    }
    let constraint = security.sender_constraint;
    say("dpop_bound_access_tokens", (constraint == Some(SenderConstraint::Dpop)).into());
    say(
        "tls_client_certificate_bound_access_tokens",
        (constraint == Some(SenderConstraint::Mtls)).into(),
    );
    if let Some(subject) = &security.tls_subject {
        let (member, name) = subject.registered();
        say(member, name.into());
    }
    if security.backchannel_login {
        let mode = if security.backchannel_notification_uri.is_some() { "ping" } else { "poll" };
        say("backchannel_token_delivery_mode", mode.into());
        let address = security.backchannel_notification_uri.as_deref();
        say("backchannel_client_notification_endpoint", address.into());
    }
    say("hygie_asks_consent", security.asks_consent.into());
    say("backchannel_logout_uri", security.backchannel_logout_uri.as_deref().into());
    if security.backchannel_logout_uri.is_some() {
        say("backchannel_logout_session_required", true.into());
    }
    say("require_pushed_authorization_requests", security.par_required.into());
    say("require_signed_request_object", security.signed_request_required.into());
    for (name, value) in said_of_itself(&settings.described) {
        say(name, value);
    }
    members
}

fn said_of_itself(described: &SelfDescribed) -> [(&'static str, Value); 8] {
    let requests = &described.request_uris;
    let name = |algorithm: Option<SigningAlgorithm>| algorithm.map(SigningAlgorithm::name).into();
    [
        ("logo_uri", described.pages.logo_uri.as_deref().into()),
        ("policy_uri", described.pages.policy_uri.as_deref().into()),
        ("tos_uri", described.pages.tos_uri.as_deref().into()),
        ("sector_identifier_uri", described.sector_identifier_uri.as_deref().into()),
        ("request_uris", if requests.is_empty() { Value::Null } else { json!(requests) }),
        ("request_object_signing_alg", name(described.request_algorithm)),
        ("token_endpoint_auth_signing_alg", name(described.assertion_algorithm)),
        (ASKS_SIGNED_BY, name(described.ask_algorithm)),
    ]
}

fn unknown(member: &str) -> RegistrationFault {
    RegistrationFault::metadata(format!("{member}: a value that is not offered"))
}

/// The members as they came: another type than is due is a fault, never an absence.
struct Asked<'a>(&'a Map<String, Value>);

impl<'a> Asked<'a> {
    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }
    fn text(&self, name: &str) -> Result<Option<&'a str>, RegistrationFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(RegistrationFault::metadata(format!("{name} is not a text"))),
        }
    }
    fn texts(&self, name: &str) -> Result<Option<Vec<String>>, RegistrationFault> {
        let fault = || RegistrationFault::metadata(format!("{name} is not a list of texts"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(values)) => {
                let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
                texts.collect::<Option<Vec<_>>>().map(Some).ok_or_else(fault)
            }
            Some(_) => Err(fault()),
        }
    }
    fn flag(&self, name: &str) -> Result<bool, RegistrationFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => {
                Err(RegistrationFault::metadata(format!("{name} is neither true nor false")))
            }
        }
    }
    fn seconds(&self, name: &str) -> Result<Option<u32>, RegistrationFault> {
        let fault = || RegistrationFault::metadata(format!("{name} is not a number of seconds"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let seconds = value.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
                seconds.map(Some).ok_or_else(fault)
            }
        }
    }
    fn algorithm(&self, name: &str) -> Result<Option<SigningAlgorithm>, RegistrationFault> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => SigningAlgorithm::from_name(text).map(Some).ok_or_else(|| unknown(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T08:00:00Z".parse().expect("time")
    }

    fn read(body: &Value) -> Result<ClientDraft, RegistrationFault> {
        read_in(body, None)
    }

    fn read_in(body: &Value, sector: Option<&str>) -> Result<ClientDraft, RegistrationFault> {
        let issuer = "https://hygie.test".parse().expect("issuer");
        let draft = read_registration(body.to_string().as_bytes(), sector, now())?;
        draft.clone().check(&issuer, now())?;
        Ok(draft)
    }

    #[test]
    fn a_registration_that_names_no_algorithm_gets_rs256_and_a_secret() {
        let draft = read(&json!({ "redirect_uris": ["https://rp.test/cb"] })).expect("good");
        assert_eq!(draft.auth, AuthMethod::ClientSecretBasic);
        assert_eq!(draft.id_token_algorithm, None, "RS256 is the default of a draft");
        assert_eq!(draft.security.refresh_seconds, None);
        let until = draft.relaxation.expect("dated").until;
        assert_eq!(until, now() + Duration::days(90));
    }

    #[test]
    fn what_is_not_offered_or_ill_typed_is_refused_with_its_name() {
        for (member, value, code) in [
            ("redirect_uris", json!([]), "invalid_redirect_uri"),
            ("redirect_uris", json!(["https://rp.test/cb#fragment"]), "invalid_redirect_uri"),
            ("redirect_uris", json!(["javascript:alert(1)"]), "invalid_redirect_uri"),
            ("redirect_uris", json!("https://rp.test/cb"), "invalid_client_metadata"),
            ("response_types", json!(["id_token token"]), "invalid_client_metadata"),
            ("grant_types", json!(["implicit"]), "invalid_client_metadata"),
            ("id_token_signed_response_alg", json!("none"), "invalid_client_metadata"),
            ("id_token_signed_response_alg", json!("HS256"), "invalid_client_metadata"),
            ("token_endpoint_auth_method", json!("private_key_jwt"), "invalid_client_metadata"),
            ("token_endpoint_auth_method", json!("client_secret_jwt"), "invalid_client_metadata"),
            ("jwks_uri", json!("http://rp.test/keys"), "invalid_client_metadata"),
            ("sector_identifier_uri", json!("https://rp.test/s"), "invalid_client_metadata"),
            ("frontchannel_logout_uri", json!("http://rp.test/out"), "invalid_client_metadata"),
            ("frontchannel_logout_session_required", json!("yes"), "invalid_client_metadata"),
            ("tls_client_auth_subject_dn", json!("CN=rp"), "invalid_client_metadata"),
            ("backchannel_token_delivery_mode", json!("push"), "invalid_client_metadata"),
            ("request_object_signing_alg", json!("none"), "invalid_client_metadata"),
            ("request_uris", json!(["http://rp.test/r"]), "invalid_client_metadata"),
            ("request_uris", json!(["https://u@rp.test/r"]), "invalid_client_metadata"),
            ("request_uris", json!(vec!["https://rp.test/r"; 21]), "invalid_client_metadata"),
            ("logo_uri", json!("http://rp.test/logo.png"), "invalid_client_metadata"),
            ("logo_uri", json!("data:image/png;base64,AAAA"), "invalid_client_metadata"),
            ("policy_uri", json!("javascript:alert(1)"), "invalid_client_metadata"),
            ("tos_uri", json!(["https://rp.test/tos"]), "invalid_client_metadata"),
            ("backchannel_logout_uri", json!("http://rp.test/out"), "invalid_client_metadata"),
            ("default_max_age", json!("soon"), "invalid_client_metadata"),
            ("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }), "invalid_client_metadata"),
            ("hygie_profile", json!("lax"), "invalid_client_metadata"),
        ] {
            let mut body = json!({ "redirect_uris": ["https://rp.test/cb"] });
            body[member] = value;
            let fault = read(&body).expect_err("refused");
            assert_eq!(fault.code, code, "{body}: {fault}");
        }
        for body in [&b"{"[..], b"[]", b"\"x\"", b"\xff"] {
            assert!(read_registration(body, None, now()).is_err());
            assert!(sector_document_of(body).is_err());
        }
    }

    #[test]
    fn a_pairwise_client_has_the_sector_that_its_addresses_share() {
        let sector = |uris: Value| {
            read(&json!({ "redirect_uris": uris, "subject_type": "pairwise" }))
                .map(|draft| draft.subject)
        };
        let one = sector(json!(["https://rp.test/a", "https://rp.test/b"])).expect("one host");
        assert_eq!(one, SubjectType::Pairwise { sector: "rp.test".to_owned() });
        assert!(sector(json!(["https://rp.test/a", "https://other.test/b"])).is_err());
    }

    #[test]
    fn a_sector_is_that_of_the_document_which_lists_every_address() {
        let body = json!({
            "redirect_uris": ["https://a.test/cb", "https://b.test/cb"], "subject_type": "pairwise",
            "sector_identifier_uri": "https://group.test/addresses.json",
        });
        let whole = r#"["https://b.test/cb", "https://a.test/cb", "https://c.test/cb"]"#;
        let draft = read_in(&body, Some(whole)).expect("listed");
        assert_eq!(draft.subject, SubjectType::Pairwise { sector: "group.test".to_owned() });
        let text = body.to_string();
        let address = sector_document_of(text.as_bytes()).expect("read");
        assert_eq!(address.as_deref(), Some("https://group.test/addresses.json"));
        for other in
            [r#"["https://a.test/cb"]"#, "[]", "{}", "no JSON", r#"[1, "https://a.test/cb"]"#]
        {
            assert!(read_in(&body, Some(other)).is_err(), "{other}");
        }
        assert!(read_in(&body, None).is_err(), "nothing was read");
        for address in ["http://group.test/a", "https://u:p@group.test/a", "file:///etc/passwd"] {
            let body = json!({ "sector_identifier_uri": address }).to_string();
            assert!(sector_document_of(body.as_bytes()).is_err(), "{address}");
        }
    }

    /// Conformance: `oidcc-registration-sector-uri`; RFC 7591 §3.2.1.
    #[test]
    fn what_a_client_said_of_itself_is_told_back_as_it_was_said() {
        let body = json!({
            "redirect_uris": ["https://rp.test/cb"], "subject_type": "pairwise",
            "sector_identifier_uri": "https://rp.test/addresses.json",
            "logo_uri": "https://rp.test/logo.png", "policy_uri": "https://rp.test/privacy",
            "tos_uri": "https://rp.test", "request_object_signing_alg": "RS256",
            "token_endpoint_auth_signing_alg": "PS256",
            "request_uris": ["https://rp.test/requests/1#hash", "https://rp.test/requests/2"],
        });
        let draft = read_in(&body, Some(r#"["https://rp.test/cb"]"#)).expect("good");
        let (mut client, _) = crate::client::tests::client(Profile::Standard, draft.auth);
        let issuer = "https://hygie.test".parse().expect("issuer");
        client.settings = draft.check(&issuer, now()).expect("good");
        let kept = crate::ClientSettings::from_text(&client.settings.to_text()).expect("read back");
        assert_eq!(kept, client.settings);
        let told = registration_document(&client);
        for (name, value) in body.as_object().expect("members") {
            assert_eq!(told.get(name), Some(value), "{name}");
        }
        // Nothing said, nothing told, and nothing kept.
        client.settings.described = SelfDescribed::default();
        assert!(!client.settings.to_text().contains("described"));
        for name in ["logo_uri", "request_uris", "sector_identifier_uri"] {
            assert_eq!(registration_document(&client).get(name), None, "{name}");
        }
    }

    /// An algorithm that its profile leaves out would be held to, and nothing that it signs be taken.
    #[test]
    fn op_14_what_a_strict_client_says_to_sign_by_is_what_it_may_sign_by() {
        let strict = json!({ "redirect_uris": ["https://rp.test/cb"], "hygie_profile": "strict",
            "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://rp.test/keys" });
        for member in
            ["request_object_signing_alg", "token_endpoint_auth_signing_alg", ASKS_SIGNED_BY]
        {
            for (name, taken) in [("PS256", true), ("ES256", true), ("RS256", false)] {
                let mut body = strict.clone();
                body[member] = name.into();
                let read = read(&body);
                assert_eq!(read.is_ok(), taken, "{member} {name}: {read:?}");
                let fault = read.err();
                assert!(fault.is_none_or(|fault| fault.code == "invalid_client_metadata"));
            }
            let mut usual = json!({ "redirect_uris": ["https://rp.test/cb"],
                "jwks_uri": "https://rp.test/keys" });
            usual[member] = "RS256".into();
            assert!(read(&usual).is_ok(), "{member}");
        }
    }

    #[test]
    fn keys_certificates_and_bindings_are_registered_by_their_public_names() {
        let keys = json!({ "token_endpoint_auth_method": "private_key_jwt",
            "redirect_uris": ["https://rp.test/cb"], "jwks_uri": "https://rp.test/keys",
            "dpop_bound_access_tokens": true, "request_object_signing_alg": "PS256",
            "frontchannel_logout_uri": "https://rp.test/out",
            "frontchannel_logout_session_required": true,
            "grant_types": ["authorization_code", "refresh_token",
                "urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:device_code"] });
        let security = read(&keys).expect("good").security;
        assert_eq!(security.jwks_uri.as_deref(), Some("https://rp.test/keys"));
        assert_eq!(security.sender_constraint, Some(SenderConstraint::Dpop));
        assert_eq!(security.frontchannel_logout_uri.as_deref(), Some("https://rp.test/out"));
        assert!(security.backchannel_login && security.device_login);
        assert_eq!(security.refresh_seconds, Some(REFRESH_SECONDS));

        let certificate = json!({ "token_endpoint_auth_method": "tls_client_auth",
            "redirect_uris": ["https://rp.test/cb"], "tls_client_auth_san_dns": "rp.test",
            "tls_client_certificate_bound_access_tokens": true });
        let security = read(&certificate).expect("good").security;
        assert_eq!(security.tls_subject, Some(TlsSubject::SanDns("rp.test".to_owned())));
        assert_eq!(security.sender_constraint, Some(SenderConstraint::Mtls));

        for (to, member, value) in [
            (&keys, "jwks", json!({ "keys": [] })),
            (&keys, "tls_client_certificate_bound_access_tokens", json!(true)),
            (&certificate, "tls_client_auth_subject_dn", json!("CN=rp")),
        ] {
            let mut both = to.clone();
            both[member] = value;
            let fault = read(&both).expect_err("contradictory");
            assert_eq!(fault.code, "invalid_client_metadata", "{both}");
        }
    }
}

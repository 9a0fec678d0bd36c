//! The authorization request: read, then judged against its client. Nothing is sent anywhere before the client
//! and its redirect address are known to be right (threats OP-01).
use crate::dpop::is_thumbprint;
use crate::parameters::{Parameters, words};
use crate::{
    Acr, AuthMethod, Carriage, ClaimsRequest, Client, ErrorCode, OAuthError, Profile, ResponseMode,
    ReturnPath, parse_claims,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Each parameter that we know, with its longest value.
pub(crate) const KNOWN: [(&str, usize); 25] = [
    ("response_type", 64),
    ("client_id", 128),
    ("redirect_uri", 2048),
    ("scope", 2048),
    ("state", 2048),
    ("nonce", 512),
    ("response_mode", 64),
    ("code_challenge", 256),
    ("code_challenge_method", 64),
    ("dpop_jkt", 64),
    ("prompt", 128),
    ("max_age", 20),
    ("acr_values", 512),
    ("acr", 512),
    ("claims", 8192),
    ("login_hint", 256),
    ("id_token_hint", 8192),
    ("ui_locales", 256),
    ("claims_locales", 256),
    ("display", 32),
    ("request", 65_536),
    ("request_uri", 2048),
    ("registration", 8192),
    ("resource", 2048),
    ("authorization_details", 8192),
];

/// The parameters of an authorization request as they came, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeParameters(Parameters);

/// Reads the query or the form of `/oauth2/authorize`.
pub fn parse_authorize(pairs: &[(String, String)]) -> Result<AuthorizeParameters, OAuthError> {
    Parameters::read(pairs, &KNOWN).map(AuthorizeParameters)
}

impl AuthorizeParameters {
    pub fn client_id(&self) -> Option<&str> {
        self.0.find("client_id")
    }
    /// A signed request.
    pub fn request(&self) -> Option<&str> {
        self.0.find("request")
    }
    /// The name of a kept request.
    pub fn request_uri(&self) -> Option<&str> {
        self.0.find("request_uri")
    }

    /// The thumbprint of the key that the tokens are to be bound to (RFC 9449 §10).
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.0.find("dpop_jkt")
    }
    /// The same request, bound to a key that was proved when it was pushed.
    #[must_use]
    pub fn bound_to(mut self, thumbprint: &str) -> Self {
        self.0.set("dpop_jkt", thumbprint.to_owned());
        self
    }

    /// One text (`application/x-www-form-urlencoded`), for the login transaction to keep: the request is read
    /// and judged again when the login is done, against the client as it is then.
    pub fn to_text(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.0.iter());
        text.finish()
    }

    pub fn from_text(text: &str) -> Result<Self, OAuthError> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        parse_authorize(&pairs)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prompt {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

/// A request that its client may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    pub return_path: ReturnPath,
    /// Asked and granted.
    pub scopes: BTreeSet<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    /// The code serves whoever proves this key, and nobody else.
    pub dpop_jkt: Option<String>,
    pub prompt: Prompt,
    pub max_age: Option<u32>,
    /// The least level that `acr_values` names; none of ours named means no demand.
    pub minimum_acr: Option<Acr>,
    /// The levels of an essential `acr` claim; empty when there is none.
    pub essential_acr: Vec<Acr>,
    pub claims: ClaimsRequest,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
    pub ui_locales: Vec<String>,
}

/// Why there is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// Told on a page of ours: the client or its address is wrong, so nothing is sent to that address.
    Page(OAuthError),
    /// Told to the client.
    Return(ReturnPath, OAuthError),
}

/// Judges a request against its client (`None`: no such client at this issuer). `parameters`: those that count, once
/// a signed or kept request was opened; `carriage`: how they came.
pub fn validate_authorize(
    parameters: &AuthorizeParameters,
    client: Option<&Client>,
    carriage: Carriage,
    now: DateTime<Utc>,
) -> Result<AuthorizeRequest, AuthorizeRefusal> {
    let page = |description| AuthorizeRefusal::Page(OAuthError::invalid_request(description));
    let parameters = &parameters.0;
    let client = client
        .filter(|client| parameters.find("client_id") == Some(client.client_id.as_str()))
        .filter(|client| client.is_open(now))
        .ok_or(page("client_id is unknown or closed"))?;
    let redirect_uri = parameters.find("redirect_uri").ok_or(page("redirect_uri is missing"))?;
    if client.redirect_uri(redirect_uri).is_none() {
        return Err(page("redirect_uri is not registered for this client"));
    }
    let mut return_path = ReturnPath {
        redirect_uri: redirect_uri.to_owned(),
        mode: ResponseMode::Query,
        state: parameters.find("state").map(str::to_owned),
        issuer: client.issuer.as_str().to_owned(),
    };
    match parameters.find("response_mode") {
        None | Some("query") => {}
        Some("form_post") => return_path.mode = ResponseMode::FormPost,
        Some(_) => {
            let error = OAuthError::invalid_request("response_mode is query or form_post");
            return Err(AuthorizeRefusal::Return(return_path, error));
        }
    }
    match judge(parameters, client, carriage, return_path.clone()) {
        Ok(request) => Ok(request),
        Err(error) => Err(AuthorizeRefusal::Return(return_path, error)),
    }
}

fn judge(
    parameters: &Parameters,
    client: &Client,
    carriage: Carriage,
    return_path: ReturnPath,
) -> Result<AuthorizeRequest, OAuthError> {
    let invalid = OAuthError::invalid_request;
    refuse_what_is_not_offered(parameters)?;
    if client.settings.security.par_required && !carriage.pushed {
        return Err(invalid("this client pushes its requests (PAR)"));
    }
    if client.settings.security.signed_request_required && !carriage.signed {
        return Err(invalid("this client signs its requests"));
    }
    let asked = words(parameters.find("scope"));
    if !asked.iter().any(|scope| scope == "openid") {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "the scope openid is missing"));
    }
    let granted = asked.into_iter().filter(|scope| client.settings.scopes.contains(scope));
    let nonce = parameters.find("nonce").map(str::to_owned);
    if client.settings.state_required && return_path.state.is_none() {
        return Err(invalid("state is missing"));
    }
    if client.settings.nonce_required && nonce.is_none() {
        return Err(invalid("nonce is missing"));
    }
    let claims = parameters.find("claims").map(parse_claims).transpose()?.unwrap_or_default();
    // Some clients of Pro Santé Connect were written after a page that said `acr` for `acr_values`.
    let psc_spelling = || parameters.find("acr").filter(|_| client.profile == Profile::PscLike);
    let acr_values = words(parameters.find("acr_values").or_else(psc_spelling));
    Ok(AuthorizeRequest {
        scopes: granted.collect(),
        nonce,
        code_challenge: code_challenge(parameters, client)?,
        dpop_jkt: dpop_jkt(parameters)?,
        prompt: prompt(parameters)?,
        max_age: max_age(parameters)?,
        minimum_acr: acr_values.iter().filter_map(|value| Acr::from_name(value)).min(),
        essential_acr: essential_acr(&claims)?,
        claims,
        login_hint: parameters.find("login_hint").map(str::to_owned),
        id_token_hint: parameters.find("id_token_hint").map(str::to_owned),
        ui_locales: words(parameters.find("ui_locales")),
        return_path,
    })
}

fn refuse_what_is_not_offered(parameters: &Parameters) -> Result<(), OAuthError> {
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if parameters.find(name).is_some() {
            return Err(OAuthError::new(code, "this parameter is not supported here"));
        }
    }
    match parameters.find("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "the only response_type is code",
        )),
        None => Err(OAuthError::invalid_request("response_type is missing")),
    }
}

/// RFC 7636: S256 alone, so a challenge has the 43 characters of a SHA-256 (threats OP-05).
fn code_challenge(parameters: &Parameters, client: &Client) -> Result<Option<String>, OAuthError> {
    let invalid = OAuthError::invalid_request;
    let demanded = client.settings.pkce_required || client.settings.auth == AuthMethod::None;
    match (parameters.find("code_challenge"), parameters.find("code_challenge_method")) {
        (None, None) if demanded => Err(invalid("code_challenge is missing")),
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => {
            let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (challenge.len() == 43 && challenge.bytes().all(alphabet))
                .then(|| Some(challenge.to_owned()))
                .ok_or(invalid("code_challenge is not the base64url of a SHA-256"))
        }
        (Some(_), _) => Err(invalid("the only code_challenge_method is S256")),
        (None, Some(_)) => Err(invalid("code_challenge is missing")),
    }
}

fn dpop_jkt(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    match parameters.find("dpop_jkt") {
        None => Ok(None),
        Some(text) if is_thumbprint(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(OAuthError::invalid_request("dpop_jkt is not the thumbprint of a key")),
    }
}

fn prompt(parameters: &Parameters) -> Result<Prompt, OAuthError> {
    let mut prompt = Prompt::default();
    let words = words(parameters.find("prompt"));
    for word in &words {
        match word.as_str() {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err(OAuthError::invalid_request("prompt has an unknown value")),
        }
    }
    if prompt.none && words.len() > 1 {
        return Err(OAuthError::invalid_request("prompt none stands alone"));
    }
    Ok(prompt)
}

fn max_age(parameters: &Parameters) -> Result<Option<u32>, OAuthError> {
    let invalid = || OAuthError::invalid_request("max_age is a number of seconds");
    let Some(text) = parameters.find("max_age") else { return Ok(None) };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    text.parse::<u32>().map(Some).map_err(|_| invalid())
}

/// An essential `acr` must be met by one of its values (OpenID Connect Core §5.5.1.1).
fn essential_acr(claims: &ClaimsRequest) -> Result<Vec<Acr>, OAuthError> {
    let wanted = claims.id_token.get("acr").filter(|wanted| wanted.essential);
    let Some(wanted) = wanted.filter(|wanted| !wanted.values.is_empty()) else {
        return Ok(Vec::new());
    };
    let ours: Vec<Acr> = wanted.values.iter().filter_map(|value| Acr::from_name(value)).collect();
    if ours.is_empty() {
        return Err(OAuthError::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "no value of the essential acr is one of ours",
        ));
    }
    Ok(ours)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::client::tests::{NOW, client};

    /// RFC 7636 appendix B.
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const GOOD: [(&str, &str); 6] = [
        ("response_type", "code"),
        ("client_id", "dpi"),
        ("redirect_uri", "https://dpi.test/cb"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("nonce", "n"),
    ];

    fn now() -> DateTime<Utc> {
        NOW.parse().expect("time")
    }

    /// The good request with these members replaced or added (an empty value leaves one out).
    fn pairs(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let kept = GOOD.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        kept.chain(changes).map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    pub(crate) fn request(
        changes: &[(&str, &str)],
        client: &Client,
    ) -> Result<AuthorizeRequest, AuthorizeRefusal> {
        let parameters = parse_authorize(&pairs(changes)).map_err(AuthorizeRefusal::Page)?;
        validate_authorize(&parameters, Some(client), Carriage::default(), now())
    }

    fn outcome(changes: &[(&str, &str)], client: &Client) -> String {
        match request(changes, client) {
            Ok(_) => "ok".to_owned(),
            Err(AuthorizeRefusal::Page(error)) => format!("page {}", error.code.name()),
            Err(AuthorizeRefusal::Return(_, error)) => error.code.name().to_owned(),
        }
    }

    #[test]
    fn op_01_a_wrong_client_or_address_gets_a_page_and_never_a_redirect() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        for changes in [
            &[("redirect_uri", "https://dpi.test/cb/")][..],
            &[("redirect_uri", "https://evil.test/cb")],
            &[("redirect_uri", "")],
            &[("client_id", "other")],
            &[("client_id", "")],
            &[("redirect_uri", "https://evil.test/cb"), ("prompt", "none")],
            &[("redirect_uri", "https://evil.test/cb"), ("response_mode", "form_post")],
            &[("state", "a\r\nLocation: https://evil.test")],
        ] {
            assert_eq!(outcome(changes, &client), "page invalid_request", "{changes:?}");
        }
        let parameters = parse_authorize(&pairs(&[])).expect("readable");
        for closed in [None, Some(Client { enabled: false, ..client })] {
            let refused =
                validate_authorize(&parameters, closed.as_ref(), Carriage::default(), now());
            assert!(matches!(refused, Err(AuthorizeRefusal::Page(_))));
        }
    }

    #[test]
    fn op_02_each_parameter_stands_once() {
        for (name, _) in KNOWN {
            for values in [["a", "a"], ["a", "b"], ["", "a"]] {
                let twice: Vec<(String, String)> =
                    values.iter().map(|value| (name.to_owned(), (*value).to_owned())).collect();
                let read = parse_authorize(&twice).map_err(|error| error.code);
                assert_eq!(read, Err(ErrorCode::InvalidRequest), "{name} {values:?}");
            }
        }
        let unknown = vec![("extra".to_owned(), "foobar".to_owned()); 2];
        assert!(parse_authorize(&unknown).is_ok());
        assert!(parse_authorize(&vec![("x".to_owned(), String::new()); 100]).is_err());
    }

    #[test]
    fn op_21_code_flow_alone_and_what_is_not_offered_is_said() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        for (changes, expected) in [
            (&[("response_type", "")][..], "invalid_request"),
            (&[("response_type", "token")], "unsupported_response_type"),
            (&[("response_type", "id_token")], "unsupported_response_type"),
            (&[("response_type", "code token")], "unsupported_response_type"),
            (&[("response_type", "code id_token")], "unsupported_response_type"),
            (&[("response_type", "Code")], "unsupported_response_type"),
            (&[("response_type", "none")], "unsupported_response_type"),
            (&[("response_mode", "fragment")], "invalid_request"),
            (&[("response_mode", "form_post")], "ok"),
            (&[("request", "x.y.z")], "request_not_supported"),
            (&[("request_uri", "https://evil.test/r")], "request_uri_not_supported"),
            (&[("registration", "{}")], "registration_not_supported"),
            (&[("scope", "profile")], "invalid_scope"),
            (&[("scope", "")], "invalid_scope"),
            (&[("state", "")], "invalid_request"),
            (&[("nonce", "")], "invalid_request"),
            (&[("prompt", "none login")], "invalid_request"),
            (&[("prompt", "create")], "invalid_request"),
            (&[("max_age", "-1")], "invalid_request"),
            (&[("max_age", "1e9")], "invalid_request"),
            (&[("max_age", "99999999999")], "invalid_request"),
            (&[("max_age", "+5")], "invalid_request"),
            (&[("claims", "[]")], "invalid_request"),
            (
                &[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#)],
                "unmet_authentication_requirements",
            ),
            (&[("display", "popup"), ("ui_locales", "se"), ("extra", "foobar")], "ok"),
        ] {
            assert_eq!(outcome(changes, &client), expected, "{changes:?}");
        }
    }

    #[test]
    fn op_05_pkce_is_s256_and_a_public_client_cannot_leave_it_out() {
        let verifier_like = "a".repeat(43);
        let (short, long) = ("a".repeat(42), "a".repeat(44));
        for (challenge, method, confidential, public) in [
            ("", "", "ok", "invalid_request"),
            (CHALLENGE, "S256", "ok", "ok"),
            (&verifier_like, "S256", "ok", "ok"),
            (CHALLENGE, "plain", "invalid_request", "invalid_request"),
            (CHALLENGE, "s256", "invalid_request", "invalid_request"),
            (CHALLENGE, "", "invalid_request", "invalid_request"),
            ("", "S256", "invalid_request", "invalid_request"),
            (&short, "S256", "invalid_request", "invalid_request"),
            (&long, "S256", "invalid_request", "invalid_request"),
        ] {
            let changes = [("code_challenge", challenge), ("code_challenge_method", method)];
            for (auth, expected) in
                [(AuthMethod::ClientSecretBasic, confidential), (AuthMethod::None, public)]
            {
                let (client, _) = client(Profile::Standard, auth);
                assert_eq!(outcome(&changes, &client), expected, "{changes:?} {auth:?}");
            }
        }
    }

    #[test]
    fn op_27_scopes_beyond_the_grant_are_left_out() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let scope = ("scope", "openid email scope_all profile offline_access profile");
        let request = request(&[scope], &client).expect("valid");
        assert_eq!(request.scopes, ["openid", "profile"].map(str::to_owned).into());
    }

    #[test]
    fn a_client_of_pro_sante_connect_may_misspell_acr_values() {
        for (profile, expected) in
            [(Profile::PscLike, Some(Acr::Eidas1)), (Profile::Standard, None)]
        {
            let (client, _) = client(profile, AuthMethod::ClientSecretBasic);
            let request = request(&[("acr", "eidas1")], &client).expect("valid");
            assert_eq!(request.minimum_acr, expected);
        }
    }

    #[test]
    fn an_answer_keeps_the_query_of_the_address_and_tells_the_issuer() {
        let path = ReturnPath {
            redirect_uri: "https://dpi.test/cb?bar=foo".to_owned(),
            mode: ResponseMode::Query,
            state: Some("a b&c=d#\"<'é".to_owned()),
            issuer: "https://hygie.hopital.test".to_owned(),
        };
        let url = url::Url::parse(&path.location(&path.success("hc_x"))).expect("URL");
        let read: Vec<(String, String)> =
            url.query_pairs().map(|(name, value)| (name.into(), value.into())).collect();
        let expected = [
            ("bar", "foo"),
            ("code", "hc_x"),
            ("state", "a b&c=d#\"<'é"),
            ("iss", "https://hygie.hopital.test"),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(url.fragment().is_none());
        let error = OAuthError::new(ErrorCode::LoginRequired, "x");
        let names: Vec<&str> = path.refusal(&error).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
    }

    #[test]
    fn a_request_kept_as_text_is_read_back_whole() {
        let state: String = ('!'..='~').collect();
        let long = "s".repeat(1000);
        for state in [&state, &long, "é ü"] {
            let read = parse_authorize(&pairs(&[("state", state)])).expect("readable");
            assert_eq!(AuthorizeParameters::from_text(&read.to_text()), Ok(read));
        }
    }
}

//! Any bytes as a query and a form of the provider: an answer, never a panic; and no answer goes to an address that is
//! not registered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{
    AuthorizeParameters, AuthorizeRefusal, Carriage, Channel, DecoupledKind, parse_authorize, parse_claims,
    parse_decoupled, parse_logout, parse_lookup_request, parse_pushed_request, parse_token_request,
    read_access_token, user_code_hash, validate_authorize,
};

#[path = "shared/client.rs"]
mod client;

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fuzz_target!(|input: (&[u8], &[u8], Option<&str>)| {
    let (body, query, header) = input;
    let (form, query) = (pairs(body), pairs(query));
    let client = client::client();
    if let Ok(parameters) = parse_authorize(&form) {
        let again = AuthorizeParameters::from_text(&parameters.to_text());
        assert_eq!(again, Ok(parameters.clone()));
        let judged =
            validate_authorize(&parameters, Some(&client), Carriage::default(), client.created_at);
        let path = match judged {
            Ok(request) => Some(request.return_path),
            Err(AuthorizeRefusal::Return(path, _)) => Some(path),
            Err(AuthorizeRefusal::Page(_)) => None,
        };
        if let Some(path) = path {
            assert_eq!(path.redirect_uri, "https://dpi.test/cb");
        }
    }
    if let Ok(request) = parse_token_request(&form, &query, header) {
        let _answered = request.shown();
    }
    if let Ok(request) = parse_lookup_request(&form, &query, header) {
        let _answered = request.token();
    }
    if let Ok(ask) = parse_decoupled(&form, &query, header) {
        let _answered = (ask.signed(&client).is_ok(), ask.hint().is_ok(), ask.life().is_ok());
        if let Ok(details) = ask.details(&client, DecoupledKind::Backchannel) {
            assert!(details.scopes.is_subset(&client.settings.scopes));
        }
    }
    let _answered = (parse_pushed_request(&form, &query, header), parse_logout(&form));
    let _answered = read_access_token(header, &form, Channel::default());
    for (_, value) in &form {
        let _answered = (parse_claims(value), user_code_hash(value));
    }
});

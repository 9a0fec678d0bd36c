//! The answer that goes back with the browser, as this play writes it.
use super::Play;
use super::visit::CheckedClient;

/// Always to the registered address, whatever was asked.
pub fn check_answer_address(
    client: &CheckedClient,
    play: Play,
    state: Option<&str>,
    code: &str,
) -> Option<String> {
    let mut address = url::Url::parse(&client.redirect_uri).ok()?;
    let members: Vec<(&str, &str)> = match play {
        Play::ErrorAnswer => {
            vec![("error", "access_denied"), ("error_description", "played by the connector check")]
        }
        _ => vec![("code", code)],
    };
    let state = match play {
        Play::NoState => None,
        Play::OtherState => Some("un-autre-state-que-celui-de-la-demande"),
        _ => state,
    };
    let issuer = match play {
        Play::NoIssuerInAnswer => None,
        Play::OtherIssuerInAnswer => Some("https://autre-fournisseur.invalid"),
        _ => Some(client.issuer.as_str()),
    };
    address
        .query_pairs_mut()
        .extend_pairs(members)
        .extend_pairs(state.map(|state| ("state", state)))
        .extend_pairs(issuer.map(|issuer| ("iss", issuer)));
    Some(address.into())
}

/// Where the browser goes after a logout.
pub fn check_logout_address(registered: &str, state: Option<&str>) -> String {
    crate::logout::with_state(registered, state)
}

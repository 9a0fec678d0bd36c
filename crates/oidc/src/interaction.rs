//! Whether a request can be answered with the login there is (threats OP-20). Never a lower level in silence.
use crate::{Acr, AuthorizeRequest, Client, CodeDetails, ErrorCode, OAuthError};
use chrono::{DateTime, Duration, Utc};
use kernel::{OpeningId, PersonId, SessionId};

/// What a session is worth, as clients are told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFacts {
    pub person: PersonId,
    pub session: SessionId,
    pub sid: OpeningId,
    /// The last full login; a tap does not move it.
    pub auth_time: DateTime<Utc>,
    pub acr: Acr,
    pub amr: Vec<String>,
}

/// Why somebody must log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    NobodyThere,
    AskedByClient,
    TooOld,
    /// A stronger login is needed.
    StepUp,
    /// The client expects somebody else than who is there.
    OtherPerson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginNeed {
    pub reason: LoginReason,
    pub minimum: Acr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// A code may be issued; the ID token will say this level.
    Proceed(Acr),
    Login(LoginNeed),
    Refuse(OAuthError),
}

/// What the request needs against the session there is. `asked_at`: when this request first came, so that a
/// login made for it counts as fresh. `right_person`: `Some(false)` when a hint names somebody else.
pub fn weigh_request(
    request: &AuthorizeRequest,
    client: &Client,
    session: Option<&LoginFacts>,
    right_person: Option<bool>,
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Interaction {
    let minimum = minimum_level(request, client);
    let need = |reason| {
        if request.prompt.none {
            let description = "a login is needed and prompt is none";
            Interaction::Refuse(OAuthError::new(ErrorCode::LoginRequired, description))
        } else {
            Interaction::Login(LoginNeed { reason, minimum })
        }
    };
    let Some(session) = session else { return need(LoginReason::NobodyThere) };
    let fresh = session.auth_time >= asked_at;
    if right_person == Some(false) {
        // Somebody logged in for this very request and is not who the client means: no way round.
        return if fresh {
            let description = "the person who logged in is not the one hinted at";
            Interaction::Refuse(OAuthError::new(ErrorCode::LoginRequired, description))
        } else {
            need(LoginReason::OtherPerson)
        };
    }
    if (request.prompt.login || request.prompt.select_account) && !fresh {
        return need(LoginReason::AskedByClient);
    }
    let longest = longest_age(request.max_age, client);
    if longest.is_some_and(|longest| now - session.auth_time > longest) && !fresh {
        return need(LoginReason::TooOld);
    }
    match released_level(session.acr, minimum, &request.essential_acr) {
        Some(acr) => Interaction::Proceed(acr),
        None if fresh || request.prompt.none => Interaction::Refuse(OAuthError::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "the login does not reach the level that was asked",
        )),
        None => need(LoginReason::StepUp),
    }
}

/// The same judgement when the code comes back: the login must still be worth what the code was given for.
pub fn still_holds(
    details: &CodeDetails,
    issued_at: DateTime<Utc>,
    client: &Client,
    session: &LoginFacts,
) -> Option<Acr> {
    let longest = longest_age(details.max_age, client);
    // Judged at the code's birth: the seconds until its redemption are the client's.
    let too_old = longest.is_some_and(|longest| {
        issued_at - session.auth_time > longest && session.auth_time < details.asked_at
    });
    let minimum = details.minimum_acr.max(client.settings.least_level());
    if too_old { None } else { released_level(session.acr, minimum, &details.essential_acr) }
}

fn minimum_level(request: &AuthorizeRequest, client: &Client) -> Acr {
    let asked = request.minimum_acr.max(request.essential_acr.iter().min().copied());
    let least = client.settings.least_level();
    asked.map_or(least, |asked| asked.max(least))
}

fn longest_age(max_age: Option<u32>, client: &Client) -> Option<Duration> {
    [max_age, client.settings.longest_auth_age_seconds]
        .into_iter()
        .flatten()
        .min()
        .map(|seconds| Duration::seconds(i64::from(seconds)))
}

/// The level to tell: what was reached or, where the client needs one of a list, the best of the list that
/// was reached. Never more than was reached (invariant I-04).
fn released_level(reached: Acr, minimum: Acr, essential: &[Acr]) -> Option<Acr> {
    if reached < minimum {
        return None;
    }
    if essential.is_empty() {
        return Some(reached);
    }
    essential.iter().copied().filter(|acr| *acr <= reached).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::{AuthMethod, Profile, authorize::tests::request};
    use kernel::{FixedClock, SeededRandomness};

    const ASKED: &str = "2026-11-22T08:00:00Z";

    fn facts(acr: Acr, age_seconds: i64) -> LoginFacts {
        let (clock, chance) = (FixedClock::at(ASKED), SeededRandomness::new(5));
        LoginFacts {
            person: PersonId::new(&clock, &chance),
            session: SessionId::new(&clock, &chance),
            sid: OpeningId::new(&clock, &chance),
            auth_time: ASKED.parse::<DateTime<Utc>>().expect("time")
                - Duration::seconds(age_seconds),
            acr,
            amr: vec!["hwk".to_owned(), "user".to_owned(), "mfa".to_owned()],
        }
    }

    /// `age`: of the login, in seconds before the request; negative: made for it.
    fn weighed(extra: &[(&str, &str)], session: Option<(Acr, i64)>) -> String {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let request = request(extra, &client).expect("valid");
        let session = session.map(|(acr, age)| facts(acr, age));
        let asked_at: DateTime<Utc> = ASKED.parse().expect("time");
        let now = asked_at + Duration::seconds(5);
        match weigh_request(&request, &client, session.as_ref(), None, asked_at, now) {
            Interaction::Proceed(acr) => acr.name().to_owned(),
            Interaction::Login(need) => format!("{:?} {}", need.reason, need.minimum.name()),
            Interaction::Refuse(error) => error.code.name().to_owned(),
        }
    }

    #[test]
    fn op_20_prompt_age_and_level_are_held() {
        use Acr::{Eidas1, Eidas2, Eidas3};
        let essential = r#"{"id_token":{"acr":{"essential":true,"values":["eidas2"]}}}"#;
        for (extra, session, expected) in [
            (&[][..], None, "NobodyThere eidas1"),
            (&[], Some((Eidas2, 600)), "eidas2"),
            (&[("prompt", "none")], None, "login_required"),
            (&[("prompt", "none")], Some((Eidas1, 600)), "eidas1"),
            (&[("prompt", "login")], Some((Eidas3, 1)), "AskedByClient eidas1"),
            (&[("prompt", "login")], Some((Eidas3, -3)), "eidas3"),
            (&[("prompt", "select_account")], Some((Eidas3, 1)), "AskedByClient eidas1"),
            (&[("max_age", "3600")], Some((Eidas2, 18_000)), "TooOld eidas1"),
            (&[("max_age", "3600")], Some((Eidas2, 600)), "eidas2"),
            (&[("max_age", "0")], Some((Eidas2, 1)), "TooOld eidas1"),
            (&[("max_age", "0")], Some((Eidas2, -3)), "eidas2"),
            (&[("max_age", "60"), ("prompt", "none")], Some((Eidas2, 600)), "login_required"),
            (&[("acr_values", "eidas2")], Some((Eidas1, 600)), "StepUp eidas2"),
            (&[("acr_values", "eidas2")], Some((Eidas1, -3)), "unmet_authentication_requirements"),
            (
                &[("acr_values", "eidas2"), ("prompt", "none")],
                Some((Eidas1, 600)),
                "unmet_authentication_requirements",
            ),
            (&[("acr_values", "eidas1")], Some((Eidas3, 600)), "eidas3"),
            (&[("acr_values", "eidas1 eidas2 eidas3")], Some((Eidas1, 600)), "eidas1"),
            (&[("acr_values", "1 2")], Some((Eidas1, 600)), "eidas1"),
            (&[("claims", essential)], Some((Eidas1, 600)), "StepUp eidas2"),
            (&[("claims", essential)], Some((Eidas3, 600)), "eidas2"),
        ] {
            assert_eq!(weighed(extra, session), expected, "{extra:?} {session:?}");
        }
    }

    #[test]
    fn a_hint_at_somebody_else_never_gives_the_one_who_is_there() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let asked_at: DateTime<Utc> = ASKED.parse().expect("time");
        let request = request(&[], &client).expect("valid");
        for (age, expected_login) in [(600, true), (-3, false)] {
            let session = facts(Acr::Eidas2, age);
            let weighed =
                weigh_request(&request, &client, Some(&session), Some(false), asked_at, asked_at);
            assert_eq!(matches!(weighed, Interaction::Login(_)), expected_login);
            assert!(!matches!(weighed, Interaction::Proceed(_)));
        }
    }

    #[test]
    fn op_20_the_level_and_the_age_are_judged_again_at_redemption() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let asked_at: DateTime<Utc> = ASKED.parse().expect("time");
        for (extra, acr, age, expected) in [
            (&[][..], Acr::Eidas1, 600, Some(Acr::Eidas1)),
            (&[("acr_values", "eidas2")], Acr::Eidas1, 600, None),
            (&[("acr_values", "eidas2")], Acr::Eidas2, 600, Some(Acr::Eidas2)),
            (&[("max_age", "60")], Acr::Eidas2, 600, None),
            (&[("max_age", "0")], Acr::Eidas2, -3, Some(Acr::Eidas2)),
        ] {
            let request = request(extra, &client).expect("valid");
            let details = CodeDetails::of(&request, asked_at);
            let issued_at = asked_at + Duration::seconds(5);
            let held = still_holds(&details, issued_at, &client, &facts(acr, age));
            assert_eq!(held, expected, "{extra:?} {acr:?} {age}");
        }
    }
}

//! From what was seen to the lines of the report.
use super::rules::{LOGOUTS, PLAYS, REQUESTS, Rule};
use super::visit::{LogoutCall, LogoutVisitSeen, TokenCall, Told, Visit};
use super::{CheckedClient, LogoutPlay, Play};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Wrong,
    /// Advised, and not done.
    Advised,
    /// Only who sits before the application can tell.
    AskSomebody,
    NotPlayed,
    Right,
}

impl Verdict {
    pub const ALL: [Self; 5] =
        [Self::Wrong, Self::Advised, Self::AskSomebody, Self::NotPlayed, Self::Right];
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Advised => "advised",
            Self::AskSomebody => "ask_somebody",
            Self::NotPlayed => "not_played",
            Self::Right => "right",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub requests: Vec<Finding>,
    pub plays: Vec<Finding>,
    pub logouts: Vec<Finding>,
}

impl Report {
    pub fn all(&self) -> impl Iterator<Item = &Finding> {
        self.requests.iter().chain(&self.plays).chain(&self.logouts)
    }
    pub fn count(&self, verdict: Verdict) -> usize {
        self.all().filter(|finding| finding.verdict == verdict).count()
    }
}

/// 22 characters of base64url are 128 bits.
const LEAST_RANDOM: usize = 22;

/// The whole report of what was seen so far.
pub fn judge(
    client: &CheckedClient,
    visits: &[Visit],
    leavings: &[LogoutVisitSeen],
    calls: &[LogoutCall],
) -> Report {
    let line = |rule: &Rule, verdict| Finding { rule: *rule, verdict };
    // What is refused counts only once the client has shown that it opens when all is right.
    let opens = visits.iter().any(|visit| visit.play.is_right() && opened(visit) == Some(true));
    Report {
        requests: REQUESTS
            .iter()
            .map(|rule| line(rule, request(rule.name, client, visits)))
            .collect(),
        plays: PLAYS.iter().map(|rule| line(rule, play(rule.name, visits, opens))).collect(),
        logouts: LOGOUTS
            .iter()
            .map(|rule| line(rule, logout(rule.name, client, leavings, calls)))
            .collect(),
    }
}

fn right(is_right: bool) -> Verdict {
    if is_right { Verdict::Right } else { Verdict::Wrong }
}

fn request(rule: &str, client: &CheckedClient, visits: &[Visit]) -> Verdict {
    if visits.is_empty() {
        return Verdict::NotPlayed;
    }
    let every = |good: &dyn Fn(&Visit) -> bool| right(visits.iter().all(good));
    let calls: Vec<&TokenCall> = visits.iter().flat_map(|visit| &visit.token_calls).collect();
    let every_call = |good: &dyn Fn(&TokenCall) -> bool| match calls.is_empty() {
        true => Verdict::NotPlayed,
        false => right(calls.iter().all(|call| good(call))),
    };
    match rule {
        "code_flow" => every(&|visit| visit.response_type.as_deref() == Some("code")),
        "redirect_registered" => {
            every(&|visit| visit.redirect_uri.as_deref() == Some(client.redirect_uri.as_str()))
        }
        "openid_scope" => every(&|visit| {
            visit
                .scopes
                .as_deref()
                .is_some_and(|scopes| scopes.split(' ').any(|one| one == "openid"))
        }),
        "state_sent" => every(&|visit| visit.state.is_some()),
        "state_random" => random(visits, |visit| visit.state.as_deref()),
        "nonce_sent" => every(&|visit| visit.nonce.is_some()),
        "nonce_random" => random(visits, |visit| visit.nonce.as_deref()),
        "pkce" => pkce(visits),
        "no_secret_in_browser" => every(&|visit| {
            !visit.secret_in_address
                && visit.token_calls.iter().all(|call| !call.from_browser)
                && visit.userinfo_calls.iter().all(|call| !call.from_browser)
        }),
        "client_proved" => every_call(&|call| call.secret_right),
        "token_request_whole" => {
            every_call(&|call| call.redirect_right && call.verifier_right != Some(false))
        }
        "code_once" => match calls.is_empty() {
            true => Verdict::NotPlayed,
            false => every(&|visit| visit.token_calls.len() < 2),
        },
        "bearer_in_header" => {
            let mut calls = visits.iter().flat_map(|visit| &visit.userinfo_calls).peekable();
            match calls.peek() {
                None => Verdict::NotPlayed,
                Some(_) => right(calls.all(|call| !call.in_address)),
            }
        }
        _ => Verdict::NotPlayed,
    }
}

/// Long enough, and never the same twice. Whether it comes from a good source cannot be seen from here.
fn random<'a>(visits: &'a [Visit], value: impl Fn(&'a Visit) -> Option<&'a str>) -> Verdict {
    let sent: Vec<&str> = visits.iter().filter_map(value).collect();
    let different: BTreeSet<&str> = sent.iter().copied().collect();
    match sent.len() {
        0 => Verdict::NotPlayed,
        count => {
            right(different.len() == count && sent.iter().all(|text| text.len() >= LEAST_RANDOM))
        }
    }
}

/// A client that proves itself by a secret is advised PKCE (RFC 9700 §2.1.1); one that sends it wrongly is wrong.
fn pkce(visits: &[Visit]) -> Verdict {
    let sent: Vec<&str> = visits.iter().filter_map(|visit| visit.challenge.as_deref()).collect();
    let different: BTreeSet<&str> = sent.iter().copied().collect();
    let plain = visits.iter().any(|visit| {
        visit.challenge.is_some() && visit.challenge_method.as_deref() != Some("S256")
    });
    if plain || different.len() < sent.len() {
        Verdict::Wrong
    } else if sent.len() < visits.len() {
        Verdict::Advised
    } else {
        Verdict::Right
    }
}

/// Whether a session was opened, as far as it is known. A person's word counts more than what was called.
fn opened(visit: &Visit) -> Option<bool> {
    match visit.told {
        Some(told) => Some(told == Told::Opened),
        // It used the token: it believed what came with it.
        None if !visit.userinfo_calls.is_empty() && visit.play != Play::OtherSubject => Some(true),
        None => None,
    }
}

fn play(rule: &str, visits: &[Visit], opens: bool) -> Verdict {
    let played = || visits.iter().filter(|visit| visit.play.name() == rule);
    let Some(last) = played().next_back() else { return Verdict::NotPlayed };
    if last.play.is_right() {
        return opened(last).map_or(Verdict::AskSomebody, right);
    }
    // Once wrongly opened is wrong, whatever the other times said.
    if played().any(wrongly_opened) {
        return Verdict::Wrong;
    }
    if !opens {
        return Verdict::AskSomebody;
    }
    let refused = last.told == Some(Told::Refused);
    let seen = last.play.is_in_the_answer() || last.replayed;
    if refused || seen { Verdict::Right } else { Verdict::AskSomebody }
}

fn wrongly_opened(visit: &Visit) -> bool {
    match visit.play {
        // The first time is right; the code asked for again shows that the second was believed.
        Play::SameAnswerTwice => visit.token_calls.len() > 1,
        play if play.is_in_the_answer() => {
            !visit.token_calls.is_empty() || visit.told == Some(Told::Opened)
        }
        _ => opened(visit) == Some(true),
    }
}

fn logout(
    rule: &str,
    client: &CheckedClient,
    leavings: &[LogoutVisitSeen],
    calls: &[LogoutCall],
) -> Verdict {
    if rule == "logout_asked" {
        return match leavings.last() {
            None => Verdict::NotPlayed,
            Some(seen) => right(seen.with_hint && seen.return_right != Some(false)),
        };
    }
    if client.backchannel_logout_uri.is_none() {
        // Whoever leaves a shared post must leave every application.
        return if rule == LogoutPlay::Right.name() {
            Verdict::Advised
        } else {
            Verdict::NotPlayed
        };
    }
    let Some(call) = calls.iter().rfind(|call| call.play.name() == rule) else {
        return Verdict::NotPlayed;
    };
    match (call.play, call.reached) {
        (LogoutPlay::Right, _) => right(call.answer.is_ok()),
        (_, true) => right(call.answer.is_err()),
        // Nobody answered: that refuses nothing.
        (_, false) => Verdict::NotPlayed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::UserinfoCall;

    fn client(backchannel: bool) -> CheckedClient {
        CheckedClient {
            name: "DPI".to_owned(),
            issuer: "https://sandbox.test/sandbox/op/x".to_owned(),
            client_id: "controle".to_owned(),
            redirect_uri: "https://dpi.test/cb".to_owned(),
            post_logout_redirect_uri: None,
            backchannel_logout_uri: backchannel.then(|| "https://dpi.test/out".to_owned()),
        }
    }

    /// A visit of a client that does all well.
    fn visit(play: Play, rank: usize) -> Visit {
        let believed = play.is_right();
        let asked = !play.is_in_the_answer();
        let call = TokenCall {
            secret_right: true,
            redirect_right: true,
            verifier_right: Some(true),
            from_browser: false,
        };
        let userinfo = UserinfoCall { in_address: false, from_browser: false };
        Visit {
            play,
            response_type: Some("code".to_owned()),
            redirect_uri: Some("https://dpi.test/cb".to_owned()),
            scopes: Some("openid profile".to_owned()),
            state: Some(format!("{rank:032}")),
            nonce: Some(format!("{rank:033}")),
            challenge: Some(format!("{rank:043}")),
            challenge_method: Some("S256".to_owned()),
            secret_in_address: false,
            sid: format!("s{rank}"),
            token_calls: asked.then_some(call).into_iter().collect(),
            userinfo_calls: believed.then_some(userinfo).into_iter().collect(),
            replayed: play == Play::SameAnswerTwice,
            told: (!believed).then_some(Told::Refused),
        }
    }

    fn all() -> Vec<Visit> {
        Play::ALL.into_iter().enumerate().map(|(rank, play)| visit(play, rank)).collect()
    }

    fn verdict(report: &Report, name: &str) -> Verdict {
        report.all().find(|finding| finding.rule.name == name).expect("a line").verdict
    }

    #[test]
    fn a_right_client_has_no_wrong_line_and_each_line_has_its_reference_and_its_mending() {
        let calls: Vec<LogoutCall> = LogoutPlay::ALL
            .into_iter()
            .map(|play| LogoutCall {
                play,
                answer: if play == LogoutPlay::Right { Ok(()) } else { Err("400".to_owned()) },
                reached: true,
            })
            .collect();
        let leaving =
            LogoutVisitSeen { with_hint: true, return_right: Some(true), with_state: false };
        let report = judge(&client(true), &all(), &[leaving], &calls);
        for finding in report.all() {
            assert_eq!(finding.verdict, Verdict::Right, "{}", finding.rule.name);
            assert!(!finding.rule.references.is_empty() && !finding.rule.mend.is_empty());
        }
        let names: BTreeSet<&str> = report.all().map(|finding| finding.rule.name).collect();
        assert_eq!(names.len(), report.all().count(), "each line once");
        for play in Play::ALL {
            assert!(names.contains(play.name()), "{play:?} has its line");
        }
        for play in LogoutPlay::ALL {
            assert!(names.contains(play.name()), "{play:?} has its line");
        }
    }

    #[test]
    fn each_fault_of_a_client_is_its_own_line() {
        type Fault = fn(&mut Visit);
        let faults: [(&str, Fault); 12] = [
            ("code_flow", |visit| visit.response_type = Some("id_token".to_owned())),
            ("redirect_registered", |visit| {
                visit.redirect_uri = Some("https://dpi.test/cb?a".to_owned())
            }),
            ("openid_scope", |visit| visit.scopes = Some("profile".to_owned())),
            ("state_sent", |visit| visit.state = None),
            ("state_random", |visit| {
                visit.state = Some("always the same, and long enough".to_owned())
            }),
            ("nonce_sent", |visit| visit.nonce = None),
            ("nonce_random", |visit| visit.nonce = Some("1".to_owned())),
            ("pkce", |visit| visit.challenge_method = Some("plain".to_owned())),
            ("no_secret_in_browser", |visit| visit.secret_in_address = true),
            ("client_proved", |visit| {
                visit.token_calls.iter_mut().for_each(|call| call.secret_right = false)
            }),
            ("token_request_whole", |visit| {
                visit.token_calls.iter_mut().for_each(|call| call.verifier_right = Some(false));
            }),
            ("bearer_in_header", |visit| {
                visit.userinfo_calls.iter_mut().for_each(|call| call.in_address = true)
            }),
        ];
        for (name, fault) in faults {
            let mut visits = all();
            visits.iter_mut().for_each(fault);
            let report = judge(&client(false), &visits, &[], &[]);
            let wrong: Vec<&str> = report
                .all()
                .filter(|finding| finding.verdict == Verdict::Wrong)
                .map(|finding| finding.rule.name)
                .collect();
            assert_eq!(wrong, [name]);
        }
    }

    #[test]
    fn a_client_that_believes_a_wrong_answer_is_told_so_for_each_of_them() {
        for play in Play::ALL.into_iter().filter(|play| !play.is_right()) {
            let mut visits = vec![visit(Play::Normal, 0), visit(play, 1)];
            let call = visits[0].token_calls[0];
            visits[1].told = Some(Told::Opened);
            visits[1].token_calls = vec![call; 2];
            let report = judge(&client(false), &visits, &[], &[]);
            assert_eq!(verdict(&report, play.name()), Verdict::Wrong, "{play:?}");
        }
    }

    #[test]
    fn nothing_is_right_that_was_not_seen() {
        let report = judge(&client(true), &[], &[], &[]);
        assert!(report.all().all(|finding| finding.verdict == Verdict::NotPlayed));
        // A client that never opens anything refuses nothing either.
        let mut visits = all();
        for visit in &mut visits {
            visit.userinfo_calls.clear();
            visit.told = None;
        }
        let report = judge(&client(true), &visits, &[], &[]);
        let plays = report.plays.iter().map(|finding| finding.verdict);
        assert!(plays.into_iter().all(|verdict| verdict == Verdict::AskSomebody));
        // A logout call that reached nobody shows nothing.
        let silent = LogoutCall {
            play: LogoutPlay::Expired,
            answer: Err("no answer".to_owned()),
            reached: false,
        };
        let report = judge(&client(true), &visits, &[], &[silent]);
        assert_eq!(verdict(&report, "logout_expired"), Verdict::NotPlayed);
    }

    #[test]
    fn userinfo_alone_shows_that_a_wrong_token_was_believed() {
        let mut hostile = visit(Play::OtherNonce, 1);
        hostile.told = None;
        let mut visits = vec![visit(Play::Normal, 0), hostile];
        let report = judge(&client(false), &visits, &[], &[]);
        assert_eq!(verdict(&report, "other_nonce"), Verdict::AskSomebody);
        visits[1].userinfo_calls = vec![UserinfoCall { in_address: false, from_browser: false }];
        let report = judge(&client(false), &visits, &[], &[]);
        assert_eq!(verdict(&report, "other_nonce"), Verdict::Wrong);
    }
}

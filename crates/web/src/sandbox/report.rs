//! The report: on screen, on paper (it is a page like another), and as JSON.
use super::pages;
use axum::response::Response;
use kernel::Zone;
use maud::{Markup, html};
use oidc::check::{Finding, Play, Report, Verdict};
use serde_json::{Value, json};
use workflows::sandbox::CheckView;

const VERDICTS: [Verdict; 5] =
    [Verdict::Wrong, Verdict::Advised, Verdict::AskSomebody, Verdict::NotPlayed, Verdict::Right];

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Wrong => "À corriger",
        Verdict::Advised => "Conseillé",
        Verdict::AskSomebody => "À dire par vous",
        Verdict::NotPlayed => "Pas encore joué",
        Verdict::Right => "Juste",
    }
}

/// For a program: what it must configure, and every line with its references.
pub fn document(view: &CheckView) -> Value {
    let line = |finding: &Finding| {
        json!({
            "rule": finding.rule.name, "verdict": finding.verdict.name(), "title": finding.rule.title,
            "mend": finding.rule.mend, "references": finding.rule.references,
        })
    };
    let lines = |findings: &[Finding]| findings.iter().map(line).collect::<Vec<_>>();
    let counts: serde_json::Map<String, Value> = VERDICTS
        .iter()
        .map(|verdict| (verdict.name().to_owned(), view.report.count(*verdict).into()))
        .collect();
    json!({
        "check": view.id, "name": view.client.name, "begun_at": view.begun_at, "logins": view.logins,
        "issuer": view.client.issuer, "client_id": view.client.client_id, "client_secret": view.secret,
        "next": view.next.name(), "counts": counts,
        "requests": lines(&view.report.requests), "plays": lines(&view.report.plays),
        "logouts": lines(&view.report.logouts),
        "plays_known": Play::ALL.map(Play::name),
    })
}

pub fn page(view: &CheckView, zone: &Zone) -> Response {
    let title =
        if view.client.name.is_empty() { "Contrôle d’un connecteur" } else { &view.client.name };
    let body = html! {
        h1 { (title) }
        p.field { (summary(&view.report)) " Commencé le " (zone.at(view.begun_at).format("%d/%m/%Y à %H:%M")) "." }
        (configuration(view))
        @if view.next != Play::Normal {
            p.advice role="status" { "La prochaine connexion de votre application reçoit : " b { (title_of(view.next, &view.report)) } "." }
        }
        (requests(&view.report))
        (plays(view))
        (logouts(view))
        p { a.lbtn href={ "/sandbox/checks/" (view.id) "/report.json" } { "Rapport en JSON" } }
        p { a href="/sandbox" { "Revenir au bac à sable" } }
    };
    pages::framed(title, &body)
}

fn summary(report: &Report) -> String {
    let counts: Vec<String> = VERDICTS
        .iter()
        .map(|verdict| (verdict, report.count(*verdict)))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{} : {count}", words(*verdict)))
        .collect();
    format!("{}.", counts.join(", "))
}

fn title_of(play: Play, report: &Report) -> &'static str {
    let line = report.plays.iter().find(|finding| finding.rule.name == play.name());
    line.map_or("", |finding| finding.rule.title)
}

fn configuration(view: &CheckView) -> Markup {
    html! {
        table.rows {
            caption { "À mettre dans votre application" }
            tbody {
                tr { th scope="row" { "Émetteur" } td { code id="issuer" { (view.client.issuer) } } }
                tr { th scope="row" { "client_id" } td { code id="client-id" { (view.client.client_id) } } }
                tr { th scope="row" { "client_secret" } td { code id="client-secret" { (view.secret) } } }
                tr { th scope="row" { "Adresse de retour" } td { code { (view.client.redirect_uri) } } }
            }
        }
    }
}

fn heads(words: &[&str]) -> Markup {
    html! { thead { tr { @for word in words { th scope="col" { (word) } } } } }
}

fn line(finding: &Finding) -> Markup {
    html! {
        th.what scope="row" { (finding.rule.title) }
        td class={ "found " (finding.verdict.name()) } { (words(finding.verdict)) }
        td {
            @if !matches!(finding.verdict, Verdict::Right) { (finding.rule.mend) " " }
            span.muted { (references(finding)) }
        }
    }
}

/// « RFC 9700 §2.1 » is never cut at the end of a line.
fn references(finding: &Finding) -> String {
    finding.rule.references.join(";").replace(' ', "\u{a0}").replace(';', "\u{202f}; ")
}

fn requests(report: &Report) -> Markup {
    html! {
        table.rows {
            caption { "Ce que votre application envoie" }
            (heads(&["Point contrôlé", "Constat", "Comment corriger, et pourquoi"]))
            tbody { @for finding in &report.requests { tr { (line(finding)) } } }
        }
    }
}

fn plays(view: &CheckView) -> Markup {
    let at = |action: &str| format!("/sandbox/checks/{}/{action}", view.id);
    let tell = |play: &str, seen: &str, words: &str| {
        html! {
            form method="post" action=(at("told")) {
                input type="hidden" name="play" value=(play);
                input type="hidden" name="seen" value=(seen);
                button.lbtn.slim type="submit" { (words) }
            }
        }
    };
    html! {
        table.rows {
            caption { "Ce qu’elle fait de réponses justes et fausses" }
            thead {
                tr {
                    th scope="col" { "Point contrôlé" }
                    th scope="col" { "Constat" }
                    th scope="col" { "Comment corriger, et pourquoi" }
                    th.act scope="col" { "Essai" }
                }
            }
            tbody {
                @for finding in &view.report.plays {
                    tr {
                        (line(finding))
                        td.act {
                            form method="post" action=(at("next")) {
                                input type="hidden" name="play" value=(finding.rule.name);
                                button.lbtn.slim type="submit" aria-label={ "Jouer : " (finding.rule.title) } { "Jouer" }
                            }
                            @if finding.verdict == Verdict::AskSomebody {
                                @if finding.rule.name == Play::SameAnswerTwice.name() {
                                    a.lbtn.slim href=(at("replay")) { "Rejouer la réponse" }
                                } @else {
                                    (tell(finding.rule.name, "opened", "Session ouverte"))
                                    (tell(finding.rule.name, "refused", "Connexion refusée"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn logouts(view: &CheckView) -> Markup {
    html! {
        table.rows {
            caption { "Comment elle ferme" }
            (heads(&["Point contrôlé", "Constat", "Comment corriger, et pourquoi"]))
            tbody { @for finding in &view.report.logouts { tr { (line(finding)) } } }
        }
        @if view.client.backchannel_logout_uri.is_some() {
            form method="post" action={ "/sandbox/checks/" (view.id) "/logout" } {
                button.lbtn type="submit" { "Envoyer les appels de déconnexion" }
            }
        }
    }
}

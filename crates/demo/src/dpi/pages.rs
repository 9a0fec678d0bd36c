//! What people see, in French. No script, no image, no font from elsewhere.
use super::{DpiError, LoggedIn};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a2230;background:#f5f7fa}\
header{background:#0b4f6c;color:#fff;padding:.75rem 1.5rem}header p{margin:0}\
main{max-width:56rem;margin:1.5rem auto;padding:0 1.5rem}\
table{border-collapse:collapse;width:100%;background:#fff;margin:0 0 1.5rem}\
caption{text-align:left;font-weight:600;padding:.5rem 0}\
th,td{border:1px solid #c9d1db;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{width:16rem;font-weight:500}\
.action{display:inline-block;font:inherit;background:#0b4f6c;color:#fff;border:0;border-radius:4px;\
padding:.6rem 1.2rem;text-decoration:none;cursor:pointer}\
.action:focus-visible{outline:3px solid #d97706;outline-offset:2px}";

/// Claims first asked about, in this order; the others follow by name.
const FIRST: [(&str, &str); 16] = [
    ("sub", "Identifiant de la personne"),
    ("name", "Nom complet"),
    ("family_name", "Nom"),
    ("given_name", "Prénom"),
    ("rpps", "RPPS"),
    ("SubjectNameID", "Identifiant national"),
    ("SubjectRole", "Profession"),
    ("subject_role", "Profession"),
    ("practice_setting", "Cadre d’exercice"),
    ("SubjectOrganization", "Structure"),
    ("SubjectOrganizationID", "Identifiant de la structure"),
    ("acr", "Niveau de la connexion (acr)"),
    ("amr", "Moyens utilisés (amr)"),
    ("auth_time", "Heure de la connexion complète (auth_time)"),
    ("sid", "Ouverture de session (sid)"),
    ("preferred_username", "Identifiant de connexion"),
];

pub fn home(person: Option<&LoggedIn>, issuer: &str) -> Markup {
    let body = match person {
        None => html! {
            h1 { "Dossier patient — démonstration" }
            p { "Personne n’est connecté sur ce navigateur." }
            p { a.action href="/connexion" { "Se connecter" } }
            p { "Fournisseur d’identité : " code { (issuer) } }
        },
        Some(person) => html! {
            h1 { "Bonjour " span id="who" { (name(person)) } }
            (claims("Identité reçue (userinfo)", "userinfo", &person.userinfo))
            (claims("Preuve de connexion (jeton d’identité)", "id_token", &person.id_token_claims))
            form method="post" action="/deconnexion" {
                button.action type="submit" { "Se déconnecter" }
            }
        },
    };
    layout("Dossier patient", &body)
}

pub fn logged_out() -> Markup {
    layout(
        "Déconnexion",
        &html! {
            h1 { "Vous êtes déconnecté" }
            p { "La session du dossier patient et celle du fournisseur d’identité sont closes." }
            p { a.action href="/connexion" { "Se reconnecter" } }
        },
    )
}

/// The cause is shown: this is a demonstration for editors, who look for it.
pub fn failed(error: &DpiError) -> Markup {
    layout(
        "Connexion impossible",
        &html! {
            h1 { "La connexion n’a pas abouti" }
            p { "Aucun dossier n’a été ouvert. Cause, en anglais, pour l’éditeur :" }
            p { code id="cause" { (error) } }
            p { a.action href="/connexion" { "Réessayer" } }
        },
    )
}

fn layout(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="fr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " — DPI de démonstration" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                header { p { "DPI de démonstration — CH de Valbrume" } }
                main { (body) }
            }
        }
    }
}

fn name(person: &LoggedIn) -> String {
    let text = |claim: &str| {
        let found = person.userinfo.get(claim).or_else(|| person.id_token_claims.get(claim));
        found.and_then(Value::as_str).map(str::to_owned)
    };
    let parts = [text("given_name"), text("family_name")];
    let composed = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match composed.is_empty() {
        true => text("name").or_else(|| text("sub")).unwrap_or_default(),
        false => composed,
    }
}

fn claims(caption: &str, id: &str, claims: &BTreeMap<String, Value>) -> Markup {
    let known = FIRST
        .iter()
        .filter_map(|(claim, label)| claims.get(*claim).map(|value| (*claim, Some(*label), value)));
    let others = claims
        .iter()
        .filter(|(claim, _)| FIRST.iter().all(|(known, _)| known != claim))
        .map(|(claim, value)| (claim.as_str(), None, value));
    html! {
        table id=(id) {
            caption { (caption) }
            tbody {
                @for (claim, label, value) in known.chain(others) {
                    tr data-claim=(claim) {
                        th scope="row" {
                            @if let Some(label) = label { (label) br; }
                            code { (claim) }
                        }
                        td { (shown(value)) }
                    }
                }
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

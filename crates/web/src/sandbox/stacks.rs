//! One page for each common stack: what to copy. The files are those that the browser tests run, where they run the stack.
use super::pages;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use workflows::Workflows;

pub struct Stack {
    pub name: &'static str,
    pub title: &'static str,
    /// What the reader must know before copying.
    words: &'static str,
    file: &'static str,
    text: &'static str,
}

pub const ALL: &[Stack] = &[
    Stack {
        name: "openid-client",
        title: "Node.js : openid-client",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        file: "app.mjs",
        text: include_str!("../../assets/editors/openid-client.mjs"),
    },
    Stack {
        name: "passport",
        title: "Node.js : Passport",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        file: "app.mjs",
        text: include_str!("../../assets/editors/passport.mjs"),
    },
    Stack {
        name: "authlib",
        title: "Python : Authlib et Flask",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        file: "app.py",
        text: include_str!("../../assets/editors/flask_authlib.py"),
    },
    Stack {
        name: "mod_auth_openidc",
        title: "Apache : mod_auth_openidc",
        words: "Essayé à chaque version de Hygie avec l’Apache de Debian : connexion, montée de niveau par adresse, renouvellement, fermeture, appels de déconnexion.",
        file: "application.conf",
        text: include_str!("../../assets/editors/mod_auth_openidc.conf"),
    },
    Stack {
        name: "spring-security",
        title: "Java : Spring Security",
        words: "Écrit d’après la documentation de Spring Security 6 ; pas encore essayé ici.",
        file: "SecurityConfiguration.java",
        text: include_str!("../../assets/editors/SecurityConfiguration.java"),
    },
    Stack {
        name: "keycloak",
        title: "Keycloak, comme courtier d’identité",
        words: "Un fournisseur d’identité de type OpenID Connect v1.0, à importer par kcadm. Ce fichier est essayé avec Keycloak 26 (`tests/run keycloak`) : connexion, montée de niveau, fermeture par le navigateur et de serveur à serveur.",
        file: "identity-provider.json",
        text: include_str!("../../assets/editors/keycloak.json"),
    },
    Stack {
        name: "dotnet",
        title: ".NET : ASP.NET Core",
        words: "Écrit d’après la documentation d’ASP.NET Core 8 ; pas encore essayé ici.",
        file: "Program.cs",
        text: include_str!("../../assets/editors/Program.cs"),
    },
];

/// Permission: anybody who reaches the sandbox.
pub async fn show(State(workflows): State<Workflows>, Path(name): Path<String>) -> Response {
    let Some(stack) = ALL.iter().find(|stack| stack.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let origin = &workflows.parts().public_origin;
    let body = html! {
        h1 { (stack.title) }
        p.field { (stack.words) }
        p.field { "Émetteur de ce bac à sable : " code { (origin) } }
        h2 { (stack.file) }
        pre.listing tabindex="0" { code { (stack.text) } }
        p { a href="/sandbox" { "Bac à sable" } }
    };
    pages::framed(stack.title, &body)
}

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
    /// Name and text of each file to copy.
    files: &'static [(&'static str, &'static str)],
}

pub const ALL: &[Stack] = &[
    Stack {
        name: "openid-client",
        title: "Node.js : openid-client",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        files: &[("app.mjs", include_str!("../../assets/editors/openid-client.mjs"))],
    },
    Stack {
        name: "passport",
        title: "Node.js : Passport",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        files: &[("app.mjs", include_str!("../../assets/editors/passport.mjs"))],
    },
    Stack {
        name: "authlib",
        title: "Python : Authlib et Flask",
        words: "Essayé à chaque version de Hygie : connexion, montée de niveau, renouvellement, fermeture, appels de déconnexion.",
        files: &[("app.py", include_str!("../../assets/editors/flask_authlib.py"))],
    },
    Stack {
        name: "mod_auth_openidc",
        title: "Apache : mod_auth_openidc",
        words: "Essayé à chaque version de Hygie avec l’Apache de Debian : connexion, montée de niveau par adresse, renouvellement, fermeture, appels de déconnexion.",
        files: &[("application.conf", include_str!("../../assets/editors/mod_auth_openidc.conf"))],
    },
    Stack {
        name: "spring-security",
        title: "Java : Spring Security",
        words: "Essayé à chaque version de Hygie avec Spring Boot 3.5 : connexion, montée de niveau par adresse, renouvellement, fermeture, appels de déconnexion.",
        files: &[
            ("application.yml", include_str!("../../assets/editors/application.yml")),
            (
                "SecurityConfiguration.java",
                include_str!("../../assets/editors/SecurityConfiguration.java"),
            ),
        ],
    },
    Stack {
        name: "keycloak",
        title: "Keycloak, comme courtier d’identité",
        words: "Un fournisseur d’identité de type OpenID Connect v1.0, à importer par kcadm. Essayé à chaque version de Hygie avec Keycloak 26 : connexion, montée de niveau, fermeture par le navigateur et de serveur à serveur, appels de déconnexion.",
        files: &[("identity-provider.json", include_str!("../../assets/editors/keycloak.json"))],
    },
    Stack {
        name: "dotnet",
        title: ".NET : ASP.NET Core",
        words: "Écrit d’après la documentation d’ASP.NET Core 8 ; pas encore essayé ici.",
        files: &[("Program.cs", include_str!("../../assets/editors/Program.cs"))],
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
        @for (file, text) in stack.files {
            h2 { (file) }
            pre.listing tabindex="0" { code { (text) } }
        }
        p { a href="/sandbox" { "Bac à sable" } }
    };
    pages::framed(stack.title, &body)
}

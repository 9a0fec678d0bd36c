//! What the OpenID Foundation's conformance suite is configured with to try this sandbox: where it is, and how its own
//! browser walks through the pages. The suite's words (`browser`, `override`, `match`, `tasks`, `commands`) are its own;
//! the names of its modules are its own too.
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oidc::ProviderEndpoints as At;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use workflows::Workflows;
use workflows::sandbox::TestPerson;

/// How long its browser waits for what a click brings, in seconds.
const PATIENCE: u8 = 10;
const MALFORMED: &str = "say `suite`, the origin of the suite (https://suite.example:8443), and `alias`, letters, digits, - and \
     _, as the suite has it; `login` names another test person than the first";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    suite: String,
    alias: String,
    login: Option<String>,
}

/// Permission: anybody who reaches the sandbox: nothing stands in it but what its first page shows.
pub async fn configuration(State(workflows): State<Workflows>, asked: Query<Asked>) -> Response {
    let people = workflows.sandbox().map(|sandbox| sandbox.people.as_slice()).unwrap_or_default();
    let named =
        |person: &&TestPerson| asked.login.as_ref().is_none_or(|name| *name == person.login);
    let origin = &workflows.parts().public_origin;
    match (at_suite(&asked), people.iter().find(named)) {
        (Some(suite), Some(person)) => {
            let walk = Walk { origin, suite: &suite, person };
            Json(walk.configuration(&asked.alias)).into_response()
        }
        _ => (StatusCode::BAD_REQUEST, MALFORMED).into_response(),
    }
}

/// `https://suite.example:8443/test/a/hygie`.
fn at_suite(asked: &Asked) -> Option<String> {
    let origin = oidc::policy_origin(&asked.suite)?;
    let named = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let is_alias = !asked.alias.is_empty() && asked.alias.chars().all(named);
    (asked.suite.trim_end_matches('/') == origin && is_alias)
        .then(|| format!("{origin}/test/a/{}", asked.alias))
}

/// A way through the pages.
struct Walk<'a> {
    origin: &'a str,
    suite: &'a str,
    person: &'a TestPerson,
}

impl Walk<'_> {
    fn configuration(&self, alias: &str) -> Value {
        let origin = self.origin;
        json!({
            "alias": alias,
            "server": { "discoveryUrl": format!("{origin}{}", At::DISCOVERY) },
            "automated_ciba_approval_url": format!("{origin}/sandbox/ciba?token={{auth_req_id}}&type={{action}}"),
            "options": { "browsercontrol_css_enable": false },
            "browser": [self.authorized(&[self.log_in(), self.refusal(), self.done()]), self.ended(&[self.end()])],
            "override": self.exceptions(),
        })
    }

    /// Modules that look at a page of their own, or leave one early.
    fn exceptions(&self) -> Value {
        let mut all = Map::new();
        let mut except = |module: &str, entries: Vec<Value>| {
            all.insert(module.to_owned(), json!({ "browser": entries }));
        };
        for (what, id) in [("logo", "hy-username"), ("policy", "hy-policy"), ("tos", "hy-tos")] {
            let seen = self.at_login("photo", &[json!(["wait", "id", id, PATIENCE, ".*", PHOTO])]);
            except(&format!("oidcc-registration-{what}-uri"), vec![self.authorized(&[seen])]);
        }
        let usual = || self.authorized(&[self.log_in(), self.done()]);
        let confirm = json!(["click", "id", "hy-logout-confirm"]);
        for what in ["no-params", "only-state"] {
            let confirmed = self.at_logout("confirm", &[confirm.clone(), ended_photo()]);
            let module = format!("oidcc-rp-initiated-logout-{what}");
            except(&module, vec![usual(), self.ended(&[confirmed])]);
        }
        let asked = self.at_logout(
            "asked",
            &[json!(["wait", "id", "hy-logout-confirm", PATIENCE, ".+", PHOTO])],
        );
        let module = "oidcc-rp-initiated-logout-no-id-token-hint";
        except(module, vec![usual(), self.ended(&[asked])]);
        // Its page tells the application in a frame, then goes on by itself.
        let gone =
            json!({ "task": "gone on", "commands": [self.arrived("/post_logout_redirect")] });
        except("oidcc-frontchannel-rp-initiated-logout", vec![usual(), self.ended(&[gone])]);
        let cancel = self.at_login("cancel", &[json!(["click", "id", "hy-cancel"]), self.back()]);
        except(
            "fapi2-security-profile-final-user-rejects-authentication",
            vec![self.authorized(&[cancel, self.done()])],
        );
        let mut look = self.authorized(&[self.at_login("look", &[])]);
        look["match-limit"] = json!(1);
        except(
            "fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
            vec![look, usual()],
        );
        Value::Object(all)
    }

    /// The address that an application sends a browser to, with what is done from there on.
    fn authorized(&self, tasks: &[Value]) -> Value {
        json!({ "match": format!("{}{}*", self.origin, At::AUTHORIZE), "tasks": tasks })
    }

    fn ended(&self, tasks: &[Value]) -> Value {
        json!({ "match": format!("{}{}*", self.origin, At::LOGOUT), "tasks": tasks })
    }

    /// Name, then password, unless she is logged in; photographed where the module wants to see it.
    fn log_in(&self) -> Value {
        let commands = [
            json!(["wait", "id", "hy-username", PATIENCE, ".*", PHOTO_IF_DUE]),
            json!(["text", "id", "hy-username", self.person.login]),
            json!(["click", "id", "hy-submit"]),
            json!(["wait", "id", "hy-password", PATIENCE]),
            json!(["text", "id", "hy-password", self.person.password]),
            json!(["click", "id", "hy-submit"]),
            self.back(),
        ];
        optional(self.at_login("login", &commands))
    }

    fn back(&self) -> Value {
        self.arrived("/")
    }

    /// The browser stands there. By a regular expression: the suite leaves the addresses in its queries as they are, so that
    /// ours may hold the whole of one of its own.
    fn arrived(&self, at: &str) -> Value {
        let suite = self.suite.replace('.', "\\.").replace('[', "\\[").replace(']', "\\]");
        json!(["wait", "match", format!("^{suite}{at}.*"), PATIENCE])
    }

    /// A refused request is a page at the same address.
    fn refusal(&self) -> Value {
        optional(json!({
            "task": "refusal", "match": format!("{}{}*", self.origin, At::AUTHORIZE),
            "commands": [["wait", "id", "hy-error", PATIENCE, ".+", PHOTO_IF_DUE]],
        }))
    }

    /// The suite's own page has sent on what it was given.
    fn done(&self) -> Value {
        optional(json!({
            "task": "done", "match": format!("{}/callback*", self.suite),
            "commands": [["wait", "id", "submission_complete", PATIENCE]],
        }))
    }

    /// Whatever stands at the logout's address: a good request has gone on from there already.
    fn end(&self) -> Value {
        optional(self.at_logout("end", &[ended_photo()]))
    }

    fn at_login(&self, task: &str, commands: &[Value]) -> Value {
        json!({ "task": task, "match": format!("{}/login?*", self.origin), "commands": commands })
    }

    fn at_logout(&self, task: &str, commands: &[Value]) -> Value {
        let place = format!("{}{}*", self.origin, At::LOGOUT);
        json!({ "task": task, "match": place, "commands": commands })
    }
}

const PHOTO: &str = "update-image-placeholder";
const PHOTO_IF_DUE: &str = "update-image-placeholder-optional";

fn ended_photo() -> Value {
    json!(["wait", "css", "h1", PATIENCE, ".+", PHOTO_IF_DUE])
}

/// Passed over where the browser is elsewhere.
fn optional(mut task: Value) -> Value {
    task["optional"] = json!(true);
    task
}

//! The admin API over HTTP, on a real database: every route as nobody, then as every role.
mod access;
mod accords;
mod clients;
mod columns;
mod jobs;
mod lab;
mod ladder;
mod merges;
mod operators;
mod people;
mod protocol;
mod runs;
mod screens;

use super::*;
use axum::http::{Method, StatusCode, header};
use kernel::{Capability, Role};
use lab::{ADMIN, on_each};
use serde_json::{Value, json};

/// The document that the console's client is generated from.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_document_is_the_one_that_is_kept() {
    let made = document().to_pretty_json().expect("a document") + "\n";
    if made != std::fs::read_to_string(SNAPSHOT).unwrap_or_default() {
        std::fs::write(SNAPSHOT, &made).expect("the crate's folder");
        panic!(
            "openapi.json was made again: look at what changed, then generate the console's client"
        );
    }
}

/// An id that nothing bears.
const NOBODY: &str = "01950000-0000-7000-8000-00000000ffff";

/// One route, as the document tells it.
struct Route {
    id: String,
    method: Method,
    path: String,
    /// The first capability that its doc comment names; `None`: anybody at the console.
    needs: Option<Capability>,
    body: Option<Value>,
}

fn routes_of_document() -> Vec<Route> {
    let document = serde_json::to_value(document()).expect("json");
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let told = operation["description"].as_str().unwrap_or_default();
            let permission = told.split("Permission:").nth(1);
            let permission =
                permission.unwrap_or_else(|| panic!("{method} {path} tells no permission"));
            let word = permission.split('`').nth(1).map(snake);
            let needs = word.map(|word| {
                serde_json::from_value(json!(word)).unwrap_or_else(|_| panic!("{path}: {word}"))
            });
            let path = path
                .replace("{id}", NOBODY)
                .replace("{identity}", NOBODY)
                .replace("{client_id}", "dpi")
                .replace("{index}", "0");
            let asked = if path.ends_with("token-preview") {
                format!("{path}?person={NOBODY}")
            } else {
                path
            };
            let id = operation["operationId"].as_str().unwrap_or_default();
            routes.push(Route {
                id: id.to_owned(),
                method: method.to_uppercase().parse().expect("method"),
                path: asked,
                needs,
                body: body_of(id),
            });
        }
    }
    assert!(routes.len() >= 55, "{} routes", routes.len());
    routes
}

fn snake(word: &str) -> String {
    let mut text = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// A body that parses, for the routes that take one.
fn body_of(operation: &str) -> Option<Value> {
    match operation {
        "close_person" | "suspend_person" | "resume_person" | "unlink_identity"
        | "split_people" | "suspend_means" | "reactivate_means" | "revoke_means" => {
            Some(json!({ "motive": "essai" }))
        }
        "verify_identity" => Some(json!({ "evidence": "professional_card" })),
        "create_enrolment_code" => Some(json!({ "means": "fido2" })),
        "apply_run" => {
            Some(json!({ "selection": { "all": true, "except": [] }, "data_version": "0" }))
        }
        "decide_case" => Some(json!({ "decision": "none_fits" })),
        "create_client" => {
            Some(json!({ "name": "DPI", "profile": "standard", "auth": "client_secret_basic",
            "sensitive": false, "redirect_uris": ["https://dpi.test/retour"] }))
        }
        "hand_in_client_check" => Some(json!({ "file": "{}" })),
        "change_client" => Some(json!({ "name": "DPI" })),
        "act_on_people" => Some(json!({ "action": "end_sessions", "ids": [NOBODY], "count": 1 })),
        "assign_cases" => Some(json!({ "cases": [] })),
        "create_view" | "change_view" => {
            Some(json!({ "page": "people", "name": "Cardiologie", "query": "unit=3412" }))
        }
        "merge_people" => Some(json!({ "kept": NOBODY, "absorbed": NOBODY,
            "evidence": "hr_file", "motive": "essai" })),
        "appoint_operator" => Some(json!({ "person": NOBODY, "roles": ["auditor"] })),
        "change_operator" => Some(json!({ "roles": ["auditor"], "enabled": true })),
        "change_mapping" => Some(json!({ "toml": "name = \"rh\"" })),
        "ask_confirmation" => Some(json!({ "act": "close_people" })),
        "answer_confirmation" => Some(json!({ "answer": {} })),
        _ => None,
    }
}

#[tokio::test]
async fn am_01_no_route_answers_nobody() {
    on_each(async |lab| {
        for route in routes_of_document() {
            let answer = lab.call(None, &route.method, &route.path, route.body.as_ref()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", route.method, route.path);
            assert_eq!(answer.body["code"], "unauthenticated", "{} {}", route.method, route.path);
        }
    })
    .await;
}

#[tokio::test]
async fn am_01_every_route_asks_for_its_capability_of_every_role() {
    on_each(async |lab| {
        for role in Role::ALL {
            let caller = lab.operator(&[role]).await;
            for route in routes_of_document() {
                if route.path.ends_with("/logout") || route.path.ends_with("/jobs/events") {
                    continue; // the first ends the session, the second goes on for two minutes
                }
                let answer =
                    lab.call(Some(&caller), &route.method, &route.path, route.body.as_ref()).await;
                let may = route.needs.is_none_or(|needs| role.capabilities().contains(&needs));
                // A right that is there may still ask for the key: that is no missing right.
                let refused = answer.status == StatusCode::FORBIDDEN
                    && answer.body["code"] != "confirmation_required";
                let told = format!("{role:?} {} {}: {}", route.method, route.path, answer.body);
                if !may {
                    assert!(refused && answer.body["code"] == "forbidden", "{told}");
                    assert_eq!(answer.body["reference"].as_str().map(str::len), Some(6), "{told}");
                } else {
                    // A second capability may still be missing (token preview); nothing fails on our side.
                    assert!(!refused || route.path.contains("token-preview"), "{told}");
                    assert!(!answer.status.is_server_error(), "{told}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn am_04_an_unknown_field_is_refused() {
    on_each(async |lab| {
        let caller = lab.operator(&Role::ALL).await;
        for route in routes_of_document() {
            let Some(mut body) = route.body.clone() else { continue };
            for field in ["status", "rpps", "roles", "id"] {
                body[field] = json!("x");
                let answer = lab.call(Some(&caller), &route.method, &route.path, Some(&body)).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} {field}", route.path);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn am_05_cursors_sorts_and_filters_that_we_did_not_make_are_refused() {
    on_each(async |lab| {
        let caller = lab.operator(&Role::ALL).await;
        for number in 0..7 {
            lab.person(&format!("NOM{number}")).await;
        }
        let page = lab.get(&caller, "/api/v1/people?limit=2").await;
        let cursor = page.body["next_cursor"].as_str().expect("more").to_owned();
        let good = lab.get(&caller, &format!("/api/v1/people?limit=2&cursor={cursor}")).await;
        assert_eq!(good.status, StatusCode::OK);
        let other = lab.operator(&Role::ALL).await;
        let mut altered = cursor.clone().into_bytes();
        altered[3] = if altered[3] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("letters");
        for (caller, path) in [
            (&caller, format!("/api/v1/people?limit=2&cursor={altered}")),
            (&caller, format!("/api/v1/people?limit=2&q=NOM&cursor={cursor}")),
            (&caller, format!("/api/v1/cases?cursor={cursor}")),
            (&other, format!("/api/v1/people?limit=2&cursor={cursor}")),
            (&caller, "/api/v1/people?cursor=x".to_owned()),
            (&caller, "/api/v1/people?sort=name%3B--".to_owned()),
            (&caller, "/api/v1/people?state=ouvert".to_owned()),
            (&caller, "/api/v1/people?limit=abc".to_owned()),
            (&caller, "/api/v1/people?unknown=1".to_owned()),
            (&caller, "/api/v1/audit?event=x%27%20OR%201%3D1".to_owned()),
        ] {
            let answer = lab.get(caller, &path).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.body);
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_any_word_and_paged_without_loss() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        for number in 0..25 {
            lab.person(&format!("DUPONT{number:02}")).await;
        }
        let twin = lab.person("L’HÔTE").await;
        lab.person("Lhote").await;
        let (mut seen, mut path) = (Vec::new(), "/api/v1/people?limit=10".to_owned());
        loop {
            let page = lab.get(&caller, &path).await;
            let items = page.body["items"].as_array().expect("items");
            seen.extend(items.iter().map(|item| item["id"].as_str().expect("id").to_owned()));
            assert_eq!(page.body["total"], 28, "27 and the operator");
            match page.body["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/v1/people?limit=10&cursor={cursor}"),
                None => break,
            }
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((all, seen.len()), (28, 28));
        for (text, count) in
            [("dupont03", 1), ("DUPONT", 25), ("l%27hote", 2), ("marie%20dupont1", 10), ("%25", 0)]
        {
            let page = lab.get(&caller, &format!("/api/v1/people?q={text}")).await;
            assert_eq!(page.body["total"], count, "{text}");
        }
        let found = lab.get(&caller, "/api/v1/people?q=lhote").await;
        assert!(
            found.body["items"]
                .as_array()
                .expect("items")
                .iter()
                .all(|item| item["homonym"] == true)
        );
        let sheet = lab.get(&caller, &format!("/api/v1/people/{twin}")).await;
        assert_eq!(sheet.body["homonyms"].as_array().map(Vec::len), Some(1));
        let journal = lab.get(&caller, "/api/v1/audit?event=person_read").await;
        assert_eq!(
            journal.body["items"][0]["subject"]["id"],
            twin.to_string(),
            "a record opened is a read"
        );
    })
    .await;
}

#[tokio::test]
async fn wb_05_wb_08_another_host_or_another_site_gets_nothing() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        let me = "/api/v1/me";
        let answer =
            lab.send(Some(&caller), &Method::GET, me, None, &[(header::HOST, "evil.test")]).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
        for origin in ["null", "https://wiki.hopital.test", "http://admin.hopital.test"] {
            let sent = [(header::ORIGIN, origin)];
            let answer =
                lab.send(Some(&caller), &Method::POST, "/api/v1/logout", None, &sent).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
            assert_eq!(answer.body["code"], "origin_refused");
        }
        let answer = lab.get(&caller, me).await;
        assert_eq!(answer.status, StatusCode::OK, "the session is still open");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!answer.headers.contains_key(header::SERVER));
        let out = lab.call(Some(&caller), &Method::POST, "/api/v1/logout", None).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT);
        assert_eq!(lab.get(&caller, me).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn a_write_on_what_changed_since_is_refused_and_a_repeated_one_is_done_once() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let person = lab.person("PARTANT").await;
        let path = format!("/api/v1/people/{person}/close");
        let motive = json!({ "motive": "Départ" });
        let stale = [(header::IF_MATCH, "\"99\"")];
        let answer = lab.send(Some(&caller), &Method::POST, &path, Some(&motive), &stale).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::PRECONDITION_FAILED, &json!("stale"))
        );
        let key = header::HeaderName::from_static("idempotency-key");
        let once = [(key.clone(), "k-1")];
        let first = lab.send(Some(&caller), &Method::POST, &path, Some(&motive), &once).await;
        assert_eq!((first.status, &first.body["state"]), (StatusCode::OK, &json!("closed")));
        let again = lab.send(Some(&caller), &Method::POST, &path, Some(&motive), &once).await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body), "the same answer");
        let other = json!({ "motive": "Autre" });
        let answer = lab.send(Some(&caller), &Method::POST, &path, Some(&other), &once).await;
        assert_eq!(answer.body["code"], "idempotency_conflict");
        let answer = lab.call(Some(&caller), &Method::POST, &path, Some(&motive)).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::CONFLICT, &json!("person_closed"))
        );
        let journal = lab.get(&caller, "/api/v1/audit?event=person_closed").await;
        assert_eq!(journal.body["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn an_entry_of_the_journal_is_proved_up_to_the_signed_root() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        lab.person("MARTIN").await;
        lab.workflows.seal_all().await.expect("sealed");
        let entry = lab.get(&caller, "/api/v1/audit/1").await;
        assert_eq!(entry.body["proof"]["verified"], true, "{}", entry.body);
        let note = entry.body["proof"]["checkpoint"]["note"].as_str().expect("note");
        let key: ::audit::VerifierKey =
            entry.body["proof"]["checkpoint"]["key"].as_str().expect("key").parse().expect("vkey");
        assert!(key.verify(note).is_ok());
        let verified = lab.call(Some(&caller), &Method::POST, "/api/v1/audit/verify", None).await;
        assert_eq!(verified.body["holds"], true, "{}", verified.body);
        let refusal =
            lab.call(Some(&caller), &Method::POST, "/api/v1/register/reconcile", None).await;
        let reference = refusal.body["reference"].as_str().expect("reference").to_lowercase();
        let found = lab.get(&caller, &format!("/api/v1/search?q={reference}")).await;
        assert_eq!(found.body["hits"][0]["kind"], "reference", "{}", found.body);
    })
    .await;
}

#[tokio::test]
async fn s04_a_doubt_is_linked_on_evidence_once_and_never_on_a_stale_page() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let person = lab.person("MARTIN").await;
        let case = lab.doubt(person, &["899900001233", "899900004567"]).await;
        let path = format!("/api/v1/cases/{case}");
        let shown = lab.get(&caller, &path).await;
        assert_eq!(shown.body["candidates"][1]["letter"], "B", "{}", shown.body);
        assert_eq!(shown.body["candidates"][1]["rpps"], "99900004567");
        assert_eq!(shown.body["candidates"][0]["contributions"][0]["sign"], "equal");
        assert_eq!(shown.body["ours"][0]["value"], "MARTIN");
        let etag = shown.headers[header::ETAG].to_str().expect("tag").to_owned();
        let decide = format!("{path}/decision");
        let decision = async |body: Value, tag: &str| {
            let sent = [(header::IF_MATCH, tag)];
            let answer = lab.send(Some(&caller), &Method::POST, &decide, Some(&body), &sent).await;
            (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
        };
        let link = json!({ "decision": "link", "candidate": "B", "evidence": "professional_card" });
        assert_eq!(decision(link.clone(), &etag).await.1, "confirmation_required");
        let mut key = lab.key_of(&caller).await;
        assert_eq!(lab.confirm(&caller, &mut key, "link_identity").await.status, StatusCode::OK);
        for (body, tag, code) in [
            (link.clone(), "\"99\"", "case_stale"),
            (json!({ "decision": "link", "candidate": "B" }), &etag, "evidence_required"),
            (json!({ "decision": "link", "evidence": "diploma" }), &etag, "fields"),
            (
                json!({ "decision": "link", "candidate": "C", "evidence": "diploma" }),
                &etag,
                "candidate_unknown",
            ),
            (json!({ "decision": "take_ours" }), &etag, "decision_does_not_fit"),
        ] {
            assert_eq!(decision(body.clone(), tag).await.1, code, "{body}");
        }
        let wait = json!({ "decision": "ask_hr" });
        assert_eq!(decision(wait, &etag).await.0, StatusCode::OK);
        let undo = lab.call(Some(&caller), &Method::POST, &format!("{path}/undo"), None).await;
        assert_eq!(
            (undo.status, &undo.body["state"]),
            (StatusCode::OK, &json!("open")),
            "{}",
            undo.body
        );
        let etag = undo.headers[header::ETAG].to_str().expect("tag").to_owned();
        assert_eq!(decision(link.clone(), &etag).await.0, StatusCode::OK);
        assert_eq!(decision(link, &etag).await.1, "case_decided");
        let late = lab.call(Some(&caller), &Method::POST, &format!("{path}/undo"), None).await;
        assert_eq!(late.body["code"], "undo_too_late", "a link is not taken back so");
        let sheet = lab.get(&caller, &format!("/api/v1/people/{person}")).await;
        let linked = &sheet.body["national_identities"][0];
        assert_eq!(
            (&linked["rpps"], &linked["channel"]),
            (&json!("99900004567"), &json!("human_decided"))
        );
        assert_eq!(linked["evidence"], "professional_card", "{linked}");
        let other = lab.doubt(lab.person("MARTIN").await, &["899900004567"]).await;
        let taken = json!({ "decision": "link", "candidate": "A", "evidence": "diploma" });
        let path = format!("/api/v1/cases/{other}/decision");
        // The letter is a place in the list that was shown: no page, no link.
        let blind = lab.call(Some(&caller), &Method::POST, &path, Some(&taken)).await;
        assert_eq!(blind.status, StatusCode::PRECONDITION_REQUIRED, "{}", blind.body);
        let tag = [(header::IF_MATCH, "\"1\"")];
        let answer = lab.send(Some(&caller), &Method::POST, &path, Some(&taken), &tag).await;
        assert_eq!(answer.body["code"], "idnat_taken", "an IdNat has at most one person");
    })
    .await;
}

#[tokio::test]
async fn the_secret_of_an_application_is_shown_once() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let body = body_of("create_client").expect("body");
        let made = lab.call(Some(&caller), &Method::POST, "/api/v1/clients", Some(&body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let secret = made.body["secret"].as_str().expect("secret").to_owned();
        let id = made.body["client"]["client_id"].as_str().expect("id");
        let path = format!("/api/v1/clients/{id}");
        let shown = lab.get(&caller, &path).await;
        assert!(!shown.body.to_string().contains(&secret));
        let wrong = json!({ "redirect_uris": ["http://dpi.test/retour"] });
        let refused = lab.call(Some(&caller), &Method::PATCH, &path, Some(&wrong)).await;
        assert_eq!(refused.body["fields"][0]["code"], "redirect_not_https", "{}", refused.body);
        let suspended = json!({ "state": "suspended" });
        let changed = lab.call(Some(&caller), &Method::PATCH, &path, Some(&suspended)).await;
        assert_eq!(changed.body["state"], "suspended", "{}", changed.body);
        assert_ne!(changed.headers[header::ETAG], shown.headers[header::ETAG]);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_is_a_problem_and_a_page_has_its_own_nonce() {
    on_each(async |lab| {
        let answer = lab.call(None, &Method::GET, "/api/v1/nothing", None).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found"))
        );
        let missing = lab.call(None, &Method::GET, "/people/x.css", None).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "an address with a dot is a file");
        if assets::is_built() {
            let (one, two) = (lab.page("/people").await, lab.page("/people").await);
            assert!(one.contains("'nonce-") && one != two, "{one}");
            assert!(!one.contains("unsafe"));
        }
        // The pages' own files travel compressed; no answer of the API does, beside what its caller wrote (BREACH).
        let accepts = [(header::ACCEPT_ENCODING, "gzip")];
        let page = lab.send(None, &Method::GET, "/people", None, &accepts).await;
        assert_eq!(page.headers.contains_key(header::CONTENT_ENCODING), assets::is_built());
        let api = lab.send(None, &Method::GET, "/api/v1/openapi.json", None, &accepts).await;
        assert_eq!(api.status, StatusCode::OK);
        assert!(!api.headers.contains_key(header::CONTENT_ENCODING), "{:?}", api.headers);
        assert!(ADMIN.starts_with("https://"));
    })
    .await;
}

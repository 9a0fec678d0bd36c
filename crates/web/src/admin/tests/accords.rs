//! Acts that take two people.
use super::lab::{Answer, Caller, Lab, on_each};
use audit::{AuditEvent, Digest};
use axum::http::{Method, StatusCode, header};
use chrono::Duration;
use demo::authenticator::Authenticator;
use directory::Decision;
use kernel::{Actor, ActorId, CaseId, PersonId, Role, Uuid};
use serde_json::{Value, json};
use workflows::{Accord, CONFIRMED_FOR, CaseError, DecideCase, LINK_ACCORD};

fn legacy() -> Value {
    json!({ "name": "Labo", "profile": "legacy", "auth": "client_secret_basic", "sensitive": false,
        "redirect_uris": ["https://labo.test/retour"],
        "relaxation": { "owner": "DSI", "reason": "Connecteur de 2014", "until": "2027-03-01T00:00:00Z" } })
}

#[tokio::test]
async fn op_29_a_relaxed_application_opens_nothing_before_a_second_person_agrees() {
    on_each(async |lab| {
        let asker = lab.operator(&[Role::Technician]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let made = lab.call(Some(&asker), &Method::POST, "/api/v1/clients", Some(&legacy())).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let client = &made.body["client"];
        assert_eq!(client["state"], "suspended", "{client}");
        let (id, accord) = (client["client_id"].as_str().expect("id"), &client["accord"]["id"]);
        let path = format!("/api/v1/clients/{id}");
        let listed = lab.get(&second, "/api/v1/accords").await;
        let first = &listed.body["items"][0];
        assert_eq!((&first["act"], &first["subject"]), (&json!("relax_client"), &json!("Labo")));
        assert_eq!((&first["mine"], &first["id"]), (&json!(false), accord));
        assert_eq!(lab.get(&asker, "/api/v1/accords").await.body["items"][0]["mine"], true);
        let give = format!("/api/v1/accords/{}/give", accord.as_str().expect("id"));
        let own = lab.call(Some(&asker), &Method::POST, &give, None).await;
        assert_eq!(own.body["code"], "same_person_approves");
        // Opening it alone is the same act: it waits too.
        let open = json!({ "state": "active" });
        let waits = lab.call(Some(&asker), &Method::PATCH, &path, Some(&open)).await;
        assert_eq!(waits.body["state"], "suspended", "{}", waits.body);
        assert!(waits.body["accord"]["id"].is_string());
        let mut key = lab.key_of(&second).await;
        let given = lab.give(&second, &mut key, "relax_client", accord).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(lab.get(&asker, &path).await.body["state"], "active");
        let again = lab.call(Some(&second), &Method::POST, &give, None).await;
        assert_eq!(again.body["code"], "accord_over");
        // A name is changed by one person; a later end of the relaxation is not.
        let name = json!({ "name": "Laboratoire" });
        let named = lab.call(Some(&asker), &Method::PATCH, &path, Some(&name)).await;
        assert_eq!(
            (&named.body["name"], &named.body["accord"]),
            (&json!("Laboratoire"), &Value::Null)
        );
        let mut longer = legacy()["relaxation"].clone();
        longer["until"] = json!("2027-09-01T00:00:00Z");
        let longer = json!({ "relaxation": longer });
        let waits = lab.call(Some(&asker), &Method::PATCH, &path, Some(&longer)).await;
        assert_eq!(waits.body["relaxation"]["until"], "2027-03-01T00:00:00Z", "{}", waits.body);
        let accord = waits.body["accord"]["id"].as_str().expect("an accord").to_owned();
        lab.pass(Duration::minutes(15));
        let late = format!("/api/v1/accords/{accord}/give");
        let late = lab.call(Some(&second), &Method::POST, &late, None).await;
        assert_eq!(late.body["code"], "accord_over", "a quarter of an hour, no more");
        let journal = "/api/v1/audit?event=accord_asked,accord_given";
        assert_eq!(lab.get(&second, journal).await.body["total"], 4);
    })
    .await;
}

#[tokio::test]
async fn nobody_alone_makes_an_application_ask_people_no_more() {
    on_each(async |lab| {
        let asker = lab.operator(&[Role::Technician]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let agenda = json!({
            "name": "Agenda", "profile": "standard", "auth": "client_secret_basic",
            "redirect_uris": ["https://tiers.test/cb"], "sensitive": false, "asks_consent": true,
        });
        let made = lab.call(Some(&asker), &Method::POST, "/api/v1/clients", Some(&agenda)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let client = &made.body["client"];
        let path = format!("/api/v1/clients/{}", client["client_id"].as_str().expect("id"));
        let off = json!({ "asks_consent": false });
        let waits = lab.call(Some(&asker), &Method::PATCH, &path, Some(&off)).await;
        assert_eq!(waits.body["asks_consent"], true, "{}", waits.body);
        let mut key = lab.key_of(&second).await;
        let accord = &waits.body["accord"]["id"];
        let given = lab.give(&second, &mut key, "relax_client", accord).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(lab.get(&asker, &path).await.body["asks_consent"], false);
        // To ask them is one person's to decide.
        let on = json!({ "asks_consent": true });
        let asks = lab.call(Some(&asker), &Method::PATCH, &path, Some(&on)).await;
        assert_eq!(
            (&asks.body["asks_consent"], &asks.body["accord"]),
            (&json!(true), &Value::Null),
            "{}",
            asks.body
        );
    })
    .await;
}

#[tokio::test]
async fn an_accord_is_refused_and_nothing_happens() {
    on_each(async |lab| {
        let asker = lab.operator(&[Role::Technician]).await;
        let auditor = lab.operator(&[Role::Auditor]).await;
        let made = lab.call(Some(&asker), &Method::POST, "/api/v1/clients", Some(&legacy())).await;
        let accord = made.body["client"]["accord"]["id"].as_str().expect("id").to_owned();
        let refuse = format!("/api/v1/accords/{accord}/refuse");
        let may_not = lab.call(Some(&auditor), &Method::POST, &refuse, None).await;
        assert_eq!(may_not.body["code"], "forbidden");
        assert_eq!(lab.get(&auditor, "/api/v1/accords").await.body["items"], json!([]));
        let refused = lab.call(Some(&asker), &Method::POST, &refuse, None).await;
        assert_eq!(refused.status, StatusCode::NO_CONTENT, "one's own question is taken back");
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let give = format!("/api/v1/accords/{accord}/give");
        let late = lab.call(Some(&second), &Method::POST, &give, None).await;
        assert_eq!(late.body["code"], "accord_over");
    })
    .await;
}

#[tokio::test]
async fn am_09_what_was_asked_by_somebody_taken_off_since_takes_two_others() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let mut key = lab.key_of(&officer).await;
        let asker = lab.operator(&[Role::Technician]).await;
        let made = lab.call(Some(&asker), &Method::POST, "/api/v1/clients", Some(&legacy())).await;
        let (client, accord) = (&made.body["client"], &made.body["client"]["accord"]["id"]);
        // She tries to be the second herself: refused, and in the journal.
        let own = format!("/api/v1/accords/{}/give", accord.as_str().expect("id"));
        let own = lab.call(Some(&asker), &Method::POST, &own, None).await;
        assert_eq!(own.body["code"], "same_person_approves");
        let journal = lab.get(&officer, "/api/v1/audit?limit=5").await.body.to_string();
        assert!(journal.contains("accord_by_same_person"), "{journal}");
        lab.confirm(&officer, &mut key, "manage_operators").await;
        let path = format!("/api/v1/operators/{}", asker.operator);
        let off = json!({ "roles": ["technician"], "enabled": false });
        let off = lab.call(Some(&officer), &Method::PUT, &path, Some(&off)).await;
        assert_eq!(off.status, StatusCode::NO_CONTENT, "{}", off.body);
        let given = lab.give(&officer, &mut key, "relax_client", accord).await;
        assert_eq!(given.body["code"], "accord_over", "{}", given.body);
        let path = format!("/api/v1/clients/{}", client["client_id"].as_str().expect("id"));
        assert_eq!(lab.get(&officer, &path).await.body["state"], "suspended");
    })
    .await;
}

#[tokio::test]
async fn an_application_proves_itself_by_the_keys_that_it_registered() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let jwks = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }] });
        let create = async |jwks: Value| {
            let body = json!({ "name": "DPI", "profile": "standard", "auth": "private_key_jwt", "sensitive": true,
                "redirect_uris": ["https://dpi.test/retour"], "jwks": jwks });
            lab.call(Some(&caller), &Method::POST, "/api/v1/clients", Some(&body)).await
        };
        assert_eq!(create(Value::Null).await.body["fields"][0]["field"], "keys");
        assert_eq!(create(json!("nonsense")).await.body["fields"][0]["field"], "jwks");
        let mut private = jwks.clone();
        private["keys"][0]["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
        assert_eq!(create(private).await.body["fields"][0]["field"], "jwks", "a private key");
        for given in [jwks.clone(), json!(jwks.to_string())] {
            let made = create(given).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
            assert!(made.body["secret"].is_null(), "it has no secret");
            assert_eq!(made.body["client"]["jwks"]["keys"][0]["kid"], "k1");
        }
    })
    .await;
}

#[tokio::test]
async fn am_09_where_four_eyes_are_wanted_a_link_waits_for_somebody_else_who_decides() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let asker = lab.operator(&[Role::HrReferent]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let reader = lab.operator(&[Role::Technician]).await;
        let person = lab.person("MARTIN").await;
        let case = lab.doubt(person, &["899900001233", "899900004567"]).await;
        let path = format!("/api/v1/cases/{case}");
        let link = json!({ "decision": "link", "candidate": "B", "evidence": "diploma" });
        let mut key = lab.key_of(&asker).await;
        assert_eq!(lab.confirm(&asker, &mut key, "link_identity").await.status, StatusCode::OK);
        let blind =
            lab.call(Some(&asker), &Method::POST, &format!("{path}/decision"), Some(&link)).await;
        assert_eq!(
            blind.body["code"], "version_required",
            "a letter is a place in the list that was shown"
        );
        let asked = decide(&lab, &asker, case, &link).await;
        assert_eq!(asked.body["state"], "open", "{}", asked.body);
        assert_eq!(asked.body["undo_until"], Value::Null);
        let accord = asked.body["accord"]["id"].as_str().expect("an accord").to_owned();
        let links = async || {
            let sheet = lab.get(&asker, &format!("/api/v1/people/{person}")).await;
            sheet.body["national_identities"].as_array().expect("links").len()
        };
        assert_eq!(links().await, 0, "nothing is linked yet");

        let shown = lab.get(&second, &path).await.body;
        assert_eq!(shown["two_people"], true);
        let waiting = &shown["waiting_accord"];
        assert_eq!((&waiting["candidate"], &waiting["mine"]), (&json!("B"), &json!(false)));
        assert_eq!((&waiting["evidence"], &waiting["id"]), (&json!("diploma"), &json!(accord)));
        assert_eq!(lab.get(&asker, &path).await.body["waiting_accord"]["mine"], true);
        let listed = lab.get(&second, "/api/v1/accords").await;
        let first = &listed.body["items"][0];
        assert_eq!((&first["act"], &first["case_id"]), (&json!("link_identity"), &json!(case)));
        assert_eq!(first["person_name"], "MARTIN Marie", "{first}");
        assert_eq!(
            (&first["case_kind"], &listed.body["total"]),
            (&json!("national_identity"), &json!(1))
        );
        assert_eq!(lab.get(&reader, "/api/v1/accords").await.body["items"], json!([]));

        // One choice waits at a time, and whoever chose, or may not decide, lets nothing happen.
        let again = decide(&lab, &asker, case, &link).await;
        assert_eq!(again.body["code"], "accord_waits", "{}", again.body);
        let give = format!("/api/v1/accords/{accord}/give");
        let own = lab.call(Some(&asker), &Method::POST, &give, None).await;
        assert_eq!(own.body["code"], "same_person_approves");
        let other = lab.call(Some(&reader), &Method::POST, &give, None).await;
        assert_eq!(other.status, StatusCode::FORBIDDEN);
        assert_eq!(links().await, 0);
        let mut other_key = lab.key_of(&second).await;
        let given = lab.give(&second, &mut other_key, "link_identity", &json!(accord)).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(links().await, 1);
        let decided = lab.get(&asker, &path).await.body;
        assert_eq!(
            (&decided["state"], &decided["waiting_accord"]),
            (&json!("decided"), &Value::Null)
        );

        // The journal names the question, whom it is about, and both who made the link.
        let auditor = lab.operator(&[Role::Auditor]).await;
        let about = format!("/api/v1/audit?event=accord_asked,accord_given&subject={person}");
        assert_eq!(lab.get(&auditor, &about).await.body["total"], 2);

        // What is no link takes one person.
        let other = lab.doubt(lab.person("DURAND").await, &["899900007890"]).await;
        let none = json!({ "decision": "ask_hr" });
        let alone = decide(&lab, &asker, other, &none).await;
        assert_eq!((&alone.body["state"], &alone.body["accord"]), (&json!("ask_hr"), &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_refused_too_old_or_about_oneself_is_not_made_and_may_be_chosen_again() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let asker = lab.operator(&[Role::HrReferent]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let case = lab.doubt(second.person, &["899900001233"]).await;
        let link = json!({ "decision": "link", "candidate": "A", "evidence": "diploma" });
        let mut key = lab.key_of(&asker).await;
        let answer = async |accord: &str, verb: &str| {
            let path = format!("/api/v1/accords/{accord}/{verb}");
            lab.call(Some(&second), &Method::POST, &path, None).await
        };
        for verb in ["refuse", "give"] {
            assert_eq!(lab.confirm(&asker, &mut key, "link_identity").await.status, StatusCode::OK);
            let asked = decide(&lab, &asker, case, &link).await;
            let accord = asked.body["accord"]["id"].as_str().expect("an accord").to_owned();
            match verb {
                "refuse" => {
                    assert_eq!(answer(&accord, verb).await.status, StatusCode::NO_CONTENT);
                }
                _ => {
                    // It is about herself: somebody else agrees, within a day.
                    let own = answer(&accord, verb).await;
                    assert_eq!(own.body["code"], "same_person_approves");
                    lab.pass(LINK_ACCORD);
                    let third = lab.operator(&[Role::HrReferent]).await;
                    let late = format!("/api/v1/accords/{accord}/give");
                    let late = lab.call(Some(&third), &Method::POST, &late, None).await;
                    assert_eq!(late.body["code"], "accord_over", "{}", late.body);
                }
            }
        }
        let links = lab.workflows.store().read().national_identities().of(second.person).await;
        assert_eq!(links.expect("read"), []);
        let (candidate, evidence) = ("899900001233".to_owned(), "diploma".to_owned());
        let decision = Decision::Link { candidate, evidence };
        let decide = DecideCase { case, version: None, decision, note: None };
        let alone = lab.workflows.decide_case(&Actor::command_line(0), decide).await;
        assert!(matches!(alone, Err(CaseError::TwoPeople)), "the command line neither");
    })
    .await;
}

/// A question about MARTIN, and the first candidate of it chosen: the question, and the accord that waits.
async fn chosen(lab: &Lab, asker: &Caller, key: &mut Authenticator) -> (CaseId, Value) {
    let person = lab.person("MARTIN").await;
    let case = lab.doubt(person, &["899900001233", "899900004567"]).await;
    assert_eq!(lab.confirm(asker, key, "link_identity").await.status, StatusCode::OK);
    let asked = decide(lab, asker, case, &link("A")).await;
    assert!(asked.body["accord"]["id"].is_string(), "{}", asked.body);
    (case, asked.body["accord"]["id"].clone())
}

fn link(candidate: &str) -> Value {
    json!({ "decision": "link", "candidate": candidate, "evidence": "diploma" })
}

async fn decide(lab: &Lab, caller: &Caller, case: CaseId, decision: &Value) -> Answer {
    let path = format!("/api/v1/cases/{case}/decision");
    let tag = [(header::IF_MATCH, tag_of(lab, case).await)];
    let tag = tag.each_ref().map(|(name, tag)| (name.clone(), tag.as_str()));
    lab.send(Some(caller), &Method::POST, &path, Some(decision), &tag).await
}

/// The tag of the question as it is now.
async fn tag_of(lab: &Lab, case: CaseId) -> String {
    let case = lab.workflows.store().read().cases().find(case).await.expect("read");
    format!("\"{}\"", case.expect("there").version)
}

async fn assign(lab: &Lab, caller: &Caller, case: CaseId, to: PersonId) {
    let body = json!({ "cases": [case.uuid()], "to": to.uuid() });
    let answer = lab.call(Some(caller), &Method::POST, "/api/v1/cases/assign", Some(&body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn links_of(lab: &Lab, case: CaseId) -> usize {
    let reader = lab.workflows.store().read();
    let case = reader.cases().find(case).await.expect("read").expect("there");
    let person = case.person.expect("somebody");
    reader.national_identities().of(person).await.expect("links").len()
}

#[tokio::test]
async fn an_accord_is_for_the_question_as_it_was_shown() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let asker = lab.operator(&[Role::HrReferent]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let (mut key, mut other_key) = (lab.key_of(&asker).await, lab.key_of(&second).await);
        let (case, accord) = chosen(&lab, &asker, &mut key).await;
        // Who is to answer it changes nothing of what was agreed; that it was answered otherwise does, taken back or not.
        assign(&lab, &asker, case, second.person).await;
        let none = decide(&lab, &asker, case, &json!({ "decision": "none_fits" })).await;
        assert_eq!(none.status, StatusCode::OK, "{}", none.body);
        let undo = format!("/api/v1/cases/{case}/undo");
        let undone = lab.call(Some(&asker), &Method::POST, &undo, None).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
        let given = lab.give(&second, &mut other_key, "link_identity", &accord).await;
        assert_eq!(given.body["code"], "accord_over", "{}", given.body);
        assert_eq!(links_of(&lab, case).await, 0);
        let auditor = lab.operator(&[Role::Auditor]).await;
        let told = lab.get(&auditor, "/api/v1/audit?event=accord_refused").await;
        assert_eq!(told.body["total"], 1, "the answer ended what waited: {}", told.body);

        let (case, accord) = chosen(&lab, &asker, &mut key).await;
        assign(&lab, &asker, case, second.person).await;
        let given = lab.give(&second, &mut other_key, "link_identity", &accord).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(links_of(&lab, case).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_accord_is_spent_with_its_link_or_not_at_all() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let asker = lab.operator(&[Role::HrReferent]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let (mut key, mut other_key) = (lab.key_of(&asker).await, lab.key_of(&second).await);
        let (case, accord) = chosen(&lab, &asker, &mut key).await;
        // Meanwhile the number went to somebody else.
        let other = lab.linked(lab.person("DURAND").await, "899900001233").await;
        let given = lab.give(&second, &mut other_key, "link_identity", &accord).await;
        assert_eq!(given.body["code"], "idnat_taken", "{}", given.body);
        let auditor = lab.operator(&[Role::Auditor]).await;
        let journal = "/api/v1/audit?event=accord_given,accord_refused,case_decided";
        assert_eq!(lab.get(&auditor, journal).await.body["total"], 0);
        let shown = lab.get(&second, &format!("/api/v1/cases/{case}")).await.body;
        assert_eq!(shown["waiting_accord"]["id"], accord, "it waits as before");

        lab.unlink(other).await;
        let given = lab.give(&second, &mut other_key, "link_identity", &accord).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(links_of(&lab, case).await, 1);
        assert_eq!(lab.get(&auditor, journal).await.body["total"], 2);
    })
    .await;
}

#[tokio::test]
async fn two_who_choose_at_once_make_one_accord() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let one = lab.operator(&[Role::HrReferent]).await;
        let other = lab.operator(&[Role::SecurityOfficer]).await;
        for caller in [&one, &other] {
            let mut key = lab.key_of(caller).await;
            assert_eq!(lab.confirm(caller, &mut key, "link_identity").await.status, StatusCode::OK);
        }
        let case = lab.doubt(lab.person("MARTIN").await, &["899900001233", "899900004567"]).await;
        let (first, second) = (link("A"), link("B"));
        let (first, second) =
            tokio::join!(decide(&lab, &one, case, &first), decide(&lab, &other, case, &second));
        let made = [&first, &second].map(|answer| answer.body["accord"]["id"].is_string());
        assert!(made == [true, false] || made == [false, true], "{} {}", first.body, second.body);
        let told = if made[0] { &second } else { &first };
        assert_eq!(told.body["code"], "accord_waits", "{}", told.body);
        assert_eq!(lab.get(&one, "/api/v1/accords").await.body["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn am_09_whoever_agrees_shows_a_key_of_her_own() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let asker = lab.operator(&[Role::HrReferent]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let (mut key, mut other_key) = (lab.key_of(&asker).await, lab.key_of(&second).await);
        let (case, accord) = chosen(&lab, &asker, &mut key).await;
        let give = format!("/api/v1/accords/{}/give", accord.as_str().expect("id"));
        let alone = lab.call(Some(&second), &Method::POST, &give, None).await;
        assert_eq!(alone.body["code"], "confirmation_required", "a page left open gives nothing");
        assert_eq!(alone.body["params"]["act"], "link_identity");
        // Confirmed for another kind of act, or too long ago, is not confirmed.
        assert_eq!(
            lab.confirm(&second, &mut other_key, "merge_people").await.status,
            StatusCode::OK
        );
        let alone = lab.call(Some(&second), &Method::POST, &give, None).await;
        assert_eq!(alone.body["code"], "confirmation_required");
        assert_eq!(
            lab.confirm(&second, &mut other_key, "link_identity").await.status,
            StatusCode::OK
        );
        lab.pass(CONFIRMED_FOR);
        let alone = lab.call(Some(&second), &Method::POST, &give, None).await;
        assert_eq!(alone.body["code"], "confirmation_required");
        assert_eq!(links_of(&lab, case).await, 0);

        // What proved whoever asks proves nobody else.
        let id = accord.as_str().expect("id").parse().expect("id");
        let mut asked = lab.workflows.store().read().accords().find(id).await.expect("read");
        let hers = lab.workflows.store().read().means().of(second.person).await.expect("means");
        let keys = lab.workflows.store().read().means().of(asker.person).await.expect("means");
        let asked = asked.take().expect("there");
        assert_eq!(asked.asked_with, Some(keys[0].id));
        let refuse = format!("/api/v1/accords/{id}/refuse");
        let refused = lab.call(Some(&asker), &Method::POST, &refuse, None).await;
        assert_eq!(refused.status, StatusCode::NO_CONTENT);
        let same = Accord { id: Uuid::from_u128(9).into(), asked_with: Some(hers[0].id), ..asked };
        let tx = lab.workflows.store().begin().await.expect("begun");
        tx.accords().ask(&same).await.expect("asked");
        let read = AuditEvent::PersonRead { by: ActorId::Nobody, person: asker.person };
        tx.commit(read).await.expect("committed");
        let accord = json!(same.id.to_string());
        let given = lab.give(&second, &mut other_key, "link_identity", &accord).await;
        assert_eq!(given.body["code"], "same_means", "{}", given.body);
        assert_eq!(links_of(&lab, case).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_version_of_the_register_is_accepted_at_any_node_for_the_one_that_holds_it() {
    on_each(async |lab| {
        let asker = lab.operator(&[Role::SecurityOfficer]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let mut key = lab.key_of(&second).await;
        // It waits in the folder of another node.
        let (file, other) = (Digest::of(b"extract"), Digest::of(b"another"));
        let now = lab.workflows.now();
        let payload = json!({ "act": "accept_register", "version": 7, "file": file.to_string() });
        let asked = Accord {
            id: Uuid::from_u128(7).into(),
            act: "accept_register".to_owned(),
            payload: payload.to_string(),
            asked_by: asker.person,
            asked_at: now,
            expires_at: now + Duration::minutes(15),
            answered_by: None,
            answered_at: None,
            given: false,
            case: None,
            asked_with: None,
        };
        let store = lab.workflows.store();
        let tx = store.begin().await.expect("begun");
        tx.accords().ask(&asked).await.expect("asked");
        let read = AuditEvent::PersonRead { by: ActorId::Nobody, person: asker.person };
        tx.commit(read).await.expect("committed");
        let accord = json!(asked.id.to_string());
        // Another one waits by now: what was agreed to is not there any more, and nothing is spent.
        store.upkeep().set_fact("register.held", &other.to_string()).await.expect("kept");
        let given = lab.give(&second, &mut key, "release_brake", &accord).await;
        assert_eq!(given.body["code"], "register_not_waiting", "{}", given.body);
        assert_eq!(lab.get(&second, "/api/v1/accords").await.body["total"], 1);
        store.upkeep().set_fact("register.held", &file.to_string()).await.expect("kept");
        let given = lab.give(&second, &mut key, "release_brake", &accord).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        let told =
            store.read().counters().fact(&format!("register.settled/{file}")).await.expect("read");
        assert!(told.is_some_and(|told| told.starts_with("accepted ")));
        // Said of it once: on no node is the contrary said within the minute that others take to hear of it.
        let payload = json!({ "act": "dismiss_register", "version": 7, "file": file.to_string() });
        let contrary = Accord {
            id: Uuid::from_u128(8).into(),
            act: "dismiss_register".to_owned(),
            payload: payload.to_string(),
            ..asked
        };
        let tx = store.begin().await.expect("begun");
        tx.accords().ask(&contrary).await.expect("asked");
        let read = AuditEvent::PersonRead { by: ActorId::Nobody, person: asker.person };
        tx.commit(read).await.expect("committed");
        let accord = json!(contrary.id.to_string());
        let given = lab.give(&second, &mut key, "release_brake", &accord).await;
        assert_eq!(given.body["code"], "register_not_waiting", "{}", given.body);
        let auditor = lab.operator(&[Role::Auditor]).await;
        let journal = "/api/v1/audit?event=accord_given,register_released";
        assert_eq!(lab.get(&auditor, journal).await.body["total"], 2);
    })
    .await;
}

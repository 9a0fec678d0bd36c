//! The ladder of acts (console, section 4.3): taken back, confirmed by the key, on many at once; and what lists need.
use super::lab::on_each;
use axum::http::{Method, StatusCode, header};
use chrono::Duration;
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn a_list_is_kept_under_a_name_and_shared_but_changed_by_its_owner_alone() {
    on_each(async |lab| {
    let (mine, other) =
        (lab.operator(&[Role::Auditor]).await, lab.operator(&[Role::HrReferent]).await);
    let draft = json!({ "page": "people", "name": " Cardiologie sans RPPS ", "query": "?unit=3412&identity=missing",
        "columns": ["name", "unit"], "shared": false });
    let post = Method::POST;
    let made = lab.call(Some(&mine), &post, "/api/v1/views", Some(&draft)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.body["name"], "Cardiologie sans RPPS");
    assert_eq!(made.body["query"], "unit=3412&identity=missing");
    let path = format!("/api/v1/views/{}", made.body["id"].as_str().expect("id"));
    let again = lab.call(Some(&mine), &post, "/api/v1/views", Some(&draft)).await;
    assert_eq!(again.body["code"], "view_name_taken");
    let unseen = lab.get(&other, "/api/v1/views?page=people").await;
    assert_eq!(unseen.body["items"], json!([]));
    let put = Method::PUT;
    let shared =
        json!({ "page": "people", "name": "Cardiologie", "query": "unit=3412", "shared": true });
    let tag = made.body["etag"].as_str().expect("tag");
    let sent = [(header::IF_MATCH, tag)];
    let changed = lab.send(Some(&mine), &put, &path, Some(&shared), &sent).await;
    assert_eq!((changed.status, &changed.body["shared"]), (StatusCode::OK, &json!(true)));
    let stale = lab.send(Some(&mine), &put, &path, Some(&shared), &sent).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.body);
    let seen = lab.get(&other, "/api/v1/views").await;
    assert_eq!(seen.body["items"][0]["mine"], false, "{}", seen.body);
    assert_eq!(seen.body["items"][0]["owner"], "OPERATEUR Marie");
    let stolen = lab.call(Some(&other), &put, &path, Some(&shared)).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    let removed = lab.call(Some(&other), &Method::DELETE, &path, None).await;
    assert_eq!(removed.status, StatusCode::NOT_FOUND);
    let removed = lab.call(Some(&mine), &Method::DELETE, &path, None).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a\nb")),
        ("page", json!("desk")),
        ("query", json!("a#b")),
        ("columns", json!(["name;--"])),
    ] {
        let mut wrong = draft.clone();
        wrong[field] = value;
        let answer = lab.call(Some(&mine), &post, "/api/v1/views", Some(&wrong)).await;
        assert_eq!(answer.body["fields"][0]["field"], field, "{}", answer.body);
    }
    }).await;
}

#[tokio::test]
async fn am_13_files_hold_the_filter_and_no_formula_and_leave_their_trace() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        for number in 0..3 {
            let person = lab.person(&format!("=SOMME({number})")).await;
            lab.doubt(person, &["899900001233"]).await;
        }
        lab.person("AUTRE").await;
        let (status, text) =
            lab.file(&caller, "/api/v1/people.csv?q=somme&columns=name,state").await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.starts_with("\u{feff}\"Nom\";\"État\"\r\n"), "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains("\"'=SOMME(1)\";\"Actif\""), "{text}");
        let (_, text) = lab.file(&caller, "/api/v1/cases.csv?state=open").await;
        assert_eq!(text.matches("\"Identité nationale\"").count(), 3, "{text}");
        let (_, text) = lab.file(&caller, "/api/v1/audit.csv?event=person_created").await;
        assert_eq!(text.lines().count(), 6, "four, the operator, and the titles: {text}");
        let (status, _) = lab.file(&caller, "/api/v1/people.csv?columns=password").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let events = "people_exported,cases_exported,audit_exported";
        let journal = lab.get(&caller, &format!("/api/v1/audit?event={events}")).await;
        assert_eq!(journal.body["total"], 3);
        assert_eq!(journal.body["items"][2]["params"]["persons"], "3", "{}", journal.body);
        let technician = lab.operator(&[Role::Technician]).await;
        let (status, _) = lab.file(&technician, "/api/v1/audit.csv").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn two_of_one_name_who_decide_are_told_apart_by_their_births() {
    on_each(async |lab| {
        let (mine, other) =
            (lab.operator(&[Role::HrReferent]).await, lab.operator(&[Role::HrReferent]).await);
        let told = async || {
            let answer = lab.get(&mine, "/api/v1/cases/assignees").await;
            let items = answer.body["items"].as_array().expect("items").clone();
            let births = items.iter().map(|one| one["birth_date"].as_str().map(str::to_owned));
            births.collect::<Vec<_>>()
        };
        let named = async |caller: &super::lab::Caller, family: &str, birth: &str| {
            let person = lab.workflows.store().read().people().find(caller.person).await;
            let mut person = person.expect("read").expect("there");
            person.names.birth_family = Some(family.to_owned());
            person.birth_date = birth.parse().ok();
            let tx = lab.workflows.store().begin().await.expect("begun");
            tx.people().save(&person).await.expect("saved");
            let by = kernel::ActorId::Nobody;
            let event = audit::AuditEvent::PersonSuspended { by, person: person.id, motive: None };
            tx.commit(event).await.expect("committed");
        };
        named(&mine, "ROY", "1990-11-02").await;
        named(&other, "ROY", "1981-03-12").await;
        assert_eq!(told().await, [Some("1981-03-12".to_owned()), Some("1990-11-02".to_owned())]);
        named(&other, "ROYER", "1981-03-12").await;
        assert_eq!(told().await, [None, None], "nothing is told that is not needed");
    })
    .await;
}

#[tokio::test]
async fn questions_are_given_to_a_colleague_and_given_back() {
    on_each(async |lab| {
        let (mine, colleague) =
            (lab.operator(&[Role::HrReferent]).await, lab.operator(&[Role::SecurityOfficer]).await);
        let auditor = lab.operator(&[Role::Auditor]).await;
        let one = lab.doubt(lab.person("MARTIN").await, &["899900001233"]).await;
        let two = lab.doubt(lab.person("DUPONT").await, &["899900004567"]).await;
        let assignees = lab.get(&mine, "/api/v1/cases/assignees").await;
        assert_eq!(assignees.body["items"].as_array().map(Vec::len), Some(2), "{}", assignees.body);
        let give = async |cases: &[kernel::CaseId], to: Option<kernel::PersonId>| {
            let body = json!({ "cases": cases, "to": to });
            lab.call(Some(&mine), &Method::POST, "/api/v1/cases/assign", Some(&body)).await
        };
        let given = give(&[one, two], Some(colleague.person)).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.body);
        assert_eq!(given.body["items"][0]["before"], json!(null));
        let hers = lab.get(&colleague, "/api/v1/cases?assigned=me").await;
        assert_eq!(hers.body["total"], 2);
        assert_eq!(hers.body["items"][0]["assigned_to"]["name"], "OPERATEUR Marie");
        let back = give(&[one], None).await;
        assert_eq!(back.body["items"][0]["before"], json!(colleague.person));
        assert_eq!(lab.get(&colleague, "/api/v1/cases?assigned=me").await.body["total"], 1);
        assert_eq!(lab.get(&colleague, "/api/v1/cases?assigned=nobody").await.body["total"], 1);
        let wrong = give(&[one], Some(auditor.person)).await;
        assert_eq!(wrong.body["fields"][0]["field"], "to", "an auditor decides nothing");
    })
    .await;
}

#[tokio::test]
async fn a_wide_act_asks_for_the_key_again_and_ten_minutes_of_the_same_kind_are_free() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let mut key = lab.key_of(&caller).await;
        let people = [lab.person("UN").await, lab.person("DEUX").await];
        let close =
            json!({ "action": "close", "ids": people, "count": 2, "motive": "Fin de mission" });
        let path = "/api/v1/people/bulk";
        let act = async |body: &serde_json::Value| {
            lab.call(Some(&caller), &Method::POST, path, Some(body)).await
        };
        let asked = act(&close).await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN);
        assert_eq!(asked.body["code"], "confirmation_required");
        assert_eq!(asked.body["params"]["act"], "close_people");
        let other = lab.confirm(&caller, &mut key, "revoke_means").await;
        assert_eq!(other.status, StatusCode::OK, "{}", other.body);
        assert_eq!(act(&close).await.body["code"], "confirmation_required", "another kind of act");
        let confirmed = lab.confirm(&caller, &mut key, "close_people").await;
        assert_eq!(confirmed.body["act"], "close_people", "{}", confirmed.body);
        let mut moved = close.clone();
        moved["count"] = json!(3);
        let moved = act(&moved).await;
        assert_eq!(
            (moved.status, &moved.body["params"]["count"]),
            (StatusCode::PRECONDITION_FAILED, &json!("2"))
        );
        let done = act(&close).await;
        assert_eq!((done.status, &done.body["done"]), (StatusCode::OK, &json!(2)), "{}", done.body);
        let again = act(&close).await;
        assert_eq!(again.body["left"][0]["code"], "person_closed", "{}", again.body);
        lab.pass(Duration::minutes(11));
        assert_eq!(act(&close).await.body["code"], "confirmation_required", "ten minutes are over");
        let filter =
            json!({ "action": "end_sessions", "filter": { "q": "operateur" }, "count": 1 });
        let ended = act(&filter).await;
        assert_eq!(ended.body["sessions_ended"], 1, "level 2 asks for no key: {}", ended.body);
    })
    .await;
}

#[tokio::test]
async fn fi_02_a_confirmation_serves_once_and_only_her_own_key_gives_it() {
    on_each(async |lab| {
        let (caller, other) = (
            lab.operator(&[Role::SecurityOfficer]).await,
            lab.operator(&[Role::SecurityOfficer]).await,
        );
        let (mut key, mut hers) = (lab.key_of(&caller).await, lab.key_of(&other).await);
        let body = json!({ "act": "close_people" });
        let path = "/api/v1/confirmations";
        let ask = async || {
            let asked = lab.call(Some(&caller), &Method::POST, path, Some(&body)).await;
            (
                format!("{path}/{}", asked.body["id"].as_str().expect("id")),
                asked.body["options"].clone(),
            )
        };
        let (at, options) = ask().await;
        let mut stranger = options.clone();
        stranger["publicKey"]["allowCredentials"] = json!([]);
        let foreign = json!({ "answer": hers.sign_in(super::ADMIN, &stranger).expect("answers") });
        let refused = lab.call(Some(&caller), &Method::POST, &at, Some(&foreign)).await;
        assert_eq!(refused.body["code"], "key_refused", "{}", refused.body);
        assert_eq!(refused.body["reference"].as_str().map(str::len), Some(6));
        let late = json!({ "answer": key.sign_in(super::ADMIN, &options).expect("answers") });
        let spent = lab.call(Some(&caller), &Method::POST, &at, Some(&late)).await;
        assert_eq!(spent.body["code"], "confirmation_unknown", "the challenge is spent");
        // Her own key, answering another challenge: refused, and nothing waits for anything.
        let (at, _) = ask().await;
        let (_, other_options) = ask().await;
        let crossed =
            json!({ "answer": key.sign_in(super::ADMIN, &other_options).expect("answers") });
        let refused = lab.call(Some(&caller), &Method::POST, &at, Some(&crossed)).await;
        assert_eq!(refused.body["code"], "key_refused", "{}", refused.body);
        let (at, options) = ask().await;
        let good = json!({ "answer": key.sign_in(super::ADMIN, &options).expect("answers") });
        let elsewhere = lab.call(Some(&other), &Method::POST, &at, Some(&good)).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "of another session");
        let ok = lab.call(Some(&caller), &Method::POST, &at, Some(&good)).await;
        assert_eq!(ok.status, StatusCode::OK, "{}", ok.body);
        let journal =
            lab.get(&caller, "/api/v1/audit?event=act_confirmed,confirmation_refused").await;
        assert_eq!(journal.body["total"], 3);
    })
    .await;
}

#[tokio::test]
async fn a_write_on_a_changed_record_is_answered_with_the_record_as_it_is() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let person = lab.person("PARTANT").await;
        let stale = [(header::IF_MATCH, "\"99\"")];
        let motive = json!({ "motive": "Départ" });
        let path = format!("/api/v1/people/{person}/close");
        let answer = lab.send(Some(&caller), &Method::POST, &path, Some(&motive), &stale).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(answer.body["current"]["family"], "PARTANT", "{}", answer.body);
        assert!(answer.body["params"]["at"].is_string(), "{}", answer.body);
        let case = lab.doubt(person, &["899900001233"]).await;
        let path = format!("/api/v1/cases/{case}/decision");
        let ask = json!({ "decision": "ask_hr" });
        let answer = lab.send(Some(&caller), &Method::POST, &path, Some(&ask), &stale).await;
        assert_eq!(answer.body["current"]["id"], json!(case), "{}", answer.body);
    })
    .await;
}

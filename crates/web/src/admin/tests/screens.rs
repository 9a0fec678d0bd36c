//! What screens are told beside the bare record: names for numbers, our side of a question, what may be taken back.
use super::lab::on_each;
use axum::http::{Method, StatusCode, header};
use chrono::Duration;
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn a_question_without_candidate_still_shows_whom_it_is_about() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let case = lab.doubt(lab.person("MARTIN").await, &[]).await;
        let shown = lab.get(&caller, &format!("/api/v1/cases/{case}")).await;
        let ours = shown.body["ours"].as_array().expect("rows");
        let value = |field: &str| {
            ours.iter().find(|row| row["field"] == field).map(|row| row["value"].clone())
        };
        assert_eq!(value("exercise_name"), Some(json!("MARTIN")), "{}", shown.body);
        assert_eq!(value("given_names"), Some(json!("Marie")));
        assert_eq!(value("birth_date"), Some(json!(null)), "a row that says that nothing is known");
    })
    .await;
}

#[tokio::test]
async fn candidates_have_a_cell_in_every_row() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let case = lab.doubt(lab.person("MARTIN").await, &["899900001233"]).await;
        let shown = lab.get(&caller, &format!("/api/v1/cases/{case}")).await;
        let parts = shown.body["candidates"][0]["contributions"].as_array().expect("cells");
        let birth = parts.iter().find(|part| part["field"] == "birth_date").expect("a cell");
        assert_eq!((&birth["sign"], &birth["differs"]), (&json!("absent"), &json!(false)));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_link_is_taken_back_with_the_key_and_its_pair_stays_refused() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let mut key = lab.key_of(&caller).await;
        let person = lab.person("MARTIN").await;
        let case = lab.doubt(person, &["899900001233"]).await;
        lab.confirm(&caller, &mut key, "link_identity").await;
        let link = json!({ "decision": "link", "candidate": "A", "evidence": "diploma" });
        let path = format!("/api/v1/cases/{case}/decision");
        let tag = [(header::IF_MATCH, "\"1\"")];
        let linked = lab.send(Some(&caller), &Method::POST, &path, Some(&link), &tag).await;
        assert_eq!(linked.status, StatusCode::OK, "{}", linked.body);
        let sheet = lab.get(&caller, &format!("/api/v1/people/{person}")).await;
        let id = sheet.body["national_identities"][0]["id"].as_str().expect("id").to_owned();
        let path = format!("/api/v1/people/{person}/national-identities/{id}/unlink");
        lab.pass(Duration::minutes(11));
        let motive = json!({ "motive": "Le RPPS est celui d’une homonyme" });
        let asked = lab.call(Some(&caller), &Method::POST, &path, Some(&motive)).await;
        assert_eq!(asked.body["code"], "confirmation_required");
        lab.confirm(&caller, &mut key, "link_identity").await;
        let done = lab.call(Some(&caller), &Method::POST, &path, Some(&motive)).await;
        assert_eq!(done.body["national_identities"], json!([]), "{}", done.body);
        let again = lab.call(Some(&caller), &Method::POST, &path, Some(&motive)).await;
        assert_eq!(again.body["code"], "link_unknown");
        let reader = lab.workflows.store().read();
        let refused = reader.cases().decided(directory::CaseKind::NationalIdentity).await;
        let refused = refused.expect("read");
        let pair = refused.iter().find(|case| case.decision.as_deref() == Some("none_fits"));
        assert!(pair.expect("the pair is remembered").payload.contains("899900001233"));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_overdue_is_verified_again_on_evidence_and_leaves_the_list() {
    on_each(async |lab| {
        let person = lab.person("MARTIN").await;
        let link = lab.linked(person, "899900001233").await;
        lab.pass(Duration::days(1));
        let caller = lab.operator(&[Role::HrReferent]).await;
        let mut key = lab.key_of(&caller).await;
        let due = async || lab.get(&caller, "/api/v1/register/due").await.body["items"].clone();
        let listed = due().await;
        assert_eq!(listed[0]["identity_id"], json!(link.uuid()), "{listed}");
        assert_eq!(listed[0]["overdue"], json!(true));
        let path = format!("/api/v1/people/{person}/national-identities/{link}/verify");
        let evidence = json!({ "evidence": "professional_card" });
        let verify = async |body: &serde_json::Value| {
            lab.call(Some(&caller), &Method::POST, &path, Some(body)).await
        };
        let asked = verify(&evidence).await;
        assert_eq!(asked.body["code"], "confirmation_required");
        lab.confirm(&caller, &mut key, "link_identity").await;
        let bare = verify(&json!({})).await;
        assert_eq!(bare.status, StatusCode::BAD_REQUEST, "{}", bare.body);
        let done = verify(&evidence).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert_eq!(due().await, json!([]), "it is due in two years");
        let reader = lab.workflows.store().read();
        let entries = reader.audit().unsealed(1_000).await.expect("journal");
        let verified = entries.iter().filter(|entry| {
            entry.event == "national_identity_verified"
                && entry.person == Some(person)
                && entry.body.contains(&link.to_string())
        });
        assert_eq!(verified.count(), 1, "written once");
        lab.unlink(link).await;
        assert_eq!(verify(&evidence).await.body["code"], "link_unknown");
    })
    .await;
}

#[tokio::test]
async fn a_page_that_watches_keeps_no_session_open_and_staying_does() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        let first = lab.get(&caller, "/api/v1/me").await;
        assert_eq!(first.body["last_visit_at"], json!(null), "a first visit: {}", first.body);
        let home = lab.get(&caller, "/api/v1/home").await;
        assert_eq!(home.body["since_last_visit"]["since"], json!(null));
        lab.pass(Duration::minutes(20));
        let run = format!("/api/v1/runs/{}", super::NOBODY);
        for asked in ["/api/v1/home", "/api/v1/reach", "/api/v1/accords", "/api/v1/me/acts", &run] {
            lab.get(&caller, asked).await;
        }
        let before = lab.get(&caller, "/api/v1/me").await.body["idle_expires_at"].clone();
        assert_eq!(before, first.body["idle_expires_at"], "asking who I am is no sign of life");
        let stayed = lab.call(Some(&caller), &Method::POST, "/api/v1/me/stay", None).await;
        assert_ne!(stayed.body["idle_expires_at"], before, "{}", stayed.body);
        lab.pass(Duration::minutes(20));
        assert_eq!(lab.get(&caller, "/api/v1/me").await.status, StatusCode::OK);
        lab.pass(Duration::minutes(11));
        assert_eq!(lab.get(&caller, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn only_a_paused_job_is_taken_up_again() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let (_, job) = {
            let actor = kernel::Actor::command_line(0);
            lab.workflows.start_reconcile(&actor).await.expect("queued")
        };
        let path = format!("/api/v1/jobs/{}", job.id);
        let early = lab.call(Some(&caller), &Method::POST, &format!("{path}/resume"), None).await;
        assert_eq!(early.body["code"], "job_in_progress", "{}", early.body);
        let pause = lab.call(Some(&caller), &Method::POST, &format!("{path}/pause"), None).await;
        assert_eq!(pause.status, StatusCode::OK, "{}", pause.body);
        lab.workflows.run_waiting_jobs().await.expect("a turn");
        let over = lab.get(&caller, &path).await;
        assert!(
            ["paused", "failed"].contains(&over.body["state"].as_str().expect("state")),
            "{}",
            over.body
        );
        // To take up is to begin again: who may not begin this may not take it up.
        let resume = format!("{path}/resume");
        let refused = lab.call(Some(&caller), &Method::POST, &resume, None).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let again = lab.call(Some(&caller), &Method::POST, &resume, None).await;
        assert_eq!((again.status, &again.body["state"]), (StatusCode::ACCEPTED, &json!("queued")));
        assert_eq!(again.body["run_id"], over.body["run_id"], "the same run goes on");
    })
    .await;
}

#[tokio::test]
async fn who_acted_is_told_in_words() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        let journal = lab.get(&caller, "/api/v1/audit?event=operator_created").await;
        assert_eq!(journal.body["items"][0]["actor"], "Administrateur (ligne de commande)");
    })
    .await;
}

#[tokio::test]
async fn a_mapping_that_does_not_hold_is_refused_with_its_faults() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let mut key = lab.key_of(&caller).await;
        let path = "/api/v1/sources/01950000-0000-7000-8000-00000000ffff/mapping";
        let draft = json!({ "toml": "name = 'rh'" });
        let asked = lab.call(Some(&caller), &Method::PUT, path, Some(&draft)).await;
        assert_eq!(asked.body["code"], "confirmation_required", "{}", asked.body);
        lab.confirm(&caller, &mut key, "change_mapping").await;
        let unknown = lab.call(Some(&caller), &Method::PUT, path, Some(&draft)).await;
        assert_eq!(unknown.body["code"], "source_unknown", "{}", unknown.body);
        assert!(unknown.headers.get(header::ETAG).is_none());
    })
    .await;
}

#[tokio::test]
async fn the_queue_leaves_as_a_file_of_the_filter_and_the_journal_says_so() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let one = lab.doubt(lab.person("MARTIN").await, &["899900001233", "899900004567"]).await;
        let two = lab.doubt(lab.person("DUPONT").await, &["899900007890"]).await;
        let (status, text) = lab.file(&caller, "/api/v1/cases.csv").await;
        assert_eq!(status, StatusCode::OK);
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        let of = |case: kernel::CaseId| {
            lines.iter().find(|line| line.contains(&case.to_string())).expect("a line").to_string()
        };
        assert!(
            of(one).starts_with("\"Identité nationale\";\"Ouvert\";\"MARTIN\";\"Marie\";\"2\";")
        );
        assert!(of(two).contains("\"DUPONT\";\"Marie\";\"1\";"));
        let (_, none) = lab.file(&caller, "/api/v1/cases.csv?state=decided").await;
        assert_eq!(none.lines().count(), 1, "the head alone: {none}");
        let auditor = lab.operator(&[Role::Auditor]).await;
        let said = lab.get(&auditor, "/api/v1/audit?event=cases_exported").await;
        assert_eq!(said.body["total"], 2);
    })
    .await;
}

#[tokio::test]
async fn a_namesake_is_told_wherever_a_person_is_looked_for_or_chosen() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let (one, other) = (lab.person("MARTIN").await, lab.person("MARTIN").await);
        let alone = lab.person("DUPONT").await;
        let tx = lab.workflows.store().begin().await.expect("begun");
        for (id, day) in [(one, "1988-02-14"), (other, "1990-11-30"), (alone, "1975-01-02")] {
            let mut person = tx.people().lock(id).await.expect("read").expect("there");
            person.birth_date = Some(day.parse().expect("a day"));
            tx.people().save(&person).await.expect("saved");
        }
        let read = audit::AuditEvent::PersonRead { by: kernel::ActorId::Nobody, person: one };
        tx.commit(read).await.expect("committed");

        let list = lab.get(&caller, "/api/v1/people?q=martin").await;
        let lines = list.body["items"].as_array().expect("lines");
        assert!(lines.iter().all(|line| line["homonym"] == true), "{}", list.body);
        let hits = lab.get(&caller, "/api/v1/search?q=martin").await;
        let births: Vec<&serde_json::Value> = hits.body["hits"]
            .as_array()
            .expect("hits")
            .iter()
            .map(|hit| &hit["person"]["birth_date"])
            .collect();
        assert_eq!(births.len(), 2, "{}", hits.body);
        assert!(births.iter().all(|birth| birth.is_string()), "what tells them apart: {births:?}");
        let sheet = lab.get(&caller, &format!("/api/v1/people/{one}")).await;
        let homonyms = sheet.body["homonyms"].as_array().expect("homonyms");
        assert_eq!(homonyms.len(), 1, "{}", sheet.body);
        assert_eq!(homonyms[0]["person"]["id"], other.to_string());
        let case = lab.doubt(one, &["899900001233"]).await;
        let shown = lab.get(&caller, &format!("/api/v1/cases/{case}")).await;
        assert_eq!(shown.body["homonyms"][0]["person"]["birth_date"], "1990-11-30");

        let hits = lab.get(&caller, "/api/v1/search?q=dupont").await;
        assert!(hits.body["hits"][0]["person"]["birth_date"].is_null(), "told of namesakes alone");
    })
    .await;
}

/// A relaxed application shuts at its date: the first page says so thirty days before, and goes on saying it after.
#[tokio::test]
async fn op_29_the_first_page_warns_thirty_days_before_an_application_shuts() {
    on_each(async |lab| {
        let until = lab.workflows.now() + Duration::days(40);
        let (basic, legacy) = (oidc::AuthMethod::ClientSecretBasic, oidc::Profile::Legacy);
        let mut draft = oidc::ClientDraft::new("Ancien labo", legacy, basic);
        draft.redirect_uris = vec!["https://labo.test/cb".to_owned()];
        draft.relaxation = Some(oidc::Relaxation {
            owner: "Lou Delmas".to_owned(),
            reason: "Le connecteur change en janvier".to_owned(),
            until,
        });
        let wish = workflows::oidc::CreateClient { client_id: Some("labo".to_owned()), draft };
        let desk = kernel::Actor::command_line(0);
        let made = lab.workflows.create_client(&desk, wish).await.expect("client").client;
        let warned = async |role: Role| {
            let caller = lab.operator(&[role]).await;
            let home = lab.get(&caller, "/api/v1/home").await;
            let todo = home.body["todo"].as_array().expect("lines").clone();
            todo.into_iter().find(|line| line["kind"] == "relaxation_ending")
        };
        assert_eq!(warned(Role::SecurityOfficer).await, None, "forty days before");
        lab.pass(Duration::days(10));
        for days in [0, 29, 5] {
            lab.pass(Duration::days(days));
            let line = warned(Role::SecurityOfficer).await.expect("a line");
            assert_eq!((&line["count"], &line["limit_at"]), (&json!(1), &json!(until)), "{days}");
        }
        assert_eq!(warned(Role::HrReferent).await, None, "who sees no application");
        let draft = oidc::ClientDraft::from(&made);
        let changed = lab.workflows.change_client(&desk, made.id, made.version, draft, false).await;
        changed.expect("closed");
        assert_eq!(warned(Role::SecurityOfficer).await, None, "closed on purpose");
    })
    .await;
}

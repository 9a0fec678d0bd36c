//! What is done to one person, and the lists that she is found in.
use super::lab::on_each;
use axum::http::{Method, StatusCode};
use chrono::Duration;
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn a_suspended_person_loses_her_sessions_and_logs_in_again_once_resumed() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let other = lab.operator(&[Role::Technician]).await;
        let path = format!("/api/v1/people/{}", other.person);
        let act = async |what: &str, motive: &str| {
            let (path, body) = (format!("{path}/{what}"), json!({ "motive": motive }));
            lab.call(Some(&caller), &Method::POST, &path, Some(&body)).await
        };
        assert_eq!(lab.get(&other, "/api/v1/me").await.status, StatusCode::OK);
        assert_eq!(act("suspend", " ").await.body["fields"][0]["code"], "required");
        let suspended = act("suspend", "Clé perdue").await;
        assert_eq!(suspended.body["state"], "suspended", "{}", suspended.body);
        assert_eq!(suspended.body["sessions"].as_array().map(Vec::len), Some(0));
        assert_eq!(lab.get(&other, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(act("resume", "Clé retrouvée").await.body["state"], "active");
        assert_eq!(act("resume", "encore").await.body["code"], "person_not_suspended");
        let journal = lab.get(&caller, "/api/v1/audit?event=person_suspended,person_resumed").await;
        assert_eq!(journal.body["total"], 2);
        assert!(!journal.body.to_string().contains("perdue"), "a motive is no text of the journal");
    })
    .await;
}

/// A line of the journal, its proof and what one just did say by her birth date which of two is meant, and tell it of nobody
/// else.
#[tokio::test]
async fn the_journal_tells_two_people_of_one_name_apart() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let (one, other) = (lab.person("L’HÔTE").await, lab.person("Lhote").await);
        let alone = lab.person("SEULE").await;
        for (id, born) in [(one, "1988-02-14"), (other, "1961-07-03"), (alone, "1970-01-01")] {
            let reader = lab.workflows.store().read();
            let mut person = reader.people().find(id).await.expect("read").expect("known");
            person.birth_date = Some(born.parse().expect("a date"));
            let tx = lab.workflows.store().begin().await.expect("begun");
            tx.people().save(&person).await.expect("saved");
            let by = kernel::ActorId::Nobody;
            let event = audit::AuditEvent::PersonCreated { by, person: id, run: None };
            tx.commit(event).await.expect("committed");
            lab.get(&caller, &format!("/api/v1/people/{id}")).await;
        }
        let read = lab.get(&caller, "/api/v1/audit?event=person_read").await;
        let told = |of: &kernel::PersonId| {
            let items = read.body["items"].as_array().expect("lines");
            let line = items.iter().find(|line| line["subject"]["id"] == of.to_string());
            line.expect("a line")["subject"]["birth_date"].clone()
        };
        assert_eq!(told(&one), "1988-02-14");
        assert_eq!(told(&other), "1961-07-03");
        assert!(told(&alone).is_null(), "nobody else is called so");
    })
    .await;
}

/// What her page says that she may open is what she would be given: not without a post at work, not without any means,
/// not by a key of the console, and not past a disabled account.
#[tokio::test]
async fn a_page_promises_no_application_that_would_be_refused() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        lab.key_of(&caller).await;
        for (client_id, level, sensitive) in [
            ("care", oidc::Acr::Eidas1, true),
            ("low", oidc::Acr::Eidas1, false),
            ("strong", oidc::Acr::Eidas2, false),
        ] {
            let mut draft = oidc::ClientDraft::new(
                client_id,
                oidc::Profile::Standard,
                oidc::AuthMethod::ClientSecretBasic,
            );
            draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
            (draft.minimum_acr, draft.sensitive) = (Some(level), sensitive);
            let client_id = Some(client_id.to_owned());
            let wish = workflows::oidc::CreateClient { client_id, draft };
            let desk = kernel::Actor::command_line(0);
            lab.workflows.create_client(&desk, wish).await.expect("client");
        }
        let told = async |of: kernel::PersonId| {
            let sheet = lab.get(&caller, &format!("/api/v1/people/{of}")).await;
            let mut told = Vec::new();
            for application in sheet.body["applications"].as_array().expect("applications") {
                let reason = application["reason"]["code"].as_str().unwrap_or("none").to_owned();
                assert_eq!(application["allowed"] == true, reason == "none", "{application}");
                told.push((application["client_id"].as_str().expect("id").to_owned(), reason));
            }
            told.sort();
            told.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
        };
        let somebody = lab.person("BARE").await;
        assert_eq!(told(somebody).await, ["no_post"; 3]);
        lab.post(somebody).await;
        assert_eq!(told(somebody).await, ["no_means"; 3]);
        lab.post(caller.person).await;
        assert_eq!(told(caller.person).await, ["no_means"; 3], "a key of the console");
        lab.account(somebody, true).await;
        assert_eq!(
            told(somebody).await,
            ["needs_key", "none", "needs_key"],
            "a password of the directory"
        );
        let gone = lab.person("GONE").await;
        lab.post(gone).await;
        lab.account(gone, false).await;
        assert_eq!(told(gone).await, ["account_disabled"; 3]);
    })
    .await;
}

#[tokio::test]
async fn a_last_day_is_set_with_the_key_taken_back_and_kept_at_its_end() {
    on_each(async |lab| {
        lab.pass(Duration::hours(14));
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let leaver = lab.operator(&[Role::Technician]).await;
        let path = format!("/api/v1/people/{}", leaver.person);
        let close = async |on: &str| {
            let body = json!({ "motive": "Fin de mission", "on": on });
            lab.call(Some(&caller), &Method::POST, &format!("{path}/close"), Some(&body)).await
        };
        assert_eq!(close("2026-11-23").await.body["code"], "confirmation_required");
        let mut key = lab.key_of(&caller).await;
        assert_eq!(lab.confirm(&caller, &mut key, "close_people").await.status, StatusCode::OK);
        assert_eq!(close("2026-11-21").await.body["fields"][0]["code"], "day_over");
        let planned = close("2026-11-23").await;
        // Worked to its end, at the hospital's own midnight.
        assert_eq!(planned.body["closes_at"], "2026-11-23T23:00:00Z", "{}", planned.body);
        assert_eq!(planned.body["state"], "active");
        assert!(planned.body["closed_at"].is_null());
        let keep = async || {
            lab.call(Some(&caller), &Method::POST, &format!("{path}/keep-open"), None).await
        };
        let told = lab.get(&caller, "/api/v1/audit?event=person_closing_planned").await.body;
        // The day of the hospital, which is over at 23:00 by universal time.
        assert_eq!(told["items"][0]["params"]["last_day"], "2026-11-23", "{told}");
        assert!(keep().await.body["closes_at"].is_null());
        let told = lab.get(&caller, "/api/v1/audit?event=person_closing_planned").await.body;
        assert!(told["items"][0]["params"]["last_day"].is_null(), "{told}");
        assert_eq!(keep().await.body["code"], "closing_not_planned");
        assert_eq!(close("2026-11-22").await.status, StatusCode::OK);
        for _ in 0..3 {
            lab.pass(Duration::minutes(19));
            lab.call(Some(&leaver), &Method::POST, "/api/v1/me/stay", None).await;
        }
        lab.pass(Duration::seconds(179));
        assert_eq!(lab.get(&leaver, "/api/v1/me").await.status, StatusCode::OK);
        assert_eq!(lab.workflows.close_due_people().await.expect("looked"), 0);
        lab.pass(Duration::seconds(1));
        // The choke point needs no row to be written: her session carries nothing from that moment on.
        assert_eq!(lab.get(&leaver, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(lab.workflows.close_due_people().await.expect("closed"), 1);
        assert_eq!(lab.workflows.close_due_people().await.expect("nothing left"), 0);
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let sheet = lab.get(&officer, &path).await;
        assert_eq!(sheet.body["state"], "closed", "{}", sheet.body);
        assert_eq!(sheet.body["closed_at"], "2026-11-22T23:00:00Z");
        let journal = lab.get(&officer, "/api/v1/audit?event=person_closed").await;
        assert_eq!(journal.body["items"][0]["params"]["cause"], "planned", "{}", journal.body);
    })
    .await;
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_stay() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        let other = lab.operator(&[Role::Technician]).await;
        let sheet = lab.get(&caller, &format!("/api/v1/people/{}", other.person)).await;
        let session = sheet.body["sessions"][0]["id"].as_str().expect("a session").to_owned();
        let path = format!("/api/v1/sessions/{session}/end");
        let ended = lab.call(Some(&caller), &Method::POST, &path, None).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        let again = lab.call(Some(&caller), &Method::POST, &path, None).await;
        assert_eq!(again.body["code"], "session_over");
        assert_eq!(lab.get(&other, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(lab.get(&caller, "/api/v1/me").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn ticked_people_leave_as_a_file_and_nobody_else() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let ticked = [lab.person("AUBERT").await, lab.person("ZOLA").await];
        lab.person("MARTIN").await;
        let path = format!("/api/v1/people.csv?ids={},{}&columns=name", ticked[0], ticked[1]);
        let (_, text) = lab.file(&caller, &format!("{path}&sort=-name")).await;
        assert_eq!(text, "\u{feff}\"Nom\"\r\n\"ZOLA\"\r\n\"AUBERT\"\r\n");
        let many = vec![ticked[0].to_string(); 201].join(",");
        let (status, _) = lab.file(&caller, &format!("/api/v1/people.csv?ids={many}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        for wrong in ["dormant_days=-1", "dormant_days=4000", "ids=x", "sort=password"] {
            let answer = lab.get(&caller, &format!("/api/v1/people?{wrong}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_sort_is_paged_to_its_end_and_counts_once() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        for number in 0..7 {
            lab.person(&format!("MARTIN{number}")).await;
        }
        let sorts =
            ["contract_end", "state", "unit", "function", "matricule", "identity", "last_login"];
        for sort in sorts.into_iter().chain(["-identity", "name", "-name"]) {
            let first = format!("/api/v1/people?sort={sort}&limit=3");
            let (mut path, mut seen) = (first.clone(), Vec::new());
            loop {
                let page = lab.get(&caller, &path).await;
                assert_eq!(page.body["total"], 8, "{sort} {}", page.body);
                let items = page.body["items"].as_array().expect("items");
                seen.extend(items.iter().map(|item| item["id"].as_str().expect("id").to_owned()));
                match page.body["next_cursor"].as_str() {
                    Some(cursor) => path = format!("{first}&cursor={cursor}"),
                    None => break,
                }
            }
            let all = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!((all, seen.len()), (8, 8), "{sort}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_one_just_did_is_listed_for_a_quarter_of_an_hour() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::HrReferent]).await;
        let person = lab.person("MARTIN").await;
        let case = lab.doubt(person, &["899900001233"]).await;
        let path = format!("/api/v1/cases/{case}");
        let wait = json!({ "decision": "ask_hr" });
        lab.call(Some(&caller), &Method::POST, &format!("{path}/decision"), Some(&wait)).await;
        let acts = async || lab.get(&caller, "/api/v1/me/acts").await.body;
        let listed = acts().await;
        assert_eq!(listed["items"][0]["event"], "case_decided", "{listed}");
        assert_eq!(listed["items"][0]["undo"]["case_id"], case.to_string(), "{listed}");
        assert_eq!(listed["items"][0]["subject"]["family"], "MARTIN");
        lab.call(Some(&caller), &Method::POST, &format!("{path}/undo"), None).await;
        let listed = acts().await;
        assert_eq!(listed["items"][0]["event"], "case_undone");
        assert!(listed["items"][1]["undo"].is_null(), "taken back already: {listed}");
        let nobody = lab.operator(&[Role::Auditor]).await;
        assert_eq!(lab.get(&nobody, "/api/v1/me/acts").await.body["items"], json!([]));
        lab.pass(Duration::minutes(16));
        assert_eq!(acts().await["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_journal_is_searched_by_a_name_within_a_month() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Auditor]).await;
        let (martin, _) = (lab.person("MARTIN").await, lab.person("DURAND").await);
        let found =
            async |text: &str| lab.get(&caller, &format!("/api/v1/audit?q={text}")).await.body;
        let page = found("martin").await;
        assert_eq!(page["total"], 1, "{page}");
        assert_eq!(page["items"][0]["subject"]["id"], martin.to_string());
        assert_eq!(page["searched_from"], "2026-10-22T08:00:00Z");
        assert_eq!(found("person%20created").await["total"], 3, "the operator is a person too");
        assert_eq!(found("zzz").await["total"], 0);
        assert_eq!(found("%25").await["total"], 0);
        lab.pass(Duration::days(32));
        let caller = lab.operator(&[Role::Auditor]).await;
        let page = lab.get(&caller, "/api/v1/audit?q=martin").await.body;
        assert_eq!(page["total"], 0, "older than a month: {page}");
        let page = lab.get(&caller, "/api/v1/audit?q=martin&from=2026-11-01T00:00:00Z").await.body;
        assert_eq!(page["total"], 1, "{page}");
    })
    .await;
}

#[tokio::test]
async fn the_journal_of_a_day_is_that_of_the_hospitals_own_day() {
    on_each(async |lab| {
        // 22/11 at 09:00, then 23/11 at 00:30 in Paris: the 22nd still, in Greenwich.
        lab.operator(&[Role::Auditor]).await;
        lab.pass(Duration::minutes(15 * 60 + 30));
        let caller = lab.operator(&[Role::Auditor]).await;
        for (asked, total) in [
            ("", 2),
            ("&from=2026-11-22&to=2026-11-23", 2),
            ("&from=&to=", 2),
            ("&to=2026-11-22", 1),
            ("&from=2026-11-23", 1),
            ("&from=2026-11-24", 0),
            ("&to=2026-11-21", 0),
            ("&from=2026-11-22T23:30:00Z", 1),
            ("&to=2026-11-22T23:30:00Z", 1),
        ] {
            let path = format!("/api/v1/audit?event=operator_created{asked}");
            let page = lab.get(&caller, &path).await;
            assert_eq!(page.body["total"], total, "{asked}: {}", page.body);
        }
        let day = "event=operator_created&from=2026-11-23&to=2026-11-23";
        let (status, text) = lab.file(&caller, &format!("/api/v1/audit.csv?{day}")).await;
        assert_eq!((status, text.lines().count()), (StatusCode::OK, 2), "{text}");
        for bad in ["hier", "2026-02-30", "22/11/2026", "9999-12-31T"] {
            let page = lab.get(&caller, &format!("/api/v1/audit?from={bad}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {}", page.body);
        }
    })
    .await;
}

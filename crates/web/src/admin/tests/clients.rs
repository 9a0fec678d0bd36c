//! What an application's page tells beside its registration: whom it was told of, what it was refused, the report of its
//! connector, and to whom all that is shown.
use super::lab::{Caller, Lab, on_each};
use audit::{AuditEvent, Code};
use axum::http::{Method, StatusCode, header};
use chrono::Duration;
use directory::PersonState;
use identity::Sex;
use kernel::{Actor, ActorId, ClientId, OpeningId, PersonId, Role, SessionId};
use serde_json::{Value, json};
use store::{DueLogout, DueWhen};
use workflows::oidc::ClientError;

impl Lab {
    /// Registers an application; what it calls itself in requests.
    async fn application(&self, caller: &Caller, name: &str) -> String {
        let draft = json!({ "name": name, "profile": "standard", "auth": "client_secret_basic",
            "sensitive": false, "redirect_uris": ["https://dpi.test/retour"] });
        let made = self.call(Some(caller), &Method::POST, "/api/v1/clients", Some(&draft)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        made.body["client"]["client_id"].as_str().expect("an id").to_owned()
    }

    async fn id_of(&self, client_id: &str) -> ClientId {
        let reader = self.workflows.store().read();
        reader.clients().named(client_id).await.expect("read").expect("registered").id
    }

    async fn session_of(&self, person: PersonId) -> SessionId {
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.sessions().unclosed_of(person).await.expect("read").first().expect("a session").id
    }

    async fn written(&self, act: impl AsyncFnOnce(&store::Transaction)) {
        let tx = self.workflows.store().begin().await.expect("begun");
        act(&tx).await;
        let (by, holds) = (ActorId::Nobody, true);
        let event = AuditEvent::AuditVerified { by, entries: 0, holds, first_fault: None };
        tx.commit(event).await.expect("committed");
    }

    async fn owned_by(&self, caller: &Caller, client_id: &str, owners: &[PersonId]) -> Value {
        let path = format!("/api/v1/clients/{client_id}");
        let patch = json!({ "owners": owners });
        let answer = self.call(Some(caller), &Method::PATCH, &path, Some(&patch)).await;
        answer.body
    }
}

#[tokio::test]
async fn am_02_whoever_answers_for_an_application_sees_that_one_alone() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let owner = lab.operator(&[Role::ApplicationOwner]).await;
        let auditor = lab.operator(&[Role::Auditor]).await;
        let (own, other) =
            (lab.application(&officer, "DPI").await, lab.application(&officer, "Labo").await);
        let names = async |caller: &Caller| {
            let list = lab.get(caller, "/api/v1/clients").await;
            let items = list.body["items"].as_array().expect("items").clone();
            items.iter().map(|one| one["name"].clone()).collect::<Vec<_>>()
        };
        assert!(names(&owner).await.is_empty(), "she answers for none yet");
        assert_eq!(names(&auditor).await, ["DPI", "Labo"]);
        let nobody = PersonId::from(super::NOBODY.parse::<uuid::Uuid>().expect("id"));
        let refused = lab.owned_by(&officer, &own, &[nobody]).await;
        assert_eq!(refused["fields"][0]["field"], "owners", "{refused}");
        let changed = lab.owned_by(&officer, &own, &[owner.person]).await;
        assert_eq!(changed["owners"][0]["family"], "OPERATEUR", "{changed}");
        assert_eq!(names(&owner).await, ["DPI"]);
        for part in ["", "/logouts", "/errors", "/check"] {
            let at = |client: &str| format!("/api/v1/clients/{client}{part}");
            assert_eq!(lab.get(&owner, &at(&own)).await.status, StatusCode::OK, "{part}");
            let hidden = lab.get(&owner, &at(&other)).await;
            assert_eq!(hidden.body["code"], "client_unknown", "{part}: {}", hidden.body);
            assert_eq!(lab.get(&auditor, &at(&other)).await.status, StatusCode::OK, "{part}");
        }
        let found = lab.get(&owner, "/api/v1/search?q=labo").await;
        assert_eq!(found.body["hits"], json!([]), "{}", found.body);
        // What is known of all applications is told of hers, whoever asks for it.
        let (hers, theirs) = (lab.id_of(&own).await, lab.id_of(&other).await);
        let session = lab.session_of(officer.person).await;
        lab.written(async |tx| {
            for client in [hers, theirs] {
                let (sid, now) = (lab.opening(), lab.workflows.now());
                tx.opening_clients().note(sid, client, session, now).await.expect("noted");
            }
        })
        .await;
        let id = ActorId::Operator { operator: owner.operator, person: owner.person };
        let actor = Actor::new(id, Role::ApplicationOwner.capabilities().iter().copied());
        let workflows = &lab.workflows;
        let opened = workflows.last_openings(&actor).await.expect("hers");
        assert_eq!(opened.keys().collect::<Vec<_>>(), [&hers]);
        let waiting = workflows.logouts_waiting(&actor).await.expect("hers");
        assert_eq!(waiting.keys().collect::<Vec<_>>(), [&hers]);
        let file = report("Labo").to_string();
        workflows.hand_in_report(&Actor::command_line(0), &other, None, &file).await.expect("kept");
        assert!(workflows.connector_standings(&actor).await.expect("hers").is_empty());
        let reader = workflows.store().read();
        let labo = reader.clients().find(theirs).await.expect("read").expect("there");
        let refused = workflows.owners_of(&actor, &labo).await;
        assert!(matches!(refused, Err(ClientError::Unknown)), "{refused:?}");
        let nobody = Actor::new(ActorId::Nobody, []);
        for refused in [
            workflows.last_openings(&nobody).await.err(),
            workflows.logouts_waiting(&nobody).await.err(),
            workflows.connector_standings(&nobody).await.err(),
            workflows.owners_of(&nobody, &labo).await.err(),
        ] {
            assert!(matches!(refused, Some(ClientError::Workflow(_))), "{refused:?}");
        }
        // She no longer answers for it: it is gone for her.
        lab.owned_by(&officer, &own, &[]).await;
        assert!(names(&owner).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_application_that_rules_no_longer_allow_is_closed_and_opened_no_more() {
    type Change = fn(&mut oidc::Client, chrono::DateTime<chrono::Utc>);
    let became: [Change; 3] = [
        // Kept before `strict` left RS256 out.
        |client, _| client.profile = oidc::Profile::Strict,
        |client, now| {
            client.profile = oidc::Profile::Legacy;
            client.settings.relaxation = Some(oidc::Relaxation {
                owner: "DSI".to_owned(),
                reason: "Connecteur de 2014".to_owned(),
                until: now - Duration::days(1),
            });
        },
        // Its listener is opened no more.
        |client, _| {
            client.settings.security.sender_constraint = Some(oidc::SenderConstraint::Mtls);
        },
    ];
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        for (number, change) in became.into_iter().enumerate() {
            let client_id = lab.application(&caller, &format!("DPI {number}")).await;
            let id = lab.id_of(&client_id).await;
            lab.written(async |tx| {
                let mut client = tx.clients().find(id).await.expect("read").expect("there");
                assert!(client.enabled);
                change(&mut client, lab.workflows.now());
                tx.clients().save(&client).await.expect("saved");
            })
            .await;
            let path = format!("/api/v1/clients/{client_id}");
            let patch = async |patch: Value| {
                lab.call(Some(&caller), &Method::PATCH, &path, Some(&patch)).await
            };
            let other = patch(json!({ "state": "suspended", "name": "DPI" })).await;
            assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.body);
            let closed = patch(json!({ "state": "suspended" })).await;
            assert_eq!(closed.body["state"], "suspended", "{number}: {}", closed.body);
            let opened = patch(json!({ "state": "active" })).await;
            assert_eq!(opened.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", opened.body);
        }
        let auditor = lab.operator(&[Role::Auditor]).await;
        let told = lab.get(&auditor, "/api/v1/audit?event=client_changed").await;
        assert_eq!(told.body["total"], 3, "{}", told.body);
    })
    .await;
}

#[tokio::test]
async fn am_02_who_is_let_in_to_an_application_is_in_the_journal_under_her_name() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let owner = lab.operator(&[Role::ApplicationOwner]).await;
        let client_id = lab.application(&officer, "DPI").await;
        let colleague = lab.person("LEROY").await;
        lab.written(async |tx| {
            let mut person = tx.people().find(colleague).await.expect("read").expect("there");
            person.names.usage_family = Some("MARTIN".to_owned());
            person.sex = Some(Sex::Female);
            tx.people().save(&person).await.expect("saved");
        })
        .await;
        let changed = lab.owned_by(&officer, &client_id, &[owner.person, colleague]).await;
        assert_eq!(changed["owners"].as_array().map(Vec::len), Some(2), "{changed}");
        // A name is enough to know one's colleagues by.
        let seen = lab.get(&owner, &format!("/api/v1/clients/{client_id}")).await.body;
        let named = |family: &str| {
            let owners = seen["owners"].as_array().expect("owners");
            owners.iter().find(|one| one["family"] == family).cloned().expect("named")
        };
        assert_eq!(named("MARTIN")["given"], "Marie");
        for field in ["birth_family", "birth_date", "sex"] {
            assert!(named("MARTIN")[field].is_null(), "{field}: {seen}");
        }
        let told = async |event: &str, person: PersonId| {
            let path = format!("/api/v1/audit?event={event}&subject={person}");
            lab.get(&officer, &path).await.body
        };
        let let_in = told("client_owner_named", owner.person).await;
        assert_eq!(let_in["total"], 1, "{let_in}");
        assert_eq!(let_in["items"][0]["params"]["client"], "DPI");
        lab.owned_by(&officer, &client_id, &[colleague]).await;
        assert_eq!(told("client_owner_removed", owner.person).await["total"], 1);
        assert_eq!(told("client_owner_named", colleague).await["total"], 1, "she was there before");
        let fields = lab.get(&officer, "/api/v1/audit?event=client_changed").await.body;
        assert_eq!(fields["items"][0]["params"]["fields"], "[\"owners\"]", "{fields}");

        // Whoever is gone is not named; whoever was named before she left does not stand in the way.
        let gone = lab.person("PARTI").await;
        lab.written(async |tx| {
            for id in [gone, colleague] {
                let mut person = tx.people().find(id).await.expect("read").expect("there");
                person.state = PersonState::Closed;
                tx.people().save(&person).await.expect("saved");
            }
        })
        .await;
        let refused = lab.owned_by(&officer, &client_id, &[colleague, gone]).await;
        assert_eq!(refused["fields"][0]["code"], "closed", "{refused}");
        let kept = lab.owned_by(&officer, &client_id, &[colleague, owner.person]).await;
        assert_eq!(kept["owners"].as_array().map(Vec::len), Some(2), "{kept}");
    })
    .await;
}

#[tokio::test]
async fn who_answers_for_an_application_does_under_the_record_that_took_hers_in() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer, Role::HrReferent]).await;
        let client_id = lab.application(&officer, "DPI").await;
        let both = lab.application(&officer, "Laboratoire").await;
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        lab.owned_by(&officer, &client_id, &[absorbed]).await;
        lab.owned_by(&officer, &both, &[kept, absorbed]).await;
        let mut key = lab.key_of(&officer).await;
        assert_eq!(lab.confirm(&officer, &mut key, "merge_people").await.status, StatusCode::OK);
        let wish = json!({ "kept": kept, "absorbed": absorbed, "evidence": "hr_file",
            "motive": "une personne" });
        let merged = lab.call(Some(&officer), &Method::POST, "/api/v1/merges", Some(&wish)).await;
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.body);
        let shown = lab.get(&officer, &format!("/api/v1/clients/{client_id}")).await;
        assert_eq!(shown.body["owners"][0]["id"], json!(kept), "{}", shown.body);
        assert_eq!(shown.body["owners"].as_array().map(Vec::len), Some(1));
        for (event, person) in [("client_owner_named", kept), ("client_owner_removed", absorbed)] {
            let path = format!("/api/v1/audit?event={event}&subject={person}");
            let told = lab.get(&officer, &path).await.body;
            assert!(told["total"].as_i64() >= Some(1), "{event}: {told}");
        }
        let sheet = lab.get(&officer, &format!("/api/v1/people/{kept}")).await.body;
        let merge = sheet["merges"][0]["id"].as_str().expect("an id");
        let path = format!("/api/v1/merges/{merge}/undo");
        let why = json!({ "motive": "Deux homonymes" });
        let split = lab.call(Some(&officer), &Method::POST, &path, Some(&why)).await;
        assert_eq!(split.status, StatusCode::OK, "{}", split.body);
        for (client_id, owners) in [(client_id, vec![absorbed]), (both, vec![kept, absorbed])] {
            let shown = lab.get(&officer, &format!("/api/v1/clients/{client_id}")).await.body;
            let told = shown["owners"].as_array().expect("a list");
            let mut told: Vec<_> = told.iter().map(|one| one["id"].clone()).collect();
            let mut hers: Vec<_> = owners.iter().map(|one| json!(one)).collect();
            told.sort_by_key(ToString::to_string);
            hers.sort_by_key(ToString::to_string);
            assert_eq!(told, hers, "each answers for what she answered for: {shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_application_was_told_of_is_listed_by_pages_and_told_again() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let owner = lab.operator(&[Role::ApplicationOwner]).await;
        let client_id = lab.application(&officer, "DPI").await;
        lab.owned_by(&officer, &client_id, &[owner.person]).await;
        let (client, session) = (lab.id_of(&client_id).await, lab.session_of(officer.person).await);
        let now = lab.workflows.now();
        // Four openings that her session left behind, and the one that it goes on in.
        let mut openings: Vec<OpeningId> = Vec::new();
        for _ in 0..4 {
            lab.pass(Duration::milliseconds(2));
            openings.push(lab.opening());
        }
        let reader = lab.workflows.store().read();
        let goes_on = reader.sessions().find(session).await.expect("read").expect("hers").sid;
        lab.written(async |tx| {
            for sid in openings.iter().chain([&goes_on]) {
                tx.opening_clients().note(*sid, client, session, now).await.expect("noted");
            }
        })
        .await;
        let person = officer.person;
        let due =
            |sid: OpeningId| DueLogout { sid, client, session, person, attempts: 0, ended_at: now };
        lab.written(async |tx| {
            let settle = async |sid, sent, failure| {
                let settled = tx.opening_clients().settle(&due(sid), now, sent, failure).await;
                settled.expect("settled");
            };
            settle(openings[0], Some(now), None).await;
            settle(openings[1], Some(now), Some("timed_out")).await;
            settle(openings[2], None, None).await;
        })
        .await;
        let next = now + Duration::minutes(1);
        let failed = lab.workflows.store().upkeep();
        failed.logout_failed(&due(openings[3]), now, next, "refused").await.expect("noted");

        let path = format!("/api/v1/clients/{client_id}/logouts");
        let page = lab.get(&officer, &path).await;
        let items = page.body["items"].as_array().expect("items").clone();
        let states: Vec<&Value> = items.iter().map(|item| &item["state"]).collect();
        assert_eq!(states, ["waiting", "needless", "given_up", "received"], "{}", page.body);
        assert_eq!((&items[0]["attempts"], &items[0]["failure"]), (&json!(1), &json!("refused")));
        assert_eq!(items[0]["person"]["family"], "OPERATEUR");
        assert_eq!(page.body["waiting"], 1);
        let first = lab.get(&officer, &format!("{path}?limit=3")).await;
        let cursor = first.body["next_cursor"].as_str().expect("more");
        let rest = lab.get(&officer, &format!("{path}?limit=3&cursor={cursor}")).await;
        assert_eq!(rest.body["items"].as_array().map(Vec::len), Some(1), "{}", rest.body);
        assert_eq!(rest.body["next_cursor"], json!(null));
        let wanted = lab.get(&officer, &format!("{path}?state=given_up")).await;
        assert_eq!(wanted.body["items"][0]["id"], json!(openings[1]), "{}", wanted.body);
        let wrong = lab.get(&officer, &format!("{path}?state=lost")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        let hers = lab.get(&owner, &path).await;
        assert_eq!(hers.body["items"][0]["person"], json!(null), "she may not read people");
        let list = lab.get(&officer, "/api/v1/clients").await;
        assert_eq!(list.body["items"][0]["logouts_waiting"], 1);

        let resend = async |caller: &Caller, opening: OpeningId| {
            let at = format!("{path}/{opening}/resend");
            lab.call(Some(caller), &Method::POST, &at, None).await
        };
        assert_eq!(resend(&owner, openings[1]).await.status, StatusCode::FORBIDDEN);
        let uncalled = resend(&officer, openings[1]).await;
        assert_eq!(uncalled.body["code"], "client_not_called", "{}", uncalled.body);
        lab.written(async |tx| {
            let mut known = tx.clients().find(client).await.expect("read").expect("there");
            let address = "https://dpi.test/fin".to_owned();
            known.settings.security.backchannel_logout_uri = Some(address);
            tx.clients().save(&known).await.expect("saved");
        })
        .await;
        // Those that are due already are told anyway: asked for again, nothing is done and nothing written.
        for opening in [openings[0], openings[1], openings[3], openings[0], openings[3]] {
            assert_eq!(resend(&officer, opening).await.status, StatusCode::NO_CONTENT);
        }
        let lives = resend(&officer, goes_on).await;
        assert_eq!(lives.body["code"], "logout_unknown", "her session goes on: {}", lives.body);
        let when = DueWhen { now, idle_since: now - Duration::hours(3), epoch: 0 };
        let due = reader.opening_clients().due(client, &when, 10).await.expect("due");
        assert_eq!(due.len(), 3, "due at the next turn");
        let journal = lab.get(&officer, "/api/v1/audit?event=logout_resent").await;
        assert_eq!(journal.body["total"], 3, "{}", journal.body);
        assert_eq!(journal.body["items"][0]["subject"]["family"], "OPERATEUR");
    })
    .await;
}

#[tokio::test]
async fn what_an_application_was_refused_is_told_by_pages_without_anybodys_name() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let owner = lab.operator(&[Role::ApplicationOwner]).await;
        let (own, other) =
            (lab.application(&officer, "DPI").await, lab.application(&officer, "Labo").await);
        lab.owned_by(&officer, &own, &[owner.person]).await;
        let refused = async |client_id: &str, reason: &'static str, reference: &str| {
            let client = Some(lab.id_of(client_id).await);
            let event = AuditEvent::TokenRefused {
                by: ActorId::Nobody,
                person: Some(officer.person),
                client,
                session: None,
                grant: Code::of("authorization_code"),
                reason: Code::of(reason),
                reference: reference.parse().expect("a reference"),
            };
            lab.workflows.store().begin().await.expect("begun").commit(event).await.expect("kept");
        };
        refused(&own, "expired", "AAA-AA2").await;
        // A month and a day later, what is older is left to the journal.
        lab.pass(Duration::days(32));
        let (owner, officer) = (
            lab.operator(&[Role::ApplicationOwner]).await,
            lab.operator(&[Role::SecurityOfficer]).await,
        );
        lab.owned_by(&officer, &own, &[owner.person]).await;
        refused(&own, "verifier_wrong", "AAA-AA3").await;
        refused(&other, "expired", "AAA-AA4").await;
        refused(&own, "other_key", "AAA-AA5").await;
        refused(&own, "used", "AAA-AA6").await;

        let path = format!("/api/v1/clients/{own}/errors");
        let page = lab.get(&owner, &format!("{path}?limit=2")).await;
        let reasons = |page: &Value| -> Vec<Value> {
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|one| one["reason"].clone())
                .collect()
        };
        assert_eq!(reasons(&page.body), ["used", "other_key"], "{}", page.body);
        assert_eq!(page.body["items"][0]["reference"], "AAAAA6");
        assert!(!page.body.to_string().contains(&officer.person.to_string()));
        let cursor = page.body["next_cursor"].as_str().expect("more");
        let rest = lab.get(&owner, &format!("{path}?limit=2&cursor={cursor}")).await;
        assert_eq!(reasons(&rest.body), ["verifier_wrong"], "{}", rest.body);
        let foreign = lab.get(&owner, &format!("{path}?cursor=x")).await;
        assert_eq!(foreign.status, StatusCode::BAD_REQUEST);

        // The journal of this application alone, on screen and as a file.
        let asked = format!("client={own}&outcome=refused");
        let journal = lab.get(&officer, &format!("/api/v1/audit?{asked}")).await;
        assert_eq!(journal.body["total"], 3, "{}", journal.body);
        assert!(journal.body["searched_from"].is_string());
        let (_, file) = lab.file(&officer, &format!("/api/v1/audit.csv?{asked}")).await;
        assert_eq!(file.lines().count(), 4, "three, and the titles: {file}");
        let from = "from=2026-11-01T00:00:00Z";
        let all = lab.get(&officer, &format!("/api/v1/audit?{asked}&{from}")).await;
        assert_eq!(all.body["total"], 4, "the period says more: {}", all.body);
        let none = lab.get(&officer, "/api/v1/audit?client=inconnue").await;
        assert_eq!(none.body["total"], 0, "{}", none.body);
        let read = lab.get(&officer, "/api/v1/audit?event=audit_read&outcome=read").await;
        assert!(read.body["total"].as_i64() >= Some(2), "the owner's readings are kept too");
        let hers = format!("/api/v1/audit?event=audit_read&actor={}", owner.person);
        let hers = lab.get(&officer, &hers).await.body;
        assert_eq!(hers["items"][0]["params"]["client"], "DPI", "{hers}");
        let left = lab.get(&officer, "/api/v1/audit?event=audit_exported").await.body;
        assert_eq!(left["items"][0]["params"]["client"], "DPI", "{left}");
    })
    .await;
}

/// A report as a sandbox gives it, before anything was played.
fn report(name: &str) -> Value {
    let client = oidc::check::CheckedClient {
        name: name.to_owned(),
        issuer: "https://sandbox.test/op/1".to_owned(),
        client_id: "c".to_owned(),
        redirect_uri: "https://dpi.test/retour".to_owned(),
        post_logout_redirect_uri: None,
        backchannel_logout_uri: None,
    };
    crate::sandbox::report::document(&workflows::sandbox::CheckView {
        id: "check".to_owned(),
        report: oidc::check::judge(&client, &[], &[], &[]),
        client,
        secret: "a secret of the check".to_owned(),
        begun_at: "2026-11-22T07:00:00Z".parse().expect("a time"),
        next: oidc::check::Play::Normal,
        logins: 3,
    })
}

#[tokio::test]
async fn a_report_that_is_handed_in_is_kept_with_who_when_and_the_hash_of_its_file() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let auditor = lab.operator(&[Role::Auditor]).await;
        let client_id = lab.application(&officer, "DPI").await;
        let path = format!("/api/v1/clients/{client_id}/check");
        assert_eq!(lab.get(&auditor, &path).await.body["report"], json!(null));
        let hand_in = async |caller: &Caller, file: &str| {
            lab.call(Some(caller), &Method::PUT, &path, Some(&json!({ "file": file }))).await
        };
        let mut file = report("DPI Valmont");
        let forbidden = hand_in(&auditor, &file.to_string()).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
        for (wrong, code) in [
            ("{}".to_owned(), "no_report"),
            ("x".repeat(200_001), "too_long"),
            (file.to_string().replacen("code_flow", "code_flux", 1), "other_version"),
        ] {
            let refused = hand_in(&officer, &wrong).await;
            assert_eq!(refused.body["fields"][0]["code"], code, "{}", refused.body);
        }
        file["requests"][0]["verdict"] = json!("right");
        file["requests"][1]["verdict"] = json!("wrong");
        file["requests"][1]["mend"] = json!("call this number");
        let kept = hand_in(&officer, &file.to_string()).await;
        assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
        let shown = lab.get(&auditor, &path).await.body["report"].clone();
        assert_eq!((&shown["name"], &shown["logins"]), (&json!("DPI Valmont"), &json!(3)));
        assert_eq!(shown["by"]["family"], "OPERATEUR");
        let hash = audit::Digest::of(file.to_string().as_bytes());
        let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown["sha256"], json!(hash));
        assert_eq!(shown["lines"][0]["verdict"], "right");
        assert_eq!(shown["lines"][1]["references"][0], "ANSSI-PA-080 R17");
        assert!(!shown.to_string().contains("call this number"), "our words alone: {shown}");
        let list = lab.get(&auditor, "/api/v1/clients").await;
        let total = shown["lines"].as_array().map(Vec::len);
        assert_eq!(list.body["items"][0]["check"], json!({ "right": 1, "total": total }));
        // Another one takes its place; both are in the journal. Whoever saw the one before replaces none unseen.
        let seen = kept.body["etag"].as_str().expect("a tag").to_owned();
        lab.pass(Duration::seconds(1));
        let body = json!({ "file": report("DPI 2").to_string() });
        let replace = async |shown: &str| {
            let shown = [(header::IF_MATCH, shown)];
            lab.send(Some(&officer), &Method::PUT, &path, Some(&body), &shown).await
        };
        assert_eq!(replace("\"0\"").await.body["code"], "stale", "there is one");
        let second = replace(&seen).await;
        assert_eq!(second.status, StatusCode::OK, "{}", second.body);
        assert_eq!(replace(&seen).await.status, StatusCode::PRECONDITION_FAILED);
        let now = lab.get(&auditor, &path).await;
        assert_eq!(now.body["report"]["name"], "DPI 2");
        assert_eq!(now.headers[header::ETAG], now.body["etag"].as_str().expect("a tag"));
        assert_eq!(now.body["etag"], second.body["etag"]);
        let journal = lab.get(&auditor, "/api/v1/audit?event=connector_report_kept").await;
        assert_eq!(journal.body["total"], 2);
        assert_eq!(journal.body["items"][1]["params"]["faults"], "1", "{}", journal.body);
    })
    .await;
}

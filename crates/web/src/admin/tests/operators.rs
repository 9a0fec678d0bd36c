//! Who works at the console, and what keeps it from being shut for ever.
use super::lab::on_each;
use axum::http::{Method, StatusCode};
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn a_second_operator_is_appointed_changed_and_taken_off_by_another() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let mut key = lab.key_of(&caller).await;
        let person = lab.person("LEROY").await;
        let body = json!({ "person": person.uuid(), "roles": ["auditor"] });
        let path = "/api/v1/operators";
        let asked = lab.call(Some(&caller), &Method::POST, path, Some(&body)).await;
        assert_eq!(asked.body["code"], "confirmation_required");
        assert_eq!(lab.confirm(&caller, &mut key, "manage_operators").await.status, StatusCode::OK);
        let made = lab.call(Some(&caller), &Method::POST, path, Some(&body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert!(made.body["url"].as_str().expect("url").contains("/first/he_"));
        let again = lab.call(Some(&caller), &Method::POST, path, Some(&body)).await;
        assert_eq!(again.body["code"], "operator_exists");
        let listed = lab.get(&caller, path).await;
        let items = listed.body["items"].as_array().expect("items");
        // Both were made in one instant of this clock: found by what they are.
        let one = |own: bool| items.iter().find(|item| item["own"] == own).expect("listed");
        let (own, new) = (one(true), one(false));
        assert_eq!((&own["own"], &own["keys"]), (&json!(true), &json!(1)));
        assert_eq!((&new["keys"], &new["roles"]), (&json!(0), &json!(["auditor"])));
        let (own, new) = (own["id"].as_str().expect("id"), new["id"].as_str().expect("id"));
        let change = async |id: &str, roles: &[&str], enabled: bool| {
            let body = json!({ "roles": roles, "enabled": enabled });
            let path = format!("{path}/{id}");
            lab.call(Some(&caller), &Method::PUT, &path, Some(&body)).await
        };
        assert_eq!(change(own, &["auditor"], true).await.body["code"], "own_access");
        assert_eq!(change(new, &[], true).await.body["fields"][0]["field"], "roles");
        assert_eq!(change(new, &["technician"], false).await.status, StatusCode::NO_CONTENT);
        let link = format!("{path}/{new}/link");
        let refused = lab.call(Some(&caller), &Method::POST, &link, None).await;
        assert_eq!(refused.body["code"], "operator_disabled");
        assert_eq!(change(new, &["technician"], true).await.status, StatusCode::NO_CONTENT);
        let linked = lab.call(Some(&caller), &Method::POST, &link, None).await;
        assert_eq!(linked.status, StatusCode::CREATED, "{}", linked.body);
    })
    .await;
}

#[tokio::test]
async fn am_02_nobody_grants_what_they_lack_and_the_right_to_appoint_takes_two() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let mut key = lab.key_of(&officer).await;
        lab.confirm(&officer, &mut key, "manage_operators").await;
        let other = lab.operator(&[Role::Auditor]).await;
        let path = format!("/api/v1/operators/{}", other.operator);
        let change = async |roles: &[&str]| {
            let body = json!({ "roles": roles, "enabled": true });
            lab.call(Some(&officer), &Method::PUT, &path, Some(&body)).await
        };
        // Every role, one by one: what an officer lacks is not hers to give.
        for role in Role::ALL {
            let name = serde_json::to_value(role).expect("a name");
            let name = name.as_str().expect("text");
            let held = Role::SecurityOfficer.capabilities();
            let lacks = role.capabilities().iter().any(|needed| !held.contains(needed));
            let answer = change(&["auditor", name]).await;
            match role {
                Role::SecurityOfficer => assert_eq!(answer.status, StatusCode::ACCEPTED, "{name}"),
                _ if lacks => assert_eq!(answer.body["code"], "role_beyond_own", "{name}"),
                _ => assert_eq!(answer.status, StatusCode::NO_CONTENT, "{name}"),
            }
        }
        let person = lab.person("LEROY").await;
        let body = json!({ "person": person.uuid(), "roles": ["security_officer"] });
        let made = lab.call(Some(&officer), &Method::POST, "/api/v1/operators", Some(&body)).await;
        assert_eq!(made.body["code"], "role_needs_two", "appointed first, then given the right");
        let other = lab.operator(&[Role::Auditor]).await;
        let path = format!("/api/v1/operators/{}", other.operator);
        let body = json!({ "roles": ["security_officer"], "enabled": true });
        let asked = lab.call(Some(&officer), &Method::PUT, &path, Some(&body)).await;
        let give = format!("/api/v1/accords/{}/give", asked.body["id"].as_str().expect("id"));
        let own = lab.call(Some(&officer), &Method::POST, &give, None).await;
        assert_eq!(own.body["code"], "same_person_approves");
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let mut key = lab.key_of(&second).await;
        let given = lab.give(&second, &mut key, "manage_operators", &asked.body["id"]).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        let listed = lab.get(&second, "/api/v1/operators").await;
        let items = listed.body["items"].as_array().expect("items");
        let changed = items.iter().find(|item| item["id"] == other.operator.to_string());
        assert_eq!(changed.expect("listed")["roles"], json!(["security_officer"]));
    })
    .await;
}

#[tokio::test]
async fn the_console_keeps_its_last_way_in() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        lab.key_of(&officer).await;
        let referent = lab.operator(&[Role::HrReferent]).await;
        let act = async |caller, person: kernel::PersonId, what: &str| {
            let (path, body) =
                (format!("/api/v1/people/{person}/{what}"), json!({ "motive": "essai" }));
            lab.call(Some(caller), &Method::POST, &path, Some(&body)).await
        };
        for what in ["close", "suspend"] {
            assert_eq!(act(&officer, officer.person, what).await.body["code"], "own_access");
            assert_eq!(act(&referent, officer.person, what).await.body["code"], "last_operator");
        }
        let sheet = lab.get(&officer, &format!("/api/v1/people/{}", officer.person)).await;
        let means = sheet.body["means"][0]["id"].as_str().expect("a key").to_owned();
        let path = format!("/api/v1/means/{means}/suspend");
        let body = json!({ "motive": "essai" });
        let refused = lab.call(Some(&officer), &Method::POST, &path, Some(&body)).await;
        assert_eq!(refused.body["code"], "last_key", "{}", refused.body);
        // A second officer with a key of her own: now the first one may go.
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        lab.key_of(&second).await;
        assert_eq!(act(&referent, officer.person, "close").await.status, StatusCode::OK);
        assert_eq!(act(&referent, second.person, "close").await.body["code"], "last_operator");
    })
    .await;
}

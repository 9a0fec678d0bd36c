//! Who may do what, and what it asks for: a row for each route. A route without its row fails here, and so does a row
//! whose route is gone, or says something else.
use super::lab::on_each;
use super::{Value, document, routes_of_document, snake};
use axum::http::{Method, StatusCode};
use kernel::{Capability, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Operation, the right it needs (`None`: anybody at the console), and its level on the ladder (console, section 4.3):
/// 0 looks and drafts, 1 can be taken back, 2 is felt, 3 asks for the key again, 4 takes two people: asking changes
/// nothing yet, and whoever agrees shows her key (`am_09_whoever_agrees_shows_a_key_of_her_own`; here nothing waits to be
/// agreed to). The level is that of the call that `body_of` makes; closing at a day, linking, closing many and relaxing
/// ask for more.
const ROUTES: &[(&str, Option<Capability>, u8)] = &[
    ("accept_register", Some(Capability::ReleaseBrakes), 4),
    ("act_on_people", Some(Capability::CloseSessions), 2),
    ("answer_confirmation", None, 0),
    ("apply_run", Some(Capability::ApplyPlans), 3),
    ("appoint_operator", Some(Capability::ManageOperators), 3),
    ("ask_confirmation", None, 0),
    ("assign_cases", Some(Capability::DecideCases), 1),
    ("change_client", Some(Capability::ManageClients), 2),
    ("change_mapping", Some(Capability::ManageSources), 3),
    ("change_operator", Some(Capability::ManageOperators), 3),
    ("change_view", None, 0),
    ("close_person", Some(Capability::ClosePeople), 2),
    ("create_client", Some(Capability::ManageClients), 1),
    ("create_enrolment_code", Some(Capability::IssueMeans), 1),
    ("create_view", None, 0),
    ("decide_case", Some(Capability::DecideCases), 1),
    ("dismiss_register", Some(Capability::ReleaseBrakes), 4),
    ("dismiss_run", Some(Capability::ApplyPlans), 1),
    ("end_person_sessions", Some(Capability::CloseSessions), 2),
    ("end_session", Some(Capability::CloseSessions), 2),
    ("export_audit", Some(Capability::ExportAudit), 0),
    ("export_cases", Some(Capability::ReadCases), 0),
    ("export_due_links", Some(Capability::ReadCases), 0),
    ("export_link_indicators", Some(Capability::ReadPeople), 0),
    ("export_people", Some(Capability::ReadPeople), 0),
    ("export_people_to_register", Some(Capability::ReadPeople), 0),
    ("find_audit_entry", Some(Capability::ReadAudit), 0),
    ("find_case", Some(Capability::ReadCases), 0),
    ("find_checkpoint", Some(Capability::ReadAudit), 0),
    ("find_client", Some(Capability::ReadClients), 0),
    ("find_client_check", Some(Capability::ReadClients), 0),
    ("find_job", None, 0),
    ("find_person", Some(Capability::ReadPeople), 0),
    ("find_register", Some(Capability::ReadSources), 0),
    ("find_run", Some(Capability::ReadSources), 0),
    ("find_source", Some(Capability::ReadSources), 0),
    ("find_system", Some(Capability::ReadSystem), 0),
    ("give_accord", None, 4),
    ("hand_in_client_check", Some(Capability::ManageClients), 1),
    ("home", None, 0),
    ("job_events", None, 0),
    ("keep_person_open", Some(Capability::ClosePeople), 2),
    ("link_operator", Some(Capability::ManageOperators), 3),
    ("list_accords", None, 0),
    ("list_assignees", Some(Capability::ReadCases), 0),
    ("list_audit", Some(Capability::ReadAudit), 0),
    ("list_cases", Some(Capability::ReadCases), 0),
    ("list_clients", Some(Capability::ReadClients), 0),
    ("list_client_errors", Some(Capability::ReadClients), 0),
    ("list_due_links", Some(Capability::ReadCases), 0),
    ("list_jobs", None, 0),
    ("list_logouts", Some(Capability::ReadClients), 0),
    ("list_mapping_versions", Some(Capability::ReadSources), 0),
    ("list_operators", Some(Capability::ManageOperators), 0),
    ("list_people", Some(Capability::ReadPeople), 0),
    ("list_people_to_register", Some(Capability::ReadPeople), 0),
    ("list_register_changes", Some(Capability::ReadCases), 0),
    ("list_sources", Some(Capability::ReadSources), 0),
    ("list_views", None, 0),
    ("logout", None, 0),
    ("me", None, 0),
    ("merge_people", Some(Capability::DecideCases), 3),
    ("own_acts", None, 0),
    ("pause_job", Some(Capability::ManageJobs), 1),
    ("people_facets", Some(Capability::ReadPeople), 0),
    ("person_timeline", Some(Capability::ReadPeople), 0),
    ("preview_source", Some(Capability::RunSources), 1),
    ("preview_token", Some(Capability::ReadClients), 0),
    ("reach", None, 0),
    ("reactivate_means", Some(Capability::RevokeMeans), 2),
    ("reconcile_register", Some(Capability::RunSources), 1),
    ("refresh_register", Some(Capability::ImportRegister), 1),
    ("refuse_accord", None, 1),
    ("release_run", Some(Capability::ReleaseBrakes), 3),
    ("remove_view", None, 0),
    ("renew_client_secret", Some(Capability::ManageClients), 3),
    ("resend_logout", Some(Capability::ManageClients), 1),
    ("resume_job", Some(Capability::ManageJobs), 1),
    ("resume_person", Some(Capability::ClosePeople), 2),
    ("revoke_means", Some(Capability::RevokeMeans), 3),
    ("run_items", Some(Capability::ReadSources), 0),
    ("search", None, 0),
    ("settle_register_change", Some(Capability::DecideCases), 1),
    ("show_link_coverage", Some(Capability::ReadPeople), 0),
    ("show_link_indicators", Some(Capability::ReadPeople), 0),
    ("source_runs", Some(Capability::ReadSources), 0),
    ("split_people", Some(Capability::DecideCases), 3),
    ("stay", None, 0),
    ("stop_job", Some(Capability::ManageJobs), 1),
    ("suspend_means", Some(Capability::RevokeMeans), 2),
    ("suspend_person", Some(Capability::ClosePeople), 2),
    ("undo_case", Some(Capability::DecideCases), 1),
    ("unlink_identity", Some(Capability::DecideCases), 3),
    ("verify_audit", Some(Capability::ReadAudit), 1),
    ("verify_identity", Some(Capability::DecideCases), 3),
];

/// Each operation of the document: its method and the capability that its doc comment names first.
fn told() -> BTreeMap<String, (Method, Option<Capability>)> {
    let document = serde_json::to_value(document()).expect("json");
    let mut told = BTreeMap::new();
    for operations in document["paths"].as_object().expect("paths").values() {
        for (method, operation) in operations.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an operation has its id").to_owned();
            let words = operation["description"].as_str().unwrap_or_default();
            let permission = words.split("Permission:").nth(1).expect("a permission");
            let word = permission.split('`').nth(1).map(snake);
            let needs = word.map(|word| serde_json::from_value(Value::from(word)).expect("known"));
            let method: Method = method.to_uppercase().parse().expect("a method");
            assert!(told.insert(id.clone(), (method, needs)).is_none(), "{id} twice");
        }
    }
    told
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let told = told();
    let names: BTreeSet<&str> = ROUTES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.len(), ROUTES.len(), "a row twice");
    let routes: BTreeSet<&str> = told.keys().map(String::as_str).collect();
    let (without, gone): (Vec<_>, Vec<_>) =
        (routes.difference(&names).collect(), names.difference(&routes).collect());
    assert!(without.is_empty(), "routes without a row: {without:?}");
    assert!(gone.is_empty(), "rows without a route: {gone:?}");
    for (name, needs, level) in ROUTES {
        let (method, told) = &told[*name];
        assert_eq!(told, needs, "{name}: the doc comment and the row differ");
        assert!(*level == 0 || method != Method::GET, "{name} reads, and has the level {level}");
    }
}

#[tokio::test]
async fn am_05_an_act_of_level_three_asks_for_the_key_and_no_other_does() {
    on_each(async |lab| {
        let caller = lab.operator(&Role::ALL).await;
        let levels: BTreeMap<&str, u8> =
            ROUTES.iter().map(|(name, _, level)| (*name, *level)).collect();
        for route in routes_of_document() {
            if matches!(route.id.as_str(), "logout" | "job_events") {
                continue; // the first ends the session, the second goes on for two minutes
            }
            let answer =
                lab.call(Some(&caller), &route.method, &route.path, route.body.as_ref()).await;
            let asked = answer.body["code"] == "confirmation_required";
            let level = levels[route.id.as_str()];
            assert_eq!(asked, level == 3, "{} of level {level}: {}", route.id, answer.body);
            assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{}", route.id);
        }
    })
    .await;
}

//! A plan as the console shows it: who a folded line is about, and who may still apply it.
use super::jobs::source;
use super::lab::{Lab, on_each};
use axum::http::{Method, StatusCode};
use directory::{Act, FieldChange, ItemKind, PlanItem, Run, RunCounts, RunKind, RunState};
use identity::ExternalKey;
use kernel::{ActorId, FixedClock, OsRandomness, PersonId, PlanItemId, Role, RunId};
use serde_json::{Value, json};

fn id<T: From<kernel::Uuid>>(lab: &Lab) -> T {
    let now = FixedClock::at(&lab.workflows.now().to_rfc3339());
    T::from(PlanItemId::new(&now, &OsRandomness).uuid())
}

/// A plan that a brake holds; nothing of it yet.
async fn held(lab: &Lab) -> Run {
    let run = Run {
        id: id(lab),
        source: Some(source(lab).await),
        kind: RunKind::Sync,
        state: RunState::Waiting,
        started_at: lab.workflows.now(),
        ended_at: None,
        lines: 0,
        counts: RunCounts::default(),
        brakes: Vec::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
        data_version: 0,
        error: None,
        by: ActorId::Job { name: "schedule".to_owned() },
        released: None,
    };
    lab.workflows.store().upkeep().save_run(&run).await.expect("a run");
    run
}

fn renamed(lab: &Lab, run: RunId, ordinal: u64, unit: &str, who: Option<PersonId>) -> PlanItem {
    PlanItem {
        id: id(lab),
        run,
        ordinal,
        kind: ItemKind::Change,
        person: who,
        external_key: ExternalKey(format!("M{ordinal}")),
        pattern_key: format!("unit_label|Cardio|{unit}"),
        label: format!("NOM {ordinal}"),
        unit: Some("3412".to_owned()),
        act: Act::EndAbsence,
        content_hash: None,
        changes: vec![FieldChange {
            field: "unit_label".to_owned(),
            before: Some("Cardio".to_owned()),
            after: Some(unit.to_owned()),
        }],
        reason: "La RH possède ce champ.".to_owned(),
        lines: vec![ordinal],
        selected: true,
        outcome: None,
        applied_at: None,
    }
}

#[tokio::test]
async fn a_folded_line_names_three_of_its_people_and_looks_for_them_nearby() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let run = held(&lab).await.id;
        let martin = lab.person("MARTIN").await;
        let mut plan: Vec<PlanItem> = (0..600)
            .map(|at| renamed(&lab, run, at, "Cardiologie", (at == 1).then_some(martin)))
            .collect();
        // Two that say the same, at the two ends of the plan.
        plan[0] = renamed(&lab, run, 0, "Chirurgie", None);
        plan[599] = renamed(&lab, run, 599, "Chirurgie", None);
        lab.workflows.store().upkeep().store_plan(&plan).await.expect("a plan");

        let path = format!("/api/v1/runs/{run}/items");
        let page = lab.get(&caller, &path).await.body;
        let [far, near] = page["items"].as_array().expect("lines").as_slice() else {
            panic!("two folded lines: {page}")
        };
        assert_eq!((&far["pattern_count"], &near["pattern_count"]), (&json!(2), &json!(598)));
        let names = |line: &Value| -> Vec<Value> {
            let sample = line["sample"].as_array().expect("a sample");
            sample.iter().map(|one| one["name"].clone()).collect()
        };
        assert_eq!(names(near), ["NOM 1", "NOM 2", "NOM 3"]);
        assert_eq!(names(far), ["NOM 0"], "the other one is too far to be looked for");
        let (first, second) = (&near["sample"][0], &near["sample"][1]);
        assert_eq!(first["person"]["id"], martin.to_string(), "{first}");
        assert_eq!(
            (&first["person"]["family"], &first["unit"]),
            (&json!("MARTIN"), &json!("3412"))
        );
        assert!(second["person"].is_null() && near["person"].is_null(), "{near}");

        let members =
            lab.get(&caller, &format!("{path}?pattern=unit_label|Cardio|Chirurgie")).await;
        let members = members.body["items"].as_array().expect("members").clone();
        assert_eq!(members.len(), 2);
        assert!(
            members.iter().all(|one| one["sample"] == json!([])),
            "nothing is folded: {members:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn am_09_who_let_a_plan_go_is_told_that_it_was_her_and_does_not_apply_it() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let other = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let mut key = lab.key_of(&caller).await;
        let run = held(&lab).await.id;
        let path = format!("/api/v1/runs/{run}");
        assert_eq!(lab.get(&caller, &path).await.body["released_by_me"], false);
        lab.confirm(&caller, &mut key, "release_brake").await;
        let released =
            lab.call(Some(&caller), &Method::POST, &format!("{path}/release"), None).await;
        assert_eq!(released.status, StatusCode::OK, "{}", released.body);
        assert_eq!(released.body["released_by_me"], true);
        assert_eq!(lab.get(&other, &path).await.body["released_by_me"], false);

        lab.confirm(&caller, &mut key, "apply_plan").await;
        let apply = json!({
            "data_version": released.body["data_version"], "selection": { "all": true, "except": [] }
        });
        let own =
            lab.call(Some(&caller), &Method::POST, &format!("{path}/apply"), Some(&apply)).await;
        assert_eq!(own.body["code"], "same_person_approves", "{}", own.body);

        lab.pass(Run::ACCORD_LIVES);
        let late = lab.get(&caller, &path).await;
        assert_eq!(late.body["released_by_me"], false, "an accord that counts no more is nobody's");
    })
    .await;
}

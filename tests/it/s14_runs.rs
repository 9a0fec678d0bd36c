//! S14, what the runs do with bad feeds: nothing is lost or closed, each gets a clear message, the rest goes on when it
//! safely can.
use crate::house::{House, hospital};
use directory::{CaseKind, CaseState, FourEyes, PersonState, RunState};
use kernel::Actor;
use store::JobState;
use workflows::sync::{ReleaseError, Selection, SyncError};

async fn active(house: &House) -> u64 {
    house.workflows.store().read().people().count(Some(PersonState::Active)).await.expect("count")
}

/// The appliance after its first two readings of HR, at the second version.
async fn settled() -> House {
    let house = House::open().await;
    house.add_sources().await;
    house.deliver("hr/hr-v2.csv", "hr-v1.csv");
    assert_eq!(house.sync("rh").await.state, RunState::Applied);
    house
}

fn bad(name: &str) -> String {
    let folder = hospital().0.join("hr/bad");
    let mut files = std::fs::read_dir(&folder).expect("bad feeds").flatten();
    let found = files.find(|file| file.file_name().to_string_lossy().contains(name));
    let found = found.unwrap_or_else(|| panic!("no bad feed is named {name}"));
    format!("hr/bad/{}", found.file_name().to_string_lossy())
}

#[tokio::test]
async fn a_feed_that_is_not_whole_changes_nothing_and_says_why() {
    let house = settled().await;
    let before = active(&house).await;
    for name in ["truncated", "renamed", "encoding"] {
        house.deliver(&bad(name), "hr-v1.csv");
        let run = house.sync("rh").await;
        let told = run.error.clone().unwrap_or_default();
        assert_eq!(run.state, RunState::Failed, "{name}: {told}");
        assert!(told.contains("Rien n’a été modifié"), "{name}: {told}");
        assert_eq!(active(&house).await, before, "{name}");
    }
    house.deliver("hr/hr-v2.csv", "hr-v1.csv");
    let healed = house.sync("rh").await;
    assert_eq!(
        (healed.state, healed.counts.items()),
        (RunState::Applied, 0),
        "{:?}",
        healed.counts
    );
    house.audit_holds().await;
}

#[tokio::test]
async fn missing_lines_wait_for_a_human_and_close_nobody_before_the_grace_ends() {
    let house = settled().await;
    let before = active(&house).await;
    house.deliver(&bad("unit"), "hr-v1.csv");
    let run = house.sync("rh").await;
    assert_eq!(run.state, RunState::Waiting, "{:?} {:?}", run.counts, run.brakes);
    assert!(run.brakes.iter().any(|brake| brake.passed), "{:?}", run.brakes);
    assert_eq!(active(&house).await, before);

    // Let go by a second person, who does not apply it herself (AM-09): clocks start, nobody is closed yet.
    let everything = Selection::AllBut(Vec::new());
    let (anne, ben) = (house.officer(1), house.officer(2));
    let apply = async |by: &Actor| house.workflows.start_apply(by, run.id, &everything).await;
    let refused = apply(&house.actor).await.expect_err("no accord yet");
    assert!(matches!(refused, SyncError::FourEyes(FourEyes::NoAccord)), "{refused}");
    let refused = house.workflows.release_run(&house.actor, run.id).await.expect_err("no person");
    assert!(matches!(refused, ReleaseError::FourEyes(FourEyes::NoPerson)), "{refused}");
    house.workflows.release_run(&anne, run.id).await.expect("an accord");
    let refused = apply(&anne).await.expect_err("her own accord");
    assert!(matches!(refused, SyncError::FourEyes(FourEyes::SamePerson)), "{refused}");
    assert_eq!(active(&house).await, before);
    let job = apply(&ben).await.expect("four eyes");
    assert_eq!(house.finish(job).await.state, JobState::Done);
    let closed_now = before - active(&house).await;
    assert_eq!(closed_now, run.counts.close, "only what the plan closed");

    // Back before the end of the grace: as if nothing had happened.
    house.wait_days(3);
    house.deliver("hr/hr-v2.csv", "hr-v1.csv");
    let back = house.sync("rh").await;
    assert!(matches!(back.state, RunState::Applied | RunState::Waiting), "{:?}", back.brakes);
    house.audit_holds().await;
}

#[tokio::test]
async fn a_date_in_the_future_sets_one_record_aside_and_the_rest_goes_on() {
    let house = settled().await;
    let before = active(&house).await;
    house.deliver(&bad("future"), "hr-v1.csv");
    let run = house.sync("rh").await;
    assert_eq!(run.state, RunState::Applied, "{:?}", run.error);
    assert!(run.counts.faulty >= 1, "{:?}", run.counts);
    assert!(
        run.faults.iter().any(|fault| fault.line.is_some() && fault.message.contains("ligne")),
        "{:?}",
        run.faults
    );
    assert_eq!(active(&house).await, before, "a faulty record is present: nobody is closed");
}

#[tokio::test]
async fn two_people_who_swap_their_mails_are_a_question_and_keep_their_own() {
    let house = settled().await;
    let people = house.workflows.store().read().people().all().await.expect("people");
    house.deliver(&bad("swap"), "hr-v1.csv");
    let run = house.sync("rh").await;
    assert_eq!(run.state, RunState::Applied, "{:?}", run.error);
    assert_eq!(run.counts.conflict, 2, "{:?}", run.counts);
    let after = house.workflows.store().read().people().all().await.expect("people");
    for (before, after) in people.iter().zip(&after) {
        assert_eq!(before.mail, after.mail);
    }
    let cases =
        house.workflows.store().read().cases().in_state(CaseState::Open, 50).await.expect("cases");
    assert_eq!(cases.iter().filter(|case| case.kind == CaseKind::Conflict).count(), 2);
    let again = house.sync("rh").await;
    assert_eq!(again.counts.items(), 0, "nothing is asked twice: {:?}", again.counts);
}

#[tokio::test]
async fn a_plan_made_on_data_that_moved_is_refused() {
    let house = settled().await;
    house.deliver("hr/hr-v3.csv", "hr-v1.csv");
    let plan = house.preview("rh").await;
    assert_eq!(plan.state, RunState::Planned, "{:?}", plan.brakes);
    let person =
        house.workflows.store().read().people().all().await.expect("people").pop().expect("person");
    let close = workflows::ClosePerson { person: person.id, motive: "essai".to_owned() };
    house.workflows.close_person(&house.actor, close).await.expect("close");
    let everything = Selection::AllBut(Vec::new());
    let job = house.workflows.start_apply(&house.actor, plan.id, &everything).await.expect("queue");
    let job = house.finish(job).await;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.result.unwrap_or_default().contains("ont changé"));
    assert_eq!(house.run(plan.id).await.state, RunState::Refused);
}

/// Paused, an apply may rest for days: it goes on only over what it left.
#[tokio::test]
async fn a_paused_apply_goes_on_unless_the_data_moved_meanwhile() {
    for moves in [false, true] {
        let house = settled().await;
        house.deliver("hr/hr-v3.csv", "hr-v1.csv");
        let plan = house.preview("rh").await;
        let everything = Selection::AllBut(Vec::new());
        let job = house.workflows.start_apply(&house.actor, plan.id, &everything).await;
        let job = job.expect("queue");
        house.workflows.pause_job(&house.actor, job.id).await.expect("asked");
        let paused = house.finish(job).await;
        assert_eq!(paused.state, JobState::Paused);
        assert_eq!(house.run(plan.id).await.state, RunState::Applying);
        if moves {
            let people = house.workflows.store().read().people().all().await.expect("people");
            let person = people.last().expect("somebody").id;
            let close = workflows::ClosePerson { person, motive: "essai".to_owned() };
            house.workflows.close_person(&house.actor, close).await.expect("close");
        }
        let resumed = house.workflows.resume_job(&house.actor, paused.id).await.expect("resumed");
        let job = house.finish(resumed).await;
        let run = house.run(plan.id).await;
        let expected = match moves {
            false => (JobState::Done, RunState::Applied),
            true => (JobState::Failed, RunState::Stopped),
        };
        assert_eq!((job.state, run.state), expected, "{:?}", job.result);
        if moves {
            assert!(run.error.unwrap_or_default().contains("ont changé"));
        }
        house.audit_holds().await;
    }
}

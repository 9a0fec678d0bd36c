//! Long work through the API: seen while it runs, taken by another node when its own is killed, stopped, taken up again.
use super::lab::{Caller, Lab, on_each};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use chrono::Duration;
use directory::{Run, RunState};
use futures_util::StreamExt;
use kernel::{Actor, Role, SourceId};
use serde_json::{Value, json};
use store::{Job, JobState};
use workflows::sync::{Selection, SyncError};
use workflows::{AddSource, JobError};

const RH: &str = r#"
[source]
name = "rh"
kind = "hr_csv"
path = "rh.csv"
[[field]]
column = "MATRICULE"
to = "matricule"
transform = "text"
[[field]]
column = "NOM"
to = "birth_family"
transform = "text"
"#;

/// What the stream tells of jobs, one after the other.
struct Events {
    stream: axum::body::BodyDataStream,
    text: String,
}

impl Events {
    fn of(body: Body) -> Self {
        Self { stream: body.into_data_stream(), text: String::new() }
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let told = event.lines().find_map(|line| line.strip_prefix("data: "));
                let told = told.map(|data| serde_json::from_str(data).expect("JSON"));
                self.text = rest.to_owned();
                match told {
                    Some(job) => return job,
                    None => continue,
                }
            }
            let chunk = self.stream.next().await.expect("the stream goes on").expect("read");
            self.text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// Lets time pass and the feed flow until the job is told so.
    async fn until(&mut self, lab: &Lab, pour: usize, told: impl Fn(&Value) -> bool) -> Value {
        loop {
            lab.tap.batches.add_permits(pour);
            lab.pass(Duration::milliseconds(1));
            let job = self.next().await;
            if told(&job) {
                return job;
            }
        }
    }
}

pub async fn source(lab: &Lab) -> SourceId {
    let add = AddSource { definition: RH.to_owned() };
    lab.workflows.add_source(&Actor::command_line(0), add).await.expect("a source").id
}

#[tokio::test]
async fn a_job_survives_its_node_is_paused_and_taken_up_again() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let actor = Actor::command_line(0);
        let source = source(&lab).await;
        let (run, job) = lab.workflows.start_sync(&actor, source, false).await.expect("queued");
        let path = format!("/api/v1/jobs/{}", job.id);
        let mut events = Events::of(lab.job_events(&caller).await);
        assert_eq!(events.next().await["state"], "queued");

        // One node works, and tells how far it is; then it is no more.
        let one = lab.other_node();
        let killed = tokio::spawn(async move { one.run_waiting_jobs().await });
        lab.tap.batches.add_permits(1);
        let moving = events.until(&lab, 0, |job| job["done"].as_i64() >= Some(10)).await;
        assert_eq!(
            (&moving["state"], &moving["kind"]),
            (&json!("running"), &json!("source_preview"))
        );
        killed.abort();
        assert!(killed.await.expect_err("killed").is_cancelled());
        let left = lab.get(&caller, &path).await;
        assert_eq!(
            (&left.body["state"], &left.body["resumable"]),
            (&json!("running"), &json!(false))
        );

        // Nobody takes it before its lease is over; then another node does, from the beginning of the reading.
        let two = lab.other_node();
        assert_eq!(two.run_waiting_jobs().await.expect("a turn"), 0, "its lease still runs");
        lab.pass(Duration::seconds(9));
        let worker = tokio::spawn(async move { two.run_waiting_jobs().await });
        let pause = format!("{path}/pause");
        events.until(&lab, 0, |job| job["state"] == "running").await;
        let asked = lab.call(Some(&caller), &Method::POST, &pause, None).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
        let over = events.until(&lab, 1, |job| job["state"] == "paused").await;
        assert_eq!(over["resumable"], true, "{over}");
        assert_eq!(worker.await.expect("ended").expect("a turn"), 1);

        // Taken up again by a human, on the same run, to its end.
        let again = format!("{path}/resume");
        let again = lab.call(Some(&caller), &Method::POST, &again, None).await;
        assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.body);
        assert_eq!(again.body["run_id"], run.id.to_string());
        let old = lab.get(&caller, &path).await;
        let told = (&old.body["state"], &old.body["resumable"]);
        assert_eq!(told, (&json!("stopped"), &json!(false)), "taken up once");
        lab.tap.ends.store(true, std::sync::atomic::Ordering::SeqCst);
        lab.tap.batches.add_permits(10);
        assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 1);
        let path = format!("/api/v1/jobs/{}", again.body["id"].as_str().expect("id"));
        let done = lab.get(&caller, &path).await;
        assert_eq!(
            (&done.body["state"], &done.body["done"]),
            (&json!("done"), &json!(30)),
            "{}",
            done.body
        );
        let planned = lab.get(&caller, &format!("/api/v1/runs/{}", run.id)).await;
        assert!(
            ["planned", "waiting"].contains(&planned.body["state"].as_str().expect("state")),
            "{}",
            planned.body
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_ended_for_good_is_not_taken_up_whether_it_ran_or_was_paused() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let source = source(&lab).await;
        let actor = Actor::command_line(0);
        for paused_first in [false, true] {
            let (_, job) = lab.workflows.start_sync(&actor, source, false).await.expect("queued");
            let path = format!("/api/v1/jobs/{}", job.id);
            let act = async |verb: &str| {
                let at = format!("{path}/{verb}");
                lab.call(Some(&caller), &Method::POST, &at, None).await
            };
            if paused_first {
                assert_eq!(act("pause").await.status, StatusCode::OK);
                lab.tap.batches.add_permits(1);
                assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 1);
                assert_eq!(lab.get(&caller, &path).await.body["state"], "paused");
            }
            assert_eq!(act("stop").await.status, StatusCode::OK);
            if !paused_first {
                assert_eq!(
                    act("pause").await.status,
                    StatusCode::CONFLICT,
                    "its end was asked for"
                );
                lab.tap.batches.add_permits(1);
                assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 1);
            }
            let over = lab.get(&caller, &path).await;
            let told = (&over.body["state"], &over.body["resumable"]);
            assert_eq!(told, (&json!("stopped"), &json!(false)), "paused first: {paused_first}");
            for verb in ["stop", "pause", "resume"] {
                assert_eq!(act(verb).await.status, StatusCode::CONFLICT, "{verb}");
            }
        }
        let journal = lab.get(&caller, "/api/v1/audit?event=job_paused,job_stopped").await;
        assert_eq!(journal.body["total"], 3, "{}", journal.body);
    })
    .await;
}

/// How often the journal says so.
async fn told(lab: &Lab, caller: &Caller, event: &str) -> i64 {
    let journal = lab.get(caller, &format!("/api/v1/audit?event={event}")).await;
    journal.body["total"].as_i64().expect("a total")
}

async fn unfinished(lab: &Lab) -> Vec<Job> {
    lab.workflows.store().read().jobs().unfinished().await.expect("jobs")
}

#[tokio::test]
async fn an_import_of_files_that_are_on_another_machine_is_left_to_it() {
    on_each(async |lab| {
        let actor = Actor::command_line(0);
        let folder = tempfile::tempdir().expect("folder");
        let here = folder.path().join("extract.txt");
        std::fs::write(&here, "not an extract").expect("written");
        let there = std::path::PathBuf::from("/another/machine/extract.txt");
        let begin = async |file: &std::path::Path| {
            let (files, limits) = (vec![file.to_owned()], workflows::sync::ImportLimits::partial());
            lab.workflows.start_register_import(&actor, files, limits).await.expect("queued")
        };
        let turn = async || lab.workflows.run_waiting_jobs().await.expect("a turn");
        let state = async |id| {
            let job = lab.workflows.store().read().jobs().find(id).await.expect("read");
            job.expect("there").state
        };
        let theirs = begin(&there).await;
        let ours = begin(&here).await;
        assert_eq!(turn().await, 1, "ours alone");
        assert_eq!(
            (state(theirs.id).await, state(ours.id).await),
            (JobState::Waiting, JobState::Failed)
        );
        // Stopped while it waits, it is ended by whoever looks.
        let stopped = begin(&there).await;
        lab.workflows.stop_job(&actor, stopped.id).await.expect("asked");
        assert_eq!(turn().await, 1);
        assert_eq!(state(stopped.id).await, JobState::Stopped);
        // Whoever had the files does not come back: somebody says so.
        lab.pass(Duration::minutes(6));
        assert_eq!(turn().await, 1);
        assert_eq!(state(theirs.id).await, JobState::Failed);
    })
    .await;
}

#[tokio::test]
async fn a_job_at_rest_is_taken_up_once_however_many_ask() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let actor = Actor::command_line(0);
        // One that fails, since there is no register; one that is paused; one that no run tells from another.
        let (_, failed) = lab.workflows.start_reconcile(&actor).await.expect("queued");
        let source = source(&lab).await;
        let (_, paused) = lab.workflows.start_sync(&actor, source, false).await.expect("queued");
        lab.workflows.pause_job(&actor, paused.id).await.expect("asked");
        let limits = workflows::sync::ImportLimits::partial();
        let import = lab.workflows.start_register_import(&actor, Vec::new(), limits).await;
        let import = import.expect("queued");
        lab.workflows.pause_job(&actor, import.id).await.expect("asked");
        lab.tap.batches.add_permits(1);
        assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 3);

        for (taken, old) in [failed, paused, import].into_iter().enumerate() {
            let ask = || lab.workflows.resume_job(&actor, old.id);
            let answers = futures_util::future::join_all((0..20).map(|_| ask())).await;
            let (went_on, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
            assert_eq!(went_on.len(), 1, "{}: {refused:?}", old.kind);
            for refusal in refused {
                assert!(matches!(refusal, Err(JobError::NotPaused(_))), "{refusal:?}");
            }
            assert_eq!(unfinished(&lab).await.len(), taken + 1, "{}", old.kind);
        }
        assert_eq!(told(&lab, &caller, "job_resumed").await, 3);

        // Those that went on are ended for good, were it by a failure: none of the six goes on.
        let ended = unfinished(&lab).await;
        for job in &ended {
            lab.workflows.stop_job(&actor, job.id).await.expect("asked");
        }
        lab.tap.batches.add_permits(1);
        assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 3);
        for job in lab.workflows.store().read().jobs().recent(10).await.expect("jobs") {
            assert_eq!(job.state, JobState::Stopped, "{}", job.kind);
            let path = format!("/api/v1/jobs/{}/resume", job.id);
            let again = lab.call(Some(&caller), &Method::POST, &path, None).await;
            assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
        }
    })
    .await;
}

#[tokio::test]
async fn of_an_end_for_good_and_a_taking_up_that_cross_one_wins_and_the_journal_says_which() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let actor = Actor::command_line(0);
        let (mut stopped, mut resumed) = (0, 0);
        for turn in 0..6 {
            let (_, job) = lab.workflows.start_reconcile(&actor).await.expect("queued");
            lab.workflows.run_waiting_jobs().await.expect("a turn");
            let stop = lab.workflows.stop_job(&actor, job.id);
            let resume = lab.workflows.resume_job(&actor, job.id);
            let (stop, resume) = match turn % 2 {
                0 => tokio::join!(stop, resume),
                _ => {
                    let (resume, stop) = tokio::join!(resume, stop);
                    (stop, resume)
                }
            };
            assert_ne!(stop.is_ok(), resume.is_ok(), "{stop:?} {resume:?}");
            stopped += i64::from(stop.is_ok());
            resumed += i64::from(resume.is_ok());
            assert_eq!(unfinished(&lab).await.len(), usize::from(resume.is_ok()));
            lab.workflows.run_waiting_jobs().await.expect("a turn");
        }
        let said =
            (told(&lab, &caller, "job_stopped").await, told(&lab, &caller, "job_resumed").await);
        assert_eq!(said, (stopped, resumed));
    })
    .await;
}

#[tokio::test]
async fn a_plan_of_which_a_line_was_applied_is_never_cleared_and_one_left_off_stays_so() {
    on_each(async |lab| {
        let actor = Actor::command_line(0);
        let source = source(&lab).await;
        lab.tap.ends.store(true, std::sync::atomic::Ordering::SeqCst);
        let (run, job) = lab.workflows.start_sync(&actor, source, false).await.expect("queued");
        lab.workflows.run_waiting_jobs().await.expect("a turn");
        let store = lab.workflows.store();
        let lines =
            async || store.read().plans().page(run.id, None, None, 100).await.expect("plan");
        let state =
            async || store.read().runs().find(run.id).await.expect("run").expect("run").state;
        let (before, planned) = (lines().await.len(), state().await);
        assert!(before > 1 && matches!(planned, RunState::Planned | RunState::Waiting));
        store.upkeep().mark_items(&[(lines().await[0].id, "created")]).await.expect("marked");

        // It failed while it was applied, and was left off by another job of it.
        let put = async |job_state, run_state| {
            let was = store.read().jobs().find(job.id).await.expect("job").expect("job");
            store.upkeep().save_job(&Job { state: job_state, ..was }).await.expect("saved");
            let was = store.read().runs().find(run.id).await.expect("run").expect("run");
            store.upkeep().save_run(&Run { state: run_state, ..was }).await.expect("saved");
        };
        put(JobState::Failed, RunState::Stopped).await;
        let refused = lab.workflows.resume_job(&actor, job.id).await;
        assert!(matches!(refused, Err(JobError::Sync(SyncError::NotPlanned(_)))), "{refused:?}");
        assert_eq!((lines().await.len(), state().await), (before, RunState::Stopped));

        // A failed one is ended for good, and its run with it.
        let caller = lab.operator(&[Role::SecurityOfficer]).await;
        put(JobState::Failed, RunState::Applying).await;
        assert_eq!(told(&lab, &caller, "run_left_off").await, 0);
        lab.workflows.stop_job(&actor, job.id).await.expect("ended");
        let left = lab.get(&caller, "/api/v1/audit?event=run_left_off").await.body;
        let params = &left["items"][0]["params"];
        assert_eq!((&params["count"], &params["lines"]), (&json!("1"), &json!("30")), "{left}");
        assert_eq!((lines().await.len(), state().await), (before, RunState::Stopped));
        let refused = lab.workflows.resume_job(&actor, job.id).await;
        assert!(matches!(refused, Err(JobError::NotPaused(_))), "{refused:?}");

        // One that was applying goes on where it was.
        put(JobState::Paused, RunState::Applying).await;
        lab.workflows.resume_job(&actor, job.id).await.expect("taken up");
        assert_eq!((lines().await.len(), state().await), (before, RunState::Applying));
    })
    .await;
}

#[tokio::test]
async fn a_first_reading_that_was_cut_off_is_begun_again_as_a_first_one() {
    on_each(async |lab| {
        let actor = Actor::command_line(0);
        let source = source(&lab).await;
        lab.tap.ends.store(true, std::sync::atomic::Ordering::SeqCst);
        let planned = async || {
            let queued = lab.workflows.start_sync(&actor, source, false).await;
            let (run, _) = queued.expect("queued");
            lab.workflows.run_waiting_jobs().await.expect("a turn");
            let run = lab.workflows.store().read().runs().find(run.id).await;
            run.expect("read").expect("there")
        };
        let first = planned().await;
        assert_eq!((first.state, first.counts.create), (RunState::Planned, 30));
        let plan = lab.workflows.store().read().plans().page(first.id, None, None, 5).await;
        let some = plan.expect("plan").iter().map(|item| item.id).collect();
        lab.workflows.start_apply(&actor, first.id, &Selection::Only(some)).await.expect("queued");
        lab.workflows.run_waiting_jobs().await.expect("a turn");

        // A human chose five: twenty-five more are many.
        let more = planned().await;
        assert_eq!((more.state, more.counts.create), (RunState::Waiting, 25), "{:?}", more.brakes);
        // Cut off after five, nobody chose anything.
        let applied = lab.workflows.store().read().runs().find(first.id).await;
        let cut = Run { state: RunState::Stopped, ..applied.expect("read").expect("there") };
        lab.workflows.store().upkeep().save_run(&cut).await.expect("saved");
        let again = planned().await;
        assert_eq!(
            (again.state, again.counts.create),
            (RunState::Planned, 25),
            "{:?}",
            again.brakes
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_work_and_beat_wait_for_one_writer_goes_on_when_it_is_free() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::SecurityOfficer, Role::Technician]).await;
        let source = source(&lab).await;
        let actor = Actor::command_line(0);
        let (_, job) = lab.workflows.start_sync(&actor, source, false).await.expect("queued");
        let mut events = Events::of(lab.job_events(&caller).await);
        let node = lab.other_node();
        let worker = tokio::spawn(async move { node.run_waiting_jobs().await });
        lab.tap.batches.add_permits(1);
        events.until(&lab, 0, |job| job["done"].as_i64() >= Some(10)).await;

        // Somebody holds the writer. The reading ends, and its work asks for it; then beats come due, which ask for it too.
        let held = lab.workflows.store().begin().await.expect("begun");
        lab.tap.ends.store(true, std::sync::atomic::Ordering::SeqCst);
        lab.tap.batches.add_permits(10);
        let mut beats = tokio::time::interval(std::time::Duration::from_millis(500));
        for _ in 0..4 {
            beats.tick().await;
        }
        drop(held);
        let minute = std::time::Duration::from_secs(60);
        let ended = tokio::time::timeout(minute, worker).await.expect("it never ended");
        assert_eq!(ended.expect("alive").expect("a turn"), 1);
        let done = lab.get(&caller, &format!("/api/v1/jobs/{}", job.id)).await;
        assert_eq!(done.body["state"], "done", "{}", done.body);
    })
    .await;
}

#[tokio::test]
async fn a_source_shows_a_few_values_of_each_column_of_its_last_reading() {
    on_each(async |lab| {
        let caller = lab.operator(&[Role::Technician]).await;
        let source = source(&lab).await;
        let columns = async || {
            let shown = lab.get(&caller, &format!("/api/v1/sources/{source}")).await;
            shown.body["mapping"]["columns"].as_array().expect("columns").clone()
        };
        assert!(columns().await.iter().all(|column| column["samples"] == json!([])));
        lab.tap.ends.store(true, std::sync::atomic::Ordering::SeqCst);
        let actor = Actor::command_line(0);
        lab.workflows.start_sync(&actor, source, false).await.expect("queued");
        assert_eq!(lab.workflows.run_waiting_jobs().await.expect("a turn"), 1);
        for (column, begins) in columns().await.iter().zip(["M", "MARTIN"]) {
            let samples = column["samples"].as_array().expect("samples");
            assert_eq!(samples.len(), 10, "{column}");
            assert!(samples.iter().all(|value| value.as_str().expect("text").starts_with(begins)));
        }
    })
    .await;
}

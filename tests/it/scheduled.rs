//! Sources that are read by themselves: at their times, once, by one node, under the brakes of any other reading.
use crate::house::{House, hospital};
use chrono::{DateTime, Utc};
use directory::{Run, RunState};
use kernel::{ActorId, Clock, FixedClock, SourceId};
use store::SourceDefinition;
use workflows::AddSource;

impl House {
    /// HR, read by itself at six and at one o'clock of the hospital's wall.
    async fn hr_on_schedule(&self) -> SourceDefinition {
        let mapping = std::fs::read_to_string(hospital().0.join("hr/mapping.toml"));
        let times = "\n[schedule]\nat = [\"06:00\", \"13:00\"]\n";
        let definition = format!("{}{times}", mapping.expect("mapping"));
        self.deliver("hr/hr-v1.csv", "hr-v1.csv");
        let added = self.workflows.add_source(&self.actor, AddSource { definition }).await;
        added.expect("a source")
    }

    fn clock_at(&self, instant: &str) {
        self.clock.set(FixedClock::at(instant).now());
    }

    async fn begun(&self) -> u64 {
        self.workflows.start_due_syncs().await.expect("looked")
    }

    /// Works all that waits; the newest run of the source.
    async fn worked(&self, source: SourceId) -> Run {
        self.workflows.run_waiting_jobs().await.expect("jobs");
        let runs = self.workflows.store().read().runs().recent(Some(source), 1).await;
        runs.expect("runs").pop().expect("a run")
    }

    async fn told_next(&self, source: SourceId) -> Option<DateTime<Utc>> {
        let sheet = self.workflows.show_source(&self.actor, source).await.expect("read");
        sheet.expect("a source").next_at
    }
}

fn next(instant: &str) -> Option<DateTime<Utc>> {
    Some(FixedClock::at(instant).now())
}

#[tokio::test]
async fn a_source_is_read_at_its_times_once_and_by_one_node() {
    House::on_each(async |house| {
        house.clock_at("2026-11-22T05:30:00Z");
        let source = house.hr_on_schedule().await.id;
        assert_eq!(house.told_next(source).await, next("2026-11-22T12:00:00Z"), "13:00 in Paris");
        house.clock_at("2026-11-22T11:59:59Z");
        assert_eq!(house.begun().await, 0);
        house.clock_at("2026-11-22T12:00:00Z");
        let other = house.other_node().await;
        let (here, there) = tokio::join!(house.begun(), other.start_due_syncs());
        assert_eq!(here + there.expect("looked"), 1, "one of two nodes");
        assert_eq!(house.begun().await, 0, "begun is begun");
        let run = house.worked(source).await;
        assert_eq!(run.state, RunState::Applied, "{:?}", run.error);
        assert_eq!(run.by, ActorId::Job { name: "schedule".to_owned() });
        assert_eq!(house.told_next(source).await, next("2026-11-23T05:00:00Z"));
        // Stopped over three mornings: one reading makes them up, then the times go on.
        house.clock_at("2026-11-25T09:00:00Z");
        assert_eq!(house.told_next(source).await, next("2026-11-25T09:00:00Z"));
        assert_eq!((house.begun().await, house.begun().await), (1, 0));
        assert_eq!(house.worked(source).await.counts.items(), 0, "the same file");
        assert_eq!(house.begun().await, 0);
        assert_eq!(house.told_next(source).await, next("2026-11-25T12:00:00Z"));
        // A reading by hand is beside the times; what cannot be read is tried again at the next one.
        std::fs::remove_file(house.feeds.join("hr-v1.csv")).expect("the export is late");
        assert_eq!(house.sync("rh").await.state, RunState::Failed);
        house.clock_at("2026-11-25T12:00:05Z");
        assert_eq!(house.begun().await, 1);
        assert_eq!(house.worked(source).await.state, RunState::Failed);
        assert_eq!(house.begun().await, 0);
        house.deliver("hr/hr-v1.csv", "hr-v1.csv");
        assert_eq!(house.told_next(source).await, next("2026-11-26T05:00:00Z"));
        house.audit_holds().await;
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_a_brake_holds_waits_for_a_human_and_no_reading_begins_beside_it() {
    House::on_each(async |house| {
        let source = house.hr_on_schedule().await;
        house.clock_at("2026-11-22T12:00:00Z");
        assert_eq!(house.begun().await, 1);
        assert_eq!(house.worked(source.id).await.state, RunState::Applied);
        let bad = std::fs::read_dir(hospital().0.join("hr/bad")).expect("bad feeds").flatten();
        let name = bad.map(|file| file.file_name().to_string_lossy().into_owned());
        let unit = name.into_iter().find(|name| name.contains("unit")).expect("a bad feed");
        house.deliver(&format!("hr/bad/{unit}"), "hr-v1.csv");
        house.clock_at("2026-11-23T05:00:00Z");
        assert_eq!(house.begun().await, 1);
        assert_eq!(house.begun().await, 0, "it is being read");
        let held = house.worked(source.id).await;
        assert_eq!(held.state, RunState::Waiting, "{:?}", held.brakes);
        for later in ["2026-11-23T12:00:00Z", "2026-11-24T05:00:00Z"] {
            house.clock_at(later);
            assert_eq!(house.begun().await, 0, "{later}");
            assert_eq!(house.told_next(source.id).await, None);
        }
        house.deliver("hr/hr-v1.csv", "hr-v1.csv");
        house.workflows.dismiss_run(&house.actor, held.id).await.expect("set aside");
        assert_eq!((house.begun().await, house.begun().await), (1, 0), "made up once");
        assert_eq!(house.worked(source.id).await.state, RunState::Applied);
        // By hand again: nothing begins by itself any more.
        let definition = source.definition.split("[schedule]").next().expect("text").to_owned();
        let changed = house.workflows.add_source(&house.actor, AddSource { definition }).await;
        changed.expect("changed");
        house.wait_days(2);
        assert_eq!((house.begun().await, house.told_next(source.id).await), (0, None));
    })
    .await;
}

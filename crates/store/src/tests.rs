//! The same tests on SQLite and PostgreSQL.
use crate::testing::{TestStore, on_each, open_sqlite};
use crate::*;
use audit::{AuditEvent, Code};
use chrono::{Duration, NaiveDate};
use directory::{Channel, NationalIdentity, Person, PersonState};
use identity::{BirthPlace, Names, Sex};
use kernel::{ActorId, Clock, NationalIdentityId, PersonId, SeededRandomness};

fn somebody(test: &TestStore, seed: u64, family: &str) -> Person {
    let now = test.clock.now();
    Person {
        id: PersonId::new(&*test.clock, &SeededRandomness::new(seed)),
        state: PersonState::Active,
        names: Names {
            birth_family: Some(family.to_owned()),
            usage_family: None,
            given: Some("Anne-Sophie".to_owned()),
            usual_given: None,
        },
        sex: Some(Sex::Female),
        birth_date: NaiveDate::from_ymd_opt(1988, 2, 29),
        birth_place: BirthPlace { insee_code: Some("69123".to_owned()), label: None },
        mail: None,
        declared_rpps: "99900001233".parse().ok(),
        closing: None,
        created_at: now,
        version: 1,
    }
}

fn created(person: &Person) -> AuditEvent {
    AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None }
}

#[tokio::test]
async fn a_person_comes_back_as_saved_and_two_writers_do_not_cross() {
    on_each(async |test: TestStore| {
        let person = somebody(&test, 1, "L’Hôte");
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        tx.commit(created(&person)).await.expect("commit");

        let read = test.store.read().people().find(person.id).await.expect("read");
        assert_eq!(read.as_ref(), Some(&person));

        let mut changed = person.clone();
        changed.state = PersonState::Suspended;
        let tx = test.store.begin().await.expect("begin");
        assert_eq!(tx.people().lock(person.id).await.expect("lock"), Some(person.clone()));
        tx.people().save(&changed).await.expect("save");
        let again = tx.people().save(&changed).await;
        assert!(matches!(again, Err(StoreError::Stale { table: "person" })), "{again:?}");
        let suspended =
            AuditEvent::PersonSuspended { by: ActorId::Nobody, person: person.id, motive: None };
        tx.commit(suspended).await.expect("commit");
        let read = test.store.read().people().find(person.id).await.expect("read").expect("person");
        assert_eq!((read.state, read.version), (PersonState::Suspended, 2));
        assert_eq!(
            test.store.read().people().count(Some(PersonState::Active)).await.expect("count"),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn an_act_that_is_not_committed_leaves_nothing_and_no_event() {
    on_each(async |test: TestStore| {
        let person = somebody(&test, 1, "Petit");
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        drop(tx);
        // On PostgreSQL the roll-back travels: the next act waits behind it on its own connection.
        assert_eq!(test.store.read().people().find(person.id).await.expect("read"), None);
        assert_eq!(test.store.read().audit().count().await.expect("count"), 0);
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        tx.commit(created(&person)).await.expect("commit");
        assert_eq!(test.store.read().audit().count().await.expect("count"), 1);
    })
    .await;
}

#[tokio::test]
async fn acts_that_wait_share_a_commit_and_each_stands_or_falls_alone() {
    on_each(async |test: TestStore| {
        let mut tasks = tokio::task::JoinSet::new();
        for seed in 0..60u64 {
            let (store, person) = (test.store.clone(), somebody(&test, seed, "Nguyen"));
            tasks.spawn(async move {
                let tx = store.begin().await.expect("begin");
                tx.people().insert(&person).await.expect("insert");
                tokio::task::yield_now().await;
                if seed % 3 == 0 {
                    drop(tx);
                    return None;
                }
                tx.commit(created(&person)).await.expect("commit");
                // Answered, so durable: another connection sees it.
                let seen = store.read().people().find(person.id).await.expect("read");
                assert!(seen.is_some());
                Some(person.id)
            });
        }
        let mut kept = Vec::new();
        while let Some(done) = tasks.join_next().await {
            kept.extend(done.expect("task"));
        }
        assert_eq!(kept.len(), 40);
        assert_eq!(test.store.read().people().count(None).await.expect("count"), 40);
        assert_eq!(test.store.read().audit().count().await.expect("count"), 40);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_a_second_person_for_an_id_nat_and_a_second_rpps_for_a_person() {
    on_each(async |test: TestStore| {
        let (first, second) = (somebody(&test, 1, "Martin"), somebody(&test, 2, "Martin"));
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert_all(&[first.clone(), second.clone()]).await.expect("insert");
        tx.commit(created(&first)).await.expect("commit");
        let link = |person: PersonId, id_nat: &str, seed| NationalIdentity {
            id: NationalIdentityId::new(&*test.clock, &SeededRandomness::new(seed)),
            person,
            id_nat: id_nat.parse().expect("id nat"),
            channel: Channel::RegisterMatch,
            evidence: "{}".to_owned(),
            decided_by: ActorId::Nobody,
            verified_at: test.clock.now(),
            next_check: NaiveDate::from_ymd_opt(2028, 11, 22).expect("date"),
        };
        for (identity, allowed) in [
            (link(first.id, "899900001233", 1), true),
            (link(second.id, "899900001233", 2), false),
            (link(first.id, "899900004567", 3), false),
            (link(first.id, "3990000010/12", 4), true),
            (link(second.id, "899900004567", 5), true),
        ] {
            let tx = test.store.begin().await.expect("begin");
            let done = tx.national_identities().insert(&identity).await;
            if allowed {
                done.expect("allowed");
                tx.commit(created(&first)).await.expect("commit");
            } else {
                assert!(matches!(done, Err(StoreError::Conflict(_))), "{done:?}");
            }
        }
        let reader = test.store.read();
        let bearer = reader
            .national_identities()
            .bearer(&"899900001233".parse().expect("id nat"))
            .await
            .expect("read");
        assert_eq!(bearer.expect("linked").person, first.id);
    })
    .await;
}

/// How many people this condition names.
async fn people_where(tx: &Transaction, condition: &str) -> i64 {
    use sea_orm::ConnectionTrait;
    let sql = format!("SELECT COUNT(*) AS n FROM person WHERE {condition}");
    let counted = sea_orm::Statement::from_string(tx.get_database_backend(), sql);
    let row = tx.query_one_raw(counted).await.expect("counted").expect("a row");
    row.try_get("", "n").expect("a number")
}

#[tokio::test]
async fn what_lists_are_sorted_by_follows_a_statement_about_one_person() {
    on_each(async |test: TestStore| {
        use sea_orm::ConnectionTrait;
        let tx = test.store.begin().await.expect("begin");
        for (seed, family) in [(1, "P0001"), (2, "P0002")] {
            let person = Person { declared_rpps: None, ..somebody(&test, seed, family) };
            tx.people().insert(&person).await.expect("insert");
        }
        let one = "FROM person WHERE birth_family = 'P0001'";
        let insert_post = format!(
            "INSERT INTO post (id, person_id, source_id, matricule, unit_code, ends_on) \
             SELECT id, id, id, 'M1', 'U2', DATE '2027-01-31' {one}"
        );
        let insert_doubt = format!(
            "INSERT INTO doubt (id, kind, state, person_id, dedupe_key, payload, priority, opened_at, version) \
             SELECT id, 'national_identity', 'open', id, 'q', '{{}}', 0, created_at, 1 {one}"
        );
        let insert_link = format!(
            "INSERT INTO national_identity (id, person_id, id_nat, is_rpps, channel, evidence, decided_by, verified_at, next_check) \
             SELECT id, id, '899900001233', TRUE, 'register_match', '{{}}', '{{}}', created_at, DATE '2028-11-22' {one}"
        );
        let declared = "UPDATE person SET declared_rpps = '99900001233' WHERE birth_family = 'P0001'";
        for (sql, stands) in [
            (
                insert_post.as_str(),
                "listed_end = '2027-01-31' AND listed_unit = 'U2' AND listed_matricule = 'M1' \
                 AND listed_function IS NULL AND listed_identity = '5'",
            ),
            (
                "UPDATE post SET profession = '60', unit_code = 'U1', function_label = 'F'",
                "listed_unit = 'U1' AND listed_function = 'F' AND listed_identity = '4'",
            ),
            (insert_doubt.as_str(), "listed_identity = '2'"),
            (insert_link.as_str(), "listed_identity = '12028-11-22' AND listed_unit = 'U1'"),
            (
                "UPDATE national_identity SET next_check = DATE '2029-01-31'",
                "listed_identity = '12029-01-31'",
            ),
            ("UPDATE post SET ends_on = NULL", "listed_end IS NULL AND listed_unit = 'U1'"),
            ("UPDATE national_identity SET ended_at = verified_at", "listed_identity = '2'"),
            ("UPDATE doubt SET state = 'decided'", "listed_identity = '4'"),
            (declared, "listed_identity = '3'"),
            ("UPDATE post SET profession = NULL", "listed_identity = '3'"),
            (
                "DELETE FROM post",
                "listed_unit IS NULL AND listed_matricule IS NULL AND listed_function IS NULL \
                 AND listed_identity = '3'",
            ),
            ("UPDATE doubt SET state = 'open'", "listed_identity = '2'"),
        ] {
            let told = match tx.get_database_backend() {
                sea_orm::DbBackend::Sqlite => sql.replace("DATE '", "'"),
                _ => sql.to_owned(),
            };
            tx.execute_unprepared(&told).await.expect("written");
            let hers = format!("birth_family = 'P0001' AND {stands}");
            assert_eq!(people_where(&tx, &hers).await, 1, "{sql}");
            let other = "birth_family = 'P0002' AND listed_identity = '5' AND listed_unit IS NULL";
            assert_eq!(people_where(&tx, other).await, 1, "{sql}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_lists_are_sorted_by_follows_a_statement_about_everybody() {
    on_each(async |test: TestStore| {
        use sea_orm::ConnectionTrait;
        let people: Vec<Person> = (0..900)
            .map(|seed| {
                let declared_rpps = (seed % 9 == 0).then(|| "99900001233".parse().expect("number"));
                Person { declared_rpps, ..somebody(&test, seed, &format!("P{seed:04}")) }
            })
            .collect();
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert_all(&people).await.expect("insert");
        assert_eq!(people_where(&tx, "listed_identity = '3'").await, 100);
        assert_eq!(people_where(&tx, "listed_identity = '5'").await, 800);
        let all = "SELECT id, id, id, 'M' || sort_key";
        for sql in [
            // Each has a post; the regulated ones are those of the first half, and one contract has no end.
            format!(
                "INSERT INTO post (id, person_id, source_id, matricule, unit_code, profession, ends_on) \
                 {all}, 'U' || sort_key, CASE WHEN birth_family < 'P0450' THEN '60' END, \
                 CASE WHEN birth_family > 'P0000' THEN DATE '2027-01-31' END FROM person"
            ),
            // A third of them bears a number, the next third is asked about.
            "INSERT INTO national_identity (id, person_id, id_nat, is_rpps, channel, evidence, decided_by, verified_at, next_check) \
             SELECT id, id, birth_family, FALSE, 'register_match', '{}', '{}', created_at, DATE '2028-11-22' \
             FROM person WHERE birth_family < 'P0300'"
                .to_owned(),
            "INSERT INTO doubt (id, kind, state, person_id, dedupe_key, payload, priority, opened_at, version) \
             SELECT id, 'national_identity', 'open', id, birth_family, '{}', 0, created_at, 1 \
             FROM person WHERE birth_family < 'P0600'"
                .to_owned(),
        ] {
            let sql = match tx.get_database_backend() {
                sea_orm::DbBackend::Sqlite => sql.replace("DATE '", "'"),
                _ => sql,
            };
            tx.execute_unprepared(&sql).await.expect("written");
        }
        let own = "listed_unit = 'U' || sort_key AND listed_matricule = 'M' || sort_key";
        assert_eq!(people_where(&tx, own).await, 900);
        assert_eq!(people_where(&tx, "listed_end = '2027-01-31'").await, 899);
        assert_eq!(people_where(&tx, "listed_identity = '12028-11-22'").await, 300);
        assert_eq!(people_where(&tx, "listed_identity = '2'").await, 300);
        assert_eq!(people_where(&tx, "listed_identity IN ('3', '5')").await, 300);
        // What goes from one to another counts for both: a link of the first, a question and the post of the middle.
        let last = "(SELECT id FROM person WHERE birth_family = 'P0899')";
        for (table, from) in [("national_identity", "P0000"), ("doubt", "P0300"), ("post", "P0300")]
        {
            let moved = format!(
                "UPDATE {table} SET person_id = {last} \
                 WHERE person_id = (SELECT id FROM person WHERE birth_family = '{from}')"
            );
            tx.execute_unprepared(&moved).await.expect("moved");
        }
        let stands = "birth_family = 'P0899' AND listed_identity = '12028-11-22' \
                      AND listed_matricule = (SELECT 'M' || sort_key FROM person WHERE birth_family = 'P0300')";
        assert_eq!(people_where(&tx, stands).await, 1);
        let left = "birth_family = 'P0300' AND listed_identity = '5' AND listed_unit IS NULL";
        assert_eq!(people_where(&tx, left).await, 1);
        let asked = "birth_family = 'P0000' AND listed_identity = '2'";
        assert_eq!(people_where(&tx, asked).await, 1, "her question waits");
        for (table, to) in [("national_identity", "P0000"), ("doubt", "P0300"), ("post", "P0300")] {
            let back = format!(
                "UPDATE {table} SET person_id = id WHERE person_id = {last} \
                 AND id = (SELECT id FROM person WHERE birth_family = '{to}')"
            );
            tx.execute_unprepared(&back).await.expect("back");
        }
        assert_eq!(people_where(&tx, "listed_identity = '12028-11-22'").await, 300);
        let ended = "UPDATE national_identity SET ended_at = verified_at";
        tx.execute_unprepared(ended).await.expect("ended");
        tx.execute_unprepared("UPDATE doubt SET state = 'decided'").await.expect("decided");
        assert_eq!(people_where(&tx, "listed_identity = '3'").await, 100);
        assert_eq!(people_where(&tx, "listed_identity = '4'").await, 400);
        tx.execute_unprepared("DELETE FROM post").await.expect("gone");
        assert_eq!(people_where(&tx, "listed_identity IN ('3', '5')").await, 900);
        let left = "listed_unit IS NOT NULL OR listed_matricule IS NOT NULL OR listed_end IS NOT NULL";
        assert_eq!(people_where(&tx, left).await, 0);
    })
    .await;
}

#[tokio::test]
async fn lg_02_the_database_refuses_to_change_or_remove_an_entry() {
    on_each(async |test: TestStore| {
        let person = somebody(&test, 1, "Roy");
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        tx.commit(created(&person)).await.expect("commit");
        for sql in ["UPDATE audit_entry SET body = 'x'", "DELETE FROM audit_entry"] {
            let tx = test.store.begin().await.expect("begin");
            let refused = sea_orm::ConnectionTrait::execute_unprepared(&tx, sql).await;
            assert!(refused.expect_err(sql).to_string().contains("append-only"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_lease_has_one_holder_and_passes_on_when_it_ends() {
    on_each(async |test: TestStore| {
        let life = Duration::seconds(10);
        let take = async |holder: &str| {
            test.store.upkeep().take_lease("seal", holder, life).await.expect("lease")
        };
        assert!(take("a").await);
        assert!(!take("b").await);
        assert!(take("a").await, "renewed");
        test.clock.advance(Duration::seconds(11));
        assert!(take("b").await);
        assert!(!take("a").await);
    })
    .await;
}

#[tokio::test]
async fn au_03_attempts_in_parallel_are_counted_one_by_one() {
    on_each(async |test: TestStore| {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (store, now) = (test.store.clone(), test.clock.now());
            tasks.spawn(async move {
                let next = |before: Option<Attempts>| Attempts {
                    count: before.map_or(1, |before| before.count + 1),
                    window_start: now,
                    next_allowed: now,
                };
                let before = store.upkeep().count_attempt("pin/seat", next).await.expect("count");
                before.map_or(0, |before| before.count)
            });
        }
        let mut seen = Vec::new();
        while let Some(count) = tasks.join_next().await {
            seen.push(count.expect("task"));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn counters_rise_and_facts_stay() {
    on_each(async |test: TestStore| {
        let tx = test.store.begin().await.expect("begin");
        assert_eq!(tx.counters().read(Counter::Directory).await.expect("read"), 0);
        assert_eq!(tx.counters().raise(Counter::Directory).await.expect("raise"), 1);
        assert_eq!(tx.counters().raise(Counter::Directory).await.expect("raise"), 2);
        tx.counters().set_fact("hospital", "CH de Valbrume").await.expect("fact");
        let event = AuditEvent::RegisterRefused {
            by: ActorId::Nobody,
            file: audit::Digest::of(b"x"),
            reason: Code::of("too_short"),
        };
        tx.commit(event).await.expect("commit");
        let reader = test.store.read();
        assert_eq!(reader.counters().read(Counter::Directory).await.expect("read"), 2);
        let fact = reader.counters().fact("hospital").await.expect("fact");
        assert_eq!(fact.as_deref(), Some("CH de Valbrume"));
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_untouched() {
    let test = open_sqlite().await;
    let tx = test.store.begin().await.expect("begin");
    let newer =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000000_later', 1)";
    sea_orm::ConnectionTrait::execute_unprepared(&tx, newer).await.expect("insert");
    tx.finish().await.expect("finish");
    let refused = test.store.migrate::<migrations::Migrator>().await;
    assert!(
        matches!(&refused, Err(StoreError::Newer { migration }) if migration.ends_with("later")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_asked_of_a_job_until_its_last_word_is_heard_and_nothing_after() {
    on_each(async |test: TestStore| {
        let now = test.clock.now();
        // What was asked (pause: true), how the work ended, what it comes to.
        let told = [
            (vec![true], JobState::Stopped, JobState::Paused),
            (vec![true, false], JobState::Stopped, JobState::Stopped),
            (vec![false], JobState::Failed, JobState::Stopped),
            (vec![true], JobState::Failed, JobState::Failed),
            (vec![], JobState::Failed, JobState::Failed),
            (vec![false], JobState::Done, JobState::Done),
        ];
        for (seed, (asked, ended, comes_to)) in told.into_iter().enumerate() {
            let job = Job {
                id: kernel::JobId::new(&*test.clock, &SeededRandomness::new(seed as u64)),
                kind: "apply".to_owned(),
                state: JobState::Running,
                done: 0,
                total: 0,
                unit: "items".to_owned(),
                params: "{}".to_owned(),
                started_by: ActorId::Nobody,
                started_at: now,
                updated_at: now,
                ended_at: None,
                result: None,
                stop_requested: false,
                pause_requested: false,
                holder: None,
            };
            test.store.upkeep().queue_job(&job).await.expect("queued");
            let ask = async |pause: bool| {
                let tx = test.store.begin().await.expect("begin");
                let heard = tx.jobs().request_stop(job.id, pause).await.expect("asked");
                tx.finish().await.expect("finish");
                heard
            };
            for pause in &asked {
                assert!(ask(*pause).await, "{asked:?}");
            }
            assert!(asked.last() != Some(&false) || !ask(true).await, "its end was asked for");
            let last = Job { state: ended, ..job.clone() };
            let event = |_, _: &LeftOff| AuditEvent::SystemStopped { by: ActorId::Nobody };
            test.store.upkeep().end_job(&last, None, event).await.expect("ended");
            let read = test.store.read().jobs().find(job.id).await.expect("read").expect("job");
            assert_eq!(read.state, comes_to, "{asked:?} {ended:?}");
            assert!(!ask(true).await && !ask(false).await, "it is over");
            let tx = test.store.begin().await.expect("begin");
            assert_eq!(tx.jobs().end_at_rest(job.id).await.expect("end"), read.is_resumable());
            assert!(!tx.jobs().end_at_rest(job.id).await.expect("end"), "once");
        }
    })
    .await;
}

use super::*;
use crate::PersonState;
use chrono::{Days, Duration};
use identity::{AccountFields, BirthPlace, IdentityKind, Names, PostFields};
use kernel::{Clock, FixedClock, SeededRandomness};

fn clock() -> FixedClock {
    FixedClock::at("2026-11-22T05:00:00Z")
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().expect("date"))
}

fn agent(matricule: &str, family: &str, ends_on: Option<NaiveDate>) -> Identity {
    Identity {
        kind: identity::IdentityKind::Agent,
        key: ExternalKey(matricule.into()),
        lines: vec![2],
        names: Names {
            birth_family: Some(family.into()),
            given: Some("Marie".into()),
            ..Names::default()
        },
        sex: None,
        birth_date: day("1988-02-14"),
        birth_place: BirthPlace::default(),
        matricule: matricule.parse().ok(),
        declared_rpps: None,
        mail: Some(format!("{}@valbrume.test", matricule.to_lowercase())),
        posts: vec![PostFields {
            matricule: matricule.parse().expect("matricule"),
            finess_ej: None,
            finess_et: None,
            unit_code: Some("3412".into()),
            unit_label: Some("Cardio".into()),
            function_label: Some("Infirmier".into()),
            profession: None,
            contract_kind: None,
            starts_on: day("2020-01-01"),
            ends_on,
        }],
        account: None,
    }
}

fn read(identity: Identity, version: u8) -> ReadRecord {
    ReadRecord { identity, hash: [version; 32] }
}

fn rules() -> PlanRules {
    PlanRules {
        now: clock().now(),
        today: clock().now().date_naive(),
        grace_days: 14,
        brakes: Brakes::default(),
        is_first: false,
    }
}

fn person(id: PersonId, identity: &Identity, state: PersonState) -> Person {
    Person {
        id,
        state,
        names: identity.names.clone(),
        sex: None,
        birth_date: identity.birth_date,
        birth_place: BirthPlace::default(),
        mail: identity.mail.clone(),
        declared_rpps: None,
        closing: None,
        created_at: clock().now(),
        version: 1,
    }
}

fn id(seed: u64) -> PersonId {
    PersonId::new(&clock(), &SeededRandomness::new(seed))
}

/// Everybody of `agents`, active, as read before.
fn known(agents: &[Identity]) -> Known {
    let mut known = Known::default();
    for (seed, identity) in agents.iter().enumerate() {
        let id = id(seed as u64);
        known.people.insert(id, (person(id, identity, PersonState::Active), Vec::new()));
        let record = KnownRecord {
            person: Some(id),
            account: None,
            hash: [1; 32],
            identity: identity.clone(),
            absent_since: None,
        };
        known.records.insert(identity.key.clone(), record);
    }
    known
}

fn plan(records: Vec<ReadRecord>, known: &Known) -> Planned {
    let reading = Reading { records, ..Reading::default() };
    plan_people(&reading, known, &rules(), &|_| Resolution::Nobody)
}

fn kinds(planned: &Planned) -> Vec<ItemKind> {
    planned.drafts.iter().map(|draft| draft.kind).collect()
}

#[test]
fn a_first_reading_creates_and_the_same_again_plans_nothing() {
    let people = [agent("A1", "Martin", None), agent("A2", "Petit", None)];
    let first = plan(people.iter().cloned().map(|one| read(one, 1)).collect(), &Known::default());
    assert_eq!(kinds(&first), [ItemKind::Create, ItemKind::Create]);
    assert!(!first.is_held(), "nothing was known: {:?}", first.brakes);
    let again = plan(people.iter().cloned().map(|one| read(one, 1)).collect(), &known(&people));
    assert_eq!((kinds(&again), again.counts.unchanged), (vec![], 2));
}

#[test]
fn creations_have_no_measure_until_a_first_plan_was_applied_to_its_end() {
    let born =
        |one: u64| day("1970-01-01").and_then(|first| first.checked_add_days(Days::new(one)));
    let agents = |from: u64, to: u64| {
        (from..to).map(|one| Identity {
            birth_date: born(one),
            ..agent(&format!("A{one}"), "Martin", None)
        })
    };
    let known = known(&agents(0, 100).collect::<Vec<_>>());
    let read = |records: Vec<Identity>| Reading {
        records: records.into_iter().map(|one| read(one, 1)).collect(),
        ..Reading::default()
    };
    let more = || read(agents(0, 500).collect());
    let fewer = || read(agents(60, 500).collect());
    for (reading, is_first, held) in
        [(more(), false, true), (more(), true, false), (fewer(), true, true)]
    {
        let rules = PlanRules { is_first, ..rules() };
        let plan = plan_people(&reading, &known, &rules, &|_| Resolution::Nobody);
        let lines = reading.records.len();
        assert_eq!(plan.is_held(), held, "{lines} lines, first: {is_first}: {:?}", plan.brakes);
    }
}

#[test]
fn two_newcomers_of_one_name_and_birth_date_are_a_question() {
    let records = ["A1", "A2"].map(|matricule| read(agent(matricule, "Martin", None), 1));
    let planned = plan(records.to_vec(), &Known::default());
    assert_eq!(kinds(&planned), [ItemKind::Doubt, ItemKind::Create]);
    let apart = [
        agent("A1", "Martin", None),
        Identity { birth_date: day("1971-09-02"), ..agent("A2", "Martin", None) },
    ];
    let planned = plan(apart.into_iter().map(|one| read(one, 1)).collect(), &Known::default());
    assert_eq!(kinds(&planned), [ItemKind::Create, ItemKind::Create], "homonyms, not one person");
}

#[test]
fn who_left_before_the_first_reading_is_not_created() {
    let planned = plan(vec![read(agent("A1", "Martin", day("2026-11-21")), 1)], &Known::default());
    assert_eq!(kinds(&planned), []);
    let today = plan(vec![read(agent("A1", "Martin", day("2026-11-22")), 1)], &Known::default());
    assert_eq!(kinds(&today), [ItemKind::Create], "the last day is worked");
}

#[test]
fn a_change_is_told_field_by_field_and_folds_only_when_equal() {
    let before = [agent("A1", "Martin", None), agent("A2", "Petit", None)];
    let renamed = before.clone().map(|mut one| {
        one.posts[0].unit_label = Some("Cardiologie".into());
        read(one, 2)
    });
    let planned = plan(renamed.to_vec(), &known(&before));
    assert_eq!(kinds(&planned), [ItemKind::Change, ItemKind::Change]);
    let patterns: Vec<String> = planned.drafts.iter().map(Draft::pattern_key).collect();
    assert_eq!(patterns[0], "post.unit_label|Cardio|Cardiologie");
    assert_eq!(patterns[0], patterns[1]);
}

#[test]
fn a_contract_that_is_over_closes_and_a_new_one_reopens() {
    let before = [agent("A1", "Martin", None)];
    let ended = plan(vec![read(agent("A1", "Martin", day("2026-11-21")), 2)], &known(&before));
    assert_eq!(kinds(&ended), [ItemKind::Close, ItemKind::Change]);
    let ended = [agent("A1", "Martin", day("2026-11-21"))];
    let mut closed = known(&ended);
    for (person, _) in closed.people.values_mut() {
        person.state = PersonState::Closed;
    }
    let back = plan(vec![read(agent("A1", "Martin", day("2027-03-31")), 2)], &closed);
    assert_eq!(kinds(&back), [ItemKind::Reopen]);
    let still = plan(vec![read(ended[0].clone(), 1)], &closed);
    assert_eq!(kinds(&still), [], "closed once");
}

#[test]
fn absence_starts_a_clock_and_closes_only_when_the_grace_is_over() {
    let before = [agent("A1", "Martin", None)];
    let mut known = known(&before);
    let absent = plan(Vec::new(), &known);
    assert!(
        matches!(absent.drafts.as_slice(), [Draft { act: Act::StartAbsence, .. }]),
        "{:?}",
        absent.drafts
    );
    for (days, expected) in [(13, vec![]), (14, vec![ItemKind::Close])] {
        let since = clock().now() - Duration::days(days);
        known.records.values_mut().for_each(|record| record.absent_since = Some(since));
        assert_eq!(kinds(&plan(Vec::new(), &known)), expected, "absent for {days} days");
    }
    let back = plan(vec![read(before[0].clone(), 1)], &known);
    assert!(
        matches!(back.drafts.as_slice(), [Draft { act: Act::EndAbsence, .. }]),
        "{:?}",
        back.drafts
    );
}

#[test]
fn a_faulty_or_stray_line_never_makes_anybody_absent() {
    let before = [agent("A1", "Martin", None)];
    let faulty = Reading { faulty: [ExternalKey("A1".into())].into(), ..Reading::default() };
    let stray = Reading { has_strays: true, ..Reading::default() };
    for reading in [faulty, stray] {
        let planned = plan_people(&reading, &known(&before), &rules(), &|_| Resolution::Nobody);
        assert_eq!((kinds(&planned), planned.counts.absent), (vec![], 0));
    }
}

#[test]
fn a_matricule_given_to_somebody_else_is_a_conflict() {
    let before = [agent("A1", "Martin", None)];
    let mut other = agent("A1", "Nguyen", None);
    other.names.given = Some("Linh".into());
    other.birth_date = day("1999-01-01");
    assert_eq!(kinds(&plan(vec![read(other, 2)], &known(&before))), [ItemKind::Conflict]);
    let mut married = agent("A1", "Martin", None);
    married.names.usage_family = Some("Roux".into());
    assert_eq!(kinds(&plan(vec![read(married, 2)], &known(&before))), [ItemKind::Change]);
}

#[test]
fn swapped_or_shared_mails_are_conflicts_and_a_mail_that_was_given_up_moves() {
    let before = [agent("A1", "Martin", None), agent("A2", "Petit", None)];
    let with = |mails: [&str; 2]| -> Vec<ReadRecord> {
        let changed = before.iter().zip(mails).map(|(one, mail)| {
            let version = if one.mail.as_deref() == Some(mail) { 1 } else { 2 };
            read(Identity { mail: Some(mail.into()), ..one.clone() }, version)
        });
        changed.collect()
    };
    for (what, mails, expected) in [
        ("swap", ["a2@valbrume.test", "a1@valbrume.test"], vec![ItemKind::Conflict; 2]),
        ("share", ["a1@valbrume.test", "a1@valbrume.test"], vec![ItemKind::Conflict]),
        ("move", ["new@valbrume.test", "a1@valbrume.test"], vec![ItemKind::Change; 2]),
    ] {
        assert_eq!(kinds(&plan(with(mails), &known(&before))), expected, "{what}");
    }
}

#[test]
fn a_question_asked_before_is_not_asked_again() {
    let before = [agent("A1", "Martin", None), agent("A2", "Petit", None)];
    let swap = || {
        let mut records = Vec::new();
        for (one, mail) in before.iter().zip(["a2@valbrume.test", "a1@valbrume.test"]) {
            records.push(read(Identity { mail: Some(mail.into()), ..one.clone() }, 2));
        }
        records
    };
    let mut known = known(&before);
    for draft in plan(swap(), &known).drafts {
        let Act::OpenCase { dedupe_key, .. } = draft.act else { panic!("a question") };
        known.asked.insert(dedupe_key);
    }
    assert_eq!(kinds(&plan(swap(), &known)), []);
}

#[test]
fn brakes_hold_when_both_count_and_share_are_passed() {
    let staff: Vec<Identity> = (0..100)
        .map(|number| agent(&format!("A{number}"), &format!("NOM{number}"), None))
        .collect();
    let known = known(&staff);
    for (missing, held) in [(0, false), (3, false), (21, true)] {
        let records = staff.iter().skip(missing).cloned().map(|one| read(one, 1)).collect();
        let planned = plan(records, &known);
        assert_eq!(
            planned.brakes.iter().any(|brake| brake.passed && brake.name == "absences"),
            held,
            "{missing}"
        );
    }
    // Every post of the unit is in one unit here: 26 of 100 gone is more than a quarter of it.
    let gone = plan(staff.iter().skip(26).cloned().map(|one| read(one, 1)).collect(), &known);
    let unit = gone.brakes.iter().find(|brake| brake.name == "unit_closings").expect("unit");
    assert_eq!((unit.unit.as_deref(), unit.value, unit.passed), (Some("3412"), 26, true));
}

fn account(login: &str, enabled: bool, deleted: bool) -> Identity {
    Identity {
        kind: IdentityKind::Account,
        key: ExternalKey("0a0b".into()),
        posts: Vec::new(),
        account: Some(AccountFields {
            login: login.into(),
            upn: None,
            distinguished_name: format!("CN={login}"),
            enabled,
            deleted,
            expires_at: None,
            must_change_password: false,
        }),
        ..agent("A1", "Martin", None)
    }
}

#[test]
fn accounts_are_created_changed_disabled_and_closed_by_their_own_key() {
    let resolve = |_: &Identity| Resolution::Same(id(0), reconciliation::Why::sentence("essai"));
    let reading = |identity, version| Reading {
        records: vec![read(identity, version)],
        ..Reading::default()
    };
    let created = plan_accounts(
        &reading(account("mmartin", true, false), 1),
        &Known::default(),
        &rules(),
        &resolve,
    );
    assert_eq!((kinds(&created), created.drafts[0].person), (vec![ItemKind::Create], Some(id(0))));

    let mut known = Known::default();
    let account_id = AccountId::new(&clock(), &SeededRandomness::new(9));
    let before = account("mmartin", true, false);
    known.accounts.insert(
        account_id,
        Account {
            id: account_id,
            source: kernel::SourceId::new(&clock(), &SeededRandomness::new(8)),
            external_key: before.key.clone(),
            person: Some(id(0)),
            fields: before.account.clone().expect("account"),
            mail: before.mail.clone(),
            first_seen: clock().now(),
        },
    );
    let record = KnownRecord {
        person: Some(id(0)),
        account: Some(account_id),
        hash: [1; 32],
        identity: before.clone(),
        absent_since: None,
    };
    known.records.insert(before.key.clone(), record);
    for (what, after, version, expected) in [
        ("the same", before.clone(), 1, vec![]),
        ("renamed", account("mroux", true, false), 2, vec![ItemKind::Change]),
        ("disabled", account("mmartin", false, false), 2, vec![ItemKind::Change]),
        ("a tombstone", account("mmartin", false, true), 2, vec![ItemKind::Close]),
    ] {
        let planned = plan_accounts(&reading(after, version), &known, &rules(), &resolve);
        assert_eq!(kinds(&planned), expected, "{what}");
    }
    let absent = plan_accounts(&Reading::default(), &known, &rules(), &resolve);
    assert!(
        matches!(absent.drafts.as_slice(), [Draft { act: Act::StartAbsence, .. }]),
        "{:?}",
        absent.drafts
    );
}

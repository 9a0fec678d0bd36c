//! A person's id is hers for ever: it is the root of `sub` and of the `oid` of Pro Santé Connect.
use crate::house::House;
use directory::PersonState;
use kernel::{FixedClock, OsRandomness, PersonId, Randomness, SeededRandomness};
use std::collections::{HashMap, HashSet};
use store::StoreError;
use workflows::{ClosePerson, MergeEvidence, MergePeople};

#[test]
fn op_30_ids_drawn_in_one_instant_are_all_different() {
    let clock = FixedClock::at("2026-11-22T05:00:00Z");
    let ids: HashSet<PersonId> =
        (0..100_000).map(|_| PersonId::new(&clock, &OsRandomness)).collect();
    assert_eq!(ids.len(), 100_000);
}

#[tokio::test]
async fn op_30_a_closed_person_keeps_her_id_and_nobody_else_takes_it() {
    let house = House::open().await;
    house.add_sources().await;
    house.sync("rh").await;
    let store = house.workflows.store();
    let person = store.read().people().all().await.expect("people").remove(0);
    let close = ClosePerson { person: person.id, motive: "départ".to_owned() };
    house.workflows.close_person(&house.actor, close).await.expect("closed");
    let mut other = person.clone();
    other.names.birth_family = Some("Autre".to_owned());
    let tx = store.begin().await.expect("begin");
    let taken = tx.people().insert(&other).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    drop(tx);
    let kept = store.read().people().find(person.id).await.expect("read").expect("still there");
    assert_eq!((kept.state, &kept.names), (PersonState::Closed, &person.names));
}

/// In whatever order sources read, people are closed, merged and split: every id that was ever seen is still there, of the
/// same record, and none is taken twice.
#[tokio::test]
async fn op_30_no_order_of_acts_moves_or_spends_an_id() {
    House::on_each(async |house| {
        house.add_sources().await;
        house.sync("rh").await;
        // The birth names that a record may bear: its own, and those of whoever was merged into it, whose feed names it too.
        let mut names = HashMap::new();
        for person in house.workflows.store().read().people().all().await.expect("people") {
            names.insert(person.id, HashSet::from([person.names.birth_family]));
        }
        for seed in 1..=3 {
            any_order(&house, &SeededRandomness::new(seed), &mut names).await;
        }
        house.audit_holds().await;
    })
    .await;
}

/// Ten acts drawn by chance, each followed by a look at every id.
async fn any_order(
    house: &House,
    chance: &SeededRandomness,
    names: &mut HashMap<PersonId, HashSet<Option<String>>>,
) {
    let draw = |below: usize| {
        let mut bytes = [0; 8];
        chance.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % below as u64).expect("small")
    };
    let all = async || house.workflows.store().read().people().all().await.expect("people");
    let mut merged = Vec::new();
    for _ in 0..10 {
        let people = all().await;
        let active: Vec<_> =
            people.iter().filter(|person| person.state == PersonState::Active).collect();
        let one = active[draw(active.len())].id;
        let act = draw(4);
        match act {
            0 => {
                let feed = format!("hr/hr-v{}.csv", 1 + draw(3));
                house.deliver(&feed, "hr-v1.csv");
                house.sync("rh").await;
            }
            1 => {
                let close = ClosePerson { person: one, motive: "départ".to_owned() };
                house.workflows.close_person(&house.actor, close).await.expect("closed");
            }
            2 => {
                let other = active[draw(active.len())].id;
                let wish = MergePeople {
                    kept: one,
                    absorbed: other,
                    evidence: MergeEvidence::IdentityDocument,
                    motive: "une personne".to_owned(),
                };
                // Two numbers, or oneself: refused, and nothing has moved.
                if let Ok(merge) = house.workflows.merge_people(&house.actor, wish).await {
                    let theirs = names[&other].clone();
                    names.entry(one).or_default().extend(theirs);
                    merged.push(merge.id);
                }
            }
            _ => {
                if let Some(merge) = merged.pop() {
                    let split = house.workflows.split_people(&house.actor, merge, "deux").await;
                    split.expect("split");
                }
            }
        }
        let now = all().await;
        let ids: HashSet<PersonId> = now.iter().map(|person| person.id).collect();
        assert_eq!(ids.len(), now.len(), "an id twice, after act {act}");
        for person in now {
            // HR may write a name another way; a record never becomes somebody else's.
            let birth = person.names.birth_family;
            let own = names.entry(person.id).or_insert_with(|| HashSet::from([birth.clone()]));
            assert!(own.contains(&birth), "{birth:?} is none of {own:?}, after act {act}");
        }
        assert!(names.keys().all(|id| ids.contains(id)), "an id is gone, after act {act}");
    }
}

#[tokio::test]
async fn st_01_hostile_text_is_kept_and_sought_as_text() {
    let house = House::open().await;
    house.add_sources().await;
    house.sync("rh").await;
    let store = house.workflows.store();
    let before = store.read().people().all().await.expect("people");
    let texts =
        ["'; DROP TABLE person; --", "\" OR 1=1 --", "%", "_", "\\", "a' UNION SELECT 1", "$1"];
    for (text, place) in texts.iter().zip(0..) {
        let mut person = before[place].clone();
        person.names.birth_family = Some((*text).to_owned());
        let tx = store.begin().await.expect("begin");
        tx.people().save(&person).await.expect(text);
        let by = house.actor.id();
        let event = audit::AuditEvent::PersonSuspended { by, person: person.id, motive: None };
        tx.commit(event).await.expect(text);
        let kept = store.read().people().find(person.id).await.expect(text).expect(text);
        assert_eq!(kept.names.birth_family.as_deref(), Some(*text));
        let bearers = store.read().posts().bearers(text).await.expect(text);
        assert!(bearers.is_empty(), "{text} is nobody's matricule");
        store.read().people().search(text, 10).await.expect(text);
    }
    let after = store.read().people().count(None).await.expect("count");
    assert_eq!(after, before.len() as u64);
}

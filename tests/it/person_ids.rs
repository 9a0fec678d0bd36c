//! A person's id is hers for ever: it is the root of `sub` and of the `oid` of Pro Santé Connect.
use crate::house::House;
use directory::PersonState;
use kernel::{FixedClock, OsRandomness, PersonId};
use std::collections::HashSet;
use store::StoreError;
use workflows::ClosePerson;

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

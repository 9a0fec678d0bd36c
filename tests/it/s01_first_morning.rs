//! S01, what needs no browser: HR, AD and register become one reconciled directory; read again, nothing is planned.
use crate::house::{House, hospital};
use directory::RunState;
use kernel::PersonId;
use std::collections::BTreeMap;

/// `matricule → id nat` of those truly registered; the appliance never sees this file.
pub fn truth() -> BTreeMap<String, Option<String>> {
    let text = std::fs::read_to_string(hospital().0.join("truth/truth.csv")).expect("truth");
    let pairs = text.lines().skip(1).filter_map(|line| line.split_once(';'));
    pairs
        .map(|(matricule, id_nat)| {
            let id_nat = id_nat.trim();
            (matricule.to_owned(), (!id_nat.is_empty()).then(|| id_nat.to_owned()))
        })
        .collect()
}

pub async fn links(house: &House) -> BTreeMap<String, String> {
    let reader = house.workflows.store().read();
    let mut matricules: BTreeMap<PersonId, String> = BTreeMap::new();
    for post in reader.posts().all().await.expect("posts") {
        matricules.insert(post.person, post.fields.matricule.to_string());
    }
    let identities = reader.national_identities().all().await.expect("identities");
    identities
        .iter()
        .map(|identity| (matricules[&identity.person].clone(), identity.id_nat.to_string()))
        .collect()
}

#[tokio::test]
async fn the_hospital_is_read_linked_and_read_again_without_a_change() {
    let house = House::open().await;
    house.first_morning().await;
    let people = house.workflows.store().read().people().count(None).await.expect("count");
    assert!(people >= 280, "{people} people of about 300");

    let truth = truth();
    let links = links(&house).await;
    let wrong: Vec<_> = links
        .iter()
        .filter(|(matricule, linked)| {
            truth.get(*matricule).cloned().flatten().as_ref() != Some(linked)
        })
        .collect();
    assert!(wrong.is_empty(), "wrong links: {wrong:?}");
    let registered = truth.values().flatten().count();
    assert!(links.len() * 100 >= registered * 90, "{} of {registered} linked", links.len());

    for source in ["rh", "ad"] {
        let again = house.sync(source).await;
        assert_eq!(
            (again.state, again.counts.items()),
            (RunState::Applied, 0),
            "{source}: {:?}",
            again.counts
        );
    }
    let again = house.reconcile().await;
    assert_eq!(again.counts.items(), 0, "{:?}", again.counts);
    house.audit_holds().await;
}

#[tokio::test]
async fn weeks_pass_and_each_reading_changes_what_changed() {
    let house = House::open().await;
    house.first_morning().await;
    for (version, days) in [(2, 7), (3, 7)] {
        house.wait_days(days);
        house.deliver(&format!("hr/hr-v{version}.csv"), "hr-v1.csv");
        house.deliver(&format!("ad/ad-v{version}.ldif"), "ad-v1.ldif");
        for source in ["rh", "ad"] {
            let preview = house.preview(source).await;
            assert_eq!(
                preview.state,
                RunState::Planned,
                "{source} v{version}: {:?}",
                preview.brakes
            );
            let run = house.sync(source).await;
            assert_eq!(run.state, RunState::Applied, "{:?}", run.error);
            assert_eq!(run.counts, preview.counts, "the dry run told the truth");
            let again = house.sync(source).await;
            assert_eq!(again.counts.items(), 0, "{source} v{version}: {:?}", again.counts);
        }
    }
    house.audit_holds().await;
}

#[tokio::test]
async fn the_links_are_the_same_when_the_truth_is_gone() {
    let folder = tempfile::tempdir().expect("folder");
    let plan = demo::hospital::Plan {
        seed: 7,
        size: demo::hospital::Size::Small,
        hard: false,
        lagging: false,
    };
    demo::hospital::generate(&plan, folder.path(), &mut |_, _, _| {}).expect("hospital");
    std::fs::remove_dir_all(folder.path().join("truth")).expect("truth");
    let (with, without) = (House::open().await, House::of(folder.path()).await);
    with.first_morning().await;
    without.first_morning().await;
    let links_with = links(&with).await;
    assert!(!links_with.is_empty());
    assert_eq!(links_with, links(&without).await);
}

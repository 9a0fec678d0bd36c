use super::*;
use crate::testing::{TestStore, on_each};
use audit::AuditEvent;
use chrono::NaiveDate;
use directory::PersonState;
use identity::{BirthPlace, Names, PostFields, ProfessionCode};
use kernel::{ActorId, Clock, OsRandomness, PostId};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("date")
}

/// Somebody with one post, from and to.
async fn staff(
    test: &TestStore,
    family: &str,
    from: &str,
    to: Option<&str>,
    profession: Option<&str>,
) {
    let (clock, chance) = (&*test.clock, &OsRandomness);
    let person = Person {
        id: PersonId::new(clock, chance),
        state: PersonState::Active,
        names: Names {
            birth_family: Some(family.to_owned()),
            given: Some("Marie".to_owned()),
            ..Names::default()
        },
        sex: None,
        birth_date: None,
        birth_place: BirthPlace::default(),
        mail: None,
        declared_rpps: None,
        closing: None,
        created_at: clock.now(),
        version: 1,
    };
    let fields = PostFields {
        matricule: format!("M-{family}").parse().expect("matricule"),
        finess_ej: Some("990000001".parse().expect("finess")),
        finess_et: Some("990000010".parse().expect("finess")),
        unit_code: Some("3412".to_owned()),
        unit_label: Some("Cardiologie".to_owned()),
        function_label: Some("Infirmière".to_owned()),
        profession: profession.map(|code| ProfessionCode(code.to_owned())),
        contract_kind: to.is_some_and(|to| to > "2026-11").then(|| "CDD".to_owned()),
        starts_on: Some(day(from)),
        ends_on: to.map(day),
    };
    let post = Post {
        id: PostId::new(clock, chance),
        person: person.id,
        source: SourceId::new(clock, chance),
        fields,
    };
    let tx = test.store.begin().await.expect("begun");
    tx.people().insert(&person).await.expect("person");
    tx.posts().insert_all(&[post]).await.expect("post");
    let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None };
    tx.commit(event).await.expect("committed");
}

#[tokio::test]
async fn each_filter_and_each_sort_answers_on_both_databases() {
    on_each(async |test| {
        let today = day("2026-11-22");
        staff(&test, "ALLARD", "2020-01-01", None, Some("60")).await;
        staff(&test, "BERNARD", "2020-01-01", Some("2026-11-30"), None).await;
        staff(&test, "L’HÔTE", "2027-01-01", None, None).await;
        staff(&test, "ZOLA", "2020-01-01", Some("2026-01-01"), Some("60")).await;
        let everybody = PeopleFilter::everybody(today);
        let day_before = test.clock.now() - chrono::Duration::days(1);
        test.clock.advance(chrono::Duration::seconds(1));
        let reader = test.store.read();
        let found = async |filter: PeopleFilter| {
            let sort = (PeopleSort::Name, false);
            let page = page(&reader, &filter, sort, &PeopleStart::First, 10).await.expect("page");
            let names = page.lines.iter().map(|line| line.person.names.family().unwrap_or(""));
            names.collect::<Vec<_>>().join(" ")
        };
        let text = |text: &str| PeopleFilter { text: Some(text.to_owned()), ..everybody.clone() };
        let standing = |standing| PeopleFilter { standings: vec![standing], ..everybody.clone() };
        let identity = |identity| PeopleFilter { identities: vec![identity], ..everybody.clone() };
        for (filter, names) in [
            (everybody.clone(), "ALLARD BERNARD L’HÔTE ZOLA"),
            (text("lhote"), "L’HÔTE"),
            (text("marie bern"), "BERNARD"),
            (text("M-ZOLA"), "ZOLA"),
            (text("%"), ""),
            (text("mar-be"), "BERNARD"),
            (text("hote mari"), "L’HÔTE"),
            (text("arie"), ""),
            (standing(Standing::Coming), "L’HÔTE"),
            (standing(Standing::Active), "ALLARD BERNARD ZOLA"),
            (standing(Standing::Closed), ""),
            (identity(IdentityStanding::Missing), "ALLARD"),
            (identity(IdentityStanding::NotApplicable), "BERNARD L’HÔTE ZOLA"),
            (identity(IdentityStanding::Verified), ""),
            (identity(IdentityStanding::ToRecheck), ""),
            (identity(IdentityStanding::ToDecide), ""),
            (PeopleFilter { means: vec![None], ..everybody.clone() }, "ALLARD BERNARD L’HÔTE ZOLA"),
            (PeopleFilter { means: vec![Some(MeansKind::Fido2)], ..everybody.clone() }, ""),
            (
                PeopleFilter { units: vec!["3412".to_owned()], ..everybody.clone() },
                "ALLARD BERNARD L’HÔTE",
            ),
            (
                PeopleFilter { contract_ends_by: Some(day("2026-12-31")), ..everybody.clone() },
                "BERNARD",
            ),
            (PeopleFilter { account_over: true, ..everybody.clone() }, ""),
            (PeopleFilter { contracts: vec!["CDD".to_owned()], ..everybody.clone() }, "BERNARD"),
            (
                PeopleFilter { entities: vec!["990000001".to_owned()], ..everybody.clone() },
                "ALLARD BERNARD L’HÔTE",
            ),
            (PeopleFilter { ids: Some(Vec::new()), ..everybody.clone() }, ""),
            (
                PeopleFilter { dormant_since: Some(test.clock.now()), ..everybody.clone() },
                "ALLARD BERNARD L’HÔTE ZOLA",
            ),
            (PeopleFilter { dormant_since: Some(day_before), ..everybody.clone() }, ""),
        ] {
            assert_eq!(found(filter.clone()).await, names, "{filter:?}");
        }
        for sort in PeopleSort::ALL {
            for descending in [false, true] {
                let mut seen = Vec::new();
                let mut start = PeopleStart::First;
                loop {
                    let page = page(&reader, &everybody, (sort, descending), &start, 1).await;
                    let page = page.expect("page");
                    assert_eq!(page.counts.total, 4, "counted once, carried on");
                    seen.extend(page.lines.into_iter().map(|line| line.person.id));
                    match page.next {
                        Some(place) => start = PeopleStart::After(place, page.counts),
                        None => break,
                    }
                }
                let all = seen.len();
                seen.sort();
                seen.dedup();
                assert_eq!((all, seen.len()), (4, 4), "{sort:?} {descending}");
            }
        }
        let order = async |sort, descending| {
            let sort = (sort, descending);
            let page = page(&reader, &everybody, sort, &PeopleStart::First, 10).await;
            let page = page.expect("page");
            let names = page.lines.iter().map(|line| line.person.names.family().unwrap_or(""));
            names.collect::<Vec<_>>().join(" ")
        };
        for (sort, up, down) in [
            (PeopleSort::ContractEnd, "ZOLA BERNARD ALLARD L’HÔTE", "BERNARD ZOLA L’HÔTE ALLARD"),
            (PeopleSort::Matricule, "ALLARD BERNARD L’HÔTE ZOLA", "ZOLA L’HÔTE BERNARD ALLARD"),
            (PeopleSort::Identity, "ALLARD ZOLA BERNARD L’HÔTE", "L’HÔTE BERNARD ZOLA ALLARD"),
            (PeopleSort::LastLogin, "ALLARD BERNARD L’HÔTE ZOLA", "ZOLA L’HÔTE BERNARD ALLARD"),
        ] {
            assert_eq!(order(sort, false).await, up, "{sort:?}");
            assert_eq!(order(sort, true).await, down, "{sort:?}, turned round");
        }
        let facets = facets(&reader, today).await.expect("facets");
        let unit = Facet { value: "3412".to_owned(), label: "Cardiologie".to_owned(), count: 3 };
        assert_eq!(facets.units, [unit]);
        let states: u64 = facets.states.iter().map(|facet| facet.count).sum();
        let identities: u64 = facets.identities.iter().map(|facet| facet.count).sum();
        assert_eq!((states, identities), (4, 4), "each person stands somewhere, once");
        let first =
            super::page(&reader, &everybody, (PeopleSort::Name, false), &PeopleStart::First, 2);
        let first = first.await.expect("page");
        assert!(first.next.is_some());
        assert_eq!(first.counts.letters, ['a', 'b', 'l', 'z']);
        for line in &first.lines {
            let filter = identity(line.identity_standing(today));
            assert!(found(filter).await.contains(line.person.names.family().unwrap_or("-")));
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_changes_is_found_by_its_new_words_alone() {
    on_each(async |test| {
        staff(&test, "NUÑEZ DE BALBOA", "2020-01-01", None, None).await;
        staff(&test, "O’BRIEN", "2020-01-01", None, None).await;
        let everybody = PeopleFilter::everybody(day("2026-11-22"));
        let reader = test.store.read();
        let found = async |text: &str| {
            let filter = PeopleFilter { text: Some(text.to_owned()), ..everybody.clone() };
            let (lines, total) = found(&reader, &filter, 10).await.expect("found");
            assert_eq!(lines.len() as u64, total);
            let names = lines.iter().map(|line| line.person.names.family().unwrap_or(""));
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("balb nun").await, "NUÑEZ DE BALBOA");
        assert_eq!(found("nunezdeb").await, "NUÑEZ DE BALBOA");
        assert_eq!(found("obri").await, "O’BRIEN");
        let filter = PeopleFilter { text: Some("balboa".to_owned()), ..everybody.clone() };
        let (lines, _) = super::found(&reader, &filter, 1).await.expect("found");
        let mut person = lines[0].person.clone();
        person.names.birth_family = Some("ÉTIENNE".to_owned());
        let tx = test.store.begin().await.expect("begun");
        tx.people().save(&person).await.expect("saved");
        let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None };
        tx.commit(event).await.expect("committed");
        for (text, names) in
            [("balboa", ""), ("nunez", ""), ("etien", "ÉTIENNE"), ("marie", "ÉTIENNE O’BRIEN")]
        {
            assert_eq!(found(text).await, names, "{text}");
        }
    })
    .await;
}

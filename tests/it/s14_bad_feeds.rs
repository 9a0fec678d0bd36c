//! S14, what the feeds alone show: each bad delivery of the demo hospital is refused whole with its reason, or read with
//! the one faulty record set aside and the brakes holding. What a run then does is told by the runs' own scenes.
use demo::hospital::{Plan, Size, generate};
use identity::{Identity, Mapping, SourceOpener, StagedRecord, Stager, normalise};
use sources::{Opener, OpenerSettings};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

struct Feed {
    /// By matricule; faulty ones hold their code.
    people: BTreeMap<String, Result<Identity, String>>,
    records: Vec<StagedRecord>,
}

async fn read(folder: &Path, definition: &str, file: &str) -> Result<Feed, String> {
    let definition = definition.replace("hr-v1.csv", file);
    let settings = OpenerSettings { folders: vec![folder.to_owned()], ..OpenerSettings::default() };
    let mapping = Mapping::parse(&definition).expect("the demo's mapping holds");
    let source = Opener::new(settings).open(&definition).expect("source");
    let mut reading = source.read().await.map_err(|error| error.message_fr())?;
    let mut stager = Stager::new(&mapping);
    while let Some(batch) = reading.next_batch().await.map_err(|error| error.message_fr())? {
        stager.push(batch);
    }
    let staged = stager.finish();
    assert!(staged.faults.is_empty(), "{:?}", staged.faults);
    let today = "2026-11-22".parse().expect("date");
    let people = staged.records.iter().map(|record| {
        let read = normalise(&mapping, record, today);
        let read = read.map(|read| read.identity).map_err(|faults| faults[0].code().to_owned());
        (record.key.0.clone(), read)
    });
    Ok(Feed { people: people.collect(), records: staged.records })
}

impl Feed {
    fn faults(&self) -> Vec<&str> {
        self.people
            .values()
            .filter_map(|person| person.as_ref().err().map(String::as_str))
            .collect()
    }
    fn units(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut units: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (matricule, person) in &self.people {
            let posts = person.iter().flat_map(|person| &person.posts);
            for unit in posts.filter_map(|post| post.unit_code.as_deref()) {
                units.entry(unit).or_default().insert(matricule);
            }
        }
        units
    }
    /// How many of the people of `before` are no longer there.
    fn lacks(&self, before: &Self) -> u64 {
        before.people.keys().filter(|matricule| !self.people.contains_key(*matricule)).count()
            as u64
    }
}

#[tokio::test]
async fn s14_each_bad_delivery_of_the_payroll_is_seen_for_what_it_is() {
    let out = tempfile::tempdir().expect("folder");
    let plan = Plan { seed: 1, size: Size::Small, hard: false, lagging: false };
    generate(&plan, out.path(), &mut |_, _, _| ()).expect("hospital");
    let folder = out.path().join("hr");
    let definition = std::fs::read_to_string(folder.join("mapping.toml")).expect("mapping");
    let brakes = Mapping::parse(&definition).expect("mapping").brakes;
    let good = read(&folder, &definition, "hr-v2.csv").await.expect("a good delivery");
    assert!(good.faults().is_empty(), "{:?}", good.faults());
    let known = good.people.len() as u64;

    for (file, says) in [
        ("bad/truncated.csv", "dépôt est incomplet"),
        ("bad/wrong-encoding-utf8.csv", "trouvé UTF-8"),
        ("bad/wrong-encoding-utf16.csv", "trouvé UTF-16"),
        (
            "bad/renamed-column.csv",
            "« NOM_NAISSANCE » ; trouvé aucune ; la plus proche : « NOM_PATRONYMIQUE »",
        ),
    ] {
        let told = read(&folder, &definition, file).await.err().expect(file);
        assert!(told.contains(says), "{file}: {told}");
    }

    let short = read(&folder, &definition, "bad/missing-7-percent.csv").await.expect("readable");
    assert!(short.lacks(&good) > 0);
    // The smallest hospital lacks fewer people than the brake counts; its share is what the brake would hold on.
    let absences = identity::mapping::Brake { count: 0, ..brakes.absences };
    assert!(absences.holds(short.lacks(&good), known), "{} of {known}", short.lacks(&good));

    let future = read(&folder, &definition, "bad/future-date.csv").await.expect("readable");
    assert_eq!(future.faults(), ["birth_in_the_future"], "one person set aside, the others go on");
    assert_eq!(future.lacks(&good), 0, "a faulty record is present all the same");

    let swapped = read(&folder, &definition, "bad/swapped-mails.csv").await.expect("readable");
    assert!(swapped.faults().is_empty());
    let changed: Vec<_> = (swapped.records.iter().zip(&good.records))
        .filter(|(after, before)| after.hash != before.hash)
        .map(|(after, _)| after.key.0.as_str())
        .collect();
    let [one, other] = changed[..] else { panic!("{changed:?}") };
    let mail = |feed: &Feed, matricule: &str| {
        feed.people[matricule].as_ref().expect("person").mail.clone().expect("address")
    };
    assert_eq!(mail(&swapped, one), mail(&good, other), "both are told, nothing is lost");
    assert_eq!(mail(&swapped, other), mail(&good, one));

    let file = "bad/unit-loses-40-percent.csv";
    let emptied = read(&folder, &definition, file).await.expect("readable");
    let (before, after) = (good.units(), emptied.units());
    let (unit, all) = before.iter().max_by_key(|(_, all)| all.len()).expect("a unit");
    let left = after.get(unit).map_or(0, BTreeSet::len);
    let (lost, all) = ((all.len() - left) as u64, all.len() as u64);
    assert!(brakes.unit_closings.holds(lost, all), "{lost} of {all}");
}

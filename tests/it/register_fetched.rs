//! The register fetched by itself, and its API, against a stand-in of the publisher over TLS.
use crate::house::{House, hospital};
use crate::publisher::{KEY, Publisher, practitioner};
use identity::register::RegisterRemote;
use kernel::{IdNat, Secret};
use outbound::download::DownloadLimits;
use outbound::http::{HttpClient, HttpLimits};
use outbound::{AllowedHosts, Anchors, Timeouts};
use sources::register::fhir::FhirClient;
use sources::register::{ExtractAddresses, Publisher as Remote};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{JobState, Place};
use workflows::sync::ImportLimits;

fn client(pem: &str) -> HttpClient {
    let limits = HttpLimits {
        timeouts: Timeouts::seconds(5, 5),
        longest_answer: 1 << 20,
        local_addresses: true,
    };
    let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
    HttpClient::new(anchors, limits, AllowedHosts::new(["localhost"]))
}

fn remote(publisher: &Publisher, pem: &str, paths: &[&str]) -> Arc<dyn RegisterRemote> {
    let limits = DownloadLimits {
        most_bytes: 1 << 30,
        silence: Duration::from_secs(5),
        attempts: 4,
        whole: Duration::from_secs(300),
    };
    let urls = paths.iter().map(|path| publisher.url(path)).collect();
    let extracts = Some(ExtractAddresses { client: client(pem), urls, limits });
    let base = publisher.url("/fhir/v2");
    let fhir = Some(FhirClient::new(client(pem), &base, Secret::new(KEY.to_owned())));
    Arc::new(Remote { extracts, fhir })
}

fn extract(version: usize) -> (String, Vec<u8>) {
    let path: PathBuf = hospital().0.join(&hospital().1.versions[version].register);
    let name = path.file_name().expect("name").to_string_lossy().into_owned();
    (name, std::fs::read(path).expect("extract"))
}

fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("entry");
        zip.write_all(content).expect("content");
    }
    zip.finish().expect("archive").into_inner()
}

async fn refresh(house: &House) -> (JobState, String) {
    let limits = ImportLimits::partial();
    let job = house.workflows.start_register_refresh(&house.actor, limits).await.expect("job");
    let job = house.finish(job).await;
    (job.state, job.result.unwrap_or_default())
}

fn in_use(house: &House) -> Option<(u64, String)> {
    let register = house.workflows.register().expect("register")?;
    let version = register.version();
    Some((version.number, version.files[0].name.clone()))
}

#[tokio::test]
async fn the_register_is_fetched_resumed_and_left_alone_when_nothing_is_new() {
    databases::on_each(fetched_and_resumed).await;
}

async fn fetched_and_resumed(place: Place, kept: tempfile::TempDir) {
    let publisher = Publisher::start().await;
    let first = extract(0);
    publisher.publish(
        "/PS_LibreAcces",
        "PS_LibreAcces_202611020613.zip",
        zipped(std::slice::from_ref(&first)),
    );
    let asked = remote(&publisher, &publisher.pem, &["/PS_LibreAcces"]);
    let house = House::at(&place, kept, asked).await;

    // Two connections break on the way: the third goes on where they stopped.
    publisher.state.lock().expect("state").breaks = vec![10_000, 20_000];
    let (state, said) = refresh(&house).await;
    assert_eq!(state, JobState::Done, "{said}");
    assert_eq!(in_use(&house), Some((1, first.0.clone())));
    let gets = publisher.asked().iter().filter(|what| what.starts_with("GET")).count();
    assert_eq!(gets, 3);
    assert!(!house.workflows.parts().register_folder.join("incoming").exists());

    // Nothing new: looked at, not fetched.
    assert_eq!(refresh(&house).await.1, "Rien de nouveau n’est publié.");
    let gets = publisher.asked().iter().filter(|what| what.starts_with("GET")).count();
    assert_eq!(gets, 3);

    // The next day's, as a text under its own name.
    let second = extract(1);
    publisher.publish("/PS_LibreAcces", &second.0, second.1);
    assert_eq!(refresh(&house).await.0, JobState::Done);
    assert_eq!(in_use(&house), Some((2, second.0)));
    let standing = house.workflows.refresh_standing().await.expect("standing");
    assert!(standing.fault.is_none() && standing.fetched_at.is_some());
    house.audit_holds().await;
}

#[tokio::test]
async fn a_truncated_refused_or_foreign_delivery_leaves_the_register_in_use_da_07() {
    databases::on_each(truncated_refused_or_foreign).await;
}

async fn truncated_refused_or_foreign(place: Place, kept: tempfile::TempDir) {
    let publisher = Publisher::start().await;
    let (first, second) = (extract(0), extract(1));
    publisher.publish("/PS", &first.0, first.1);
    let asked = remote(&publisher, &publisher.pem, &["/PS"]);
    let house = House::at(&place, kept, asked).await;
    assert_eq!(refresh(&house).await.0, JobState::Done);
    let before = in_use(&house);

    // Broken at each try, without a step forward.
    publisher.publish("/PS", &second.0, second.1.clone());
    publisher.state.lock().expect("state").breaks = vec![0; 8];
    let (state, said) = refresh(&house).await;
    assert_eq!(state, JobState::Failed);
    assert!(said.contains("Rien n’a été modifié"), "{said}");
    assert_eq!(in_use(&house), before);
    let fault = house.workflows.refresh_standing().await.expect("standing").fault;
    assert!(fault.is_some(), "freshness says why");

    // A text cut by the publisher itself, and yesterday's again.
    publisher.state.lock().expect("state").breaks.clear();
    publisher.publish("/PS", &second.0, second.1[..second.1.len() - 50].to_vec());
    assert_eq!(refresh(&house).await.0, JobState::Failed);
    assert_eq!(in_use(&house), before);

    // Another authority, for the same name: not even asked.
    let stranger = Publisher::start().await;
    let asked = publisher.asked().len();
    let deceived = House::open_with(remote(&publisher, &stranger.pem, &["/PS"])).await;
    let (state, said) = refresh(&deceived).await;
    assert_eq!(state, JobState::Failed, "{said}");
    assert_eq!((in_use(&deceived), publisher.asked().len()), (None, asked));

    // Mended, it goes on.
    publisher.publish("/PS", &second.0, second.1);
    assert_eq!(refresh(&house).await.0, JobState::Done);
    assert_eq!(in_use(&house).map(|(_, name)| name), Some(second.0));
}

#[tokio::test]
async fn a_look_is_due_once_and_by_the_clock() {
    let publisher = Publisher::start().await;
    let first = extract(0);
    publisher.publish("/PS", &first.0, first.1);
    let asked = remote(&publisher, &publisher.pem, &["/PS"]);
    House::on_each_with(asked, async |house| {
        let due = async || house.workflows.refresh_when_due(4).await.expect("due");
        assert!(due().await, "never looked at");
        assert!(!due().await, "one is queued");
        house.workflows.run_waiting_jobs().await.expect("jobs");
        assert!(!due().await, "just looked at");
        house.wait_days(1);
        assert!(due().await);
    })
    .await;
}

#[tokio::test]
async fn the_api_tells_of_a_number_of_a_card_and_of_who_changed() {
    let publisher = Publisher::start().await;
    let asked = remote(&publisher, &publisher.pem, &[]);
    House::on_each_with(asked, async |house| {
        house.first_morning().await;
        let links =
            house.workflows.store().read().national_identities().all().await.expect("links");
        let register = house.workflows.register().expect("register").expect("in use");
        let person = |id: &IdNat| register.find_by_id_nat(id).expect("read").expect("listed");
        // Of one profession and no more: what the API is made to say of them below is then all that there is.
        let plain = |id: &&IdNat| {
            let practices = person(id).practices;
            practices.len() == 1 && !practices[0].profession.is_empty()
        };
        let mut plain = links.iter().map(|link| &link.id_nat).filter(plain);
        let (ours, changed) = (plain.next().expect("one"), plain.next().expect("another"));
        let (same, other) = (person(ours), person(changed));
        let profession = |one: &reconciliation::RegisterPerson| {
            one.practices
                .iter()
                .map(|it| it.profession.clone())
                .find(|it| !it.is_empty())
                .unwrap_or_default()
        };
        {
            let mut state = publisher.state.lock().expect("state");
            let moment = "2026-11-22T04:00:00Z";
            state.people = vec![
                practitioner(
                    ours.as_str(),
                    (&same.family, &same.given),
                    &profession(&same),
                    "2900000017",
                    moment,
                ),
                practitioner("899900000001", ("INCONNU", "PAUL"), "60", "2900000018", moment),
                practitioner("899900000002", ("INCONNU", "LUC"), "60", "2900000019", moment),
                practitioner(
                    changed.as_str(),
                    ("NOM-D-EPOUSE", &other.given),
                    &profession(&other),
                    "2900000020",
                    moment,
                ),
                practitioner(
                    "899900000003",
                    ("TROP", "TOT"),
                    "60",
                    "2900000021",
                    "2026-01-01T00:00:00Z",
                ),
            ];
        }
        let found =
            house.workflows.look_up(&house.actor, ours).await.expect("found").expect("known");
        assert_eq!(found.family, same.family);
        let by_card =
            house.workflows.look_up_card(&house.actor, "2900000020").await.expect("found");
        assert_eq!(by_card.iter().map(|one| &one.id_nat).collect::<Vec<_>>(), [changed]);
        let nobody = "899900009999".parse().expect("id");
        assert!(house.workflows.look_up(&house.actor, &nobody).await.expect("asked").is_none());

        // Several pages; only our people count, and what did not change is not told.
        // By themselves, by one node of several, and not again before the hours are over.
        let upkeep = house.workflows.store().upkeep();
        let hour = chrono::Duration::hours(1);
        assert!(upkeep.take_lease("register/delta", "another", hour).await.expect("taken"));
        let due = async || house.workflows.hear_when_due(4).await;
        assert_eq!(due().await.expect("delta"), None, "another node is at it");
        upkeep.release_lease("register/delta", "another").await.expect("released");
        assert_eq!(due().await.expect("delta"), Some(1));
        assert_eq!(due().await.expect("delta"), None);
        let told = house.workflows.register_changes(&house.actor, 100).await.expect("changes");
        assert_eq!((told.len(), told[0].kind.name(), told[0].by.name()), (1, "name", "fhir"));
        assert!(told[0].became.starts_with("NOM-D-EPOUSE"));
        assert!(
            publisher.asked().iter().any(|what| what.contains("/_page?")),
            "{:?}",
            publisher.asked()
        );
        assert_eq!(house.workflows.hear_changes(&house.actor).await.expect("again"), 0);

        // Thirty days later the publisher has forgotten: a whole extract first.
        house.wait_days(31);
        let refused = due().await.expect_err("too old");
        assert!(refused.french().contains("trente jours"), "{}", refused.french());
        let standing = house.workflows.refresh_standing().await.expect("standing");
        assert_eq!(standing.delta_fault, Some(refused.french()), "freshness says why");
        assert_eq!((standing.delta_until, due().await.expect("waits")), (None, None));

        // Another key is refused in words.
        let wrong = FhirClient::new(
            client(&publisher.pem),
            &publisher.url("/fhir/v2"),
            Secret::new("another".to_owned()),
        );
        let fault = wrong.by_number(ours).await.expect_err("refused");
        assert!(fault.to_string().contains("refuses the API key"), "{fault}");
    })
    .await;
}

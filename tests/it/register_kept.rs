//! The register in use is always one whole accepted version: killed imports, a full disk, a truncated download, a file
//! that changes or is swapped, an extract that changes too many of our own people.
use crate::disk_full::SmallDisk;
use crate::house::{House, hospital};
use crate::program::{Program, path};
use audit::{AuditEvent, Code};
use directory::{CaseKind, RunState};
use kernel::{ActorId, Clock, IdNat, Randomness, SeededRandomness, SystemClock};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::register::{Register, RegisterVersion};
use store::{JobState, Place, Store};
use workflows::sync::AcceptError;

/// A small dose each day, and many by `tests/run long`.
fn kills() -> u64 {
    if std::env::var_os("HYGIE_LONG").is_some() { 200 } else { 10 }
}

fn extract(version: usize) -> PathBuf {
    hospital().0.join(&hospital().1.versions[version].register)
}

/// What the register in use holds, read as its readers do; panics unless it is whole.
fn whole(folder: &Path) -> RegisterVersion {
    let register = Register::open(folder).expect("open").expect("a register is in use");
    let version = register.version().clone();
    let file = folder.join(format!("register-{:06}.db", version.number));
    let database =
        rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the file that `current` names");
    let check: String =
        database.query_row("PRAGMA quick_check", [], |row| row.get(0)).expect("check");
    assert_eq!(check, "ok");
    let count = |sql: &str| -> u64 {
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql).unsigned_abs()
    };
    assert_eq!(count("SELECT count(*) FROM person"), version.persons);
    assert_eq!(count("SELECT count(*) FROM number"), version.persons);
    version
}

/// Who is linked with what: by matricule, which is the same in every appliance of this hospital.
type Links = BTreeSet<(String, String)>;

/// An appliance that is killed, or left alone, with a look into its database.
struct Appliance {
    program: Program,
    store: Store,
    _address: tempfile::NamedTempFile,
}

impl Appliance {
    /// After its reading of HR, with a register and no link yet.
    async fn made(place: &Place, register: &str) -> Option<Self> {
        let address = tempfile::NamedTempFile::new().expect("file");
        let mut more = Vec::new();
        if let Place::Postgres(url) = place {
            std::fs::write(address.path(), &url.0).expect("address");
            more.extend(["--postgres-url-file".to_owned(), path(address.path())]);
        }
        let program = Program::init_with(&more)?;
        program.add_hr();
        assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
        program.done(&["register", "import", "--partial", register]);
        let place = match place {
            Place::Sqlite(_) => Place::Sqlite(program.folder.join("hygie.db")),
            Place::Postgres(_) => place.clone(),
        };
        let store = Store::open(&place, Arc::new(SystemClock), "test").await.expect("store");
        Some(Self { program, store, _address: address })
    }

    async fn links(&self) -> Links {
        let reader = self.store.read();
        let posts = reader.posts().all().await.expect("posts");
        let mut matricules = std::collections::BTreeMap::new();
        for post in posts {
            let matricule = post.fields.matricule.to_string();
            let least: &mut String =
                matricules.entry(post.person).or_insert_with(|| matricule.clone());
            *least = matricule.min(least.clone());
        }
        let links = reader.national_identities().all().await.expect("links");
        let pair = |link: directory::NationalIdentity| {
            let matricule = matricules.get(&link.person).expect("HR brought her");
            (matricule.clone(), link.id_nat.to_string())
        };
        let count = links.len();
        let pairs: Links = links.into_iter().map(pair).collect();
        assert_eq!(pairs.len(), count, "a link stands twice");
        pairs
    }

    /// As before the first reconciliation: what is linked is unlinked, and no pair is refused.
    async fn unlink(&self) {
        let tx = self.store.begin().await.expect("begin");
        let by = ActorId::Job { name: "test".to_owned() };
        let mut events = Vec::new();
        for link in tx.national_identities().all().await.expect("links") {
            tx.national_identities().end(link.id, SystemClock.now()).await.expect("end");
            events.push(AuditEvent::NationalIdentityUnlinked {
                by: by.clone(),
                person: link.person,
                national_identity: link.id,
                reason: Code::of("by_hand"),
            });
        }
        if let Some(last) = events.pop() {
            tx.commit((last, events)).await.expect("unlinked");
        }
    }

    /// Nothing kills these.
    fn reconciled_on(&self, extract: &str) {
        self.program.done(&["register", "import", "--partial", "--older", extract]);
        self.program.done(&["reconcile", "run"]);
    }
}

/// Kills one command somewhere within `whole`; true when it was still at work.
async fn kill(
    program: &Program,
    arguments: &[&str],
    within: u64,
    chance: &SeededRandomness,
) -> bool {
    let mut bytes = [0; 8];
    chance.fill(&mut bytes);
    let delay = Duration::from_millis(u64::from_le_bytes(bytes) % within);
    let mut running = program.command(arguments).spawn().expect("hygie runs");
    tokio::time::sleep(delay).await;
    let at_work = running.try_wait().expect("status").is_none();
    running.kill().expect("kill");
    running.wait().expect("end");
    at_work
}

#[tokio::test]
async fn imports_and_reconciliations_killed_at_any_moment_leave_one_whole_register_and_the_same_links()
 {
    let (first, second) = (path(&extract(0)), path(&extract(1)));
    let nowhere = Place::Sqlite(PathBuf::new());
    let Some(quiet) = Appliance::made(&nowhere, &first).await else { return };
    let mut wanted = Vec::new();
    for extract in [&first, &second] {
        quiet.unlink().await;
        quiet.reconciled_on(extract);
        wanted.push(quiet.links().await);
        assert!(!wanted[0].is_empty(), "nobody is linked: the test would show nothing");
    }
    databases::on_each(async |place, _kept| {
        let killed = Appliance::made(&place, &first).await.expect("as the quiet one");
        killed_and_whole(&killed, [&first, &second], &wanted).await;
    })
    .await;
}

/// What a quiet appliance links with each of the two extracts is what one that is killed links, pair by pair.
async fn killed_and_whole(appliance: &Appliance, extracts: [&str; 2], wanted: &[Links]) {
    let (program, [first, second]) = (&appliance.program, extracts);
    let folder = program.folder.join("register");
    let timed = |arguments: &[&str]| {
        let started = Instant::now();
        program.done(arguments);
        u64::try_from(started.elapsed().as_millis()).expect("short").max(50)
    };
    let reconciling = timed(&["reconcile", "run"]);
    let importing = timed(&["register", "import", "--partial", first]);
    let mut before = appliance.links().await;
    assert_eq!(before, wanted[0], "the links of a run that nobody killed");
    let possible: Links = wanted.iter().flatten().cloned().collect();
    let reader = Register::open(&folder).expect("open").expect("kept");
    let one: IdNat = before.first().expect("a link").1.parse().expect("id");

    let chance = SeededRandomness::new(42);
    let (mut killed, mut halfway, mut versions) = (0, 0, BTreeSet::new());
    for round in 0..kills() {
        // In turns an import of one version, a reconciliation, an import of the other, a reconciliation.
        let other = if round % 4 == 0 { second } else { first };
        let (arguments, within) = match round % 2 {
            0 => (vec!["register", "import", "--partial", "--older", other], importing),
            _ => (vec!["reconcile", "run"], reconciling),
        };
        // Two of three begin with nobody linked, so that there are links to write when it dies.
        if round % 2 == 1 && round % 3 != 0 {
            appliance.unlink().await;
            before.clear();
        }
        let at_work = kill(program, &arguments, within, &chance).await;
        killed += u32::from(at_work);
        versions.insert(whole(&folder).files[0].name.clone());
        let now = appliance.links().await;
        assert!(before.is_subset(&now), "round {round}: a link vanished");
        let strange: Vec<_> = now.difference(&possible).collect();
        assert!(strange.is_empty(), "round {round}: no quiet run links {strange:?}");
        halfway += u32::from(at_work && before.is_empty() && !now.is_empty());
        before = now;
    }
    assert!(killed > 0, "every command ended before its kill");
    // A reader of long ago reads on.
    assert!(reader.find_by_id_nat(&one).expect("read").is_some());

    // What killed commands left is finished once their lease is over; then the same feeds give the same links.
    tokio::time::sleep(Duration::from_secs(9)).await;
    appliance.reconciled_on(first);
    for (extract, wanted) in [(second, &wanted[1]), (first, &wanted[0])] {
        appliance.unlink().await;
        appliance.reconciled_on(extract);
        let now = appliance.links().await;
        let (gone, come): (Vec<_>, Vec<_>) =
            (wanted.difference(&now).collect(), now.difference(wanted).collect());
        assert!(gone.is_empty() && come.is_empty(), "vanished {gone:?}, appeared {come:?}");
    }
    let last = whole(&folder).files[0].name.clone();
    assert_eq!(Path::new(first).file_name().expect("name").to_string_lossy(), last);
    assert_eq!(program.done(&["audit", "verify"])["holds"], true);
    println!(
        "{killed} killed at work of {}, {halfway} of them with links written since nobody was linked, over versions \
         {versions:?}",
        kills()
    );
}

#[test]
fn a_full_disk_refuses_the_import_and_the_register_in_use_stays() {
    let Some(program) = Program::init() else { return };
    let Some(disk) = SmallDisk::mount(program.folder.with_file_name("small-register"), "32m")
    else {
        return;
    };
    let text = std::fs::read_to_string(program.settings()).expect("settings");
    let moved = match text.contains("[register]") {
        true => text.lines().fold(String::new(), |all, line| match line.starts_with("folder =") {
            true => all + &format!("folder = \"{}\"\n", path(&disk.0)),
            false => all + line + "\n",
        }),
        false => format!("{text}\n[register]\nfolder = \"{}\"\n", path(&disk.0)),
    };
    std::fs::write(program.settings(), moved).expect("settings");
    program.done(&["register", "import", "--partial", &path(&extract(0))]);
    let before = whole(&disk.0);

    let filler = disk.0.join("filler");
    let mut size: u64 = 1 << 20;
    let mut content = Vec::new();
    // All the room but a little, so that the import begins and then finds none.
    while size >= 4_096 {
        content.resize(content.len() + usize::try_from(size).expect("small"), 0_u8);
        if std::fs::write(&filler, &content).is_err() {
            content.truncate(content.len() - usize::try_from(size).expect("small"));
            size /= 2;
        }
    }
    std::fs::write(&filler, &content[..content.len().saturating_sub(1 << 20)]).expect("filler");
    let said = program.refused(&["register", "import", "--partial", &path(&extract(1))]);
    assert!(said.contains("Annuaire") || said.contains("register"), "{said}");
    assert_eq!(whole(&disk.0), before);

    std::fs::remove_file(&filler).expect("room again");
    program.done(&["register", "import", "--partial", &path(&extract(1))]);
    assert_eq!(whole(&disk.0).number, before.number + 1);
}

#[tokio::test]
async fn a_truncated_or_older_extract_changes_nothing_da_09() {
    House::on_each(truncated_or_older).await;
}

async fn truncated_or_older(house: House) {
    let import = async |file: &Path, older: bool| {
        let limits = workflows::sync::ImportLimits { partial: true, older, ..Default::default() };
        let job = house
            .workflows
            .start_register_import(&house.actor, vec![file.to_owned()], limits)
            .await
            .expect("import");
        house.finish(job).await
    };
    assert_eq!(import(&extract(1), false).await.state, JobState::Done);
    let folder = house.workflows.parts().register_folder.clone();
    let before = whole(&folder);

    // Cut in the middle of a line, as a broken download leaves it.
    let name = extract(2).file_name().expect("name").to_owned();
    let cut = house.folder.join(&name);
    let bytes = std::fs::read(extract(2)).expect("extract");
    std::fs::write(&cut, &bytes[..bytes.len() - 100]).expect("cut");
    let job = import(&cut, false).await;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.result.is_some_and(|said| said.contains("fetch it again")), "says what to do");
    // Far too short.
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("cut");
    assert_eq!(import(&cut, false).await.state, JobState::Failed);

    // Yesterday's, and another content under the same moment.
    let job = import(&extract(0), false).await;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.result.is_some_and(|said| said.contains("older one")), "says why");
    // The same as a browser saves it a second time, and one that tells no moment at all.
    let stem = extract(0).file_stem().expect("name").to_string_lossy().into_owned();
    for name in [format!("{stem} (1).txt"), "extrait.txt".to_owned()] {
        let other = house.folder.join(&name);
        std::fs::copy(extract(0), &other).expect("copy");
        let job = import(&other, false).await;
        assert_eq!(job.state, JobState::Failed, "{name}");
        assert!(job.result.is_some_and(|said| said.contains("older one")), "{name}");
    }
    let other = house.folder.join(extract(1).file_name().expect("name"));
    std::fs::copy(extract(2), &other).expect("copy");
    assert_eq!(import(&other, false).await.state, JobState::Failed);
    assert_eq!(whole(&folder), before);

    // The same again may come, with more beside it; an older one may be meant.
    assert_eq!(import(&extract(1), false).await.state, JobState::Done);
    assert_eq!(import(&extract(0), true).await.state, JobState::Done);
    house.audit_holds().await;
}

/// The demo's own bad deliveries, each by the name under which it would come.
#[tokio::test]
async fn s14_each_bad_delivery_of_the_register_shows_its_fault() {
    House::on_each(async |house| {
        let folder = house.workflows.parts().register_folder.clone();
        let import = async |file: PathBuf| {
            let limits = workflows::sync::ImportLimits::partial();
            let job = house.workflows.start_register_import(&house.actor, vec![file], limits).await;
            let job = house.finish(job.expect("import")).await;
            (job.state, job.result.unwrap_or_default())
        };
        let good = extract(1);
        let bad = |fault: &str| {
            let bad = hospital().0.join("register/bad").join(fault);
            bad.join(good.file_name().expect("name"))
        };
        assert_eq!(import(extract(0)).await.0, JobState::Done);
        let before = whole(&folder);
        for (fault, says) in [
            ("missing-7-percent", "% away from the"),
            ("renamed-column", "no column « Nom d'exercice »; closest found: « Nom exercice PS »"),
            ("unclosed-last-line", "stops in the middle of its last line"),
        ] {
            let (state, said) = import(bad(fault)).await;
            assert_eq!(state, JobState::Failed, "{fault}: {said}");
            assert!(said.contains(says), "{fault}: {said}");
            assert_eq!(whole(&folder), before, "{fault}");
        }
        // The same content in the encoding of long ago is read as it is.
        let (state, said) = import(bad("windows-1252")).await;
        assert_eq!(state, JobState::Done, "{said}");
        let persons = whole(&folder).persons;
        let accented = |folder: &Path| {
            let database = folder.join(format!("register-{:06}.db", whole(folder).number));
            let database = rusqlite::Connection::open(database).expect("register");
            let mut names = database.prepare("SELECT given FROM person ORDER BY 1").expect("names");
            let names = names.query_map([], |row| row.get::<_, String>(0)).expect("names");
            names.collect::<Result<Vec<_>, _>>().expect("names")
        };
        let read = accented(&folder);
        assert!(read.iter().any(|name| name.contains(['é', 'É'])), "no accent was kept");
        let other = House::open().await;
        let limits = workflows::sync::ImportLimits::partial();
        let job = other.workflows.start_register_import(&other.actor, vec![good.clone()], limits);
        other.finish(job.await.expect("import")).await;
        let other = other.workflows.parts().register_folder.clone();
        assert_eq!((persons, read), (whole(&other).persons, accented(&other)));
        house.audit_holds().await;
    })
    .await;
}

/// The next delivery, in which many of our own nurses are doctors.
async fn poisoned(house: &House, folder: &str) -> PathBuf {
    let links = house.workflows.store().read().national_identities().all().await.expect("links");
    let ours: Vec<String> = links.into_iter().map(|link| link.id_nat.to_string()).collect();
    assert!(ours.len() > 60, "{}", ours.len());
    let folder = house.folder.join(folder);
    std::fs::create_dir_all(&folder).expect("folder");
    let poisoned = folder.join(extract(1).file_name().expect("name"));
    let text = std::fs::read_to_string(extract(1)).expect("extract");
    let mut changed = std::collections::BTreeSet::new();
    let lines = text.lines().map(|line| {
        let id = line.split('|').nth(2).unwrap_or_default();
        let ours = ours.iter().any(|known| known == id);
        let nurse = line.contains("|60|Infirmier|");
        if ours && nurse && (changed.len() < 50 || changed.contains(id)) {
            changed.insert(id.to_owned());
            return line.replace("|60|Infirmier|", "|10|Médecin|") + "\n";
        }
        line.to_owned() + "\n"
    });
    let lines: String = lines.collect();
    assert!(changed.len() >= 20, "{} nurses only", changed.len());
    std::fs::write(&poisoned, lines).expect("poisoned");
    poisoned
}

/// DA-08: an extract that turns fifty of our own people into doctors waits; a human takes it or forgets it.
#[tokio::test]
async fn an_extract_that_changes_many_of_ours_waits_da_08() {
    House::on_each(async |house| {
        house.first_morning().await;
        let folder = house.workflows.parts().register_folder.clone();
        let before = whole(&folder);
        let poisoned = poisoned(&house, "delivered").await;
        let limits = workflows::sync::ImportLimits::partial();
        let job = house
            .workflows
            .start_register_import(&house.actor, vec![poisoned], limits)
            .await
            .expect("import");
        let job = house.finish(job).await;
        assert!(
            job.result.as_deref().is_some_and(|said| said.contains("attend un accord")),
            "{job:?}"
        );
        assert_eq!(whole(&folder), before, "the one before stays in use");
        let waiting = house.workflows.waiting_register().expect("read").expect("waits");
        assert!(waiting.number > before.number);
        // What the two who judge it are shown is what the brake counted, on every node.
        let sheet = house.workflows.show_register(&house.actor).await.expect("register");
        let shift = sheet.held_shift.expect("counted");
        let said = format!(
            "sur {} personnes suivies, {} changent de profession, {} de nom, {} disparaissent",
            shift.held, shift.professions, shift.names, shift.missing
        );
        assert!(job.result.as_deref().is_some_and(|told| told.contains(&said)), "{job:?} {said}");
        assert!(shift.brake().is_some(), "{shift:?}");

        // It waits where it was read: another node has nothing to accept, and its answer changes nothing here.
        let elsewhere = house.other_node().await;
        assert_eq!(elsewhere.held_shift(&waiting).await.expect("read"), Some(shift));
        assert_eq!(elsewhere.held_shift(&before).await.expect("read"), None, "another content");
        let nothing = elsewhere.accept_register(&house.actor).await;
        assert!(matches!(nothing, Err(AcceptError::Nothing)), "{nothing:?}");
        assert_eq!(
            house.workflows.waiting_register().expect("read").map(|v| v.number),
            Some(waiting.number)
        );

        house.workflows.dismiss_register(&house.actor).await.expect("dismiss");
        assert!(house.workflows.waiting_register().expect("read").is_none());
        assert_eq!(whole(&folder), before);
        house.audit_holds().await;
    })
    .await;
}

/// What people say of a version that waits holds for its content, on whichever node they say it: each node that read the
/// same does the same. Its number is of one node's folder, and means nothing elsewhere.
#[tokio::test]
async fn a_version_that_waits_on_two_nodes_is_settled_once_da_08() {
    House::on_each(async |house| {
        house.first_morning().await;
        let file = poisoned(&house, "delivered").await;
        let (here, elsewhere) = (&house.workflows, house.other_node().await);
        let import = async |node: &workflows::Workflows, files: Vec<PathBuf>| {
            let limits =
                workflows::sync::ImportLimits { partial: true, older: true, ..Default::default() };
            let job = node.start_register_import(&house.actor, files, limits).await;
            let job = job.expect("import").id;
            for _ in 0..50 {
                node.run_waiting_jobs().await.expect("jobs");
                let job = node.store().read().jobs().find(job).await.expect("job").expect("job");
                if job.state.is_over() {
                    assert_eq!(job.state, JobState::Done, "{job:?}");
                    return;
                }
            }
            panic!("the job never ended");
        };
        let in_use = |node: &workflows::Workflows| {
            whole(&node.parts().register_folder).files[0].sha256.clone()
        };
        let waits = |node: &workflows::Workflows| {
            node.waiting_register().expect("read").map(|version| version.number)
        };
        import(&elsewhere, vec![extract(0)]).await;
        let before = (in_use(here), in_use(&elsewhere));
        import(here, vec![file.clone()]).await;
        import(&elsewhere, vec![file.clone()]).await;
        assert!(waits(here).is_some() && waits(&elsewhere).is_some());
        assert!(!here.follow_settled_register().await.expect("looked"), "nothing was said");

        elsewhere.dismiss_register(&house.actor).await.expect("dismissed");
        // Before this node has heard of it, somebody would take it here: one of the two counts.
        let late = here.accept_register(&house.actor).await;
        assert!(matches!(late, Err(AcceptError::Nothing)), "{late:?}");
        assert!(waits(here).is_some());
        assert!(here.follow_settled_register().await.expect("followed"));
        assert_eq!((waits(here), waits(&elsewhere)), (None, None));
        assert_eq!((in_use(here), in_use(&elsewhere)), before);

        // Read again it waits again, whatever was said of it before.
        house.wait_days(1);
        import(here, vec![file.clone()]).await;
        assert!(waits(here).is_some());
        assert!(!here.follow_settled_register().await.expect("looked"));
        import(&elsewhere, vec![file.clone()]).await;
        elsewhere.accept_register(&house.actor).await.expect("accepted");
        assert_ne!(in_use(&elsewhere), before.1);
        assert_eq!(in_use(here), before.0);
        assert!(here.follow_settled_register().await.expect("followed"));
        assert_eq!((waits(here), in_use(here)), (None, in_use(&elsewhere)));
        assert!(!here.follow_settled_register().await.expect("looked"), "once");

        // A word of before the reading (another clock, a node cut off before it forgot it) settles nothing and locks nothing.
        house.wait_days(2);
        import(here, vec![extract(0)]).await;
        let waiting = here.waiting_register().expect("read").expect("it waits: all change back");
        let word = format!("register.settled/{}", workflows::sync::content_of(&waiting));
        let said = "dismissed 2020-01-01T00:00:00Z";
        here.store().upkeep().set_fact(&word, said).await.expect("said");
        assert!(!here.follow_settled_register().await.expect("looked"));
        here.accept_register(&house.actor).await.expect("said again");
        assert_eq!(waits(here), None);
        house.audit_holds().await;
    })
    .await;
}

/// The history: what a later extract says of the people we hold is told once each, and settled by a human.
#[tokio::test]
async fn what_the_register_changes_about_our_people_is_told_once() {
    House::on_each(async |house| {
        house.first_morning().await;
        let follow =
            async || house.workflows.register_changes(&house.actor, 10_000).await.expect("changes");
        assert!(follow().await.is_empty(), "nothing changed yet");
        let link = house.workflows.store().read().national_identities().all().await.expect("links");
        let (married, gone) = (link[0].id_nat.to_string(), link[1].id_nat.to_string());
        let delivery = |version: usize, stamp: &str| {
            let text = std::fs::read_to_string(extract(version)).expect("extract");
            let lines = text.lines().filter_map(|line| {
                let columns: Vec<&str> = line.split('|').collect();
                match columns.get(2) {
                    Some(id) if **id == gone => None,
                    Some(id) if **id == married => {
                        let family = columns[7];
                        Some(line.replacen(&format!("|{family}|"), "|NOUVEAU-NOM|", 1) + "\n")
                    }
                    _ => Some(line.to_owned() + "\n"),
                }
            });
            let file = house.folder.join(format!("PS_LibreAcces_Personne_activite_{stamp}.txt"));
            std::fs::write(&file, lines.collect::<String>()).expect("delivery");
            file
        };
        let import = async |file: PathBuf| {
            let limits = workflows::sync::ImportLimits::partial();
            let job = house.workflows.start_register_import(&house.actor, vec![file], limits).await;
            let job = house.finish(job.expect("import")).await;
            assert_eq!(job.state, JobState::Done, "{job:?}");
            assert!(house.workflows.waiting_register().expect("read").is_none(), "{job:?}");
        };
        let of = |changes: &[directory::RegisterChange], id_nat: &str, kind: &str| {
            let identity =
                link.iter().find(|link| link.id_nat.as_str() == id_nat).expect("link").id;
            changes
                .iter()
                .filter(|one| one.national_identity == identity && one.kind.name() == kind)
                .count()
        };
        import(delivery(0, "202701010613")).await;
        let first = follow().await;
        assert_eq!((of(&first, &married, "name"), of(&first, &gone, "absent")), (1, 0));
        import(delivery(0, "202701020613")).await;
        import(delivery(0, "202701030613")).await;
        let third = follow().await;
        assert_eq!((of(&third, &married, "name"), of(&third, &gone, "absent")), (1, 1));

        // The link itself is nobody's but a human's to change.
        let after =
            house.workflows.store().read().national_identities().all().await.expect("links");
        assert_eq!(after.len(), link.len());
        for change in &third {
            assert!(house.workflows.settle_change(&house.actor, change.id).await.expect("settle"));
            assert!(!house.workflows.settle_change(&house.actor, change.id).await.expect("settle"));
        }
        assert!(follow().await.is_empty());
        house.audit_holds().await;
    })
    .await;
}

/// Every two years somebody looks again.
#[tokio::test]
async fn a_link_is_due_after_two_years_and_verified_again() {
    House::on_each(async |house| {
        house.first_morning().await;
        let due = async |days: u64| {
            let by = house.workflows.due_by(days);
            house.workflows.due_identities(&house.actor, by, 10_000).await.expect("due")
        };
        let links =
            house.workflows.store().read().national_identities().all().await.expect("links");
        assert!(due(0).await.is_empty());
        assert_eq!(due(731).await.len(), links.len());
        let fresh = house.workflows.link_indicators(&house.actor).await.expect("indicators").fresh;
        assert_eq!((fresh.reached, fresh.of), (links.len() as u64, links.len() as u64));
        house.wait_days(732);
        let overdue = due(0).await;
        assert!(overdue.len() == links.len() && overdue.iter().all(|one| one.is_overdue));
        let one = &overdue[0].identity.id_nat;
        let verified = house.workflows.verify_identity(&house.actor, one, "CPS présentée").await;
        assert!(verified.expect("verify").next_check > house.workflows.today());
        assert_eq!(due(0).await.len(), links.len() - 1);
        let nobody = "899999999999".parse().expect("id");
        assert!(house.workflows.verify_identity(&house.actor, &nobody, "x").await.is_err());
        house.audit_holds().await;
    })
    .await;
}

#[tokio::test]
async fn staff_with_a_role_and_no_number_are_for_the_rpps_plus_manager() {
    House::on_each(async |house| {
        house.first_morning().await;
        let list = house.workflows.people_to_register(&house.actor).await.expect("list");
        assert!(!list.is_empty());
        let linked =
            house.workflows.store().read().national_identities().all().await.expect("links");
        for one in &list {
            let has_link = linked.iter().any(|link| link.person == one.person.id);
            assert_eq!(has_link, one.id_nat.is_some(), "{}: {}", one.person.id, one.reason);
            assert_eq!(one.id_nat.is_none(), one.reason == "not_registered");
        }
        let indicators = house.workflows.link_indicators(&house.actor).await.expect("indicators");
        assert!(indicators.linked.of >= indicators.linked.reached && indicators.linked.reached > 0);
        assert!(indicators.complete.reached > 0);
        let (proof, again) =
            (&indicators.proof, house.workflows.link_indicators(&house.actor).await);
        assert_eq!(again.expect("indicators"), indicators, "counted again, the same");
        assert!(!proof.scope.is_empty() && proof.register.is_some(), "{proof:?}");
        let [feed] = &proof.feeds[..] else { panic!("one source of staff: {proof:?}") };
        assert_eq!((feed.source.as_str(), feed.applied_on), ("rh", Some(house.workflows.today())));
        assert!(feed.records >= indicators.complete.of);

        // From all staff to the linked, and each profession and unit for itself.
        let coverage = house.workflows.link_coverage(&house.actor).await.expect("coverage");
        let links: u64 = coverage.linked.values().sum();
        assert!(links > 0 && coverage.staff >= coverage.concerned);
        assert_eq!(coverage.concerned, links + coverage.to_decide + coverage.missing);
        for by in [&coverage.by_profession, &coverage.by_unit] {
            assert_eq!((by.of, by.reached), (coverage.concerned, links));
        }
        let reader = house.workflows.store().read();
        let waiting = reader.cases().waiting_about(CaseKind::NationalIdentity).await;
        let waiting = waiting.expect("cases").len() as u64;
        assert_eq!(coverage.waiting, [waiting, 0, 0, 0]);
        house.wait_days(8);
        let later = house.workflows.link_coverage(&house.actor).await.expect("coverage");
        assert_eq!(later.waiting, [0, 0, waiting, 0], "questions age");

        house.deliver("hr/hr-v2.csv", "hr-v1.csv");
        house.sync("rh").await;
        let moved = house.workflows.link_indicators(&house.actor).await.expect("indicators");
        assert_ne!(moved.proof.feeds[0].digest, feed.digest, "another feed, another seal");
    })
    .await;
}

#[tokio::test]
async fn an_import_and_a_reconciliation_stop_when_asked_and_go_on_later() {
    House::on_each(async |house| {
        house.first_morning().await;
        let folder = house.workflows.parts().register_folder.clone();
        let before = whole(&folder);
        let links = house.workflows.store().read().national_identities().all().await;
        let links = links.expect("links").len();

        let limits = workflows::sync::ImportLimits::partial();
        let again = vec![extract(1)];
        let import = house.workflows.start_register_import(&house.actor, again, limits).await;
        let import = import.expect("queued");
        house.workflows.stop_job(&house.actor, import.id).await.expect("asked");
        assert_eq!(house.finish(import).await.state, JobState::Stopped);
        assert_eq!(whole(&folder), before, "the one in use stays");

        let (run, job) = house.workflows.start_reconcile(&house.actor).await.expect("queued");
        house.workflows.pause_job(&house.actor, job.id).await.expect("asked");
        let paused = house.finish(job).await;
        assert_eq!(paused.state, JobState::Paused);
        assert_eq!(house.run(run.id).await.state, RunState::Stopped);
        let now = house.workflows.store().read().national_identities().all().await;
        assert_eq!(now.expect("links").len(), links);
        let resumed = house.workflows.resume_job(&house.actor, paused.id).await.expect("resumed");
        assert_eq!(house.finish(resumed).await.state, JobState::Done);
        assert_eq!(house.run(run.id).await.state, RunState::Applied);
    })
    .await;
}

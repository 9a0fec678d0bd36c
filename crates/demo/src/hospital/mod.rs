//! The synthetic hospital: one truth, and the noisy views that HR, AD and the register have of it.
//! Same seed, size and level: same bytes on any machine. Start at `generate`.
mod ad;
mod chance;
mod entries;
mod figures;
mod hr;
mod hr_bad;
mod jobs;
mod logins;
mod mailboxes;
mod mapping;
mod names;
mod output;
mod person;
mod personas;
mod places;
mod professions;
mod register_bad;
mod register_columns;
mod register_files;
mod spelling;
mod staff;
mod summary;
mod truth;
mod units;
mod world;

use entries::Register;
pub use output::DemoError;
use output::Output;
use register_files::{Counted, View, Writing};
use staff::{Agent, draw_staff};
use std::path::Path;
use std::sync::mpsc;
pub use summary::{PersonaView, SiteView, Summary, VersionView};
pub use world::{Plan, Size};
use world::{VERSIONS, Version, World};

/// Hears the name of a file, how much of it is done, and how much there is to do.
pub type Progress<'p> = &'p mut dyn FnMut(&str, u64, u64);

/// Writes a whole hospital into `out` (made when absent).
pub fn generate(plan: &Plan, out: &Path, progress: Progress<'_>) -> Result<Summary, DemoError> {
    clear_former(out)?;
    let world = World::new(*plan);
    let staff = draw_staff(&world);
    let mut summary = Summary::new(&world, &staff);
    write_hr(&world, &staff, out, &mut summary)?;
    write_ad(&world, &staff, out, &mut summary)?;
    write_truth(&world, &staff, out)?;
    write_register(&world, &staff, out, (&mut summary, progress))?;
    if plan.size != Size::Full {
        let good = register_file(View::Open, 2);
        register_bad::write(&out.join("register"), &good, summary::stamp(2))?;
    }
    Output::whole(&out.join("hospital.json"), summary.json()?.as_bytes())?;
    Ok(summary)
}

/// A hospital generated here before is taken away first: its files of another size would mix in.
fn clear_former(out: &Path) -> Result<(), DemoError> {
    if !out.join("hospital.json").exists() {
        return Ok(());
    }
    for folder in ["hr", "ad", "register", "truth"].map(|name| out.join(name)) {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(output::failed("clear", &folder))?;
        }
    }
    Ok(())
}

fn write_hr(
    world: &World,
    staff: &[Agent<'_>],
    out: &Path,
    summary: &mut Summary,
) -> Result<(), DemoError> {
    let folder = out.join("hr");
    for version in VERSIONS {
        let lines = hr::lines(world, staff, version);
        Output::whole(&folder.join(format!("hr-v{version}.csv")), &hr::encode(&lines))?;
        let view = summary.version(version);
        view.hr_lines = lines.len() as u64;
        view.hr_people = truth::shown(world, staff, version).count() as u64;
        if version == 2 {
            for (name, bytes) in hr_bad::deliveries(&lines) {
                Output::whole(&folder.join("bad").join(name), &bytes)?;
            }
        }
    }
    Output::whole(&folder.join("mapping.toml"), mapping::payroll().as_bytes())
}

fn write_ad(
    world: &World,
    staff: &[Agent<'_>],
    out: &Path,
    summary: &mut Summary,
) -> Result<(), DemoError> {
    let folder = out.join("ad");
    for version in VERSIONS {
        let mut file = Output::create(&folder.join(format!("ad-v{version}.ldif")))?;
        let counts = ad::write_export(world, staff, version, &mut file)?;
        file.close()?;
        let view = summary.version(version);
        (view.ad_accounts, view.ad_disabled) = (counts.accounts, counts.disabled);
    }
    Output::whole(&folder.join("mapping.toml"), mapping::directory().as_bytes())?;
    let mut file = Output::create(&folder.join("load-v1.ldif"))?;
    ad::write_load(world, staff, &mut file)?;
    file.close()?;
    Output::whole(&folder.join("users.txt"), ad::users_note(staff).as_bytes())
}

fn write_truth(world: &World, staff: &[Agent<'_>], out: &Path) -> Result<(), DemoError> {
    let folder = out.join("truth");
    for version in VERSIONS {
        let name = match version {
            1 => "truth.csv".to_owned(),
            later => format!("truth-v{later}.csv"),
        };
        let mut file = Output::create(&folder.join(name))?;
        truth::write_links(world, staff, version, &mut file)?;
        file.close()?;
    }
    let mut file = Output::create(&folder.join("people.csv"))?;
    truth::write_people(world, staff, &mut file)?;
    file.close()
}

/// Which files of the register a version has: of the full size the restricted view only once, to
/// spare the disk.
fn register_views(size: Size, version: Version) -> &'static [View] {
    match (version, size) {
        (1, _) => &[View::Open, View::Restricted, View::Skills, View::Diplomas, View::Mailboxes],
        (_, Size::Full) => &[View::Open],
        (_, Size::Small | Size::Default) => &[View::Open, View::Restricted],
    }
}

fn register_file(view: View, version: Version) -> String {
    format!("{}_{}.txt", view.stem(), summary::stamp(version))
}

/// One thread a version; each line depends on its place alone, so the threads change no byte.
fn write_register(
    world: &World,
    staff: &[Agent<'_>],
    out: &Path,
    (summary, progress): (&mut Summary, Progress<'_>),
) -> Result<(), DemoError> {
    let folder = out.join("register");
    let (teller, told) = mpsc::channel::<(String, u64, u64)>();
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for version in VERSIONS {
            let (teller, folder) = (teller.clone(), &folder);
            writers.push(scope.spawn(move || {
                let register = Register { world, staff, version };
                let (name, places) = (register_file(View::Open, version), register.places());
                // Nobody listening any more is no reason to stop writing.
                let mut tell = |done| drop(teller.send((name.clone(), done, places)));
                let counted = write_version(&register, folder, &mut tell)?;
                tell(places);
                Ok::<_, DemoError>((version, counted))
            }));
        }
        drop(teller);
        for (name, done, all) in told {
            progress(&name, done, all);
        }
        for writer in writers {
            let (version, counted) = writer.join().expect("a writer does not panic")?;
            let shown = summary.version(version);
            (shown.register_persons, shown.register_lines) = (counted.persons, counted.lines);
        }
        Ok(())
    })
}

/// What the open view counts, after all views of the version are written.
fn write_version(
    register: &Register<'_>,
    folder: &Path,
    tell: &mut dyn FnMut(u64),
) -> Result<Counted, DemoError> {
    let mut files = Vec::new();
    for view in register_views(register.world.plan.size, register.version) {
        let out = Output::create(&folder.join(register_file(*view, register.version)))?;
        files.push(Writing { view: *view, out, counted: Counted::default() });
    }
    register_files::write(register, &mut files, tell)?;
    let counted = files[0].counted;
    for file in files {
        file.out.close()?;
    }
    Ok(counted)
}

#[cfg(test)]
mod tests;

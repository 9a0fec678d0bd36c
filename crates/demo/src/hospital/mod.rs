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
mod mapping;
mod names;
mod output;
mod person;
mod personas;
mod places;
mod professions;
mod register_bad;
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
use register_files::View;
use staff::{Agent, draw_staff};
use std::path::Path;
use std::sync::mpsc;
pub use summary::{PersonaView, SiteView, Summary, VersionView};
use world::{VERSIONS, Version, World};
pub use world::{Plan, Size};

/// Writes a whole hospital into `out` (made when absent). `progress` hears the name of a file, what
/// of it is done and how much there is to do.
pub fn generate(
    plan: &Plan,
    out: &Path,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Summary, DemoError> {
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

/// Which files of the register there are: the restricted view of the full size only once, to spare the disk.
fn register_files(size: Size) -> Vec<(View, Version)> {
    let mut files = vec![(View::Restricted, 1), (View::Skills, 1), (View::Diplomas, 1)];
    files.extend(VERSIONS.map(|version| (View::Open, version)));
    if size != Size::Full {
        files.extend([(View::Restricted, 2), (View::Restricted, 3)]);
    }
    files
}

fn register_file(view: View, version: Version) -> String {
    format!("{}_{}.txt", view.stem(), summary::stamp(version))
}

/// One thread a file; each line depends on its place alone, so the threads change no byte.
fn write_register(
    world: &World,
    staff: &[Agent<'_>],
    out: &Path,
    (summary, progress): (&mut Summary, &mut dyn FnMut(&str, u64, u64)),
) -> Result<(), DemoError> {
    let folder = out.join("register");
    let (teller, told) = mpsc::channel::<(String, u64, u64)>();
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for (view, version) in register_files(world.plan.size) {
            let (teller, folder) = (teller.clone(), &folder);
            writers.push(scope.spawn(move || {
                let register = Register { world, staff, version };
                let name = register_file(view, version);
                let mut file = Output::create(&folder.join(&name))?;
                let places = register.places();
                // Nobody listening any more is no reason to stop writing.
                let mut tell = |done| drop(teller.send((name.clone(), done, places)));
                let counted = register_files::write(&register, view, &mut file, &mut tell)?;
                tell(places);
                file.close()?;
                Ok::<_, DemoError>((view, version, counted))
            }));
        }
        drop(teller);
        for (name, done, all) in told {
            progress(&name, done, all);
        }
        for writer in writers {
            let (view, version, counted) = writer.join().expect("a writer does not panic")?;
            if view == View::Open {
                let shown = summary.version(version);
                shown.register_persons = counted.persons;
                shown.register_lines = counted.lines;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;

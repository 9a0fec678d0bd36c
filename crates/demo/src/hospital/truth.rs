//! The truth, for judges only: no view refers to it and no matcher may read it.
use super::hr;
use super::staff::{Agent, Given};
use super::world::{Version, World};
use super::{DemoError, Output};

/// `matricule;idnat` of all whom the export of this version shows; empty when absent from the register.
pub fn write_links(
    world: &World,
    staff: &[Agent<'_>],
    version: Version,
    out: &mut Output,
) -> Result<u64, DemoError> {
    out.text("matricule;idnat\n")?;
    let mut people = 0;
    for agent in shown(world, staff, version) {
        out.text(&format!("{};{}\n", agent.matricule, idnat(world, agent)))?;
        people += 1;
    }
    Ok(people)
}

/// By person: what makes them easy or hard to link.
pub fn write_people(world: &World, staff: &[Agent<'_>], out: &mut Output) -> Result<(), DemoError> {
    out.text(
        "matricule;idnat;in_register;birth_date;changed_name;rpps_given;rpps_text;grade_tells;namesake;\
         homonym_in_house;first_version;last_version;persona\n",
    )?;
    let yes = |fact: bool| if fact { "yes" } else { "no" };
    for agent in staff {
        let fields = [
            agent.matricule.as_str(),
            &idnat(world, agent),
            yes(agent.registered),
            birth_date(agent, &hr::birth_as_known(world, agent)),
            yes(agent.changed_name()),
            given(agent.given),
            &hr::rpps(world, agent),
            yes(agent.job.tells == super::jobs::Grade::Tells),
            yes(agent.has_namesake),
            yes(agent.homonym_in_house),
            &agent.since.to_string(),
            &(agent.until - 1).min(3).to_string(),
            agent.persona.map_or("", |persona| persona.key),
        ];
        out.text(&format!("{}\n", fields.join(";")))?;
    }
    Ok(())
}

/// Staff whom the export of this version shows, leavers on their last line included.
pub fn shown<'s, 'w>(
    world: &'s World,
    staff: &'s [Agent<'w>],
    version: Version,
) -> impl Iterator<Item = &'s Agent<'w>> {
    staff.iter().filter(move |agent| hr::is_shown(world, agent, version))
}

fn idnat(world: &World, agent: &Agent<'_>) -> String {
    match agent.registered {
        true => format!("8{}", world.rpps_of_staff(agent.number)),
        false => String::new(),
    }
}

/// Whether HR's birth date is right: the group that a judge reports apart.
fn birth_date(agent: &Agent<'_>, known: &str) -> &'static str {
    let right = agent.civil.birth;
    let forms = ["%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y"];
    let said = |text: &str| forms.iter().any(|form| right.format(form).to_string() == text);
    match known {
        "" => "missing",
        text if said(text) || hr::excel_serial(right).to_string() == text => "right",
        text if text.starts_with("01/01/") => "first_january",
        _ => "wrong",
    }
}

fn given(given: Given) -> &'static str {
    match given {
        Given::No => "no",
        Given::Right => "right",
        Given::Typo => "typo",
        Given::Colleague(_) => "colleague",
        Given::Adeli => "adeli",
        Given::Leading8 => "leading_8",
        Given::Namesake => "namesake",
    }
}

//! The mailboxes of MSSanté, as they are published: of persons, and of structures without anybody's number.
use super::chance::Share;
use super::entries::Register;
use super::places::{SITES, Structure};
use super::register_files::{Person, fields, profession, title};
use super::spelling::slug;

/// Persons of the register who have a mailbox that is not on the red list.
const WITH_A_MAILBOX: Share = 25_000;
/// Services of each of our sites that have one.
const SERVICES: [&str; 3] = ["Urgences", "Cardiologie", "Secrétariat médical"];

pub(super) fn write_mailboxes_of_structures(text: &mut String) -> u64 {
    let mut lines = 0;
    for site in SITES {
        for service in SERVICES {
            let address = format!("{}.{}@hopital.mssante.example", slug(service), site.finess_et);
            let number = format!("1{}", site.finess_et);
            let mut line = [""; 31];
            (line[0], line[1], line[5]) = ("ORG", &address, "1");
            (line[6], line[7], line[17], line[18]) = (&number, service, "O", site.name);
            fields(text, &line);
            lines += 1;
        }
    }
    lines
}

/// At most one line a person; a hospital's people have theirs in its domain.
pub(super) fn mailbox_lines(
    register: &Register<'_>,
    person: &Person<'_>,
    text: &mut String,
) -> u64 {
    let Person { entry, national, surname, first_name } = person;
    let chance = &mut register.world.chance("mailbox", entry.place);
    let Some(practice) = entry.practices.first().filter(|_| chance.hits(WITH_A_MAILBOX)) else {
        return 0;
    };
    let house = entry.activities.iter().find_map(|activity| match activity.structure {
        Some(Structure::House(place)) => Some(&SITES[place]),
        _ => None,
    });
    let domain = if house.is_some() { "hopital" } else { "medecin" };
    let address =
        format!("{}.{}.{}@{domain}.mssante.example", slug(first_name), slug(surname), entry.place);
    let structure = house.map_or(String::new(), |site| format!("1{}", site.finess_et));
    let (category, category_label) = practice.category.columns();
    let mut line = [""; 31];
    (line[0], line[1], line[2], line[3]) = ("PER", &address, "8", &entry.rpps);
    (line[4], line[6], line[8]) = (national, &structure, title(practice).0);
    (line[9], line[10], line[11], line[12]) = (surname, first_name, category, category_label);
    (line[13], line[14]) = profession(practice);
    line[17] = "O";
    fields(text, &line);
    1
}

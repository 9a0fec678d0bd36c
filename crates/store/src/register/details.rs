//! Everything that one version of the register says of one person.
use super::gather::activities_from;
use super::read::{Register, seq_of};
use super::{RegisterError, Tried};
use kernel::IdNat;
use rusqlite::{Connection, OptionalExtension, Row};

/// One way a person practises, with every code and label that the extract gave; absent is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exercise {
    /// Code civilité d'exercice (`DR`, `PR`).
    pub title: String,
    pub civility: String,
    pub family: String,
    pub given: String,
    pub profession: String,
    pub profession_label: String,
    pub category: String,
    pub skill_type: String,
    pub skill: String,
    pub skill_label: String,
    pub mode: String,
    pub authority: String,
    pub sector: String,
    pub role: String,
    pub role_label: String,
    /// Code genre activité.
    pub kind: String,
    pub finess_et: String,
    pub finess_ej: String,
    pub siret: String,
    pub technical_id: String,
    pub structure_name: String,
}

/// What a person may do, as the extract of savoir-faire lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skill {
    pub profession: String,
    pub category: String,
    pub kind: String,
    pub kind_label: String,
    pub code: String,
    pub label: String,
}

/// A diploma, or an authorisation to practise; the other half is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diploma {
    pub kind: String,
    pub code: String,
    pub label: String,
    pub authorisation: String,
    pub authorisation_label: String,
    pub discipline: String,
    pub discipline_label: String,
}

/// A mailbox of MSSanté.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mailbox {
    pub address: String,
    /// `PER` or `ORG`.
    pub kind: String,
    pub structure: String,
    pub service: String,
}

/// What the other extracts add to the exercises of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    pub skills: Vec<Skill>,
    pub diplomas: Vec<Diploma>,
    pub mailboxes: Vec<Mailbox>,
    /// National numbers that she bore before.
    pub former_numbers: Vec<String>,
}

impl Register {
    /// All exercises of one person, as the extract listed them.
    pub fn exercises(&self, id_nat: &IdNat) -> Result<Vec<Exercise>, RegisterError> {
        const SQL: &str = "
            SELECT p.title, p.civility, p.family, p.given,
                   r.profession, r.profession_label, r.category, r.skill_type, r.skill, r.skill_label,
                   r.mode, r.authority, r.sector, r.role, r.role_label, r.kind,
                   s.finess_et, s.finess_ej, s.siret, s.technical_id, s.name
            FROM person p, practice r, structure s
            WHERE p.seq = ?1 AND r.id = ?2 AND s.id = ?3";
        self.with(|database| {
            let Some(seq) = seq_of(database, id_nat)? else { return Ok(Vec::new()) };
            let activities: Option<Vec<u8>> = database
                .prepare_cached("SELECT activities FROM person WHERE seq = ?1")
                .and_then(|mut select| select.query_row([seq], |row| row.get(0)).optional())
                .tried("read the activities")?;
            let mut select = database.prepare_cached(SQL).tried("prepare the exercises")?;
            activities_from(&activities.unwrap_or_default())
                .map(|(practice, structure)| {
                    select.query_row([seq, practice, structure], exercise).tried("read an exercise")
                })
                .collect()
        })
    }

    /// Skills, diplomas and mailboxes of one person; empty when their extracts were not imported.
    pub fn details(&self, id_nat: &IdNat) -> Result<Details, RegisterError> {
        const SKILLS: &str =
            "SELECT k.profession, k.category, k.type, k.type_label, k.code, k.label
            FROM skill s JOIN skill_kind k ON k.id = s.kind WHERE s.seq = ?1";
        const DIPLOMAS: &str =
            "SELECT k.type, k.code, k.label, k.authorisation, k.authorisation_label,
                   k.discipline, k.discipline_label
            FROM diploma d JOIN diploma_kind k ON k.id = d.kind WHERE d.seq = ?1";
        const MAILBOXES: &str =
            "SELECT address, kind, structure, service FROM mailbox WHERE seq = ?1";
        self.with(|database| {
            let Some(seq) = seq_of(database, id_nat)? else { return Ok(Details::default()) };
            let former = "SELECT text FROM former_number WHERE seq = ?1 ORDER BY text";
            Ok(Details {
                skills: all(database, SKILLS, seq, skill)?,
                diplomas: all(database, DIPLOMAS, seq, diploma)?,
                mailboxes: all(database, MAILBOXES, seq, mailbox)?,
                former_numbers: all(database, former, seq, |row| row.get(0))?,
            })
        })
    }

    /// Who bears this number now, when the register knows it as a former one of exactly one person.
    pub fn bearer_of_former(&self, number: &IdNat) -> Result<Option<IdNat>, RegisterError> {
        const SQL: &str = "SELECT p.id, o.text FROM former_number f JOIN person p ON p.seq = f.seq
            LEFT JOIN other_number o ON p.id < 0 AND o.seq = p.seq WHERE f.text = ?1 LIMIT 2";
        self.with(|database| {
            let mut select = database.prepare_cached(SQL).tried("prepare a former number")?;
            let text = |row: &Row<'_>| -> rusqlite::Result<String> {
                let number: i64 = row.get(0)?;
                if number < 0 { row.get(1) } else { Ok(number.to_string()) }
            };
            let rows = select.query_map([number.as_str()], text).tried("find a former number")?;
            let bearers: Vec<String> =
                rows.collect::<rusqlite::Result<_>>().tried("find a former number")?;
            match bearers.as_slice() {
                [one] => Ok(one.parse().ok()),
                _ => Ok(None),
            }
        })
    }
}

fn all<T>(
    database: &Connection,
    sql: &str,
    seq: u32,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, RegisterError> {
    let mut select = database.prepare_cached(sql).tried("prepare what completes a person")?;
    let rows = select.query_map([seq], read).tried("read what completes a person")?;
    rows.collect::<rusqlite::Result<Vec<_>>>().tried("read what completes a person")
}

fn exercise(row: &Row<'_>) -> rusqlite::Result<Exercise> {
    Ok(Exercise {
        title: row.get(0)?,
        civility: row.get(1)?,
        family: row.get(2)?,
        given: row.get(3)?,
        profession: row.get(4)?,
        profession_label: row.get(5)?,
        category: row.get(6)?,
        skill_type: row.get(7)?,
        skill: row.get(8)?,
        skill_label: row.get(9)?,
        mode: row.get(10)?,
        authority: row.get(11)?,
        sector: row.get(12)?,
        role: row.get(13)?,
        role_label: row.get(14)?,
        kind: row.get(15)?,
        finess_et: row.get(16)?,
        finess_ej: row.get(17)?,
        siret: row.get(18)?,
        technical_id: row.get(19)?,
        structure_name: row.get(20)?,
    })
}

fn skill(row: &Row<'_>) -> rusqlite::Result<Skill> {
    Ok(Skill {
        profession: row.get(0)?,
        category: row.get(1)?,
        kind: row.get(2)?,
        kind_label: row.get(3)?,
        code: row.get(4)?,
        label: row.get(5)?,
    })
}

fn diploma(row: &Row<'_>) -> rusqlite::Result<Diploma> {
    Ok(Diploma {
        kind: row.get(0)?,
        code: row.get(1)?,
        label: row.get(2)?,
        authorisation: row.get(3)?,
        authorisation_label: row.get(4)?,
        discipline: row.get(5)?,
        discipline_label: row.get(6)?,
    })
}

fn mailbox(row: &Row<'_>) -> rusqlite::Result<Mailbox> {
    Ok(Mailbox {
        address: row.get(0)?,
        kind: row.get(1)?,
        structure: row.get(2)?,
        service: row.get(3)?,
    })
}

//! Texts that repeat, kept once: practices, structures, skills, diplomas.
use super::{RegisterError, Tried};
use identity::register::{Column, RegisterRow};
use reconciliation::Practice;
use rusqlite::Connection;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PracticeId(pub u32);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StructureId(pub u32);

/// One table of such texts, and the columns that make a row of it.
struct Kind<const WIDTH: usize> {
    insert: &'static str,
    columns: [Column; WIDTH],
    known: HashMap<u64, u32>,
}

impl<const WIDTH: usize> Kind<WIDTH> {
    fn new(insert: &'static str, columns: [Column; WIDTH]) -> Self {
        Self { insert, columns, known: HashMap::new() }
    }

    /// The number of this row's texts, and whether they are new (then written).
    fn intern(
        &mut self,
        row: &RegisterRow<'_>,
        database: &Connection,
        hasher: &RandomState,
    ) -> Result<(u32, bool), RegisterError> {
        let texts = self.columns.map(|column| row.get(column));
        let next = self.known.len() as u32 + 1;
        let id = *self.known.entry(hasher.hash_one(texts)).or_insert(next);
        if id == next {
            let mut insert = database.prepare_cached(self.insert).tried("prepare a kind")?;
            insert.raw_bind_parameter(1, id).tried("write a kind")?;
            for (place, text) in (2..).zip(texts) {
                insert.raw_bind_parameter(place, text).tried("write a kind")?;
            }
            insert.raw_execute().tried("write a kind")?;
        }
        Ok((id, id == next))
    }
}

pub(super) struct Kinds {
    hasher: RandomState,
    practices: Kind<12>,
    /// What matching needs of each practice; none when it names neither profession nor role.
    matched: Vec<Option<Practice>>,
    structures: Kind<7>,
    skills: Kind<6>,
    diplomas: Kind<7>,
}

impl Kinds {
    pub fn new() -> Self {
        use Column::*;
        Self {
            hasher: RandomState::new(),
            practices: Kind::new(
                "INSERT INTO practice VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
                [
                    Profession,
                    ProfessionLabel,
                    Category,
                    SkillType,
                    Skill,
                    SkillLabel,
                    Mode,
                    Authority,
                    Sector,
                    Role,
                    RoleLabel,
                    ActivityKind,
                ],
            ),
            matched: Vec::new(),
            structures: Kind::new(
                "INSERT INTO structure VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
                [
                    FinessSite,
                    FinessEntity,
                    Siret,
                    StructureId,
                    StructureName,
                    StructureOffice,
                    StructurePostcode,
                ],
            ),
            skills: Kind::new(
                "INSERT INTO skill_kind VALUES (?1,?2,?3,?4,?5,?6,?7)",
                [Profession, Category, SkillType, SkillTypeLabel, Skill, SkillLabel],
            ),
            diplomas: Kind::new(
                "INSERT INTO diploma_kind VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
                [
                    DiplomaType,
                    Diploma,
                    DiplomaLabel,
                    AuthorisationType,
                    AuthorisationTypeLabel,
                    Discipline,
                    DisciplineLabel,
                ],
            ),
        }
    }

    /// The practice and structure of one line of activities.
    pub fn activity(
        &mut self,
        row: &RegisterRow<'_>,
        database: &Connection,
    ) -> Result<(PracticeId, StructureId), RegisterError> {
        let (practice, is_new) = self.practices.intern(row, database, &self.hasher)?;
        if is_new {
            let told = Practice {
                profession: row.get(Column::Profession).to_owned(),
                category: row.get(Column::Category).to_owned(),
                role: row.get(Column::Role).to_owned(),
            };
            let says = !(told.profession.is_empty() && told.role.is_empty());
            self.matched.push(says.then_some(told));
        }
        let (structure, _) = self.structures.intern(row, database, &self.hasher)?;
        Ok((PracticeId(practice), StructureId(structure)))
    }

    pub fn practice(&self, id: PracticeId) -> Option<&Practice> {
        self.matched.get(id.0 as usize - 1)?.as_ref()
    }

    pub fn skill(
        &mut self,
        row: &RegisterRow<'_>,
        database: &Connection,
    ) -> Result<u32, RegisterError> {
        Ok(self.skills.intern(row, database, &self.hasher)?.0)
    }

    pub fn diploma(
        &mut self,
        row: &RegisterRow<'_>,
        database: &Connection,
    ) -> Result<u32, RegisterError> {
        Ok(self.diplomas.intern(row, database, &self.hasher)?.0)
    }
}

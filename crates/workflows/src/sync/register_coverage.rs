//! How far the house is linked: from all staff to those linked, each way of linking apart, by profession and by unit;
//! and how old the questions are that wait.
use super::SyncError;
use super::register_check::{Indicator, Part};
use crate::Workflows;
use directory::{CaseKind, Channel, NationalIdentity, Person};
use kernel::{Actor, Capability, PersonId};
use reconciliation::grades::Meaning;
use std::collections::{BTreeMap, HashSet};

/// From everybody at work to those who are linked. `concerned`: the grade tells a profession that the register holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    pub staff: u64,
    pub concerned: u64,
    /// Of these, HR gives a number.
    pub declared: u64,
    /// Of these, linked, by the way they were.
    pub linked: BTreeMap<&'static str, u64>,
    /// Of these, a question waits.
    pub to_decide: u64,
    /// Of these, neither linked nor asked about.
    pub missing: u64,
    pub by_profession: Indicator,
    /// By code and name of the unit.
    pub by_unit: Indicator,
    /// Questions about a national identity that wait, by how long: under a day, a week, a month, longer.
    pub waiting: [u64; 4],
}

impl Coverage {
    fn count(&mut self, person: &Person, part: &Part, asked: &HashSet<PersonId>) {
        let Some((post, Meaning::Profession(code))) = part.post(person.id) else { return };
        self.concerned += 1;
        self.declared += u64::from(person.declared_rpps.is_some());
        let link = strongest(part.links.get(&person.id).map(Vec::as_slice));
        match link {
            Some(channel) => *self.linked.entry(channel.name()).or_default() += 1,
            None if asked.contains(&person.id) => self.to_decide += 1,
            None => self.missing += 1,
        }
        self.by_profession.count(&code, link.is_some());
        let unit = [&post.fields.unit_code, &post.fields.unit_label];
        let unit: Vec<&str> = unit.into_iter().flatten().map(String::as_str).collect();
        self.by_unit.count(&unit.join(" "), link.is_some());
    }
}

impl Workflows {
    pub async fn link_coverage(&self, actor: &Actor) -> Result<Coverage, SyncError> {
        self.must(actor, Capability::ReadPeople, "link_coverage").await?;
        let mut coverage = Coverage::default();
        let asked = self.waiting_questions(&mut coverage).await?;
        let mut after = None;
        while let Some(part) = self.part_after(after).await? {
            after = part.last();
            coverage.staff += part.people.len() as u64;
            for person in &part.people {
                coverage.count(person, &part, &asked);
            }
        }
        Ok(coverage)
    }

    /// Whom a question about the register is open about; how old those questions are.
    async fn waiting_questions(
        &self,
        coverage: &mut Coverage,
    ) -> Result<HashSet<PersonId>, SyncError> {
        let (reader, now) = (self.store().read(), self.now());
        let mut people = HashSet::new();
        for (_, person, opened_at) in
            reader.cases().waiting_about(CaseKind::NationalIdentity).await?
        {
            let class = match (now - opened_at).num_days() {
                ..1 => 0,
                1..7 => 1,
                7..30 => 2,
                30.. => 3,
            };
            coverage.waiting[class] += 1;
            people.extend(person);
        }
        Ok(people)
    }
}

fn strongest(links: Option<&[NationalIdentity]>) -> Option<Channel> {
    let rpps = links?.iter().filter(|link| link.id_nat.rpps().is_some());
    rpps.map(|link| link.channel).min()
}

//! How far the house is linked: from all staff to those linked, each way of linking apart, by profession and by unit;
//! and how old the questions are that wait.
use super::SyncError;
use super::register_check::Indicator;
use crate::Workflows;
use directory::{CaseKind, CaseState, Channel, NationalIdentity};
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

impl Workflows {
    pub async fn link_coverage(&self, actor: &Actor) -> Result<Coverage, SyncError> {
        self.must(actor, Capability::ReadPeople, "link_coverage").await?;
        let house = self.people_at_work().await?;
        let mut coverage = Coverage { staff: house.people.len() as u64, ..Coverage::default() };
        let asked = self.waiting_questions(&mut coverage).await?;
        for person in &house.people {
            let Some((post, Meaning::Profession(code))) = house.post(person.id) else { continue };
            coverage.concerned += 1;
            coverage.declared += u64::from(person.declared_rpps.is_some());
            let link = strongest(house.links.get(&person.id).map(Vec::as_slice));
            match link {
                Some(channel) => *coverage.linked.entry(channel.name()).or_default() += 1,
                None if asked.contains(&person.id) => coverage.to_decide += 1,
                None => coverage.missing += 1,
            }
            coverage.by_profession.count(&code, link.is_some());
            let unit = [&post.fields.unit_code, &post.fields.unit_label];
            let unit: Vec<&str> = unit.into_iter().flatten().map(String::as_str).collect();
            coverage.by_unit.count(&unit.join(" "), link.is_some());
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
        for state in CaseState::ALL.into_iter().filter(|state| *state != CaseState::Decided) {
            for case in reader.cases().in_state(state, u64::MAX >> 1).await? {
                if case.kind != CaseKind::NationalIdentity {
                    continue;
                }
                let class = match (now - case.opened_at).num_days() {
                    ..1 => 0,
                    1..7 => 1,
                    7..30 => 2,
                    30.. => 3,
                };
                coverage.waiting[class] += 1;
                people.extend(case.person);
            }
        }
        Ok(people)
    }
}

fn strongest(links: Option<&[NationalIdentity]>) -> Option<Channel> {
    let rpps = links?.iter().filter(|link| link.id_nat.rpps().is_some());
    rpps.map(|link| link.channel).min()
}

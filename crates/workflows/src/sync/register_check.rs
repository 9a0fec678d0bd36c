//! Links grow old: those to verify again, who is still to be registered, and what share of the house is linked.
use super::SyncError;
use crate::Workflows;
use audit::{AuditEvent, Digest};
use chrono::{Days, Months};
use directory::{CaseKind, CaseState, NationalIdentity, Person, Post, PostState};
use identity::IdentityKind;
use kernel::{Actor, Capability, IdNat, NaiveDate, NationalIdentityId, PersonId};
use reconciliation::RegisterPerson;
use reconciliation::grades::{self, Meaning};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::register::Register;

/// A link is verified again every two years (RIE, requirement 27).
pub const RECHECK: Months = Months::new(24);

/// A link to verify again, with what the register says today.
#[derive(Debug, Clone)]
pub struct Due {
    pub identity: NationalIdentity,
    pub person: Person,
    pub in_register: Option<RegisterPerson>,
    pub is_overdue: bool,
}

/// Somebody for the RPPS+ portal: staff that no order registers (rôles, students), or whose entry is not up to date.
#[derive(Debug, Clone)]
pub struct ToRegister {
    pub person: Person,
    pub post: Post,
    /// Code of TRE_R85 when the grade tells it.
    pub role: Option<String>,
    /// `None`: to be registered. Else what is to be updated is said by `reason`.
    pub id_nat: Option<IdNat>,
    /// `not_registered`, `not_in_register`, `no_activity_here`, `role_differs`.
    pub reason: &'static str,
}

/// A share of people, and the same by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indicator {
    pub reached: u64,
    pub of: u64,
    /// By profession (I-02), by source (I-01) or by channel (I-03): reached, of.
    pub by: BTreeMap<String, (u64, u64)>,
}

impl Indicator {
    pub(super) fn count(&mut self, group: &str, reached: bool) {
        let by = self.by.entry(group.to_owned()).or_default();
        (self.of, by.1) = (self.of + 1, by.1 + 1);
        if reached {
            (self.reached, by.0) = (self.reached + 1, by.0 + 1);
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indicators {
    /// I-01: health professionals of the HR feed who are active people here.
    pub complete: Indicator,
    /// I-02: people whose grade the register should know, who have a verified RPPS.
    pub linked: Indicator,
    /// I-03: links verified less than 24 months ago.
    pub fresh: Indicator,
    /// What they are proved by.
    pub proof: IndicatorProof,
}

/// What the figures were counted on (`requirements-france` §5.1: scope, feed, job).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndicatorProof {
    /// FINESS EJ of the posts of today.
    pub scope: BTreeSet<String>,
    pub feeds: Vec<IndicatorFeed>,
    /// The extract that links were last compared with.
    pub register: Option<String>,
}

/// A source of staff, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorFeed {
    pub source: String,
    /// Agents whom it tells.
    pub records: u64,
    /// What it says of them, record after record, under a key of this house: names and births could be guessed otherwise.
    pub digest: Digest,
    /// The day of the last run that was applied.
    pub applied_on: Option<NaiveDate>,
}

/// So many people, or records of a source, are looked at at once: a house of any size takes the same room.
const AT_ONCE: u64 = 500;

/// Some of those who may use anything here, with their posts of today.
pub(super) struct Part {
    pub(super) people: Vec<Person>,
    posts: HashMap<PersonId, Vec<Post>>,
    pub(super) links: HashMap<PersonId, Vec<NationalIdentity>>,
}

impl Part {
    /// Whom the next part begins after.
    pub(super) fn last(&self) -> Option<PersonId> {
        self.people.last().map(|person| person.id)
    }

    /// The post that tells most of what she does.
    pub(super) fn post(&self, person: PersonId) -> Option<(&Post, Meaning)> {
        let told = self.posts.get(&person)?.iter().map(|post| (post, meaning(post)));
        told.min_by_key(|(_, meaning)| match meaning {
            Meaning::Profession(_) => 0,
            Meaning::Role(_) | Meaning::OneOf(_) | Meaning::Student | Meaning::StudentOf(_) => 1,
            Meaning::Unclear => 2,
            Meaning::NotCare => 3,
        })
    }
}

fn meaning(post: &Post) -> Meaning {
    let code = post.fields.profession.as_ref().map(|code| code.0.as_str());
    grades::of_post(code, post.fields.function_label.as_deref())
}

impl Workflows {
    /// Links to verify by this day, the most overdue first.
    pub async fn due_identities(
        &self,
        actor: &Actor,
        by: NaiveDate,
        limit: u64,
    ) -> Result<Vec<Due>, SyncError> {
        self.must(actor, Capability::ReadCases, "due_identities").await?;
        let reader = self.store().read();
        let identities = reader.national_identities().due(by, limit).await?;
        let ids: Vec<PersonId> = identities.iter().map(|identity| identity.person).collect();
        let people = reader.people().find_all(&ids).await?;
        let people: HashMap<PersonId, Person> =
            people.into_iter().map(|person| (person.id, person)).collect();
        let (register, today) = (self.register()?, self.today());
        let mut due = Vec::new();
        for identity in identities {
            // Somebody may bear two that are due.
            let Some(person) = people.get(&identity.person).cloned() else { continue };
            let in_register = match &register {
                Some(register) => match register.find_by_id_nat(&identity.id_nat)? {
                    Some(found) => Some(found),
                    // The number was merged into another: what is to be looked at stands there.
                    None => {
                        let current = self.current_number(&identity.id_nat).await?;
                        register.find_by_id_nat(&current)?
                    }
                },
                None => None,
            };
            let is_overdue = identity.next_check < today;
            due.push(Due { identity, person, in_register, is_overdue });
        }
        Ok(due)
    }

    /// Somebody looked again at a link, with this evidence; the next look is in two years.
    pub async fn verify_identity(
        &self,
        actor: &Actor,
        id_nat: &IdNat,
        evidence: &str,
    ) -> Result<NationalIdentity, SyncError> {
        self.must(actor, Capability::DecideCases, "verify_identity").await?;
        // Somebody may still say the number that another one replaced.
        let current = self.current_number(id_nat).await?;
        let held = self.store().read().national_identities().bearer(id_nat).await?;
        let id_nat = if held.is_some() { id_nat } else { &current };
        let held = self.store().read().national_identities().bearer(id_nat).await?;
        let link = held.ok_or(SyncError::NoLink)?;
        self.verify_link(actor, (link.person, link.id), evidence).await
    }

    /// The same, of this link of this person, as it was shown.
    pub async fn verify_link(
        &self,
        actor: &Actor,
        (person, link): (PersonId, NationalIdentityId),
        evidence: &str,
    ) -> Result<NationalIdentity, SyncError> {
        self.must(actor, Capability::DecideCases, "verify_identity").await?;
        let tx = self.store().begin().await?;
        // Whoever unlinks holds the person too: a link that just ended is not verified.
        tx.people().hold(person).await?;
        let links = tx.national_identities().of(person).await?;
        let found = links.into_iter().find(|found| found.id == link);
        let mut identity = found.ok_or(SyncError::NoLink)?;
        (identity.verified_at, identity.next_check) = (self.now(), self.today() + RECHECK);
        let (at, next) = (identity.verified_at, identity.next_check);
        tx.national_identities().verified(identity.id, at, next).await?;
        let evidence = Digest::from_bytes(self.keys().mac("audit-evidence", evidence.as_bytes()));
        tx.commit(AuditEvent::NationalIdentityVerified {
            by: actor.id(),
            person: identity.person,
            national_identity: identity.id,
            evidence,
        })
        .await?;
        Ok(identity)
    }

    /// The work list of the RPPS+ manager. No public interface writes to the portal: it is work for a human.
    pub async fn people_to_register(&self, actor: &Actor) -> Result<Vec<ToRegister>, SyncError> {
        self.must(actor, Capability::ReadPeople, "people_to_register").await?;
        let register = self.register()?;
        let waiting = self.store().read().cases().waiting_about(CaseKind::NationalIdentity).await?;
        let asked: HashSet<PersonId> = waiting
            .into_iter()
            .filter(|(state, ..)| *state == CaseState::Open)
            .filter_map(|(_, person, _)| person)
            .collect();
        let (mut list, mut after) = (Vec::new(), None);
        while let Some(part) = self.part_after(after).await? {
            after = part.last();
            for person in &part.people {
                list.extend(to_register(person, &part, &asked, register.as_ref())?);
            }
        }
        Ok(list)
    }

    /// Indicators I-01 to I-03 of the HospiConnect file, as of now.
    pub async fn link_indicators(&self, actor: &Actor) -> Result<Indicators, SyncError> {
        self.must(actor, Capability::ReadPeople, "link_indicators").await?;
        let mut indicators = Indicators::default();
        let (mut active, mut after) = (HashSet::new(), None);
        let last = (self.today() - RECHECK).and_time(chrono::NaiveTime::MIN).and_utc();
        while let Some(part) = self.part_after(after).await? {
            after = part.last();
            for person in &part.people {
                active.insert(person.id);
                let posts = part.posts.get(&person.id).map(Vec::as_slice).unwrap_or_default();
                let entities = posts.iter().filter_map(|post| post.fields.finess_ej.as_ref());
                indicators.proof.scope.extend(entities.map(ToString::to_string));
                let links = part.links.get(&person.id).map(Vec::as_slice).unwrap_or_default();
                if let Some((_, Meaning::Profession(code))) = part.post(person.id) {
                    let verified = links.iter().any(|link| link.id_nat.rpps().is_some());
                    indicators.linked.count(&code, verified);
                }
                for link in links {
                    indicators.fresh.count(link.channel.name(), link.verified_at >= last);
                }
            }
        }
        indicators.proof.feeds = self.count_complete(&active, &mut indicators.complete).await?;
        let register = self.register()?;
        let extract = register.as_ref().and_then(|register| register.version().files.first());
        indicators.proof.register = extract.map(|file| file.name.clone());
        Ok(indicators)
    }

    /// I-01: health professionals whom each source tells, and which of them are active people here.
    async fn count_complete(
        &self,
        active: &HashSet<PersonId>,
        complete: &mut Indicator,
    ) -> Result<Vec<IndicatorFeed>, SyncError> {
        let (reader, mut feeds) = (self.store().read(), Vec::new());
        for source in reader.sources().all().await? {
            let (mut after, mut said) = (None, Vec::new());
            loop {
                let part = reader.records().of_after(source.id, after.as_ref(), AT_ONCE).await?;
                let Some(last) = part.last() else { break };
                after = Some(last.key.clone());
                for record in &part {
                    let at_work = |post: &&identity::PostFields| is_current(post, self.today());
                    let professional = record.identity.posts.iter().filter(at_work).any(|post| {
                        let code = post.profession.as_ref().map(|code| code.0.as_str());
                        let told = grades::of_post(code, post.function_label.as_deref());
                        matches!(told, Meaning::Profession(_))
                    });
                    if record.identity.kind != IdentityKind::Agent || record.absent_since.is_some()
                    {
                        continue;
                    }
                    let identity = serde_json::to_vec(&record.identity).expect("plain data");
                    said.extend(Digest::of(&identity).as_bytes());
                    if professional {
                        let known = record.person.is_some_and(|person| active.contains(&person));
                        complete.count(&source.name, known);
                    }
                }
            }
            if said.is_empty() {
                continue;
            }
            let applied = reader.runs().last_applied(source.id).await?;
            let applied_at = applied.and_then(|run| run.ended_at);
            feeds.push(IndicatorFeed {
                source: source.name,
                records: said.len() as u64 / 32,
                digest: Digest::from_bytes(self.keys().mac("indicator-feed", &said)),
                applied_on: applied_at.map(|at| self.parts().zone.date(at)),
            });
        }
        Ok(feeds)
    }

    /// The people after this one, by id, with what is known of them now; `None` at the end.
    pub(super) async fn part_after(
        &self,
        after: Option<PersonId>,
    ) -> Result<Option<Part>, SyncError> {
        let reader = self.store().read();
        let people = reader.people().active_after(after, AT_ONCE).await?;
        if people.is_empty() {
            return Ok(None);
        }
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let today = self.today();
        let mut posts: HashMap<PersonId, Vec<Post>> = HashMap::new();
        for post in reader.posts().of_all(&ids).await? {
            if post.state(today) == PostState::Current {
                posts.entry(post.person).or_default().push(post);
            }
        }
        let mut links: HashMap<PersonId, Vec<NationalIdentity>> = HashMap::new();
        for link in reader.national_identities().of_all(&ids).await? {
            links.entry(link.person).or_default().push(link);
        }
        Ok(Some(Part { people, posts, links }))
    }

    /// The last day that a list « due soon » looks at.
    pub fn due_by(&self, within_days: u64) -> NaiveDate {
        self.today().checked_add_days(Days::new(within_days)).unwrap_or(NaiveDate::MAX)
    }
}

fn is_current(post: &identity::PostFields, today: NaiveDate) -> bool {
    post.starts_on.is_none_or(|start| start <= today) && post.ends_on.is_none_or(|end| end >= today)
}

/// What there is to do about one person at the portal.
fn to_register(
    person: &Person,
    part: &Part,
    asked: &HashSet<PersonId>,
    register: Option<&Register>,
) -> Result<Option<ToRegister>, SyncError> {
    let Some((post, meaning)) = part.post(person.id) else { return Ok(None) };
    let role = match meaning {
        Meaning::Role(code) | Meaning::StudentOf(code) => Some(code),
        Meaning::Student => None,
        Meaning::Profession(_) | Meaning::OneOf(_) | Meaning::NotCare | Meaning::Unclear => {
            return Ok(None);
        }
    };
    let links = part.links.get(&person.id).map(Vec::as_slice).unwrap_or_default();
    let found = match (links, register) {
        // A question about her is open: it is answered first.
        ([], _) if asked.contains(&person.id) => None,
        ([], _) => Some((None, "not_registered")),
        ([link, ..], Some(register)) => {
            let told = register.find_by_id_nat(&link.id_nat)?;
            to_update(told.as_ref(), post, role.as_deref())
                .map(|reason| (Some(link.id_nat.clone()), reason))
        }
        ([_, ..], None) => None,
    };
    Ok(found.map(|(id_nat, reason)| {
        let (person, post) = (person.clone(), post.clone());
        ToRegister { person, post, role, id_nat, reason }
    }))
}

fn to_update(
    told: Option<&RegisterPerson>,
    post: &Post,
    role: Option<&str>,
) -> Option<&'static str> {
    let Some(told) = told else { return Some("not_in_register") };
    let ours = [&post.fields.finess_ej, &post.fields.finess_et];
    let here = ours.into_iter().flatten().any(|place| told.places.contains(place));
    let has_role = |role: &str| told.practices.iter().any(|practice| practice.role == role);
    match role {
        _ if !here => Some("no_activity_here"),
        Some(role) if !has_role(role) => Some("role_differs"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::PostFields;

    #[test]
    fn an_entry_is_up_to_date_with_its_role_here() {
        let place: kernel::Finess = "990000010".parse().expect("finess");
        let post = Post {
            id: kernel::Uuid::nil().into(),
            person: kernel::Uuid::nil().into(),
            source: kernel::Uuid::nil().into(),
            fields: PostFields {
                matricule: "M1".parse().expect("matricule"),
                finess_ej: None,
                finess_et: Some(place.clone()),
                unit_code: None,
                unit_label: None,
                function_label: None,
                profession: None,
                contract_kind: None,
                starts_on: None,
                ends_on: None,
            },
        };
        let told = |places: &[&kernel::Finess], role: &str| RegisterPerson {
            id_nat: "899900001233".parse().expect("id"),
            sex: None,
            family: String::new(),
            given: String::new(),
            birth: None,
            practices: [reconciliation::Practice {
                profession: String::new(),
                category: "C".to_owned(),
                role: role.to_owned(),
            }]
            .into(),
            places: places.iter().map(|place| (*place).clone()).collect(),
            practises_somewhere: true,
        };
        for (told, role, expected) in [
            (None, Some("331"), Some("not_in_register")),
            (Some(told(&[], "331")), Some("331"), Some("no_activity_here")),
            (Some(told(&[&place], "340")), Some("331"), Some("role_differs")),
            (Some(told(&[&place], "331")), Some("331"), None),
            (Some(told(&[&place], "346")), None, None),
        ] {
            assert_eq!(to_update(told.as_ref(), &post, role), expected, "{told:?}");
        }
    }

    #[test]
    fn an_indicator_counts_in_all_and_by_group() {
        let mut indicator = Indicator::default();
        for (group, reached) in [("60", true), ("60", false), ("10", true)] {
            indicator.count(group, reached);
        }
        assert_eq!((indicator.reached, indicator.of), (2, 3));
        assert_eq!(indicator.by["60"], (1, 2));
    }
}

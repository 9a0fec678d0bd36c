//! What decides whether something may be issued, in one read: tables of which a person has several rows each, one after
//! the other, in columns of the same types.
mod parts;

use crate::by_place::ByPlace;
use crate::error::Attempted;
use crate::{Operators, People, StoreError, accounts, means, people, posts};
use authentication::{Means, Operator};
use directory::{Account, Person, Post};
use kernel::{OperatorId, PersonId};
use parts::{Part, STANDING, part};
use sea_orm::{ConnectionTrait, Value};

/// Everything that decides whether something may be issued to a person, read at one moment.
#[derive(Debug)]
pub struct Standing {
    pub person: Option<Person>,
    pub posts: Vec<Post>,
    pub accounts: Vec<Account>,
    /// What they verify by left out.
    pub means: Vec<Means>,
    pub operator: Option<Operator>,
    /// The restore epoch in force.
    pub epoch: u64,
}

/// What the choke point reads.
pub struct Standings<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> Standings<'_, C> {
    /// Reads, and holds the person's row until the act ends, so that a closing and an issue never cross (OP-09). The
    /// row is taken first: what is read then was committed before, or is read after.
    pub async fn lock(
        &self,
        person: PersonId,
        operator: Option<OperatorId>,
    ) -> Result<Standing, StoreError> {
        People(self.0).hold(person).await?;
        let operator = match operator {
            Some(operator) => Operators(self.0).find(operator).await?,
            None => None,
        };
        Ok(Standing { operator, ..self.read(person).await? })
    }

    /// Reads what stands now; nothing is issued on it that outlives the answer.
    pub async fn read(&self, person: PersonId) -> Result<Standing, StoreError> {
        let id = Value::from(person.uuid());
        let values = vec![id.clone(), id.clone(), id.clone(), id];
        let parts = self.0.rows(&STANDING, values, part).await.attempted("read who stands")?;
        standing(parts)
    }
}

fn standing(parts: Vec<Part>) -> Result<Standing, StoreError> {
    let (mut posts, mut accounts, mut means) = (Vec::new(), Vec::new(), Vec::new());
    let (mut person, mut epoch) = (None, 0);
    for part in parts {
        match part {
            Part::Person(row) => person = Some(people::read(*row)?),
            Part::Post(row) => posts.push(posts::read(row)?),
            Part::Account(row) => accounts.push(accounts::read(row)),
            Part::Means(row) => means.push(means::read(row)?),
            Part::Epoch(value) => epoch = value,
        }
    }
    // As they were made: ids are drawn in the order of time.
    posts.sort_by_key(|post: &Post| post.id);
    accounts.sort_by_key(|account: &Account| account.id);
    let epoch = u64::try_from(epoch).unwrap_or(0);
    Ok(Standing { person, posts, accounts, means, operator: None, epoch })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counter;
    use crate::testing::{TestStore, on_each};
    use audit::AuditEvent;
    use authentication::{EnrolmentProof, Holder, MeansKind, MeansStatus};
    use directory::{Closing, PersonState};
    use identity::{
        AccountFields, BirthPlace, ExternalKey, Names, PostFields, ProfessionCode, Sex,
    };
    use kernel::{AccountId, ActorId, Clock, MeansId, PostId, SeededRandomness, SourceId};
    use std::sync::Mutex;
    use tokio::sync::Notify;

    async fn somebody(test: &TestStore, seed: u64) -> Person {
        let person = Person {
            id: PersonId::new(&*test.clock, &SeededRandomness::new(seed)),
            state: PersonState::Active,
            names: Names { birth_family: Some("Petit".to_owned()), ..Names::default() },
            sex: None,
            birth_date: None,
            birth_place: BirthPlace::default(),
            mail: None,
            declared_rpps: None,
            closing: None,
            created_at: test.clock.now(),
            version: 1,
        };
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        tx.commit(said(&person)).await.expect("commit");
        person
    }

    /// Everything of a person filled, or as empty as it can be.
    async fn of_hers(test: &TestStore, person: &Person, full: bool) {
        let (clock, now) = (&*test.clock, test.clock.now());
        let chance = SeededRandomness::new(if full { 2 } else { 3 });
        let word = |word: &str| full.then(|| word.to_owned());
        let source = SourceId::new(clock, &chance);
        let day = full.then(|| now.date_naive());
        let fields = PostFields {
            matricule: "004217".parse().expect("matricule"),
            finess_ej: full.then(|| "990000010".parse().expect("FINESS")),
            finess_et: full.then(|| "990000028".parse().expect("FINESS")),
            unit_code: word("2314"),
            unit_label: word("Cardiologie"),
            function_label: word("Praticien hospitalier"),
            profession: full.then(|| ProfessionCode("10".to_owned())),
            contract_kind: word("titulaire"),
            starts_on: day,
            ends_on: day,
        };
        let post = |id| Post { id, person: person.id, source, fields: fields.clone() };
        let account = |id, key: &str| Account {
            id,
            source,
            external_key: ExternalKey(key.to_owned()),
            person: Some(person.id),
            fields: AccountFields {
                login: key.to_owned(),
                upn: word("lpetit@hopital.test"),
                distinguished_name: format!("CN={key}"),
                enabled: full,
                deleted: !full,
                expires_at: full.then_some(now),
                must_change_password: full,
            },
            mail: word("l.petit@hopital.test"),
            first_seen: now,
        };
        let means = Means {
            id: MeansId::new(clock, &chance),
            kind: MeansKind::Fido2,
            status: MeansStatus::Active,
            holder: Some(Holder::Person(person.id)),
            label: "clé".to_owned(),
            serial: word("42"),
            enrolment: full.then_some(EnrolmentProof::FirstAdministrator),
            verifier: None,
            issued_at: now,
            activated_at: full.then_some(now),
            expires_at: full.then_some(now),
            last_used_at: full.then_some(now),
            version: 7,
        };
        let tx = test.store.begin().await.expect("begin");
        let posts = [post(PostId::new(clock, &chance)), post(PostId::new(clock, &chance))];
        tx.posts().insert_all(&posts).await.expect("posts");
        let (first, second) = (AccountId::new(clock, &chance), AccountId::new(clock, &chance));
        let accounts = [account(first, &format!("a{full}")), account(second, &format!("b{full}"))];
        tx.accounts().insert_all(&accounts).await.expect("accounts");
        tx.means().insert(&means).await.expect("means");
        tx.counters().raise(Counter::RestoreEpoch).await.expect("epoch");
        let mut whole = person.clone();
        if full {
            whole.names.usage_family = word("Martin");
            whole.names.given = word("Lucie");
            whole.names.usual_given = word("Lu");
            whole.sex = Some(Sex::Female);
            whole.birth_date = day;
            whole.birth_place = BirthPlace { insee_code: word("75056"), label: word("Paris") };
            whole.mail = word("lucie@hopital.test");
            whole.declared_rpps = Some("10000000018".parse().expect("RPPS"));
            whole.closing = Some(Closing { at: now, motive: "fin".to_owned() });
        }
        tx.people().save(&whole).await.expect("person");
        tx.commit(said(person)).await.expect("commit");
    }

    #[tokio::test]
    async fn one_read_tells_what_each_table_tells() {
        on_each(async |test: TestStore| {
            for full in [false, true] {
                let person = somebody(&test, if full { 10 } else { 11 }).await;
                let reader = test.store.read();
                let bare = reader.standings().read(person.id).await.expect("read");
                assert_eq!(bare.person.as_ref(), Some(&person));
                assert!(bare.posts.is_empty() && bare.accounts.is_empty() && bare.means.is_empty());
                of_hers(&test, &person, full).await;
                let told = reader.standings().read(person.id).await.expect("read");
                assert_eq!(told.person, reader.people().find(person.id).await.expect("person"));
                assert_eq!(told.posts, reader.posts().of(person.id).await.expect("posts"));
                assert_eq!(told.accounts, reader.accounts().of(person.id).await.expect("accounts"));
                assert_eq!((told.posts.len(), told.accounts.len()), (2, 2));
                let means = reader.means().of(person.id).await.expect("means");
                assert_eq!(format!("{:?}", told.means), format!("{means:?}"));
                assert_eq!((told.means.len(), told.epoch), (1, if full { 2 } else { 1 }));
            }
            let chance = SeededRandomness::new(99);
            let nobody = PersonId::new(&*test.clock, &chance);
            let told = test.store.read().standings().read(nobody).await.expect("read");
            assert!(told.person.is_none() && told.operator.is_none());
            assert_eq!(told.epoch, 2, "the epoch is everybody's");
        })
        .await;
    }

    fn said(person: &Person) -> AuditEvent {
        AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None }
    }

    /// Whoever holds the person's row makes many round trips before its end, and the other has begun meanwhile: a
    /// lock that does not hold would let the other through in between.
    const ROUND_TRIPS: usize = 50;

    #[tokio::test]
    async fn op_09_who_issues_first_is_waited_for_and_who_closes_first_is_seen() {
        for closes_first in [false, true] {
            on_each(async |test: TestStore| {
                let person = somebody(&test, 1).await;
                let (held, order) = (Notify::new(), Mutex::new(Vec::new()));
                let tell = |word: &'static str| order.lock().expect("order").push(word);
                let linger = async |tx: &crate::Transaction| {
                    held.notify_one();
                    for _ in 0..ROUND_TRIPS {
                        tx.people().find(person.id).await.expect("read");
                    }
                };
                let issue = async {
                    if closes_first {
                        held.notified().await;
                    }
                    let tx = test.store.begin().await.expect("begin");
                    let standing = tx.standings().lock(person.id, None).await.expect("lock");
                    let state = standing.person.expect("person").state;
                    tell(if state == PersonState::Active {
                        "issue: active"
                    } else {
                        "issue: closed"
                    });
                    if !closes_first {
                        linger(&tx).await;
                        tell("issue: done");
                    }
                    tx.commit(said(&person)).await.expect("commit");
                };
                let close = async {
                    if !closes_first {
                        held.notified().await;
                    }
                    let tx = test.store.begin().await.expect("begin");
                    let mut read =
                        tx.people().lock(person.id).await.expect("lock").expect("person");
                    tell("close: held");
                    read.state = PersonState::Closed;
                    tx.people().save(&read).await.expect("save");
                    if closes_first {
                        linger(&tx).await;
                        tell("close: done");
                    }
                    tx.commit(said(&person)).await.expect("commit");
                };
                tokio::join!(issue, close);
                let expected = match closes_first {
                    false => vec!["issue: active", "issue: done", "close: held"],
                    true => vec!["close: held", "close: done", "issue: closed"],
                };
                assert_eq!(*order.lock().expect("order"), expected);
            })
            .await;
        }
    }
}

//! Two records that are one person, on proof; and the way back. Everything that a source, a human or the register said
//! of the one goes to the other. A key does not: it names its holder itself, so the record with the key is the one to
//! keep. No link is made here: one that is there moves, and two are refused.
use crate::accords::Begun;
use crate::sync::{SyncError, declared::Aliases};
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use authentication::{Means, MeansKind, MeansStatus};
use directory::{Closing, NationalIdentity, Person, PersonState, Post};
use kernel::{Actor, Capability, CaseId, MeansId, MergeId, PersonId, Rpps, SourceId};
use sessions::CloseReason;
use std::collections::BTreeSet;
use store::{Counter, Merge, Moved, StoreError, Transaction};

#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error("nobody bears this id")]
    Unknown(PersonId),
    #[error("a person is not merged with herself")]
    Same,
    #[error("the record that stays is closed")]
    Closed(PersonId),
    /// A suspension or a planned closing is lifted or done by who may, before.
    #[error("this record is not active")]
    NotActive(PersonId),
    /// Two births, two sexes or no name in common: an identity document alone says that they are one, and no means
    /// passes from one to the other.
    #[error("the two records contradict each other")]
    Contradicts,
    /// What was linked while they were one belongs to one of the two: it is taken back first.
    #[error("a national identity was linked since the merge")]
    LinkedSince,
    /// A means enrolled while they were one is of one of the two, and nobody can tell which: it is revoked first.
    #[error("a means was enrolled since the merge")]
    MeansSince,
    /// What the database says that moved is not what was written.
    #[error("what this merge moved was altered")]
    Altered(MergeId),
    /// A number of the register is at stake: it waits for somebody else.
    #[error("a second person is needed")]
    TwoPeople,
    #[error("another record took this one in before")]
    Absorbed(PersonId),
    /// A person has one RPPS: one of the two is wrong, and is taken back or corrected first.
    #[error("the two records bear different RPPS numbers")]
    TwoNumbers,
    #[error("both have an active {}", .0.name())]
    TwoMeans(MeansKind),
    #[error("the record that would go has an active key, which names its holder")]
    Key,
    #[error("an operator's account names its person itself")]
    Operator(PersonId),
    #[error("a motive is needed")]
    NoMotive,
    #[error("no merge bears this id")]
    UnknownMerge(MergeId),
    #[error("this merge was undone before")]
    Undone(MergeId),
    /// The record that stays was merged again since: that one is undone first.
    #[error("a later merge stands on this one")]
    NotTheLast(MergeId),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why two records are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeEvidence {
    /// An identity document, beside both records.
    IdentityDocument,
    /// HR says that both files are hers.
    HrFile,
    /// She showed one card, or one key, for both.
    ProfessionalCard,
}

impl MergeEvidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityDocument => "identity_document",
            Self::HrFile => "hr_file",
            Self::ProfessionalCard => "professional_card",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::IdentityDocument, Self::HrFile, Self::ProfessionalCard]
            .into_iter()
            .find(|evidence| evidence.name() == name)
    }
}

/// What is to become one.
pub struct MergePeople {
    /// The record that stays.
    pub kept: PersonId,
    /// The record whose posts, accounts, links and questions go to the other.
    pub absorbed: PersonId,
    pub evidence: MergeEvidence,
    pub motive: String,
}

impl Workflows {
    /// Where one of the two bears a number of the register, a second person is needed (`TwoPeople`).
    pub async fn merge_people(
        &self,
        actor: &Actor,
        wish: MergePeople,
    ) -> Result<Merge, MergeError> {
        self.may_merge(actor).await?;
        self.merge_in(Begun::alone(self.store().begin().await?), actor, wish).await
    }

    /// The same, by those whom it takes.
    pub(crate) async fn merge_in(
        &self,
        begun: Begun,
        actor: &Actor,
        wish: MergePeople,
    ) -> Result<Merge, MergeError> {
        let motive = wish.motive.trim();
        if motive.is_empty() {
            return Err(MergeError::NoMotive);
        }
        let tx = &begun.tx;
        let (mut kept, mut absorbed) = self.both(tx, wish.kept, wish.absorbed).await?;
        let means = self.may_be_one(tx, &kept, &absorbed).await?;
        let documented = wish.evidence == MergeEvidence::IdentityDocument;
        if contradict(&kept, &absorbed) && !(documented && means.is_empty()) {
            return Err(MergeError::Contradicts);
        }
        let links = tx.national_identities().of_all(&[kept.id, absorbed.id]).await?;
        if !begun.is_agreed() && links.iter().any(|link| link.id_nat.rpps().is_some()) {
            return Err(MergeError::TwoPeople);
        }
        let mut moved = tx.merges().give_all(absorbed.id, kept.id, &means).await?;
        give_row(&mut moved, &mut kept, &mut absorbed);
        absorbed.state = PersonState::Closed;
        absorbed.closing = Some(Closing { at: self.now(), motive: "Fiches réunies".to_owned() });
        let id = self.id();
        moved.numbers = links.iter().map(|link| link.id_nat.to_string()).collect();
        moved.owned = self.answered_for(tx, absorbed.id, kept.id).await?;
        moved.seal = self.seal_of(&moved, id, kept.id, absorbed.id);
        let merge = Merge {
            id,
            kept: kept.id,
            absorbed: absorbed.id,
            merged_at: self.now(),
            merged_by: actor.id(),
            evidence: wish.evidence.name().to_owned(),
            motive: motive.to_owned(),
            moved,
            undone_at: None,
        };
        tx.merges().insert(&merge).await?;
        tx.people().save(&absorbed).await?;
        tx.people().save(&kept).await?;
        let mut ended = self.end_both(tx, actor, &merge).await?;
        let cases: Vec<CaseId> = merge.moved.cases.iter().map(|id| (*id).into()).collect();
        ended.extend(self.end_accords_about(tx, &actor.id(), &cases).await?);
        let owned: Vec<_> = merge.moved.owned.iter().map(|(client, _)| (*client, false)).collect();
        ended.extend(self.give_owned(tx, actor, &owned, (absorbed.id, kept.id)).await?);
        begun.commit(self.merge_events(actor, &merge, ended)).await?;
        Ok(merge)
    }

    /// Undoes a merge: what moved and is still there goes back, and the absorbed record is what it was.
    pub async fn split_people(
        &self,
        actor: &Actor,
        id: MergeId,
        motive: &str,
    ) -> Result<Merge, MergeError> {
        self.may_merge(actor).await?;
        let motive = motive.trim();
        if motive.is_empty() {
            return Err(MergeError::NoMotive);
        }
        let known = self.store().read().merges().find(id).await?;
        let known = known.ok_or(MergeError::UnknownMerge(id))?;
        let tx = self.store().begin().await?;
        let (mut kept, mut absorbed) = self.both(&tx, known.kept, known.absorbed).await?;
        let merge = tx.merges().find(id).await?.ok_or(MergeError::UnknownMerge(id))?;
        if merge.undone_at.is_some() {
            return Err(MergeError::Undone(id));
        }
        let last = tx.merges().of(kept.id).await?.into_iter().next();
        if last.is_some_and(|last| last.id != id) {
            return Err(MergeError::NotTheLast(id));
        }
        self.may_be_two(&tx, &merge).await?;
        if !tx.merges().undo(id, &actor.id(), self.now()).await? {
            return Err(MergeError::Undone(id));
        }
        let back = tx.national_identities().of(kept.id).await?;
        tx.merges().give_back(&merge.moved, kept.id, absorbed.id).await?;
        self.sort_posts(&tx, &merge).await?;
        take_row_back(&merge, &mut kept, &mut absorbed)?;
        tx.people().save(&absorbed).await?;
        tx.people().save(&kept).await?;
        let mut ended = self.end_both(&tx, actor, &merge).await?;
        let cases: Vec<CaseId> = merge.moved.cases.iter().map(|id| (*id).into()).collect();
        ended.extend(self.end_accords_about(&tx, &actor.id(), &cases).await?);
        let owned = &merge.moved.owned;
        ended.extend(self.give_owned(&tx, actor, owned, (kept.id, absorbed.id)).await?);
        tx.commit(self.split_events(actor, &merge, &back, motive, ended)).await?;
        Ok(merge)
    }

    /// Whether nothing happened to the two as one that belongs to one of them, and what moved is what was written.
    async fn may_be_two(&self, tx: &Transaction, merge: &Merge) -> Result<(), MergeError> {
        let moved = &merge.moved;
        if moved.seal != self.seal_of(moved, merge.id, merge.kept, merge.absorbed) {
            return Err(MergeError::Altered(merge.id));
        }
        let links = tx.national_identities().of(merge.kept).await?;
        // Verified again, or proved by a card since, a number of before is no new one.
        let known = |link: &NationalIdentity| moved.numbers.contains(&link.id_nat.to_string());
        if !links.iter().all(known) {
            return Err(MergeError::LinkedSince);
        }
        let over = [MeansStatus::Revoked, MeansStatus::Expired];
        let means = tx.means().of(merge.kept).await?;
        if means.iter().any(|one| {
            // A card follows its number, and names its holder itself.
            one.kind != MeansKind::CpsCard
                && one.issued_at >= merge.merged_at
                && !over.contains(&one.standing(self.now()))
                && !moved.means.contains(&one.id.uuid())
        }) {
            return Err(MergeError::MeansSince);
        }
        Ok(())
    }

    /// Whether nothing of the two contradicts; the means that go along.
    async fn may_be_one(
        &self,
        tx: &Transaction,
        kept: &Person,
        absorbed: &Person,
    ) -> Result<Vec<MeansId>, MergeError> {
        if kept.state_at(self.now()) == PersonState::Closed {
            return Err(MergeError::Closed(kept.id));
        }
        let before = tx.merges().of(absorbed.id).await?;
        if before.iter().any(|merge| merge.absorbed == absorbed.id) {
            return Err(MergeError::Absorbed(absorbed.id));
        }
        if tx.merges().of(kept.id).await?.iter().any(|merge| merge.absorbed == kept.id) {
            return Err(MergeError::Absorbed(kept.id));
        }
        for person in [kept, absorbed] {
            if person.state_at(self.now()) != PersonState::Active || person.closing.is_some() {
                return Err(MergeError::NotActive(person.id));
            }
        }
        // A number that the register merged into another is that other one.
        let aliases = Aliases::read(self).await?;
        let current = |rpps: Rpps| aliases.now(&rpps).unwrap_or(rpps);
        let mut numbers = BTreeSet::new();
        for person in [kept, absorbed] {
            if tx.operators().of(person.id).await?.is_some() {
                return Err(MergeError::Operator(person.id));
            }
            let links = tx.national_identities().of(person.id).await?;
            numbers.extend(links.iter().filter_map(|link| link.id_nat.rpps()).map(current));
            numbers.extend(person.declared_rpps.clone().map(current));
        }
        if numbers.len() > 1 {
            return Err(MergeError::TwoNumbers);
        }
        let active = |means: &Means| {
            !matches!(means.standing(self.now()), MeansStatus::Revoked | MeansStatus::Expired)
        };
        let held: Vec<MeansKind> = tx
            .means()
            .of(kept.id)
            .await?
            .iter()
            .filter(|one| active(one))
            .map(|one| one.kind)
            .collect();
        let mut along = Vec::new();
        for means in tx.means().of(absorbed.id).await?.iter().filter(|one| active(one)) {
            match means.kind {
                MeansKind::Fido2 => return Err(MergeError::Key),
                kind if kind != MeansKind::CpsCard && held.contains(&kind) => {
                    return Err(MergeError::TwoMeans(kind));
                }
                _ => along.push(means.id),
            }
        }
        Ok(along)
    }

    /// The right to it, before anything is confirmed.
    pub async fn may_merge(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::DecideCases, "merge_people").await
    }

    /// Both rows, held until the act ends; always taken in the same order, so that two such acts never wait for each
    /// other.
    async fn both(
        &self,
        tx: &Transaction,
        one: PersonId,
        other: PersonId,
    ) -> Result<(Person, Person), MergeError> {
        if one == other {
            return Err(MergeError::Same);
        }
        let (first, second) = (one.min(other), one.max(other));
        let first = tx.people().lock(first).await?.ok_or(MergeError::Unknown(first))?;
        let second = tx.people().lock(second).await?.ok_or(MergeError::Unknown(second))?;
        Ok(if first.id == one { (first, second) } else { (second, first) })
    }

    /// Who is who has changed: nobody stays logged in as one of them.
    async fn end_both(
        &self,
        tx: &Transaction,
        actor: &Actor,
        merge: &Merge,
    ) -> Result<Vec<AuditEvent>, MergeError> {
        tx.counters().raise(Counter::Directory).await?;
        let (by, reason) = (actor.id(), CloseReason::EndedByOperator);
        let mut ended = self.close_sessions_of(tx, &by, merge.kept, reason).await?;
        ended.extend(self.close_sessions_of(tx, &by, merge.absorbed, reason).await?);
        Ok(ended)
    }

    /// A source that was read since the merge wrote its posts anew, or wrote the first ones: each goes to whom its record
    /// is about. Posts that say what the records say stay as they are.
    async fn sort_posts(&self, tx: &Transaction, merge: &Merge) -> Result<(), MergeError> {
        let sources: BTreeSet<SourceId> =
            merge.moved.records.iter().map(|(source, _)| (*source).into()).collect();
        for person in [merge.kept, merge.absorbed] {
            let records = tx.records().about(person).await?;
            let held = tx.posts().of(person).await?;
            for source in &sources {
                let of_source = records.iter().filter(|record| record.source == *source);
                let told: Vec<_> =
                    of_source.flat_map(|record| &record.identity.posts).cloned().collect();
                let written = held.iter().filter(|post| post.source == *source);
                let mut left: Vec<_> = written.map(|post| &post.fields).collect();
                let same = told.iter().all(|fields| {
                    let at = left.iter().position(|held| *held == fields);
                    at.map(|at| left.swap_remove(at)).is_some()
                });
                if same && left.is_empty() {
                    continue;
                }
                let posts: Vec<Post> = told
                    .iter()
                    .map(|fields| Post {
                        id: self.id(),
                        person,
                        source: *source,
                        fields: fields.clone(),
                    })
                    .collect();
                tx.posts().replace(person, *source, &posts).await?;
            }
        }
        Ok(())
    }
}

fn contradict(one: &Person, other: &Person) -> bool {
    let differ = one.birth_date.zip(other.birth_date).is_some_and(|(one, other)| one != other)
        || one.sex.zip(other.sex).is_some_and(|(one, other)| one != other);
    let words = |person: &Person| -> BTreeSet<String> {
        person.keys().search.split_whitespace().map(str::to_owned).collect()
    };
    differ || words(one).is_disjoint(&words(other))
}

/// What the row itself bears: nothing is left to find the absorbed record by, and the other takes what it had not.
fn give_row(moved: &mut Moved, kept: &mut Person, absorbed: &mut Person) {
    moved.state = absorbed.state.name().to_owned();
    if let Some(closing) = &absorbed.closing {
        (moved.closed_at, moved.close_motive) = (Some(closing.at), Some(closing.motive.clone()));
    }
    let (mail, number) = (absorbed.mail.take(), absorbed.declared_rpps.take());
    (moved.mail, moved.declared_rpps) = (mail.clone(), number.as_ref().map(ToString::to_string));
    if kept.mail.is_none() && mail.is_some() {
        (kept.mail, moved.mail_given) = (mail, true);
    }
    if kept.declared_rpps.is_none() && number.is_some() {
        (kept.declared_rpps, moved.rpps_given) = (number, true);
    }
}

fn take_row_back(
    merge: &Merge,
    kept: &mut Person,
    absorbed: &mut Person,
) -> Result<(), StoreError> {
    let moved = &merge.moved;
    let bad = || StoreError::Corrupt {
        table: "person_merge",
        row: merge.id.to_string(),
        column: "moved",
    };
    let number = moved.declared_rpps.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    absorbed.state = PersonState::from_name(&moved.state).ok_or_else(bad)?;
    let motive = moved.close_motive.clone().unwrap_or_default();
    absorbed.closing = moved.closed_at.map(|at| Closing { at, motive });
    if moved.mail_given && kept.mail == moved.mail {
        kept.mail = None;
    }
    if moved.rpps_given && kept.declared_rpps == number {
        kept.declared_rpps = None;
    }
    absorbed.mail.clone_from(&moved.mail);
    absorbed.declared_rpps = number;
    Ok(())
}

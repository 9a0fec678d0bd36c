//! Acts of the console that wait for a second person (console, section 4.3: level 4).
use crate::StoreError;
use crate::entity::accord;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{AccordId, CaseId, MeansId, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

/// An act that somebody asked for and that somebody else may let happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accord {
    pub id: AccordId,
    /// The kind of act.
    pub act: String,
    /// All that the act needs, as its workflow wrote it.
    pub payload: String,
    pub asked_by: PersonId,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub answered_by: Option<PersonId>,
    pub answered_at: Option<DateTime<Utc>>,
    pub given: bool,
    /// The question that it answers: one waits at a time.
    pub case: Option<CaseId>,
    /// What whoever asks was proved by: whoever gives is proved by another.
    pub asked_with: Option<MeansId>,
}

impl Accord {
    pub fn waits(&self, now: DateTime<Utc>) -> bool {
        self.answered_at.is_none() && now < self.expires_at
    }
}

pub struct Accords<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Accords<'_, C> {
    pub async fn find(&self, id: AccordId) -> Result<Option<Accord>, StoreError> {
        let row = accord::Entity::find_by_id(id.uuid());
        Ok(row.one(self.0).await.attempted("read an accord")?.map(read))
    }

    /// Those of these acts that wait for an answer, at most so many, and how many there are. Acts of the second list come
    /// after those of the first; then those that end first.
    pub async fn waiting(
        &self,
        (soon, late): (&[&str], &[&str]),
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Accord>, u64), StoreError> {
        let found = accord::Entity::find()
            .filter(accord::Column::Act.is_in(soon.iter().chain(late).copied()))
            .filter(accord::Column::AnsweredAt.is_null())
            .filter(accord::Column::ExpiresAt.gt(now));
        let total = found.clone().count(self.0).await.attempted("count accords")?;
        let is_late = accord::Column::Act.is_in(late.iter().copied());
        let comes_late: Expr = Expr::case(is_late, 1).finally(0).into();
        let rows = found
            .order_by_asc(comes_late)
            .order_by_asc(accord::Column::ExpiresAt)
            .order_by_asc(accord::Column::Id)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read accords")?;
        Ok((rows.into_iter().map(read).collect(), total))
    }

    /// What waits for an answer about this question.
    pub async fn waiting_about(
        &self,
        case: CaseId,
        now: DateTime<Utc>,
    ) -> Result<Option<Accord>, StoreError> {
        let row = accord::Entity::find()
            .filter(accord::Column::CaseId.eq(case.uuid()))
            .filter(accord::Column::AnsweredAt.is_null())
            .filter(accord::Column::ExpiresAt.gt(now));
        Ok(row.one(self.0).await.attempted("read the accord of a question")?.map(read))
    }

    /// Ends what waits about these questions, without effect; what it was. What is too old already ends too, untold.
    pub async fn end_about(
        &self,
        cases: &[CaseId],
        by: Option<PersonId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Accord>, StoreError> {
        let ids = || cases.iter().map(|case| case.uuid());
        let rows = accord::Entity::find()
            .filter(accord::Column::CaseId.is_in(ids()))
            .filter(accord::Column::AnsweredAt.is_null())
            .order_by_asc(accord::Column::Id)
            .all(self.0)
            .await
            .attempted("read the accords of questions")?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        accord::Entity::update_many()
            .col_expr(accord::Column::AnsweredBy, Expr::value(by.map(PersonId::uuid)))
            .col_expr(accord::Column::AnsweredAt, Expr::value(now))
            .filter(accord::Column::CaseId.is_in(ids()))
            .filter(accord::Column::AnsweredAt.is_null())
            .exec(self.0)
            .await
            .attempted("end the accords of questions")?;
        Ok(rows.into_iter().map(read).filter(|accord| accord.waits(now)).collect())
    }

    /// `Conflict`: another waits about the same question.
    pub async fn ask(&self, accord: &Accord) -> Result<(), StoreError> {
        if let Some(case) = accord.case {
            accord::Entity::update_many()
                .col_expr(accord::Column::AnsweredAt, Expr::value(accord.asked_at))
                .filter(accord::Column::CaseId.eq(case.uuid()))
                .filter(accord::Column::AnsweredAt.is_null())
                .filter(accord::Column::ExpiresAt.lte(accord.asked_at))
                .exec(self.0)
                .await
                .attempted("end an accord that is too old")?;
        }
        let row = accord::Model {
            id: accord.id.uuid(),
            act: accord.act.clone(),
            payload: accord.payload.clone(),
            asked_by: accord.asked_by.uuid(),
            asked_at: accord.asked_at,
            expires_at: accord.expires_at,
            answered_by: accord.answered_by.map(|person| person.uuid()),
            answered_at: accord.answered_at,
            given: accord.given,
            case_id: accord.case.map(|case| case.uuid()),
            asked_with: accord.asked_with.map(|means| means.uuid()),
        };
        accord::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("ask for an accord")?;
        Ok(())
    }

    /// One answer, the first; false: somebody answered before, or it is too late.
    pub async fn answer(
        &self,
        id: AccordId,
        by: PersonId,
        given: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let answered = accord::Entity::update_many()
            .col_expr(accord::Column::AnsweredBy, Expr::value(by.uuid()))
            .col_expr(accord::Column::AnsweredAt, Expr::value(now))
            .col_expr(accord::Column::Given, Expr::value(given))
            .filter(accord::Column::Id.eq(id.uuid()))
            .filter(accord::Column::AnsweredAt.is_null())
            .filter(accord::Column::ExpiresAt.gt(now))
            .exec(self.0)
            .await
            .attempted("answer an accord")?;
        Ok(answered.rows_affected == 1)
    }
}

fn read(row: accord::Model) -> Accord {
    Accord {
        id: row.id.into(),
        act: row.act,
        payload: row.payload,
        asked_by: row.asked_by.into(),
        asked_at: row.asked_at,
        expires_at: row.expires_at,
        answered_by: row.answered_by.map(Into::into),
        answered_at: row.answered_at,
        given: row.given,
        case: row.case_id.map(Into::into),
        asked_with: row.asked_with.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestStore, on_each};
    use audit::AuditEvent;
    use chrono::Duration;
    use kernel::{ActorId, Clock};

    fn accord(test: &TestStore, number: u128, act: &str, asked_by: PersonId) -> Accord {
        let now = test.clock.now();
        let lasts = if act == "late" { Duration::hours(24) } else { Duration::minutes(15) };
        Accord {
            id: kernel::Uuid::from_u128(number).into(),
            act: act.to_owned(),
            payload: "{}".to_owned(),
            asked_by,
            asked_at: now,
            expires_at: now + lasts,
            answered_by: None,
            answered_at: None,
            given: false,
            case: None,
            asked_with: None,
        }
    }

    async fn ask(test: &TestStore, accord: &Accord) -> Result<(), StoreError> {
        let tx = test.store.begin().await.expect("begun");
        tx.accords().ask(accord).await?;
        let person = accord.asked_by;
        tx.commit(AuditEvent::PersonRead { by: ActorId::Nobody, person }).await
    }

    #[tokio::test]
    async fn one_accord_waits_about_a_question_until_it_is_answered_ended_or_too_old() {
        on_each(async |test: TestStore| {
            let asker = test.somebody(1).await;
            let case: CaseId = kernel::Uuid::from_u128(77).into();
            let about =
                |number| Accord { case: Some(case), ..accord(&test, number, "late", asker) };
            ask(&test, &about(1)).await.expect("the first");
            let second = ask(&test, &about(2)).await;
            assert!(matches!(second, Err(StoreError::Conflict(_))), "{second:?}");
            let waiting = async || {
                let reader = test.store.read();
                let found = reader.accords().waiting_about(case, test.clock.now()).await;
                found.expect("read").map(|accord| accord.id.uuid().as_u128())
            };
            assert_eq!(waiting().await, Some(1));
            let tx = test.store.begin().await.expect("begun");
            let now = test.clock.now();
            let ended = tx.accords().end_about(&[case], Some(asker), now).await.expect("ended");
            assert_eq!(ended.len(), 1);
            let none = tx.accords().end_about(&[case], None, now).await.expect("ended");
            assert_eq!(none, [], "told once");
            let event = AuditEvent::PersonRead { by: ActorId::Nobody, person: asker };
            tx.commit(event).await.expect("committed");
            assert_eq!(waiting().await, None);
            ask(&test, &about(3)).await.expect("asked anew");
            test.clock.advance(Duration::hours(24));
            assert_eq!(waiting().await, None, "too old");
            ask(&test, &about(4)).await.expect("in the place of the one that is too old");
            assert_eq!(waiting().await, Some(4));
        })
        .await;
    }

    #[tokio::test]
    async fn short_lived_accords_come_first_and_those_that_are_not_listed_are_counted() {
        on_each(async |test: TestStore| {
            let asker = test.somebody(1).await;
            for number in 1..=4 {
                ask(&test, &accord(&test, number, "late", asker)).await.expect("asked");
            }
            // Ten minutes before those of a day end, one of a quarter of an hour is asked.
            test.clock.advance(Duration::minutes(23 * 60 + 50));
            ask(&test, &accord(&test, 5, "soon", asker)).await.expect("asked");
            ask(&test, &accord(&test, 6, "hidden", asker)).await.expect("asked");
            let reader = test.store.read();
            let now = test.clock.now();
            let (first, total) =
                reader.accords().waiting((&["soon"], &["late"]), 3, now).await.expect("read");
            let listed: Vec<u128> = first.iter().map(|one| one.id.uuid().as_u128()).collect();
            assert_eq!((listed, total), (vec![5, 1, 2], 5));
            let (none, total) = reader.accords().waiting((&[], &[]), 3, now).await.expect("read");
            assert_eq!((none, total), (Vec::new(), 0));
        })
        .await;
    }
}

use super::{RECHECK_DAYS, source_ids};
use crate::entity::{account, means, national_identity, person, post};
use authentication::MeansKind;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use directory::{Person, PersonState, Post, PostState};
use kernel::{PersonId, SourceId};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// The state that lists show: a person whose first post is still to come is not yet active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Active,
    Coming,
    Suspended,
    Closed,
}

impl Standing {
    pub const ALL: [Self; 4] = [Self::Active, Self::Coming, Self::Suspended, Self::Closed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Coming => "coming",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
    pub fn of(person: &Person, posts: &[Post], today: NaiveDate) -> Self {
        let any = |state| posts.iter().any(|post| post.state(today) == state);
        match person.state {
            PersonState::Suspended => Self::Suspended,
            PersonState::Closed => Self::Closed,
            PersonState::Active if any(PostState::Planned) && !any(PostState::Current) => {
                Self::Coming
            }
            PersonState::Active => Self::Active,
        }
    }
}

/// Where a person stands with the national register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityStanding {
    Verified,
    ToRecheck,
    ToDecide,
    Declared,
    Missing,
    NotApplicable,
}

impl IdentityStanding {
    pub const ALL: [Self; 6] = [
        Self::Verified,
        Self::ToRecheck,
        Self::ToDecide,
        Self::Declared,
        Self::Missing,
        Self::NotApplicable,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::ToRecheck => "to_recheck",
            Self::ToDecide => "to_decide",
            Self::Declared => "declared",
            Self::Missing => "missing",
            Self::NotApplicable => "not_applicable",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// What the list is narrowed to. Values of one field add up; fields narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFilter {
    pub today: NaiveDate,
    /// As it was typed: names in any order, a matricule, an RPPS, a login.
    pub text: Option<String>,
    pub standings: Vec<Standing>,
    pub units: Vec<String>,
    pub sites: Vec<String>,
    pub functions: Vec<String>,
    /// Legal entities, by FINESS number.
    pub entities: Vec<String>,
    /// Kinds of contract, as HR calls them.
    pub contracts: Vec<String>,
    pub identities: Vec<IdentityStanding>,
    /// `None` inside: no active means at all.
    pub means: Vec<Option<MeansKind>>,
    pub sources: Vec<SourceId>,
    /// The last post ends between today and then.
    pub contract_ends_by: Option<NaiveDate>,
    /// No post any more, and an account that still opens.
    pub account_over: bool,
    /// Here since before then, and no login since.
    pub dormant_since: Option<DateTime<Utc>>,
    /// These alone; nobody but them when given.
    pub ids: Option<Vec<PersonId>>,
}

impl PeopleFilter {
    /// Everybody.
    pub fn everybody(today: NaiveDate) -> Self {
        Self {
            today,
            text: None,
            standings: Vec::new(),
            units: Vec::new(),
            sites: Vec::new(),
            functions: Vec::new(),
            entities: Vec::new(),
            contracts: Vec::new(),
            identities: Vec::new(),
            means: Vec::new(),
            sources: Vec::new(),
            contract_ends_by: None,
            account_over: false,
            dormant_since: None,
            ids: None,
        }
    }

    pub(crate) fn condition(&self) -> Condition {
        let today = self.today;
        let mut all = Condition::all();
        if let Some(text) = self.text.as_deref() {
            for word in text.split_whitespace().take(8) {
                all = all.add(word_matches(word));
            }
        }
        let of_post = |column: post::Column, values: &[String]| {
            let chosen =
                posts(Condition::all().add(column.is_in(values.to_vec())).add(not_over(today)));
            Condition::all().add(person::Column::Id.in_subquery(chosen))
        };
        for (column, values) in [
            (post::Column::UnitCode, &self.units),
            (post::Column::FinessEt, &self.sites),
            (post::Column::FunctionLabel, &self.functions),
            (post::Column::FinessEj, &self.entities),
            (post::Column::ContractKind, &self.contracts),
        ] {
            if !values.is_empty() {
                all = all.add(of_post(column, values));
            }
        }
        all = all.add_option(any_of(&self.standings, |standing| of_standing(*standing, today)));
        all = all.add_option(any_of(&self.identities, |identity| of_identity(*identity, today)));
        all = all.add_option(any_of(&self.means, |kind| of_means(*kind)));
        all = all.add_option(any_of(&self.sources, |source| of_source(*source)));
        if let Some(by) = self.contract_ends_by {
            all = all.add(contract_ends_by(by, today));
        }
        if self.account_over {
            all = all.add(account_over(today));
        }
        if let Some(since) = self.dormant_since {
            all = all.add(dormant(since));
        }
        if let Some(ids) = &self.ids {
            all = all.add(person::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        }
        all
    }
}

fn any_of<T>(values: &[T], condition: impl Fn(&T) -> Condition) -> Option<Condition> {
    let any = values.iter().fold(Condition::any(), |any, value| any.add(condition(value)));
    (!values.is_empty()).then_some(any)
}

/// A word is the beginning of a name, or a number or login whole. Asked of the indexes, once each, and put together:
/// alternatives asked of each person would read everybody.
fn word_matches(word: &str) -> Condition {
    let mut found = posts(Condition::all().add(post::Column::Matricule.eq(word)));
    let login = account::Entity::find()
        .select_only()
        .column(account::Column::PersonId)
        .filter(account::Column::LoginKey.eq(crate::login_key(word)))
        .filter(account::Column::PersonId.is_not_null())
        .into_query();
    found.union(UnionType::Distinct, login);
    // L’Hôte stands by Lhoste: without its apostrophe a name is one word.
    let whole = identity::names::name_key(word);
    if !whole.is_empty() {
        found.union(UnionType::Distinct, beginning_with(&whole));
    }
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    if digits && matches!(word.len(), 11 | 12) {
        let id_nat = if word.len() == 11 { format!("8{word}") } else { word.to_owned() };
        let declared = Query::select()
            .column(person::Column::Id)
            .from(person::Entity)
            .and_where(person::Column::DeclaredRpps.eq(&id_nat[1..]))
            .to_owned();
        found.union(UnionType::Distinct, declared);
        let linked = linked(Condition::all().add(national_identity::Column::IdNat.eq(id_nat)));
        found.union(UnionType::Distinct, linked);
    }
    let mut any = Condition::any().add(person::Column::Id.in_subquery(found));
    let names = identity::names::tokens(word);
    if names.len() > 1 {
        any = any.add(names.iter().fold(Condition::all(), |all, name| {
            all.add(person::Column::Id.in_subquery(beginning_with(name)))
        }));
    }
    any
}

/// Those who have a word that begins so.
fn beginning_with(name: &str) -> SelectStatement {
    let word = || Expr::col("word");
    Query::select()
        .column("person_id")
        .from("person_word")
        .and_where(word().gte(name))
        .and_where(word().lt(format!("{name}\u{10ffff}")))
        .to_owned()
}

fn posts(condition: Condition) -> SelectStatement {
    Query::select()
        .column(post::Column::PersonId)
        .from(post::Entity)
        .cond_where(condition)
        .to_owned()
}

fn linked(condition: Condition) -> SelectStatement {
    Query::select()
        .column(national_identity::Column::PersonId)
        .from(national_identity::Entity)
        .cond_where(condition.add(national_identity::Column::EndedAt.is_null()))
        .to_owned()
}

fn not_over(today: NaiveDate) -> Condition {
    Condition::any().add(post::Column::EndsOn.is_null()).add(post::Column::EndsOn.gte(today))
}

fn current(today: NaiveDate) -> Condition {
    let begun = Condition::any()
        .add(post::Column::StartsOn.is_null())
        .add(post::Column::StartsOn.lte(today));
    Condition::all().add(begun).add(not_over(today))
}

fn of_standing(standing: Standing, today: NaiveDate) -> Condition {
    let state = |state: PersonState| Condition::all().add(person::Column::State.eq(state.name()));
    let coming = Condition::all()
        .add(
            person::Column::Id
                .in_subquery(posts(Condition::all().add(post::Column::StartsOn.gt(today)))),
        )
        .add(person::Column::Id.not_in_subquery(posts(current(today))));
    match standing {
        Standing::Suspended => state(PersonState::Suspended),
        Standing::Closed => state(PersonState::Closed),
        Standing::Coming => state(PersonState::Active).add(coming),
        Standing::Active => state(PersonState::Active).add(coming.not()),
    }
}

/// Where each stands is kept with her ('1' and the day of the next check, or '2' to '5'): a range of an index. A regulated
/// post may have ended since it was written, which only a day tells.
fn of_identity(standing: IdentityStanding, today: NaiveDate) -> Condition {
    let listed = || Expr::col("listed_identity");
    let is = |standing: &str| Condition::all().add(listed().eq(standing));
    let recheck = format!("1{}", today + Days::new(RECHECK_DAYS));
    match standing {
        IdentityStanding::ToRecheck => {
            Condition::all().add(listed().gte("1")).add(listed().lte(recheck))
        }
        IdentityStanding::Verified => {
            Condition::all().add(listed().gt(recheck)).add(listed().lt("2"))
        }
        IdentityStanding::ToDecide => is("2"),
        IdentityStanding::Declared => is("3"),
        IdentityStanding::Missing => is("4").add(Expr::exists(regulated(today))),
        IdentityStanding::NotApplicable => {
            let no_more = is("4").add(Expr::exists(regulated(today)).not());
            Condition::any().add(is("5")).add(no_more)
        }
    }
}

/// A post of a regulated profession that is not over, of the person of the outer row: she is asked about one at a time,
/// so that a page stops at its last line and a count reads two indexes and no row.
fn regulated(today: NaiveDate) -> SelectStatement {
    let hers = Expr::col((post::Entity, post::Column::PersonId))
        .equals((person::Entity, person::Column::Id));
    let told = Condition::all().add(post::Column::Profession.is_not_null()).add(not_over(today));
    Query::select()
        .expr(Expr::val(1))
        .from(post::Entity)
        .and_where(hers)
        .cond_where(told)
        .to_owned()
}

fn of_means(kind: Option<MeansKind>) -> Condition {
    let active = |more: Condition| {
        Query::select()
            .column(means::Column::PersonId)
            .from(means::Entity)
            .cond_where(more.add(means::Column::Status.eq("active")))
            .to_owned()
    };
    let condition = match kind {
        None => person::Column::Id.not_in_subquery(active(Condition::all())),
        Some(kind) => person::Column::Id
            .in_subquery(active(Condition::all().add(means::Column::Kind.eq(kind.name())))),
    };
    Condition::all().add(condition)
}

fn of_source(source: SourceId) -> Condition {
    let source = source_ids(&[source]);
    let told = posts(Condition::all().add(post::Column::SourceId.is_in(source.clone())));
    let accounts = Query::select()
        .column(account::Column::PersonId)
        .from(account::Entity)
        .cond_where(
            Condition::all()
                .add(account::Column::SourceId.is_in(source))
                .add(account::Column::PersonId.is_not_null()),
        )
        .to_owned();
    Condition::any()
        .add(person::Column::Id.in_subquery(told))
        .add(person::Column::Id.in_subquery(accounts))
}

/// The last of the posts ends in the span: one does, and none goes on after it.
fn contract_ends_by(by: NaiveDate, today: NaiveDate) -> Condition {
    let end = || Expr::col("listed_end");
    Condition::all().add(end().gte(today.to_string())).add(end().lte(by.to_string()))
}

/// The last login is kept with the person as text, in the form that sorts as times do.
fn dormant(since: DateTime<Utc>) -> Condition {
    let then = since.to_rfc3339_opts(SecondsFormat::Micros, true);
    let login = || Expr::col("listed_login");
    Condition::all()
        .add(person::Column::State.eq(PersonState::Active.name()))
        .add(person::Column::CreatedAt.lt(since))
        .add(Condition::any().add(login().is_null()).add(login().lt(then)))
}

fn account_over(today: NaiveDate) -> Condition {
    let open = Query::select()
        .column(account::Column::PersonId)
        .from(account::Entity)
        .cond_where(
            Condition::all()
                .add(account::Column::Enabled.eq(true))
                .add(account::Column::Deleted.eq(false))
                .add(account::Column::PersonId.is_not_null()),
        )
        .to_owned();
    Condition::all()
        .add(person::Column::Id.in_subquery(open))
        .add(Expr::col("listed_end").lt(today.to_string()))
}

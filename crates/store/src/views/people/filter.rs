use super::{RECHECK_DAYS, source_ids};
use crate::entity::{account, doubt, means, national_identity, person, post};
use authentication::MeansKind;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use directory::{CaseKind, CaseState, Person, PersonState, Post, PostState};
use kernel::{PersonId, SourceId};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
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

/// A word is the beginning of a name, or a number or login whole.
fn word_matches(word: &str) -> Condition {
    let mut any = Condition::any();
    let names = identity::names::tokens(word);
    if !names.is_empty() {
        // Folded names hold letters, digits and spaces: nothing that LIKE would read otherwise.
        let all = names.iter().fold(Condition::all(), |all, name| {
            all.add(person::Column::SearchKey.like(format!("% {name}%")))
        });
        any = any.add(all);
        // L’Hôte stands by Lhoste: without its apostrophe a name is one word.
        let whole = identity::names::name_key(word);
        if !whole.is_empty() {
            any = any.add(person::Column::SortKey.like(format!("{whole}%")));
        }
    }
    let matricule = posts(Condition::all().add(post::Column::Matricule.eq(word)));
    any = any.add(person::Column::Id.in_subquery(matricule));
    let login = account::Entity::find()
        .select_only()
        .column(account::Column::PersonId)
        .filter(account::Column::LoginKey.eq(crate::login_key(word)))
        .filter(account::Column::PersonId.is_not_null())
        .into_query();
    any = any.add(person::Column::Id.in_subquery(login));
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    if digits && matches!(word.len(), 11 | 12) {
        let id_nat = if word.len() == 11 { format!("8{word}") } else { word.to_owned() };
        let rpps = id_nat[1..].to_owned();
        any = any.add(person::Column::DeclaredRpps.eq(rpps));
        let linked = linked(Condition::all().add(national_identity::Column::IdNat.eq(id_nat)));
        any = any.add(person::Column::Id.in_subquery(linked));
    }
    any
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

fn of_identity(standing: IdentityStanding, today: NaiveDate) -> Condition {
    let recheck = today + Days::new(RECHECK_DAYS);
    let is_linked = person::Column::Id.in_subquery(linked(Condition::all()));
    let unlinked =
        Condition::all().add(person::Column::Id.not_in_subquery(linked(Condition::all())));
    let due = person::Column::Id.in_subquery(linked(
        Condition::all().add(national_identity::Column::NextCheck.lte(recheck)),
    ));
    let cases = Query::select()
        .column(doubt::Column::PersonId)
        .from(doubt::Entity)
        .cond_where(
            Condition::all()
                .add(doubt::Column::Kind.eq(CaseKind::NationalIdentity.name()))
                .add(doubt::Column::State.ne(CaseState::Decided.name()))
                .add(doubt::Column::PersonId.is_not_null()),
        )
        .to_owned();
    let to_decide = person::Column::Id.in_subquery(cases.clone());
    let settled = unlinked.clone().add(person::Column::Id.not_in_subquery(cases));
    let declared = person::Column::DeclaredRpps.is_not_null();
    let undeclared = settled.clone().add(person::Column::DeclaredRpps.is_null());
    let regulated =
        posts(Condition::all().add(post::Column::Profession.is_not_null()).add(not_over(today)));
    match standing {
        IdentityStanding::ToRecheck => Condition::all().add(due),
        IdentityStanding::Verified => {
            Condition::all().add(is_linked).add(Condition::all().add(due).not())
        }
        IdentityStanding::ToDecide => unlinked.add(to_decide),
        IdentityStanding::Declared => settled.add(declared),
        IdentityStanding::Missing => undeclared.add(person::Column::Id.in_subquery(regulated)),
        IdentityStanding::NotApplicable => {
            undeclared.add(person::Column::Id.not_in_subquery(regulated))
        }
    }
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
    let within = posts(
        Condition::all().add(post::Column::EndsOn.gte(today)).add(post::Column::EndsOn.lte(by)),
    );
    let longer = posts(
        Condition::any().add(post::Column::EndsOn.is_null()).add(post::Column::EndsOn.gt(by)),
    );
    Condition::all()
        .add(person::Column::Id.in_subquery(within))
        .add(person::Column::Id.not_in_subquery(longer))
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
        .add(person::Column::Id.in_subquery(posts(Condition::all())))
        .add(person::Column::Id.not_in_subquery(posts(not_over(today))))
}

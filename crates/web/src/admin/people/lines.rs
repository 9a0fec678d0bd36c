use super::views::{MeansCount, NationalIdentityState, PersonRow, PersonState};
use crate::admin::means::views::MeansKind;
use crate::admin::shared;
use chrono::{Days, NaiveDate};
use kernel::Finess;
use workflows::views::SiteNames;
use workflows::views::people_list::{IdentityStanding, PersonLine, Standing};

/// How many days before its end a contract is shown as ending.
const SOON: u64 = 30;

/// A line of the list, without what is told only to whoever asks for it.
pub(crate) fn row(line: &PersonLine, today: NaiveDate, sites: &SiteNames) -> PersonRow {
    let person = &line.person;
    let post = line.main_post(today).map(|post| &post.fields);
    let end = line.contract_end(today);
    let mut matricules: Vec<String> =
        line.posts.iter().map(|post| post.fields.matricule.to_string()).collect();
    matricules.sort();
    matricules.dedup();
    PersonRow {
        id: person.id.uuid(),
        family: shared::family(person),
        birth_family: shared::other_birth_family(person),
        given: person.names.given().unwrap_or_default().to_owned(),
        sex: person.sex.map(shared::sex),
        birth_date: person.birth_date.filter(|_| line.homonym),
        homonym: line.homonym,
        function: post.and_then(|post| post.function_label.clone()),
        unit: post.and_then(|post| post.unit_code.clone()),
        unit_name: post.and_then(|post| post.unit_label.clone()),
        site_name: post.and_then(|post| post.finess_et.as_ref()).map(|site| site_name(site, sites)),
        matricules,
        national_identity: identity_state(line.identity_standing(today)),
        means: means(line),
        contract_end: end,
        contract_over_soon: end.is_some_and(|end| end <= today + Days::new(SOON)),
        last_login_at: line.last_login,
        state: state(line.standing(today)),
        entity: None,
        sources: None,
        accounts: None,
    }
}

/// A site by its name, or by its number where the register does not know it.
pub(crate) fn site_name(site: &Finess, names: &SiteNames) -> String {
    let number = site.to_string();
    names.get(&number).cloned().unwrap_or(number)
}

fn means(line: &PersonLine) -> Vec<MeansCount> {
    let kinds = line.means.iter().filter_map(|(name, count)| {
        let kind = authentication::MeansKind::from_name(name).and_then(MeansKind::shown)?;
        Some(MeansCount { kind, count: *count })
    });
    kinds.collect()
}

pub(crate) fn state(standing: Standing) -> PersonState {
    match standing {
        Standing::Active => PersonState::Active,
        Standing::Coming => PersonState::Coming,
        Standing::Suspended => PersonState::Suspended,
        Standing::Closed => PersonState::Closed,
    }
}

pub(crate) fn identity_state(standing: IdentityStanding) -> NationalIdentityState {
    match standing {
        IdentityStanding::Verified => NationalIdentityState::Verified,
        IdentityStanding::ToRecheck => NationalIdentityState::ToRecheck,
        IdentityStanding::ToDecide => NationalIdentityState::ToDecide,
        IdentityStanding::Declared => NationalIdentityState::Declared,
        IdentityStanding::Missing => NationalIdentityState::Missing,
        IdentityStanding::NotApplicable => NationalIdentityState::NotApplicable,
    }
}

use crate::call::{Call, Paging, listed, listed_as};
use crate::problem::Problem;
use authentication::MeansKind;
use chrono::Days;
use kernel::{PersonId, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use workflows::views::people_list::{
    IdentityStanding, PeopleCounts, PeopleFilter, PeoplePlace, PeopleSort, PeopleStart, Standing,
};

/// Filters of the list, as the address bar holds them. Several values of one filter are separated by commas.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    pub q: Option<String>,
    pub state: Option<String>,
    pub unit: Option<String>,
    pub site: Option<String>,
    pub function: Option<String>,
    pub identity: Option<String>,
    pub means: Option<String>,
    pub source: Option<String>,
    pub contract_ending_days: Option<i64>,
    pub account_over: Option<bool>,
    /// Legal entities, by FINESS number.
    pub entity: Option<String>,
    pub contract: Option<String>,
    /// Known for longer than so many days, and no login since.
    pub dormant_days: Option<i64>,
    /// These people alone; 200 at most.
    pub ids: Option<String>,
    pub sort: Option<String>,
    /// Columns of a file, in their order; of a list, what it is to tell besides.
    pub columns: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u64>,
}

/// Where the next page begins, and what the first one counted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Position {
    value: Option<String>,
    key: String,
    id: PersonId,
    total: u64,
    total_all: u64,
    letters: String,
}

impl PeopleQuery {
    pub fn paging(&self) -> Paging {
        Paging { cursor: self.cursor.clone(), limit: self.limit }
    }

    pub fn filter(&self, call: &Call) -> Result<PeopleFilter, Problem> {
        let today = call.workflows.today();
        let means = |text: &str| match text {
            "none" => Some(None),
            "cps" => Some(Some(MeansKind::CpsCard)),
            "badge" => Some(Some(MeansKind::DesfireBadge)),
            other => MeansKind::from_name(other).map(Some),
        };
        let source = |text: &str| text.parse::<SourceId>().ok();
        let ending = days("contract_ending_days", self.contract_ending_days)?;
        let dormant = days("dormant_days", self.dormant_days)?;
        let text = self.q.clone().filter(|text| !text.trim().is_empty());
        Ok(PeopleFilter {
            today,
            text: text.map(|text| text.chars().take(200).collect()),
            standings: listed_as("state", self.state.as_deref(), Standing::from_name)?,
            units: listed(self.unit.as_deref()),
            sites: listed(self.site.as_deref()),
            functions: listed(self.function.as_deref()),
            identities: listed_as(
                "identity",
                self.identity.as_deref(),
                IdentityStanding::from_name,
            )?,
            means: listed_as("means", self.means.as_deref(), means)?,
            sources: listed_as("source", self.source.as_deref(), source)?,
            entities: listed(self.entity.as_deref()),
            contracts: listed(self.contract.as_deref()),
            contract_ends_by: ending.and_then(|days| today.checked_add_days(days)),
            account_over: self.account_over.unwrap_or(false),
            dormant_since: dormant.and_then(|days| call.workflows.now().checked_sub_days(days)),
            ids: self.chosen()?,
        })
    }

    /// By name unless told; a leading `-` turns it round.
    pub fn sort(&self) -> Result<(PeopleSort, bool), Problem> {
        let asked = self.sort.as_deref().unwrap_or("name");
        let (name, descending) = match asked.strip_prefix('-') {
            Some(name) => (name, true),
            None => (asked, false),
        };
        let sort = PeopleSort::from_name(if name.is_empty() { "name" } else { name });
        let names = || PeopleSort::ALL.map(PeopleSort::name).join(", ");
        let sort = sort.ok_or_else(|| Problem::bad_request(format!("sort: {}", names())))?;
        Ok((sort, descending))
    }

    /// Ticked people, for a file of them.
    fn chosen(&self) -> Result<Option<Vec<PersonId>>, Problem> {
        let Some(ids) = self.ids.as_deref() else { return Ok(None) };
        let ids = listed_as("ids", Some(ids), |text: &str| text.parse::<PersonId>().ok())?;
        if ids.len() > 200 {
            return Err(Problem::bad_request("ids: 200 at most"));
        }
        Ok(Some(ids))
    }
}

fn days(name: &str, asked: Option<i64>) -> Result<Option<Days>, Problem> {
    let Some(asked) = asked else { return Ok(None) };
    let days = u64::try_from(asked).ok().filter(|days| *days <= 3_660);
    let days = days.ok_or_else(|| Problem::bad_request(format!("{name}: 0 to 3660")))?;
    Ok(Some(Days::new(days)))
}

impl Position {
    pub fn of(place: PeoplePlace, counts: &PeopleCounts) -> Self {
        let PeoplePlace { value, key, id } = place;
        let (total, total_all) = (counts.total, counts.total_all);
        Self { value, key, id, total, total_all, letters: counts.letters.iter().collect() }
    }
    pub fn start(self) -> PeopleStart {
        let Self { value, key, id, total, total_all, letters } = self;
        let counts = PeopleCounts { total, total_all, letters: letters.chars().collect() };
        PeopleStart::After(PeoplePlace { value, key, id }, counts)
    }
}

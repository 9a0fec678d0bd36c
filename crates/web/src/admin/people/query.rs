use crate::call::{Call, Paging, listed, listed_as};
use crate::problem::Problem;
use authentication::MeansKind;
use chrono::Days;
use kernel::{PersonId, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use workflows::views::people_list::{
    IdentityStanding, PeopleFilter, PeopleSort, PeopleStart, Standing,
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
    pub sort: Option<String>,
    /// Columns of a file, in their order; a list does not look at them.
    pub columns: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u64>,
}

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    AfterName { key: String, id: PersonId },
    Offset(u64),
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
        let ends_by = match self.contract_ending_days {
            None => None,
            Some(days) => {
                let days = u64::try_from(days).ok().filter(|days| *days <= 3_660);
                let days =
                    days.ok_or_else(|| Problem::bad_request("contract_ending_days: 0 to 3660"))?;
                today.checked_add_days(Days::new(days))
            }
        };
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
            contract_ends_by: ends_by,
            account_over: self.account_over.unwrap_or(false),
        })
    }

    /// By name unless told; a leading `-` turns it round.
    pub fn sort(&self) -> Result<(PeopleSort, bool), Problem> {
        let asked = self.sort.as_deref().unwrap_or("name");
        let (name, descending) = match asked.strip_prefix('-') {
            Some(name) => (name, true),
            None => (asked, false),
        };
        let sort = match name {
            "name" | "" => PeopleSort::Name,
            "contract_end" => PeopleSort::ContractEnd,
            "state" => PeopleSort::State,
            "unit" => PeopleSort::Unit,
            "function" => PeopleSort::Function,
            _ => {
                return Err(Problem::bad_request(
                    "sort: name, contract_end, state, unit, function",
                ));
            }
        };
        Ok((sort, descending))
    }
}

impl Position {
    pub fn start(self) -> PeopleStart {
        match self {
            Self::AfterName { key, id } => PeopleStart::AfterName(key, id),
            Self::Offset(offset) => PeopleStart::Offset(offset),
        }
    }
    pub fn offset(&self) -> u64 {
        match self {
            Self::AfterName { .. } => 0,
            Self::Offset(offset) => *offset,
        }
    }
}

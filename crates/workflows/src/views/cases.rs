//! The queue of doubts as screens show it.
use super::names::SiteNames;
use super::people::acting;
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use directory::{Case, CaseKind, CaseState, Person};
use kernel::{Actor, Capability, CaseId, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use store::SourceRecord;
use store::register::RegisterVersion;
use store::views::case_queue::{self, CaseFilter, CasePage};
use store::views::people::{self, PersonLine};
use store::views::person;

/// One question, with whom it is about.
#[derive(Debug, Clone)]
pub struct CaseSheet {
    pub case: Case,
    pub line: Option<PersonLine>,
    pub homonyms: Vec<PersonLine>,
    pub records: Vec<SourceRecord>,
    pub source_name: Option<String>,
    pub decided_by: Option<Person>,
    pub assigned_to: Option<Person>,
    /// Those of ours whom the question proposes.
    pub candidates: BTreeMap<PersonId, Person>,
    pub sites: SiteNames,
    /// The version of the register that is in use.
    pub register: Option<RegisterVersion>,
}

impl Workflows {
    pub async fn list_cases(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        offset: u64,
        limit: u64,
    ) -> Result<(CasePage, BTreeMap<PersonId, Person>), WorkflowError> {
        self.must(actor, Capability::ReadCases, "list_cases").await?;
        let reader = self.store().read();
        let page = case_queue::page(&reader, filter, offset, limit).await?;
        let named = self.named_in(&page).await?;
        Ok((page, named))
    }

    /// The queue after this case, for a file that is written page after page.
    pub async fn cases_after(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        last: Option<&Case>,
        limit: u64,
    ) -> Result<(CasePage, BTreeMap<PersonId, Person>), WorkflowError> {
        self.must(actor, Capability::ReadCases, "list_cases").await?;
        let page = case_queue::after(&self.store().read(), filter, last, limit).await?;
        let named = self.named_in(&page).await?;
        Ok((page, named))
    }

    async fn named_in(&self, page: &CasePage) -> Result<BTreeMap<PersonId, Person>, WorkflowError> {
        let decider = page.last_decided.as_ref().and_then(|case| case.decided_by.as_ref());
        let assigned = page.cases.iter().filter_map(|case| case.assigned_to);
        let deciders: Vec<PersonId> =
            decider.and_then(acting).into_iter().chain(assigned).collect();
        Ok(person::named(&self.store().read(), &deciders).await?)
    }

    pub async fn show_case(
        &self,
        actor: &Actor,
        id: CaseId,
    ) -> Result<Option<CaseSheet>, WorkflowError> {
        self.must(actor, Capability::ReadCases, "show_case").await?;
        let reader = self.store().read();
        let Some(case) = reader.cases().find(id).await? else { return Ok(None) };
        let line = match case.person {
            Some(person) => people::by_ids(&reader, &[person]).await?.remove(&person),
            None => None,
        };
        let homonyms = match &line {
            Some(line) => people::homonyms(&reader, &line.person).await?,
            None => Vec::new(),
        };
        let records = match case.person {
            Some(person) => reader.records().about(person).await?,
            None => Vec::new(),
        };
        let source = match case.source.or_else(|| records.first().map(|record| record.source)) {
            Some(source) => reader.sources().find(source).await?,
            None => None,
        };
        let decider: Vec<PersonId> =
            case.decided_by.as_ref().and_then(acting).into_iter().collect();
        let decided_by = person::named(&reader, &decider).await?.into_values().next();
        let assigned: Vec<PersonId> = case.assigned_to.into_iter().collect();
        let assigned_to = person::named(&reader, &assigned).await?.into_values().next();
        let source_name = source.map(|source| source.name);
        let candidates = person::named(&reader, &proposed(&case)).await?;
        let sites = self.site_names(sites_named(&case, line.as_ref())).await;
        let register = match self.register_sheet().await {
            Ok(sheet) => sheet.version,
            Err(error) => {
                tracing::warn!(%error, "the register cannot be told beside a question");
                None
            }
        };
        Ok(Some(CaseSheet {
            sites,
            register,
            case,
            line,
            homonyms,
            records,
            source_name,
            decided_by,
            assigned_to,
            candidates,
        }))
    }

    /// How many lines a file of this filter will hold; the journal keeps it before anything leaves.
    pub async fn begin_cases_export(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
    ) -> Result<u64, WorkflowError> {
        self.must(actor, Capability::ReadCases, "export_cases").await?;
        let cases = case_queue::page(&self.store().read(), filter, 0, 0).await?.total;
        self.trace(AuditEvent::CasesExported { by: actor.id(), cases }).await?;
        Ok(cases)
    }

    /// The question of this kind that waits after this one.
    pub async fn next_case_after(
        &self,
        actor: &Actor,
        case: &Case,
    ) -> Result<Option<CaseId>, WorkflowError> {
        self.must(actor, Capability::ReadCases, "next_case").await?;
        let filter = CaseFilter {
            kinds: vec![case.kind],
            states: vec![CaseState::Open],
            ..CaseFilter::default()
        };
        let page = case_queue::after(&self.store().read(), &filter, Some(case), 1).await?;
        Ok(page.cases.first().map(|case| case.id))
    }

    /// The next question of this kind that waits.
    pub async fn next_case(
        &self,
        actor: &Actor,
        kind: CaseKind,
    ) -> Result<Option<CaseId>, WorkflowError> {
        self.must(actor, Capability::ReadCases, "next_case").await?;
        let filter = CaseFilter {
            kinds: vec![kind],
            states: vec![CaseState::Open],
            ..CaseFilter::default()
        };
        let page = case_queue::page(&self.store().read(), &filter, 0, 1).await?;
        Ok(page.cases.first().map(|case| case.id))
    }
}

/// Numbers of sites that the question, or the posts of whom it is about, speak of.
fn sites_named(case: &Case, line: Option<&PersonLine>) -> BTreeSet<String> {
    let told = case.payload.split(|letter: char| !letter.is_ascii_alphanumeric());
    let told = told.filter(|word| word.len() == 9 && word.parse::<kernel::Finess>().is_ok());
    let posts = line.into_iter().flat_map(|line| &line.posts);
    let own = posts.filter_map(|post| post.fields.finess_et.as_ref()).map(ToString::to_string);
    told.map(str::to_owned).chain(own).collect()
}

/// People of ours among the candidates of a question; register entries are none.
fn proposed(case: &Case) -> Vec<PersonId> {
    let payload: serde_json::Value = serde_json::from_str(&case.payload).unwrap_or_default();
    let candidates = payload["candidates"].as_array().into_iter().flatten();
    candidates.filter_map(|candidate| candidate.as_str()?.parse().ok()).collect()
}

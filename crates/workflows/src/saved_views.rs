//! Lists that an operator keeps under a name, for herself or for all.
use crate::Workflows;
use crate::views::ConsoleCaller;
use audit::AuditEvent;
use kernel::{OperatorId, PersonId, SavedViewId};
use std::collections::BTreeMap;
use store::views::person;
use store::{SavedView, StoreError};

/// So many for one operator: a list of lists is to be read too.
const MOST: u64 = 100;
const LONGEST_NAME: usize = 80;
const LONGEST_QUERY: usize = 2_000;
const MOST_COLUMNS: usize = 40;

/// Pages that have lists.
pub const PAGES: [&str; 5] = ["people", "cases", "audit", "sources", "clients"];

#[derive(Debug, thiserror::Error)]
pub enum SavedViewError {
    #[error("no view of this operator bears this id")]
    Unknown(SavedViewId),
    #[error("the view changed since it was shown")]
    Stale,
    #[error("another view of this page bears this name")]
    NameTaken,
    #[error("this operator keeps {MOST} views already")]
    TooMany,
    #[error("the {0} of a view cannot be this")]
    Malformed(&'static str),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for SavedViewError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::NameTaken,
            StoreError::Stale { table: "saved_view" } => Self::Stale,
            other => Self::Store(other),
        }
    }
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDraft {
    pub page: String,
    pub name: String,
    pub query: String,
    pub columns: Vec<String>,
    pub shared: bool,
}

/// A view and the name of whoever shares it.
#[derive(Debug, Clone)]
pub struct SeenView {
    pub view: SavedView,
    pub mine: bool,
    pub owner: Option<String>,
}

impl Workflows {
    pub async fn list_saved_views(
        &self,
        caller: &ConsoleCaller,
        page: Option<&str>,
    ) -> Result<Vec<SeenView>, SavedViewError> {
        let reader = self.store().read();
        let views = reader.saved_views().seen_by(caller.operator.id, page).await?;
        let operators = reader.operators().all().await?;
        let bearer: BTreeMap<OperatorId, PersonId> =
            operators.iter().map(|operator| (operator.id, operator.person)).collect();
        let people: Vec<PersonId> = bearer.values().copied().collect();
        let people = person::named(&reader, &people).await?;
        let seen = views.into_iter().map(|view| SeenView {
            mine: view.operator == caller.operator.id,
            owner: bearer
                .get(&view.operator)
                .and_then(|person| people.get(person))
                .map(directory::Person::display_name),
            view,
        });
        Ok(seen.collect())
    }

    pub async fn save_view(
        &self,
        caller: &ConsoleCaller,
        draft: ViewDraft,
    ) -> Result<SavedView, SavedViewError> {
        let draft = checked(draft)?;
        let tx = self.store().begin().await?;
        if tx.saved_views().count_of(caller.operator.id).await? >= MOST {
            return Err(SavedViewError::TooMany);
        }
        let view = SavedView {
            id: self.id(),
            operator: caller.operator.id,
            page: draft.page,
            name: draft.name,
            query: draft.query,
            columns: draft.columns,
            shared: draft.shared,
            created_at: self.now(),
            version: 1,
        };
        tx.saved_views().insert(&view).await?;
        let by = caller.actor.id();
        tx.commit(AuditEvent::ViewSaved { by, view: view.id, shared: view.shared }).await?;
        Ok(view)
    }

    /// Her own view only: a shared one of somebody else is unknown here. `shown`: the version that was on screen.
    pub async fn change_view(
        &self,
        caller: &ConsoleCaller,
        id: SavedViewId,
        shown: Option<i64>,
        draft: ViewDraft,
    ) -> Result<SavedView, SavedViewError> {
        let draft = checked(draft)?;
        let tx = self.store().begin().await?;
        let known = tx.saved_views().find(id).await?;
        let known = known.filter(|view| view.operator == caller.operator.id);
        let known = known.ok_or(SavedViewError::Unknown(id))?;
        if shown.is_some_and(|shown| shown != known.version) {
            return Err(SavedViewError::Stale);
        }
        let mut view = SavedView {
            page: draft.page,
            name: draft.name,
            query: draft.query,
            columns: draft.columns,
            shared: draft.shared,
            ..known
        };
        tx.saved_views().save(&view).await?;
        let by = caller.actor.id();
        tx.commit(AuditEvent::ViewSaved { by, view: id, shared: view.shared }).await?;
        view.version += 1;
        Ok(view)
    }

    pub async fn remove_view(
        &self,
        caller: &ConsoleCaller,
        id: SavedViewId,
    ) -> Result<(), SavedViewError> {
        let tx = self.store().begin().await?;
        let known = tx.saved_views().find(id).await?;
        if known.is_none_or(|view| view.operator != caller.operator.id) {
            return Err(SavedViewError::Unknown(id));
        }
        tx.saved_views().remove(id).await?;
        tx.commit(AuditEvent::ViewRemoved { by: caller.actor.id(), view: id }).await?;
        Ok(())
    }
}

fn checked(mut draft: ViewDraft) -> Result<ViewDraft, SavedViewError> {
    draft.name = draft.name.trim().to_owned();
    let letters = draft.name.chars().count();
    if letters == 0 || letters > LONGEST_NAME || draft.name.chars().any(char::is_control) {
        return Err(SavedViewError::Malformed("name"));
    }
    if !PAGES.contains(&draft.page.as_str()) {
        return Err(SavedViewError::Malformed("page"));
    }
    // A query of ours, never an address: nothing that a link could be made to lead to.
    let query = draft.query.trim_start_matches('?').to_owned();
    if query.len() > LONGEST_QUERY || query.chars().any(char::is_control) || query.contains('#') {
        return Err(SavedViewError::Malformed("query"));
    }
    draft.query = query;
    let word = |name: &String| {
        (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    };
    if draft.columns.len() > MOST_COLUMNS || !draft.columns.iter().all(word) {
        return Err(SavedViewError::Malformed("columns"));
    }
    Ok(draft)
}

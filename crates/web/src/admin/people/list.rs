use super::columns::Columns;
use super::query::{PeopleQuery, Position};
use super::views::{Letter, PeoplePage};
use crate::call::{Answer, Asked, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::PersonId;
use uuid::Uuid;
use workflows::views::people_list::{PeoplePlace, PeopleSort, PeopleStart};

/// Persons of the filter. columns: `birth_date` (homonyms have theirs in any case), `entity`, `sources` and `accounts` are
/// told when they are named there, and only then; the others always are.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people", operation_id = "list_people", tag = "people", params(PeopleQuery),
    responses((status = 200, body = PeoplePage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call, Asked(query): Asked<PeopleQuery>) -> Answer<Json<PeoplePage>> {
    let (filter, sort, limit) = (query.filter(&call)?, query.sort()?, query.paging().limit());
    let columns = Columns::parse(query.columns.as_deref())?;
    let position: Option<Position> = call.open_cursor(query.cursor.as_deref())?;
    let start = position.map_or(PeopleStart::First, Position::start);
    let page = call.workflows.list_people(call.actor(), &filter, sort, &start, limit).await?;
    let by_name = sort.0 == PeopleSort::Name;
    let counts = &page.counts;
    let next = page.next.map(|place| Position::of(place, counts));
    let letter = |letter: &char| {
        let key = letter.to_string();
        // Names that begin with the letter sort after the letter alone; turned round, before the next one.
        let place = match sort.1 {
            false => key.clone(),
            true => format!("{key}~"),
        };
        let place = PeoplePlace { value: None, key: place, id: PersonId::from(Uuid::nil()) };
        Letter { letter: key, cursor: call.seal_cursor(&Position::of(place, counts)) }
    };
    let items = columns.rows(&call.workflows, call.actor(), &page.lines, filter.today).await?;
    Ok(Json(PeoplePage {
        items,
        next_cursor: next.map(|position| call.seal_cursor(&position)),
        total: i64::try_from(counts.total).unwrap_or(i64::MAX),
        letters: by_name.then(|| counts.letters.iter().map(letter).collect()),
        total_all: i64::try_from(counts.total_all).unwrap_or(i64::MAX),
    }))
}

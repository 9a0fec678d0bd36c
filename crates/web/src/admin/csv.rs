//! Files for spreadsheets: UTF-8 with its mark, `;`, written while the lines are read.
use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::future::Future;

/// One page of lines, and where the next begins.
pub struct Lines<P> {
    pub rows: Vec<Vec<String>>,
    pub next: Option<P>,
}

/// A file that is written page after page. A page that cannot be read breaks the file off: a short one must not be
/// taken for whole.
pub fn file<P, F, N>(name: &'static str, columns: &[&str], first: P, next: N) -> Response
where
    P: Send + 'static,
    F: Future<Output = Result<Lines<P>, Problem>> + Send,
    N: Fn(P) -> F + Send + Clone + 'static,
{
    let head = format!("\u{feff}{}", line(columns.iter().map(|column| (*column).to_owned())));
    let pages = stream::try_unfold(Some(first), move |place| {
        let next = next.clone();
        async move {
            let Some(place) = place else { return Ok(None) };
            let page = next(place).await.map_err(|problem| {
                tracing::warn!(code = problem.code(), "a file was broken off");
                std::io::Error::other("the next lines could not be read")
            })?;
            let text: String = page.rows.into_iter().map(line).collect();
            Ok::<_, std::io::Error>(Some((text, page.next)))
        }
    });
    use futures_util::StreamExt;
    let body = stream::once(async move { Ok(head) }).chain(pages);
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

pub fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| safe_cell(&cell)).collect();
    format!("{}\r\n", cells.join(";"))
}

/// AM-13: a spreadsheet must not take a name for a formula. The full-width signs count too.
pub fn safe_cell(text: &str) -> String {
    let mut cell: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let first = cell.trim_start_matches(['"', '\'', ' ']).chars().next();
    if first.is_some_and(|first| "=+-@＝＋－＠".contains(first)) {
        cell.insert(0, '\'');
    }
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn am_13_no_name_becomes_a_formula() {
        for (name, cell) in [
            ("MARTIN", "\"MARTIN\""),
            ("=1+1", "\"'=1+1\""),
            ("\t=1", "\"'=1\""),
            ("\"=1", "\"'\"\"=1\""),
            ("＝1", "\"'＝1\""),
            ("@x", "\"'@x\""),
            ("-Bob", "\"'-Bob\""),
            ("L’HÔTE; Jean", "\"L’HÔTE; Jean\""),
            ("a\r\nb", "\"ab\""),
        ] {
            assert_eq!(safe_cell(name), cell, "{name:?}");
        }
    }
}

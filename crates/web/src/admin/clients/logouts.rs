use super::views::{LogoutPage, LogoutReceipt, LogoutState};
use crate::admin::shared::person_ref;
use crate::call::{Answer, Asked, At, Call, Paging};
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use kernel::OpeningId;
use serde::Deserialize;
use utoipa::IntoParams;
use workflows::oidc::LogoutReceipts;
use workflows::views::receipts::{Receipt, ReceiptState};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LogoutQuery {
    /// waiting, received, given_up or needless.
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// Whom an application was told of, and is to be told of: the ends of the last day, and those that wait.
///
/// Permission: `ReadClients`.
#[utoipa::path(get, path = "/api/v1/clients/{client_id}/logouts", operation_id = "list_logouts", tag = "clients",
    params(("client_id" = String, Path), LogoutQuery),
    responses((status = 200, body = LogoutPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(
    call: Call,
    At(client_id): At<String>,
    Asked(query): Asked<LogoutQuery>,
) -> Answer<Json<LogoutPage>> {
    let wanted = match query.state.as_deref() {
        None | Some("") => None,
        Some(name) => {
            let state = ReceiptState::from_name(name);
            Some(state.ok_or_else(|| Problem::bad_request(format!("state has no value {name}")))?)
        }
    };
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let before: Option<OpeningId> = call.open_cursor(query.cursor.as_deref())?;
    let (workflows, actor) = (&call.workflows, call.actor());
    let found = workflows.logout_receipts(actor, &client_id, wanted, before, limit).await?;
    let last = found.receipts.last().filter(|_| found.more).map(|last| last.opening);
    Ok(Json(LogoutPage {
        items: found.receipts.iter().map(|receipt| line(receipt, &found)).collect(),
        next_cursor: last.map(|last| call.seal_cursor(&last)),
        waiting: i64::try_from(found.waiting).unwrap_or(i64::MAX),
    }))
}

/// Tell the application of this end once more, at once.
///
/// Permission: `ManageClients`.
#[utoipa::path(post, path = "/api/v1/clients/{client_id}/logouts/{id}/resend", operation_id = "resend_logout", tag = "clients",
    params(("client_id" = String, Path), ("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn resend(
    call: Call,
    At((client_id, id)): At<(String, OpeningId)>,
) -> Answer<StatusCode> {
    call.workflows.resend_logout(call.actor(), &client_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn line(receipt: &Receipt, found: &LogoutReceipts) -> LogoutReceipt {
    let known = found.people.get(&receipt.person);
    let homonym = found.homonyms.contains(&receipt.person);
    LogoutReceipt {
        id: receipt.opening.uuid(),
        session: receipt.session.uuid(),
        person: known.map(|person| person_ref(person, homonym)),
        state: match receipt.state {
            ReceiptState::Waiting => LogoutState::Waiting,
            ReceiptState::Received => LogoutState::Received,
            ReceiptState::GivenUp => LogoutState::GivenUp,
            ReceiptState::Needless => LogoutState::Needless,
        },
        opened_at: receipt.opened_at,
        closed_at: receipt.closed_at,
        sent_at: receipt.sent_at,
        settled_at: receipt.settled_at,
        attempts: i64::from(receipt.attempts),
        next_attempt_at: receipt.next_attempt_at,
        failure: receipt.failure.clone(),
    }
}

//! A program says the word of a test person whom a client had asked (CIBA), as the conformance suite does.
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use workflows::Workflows;
use workflows::oidc::Decided;
use workflows::sandbox::ApprovalError;

#[derive(Deserialize)]
pub struct Asked {
    token: String,
    #[serde(rename = "type")]
    word: String,
}

/// Permission: whoever has the id of the request; of test people alone.
#[tracing::instrument(skip_all)]
pub async fn answer(State(workflows): State<Workflows>, Query(asked): Query<Asked>) -> Response {
    let approve = match asked.word.as_str() {
        "allow" => true,
        "deny" => false,
        _ => return told(StatusCode::BAD_REQUEST, "type is allow or deny"),
    };
    match workflows.answer_for_test_person(&asked.token, approve).await {
        Ok(Decided::Approved) => told(StatusCode::OK, "approved"),
        Ok(Decided::Denied) => told(StatusCode::OK, "denied"),
        Ok(Decided::NoIdentity) => {
            told(StatusCode::CONFLICT, "no national identity is linked to this person")
        }
        Ok(Decided::Gone | Decided::ProveFirst) | Err(ApprovalError::Unknown) => {
            told(StatusCode::NOT_FOUND, "nothing waits under this id")
        }
        Err(error @ ApprovalError::NotEnough) => told(StatusCode::CONFLICT, &error.to_string()),
        Err(error @ (ApprovalError::Login(_) | ApprovalError::Provider(_))) => {
            tracing::error!(%error, "a test person could not answer");
            told(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
        }
    }
}

fn told(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "told": words }))).into_response()
}

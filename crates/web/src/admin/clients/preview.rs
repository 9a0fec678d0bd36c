use super::views::{ClaimLine, PreviewedExercise, TokenPreview};
use crate::admin::people::sheet::not_opened;
use crate::admin::shared::{person_ref, reason};
use crate::call::{Answer, Asked, At, Call};
use crate::login::Lang;
use crate::oidc::exercise_title;
use crate::problem::Problem;
use axum::Json;
use kernel::PersonId;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;
use uuid::Uuid;
use workflows::oidc::OwnExercise;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PreviewQuery {
    person: Uuid,
}

fn exercise(own: &OwnExercise) -> PreviewedExercise {
    PreviewedExercise {
        title: exercise_title(own, Lang::French),
        structure: own.structure.clone(),
        told: own.is_told,
    }
}

/// The token a person would get.
///
/// Permission: `ReadClients` and `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/clients/{client_id}/token-preview", operation_id = "preview_token", tag = "clients",
    params(("client_id" = String, Path), PreviewQuery),
    responses((status = 200, body = TokenPreview), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn preview(
    call: Call,
    At(client_id): At<String>,
    Asked(query): Asked<PreviewQuery>,
) -> Answer<Json<TokenPreview>> {
    let person = PersonId::from(query.person);
    let preview = call.workflows.preview_token(call.actor(), &client_id, person).await?;
    let preview = preview.ok_or_else(|| Problem::not_found("person_unknown"))?;
    let granted =
        preview.client.settings.scopes.iter().flat_map(|scope| {
            oidc::claims_of_scope(scope).map(move |claim| (claim, scope.clone()))
        });
    let mut claims = Vec::new();
    let mut known = BTreeSet::new();
    for (claim, scope) in std::iter::once(("sub", "openid".to_owned())).chain(granted) {
        if !known.insert(claim) {
            continue;
        }
        let value = preview.userinfo.get(claim);
        let absent = || reason("claim_absent", "Rien de vérifié à transmettre.");
        claims.push(ClaimLine {
            claim: claim.to_owned(),
            value: value.cloned().unwrap_or_default(),
            scope: Some(scope),
            owner: None,
            source: None,
            sent: value.is_some(),
            reason: value.is_none().then(absent),
            in_id_token: preview.id_token.contains_key(claim),
        });
    }
    Ok(Json(TokenPreview {
        client_id: preview.client.client_id.clone(),
        person: person_ref(&preview.person, true),
        claims,
        userinfo: preview.userinfo.into(),
        id_token: preview.id_token.into(),
        exercises: preview.exercises.map(|own| own.iter().map(exercise).collect()),
        allowed: preview.refused.is_none(),
        reason: preview.refused.map(not_opened),
    }))
}

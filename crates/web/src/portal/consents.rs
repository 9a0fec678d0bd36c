//! « Mes accords »: what the person agreed that applications of somebody else hear, and how she takes it back.
use super::elsewhere::failed;
use super::{current, heads, moment, to_login};
use crate::login::{Failed, Lang, LoginState, Visitor};
use crate::oidc::consent_words;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{ClientId, Zone};
use maud::{Markup, html};
use serde::Deserialize;
use workflows::oidc::GivenConsent;

pub const WITHDRAW: &str = "/portal/consents/withdraw";

#[derive(Deserialize)]
pub struct Withdrawn {
    client: ClientId,
    f: String,
}

/// Permission: a session of this browser, on what its person agreed to.
pub async fn withdraw(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<Withdrawn>,
) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    if !state.workflows.is_form_token(&visitor.visit(), &form.f) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    state.workflows.withdraw_consent(&current, form.client).await.map_err(failed)?;
    Ok(Redirect::to("/portal").into_response())
}

/// Nothing where she never agreed to anything.
pub(super) fn table(given: &[GivenConsent], token: &str, zone: &Zone, lang: Lang) -> Markup {
    if given.is_empty() {
        return html! {};
    }
    html! {
        table.rows {
            caption { (lang.say("Mes accords", "My consents")) }
            (heads([("Application", "Application"), ("Depuis le", "Since"), ("Action", "Action")], lang))
            tbody {
                @for consent in given {
                    tr {
                        th scope="row" {
                            (consent.application) " : "
                            @for (rank, line) in consent.granted.iter().enumerate() {
                                @if rank > 0 { ", " }
                                (consent_words(line, lang))
                            }
                        }
                        td { (moment(consent.given_at, zone)) }
                        td {
                            form method="post" action=(WITHDRAW) {
                                input type="hidden" name="f" value=(token);
                                input type="hidden" name="client" value=(consent.client);
                                button.lbtn.slim type="submit" {
                                    (lang.say("Retirer l’accord donné à ", "Withdraw the consent given to "))
                                    (consent.application)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

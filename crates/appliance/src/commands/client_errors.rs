//! `hygie client errors`: what an application was last refused, in words that its editor can act on.
use super::CommandContext;
use serde_json::Value;

const MOST: u64 = 1000;

/// Of this client over the last month, newest first, `most` of them.
pub async fn show(context: &CommandContext, client_id: &str, most: usize) -> anyhow::Result<()> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).min(MOST);
    let found = context.workflows.client_refusals(&context.actor, client_id, None, limit).await?;
    let document = |refusal: &workflows::oidc::ClientRefusal| {
        serde_json::json!({
            "at": refusal.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), "event": refusal.event,
            "reason": refusal.reason, "words": words(&refusal.reason), "reference": refusal.reference,
        })
    };
    let documents: Vec<Value> = found.refusals.iter().map(document).collect();
    let line = |document: &Value| {
        let text = |name: &str| document[name].as_str().unwrap_or("–").to_owned();
        format!("{}  {:18} {}  {}", text("at"), text("event"), text("reference"), text("words"))
    };
    let lines: Vec<String> = documents.iter().map(line).collect();
    let said =
        if lines.is_empty() { "Nothing was refused to it.".to_owned() } else { lines.join("\n") };
    context.out.show(&documents.into(), &said);
    Ok(())
}

/// What to mend. A reason without a sentence is told as it is.
fn words(reason: &str) -> String {
    let sentence = match reason {
        "used" => {
            "this code or refresh token was used already: each serves once; keep the next one"
        }
        "expired" => "it came too late: a code lives one minute; redeem it at once",
        "other_client" => "it was given to another client: check client_id in every environment",
        "other_issuer" => "it was given by another issuer: check the issuer of this environment",
        "other_redirect_uri" => "redirect_uri at the token endpoint is not that of the request",
        "verifier_missing" => "the request had a code_challenge: send its code_verifier",
        "verifier_unasked" => "a code_verifier came, and the request had no code_challenge",
        "verifier_wrong" => "the code_verifier is not that of the code_challenge (S256, base64url)",
        "other_key" => "another key than the one that it is bound to was proved (DPoP)",
        "revoked" => "its family was ended: a refresh token was shown twice, or the session ended",
        "wider_scope" => "a refresh may ask fewer scopes than before, never more",
        "assertion_signature" => {
            "client_assertion: no registered key signed it; register the JWKS again"
        }
        "assertion_audience" => "client_assertion: aud must be the issuer alone",
        "assertion_life" => "client_assertion: expired, or it lives more than five minutes",
        "assertion_id" => "client_assertion: jti is missing",
        "assertion_client" => "client_assertion: iss and sub must both be the client_id",
        "invalid_request" => {
            "the request is malformed, or redirect_uri is not registered to the byte"
        }
        "login_required" => "prompt=none, and nobody had a session that suffices",
        "unmet_authentication_requirements" => "the level that was asked was not reached",
        "no_national_identity" => {
            "the application demands a national identity, and none is linked to this person: the desk links her number"
        }
        "exercise_unsaid" => "she practises here in several ways and has not chosen which",
        other => return other.replace('_', " "),
    };
    sentence.to_owned()
}

use super::CommandContext;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum KeyVerb {
    /// Signing keys of the provider, and the audit's verifier key.
    List,
    /// New signing keys. They are published a day before they sign, and the old ones a day after.
    Rotate {
        /// A key leaked: the new ones sign at once, and nothing that the old ones signed is believed.
        #[arg(long)]
        emergency: bool,
    },
}

pub async fn run(context: &CommandContext, verb: KeyVerb) -> anyhow::Result<u8> {
    match verb {
        KeyVerb::Rotate { emergency } => rotate(context, emergency).await?,
        KeyVerb::List => {
            let keys = context
                .workflows
                .store()
                .read()
                .signing_keys()
                .of_issuer(context.workflows.issuer()?.as_str())
                .await?;
            let now = context.workflows.now();
            let documents: Vec<serde_json::Value> = keys
                .iter()
                .map(|key| serde_json::json!({ "kid": key.kid, "algorithm": key.algorithm.name(), "state": state(key, now), "active_from": key.active_from, "created_at": key.created_at }))
                .collect();
            let audit = context.workflows.audit_key()?.to_string();
            let mut words: Vec<String> = keys
                .iter()
                .map(|key| format!("{}  {}  {}", key.kid, key.algorithm.name(), state(key, now)))
                .collect();
            words.push(format!("audit  {audit}"));
            context.out.show(
                &serde_json::json!({ "signing": documents, "audit": audit }),
                &words.join("\n"),
            );
        }
    }
    Ok(0)
}

/// A key that is published and does not sign yet says so.
fn state(key: &oidc::SigningKey, now: chrono::DateTime<chrono::Utc>) -> &'static str {
    match key.state {
        oidc::KeyState::Active if key.active_from > now => "published",
        state => state.name(),
    }
}

async fn rotate(context: &CommandContext, emergency: bool) -> anyhow::Result<()> {
    let made = context.workflows.rotate_keys(&context.actor, emergency).await?;
    let line = |key: &oidc::SigningKey| {
        format!(
            "{}  {}  signs from {}",
            key.kid,
            key.algorithm.name(),
            key.active_from.format("%F %T UTC")
        )
    };
    let words: Vec<String> = match made.is_empty() {
        true => vec!["nothing to do: the next keys are published already".to_owned()],
        false => made.iter().map(line).collect(),
    };
    let documents: Vec<serde_json::Value> = made
        .iter()
        .map(|key| serde_json::json!({ "kid": key.kid, "algorithm": key.algorithm.name(), "active_from": key.active_from }))
        .collect();
    context.out.show(&documents.into(), &words.join("\n"));
    Ok(())
}

use super::CommandContext;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum KeyVerb {
    /// Signing keys of the provider, and the audit's verifier key.
    List,
}

pub async fn run(context: &CommandContext, verb: KeyVerb) -> anyhow::Result<u8> {
    match verb {
        KeyVerb::List => {
            let keys = context
                .workflows
                .store()
                .read()
                .signing_keys()
                .of_issuer(context.workflows.issuer()?.as_str())
                .await?;
            let documents: Vec<serde_json::Value> = keys
                .iter()
                .map(|key| serde_json::json!({ "kid": key.kid, "algorithm": key.algorithm.name(), "state": key.state.name(), "created_at": key.created_at }))
                .collect();
            let audit = context.workflows.audit_key()?.to_string();
            let mut words: Vec<String> = keys
                .iter()
                .map(|key| format!("{}  {}  {}", key.kid, key.algorithm.name(), key.state.name()))
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

use super::CommandContext;
use anyhow::Context;
use authentication::MeansKind;
use clap::{Subcommand, ValueEnum};
use kernel::PersonId;
use workflows::ClosePerson;

#[derive(Subcommand)]
pub enum PersonVerb {
    /// People whose names hold these words.
    List {
        #[arg(default_value = "")]
        search: String,
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// One person, by id or by matricule.
    Show { person: String },
    /// Closes a person at once: nothing is issued from now on.
    Close {
        person: String,
        #[arg(long)]
        motive: String,
    },
}

#[derive(Subcommand)]
pub enum MeansVerb {
    /// A code for one enrolment, to hand over at the desk.
    Issue {
        person: String,
        #[arg(long, value_enum, default_value = "fido2")]
        kind: OfferedKind,
    },
    /// Means of one person.
    List { person: String },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OfferedKind {
    Fido2,
    Password,
}

pub async fn run(context: &CommandContext, verb: PersonVerb) -> anyhow::Result<u8> {
    match verb {
        PersonVerb::List { search, limit } => list(context, &search, limit).await,
        PersonVerb::Show { person } => show(context, &person).await,
        PersonVerb::Close { person, motive } => {
            let person = find(context, &person).await?;
            let closed = context
                .workflows
                .close_person(&context.actor, ClosePerson { person, motive })
                .await?;
            context.out.show(
                &serde_json::json!({ "person": closed.id, "state": closed.state.name() }),
                &format!("{} is closed: nothing is issued any more.", closed.id),
            );
            Ok(0)
        }
    }
}

/// By id, or by matricule when exactly one person bears it.
pub async fn find(context: &CommandContext, text: &str) -> anyhow::Result<PersonId> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let bearers = context.workflows.store().read().posts().bearers(text).await?;
    match bearers.as_slice() {
        [person] => Ok(*person),
        [] => anyhow::bail!("nobody bears the id or matricule {text}"),
        _ => anyhow::bail!("several people bear the matricule {text}: give the id"),
    }
}

async fn list(context: &CommandContext, search: &str, limit: u64) -> anyhow::Result<u8> {
    let people = context.workflows.store().read().people().search(search, limit).await?;
    let documents: Vec<serde_json::Value> = people
        .iter()
        .map(|person| serde_json::json!({ "id": person.id, "name": person.display_name(), "state": person.state.name() }))
        .collect();
    let words: Vec<String> = people
        .iter()
        .map(|person| format!("{}  {:9} {}", person.id, person.state.name(), person.display_name()))
        .collect();
    context.out.show(&documents.into(), &words.join("\n"));
    Ok(0)
}

async fn show(context: &CommandContext, text: &str) -> anyhow::Result<u8> {
    let id = find(context, text).await?;
    let reader = context.workflows.store().read();
    let person = reader.people().find(id).await?.context("nobody bears this id")?;
    let posts = reader.posts().of(id).await?;
    let accounts = reader.accounts().of(id).await?;
    let identities = reader.national_identities().of(id).await?;
    let means = reader.means().of(id).await?;
    let mut words =
        vec![format!("{}  {}  {}", person.id, person.state.name(), person.display_name())];
    words.extend(posts.iter().map(|post| {
        let label = post.fields.function_label.as_deref().unwrap_or("–");
        let unit = post.fields.unit_label.as_deref().unwrap_or("–");
        format!("post      {} {label}, {unit}", post.fields.matricule)
    }));
    words.extend(accounts.iter().map(|account| format!("account   {}", account.fields.login)));
    words.extend(identities.iter().map(|identity| {
        format!(
            "identity  {} ({}, {})",
            identity.id_nat,
            identity.channel.name(),
            identity.verified_at.date_naive()
        )
    }));
    words.extend(
        means
            .iter()
            .map(|means| format!("means     {} {}", means.kind.name(), means.status.name())),
    );
    let ids: Vec<&str> = identities.iter().map(|identity| identity.id_nat.as_str()).collect();
    context.out.show(
        &serde_json::json!({
            "id": person.id, "name": person.display_name(), "state": person.state.name(),
            "matricules": posts.iter().map(|post| post.fields.matricule.as_str()).collect::<Vec<_>>(),
            "accounts": accounts.iter().map(|account| &account.fields.login).collect::<Vec<_>>(),
            "national_identities": ids,
            "means": means.iter().map(|means| (means.kind.name(), means.status.name())).collect::<Vec<_>>(),
        }),
        &words.join("\n"),
    );
    Ok(0)
}

pub async fn run_means(context: &CommandContext, verb: MeansVerb) -> anyhow::Result<u8> {
    match verb {
        MeansVerb::Issue { person, kind } => {
            let person = find(context, &person).await?;
            let kind = match kind {
                OfferedKind::Fido2 => MeansKind::Fido2,
                OfferedKind::Password => MeansKind::Password,
            };
            let given = context.workflows.give_enrolment_code(&context.actor, person, kind).await?;
            let (code, parts) = (given.text.expose(), context.workflows.parts());
            let page = format!("{}/enrol", parts.public_origin);
            let expires_at = given.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let until = parts.zone.at(given.expires_at).format("%d/%m/%Y %H:%M");
            context.out.show(
                &serde_json::json!({ "code": code, "expires_at": expires_at, "page": page }),
                &format!("Code {code}, good until {until}, to type at {page}"),
            );
        }
        MeansVerb::List { person } => {
            let person = find(context, &person).await?;
            let means = context.workflows.store().read().means().of(person).await?;
            let words: Vec<String> = means
                .iter()
                .map(|means| format!("{}  {} {}", means.id, means.kind.name(), means.status.name()))
                .collect();
            let documents: Vec<serde_json::Value> = means
                .iter()
                .map(|means| serde_json::json!({ "id": means.id, "kind": means.kind.name(), "status": means.status.name() }))
                .collect();
            context.out.show(&documents.into(), &words.join("\n"));
        }
    }
    Ok(0)
}

use super::CommandContext;
use super::source::{must_be_done, work};
use anyhow::Context;
use clap::Subcommand;
use kernel::IdNat;
use std::path::PathBuf;
use workflows::sync::{ImportLimits, Indicator, IndicatorFeed};
use workflows::views::RegisterVersion;

#[derive(Subcommand)]
pub enum RegisterVerb {
    /// Imports extracts: activities, and with them the restricted one, savoir-faire, diplomas, MSSanté mailboxes.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A partial extract, or the demo's: the guard on the size of the whole register is off.
        #[arg(long)]
        partial: bool,
        /// How far from the last accepted extract the number of lines may be, in percent (5 when not said).
        #[arg(long)]
        max_deviation: Option<u32>,
        /// An extract older than the one in use is meant.
        #[arg(long)]
        older: bool,
    },
    /// The version in use, its age, and the one that waits.
    Status,
    /// Looks at the publisher that the settings name, and imports what is new.
    Fetch {
        /// A partial extract: the guard on the size of the whole register is off.
        #[arg(long)]
        partial: bool,
    },
    /// What the publisher's API says of one number, or of a card, now.
    Lookup {
        #[arg(long, required_unless_present = "card")]
        number: Option<IdNat>,
        /// The number printed in the certificate of a CPx card.
        #[arg(long, conflicts_with = "number")]
        card: Option<String>,
    },
    /// Hears from the publisher's API what changed about the people we hold.
    Delta,
    /// Takes the version that waits for a human.
    Accept,
    /// Forgets the version that waits.
    Dismiss,
    /// All that the register says of one number.
    Show { id_nat: IdNat },
    /// What the register changed about the people we hold, and nobody looked at yet.
    Changes {
        #[arg(long, default_value_t = 200)]
        limit: u64,
    },
    /// Somebody looked at a change.
    Settle { change: kernel::RegisterChangeId },
    /// A former number leads to the one in use, which the register lists.
    Alias {
        former: IdNat,
        id_nat: IdNat,
        /// What was looked at.
        #[arg(long)]
        evidence: String,
    },
    /// Links to verify again (every two years), overdue or soon.
    Due {
        #[arg(long, default_value_t = 0)]
        within_days: u64,
        #[arg(long, default_value_t = 1000)]
        limit: u64,
    },
    /// A link was verified again.
    Verify {
        id_nat: IdNat,
        /// What was looked at.
        #[arg(long)]
        evidence: String,
    },
    /// Staff to register or update on the RPPS+ portal, as CSV with `--out`.
    Worklist {
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Indicators I-01 to I-03 of the HospiConnect file.
    Indicators,
}

pub async fn run(context: &CommandContext, verb: RegisterVerb) -> anyhow::Result<u8> {
    let (workflows, actor, out) = (&context.workflows, &context.actor, &context.out);
    match verb {
        RegisterVerb::Import { files, partial, max_deviation, older } => {
            let files: Result<Vec<PathBuf>, _> = files.iter().map(std::fs::canonicalize).collect();
            let limits = ImportLimits { partial, max_deviation_percent: max_deviation, older };
            let job = workflows.start_register_import(actor, files?, limits).await?;
            let job = work(context, job).await?;
            must_be_done(&job)?;
            status(context).await?;
        }
        RegisterVerb::Status => status(context).await?,
        RegisterVerb::Fetch { partial } => {
            let limits = ImportLimits { partial, ..ImportLimits::default() };
            let job = workflows.start_register_refresh(actor, limits).await?;
            must_be_done(&work(context, job).await?)?;
            status(context).await?;
        }
        RegisterVerb::Lookup { number, card } => lookup(context, number, card).await?,
        RegisterVerb::Delta => {
            let told = workflows.hear_changes(actor).await?;
            out.show(&serde_json::json!({ "changes": told }), &format!("{told} changes heard"));
        }
        RegisterVerb::Accept => {
            let version = workflows.accept_register(actor).await?;
            out.show(&version_document(&version), &version_words(&version));
        }
        RegisterVerb::Dismiss => {
            let version = workflows.dismiss_register(actor).await?;
            out.show(&version_document(&version), "the waiting version is forgotten");
        }
        RegisterVerb::Show { id_nat } => {
            // A number that was merged is asked about by whoever still holds it.
            let now = workflows.current_number(&id_nat).await?;
            show(context, &now)?;
        }
        RegisterVerb::Changes { limit } => changes(context, limit).await?,
        RegisterVerb::Settle { change } => {
            let settled = workflows.settle_change(actor, change).await?;
            out.show(&serde_json::json!({ "settled": settled }), "settled");
        }
        RegisterVerb::Alias { former, id_nat, evidence } => {
            workflows.keep_alias(actor, former.clone(), id_nat.clone(), &evidence).await?;
            out.show(
                &serde_json::json!({ "former": former.as_str(), "id_nat": id_nat.as_str() }),
                &format!("{former} leads to {id_nat}"),
            );
        }
        RegisterVerb::Due { within_days, limit } => due(context, within_days, limit).await?,
        RegisterVerb::Verify { id_nat, evidence } => {
            let identity = workflows.verify_identity(actor, &id_nat, &evidence).await?;
            out.show(
                &serde_json::json!({ "id_nat": id_nat.as_str(), "next_check": identity.next_check }),
                &format!("{id_nat}: to be verified again by {}", identity.next_check),
            );
        }
        RegisterVerb::Worklist { out: file } => worklist(context, file).await?,
        RegisterVerb::Indicators => indicators(context).await?,
    }
    Ok(0)
}

fn version_document(version: &RegisterVersion) -> serde_json::Value {
    let files: Vec<serde_json::Value> = version
        .files
        .iter()
        .map(|file| {
            serde_json::json!({
                "name": file.name, "kind": file.kind.name(), "lines": file.lines,
                "left_out": file.left_out, "sha256": file.sha256, "warnings": file.warnings,
            })
        })
        .collect();
    serde_json::json!({
        "version": version.number, "files": files, "lines": version.lines(), "persons": version.persons,
        "births": version.births, "complements": version.complements,
        "extracted_at": version.extracted_at, "imported_at": version.imported_at,
    })
}

fn version_words(version: &RegisterVersion) -> String {
    let files: Vec<&str> = version.files.iter().map(|file| file.name.as_str()).collect();
    let mut words = format!(
        "version {}: {} lines, {} persons, {} with birth data ({})",
        version.number,
        version.lines(),
        version.persons,
        version.births,
        files.join(", ")
    );
    for file in &version.files {
        file.warnings.iter().for_each(|told| words.push_str(&format!("\n  {}: {told}", file.name)));
    }
    words
}

fn changes_document(shift: directory::RegisterShift) -> serde_json::Value {
    serde_json::json!({
        "followed": shift.held, "professions": shift.professions, "names": shift.names,
        "missing": shift.missing,
    })
}

async fn status(context: &CommandContext) -> anyhow::Result<()> {
    let workflows = &context.workflows;
    let (waiting, refresh) = (workflows.waiting_register()?, workflows.refresh_standing().await?);
    let fetched = serde_json::json!({
        "looked_at": refresh.looked_at, "fetched_at": refresh.fetched_at, "fault": refresh.fault,
        "delta_until": refresh.delta_until, "delta_fault": refresh.delta_fault,
    });
    let shift = match &waiting {
        Some(version) => workflows.held_shift(version).await?,
        None => None,
    };
    let changes = shift.map(|shift| {
        format!(
            "\nof {} people here who are linked, {} change profession, {} change name, {} are gone",
            shift.held, shift.professions, shift.names, shift.missing
        )
    });
    let waits = match &waiting {
        Some(version) => {
            let changes = changes.unwrap_or_default();
            format!("\nwaiting for `register accept`: {}{changes}", version_words(version))
        }
        None => String::new(),
    };
    let waiting = waiting.as_ref().map(|version| {
        let mut document = version_document(version);
        document["changes"] = shift.map(changes_document).unwrap_or_default();
        document
    });
    let Some(register) = workflows.register()? else {
        let document =
            serde_json::json!({ "version": null, "waiting": waiting, "refresh": fetched });
        context.out.show(&document, &format!("No register was imported yet.{waits}"));
        return Ok(());
    };
    let version = register.version();
    let told = version.extracted_at.unwrap_or(version.imported_at);
    let age = (workflows.now() - told).num_days();
    let mut document = version_document(version);
    document["age_days"] = age.into();
    document["refresh"] = fetched;
    document["waiting"] = waiting.unwrap_or_default();
    context.out.show(&document, &format!("{}\n{age} days old{waits}", version_words(version)));
    Ok(())
}

async fn lookup(
    context: &CommandContext,
    number: Option<IdNat>,
    card: Option<String>,
) -> anyhow::Result<()> {
    let (workflows, actor) = (&context.workflows, &context.actor);
    let found = match (&number, &card) {
        (Some(number), _) => workflows.look_up(actor, number).await?.into_iter().collect(),
        (None, Some(card)) => workflows.look_up_card(actor, card).await?,
        (None, None) => Vec::new(),
    };
    let documents: Vec<serde_json::Value> = found
        .iter()
        .map(|one| {
            let cards: Vec<_> = one.cards.iter().map(|card| [&card.kind, &card.number]).collect();
            serde_json::json!({
                "id_nat": one.id_nat.as_str(), "active": one.is_active, "family": one.family, "given": one.given,
                "professions": one.professions, "roles": one.roles, "skills": one.skills,
                "practises": one.practises, "cards": cards, "mailboxes": one.mailboxes,
                "updated_at": one.updated_at,
            })
        })
        .collect();
    let words: Vec<String> =
        found.iter().map(|one| format!("{} {} {}", one.id_nat, one.family, one.given)).collect();
    context.out.show(&serde_json::json!({ "found": documents }), &words.join("\n"));
    Ok(())
}

fn show(context: &CommandContext, id_nat: &IdNat) -> anyhow::Result<()> {
    let register = context.workflows.register()?.context("no register was imported yet")?;
    let Some(person) = register.find_by_id_nat(id_nat)? else {
        anyhow::bail!("{id_nat} is not in the register in use")
    };
    let exercises: Vec<serde_json::Value> = register
        .exercises(id_nat)?
        .iter()
        .map(|one| {
            serde_json::json!({
                "profession": one.profession, "profession_label": one.profession_label, "category": one.category,
                "skill": one.skill, "role": one.role, "mode": one.mode, "sector": one.sector,
                "finess_et": one.finess_et, "finess_ej": one.finess_ej, "siret": one.siret,
                "structure": one.structure_name,
            })
        })
        .collect();
    let details = register.details(id_nat)?;
    let skills: Vec<_> = details.skills.iter().map(|it| [&it.kind, &it.code, &it.label]).collect();
    let diplomas: Vec<_> = details
        .diplomas
        .iter()
        .map(|it| [&it.kind, &it.code, &it.label, &it.authorisation, &it.discipline])
        .collect();
    let mailboxes: Vec<&str> = details.mailboxes.iter().map(|it| it.address.as_str()).collect();
    let document = serde_json::json!({
        "id_nat": id_nat.as_str(), "family": person.family, "given": person.given,
        "birth": person.birth.as_ref().and_then(|birth| birth.date), "exercises": exercises, "skills": skills,
        "diplomas": diplomas, "mailboxes": mailboxes, "former_numbers": details.former_numbers,
    });
    let words = format!("{} {} ({id_nat})", person.family, person.given);
    context.out.show(&document, &format!("{words}\n{document:#}"));
    Ok(())
}

async fn changes(context: &CommandContext, limit: u64) -> anyhow::Result<()> {
    let changes = context.workflows.register_changes(&context.actor, limit).await?;
    let documents: Vec<serde_json::Value> = changes
        .iter()
        .map(|change| {
            serde_json::json!({
                "change": change.id, "person": change.person, "kind": change.kind.name(),
                "was": change.was, "became": change.became, "told_by": change.by.name(),
                "seen_at": change.seen_at,
            })
        })
        .collect();
    let words: Vec<String> = changes
        .iter()
        .map(|it| format!("{} {} {}: {} → {}", it.id, it.person, it.kind.name(), it.was, it.became))
        .collect();
    context.out.show(&serde_json::json!({ "changes": documents }), &words.join("\n"));
    Ok(())
}

async fn due(context: &CommandContext, within_days: u64, limit: u64) -> anyhow::Result<()> {
    let by = context.workflows.due_by(within_days);
    let due = context.workflows.due_identities(&context.actor, by, limit).await?;
    let documents: Vec<serde_json::Value> = due
        .iter()
        .map(|it| {
            serde_json::json!({
                "person": it.person.id, "id_nat": it.identity.id_nat.as_str(), "overdue": it.is_overdue,
                "next_check": it.identity.next_check, "verified_at": it.identity.verified_at,
                "channel": it.identity.channel.name(), "in_register": it.in_register.is_some(),
            })
        })
        .collect();
    let words: Vec<String> = due
        .iter()
        .map(|it| {
            let late = if it.is_overdue { "overdue since" } else { "by" };
            let (name, id_nat) = (it.person.display_name(), &it.identity.id_nat);
            format!("{id_nat} {name}: {late} {}", it.identity.next_check)
        })
        .collect();
    context.out.show(&serde_json::json!({ "due": documents }), &words.join("\n"));
    Ok(())
}

async fn worklist(context: &CommandContext, file: Option<PathBuf>) -> anyhow::Result<()> {
    let list = context.workflows.people_to_register(&context.actor).await?;
    let csv = super::worklist::csv(&list);
    if let Some(file) = &file {
        // What leaves is in the journal first; the file is its owner's alone, and over nothing that is there.
        context.workflows.trace_export(&context.actor, list.len() as u64).await?;
        crate::init::write_private(file, csv.as_bytes())?;
    }
    let register = list.iter().filter(|one| one.id_nat.is_none()).count();
    let update = list.len() - register;
    let document =
        serde_json::json!({ "to_register": register, "to_update": update, "file": file });
    context.out.show(&document, &format!("{register} to register, {update} to update on RPPS+"));
    Ok(())
}

async fn indicators(context: &CommandContext) -> anyhow::Result<()> {
    let found = context.workflows.link_indicators(&context.actor).await?;
    let document = |indicator: &Indicator| {
        let by: serde_json::Map<String, serde_json::Value> = indicator
            .by
            .iter()
            .map(|(group, (reached, of))| {
                (group.clone(), serde_json::json!({ "reached": reached, "of": of }))
            })
            .collect();
        serde_json::json!({ "reached": indicator.reached, "of": indicator.of, "by": by })
    };
    let feed = |feed: &IndicatorFeed| {
        let digest = feed.digest.to_string();
        serde_json::json!({
            "source": feed.source, "records": feed.records, "digest": digest,
            "applied_on": feed.applied_on,
        })
    };
    let feeds: Vec<_> = found.proof.feeds.iter().map(feed).collect();
    let words = |name: &str, it: &Indicator| {
        let share = if it.of == 0 { 0.0 } else { 100.0 * it.reached as f64 / it.of as f64 };
        format!("{name}: {} of {} ({share:.1} %)", it.reached, it.of)
    };
    context.out.show(
        &serde_json::json!({
            "as_of": context.workflows.today(), "I-01": document(&found.complete),
            "I-02": document(&found.linked), "I-03": document(&found.fresh),
            "scope": found.proof.scope, "register": found.proof.register, "feeds": feeds,
        }),
        &[
            words("I-01 directory complete", &found.complete),
            words("I-02 linked to RPPS", &found.linked),
            words("I-03 verified within 24 months", &found.fresh),
        ]
        .join("\n"),
    );
    Ok(())
}

//! Operators of the console from the machine: the way back into a console that nobody can open any more.
use super::CommandContext;
use clap::{Subcommand, ValueEnum};
use kernel::Role;
use workflows::login::{Appointed, FirstAdministrator, FirstLink};

#[derive(Subcommand)]
pub enum OperatorVerb {
    /// Who works at the console, with which roles and how many keys.
    List,
    /// Makes an operator of somebody known (id or matricule), or of somebody new (--family, --given). Prints her link.
    Add {
        #[arg(conflicts_with_all = ["family", "given"])]
        person: Option<String>,
        #[arg(long, requires = "given")]
        family: Option<String>,
        #[arg(long, requires = "family")]
        given: Option<String>,
        #[arg(long = "role", required = true)]
        roles: Vec<OfferedRole>,
    },
    /// Another link of one hour for an operator's key: the first was not used in time, or the key is lost.
    Link { operator: String },
    /// Sets the roles of an operator.
    Roles {
        operator: String,
        #[arg(long = "role", required = true)]
        roles: Vec<OfferedRole>,
    },
    /// Takes an operator off: her sessions end.
    Disable { operator: String },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OfferedRole {
    Technician,
    DeskAgent,
    HrReferent,
    SecurityOfficer,
    Auditor,
    ApplicationOwner,
}

impl From<OfferedRole> for Role {
    fn from(role: OfferedRole) -> Self {
        match role {
            OfferedRole::Technician => Self::Technician,
            OfferedRole::DeskAgent => Self::DeskAgent,
            OfferedRole::HrReferent => Self::HrReferent,
            OfferedRole::SecurityOfficer => Self::SecurityOfficer,
            OfferedRole::Auditor => Self::Auditor,
            OfferedRole::ApplicationOwner => Self::ApplicationOwner,
        }
    }
}

pub async fn run(context: &CommandContext, verb: OperatorVerb) -> anyhow::Result<u8> {
    let (workflows, actor) = (&context.workflows, &context.actor);
    match verb {
        OperatorVerb::List => list(context).await?,
        OperatorVerb::Add { person, family, given, roles } => {
            let who = match (person, family, given) {
                (Some(person), None, None) => {
                    Appointed::Known(super::people::find(context, &person).await?)
                }
                (None, Some(family), Some(given)) => {
                    Appointed::New(FirstAdministrator { family, given, mail: None })
                }
                _ => anyhow::bail!("give a person, or --family and --given"),
            };
            let roles: Vec<Role> = roles.into_iter().map(Role::from).collect();
            show_link(context, &workflows.appoint_operator(actor, who, &roles).await?);
        }
        OperatorVerb::Link { operator } => {
            show_link(context, &workflows.link_operator(actor, operator.parse()?).await?);
        }
        OperatorVerb::Roles { operator, roles } => {
            let roles: Vec<Role> = roles.into_iter().map(Role::from).collect();
            let id = operator.parse()?;
            let changed = workflows.change_operator(actor, id, None, &roles, true).await?;
            context.out.show(
                &serde_json::json!({ "operator": changed.id, "roles": changed.roles }),
                &format!("{} has her new roles.", changed.id),
            );
        }
        OperatorVerb::Disable { operator } => {
            let id = operator.parse()?;
            let lines = workflows.list_operators(actor).await?;
            let known = lines.into_iter().find(|line| line.operator.id == id);
            let Some(known) = known else { anyhow::bail!("no operator bears the id {operator}") };
            let (roles, seen) = (known.operator.roles, Some(known.operator.version));
            workflows.change_operator(actor, id, seen, &roles, false).await?;
            context.out.show(
                &serde_json::json!({ "operator": id, "enabled": false }),
                &format!("{id} works at the console no more."),
            );
        }
    }
    Ok(0)
}

async fn list(context: &CommandContext) -> anyhow::Result<()> {
    let lines = context.workflows.list_operators(&context.actor).await?;
    let documents: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| {
            serde_json::json!({
                "operator": line.operator.id, "person": line.operator.person, "roles": line.operator.roles,
                "enabled": line.operator.enabled, "keys": line.keys,
            })
        })
        .collect();
    let words: Vec<String> = lines
        .iter()
        .map(|line| {
            let name = line.person.as_ref().map(directory::Person::display_name);
            let state = if line.operator.enabled { "" } else { " (disabled)" };
            let (id, keys) = (line.operator.id, line.keys);
            format!("{id}  {}{state}, {keys} key(s)", name.unwrap_or_default())
        })
        .collect();
    context.out.show(&serde_json::json!({ "operators": documents }), &words.join("\n"));
    Ok(())
}

fn show_link(context: &CommandContext, link: &FirstLink) {
    context.out.show(
        &serde_json::json!({
            "operator": link.operator, "person": link.person, "link": link.url, "expires_at": link.expires_at,
        }),
        &format!("Her key is enrolled here, within one hour, once:\n  {}", link.url),
    );
}

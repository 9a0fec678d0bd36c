//! The columns of the list, on screen and in its file, by the names that both know them by.
use super::lines::{row, site_name};
use super::views::{ListedAccount, PersonRow};
use crate::call::listed;
use crate::problem::Problem;
use chrono::NaiveDate;
use kernel::Actor;
use workflows::Workflows;
use workflows::views::SiteNames;
use workflows::views::people_list::{self, MoreWanted, PersonLine};

/// What a column is called on screen and in files, in the order of the file.
const COLUMNS: [(&str, &str); 18] = [
    ("name", "Nom"),
    ("birth_name", "Nom de naissance"),
    ("given", "Prénom"),
    ("birth_date", "Naissance"),
    ("function", "Fonction"),
    ("entity", "Entité"),
    ("unit", "UF"),
    ("unit_name", "Libellé UF"),
    ("site", "Site"),
    ("matricules", "Matricules"),
    ("identity", "Identité nationale"),
    ("means", "Moyens"),
    ("contract_end", "Fin de contrat"),
    ("last_login", "Dernière connexion"),
    ("state", "État"),
    ("sources", "Sources"),
    ("accounts", "Comptes AD"),
    ("id", "Identifiant Hygie"),
];

/// Those that are told only to whoever names them: no more of a person leaves than is looked at.
const ASKED_FOR: [&str; 6] = ["birth_date", "entity", "means", "sources", "accounts", "id"];

/// Columns that were asked for, in their order.
#[derive(Debug, Clone)]
pub(super) struct Columns(Vec<(&'static str, &'static str)>);

impl Columns {
    pub fn parse(asked: Option<&str>) -> Result<Self, Problem> {
        let asked = listed(asked);
        if asked.is_empty() {
            let own = |column: &&(&str, &str)| !ASKED_FOR.contains(&column.0);
            return Ok(Self(COLUMNS.iter().filter(own).copied().collect()));
        }
        let known = |name: &String| {
            let found = COLUMNS.iter().find(|(known, _)| known == name).copied();
            found.ok_or_else(|| Problem::bad_request(format!("columns has no value {name}")))
        };
        Ok(Self(asked.iter().map(known).collect::<Result<_, _>>()?))
    }

    pub fn titles(&self) -> Vec<&'static str> {
        self.0.iter().map(|(_, title)| *title).collect()
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|column| column == name)
    }

    /// A page of lines with what these columns tell, whatever their number in as many queries.
    pub async fn rows(
        &self,
        workflows: &Workflows,
        actor: &Actor,
        lines: &[PersonLine],
        today: NaiveDate,
    ) -> Result<Vec<PersonRow>, Problem> {
        let sites = workflows.sites_of(lines).await;
        let entities = match self.has("entity") {
            true => Some(workflows.entities_of(lines).await),
            false => None,
        };
        let wanted = MoreWanted { sources: self.has("sources"), accounts: self.has("accounts") };
        let mut more = workflows.more_of_people(actor, lines, wanted).await?;
        let rows = lines.iter().map(|line| {
            let more = more.remove(&line.person.id).unwrap_or_default();
            let shown = row(line, today, &sites);
            PersonRow {
                birth_date: match self.has("birth_date") {
                    true => line.person.birth_date,
                    false => shown.birth_date,
                },
                entity: entities.as_ref().and_then(|names| entity(line, today, names)),
                sources: wanted.sources.then_some(more.sources),
                accounts: wanted
                    .accounts
                    .then(|| more.accounts.into_iter().map(ListedAccount::from).collect()),
                ..shown
            }
        });
        Ok(rows.collect())
    }
}

/// The legal entity of the post that the line shows.
fn entity(line: &PersonLine, today: NaiveDate, names: &SiteNames) -> Option<String> {
    let finess = line.main_post(today)?.fields.finess_ej.as_ref()?;
    Some(site_name(finess, names))
}

impl From<people_list::ListedAccount> for ListedAccount {
    fn from(account: people_list::ListedAccount) -> Self {
        Self { login: account.login, enabled: account.enabled }
    }
}

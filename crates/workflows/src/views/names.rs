//! Names for what records know by number: sites, applications, sources.
use crate::{WorkflowError, Workflows};
use kernel::Zone;
use std::collections::{BTreeMap, BTreeSet};
use store::views::people::PersonLine;
use store::views::person;

/// Sites by their FINESS, as the register calls them.
pub type SiteNames = BTreeMap<String, String>;

/// What was looked up in one version of the register, found or not.
#[derive(Debug, Default)]
pub(crate) struct KnownSites {
    version: Option<u64>,
    asked: BTreeSet<String>,
    names: SiteNames,
}

/// What the fields of events name by id.
#[derive(Debug, Clone, Default)]
pub struct EventNames {
    /// Applications and sources, by their ids as texts.
    pub by_id: BTreeMap<String, String>,
    /// The hospital's clock: the days that events speak of are its own.
    pub zone: Zone,
}

impl Workflows {
    /// The sites where these people have posts.
    pub async fn sites_of<'a>(&self, lines: impl IntoIterator<Item = &'a PersonLine>) -> SiteNames {
        let posts = lines.into_iter().flat_map(|line| &line.posts);
        let sites = posts.filter_map(|post| post.fields.finess_et.as_ref());
        self.site_names(sites.map(ToString::to_string).collect()).await
    }

    /// The legal entities that these people have posts of.
    pub async fn entities_of<'a>(
        &self,
        lines: impl IntoIterator<Item = &'a PersonLine>,
    ) -> SiteNames {
        let posts = lines.into_iter().flat_map(|line| &line.posts);
        let entities = posts.filter_map(|post| post.fields.finess_ej.as_ref());
        self.site_names(entities.map(ToString::to_string).collect()).await
    }

    /// Names of these sites; a register that cannot be read leaves their numbers to be shown.
    pub async fn site_names(&self, wanted: BTreeSet<String>) -> SiteNames {
        if wanted.is_empty() {
            return SiteNames::new();
        }
        let workflows = self.clone();
        let found = tokio::task::spawn_blocking(move || workflows.look_up_sites(wanted)).await;
        match found {
            Ok(Ok(names)) => names,
            Ok(Err(error)) => {
                tracing::warn!(%error, "names of sites could not be read");
                SiteNames::new()
            }
            Err(error) => {
                tracing::warn!(%error, "names of sites could not be read");
                SiteNames::new()
            }
        }
    }

    fn look_up_sites(
        &self,
        wanted: BTreeSet<String>,
    ) -> Result<SiteNames, store::register::RegisterError> {
        let Some(register) = self.register()? else { return Ok(SiteNames::new()) };
        let version = Some(register.version().number);
        {
            let known = self.0.sites.read().expect("no holder of this lock panics");
            if known.version == version && wanted.is_subset(&known.asked) {
                return Ok(only(&known.names, &wanted));
            }
        }
        let mut known = self.0.sites.write().expect("no holder of this lock panics");
        if known.version != version {
            *known = KnownSites { version, ..KnownSites::default() };
        }
        let asked: BTreeSet<String> = known.asked.union(&wanted).cloned().collect();
        known.names = register.site_names(&asked)?;
        known.asked = asked;
        Ok(only(&known.names, &wanted))
    }

    /// Names of all applications and sources: few, read together.
    pub async fn event_names(&self) -> Result<EventNames, WorkflowError> {
        let reader = self.store().read();
        let clients = person::client_names(&reader).await?;
        let clients = clients.into_iter().map(|(id, (_, name))| (id.to_string(), name));
        let sources = reader.sources().all().await?;
        let sources = sources.into_iter().map(|source| (source.id.to_string(), source.name));
        let zone = self.parts().zone.clone();
        Ok(EventNames { by_id: clients.chain(sources).collect(), zone })
    }
}

fn only(names: &SiteNames, wanted: &BTreeSet<String>) -> SiteNames {
    let wanted = names.iter().filter(|(finess, _)| wanted.contains(*finess));
    wanted.map(|(finess, name)| (finess.clone(), name.clone())).collect()
}

//! Begins a login and shows where it is.
use super::state::{LOGIN, LoginState, Step, Underway};
use super::{House, LoginError, RefusalView, Visit};
use crate::Workflows;
use audit::AccessKind;
use authentication::{Demand, Level, MeansKind, Policy};
use kernel::ClientId;
use oidc::ClientPages;
use std::collections::BTreeSet;

/// Why somebody is sent to the login pages.
#[derive(Debug, Clone)]
pub struct LoginAsk {
    /// Path and query on this host, where the browser goes once logged in.
    pub next: String,
    /// What the page says will be opened.
    pub application: Option<String>,
    /// Pages of its own that it tells its users to look at.
    pub pages: ClientPages,
    pub client: Option<ClientId>,
    pub level: Level,
    pub two_factors: bool,
    /// Somebody is logged in here, and is asked to prove more: where « Plus tard » leads (console, L11).
    pub later: Option<String>,
    /// Nobody is logged in here: where « Annuler » leads, back to the application with its refusal.
    pub cancel: Option<String>,
    /// Languages that the application asks for.
    pub locales: Vec<String>,
}

impl LoginAsk {
    /// Somebody came by themselves.
    pub fn to(next: &str) -> Self {
        Self {
            next: next.to_owned(),
            application: None,
            pages: ClientPages::default(),
            client: None,
            level: Level::Faible,
            two_factors: false,
            later: None,
            cancel: None,
            locales: Vec::new(),
        }
    }
}

/// The step that the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginStep {
    /// Which means; a name may be typed where passwords are taken.
    Choice {
        names: bool,
    },
    Password {
        name: String,
    },
    /// JSON for `navigator.credentials.get`.
    Key {
        options: String,
    },
    /// Where cards are read.
    Card {
        at: String,
    },
}

/// All that a login page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginView {
    pub house: House,
    /// For the form; worth nothing in another browser.
    pub handle: String,
    pub application: Option<String>,
    pub pages: ClientPages,
    /// Where it leads, and where one begins again when the page has been open too long.
    pub next: String,
    pub step: LoginStep,
    /// Whether « Carte CPS » is offered.
    pub cards: bool,
    /// Where « Plus tard » leads, for who is logged in and is asked to prove more.
    pub later: Option<String>,
    /// Where « Annuler » leads.
    pub cancel: Option<String>,
    pub refusal: Option<RefusalView>,
}

impl Workflows {
    /// Begins a login for this browser. `next` must be a path of ours: anything else goes to the listener's home.
    pub async fn begin_login(
        &self,
        visit: &Visit<'_>,
        ask: LoginAsk,
    ) -> Result<LoginView, LoginError> {
        let next = if is_own_path(&ask.next) { ask.next } else { home(visit.listener).to_owned() };
        let state = LoginState {
            step: Step::Choice,
            next,
            application: ask.application,
            pages: ask.pages,
            client: ask.client,
            level: ask.level.name().to_owned(),
            two_factors: ask.two_factors,
            later: ask.later.filter(|later| is_own_path(later)),
            cancel: ask.cancel.filter(|cancel| is_own_path(cancel)),
            awaits_card: false,
            proofs: "[]".to_owned(),
        };
        let (handle, login) = self.begin_underway(visit, LOGIN, &state).await?;
        self.view(handle.expose(), &Underway { login, state }, None).await
    }

    /// The page of a login under way: the same bytes however often it is asked for.
    pub async fn show_login(
        &self,
        visit: &Visit<'_>,
        handle: &str,
    ) -> Result<LoginView, LoginError> {
        let underway = self.underway(visit, handle, LOGIN).await?;
        self.view(handle, &underway, None).await
    }

    /// « Ce n'est pas moi », « Autre moyen », a key's dialog closed: back to the choice. No refusal.
    pub async fn choose_again(
        &self,
        visit: &Visit<'_>,
        handle: &str,
    ) -> Result<LoginView, LoginError> {
        let mut underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        underway.state.step = Step::Choice;
        underway.state.awaits_card = false;
        underway.state.proofs = "[]".to_owned();
        underway.login.person = None;
        self.move_on(&mut underway).await?;
        self.view(handle, &underway, None).await
    }

    /// A name was typed. The next page is the same for everybody (threats AU-01).
    pub async fn give_name(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        name: &str,
    ) -> Result<LoginView, LoginError> {
        let mut underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        let name: String = name.trim().chars().filter(|c| !c.is_control()).take(128).collect();
        let typed = matches!(visit.listener, AccessKind::Public) && !name.is_empty();
        underway.state.step = if typed { Step::Password { name } } else { Step::Choice };
        underway.state.awaits_card = false;
        self.move_on(&mut underway).await?;
        self.view(handle, &underway, None).await
    }

    pub(super) async fn view(
        &self,
        handle: &str,
        underway: &Underway<LoginState>,
        refusal: Option<RefusalView>,
    ) -> Result<LoginView, LoginError> {
        let is_public = underway.login.listener == AccessKind::Public;
        let step = match &underway.state.step {
            Step::Choice => LoginStep::Choice { names: is_public },
            Step::Password { name } => LoginStep::Password { name: name.clone() },
            Step::Key { options, .. } => LoginStep::Key { options: options.clone() },
        };
        Ok(LoginView {
            house: self.house().await?,
            handle: handle.to_owned(),
            application: underway.state.application.clone(),
            pages: underway.state.pages.clone(),
            next: underway.state.next.clone(),
            later: underway.state.later.clone(),
            cancel: underway.state.cancel.clone(),
            cards: is_public && self.card_origin().is_some(),
            step,
            refusal,
        })
    }

    /// The policy of the listener. The console takes keys alone.
    pub(super) fn policy(&self, listener: AccessKind) -> Policy {
        let base = match listener {
            AccessKind::Public => Demand::anything(),
            AccessKind::Admin => {
                Demand { kinds: BTreeSet::from([MeansKind::Fido2]), ..Demand::two_factors() }
            }
        };
        Policy { base: Some(base), rules: Vec::new() }
    }
}

fn home(listener: AccessKind) -> &'static str {
    match listener {
        AccessKind::Public => "/portal",
        AccessKind::Admin => "/",
    }
}

/// A path on this host, never a way to another (`//evil`, `/\evil`, `https:`), and no control character.
pub fn is_own_path(path: &str) -> bool {
    let mut letters = path.chars();
    letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && path.len() <= 8_192
        && path.chars().all(|letter| letter.is_ascii_graphic() && letter != '\\')
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn a_login_leads_nowhere_but_home() {
        for (path, own) in [
            ("/", true),
            ("/portal", true),
            ("/oauth2/authorize?client_id=dpi&state=a%2Fb", true),
            ("", false),
            ("portal", false),
            ("//evil.test", false),
            ("/\\evil.test", false),
            ("/a\\b", false),
            ("https://evil.test", false),
            ("/a\r\nSet-Cookie: x", false),
            ("/é", false),
        ] {
            assert_eq!(is_own_path(path), own, "{path:?}");
        }
        assert!(!is_own_path(&format!("/{}", "a".repeat(8_192))));
    }
}

//! The very claims that a person would get from an application, without any login.
use super::may_open::MayOpen;
use crate::Workflows;
use crate::oidc::{ClientError, OwnExercise};
use audit::AuditEvent;
use directory::Person;
use kernel::{Actor, Capability, OpeningId, PersonId, SessionId};
use oidc::{
    Acr, ClaimsRequest, Client, Destination, LoginFacts, Needs, released, subject_identifier,
    tells_exercise,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Claims as they would be sent after a two-factor login made now.
#[derive(Debug, Clone)]
pub struct TokenPreview {
    pub client: Client,
    pub person: Person,
    pub userinfo: Map<String, Value>,
    pub id_token: Map<String, Value>,
    /// Why a login would be refused now; `None`: nothing stands in the way but the login itself.
    pub refused: Option<&'static str>,
    /// `None`: nothing of an exercise is told to this application. Otherwise hers here; with none of them told and more
    /// than one, she is asked at the login.
    pub exercises: Option<Vec<OwnExercise>>,
}

impl Workflows {
    /// A client that is about to change, for whoever may change it.
    pub async fn client_to_change(
        &self,
        actor: &Actor,
        client_id: &str,
    ) -> Result<Client, ClientError> {
        self.must(actor, Capability::ManageClients, "change_client").await?;
        let found = self.store().read().clients().named(client_id).await?;
        found.ok_or(ClientError::Unknown)
    }

    /// `None`: nobody bears this id. What would be told of a person is told to the journal too.
    pub async fn preview_token(
        &self,
        actor: &Actor,
        client_id: &str,
        person: PersonId,
    ) -> Result<Option<TokenPreview>, ClientError> {
        let client = self.show_client_named(actor, client_id).await?;
        self.must(actor, Capability::ReadPeople, "preview_token").await?;
        let standing = self.store().read().standings().read(person).await?;
        let Some(known) = standing.person.clone() else { return Ok(None) };
        let identities = self.store().read().national_identities().to_tell(person).await?;
        let of = (identities.as_slice(), None);
        let subject = self.subject_with(person, &standing, of, Needs::Exercise)?;
        let login = LoginFacts {
            person,
            session: SessionId::from(kernel::Uuid::nil()),
            sid: OpeningId::from(kernel::Uuid::nil()),
            auth_time: self.now(),
            acr: Acr::Eidas2,
            amr: ["hwk", "mfa", "user"].into_iter().map(Into::into).collect(),
        };
        let asked = BTreeMap::new();
        let scopes = &client.settings.scopes;
        let userinfo = Destination::Userinfo { scopes, asked: &asked };
        let mut userinfo = released(userinfo, &client, &subject, &login);
        let sub = subject_identifier(&client, person, self.keys());
        userinfo.insert("sub".to_owned(), sub.clone().into());
        let id_token = Destination::IdToken { asked: &asked };
        let mut id_token = released(id_token, &client, &subject, &login);
        id_token.insert("sub".to_owned(), sub.into());
        let event = AuditEvent::TokenPreviewed { by: actor.id(), person, client: client.id };
        self.trace(event).await?;
        let scopes = &client.settings.scopes;
        let exercises = match tells_exercise(scopes, &ClaimsRequest::default(), &client) {
            true => Some(self.exercises_of(&standing, &identities, None)?.own()),
            false => None,
        };
        let (now, state) = (self.now(), known.state_at(self.now()));
        let (posts, accounts) = (&standing.posts, &standing.accounts);
        let means = (standing.means.as_slice(), identities.as_slice());
        let may = MayOpen::of(state, posts, accounts, means, (self.today(), now));
        let refused = may.refused(&client);
        Ok(Some(TokenPreview { client, person: known, userinfo, id_token, refused, exercises }))
    }
}

//! A program answers for a test person whom a client had asked (CIBA): she logs in with the password that everybody here
//! knows, by the pages' own steps, and says her word. Nothing is passed over; where people are real, there is no such route.
use crate::Workflows;
use crate::login::{LoginAnswer, LoginAsk, LoginError, Visit};
use crate::oidc::{Decided, OidcError};
use audit::AccessKind;
use kernel::{Handle, HandleKind};

#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// No sandbox, or nothing waits under this id for one of its people.
    #[error("nothing waits under this id for a test person")]
    Unknown,
    #[error("her password is not enough for this application")]
    NotEnough,
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error(transparent)]
    Provider(#[from] OidcError),
}

impl Workflows {
    /// The word of the test person for whom this request waits.
    pub async fn answer_for_test_person(
        &self,
        auth_req_id: &str,
        approve: bool,
    ) -> Result<Decided, ApprovalError> {
        let sandbox = self.sandbox().ok_or(ApprovalError::Unknown)?;
        let handle = Handle::parse(HandleKind::AuthRequest, auth_req_id)
            .map_err(|_| ApprovalError::Unknown)?;
        let request = self.store().read().decoupled().find(&handle.hash()).await;
        let request = request.map_err(OidcError::from)?.ok_or(ApprovalError::Unknown)?;
        let person = sandbox.people.iter().find(|person| Some(person.person) == request.person);
        let person = person.ok_or(ApprovalError::Unknown)?;
        let browser = self.new_browser();
        let visit =
            Visit { listener: AccessKind::Public, browser: &browser, network: "sandbox approvals" };
        let page = self.begin_login(&visit, LoginAsk::to("/portal")).await?;
        let page = self.give_name(&visit, &page.handle, &person.login).await?;
        let session = match self.give_password(&visit, &page.handle, &person.password).await? {
            LoginAnswer::Opened { session, .. } => session,
            LoginAnswer::Page(_) => return Err(ApprovalError::NotEnough),
        };
        let listener = AccessKind::Public;
        let current = self.current_session(listener, session.expose(), browser.expose()).await;
        let current = current.map_err(OidcError::from)?.ok_or(ApprovalError::NotEnough)?;
        let reference: String = handle.hash().0.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.decide_elsewhere(&current, &reference, None, approve).await? {
            Decided::ProveFirst => Err(ApprovalError::NotEnough),
            decided => Ok(decided),
        }
    }
}

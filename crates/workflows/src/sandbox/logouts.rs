//! Logout calls to the client under check: wrong ones first, then the right one, which ends its session.
use super::checks::{CheckError, CheckView, drawn};
use crate::Workflows;
use oidc::check::{LogoutCall, LogoutPlay, check_logout_claims};
use oidc::{JWS_TYPE_LOGOUT, NotifyError};
use std::sync::Arc;

impl Workflows {
    /// All of them, one after the other, for the session that was opened last.
    pub async fn play_logouts(&self, id: &str) -> Result<CheckView, CheckError> {
        let sandbox = self.sandbox().ok_or(CheckError::Unknown)?;
        let keys = self.check_keys(sandbox).await?;
        let check = self.read_check(id).await?;
        let last = check
            .visits
            .iter()
            .rfind(|visit| !visit.userinfo_calls.is_empty() || visit.play.is_right());
        let sid = last.ok_or(CheckError::NotPlayed)?.sid.clone();
        let (client, secret) = (check.client, check.secret);
        let address = client.backchannel_logout_uri.clone().ok_or(CheckError::LogoutUri)?;
        let notifier = Arc::clone(&sandbox.notifier);
        let mut calls = Vec::new();
        for play in LogoutPlay::ALL {
            let claims =
                check_logout_claims(play, &client, &sid, &drawn(self.randomness()), self.now());
            let token = keys.sign(self, play.signer(), JWS_TYPE_LOGOUT, &claims, &secret)?;
            let answer = notifier.log_out(&address, &token).await;
            let reached = matches!(answer, Ok(()) | Err(NotifyError::Refused { .. }));
            calls.push(LogoutCall {
                play,
                answer: answer.map_err(|fault| fault.to_string()),
                reached,
            });
        }
        self.with_check(id, |check| {
            check.calls = calls;
            Ok(())
        })
        .await?;
        self.show_check(id).await
    }
}

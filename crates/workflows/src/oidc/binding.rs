//! What tokens are bound to: a key that the call proves, so that whoever steals one has nothing (threats OP-17).
use super::OidcError;
use crate::Workflows;
use chrono::{DateTime, Utc};
use oidc::{
    Channel, Client, Confirmation, DpopCall, DpopFault, DpopProof, OAuthError, ProviderEndpoints,
    SenderConstraint, dpop_windows, judge_dpop,
};
use store::Transaction;

/// What the tokens of a call are bound to, and the id of its proof, to be spent in the act that gives them.
pub(super) struct Bound {
    pub confirmation: Option<Confirmation>,
    once: Option<([u8; 32], DateTime<Utc>)>,
}

impl Bound {
    /// Of a call that proves no key, by a client that need not.
    pub(super) fn to_nothing() -> Self {
        Self { confirmation: None, once: None }
    }

    pub(super) fn key(&self) -> Option<&str> {
        match &self.confirmation {
            Some(Confirmation::Key(key)) => Some(key),
            Some(Confirmation::Certificate(_)) | None => None,
        }
    }

    /// False: the proof served before.
    pub(super) async fn spend(&self, tx: &Transaction) -> Result<bool, OidcError> {
        match &self.once {
            Some((id, until)) => Ok(tx.spent_ids().spend(id, *until).await?),
            None => Ok(true),
        }
    }
}

impl Workflows {
    /// The number that proofs must bear now. Every node says the same one, and keeps none.
    pub fn dpop_nonce(&self) -> String {
        self.nonce_of(dpop_windows(self.now())[0])
    }

    fn nonce_of(&self, window: i64) -> String {
        let mac = self.keys().mac("oidc-dpop-nonce", &window.to_be_bytes());
        mac[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A client that was asked for the number of the day sends a new proof beside the same assertion: the call that is
    /// sent back spends neither (RFC 9449 §8).
    pub(super) async fn ask_number(
        &self,
        client: &Client,
        channel: &Channel,
        endpoint: &str,
    ) -> Result<(), OidcError> {
        let by_certificate =
            client.settings.security.sender_constraint == Some(SenderConstraint::Mtls);
        let proves = match endpoint {
            ProviderEndpoints::TOKEN => !by_certificate,
            ProviderEndpoints::PAR => true,
            _ => false,
        };
        match proves.then(|| self.proof_of_key(channel, endpoint, None)).transpose()? {
            Some(Err(DpopFault::Nonce)) => self.refuse_proof(client, DpopFault::Nonce).await,
            Some(_) | None => Ok(()),
        }
    }

    /// The proof that came with a call, if one did. `endpoint`: the route that was called.
    pub(super) fn proof_of_key(
        &self,
        channel: &Channel,
        endpoint: &str,
        token: Option<&str>,
    ) -> Result<Result<Option<DpopProof>, DpopFault>, OidcError> {
        let Some(proof) = &channel.proof else { return Ok(Ok(None)) };
        let (addresses, now) = (self.addresses_of(endpoint)?, self.now());
        let nonces = dpop_windows(now).map(|window| self.nonce_of(window));
        let method = channel.method;
        let call = DpopCall { method, addresses: &addresses, token, nonces: &nonces, now };
        Ok(judge_dpop(proof, &call).map(Some))
    }

    /// What the tokens of this call will be bound to; a client that must bind them and does not is refused.
    pub(super) async fn bind(
        &self,
        client: &Client,
        channel: &Channel,
        endpoint: &str,
    ) -> Result<Bound, OidcError> {
        let constraint = client.settings.security.sender_constraint;
        if constraint == Some(SenderConstraint::Mtls) {
            return match &channel.certificate {
                Some(shown) => {
                    let confirmation = Some(Confirmation::Certificate(shown.thumbprint.clone()));
                    Ok(Bound { confirmation, once: None })
                }
                None => {
                    let error = OAuthError::invalid_client();
                    self.refuse_client(error, Some(client), "certificate_missing").await
                }
            };
        }
        let proof = match self.proof_of_key(channel, endpoint, None)? {
            Ok(proof) => proof,
            Err(fault) => return self.refuse_proof(client, fault).await,
        };
        match (proof, constraint) {
            (Some(proof), _) => Ok(Bound {
                once: Some((proof.fingerprint(), proof.once.until)),
                confirmation: Some(Confirmation::Key(proof.thumbprint)),
            }),
            (None, None) => Ok(Bound::to_nothing()),
            (None, Some(_)) => {
                let error = OAuthError::invalid_request("the DPoP proof is missing");
                self.refuse_client(error, Some(client), "dpop_missing").await
            }
        }
    }

    pub(super) async fn refuse_proof<T>(
        &self,
        client: &Client,
        fault: DpopFault,
    ) -> Result<T, OidcError> {
        match fault {
            // No refusal: how a client learns the number of the day.
            DpopFault::Nonce => Err(OidcError::Refused {
                error: OAuthError::use_dpop_nonce(),
                reference: self.reference(),
            }),
            fault => {
                let error = OAuthError::invalid_dpop_proof();
                self.refuse_client(error, Some(client), fault.name()).await
            }
        }
    }

    pub(super) async fn refuse_replay<T>(&self, client: &Client) -> Result<T, OidcError> {
        let error = OAuthError::invalid_dpop_proof();
        self.refuse_client(error, Some(client), "dpop_replayed").await
    }
}

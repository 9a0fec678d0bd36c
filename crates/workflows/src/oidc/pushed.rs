//! Requests that come by a client's own server, or signed by it: opened before they are judged (threats OP-12, OP-13).
use super::OidcError;
use crate::Workflows;
use chrono::{DateTime, Duration, Utc};
use kernel::{Handle, HandleHash, HandleKind};
use oidc::{
    AuthorizeParameters, AuthorizeRefusal, Carriage, Client, ErrorCode, KeptRequest, MOST_PENDING,
    OAuthError, ObjectFrom, PUSHED_SECONDS, ProviderEndpoints, PushedRequest, RequestObjectFault,
    read_request_object, read_request_uri, request_uri, validate_authorize,
};

/// What the client is told of the request that it pushed.
pub struct PushedAnswer {
    pub request_uri: String,
    pub expires_in: u32,
}

/// A request whose parameters are those that count.
pub(super) struct Opened {
    pub parameters: AuthorizeParameters,
    pub carriage: Carriage,
    /// The kept request to mark used when it gives a code.
    pub kept: Option<HandleHash>,
}

impl Workflows {
    /// Judges a request as it will be judged when its browser comes, and keeps it.
    pub async fn push_request(&self, request: &PushedRequest) -> Result<PushedAnswer, OidcError> {
        let endpoint = ProviderEndpoints::PAR;
        let client =
            self.authenticate_client(&request.credentials, &request.channel, endpoint).await?;
        let now = self.now();
        let opened = match self.open_signed(&request.parameters, &client).await {
            Ok(opened) => opened,
            Err(error) => {
                return self.refuse_client(error, Some(&client), "request_object").await;
            }
        };
        let opened = self.bind_request(&client, request, opened).await?;
        let carriage = Carriage { pushed: true, ..opened.carriage };
        if let Err(refusal) = validate_authorize(&opened.parameters, Some(&client), carriage, now) {
            let (AuthorizeRefusal::Page(error) | AuthorizeRefusal::Return(_, error)) = refusal;
            return self.refuse_client(error, Some(&client), error.code.name()).await;
        }
        let pending = self.store().read().pushed_requests().pending(client.id, now).await?;
        if pending >= MOST_PENDING {
            let description = "as many requests of this client wait as may: push again in a minute";
            let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, description);
            return self.refuse_client(error, Some(&client), "too_many_pending").await;
        }
        let handle = Handle::new(HandleKind::Par, self.randomness());
        let kept = KeptRequest {
            issuer: client.issuer.clone(),
            client: client.id,
            parameters: opened.parameters.to_text(),
            signed: carriage.signed,
            pushed_at: now,
            expires_at: now + Duration::seconds(i64::from(PUSHED_SECONDS)),
            used_at: None,
        };
        self.store().upkeep().keep_request(&handle.hash(), &kept).await?;
        Ok(PushedAnswer { request_uri: request_uri(&handle), expires_in: PUSHED_SECONDS })
    }

    /// A proof beside a pushed request binds the code to its key (RFC 9449 §10.1).
    async fn bind_request(
        &self,
        client: &Client,
        request: &PushedRequest,
        opened: Opened,
    ) -> Result<Opened, OidcError> {
        let proof = match self.proof_of_key(&request.channel, ProviderEndpoints::PAR, None)? {
            Ok(None) => return Ok(opened),
            Ok(Some(proof)) => proof,
            Err(fault) => return self.refuse_proof(client, fault).await,
        };
        if opened.parameters.dpop_jkt().is_some_and(|named| named != proof.thumbprint) {
            let error = OAuthError::invalid_dpop_proof();
            return self.refuse_client(error, Some(client), "other_key").await;
        }
        if !self.store().upkeep().spend_id(&proof.fingerprint(), proof.once.until).await? {
            return self.refuse_replay(client).await;
        }
        Ok(Opened { parameters: opened.parameters.bound_to(&proof.thumbprint), ..opened })
    }

    /// Opens what a browser brought. `asked_at`: when it first came; a login since does not make the name too old.
    pub(super) async fn open_request(
        &self,
        parameters: &AuthorizeParameters,
        client: Option<&Client>,
        asked_at: DateTime<Utc>,
    ) -> Result<Result<Opened, OAuthError>, OidcError> {
        let Some(client) = client else {
            return Ok(Ok(plain(parameters)));
        };
        let Some(name) = parameters.request_uri().and_then(read_request_uri) else {
            return Ok(self.open_brought(parameters, client).await);
        };
        let refused = || OAuthError::new(ErrorCode::InvalidRequestUri, GONE);
        let kept = self.store().read().pushed_requests().find(&name.hash()).await?;
        let Some(kept) = kept else { return Ok(Err(refused())) };
        let good = kept.client == client.id
            && kept.issuer == client.issuer
            && kept.used_at.is_none()
            && (kept.pushed_at..kept.expires_at).contains(&asked_at);
        let read = AuthorizeParameters::from_text(&kept.parameters).ok().filter(|_| good);
        let opened = read.map(|parameters| Opened {
            parameters,
            carriage: Carriage { pushed: true, signed: kept.signed },
            kept: Some(name.hash()),
        });
        Ok(opened.ok_or_else(refused))
    }

    /// A request that the browser brought, or that it names by an address of its client. Only clients of a sandbox say such
    /// addresses when they register: elsewhere nobody makes this appliance call one (threats OP-12, OP-24).
    async fn open_brought(
        &self,
        parameters: &AuthorizeParameters,
        client: &Client,
    ) -> Result<Opened, OAuthError> {
        let callable = self.sandbox().is_some() && client.is_open(self.now());
        let named = parameters.request_uri().filter(|_| callable);
        let Some(named) = named else { return self.open_signed(parameters, client).await };
        if parameters.request().is_some() {
            let description = "request and request_uri exclude each other";
            return Err(OAuthError::invalid_request(description));
        }
        let refused = || OAuthError::new(ErrorCode::InvalidRequestUri, UNREAD);
        let address = client.settings.described.request_address(named).ok_or_else(refused)?;
        let object = self.request_at(client, address).await.ok_or_else(refused)?;
        self.open_object(object.trim(), ObjectFrom::Kept, client).await
    }

    async fn open_signed(
        &self,
        parameters: &AuthorizeParameters,
        client: &Client,
    ) -> Result<Opened, OAuthError> {
        let Some(object) = parameters.request() else { return Ok(plain(parameters)) };
        if !client.settings.security.has_keys() {
            // Judged as any other request, which says that none is taken from this client.
            return Ok(plain(parameters));
        }
        self.open_object(object, ObjectFrom::Request, client).await
    }

    async fn open_object(
        &self,
        object: &str,
        from: ObjectFrom,
        client: &Client,
    ) -> Result<Opened, OAuthError> {
        let carriage = Carriage { pushed: false, signed: true };
        let now = self.now();
        let unknown = |fault: &RequestObjectFault| *fault == RequestObjectFault::Signature;
        self.by_keys_of(client, unknown, |client| read_request_object(object, client, from, now))
            .await
            .map(|parameters| Opened { parameters, carriage, kept: None })
            .map_err(|fault| {
                tracing::info!(%fault, client.id = %client.id, "a request object was refused");
                let description = "the request object is not one of this client for this issuer";
                OAuthError::new(ErrorCode::InvalidRequestObject, description)
            })
    }
}

/// One sentence for every cause.
pub(super) const GONE: &str = "the request_uri is unknown, expired, used, or not yours";
const UNREAD: &str = "the request_uri is not registered by this client, or could not be read";

fn plain(parameters: &AuthorizeParameters) -> Opened {
    Opened { parameters: parameters.clone(), carriage: Carriage::default(), kept: None }
}

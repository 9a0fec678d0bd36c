//! The only place that calls webauthn-rs, which draws its own challenges. Passkey calls only: its security-key
//! calls ask user verification as a mere preference (threats FI-03).
mod answer;
#[cfg(test)]
pub(crate) mod soft_key;
#[cfg(test)]
mod tests;

use crate::Holder;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use webauthn_rs::prelude::{
    Credential, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, Url,
    Webauthn, WebauthnBuilder, WebauthnError,
};

/// A challenge is answered within two minutes, or asked again (threats FI-02).
pub const LOGIN_CEREMONY_LIFE: Duration = Duration::minutes(2);

/// The `user.id` written into a key. An operator has another one than the person she is: two accounts on one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserHandle(Uuid);

impl From<Holder> for UserHandle {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Person(person) => Self(person.uuid()),
            Holder::Operator { operator, .. } => Self(operator.uuid()),
        }
    }
}

impl From<Uuid> for UserHandle {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl UserHandle {
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

/// The JSON that a browser gives to `navigator.credentials`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeremonyOptions(pub String);

/// A registration under way. Kept on the server, one use, two minutes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistrationCeremony {
    state: PasskeyRegistration,
    begun_at: DateTime<Utc>,
}

/// A login under way. Kept on the server, one use, two minutes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoginCeremony {
    state: DiscoverableAuthentication,
    /// Known after a first factor; the key must then be hers.
    expected: Option<UserHandle>,
    begun_at: DateTime<Utc>,
}

macro_rules! kept_as_text {
    ($($kept:ident),+) => {$(
        impl $kept {
            pub fn text(&self) -> Result<String, Fido2Error> {
                serde_json::to_string(self).map_err(Fido2Error::unreadable)
            }
            pub fn from_text(text: &str) -> Result<Self, Fido2Error> {
                serde_json::from_str(text).map_err(Fido2Error::unreadable)
            }
        }
    )+};
}
kept_as_text!(RegistrationCeremony, LoginCeremony, Fido2Credential);

/// The public half of a key, with its counter: what the store keeps of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fido2Credential {
    passkey: Passkey,
    user_verified: bool,
    /// May be copied to other devices by its maker: never hardware-bound (threats FI-05).
    backup_eligible: bool,
    counter: u32,
}

impl Fido2Credential {
    pub fn id(&self) -> &[u8] {
        self.passkey.cred_id().as_slice()
    }
    pub fn backup_eligible(&self) -> bool {
        self.backup_eligible
    }
    pub fn counter(&self) -> u32 {
        self.counter
    }
    fn of(passkey: Passkey) -> Self {
        let inside = Credential::from(passkey.clone());
        Self {
            passkey,
            user_verified: inside.user_verified,
            backup_eligible: inside.backup_eligible,
            counter: inside.counter,
        }
    }
}

/// What a browser says it holds, before anything is believed.
#[derive(Debug)]
pub struct Presented {
    answer: PublicKeyCredential,
    handle: Option<UserHandle>,
}

impl Presented {
    /// To look the credential up.
    pub fn credential_id(&self) -> &[u8] {
        &self.answer.raw_id
    }
}

/// A key answered the challenge. Made by [`Fido2::finish_login`] alone.
#[derive(Debug)]
pub struct VerifiedKey {
    user_verified: bool,
    attested: bool,
    credential: Fido2Credential,
}

impl VerifiedKey {
    pub fn user_verified(&self) -> bool {
        self.user_verified
    }
    pub fn attested(&self) -> bool {
        self.attested
    }
    /// With the counter that was just seen: save it in the transaction of the login.
    pub fn credential(&self) -> &Fido2Credential {
        &self.credential
    }
}

/// Why an answer is worth nothing. The page says one sentence for all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefused {
    #[error("the answer cannot be read")]
    Malformed,
    #[error("the challenge is too old")]
    Expired,
    #[error("the answer comes from a frame of another site")]
    CrossOrigin,
    #[error("the key belongs to somebody else")]
    OtherPerson,
    #[error("the counter of the key went back: it may have been copied")]
    CounterWentBack,
    #[error("the key did not verify its user")]
    NotVerified,
    #[error("the answer does not hold: {0}")]
    Invalid(String),
}

impl AssertionRefused {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "key_answer_malformed",
            Self::Expired => "key_challenge_expired",
            Self::CrossOrigin => "key_cross_origin",
            Self::OtherPerson => "key_of_somebody_else",
            Self::CounterWentBack => "key_counter_went_back",
            Self::NotVerified => "key_user_not_verified",
            Self::Invalid(_) => "key_answer_invalid",
        }
    }
}

impl From<WebauthnError> for AssertionRefused {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::CredentialPossibleCompromise => Self::CounterWentBack,
            WebauthnError::UserNotVerified => Self::NotVerified,
            other => Self::Invalid(format!("{other:?}")),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Fido2Error {
    #[error("the name of this site for keys (rp_id) is not a suffix of its address: {0}")]
    Settings(String),
    #[error("a ceremony could not begin: {0}")]
    NotBegun(String),
    #[error("a stored ceremony or credential cannot be read: {0}")]
    Unreadable(String),
}

impl Fido2Error {
    fn unreadable(cause: serde_json::Error) -> Self {
        Self::Unreadable(cause.to_string())
    }
    fn not_begun(cause: impl std::fmt::Debug) -> Self {
        Self::NotBegun(format!("{cause:?}"))
    }
}

/// Registers and verifies keys for one `rp_id` and an exact list of origins (threats FI-08).
#[derive(Debug, Clone)]
pub struct Fido2 {
    webauthn: Webauthn,
}

impl Fido2 {
    pub fn new(rp_id: &str, house: &str, origins: &[&str]) -> Result<Self, Fido2Error> {
        let settings = |cause: WebauthnError| Fido2Error::Settings(format!("{cause:?}"));
        let origins: Result<Vec<Url>, _> =
            origins.iter().map(|origin| Url::parse(origin)).collect();
        let origins = origins.map_err(|cause| Fido2Error::Settings(cause.to_string()))?;
        let (first, others) =
            origins.split_first().ok_or_else(|| Fido2Error::Settings("no origin".to_owned()))?;
        for origin in others {
            // The builder checks the first origin alone.
            WebauthnBuilder::new(rp_id, origin).map_err(settings)?;
        }
        let builder = WebauthnBuilder::new(rp_id, first).map_err(settings)?.rp_name(house);
        let builder = others.iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        let timeout = LOGIN_CEREMONY_LIFE.to_std().expect("two minutes are positive");
        Ok(Self { webauthn: builder.timeout(timeout).build().map_err(settings)? })
    }

    /// Asks for a key that finds its owner by itself: wards share workstations, nobody types a name.
    pub fn begin_registration(
        &self,
        handle: UserHandle,
        login: &str,
        display_name: &str,
        known: &[Fido2Credential],
        now: DateTime<Utc>,
    ) -> Result<(CeremonyOptions, RegistrationCeremony), Fido2Error> {
        let known = known.iter().map(|credential| credential.passkey.cred_id().clone()).collect();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(handle.0, login, display_name, Some(known))
            .map_err(Fido2Error::not_begun)?;
        let mut options = serde_json::to_value(options).map_err(Fido2Error::not_begun)?;
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = json!("required");
        selection["requireResidentKey"] = json!(true);
        Ok((CeremonyOptions(options.to_string()), RegistrationCeremony { state, begun_at: now }))
    }

    pub fn finish_registration(
        &self,
        ceremony: &RegistrationCeremony,
        answer: &str,
        now: DateTime<Utc>,
    ) -> Result<Fido2Credential, AssertionRefused> {
        in_time(ceremony.begun_at, now)?;
        let answer = answer::registration(answer)?;
        let passkey = self.webauthn.finish_passkey_registration(&answer, &ceremony.state)?;
        let credential = Fido2Credential::of(passkey);
        if credential.id() != answer.raw_id.as_slice() {
            return Err(AssertionRefused::Malformed);
        }
        credential.user_verified.then_some(credential).ok_or(AssertionRefused::NotVerified)
    }

    /// `expected`: the person whom a first factor named, and her keys (which need not be discoverable).
    pub fn begin_login(
        &self,
        expected: Option<(UserHandle, &[Fido2Credential])>,
        now: DateTime<Utc>,
    ) -> Result<(CeremonyOptions, LoginCeremony), Fido2Error> {
        let (mut options, state) =
            self.webauthn.start_discoverable_authentication().map_err(Fido2Error::not_begun)?;
        // The dialog opens on a press of the button, not while a field is filled.
        options.mediation = None;
        let mut options = serde_json::to_value(options).map_err(Fido2Error::not_begun)?;
        if let Some((_, keys)) = expected {
            let allowed = keys
                .iter()
                .map(|key| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(key.id()) }));
            options["publicKey"]["allowCredentials"] = allowed.collect();
        }
        let expected = expected.map(|(handle, _)| handle);
        Ok((CeremonyOptions(options.to_string()), LoginCeremony { state, expected, begun_at: now }))
    }

    /// Reads an answer to find whose key it claims to be; nothing is proved yet.
    pub fn presented(&self, answer: &str) -> Result<Presented, AssertionRefused> {
        let answer = answer::assertion(answer)?;
        let handle = match answer.get_user_unique_id() {
            None => None,
            Some(bytes) => {
                let uuid = Uuid::from_slice(bytes).map_err(|_| AssertionRefused::Malformed)?;
                Some(UserHandle(uuid))
            }
        };
        Ok(Presented { answer, handle })
    }

    /// `holder` and `credential` are what the store knows for [`Presented::credential_id`]. They are read in the
    /// transaction of the login, or compared there with what stands, so that the counter compared is the latest one.
    pub fn finish_login(
        &self,
        ceremony: LoginCeremony,
        presented: &Presented,
        holder: UserHandle,
        credential: &Fido2Credential,
        now: DateTime<Utc>,
    ) -> Result<VerifiedKey, AssertionRefused> {
        in_time(ceremony.begun_at, now)?;
        // FI-01: the person of the transaction, the owner of the credential and the handle in the key are one.
        let claimed_by_key = match (ceremony.expected, presented.handle) {
            (Some(expected), None) => expected,
            (Some(expected), Some(handle)) if expected == handle => handle,
            (None, Some(handle)) => handle,
            (Some(_), Some(_)) | (None, None) => return Err(AssertionRefused::OtherPerson),
        };
        if claimed_by_key != holder {
            return Err(AssertionRefused::OtherPerson);
        }
        let seen = self.webauthn.finish_discoverable_authentication_v2(
            &presented.answer,
            ceremony.state,
            &credential.passkey,
        )?;
        let mut passkey = credential.passkey.clone();
        passkey.update_credential(&seen).ok_or(AssertionRefused::OtherPerson)?;
        let credential = Fido2Credential {
            user_verified: credential.user_verified,
            ..Fido2Credential::of(passkey)
        };
        Ok(VerifiedKey {
            user_verified: seen.user_verified() && credential.user_verified,
            attested: false,
            credential,
        })
    }
}

fn in_time(begun_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), AssertionRefused> {
    let age = now - begun_at;
    let fresh = age >= Duration::zero() && age < LOGIN_CEREMONY_LIFE;
    fresh.then_some(()).ok_or(AssertionRefused::Expired)
}

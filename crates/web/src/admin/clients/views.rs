//! What the screens are told, field by field, as the OpenAPI document says.
use super::protocol::{ClientProtocol, ClientProtocolPatch};
use crate::admin::accords::views::AccordRef;
use crate::admin::shared::views::{Owner, PersonRef, Reason};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientProfile {
    Strict,
    Standard,
    PscLike,
    Legacy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientRow {
    pub client_id: String,
    pub name: String,
    pub vendor: Option<String>,
    pub profile: ClientProfile,
    pub sensitive: bool,
    pub state: ClientState,
    pub last_login_at: Option<DateTime<Utc>>,
    /// How long it may do less than asked.
    pub relaxed_until: Option<DateTime<Utc>>,
    /// Ends of sessions that it is still to be told of.
    pub logouts_waiting: i64,
    /// What the report of its connector check says; absent: none was handed in.
    pub check: Option<CheckStanding>,
}

/// Lines that are right, of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckStanding {
    pub right: i64,
    pub total: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    Active,
    Suspended,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientList {
    pub items: Vec<ClientRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Client {
    pub client_id: String,
    pub etag: String,
    pub name: String,
    pub vendor: Option<String>,
    pub profile: ClientProfile,
    pub auth: ClientAuth,
    pub sensitive: bool,
    pub state: ClientState,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub scopes: Vec<String>,
    pub signing: String,
    pub issuer: String,
    pub discovery_url: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<String>,
    pub secret_changed_at: Option<DateTime<Utc>>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// The public keys that the application signs with; absent where it has a secret, or nothing.
    pub jwks: Option<serde_json::Value>,
    /// It may show a code that a person types at `/device` (RFC 8628).
    pub device_login: bool,
    /// It may have a person asked on the portal (CIBA).
    pub backchannel_login: bool,
    /// Called when she has answered (CIBA, ping); without it the application asks again.
    pub backchannel_notification_uri: Option<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    pub asks_consent: bool,
    /// It opens to people with a verified national identity alone.
    pub needs_national_identity: bool,
    pub relaxation: Option<Relaxation>,
    /// Called when a session that it was opened in ends.
    pub backchannel_logout_uri: Option<String>,
    /// How it may speak with us.
    pub protocol: ClientProtocol,
    /// Who answers for it here: an application owner sees her own alone.
    pub owners: Vec<PersonRef>,
    /// What was just asked waits for a second person.
    pub accord: Option<AccordRef>,
}

/// What a `legacy` application may leave out, who answers for it, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    pub owner: String,
    pub reason: String,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCreate {
    pub name: String,
    pub vendor: Option<String>,
    pub profile: ClientProfile,
    pub auth: ClientAuth,
    pub sensitive: bool,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Option<Vec<String>>,
    pub scopes: Option<Vec<String>>,
    /// For `private_key_jwt`: a JWKS of public keys, as an object or as text.
    pub jwks: Option<serde_json::Value>,
    /// It may show a code that a person types at `/device` (RFC 8628).
    pub device_login: Option<bool>,
    /// It may have a person asked on the portal (CIBA).
    pub backchannel_login: Option<bool>,
    /// Called when she has answered (CIBA, ping); without it the application asks again.
    pub backchannel_notification_uri: Option<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    pub asks_consent: Option<bool>,
    /// How it may speak with us, where it is not as its profile has it.
    pub protocol: Option<ClientProtocolPatch>,
    /// It opens to people with a verified national identity alone.
    pub needs_national_identity: Option<bool>,
    /// For `legacy`: the application opens nothing before a second person agrees.
    pub relaxation: Option<Relaxation>,
}

/// Absent fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientPatch {
    pub name: Option<String>,
    pub vendor: Option<String>,
    pub sensitive: Option<bool>,
    pub state: Option<ClientState>,
    pub redirect_uris: Option<Vec<String>>,
    pub post_logout_redirect_uris: Option<Vec<String>>,
    pub scopes: Option<Vec<String>>,
    pub jwks: Option<serde_json::Value>,
    /// It may show a code that a person types at `/device` (RFC 8628).
    pub device_login: Option<bool>,
    /// It may have a person asked on the portal (CIBA).
    pub backchannel_login: Option<bool>,
    /// Called when she has answered (CIBA, ping); an empty text takes it off.
    pub backchannel_notification_uri: Option<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    pub asks_consent: Option<bool>,
    /// How it may speak with us.
    pub protocol: Option<ClientProtocolPatch>,
    /// It opens to people with a verified national identity alone.
    pub needs_national_identity: Option<bool>,
    /// People who answer for it here; these replace those of before.
    pub owners: Option<Vec<Uuid>>,
    /// Waits for a second person; so does opening a relaxed application that is suspended.
    pub relaxation: Option<Relaxation>,
}

/// secret: shown once; absent for public clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientCreated {
    pub client: Client,
    pub secret: Option<String>,
}

/// Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientSecret {
    pub secret: String,
}

/// Where the telling of one end stands. needless: the application asked for no calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogoutState {
    Waiting,
    Received,
    GivenUp,
    Needless,
}

/// One end of a session. person: absent without the right to read people. settled_at: when the application answered, or was
/// given up; failure: why the last call failed, in one word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogoutReceipt {
    pub id: Uuid,
    pub session: Uuid,
    pub person: Option<PersonRef>,
    pub state: LogoutState,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub failure: Option<String>,
}

/// A page; next_cursor is null on the last one. waiting: of all pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogoutPage {
    pub items: Vec<LogoutReceipt>,
    pub next_cursor: Option<String>,
    pub waiting: i64,
}

/// reason: one closed word, said by the console with what it means and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientRefusal {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: String,
    pub reason: String,
    pub grant: Option<String>,
    pub reference: Option<String>,
}

/// A page; next_cursor is null on the last one. since: nothing is told of before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientRefusalPage {
    pub items: Vec<ClientRefusal>,
    pub next_cursor: Option<String>,
    pub since: DateTime<Utc>,
}

/// The file of a report, as the sandbox gave it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFile {
    pub file: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    Wrong,
    Advised,
    AskSomebody,
    NotPlayed,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckSection {
    Requests,
    Plays,
    Logouts,
}

/// title and mend: this appliance's own words for the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckLine {
    pub section: CheckSection,
    pub rule: String,
    pub verdict: CheckVerdict,
    pub title: String,
    pub mend: String,
    pub references: Vec<String>,
}

/// sha256: of the file as it came. Nothing vouches for what it says. lines: none, where another version of the product
/// kept it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckReport {
    pub at: DateTime<Utc>,
    pub by: Option<PersonRef>,
    pub sha256: String,
    pub name: Option<String>,
    pub played_at: Option<DateTime<Utc>>,
    pub logins: Option<i64>,
    pub lines: Vec<CheckLine>,
}

/// report absent: none was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientCheck {
    pub etag: String,
    pub report: Option<CheckReport>,
}

/// value absent: not sent, and why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClaimLine {
    pub claim: String,
    pub value: serde_json::Value,
    pub scope: Option<String>,
    pub owner: Option<Owner>,
    pub source: Option<String>,
    pub sent: bool,
    pub reason: Option<Reason>,
    pub in_id_token: bool,
}

/// title: as the register words it. told: what is sent; with several and none told, the person is asked at her login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewedExercise {
    pub title: String,
    pub structure: String,
    pub told: bool,
}

/// The very claims the person would get. exercises absent: this application is told of none.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TokenPreview {
    pub client_id: String,
    pub person: PersonRef,
    pub claims: Vec<ClaimLine>,
    pub userinfo: serde_json::Value,
    pub id_token: serde_json::Value,
    pub exercises: Option<Vec<PreviewedExercise>>,
    pub allowed: bool,
    pub reason: Option<Reason>,
}

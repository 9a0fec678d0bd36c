//! What is worth remembering, one variant an act. Fields are ids, hashes, counts and closed words: a test walks them.
use crate::{
    AccessKind, Category, ClosingCause, Code, Digest, Outcome, Reference, RunCounts, SettingChange,
};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AccordId, AccountId, ActorId, Capability, CaseId, ClientId, JobId, MeansId, MergeId,
    NationalIdentityId, OpeningId, OperatorId, PersonId, PostId, Role, RunId, SavedViewId,
    SessionId, SigningKeyId, SourceId,
};
use serde::{Deserialize, Serialize};

/// Writes the enum and what can be asked of each of its events.
/// `Name "name" Category Outcome [person, reference]? { fields }`: in brackets the person it is about, then the reference
/// that the user was given.
macro_rules! audit_events {
    ($($(#[$doc:meta])* $variant:ident $name:literal $category:ident $outcome:ident
        [$($person:ident)? $(, $reference:ident)?]
        { $($(#[$more:meta])* $field:ident: $kind:ty),* $(,)? })+) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "event")]
        pub enum AuditEvent {
            $($(#[$doc])* #[serde(rename = $name)] $variant { $($(#[$more])* $field: $kind),* },)+
        }

        impl AuditEvent {
            /// The name of every event, in the order of this file.
            pub const NAMES: &[&str] = &[$($name),+];

            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name,)+ }
            }
            pub fn category(&self) -> Category {
                match self { $(Self::$variant { .. } => Category::$category,)+ }
            }
            pub fn outcome(&self) -> Outcome {
                match self { $(Self::$variant { .. } => Outcome::$outcome,)+ }
            }
            /// Who acted.
            pub fn actor(&self) -> &ActorId {
                match self { $(Self::$variant { by, .. } => by,)+ }
            }
            /// Whom it was done to.
            pub fn subject(&self) -> Option<PersonId> {
                match self {
                    $(Self::$variant { $($person,)? .. } => None::<PersonId>$(.or((*$person).into()))?,)+
                }
            }
            /// What the user was told to quote.
            pub fn reference(&self) -> Option<&Reference> {
                match self {
                    $(Self::$variant { $($reference,)? .. } => None::<&Reference>$(.or(Some($reference)))?,)+
                }
            }
            #[cfg(test)]
            pub(crate) fn samples() -> Vec<Self> {
                use tests::Sample;
                vec![$(Self::$variant { $($field: <$kind>::sample()),* }),+]
            }
        }
    };
}

audit_events! {
    // The appliance
    SystemInitialised "system_initialised" System Accepted [] { by: ActorId, version: String, settings: Digest }
    SystemStarted "system_started" System Accepted [] { by: ActorId, version: String, settings: Digest }
    SystemStopped "system_stopped" System Accepted [] { by: ActorId }
    SettingsAccepted "settings_accepted" System Accepted [] { by: ActorId, settings: Digest }
    /// A restored database begins anew: handles of before are refused (design, section 8).
    RestoreEpochBegun "restore_epoch_begun" System Accepted [] { by: ActorId, epoch: u64, kept: u64, kept_root: Digest, seen: u64, seen_root: Digest, motive: Digest }
    /// The machine's clock was behind what the base had seen, and is right: somebody says so.
    ClockAgreed "clock_agreed" System Accepted [] { by: ActorId, behind_seconds: u64 }
    KeyCreated "key_created" System Accepted [] { by: ActorId, key: SigningKeyId, algorithm: Code }
    KeyRotated "key_rotated" System Accepted [] { by: ActorId, key: SigningKeyId, replaces: SigningKeyId, algorithm: Code }
    KeyRetired "key_retired" System Accepted [] { by: ActorId, key: SigningKeyId }
    JobStarted "job_started" System Accepted [] { by: ActorId, job: JobId, kind: Code }
    JobPaused "job_paused" System Accepted [] { by: ActorId, job: JobId }
    JobStopped "job_stopped" System Accepted [] { by: ActorId, job: JobId }
    JobResumed "job_resumed" System Accepted [] { by: ActorId, job: JobId }

    // Sources and their runs
    SourceAdded "source_added" Sources Accepted [] { by: ActorId, source: SourceId, kind: Code, mapping_version: u32, mapping: Digest }
    SourceMappingChanged "source_mapping_changed" Sources Accepted [] { by: ActorId, source: SourceId, mapping_version: u32, mapping: Digest }
    RunPlanned "run_planned" Sources Accepted [] { by: ActorId, source: SourceId, run: RunId, counts: RunCounts }
    /// A brake holds the plan until a human looks.
    RunWaiting "run_waiting" Sources Accepted [] { by: ActorId, source: SourceId, run: RunId, brake: Code, counts: RunCounts }
    RunReleased "run_released" Sources Accepted [] { by: ActorId, source: SourceId, run: RunId }
    RunApplied "run_applied" Sources Accepted [] { by: ActorId, source: SourceId, run: RunId, counts: RunCounts }
    /// A plan was applied in part, so many of its lines, and is not applied any further: the next reading plans the rest.
    RunLeftOff "run_left_off" Sources Accepted [] { by: ActorId, source: Option<SourceId>, run: RunId, count: u64, lines: u64 }
    RunDismissed "run_dismissed" Sources Accepted [] { by: ActorId, source: SourceId, run: RunId }
    /// The plan was made on data that has moved since, or the reading is not to be believed: nothing was done.
    RunRefused "run_refused" Sources Refused [] { by: ActorId, source: SourceId, run: RunId, reason: Code }
    RunFailed "run_failed" Sources Refused [] { by: ActorId, source: SourceId, run: RunId, reason: Code }
    RegisterImported "register_imported" Sources Accepted [] { by: ActorId, file: Digest, extracted_on: NaiveDate, lines: u64, persons: u64, rejected: u64 }
    /// The new version changes too many people we hold: it waits beside the one in use.
    RegisterHeld "register_held" Sources Accepted [] { by: ActorId, file: Digest, brake: Code, count: u64 }
    RegisterReleased "register_released" Sources Accepted [] { by: ActorId, file: Digest }
    RegisterDismissed "register_dismissed" Sources Accepted [] { by: ActorId, file: Digest }
    RegisterRefused "register_refused" Sources Refused [] { by: ActorId, file: Digest, reason: Code }

    // People, posts, accounts
    PersonCreated "person_created" People Accepted [person] { by: ActorId, person: PersonId, run: Option<RunId> }
    PersonChanged "person_changed" People Accepted [person] { by: ActorId, person: PersonId, run: Option<RunId>, fields: Vec<Code> }
    PersonClosed "person_closed" People Accepted [person] { by: ActorId, person: PersonId, run: Option<RunId>, cause: ClosingCause, motive: Option<Digest> }
    /// Somebody set the moment from which nothing more is issued to her; absent: she took it back.
    PersonClosingPlanned "person_closing_planned" People Accepted [person] { by: ActorId, person: PersonId, from: Option<DateTime<Utc>>, motive: Option<Digest> }
    PersonReopened "person_reopened" People Accepted [person] { by: ActorId, person: PersonId, run: Option<RunId> }
    PersonSuspended "person_suspended" People Accepted [person] { by: ActorId, person: PersonId, motive: Option<Digest> }
    /// Two records were one person: this one took the other in, or gave it back.
    PeopleMerged "people_merged" People Accepted [person] { by: ActorId, person: PersonId, other: PersonId, merge: MergeId, evidence: Code, motive: Option<Digest> }
    PersonAbsorbed "person_absorbed" People Accepted [person] { by: ActorId, person: PersonId, into: PersonId, merge: MergeId }
    PeopleSplit "people_split" People Accepted [person] { by: ActorId, person: PersonId, other: PersonId, merge: MergeId, motive: Option<Digest> }
    PersonGivenBack "person_given_back" People Accepted [person] { by: ActorId, person: PersonId, from: PersonId, merge: MergeId }
    /// What a merge moved, by kind, and the digest of its list.
    MergeMoved "merge_moved" People Accepted [person] { by: ActorId, person: PersonId, other: PersonId, merge: MergeId, posts: u32, accounts: u32, links: u32, means: u32, moved: Digest }
    PersonResumed "person_resumed" People Accepted [person] { by: ActorId, person: PersonId, motive: Option<Digest> }
    PersonRead "person_read" People Read [person] { by: ActorId, person: PersonId }
    PersonAbsent "person_absent" People Accepted [person] { by: ActorId, person: PersonId, source: SourceId, run: RunId }
    PostAdded "post_added" People Accepted [person] { by: ActorId, person: PersonId, post: PostId, run: Option<RunId> }
    PostChanged "post_changed" People Accepted [person] { by: ActorId, person: PersonId, post: PostId, run: Option<RunId>, fields: Vec<Code> }
    PostEnded "post_ended" People Accepted [person] { by: ActorId, person: PersonId, post: PostId, run: Option<RunId> }
    AccountSeen "account_seen" People Accepted [person] { by: ActorId, person: Option<PersonId>, account: AccountId, run: Option<RunId> }
    AccountChanged "account_changed" People Accepted [person] { by: ActorId, person: Option<PersonId>, account: AccountId, run: Option<RunId>, fields: Vec<Code> }
    AccountLinked "account_linked" People Accepted [person] { by: ActorId, person: PersonId, account: AccountId, run: Option<RunId>, key: Code }
    AccountUnlinked "account_unlinked" People Accepted [person] { by: ActorId, person: PersonId, account: AccountId, run: Option<RunId> }
    AccountDisabled "account_disabled" People Accepted [person] { by: ActorId, person: Option<PersonId>, account: AccountId, run: Option<RunId> }
    AccountEnabled "account_enabled" People Accepted [person] { by: ActorId, person: Option<PersonId>, account: AccountId, run: Option<RunId> }
    AccountDeleted "account_deleted" People Accepted [person] { by: ActorId, person: Option<PersonId>, account: AccountId, run: Option<RunId> }

    // Who is this, for the register and for us
    NationalIdentityLinked "national_identity_linked" Reconciliation Accepted [person] { by: ActorId, person: PersonId, national_identity: NationalIdentityId, channel: Code, evidence: Digest }
    /// A link went along with a merge, or back with a split: from then on this person bears the number.
    NationalIdentityMoved "national_identity_moved" Reconciliation Accepted [person] { by: ActorId, person: PersonId, from: PersonId, national_identity: NationalIdentityId, merge: MergeId }
    NationalIdentityUnlinked "national_identity_unlinked" Reconciliation Accepted [person] { by: ActorId, person: PersonId, national_identity: NationalIdentityId, reason: Code }
    /// A card or Pro Santé Connect names another than what is kept, or than whom a human said: nothing is changed.
    CredentialContradicted "credential_contradicted" Reconciliation Refused [person] { by: ActorId, person: PersonId, kind: Code, national: Digest, reason: Code, case: Option<CaseId> }
    /// Two years are over, and somebody looked again (RIE, requirement 27).
    NationalIdentityVerified "national_identity_verified" Reconciliation Accepted [person] { by: ActorId, person: PersonId, national_identity: NationalIdentityId, evidence: Digest }
    /// The register says something else of somebody we hold.
    RegisterChangeSeen "register_change_seen" Reconciliation Accepted [person] { by: ActorId, person: PersonId, national_identity: NationalIdentityId, kind: Code }
    RegisterChangeSettled "register_change_settled" Reconciliation Accepted [person] { by: ActorId, person: PersonId, national_identity: NationalIdentityId, kind: Code }
    /// Two national numbers of one person: the former leads to the one in use.
    NationalAliasKept "national_alias_kept" Reconciliation Accepted [] { by: ActorId, from: Digest, to: Digest }
    /// What a human looked at before saying that a former number became this one.
    NationalAliasProved "national_alias_proved" Reconciliation Accepted [] { by: ActorId, to: Digest, evidence: Digest }
    /// HR declares a number that the register merged into another: the declaration was read as the current one.
    DeclaredNumberFollowed "declared_number_followed" Reconciliation Accepted [person] { by: ActorId, person: PersonId, from: Digest, to: Digest }
    ReconciliationDone "reconciliation_done" Reconciliation Accepted [] { by: ActorId, people: u64, linked: u64, doubts: u64, unmatched: u64 }
    CaseOpened "case_opened" Reconciliation Accepted [person] { by: ActorId, person: Option<PersonId>, case: CaseId, kind: Code, run: Option<RunId> }
    CaseDecided "case_decided" Reconciliation Accepted [person] { by: ActorId, person: Option<PersonId>, case: CaseId, decision: Code, evidence: Option<Code>, note: Option<Digest> }
    CaseUndone "case_undone" Reconciliation Accepted [person] { by: ActorId, person: Option<PersonId>, case: CaseId }
    /// Who is to answer a question; nobody any more when `to` is absent.
    CaseAssigned "case_assigned" Reconciliation Accepted [person] { by: ActorId, person: Option<PersonId>, case: CaseId, to: Option<PersonId> }
    /// What was asked no longer stands: the data changed.
    CaseWithdrawn "case_withdrawn" Reconciliation Accepted [person] { by: ActorId, person: Option<PersonId>, case: CaseId }

    // Means
    EnrolmentCodeIssued "enrolment_code_issued" Means Accepted [person] { by: ActorId, person: PersonId, kind: Code, expires_at: DateTime<Utc> }
    EnrolmentCodeUsed "enrolment_code_used" Means Accepted [person] { by: ActorId, person: PersonId, kind: Code }
    EnrolmentCodeFailed "enrolment_code_failed" Means Refused [person, reference] { by: ActorId, person: Option<PersonId>, reason: Code, place: Option<Digest>, reference: Reference }
    MeansIssued "means_issued" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId, kind: Code }
    MeansActivated "means_activated" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId, kind: Code, proof: Code }
    MeansSuspended "means_suspended" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId, reason: Code, motive: Option<Digest> }
    MeansReactivated "means_reactivated" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId, motive: Option<Digest> }
    MeansRevoked "means_revoked" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId, reason: Code, motive: Option<Digest> }
    /// The same password, kept at today's cost.
    VerifierRenewed "verifier_renewed" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId }
    PasswordChanged "password_changed" Means Accepted [person] { by: ActorId, person: PersonId, means: MeansId }

    // Logins and sessions
    LoginSucceeded "login_succeeded" Login Accepted [person] { by: ActorId, person: PersonId, means: Vec<MeansId>, amr: Vec<Code>, level: Code, session: SessionId, client: Option<ClientId>, listener: AccessKind, place: Option<Digest> }
    LoginRefused "login_refused" Login Refused [person, reference] { by: ActorId, person: Option<PersonId>, means: Option<MeansId>, client: Option<ClientId>, listener: AccessKind, place: Option<Digest>, reason: Code, reference: Reference }
    /// Beyond the rate, refusals are counted and written once a minute (LG-06).
    RefusalsCounted "refusals_counted" Login Refused [] { by: ActorId, reason: Code, place: Option<Digest>, count: u64, from: DateTime<Utc>, to: DateTime<Utc> }
    SessionOpened "session_opened" Sessions Accepted [person] { by: ActorId, person: PersonId, session: SessionId, opening: OpeningId, listener: AccessKind }
    SessionSteppedUp "session_stepped_up" Sessions Accepted [person] { by: ActorId, person: PersonId, session: SessionId, level: Code, means: Vec<MeansId> }
    SessionClosed "session_closed" Sessions Accepted [person] { by: ActorId, person: PersonId, session: SessionId, reason: Code }
    LoggedOut "logged_out" Sessions Accepted [person] { by: ActorId, person: PersonId, session: SessionId, client: Option<ClientId> }

    /// Which of her exercises she acts under in this session. The digest is a MAC by the appliance's key.
    ExerciseChosen "exercise_chosen" Sessions Accepted [person] { by: ActorId, person: PersonId, session: SessionId, exercise: Digest }

    // Applications
    ClientCreated "client_created" Applications Accepted [] { by: ActorId, client: ClientId, profile: Code }
    /// `changes`: of its settings, each as it was and as it is; entries of before this was kept have none.
    ClientChanged "client_changed" Applications Accepted [] { by: ActorId, client: ClientId, fields: Vec<Code>, #[serde(default, skip_serializing_if = "Vec::is_empty")] changes: Vec<SettingChange> }
    /// From then on this person answers for the application, and sees what its page tells; or no longer.
    ClientOwnerNamed "client_owner_named" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId }
    ClientOwnerRemoved "client_owner_removed" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId }
    ClientSecretRotated "client_secret_rotated" Applications Accepted [] { by: ActorId, client: ClientId }
    CodeIssued "code_issued" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, opening: OpeningId }
    TokenIssued "token_issued" Applications Accepted [person] { by: ActorId, person: Option<PersonId>, client: ClientId, session: Option<SessionId>, opening: Option<OpeningId>, grant: Code, level: Option<Code> }
    TokenRefused "token_refused" Applications Refused [person, reference] { by: ActorId, person: Option<PersonId>, client: Option<ClientId>, session: Option<SessionId>, grant: Code, reason: Code, reference: Reference }
    AuthorizeRefused "authorize_refused" Applications Refused [person, reference] { by: ActorId, person: Option<PersonId>, client: Option<ClientId>, session: Option<SessionId>, reason: Code, reference: Reference }
    UserinfoRefused "userinfo_refused" Applications Refused [person, reference] { by: ActorId, person: Option<PersonId>, client: Option<ClientId>, reason: Code, reference: Reference }
    /// A refresh token came twice, or from another client: its whole family ends.
    RefreshMisused "refresh_misused" Applications Refused [person, reference] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, reason: Code, reference: Reference }
    /// An application asked that somebody be asked elsewhere, or for a code that a device shows.
    LoginAskedElsewhere "login_asked_elsewhere" Applications Accepted [person] { by: ActorId, person: Option<PersonId>, client: ClientId, kind: Code }
    LoginApprovedElsewhere "login_approved_elsewhere" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, kind: Code }
    LoginDeniedElsewhere "login_denied_elsewhere" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, kind: Code }
    /// A client heard that the person whom it had asked has answered.
    LoginPingTold "login_ping_told" Applications Accepted [] { by: ActorId, client: ClientId, attempts: u32 }
    LoginPingUntold "login_ping_untold" Applications Refused [] { by: ActorId, client: ClientId, attempts: u32, reason: Code }
    /// What an application of somebody else may hear of her. Withdrawn: how many gifts of tokens ended by it (each one or two
    /// tokens).
    ConsentGiven "consent_given" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, count: u32 }
    ConsentDenied "consent_denied" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId }
    ConsentWithdrawn "consent_withdrawn" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, count: u32 }
    /// A client gave a token back.
    TokenRevoked "token_revoked" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, kind: Code }
    /// A client took note that a session ended.
    LogoutTold "logout_told" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, opening: OpeningId, attempts: u32 }
    /// A client could not be told within a day that a session ended.
    LogoutUntold "logout_untold" Applications Refused [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, opening: OpeningId, attempts: u32, reason: Code }
    /// Somebody had a client told once more that a session ended.
    LogoutResent "logout_resent" Applications Accepted [person] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, opening: OpeningId }
    /// The report of a connector check that somebody handed in for this client: its file, its lines, those to mend.
    ConnectorReportKept "connector_report_kept" Applications Accepted [] { by: ActorId, client: ClientId, file: Digest, lines: u64, faults: u64 }
    /// A code came twice, or from another client: what it gave is taken back.
    CodeMisused "code_misused" Applications Refused [person, reference] { by: ActorId, person: PersonId, client: ClientId, session: SessionId, reason: Code, reference: Reference }

    // The console
    AdminLinkIssued "admin_link_issued" Console Accepted [person] { by: ActorId, person: PersonId, operator: OperatorId, expires_at: DateTime<Utc> }
    OperatorCreated "operator_created" Console Accepted [person] { by: ActorId, person: PersonId, operator: OperatorId, roles: Vec<Role> }
    OperatorChanged "operator_changed" Console Accepted [person] { by: ActorId, person: PersonId, operator: OperatorId, roles: Vec<Role>, enabled: bool }
    /// The list that the screen showed left the appliance as a file.
    PeopleExported "people_exported" Console Read [] { by: ActorId, persons: u64 }
    CasesExported "cases_exported" Console Read [] { by: ActorId, cases: u64 }
    /// A wide or lasting act was confirmed with the key again; good for ten minutes of the same kind.
    ActConfirmed "act_confirmed" Console Accepted [] { by: ActorId, session: SessionId, means: MeansId, act: Code }
    ConfirmationRefused "confirmation_refused" Console Refused [, reference] { by: ActorId, session: SessionId, act: Code, reason: Code, reference: Reference }
    /// An act waits for a second person; good until then. Whom and which question it is about, where it is about one.
    AccordAsked "accord_asked" Console Accepted [person] { by: ActorId, accord: AccordId, act: Code, person: Option<PersonId>, case: Option<CaseId>, expires_at: DateTime<Utc> }
    AccordGiven "accord_given" Console Accepted [person] { by: ActorId, accord: AccordId, act: Code, person: Option<PersonId>, case: Option<CaseId> }
    AccordRefused "accord_refused" Console Accepted [person] { by: ActorId, accord: AccordId, act: Code, person: Option<PersonId>, case: Option<CaseId> }
    ViewSaved "view_saved" Console Accepted [] { by: ActorId, view: SavedViewId, shared: bool }
    ViewRemoved "view_removed" Console Accepted [] { by: ActorId, view: SavedViewId }
    TokenPreviewed "token_previewed" Console Read [person] { by: ActorId, person: PersonId, client: ClientId }
    /// The actor lacks the capability that the act needs.
    Refused "refused" Console Refused [, reference] { by: ActorId, capability: Capability, act: Code, reference: Reference }

    // The audit itself
    AuditVerified "audit_verified" Audit Read [] { by: ActorId, entries: u64, holds: bool, first_fault: Option<u64> }
    AuditExported "audit_exported" Audit Read [] { by: ActorId, format: Code, from: u64, to: u64, client: Option<ClientId> }
    AuditRead "audit_read" Audit Read [person] { by: ActorId, person: Option<PersonId>, category: Option<Category>, client: Option<ClientId>, purpose: Option<Digest> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SettingValue, Term};
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// A value of each kind that a field may have; a new kind needs a line here, and so a thought.
    pub(super) trait Sample {
        fn sample() -> Self;
    }
    macro_rules! samples {
        ($($kind:ty = $value:expr;)+) => {$(impl Sample for $kind { fn sample() -> Self { $value } })+};
    }
    fn uuid() -> uuid::Uuid {
        uuid::Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0001)
    }
    samples! {
        ActorId = ActorId::Operator { operator: uuid().into(), person: uuid().into() };
        AccessKind = AccessKind::Admin; bool = true; Capability = Capability::ReadAudit;
        Category = Category::People; ClosingCause = ClosingCause::ContractOver;
        Code = Code::of("a_code"); Digest = Digest::of(b"x"); NaiveDate = NaiveDate::MIN.max(DateTime::UNIX_EPOCH.date_naive());
        DateTime<Utc> = DateTime::UNIX_EPOCH; Reference = "K7Q2M9".parse().expect("reference");
        Role = Role::Auditor; RunCounts = RunCounts::default(); u32 = 7; u64 = 7; String = "0.1.0".to_owned();
        AccordId = uuid().into(); AccountId = uuid().into(); CaseId = uuid().into(); ClientId = uuid().into(); JobId = uuid().into();
        MeansId = uuid().into(); MergeId = uuid().into(); NationalIdentityId = uuid().into(); OpeningId = uuid().into(); OperatorId = uuid().into();
        PersonId = uuid().into(); PostId = uuid().into(); RunId = uuid().into(); SessionId = uuid().into();
        SettingChange = {
            let (setting, terms) = (Code::of("a_setting"), SettingValue::Terms(vec![Term::of("a_term")]));
            let before = Some(SettingValue::Digest(Digest::of(b"x")));
            SettingChange { setting, before, after: Some(terms) }
        };
        SigningKeyId = uuid().into(); SourceId = uuid().into(); SavedViewId = uuid().into();
    }
    impl<T: Sample> Sample for Option<T> {
        fn sample() -> Self {
            Some(T::sample())
        }
    }
    impl<T: Sample> Sample for Vec<T> {
        fn sample() -> Self {
            Vec::from([T::sample()])
        }
    }

    /// Every key that an entry of the log may hold. `key` says what joined an account, or names a signing key;
    /// `fields` names columns, never their values; `changes` tells settings of applications, whose `terms` are of standards;
    /// `accounts`, `links` and `posts` are counts, `moved` and `national` keyed
    /// digests; `node` and `at` are the record's.
    const KEYS: &str = "accord account accounts act after algorithm amr attempts before behind_seconds brake by capability case \
        cases category cause changed changes channel client closed conflicts count counts created decision digest doubts enabled entries epoch event \
        evidence exercise expires_at extracted_on faults fields file first_fault format from grant holds into job kept \
        kept_root key kind level lines linked links listener mapping mapping_version means merge motive moved national \
        national_identity note opening operator other people person persons place post posts profile proof purpose \
        reason reference rejected reopened replaces roles run seen seen_root session setting settings shared source terms to \
        unmatched version view";

    fn walk(value: &Value, keys: &mut BTreeSet<String>, texts: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    keys.insert(key.clone());
                    walk(value, keys, texts);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, keys, texts)),
            Value::String(text) => texts.push(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    #[test]
    fn lg_07_no_event_has_a_field_for_a_name_a_date_of_birth_a_mail_or_a_login() {
        let allowed: BTreeSet<_> = KEYS.split_whitespace().map(str::to_owned).collect();
        let (mut keys, mut texts) = (BTreeSet::new(), Vec::new());
        for event in AuditEvent::samples() {
            walk(&serde_json::to_value(&event).expect("json"), &mut keys, &mut texts);
        }
        assert_eq!(keys, allowed);
        for text in texts {
            let closed_word =
                text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
            let id = uuid::Uuid::try_parse(&text).is_ok();
            let known = closed_word || id || ["K7Q2M9", "0.1.0", "1970-01-01"].contains(&&*text);
            assert!(known || text.starts_with("1970-01-01T"), "{text}");
        }
    }

    #[test]
    fn every_event_tells_who_and_refusals_tell_a_reference() {
        let names: BTreeSet<_> = AuditEvent::NAMES.iter().collect();
        assert_eq!(names.len(), AuditEvent::NAMES.len(), "two events share a name");
        for event in AuditEvent::samples() {
            assert_eq!(event.actor(), &ActorId::sample());
            let json = serde_json::to_value(&event).expect("json");
            assert_eq!(event.subject().is_some(), json.get("person").is_some(), "{}", event.name());
            let told = json.get("reference").is_some();
            assert_eq!(event.reference().is_some(), told, "{}", event.name());
        }
    }
}

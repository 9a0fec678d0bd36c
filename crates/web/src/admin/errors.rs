//! Each error of a workflow meets its HTTP answer here, and no arm is left out (style rule 8).
use crate::problem::{FieldFault, Problem};
use axum::http::StatusCode;
use directory::FourEyes;
use oidc::check::ReportFault;
use oidc::{ClientFault, InvalidRedirect};
use store_error::of_store;
use workflows::login::{DeskError, OperatorError};
use workflows::oidc::ClientError;
use workflows::sync::{AcceptError, ReleaseError, SyncError};
use workflows::views::RepeatError;
use workflows::{
    AccordError, BulkError, CaseError, ConfirmError, JobError, MergeError, PersonError,
    SavedViewError, SealError, SessionError, SourceError, StoreError, WorkflowError,
};

mod store_error {
    use super::{Problem, StatusCode};
    use workflows::StoreError;

    pub fn of_store(error: &StoreError) -> Problem {
        match error {
            StoreError::Conflict(_) => Problem::conflict("conflict"),
            StoreError::Stale { .. } => Problem::stale("stale"),
            StoreError::Locked { .. } => {
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "database_busy")
            }
            StoreError::ReadOnly(_) | StoreError::Full(_) => {
                tracing::error!(%error, "the database takes no write");
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "read_only")
            }
            StoreError::Corrupt { .. }
            | StoreError::Newer { .. }
            | StoreError::Unrecordable(_)
            | StoreError::Unopened { .. }
            | StoreError::Database { .. } => Problem::internal(error),
        }
    }
}

impl From<WorkflowError> for Problem {
    fn from(error: WorkflowError) -> Self {
        match &error {
            WorkflowError::Forbidden { capability, reference } => {
                let needed = serde_json::to_value(capability).unwrap_or_default();
                Self::forbidden()
                    .with_param("capability", needed.as_str().unwrap_or_default())
                    .with_reference(reference)
            }
            WorkflowError::Store(cause) => of_store(cause),
        }
    }
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Workflow(cause) => cause.into(),
            SealError::Store(cause) => of_store(&cause),
            SealError::Origin(_) | SealError::Key(_) | SealError::Note(_) => Self::internal(&error),
        }
    }
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Unknown(_) => Self::not_found("person_unknown"),
            PersonError::AlreadyClosed(_) => Self::conflict("person_closed"),
            PersonError::Own => Self::conflict("own_access"),
            PersonError::LastOperator => Self::conflict("last_operator"),
            PersonError::NotSuspended(_) => Self::conflict("person_not_suspended"),
            PersonError::NothingPlanned(_) => Self::conflict("closing_not_planned"),
            PersonError::DayOver => Self::fields(vec![FieldFault::new("on", "day_over")]),
            PersonError::NoMotive => Self::fields(vec![FieldFault::new("motive", "required")]),
            PersonError::Workflow(cause) => cause.into(),
            PersonError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<MergeError> for Problem {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Unknown(_) => Self::not_found("person_unknown"),
            MergeError::Same => Self::fields(vec![FieldFault::new("absorbed", "same_person")]),
            MergeError::Closed(_) => Self::conflict("person_closed"),
            MergeError::NotActive(_) => Self::conflict("merge_not_active"),
            MergeError::Contradicts => Self::conflict("merge_contradicts"),
            MergeError::LinkedSince => Self::conflict("merge_linked_since"),
            MergeError::MeansSince => Self::conflict("merge_means_since"),
            MergeError::Altered(_) => Self::conflict("merge_altered"),
            MergeError::TwoPeople => Self::conflict("two_people"),
            MergeError::Sync(cause) => cause.into(),
            MergeError::Absorbed(_) => Self::conflict("person_absorbed"),
            MergeError::TwoNumbers => Self::conflict("merge_two_numbers"),
            MergeError::TwoMeans(kind) => {
                Self::conflict("merge_two_means").with_param("kind", kind.name())
            }
            MergeError::Key => Self::conflict("merge_key_stays"),
            MergeError::Operator(_) => Self::conflict("merge_operator"),
            MergeError::NoMotive => Self::fields(vec![FieldFault::new("motive", "required")]),
            MergeError::UnknownMerge(_) => Self::not_found("merge_unknown"),
            MergeError::Undone(_) => Self::conflict("merge_undone"),
            MergeError::NotTheLast(_) => Self::conflict("merge_not_the_last"),
            MergeError::Workflow(cause) => cause.into(),
            MergeError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Unknown(_) => Self::not_found("operator_unknown"),
            OperatorError::UnknownPerson(_) => Self::not_found("person_unknown"),
            OperatorError::AlreadyOne(_) => Self::conflict("operator_exists"),
            OperatorError::NoRole => Self::fields(vec![FieldFault::new("roles", "required")]),
            OperatorError::NotActive(_) => Self::conflict("operator_disabled"),
            OperatorError::Own => Self::conflict("own_access"),
            OperatorError::Lacks => Self::conflict("role_beyond_own"),
            OperatorError::TwoPeople => Self::conflict("role_needs_two"),
            OperatorError::Last => Self::conflict("last_operator"),
            OperatorError::Changed => Self::stale("stale"),
            OperatorError::Workflow(cause) => cause.into(),
            OperatorError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown(_) => Self::not_found("session_unknown"),
            SessionError::Over(_) => Self::conflict("session_over"),
            SessionError::Workflow(cause) => cause.into(),
            SessionError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Nothing => Self::conflict("register_not_waiting"),
            AcceptError::Register(_) => Self::internal(&error),
            AcceptError::Workflow(cause) => cause.into(),
            AcceptError::Store(cause) => of_store(&cause),
            AcceptError::Sync(cause) => cause.into(),
        }
    }
}

impl From<AccordError> for Problem {
    fn from(error: AccordError) -> Self {
        match error {
            AccordError::Unknown(_) => Self::not_found("accord_unknown"),
            AccordError::Over(_) => Self::conflict("accord_over"),
            AccordError::NoPerson | AccordError::SamePerson => {
                Self::conflict("same_person_approves")
            }
            AccordError::SameMeans => Self::conflict("same_means"),
            AccordError::Confirm(cause) => cause.into(),
            AccordError::Register(cause) => cause.into(),
            AccordError::Client(cause) => cause.into(),
            AccordError::Operator(cause) => cause.into(),
            AccordError::Case(cause) => cause.into(),
            AccordError::Merge(cause) => cause.into(),
            AccordError::Workflow(cause) => cause.into(),
            AccordError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Unknown(_) => Self::not_found("job_unknown"),
            JobError::NotPaused(_) => Self::conflict("job_in_progress"),
            JobError::Over(_) => Self::conflict("job_over"),
            JobError::Sync(cause) => cause.into(),
            JobError::Workflow(cause) => cause.into(),
            JobError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<SyncError> for Problem {
    fn from(error: SyncError) -> Self {
        let told = error.french();
        match error {
            SyncError::UnknownSource(_) => Self::not_found("source_unknown"),
            SyncError::UnknownRun(_) => Self::not_found("run_unknown"),
            SyncError::NotPlanned(state) => Self::conflict("run_state").with_param("state", state),
            SyncError::Moved => Self::stale("plan_stale"),
            SyncError::FourEyes(cause) => of_four_eyes(cause),
            SyncError::Read(_) => Self::conflict("source_unreachable").with_detail(told),
            SyncError::Definition => Self::conflict("source_definition").with_detail(told),
            SyncError::NoRegister => Self::conflict("register_absent"),
            SyncError::Register(_) | SyncError::Search(_) => {
                Self::conflict("register_unreadable").with_detail(told)
            }
            SyncError::UnknownChange(_) => Self::not_found("register_change_unknown"),
            SyncError::Alias => Self::conflict("alias_refused").with_detail(told),
            SyncError::Remote(_) => Self::conflict("register_unreachable").with_detail(told),
            SyncError::DeltaTooOld => Self::conflict("register_too_old").with_detail(told),
            SyncError::NoEvidence => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "evidence_required")
            }
            SyncError::NotListed => Self::conflict("alias_refused").with_detail(told),
            SyncError::NoLink => Self::not_found("link_unknown"),
            SyncError::Stopped => Self::conflict("job_over"),
            SyncError::UnderWay => Self::conflict("job_in_progress"),
            SyncError::CutOff { cause, .. } => Self::from(*cause),
            SyncError::Unreadable(_) => Self::internal(&error),
            SyncError::Workflow(cause) => cause.into(),
            SyncError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        let told = error.to_string();
        match error {
            SourceError::Definition(faults) => {
                let fault = |fault: &identity::mapping::MappingFault| FieldFault {
                    params: Some([("reason".to_owned(), fault.to_string())].into()),
                    ..FieldFault::new("toml", "malformed")
                };
                Self::fields(faults.iter().map(fault).collect()).with_detail(told)
            }
            SourceError::Opening(_) => Self::conflict("source_definition").with_detail(told),
            SourceError::OtherSource(_) => {
                Self::fields(vec![FieldFault::new("toml", "other_source")])
            }
            SourceError::Unknown(_) => Self::not_found("source_unknown"),
            SourceError::Workflow(cause) => cause.into(),
            SourceError::Store(StoreError::Stale { .. }) => Self::stale("stale"),
            SourceError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<RepeatError> for Problem {
    fn from(error: RepeatError) -> Self {
        match error {
            RepeatError::Store(cause) => of_store(&cause),
            RepeatError::Key(_) | RepeatError::Unreadable => Self::internal(&error),
        }
    }
}

impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::Unknown(_) => Self::not_found("run_unknown"),
            ReleaseError::FourEyes(cause) => of_four_eyes(cause),
            ReleaseError::Workflow(cause) => cause.into(),
            ReleaseError::Store(cause) => of_store(&cause),
        }
    }
}

fn of_report(fault: ReportFault) -> &'static str {
    match fault {
        ReportFault::TooLong => "too_long",
        ReportFault::NotOne => "no_report",
        ReportFault::OtherVersion => "other_version",
    }
}

fn of_four_eyes(cause: FourEyes) -> Problem {
    match cause {
        FourEyes::NotHeld(state) => Problem::conflict("run_state").with_param("state", state),
        FourEyes::NoPerson | FourEyes::SamePerson => Problem::conflict("same_person_approves"),
        FourEyes::NoAccord => Problem::conflict("brake_needs_second_approval"),
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Unknown(_) => Self::not_found("case_unknown"),
            CaseError::Decided(_) => Self::conflict("case_decided"),
            CaseError::Stale => Self::stale("case_stale"),
            CaseError::NotACandidate => Self::conflict("candidate_unknown"),
            CaseError::NoEvidence => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "evidence_required")
            }
            CaseError::LinkedElsewhere => Self::conflict("idnat_taken"),
            CaseError::UnknownLink(_) => Self::not_found("link_unknown"),
            CaseError::NotAnOperator(_) => Self::fields(vec![FieldFault::new("to", "unknown")]),
            CaseError::DoesNotFit => Self::conflict("decision_does_not_fit"),
            CaseError::TwoPeople => Self::conflict("two_people"),
            CaseError::AccordWaits(_) => Self::conflict("accord_waits"),
            CaseError::Apply(cause) => cause.into(),
            CaseError::Workflow(cause) => cause.into(),
            CaseError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<SavedViewError> for Problem {
    fn from(error: SavedViewError) -> Self {
        match error {
            SavedViewError::Unknown(_) => Self::not_found("view_unknown"),
            SavedViewError::Stale => Self::stale("stale"),
            SavedViewError::NameTaken => Self::conflict("view_name_taken"),
            SavedViewError::TooMany => Self::conflict("too_many_views"),
            SavedViewError::Malformed(field) => {
                Self::fields(vec![FieldFault::new(field, "malformed")])
            }
            SavedViewError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Needed(act) => Self::new(StatusCode::FORBIDDEN, "confirmation_required")
                .with_param("act", act.name()),
            ConfirmError::Unknown(_) => Self::not_found("confirmation_unknown"),
            ConfirmError::Refused(reference) => {
                Self::new(StatusCode::FORBIDDEN, "key_refused").with_reference(reference)
            }
            ConfirmError::Keys(_) | ConfirmError::Login(_) => Self::internal(&error),
            ConfirmError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<BulkError> for Problem {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::CountMoved(now) => Self::stale("count_moved").with_param("count", now),
            BulkError::TooMany(count) => Self::conflict("too_many_people")
                .with_param("count", count)
                .with_param("most", workflows::MOST_AT_ONCE),
            BulkError::Nobody => Self::fields(vec![FieldFault::new("ids", "required")]),
            BulkError::NoMotive => Self::fields(vec![FieldFault::new("motive", "required")]),
            BulkError::Workflow(cause) => cause.into(),
            BulkError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::UnknownPerson(_) => Self::not_found("person_unknown"),
            DeskError::UnknownMeans(_) => Self::not_found("means_unknown"),
            DeskError::NotActive(_) => Self::conflict("person_closed"),
            DeskError::OwnMeans => Self::conflict("own_means"),
            DeskError::LastKey => Self::conflict("last_key"),
            DeskError::KindNotOffered => {
                Self::fields(vec![FieldFault::new("means", "not_offered")])
            }
            DeskError::NoMotive => Self::fields(vec![FieldFault::new("motive", "required")]),
            DeskError::Transition(_) => Self::conflict("means_state"),
            DeskError::Workflow(cause) => cause.into(),
            DeskError::Store(cause) => of_store(&cause),
        }
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unknown => Self::not_found("client_unknown"),
            ClientError::NameTaken(_) => Self::conflict("client_exists"),
            ClientError::ClientId => Self::fields(vec![FieldFault::new("client_id", "malformed")]),
            ClientError::Faults(faults) => Self::fields(faults.iter().map(of_client).collect()),
            ClientError::NoSecret => Self::conflict("client_has_no_secret"),
            ClientError::Changed => Self::stale("stale"),
            ClientError::NothingToTell => Self::not_found("logout_unknown"),
            ClientError::NotCalled => Self::conflict("client_not_called"),
            ClientError::Report(fault) => {
                Self::fields(vec![FieldFault::new("file", of_report(fault))])
            }
            ClientError::Provider(_) => Self::internal(&error),
            ClientError::Workflow(cause) => cause.into(),
            ClientError::Store(cause) => of_store(&cause),
        }
    }
}

fn of_client(fault: &ClientFault) -> FieldFault {
    let (field, code) = match fault {
        ClientFault::Name => ("name", "required"),
        ClientFault::StrictAuth => ("auth", "not_offered"),
        ClientFault::StrictUnbound => ("sender_constraint", "strict"),
        ClientFault::StrictWithoutPar => ("par_required", "strict"),
        ClientFault::BackchannelPublic => ("backchannel_login", "auth_required"),
        ClientFault::ConsentElsewhere => ("asks_consent", "not_offered"),
        ClientFault::NotificationUri => ("backchannel_notification_uri", "redirect_not_https"),
        ClientFault::NotificationUnused => ("backchannel_login", "required"),
        ClientFault::StrictDevice => ("device_login", "not_offered"),
        ClientFault::StrictUnsigned => ("keys", "required"),
        ClientFault::StrictWithoutPkce => ("pkce_required", "strict"),
        ClientFault::StrictAlgorithm => ("id_token_algorithm", "strict_signing"),
        ClientFault::StrictUserinfoAlgorithm => ("userinfo_algorithm", "strict_signing"),
        ClientFault::NoRedirectUri => ("redirect_uris", "required"),
        ClientFault::RedirectUri { why, .. } => ("redirect_uris", redirect_code(*why)),
        ClientFault::PostLogoutUri { why, .. } => {
            ("post_logout_redirect_uris", redirect_code(*why))
        }
        ClientFault::UnknownScope(_) => ("scopes", "unknown"),
        ClientFault::NoOpenid => ("scopes", "required"),
        ClientFault::UnknownClaim(_) => ("claims", "unknown"),
        ClientFault::UngrantedClaim(_) => ("id_token_claims", "not_granted"),
        ClientFault::PublicWithoutPkce => ("pkce_required", "public_client"),
        ClientFault::RelaxedWithoutDate("state") => ("state_required", "without_pkce"),
        ClientFault::RelaxedWithoutDate(_) => ("nonce_required", "without_pkce"),
        ClientFault::LegacyWithoutRelaxation
        | ClientFault::RelaxationOutsideLegacy
        | ClientFault::Relaxation => ("profile", "relaxation_required"),
        ClientFault::AccessTokenLife => ("access_token_seconds", "token_life"),
        ClientFault::KeysMissing => ("keys", "required"),
        ClientFault::SignedWithoutKeys => ("signed_request_required", "keys_required"),
        ClientFault::SensitiveLevel => ("minimum_acr", "two_factors"),
        ClientFault::PairwiseHosts => ("pairwise", "several_hosts"),
        ClientFault::KeysTwice => ("jwks_uri", "unknown"),
        ClientFault::JwksUri => ("jwks_uri", "redirect_not_https"),
        ClientFault::CertificateMissing => ("keys", "required"),
        ClientFault::TlsSubject => ("tls_subject", "required"),
        ClientFault::TlsSubjectUnused => ("tls_subject", "unknown"),
        ClientFault::NoMtlsListener => ("auth", "not_offered"),
        ClientFault::BoundWithoutListener => ("sender_constraint", "no_listener"),
        ClientFault::AccessTokenAudience => ("access_token_audience", "required"),
        ClientFault::GraceWithoutRotation => ("refresh_reuse_grace_seconds", "no_rotation"),
        ClientFault::GraceWithoutRefresh => ("refresh_reuse_grace_seconds", "no_refresh"),
        ClientFault::RefreshLife => ("refresh_seconds", "refresh_life"),
        ClientFault::RefreshGrace => ("refresh_reuse_grace_seconds", "grace_life"),
        ClientFault::EndpointAudience => ("assertion_audience", "relaxation_required"),
        ClientFault::FrontchannelUri => ("frontchannel_logout_uri", "redirect_not_https"),
        ClientFault::FrontchannelElsewhere => ("frontchannel_logout_uri", "elsewhere"),
        ClientFault::LogoutUri => ("backchannel_logout_uri", "redirect_not_https"),
    };
    let mut told = FieldFault::new(field, code);
    told.params = Some([("reason".to_owned(), fault.to_string())].into());
    told
}

fn redirect_code(why: InvalidRedirect) -> &'static str {
    match why {
        InvalidRedirect::NotAbsolute | InvalidRedirect::Part => "redirect_not_absolute",
        InvalidRedirect::Scheme => "redirect_not_https",
    }
}

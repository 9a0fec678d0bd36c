//! Authentication: a means produces a proof, the policy weighs proofs into an assurance or says what is missing.
//! Refuses to know browsers, forms, SQL and LDAP; knows webauthn-rs in one module (`fido2`).
//! Start at `proof.rs`, then `policy.rs` and `weigh.rs`.
mod credential;
mod enrolment;
mod fido2;
mod login_name;
mod means;
mod operator;
mod password;
mod password_check;
mod policy;
mod proof;
mod throttle;
mod weigh;

pub use credential::{CredentialKind, CredentialProof};
pub use enrolment::{
    CODE_LIFE, CodeRefused, CodeText, EnrolmentCode, FIRST_LINK_LIFE, InvalidCode, MOST_CODE_TRIES,
};
pub use fido2::{
    AssertionRefused, CeremonyOptions, Fido2, Fido2Credential, Fido2Error, LOGIN_CEREMONY_LIFE,
    LoginCeremony, Presented, RegistrationCeremony, UserHandle, VerifiedKey,
};
pub use login_name::{InvalidLoginName, LoginName};
pub use means::{
    CardVerifier, EnrolmentProof, Holder, IllegalTransition, InvalidMeans, Means, MeansKind,
    MeansStatus, Verifier,
};
pub use operator::Operator;
pub use password::{
    HashingCost, Password, PasswordRefused, PasswordRules, PasswordVerifier, PasswordVerifierError,
    VerifiedPassword,
};
pub use password_check::{
    DirectoryAccount, DirectoryRefusal, DirectoryVerdict, PasswordCheck, PasswordCheckError,
};
pub use policy::{Ask, Demand, Level, Policy, PolicyMode, PolicyRule, Standing};
pub use proof::{Factor, InvalidProofs, Place, Proof, ProofOf};
pub use throttle::{Attempts, ThrottleRule, ThrottleScope, around, network_of};
pub use weigh::{Assurance, MeansScale, Missing, ScaleRow, Weighed, weigh};

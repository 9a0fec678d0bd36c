//! Why a certificate opens nothing.

macro_rules! faults {
    ($($name:ident $code:literal $message:literal,)*) => {
        /// Why a certificate is no card that logs in. For the journal: whoever stands at the desk is told one sentence for all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
        pub enum CardFault {
            $(#[error($message)] $name,)*
        }

        impl CardFault {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its word in the journal, which stays.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

faults! {
    Unreadable "certificate_unreadable" "this is no X.509 certificate of version 3",
    AuthorityUnknown "card_authority_unknown" "none of the pinned authorities issued it",
    AuthorityOutOfDate "card_authority_out_of_date" "its authority is not within its own dates",
    SignatureWeak "card_signature_weak" "its signature is made in a way that is not believed any more",
    SignatureWrong "card_signature_wrong" "its authority did not sign it",
    KeyWeak "card_key_weak" "its key is too short, or of a kind that cards do not have",
    NotYetValid "card_not_yet_valid" "its dates have not begun",
    Expired "card_expired" "it has expired",
    IsAuthority "card_is_authority" "it is an authority's",
    NotForLogin "card_not_for_login" "its key is not for logins: a signature certificate, perhaps",
    ExtensionUnknown "card_extension_unknown" "it bears an extension that must be understood and is not",
    CategoryMissing "card_category_missing" "it does not say what it is the certificate of (table G01)",
    Test "card_test" "it is the certificate of a test card",
    OfNoCard "card_of_no_card" "it is the certificate of a program or of a security module",
    KindUnknown "card_kind_unknown" "it does not say what card it is of (tables G01 and G02)",
    OfNoPerson "card_of_no_person" "it is of a card that names a post or a structure, and no professional",
    IdentityUnreadable "card_identity_unreadable" "its national number is none",
    NameUnreadable "card_name_unreadable" "its holder is not named once, in one place, in plain letters",
    NumberUnreadable "card_number_unreadable" "it does not bear the number of its card",
    ProfessionUnreadable "card_profession_unreadable" "its profession is no number (table G15)",
    Revoked "card_revoked" "it was revoked",
    RevocationUnknown "card_revocation_unknown" "no list of its authority says whether it was revoked",
    RevocationTooOld "card_revocation_too_old" "the list of its authority is too old to say whether it was revoked",
}

//! A client as somebody wants it, judged before it exists: every fault is told at once, with its reason.
use crate::client::{AuthMethod, Client, ClientSettings, Profile, Relaxation, SubjectType};
use crate::release::{CLAIMS, SCOPES};
use crate::{
    Acr, ClientSecurity, InvalidRedirect, Issuer, PostLogoutUri, RedirectUri, SelfDescribed,
    client_algorithms, redirect,
};
use chrono::{DateTime, Duration, Utc};
use kernel::{PersonId, SigningAlgorithm};
use std::collections::BTreeSet;

/// A relaxation that lasts longer is a habit.
const LONGEST_RELAXATION_DAYS: i64 = 366;

/// What was asked for. `None` takes the profile's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDraft {
    pub name: String,
    pub profile: Profile,
    pub auth: AuthMethod,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub scopes: Option<BTreeSet<String>>,
    pub claims: BTreeSet<String>,
    pub id_token_claims: BTreeSet<String>,
    pub subject: SubjectType,
    pub id_token_algorithm: Option<SigningAlgorithm>,
    pub state_required: Option<bool>,
    pub nonce_required: Option<bool>,
    pub pkce_required: Option<bool>,
    pub access_token_seconds: Option<u32>,
    pub minimum_acr: Option<Acr>,
    pub national_identity_acr: Option<Acr>,
    pub longest_auth_age_seconds: Option<u32>,
    pub relaxation: Option<Relaxation>,
    pub vendor: Option<String>,
    pub sensitive: bool,
    pub owners: BTreeSet<PersonId>,
    pub security: ClientSecurity,
    pub described: SelfDescribed,
}

/// Why a client cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    #[error("the name must have 1 to 100 characters")]
    Name,
    #[error("a `strict` client proves itself by a key or a certificate, never by a secret")]
    StrictAuth,
    #[error("a `strict` client binds its tokens to a key (DPoP) or a certificate")]
    StrictUnbound,
    #[error("a `strict` client pushes its requests (PAR)")]
    StrictWithoutPar,
    #[error("a `strict` client uses PKCE")]
    StrictWithoutPkce,
    #[error("nothing is signed by RS256 for a `strict` client: PS256, ES256 or EdDSA")]
    StrictAlgorithm,
    #[error("userinfo is not signed by RS256 for a `strict` client: PS256, ES256 or EdDSA")]
    StrictUserinfoAlgorithm,
    #[error("at least one redirect address is needed")]
    NoRedirectUri,
    #[error("redirect address `{address}`: {why}")]
    RedirectUri { address: String, why: InvalidRedirect },
    #[error("address after logout `{address}`: {why}")]
    PostLogoutUri { address: String, why: InvalidRedirect },
    #[error("scope `{0}` is not one of ours")]
    UnknownScope(String),
    #[error("the scope `openid` is missing")]
    NoOpenid,
    #[error("claim `{0}` is not one of ours")]
    UnknownClaim(String),
    #[error("claim `{0}` cannot go into the ID token: it is not granted")]
    UngrantedClaim(String),
    #[error("a public client must use PKCE")]
    PublicWithoutPkce,
    #[error("`{0}` can be left out by a `legacy` client only, with a reason and an end date")]
    RelaxedWithoutDate(&'static str),
    #[error("a `legacy` client says what is relaxed, who answers for it, and until when")]
    LegacyWithoutRelaxation,
    #[error("only a `legacy` client has relaxations")]
    RelaxationOutsideLegacy,
    #[error("a relaxation has an owner, a reason, and an end within a year from now")]
    Relaxation,
    #[error("an access token lives 60 to 300 seconds")]
    AccessTokenLife,
    #[error("a client that signs registers its public keys (a JWKS)")]
    KeysMissing,
    #[error("a client whose requests must be signed registers its public keys (a JWKS)")]
    SignedWithoutKeys,
    #[error("an application that opens care data takes two factors: the level is eidas2")]
    SensitiveLevel,
    #[error("pairwise names need one host: the redirect addresses have none, or several")]
    PairwiseHosts,
    #[error("keys are given, or an address where they are published, never both")]
    KeysTwice,
    #[error("the address of the keys is https, without user name or fragment")]
    JwksUri,
    #[error("none of the keys has its certificate beside it (`x5c`)")]
    CertificateMissing,
    #[error("a client that proves itself by its certificate says the name that it bears")]
    TlsSubject,
    #[error("the name of a certificate is for clients that prove themselves by one")]
    TlsSubjectUnused,
    #[error(
        "certificates need the listener `mtls`, which the settings of this appliance do not open"
    )]
    NoMtlsListener,
    #[error(
        "tokens bound to a certificate need the listener `mtls`, which the settings of this appliance do not open"
    )]
    BoundWithoutListener,
    #[error("a signed access token names the resource server that it is for")]
    AccessTokenAudience,
    #[error(
        "refresh tokens that are bound to a key or certificate do not rotate: no grace is needed"
    )]
    GraceWithoutRotation,
    #[error("a client without refresh tokens has no use for a grace of theirs")]
    GraceWithoutRefresh,
    #[error("refresh tokens live 5 minutes to 14 hours")]
    RefreshLife,
    #[error("a refresh token that was used is taken again within 60 seconds at most")]
    RefreshGrace,
    #[error("the address for logout calls is https, without user name or fragment")]
    LogoutUri,
    #[error("the address for logout in the browser is https, without user name or fragment")]
    FrontchannelUri,
    #[error("the address for logout in the browser is at the origin of a redirect address")]
    FrontchannelElsewhere,
    #[error("only a `legacy` client may address its assertions to an endpoint")]
    EndpointAudience,
    #[error("a client that has people asked elsewhere (CIBA) proves who it is: never a public one")]
    BackchannelPublic,
    #[error(
        "a client that asks for consent asks it in the browser: neither by a device nor by CIBA"
    )]
    ConsentElsewhere,
    #[error(
        "the address for calls of answers (CIBA, ping) is https, without user name or fragment"
    )]
    NotificationUri,
    #[error(
        "the address for calls of answers is for a client that has people asked elsewhere (CIBA)"
    )]
    NotificationUnused,
    #[error("a `strict` client shows no code to type: whoever sends it to somebody gets her login")]
    StrictDevice,
    #[error(
        "a `strict` client that has people asked elsewhere (CIBA) signs its requests: it needs keys"
    )]
    StrictUnsigned,
}

/// What a client is, as what somebody might wish it to become.
impl From<&Client> for ClientDraft {
    fn from(client: &Client) -> Self {
        let settings = &client.settings;
        let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        let after = settings.post_logout_redirect_uris.iter();
        Self {
            name: client.name.clone(),
            profile: client.profile,
            auth: settings.auth,
            redirect_uris: texts(&settings.redirect_uris),
            post_logout_redirect_uris: after.map(|uri| uri.as_str().to_owned()).collect(),
            scopes: Some(settings.scopes.clone()),
            claims: settings.claims.clone(),
            id_token_claims: settings.id_token_claims.clone(),
            subject: settings.subject.clone(),
            id_token_algorithm: Some(settings.id_token_algorithm),
            state_required: Some(settings.state_required),
            nonce_required: Some(settings.nonce_required),
            pkce_required: Some(settings.pkce_required),
            access_token_seconds: Some(settings.access_token_seconds),
            minimum_acr: Some(settings.minimum_acr),
            national_identity_acr: Some(settings.national_identity_acr),
            longest_auth_age_seconds: settings.longest_auth_age_seconds,
            relaxation: settings.relaxation.clone(),
            vendor: settings.vendor.clone(),
            sensitive: settings.sensitive,
            owners: settings.owners.clone(),
            security: settings.security.clone(),
            described: settings.described.clone(),
        }
    }
}

impl ClientDraft {
    pub fn new(name: &str, profile: Profile, auth: AuthMethod) -> Self {
        Self {
            name: name.to_owned(),
            profile,
            auth,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: None,
            claims: BTreeSet::new(),
            id_token_claims: BTreeSet::new(),
            subject: SubjectType::Public,
            id_token_algorithm: None,
            state_required: None,
            nonce_required: None,
            pkce_required: None,
            access_token_seconds: None,
            minimum_acr: None,
            national_identity_acr: None,
            longest_auth_age_seconds: None,
            relaxation: None,
            vendor: None,
            sensitive: false,
            owners: BTreeSet::new(),
            security: ClientSecurity::of(profile),
            described: SelfDescribed::default(),
        }
    }

    /// All faults at once, or the settings of the client.
    pub fn check(
        self,
        issuer: &Issuer,
        now: DateTime<Utc>,
    ) -> Result<ClientSettings, Vec<ClientFault>> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() || self.name.chars().count() > 100 {
            faults.push(ClientFault::Name);
        }
        let redirect_uris = self.redirect_uris(issuer, &mut faults);
        let post_logout_redirect_uris = self.post_logout_uris(issuer, &mut faults);
        self.check_front_channel(&redirect_uris, &mut faults);
        let scopes = self.granted_scopes(&mut faults);
        self.check_claims(&scopes, &mut faults);
        self.check_relaxation(now, &mut faults);
        self.security.check(self.profile, self.auth, &mut faults);
        if matches!(&self.subject, SubjectType::Pairwise { sector } if sector.is_empty()) {
            faults.push(ClientFault::PairwiseHosts);
        }
        let strict = self.profile == Profile::Strict;
        let pkce_required = self.pkce_required.unwrap_or(strict || self.auth == AuthMethod::None);
        if self.auth == AuthMethod::None && !pkce_required {
            faults.push(ClientFault::PublicWithoutPkce);
        }
        if strict && !pkce_required {
            faults.push(ClientFault::StrictWithoutPkce);
        }
        // Stock client libraries take RS256 alone unless told otherwise; FAPI 2 leaves it out.
        let usual = if strict { SigningAlgorithm::Es256 } else { SigningAlgorithm::Rs256 };
        let id_token_algorithm = self.id_token_algorithm.unwrap_or(usual);
        if strict && id_token_algorithm == SigningAlgorithm::Rs256 {
            faults.push(ClientFault::StrictAlgorithm);
        }
        // What it says to sign by is what it is held to: one that its profile leaves out would open nothing.
        let offered = client_algorithms(self.profile);
        if self.described.algorithms().any(|algorithm| !offered.contains(&algorithm)) {
            faults.push(ClientFault::StrictAlgorithm);
        }
        let access_token_seconds = self.access_token_seconds.unwrap_or(match self.profile {
            Profile::PscLike => 120,
            Profile::Strict | Profile::Standard | Profile::Legacy => 300,
        });
        if !(60..=300).contains(&access_token_seconds) {
            faults.push(ClientFault::AccessTokenLife);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        // `strict` relies on PAR, PKCE and `iss` (design, section 9b).
        let demanded = matches!(self.profile, Profile::Standard | Profile::PscLike);
        Ok(ClientSettings {
            auth: self.auth,
            redirect_uris,
            post_logout_redirect_uris,
            scopes,
            claims: self.claims,
            id_token_claims: self.id_token_claims,
            subject: self.subject,
            id_token_algorithm,
            state_required: self.state_required.unwrap_or(demanded),
            nonce_required: self.nonce_required.unwrap_or(demanded),
            pkce_required,
            code_seconds: 60,
            access_token_seconds,
            id_token_seconds: 300,
            minimum_acr: self.minimum_acr.unwrap_or(Acr::Eidas1),
            national_identity_acr: self.national_identity_acr.unwrap_or(Acr::Eidas2),
            longest_auth_age_seconds: self.longest_auth_age_seconds,
            relaxation: self.relaxation,
            vendor: self.vendor,
            sensitive: self.sensitive,
            owners: self.owners,
            security: self.security,
            described: self.described,
        })
    }

    fn redirect_uris(&self, issuer: &Issuer, faults: &mut Vec<ClientFault>) -> Vec<RedirectUri> {
        // A device that shows a code, and a server that has people asked, send no browser anywhere.
        let elsewhere = self.security.device_login || self.security.backchannel_login;
        if self.redirect_uris.is_empty() && !elsewhere {
            faults.push(ClientFault::NoRedirectUri);
        }
        let native = self.auth == AuthMethod::None;
        let mut good = Vec::new();
        for address in &self.redirect_uris {
            match RedirectUri::register(address, native, issuer.is_plain_loopback()) {
                Ok(uri) => good.push(uri),
                Err(why) => {
                    faults.push(ClientFault::RedirectUri { address: address.clone(), why });
                }
            }
        }
        good
    }

    fn post_logout_uris(
        &self,
        issuer: &Issuer,
        faults: &mut Vec<ClientFault>,
    ) -> Vec<PostLogoutUri> {
        let mut good = Vec::new();
        for address in &self.post_logout_redirect_uris {
            match PostLogoutUri::register(address, issuer.is_plain_loopback()) {
                Ok(uri) => good.push(uri),
                Err(why) => {
                    faults.push(ClientFault::PostLogoutUri { address: address.clone(), why });
                }
            }
        }
        good
    }

    /// Front-Channel Logout 1.0 §2: what the browser loads unasked is of a site that it was sent to anyway.
    fn check_front_channel(&self, registered: &[RedirectUri], faults: &mut Vec<ClientFault>) {
        let Some(address) = &self.security.frontchannel_logout_uri else { return };
        let origin = redirect::policy_origin(address);
        let known =
            |uri: &RedirectUri| origin.is_some() && redirect::policy_origin(uri.as_str()) == origin;
        if origin.is_none() || !registered.iter().any(known) {
            faults.push(ClientFault::FrontchannelElsewhere);
        }
    }

    fn granted_scopes(&self, faults: &mut Vec<ClientFault>) -> BTreeSet<String> {
        let defaults: &[&str] = match self.profile {
            Profile::PscLike => &["openid", "scope_all"],
            Profile::Strict | Profile::Standard | Profile::Legacy => &["openid", "profile"],
        };
        let owned = || defaults.iter().map(|scope| (*scope).to_owned()).collect();
        let scopes: BTreeSet<String> = self.scopes.clone().unwrap_or_else(owned);
        for scope in &scopes {
            if !SCOPES.contains(&scope.as_str()) {
                faults.push(ClientFault::UnknownScope(scope.clone()));
            }
        }
        if !scopes.contains("openid") {
            faults.push(ClientFault::NoOpenid);
        }
        scopes
    }

    fn check_claims(&self, scopes: &BTreeSet<String>, faults: &mut Vec<ClientFault>) {
        for claim in &self.claims {
            if !CLAIMS.iter().any(|known| known.name == claim) {
                faults.push(ClientFault::UnknownClaim(claim.clone()));
            }
        }
        for claim in &self.id_token_claims {
            let by_scope =
                scopes.iter().any(|scope| crate::claims_of_scope(scope).any(|of| of == claim));
            if !by_scope && !self.claims.contains(claim) {
                faults.push(ClientFault::UngrantedClaim(claim.clone()));
            }
        }
    }

    /// Leaving out `nonce` is a setting of a client with PKCE (the client keeps the code from being injected
    /// by it, RFC 9700 §2.1.1); without PKCE it is a relaxation.
    fn check_relaxation(&self, now: DateTime<Utc>, faults: &mut Vec<ClientFault>) {
        let pkce = self.pkce_required.unwrap_or(self.auth == AuthMethod::None);
        if matches!(self.profile, Profile::Standard | Profile::PscLike) && !pkce {
            for (name, demanded) in [("state", self.state_required), ("nonce", self.nonce_required)]
            {
                if demanded == Some(false) {
                    faults.push(ClientFault::RelaxedWithoutDate(name));
                }
            }
        }
        match (&self.relaxation, self.profile) {
            (None, Profile::Legacy) => faults.push(ClientFault::LegacyWithoutRelaxation),
            (Some(relaxation), Profile::Legacy) => {
                let told =
                    !relaxation.owner.trim().is_empty() && !relaxation.reason.trim().is_empty();
                let within = relaxation.until > now
                    && relaxation.until <= now + Duration::days(LONGEST_RELAXATION_DAYS);
                if !told || !within {
                    faults.push(ClientFault::Relaxation);
                }
            }
            (Some(_), Profile::Strict | Profile::Standard | Profile::PscLike) => {
                faults.push(ClientFault::RelaxationOutsideLegacy);
            }
            (None, Profile::Strict | Profile::Standard | Profile::PscLike) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientKeys;

    fn now() -> DateTime<Utc> {
        "2026-11-22T08:00:00Z".parse().expect("time")
    }

    fn draft(profile: Profile, auth: AuthMethod) -> ClientDraft {
        let mut draft = ClientDraft::new("DPI", profile, auth);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft
    }

    fn faults(draft: ClientDraft) -> Vec<ClientFault> {
        let issuer = "https://hygie.test".parse().expect("issuer");
        draft.check(&issuer, now()).err().unwrap_or_default()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut bad = draft(Profile::Standard, AuthMethod::None);
        bad.name = " ".to_owned();
        bad.redirect_uris = vec!["http://dpi.test/cb".to_owned(), "nonsense".to_owned()];
        bad.post_logout_redirect_uris = vec!["javascript:1".to_owned()];
        bad.scopes = Some(["profile".to_owned(), "admin".to_owned()].into());
        bad.claims = ["salary".to_owned()].into();
        bad.id_token_claims = ["rpps".to_owned()].into();
        bad.pkce_required = Some(false);
        bad.access_token_seconds = Some(86_400);
        assert_eq!(faults(bad).len(), 10);
    }

    #[test]
    fn contradictory_settings_are_refused_with_their_reason() {
        let basic = AuthMethod::ClientSecretBasic;
        let relaxation = |owner: &str, days| Relaxation {
            owner: owner.to_owned(),
            reason: "old version".to_owned(),
            until: now() + Duration::days(days),
        };
        type Change = Box<dyn Fn(&mut ClientDraft)>;
        let cases: Vec<(Profile, Change, ClientFault)> = vec![
            (Profile::Strict, Box::new(|_| ()), ClientFault::StrictAuth),
            (Profile::Standard, Box::new(|d| d.redirect_uris.clear()), ClientFault::NoRedirectUri),
            (
                Profile::Standard,
                Box::new(|d| d.nonce_required = Some(false)),
                ClientFault::RelaxedWithoutDate("nonce"),
            ),
            (
                Profile::PscLike,
                Box::new(|d| d.state_required = Some(false)),
                ClientFault::RelaxedWithoutDate("state"),
            ),
            (Profile::Legacy, Box::new(|_| ()), ClientFault::LegacyWithoutRelaxation),
            (
                Profile::Legacy,
                Box::new(move |d| d.relaxation = Some(relaxation("DSI", 400))),
                ClientFault::Relaxation,
            ),
            (
                Profile::Legacy,
                Box::new(move |d| d.relaxation = Some(relaxation("", 30))),
                ClientFault::Relaxation,
            ),
            (
                Profile::Standard,
                Box::new(move |d| d.relaxation = Some(relaxation("DSI", 30))),
                ClientFault::RelaxationOutsideLegacy,
            ),
        ];
        for (profile, change, fault) in cases {
            let mut candidate = draft(profile, basic);
            change(&mut candidate);
            assert_eq!(faults(candidate), vec![fault]);
        }
    }

    #[test]
    fn the_browser_is_sent_to_log_out_where_it_was_sent_to_log_in() {
        for (address, expected) in [
            ("https://dpi.test/logout", vec![]),
            ("https://dpi.test/logout?a=b", vec![]),
            ("https://evil.test/logout", vec![ClientFault::FrontchannelElsewhere]),
            ("https://dpi.test:8443/logout", vec![ClientFault::FrontchannelElsewhere]),
            (
                "http://dpi.test/logout",
                vec![ClientFault::FrontchannelElsewhere, ClientFault::FrontchannelUri],
            ),
            (
                "javascript:alert(1)",
                vec![ClientFault::FrontchannelElsewhere, ClientFault::FrontchannelUri],
            ),
        ] {
            let mut candidate = draft(Profile::Standard, AuthMethod::ClientSecretBasic);
            candidate.security.frontchannel_logout_uri = Some(address.to_owned());
            assert_eq!(faults(candidate), expected, "{address}");
        }
    }

    #[test]
    fn a_strict_client_is_so_whole_or_not_at_all() {
        use crate::SenderConstraint;
        let keys = || {
            ClientKeys::read(
                r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",
                "x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#,
            )
            .expect("keys")
        };
        let strict = || {
            let mut draft = draft(Profile::Strict, AuthMethod::PrivateKeyJwt);
            draft.security.keys = Some(keys());
            draft
        };
        let issuer = "https://hygie.test".parse().expect("issuer");
        let settings = strict().check(&issuer, now()).expect("a good one");
        assert!(settings.pkce_required && settings.security.par_required);
        assert!(!settings.nonce_required && settings.code_seconds <= 60);
        assert_eq!(settings.id_token_algorithm, SigningAlgorithm::Es256);
        assert_eq!(settings.security.sender_constraint, Some(SenderConstraint::Dpop));
        type Change = fn(&mut ClientDraft);
        let cases: [(Change, ClientFault); 20] = [
            (|d| d.security.device_login = true, ClientFault::StrictDevice),
            (
                |d| {
                    d.auth = AuthMethod::TlsClientAuth;
                    let name = "dpi.test".to_owned();
                    d.security.tls_subject = Some(crate::TlsSubject::SanDns(name));
                    (d.security.keys, d.security.backchannel_login) = (None, true);
                },
                ClientFault::StrictUnsigned,
            ),
            (|d| d.security.sender_constraint = None, ClientFault::StrictUnbound),
            (|d| d.security.par_required = false, ClientFault::StrictWithoutPar),
            (|d| d.pkce_required = Some(false), ClientFault::StrictWithoutPkce),
            (
                |d| d.id_token_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictAlgorithm,
            ),
            (
                |d| d.security.userinfo_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictUserinfoAlgorithm,
            ),
            (
                |d| d.described.request_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictAlgorithm,
            ),
            (
                |d| d.described.assertion_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictAlgorithm,
            ),
            (
                |d| d.described.ask_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictAlgorithm,
            ),
            (|d| d.security.keys = None, ClientFault::KeysMissing),
            (
                |d| d.security.jwks_uri = Some("https://dpi.test/jwks".to_owned()),
                ClientFault::KeysTwice,
            ),
            (
                |d| {
                    d.security.keys = None;
                    d.security.jwks_uri = Some("http://dpi.test/jwks".to_owned());
                },
                ClientFault::JwksUri,
            ),
            (|d| d.security.refresh_reuse_grace_seconds = 30, ClientFault::GraceWithoutRotation),
            (|d| d.auth = AuthMethod::TlsClientAuth, ClientFault::TlsSubject),
            (
                |d| {
                    d.auth = AuthMethod::TlsClientAuth;
                    d.security.tls_subject = Some(crate::TlsSubject::SanIp("dpi".to_owned()));
                },
                ClientFault::TlsSubject,
            ),
            (
                |d| d.security.tls_subject = Some(crate::TlsSubject::SanDns("dpi".to_owned())),
                ClientFault::TlsSubjectUnused,
            ),
            (|d| d.auth = AuthMethod::SelfSignedTlsClientAuth, ClientFault::CertificateMissing),
            (|d| d.auth = AuthMethod::ClientSecretPost, ClientFault::StrictAuth),
            (
                |d| {
                    let audience = " ".to_owned();
                    d.security.access_token = crate::AccessTokenFormat::Jwt { audience };
                },
                ClientFault::AccessTokenAudience,
            ),
        ];
        for (change, fault) in cases {
            let mut candidate = strict();
            change(&mut candidate);
            assert_eq!(faults(candidate), vec![fault]);
        }
    }

    #[test]
    fn op_26_logins_elsewhere_are_off_and_never_a_public_clients_call() {
        let mut without = draft(Profile::Standard, AuthMethod::None);
        assert!(!without.security.device_login && !without.security.backchannel_login);
        without.security.backchannel_login = true;
        assert_eq!(faults(without), vec![ClientFault::BackchannelPublic]);
        for (login, address, fault) in [
            (true, "http://dpi.test/ping", ClientFault::NotificationUri),
            (true, "https://u:p@dpi.test/ping", ClientFault::NotificationUri),
            (false, "https://dpi.test/ping", ClientFault::NotificationUnused),
        ] {
            let mut pinged = draft(Profile::Standard, AuthMethod::ClientSecretBasic);
            pinged.security.backchannel_login = login;
            pinged.security.backchannel_notification_uri = Some(address.to_owned());
            assert_eq!(faults(pinged), vec![fault], "{address}");
        }
        let mut third = draft(Profile::Standard, AuthMethod::ClientSecretBasic);
        (third.security.asks_consent, third.security.device_login) = (true, true);
        assert_eq!(faults(third), vec![ClientFault::ConsentElsewhere]);
        // A device shows a code, and has no address to send a browser to.
        let mut device = draft(Profile::Standard, AuthMethod::None);
        device.redirect_uris.clear();
        device.security.device_login = true;
        assert_eq!(faults(device), vec![]);
    }

    #[test]
    fn defaults_follow_the_profile() {
        let issuer = "https://hygie.test".parse().expect("issuer");
        let basic = AuthMethod::ClientSecretBasic;
        let standard = draft(Profile::Standard, basic).check(&issuer, now()).expect("good");
        assert!(standard.state_required && standard.nonce_required && !standard.pkce_required);
        let psc = draft(Profile::PscLike, basic).check(&issuer, now()).expect("good");
        assert!(psc.scopes.contains("scope_all") && psc.access_token_seconds == 120);
        let public = draft(Profile::Standard, AuthMethod::None).check(&issuer, now());
        assert!(public.expect("good").pkce_required);
    }
}

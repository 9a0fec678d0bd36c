//! What the journal tells of an application that was changed: each setting as it was and as it is, in closed words and
//! numbers. Addresses and keys by their digest; what may name somebody (who answers for a relaxation, a certificate) not
//! at all.
use audit::{Code, Digest, SettingChange, SettingValue, Term};
use oidc::{
    AccessTokenFormat, AssertionAudience, CLAIMS, ClientKeys, ClientSecurity, ClientSettings,
    SCOPES, SubjectType,
};
use std::collections::BTreeSet;

/// Settings of one application, in two versions. Who answers for it has events of its own.
pub(super) fn setting_changes(
    was: &ClientSettings,
    becomes: &ClientSettings,
) -> Vec<SettingChange> {
    let pairs = told(was).into_iter().zip(told(becomes));
    let told_apart = pairs.filter(|((_, before), (_, after))| before != after);
    let mut changes: Vec<SettingChange> =
        told_apart.map(|((setting, before), (_, after))| change(setting, before, after)).collect();
    let (named, names) = (&was.security.tls_subject, &becomes.security.tls_subject);
    for (setting, moved, before, after) in [
        (
            "relaxation",
            was.relaxation != becomes.relaxation,
            was.relaxation.is_some(),
            becomes.relaxation.is_some(),
        ),
        ("vendor", was.vendor != becomes.vendor, was.vendor.is_some(), becomes.vendor.is_some()),
        (
            "described",
            was.described != becomes.described,
            !was.described.is_empty(),
            !becomes.described.is_empty(),
        ),
        ("tls_subject", named != names, named.is_some(), names.is_some()),
    ] {
        let untold = |there: bool| there.then_some(SettingValue::Untold);
        if moved {
            changes.push(change(setting, untold(before), untold(after)));
        }
    }
    changes
}

fn change(
    setting: &'static str,
    before: Option<SettingValue>,
    after: Option<SettingValue>,
) -> SettingChange {
    SettingChange { setting: Code::of(setting), before, after }
}

type Told = (&'static str, Option<SettingValue>);

/// Taken apart by name, so that a setting that comes later is not forgotten here.
fn told(settings: &ClientSettings) -> Vec<Told> {
    let ClientSettings {
        auth,
        redirect_uris,
        post_logout_redirect_uris,
        scopes,
        claims,
        id_token_claims,
        subject,
        id_token_algorithm,
        state_required,
        nonce_required,
        pkce_required,
        code_seconds,
        access_token_seconds,
        id_token_seconds,
        national_identity_acr,
        longest_auth_age_seconds,
        relaxation: _,
        vendor: _,
        sensitive,
        owners: _,
        security,
        described: _,
        // The level, which is read below.
        ..
    } = settings;
    let redirects = redirect_uris.iter().map(|uri| uri.as_str()).collect();
    let after = post_logout_redirect_uris.iter().map(|uri| uri.as_str()).collect();
    let subject = match subject {
        SubjectType::Public => "public",
        SubjectType::Pairwise { .. } => "pairwise",
    };
    let claim_names: Vec<&'static str> = CLAIMS.iter().map(|claim| claim.name).collect();
    let mut told = vec![
        ("auth", term(auth.name())),
        ("redirect_uris", texts(redirects)),
        ("post_logout_redirect_uris", texts(after)),
        ("scopes", terms(&SCOPES, scopes)),
        ("claims", terms(&claim_names, claims)),
        ("id_token_claims", terms(&claim_names, id_token_claims)),
        ("subject", term(subject)),
        ("id_token_algorithm", term(id_token_algorithm.name())),
        ("state_required", flag(*state_required)),
        ("nonce_required", flag(*nonce_required)),
        ("pkce_required", flag(*pkce_required)),
        ("code_seconds", number(*code_seconds)),
        ("access_token_seconds", number(*access_token_seconds)),
        ("id_token_seconds", number(*id_token_seconds)),
        ("minimum_acr", term(settings.least_level().name())),
        ("national_identity_acr", term(national_identity_acr.name())),
        ("longest_auth_age_seconds", longest_auth_age_seconds.and_then(number)),
        ("sensitive", flag(*sensitive)),
    ];
    told.extend(of_security(security));
    told
}

fn of_security(security: &ClientSecurity) -> Vec<Told> {
    let ClientSecurity {
        keys,
        jwks_uri,
        tls_subject: _,
        access_token,
        assertion_audience,
        refresh_seconds,
        refresh_reuse_grace_seconds,
        par_required,
        signed_request_required,
        sender_constraint,
        backchannel_login,
        backchannel_notification_uri,
        asks_consent,
        needs_national_identity,
        device_login,
        backchannel_logout_uri,
        frontchannel_logout_uri,
        userinfo_algorithm,
    } = security;
    let audience = match access_token {
        AccessTokenFormat::Opaque => None,
        AccessTokenFormat::Jwt { audience } => Some(audience),
    };
    let asserted = match assertion_audience {
        AssertionAudience::Issuer => "issuer",
        AssertionAudience::Endpoint => "endpoint",
    };
    let keys = keys.as_ref().map(ClientKeys::to_document).map(|keys| keys.to_string());
    vec![
        ("keys", text(keys.as_ref())),
        ("jwks_uri", text(jwks_uri.as_ref())),
        ("access_token_audience", text(audience)),
        ("assertion_audience", term(asserted)),
        ("refresh_seconds", refresh_seconds.and_then(number)),
        ("refresh_reuse_grace_seconds", number(*refresh_reuse_grace_seconds)),
        ("par_required", flag(*par_required)),
        ("signed_request_required", flag(*signed_request_required)),
        ("sender_constraint", sender_constraint.and_then(|binding| term(binding.name()))),
        ("backchannel_login", flag(*backchannel_login)),
        ("backchannel_notification_uri", text(backchannel_notification_uri.as_ref())),
        ("asks_consent", flag(*asks_consent)),
        ("needs_national_identity", flag(*needs_national_identity)),
        ("device_login", flag(*device_login)),
        ("backchannel_logout_uri", text(backchannel_logout_uri.as_ref())),
        ("frontchannel_logout_uri", text(frontchannel_logout_uri.as_ref())),
        ("userinfo_algorithm", userinfo_algorithm.and_then(|algorithm| term(algorithm.name()))),
    ]
}

fn flag(flag: bool) -> Option<SettingValue> {
    Some(SettingValue::Flag(flag))
}
fn number(number: u32) -> Option<SettingValue> {
    Some(SettingValue::Number(number))
}
fn term(name: &'static str) -> Option<SettingValue> {
    Some(SettingValue::Terms(vec![Term::of(name)]))
}
/// The words that were compiled in, of those that are set: no other one was let in.
fn terms(known: &[&'static str], set: &BTreeSet<String>) -> Option<SettingValue> {
    let names = known.iter().filter(|name| set.contains(**name));
    Some(SettingValue::Terms(names.map(|name| Term::of(name)).collect()))
}
/// Of no person: an address of a program, or its public keys.
fn text(text: Option<&String>) -> Option<SettingValue> {
    text.map(|text| SettingValue::Digest(Digest::of(text.as_bytes())))
}
fn texts(texts: Vec<&str>) -> Option<SettingValue> {
    Some(SettingValue::Digest(Digest::of(texts.join("\n").as_bytes())))
}

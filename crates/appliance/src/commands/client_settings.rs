//! `hygie client change`, and what `create` takes of the same settings.
use super::CommandContext;
use super::clients::{find, judged, protocol_document, with_id};
use anyhow::Context;
use clap::{Args, ValueEnum};
use kernel::SigningAlgorithm;
use oidc::{Acr, AuthMethod, Client, ClientDraft, ProtocolChange, Relaxation, SenderConstraint};
use std::collections::BTreeSet;
use workflows::oidc::ClientError;

/// How an application may speak with us. Each stands for itself; what is not named stays.
#[derive(Args, Default)]
pub struct Protocol {
    /// It gets refresh tokens, for this long (300 to 50400 seconds) and no longer than its session; `none`: no more.
    #[arg(long, value_name = "SECONDS|none")]
    refresh_seconds: Option<Given<u32>>,
    /// A refresh token that was used is taken once more for so long (60 seconds at most; bound tokens need none).
    #[arg(long, value_name = "SECONDS")]
    refresh_reuse_grace_seconds: Option<u32>,
    /// Its access tokens live 60 to 300 seconds.
    #[arg(long, value_name = "SECONDS")]
    access_token_seconds: Option<u32>,
    /// Its access tokens are signed, for the resource server of this name (RFC 9068); `none`: opaque.
    #[arg(long, value_name = "NAME|none")]
    access_token_audience: Option<Given<String>>,
    /// Its requests bear `state`.
    #[arg(long, value_name = "yes|no")]
    state_required: Option<YesNo>,
    /// Its requests bear `nonce`.
    #[arg(long, value_name = "yes|no")]
    nonce_required: Option<YesNo>,
    /// Its requests bear a PKCE challenge.
    #[arg(long, value_name = "yes|no")]
    pkce_required: Option<YesNo>,
    /// Its authorization requests come by PAR alone.
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes")]
    par_required: Option<YesNo>,
    /// Its authorization requests come signed alone.
    #[arg(long, value_name = "yes|no")]
    signed_request_required: Option<YesNo>,
    /// No code for a login below this level.
    #[arg(long, value_name = "eidas1|eidas2")]
    minimum_acr: Option<OfferedLevel>,
    /// A login older than this is asked again; `none`: only where the application asks.
    #[arg(long, value_name = "SECONDS|none")]
    longest_auth_age_seconds: Option<Given<u32>>,
    /// `pairwise`: its people bear a name (`sub`) that no other sector knows.
    #[arg(long)]
    subject: Option<OfferedSubject>,
    /// How its ID tokens are signed: RS256 unless told (PS256, ES256, EdDSA).
    #[arg(long, value_parser = algorithm)]
    signing: Option<SigningAlgorithm>,
    /// userinfo is a token signed so (RS256, PS256, ES256, EdDSA); `none`: it is JSON.
    #[arg(long, value_name = "ALGORITHM|none")]
    userinfo_signing: Option<Given<SigningAlgorithm>>,
    /// Its tokens open nothing without the key (`dpop`) or the certificate (`mtls`) of whoever was given them.
    #[arg(long, value_name = "dpop|mtls|none")]
    bound_by: Option<Given<SenderConstraint>>,
    /// Claims that it may ask one by one, beyond those of its scopes; these replace those of before. `none`: no more.
    #[arg(long = "claim", value_name = "CLAIM|none")]
    claims: Vec<Given<String>>,
    /// Claims that go into each ID token unasked; these replace those of before. `none`: no more.
    #[arg(long = "id-token-claim", value_name = "CLAIM|none")]
    id_token_claims: Vec<Given<String>>,
    /// Called when a session that it was opened in ends (https); `none`: no more.
    #[arg(long, value_name = "ADDRESS|none")]
    backchannel_logout_uri: Option<Given<String>>,
    /// Loaded by the browser when the person logs out in it (https, at the origin of a redirect address); `none`: no more.
    #[arg(long, value_name = "ADDRESS|none")]
    frontchannel_logout_uri: Option<Given<String>>,
}

/// A value, or none from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T>(Option<T>);

impl std::str::FromStr for Given<u32> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        given(text, |text| text.parse().map_err(|_| "a number of seconds, or `none`".to_owned()))
    }
}
impl std::str::FromStr for Given<String> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        given(text, |text| Ok(text.to_owned()))
    }
}
impl std::str::FromStr for Given<SigningAlgorithm> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        given(text, algorithm)
    }
}
impl std::str::FromStr for Given<SenderConstraint> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let why = || "`dpop`, `mtls` or `none`".to_owned();
        given(text, |text| SenderConstraint::from_name(text).ok_or_else(why))
    }
}

fn given<T>(text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Given<T>, String> {
    if text == "none" { Ok(Given(None)) } else { read(text).map(|value| Given(Some(value))) }
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    let why = || format!("{name} is none of RS256, PS256, ES256, EdDSA");
    SigningAlgorithm::from_name(name).ok_or_else(why)
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum YesNo {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OfferedLevel {
    Eidas1,
    Eidas2,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OfferedSubject {
    Public,
    Pairwise,
}

/// What a `legacy` application may leave out, who answers for it, and until when.
#[derive(Args, Default)]
pub struct Relaxed {
    /// Who answers for a `legacy` application that may do less than asked.
    #[arg(long)]
    relaxation_owner: Option<String>,
    /// Why it may.
    #[arg(long)]
    relaxation_reason: Option<String>,
    /// Its last day (YYYY-MM-DD), within a year from now: the application ends with it.
    #[arg(long)]
    relaxation_until: Option<chrono::NaiveDate>,
}

#[derive(Args)]
pub struct ClientChange {
    /// What it calls itself.
    client_id: String,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// Addresses that it is sent back to; these replace those of before.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// Addresses after a logout; these replace those of before. `none`: no more.
    #[arg(long = "post-logout-redirect-uri", value_name = "ADDRESS|none")]
    post_logout_redirect_uris: Vec<Given<String>>,
    /// Scopes that it may ask, beside `openid`; these replace those of before.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// `basic` or `post`: how it says the secret that it has.
    #[arg(long)]
    auth: Option<SecretSaid>,
    /// Opens care data: two factors are asked of everybody.
    #[arg(long, value_name = "yes|no")]
    sensitive: Option<YesNo>,
    #[command(flatten)]
    relaxed: Relaxed,
    #[command(flatten)]
    protocol: Protocol,
}

/// How a client says its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SecretSaid {
    /// In the header `Authorization`.
    Basic,
    /// In the form.
    Post,
}

impl From<SecretSaid> for AuthMethod {
    fn from(said: SecretSaid) -> Self {
        match said {
            SecretSaid::Basic => Self::ClientSecretBasic,
            SecretSaid::Post => Self::ClientSecretPost,
        }
    }
}

fn yes(said: Option<YesNo>) -> Option<bool> {
    said.map(|said| matches!(said, YesNo::Yes))
}

/// A list that was named; `none` empties it.
fn listed<Of: FromIterator<String>>(names: Vec<Given<String>>) -> Option<Of> {
    (!names.is_empty()).then(|| names.into_iter().filter_map(|name| name.0).collect())
}

impl From<Protocol> for ProtocolChange {
    fn from(said: Protocol) -> Self {
        Self {
            refresh_seconds: said.refresh_seconds.map(|given| given.0),
            refresh_reuse_grace_seconds: said.refresh_reuse_grace_seconds,
            access_token_seconds: said.access_token_seconds,
            access_token_audience: said.access_token_audience.map(|given| given.0),
            state_required: yes(said.state_required),
            nonce_required: yes(said.nonce_required),
            pkce_required: yes(said.pkce_required),
            par_required: yes(said.par_required),
            signed_request_required: yes(said.signed_request_required),
            minimum_acr: said.minimum_acr.map(|level| match level {
                OfferedLevel::Eidas1 => Acr::Eidas1,
                OfferedLevel::Eidas2 => Acr::Eidas2,
            }),
            longest_auth_age_seconds: said.longest_auth_age_seconds.map(|given| given.0),
            pairwise: said.subject.map(|subject| matches!(subject, OfferedSubject::Pairwise)),
            id_token_algorithm: said.signing,
            userinfo_algorithm: said.userinfo_signing.map(|given| given.0),
            sender_constraint: said.bound_by.map(|given| given.0),
            claims: listed::<BTreeSet<String>>(said.claims),
            id_token_claims: listed(said.id_token_claims),
            backchannel_logout_uri: said.backchannel_logout_uri.map(|given| given.0),
            frontchannel_logout_uri: said.frontchannel_logout_uri.map(|given| given.0),
        }
    }
}

impl Relaxed {
    /// What is said replaces what was; the last day counts whole.
    pub fn over(self, before: Option<Relaxation>) -> anyhow::Result<Option<Relaxation>> {
        let until = self.relaxation_until.map(|day| {
            let end = day.and_hms_opt(23, 59, 59).context("a day ends")?;
            Ok::<_, anyhow::Error>(end.and_utc())
        });
        let until = until.transpose()?;
        match (before, self.relaxation_owner, self.relaxation_reason, until) {
            (before, None, None, None) => Ok(before),
            (Some(before), owner, reason, until) => Ok(Some(Relaxation {
                owner: owner.unwrap_or(before.owner),
                reason: reason.unwrap_or(before.reason),
                until: until.unwrap_or(before.until),
            })),
            (None, Some(owner), Some(reason), Some(until)) => {
                Ok(Some(Relaxation { owner, reason, until }))
            }
            (None, ..) => anyhow::bail!(
                "a relaxation needs --relaxation-owner, --relaxation-reason and --relaxation-until"
            ),
        }
    }
}

pub async fn change(context: &CommandContext, wish: ClientChange) -> anyhow::Result<()> {
    let client = find(context, &wish.client_id).await?;
    let mut draft = ClientDraft::from(&client);
    if let Some(name) = wish.name {
        draft.name = name;
    }
    if !wish.redirect_uris.is_empty() {
        draft.redirect_uris = wish.redirect_uris;
    }
    if let Some(addresses) = listed(wish.post_logout_redirect_uris) {
        draft.post_logout_redirect_uris = addresses;
    }
    if !wish.scopes.is_empty() {
        draft.scopes = Some(with_id(wish.scopes));
    }
    if let Some(said) = wish.auth {
        if !client.settings.auth.has_secret() {
            anyhow::bail!(
                "{} has no secret to say: it proves itself by {}. Register it anew to change that",
                client.client_id,
                client.settings.auth.name()
            );
        }
        draft.auth = said.into();
    }
    draft.sensitive = yes(wish.sensitive).unwrap_or(draft.sensitive);
    draft.relaxation = wish.relaxed.over(draft.relaxation)?;
    draft
        .speak(&ProtocolChange::from(wish.protocol))
        .map_err(|fault| judged("was not changed", ClientError::Faults(vec![fault])))?;
    let (actor, enabled) = (&context.actor, client.enabled);
    let changed = context
        .workflows
        .change_client(actor, client.id, client.version, draft, enabled)
        .await
        .map_err(|error| judged("was not changed", error))?;
    let words = if changed.version == client.version {
        format!("{} is so already.", changed.client_id)
    } else {
        let lines = moved(&client, &changed);
        format!("{} was changed:\n{}", changed.client_id, lines.join("\n"))
    };
    context.out.show(&protocol_document(&changed), &words);
    Ok(())
}

/// What is not as it was, in the words of `client show --json`.
fn moved(was: &Client, is: &Client) -> Vec<String> {
    let (before, after) = (protocol_document(was), protocol_document(is));
    let members = after.as_object().into_iter().flatten();
    let moved = members.filter(|(name, value)| before.get(name.as_str()) != Some(*value));
    moved
        .map(|(name, value)| {
            let old = before.get(name.as_str()).cloned().unwrap_or_default();
            format!("  {name}: {old} -> {value}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        change: ClientChange,
    }

    fn read(words: &str) -> Result<ProtocolChange, clap::Error> {
        let line =
            Line::try_parse_from(["change", "dpi"].into_iter().chain(words.split_whitespace()))?;
        Ok(line.change.protocol.into())
    }

    #[test]
    fn what_is_not_named_stays_and_none_takes_off() {
        assert_eq!(read("").expect("read"), ProtocolChange::default());
        let off =
            read("--refresh-seconds none --claim none --bound-by none --userinfo-signing none");
        let off = off.expect("read");
        assert_eq!((off.refresh_seconds, off.claims), (Some(None), Some(BTreeSet::new())));
        assert_eq!((off.sender_constraint, off.userinfo_algorithm), (Some(None), Some(None)));
        let on = read(
            "--refresh-seconds 600 --claim rpps --claim oid --par-required --nonce-required no --subject pairwise",
        );
        let on = on.expect("read");
        assert_eq!(on.claims, Some(["oid".to_owned(), "rpps".to_owned()].into()));
        assert_eq!((on.refresh_seconds, on.par_required), (Some(Some(600)), Some(true)));
        assert_eq!((on.nonce_required, on.pairwise), (Some(false), Some(true)));
    }

    #[test]
    fn the_options_of_both_verbs_agree_with_each_other() {
        let create = clap::Command::new("create");
        super::super::clients::NewClient::augment_args(create).debug_assert();
        ClientChange::augment_args(clap::Command::new("change")).debug_assert();
    }

    #[test]
    fn what_is_none_of_ours_is_said_at_once() {
        for (words, told) in [
            ("--signing HS256", "none of RS256"),
            ("--refresh-seconds soon", "a number of seconds"),
            ("--bound-by cookie", "`dpop`, `mtls` or `none`"),
            ("--minimum-acr eidas3", "eidas2"),
            ("--state-required maybe", "yes, no"),
        ] {
            let refused = read(words).expect_err("refused").to_string();
            assert!(refused.contains(told), "{words}: {refused}");
        }
    }

    #[test]
    fn a_relaxation_is_whole_or_a_change_of_one() {
        let until = "2027-03-01".parse().ok();
        let half = Relaxed { relaxation_until: until, ..Relaxed::default() };
        assert!(half.over(None).is_err());
        let whole = Relaxed {
            relaxation_owner: Some("DSI".to_owned()),
            relaxation_reason: Some("Connecteur de 2014".to_owned()),
            relaxation_until: until,
        };
        let kept = whole.over(None).expect("whole").expect("one");
        assert_eq!(kept.until.to_rfc3339(), "2027-03-01T23:59:59+00:00");
        let later = Relaxed { relaxation_until: "2027-06-01".parse().ok(), ..Relaxed::default() };
        let later = later.over(Some(kept.clone())).expect("over").expect("one");
        assert_eq!((later.owner, later.until > kept.until), (kept.owner, true));
    }
}

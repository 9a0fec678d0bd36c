//! How an application may speak with us, changed setting by setting after it was registered: the console, the API and the
//! command line say the same things by it, and `ClientDraft::check` judges them whole.
use crate::client::SubjectType;
use crate::registration::shared_host;
use crate::{AccessTokenFormat, Acr, ClientDraft, ClientFault, SenderConstraint};
use kernel::SigningAlgorithm;
use std::collections::BTreeSet;

/// What is to change; `None` stays. What can be taken off is `Some(None)` then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProtocolChange {
    pub refresh_seconds: Option<Option<u32>>,
    pub refresh_reuse_grace_seconds: Option<u32>,
    pub access_token_seconds: Option<u32>,
    /// The resource server that reads signed access tokens; taken off, they are opaque.
    pub access_token_audience: Option<Option<String>>,
    pub state_required: Option<bool>,
    pub nonce_required: Option<bool>,
    pub pkce_required: Option<bool>,
    pub par_required: Option<bool>,
    pub signed_request_required: Option<bool>,
    pub minimum_acr: Option<Acr>,
    pub longest_auth_age_seconds: Option<Option<u32>>,
    /// Its people bear another name (`sub`) in each sector.
    pub pairwise: Option<bool>,
    pub id_token_algorithm: Option<SigningAlgorithm>,
    pub userinfo_algorithm: Option<Option<SigningAlgorithm>>,
    pub sender_constraint: Option<Option<SenderConstraint>>,
    pub claims: Option<BTreeSet<String>>,
    pub id_token_claims: Option<BTreeSet<String>>,
    pub backchannel_logout_uri: Option<Option<String>>,
    pub frontchannel_logout_uri: Option<Option<String>>,
}

fn set<T: Clone>(place: &mut T, wished: &Option<T>) {
    if let Some(wished) = wished {
        place.clone_from(wished);
    }
}

fn set_some<T: Clone>(place: &mut Option<T>, wished: &Option<T>) {
    if wished.is_some() {
        place.clone_from(wished);
    }
}

impl ClientDraft {
    /// As it would be with this change. Its addresses of return are those that it will have: a sector is read from them.
    pub fn speak(&mut self, change: &ProtocolChange) -> Result<(), ClientFault> {
        // Asked for, it would change nothing; a level of before that it is above stays.
        if self.sensitive && change.minimum_acr == Some(Acr::Eidas1) {
            return Err(ClientFault::SensitiveLevel);
        }
        let security = &mut self.security;
        set(&mut security.refresh_seconds, &change.refresh_seconds);
        set(&mut security.refresh_reuse_grace_seconds, &change.refresh_reuse_grace_seconds);
        if let Some(audience) = change.access_token_audience.clone() {
            security.access_token = match audience {
                Some(audience) => AccessTokenFormat::Jwt { audience },
                None => AccessTokenFormat::Opaque,
            };
        }
        set(&mut security.par_required, &change.par_required);
        set(&mut security.signed_request_required, &change.signed_request_required);
        set(&mut security.userinfo_algorithm, &change.userinfo_algorithm);
        set(&mut security.sender_constraint, &change.sender_constraint);
        set(&mut security.backchannel_logout_uri, &change.backchannel_logout_uri);
        set(&mut security.frontchannel_logout_uri, &change.frontchannel_logout_uri);
        set_some(&mut self.access_token_seconds, &change.access_token_seconds);
        set_some(&mut self.state_required, &change.state_required);
        set_some(&mut self.nonce_required, &change.nonce_required);
        set_some(&mut self.pkce_required, &change.pkce_required);
        set_some(&mut self.minimum_acr, &change.minimum_acr);
        set_some(&mut self.id_token_algorithm, &change.id_token_algorithm);
        set(&mut self.longest_auth_age_seconds, &change.longest_auth_age_seconds);
        set(&mut self.claims, &change.claims);
        set(&mut self.id_token_claims, &change.id_token_claims);
        match (change.pairwise, &self.subject) {
            (Some(false), SubjectType::Pairwise { .. }) => self.subject = SubjectType::Public,
            // Several hosts: an empty sector, which the draft is refused for.
            (Some(true), SubjectType::Public) => {
                let sector = shared_host(&self.redirect_uris).unwrap_or_default();
                self.subject = SubjectType::Pairwise { sector };
            }
            // Its people go on bearing the names that it knows.
            (Some(true), SubjectType::Pairwise { .. })
            | (Some(false), SubjectType::Public)
            | (None, _) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{NOW, client, issuer};
    use crate::{AuthMethod, Client, ClientSettings, Profile};
    use std::iter::once;

    fn changed(
        client: &Client,
        change: &ProtocolChange,
    ) -> Result<ClientSettings, Vec<ClientFault>> {
        let mut draft = ClientDraft::from(client);
        draft.speak(change).map_err(|fault| vec![fault])?;
        draft.check(&issuer(), NOW.parse().expect("time"))
    }

    #[test]
    fn nothing_asked_changes_nothing() {
        for profile in Profile::ALL {
            let (client, _) = client(profile, AuthMethod::PrivateKeyJwt);
            assert_eq!(changed(&client, &ProtocolChange::default()), Ok(client.settings));
        }
    }

    #[test]
    fn all_of_it_is_set_and_taken_off() {
        let (client, _) = client(Profile::Standard, AuthMethod::PrivateKeyJwt);
        let change = ProtocolChange {
            refresh_seconds: Some(Some(3600)),
            refresh_reuse_grace_seconds: Some(10),
            access_token_seconds: Some(90),
            access_token_audience: Some(Some("https://api.test".to_owned())),
            state_required: Some(false),
            nonce_required: Some(false),
            pkce_required: Some(true),
            par_required: Some(true),
            signed_request_required: Some(true),
            minimum_acr: Some(Acr::Eidas2),
            longest_auth_age_seconds: Some(Some(900)),
            pairwise: Some(true),
            id_token_algorithm: Some(SigningAlgorithm::Ps256),
            userinfo_algorithm: Some(Some(SigningAlgorithm::Es256)),
            sender_constraint: None,
            claims: Some(["rpps".to_owned()].into()),
            id_token_claims: Some(["rpps".to_owned(), "name".to_owned()].into()),
            backchannel_logout_uri: Some(Some("https://dpi.test/out".to_owned())),
            frontchannel_logout_uri: Some(Some("https://dpi.test/bye".to_owned())),
        };
        let settings = changed(&client, &change).expect("no contradiction");
        assert_eq!(settings.subject, SubjectType::Pairwise { sector: "dpi.test".to_owned() });
        assert_eq!(settings.security.refresh_reuse_grace_seconds, 10);
        assert!(!settings.nonce_required && settings.pkce_required);
        assert_eq!(settings.security.userinfo_algorithm, Some(SigningAlgorithm::Es256));
        let audience = "https://api.test".to_owned();
        assert_eq!(settings.security.access_token, AccessTokenFormat::Jwt { audience });
        let whole = Client { settings, ..client.clone() };
        let off = ProtocolChange {
            refresh_seconds: Some(None),
            refresh_reuse_grace_seconds: Some(0),
            access_token_seconds: Some(300),
            access_token_audience: Some(None),
            state_required: Some(true),
            nonce_required: Some(true),
            pkce_required: Some(false),
            par_required: Some(false),
            signed_request_required: Some(false),
            minimum_acr: Some(Acr::Eidas1),
            longest_auth_age_seconds: Some(None),
            pairwise: Some(false),
            id_token_algorithm: Some(SigningAlgorithm::Rs256),
            userinfo_algorithm: Some(None),
            sender_constraint: Some(None),
            claims: Some(BTreeSet::new()),
            id_token_claims: Some(BTreeSet::new()),
            backchannel_logout_uri: Some(None),
            frontchannel_logout_uri: Some(None),
        };
        assert_eq!(changed(&whole, &off), Ok(client.settings));
    }

    #[test]
    fn contradictions_are_refused_each_with_its_reason() {
        type Change = fn(&mut ProtocolChange);
        let strict: &[(Change, ClientFault)] = &[
            (|c| c.sender_constraint = Some(None), ClientFault::StrictUnbound),
            (|c| c.par_required = Some(false), ClientFault::StrictWithoutPar),
            (|c| c.pkce_required = Some(false), ClientFault::StrictWithoutPkce),
            (
                |c| c.id_token_algorithm = Some(SigningAlgorithm::Rs256),
                ClientFault::StrictAlgorithm,
            ),
            (
                |c| c.userinfo_algorithm = Some(Some(SigningAlgorithm::Rs256)),
                ClientFault::StrictUserinfoAlgorithm,
            ),
            (|c| c.refresh_reuse_grace_seconds = Some(5), ClientFault::GraceWithoutRotation),
        ];
        let standard: &[(Change, ClientFault)] = &[
            (|c| c.nonce_required = Some(false), ClientFault::RelaxedWithoutDate("nonce")),
            (|c| c.state_required = Some(false), ClientFault::RelaxedWithoutDate("state")),
            (|c| c.refresh_seconds = Some(Some(60)), ClientFault::RefreshLife),
            (|c| c.refresh_reuse_grace_seconds = Some(5), ClientFault::GraceWithoutRefresh),
            (
                |c| {
                    c.refresh_seconds = Some(Some(600));
                    c.refresh_reuse_grace_seconds = Some(61);
                },
                ClientFault::RefreshGrace,
            ),
            (|c| c.access_token_seconds = Some(3600), ClientFault::AccessTokenLife),
            (
                |c| c.access_token_audience = Some(Some(String::new())),
                ClientFault::AccessTokenAudience,
            ),
            (|c| c.signed_request_required = Some(true), ClientFault::SignedWithoutKeys),
            (
                |c| c.claims = Some(["salary".to_owned()].into()),
                ClientFault::UnknownClaim("salary".to_owned()),
            ),
            (
                |c| c.id_token_claims = Some(["rpps".to_owned()].into()),
                ClientFault::UngrantedClaim("rpps".to_owned()),
            ),
            (
                |c| c.backchannel_logout_uri = Some(Some("http://dpi.test/out".to_owned())),
                ClientFault::LogoutUri,
            ),
            (
                |c| c.frontchannel_logout_uri = Some(Some("https://evil.test/out".to_owned())),
                ClientFault::FrontchannelElsewhere,
            ),
        ];
        for (profile, auth, cases) in [
            (Profile::Strict, AuthMethod::PrivateKeyJwt, strict),
            (Profile::Standard, AuthMethod::ClientSecretBasic, standard),
        ] {
            let (client, _) = client(profile, auth);
            for (wish, fault) in cases {
                let mut change = ProtocolChange::default();
                wish(&mut change);
                assert_eq!(changed(&client, &change), Err(vec![fault.clone()]), "{change:?}");
            }
        }
    }

    #[test]
    fn an_application_that_opens_care_data_takes_two_factors_whatever_is_asked() {
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        client.settings.sensitive = true;
        for (level, expected) in
            [(Acr::Eidas1, Err(vec![ClientFault::SensitiveLevel])), (Acr::Eidas2, Ok(Acr::Eidas2))]
        {
            let change = ProtocolChange { minimum_acr: Some(level), ..ProtocolChange::default() };
            assert_eq!(changed(&client, &change).map(|settings| settings.least_level()), expected);
        }
    }

    #[test]
    fn op_28_a_sector_is_one_host_and_stays_once_it_names_people() {
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let pairwise = ProtocolChange { pairwise: Some(true), ..ProtocolChange::default() };
        client.settings = changed(&client, &pairwise).expect("one host");
        let mut moved = ClientDraft::from(&client);
        moved.redirect_uris = vec!["https://dpi.new.test/cb".to_owned()];
        moved.speak(&pairwise).expect("said");
        assert_eq!(moved.subject, SubjectType::Pairwise { sector: "dpi.test".to_owned() });
        client.settings.subject = SubjectType::Public;
        let mut several = ClientDraft::from(&client);
        several.redirect_uris.push("https://labo.test/cb".to_owned());
        several.speak(&pairwise).expect("said");
        let refused = several.check(&issuer(), NOW.parse().expect("time"));
        assert_eq!(refused, Err(vec![ClientFault::PairwiseHosts]));
    }

    #[test]
    fn every_claim_that_is_listed_can_be_granted() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let listed = crate::CLAIMS.iter().map(|claim| claim.name.to_owned());
        for claim in listed {
            let claims: BTreeSet<String> = once(claim.clone()).collect();
            let change = ProtocolChange {
                claims: Some(claims.clone()),
                id_token_claims: Some(claims),
                ..ProtocolChange::default()
            };
            let settings = changed(&client, &change).expect("grantable");
            assert!(settings.claims.contains(&claim), "{claim}");
        }
    }
}

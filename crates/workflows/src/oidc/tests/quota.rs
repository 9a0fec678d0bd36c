//! What waits is bounded, for each client and each network by itself: whoever fills a bound waits, and nobody else does.
use super::*;
use crate::sandbox::{CheckDraft, CheckError};
use ::oidc::{
    DecoupledKind, ErrorCode, KeptRequest, MOST_PENDING, OAuthError, parse_decoupled,
    parse_lookup_request, parse_pushed_request,
};
use authentication::ThrottleScope;
use kernel::{Handle, HandleKind};

/// Another application, by a secret in the body or (`None`) by nothing; its secret.
async fn other(house: &House, client_id: &str, auth: AuthMethod) -> Option<String> {
    let mut draft = ClientDraft::new(client_id, Profile::Standard, auth);
    draft.redirect_uris = vec!["https://labo.test/cb".to_owned()];
    draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
    draft.security.device_login = true;
    let wish = CreateClient { client_id: Some(client_id.to_owned()), draft };
    let made = house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
    made.secret.map(|secret| secret.expose().to_owned())
}

fn refusal(error: OidcError) -> OAuthError {
    match error {
        OidcError::Refused { error, .. } => error,
        other => panic!("failed: {other}"),
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn push(house: &House, who: [(&str, &str); 2], address: &str) -> Result<(), OAuthError> {
    let request = [
        ("response_type", "code"),
        ("redirect_uri", address),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let form = owned(&[&who[..], &request].concat());
    let request = parse_pushed_request(&form, &[], None).expect("readable");
    house.workflows.push_request(&request).await.map(|_| ()).map_err(refusal)
}

#[tokio::test]
async fn op_13_a_client_that_fills_its_quota_of_requests_locks_out_nobody_else() {
    on_each(async |house| {
        let labo = other(&house, "labo", AuthMethod::ClientSecretPost).await.expect("a secret");
        let now = house.workflows.now();
        let waiting = KeptRequest {
            issuer: house.client.issuer.clone(),
            client: house.client.id,
            parameters: "client_id=dpi".to_owned(),
            signed: false,
            pushed_at: now,
            expires_at: now + Duration::seconds(60),
            used_at: None,
        };
        let mut kept = tokio::task::JoinSet::new();
        let each = MOST_PENDING / 20;
        for _ in 0..20 {
            let (workflows, waiting) = (house.workflows.clone(), waiting.clone());
            kept.spawn(async move {
                for _ in 0..each {
                    let hash = Handle::new(HandleKind::Par, workflows.randomness()).hash();
                    let upkeep = workflows.store().upkeep();
                    upkeep.keep_request(&hash, &waiting).await.expect("kept");
                }
            });
        }
        kept.join_all().await;
        let own = [("client_id", "dpi"), ("client_secret", house.secret.expose())];
        let refused = push(&house, own, "https://dpi.test/cb").await.expect_err("one too many");
        assert_eq!(refused.code.name(), "temporarily_unavailable");
        assert!(refused.description.contains("push again in a minute"), "{refused:?}");
        let theirs = [("client_id", "labo"), ("client_secret", labo.as_str())];
        assert!(push(&house, theirs, "https://labo.test/cb").await.is_ok(), "nobody else waits");
        house.clock.advance(Duration::seconds(60));
        assert!(push(&house, own, "https://dpi.test/cb").await.is_ok(), "a minute later");
    })
    .await;
}

#[tokio::test]
async fn an_application_that_calls_in_a_loop_waits_alone_and_nobody_waits_in_its_name() {
    on_each(async |house| {
        let labo = other(&house, "labo", AuthMethod::ClientSecretPost).await.expect("a secret");
        other(&house, "borne", AuthMethod::None).await;
        let look = async |who: [(&str, &str); 2]| {
            let form = owned(&[&who[..], &[("token", "hy_at_unknown")]].concat());
            let request = parse_lookup_request(&form, &[], None).expect("readable");
            house.workflows.introspect(&request).await.map(|_| ()).map_err(refusal)
        };
        let own = [("client_id", "dpi"), ("client_secret", house.secret.expose())];
        let stranger = [("client_id", "dpi"), ("client_secret", "guessed")];
        for _ in 0..20 {
            let refused = look(stranger).await.expect_err("a stranger");
            assert_eq!(refused.code.name(), "invalid_client");
        }
        // A hundred a second, and ten seconds of them at once: none was spent by the stranger.
        for call in 0..1_000 {
            look(own).await.unwrap_or_else(|refused| panic!("call {call}: {refused:?}"));
        }
        let refused = look(own).await.expect_err("one too many");
        assert_eq!(refused.code, ErrorCode::TooManyCalls);
        assert_eq!(refused.code.name(), "temporarily_unavailable");
        let pushed = push(&house, own, "https://dpi.test/cb").await.expect_err("wherever it calls");
        assert_eq!(pushed.code, ErrorCode::TooManyCalls);
        let theirs = [("client_id", "labo"), ("client_secret", labo.as_str())];
        assert!(look(theirs).await.is_ok(), "nobody else waits");
        house.clock.advance(Duration::seconds(1));
        for _ in 0..100 {
            assert!(look(own).await.is_ok(), "a second later");
        }
        assert!(look(own).await.is_err());
        // Anybody may say that he is an application that proves nothing: it is not counted.
        let anybody = [("client_id", "borne"), ("token", "hy_rt_unknown")];
        for _ in 0..1_100 {
            let request = parse_lookup_request(&owned(&anybody), &[], None).expect("readable");
            house.workflows.revoke_token(&request).await.expect("nothing to revoke");
        }
    })
    .await;
}

#[tokio::test]
async fn op_26_a_network_that_asks_for_many_device_codes_waits_alone() {
    on_each(async |house| {
        other(&house, "borne", AuthMethod::None).await;
        let secret = other(&house, "serveur", AuthMethod::ClientSecretPost).await;
        let secret = secret.expect("a secret");
        let ask = async |who: &[(&str, &str)], network: &str| {
            let form = owned(&[who, &[("scope", "openid profile")]].concat());
            let ask = parse_decoupled(&form, &[], None).expect("readable");
            let ask = ask.from_network(Some(network.to_owned()));
            let asked = house.workflows.ask_elsewhere(ask, DecoupledKind::Device).await;
            asked.map(|_| ()).map_err(refusal)
        };
        let anybody = [("client_id", "borne")];
        let mut refused = None;
        for count in 0..100 {
            if let Err(error) = ask(&anybody, "10.0.0.1").await {
                refused = Some((count, error));
                break;
            }
        }
        let (count, refused) = refused.expect("some wait is asked");
        assert!(count >= 60, "a ward shares one address: {count}");
        assert_eq!(refused.code.name(), "temporarily_unavailable");
        assert!(refused.description.contains("ask again in a minute"), "{refused:?}");
        assert!(ask(&anybody, "10.0.0.2").await.is_ok(), "another network");
        let one_house = async || {
            let mut asked = 0;
            for count in 0..80 {
                asked +=
                    usize::from(ask(&anybody, &format!("2001:db8:0:1::{count:x}")).await.is_ok());
            }
            asked
        };
        assert!(
            (60..80).contains(&one_house().await),
            "an IPv6 network is one, not as many as its addresses"
        );
        assert!(ask(&anybody, "2001:db8:0:2::1").await.is_ok(), "another one");
        let proved = [("client_id", "serveur"), ("client_secret", secret.as_str())];
        assert!(ask(&proved, "10.0.0.1").await.is_ok(), "a client that proves who it is");
        house.clock.advance(Duration::minutes(1));
        assert!(ask(&anybody, "10.0.0.1").await.is_ok(), "a minute later");
    })
    .await;
}

/// Sixty-one checks of each network, and ten networks' worth of those beside it: an address book of IPv6 networks fills no sandbox.
#[tokio::test]
async fn op_26_networks_beside_each_other_begin_no_more_checks_than_ten_of_them() {
    on_each_sandbox(async |house| {
        let begin = async |from: &str| {
            let draft = CheckDraft {
                redirect_uri: "https://rp.test/cb".to_owned(),
                ..CheckDraft::default()
            };
            house.workflows.begin_check(draft, Some(from)).await
        };
        let around = ThrottleScope::ChecksAround { around: "2001:db8:1::" };
        for _ in 0..600 {
            let counted = house.workflows.count_try(std::slice::from_ref(&around)).await;
            assert!(counted.expect("counted").must_wait.is_none());
        }
        begin("2001:db8:1:1::1").await.expect("the last one");
        let refused = begin("2001:db8:1:2::1").await;
        assert!(matches!(refused, Err(CheckError::TooMany)), "a network that began none");
        begin("2001:db8:2:1::1").await.expect("elsewhere");
        house.clock.advance(Duration::hours(1));
        begin("2001:db8:1:2::1").await.expect("later");
    })
    .await;
}

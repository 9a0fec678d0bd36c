//! Requests that a client keeps at an address of its own: read in an appliance for editors, and nowhere else.
use super::grants::Signer;
use super::*;
use ::oidc::SelfDescribed;
use serde_json::json;

/// As the public suite registers it: the fragment is the hash of something else.
const ADDRESS: &str = "https://dpi.test/requests/1#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM";

impl House {
    async fn keeps_requests_at(&self, address: &str, signer: &Signer) {
        self.change(|draft| {
            draft.security.keys = Some(signer.keys());
            draft.described = SelfDescribed {
                request_uris: vec![address.to_owned()],
                ..SelfDescribed::default()
            };
        })
        .await;
    }

    fn request_kept(&self, signer: &Signer, more: &Value) -> String {
        let mut claims = json!({
            "iss": "dpi", "aud": "https://hygie.hopital.test", "client_id": "dpi",
            "response_type": "code", "redirect_uri": "https://dpi.test/cb",
            "scope": "openid profile", "state": "signed", "nonce": "n-1",
        });
        for (name, value) in more.as_object().expect("members") {
            claims[name] = value.clone();
        }
        signer.sign(self, "oauth-authz-req+jwt", &claims)
    }

    /// What was read just before is forgotten by then.
    async fn publishes(&self, text: Option<String>) {
        *self.published.keys.lock().expect("published") = text;
        self.clock.advance(Duration::seconds(3));
    }

    async fn visit_by(&self, address: &str, more: &[(&str, &str)]) -> AuthorizeAnswer {
        self.authorize(&[&[("request_uri", address)], more].concat()).await
    }

    fn addresses_called(&self) -> u32 {
        self.published.asked.load(Ordering::Relaxed)
    }
}

fn state_of(answer: &AuthorizeAnswer) -> Option<&str> {
    match answer {
        AuthorizeAnswer::Return { members, .. } => {
            assert_eq!(members[0].0, "code", "{members:?}");
            members.iter().find(|(name, _)| *name == "state").map(|(_, state)| state.as_str())
        }
        _ => None,
    }
}

/// Conformance: `oidcc-request-uri-signed-rs256`, with the key that this client has.
#[tokio::test]
async fn oidcc_request_uri_signed_is_read_where_the_client_registered_it() {
    on_each_sandbox(async |house| {
        let signer = Signer::new(&house);
        house.keeps_requests_at(ADDRESS, &signer).await;
        house.publishes(Some(format!("{}\n", house.request_kept(&signer, &json!({}))))).await;
        // What stands beside it in the query counts for nothing.
        for beside in [&[("redirect_uri", "https://evil.test/cb")][..], &[("state", "other")], &[]]
        {
            let answer = house.visit_by(ADDRESS, beside).await;
            assert_eq!(state_of(&answer), Some("signed"), "{beside:?}");
            let called = house.published.last.lock().expect("last").clone();
            assert_eq!(called, "https://dpi.test/requests/1", "the fragment stays here");
        }
        let documents = house.workflows.provider_documents().await.expect("documents");
        let discovery: Value = serde_json::from_str(&documents.discovery).expect("JSON");
        assert_eq!(discovery["request_uri_parameter_supported"], true);
        assert_eq!(discovery["require_request_uri_registration"], true);
        let signed = discovery["request_object_signing_alg_values_supported"].as_array();
        let signed = signed.expect("algorithms");
        assert!(signed.contains(&json!("RS256")) && !signed.contains(&json!("none")));
    })
    .await;
}

#[tokio::test]
async fn op_12_what_stands_at_a_registered_address_is_this_clients_signed_request_or_nothing() {
    on_each_sandbox(async |house| {
        let (signer, other) = (Signer::new(&house), Signer::new(&house));
        house.keeps_requests_at(ADDRESS, &signer).await;
        let good = house.request_kept(&signer, &json!({}));
        let payload = good.split('.').nth(1).expect("payload").to_owned();
        for (text, expected) in [
            // Conformance: `oidcc-request-uri-unsigned` is skipped, since discovery lists no `none`.
            (Some(format!("eyJhbGciOiJub25lIn0.{payload}.")), "page invalid_request_object"),
            (Some(house.request_kept(&other, &json!({}))), "page invalid_request_object"),
            (
                Some(house.request_kept(&signer, &json!({ "request_uri": ADDRESS }))),
                "page invalid_request_object",
            ),
            (
                Some(house.request_kept(&signer, &json!({ "exp": 1 }))),
                "page invalid_request_object",
            ),
            (Some("<html>".to_owned()), "page invalid_request_object"),
            (Some(String::new()), "page invalid_request_object"),
            (None, "page invalid_request_uri"),
        ] {
            let what = format!("{text:?}");
            house.publishes(text).await;
            let Told::Other(answer) = told(house.visit_by(ADDRESS, &[]).await) else {
                panic!("a code for {what}")
            };
            assert_eq!(answer, expected, "{what}");
        }
        house.publishes(Some(good.clone())).await;
        let both = house.visit_by(ADDRESS, &[("request", &good)]).await;
        assert!(matches!(told(both), Told::Other(answer) if answer == "page invalid_request"));
    })
    .await;
}

/// RFC 9101 §10.4: whoever sends a browser here does not choose whom we call.
#[tokio::test]
async fn op_24_an_address_that_was_not_registered_is_never_called() {
    on_each_sandbox(async |house| {
        let signer = Signer::new(&house);
        house.keeps_requests_at(ADDRESS, &signer).await;
        house.publishes(Some(house.request_kept(&signer, &json!({})))).await;
        let before = house.addresses_called();
        for address in [
            "https://dpi.test/requests/2",
            "https://dpi.test/requests/1?x=y",
            "https://127.0.0.1/requests/1",
            "https://169.254.169.254/latest/meta-data",
            "http://dpi.test/requests/1",
            "file:///etc/passwd",
            "urn:ietf:params:oauth:request_uri:nonsense",
        ] {
            let answer = told(house.visit_by(address, &[]).await);
            assert!(
                matches!(&answer, Told::Other(told) if told == "page invalid_request_uri"),
                "{address}"
            );
        }
        assert_eq!(house.addresses_called(), before);
    })
    .await;
}

/// A visit is anybody's, and its address belongs to somebody else's server.
#[tokio::test]
async fn op_24_visits_at_once_make_one_call_and_an_ended_client_none() {
    on_each_sandbox(async |house| {
        let signer = Signer::new(&house);
        house.keeps_requests_at(ADDRESS, &signer).await;
        for (text, good) in [(Some(house.request_kept(&signer, &json!({}))), true), (None, false)] {
            house.publishes(text).await;
            let before = house.addresses_called();
            let visits = (0..50).map(|_| house.visit_by(ADDRESS, &[]));
            for answer in futures_util::future::join_all(visits).await {
                assert_eq!(state_of(&answer).is_some(), good);
            }
            assert_eq!(house.addresses_called() - before, 1);
        }
        house.publishes(Some(house.request_kept(&signer, &json!({})))).await;
        let before = house.addresses_called();
        let client = house.workflows.client_named(Some("dpi")).await.expect("read").expect("there");
        let (actor, draft) = (Actor::command_line(0), ClientDraft::from(&*client));
        let ended = house.workflows.change_client(&actor, client.id, client.version, draft, false);
        ended.await.expect("ended");
        let answer = told(house.visit_by(ADDRESS, &[]).await);
        assert!(matches!(&answer, Told::Other(told) if told == "page invalid_request"));
        assert_eq!(house.addresses_called(), before);
    })
    .await;
}

/// The appliance of a hospital calls no address for a browser, whatever stands in the client's row.
#[tokio::test]
async fn op_24_a_real_appliance_calls_no_request_uri() {
    on_each(async |house| {
        let signer = Signer::new(&house);
        house.keeps_requests_at(ADDRESS, &signer).await;
        house.publishes(Some(house.request_kept(&signer, &json!({})))).await;
        let answer = told(house.visit_by(ADDRESS, &[]).await);
        assert!(matches!(&answer, Told::Other(told) if told == "request_uri_not_supported"));
        assert_eq!(house.addresses_called(), 0);
        let documents = house.workflows.provider_documents().await.expect("documents");
        let discovery: Value = serde_json::from_str(&documents.discovery).expect("JSON");
        assert_eq!(discovery["request_uri_parameter_supported"], false);
    })
    .await;
}

//! The page where a person is asked what an application of somebody else may hear, as its form posts it.
use super::*;
use oidc::ClientPages;

const THIRD: &str = "https://tiers.test/cb";

/// An application of somebody else beside the hospital's own.
async fn third_party(house: &House) {
    let mut draft = ClientDraft::new("Agenda", Profile::Standard, AuthMethod::ClientSecretBasic);
    draft.redirect_uris = vec![THIRD.to_owned()];
    draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
    draft.security.asks_consent = true;
    draft.described.pages = ClientPages {
        logo_uri: Some("https://tiers.test/logo.png".to_owned()),
        policy_uri: Some("https://tiers.test/vie-privee".to_owned()),
        // As the public suite writes one.
        tos_uri: Some("https://tiers.test".to_owned()),
    };
    let wish = CreateClient { client_id: Some("agenda".to_owned()), draft };
    house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
}

fn asked() -> String {
    format!(
        "/oauth2/authorize?{}",
        query(&[("client_id", "agenda"), ("redirect_uri", THIRD), ("scope", "openid profile")])
    )
}

/// Where the page moves the browser on to.
fn back(page: &Seen) -> BTreeMap<String, String> {
    let to = page.after("content=\"0;url=");
    assert!(to.starts_with(THIRD), "{to}");
    let url = url::Url::parse(&to).expect("absolute");
    url.query_pairs().map(|(name, value)| (name.into(), value.into())).collect()
}

#[tokio::test]
async fn wb_05_a_consent_is_said_by_the_form_of_its_page_and_by_nothing_else() {
    let mut house = House::open().await;
    third_party(&house).await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies: cookies.clone() };
    let to = browser.get(&asked()).await.location();
    assert!(to.starts_with("/consent?"), "{to}");
    let page = browser.get(&to).await;
    assert!(page.body.contains("hy-consent-deny") && page.body.contains("Agenda"), "{}", page.body);
    let form = page.after("name=\"f\" value=\"");
    let mark = page.after("name=\"mark\" value=\"");
    let word = |f: &str, mark: &str, say: &str| {
        [("f", f), ("mark", mark), ("say", say)].map(|(name, text)| (name, text.to_owned()))
    };
    let post = async |origin: &str, cookies: &BTreeMap<String, String>, word: &[(&str, String)]| {
        let mut browser = Browser { router: &house.public, cookies: cookies.clone() };
        let form: Vec<(&str, &str)> =
            word.iter().map(|(name, text)| (*name, text.as_str())).collect();
        browser.post_from(origin, &to, &form).await
    };
    // Another site, a sibling of ours, no form of ours, another browser: no word at all.
    let nobody = BTreeMap::new();
    for (origin, cookies, f) in [
        ("https://evil.test", &cookies, form.as_str()),
        ("https://dpi.hopital.test", &cookies, &form),
        (ORIGIN, &cookies, ""),
        (ORIGIN, &cookies, "x"),
        (ORIGIN, &nobody, &form),
    ] {
        let seen = post(origin, cookies, &word(f, &mark, "yes")).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{origin} {f}: {}", seen.body);
    }
    // A word about another page, or none: she is asked again.
    for (mark, say) in [("", "yes"), (&mark[1..], "yes"), (mark.as_str(), ""), (&mark, "perhaps")] {
        let seen = post(ORIGIN, &cookies, &word(&form, mark, say)).await;
        assert!(seen.body.contains("hy-consent-deny"), "{say}: {}", seen.body);
    }
    let told = |seen: &Seen| back(seen);
    let denied = told(&post(ORIGIN, &cookies, &word(&form, &mark, "no")).await);
    assert_eq!((denied["error"].as_str(), denied["state"].as_str()), ("access_denied", "s-1"));
    assert!(!denied.contains_key("code"));
    let agreed = told(&post(ORIGIN, &cookies, &word(&form, &mark, "yes")).await);
    assert_eq!((agreed["state"].as_str(), agreed["iss"].as_str()), ("s-1", ORIGIN));
    assert!(agreed.contains_key("code"));
    // Asked once.
    let mut browser = Browser { router: &house.public, cookies };
    let again = browser.get(&asked()).await.location();
    assert!(again.starts_with(THIRD) && again.contains("code="), "{again}");
}

/// Conformance: `oidcc-registration-logo-uri`, `-policy-uri`, `-tos-uri`.
#[tokio::test]
async fn what_an_application_says_of_itself_is_linked_to_and_never_loaded() {
    let mut house = House::open().await;
    third_party(&house).await;
    let cookies = opened(&mut house).await;
    let mut stranger = house.browser();
    let login = stranger.get(&asked()).await.location();
    let login = stranger.get(&login).await;
    let mut browser = Browser { router: &house.public, cookies };
    let consent = browser.get(&asked()).await.location();
    let consent = browser.get(&consent).await;
    assert!(consent.body.contains("hy-consent-deny"), "{}", consent.body);
    for page in [login, consent] {
        for (id, address) in [
            ("hy-logo", "https://tiers.test/logo.png"),
            ("hy-policy", "https://tiers.test/vie-privee"),
            ("hy-tos", "https://tiers.test"),
        ] {
            let link = format!(
                "<a id=\"{id}\" href=\"{address}\" rel=\"noopener noreferrer\" target=\"_blank\">"
            );
            assert!(page.body.contains(&link), "{link} in {}", page.body);
        }
        assert!(!page.body.contains("<img"), "no host hears of a login");
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("img-src 'self';") && !policy.contains("tiers.test"), "{policy}");
    }
    // The hospital's own application says nothing.
    let own = stranger.get(&format!("/oauth2/authorize?{}", query(&[]))).await.location();
    assert!(!stranger.get(&own).await.body.contains("hy-policy"));
}

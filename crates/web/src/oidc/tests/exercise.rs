//! The page where somebody chooses under which exercise she acts: its form, and nothing else, says it.
use super::*;

const PORTAL: &str = "/portal/exercise";

/// What the form of a page of ours bears, in this browser.
async fn form_of(browser: &mut Browser<'_>) -> String {
    browser.get("/device").await.after("name=\"f\" value=\"")
}

#[tokio::test]
async fn wb_05_an_exercise_is_chosen_by_a_form_of_ours_in_the_same_browser() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let request = format!("/exercise?{}", query(&[]));
    let form = form_of(&mut Browser { router: &house.public, cookies: cookies.clone() }).await;
    let nobody = BTreeMap::new();
    for path in [request.as_str(), PORTAL] {
        // Another site, a sibling of ours, no form of ours, another browser.
        for (origin, cookies, f) in [
            ("https://evil.test", &cookies, form.as_str()),
            ("https://dpi.hopital.test", &cookies, &form),
            (ORIGIN, &cookies, ""),
            (ORIGIN, &cookies, "x"),
            (ORIGIN, &nobody, &form),
        ] {
            let mut browser = Browser { router: &house.public, cookies: cookies.clone() };
            let seen = browser.post_from(origin, path, &[("f", f), ("pick", "0")]).await;
            // Without a session the portal sends to the login, whatever is posted.
            let refused = seen.status == StatusCode::FORBIDDEN
                || (path == PORTAL && cookies.is_empty() && seen.location().starts_with("/login"));
            assert!(refused, "{path} {origin} {f}: {} {}", seen.status, seen.body);
        }
    }
    // A pick that is none of hers is not kept, and nothing is asked of whoever has none here: she goes on.
    let mut browser = Browser { router: &house.public, cookies };
    let on = browser.post_from(ORIGIN, &request, &[("f", &form), ("pick", "0")]).await;
    assert!(on.after("content=\"0;url=").starts_with("https://dpi.test/cb"), "{}", on.body);
    let on = browser.get(&request).await.location();
    assert!(on.starts_with("https://dpi.test/cb") && on.contains("code="), "{on}");
    assert_eq!(browser.get(PORTAL).await.location(), "/portal");
    let picked = browser.post_from(ORIGIN, PORTAL, &[("f", &form), ("pick", "0")]).await;
    assert_eq!(picked.location(), PORTAL);
    assert!(!browser.get("/portal").await.body.contains("hy-exercise"));
}

//! The pages between the application and the login, for who is logged in already (console, L11 and L12).
use super::*;

const EIDAS3: (&str, &str) =
    ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}"#);

#[tokio::test]
async fn whoever_is_asked_to_prove_more_may_put_it_off() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (_, browser) = house.log_in(cookies, &sent).await;
    let cookies = browser.cookies;
    house.clock.advance(Duration::seconds(2));
    let mut browser = Browser { router: &house.public, cookies };
    let sent = browser.authorize(&[("prompt", "login")]).await;
    let page = browser.get(&sent.location()).await;
    assert!(page.body.contains("demande de confirmer que c’est vous."), "{}", page.body);
    assert!(page.body.contains("Votre travail reste ouvert."));
    let later = page.after("id=\"hy-later\" href=\"");
    let back = browser.get(&later).await.answer();
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "s-1"));
    // A link of another site has no mark of ours: it puts nothing off.
    let unmarked = browser.authorize(&[("prompt", "login"), ("hygie_put_off", "1")]).await;
    assert!(unmarked.location().starts_with("/login?"));
}

#[tokio::test]
async fn whoever_proved_all_she_could_is_told_what_is_missing_and_goes_back() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[EIDAS3]).await;
    let cookies = browser.cookies;
    let (page, mut browser) = house.log_in(cookies, &sent).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(
        page.body.contains("Votre identité est confirmée, mais DPI demande un moyen plus fort")
    );
    assert!(page.body.contains("restent ouvertes"));
    let back = page.after("<a class=\"lbtn\" href=\"");
    let told = browser.get(&back).await.answer();
    assert_eq!(told["error"], "unmet_authentication_requirements");
    assert!(browser.authorize(&[]).await.answer().contains_key("code"), "the session stays open");
}

//! Pages that the provider shows itself, for browsers of any age: no script but the one that posts a form on.
use crate::login::{Lang, Page};
use audit::Reference;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use oidc::OAuthError;
use workflows::login::House;

/// What went wrong with an application's request: told here, never at an address that may be forged (OP-01). The
/// machine's words are a list of ours, so that nothing sent is shown (OP-18).
pub fn bad_request(house: &House, error: &OAuthError, reference: &str, lang: Lang) -> Response {
    let body = html! {
        h1 {
            (lang.say(
                "Cette application a mal formé sa demande.",
                "This application made its request badly.",
            ))
        }
        p {
            (lang.say(
                "Rien n’a été ouvert. Prévenez le support de l’application avec la référence ",
                "Nothing was opened. Tell the support of the application, with the reference ",
            ))
            strong { (reference) } "."
        }
        p { small id="hy-error" { (error.code.name()) " : " (error.description) } }
    };
    let title = lang.say("Demande refusée", "Request refused");
    framed(StatusCode::BAD_REQUEST, house, title, lang, body)
}

/// L12: the person is known, the application asks for more than she can prove. `back`: to the application, which is
/// then told.
pub fn not_enough(
    house: &House,
    application: &str,
    has_key: bool,
    back: &str,
    (night, lang): (bool, Lang),
) -> Response {
    let known = lang.say("Votre identité est confirmée, mais ", "Your identity is confirmed, but ");
    let wants = match has_key {
        true => lang.say(
            " demande un moyen plus fort que votre clé.",
            " asks for a stronger means than your key.",
        ),
        false => lang.say(" demande une clé de sécurité.", " asks for a security key."),
    };
    let body = html! {
        h1 id="hy-not-enough" tabindex="-1" data-focus="" { (known) (application) (wants) }
        p { (lang.say("Votre session et vos autres applications restent ouvertes.", "Your session and your other applications stay open.")) }
        p {
            (lang.say("Que faire : demandez ce moyen au guichet", "What to do: ask the desk for it"))
            @if let Some(help) = &house.help { ", " b { (help) } }
            "."
        }
        p { a.lbtn href=(back) id="hy-back" { (lang.say("Revenir à ", "Back to ")) (application) } }
    };
    let title = lang.say("Accès non ouvert", "Access not opened");
    Page { house, title, night, lang, back: None, aside: None, body }.answer(StatusCode::FORBIDDEN)
}

/// The person is known, and the application takes people whom the national register knows alone. `back`: to the
/// application, which is then told.
pub fn no_identity(
    house: &House,
    (application, reference): (&str, &Reference),
    back: &str,
    (night, lang): (bool, Lang),
) -> Response {
    let (head, tail) = reference.as_str().split_at(reference.as_str().len().min(3));
    let body = html! {
        h1 id="hy-no-identity" tabindex="-1" data-focus="" {
            (application)
            (lang.say(
                " demande un numéro RPPS vérifié, et aucun n’est relié à votre fiche.",
                " asks for a verified RPPS number, and none is linked to your record.",
            ))
        }
        p.field {
            (lang.say(
                "Rien n’a été ouvert. Votre session et vos autres applications restent ouvertes.",
                "Nothing was opened. Your session and your other applications stay open.",
            ))
        }
        p.field {
            (lang.say(
                "Que faire : voyez le guichet, avec votre carte professionnelle si vous en avez une, pour que votre numéro soit relié",
                "What to do: see the desk, with your professional card if you have one, so that your number is linked",
            ))
            @if let Some(help) = &house.help { ", " b { (help) } }
            (lang.say(". Référence ", ". Reference ")) span.ref { (head) "-" (tail) } "."
        }
        p { a.lbtn href=(back) id="hy-back" { (lang.say("Revenir à ", "Back to ")) (application) } }
    };
    let title = lang.say("Accès non ouvert", "Access not opened");
    Page { house, title, night, lang, back: None, aside: None, body }.answer(StatusCode::FORBIDDEN)
}

/// The appliance itself failed; the cause is in its journal.
pub fn failed() -> Response {
    let house = House { name: "Hygie".to_owned(), help: None, is_sandbox: false };
    let body = html! {
        h1 { "Le serveur n’a pas pu répondre." }
        p { "Rien n’a été ouvert. Recommencez dans un instant." }
        p { small id="hy-error" { "server_error" } }
    };
    framed(StatusCode::INTERNAL_SERVER_ERROR, &house, "Erreur", Lang::French, body)
}

/// Form Post Response Mode 1.0. `origin`: the registered address's, the only one that the form may go to.
pub fn form_post(
    action: &str,
    members: &[(&'static str, String)],
    origin: &str,
    nonce: &str,
) -> Response {
    let body = html! {
        form method="post" action=(action) {
            @for (name, value) in members {
                input type="hidden" name=(name) value=(value);
            }
            button type="submit" id="hy-continue" { "Continuer" }
        }
        script nonce=(nonce) { (PreEscaped("document.forms[0].submit();")) }
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; form-action {origin}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    bare("Connexion", &body, &policy)
}

/// Nobody is logged out by a link alone: the person says so.
pub fn ask_logout(house: &House, token: &str, lang: Lang) -> Response {
    let body = html! {
        h1 { (lang.say("Fermer votre session ?", "Close your session?")) }
        p {
            (lang.say(
                "Vos applications ouvertes par cette session demanderont une nouvelle connexion.",
                "Applications opened by this session will ask for a new login.",
            ))
        }
        form method="post" action="/oauth2/logout" {
            input type="hidden" name="confirm" value=(token);
            button.lbtn.primary type="submit" id="hy-logout-confirm" {
                (lang.say("Fermer la session", "Close the session"))
            }
        }
        p { a.lbtn href="/portal" id="hy-logout-cancel" { (lang.say("Rester connecté", "Stay logged in")) } }
    };
    framed(StatusCode::OK, house, lang.say("Déconnexion", "Logout"), lang, body)
}

pub fn logged_out(house: &House, lang: Lang) -> Response {
    let body = html! {
        h1 id="hy-logged-out" { (lang.say("Session fermée.", "Session closed.")) }
        p {
            (lang.say("Vous pouvez fermer cette fenêtre, ou ", "You may close this window, or "))
            a href="/login" { (lang.say("vous connecter à nouveau", "log in again")) } "."
        }
    };
    framed(StatusCode::OK, house, lang.say("Session fermée", "Session closed"), lang, body)
}

/// Loads what tells applications that the session is over, then goes on by itself: at the latest after three seconds,
/// whatever answers (Front-Channel Logout 1.0 §4).
pub fn tell_applications(
    house: &House,
    next: Option<&str>,
    frames: &[String],
    (nonce, lang): (&str, Lang),
) -> Response {
    let mut origins: Vec<String> =
        frames.iter().filter_map(|frame| oidc::policy_origin(frame)).collect();
    origins.sort();
    origins.dedup();
    let body = html! {
        h1 id="hy-logged-out" { (lang.say("Session fermée.", "Session closed.")) }
        p { (house.name) }
        @if let Some(next) = next {
            p { a id="hy-continue" href=(next) { (lang.say("Continuer", "Go on")) } }
            noscript { meta http-equiv="refresh" content=(format!("3;url={next}")); }
        } @else {
            p {
                (lang.say("Vous pouvez fermer cette fenêtre, ou ", "You may close this window, or "))
                a href="/login" { (lang.say("vous connecter à nouveau", "log in again")) } "."
            }
        }
        @for frame in frames {
            iframe src=(frame) title=(lang.say("Fermeture dans une application", "Closing in an application")) hidden {}
        }
        script nonce=(nonce) { (PreEscaped(GO_ON)) }
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; frame-src {}; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'",
        origins.join(" ")
    );
    bare(lang.say("Session fermée", "Session closed"), &body, &policy)
}

/// ES5: for browsers of any age.
const GO_ON: &str = "(function(){var f=document.getElementsByTagName('iframe'),left=f.length,\
a=document.getElementById('hy-continue');function go(){if(a){var to=a.href;a=null;location.replace(to);}}\
function one(){left-=1;if(left<1){go();}}for(var i=0;i<f.length;i+=1){f[i].addEventListener('load',one);}\
setTimeout(go,3000);})();";

/// In the frame of the login pages.
fn framed(status: StatusCode, house: &House, title: &str, lang: Lang, body: Markup) -> Response {
    Page { house, title, night: false, lang, back: None, aside: None, body }.answer(status)
}

/// The one page that leads elsewhere by itself, with a policy of its own.
fn bare(title: &str, body: &Markup, policy: &str) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="fr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " — Hygie" }
            }
            body { main { (body) } }
        }
    };
    let mut response = page.into_string().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A redirect that leaves nothing behind: GET whatever the request was, no referrer, no cache.
pub fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else { return failed() };
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    (StatusCode::SEE_OTHER, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    async fn text(response: Response) -> String {
        let bytes = to_bytes(response.into_body(), 100_000).await.expect("body");
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn op_18_what_a_client_sent_is_text_in_a_form_post() {
        let hostile = r#""><script>alert(1)</script>"#;
        let members = [("state", hostile.to_owned()), ("code", "hc_x".to_owned())];
        let response =
            form_post("https://dpi.test/cb?a=\"b", &members, "https://dpi.test", "n0nce");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("script-src 'nonce-n0nce'; form-action https://dpi.test;"));
        let page = text(response).await;
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
    }

    #[tokio::test]
    async fn the_last_page_may_load_what_tells_applications_and_nothing_else() {
        let house = House { name: "CH de Valbrume".to_owned(), help: None, is_sandbox: false };
        let frames = [
            "https://dpi.test/out?iss=https%3A%2F%2Fh&sid=1".to_owned(),
            "https://dpi.test/out2?sid=\"><script>".to_owned(),
            "https://labo.test:8443/out".to_owned(),
        ];
        let next = "https://dpi.test/bye?state=\"><script>";
        for next in [Some(next), None] {
            let response = tell_applications(&house, next, &frames, ("n0nce", Lang::French));
            let policy =
                response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
            assert!(
                policy.contains("frame-src https://dpi.test https://labo.test:8443;"),
                "{policy}"
            );
            assert!(policy.contains("script-src 'nonce-n0nce';"), "{policy}");
            let page = text(response).await;
            assert_eq!(page.matches("<iframe").count(), 3, "{page}");
            assert_eq!(page.matches("<script").count(), 1, "{page}");
            assert_eq!(page.contains("hy-continue\" href"), next.is_some(), "{page}");
        }
    }

    #[tokio::test]
    async fn op_01_a_bad_request_is_a_page_that_names_the_fault_for_a_machine() {
        let error = OAuthError::new(
            oidc::ErrorCode::InvalidRequest,
            "redirect_uri is not registered for this client",
        );
        let house = House { name: "CH de Valbrume".to_owned(), help: None, is_sandbox: false };
        let response = bad_request(&house, &error, "K7Q2M9", Lang::French);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(!response.headers().contains_key(header::LOCATION));
        let page = text(response).await;
        assert!(page.contains(r#"id="hy-error""#) && page.contains("redirect_uri"), "{page}");
        assert!(page.contains("K7Q2M9") && page.contains(r#"lang="fr""#));
    }
}

//! What the past may not bring back: a clock set back, a database put back, a flood of refusals.
use super::lab::{Browser, Lab, RIGHT, on_each, refused};
use super::{EnrolStep, LoginAnswer};
use audit::AuditEvent;
use authentication::MeansKind;
use chrono::Duration;
use kernel::{Actor, Handle};

async fn is_current(lab: &Lab, browser: &Browser, session: &Handle) -> bool {
    let (session, secret) = (session.expose(), browser.secret.expose());
    let current = lab.workflows.current_session(browser.listener, session, secret).await;
    current.expect("read").is_some()
}

async fn desk_code(lab: &Lab) -> String {
    let desk = Actor::command_line(0);
    let given = lab.workflows.give_enrolment_code(&desk, lab.doctor.id, MeansKind::Fido2).await;
    given.expect("given").text.expose()
}

async fn opens(lab: &Lab, browser: &Browser) -> Option<Handle> {
    match lab.password(browser, "mmartin", RIGHT).await {
        LoginAnswer::Opened { session, .. } => Some(session),
        LoginAnswer::Page(view) => {
            assert!(view.refusal.is_some(), "{view:?}");
            None
        }
    }
}

#[tokio::test]
async fn st_09_a_clock_set_back_revives_nothing_until_a_human_agrees() {
    on_each(async |lab| {
        // Long ago: a database that has a clock of its own believes no time beyond it.
        lab.clock.advance(-Duration::days(3_650));
        let (browser, desk) = (Browser::at("10.0.0.1"), Actor::command_line(0));
        let session = opens(&lab, &browser).await.expect("a session");
        let code = desk_code(&lab).await;
        // A day passes: the session dies of age, the code of its quarter of an hour. The base has seen it.
        lab.clock.advance(Duration::hours(25));
        lab.workflows.keep_time().await.expect("kept");
        assert!(!is_current(&lab, &browser, &session).await);

        for back in [Duration::hours(1), Duration::hours(24), Duration::hours(25)] {
            lab.clock.advance(-back);
            let view = lab.workflows.keep_time().await.expect("kept");
            assert_eq!(view.behind, Some(back));
            assert!(!is_current(&lab, &browser, &session).await, "{back}: the session lives again");
            assert!(opens(&lab, &browser).await.is_none(), "{back}: a login was let in");
            assert_eq!(lab.reasons().await.last().map(String::as_str), Some("clock_behind"));
            let tried =
                lab.workflows.begin_enrolment(&browser.visit(), &code).await.expect("answered");
            assert!(tried.refusal.is_some() && tried.step == EnrolStep::Code, "{tried:?}");
            lab.clock.advance(back);
            lab.workflows.keep_time().await.expect("kept");
            assert!(opens(&lab, &browser).await.is_some(), "{back}: put right, it goes on");
        }

        // The time that the base had seen was the wrong one: whoever may says so, once, and it is kept.
        lab.clock.advance(-Duration::hours(2));
        lab.workflows.keep_time().await.expect("kept");
        let before = lab.workflows.agree_clock(&desk).await.expect("agreed");
        assert_eq!(before.behind, Some(Duration::hours(2)));
        assert!(opens(&lab, &browser).await.is_some());
        let events = lab.events().await;
        let agreed = events.iter().filter(|event| matches!(event, AuditEvent::ClockAgreed { .. }));
        assert_eq!(agreed.count(), 1);
        assert_eq!(lab.workflows.agree_clock(&desk).await.expect("nothing to say").behind, None);
        // Nodes differ by a second or two: that is no clock set back.
        lab.clock.advance(-Duration::seconds(5));
        assert_eq!(lab.workflows.keep_time().await.expect("kept").behind, None);
    })
    .await;
}

#[tokio::test]
async fn st_04_after_a_restoration_nothing_handed_out_before_opens_anything() {
    on_each(async |lab| {
        let (browser, desk) = (Browser::at("10.0.0.1"), Actor::command_line(0));
        let mut key = lab.enrol(&lab.doctor).await;
        let LoginAnswer::Opened { session, .. } = lab.key(&browser, &mut key).await else {
            panic!("no session")
        };
        let code = desk_code(&lab).await;
        let underway = Browser::at("10.0.0.2");
        let (handle, options) = lab.ask_key(&underway).await;

        let nobody = lab.workflows.begin_epoch(&Actor::nobody(), None, "essai").await;
        assert!(nobody.is_err() && is_current(&lab, &browser, &session).await);
        assert!(lab.workflows.begin_epoch(&desk, None, " ").await.is_err(), "without a word");
        let restored =
            lab.workflows.begin_epoch(&desk, None, "disque changé").await.expect("begun");
        assert_eq!(restored.epoch, 1);

        assert!(!is_current(&lab, &browser, &session).await, "a session of before");
        let tried = lab.workflows.begin_enrolment(&browser.visit(), &code).await.expect("answered");
        assert!(tried.refusal.is_some(), "a desk code of before: {tried:?}");
        let answer = key.sign_in(super::lab::ORIGIN, &options).expect("signed").to_string();
        let answered = lab.workflows.give_key(&underway.visit(), &handle, &answer).await;
        assert!(answered.is_err(), "a login begun before the restoration went on");
        // Her key still is her key.
        assert!(super::lab::is_open(&lab.key(&browser, &mut key).await));
    })
    .await;
}

#[tokio::test]
async fn lg_06_a_flood_of_refused_logins_is_bounded_and_hides_no_other() {
    on_each(async |lab| {
        for _ in 0..150 {
            refused(lab.password(&Browser::at("10.6.6.6"), "inconnu", "Mot-de-passe-1").await);
        }
        refused(lab.password(&Browser::at("10.0.0.9"), "inconnu", "Mot-de-passe-1").await);
        let written = lab.reasons().await.len();
        assert!((60..=130).contains(&written), "{written} entries of 151 refusals");
        lab.clock.advance(Duration::minutes(2));
        lab.workflows.seal_audit().await.expect("sealed");
        let entries = lab.workflows.store().read().audit().entries(0, 10_000).await.expect("read");
        let texts = entries.iter().map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned());
        let counted: Vec<String> =
            texts.filter(|text| text.contains("\"refusals_counted\"")).collect();
        let of = |text: &String| {
            let event: serde_json::Value = serde_json::from_str(text).expect("JSON");
            event["count"].as_u64().expect("a count")
        };
        let sum: u64 = counted.iter().map(of).sum();
        assert_eq!(written as u64 + sum, 151, "each is written or counted: {counted:?}");
    })
    .await;
}

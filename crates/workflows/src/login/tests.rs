//! Logins on a real database, with a software key and a directory that answers by script.
use super::lab::{
    ADMIN, Browser, Lab, ORIGIN, RIGHT, is_open, key_options, on_each, outsider, refused,
};
use super::{DeskError, EnrolStep, FirstAdministrator, LoginAnswer, LoginError, LoginStep};
use audit::{AccessKind, AuditEvent};
use authentication::{
    HashingCost, Level, MeansKind, MeansStatus, Password, PasswordVerifier, Verifier,
};
use chrono::Duration;
use demo::authenticator::Authenticator;
use directory::PersonState;
use kernel::{Actor, ActorId, Handle};
use serde_json::json;
use std::sync::atomic::Ordering;

async fn current(lab: &Lab, browser: &Browser, session: &Handle) -> Option<super::Current> {
    let (session, secret) = (session.expose(), browser.secret.expose());
    lab.workflows.current_session(browser.listener, session, secret).await.expect("read")
}

fn session_of(answer: LoginAnswer) -> Handle {
    match answer {
        LoginAnswer::Opened { session, .. } => session,
        LoginAnswer::Page(view) => panic!("no session: {view:?}"),
    }
}

#[tokio::test]
async fn a_doctor_enrols_a_key_with_a_code_and_logs_in_without_a_name() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let answer = lab.key(&browser, &mut key).await;
        let LoginAnswer::Opened { session, next } = answer else { panic!("no session") };
        assert_eq!(next, "/portal");
        let now = current(&lab, &browser, &session).await.expect("open");
        assert_eq!(now.session.person, lab.doctor.id);
        assert_eq!(now.assurance.level, Level::Substantiel);
        assert_eq!(now.assurance.amr, ["swk", "user", "mfa"]);
        let names: Vec<_> = lab.events().await.iter().map(AuditEvent::name).collect();
        let expected = [
            "enrolment_code_issued",
            "enrolment_code_used",
            "means_issued",
            "means_activated",
            "login_succeeded",
            "session_opened",
        ];
        assert_eq!(names[names.len() - 6..], expected);
        let portal = lab.workflows.portal(&now).await.expect("read").expect("known");
        assert_eq!((portal.keys.len(), portal.sessions.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_directory_password_opens_at_the_low_level_and_only_without_a_key() {
    on_each(async |lab| {
        let browser = Browser::at("10.0.0.1");
        let session = session_of(lab.password(&browser, "HOPITAL\\MMartin ", RIGHT).await);
        let now = current(&lab, &browser, &session).await.expect("open");
        assert_eq!(
            (now.assurance.level, now.assurance.amr.as_slice()),
            (Level::Faible, &["pwd".to_owned()][..])
        );
        // AU-10: with a key enrolled, the password leads to the key, and then to two factors.
        let mut key = lab.enrol(&lab.doctor).await;
        let other = Browser::at("10.0.0.2");
        let LoginAnswer::Page(view) = lab.password(&other, "mmartin", RIGHT).await else {
            panic!("a password alone opened a session")
        };
        assert!(view.refusal.is_none());
        let answer = key.sign_in(ORIGIN, &key_options(&view)).expect("signed");
        let session = session_of(lab.give_key(&other, &view.handle, &answer).await);
        let now = current(&lab, &other, &session).await.expect("open");
        assert_eq!(now.assurance.level, Level::Substantiel);
    })
    .await;
}

#[tokio::test]
async fn au_01_unknown_wrong_closed_and_disabled_look_alike() {
    on_each(async |lab| {
        let tx = lab.workflows.store().begin().await.expect("begun");
        let mut account = tx.accounts().by_login("jdupont").await.expect("read").remove(0);
        account.fields.enabled = false;
        tx.accounts().save(&account).await.expect("saved");
        let by = kernel::ActorId::Nobody;
        let event =
            AuditEvent::AccountDisabled { by, person: None, account: account.id, run: None };
        tx.commit(event).await.expect("committed");
        for (name, password, reason) in [
            ("mmartin", "wrong", "directory_wrong_password"),
            ("nobody", RIGHT, "unknown_name"),
            ("jdupont", RIGHT, "account_disabled"),
            ("mm\u{430}rtin", RIGHT, "unknown_name"),
            ("*)(uid=*", RIGHT, "unknown_name"),
            ("mmartin", "", "password_unusable"),
            ("mmartin", "a\0b", "password_unusable"),
        ] {
            let view = refused(lab.password(&Browser::at("10.0.0.1"), name, password).await);
            assert_eq!(view.step, LoginStep::Password { name: name.to_owned() }, "{name}");
            assert_eq!(lab.reasons().await.last().map(String::as_str), Some(reason), "{name}");
            lab.clock.advance(Duration::hours(2));
        }
    })
    .await;
}

#[tokio::test]
async fn au_02_guesses_at_one_seat_slow_that_seat_alone_and_spare_the_directory() {
    on_each(async |lab| {
        let ward = Browser::at("10.0.0.1");
        for _ in 0..20 {
            refused(lab.password(&ward, "mmartin", "wrong").await);
        }
        // Two under the usual threshold of five.
        assert_eq!(lab.directory.asked.load(Ordering::SeqCst), 3);
        let view = refused(lab.password(&ward, "mmartin", RIGHT).await);
        assert!(view.refusal.is_some_and(|refusal| refusal.wait.is_some()), "slowed");
        assert!(is_open(&lab.password(&ward, "jdupont", RIGHT).await), "a colleague, same seat");
        let mut key = lab.enrol(&lab.doctor).await;
        assert!(is_open(&lab.key(&ward, &mut key).await), "her key, same seat");
        lab.clock.advance(Duration::minutes(32));
        let LoginAnswer::Page(view) =
            lab.password(&Browser::at("10.0.0.2"), "mmartin", RIGHT).await
        else {
            panic!("a password alone, with a key enrolled")
        };
        assert!(view.refusal.is_none(), "elsewhere, later: her password is asked for her key");
    })
    .await;
}

#[tokio::test]
async fn au_02_a_house_behind_one_address_logs_in_all_day_and_a_spray_from_there_waits() {
    on_each(async |lab| {
        let proxy = Browser::at("10.0.0.1");
        for login in 0..70 {
            assert!(is_open(&lab.password(&proxy, "mmartin", RIGHT).await), "login {login}");
        }
        for name in 0..61 {
            let view = refused(lab.password(&proxy, &format!("nobody{name}"), "wrong").await);
            assert_eq!(view.refusal.is_some_and(|told| told.wait.is_some()), name == 60, "{name}");
        }
        refused(lab.password(&proxy, "mmartin", RIGHT).await);
        // One good name gives none of the guesses back, and does not keep them from growing old.
        lab.clock.advance(Duration::seconds(6));
        assert!(is_open(&lab.password(&proxy, "mmartin", RIGHT).await));
        refused(lab.password(&proxy, "nobody", "wrong").await);
        refused(lab.password(&proxy, "mmartin", RIGHT).await);
        lab.clock.advance(Duration::minutes(3));
        assert!(is_open(&lab.password(&proxy, "mmartin", RIGHT).await));
        let view = refused(lab.password(&proxy, "nobody", "wrong").await);
        assert!(view.refusal.is_some_and(|told| told.wait.is_none()), "three grew old");
    })
    .await;
}

#[tokio::test]
async fn au_03_tries_are_counted_before_they_are_verified() {
    on_each(async |lab| {
        let browsers: Vec<Browser> = (0..40).map(|_| Browser::at("10.0.0.1")).collect();
        let mut tries = Vec::new();
        for browser in &browsers {
            tries.push(lab.password(browser, "mmartin", "wrong"));
        }
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!(answers.len(), 40);
        assert!(lab.directory.asked.load(Ordering::SeqCst) <= 3, "verified more than allowed");
    })
    .await;
}

#[tokio::test]
async fn wb_01_a_login_belongs_to_its_browser_and_its_listener() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let (attacker, victim) = (Browser::at("10.0.0.1"), Browser::at("10.0.0.1"));
        let (handle, options) = lab.ask_key(&attacker).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed").to_string();
        let console = Browser { listener: AccessKind::Admin, ..Browser::at("10.0.0.1") };
        for browser in [&victim, &console] {
            let visit = browser.visit();
            let shown = lab.workflows.show_login(&visit, &handle).await;
            assert!(matches!(shown, Err(LoginError::Over)));
            let given = lab.workflows.give_key(&visit, &handle, &answer).await;
            assert!(matches!(given, Err(LoginError::Over)));
        }
        let session = session_of(lab.key(&victim, &mut key).await);
        assert!(current(&lab, &attacker, &session).await.is_none(), "a cookie without its browser");
        assert!(current(&lab, &victim, &session).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn wb_02_the_next_person_at_a_browser_leaves_nothing_of_the_last() {
    on_each(async |lab| {
        let browser = Browser::at("10.0.0.1");
        let first = session_of(lab.password(&browser, "mmartin", RIGHT).await);
        let second = session_of(lab.password(&browser, "jdupont", RIGHT).await);
        assert!(current(&lab, &browser, &first).await.is_none());
        let now = current(&lab, &browser, &second).await.expect("open");
        assert_eq!(now.session.person, lab.colleague.id);
        lab.workflows.log_out_browser(&browser.visit()).await.expect("out");
        assert!(current(&lab, &browser, &second).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn wb_06_no_order_of_requests_opens_a_session_without_its_proofs() {
    on_each(async |lab| {
        lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let visit = browser.visit();
        let handle = lab.begin(&browser).await.handle;
        let wf = &lab.workflows;
        let mut state = 7u64;
        for step in 0..120 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let opened = match (state >> 33) % 6 {
                0 => wf.give_name(&visit, &handle, "mmartin").await.map(|_| false),
                1 => wf.give_name(&visit, &handle, "").await.map(|_| false),
                2 => wf.begin_key(&visit, &handle).await.map(|_| false),
                3 => wf.choose_again(&visit, &handle).await.map(|_| false),
                4 => wf.give_key(&visit, &handle, "").await.map(|answer| is_open(&answer)),
                _ => wf.give_password(&visit, &handle, "").await.map(|answer| is_open(&answer)),
            };
            assert!(!opened.expect("the login is still there"), "step {step}");
            lab.clock.advance(Duration::seconds(1));
        }
    })
    .await;
}

#[tokio::test]
async fn fi_02_an_answer_serves_once_in_its_time() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let (handle, options) = lab.ask_key(&browser).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed");
        assert!(is_open(&lab.give_key(&browser, &handle, &answer).await));
        let again = lab.workflows.give_key(&browser.visit(), &handle, &answer.to_string()).await;
        assert!(matches!(again, Err(LoginError::Over)), "twice");
        let (handle, options) = lab.ask_key(&browser).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed");
        lab.clock.advance(Duration::seconds(121));
        refused(lab.give_key(&browser, &handle, &answer).await);
        assert_eq!(lab.reasons().await.last().map(String::as_str), Some("key_challenge_expired"));
        let (handle, options) = lab.ask_key(&browser).await;
        let evil = key.sign_in("https://evil.hopital.test", &options).expect("signed");
        refused(lab.give_key(&browser, &handle, &evil).await);
    })
    .await;
}

#[tokio::test]
async fn fi_02_one_answer_sent_many_times_at_once_opens_once_and_is_no_copy() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let (handle, options) = lab.ask_key(&browser).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed").to_string();
        let visit = browser.visit();
        let sent = (0..8).map(|_| lab.workflows.give_key(&visit, &handle, &answer));
        let answers = futures_util::future::join_all(sent).await;
        let opened = answers.iter().filter(|answer| answer.as_ref().is_ok_and(is_open)).count();
        let over = answers.iter().filter(|answer| matches!(answer, Err(LoginError::Over))).count();
        assert_eq!((opened, over), (1, 7));
        let means = lab.workflows.store().read().means().of(lab.doctor.id).await.expect("read");
        assert_eq!(means[0].status, MeansStatus::Active);
        assert!(is_open(&lab.key(&browser, &mut key).await));
    })
    .await;
}

/// Refused for another reason than the key: the challenge is spent with its counter, or the second look takes it for a copy.
#[tokio::test]
async fn fi_02_a_refused_answer_sent_many_times_at_once_is_no_copy() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let (handle, options) = lab.ask_key(&browser).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed").to_string();
        let desk = Actor::command_line(0);
        let suspend = async |suspended| {
            let tx = lab.workflows.store().begin().await.expect("begun");
            let mut doctor = tx.people().lock(lab.doctor.id).await.expect("read").expect("there");
            doctor.state = if suspended { PersonState::Suspended } else { PersonState::Active };
            tx.people().save(&doctor).await.expect("saved");
            let (by, person) = (desk.id(), lab.doctor.id);
            let event = AuditEvent::PersonChanged { by, person, run: None, fields: Vec::new() };
            tx.commit(event).await.expect("committed");
        };
        suspend(true).await;
        let visit = browser.visit();
        let sent = (0..8).map(|_| lab.workflows.give_key(&visit, &handle, &answer));
        let answers = futures_util::future::join_all(sent).await;
        // Whoever comes after the refusal finds its page, with nothing asked of a key.
        let (told, others): (Vec<_>, Vec<_>) = answers.iter().partition(
            |answer| matches!(answer, Ok(LoginAnswer::Page(view)) if view.refusal.is_some()),
        );
        let quiet = |answer: &&Result<LoginAnswer, LoginError>| {
            matches!(answer, Err(LoginError::Over) | Ok(LoginAnswer::Page(_)))
        };
        assert!(told.len() == 1 && others.iter().all(quiet));
        assert_eq!(lab.reasons().await, ["person_suspended"]);
        // Later, too, when everything else is in order again.
        suspend(false).await;
        let again = lab.workflows.give_key(&visit, &handle, &answer).await;
        assert!(matches!(again, Ok(LoginAnswer::Page(_))), "it waits for a choice");
        let means = lab.workflows.store().read().means().of(lab.doctor.id).await.expect("read");
        assert_eq!(means[0].status, MeansStatus::Active);
        assert!(is_open(&lab.key(&browser, &mut key).await));
    })
    .await;
}

#[tokio::test]
async fn fi_06_a_key_and_its_copy_at_the_same_moment_do_not_both_open() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let mut copy = key.clone();
        let (here, there) = (Browser::at("10.0.0.1"), Browser::at("10.0.0.9"));
        let ((one, asked), (other, asked_too)) =
            (lab.ask_key(&here).await, lab.ask_key(&there).await);
        let answer = key.sign_in(ORIGIN, &asked).expect("signed");
        let copied = copy.sign_in(ORIGIN, &asked_too).expect("signed");
        let (first, second) =
            tokio::join!(lab.give_key(&here, &one, &answer), lab.give_key(&there, &other, &copied));
        assert_eq!([first, second].iter().filter(|answer| is_open(answer)).count(), 1);
        let means = lab.workflows.store().read().means().of(lab.doctor.id).await.expect("read");
        assert_eq!(means[0].status, MeansStatus::Suspended);
    })
    .await;
}

#[tokio::test]
async fn fi_06_a_copied_key_is_suspended_and_its_sessions_end() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let mut copy = key.clone();
        let browser = Browser::at("10.0.0.1");
        lab.key(&browser, &mut key).await;
        let session = session_of(lab.key(&browser, &mut key).await);
        refused(lab.key(&Browser::at("10.0.0.9"), &mut copy).await);
        assert!(current(&lab, &browser, &session).await.is_none());
        let means = lab.workflows.store().read().means().of(lab.doctor.id).await.expect("read");
        assert_eq!(means[0].status, MeansStatus::Suspended);
        refused(lab.key(&browser, &mut key).await);
        let names: Vec<_> = lab.events().await.iter().map(AuditEvent::name).collect();
        assert!(
            names.contains(&"means_suspended") && names.contains(&"session_closed"),
            "{names:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn i_02_nothing_opens_for_who_left_or_whose_means_is_withdrawn() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        let session = session_of(lab.key(&browser, &mut key).await);
        let desk = Actor::command_line(0);
        let close = crate::ClosePerson { person: lab.doctor.id, motive: "départ".to_owned() };
        lab.workflows.close_person(&desk, close).await.expect("closed");
        assert!(current(&lab, &browser, &session).await.is_none(), "the session ends with her");
        refused(lab.key(&browser, &mut key).await);
        assert_eq!(lab.reasons().await.last().map(String::as_str), Some("person_closed"));
        let view = refused(lab.password(&browser, "mmartin", RIGHT).await);
        assert!(matches!(view.step, LoginStep::Password { .. }));

        let mut other = lab.enrol(&lab.colleague).await;
        let session = session_of(lab.key(&browser, &mut other).await);
        let means = lab.workflows.store().read().means().of(lab.colleague.id).await.expect("read");
        lab.workflows.revoke_means(&desk, means[0].id, "perdue").await.expect("revoked");
        assert!(current(&lab, &browser, &session).await.is_none());
        refused(lab.key(&browser, &mut other).await);
        assert_eq!(lab.reasons().await.last().map(String::as_str), Some("means_not_active"));
    })
    .await;
}

#[tokio::test]
async fn au_11_a_code_serves_once_for_its_person_and_its_kind() {
    on_each(async |lab| {
        let desk = Actor::command_line(0);
        let browser = Browser::at("10.1.0.1");
        let give = async |kind| {
            let given = lab.workflows.give_enrolment_code(&desk, lab.doctor.id, kind).await;
            given.expect("given").text.expose()
        };
        let code = give(MeansKind::Fido2).await;
        lab.enrol_with(&browser, &code.to_lowercase().replace('-', " ")).await;
        let again = lab.workflows.begin_enrolment(&browser.visit(), &code).await.expect("answered");
        assert!(again.refusal.is_some() && again.step == EnrolStep::Code);
        let late = give(MeansKind::Fido2).await;
        lab.clock.advance(Duration::minutes(15));
        let late = lab.workflows.begin_enrolment(&browser.visit(), &late).await.expect("answered");
        assert_eq!((late.step, late.holder), (EnrolStep::Code, None));
        let wrong = lab.workflows.begin_enrolment(&browser.visit(), "00000-00000").await;
        assert_eq!(wrong.expect("answered").step, EnrolStep::Code);
        let expected = ["enrolment_code_used", "enrolment_code_expired", "enrolment_code_wrong"];
        assert_eq!(lab.reasons().await, expected);
        // A key's code makes no password.
        let code = give(MeansKind::Fido2).await;
        let view = lab.workflows.begin_enrolment(&browser.visit(), &code).await.expect("answered");
        let swapped = lab
            .workflows
            .finish_password_enrolment(&browser.visit(), &view.handle, RIGHT, RIGHT)
            .await;
        assert!(matches!(swapped, Err(LoginError::Over)));
    })
    .await;
}

#[tokio::test]
async fn a_password_is_chosen_with_a_code_and_the_new_one_retires_the_old() {
    on_each(async |lab| {
        let desk = Actor::command_line(0);
        let browser = Browser::at("10.1.0.1");
        for (round, chosen) in ["une phrase de passe", "une autre phrase encore"].iter().enumerate()
        {
            let person = lab.doctor.id;
            let given = lab.workflows.give_enrolment_code(&desk, person, MeansKind::Password).await;
            let code = given.expect("given").text.expose();
            let visit = browser.visit();
            let view = lab.workflows.begin_enrolment(&visit, &code).await.expect("answered");
            let finish = async |one: &str, two: &str| {
                let handle = &view.handle;
                lab.workflows
                    .finish_password_enrolment(&visit, handle, one, two)
                    .await
                    .expect("answered")
            };
            assert_eq!(finish("court", "court").await.advice, Some("too_short"));
            assert_eq!(finish(chosen, "autre chose").await.advice, Some("different"));
            assert_eq!(
                finish(chosen, chosen).await.step,
                EnrolStep::Done { kind: MeansKind::Password }
            );
            let asked = lab.directory.asked.load(Ordering::SeqCst);
            assert!(is_open(&lab.password(&Browser::at("10.0.0.5"), "mmartin", chosen).await));
            assert_eq!(
                lab.directory.asked.load(Ordering::SeqCst),
                asked,
                "the directory is not asked"
            );
            let means = lab.workflows.store().read().means().of(person).await.expect("read");
            let active = means.iter().filter(|means| means.status == MeansStatus::Active).count();
            assert_eq!((active, means.len()), (1, round + 1));
        }
        let old = lab.password(&Browser::at("10.0.0.6"), "mmartin", "une phrase de passe").await;
        refused(old);
    })
    .await;
}

#[tokio::test]
async fn whoever_has_no_directory_account_logs_in_by_matricule_or_mail_and_an_old_hash_is_made_anew()
 {
    on_each(async |lab| {
        let person = outsider(&lab.workflows, "DURAND", "a1207").await;
        let given = lab
            .workflows
            .give_enrolment_code(&Actor::command_line(0), person.id, MeansKind::Password)
            .await;
        let code = given.expect("given").text.expose();
        let browser = Browser::at("10.1.0.1");
        let visit = browser.visit();
        let view = lab.workflows.begin_enrolment(&visit, &code).await.expect("answered");
        let chosen = "une phrase de passe";
        let done =
            lab.workflows.finish_password_enrolment(&visit, &view.handle, chosen, chosen).await;
        assert_eq!(done.expect("answered").step, EnrolStep::Done { kind: MeansKind::Password });
        for name in ["a1207", "A1207", "durand@hopital.test"] {
            let answer = lab.password(&Browser::at("10.0.0.5"), name, chosen).await;
            assert!(is_open(&answer), "{name}");
        }
        // Two people of one matricule are nobody, and a directory's login is never taken for a matricule.
        refused(lab.password(&Browser::at("10.0.0.6"), "000042", chosen).await);
        let old = HashingCost { memory_kib: 8_192, passes: 1, lanes: 1 };
        let typed = Password::typed(chosen).expect("typed");
        let workflows = &lab.workflows;
        let made = PasswordVerifier::make_at(old, &typed, workflows.keys(), workflows.randomness());
        let tx = workflows.store().begin().await.expect("begun");
        let mut means = tx.means().of(person.id).await.expect("read").remove(0);
        means.verifier = Some(Verifier::Password(made.expect("made")));
        tx.means().save(&means).await.expect("saved");
        let (by, id) = (ActorId::Nobody, means.id);
        let event = AuditEvent::PasswordChanged { by, person: person.id, means: id };
        tx.commit(event).await.expect("committed");
        refused(lab.password(&Browser::at("10.0.0.7"), "a1207", "autre phrase").await);
        let kept = async || {
            let means =
                workflows.store().read().means().find(id).await.expect("read").expect("there");
            matches!(means.verifier, Some(Verifier::Password(verifier)) if verifier.is_outdated())
        };
        assert!(kept().await, "a wrong password renews nothing");
        assert!(is_open(&lab.password(&Browser::at("10.0.0.8"), "a1207", chosen).await));
        assert!(!kept().await, "kept at today's cost from now on");
        assert!(is_open(&lab.password(&Browser::at("10.0.0.9"), "a1207", chosen).await));
    })
    .await;
}

#[tokio::test]
async fn am_07_nobody_serves_themselves_at_the_desk() {
    on_each(async |lab| {
        let operator = kernel::OperatorId::from(lab.doctor.id.uuid());
        let agent = Actor::operator(operator, lab.doctor.id, &[kernel::Role::DeskAgent]);
        let own = lab.workflows.give_enrolment_code(&agent, lab.doctor.id, MeansKind::Fido2).await;
        assert!(matches!(own, Err(DeskError::OwnMeans)));
        let other =
            lab.workflows.give_enrolment_code(&agent, lab.colleague.id, MeansKind::Fido2).await;
        assert!(other.is_ok());
        let nobody = Actor::nobody();
        let refused =
            lab.workflows.give_enrolment_code(&nobody, lab.doctor.id, MeansKind::Fido2).await;
        assert!(matches!(refused, Err(DeskError::Workflow(_))));
    })
    .await;
}

#[tokio::test]
async fn am_10_the_first_administrator_comes_by_one_link_and_her_key_serves_the_console_alone() {
    on_each(async |lab| {
        let init = Actor::command_line(0);
        let who =
            || FirstAdministrator { family: "LEROY".into(), given: "Paul".into(), mail: None };
        assert!(!lab.workflows.console_is_open().await.expect("read"));
        let link = lab.workflows.first_administrator(&init, who()).await.expect("made");
        assert!(link.url.starts_with("https://admin.hopital.test/first/he_"));
        let console = Browser::of_console();
        let secret = link.secret.expose().to_owned();
        let elsewhere = Browser::at("10.0.0.1");
        let tried = lab.workflows.begin_first_enrolment(&elsewhere.visit(), &secret).await;
        assert!(tried.expect("answered").refusal.is_some(), "not at the public host");
        let stranger = lab.workflows.begin_first_enrolment(&console.visit(), "he_no").await;
        assert!(stranger.expect("answered").refusal.is_some());
        let mut key = lab.enrol_with(&console, &secret).await;
        assert!(lab.workflows.console_is_open().await.expect("read"));
        let again = lab.workflows.begin_first_enrolment(&console.visit(), &secret).await;
        assert!(again.expect("answered").refusal.is_some(), "the link is spent");

        let session = session_of(lab.key(&console, &mut key).await);
        let now = current(&lab, &console, &session).await.expect("open");
        let actor = lab.workflows.operator_of(&now).await.expect("read").expect("an operator");
        assert!(actor.can(kernel::Capability::ManageSources));
        assert!(
            !actor.can(kernel::Capability::ReadAudit)
                || actor.can(kernel::Capability::ManageOperators)
        );
        // Her console key opens no care; a doctor's key opens no console.
        let (handle, options) = lab.ask_key(&elsewhere).await;
        let answer = key.sign_in(ORIGIN, &options).expect("signed");
        refused(lab.give_key(&elsewhere, &handle, &answer).await);
        let mut care = lab.enrol(&lab.doctor).await;
        refused(lab.key(&console, &mut care).await);
        let reasons = lab.reasons().await;
        assert_eq!(
            reasons[reasons.len() - 2..],
            ["key_of_the_other_side", "key_of_the_other_side"]
        );
        // No name and no password at the console.
        let view = lab.begin(&console).await;
        let named = lab.workflows.give_name(&console.visit(), &view.handle, "mmartin").await;
        assert_eq!(named.expect("answered").step, LoginStep::Choice { names: false });
    })
    .await;
}

#[tokio::test]
async fn am_10_a_link_lives_one_hour() {
    on_each(async |lab| {
        let init = Actor::command_line(0);
        let who = FirstAdministrator { family: "LEROY".into(), given: "Paul".into(), mail: None };
        let link = lab.workflows.first_administrator(&init, who.clone()).await.expect("made");
        lab.clock.advance(Duration::hours(1));
        let console = Browser::of_console();
        let late =
            lab.workflows.begin_first_enrolment(&console.visit(), link.secret.expose()).await;
        assert!(late.expect("answered").refusal.is_some());
        let link = lab.workflows.first_administrator(&init, who).await.expect("made anew");
        lab.enrol_with(&console, link.secret.expose()).await;
    })
    .await;
}

#[tokio::test]
async fn fi_01_a_key_enrolled_by_another_serves_no_third() {
    on_each(async |lab| {
        let mut key = lab.enrol(&lab.colleague).await;
        let mut hers = lab.enrol(&lab.doctor).await;
        let browser = Browser::at("10.0.0.1");
        // The password names the doctor; the colleague's key answers.
        let LoginAnswer::Page(view) = lab.password(&browser, "mmartin", RIGHT).await else {
            panic!("a password alone")
        };
        let mut options = key_options(&view);
        options["publicKey"]["allowCredentials"] = json!([]);
        let foreign = key.sign_in(ORIGIN, &options).expect("signed");
        refused(lab.give_key(&browser, &view.handle, &foreign).await);
        // An unknown key, and one whose answer was made for the console.
        let mut unknown: Authenticator = hers.clone();
        let (handle, options) = lab.ask_key(&browser).await;
        let misled = unknown.sign_in(ADMIN, &options).expect("signed");
        refused(lab.give_key(&browser, &handle, &misled).await);
        assert!(is_open(&lab.key(&browser, &mut hers).await));
    })
    .await;
}

#[tokio::test]
async fn lg_i_21_no_secret_and_no_name_reaches_the_journal() {
    on_each(async |lab| {
        let browser = Browser::at("10.0.0.1");
        refused(lab.password(&browser, "mmartin", "Secret-De-Marie").await);
        let session = session_of(lab.password(&browser, "mmartin", RIGHT).await);
        let text = serde_json::to_string(&lab.events().await).expect("JSON");
        for secret in ["mmartin", "MARTIN", "Marie", RIGHT, session.expose(), "10.0.0.1"] {
            assert!(!text.contains(secret), "{secret}");
        }
    })
    .await;
}

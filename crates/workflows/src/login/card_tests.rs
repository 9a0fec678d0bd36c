//! Cards at a login, on a real database, with a made-up PKI.
use super::lab::{Browser, Lab, RIGHT, is_open, on_each, refused};
use super::{CardAnswer, LoginAnswer, LoginError, LoginStep, ShownCertificate};
use crate::CardReader;
use audit::{AccessKind, AuditEvent, Digest};
use authentication::{Level, MeansKind, MeansStatus};
use cards::{CardAuthorities, CardRules};
use chrono::Duration;
use demo::cards::{CardProfile, ListProfile, TestCard, TestPki};
use directory::{Channel, NationalIdentity, PersonState};
use kernel::{Actor, ActorId, Clock, PersonId, Role, Uuid};

const RPPS: &str = "99900001233";
const OTHER: &str = "99900004567";

/// A lab whose listener of cards believes a made-up authority, whose list is fresh.
struct House {
    lab: Lab,
    pki: TestPki,
}

impl House {
    async fn of(lab: Lab) -> Self {
        let pki = TestPki::new(lab.clock.now());
        lab.workflows.connect_cards(CardReader {
            origin: "https://carte.hopital.test".to_owned(),
            authorities: CardAuthorities::from_pem(pki.issuer.pem().as_bytes()).expect("pinned"),
            rules: CardRules { test_cards: false, revocation_grace: Duration::hours(24) },
        });
        let house = Self { lab, pki };
        house.list(ListProfile::new(1, house.lab.clock.now())).await;
        house
    }

    async fn list(&self, profile: ListProfile) {
        let list = self.pki.issuer.list(&profile);
        self.lab.workflows.take_revocation_list(list).await.expect("taken");
    }

    fn card(&self, rpps: &str, family: &str) -> TestCard {
        let now = self.lab.clock.now();
        self.pki.issue(&CardProfile::new(rpps, family, "MARIE", now).in_production())
    }

    async fn link(&self, person: PersonId, rpps: &str, channel: Channel) {
        let workflows = &self.lab.workflows;
        let link = NationalIdentity {
            id: workflows.id(),
            person,
            id_nat: format!("8{rpps}").parse().expect("a number"),
            channel,
            evidence: "{}".to_owned(),
            decided_by: ActorId::Nobody,
            verified_at: workflows.now(),
            next_check: workflows.today(),
        };
        let tx = workflows.store().begin().await.expect("begun");
        tx.national_identities().insert(&link).await.expect("linked");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person };
        tx.commit(event).await.expect("committed");
    }

    /// A login of this browser that waits for a card.
    async fn waiting(&self, browser: &Browser) -> String {
        let view = self.lab.begin(browser).await;
        let visit = browser.visit();
        let view = self.lab.workflows.begin_card(&visit, &view.handle).await.expect("begun");
        let LoginStep::Card { at } = &view.step else { panic!("{view:?}") };
        assert_eq!(at, &format!("https://carte.hopital.test/card?t={}", view.handle));
        view.handle
    }

    async fn present(&self, handle: &str, card: &TestCard) -> CardAnswer {
        self.present_after(handle, card, Duration::zero()).await
    }

    async fn present_after(&self, handle: &str, card: &TestCard, age: Duration) -> CardAnswer {
        let shown = Some(ShownCertificate { der: &card.der, age });
        let answer = self.lab.workflows.present_card("10.0.0.9", handle, shown).await;
        answer.expect("answered")
    }

    /// The code that a good card is given for this login.
    async fn code(&self, handle: &str, card: &TestCard) -> String {
        let CardAnswer::HandedOver { to } = self.present(handle, card).await else {
            panic!("the card was refused")
        };
        let here = format!("https://hygie.hopital.test/login/card/back?t={handle}&code=");
        let code = to.strip_prefix(&here).expect("back to the login");
        assert!(code.starts_with("hk_") && code.len() == 3 + 43, "256 bits: {code}");
        code.to_owned()
    }

    async fn take(
        &self,
        browser: &Browser,
        handle: &str,
        code: &str,
    ) -> Result<LoginAnswer, LoginError> {
        self.lab.workflows.take_card(&browser.visit(), handle, code).await
    }

    /// The whole way.
    async fn log_in(&self, browser: &Browser, card: &TestCard) -> LoginAnswer {
        let handle = self.waiting(browser).await;
        let code = self.code(&handle, card).await;
        self.take(browser, &handle, &code).await.expect("answered")
    }

    async fn last_reason(&self) -> String {
        self.lab.reasons().await.pop().expect("a refusal")
    }
}

async fn in_each(test: impl AsyncFn(House)) {
    on_each(async |lab| test(House::of(lab).await).await).await;
}

#[tokio::test]
async fn s07_a_card_opens_the_login_of_who_bears_its_number() {
    in_each(async |house| {
        let doctor = house.lab.doctor.id;
        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        let (browser, card) = (Browser::at("10.0.0.1"), house.card(RPPS, "MARTIN"));
        let LoginAnswer::Opened { session, next } = house.log_in(&browser, &card).await else {
            panic!("no session")
        };
        assert_eq!(next, "/portal");
        let (session, secret) = (session.expose(), browser.secret.expose());
        let workflows = &house.lab.workflows;
        let now = workflows.current_session(AccessKind::Public, session, secret).await;
        let now = now.expect("read").expect("open");
        assert_eq!(now.session.person, doctor);
        assert_eq!(now.assurance.level, Level::Substantiel);
        assert_eq!(now.assurance.amr, ["sc", "pin", "hwk", "mfa"]);
        let names: Vec<_> = house.lab.events().await.iter().map(AuditEvent::name).collect();
        for expected in ["means_issued", "means_activated", "login_succeeded", "session_opened"] {
            assert!(names.contains(&expected), "{expected}: {names:?}");
        }
        // The same card is the same means; another card of hers is another.
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.2"), &card).await));
        house.lab.clock.advance(Duration::seconds(1));
        let mut renewed = CardProfile::new(RPPS, "MARTIN", "MARIE", workflows.now());
        renewed.card_number = Some(demo::cards::der::printable("8025000001/1234567890"));
        let renewed = house.pki.issue(&renewed.in_production());
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.3"), &renewed).await));
        let means = workflows.store().read().means().of(doctor).await.expect("means");
        let serials: Vec<_> = means.iter().map(|means| means.serial.as_deref()).collect();
        assert_eq!(serials, [Some("8025000001/9900001233"), Some("8025000001/1234567890")]);
        assert!(means.iter().all(|means| means.kind == MeansKind::CpsCard
            && means.status == MeansStatus::Active
            && means.expires_at.is_some()));
        assert_eq!(means[0].label, "CPS …1233");
    })
    .await;
}

#[tokio::test]
async fn wb_09_what_is_handed_over_serves_one_login_of_one_browser_once_within_half_a_minute() {
    in_each(async |house| {
        house.link(house.lab.doctor.id, RPPS, Channel::RegisterMatch).await;
        let card = house.card(RPPS, "MARTIN");
        let (hers, another) = (Browser::at("10.0.0.1"), Browser::at("10.0.0.2"));

        // In another browser: as it stands, and with a login of that browser's own. It is spent all the same.
        let handle = house.waiting(&hers).await;
        let code = house.code(&handle, &card).await;
        assert!(matches!(house.take(&another, &handle, &code).await, Err(LoginError::Over)));
        assert_eq!(house.last_reason().await, "card_for_another_login");
        assert!(matches!(house.take(&hers, &handle, &code).await, Err(LoginError::Over)));
        assert_eq!(house.last_reason().await, "card_code_unknown");
        let handle = house.waiting(&hers).await;
        let code = house.code(&handle, &card).await;
        let own = house.waiting(&another).await;
        assert!(matches!(house.take(&another, &own, &code).await, Err(LoginError::Over)));
        assert_eq!(house.last_reason().await, "card_for_another_login");

        // Two logins of one browser are two.
        let (first, second) = (house.waiting(&hers).await, house.waiting(&hers).await);
        let code = house.code(&first, &card).await;
        assert!(matches!(house.take(&hers, &second, &code).await, Err(LoginError::Over)));

        // Twice, and many times at once.
        let handle = house.waiting(&hers).await;
        let code = house.code(&handle, &card).await;
        let tries = (0..8).map(|_| house.take(&hers, &handle, &code));
        let answers = futures_util::future::join_all(tries).await;
        let opened = answers.iter().flatten().filter(|answer| is_open(answer)).count();
        assert_eq!(opened, 1);
        assert!(matches!(house.take(&hers, &handle, &code).await, Err(LoginError::Over)));

        // After its time.
        for (seconds, opens) in [(30, false), (29, true)] {
            let handle = house.waiting(&hers).await;
            let code = house.code(&handle, &card).await;
            house.lab.clock.advance(Duration::seconds(seconds));
            let answer = house.take(&hers, &handle, &code).await.expect("answered");
            assert_eq!(is_open(&answer), opens, "after {seconds} s");
            if !opens {
                assert_eq!(house.last_reason().await, "card_code_too_old");
            }
        }

        // A login that went on to something else takes none, and nothing is no code.
        let handle = house.waiting(&hers).await;
        let code = house.code(&handle, &card).await;
        house.lab.workflows.choose_again(&hers.visit(), &handle).await.expect("chosen");
        refused(house.take(&hers, &handle, &code).await.expect("answered"));
        assert_eq!(house.last_reason().await, "card_not_awaited");
        for no_code in ["", "hk_", &handle, &format!("{code}A")] {
            let answer = house.take(&hers, &handle, no_code).await;
            assert!(matches!(answer, Err(LoginError::Over)), "{no_code:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_card_is_read_for_a_login_that_waits_for_one_and_for_no_other() {
    in_each(async |house| {
        let (browser, card) = (Browser::at("10.0.0.1"), house.card(RPPS, "MARTIN"));
        let workflows = &house.lab.workflows;
        let chosen = house.lab.begin(&browser).await.handle;
        let console = Browser::of_console();
        let at_console = house.lab.begin(&console).await.handle;
        let view = workflows.begin_card(&console.visit(), &at_console).await.expect("answered");
        assert_eq!((view.step, view.cards), (LoginStep::Choice { names: false }, false));
        let old = house.waiting(&browser).await;
        house.lab.clock.advance(Duration::minutes(5));
        for handle in [chosen.as_str(), &at_console, &old, "", "hl_x"] {
            let shown = Some(ShownCertificate { der: &card.der, age: Duration::zero() });
            let answer = workflows.present_card("10.0.0.9", handle, shown).await;
            assert!(matches!(answer, Err(LoginError::Over)), "{handle:?}");
        }
        let handle = house.waiting(&browser).await;
        let answer = workflows.present_card("10.0.0.9", &handle, None).await.expect("answered");
        assert!(matches!(answer, CardAnswer::NoCard { .. }));
        // CP-05: what a connection showed half a minute ago is not there now.
        let answer = house.present_after(&handle, &card, Duration::seconds(30)).await;
        assert!(matches!(answer, CardAnswer::NoCard { .. }));
        // The page of the login goes on offering the other means.
        let view = workflows.show_login(&browser.visit(), &handle).await.expect("shown");
        assert_eq!((view.step, view.cards), (LoginStep::Choice { names: true }, true));
        assert!(house.lab.reasons().await.is_empty(), "nothing was refused");
    })
    .await;
}

#[tokio::test]
async fn cp_05_a_card_that_is_refused_hands_nothing_over_and_the_journal_says_why() {
    in_each(async |house| {
        house.link(house.lab.doctor.id, RPPS, Channel::RegisterMatch).await;
        let now = house.lab.clock.now();
        let profile = || CardProfile::new(RPPS, "MARTIN", "MARIE", now);
        let good = house.pki.issue(&profile().in_production());
        let cases = [
            (house.pki.issue(&profile()), "card_test"),
            (house.pki.other.issue(&profile().in_production()), "card_authority_unknown"),
        ];
        let browser = Browser::at("10.0.0.1");
        for (card, reason) in &cases {
            let handle = house.waiting(&browser).await;
            let CardAnswer::Refused { back, .. } = house.present(&handle, card).await else {
                panic!("{reason}: taken")
            };
            assert_eq!(back, format!("https://hygie.hopital.test/login?t={handle}"));
            assert_eq!(&house.last_reason().await, reason);
        }
        // Revoked since its last login: a newer list, and no older one in its place.
        assert!(is_open(&house.log_in(&browser, &good).await));
        house.list(ListProfile::new(3, now).revoking(&[&profile().serial])).await;
        let older = house.pki.issuer.list(&ListProfile::new(2, now));
        let taken = house.lab.workflows.take_revocation_list(older).await;
        assert!(taken.is_err(), "an older list");
        let handle = house.waiting(&browser).await;
        assert!(matches!(house.present(&handle, &good).await, CardAnswer::Refused { .. }));
        assert_eq!(house.last_reason().await, "card_revoked");
        // A day after the list should have been replaced, nobody's card is known to be good.
        let fine = house.card(OTHER, "MARTIN");
        for (hours, reason) in [(47, None), (1, Some("card_revocation_too_old"))] {
            house.lab.clock.advance(Duration::hours(hours) - Duration::minutes(1));
            let handle = house.waiting(&browser).await;
            let refused = matches!(house.present(&handle, &fine).await, CardAnswer::Refused { .. });
            assert_eq!(refused, reason.is_some(), "{hours}");
            if let Some(reason) = reason {
                assert_eq!(house.last_reason().await, reason);
            }
            house.lab.clock.advance(Duration::minutes(2));
        }
    })
    .await;
}

#[tokio::test]
async fn a_card_opens_nothing_for_who_is_not_its_bearer_or_no_longer_in_order() {
    in_each(async |house| {
        let (doctor, colleague) = (house.lab.doctor.id, house.lab.colleague.id);
        let workflows = &house.lab.workflows;
        let browser = Browser::at("10.0.0.1");
        let card = house.card(RPPS, "MARTIN");
        refused(house.log_in(&browser, &card).await);
        assert_eq!(house.last_reason().await, "card_of_nobody");

        // A link that nobody confirmed, to somebody of another name: the register was wrong, or we were.
        house.link(colleague, OTHER, Channel::RegisterMatch).await;
        let named_otherwise = house.card(OTHER, "LEROY");
        refused(house.log_in(&browser, &named_otherwise).await);
        assert_eq!(house.last_reason().await, "card_names_differ");

        // A means that was suspended, and a person who was closed.
        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        assert!(is_open(&house.log_in(&browser, &card).await));
        let means = workflows.store().read().means().of(doctor).await.expect("means").remove(0);
        let tx = workflows.store().begin().await.expect("begun");
        let suspended = means.suspend().expect("active");
        tx.means().save(&suspended).await.expect("saved");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person: doctor };
        tx.commit(event).await.expect("committed");
        refused(house.log_in(&browser, &card).await);
        assert_eq!(house.last_reason().await, "means_not_active");

        let mut closed = house.lab.colleague.clone();
        closed.state = PersonState::Closed;
        let tx = workflows.store().begin().await.expect("begun");
        tx.people().save(&closed).await.expect("saved");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person: colleague };
        tx.commit(event).await.expect("committed");
        let hers = house.card(OTHER, "DUPONT");
        refused(house.log_in(&browser, &hers).await);
        assert_eq!(house.last_reason().await, "person_closed");
        let means = workflows.store().read().means().of(colleague).await.expect("means");
        assert!(means.is_empty(), "a refusal leaves no means behind: {means:?}");
    })
    .await;
}

#[tokio::test]
async fn a_card_beside_a_password_is_of_the_same_person_and_makes_no_link() {
    in_each(async |house| {
        let (doctor, workflows) = (house.lab.doctor.id, &house.lab.workflows);
        // AU-10: her key is wanted beside her password. A card may stand for it, if it is hers already.
        let _key = house.lab.enrol(&house.lab.doctor).await;
        let named = async |browser: &Browser| {
            let LoginAnswer::Page(view) = house.lab.password(browser, "mmartin", RIGHT).await
            else {
                panic!("a password alone opened a session")
            };
            let visit = browser.visit();
            workflows.begin_card(&visit, &view.handle).await.expect("begun").handle
        };
        let links = async |person| {
            let links = workflows.store().read().national_identities().of(person).await;
            let links = links.expect("read").into_iter();
            links.map(|link| (link.id_nat.to_string(), link.channel)).collect::<Vec<_>>()
        };
        house.link(house.lab.colleague.id, OTHER, Channel::RegisterMatch).await;
        let (foreign, colleagues) = (house.card(RPPS, "VOLEUR"), house.card(OTHER, "DUPONT"));
        for (card, reason) in [(&foreign, "card_of_nobody"), (&colleagues, "card_of_somebody_else")]
        {
            let browser = Browser::at("10.0.0.1");
            let handle = named(&browser).await;
            let code = house.code(&handle, card).await;
            refused(house.take(&browser, &handle, &code).await.expect("answered"));
            assert_eq!(house.last_reason().await, reason);
        }
        assert!(links(doctor).await.is_empty(), "a password and a strange card made a link");
        let kept = [(format!("8{OTHER}"), Channel::RegisterMatch)];
        assert_eq!(links(house.lab.colleague.id).await, kept);
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.2"), &colleagues).await));

        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        let browser = Browser::at("10.0.0.3");
        let handle = named(&browser).await;
        let code = house.code(&handle, &house.card(RPPS, "MARTIN")).await;
        assert!(is_open(&house.take(&browser, &handle, &code).await.expect("answered")));
    })
    .await;
}

#[tokio::test]
async fn a_card_serves_as_long_as_its_holder_bears_its_number() {
    in_each(async |house| {
        let (doctor, colleague) = (house.lab.doctor.id, house.lab.colleague.id);
        let workflows = &house.lab.workflows;
        let card = house.card(RPPS, "DUPONT");
        // Linked to somebody else by mistake, and by a human, so that no name is looked at.
        house.link(doctor, RPPS, Channel::HumanDecided).await;
        let browser = Browser::at("10.0.0.1");
        let LoginAnswer::Opened { session, .. } = house.log_in(&browser, &card).await else {
            panic!("no session")
        };
        let is_still_open = async || {
            let secret = browser.secret.expose();
            let current = workflows.current_session(AccessKind::Public, session.expose(), secret);
            current.await.expect("read").is_some()
        };
        assert!(is_still_open().await);
        let link = workflows.store().read().national_identities().of(doctor).await;
        let link = link.expect("read").remove(0);
        let officer = Actor::command_line(0);
        let unlinked = workflows.unlink_identity(&officer, doctor, link.id, "erreur").await;
        unlinked.expect("unlinked");
        assert!(!is_still_open().await, "opened by a card that is not hers");
        assert!(is_open(&house.lab.password(&browser, "mmartin", RIGHT).await));
        // The right bearer is not shut out by what was another's.
        house.link(colleague, RPPS, Channel::HumanDecided).await;
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.2"), &card).await));
        let means = workflows.store().read().means().of(colleague).await.expect("means");
        assert_eq!(means.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_a_list_names_ends_what_it_opened() {
    in_each(async |house| {
        let (doctor, colleague) = (house.lab.doctor.id, house.lab.colleague.id);
        let workflows = &house.lab.workflows;
        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        house.link(colleague, OTHER, Channel::RegisterMatch).await;
        let now = house.lab.clock.now();
        let profile = CardProfile::new(RPPS, "MARTIN", "MARIE", now).in_production();
        let lost = house.pki.issue(&profile);
        let browsers = [Browser::at("10.0.0.1"), Browser::at("10.0.0.2")];
        let cards = [&lost, &house.card(OTHER, "DUPONT")];
        let mut sessions = Vec::new();
        for (browser, card) in browsers.iter().zip(cards) {
            let LoginAnswer::Opened { session, .. } = house.log_in(browser, card).await else {
                panic!("no session")
            };
            sessions.push(session);
        }
        let are_open = async || {
            let mut open = Vec::new();
            for (browser, session) in browsers.iter().zip(&sessions) {
                let (session, secret) = (session.expose(), browser.secret.expose());
                let current = workflows.current_session(AccessKind::Public, session, secret).await;
                open.push(current.expect("read").is_some());
            }
            open
        };
        assert_eq!(workflows.withdraw_revoked_cards().await.expect("looked at"), 0);
        assert_eq!(are_open().await, [true, true]);
        house.list(ListProfile::new(2, now).revoking(&[&profile.serial])).await;
        assert_eq!(workflows.withdraw_revoked_cards().await.expect("looked at"), 1);
        assert_eq!(are_open().await, [false, true]);
        let means = workflows.store().read().means().of(doctor).await.expect("means");
        assert_eq!(means[0].status, MeansStatus::Suspended);
        assert_eq!(workflows.withdraw_revoked_cards().await.expect("looked at"), 0, "once");
    })
    .await;
}

#[tokio::test]
async fn a_card_renewed_under_its_number_goes_on() {
    in_each(async |house| {
        house.link(house.lab.doctor.id, RPPS, Channel::RegisterMatch).await;
        let now = house.lab.clock.now();
        let until = |days| {
            let mut profile = CardProfile::new(RPPS, "MARTIN", "MARIE", now).in_production();
            profile.until = now + Duration::days(days);
            profile
        };
        let first = house.pki.issue(&until(1));
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.1"), &first).await));
        house.lab.clock.advance(Duration::hours(25));
        house.list(ListProfile::new(2, house.lab.clock.now())).await;
        let handle = house.waiting(&Browser::at("10.0.0.2")).await;
        assert!(matches!(house.present(&handle, &first).await, CardAnswer::Refused { .. }));
        assert_eq!(house.last_reason().await, "card_expired");
        let mut renewed = until(900);
        renewed.serial[0] += 1;
        let renewed = house.pki.issue(&renewed);
        assert!(is_open(&house.log_in(&Browser::at("10.0.0.3"), &renewed).await));
        let read = house.lab.workflows.store().read();
        let means = read.means().of(house.lab.doctor.id).await.expect("means");
        assert_eq!(means.len(), 1);
        assert_eq!(means[0].expires_at, Some(now + Duration::days(900)));

        // The authority names the certificate that it replaced: that one is withdrawn, and its successor goes on.
        let workflows = &house.lab.workflows;
        let mut last = until(901);
        last.serial[0] += 2;
        let mut replaced = until(900).serial;
        replaced[0] += 1;
        house.list(ListProfile::new(3, house.lab.clock.now()).revoking(&[&replaced])).await;
        assert_eq!(workflows.withdraw_revoked_cards().await.expect("looked at"), 1);
        let last = house.pki.issue(&last);
        for place in ["10.0.0.4", "10.0.0.5"] {
            assert!(is_open(&house.log_in(&Browser::at(place), &last).await));
        }
        let means = read.means().of(house.lab.doctor.id).await.expect("means");
        let standing: Vec<_> = means.iter().map(|means| means.status).collect();
        assert_eq!(standing, [MeansStatus::Suspended, MeansStatus::Active]);
    })
    .await;
}

#[tokio::test]
async fn a_card_revoked_since_it_was_read_opens_nothing() {
    in_each(async |house| {
        house.link(house.lab.doctor.id, RPPS, Channel::RegisterMatch).await;
        let now = house.lab.clock.now();
        let profile = CardProfile::new(RPPS, "MARTIN", "MARIE", now).in_production();
        let (browser, card) = (Browser::at("10.0.0.1"), house.pki.issue(&profile));
        let handle = house.waiting(&browser).await;
        let code = house.code(&handle, &card).await;
        house.list(ListProfile::new(2, now).revoking(&[&profile.serial])).await;
        refused(house.take(&browser, &handle, &code).await.expect("answered"));
        assert_eq!(house.last_reason().await, "card_revoked");
    })
    .await;
}

#[tokio::test]
async fn a_number_that_became_another_is_one_number() {
    in_each(async |house| {
        let (doctor, colleague) = (house.lab.doctor.id, house.lab.colleague.id);
        let someone = Uuid::from_u128(7);
        let officer = Actor::operator(someone.into(), someone.into(), &[Role::SecurityOfficer]);
        let [from, to] = [RPPS, OTHER].map(|number| format!("8{number}").parse().expect("number"));
        let kept = house.lab.workflows.keep_alias(&officer, from, to, "order_certificate").await;
        kept.expect("kept");
        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        // Hers by the former number, and by the one that it became.
        for number in [RPPS, OTHER] {
            let card = house.card(number, "MARTIN");
            assert!(is_open(&house.log_in(&Browser::at("10.0.0.1"), &card).await), "{number}");
        }
        // Two people by what is one number: neither, until a human has said.
        house.link(colleague, OTHER, Channel::HumanDecided).await;
        for (number, family) in [(RPPS, "MARTIN"), (OTHER, "DUPONT")] {
            refused(house.log_in(&Browser::at("10.0.0.2"), &house.card(number, family)).await);
            assert_eq!(house.last_reason().await, "card_number_contested");
        }
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_card_keeps_no_other_means_out() {
    in_each(async |house| {
        let (doctor, workflows) = (house.lab.doctor.id, &house.lab.workflows);
        house.link(doctor, RPPS, Channel::RegisterMatch).await;
        let browser = Browser::at("10.0.0.1");
        assert!(is_open(&house.log_in(&browser, &house.card(RPPS, "MARTIN")).await));
        let means = workflows.store().read().means().of(doctor).await.expect("means").remove(0);
        let tx = workflows.store().begin().await.expect("begun");
        tx.means().save(&means.suspend().expect("active")).await.expect("saved");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person: doctor };
        tx.commit(event).await.expect("committed");
        let answer = house.lab.password(&browser, "mmartin", RIGHT).await;
        let LoginAnswer::Opened { session, .. } = answer else { panic!("her password is refused") };
        let (session, secret) = (session.expose(), browser.secret.expose());
        let now = workflows.current_session(AccessKind::Public, session, secret).await;
        assert_eq!(now.expect("read").expect("open").assurance.amr, ["pwd"]);
    })
    .await;
}

#[tokio::test]
async fn au_02_refused_cards_stop_nobodys_password() {
    in_each(async |house| {
        let browser = Browser::at("10.0.0.1");
        let card = house.card(RPPS, "MARTIN");
        for _ in 0..80 {
            let handle = house.waiting(&browser).await;
            let code = house.code(&handle, &card).await;
            refused(house.take(&browser, &handle, &code).await.expect("answered"));
        }
        assert!(is_open(&house.lab.password(&browser, "mmartin", RIGHT).await));
    })
    .await;
}

#[tokio::test]
async fn cp_06_no_node_takes_a_list_older_than_what_any_has_seen() {
    in_each(async |house| {
        let (workflows, now) = (&house.lab.workflows, house.lab.clock.now());
        let list = |number| house.pki.issuer.list(&ListProfile::new(number, now));
        house.list(ListProfile::new(9, now)).await;
        let reader = workflows.store().read();
        let key = format!("card.list.{}.{}", fingerprint(&house), Digest::of(b""));
        assert_eq!(reader.counters().fact(&key).await.expect("read").as_deref(), Some("9"));
        // Another node took a later one: 16, which is 10 in the digits of a list's number.
        workflows.store().upkeep().set_fact(&key, "10").await.expect("said");
        let refused = workflows.take_revocation_list(list(15)).await.expect_err("older");
        assert!(!refused.may_pass(), "{refused}");
        workflows.take_revocation_list(list(16)).await.expect("the same");
        workflows.take_revocation_list(list(17)).await.expect("newer");
        assert_eq!(reader.counters().fact(&key).await.expect("read").as_deref(), Some("11"));
        assert!(workflows.missing_card_lists().is_empty());
        house.lab.clock.advance(Duration::hours(48));
        let missing = workflows.missing_card_lists();
        assert_eq!(missing.iter().map(|list| list.place.as_deref()).collect::<Vec<_>>(), [None]);
        // One of a time to come is looked at again.
        let coming = house.pki.issuer.list(&ListProfile::new(18, now + Duration::hours(50)));
        let refused = workflows.take_revocation_list(coming).await.expect_err("to come");
        assert!(refused.may_pass(), "{refused}");
    })
    .await;
}

fn fingerprint(house: &House) -> String {
    let pinned = CardAuthorities::from_pem(house.pki.issuer.pem().as_bytes()).expect("pinned");
    pinned.list().remove(0).fingerprint
}

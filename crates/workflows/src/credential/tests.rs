use super::*;
use crate::login::lab::{Lab, on_each};
use crate::{DecideCase, Workflows};
use directory::Decision;
use kernel::{Actor, Role, Uuid};

const HERS: &str = "899900001233";
const OTHER: &str = "899900004567";

fn proof(kind: CredentialKind, id_nat: &str) -> CredentialProof {
    CredentialProof::verified(kind, id_nat.parse().expect("a number"), [7; 32])
}
fn card(id_nat: &str) -> CredentialProof {
    proof(CredentialKind::Card, id_nat)
}

async fn shown(lab: &Lab, person: PersonId, id_nat: &str) -> CredentialOutcome {
    lab.workflows.credential_proved(person, &card(id_nat)).await.expect("answered")
}

async fn links(workflows: &Workflows, person: PersonId) -> Vec<(String, Channel)> {
    let links = workflows.store().read().national_identities().of(person).await.expect("links");
    links.into_iter().map(|link| (link.id_nat.to_string(), link.channel)).collect()
}

async fn linked(lab: &Lab, person: PersonId, id_nat: &str, channel: Channel) -> NationalIdentityId {
    let link = NationalIdentity {
        id: lab.workflows.id(),
        person,
        id_nat: id_nat.parse().expect("a number"),
        channel,
        evidence: "{}".to_owned(),
        decided_by: ActorId::Nobody,
        verified_at: lab.workflows.now(),
        next_check: lab.workflows.today(),
    };
    let tx = lab.workflows.store().begin().await.expect("begun");
    tx.national_identities().insert(&link).await.expect("linked");
    commit(tx, person).await;
    link.id
}

async fn commit(tx: Transaction, person: PersonId) {
    let by = ActorId::Nobody;
    tx.commit(AuditEvent::PersonRead { by, person }).await.expect("committed");
}

/// A question with two candidates.
async fn asked(lab: &Lab, person: PersonId, candidates: [&str; 2]) -> CaseId {
    let listed = candidates.map(|id_nat| serde_json::json!({ "id_nat": id_nat }));
    let case = Case {
        id: lab.workflows.id(),
        kind: CaseKind::NationalIdentity,
        state: CaseState::Open,
        person: Some(person),
        source: None,
        external_key: None,
        dedupe_key: format!("national_identity|{person}|{}", candidates.join(",")),
        payload: serde_json::json!({ "sentence": "?", "candidates": listed }).to_string(),
        priority: 0,
        opened_at: lab.workflows.now(),
        decided_at: None,
        decided_by: None,
        decision: None,
        note: None,
        assigned_to: None,
        claims: None,
        version: 1,
    };
    let tx = lab.workflows.store().begin().await.expect("begun");
    assert!(tx.cases().open(&case).await.expect("opened"));
    commit(tx, person).await;
    case.id
}

async fn case(lab: &Lab, id: CaseId) -> Case {
    lab.workflows.store().read().cases().find(id).await.expect("read").expect("there")
}

fn officer() -> Actor {
    Actor::operator(Uuid::from_u128(7).into(), Uuid::from_u128(7).into(), &[Role::SecurityOfficer])
}

async fn decide(lab: &Lab, id: CaseId, decision: Decision) -> Case {
    let wish = DecideCase { case: id, version: None, decision, note: None };
    lab.workflows.decide_case(&officer(), wish).await.expect("decided")
}

#[tokio::test]
async fn s04_a_card_settles_the_question_that_waits_and_nobody_is_asked_again() {
    for (kind, waits) in [
        (CredentialKind::Card, None),
        (CredentialKind::Card, Some(Decision::WaitCard)),
        (CredentialKind::ProSanteConnect, Some(Decision::AskHr)),
    ] {
        on_each(async |lab| {
            let person = lab.doctor.id;
            let id = asked(&lab, person, [HERS, OTHER]).await;
            if let Some(decision) = waits.clone() {
                decide(&lab, id, decision).await;
            }
            let outcome = lab.workflows.credential_proved(person, &proof(kind, HERS)).await;
            let CredentialOutcome::Linked { link, settled } = outcome.expect("proved") else {
                panic!("not linked")
            };
            assert_eq!(settled, [id]);
            let expected = [(HERS.to_owned(), Channel::CredentialProved)];
            assert_eq!(links(&lab.workflows, person).await, expected);
            let settled = case(&lab, id).await;
            assert_eq!(settled.state, CaseState::Decided);
            assert_eq!(settled.decision.as_deref(), Some("link"));
            assert_eq!(settled.decided_by, Some(ActorId::Person { person }));
            assert!(settled.note.is_some_and(|note| note.starts_with("Prouvé par")));
            let told = lab.events().await;
            let told: Vec<&AuditEvent> = told.iter().rev().take(2).collect();
            assert!(
                matches!(told[0], AuditEvent::CaseDecided { case, decision, evidence, .. }
                    if *case == id && decision.as_str() == "proved"
                        && evidence.as_ref().is_some_and(|code| code.as_str() == kind.name())),
                "{told:?}"
            );
            assert!(
                matches!(told[1], AuditEvent::NationalIdentityLinked { national_identity, channel, evidence, .. }
                    if *national_identity == link && channel.as_str() == "credential_proved"
                        && *evidence == Digest::from_bytes([7; 32])),
                "{told:?}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_weaker_link_becomes_the_strongest_and_the_same_card_says_nothing_new() {
    on_each(async |lab| {
        let person = lab.doctor.id;
        let weak = linked(&lab, person, HERS, Channel::RegisterMatch).await;
        let CredentialOutcome::Linked { link, .. } = shown(&lab, person, HERS).await else {
            panic!("not linked")
        };
        assert_ne!(link, weak);
        let expected = [(HERS.to_owned(), Channel::CredentialProved)];
        assert_eq!(links(&lab.workflows, person).await, expected);
        let before = lab.events().await.len();
        assert_eq!(shown(&lab, person, HERS).await, CredentialOutcome::Known(link));
        assert_eq!(lab.events().await.len(), before, "once a day is enough");
        lab.clock.advance(Duration::days(1));
        assert_eq!(shown(&lab, person, HERS).await, CredentialOutcome::Known(link));
        let last = lab.events().await.pop().expect("an event");
        assert!(matches!(last, AuditEvent::NationalIdentityVerified { .. }), "{last:?}");
    })
    .await;
}

/// Nothing changed of what is kept, one question was put, and the journal says it each time.
async fn stays(lab: &Lab, id_nat: &str, reason: Contradiction) {
    let people = [lab.doctor.id, lab.colleague.id];
    let [doctor, colleague] = people;
    let before = (links(&lab.workflows, doctor).await, links(&lab.workflows, colleague).await);
    let mut asked = None;
    for time in 0..2 {
        let outcome = shown(lab, doctor, id_nat).await;
        let CredentialOutcome::Contradicts { reason: told, case } = outcome else {
            panic!("{time}: {outcome:?}")
        };
        assert_eq!(told, reason);
        let case = case.expect("a question");
        assert!(asked.replace(case).is_none_or(|asked| asked == case), "asked twice");
    }
    let now = (links(&lab.workflows, doctor).await, links(&lab.workflows, colleague).await);
    assert_eq!(now, before);
    let question = case(lab, asked.expect("asked")).await;
    assert_eq!((question.state, question.person), (CaseState::Open, Some(doctor)));
    let alarms = lab.events().await;
    let alarms = alarms.iter().filter(|event| {
        matches!(event, AuditEvent::CredentialContradicted { reason: told, .. } if told.as_str() == reason.name())
    });
    assert_eq!(alarms.count(), 2);
}

#[tokio::test]
async fn da_12_a_card_never_takes_the_number_of_another_nor_gives_a_second_one() {
    on_each(async |lab| {
        linked(&lab, lab.colleague.id, HERS, Channel::RegisterMatch).await;
        stays(&lab, HERS, Contradiction::BorneByAnother).await;
        linked(&lab, lab.doctor.id, OTHER, Channel::HrDeclaredChecked).await;
        stays(&lab, "899900007890", Contradiction::BearsAnother).await;
    })
    .await;
}

/// What applications hear of her.
async fn told(lab: &Lab, person: PersonId) -> Vec<String> {
    let links = lab.workflows.store().read().national_identities().to_tell(person).await;
    links.expect("read").into_iter().map(|link| link.id_nat.to_string()).collect()
}

#[tokio::test]
async fn da_12_two_who_claim_a_number_are_named_by_it_once_a_human_has_answered() {
    on_each(async |lab| {
        let (doctor, colleague) = (lab.doctor.id, lab.colleague.id);
        linked(&lab, colleague, HERS, Channel::HrDeclaredChecked).await;
        assert_eq!(told(&lab, colleague).await, [HERS]);
        let CredentialOutcome::Contradicts { case: Some(asked), .. } =
            shown(&lab, doctor, HERS).await
        else {
            panic!("no question")
        };
        let claims = case(&lab, asked).await.claims;
        assert_eq!(claims, Some(HERS.parse().expect("a number")));
        assert_eq!(told(&lab, colleague).await, [""; 0], "it may be the other's");
        decide(&lab, asked, Decision::NoneFits).await;
        assert_eq!(told(&lab, colleague).await, [HERS]);
        // Her own card says another than the one that was found for her.
        shown(&lab, colleague, OTHER).await;
        assert_eq!(told(&lab, colleague).await, [""; 0]);
        assert_eq!(links(&lab.workflows, colleague).await.len(), 1, "the link itself stays");
    })
    .await;
}

#[tokio::test]
async fn what_a_human_refused_is_not_made_by_a_card_until_she_says_so() {
    on_each(async |lab| {
        let person = lab.doctor.id;
        let id = asked(&lab, person, [HERS, OTHER]).await;
        decide(&lab, id, Decision::NoneFits).await;
        stays(&lab, HERS, Contradiction::RefusedByHand).await;
        let CredentialOutcome::Contradicts { case: Some(again), .. } =
            shown(&lab, person, HERS).await
        else {
            panic!("no question")
        };
        let link = Decision::Link { candidate: HERS.to_owned(), evidence: "diploma".to_owned() };
        decide(&lab, again, link).await;
        let CredentialOutcome::Linked { .. } = shown(&lab, person, HERS).await else {
            panic!("what she said since counts")
        };
        let expected = [(HERS.to_owned(), Channel::CredentialProved)];
        assert_eq!(links(&lab.workflows, person).await, expected);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_proved_of_who_is_not_in_order() {
    on_each(async |lab| {
        let person = lab.doctor.id;
        let tx = lab.workflows.store().begin().await.expect("begun");
        let mut doctor = tx.people().lock(person).await.expect("read").expect("there");
        doctor.state = PersonState::Suspended;
        tx.people().save(&doctor).await.expect("saved");
        commit(tx, person).await;
        let refused = lab.workflows.credential_proved(person, &card(HERS)).await;
        assert!(matches!(refused, Err(CredentialError::NotActive(_))), "{refused:?}");
        let nobody = Uuid::from_u128(1).into();
        let refused = lab.workflows.credential_proved(nobody, &card(HERS)).await;
        assert!(matches!(refused, Err(CredentialError::Unknown(_))), "{refused:?}");
        assert_eq!(links(&lab.workflows, person).await, []);
        let told = lab.events().await;
        let reasons: Vec<&str> = told
            .iter()
            .filter_map(|event| match event {
                AuditEvent::CredentialContradicted { reason, .. } => Some(reason.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(reasons, ["not_active", "unknown_person"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_show_one_number_at_once_are_one_bearer_and_one_question() {
    on_each(async |lab| {
        let proof = card(HERS);
        let (one, other) = tokio::join!(
            lab.workflows.credential_proved(lab.doctor.id, &proof),
            lab.workflows.credential_proved(lab.colleague.id, &proof),
        );
        let outcomes = [one.expect("answered"), other.expect("answered")];
        let made =
            |outcome: &&CredentialOutcome| matches!(outcome, CredentialOutcome::Linked { .. });
        assert_eq!(outcomes.iter().filter(made).count(), 1, "{outcomes:?}");
        let doctor = links(&lab.workflows, lab.doctor.id).await;
        let colleague = links(&lab.workflows, lab.colleague.id).await;
        assert_eq!(doctor.len() + colleague.len(), 1);
        // Whoever came second is asked about, once.
        let asked = outcomes.iter().find_map(|outcome| match outcome {
            CredentialOutcome::Contradicts { reason: Contradiction::BorneByAnother, case } => *case,
            _ => None,
        });
        let question = case(&lab, asked.expect("a question")).await;
        let second = if doctor.is_empty() { lab.doctor.id } else { lab.colleague.id };
        assert_eq!((question.state, question.person), (CaseState::Open, Some(second)));
        let reader = lab.workflows.store().read();
        assert_eq!(reader.cases().of(second).await.expect("cases").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_bears_a_former_number_proves_the_one_that_it_became() {
    on_each(async |lab| {
        let (former, current) = (HERS, OTHER);
        let [from, to] = [former, current].map(|number| number.parse().expect("a number"));
        lab.workflows.keep_alias(&officer(), from, to, "order_certificate").await.expect("kept");
        let person = lab.doctor.id;
        linked(&lab, person, former, Channel::RegisterMatch).await;
        // Her colleague cannot have the same number by its newer name.
        let taken = lab.workflows.credential_proved(lab.colleague.id, &card(current)).await;
        let taken = taken.expect("answered");
        assert!(
            matches!(
                taken,
                CredentialOutcome::Contradicts { reason: Contradiction::BorneByAnother, .. }
            ),
            "{taken:?}"
        );
        let CredentialOutcome::Linked { link, .. } = shown(&lab, person, former).await else {
            panic!("not linked")
        };
        let expected = [(current.to_owned(), Channel::CredentialProved)];
        assert_eq!(links(&lab.workflows, person).await, expected);
        for number in [former, current] {
            assert_eq!(shown(&lab, person, number).await, CredentialOutcome::Known(link));
        }
    })
    .await;
}

#[tokio::test]
async fn what_another_bears_is_linked_by_hand_on_an_identity_document_alone() {
    on_each(async |lab| {
        let person = lab.doctor.id;
        let held = linked(&lab, lab.colleague.id, HERS, Channel::RegisterMatch).await;
        let CredentialOutcome::Contradicts { case: Some(id), .. } = shown(&lab, person, HERS).await
        else {
            panic!("no question")
        };
        lab.workflows
            .unlink_identity(&officer(), lab.colleague.id, held, "essai")
            .await
            .expect("ended");
        let link = |evidence: &str| Decision::Link {
            candidate: HERS.to_owned(),
            evidence: evidence.to_owned(),
        };
        let wish =
            DecideCase { case: id, version: None, decision: link("professional_card"), note: None };
        let refused = lab.workflows.decide_case(&officer(), wish).await;
        assert!(matches!(refused, Err(crate::CaseError::DoesNotFit)), "{refused:?}");
        decide(&lab, id, link("identity_document")).await;
        assert_eq!(links(&lab.workflows, person).await, [(HERS.to_owned(), Channel::HumanDecided)]);
    })
    .await;
}

#[tokio::test]
async fn whatever_settles_a_question_ends_the_accord_that_waited_about_it() {
    for settled_by in [None, Some(Decision::NoneFits), Some(Decision::AskHr)] {
        on_each(async |lab| {
            let person = lab.doctor.id;
            let id = asked(&lab, person, [HERS, OTHER]).await;
            let now = lab.workflows.now();
            let accord = store::Accord {
                id: lab.workflows.id(),
                act: "link_identity".to_owned(),
                payload: "{}".to_owned(),
                asked_by: person,
                asked_at: now,
                expires_at: now + crate::LINK_ACCORD,
                answered_by: None,
                answered_at: None,
                given: false,
                case: Some(id),
                asked_with: None,
            };
            let tx = lab.workflows.store().begin().await.expect("begun");
            tx.accords().ask(&accord).await.expect("asked");
            commit(tx, person).await;
            match settled_by.clone() {
                Some(decision) => {
                    decide(&lab, id, decision).await;
                }
                None => {
                    let outcome = shown(&lab, person, HERS).await;
                    assert!(matches!(outcome, CredentialOutcome::Linked { .. }), "{outcome:?}");
                }
            }
            let reader = lab.workflows.store().read();
            let ended = reader.accords().find(accord.id).await.expect("read").expect("kept");
            assert_eq!((ended.answered_at, ended.given), (Some(now), false));
            assert_eq!(reader.accords().waiting_about(id, now).await.expect("read"), None);
            let told = lab.events().await;
            let refused = |event: &&AuditEvent| {
                matches!(event, AuditEvent::AccordRefused { accord: ended, case, .. }
                if *ended == accord.id && *case == Some(id))
            };
            assert_eq!(told.iter().filter(refused).count(), 1, "{told:?}");
        })
        .await;
    }
}

#[test]
fn a_card_is_of_whoever_has_a_family_name_of_it() {
    let known = |families: [&str; 2], given: &str| {
        let families = families.map(|name| Some(name).filter(|name| !name.is_empty()));
        Known::by(families, [Some(given), None])
    };
    for (ours, theirs, expected) in [
        ((["MARTIN", ""], "Marie"), (["MARTIN", ""], "Anne"), true),
        // Two Maries, or two whose names begin alike, are two.
        ((["MARTIN", ""], "Marie"), (["DURAND", ""], "Marie"), false),
        ((["de La Tour", ""], "Marie"), (["de La Roche", ""], "Marie"), false),
        ((["LE GOFF", ""], "Marie"), (["LE BRIS", ""], "Marie"), false),
        // The name of birth here, of use there; a double name and one half of it; a particle written on.
        ((["DURAND", "MARTIN"], "Marie"), (["ROUX", "DURAND"], "Marie"), true),
        ((["MARTIN-DURAND", ""], "Marie"), (["DURAND", ""], "Marie"), true),
        ((["de La Tour", ""], "Marie"), (["DELATOUR", ""], "Marie"), true),
        // A slip of a letter, where the given name agrees.
        ((["MARTIN", ""], "Marie"), (["MARTTIN", ""], "Marie"), true),
        ((["MARTIN", ""], "Marie"), (["MARTTIN", ""], "Anne"), false),
        // A source that swaps the two; one of them alone is no swap.
        ((["Marie", ""], "MARTIN"), (["MARTIN", ""], "Marie"), true),
        ((["Marie", ""], "MARTIN"), (["DURAND", ""], "Marie"), false),
    ] {
        let (one, other) = (known(ours.0, ours.1), known(theirs.0, theirs.1));
        assert_eq!(one.may_be(&other), expected, "{ours:?} {theirs:?}");
        assert_eq!(other.may_be(&one), expected, "{theirs:?} {ours:?}");
    }
}

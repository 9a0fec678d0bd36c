//! S04 Two Marie Martins, whole but for the badge: nothing is linked by name, the officer links one, refuses one, asks
//! HR for one; a card presented later proves the last, and her question is settled without a human.
use crate::house::{House, hospital};
use audit::{AuditEvent, AuditRecord};
use authentication::{CredentialKind, CredentialProof};
use directory::{Case, CaseKind, CaseState, Channel, Decision};
use kernel::{IdNat, PersonId};
use workflows::{Contradiction, CredentialOutcome, DecideCase};

/// The record of a persona, and her number in the register.
async fn persona(house: &House, key: &str) -> (PersonId, IdNat) {
    let told = hospital().1.persona(key).expect("a persona");
    let id_nat = format!("8{}", told.rpps).parse().expect("a number");
    let reader = house.workflows.store().read();
    for person in reader.people().all().await.expect("people") {
        let posts = reader.posts().of(person.id).await.expect("posts");
        if posts.iter().any(|post| post.fields.matricule.to_string() == told.matricule) {
            return (person.id, id_nat);
        }
    }
    panic!("nobody bears the matricule {}", told.matricule);
}

async fn links(house: &House, person: PersonId) -> Vec<(IdNat, Channel)> {
    let links = house.workflows.store().read().national_identities().of(person).await;
    links.expect("links").into_iter().map(|link| (link.id_nat, link.channel)).collect()
}

/// The question about who she is in the register.
async fn question(house: &House, person: PersonId) -> Case {
    let cases = house.workflows.store().read().cases().of(person).await.expect("cases");
    let mut about = cases.into_iter().filter(|case| case.kind == CaseKind::NationalIdentity);
    let case = about.next().expect("a question");
    assert!(about.next().is_none(), "asked twice");
    case
}

fn candidates(case: &Case) -> Vec<String> {
    let payload: serde_json::Value = serde_json::from_str(&case.payload).expect("JSON");
    let listed = payload["candidates"].as_array().expect("candidates").iter();
    listed.map(|one| one["id_nat"].as_str().expect("a number").to_owned()).collect()
}

async fn decide(house: &House, case: &Case, decision: Decision) -> CaseState {
    let wish = DecideCase { case: case.id, version: Some(case.version), decision, note: None };
    let officer = house.officer(7);
    house.workflows.decide_case(&officer, wish).await.expect("decided").state
}

async fn shows_card(house: &House, person: PersonId, id_nat: &IdNat) -> CredentialOutcome {
    let proof = CredentialProof::verified(CredentialKind::Card, id_nat.clone(), [9; 32]);
    house.workflows.credential_proved(person, &proof).await.expect("answered")
}

#[tokio::test]
async fn s04_the_officer_decides_two_and_a_card_proves_the_last() {
    House::on_each(async |house| {
        house.first_morning().await;
        let (single, hers) = persona(&house, "homonym").await;
        let (married, of_married) = persona(&house, "homonym_married").await;
        for (person, number) in [(single, &hers), (married, &of_married)] {
            assert_eq!(links(&house, person).await, [], "nothing is linked by name");
            let shown = candidates(&question(&house, person).await);
            assert_eq!(shown.len(), 3);
            assert!(shown.iter().any(|candidate| *candidate == number.to_string()));
        }

        // One is linked on evidence, one refused, HR is asked for one.
        let link =
            Decision::Link { candidate: hers.to_string(), evidence: "diploma".to_owned() };
        let first = question(&house, single).await;
        assert_eq!(decide(&house, &first, link).await, CaseState::Decided);
        assert_eq!(links(&house, single).await, [(hers.clone(), Channel::HumanDecided)]);
        let open = house.workflows.store().read().cases().in_state(CaseState::Open, 500).await;
        let open = open.expect("cases");
        let other = open.iter().find(|case| {
            case.kind == CaseKind::NationalIdentity && case.person.is_some_and(|id| id != married)
        });
        let other = other.expect("another doubt");
        assert_eq!(decide(&house, other, Decision::NoneFits).await, CaseState::Decided);
        let asked = question(&house, married).await;
        assert_eq!(decide(&house, &asked, Decision::AskHr).await, CaseState::AskedHr);
        assert_eq!(links(&house, married).await, []);

        // A card of somebody else proves nothing: not the namesake's, not one of another name.
        let taken = shows_card(&house, married, &hers).await;
        let refused = |outcome: &CredentialOutcome, expected: Contradiction| {
            matches!(outcome, CredentialOutcome::Contradicts { reason, case: Some(_) } if *reason == expected)
        };
        assert!(refused(&taken, Contradiction::BorneByAnother), "{taken:?}");
        let (nurse, of_nurse) = persona(&house, "nurse").await;
        let linked = house.workflows.store().read().national_identities().of(nurse).await;
        let linked = linked.expect("links").pop().expect("the nurse was linked");
        let officer = house.officer(7);
        house.workflows.unlink_identity(&officer, nurse, linked.id, "essai").await.expect("unlinked");
        let lent = shows_card(&house, married, &of_nurse).await;
        assert!(refused(&lent, Contradiction::NamesDiffer), "{lent:?}");
        assert_eq!(links(&house, married).await, []);

        // Her own does: her question is settled. That two wrong cards were shown is for a human to look at.
        let proved = shows_card(&house, married, &of_married).await;
        let CredentialOutcome::Linked { settled, .. } = proved else { panic!("{proved:?}") };
        assert_eq!(settled, [asked.id]);
        assert_eq!(links(&house, married).await, [(of_married.clone(), Channel::CredentialProved)]);
        assert_eq!(links(&house, single).await, [(hers, Channel::HumanDecided)]);
        let cases = house.workflows.store().read().cases().of(married).await.expect("cases");
        let waiting = cases.iter().filter(|case| case.state != CaseState::Decided);
        assert!(waiting.clone().all(|case| case.dedupe_key.starts_with("credential|")));
        assert_eq!(waiting.count(), 2);

        // The next night asks nobody about either, and makes nothing else of them.
        let run = house.reconcile().await;
        assert_eq!((run.counts.link, run.counts.doubt), (0, 0));
        said(&house, married).await;
        house.audit_holds().await;
    })
    .await;
}

/// The journal says the link, by which channel, and the two cards that were not hers.
async fn said(house: &House, person: PersonId) {
    let entries = house.workflows.store().read().audit().unsealed(100_000).await.expect("journal");
    let events = entries
        .iter()
        .filter_map(|entry| AuditRecord::from_bytes(entry.body.as_bytes()).ok())
        .map(|record| record.event)
        .filter(|event| event.subject() == Some(person));
    let (mut linked, mut contradicted) = (0, 0);
    for event in events {
        match event {
            AuditEvent::NationalIdentityLinked { channel, .. } => {
                assert_eq!(channel.as_str(), "credential_proved");
                linked += 1;
            }
            AuditEvent::CredentialContradicted { .. } => contradicted += 1,
            _ => {}
        }
    }
    assert_eq!((linked, contradicted), (1, 2));
}

//! A number that two people claim names neither of them to applications, until a human has answered.
use super::*;
use directory::{Case, CaseKind, CaseState};
use kernel::PersonId;

const NUMBER: &str = "899900001233";

impl House {
    /// A question about this person, that her card put where `claims` says so.
    async fn question(&self, person: PersonId, claims: Option<&str>) -> Case {
        let case = Case {
            id: self.workflows.id(),
            kind: CaseKind::NationalIdentity,
            state: CaseState::Open,
            person: Some(person),
            source: None,
            external_key: None,
            dedupe_key: format!("test|{person}"),
            payload: "{}".to_owned(),
            priority: 0,
            opened_at: self.workflows.now(),
            decided_at: None,
            decided_by: None,
            decision: None,
            note: None,
            assigned_to: None,
            claims: claims.map(|number| number.parse().expect("a number")),
            version: 1,
        };
        self.write(async |tx| assert!(tx.cases().open(&case).await.expect("opened"))).await;
        case
    }

    async fn answered(&self, case: &Case, state: CaseState) {
        let decided = (state == CaseState::Decided).then(|| self.workflows.now());
        let answered = Case { state, decided_at: decided, ..case.clone() };
        self.write(async |tx| tx.cases().save(&answered).await.expect("saved")).await;
    }

    /// A newcomer of whom HR says this number.
    async fn newcomer(&self, declared: Option<&str>) -> PersonId {
        let newcomer = Person {
            id: self.workflows.id(),
            declared_rpps: declared.map(|number| number.parse().expect("RPPS")),
            ..self.person.clone()
        };
        self.write(async |tx| tx.people().insert(&newcomer).await.expect("person")).await;
        newcomer.id
    }

    async fn linked_by(&self, channel: Channel) {
        self.write(async |tx| {
            let links = tx.national_identities();
            let link = links.of(self.person.id).await.expect("read").remove(0);
            links.end(link.id, self.workflows.now()).await.expect("ended");
            let link = NationalIdentity { id: self.workflows.id(), channel, ..link };
            links.insert(&link).await.expect("linked");
        })
        .await;
    }

    /// Whether an application hears the number, in the ID token and at userinfo alike.
    async fn is_told(&self) -> bool {
        let claims = r#"{"userinfo":{"rpps":null},"id_token":{"rpps":null}}"#;
        let tokens = self.redeem(&self.code(&[("claims", claims)]).await).await.expect("tokens");
        let id_token = claims_of(&tokens.id_token);
        let info = self.userinfo(&tokens.access_token).await.expect("claims");
        let told = [&id_token, &info].map(|claims| claims.get("rpps").is_some());
        assert_eq!(told[0], told[1], "{id_token} {info}");
        told[0]
    }
}

#[tokio::test]
async fn da_12_a_number_that_a_card_of_somebody_else_claims_is_told_of_nobody() {
    on_each(async |house| {
        let newcomer = house.newcomer(None).await;
        let case = house.question(newcomer, Some(NUMBER)).await;
        for (channel, told) in [
            (Channel::RegisterMatch, false),
            (Channel::HrDeclaredChecked, false),
            (Channel::HumanDecided, false),
            (Channel::CredentialProved, true),
        ] {
            house.linked_by(channel).await;
            assert_eq!(house.is_told().await, told, "{channel:?}");
        }
        house.linked_by(Channel::RegisterMatch).await;
        house.answered(&case, CaseState::Decided).await;
        assert!(house.is_told().await, "answered");
    })
    .await;
}

#[tokio::test]
async fn da_12_a_number_that_hr_says_of_somebody_else_is_told_of_nobody() {
    on_each(async |house| {
        let newcomer = house.newcomer(Some(&NUMBER[1..])).await;
        house.linked_by(Channel::HrDeclaredChecked).await;
        assert!(house.is_told().await, "nobody asks who the newcomer is");
        let case = house.question(newcomer, None).await;
        for (channel, told) in [
            (Channel::RegisterMatch, false),
            (Channel::HrDeclaredChecked, false),
            // Whoever decided had an identity document in hand, and HR a keyboard.
            (Channel::HumanDecided, true),
            (Channel::CredentialProved, true),
        ] {
            house.linked_by(channel).await;
            assert_eq!(house.is_told().await, told, "{channel:?}");
        }
        house.linked_by(Channel::RegisterMatch).await;
        house.answered(&case, CaseState::AskedHr).await;
        assert!(!house.is_told().await, "HR was asked, and has not answered");
        house
            .write(async |tx| {
                let mut newcomer = tx.people().lock(newcomer).await.expect("read").expect("there");
                newcomer.declared_rpps = None;
                tx.people().save(&newcomer).await.expect("saved");
            })
            .await;
        assert!(house.is_told().await, "HR took it back");
    })
    .await;
}

#[tokio::test]
async fn da_12_who_proves_another_number_than_hers_is_named_by_neither() {
    on_each(async |house| {
        house.linked_by(Channel::RegisterMatch).await;
        let case = house.question(house.person.id, Some("899900004567")).await;
        assert!(!house.is_told().await);
        house.answered(&case, CaseState::Decided).await;
        assert!(house.is_told().await);
        // A doubt about herself that no card put changes nothing.
        house.question(house.person.id, None).await;
        assert!(house.is_told().await);
    })
    .await;
}

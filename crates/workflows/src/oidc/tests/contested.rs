//! A number that two people claim names neither of them to applications, until a human has answered.
use super::*;
use directory::{Case, CaseKind, CaseState};
use kernel::PersonId;

const NUMBER: &str = "899900001233";
const OTHER: &str = "899900004567";
const ADELI: &str = "0750000013";

impl House {
    /// A question about this person, that her card put where `claims` says so.
    async fn question(&self, person: PersonId, claims: Option<&str>) -> Case {
        self.question_about(person, claims, &[]).await
    }

    /// The same, with these numbers to choose from, under the name that a run of the register gives it.
    async fn question_about(
        &self,
        person: PersonId,
        claims: Option<&str>,
        candidates: &[&str],
    ) -> Case {
        let case = Case {
            id: self.workflows.id(),
            kind: CaseKind::NationalIdentity,
            state: CaseState::Open,
            person: Some(person),
            source: None,
            external_key: None,
            dedupe_key: format!("national_identity|{person}|{}", candidates.join(",")),
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

    async fn changed(&self, person: PersonId, change: impl Fn(&mut Person)) {
        self.write(async |tx| {
            let mut person = tx.people().lock(person).await.expect("read").expect("there");
            change(&mut person);
            tx.people().save(&person).await.expect("saved");
        })
        .await;
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
        let case = house.question_about(newcomer, None, &[OTHER, NUMBER]).await;
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
        house.changed(newcomer, |newcomer| newcomer.declared_rpps = None).await;
        assert!(house.is_told().await, "HR took it back");
    })
    .await;
}

/// A number that is wrongly held back stops care: HR's word counts within the question that would answer it.
#[tokio::test]
async fn da_12_hr_holds_a_number_back_only_where_a_question_is_about_it_and_whoever_claims_it_is_here()
 {
    on_each(async |house| {
        house.linked_by(Channel::RegisterMatch).await;
        let newcomer = house.newcomer(Some(&NUMBER[1..])).await;
        let longer = format!("{NUMBER}1");
        let elsewhere: [&[&str]; 3] = [&[], &[OTHER], &[&longer]];
        for candidates in elsewhere {
            house.question_about(newcomer, None, candidates).await;
            assert!(house.is_told().await, "{candidates:?}: another question of hers");
        }
        house.question_about(newcomer, None, &[NUMBER]).await;
        assert!(!house.is_told().await);
        house.changed(newcomer, |newcomer| newcomer.state = PersonState::Suspended).await;
        assert!(!house.is_told().await, "she may come back tomorrow");
        house.changed(newcomer, |newcomer| newcomer.state = PersonState::Closed).await;
        assert!(house.is_told().await, "whoever left claims nothing");
    })
    .await;
}

/// What a client like those of Pro Santé Connect hears, in the ID token and at userinfo: the number, and the name of the login.
async fn named(house: &House, secret: &str) -> (Option<String>, String) {
    let claims = r#"{"id_token":{"SubjectNameID":null,"preferred_username":null}}"#;
    let asked = [("client_id", "psc"), ("scope", "openid scope_all"), ("claims", claims)];
    let code = house.code(&asked).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://dpi.test/cb"),
    ];
    let tokens = house.redeem_with("psc", secret, &form).await.expect("tokens");
    let info = house.userinfo(&tokens.access_token).await.expect("claims");
    let [id_token, info] = [claims_of(&tokens.id_token), info].map(|claims| {
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        (text("SubjectNameID"), text("preferred_username").expect("a name"))
    });
    assert_eq!(id_token, info);
    info
}

#[tokio::test]
async fn da_12_no_other_number_is_told_in_place_of_one_that_is_held_back() {
    on_each(async |house| {
        let mut draft = ClientDraft::new("PSC", Profile::PscLike, AuthMethod::ClientSecretPost);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some("psc".to_owned()), draft };
        let created = house.workflows.create_client(&Actor::command_line(0), wish).await;
        let secret = created.expect("client").secret.expect("a confidential client");
        let by = |number: &str| (Some(number.to_owned()), number.to_owned());
        let nobody = (None, "aslegoff".to_owned());
        house.linked_by(Channel::RegisterMatch).await;
        house
            .write(async |tx| {
                let links = tx.national_identities();
                let link = links.of(house.person.id).await.expect("read").remove(0);
                let id_nat = ADELI.parse().expect("IdNat");
                let adeli = NationalIdentity { id: house.workflows.id(), id_nat, ..link };
                links.insert(&adeli).await.expect("linked");
            })
            .await;
        assert_eq!(named(&house, secret.expose()).await, by(NUMBER));
        let newcomer = house.newcomer(None).await;
        let about_rpps = house.question(newcomer, Some(NUMBER)).await;
        assert_eq!(named(&house, secret.expose()).await, nobody, "and not the ADELI");
        house.answered(&about_rpps, CaseState::Decided).await;
        assert_eq!(named(&house, secret.expose()).await, by(NUMBER));
        house.question(newcomer, Some(ADELI)).await;
        assert_eq!(named(&house, secret.expose()).await, by(NUMBER), "it stands by itself");
    })
    .await;
}

#[tokio::test]
async fn da_12_who_proves_another_number_than_hers_is_named_by_neither() {
    on_each(async |house| {
        house.linked_by(Channel::RegisterMatch).await;
        let case = house.question(house.person.id, Some(OTHER)).await;
        assert!(!house.is_told().await);
        house.answered(&case, CaseState::Decided).await;
        assert!(house.is_told().await);
        // A doubt about herself that no card put changes nothing.
        house.question(house.person.id, None).await;
        assert!(house.is_told().await);
    })
    .await;
}

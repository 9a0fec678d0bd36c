//! Under which exercise somebody acts: asked where several count here, kept for the session, told to applications.
use super::*;
use crate::oidc::OwnExercise;
use ::oidc::Acr;
use identity::register::{
    Column, ExtractKind, ExtractSummary, ReadProgress, ReadStep, RegisterBatch,
};
use std::ops::ControlFlow;
use store::register::RegisterImport;

/// The open extract, one line an activity: profession, its word, speciality, structure.
struct Extract<'a>(&'a [[&'a str; 4]], u32);

impl RegisterReading for Extract<'_> {
    fn kind(&self) -> ExtractKind {
        ExtractKind::Open
    }
    fn path(&self) -> &Path {
        Path::new("PS_LibreAcces_Personne_activite_202611201013.txt")
    }
    fn progress(&self) -> ReadProgress {
        ReadProgress::default()
    }
    fn next_batch(&mut self, batch: &mut RegisterBatch) -> Result<ReadStep, RegisterFault> {
        self.1 += 1;
        if self.1 > 1 {
            return Ok(ReadStep::Done(ExtractSummary {
                path: self.path().to_owned(),
                kind: self.kind(),
                sha256: "00".to_owned(),
                bytes: 1,
                lines: self.0.len() as u64,
                left_out: 0,
                warnings: vec![],
            }));
        }
        let columns = [
            Column::IdNat,
            Column::ExerciseFamily,
            Column::ExerciseGiven,
            Column::Profession,
            Column::ProfessionLabel,
            Column::Skill,
            Column::FinessEntity,
            Column::StructureName,
        ];
        let mut text = String::new();
        let mut rows = Vec::new();
        for [profession, label, skill, entity] in self.0 {
            let cells =
                ["899900001233", "LE GOFF", "ANNE", profession, label, skill, entity, "CH DE X"];
            let span = |cell: &str| {
                let start = text.len() as u32;
                text.push_str(cell);
                (start, text.len() as u32)
            };
            rows.push(cells.map(span).to_vec());
        }
        batch.shape(&columns);
        batch.set_text(text);
        rows.iter().zip(2..).for_each(|(spans, line)| batch.add_row(line, spans));
        Ok(ReadStep::Rows)
    }
}

const DOCTOR: [&str; 4] = ["10", "Médecin", "SM04", "990000010"];
const PSYCHOLOGIST: [&str; 4] = ["93", "Psychologue", "", "990000010"];
const ELSEWHERE: [&str; 4] = ["10", "Médecin", "SM04", "990000099"];

impl House {
    fn knows(&self, lines: &[[&str; 4]]) {
        let folder = &self.workflows.parts().register_folder;
        let mut import = RegisterImport::begin(folder).expect("begun");
        import.fill(&mut Extract(lines, 0), &mut |_| ControlFlow::Continue(())).expect("read");
        import.finish(self.workflows.now()).expect("kept");
    }

    /// Somebody's application as Pro Santé Connect's are, with what it needs of an exercise in the ID token too.
    async fn psc(&self) -> String {
        let mut draft = ClientDraft::new("DMP", Profile::PscLike, AuthMethod::ClientSecretPost);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        draft.claims = ["codeProfession", "rpps"].map(str::to_owned).into();
        draft.security.refresh_seconds = Some(3600);
        let wish = CreateClient { client_id: Some("psc".to_owned()), draft };
        let made = self.workflows.create_client(&Actor::command_line(0), wish).await;
        made.expect("client").secret.expect("secret").expose().to_owned()
    }

    async fn her_exercises(&self) -> Vec<OwnExercise> {
        self.workflows.own_exercises(&self.current().await).await.expect("read")
    }

    async fn chooses(&self, profession: &str) -> bool {
        let own = self.her_exercises().await;
        let one = own.iter().find(|one| one.profession == profession).expect("one of hers");
        let (current, mark) = (self.current().await, one.mark.to_string());
        self.workflows.choose_exercise(&current, &mark).await.expect("answered")
    }

    /// What the application is answered, and the claims when it got a code.
    async fn tells(&self, secret: &str, more: &[(&str, &str)]) -> Result<TokenResponse, String> {
        let psc = [("client_id", "psc"), ("scope", "openid scope_all")];
        let kept = psc.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let asked: Vec<_> = kept.chain(more.iter().copied()).collect();
        match told(self.authorize(&asked).await) {
            Told::Other(other) => Err(other),
            Told::Code(code) => {
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", code.as_str()),
                    ("redirect_uri", "https://dpi.test/cb"),
                ];
                Ok(self.redeem_with("psc", secret, &form).await.expect("tokens"))
            }
        }
    }

    async fn role_of(&self, tokens: &TokenResponse) -> Value {
        let told = self.userinfo(&tokens.access_token).await.expect("claims");
        assert_eq!(told["SubjectNameID"], "899900001233", "her number is told in any case");
        told["SubjectRole"].clone()
    }
}

#[tokio::test]
async fn i_13_whoever_practises_here_in_two_ways_says_under_which_she_acts() {
    on_each(async |house| {
        house.knows(&[DOCTOR, PSYCHOLOGIST, ELSEWHERE]);
        let secret = house.psc().await;
        let asked = "which of Médecin, Psychologue";
        // Asked by every request that tells of it, and by nothing else.
        assert_eq!(house.tells(&secret, &[]).await.err().as_deref(), Some(asked));
        let silent = house.tells(&secret, &[("prompt", "none")]).await;
        assert_eq!(silent.err().as_deref(), Some("interaction_required"));
        let plain = house.tells(&secret, &[("scope", "openid profile")]).await;
        assert!(plain.is_ok(), "a name needs no exercise");
        let one = [("scope", "openid"), ("claims", r#"{"id_token":{"codeProfession":null}}"#)];
        assert_eq!(house.tells(&secret, &one).await.err().as_deref(), Some(asked));
        // A word that names none of hers is no word.
        let current = house.current().await;
        for forged in ["", "0", &"0".repeat(64)] {
            let kept = house.workflows.choose_exercise(&current, forged).await.expect("answered");
            assert!(!kept, "{forged}");
        }
        assert!(house.events().await.iter().all(|event| event != "exercise_chosen"));
        assert!(house.chooses("Psychologue").await);
        let tokens = house.tells(&secret, &[("prompt", "none")]).await.expect("tokens");
        let psychologist = house.role_of(&tokens).await;
        assert!(psychologist.to_string().contains("93"), "{psychologist}");
        // Every node says the same, a refresh too.
        let refresh = tokens.refresh_token.as_ref().expect("refresh").expose().to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let again = house.redeem_with("psc", &secret, &form).await.expect("refreshed");
        assert_eq!(house.role_of(&again).await, psychologist);
        for node in house.nodes().await {
            let own = node.own_exercises(&house.current().await).await.expect("read");
            let told: Vec<bool> = own.iter().map(|one| one.is_told).collect();
            assert_eq!(told, [false, true]);
        }
        // She changes it, and what is told follows.
        assert!(house.chooses("Médecin").await && house.chooses("Médecin").await);
        assert!(house.role_of(&again).await.to_string().contains("10"));
        let count = house.events().await.iter().filter(|event| *event == "exercise_chosen").count();
        assert_eq!(count, 2, "the same once more is no act");
    })
    .await;
}

#[tokio::test]
async fn i_13_a_choice_that_no_longer_holds_is_asked_again_and_tells_nothing_until_then() {
    on_each(async |mut house| {
        house.knows(&[DOCTOR, PSYCHOLOGIST]);
        let secret = house.psc().await;
        assert!(house.chooses("Psychologue").await);
        let tokens = house.tells(&secret, &[]).await.expect("tokens");
        // The register ended that exercise.
        house.knows(&[DOCTOR, ELSEWHERE]);
        assert_eq!(house.role_of(&tokens).await, Value::Null);
        assert_eq!(house.tells(&secret, &[]).await.err().as_deref(), Some("which of Médecin"));
        assert!(house.chooses("Médecin").await);
        assert!(house.role_of(&tokens).await.to_string().contains("10"));
        // A new session knows nothing of what was chosen in another.
        house.knows(&[DOCTOR, PSYCHOLOGIST]);
        house.session = open_session(&house.workflows, &house.person, &house.means).await;
        let asked = house.tells(&secret, &[]).await.err();
        assert_eq!(asked.as_deref(), Some("which of Médecin, Psychologue"));
        // Her post moves: none of hers is here, and there is nothing to choose.
        house.post.fields.finess_ej = Some("990000077".parse().expect("FINESS"));
        let tx = house.workflows.store().begin().await.expect("begun");
        let posts = std::slice::from_ref(&house.post);
        tx.posts().replace(house.person.id, house.post.source, posts).await.expect("post");
        tx.commit(noted(&house.person)).await.expect("committed");
        let tokens = house.tells(&secret, &[]).await.expect("tokens");
        assert_eq!(house.role_of(&tokens).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn nobody_chooses_in_a_session_that_is_over_nor_for_a_login_below_the_level() {
    on_each(async |house| {
        house.knows(&[DOCTOR, PSYCHOLOGIST]);
        let (current, own) = (house.current().await, house.her_exercises().await);
        let mark = own[0].mark.to_string();
        house.workflows.log_out(current.clone()).await.expect("closed");
        let kept = house.workflows.choose_exercise(&current, &mark).await.expect("answered");
        assert!(!kept, "the session is over");
    })
    .await;
    on_each(async |house| {
        house.knows(&[DOCTOR, PSYCHOLOGIST]);
        let secret = house.psc().await;
        let actor = Actor::command_line(0);
        let client = house.workflows.show_client_named(&actor, "psc").await.expect("client");
        let mut draft = ClientDraft::from(&client);
        draft.national_identity_acr = Some(Acr::Eidas3);
        let (id, version) = (client.id, client.version);
        house.workflows.change_client(&actor, id, version, draft, true).await.expect("changed");
        // Nothing of an exercise would be told: nothing is asked.
        let tokens = house.tells(&secret, &[]).await.expect("tokens");
        let told = house.userinfo(&tokens.access_token).await.expect("claims");
        assert_eq!(told["SubjectRole"], Value::Null);
    })
    .await;
}

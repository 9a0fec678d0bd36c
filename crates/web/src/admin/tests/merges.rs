//! Two records of one person: what moves, what is refused, and the way back.
use super::lab::{Answer, Caller, Lab, on_each};
use audit::AuditEvent;
use authentication::{Holder, Means, MeansKind, MeansStatus};
use axum::http::{Method, StatusCode, header};
use directory::{Account, Channel, NationalIdentity, Person, Post};
use identity::{AccountFields, ExternalKey, PostFields, ProfessionCode};
use kernel::{ActorId, FixedClock, OsRandomness, PersonId, Role};
use serde_json::json;

/// All that belongs to somebody, as the database holds it.
#[derive(Debug, PartialEq)]
struct Belongings {
    person: Person,
    posts: Vec<Post>,
    accounts: Vec<Account>,
    links: Vec<NationalIdentity>,
    cases: Vec<kernel::CaseId>,
    means: Vec<kernel::MeansId>,
}

async fn of(lab: &Lab, id: PersonId) -> Belongings {
    let reader = lab.workflows.store().read();
    let person = reader.people().find(id).await.expect("read").expect("there");
    let means = reader.means().of(id).await.expect("means");
    let cases = reader.cases().of(id).await.expect("cases");
    Belongings {
        // The version tells that it was touched, which it was.
        person: Person { version: 0, ..person },
        posts: reader.posts().of(id).await.expect("posts"),
        accounts: reader.accounts().of(id).await.expect("accounts"),
        links: reader.national_identities().of(id).await.expect("links"),
        cases: cases.into_iter().map(|case| case.id).collect(),
        means: means.into_iter().map(|means| means.id).collect(),
    }
}

/// An id that nothing bears yet.
fn id<T: From<kernel::Uuid>>() -> T {
    PersonId::new(&FixedClock::at("2026-11-22T08:00:00Z"), &OsRandomness).uuid().into()
}

fn post(person: PersonId) -> Post {
    let fields = PostFields {
        matricule: format!("M{}", &person.to_string()[24..]).parse().expect("matricule"),
        finess_ej: None,
        finess_et: None,
        unit_code: Some("3412".to_owned()),
        unit_label: Some("Cardiologie".to_owned()),
        function_label: Some("Infirmière".to_owned()),
        profession: Some(ProfessionCode("60".to_owned())),
        contract_kind: None,
        starts_on: None,
        ends_on: None,
    };
    Post { id: id(), person, source: id(), fields }
}

fn account(lab: &Lab, person: PersonId) -> Account {
    let account: kernel::AccountId = id();
    Account {
        id: account,
        source: id(),
        external_key: ExternalKey(format!("guid-{account}")),
        person: Some(person),
        fields: AccountFields {
            login: format!("u{account}"),
            upn: None,
            distinguished_name: format!("CN={account}"),
            enabled: true,
            deleted: false,
            expires_at: None,
            must_change_password: false,
        },
        mail: None,
        first_seen: lab.workflows.now(),
    }
}

fn means(lab: &Lab, person: PersonId, kind: MeansKind) -> Means {
    Means {
        id: id(),
        kind,
        status: MeansStatus::Active,
        holder: Some(Holder::Person(person)),
        label: "essai".to_owned(),
        serial: None,
        enrolment: None,
        verifier: None,
        issued_at: lab.workflows.now(),
        activated_at: Some(lab.workflows.now()),
        expires_at: None,
        last_used_at: None,
        version: 1,
    }
}

fn link(lab: &Lab, person: PersonId, id_nat: &str) -> NationalIdentity {
    NationalIdentity {
        id: id(),
        person,
        id_nat: id_nat.parse().expect("number"),
        channel: Channel::HumanDecided,
        evidence: "{}".to_owned(),
        decided_by: ActorId::CommandLine { uid: 0 },
        verified_at: lab.workflows.now(),
        next_check: "2028-11-22".parse().expect("day"),
    }
}

/// What a test gives to a person, in one act.
#[derive(Default)]
struct Gift {
    post: Option<Post>,
    account: Option<Account>,
    means: Option<Means>,
    link: Option<NationalIdentity>,
}

async fn give(lab: &Lab, person: PersonId, gift: Gift) {
    let tx = lab.workflows.store().begin().await.expect("begun");
    if let Some(post) = gift.post {
        tx.posts().insert_all(&[post]).await.expect("post");
    }
    if let Some(account) = gift.account {
        tx.accounts().insert_all(&[account]).await.expect("account");
    }
    if let Some(means) = gift.means {
        tx.means().insert(&means).await.expect("means");
    }
    if let Some(link) = gift.link {
        tx.national_identities().insert(&link).await.expect("link");
    }
    let event = AuditEvent::PersonRead { by: ActorId::Nobody, person };
    tx.commit(event).await.expect("committed");
}

async fn merge(lab: &Lab, caller: &Caller, kept: PersonId, absorbed: PersonId) -> Answer {
    let body = json!({ "kept": kept, "absorbed": absorbed, "evidence": "identity_document",
        "motive": "Même carte d’identité" });
    lab.call(Some(caller), &Method::POST, "/api/v1/merges", Some(&body)).await
}

async fn officer(lab: &Lab) -> Caller {
    let caller = lab.operator(&[Role::SecurityOfficer]).await;
    let mut key = lab.key_of(&caller).await;
    assert_eq!(lab.confirm(&caller, &mut key, "merge_people").await.status, StatusCode::OK);
    caller
}

#[tokio::test]
async fn two_records_become_one_with_all_they_had_and_a_split_gives_back_exactly_what_was() {
    on_each(async |lab| {
        let caller = officer(&lab).await;
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        give(&lab, kept, Gift { post: Some(post(kept)), ..Gift::default() }).await;
        let gift = Gift {
            post: Some(post(absorbed)),
            account: Some(account(&lab, absorbed)),
            means: Some(means(&lab, absorbed, MeansKind::Password)),
            link: Some(link(&lab, absorbed, "810000000016")),
        };
        give(&lab, absorbed, gift).await;
        lab.doubt(absorbed, &["810000000024"]).await;
        let (before, other_before) = (of(&lab, kept).await, of(&lab, absorbed).await);
        let listed = async |identity: &str| {
            let list =
                lab.get(&caller, &format!("/api/v1/people?q=durand&identity={identity}")).await;
            let items = list.body["items"].as_array().expect("items").clone();
            items.iter().map(|line| line["id"].as_str().expect("id").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(listed("verified").await, [absorbed.to_string()]);

        // A number of the register is at stake: somebody else agrees first.
        let asked = merge(&lab, &caller, kept, absorbed).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
        assert_eq!(of(&lab, absorbed).await, other_before, "nothing moves yet");
        let second = lab.operator(&[Role::HrReferent]).await;
        let listed_accords = lab.get(&second, "/api/v1/accords").await;
        let first = &listed_accords.body["items"][0];
        assert_eq!((&first["act"], &first["subject"]), (&json!("merge_people"), &json!(kept)));
        assert_eq!(first["person_name"], "DURAND Marie");
        let give = format!("/api/v1/accords/{}/give", asked.body["id"].as_str().expect("id"));
        let own = lab.call(Some(&caller), &Method::POST, &give, None).await;
        assert_eq!(own.body["code"], "same_person_approves");
        let mut key = lab.key_of(&second).await;
        let given = lab.give(&second, &mut key, "merge_people", &asked.body["id"]).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        let merged = lab.get(&caller, &format!("/api/v1/people/{kept}")).await;
        let told = &merged.body["merges"][0];
        assert_eq!((&told["kept"], &told["other"]["id"]), (&json!(true), &json!(absorbed)));
        let (now, gone) = (of(&lab, kept).await, of(&lab, absorbed).await);
        assert_eq!((now.posts.len(), now.accounts.len(), now.means.len()), (2, 1, 1));
        assert_eq!((now.links.len(), now.cases.len()), (1, 1));
        assert_eq!(now.links[0].verified_at, other_before.links[0].verified_at, "no new link");
        assert!(gone.posts.is_empty() && gone.accounts.is_empty() && gone.means.is_empty());
        assert!(gone.links.is_empty() && gone.cases.is_empty());
        assert_eq!(listed("verified").await, [kept.to_string()]);
        let sheet = lab.get(&caller, &format!("/api/v1/people/{absorbed}")).await;
        assert_eq!(
            (&sheet.body["state"], &sheet.body["merges"][0]["kept"]),
            (&json!("closed"), &json!(false))
        );
        assert_eq!(merge(&lab, &caller, kept, absorbed).await.body["code"], "person_absorbed");
        assert_eq!(merge(&lab, &caller, absorbed, kept).await.body["code"], "person_closed");

        let undo = format!("/api/v1/merges/{}/undo", told["id"].as_str().expect("id"));
        let split = async |motive: &str| {
            let body = json!({ "motive": motive });
            lab.call(Some(&caller), &Method::POST, &undo, Some(&body)).await
        };
        assert_eq!(split(" ").await.body["fields"][0]["code"], "required");
        let back = split("Deux homonymes").await;
        assert_eq!(back.status, StatusCode::OK, "{}", back.body);
        assert_eq!((of(&lab, kept).await, of(&lab, absorbed).await), (before, other_before));
        assert_eq!(split("encore").await.body["code"], "merge_undone");
        assert_eq!(listed("verified").await, [absorbed.to_string()]);
        let words = "people_merged,person_absorbed,merge_moved,people_split,person_given_back,national_identity_moved";
        let journal = lab.get(&caller, &format!("/api/v1/audit?event={words}")).await;
        assert_eq!(journal.body["total"], 7, "the number went and came back: {}", journal.body);
        assert!(
            !journal.body.to_string().contains("homonymes"),
            "a motive is no text of the journal"
        );
    })
    .await;
}

#[tokio::test]
async fn what_contradicts_is_not_made_one() {
    on_each(async |lab| {
        let caller = officer(&lab).await;
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        let refused = async |kept, absorbed| {
            let answer = merge(&lab, &caller, kept, absorbed).await;
            let fields = &answer.body["fields"][0]["code"];
            fields.as_str().or(answer.body["code"].as_str()).unwrap_or_default().to_owned()
        };
        assert_eq!(refused(kept, kept).await, "same_person");
        assert_eq!(refused(kept, id()).await, "person_unknown");
        let colleague = lab.operator(&[Role::Technician]).await;
        assert_eq!(refused(kept, colleague.person).await, "merge_operator");
        assert_eq!(refused(colleague.person, kept).await, "merge_operator");
        // Each with a number of her own.
        let numbered = async |person, number| {
            give(&lab, person, Gift { link: Some(link(&lab, person, number)), ..Gift::default() })
                .await;
        };
        let (one, other) = (lab.person("PETIT").await, lab.person("PETIT").await);
        numbered(one, "810000000016").await;
        numbered(other, "810000000024").await;
        assert_eq!(refused(one, other).await, "merge_two_numbers");
        let with = async |person, kind| {
            give(&lab, person, Gift { means: Some(means(&lab, person, kind)), ..Gift::default() })
                .await;
        };
        with(kept, MeansKind::Password).await;
        with(absorbed, MeansKind::Password).await;
        assert_eq!(refused(kept, absorbed).await, "merge_two_means");
        // A key names its holder: the record with the key is the one that stays.
        let keyed = lab.person("DURAND").await;
        with(keyed, MeansKind::Fido2).await;
        assert_eq!(refused(kept, keyed).await, "merge_key_stays");
        let before = (of(&lab, kept).await, of(&lab, absorbed).await, of(&lab, one).await);
        assert_eq!(refused(keyed, absorbed).await, "");
        assert_eq!(before.0, of(&lab, kept).await);
        assert_eq!(before.2, of(&lab, one).await);
        // A merge that another one stands on is not the first to be undone.
        let merges = lab.get(&caller, &format!("/api/v1/people/{keyed}")).await;
        let first = merges.body["merges"][0]["id"].as_str().expect("id").to_owned();
        let third = lab.person("DURAND").await;
        lab.pass(chrono::Duration::seconds(1));
        assert_eq!(refused(keyed, third).await, "");
        let body = json!({ "motive": "trop tôt" });
        let undo = format!("/api/v1/merges/{first}/undo");
        let answer = lab.call(Some(&caller), &Method::POST, &undo, Some(&body)).await;
        assert_eq!(answer.body["code"], "merge_not_the_last");
    })
    .await;
}

#[tokio::test]
async fn what_happened_to_the_two_as_one_is_undone_before_they_are_two_again() {
    on_each(async |lab| {
        let caller = officer(&lab).await;
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        let merged = merge(&lab, &caller, kept, absorbed).await;
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.body);
        let id = merged.body["merges"][0]["id"].as_str().expect("id").to_owned();
        let split = async || {
            let body = json!({ "motive": "Deux homonymes" });
            let path = format!("/api/v1/merges/{id}/undo");
            lab.call(Some(&caller), &Method::POST, &path, Some(&body)).await
        };
        lab.pass(chrono::Duration::seconds(1));
        let password = means(&lab, kept, MeansKind::Password);
        give(&lab, kept, Gift { means: Some(password.clone()), ..Gift::default() }).await;
        assert_eq!(split().await.body["code"], "merge_means_since");
        let tx = lab.workflows.store().begin().await.expect("begun");
        let revoked = Means { status: MeansStatus::Revoked, ..password };
        tx.means().save(&revoked).await.expect("revoked");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person: kept };
        tx.commit(event).await.expect("committed");
        assert_eq!(split().await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_former_number_and_the_one_that_it_became_are_one_number_to_a_merge() {
    on_each(async |lab| {
        let caller = officer(&lab).await;
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        let (former, current) = ("810000000016", "810000000024");
        for (person, number) in [(kept, former), (absorbed, current)] {
            let gift = Gift { link: Some(link(&lab, person, number)), ..Gift::default() };
            give(&lab, person, gift).await;
        }
        assert_eq!(merge(&lab, &caller, kept, absorbed).await.body["code"], "merge_two_numbers");
        let [former, current] = [former, current].map(|number| number.parse().expect("number"));
        let by = kernel::Actor::command_line(0);
        lab.workflows.keep_alias(&by, former, current, "order_certificate").await.expect("kept");
        let asked = merge(&lab, &caller, kept, absorbed).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_waited_for_about_a_question_that_a_merge_moved() {
    on_each(async |lab| {
        lab.workflows.set_links_take_two(true);
        let caller = officer(&lab).await;
        let second = lab.operator(&[Role::HrReferent]).await;
        let mut key = lab.key_of(&second).await;
        assert_eq!(lab.confirm(&second, &mut key, "link_identity").await.status, StatusCode::OK);
        let (kept, absorbed) = (lab.person("DURAND").await, lab.person("DURAND").await);
        let case = lab.doubt(absorbed, &["810000000024"]).await;
        let link = json!({ "decision": "link", "candidate": "A", "evidence": "diploma" });
        let decide = format!("/api/v1/cases/{case}/decision");
        let choose = async || {
            let known = lab.workflows.store().read().cases().find(case).await.expect("read");
            let tag = format!("\"{}\"", known.expect("there").version);
            let tag = [(header::IF_MATCH, tag.as_str())];
            lab.send(Some(&second), &Method::POST, &decide, Some(&link), &tag).await
        };
        let asked = choose().await;
        assert!(asked.body["accord"]["id"].is_string(), "{}", asked.body);
        let waiting = async || lab.get(&caller, "/api/v1/accords").await.body["total"].clone();
        assert_eq!(waiting().await, 1);
        let merged = merge(&lab, &caller, kept, absorbed).await;
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.body);
        assert_eq!(waiting().await, 0);
        let asked = choose().await;
        assert!(asked.body["accord"]["id"].is_string(), "of the record that stays: {}", asked.body);
        let id = merged.body["merges"][0]["id"].as_str().expect("id").to_owned();
        let body = json!({ "motive": "Deux homonymes" });
        let path = format!("/api/v1/merges/{id}/undo");
        let split = lab.call(Some(&caller), &Method::POST, &path, Some(&body)).await;
        assert_eq!(split.status, StatusCode::OK, "{}", split.body);
        assert_eq!(waiting().await, 0, "she whom the choice was about is another again");
    })
    .await;
}

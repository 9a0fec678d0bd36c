//! What a list tells of people only when it is asked for, and to whom.
use super::lab::{Caller, Lab, on_each};
use audit::AuditEvent;
use axum::http::StatusCode;
use directory::{Account, Post};
use identity::{AccountFields, ExternalKey, PostFields, SourceKind};
use kernel::{
    AccountId, ActorId, Capability, FixedClock, OsRandomness, PersonId, PostId, Role, SourceId,
};
use serde_json::{Value, json};
use workflows::views::SourceDefinition;

const ASKED: &str = "columns=birth_date,entity,sources,accounts";

fn clock() -> FixedClock {
    FixedClock::at("2026-11-22T08:00:00Z")
}

/// Somebody born in 1988 with a post of HR and three accounts: one open, one not, one that is gone.
async fn staff(lab: &Lab, family: &str, sources: [SourceId; 2]) -> PersonId {
    let id = lab.person(family).await;
    let [hr, ad] = sources;
    let fields = PostFields {
        matricule: format!("M-{family}").parse().expect("matricule"),
        finess_ej: Some("990000001".parse().expect("finess")),
        finess_et: None,
        unit_code: None,
        unit_label: None,
        function_label: None,
        profession: None,
        contract_kind: None,
        starts_on: None,
        ends_on: None,
    };
    let post = Post { id: PostId::new(&clock(), &OsRandomness), person: id, source: hr, fields };
    let account = |login: String, enabled: bool, deleted: bool| Account {
        id: AccountId::new(&clock(), &OsRandomness),
        source: ad,
        external_key: ExternalKey(format!("guid-{login}")),
        person: Some(id),
        fields: AccountFields {
            distinguished_name: format!("CN={login}"),
            login,
            upn: None,
            enabled,
            deleted,
            expires_at: None,
            must_change_password: false,
        },
        mail: None,
        first_seen: lab.workflows.now(),
    };
    let login = family.to_lowercase();
    let accounts = [
        account(format!("z-{login}"), false, false),
        account(login.clone(), true, false),
        account(format!("old-{login}"), true, true),
    ];
    let tx = lab.workflows.store().begin().await.expect("begun");
    let mut person = tx.people().find(id).await.expect("read").expect("there");
    person.birth_date = "1988-02-14".parse().ok();
    tx.people().save(&person).await.expect("born");
    tx.posts().insert_all(&[post]).await.expect("post");
    tx.accounts().insert_all(&accounts).await.expect("accounts");
    let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: id, run: None };
    tx.commit(event).await.expect("committed");
    id
}

async fn source(lab: &Lab, name: &str, kind: SourceKind) -> SourceId {
    let id = SourceId::new(&clock(), &OsRandomness);
    let source = SourceDefinition {
        id,
        name: name.to_owned(),
        kind,
        enabled: true,
        definition: String::new(),
        version: 1,
        created_at: lab.workflows.now(),
    };
    let by = ActorId::Nobody;
    let tx = lab.workflows.store().begin().await.expect("begun");
    tx.sources().save(&source, lab.workflows.now(), &by).await.expect("source");
    let (kind, mapping) = (audit::Code::of(kind.name()), audit::Digest::of(b""));
    let event = AuditEvent::SourceAdded { by, source: id, kind, mapping_version: 1, mapping };
    tx.commit(event).await.expect("committed");
    id
}

async fn two_sources(lab: &Lab) -> [SourceId; 2] {
    [
        source(lab, "rh", SourceKind::HrCsv).await,
        source(lab, "annuaire", SourceKind::ActiveDirectory).await,
    ]
}

async fn line(lab: &Lab, caller: &Caller, columns: &str) -> Value {
    let page = lab.get(caller, &format!("/api/v1/people?q=martin&{columns}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page.body["items"][0].clone()
}

#[tokio::test]
async fn a_list_tells_a_birth_an_entity_sources_and_accounts_to_whoever_asks_and_may_read() {
    on_each(async |lab| {
        let sources = two_sources(&lab).await;
        staff(&lab, "MARTIN", sources).await;
        let all = json!({ "birth_date": "1988-02-14", "entity": "990000001",
            "sources": ["annuaire", "rh"],
            "accounts": [{ "login": "martin", "enabled": true },
                { "login": "z-martin", "enabled": false }] });
        for role in Role::ALL {
            let caller = lab.operator(&[role]).await;
            if !role.capabilities().contains(&Capability::ReadPeople) {
                let refused = lab.get(&caller, &format!("/api/v1/people?{ASKED}")).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role:?}");
                let file = format!("/api/v1/people.csv?{ASKED}");
                assert_eq!(lab.file(&caller, &file).await.0, StatusCode::FORBIDDEN, "{role:?}");
                continue;
            }
            let told = line(&lab, &caller, ASKED).await;
            let untold = line(&lab, &caller, "sort=name").await;
            for (field, value) in all.as_object().expect("fields") {
                assert_eq!(told[field], *value, "{role:?} {field}");
                assert!(untold[field].is_null(), "{role:?}: {field} is told unasked");
            }
            let one = line(&lab, &caller, "columns=accounts").await;
            assert_eq!(one["accounts"], all["accounts"], "{role:?}");
            for field in ["birth_date", "entity", "sources"] {
                assert!(one[field].is_null(), "{role:?}: {field} is told unasked");
            }
        }
        let caller = lab.operator(&[Role::Auditor]).await;
        let wrong = lab.get(&caller, "/api/v1/people?columns=birth_place").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        let file = format!("/api/v1/people.csv?q=martin&{ASKED}");
        let (_, text) = lab.file(&caller, &file).await;
        let head = "\"Naissance\";\"Entité\";\"Sources\";\"Comptes AD\"";
        let row = "\"14/02/1988\";\"990000001\";\"annuaire, rh\";\"martin, z-martin (désactivé)\"";
        assert_eq!(text, format!("\u{feff}{head}\r\n{row}\r\n"));
        let (_, usual) = lab.file(&caller, "/api/v1/people.csv?q=martin").await;
        assert!(!usual.contains("1988") && !usual.contains("annuaire"), "{usual}");
    })
    .await;
}

#[tokio::test]
async fn the_indicators_are_sealed_with_what_they_were_counted_on() {
    on_each(async |lab| {
        let sources = two_sources(&lab).await;
        staff(&lab, "MARTIN", sources).await;
        let caller = lab.operator(&[Role::HrReferent]).await;
        let told = lab.get(&caller, "/api/v1/register/indicators").await.body;
        assert_eq!(told["scope"], json!(["990000001"]));
        assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
        let (status, file) = lab.file(&caller, "/api/v1/register/indicators.csv").await;
        assert_eq!(status, StatusCode::OK);
        let (rest, last) = file.trim_end().rsplit_once("\r\n").expect("several lines");
        let (head, rest) = rest.split_once("\r\n").expect("a head");
        assert_eq!(head, "\u{feff}\"Indicateur\";\"Groupe\";\"Atteint\";\"Sur\"");
        assert!(rest.starts_with("\"I-01\";\"\";"), "{rest}");
        assert!(rest.contains("\"Périmètre (FINESS EJ)\";\"990000001\""), "{rest}");
        // Anybody may seal the lines again, and the JSON bears the same seal.
        let seal = audit::Digest::of(format!("{rest}\r\n").as_bytes()).to_string();
        assert!(last.contains(&seal), "{last}");
        assert_eq!(told["digest"], seal);
        let (_, again) = lab.file(&caller, "/api/v1/register/indicators.csv").await;
        assert_eq!(again, file, "the same day, the same file");
        staff(&lab, "DUPONT", sources).await;
        let other = lab.get(&caller, "/api/v1/register/indicators").await.body;
        assert_eq!(other["digest"] == told["digest"], other["items"] == told["items"]);
    })
    .await;
}

#[tokio::test]
async fn a_page_goes_on_where_it_was_when_more_of_it_is_asked_for() {
    on_each(async |lab| {
        let sources = two_sources(&lab).await;
        for number in 0..5 {
            staff(&lab, &format!("MARTIN{number}"), sources).await;
        }
        let caller = lab.operator(&[Role::Technician]).await;
        let first = lab.get(&caller, "/api/v1/people?q=martin&limit=2").await;
        let cursor = first.body["next_cursor"].as_str().expect("more").to_owned();
        let path = format!("/api/v1/people?q=martin&limit=2&cursor={cursor}&{ASKED}");
        let second = lab.get(&caller, &path).await;
        assert_eq!(second.status, StatusCode::OK, "{}", second.body);
        let items = second.body["items"].as_array().expect("items");
        let told = |item: &Value| (item["family"].clone(), item["accounts"][0]["login"].clone());
        let named =
            |number: u8| (json!(format!("MARTIN{number}")), json!(format!("martin{number}")));
        assert_eq!(items.iter().map(told).collect::<Vec<_>>(), [named(2), named(3)]);
    })
    .await;
}

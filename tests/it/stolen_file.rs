//! What a copy of the database file is worth to a thief: text to read, nothing to log in with.
use crate::house::House;
use kernel::{KeyStore, OsRandomness, SigningAlgorithm};
use keystore::MasterKeyFile;
use oidc::{AuthMethod, ClientDraft, Profile};
use workflows::login::FirstAdministrator;
use workflows::oidc::CreateClient;

fn holds(file: &[u8], wanted: &[u8]) -> bool {
    file.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test]
async fn st_02_a_stolen_file_holds_nothing_that_opens_anything() {
    let house = House::open().await;
    house.add_sources().await;
    house.sync("rh").await;
    let (workflows, actor) = (&house.workflows, &house.actor);
    let mut draft =
        ClientDraft::new("DPI-témoin", Profile::Standard, AuthMethod::ClientSecretBasic);
    draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
    draft.id_token_algorithm = Some(SigningAlgorithm::Rs256);
    let wish = CreateClient { client_id: None, draft };
    let client = workflows.create_client(actor, wish).await.expect("client");
    let secret = client.secret.expect("drawn").expose().to_owned();
    workflows.ensure_signing_key(actor, SigningAlgorithm::Rs256).await.expect("key");
    let who = FirstAdministrator { family: "Roy".into(), given: "Ève".into(), mail: None };
    let link = workflows.first_administrator(actor, who).await.expect("link");
    let person = workflows.store().read().people().all().await.expect("people")[0].id;
    let kind = authentication::MeansKind::Fido2;
    let code =
        workflows.give_enrolment_code(actor, person, kind).await.expect("code").text.expose();

    let mut file = std::fs::read(house.folder.join("hygie.db")).expect("file");
    file.extend(std::fs::read(house.folder.join("hygie.db-wal")).expect("write-ahead log"));
    assert!(holds(&file, "DPI-témoin".as_bytes()), "the search finds what is there");
    let link_secret = link.secret.expose();
    let bare_code = code.replace('-', "");
    for (what, text) in [
        ("the client's secret", secret.as_str()),
        ("the first link", link_secret),
        ("the body of the first link", link_secret.split_once('_').expect("a prefix").1),
        ("the desk's code", code.as_str()),
        ("the desk's code, bare", bare_code.as_str()),
    ] {
        assert!(text.len() >= 10, "{what}");
        assert!(!holds(&file, text.as_bytes()), "{what} is in the file");
    }
    let master = std::fs::read(house.folder.join("master.key")).expect("master key");
    for line in master.split(|byte| *byte == b'\n').filter(|line| line.len() >= 32) {
        assert!(!holds(&file, line), "the master key is in the file");
    }
    // PKCS#8 of an RSA key, in any place: `rsaEncryption`, NULL, OCTET STRING.
    let pkcs8 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x04];
    assert!(!holds(&file, &pkcs8), "a private key is in the file");
}

#[test]
fn ky_01_two_installs_share_no_key() {
    let folder = tempfile::tempdir().expect("folder");
    let made = |name: &str| {
        let path = folder.path().join(name);
        MasterKeyFile::create(&path, &OsRandomness).expect("key");
        MasterKeyFile::open(&path).expect("key")
    };
    let (one, other) = (made("one"), made("other"));
    assert_ne!(one.checkpoint_public_key(), other.checkpoint_public_key());
    assert_ne!(
        one.mac("enrolment-code", b"7K3P2Q9XAB"),
        other.mac("enrolment-code", b"7K3P2Q9XAB")
    );
}

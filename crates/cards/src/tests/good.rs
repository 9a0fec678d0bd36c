//! What a good card says.
use super::{Scene, doctor, now};
use crate::{CardKind, InvalidCard, VerifiedCard};
use demo::cards::der::{number, printable};
use demo::cards::{CardProfile, KeyKind, TestPki};
use kernel::IdNatPrefix;

#[test]
fn a_card_says_who_holds_it_and_which_it_is() {
    for key in [KeyKind::P256, KeyKind::Rsa2048] {
        let scene = Scene::of(TestPki::of_keys(key, now()));
        let profile = CardProfile { key, ..doctor() };
        let certificate = scene.pki.issue(&profile);
        let card = scene.judge_bytes(&certificate.der, now()).expect("a good card");
        assert_eq!(card.id_nat().as_str(), "899900001233");
        assert_eq!((card.family(), card.given()), ("LE GOFF-MARTIN", "ANNE-SOPHIE"));
        assert_eq!((card.profession(), card.kind()), (Some(10), CardKind::Cps));
        assert_eq!(card.card_number(), "8025000001/9900001233");
        assert_eq!((card.is_test(), card.until()), (false, profile.until));
        assert_eq!(card.serial(), hex::encode(&profile.serial));
        assert_eq!(card.thumbprint(), crate::verified::thumbprint(&certificate.der));
        assert_eq!(card.authority(), scene.authorities.list()[0].fingerprint);
        assert_eq!(VerifiedCard::from_text(&card.text()), Ok(card));
    }
}

#[test]
fn a_card_in_training_and_one_without_a_profession_are_cards() {
    let scene = Scene::new();
    let training = scene.judge(&CardProfile { kind: Some(number(1)), ..doctor() }).expect("good");
    assert_eq!(training.kind(), CardKind::Cpf);
    let bare = scene.judge(&CardProfile { profession: None, ..doctor() }).expect("good");
    assert_eq!(bare.profession(), None);
}

#[test]
fn cp_04_an_adeli_number_is_no_rpps() {
    let scene = Scene::new();
    for number in ["02A1234567", "0751234567"] {
        let card = scene.judge(&CardProfile { cn: printable(number), ..doctor() }).expect("good");
        assert_eq!(card.id_nat().prefix(), IdNatPrefix::Adeli);
        assert_eq!(card.id_nat().rpps(), None);
    }
    let card = scene.judge(&doctor()).expect("good");
    assert_eq!(card.id_nat().prefix(), IdNatPrefix::Rpps);
    assert_eq!(card.id_nat().rpps().expect("an RPPS").as_str(), "99900001233");
}

#[test]
fn another_text_is_no_card() {
    let text = Scene::new().judge(&doctor()).expect("good").text();
    for bad in [
        String::new(),
        "{}".to_owned(),
        text.replace("899900001233", "99900001233x"),
        text.replace("\"cps\"", "\"cpe\""),
        text.replace("\"is_test\"", "\"is_tested\""),
    ] {
        assert_eq!(VerifiedCard::from_text(&bad).err(), Some(InvalidCard), "{bad}");
    }
}

//! Whose card it is (CP-03, CP-04).
use super::{Scene, doctor, now};
use crate::CardFault;
use demo::cards::CardProfile;
use demo::cards::der::{attribute, oid, printable, sequence, utf8, value};
use proptest::prelude::*;
use std::sync::LazyLock;

const COMMON_NAME: &str = "2.5.4.3";
const SURNAME: &str = "2.5.4.4";
const GIVEN_NAME: &str = "2.5.4.42";

/// A subject of these parts, each a set of attributes.
fn subject(parts: &[&[(&str, Vec<u8>)]]) -> Vec<u8> {
    let set = |part: &&[(&str, Vec<u8>)]| {
        let attributes = part.iter().map(|(id, text)| attribute(id, text));
        value(0x31, &attributes.collect::<Vec<_>>())
    };
    sequence(&parts.iter().map(set).collect::<Vec<_>>())
}

#[test]
fn cp_03_the_three_are_read_in_any_order() {
    let scene = Scene::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let card = scene.judge(&CardProfile { order, ..doctor() }).expect("a good card");
        let read = (card.id_nat().as_str(), card.family(), card.given());
        assert_eq!(read, ("899900001233", "LE GOFF-MARTIN", "ANNE-SOPHIE"), "{order:?}");
    }
}

#[test]
fn cp_03_number_and_names_stand_once_together_or_nowhere() {
    let scene = Scene::new();
    let number = || (COMMON_NAME, printable("899900001233"));
    let other = || (COMMON_NAME, printable("899900004567"));
    let family = || (SURNAME, utf8("ROUX"));
    let given = || (GIVEN_NAME, utf8("MAEL"));
    let title = || ("2.5.4.12", utf8("Médecin"));
    for (name, subject, good) in [
        ("together", subject(&[&[title()], &[number(), family(), given()]]), true),
        ("with a fourth", subject(&[&[number(), family(), given(), title()]]), true),
        ("two numbers in one set", subject(&[&[number(), other(), family(), given()]]), false),
        ("the same number twice", subject(&[&[number(), number(), family(), given()]]), false),
        ("a number before", subject(&[&[other()], &[number(), family(), given()]]), false),
        ("a number behind", subject(&[&[number(), family(), given()], &[other()]]), false),
        ("a surname before", subject(&[&[family()], &[number(), family(), given()]]), false),
        ("a given name behind", subject(&[&[number(), family(), given()], &[given()]]), false),
        ("apart", subject(&[&[number()], &[family()], &[given()]]), false),
        ("two and one", subject(&[&[number(), family()], &[given()]]), false),
        ("no surname", subject(&[&[number(), given()]]), false),
        ("no given name", subject(&[&[number(), family()]]), false),
        ("no number", subject(&[&[family(), given()]]), false),
        ("none", subject(&[&[title()]]), false),
    ] {
        let answer = scene.judge(&CardProfile { subject: Some(subject), ..doctor() });
        let expected = (!good).then_some(CardFault::NameUnreadable);
        assert_eq!(answer.err(), expected, "{name}");
    }
    let bent = [
        value(0x30, &[value(0x30, &[attribute(COMMON_NAME, &utf8("a"))])]),
        sequence(&[value(0x31, &[sequence(&[utf8("a"), utf8("b")])])]),
        sequence(&[value(0x31, &[sequence(&[oid(COMMON_NAME), utf8("a"), utf8("b")])])]),
        sequence(&[value(0x31, &[value(0x31, &[utf8("a")])])]),
    ];
    for subject in bent {
        let answer = scene.judge(&CardProfile { subject: Some(subject), ..doctor() });
        assert_eq!(answer.err(), Some(CardFault::Unreadable));
    }
}

#[test]
fn cp_03_a_name_is_plain_letters_of_a_kind_that_all_read_alike() {
    let scene = Scene::new();
    let long = |count: usize| utf8(&"É".repeat(count));
    let in_two_bytes: Vec<u8> = "ROUX".bytes().flat_map(|byte| [0, byte]).collect();
    for (text, good) in [
        (utf8("ÉLÉONORE-ŸSALINE D’ARC"), true),
        (printable("ROUX"), true),
        (long(256), true),
        (long(257), false),
        (long(4096), false),
        (value(0x1e, &[in_two_bytes]), false),
        (value(0x14, &[b"ROUX".to_vec()]), false),
        (value(0x16, &[b"ROUX".to_vec()]), false),
        (value(0x0c, &[vec![0xff, 0xfe]]), false),
        (printable("ROUX*"), false),
        (printable("ROUX\u{e9}"), false),
        (utf8(""), false),
        (utf8("   "), false),
        (utf8("ROUX\0"), false),
        (utf8("ROUX\n"), false),
        (utf8("RO\u{202e}UX"), false),
        (utf8("RO\u{2066}UX"), false),
        (utf8("RO\u{200b}UX"), false),
        (utf8("RO\u{200f}UX"), false),
        (utf8("\u{feff}ROUX"), false),
        (utf8("ROUX\u{2028}"), false),
        (utf8("RO\u{e0041}UX"), false),
    ] {
        let expected = (!good).then_some(CardFault::NameUnreadable);
        let family = scene.judge(&CardProfile { sn: text.clone(), ..doctor() });
        assert_eq!(family.err(), expected, "surname {text:02x?}");
        let given = scene.judge(&CardProfile { gn: text.clone(), ..doctor() });
        assert_eq!(given.err(), expected, "given name {text:02x?}");
        if !good {
            let number = scene.judge(&CardProfile { cn: text.clone(), ..doctor() });
            assert_eq!(number.err(), expected, "number {text:02x?}");
        }
    }
}

#[test]
fn cp_04_a_number_of_a_structure_names_no_person() {
    use CardFault::{IdentityUnreadable, OfNoPerson};
    let scene = Scene::new();
    for (number, fault) in [
        ("3990000010/1", OfNoPerson),
        ("3990000010/000000018", OfNoPerson),
        ("599900000100012/CPA0001", OfNoPerson),
        ("8999000012/3", OfNoPerson),
        ("/", OfNoPerson),
        ("3990000010", OfNoPerson),
        ("4990000010", OfNoPerson),
        ("599900000100012", OfNoPerson),
        ("1990000010", OfNoPerson),
        ("6990000010", OfNoPerson),
        ("89990000123", IdentityUnreadable),
        ("8999000012333", IdentityUnreadable),
        ("89990000123A", IdentityUnreadable),
        ("99900001233", IdentityUnreadable),
        ("75123456", IdentityUnreadable),
        ("07512345", IdentityUnreadable),
        ("07512345678", IdentityUnreadable),
        ("075123456a", IdentityUnreadable),
        ("075-123456", IdentityUnreadable),
        ("LE GOFF", IdentityUnreadable),
        (" 899900001233", IdentityUnreadable),
        ("８９９９００００１２３３", IdentityUnreadable),
    ] {
        let answer = scene.judge(&CardProfile { cn: utf8(number), ..doctor() });
        assert_eq!(answer.err(), Some(fault), "{number:?}");
    }
}

static SCENE: LazyLock<(Scene, Vec<u8>)> = LazyLock::new(|| {
    let scene = Scene::new();
    let der = scene.pki.issue(&doctor()).der;
    (scene, der)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn cp_03_a_bent_certificate_is_nobody_elses(
        bends in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (scene, good) = &*SCENE;
        let mut bent = good.clone();
        for (place, bit) in bends {
            let place = place.index(bent.len());
            bent[place] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            bent.truncate(cut.index(bent.len()));
        }
        if let Ok(card) = scene.judge_bytes(&bent, now()) {
            prop_assert_eq!(card.id_nat().as_str(), "899900001233");
            prop_assert_eq!(&bent, good);
        }
    }

    #[test]
    fn cp_03_any_bytes_in_the_subject_are_a_holder_or_none(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        family in "\\PC{0,40}",
    ) {
        let (scene, _) = &*SCENE;
        let _judged = crate::holder::Holder::read(&bytes);
        let _judged = crate::holder::Holder::read(&value(0x30, &[bytes]));
        let read = scene.judge(&CardProfile { sn: utf8(&family), ..doctor() });
        if let Ok(card) = read {
            prop_assert_eq!(card.family(), family);
        }
    }
}

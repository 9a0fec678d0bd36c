//! Lists of revoked cards (CP-06).
use super::{Scene, doctor, now};
use crate::{CardFault, ListFault, RevocationList};
use chrono::{DateTime, Duration, Utc};
use demo::cards::der::{bit_string, extension, number, oid, sequence, value};
use demo::cards::{AuthorityProfile, CardProfile, KeyKind, ListProfile, TestAuthority, TestPki};

fn good() -> ListProfile {
    ListProfile::new(7, now())
}

fn read(scene: &Scene, profile: &ListProfile) -> Result<RevocationList, ListFault> {
    RevocationList::read(&scene.pki.issuer.list(profile), &scene.authorities, now())
}

#[test]
fn cp_06_a_list_says_which_cards_are_revoked_and_until_when() {
    for key in [KeyKind::P256, KeyKind::Rsa2048] {
        let mut scene = Scene::of(TestPki::of_keys(key, now()));
        let serials: [&[u8]; 3] = [&doctor().serial, &[1], &[0x80]];
        let profile = ListProfile { number: Some(0x1f2), ..good().revoking(&serials) };
        let list = read(&scene, &profile).expect("a list");
        assert_eq!((list.number(), list.len(), list.is_empty()), ("1f2", 3, false));
        assert_eq!(list.authority(), scene.authorities.list()[0].fingerprint);
        assert_eq!((list.scope(), list.this_update()), (None, profile.this_update));
        assert_eq!(Some(list.next_update()), profile.next_update);
        let pem = scene.pki.issuer.list_pem(&profile);
        let pem = RevocationList::read(pem.as_bytes(), &scene.authorities, now()).expect("PEM");
        assert_eq!(format!("{pem:?}"), format!("{list:?}"));
        scene.lists.take(list, None).expect("newer");
        assert_eq!(scene.lists.lines()[0].number, "1f2");
        assert_eq!(scene.judge(&doctor()).err(), Some(CardFault::Revoked));
        for (serial, good) in [(vec![2], true), (vec![0x80], false), (vec![0x80, 0], true)] {
            let answer = scene.judge(&CardProfile { serial: serial.clone(), ..doctor() });
            assert_eq!(answer.is_ok(), good, "{serial:02x?}");
        }
    }
}

#[test]
fn cp_06_a_list_that_is_not_whole_or_not_signed_is_not_believed() {
    let scene = Scene::new();
    let part = |tag: u8, content: &[u8]| vec![value(tag, &[content.to_vec()])];
    let entries = |critical| ListProfile {
        of_entries: vec![extension("2.5.29.29", critical, &number(1))],
        ..good().revoking(&[&[1]])
    };
    let further =
        |id, critical| ListProfile { further: vec![extension(id, critical, &number(1))], ..good() };
    let places = |place_parts| ListProfile { place_parts, ..good() };
    let place = || vec![value(0xa0, &[value(0xa0, &[value(0x86, &[b"http://a.test".to_vec()])])])];
    let relative = vec![value(0xa0, &[value(0xa1, &[number(1)])])];
    let sha_1 = || Some(sequence(&[oid("1.2.840.113549.1.1.5")]));
    for (name, profile, fault) in [
        ("no number", ListProfile { number: None, ..good() }, Some(ListFault::NumberMissing)),
        ("version 1", ListProfile { version: None, ..good() }, Some(ListFault::NumberMissing)),
        ("no end", ListProfile { next_update: None, ..good() }, Some(ListFault::NextUpdateMissing)),
        ("of soon", at(Duration::minutes(6)), Some(ListFault::Dates)),
        ("of a clock ahead", at(Duration::minutes(5)), None),
        ("ended at birth", ended(), Some(ListFault::Dates)),
        ("a delta", ListProfile { delta_of: Some(6), ..good() }, Some(ListFault::Delta)),
        ("users alone", places(part(0x81, &[0xff])), None),
        ("authorities alone", places(part(0x82, &[0xff])), Some(ListFault::Partial)),
        ("some reasons", places(part(0x83, &[1, 2])), Some(ListFault::Partial)),
        ("no reasons (CP-07)", places(part(0x83, &[])), Some(ListFault::Partial)),
        ("for others", places(part(0x84, &[0xff])), Some(ListFault::Partial)),
        ("attributes alone", places(part(0x85, &[0xff])), Some(ListFault::Partial)),
        ("two places", places([place(), place()].concat()), Some(ListFault::Unreadable)),
        ("a relative place", places(relative), Some(ListFault::Partial)),
        ("critical", further("1.2.3.4", true), Some(ListFault::ExtensionUnknown)),
        ("not critical", further("1.2.3.4", false), None),
        ("two numbers", further("2.5.29.20", false), Some(ListFault::Unreadable)),
        ("entries of others", entries(true), Some(ListFault::ExtensionUnknown)),
        ("entries with a reason", entries(false), None),
        ("a long serial", good().revoking(&[&[9; 21]]), Some(ListFault::Unreadable)),
        (
            "other algorithm",
            ListProfile { algorithm: sha_1(), ..good() },
            Some(ListFault::SignatureWrong),
        ),
    ] {
        assert_eq!(read(&scene, &profile).err(), fault, "{name}");
    }
}

fn at(ahead: Duration) -> ListProfile {
    ListProfile { this_update: now() + ahead, ..good() }
}

fn ended() -> ListProfile {
    ListProfile { next_update: Some(good().this_update), ..good() }
}

#[test]
fn cp_06_a_list_of_another_authority_or_of_nobody_is_not_believed() {
    let scene = Scene::new();
    let pki = &scene.pki;
    let strange = TestPki::new(now());
    let mut bent = pki.issuer.list(&good());
    let last = bent.len() - 1;
    bent[last] ^= 1;
    // RSA with SHA-1, as the frame says it; nobody made the signature.
    let body = sequence(&[sequence(&[oid("1.2.840.113549.1.1.5")]), pki.issuer.name.clone()]);
    let weak = sequence(&[body, sequence(&[oid("1.2.840.113549.1.1.5")]), bit_string(&[7; 64])]);
    let pem = pki.issuer.pem();
    let named_otherwise = pki.issuer.list_pem(&good()).replace("X509 CRL", "X509 LIST");
    let large = vec![0x30; 64 * 1024 * 1024 + 1];
    for (name, list, fault) in [
        ("of a sister", &pki.other.list(&good())[..], ListFault::AuthorityUnknown),
        ("of the root", &pki.root.list(&good()), ListFault::AuthorityUnknown),
        ("of a namesake", &strange.issuer.list(&good()), ListFault::SignatureWrong),
        ("bent", &bent, ListFault::SignatureWrong),
        ("of SHA-1", &weak, ListFault::SignatureWeak),
        ("empty", &[], ListFault::Unreadable),
        ("a certificate", &pki.issuer.der, ListFault::Unreadable),
        ("a certificate in PEM", pem.as_bytes(), ListFault::Unreadable),
        ("a PEM of something else", named_otherwise.as_bytes(), ListFault::Unreadable),
        ("a PEM cut short", b"-----BEGIN X509 CRL-----\nMAA", ListFault::Unreadable),
        ("too large (CP-07)", &large, ListFault::TooLarge),
    ] {
        let answer = RevocationList::read(list, &scene.authorities, now());
        assert_eq!(answer.err(), Some(fault), "{name}");
    }
    let mut scene = Scene::new();
    let profile = AuthorityProfile::new("TEST AC FICTIVE SANS LISTE", now()).without_lists();
    let mute = TestAuthority::new(&profile, Some(&scene.pki.root));
    scene.authorities = crate::CardAuthorities::from_pem(mute.pem().as_bytes()).expect("pinned");
    let answer = RevocationList::read(&mute.list(&good()), &scene.authorities, now());
    assert_eq!(answer.err(), Some(ListFault::AuthorityMayNot));
}

#[test]
fn cp_06_the_number_of_a_list_never_falls() {
    let mut scene = Scene::new();
    let list = |number: u64| ListProfile { number: Some(number), ..good() };
    let held = read(&scene, &list(0x100)).expect("a list");
    assert!(held.is_older_than("101") && held.is_older_than("1000") && held.is_older_than("0101"));
    assert!(!held.is_older_than("100") && !held.is_older_than("ff") && !held.is_older_than("0"));
    scene.lists.take(held, Some("ff")).expect("newer than what was seen");
    let earlier = ListProfile { this_update: now() - Duration::hours(2), ..list(0x100) };
    for (profile, floor, expected) in [
        (list(0xff), None, Err(ListFault::Older)),
        (list(0x20), None, Err(ListFault::Older)),
        (earlier, None, Err(ListFault::Older)),
        (list(0x100), None, Ok(())),
        (list(0x101), Some("102"), Err(ListFault::Older)),
        (list(0x101), Some("101"), Ok(())),
    ] {
        let list = read(&scene, &profile).expect("a list");
        assert_eq!(scene.lists.take(list, floor), expected, "{:?} {floor:?}", profile.number);
    }
    assert_eq!(scene.lists.lines().len(), 1);
    assert_eq!(scene.lists.lines()[0].number, "101");
    // After a restart nothing is held, and the floor alone remembers.
    let mut lists = crate::RevocationLists::default();
    let old = read(&scene, &list(0x100)).expect("a list");
    assert_eq!(lists.take(old, Some("101")), Err(ListFault::Older));
    assert!(lists.lines().is_empty());
}

#[test]
fn cp_06_without_a_list_or_with_one_too_old_nobody_comes_in() {
    let mut scene = Scene::new();
    let next = scene.lists.lines()[0].next_update;
    let der = scene.pki.issue(&doctor()).der;
    let grace = scene.rules.revocation_grace;
    for (now, fault) in [
        (next, None),
        (next + grace, None),
        (next + grace + Duration::seconds(1), Some(CardFault::RevocationTooOld)),
        (next + Duration::hours(25), Some(CardFault::RevocationTooOld)),
    ] {
        assert_eq!(scene.judge_bytes(&der, now).err(), fault, "{now}");
    }
    scene.rules.revocation_grace = Duration::zero();
    let late = scene.judge_bytes(&der, next + Duration::seconds(1));
    assert_eq!(late.err(), Some(CardFault::RevocationTooOld));

    // A list that is too old does not set free whom it names.
    scene.hold(&good().revoking(&[&doctor().serial]));
    let years: DateTime<Utc> = next + Duration::days(365);
    assert_eq!(scene.judge_bytes(&der, years).err(), Some(CardFault::Revoked));

    scene.lists = crate::RevocationLists::default();
    assert_eq!(scene.judge_bytes(&der, now()).err(), Some(CardFault::RevocationUnknown));
}

#[test]
fn cp_06_the_list_of_another_pinned_authority_says_nothing() {
    let mut scene = Scene::new();
    let both = scene.pki.issuer.pem() + &scene.pki.other.pem();
    scene.authorities = crate::CardAuthorities::from_pem(both.as_bytes()).expect("pinned");
    let der = scene.pki.other.issue(&doctor()).der;
    assert_eq!(scene.judge_bytes(&der, now()).err(), Some(CardFault::RevocationUnknown));
    scene.hold(&good().revoking(&[&doctor().serial]));
    let list = scene.pki.other.list(&ListProfile::new(1, now()));
    let list = RevocationList::read(&list, &scene.authorities, now()).expect("a list");
    scene.lists.take(list, None).expect("the first of this authority");
    scene.judge_bytes(&der, now()).expect("the same serial, of another authority");
    assert_eq!(scene.lists.lines().len(), 2);
}

#[test]
fn cp_06_a_card_that_names_two_places_is_found_in_the_list_of_the_second() {
    const PLACES: [&str; 3] = ["http://a.test/1.crl", "ldap://a.test/2", "http://a.test/3.crl"];
    let of = |place: usize| ListProfile { place: Some(PLACES[place].to_owned()), ..good() };
    let card =
        CardProfile { list_places: vec![PLACES[0].to_owned(), PLACES[1].to_owned()], ..doctor() };
    let mut scene = Scene::new();
    scene.lists = crate::RevocationLists::default();
    scene.hold(&of(2));
    assert_eq!(scene.judge(&card).err(), Some(CardFault::RevocationUnknown), "of another place");
    scene.hold(&of(1));
    scene.judge(&card).expect("the second place speaks for it");
    scene.hold(&of(0));
    assert_eq!(scene.lists.lines().len(), 3);
    let second = ListProfile { number: Some(8), ..of(1).revoking(&[&card.serial]) };
    scene.hold(&second);
    assert_eq!(scene.judge(&card).err(), Some(CardFault::Revoked));
    // There, another authority signs.
    let by_another = sequence(&[
        value(0xa0, &[value(0xa0, &[value(0x86, &[PLACES[0].as_bytes().to_vec()])])]),
        value(0xa2, &[value(0x86, &[b"http://b.test".to_vec()])]),
    ]);
    let by_another = extension("2.5.29.31", false, &sequence(&[by_another]));
    let by_another = CardProfile {
        list_places: Vec::new(),
        further: vec![by_another],
        serial: vec![1],
        ..doctor()
    };
    assert_eq!(scene.judge(&by_another).err(), Some(CardFault::RevocationUnknown));
    let nowhere = CardProfile { list_places: Vec::new(), serial: vec![1], ..doctor() };
    assert_eq!(scene.judge(&nowhere).err(), Some(CardFault::RevocationUnknown));
}

#[test]
fn cp_07_a_long_list_is_read_whole() {
    let scene = Scene::new();
    let serials: Vec<[u8; 4]> = (1..=300_000u32).rev().map(u32::to_be_bytes).collect();
    let serials: Vec<&[u8]> = serials.iter().map(|serial| &serial[..]).collect();
    let list = read(&scene, &good().revoking(&serials)).expect("a long list");
    assert_eq!(list.len(), 300_000);
}

//! Certificates that are no card, or none that logs in (CP-02).
use super::{Scene, doctor, now};
use crate::{AuthorityFault, CardAuthorities, CardFault, CardRules, RevocationLists};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use demo::cards::der::{
    bit_string, extension, integer, number, octets, oid, printable, sequence, utf8, value,
};
use demo::cards::{
    AuthorityProfile, CLIENT_AUTH, CardProfile, DIGITAL_SIGNATURE, EMAIL_PROTECTION, KeyKind,
    ListProfile, NON_REPUDIATION, TestAuthority, TestPki,
};
use std::collections::BTreeSet;

type Case = (&'static str, Box<dyn Fn(&mut CardProfile)>, CardFault);

fn case(name: &'static str, change: impl Fn(&mut CardProfile) + 'static, fault: CardFault) -> Case {
    (name, Box::new(change), fault)
}

/// A public key of RSA of so many bytes, which nobody has.
fn rsa_key(bytes: usize) -> Vec<u8> {
    let key = sequence(&[integer(&vec![0xc1; bytes]), number(65_537)]);
    let algorithm = sequence(&[oid("1.2.840.113549.1.1.1"), value(0x05, &[])]);
    sequence(&[algorithm, bit_string(&key)])
}

/// A public key on P-521.
fn far_curve_key() -> Vec<u8> {
    let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid("1.3.132.0.35")]);
    sequence(&[algorithm, bit_string(&[&[4][..], &[7; 132]].concat())])
}

/// A subject of parts with one attribute each.
fn subject_of(parts: &[Vec<u8>]) -> Option<Vec<u8>> {
    Some(sequence(
        &parts.iter().map(|part| value(0x31, std::slice::from_ref(part))).collect::<Vec<_>>(),
    ))
}

fn corpus_of_frames() -> Vec<Case> {
    use CardFault::*;
    let sha_1 = || Some(sequence(&[oid("1.2.840.113549.1.1.5"), value(0x05, &[])]));
    let twice = || extension("2.5.29.15", true, &bit_string(&[DIGITAL_SIGNATURE]));
    let long = || vec![extension("1.2.3.4", false, &[0; 16 * 1024])];
    let unknown = |critical| vec![extension("1.2.3.4", critical, &number(1))];
    vec![
        case("first version", |card| card.version = None, Unreadable),
        case("second version", |card| card.version = Some(1), Unreadable),
        case("an extension twice", move |card| card.further = vec![twice()], Unreadable),
        case("sixteen kilobytes", move |card| card.further = long(), Unreadable),
        case("a serial of 21 bytes", |card| card.serial = vec![9; 21], Unreadable),
        case("no subject", |card| card.subject = subject_of(&[]), NameUnreadable),
        case("SHA-1", move |card| card.algorithm = sha_1(), SignatureWeak),
        case("a made-up signature", |card| card.algorithm = Some(p_256()), SignatureWrong),
        case("RSA of 1024 bits", |card| card.public_key = Some(rsa_key(128)), KeyWeak),
        case("P-521", |card| card.public_key = Some(far_curve_key()), KeyWeak),
        case("tomorrow's", |card| card.from = now() + Duration::seconds(1), NotYetValid),
        case("of yesterday", |card| card.until = now() - Duration::days(1), Expired),
        case("of until now", |card| card.until = now(), Expired),
        case("critical, unknown", move |card| card.further = unknown(true), ExtensionUnknown),
    ]
}

/// ECDSA with SHA-256.
fn p_256() -> Vec<u8> {
    sequence(&[oid("1.2.840.10045.4.3.2")])
}

fn corpus_of_uses() -> Vec<Case> {
    use CardFault::*;
    let uses = |uses: &[&'static str]| Some(uses.to_vec());
    let signature_card = move |card: &mut CardProfile| {
        card.key_usage = Some(NON_REPUDIATION);
        card.extended_key_usage = uses(&[EMAIL_PROTECTION]);
    };
    let empty = || extension("2.5.29.15", true, &value(0x03, &[vec![0]]));
    let bare_bits = move |card: &mut CardProfile| {
        card.key_usage = None;
        card.further = vec![empty()];
    };
    // The bit of signatures lies among those that the encoding says are not there.
    let unused = || extension("2.5.29.15", true, &value(0x03, &[vec![8, DIGITAL_SIGNATURE]]));
    let unused_bits = move |card: &mut CardProfile| {
        card.key_usage = None;
        card.further = vec![unused()];
    };
    vec![
        case("an authority", |card| card.is_authority = Some(true), IsAuthority),
        case("signs certificates", |card| card.key_usage = Some(0x84), IsAuthority),
        case("the signature certificate", signature_card, NotForLogin),
        case("no use said", |card| card.key_usage = None, NotForLogin),
        case("signs documents", |card| card.key_usage = Some(NON_REPUDIATION), NotForLogin),
        case("encrypts", |card| card.key_usage = Some(0x20), NotForLogin),
        case("no extended use", |card| card.extended_key_usage = None, NotForLogin),
        case("mail", move |card| card.extended_key_usage = uses(&[EMAIL_PROTECTION]), NotForLogin),
        case("any", move |card| card.extended_key_usage = uses(&["2.5.29.37.0"]), NotForLogin),
        case("uses without a bit", bare_bits, Unreadable),
        case("uses beyond their bits", unused_bits, Unreadable),
    ]
}

fn corpus_of_profiles() -> Vec<Case> {
    use CardFault::*;
    let category = |byte: u8| Some(octets(&[byte]));
    vec![
        case("no category", |card| card.category = None, CategoryMissing),
        case("a test card", move |card| card.category = category(0x80), Test),
        case("a security module", move |card| card.category = category(0x02), OfNoCard),
        case("a program", move |card| card.category = category(0x03), OfNoCard),
        case("a test module", move |card| card.category = category(0x82), OfNoCard),
        case("a test program", move |card| card.category = category(0x83), OfNoCard),
        case("an unknown category", move |card| card.category = category(0x01), KindUnknown),
        case("two bytes", |card| card.category = Some(octets(&[0, 0])), KindUnknown),
        case("a category of another type", |card| card.category = Some(number(0)), KindUnknown),
        case("no kind", |card| card.kind = None, KindUnknown),
        case("a kind of another type", |card| card.kind = Some(octets(&[0])), KindUnknown),
        case("a negative kind", |card| card.kind = Some(vec![2, 1, 0xff]), KindUnknown),
        case("a CPE", |card| card.kind = Some(number(2)), OfNoPerson),
        case("a CPA", |card| card.kind = Some(number(3)), OfNoPerson),
        case("a kind to come", |card| card.kind = Some(number(4)), OfNoPerson),
        case("no card number", |card| card.card_number = None, NumberUnreadable),
        case(
            "of another issuer",
            move |card| card.card_number = numbered("8025000002/0000000001"),
            NumberUnreadable,
        ),
        case(
            "nine digits",
            move |card| card.card_number = numbered("8025000001/000000001"),
            NumberUnreadable,
        ),
        case(
            "letters",
            move |card| card.card_number = numbered("8025000001/00000000AB"),
            NumberUnreadable,
        ),
        case(
            "in UTF-8",
            |card| card.card_number = Some(utf8("8025000001/0000000001")),
            NumberUnreadable,
        ),
        case("a named profession", |card| card.profession = Some(utf8("10")), ProfessionUnreadable),
        case(
            "a long profession",
            |card| card.profession = Some(integer(&[1; 5])),
            ProfessionUnreadable,
        ),
    ]
}

fn numbered(text: &str) -> Option<Vec<u8>> {
    Some(printable(text))
}

fn corpus() -> Vec<Case> {
    let parts = [corpus_of_frames(), corpus_of_uses(), corpus_of_profiles()];
    parts.into_iter().flatten().collect()
}

#[test]
fn cp_02_each_certificate_that_is_no_card_for_login_is_refused_with_its_own_word() {
    let scene = Scene::new();
    let corpus = corpus();
    for (name, change, fault) in &corpus {
        let mut profile = doctor();
        change(&mut profile);
        assert_eq!(scene.judge(&profile).err(), Some(*fault), "{name}");
    }
    assert!(corpus.len() >= 14, "the corpus of the threat model");
    let far = scene.pki.issue(&doctor());
    let answer = scene.judge_bytes(&far.der, doctor().until);
    assert_eq!(answer.err(), Some(CardFault::Expired));
}

#[test]
fn cp_02_what_is_not_critical_or_is_understood_hinders_no_card() {
    let scene = Scene::new();
    for further in [
        extension("1.2.3.4", false, &number(1)),
        extension("1.2.250.1.71.1.2.12", false, &number(1)),
        extension("2.5.29.32", true, &sequence(&[sequence(&[oid("1.2.250.1.213.1.7")])])),
    ] {
        let profile = CardProfile { further: vec![further], ..doctor() };
        scene.judge(&profile).expect("a good card");
    }
    let logon = vec![CLIENT_AUTH, "1.3.6.1.4.1.311.20.2.2"];
    let profile = CardProfile {
        key_usage: Some(DIGITAL_SIGNATURE | NON_REPUDIATION),
        extended_key_usage: Some(logon),
        is_authority: None,
        ..doctor()
    };
    scene.judge(&profile).expect("a good card");
}

#[test]
fn cp_02_test_cards_are_cards_where_they_are_let_in_and_are_known_as_such() {
    let mut scene = Scene::new();
    scene.rules = CardRules { test_cards: true, ..CardRules::default() };
    let of_test = CardProfile { category: Some(octets(&[0x80])), ..doctor() };
    assert!(scene.judge(&of_test).expect("a test card").is_test());
    assert!(!scene.judge(&doctor()).expect("a card").is_test());
    let module = CardProfile { category: Some(octets(&[0x82])), ..doctor() };
    assert_eq!(scene.judge(&module).err(), Some(CardFault::OfNoCard));
}

#[test]
fn cp_02_only_the_pinned_authority_issues_cards() {
    let scene = Scene::new();
    let strange = TestPki::new(now());
    let below = TestAuthority::new(
        &AuthorityProfile::new("TEST AC FICTIVE EN DESSOUS", now()),
        Some(&scene.pki.issuer),
    );
    for (name, authority, fault) in [
        ("of the wrong family", &scene.pki.other, CardFault::AuthorityUnknown),
        ("of the root itself", &scene.pki.root, CardFault::AuthorityUnknown),
        ("of one below", &below, CardFault::AuthorityUnknown),
        ("of the same name, another key", &strange.issuer, CardFault::SignatureWrong),
    ] {
        let certificate = authority.issue(&doctor());
        let answer = scene.judge_bytes(&certificate.der, now());
        assert_eq!(answer.err(), Some(fault), "{name}");
    }
    let good = scene.pki.issue(&doctor()).der;
    let behind = [&good[..], &[0]].concat();
    let huge = vec![0x30; 20_000];
    for bad in [&[][..], b"x", &good[1..], &good[..good.len() - 1], &behind, &huge] {
        let answer = scene.judge_bytes(bad, now());
        assert_eq!(answer.err(), Some(CardFault::Unreadable), "{} bytes", bad.len());
    }
}

#[test]
fn cp_02_an_authority_counts_within_its_dates_and_by_any_of_its_keys() {
    let mut scene = Scene::new();
    let root = &scene.pki.root;
    let name = "TEST AC FICTIVE FORT PERSONNES";
    let over = AuthorityProfile { until: now(), ..AuthorityProfile::new(name, now()) };
    let over = TestAuthority::new(&over, Some(root));
    let early =
        AuthorityProfile { from: now() + Duration::days(1), ..AuthorityProfile::new(name, now()) };
    let early = TestAuthority::new(&early, Some(root));
    let both = [over.pem(), early.pem(), scene.pki.issuer.pem()].concat();
    scene.authorities = CardAuthorities::from_pem(both.as_bytes()).expect("pinned");
    for authority in [&over, &early] {
        let answer = scene.judge_bytes(&authority.issue(&doctor()).der, now());
        assert_eq!(answer.err(), Some(CardFault::AuthorityOutOfDate));
    }
    scene.judge(&doctor()).expect("a card of the key in use");
}

#[test]
fn cp_02_what_is_pinned_is_an_authority_that_issues() {
    let pki = TestPki::new(now());
    let profile = |name: &str| AuthorityProfile::new(name, now());
    let below = |profile: AuthorityProfile| TestAuthority::new(&profile, Some(&pki.root)).pem();
    let no_authority = AuthorityProfile { is_authority: false, ..profile("A") };
    let no_signer = AuthorityProfile { key_usage: 0x02, ..profile("A") };
    let weak = CardProfile {
        public_key: Some(rsa_key(128)),
        is_authority: Some(true),
        key_usage: Some(0x06),
        ..doctor()
    };
    let good = pki.issuer.pem();
    let cut = good.replace("-----END", "----END");
    let key = pki.issue(&doctor()).key_pem();
    let renamed = good.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    let behind = STANDARD.encode([&pki.issuer.der[..], &[0]].concat());
    let behind = format!("-----BEGIN CERTIFICATE-----\n{behind}\n-----END CERTIFICATE-----\n");
    let empty_block = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned();
    for (text, fault) in [
        (String::new(), AuthorityFault::Empty),
        ("no certificate".to_owned(), AuthorityFault::Empty),
        (key, AuthorityFault::Unreadable(1)),
        (good.clone() + &cut, AuthorityFault::Unreadable(2)),
        (renamed, AuthorityFault::Unreadable(1)),
        (behind, AuthorityFault::Unreadable(1)),
        (empty_block, AuthorityFault::Unreadable(1)),
        (good.clone() + &pki.root.pem(), AuthorityFault::Root(2)),
        (pki.issue(&doctor()).certificate_pem(), AuthorityFault::NoAuthority(1)),
        (below(no_authority), AuthorityFault::NoAuthority(1)),
        (below(no_signer), AuthorityFault::NoAuthority(1)),
        (pki.issue(&weak).certificate_pem(), AuthorityFault::WeakKey(1)),
        (good.repeat(2), AuthorityFault::Repeated(2)),
        ("#".repeat(300_000), AuthorityFault::TooMany),
    ] {
        assert_eq!(CardAuthorities::from_pem(text.as_bytes()).err(), Some(fault), "{text:.60}");
    }
    let first = TestAuthority::new(&profile("A"), Some(&pki.root));
    let pem = first.pem();
    let longer = AuthorityProfile { until: now() + Duration::days(9_999), ..profile("A") };
    let twice = pem + &first.renewed(&longer, &pki.root).pem();
    let twice = CardAuthorities::from_pem(twice.as_bytes());
    assert_eq!(twice.err(), Some(AuthorityFault::Repeated(2)));
    let many: String = (0..17).map(|place| below(profile(&format!("A{place}")))).collect();
    let many = CardAuthorities::from_pem(many.as_bytes());
    assert_eq!(many.err(), Some(AuthorityFault::TooMany));

    let both = CardAuthorities::from_pem((good + &pki.other.pem()).as_bytes()).expect("pinned");
    assert_eq!(both.subjects(), [pki.issuer.name.clone(), pki.other.name.clone()]);
    let lines = both.list();
    assert!(lines[0].name.contains("CN=TEST AC FICTIVE FORT PERSONNES"), "{}", lines[0].name);
    assert_eq!(lines[0].fingerprint.len(), 64);
    assert_eq!(lines[0].until, now() + Duration::days(19 * 365));
}

#[test]
fn cp_02_every_fault_has_its_own_word_and_is_met() {
    let words: BTreeSet<&str> = CardFault::ALL.iter().map(CardFault::code).collect();
    assert_eq!(words.len(), CardFault::ALL.len());
    let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    assert!(words.iter().all(plain), "{words:?}");

    let mut scene = Scene::new();
    let der = scene.pki.issue(&doctor()).der;
    let mut met: BTreeSet<CardFault> = corpus().iter().map(|(.., fault)| *fault).collect();
    let strange = scene.pki.other.issue(&doctor()).der;
    met.extend(scene.judge_bytes(&strange, now()).err());
    met.extend(scene.judge_bytes(&der, now() + Duration::days(20 * 365)).err());
    met.extend(scene.judge_bytes(&der, now() + Duration::days(3)).err());
    let unreadable = CardProfile { cn: utf8("LE GOFF"), ..doctor() };
    met.extend(scene.judge(&unreadable).err());
    scene.hold(&ListProfile::new(2, now()).revoking(&[&doctor().serial]));
    met.extend(scene.judge_bytes(&der, now()).err());
    scene.lists = RevocationLists::default();
    met.extend(scene.judge_bytes(&der, now()).err());
    let missed: Vec<_> = CardFault::ALL.iter().filter(|fault| !met.contains(fault)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn cp_02_the_way_of_signing_is_the_one_that_was_signed() {
    let scene = Scene::of(TestPki::of_keys(KeyKind::Rsa2048, now()));
    let signed_otherwise = CardProfile { algorithm: Some(p_256()), ..doctor() };
    assert_eq!(scene.judge(&signed_otherwise).err(), Some(CardFault::SignatureWrong));
    let certificate = scene.pki.issue(&CardProfile { key: KeyKind::Rsa2048, ..doctor() }).der;
    scene.judge_bytes(&certificate, now()).expect("a good card");
    // Outside stands another algorithm than in the signed part.
    let sha_256 = oid("1.2.840.113549.1.1.11");
    let outside = certificate.windows(sha_256.len()).rposition(|bytes| bytes == sha_256);
    let mut mixed = certificate;
    mixed[outside.expect("an algorithm") + sha_256.len() - 1] = 0x0c;
    assert_eq!(scene.judge_bytes(&mixed, now()).err(), Some(CardFault::SignatureWrong));
}

#[test]
fn cp_02_a_frame_has_three_parts_and_a_signature_of_whole_bytes() {
    let scene = Scene::new();
    // Some of the signatures end in a bit that is not set, and would be the same without it.
    for _ in 0..16 {
        let good = scene.pki.issue(&doctor()).der;
        let parts = crate::der::only(&good, crate::der::SEQUENCE).and_then(crate::der::all);
        let parts: Vec<Vec<u8>> =
            parts.expect("a frame").iter().map(|part| part.whole.to_vec()).collect();
        assert_eq!(sequence(&parts), good);
        let four = sequence(&[parts.clone(), vec![number(1)]].concat());
        assert_eq!(scene.judge_bytes(&four, now()).err(), Some(CardFault::Unreadable));
        let mut short = parts;
        short[2][2] = 1;
        assert!(scene.judge_bytes(&sequence(&short), now()).is_err());
    }
}

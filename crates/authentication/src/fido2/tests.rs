use super::soft_key::SoftKey;
use super::*;
use kernel::{Clock, FixedClock};
use serde_json::Value;

const ORIGIN: &str = "https://sso.hopital.test";

struct Lab {
    fido2: Fido2,
    now: DateTime<Utc>,
    doctor: UserHandle,
    key: SoftKey,
    credential: Fido2Credential,
}

fn fido2() -> Fido2 {
    let origins = [ORIGIN, "https://admin.hopital.test"];
    Fido2::new("hopital.test", "CH de Valbrume", &origins).expect("settings hold")
}

fn handle(number: u128) -> UserHandle {
    UserHandle(Uuid::from_u128(number))
}

fn lab() -> Lab {
    let (fido2, now) = (fido2(), FixedClock::at("2026-03-01T08:00:00Z").now());
    let (options, ceremony) =
        fido2.begin_registration(handle(1), "mmartin", "MARTIN Marie", &[], now).expect("begun");
    let (key, answer) = SoftKey::register(&options.0, ORIGIN, true);
    let credential = fido2.finish_registration(&ceremony, &answer, now).expect("registered");
    Lab { fido2, now, doctor: handle(1), key, credential }
}

impl Lab {
    fn finish(
        &self,
        ceremony: LoginCeremony,
        answer: &Value,
    ) -> Result<VerifiedKey, AssertionRefused> {
        let presented = self.fido2.presented(&answer.to_string())?;
        self.fido2.finish_login(ceremony, &presented, self.doctor, &self.credential, self.now)
    }
}

#[test]
fn registration_asks_for_a_resident_key_and_its_users_verification() {
    let (options, _) = fido2()
        .begin_registration(handle(1), "mmartin", "MARTIN Marie", &[lab().credential], lab().now)
        .expect("begun");
    let options: Value = serde_json::from_str(&options.0).expect("JSON");
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["publicKey"]["excludeCredentials"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_key_logs_in_with_and_without_a_name_and_its_counter_moves() {
    let mut lab = lab();
    let keys = [lab.credential.clone()];
    for expected in [None, Some((lab.doctor, &keys[..]))] {
        let (options, ceremony) = lab.fido2.begin_login(expected, lab.now).expect("begun");
        let read: Value = serde_json::from_str(&options.0).expect("JSON");
        let allowed = read["publicKey"]["allowCredentials"].as_array().map_or(0, Vec::len);
        assert_eq!(allowed, usize::from(expected.is_some()));
        assert_eq!(read["publicKey"]["userVerification"], "required");
        assert!(read.get("mediation").is_none());
        let ceremony =
            LoginCeremony::from_text(&ceremony.text().expect("kept")).expect("read back");
        let answer = lab.key.answer(&options.0);
        let verified = lab.finish(ceremony, &answer).expect("right");
        assert!(verified.user_verified() && !verified.attested());
        assert_eq!(verified.credential().counter(), lab.key.counter);
        let text = verified.credential().text().expect("kept");
        lab.credential = Fido2Credential::from_text(&text).expect("read back");
    }
}

#[test]
fn fi_01_each_field_of_a_good_assertion_counts() {
    let mut lab = lab();
    let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let good = lab.key.answer(&options.0);
    let other_id = B64_OTHER;
    type Spoil = fn(&mut Value);
    let spoil: &[(&str, Spoil)] = &[
        ("id", |a| a["id"] = json!(B64_OTHER)),
        ("rawId", |a| a["rawId"] = json!(B64_OTHER)),
        ("both ids", |a| {
            a["id"] = json!(B64_OTHER);
            a["rawId"] = json!(B64_OTHER);
        }),
        ("type", |a| a["type"] = json!("password")),
        ("no type", |a| a["type"] = Value::Null),
        ("signature", |a| flip(&mut a["response"]["signature"])),
        ("authenticatorData", |a| flip(&mut a["response"]["authenticatorData"])),
        ("clientDataJSON", |a| flip(&mut a["response"]["clientDataJSON"])),
        ("userHandle", |a| a["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode([9u8; 16]))),
        ("no userHandle", |a| a["response"]["userHandle"] = Value::Null),
        ("userHandle too short", |a| a["response"]["userHandle"] = json!("AAAA")),
    ];
    for (name, spoil) in spoil {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert!(lab.finish(ceremony.clone(), &bad).is_err(), "{name}");
    }
    assert_ne!(good["id"], other_id);
    assert!(lab.finish(ceremony, &good).is_ok(), "the good one still holds");
}

const B64_OTHER: &str = "CQkJCQkJCQkJCQkJCQkJCQ";

fn flip(field: &mut Value) {
    let mut bytes = URL_SAFE_NO_PAD.decode(field.as_str().expect("text")).expect("base64url");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    *field = json!(URL_SAFE_NO_PAD.encode(bytes));
}

#[test]
fn fi_01_the_key_must_be_of_the_person_of_the_transaction() {
    let mut lab = lab();
    let colleague = handle(2);
    let keys = [lab.credential.clone()];
    let (options, ceremony) =
        lab.fido2.begin_login(Some((colleague, &keys)), lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    let presented = lab.fido2.presented(&answer.to_string()).expect("read");
    for (expected, holder) in [(ceremony.clone(), lab.doctor), (ceremony, colleague)] {
        let refused =
            lab.fido2.finish_login(expected, &presented, holder, &lab.credential, lab.now);
        assert_eq!(refused.err(), Some(AssertionRefused::OtherPerson));
    }
    let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    let presented = lab.fido2.presented(&answer.to_string()).expect("read");
    let refused = lab.fido2.finish_login(ceremony, &presented, colleague, &lab.credential, lab.now);
    assert_eq!(refused.err(), Some(AssertionRefused::OtherPerson), "stored under somebody else");
}

#[test]
fn fi_02_a_challenge_is_of_one_ceremony_and_two_minutes() {
    let mut lab = lab();
    let (options, _) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let (_, other) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    assert!(lab.finish(other.clone(), &answer).is_err(), "another challenge");
    let presented = lab.fido2.presented(&answer.to_string()).expect("read");
    for late in [LOGIN_CEREMONY_LIFE, -Duration::seconds(1)] {
        let refused = lab.fido2.finish_login(
            other.clone(),
            &presented,
            lab.doctor,
            &lab.credential,
            lab.now + late,
        );
        assert_eq!(refused.err(), Some(AssertionRefused::Expired));
    }
    let text = other.text().expect("kept");
    assert!(RegistrationCeremony::from_text(&text).is_err(), "a login is no registration");
}

#[test]
fn fi_03_without_user_verification_a_key_is_worth_nothing() {
    let mut lab = lab();
    lab.key.user_verified = false;
    let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    assert_eq!(lab.finish(ceremony, &answer).err(), Some(AssertionRefused::NotVerified));
    let (options, ceremony) =
        lab.fido2.begin_registration(handle(3), "x", "X", &[], lab.now).expect("begun");
    let (_, answer) = SoftKey::register(&options.0, ORIGIN, false);
    assert!(lab.fido2.finish_registration(&ceremony, &answer, lab.now).is_err());
}

#[test]
fn fi_06_a_counter_that_goes_back_tells_of_a_copy() {
    let mut lab = lab();
    lab.key.counter = 40;
    let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    lab.credential = lab.finish(ceremony, &answer).expect("right").credential().clone();
    for counter in [41, 40, 2, 0] {
        lab.key.counter = counter;
        let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
        let answer = lab.key.answer_without_counting(&options.0);
        assert_eq!(
            lab.finish(ceremony, &answer).err(),
            Some(AssertionRefused::CounterWentBack),
            "{counter} after 41"
        );
    }
}

#[test]
fn fi_08_only_the_declared_origins_and_no_foreign_frame() {
    let mut lab = lab();
    for (origin, good) in [
        (ORIGIN, true),
        ("https://admin.hopital.test", true),
        ("https://evil.sso.hopital.test", false),
        ("https://hopital.test", false),
        ("https://sso.hopital.test:8443", false),
        ("http://sso.hopital.test", false),
        ("https://xn--sso-hopital-test", false),
    ] {
        lab.key.origin = origin.to_owned();
        let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
        let answer = lab.key.answer(&options.0);
        assert_eq!(lab.finish(ceremony, &answer).is_ok(), good, "{origin}");
    }
    lab.key.origin = ORIGIN.to_owned();
    lab.key.cross_origin = true;
    let (options, ceremony) = lab.fido2.begin_login(None, lab.now).expect("begun");
    let answer = lab.key.answer(&options.0);
    assert_eq!(lab.finish(ceremony, &answer).err(), Some(AssertionRefused::CrossOrigin));
    for (rp_id, origin) in
        [("hopital.test", "https://autre.test"), ("127.0.0.1", "https://127.0.0.1")]
    {
        assert!(Fido2::new(rp_id, "CH", &[ORIGIN, origin]).is_err(), "{rp_id} {origin}");
    }
    assert!(Fido2::new("localhost", "CH", &["http://localhost:8080"]).is_ok());
}

#[test]
fn fi_09_no_answer_makes_it_panic() {
    let lab = lab();
    let (_, ceremony) =
        lab.fido2.begin_registration(handle(3), "x", "X", &[], lab.now).expect("begun");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for text in ["", "{}", "null", "[]", "\u{0}", &deep, &"a".repeat(65_537)] {
        assert!(lab.fido2.presented(text).is_err());
        assert!(lab.fido2.finish_registration(&ceremony, text, lab.now).is_err());
    }
}

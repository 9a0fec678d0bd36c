//! Any bytes as an attestation object, or as what a key says at a login: refused or read whole, never a panic. Nobody
//! holds the key, so that whatever is taken for signed by it is a find.
#![no_main]

use authentication::{Fido2, Fido2Credential, LoginCeremony, RegistrationCeremony, UserHandle};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The key of the demo, and not its web server.
#[path = "../../../crates/demo/src/authenticator.rs"]
mod authenticator;
use authenticator::Authenticator;

const ORIGIN: &str = "https://sso.hopital.test";

/// Ceremonies under way, and what a true key answered to each.
struct Lab {
    fido2: Fido2,
    now: DateTime<Utc>,
    registration: (RegistrationCeremony, Value),
    login: (String, Value),
    credential: Fido2Credential,
}

fn holder() -> UserHandle {
    authentication::Holder::Person(kernel::Uuid::from_u128(1).into()).into()
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let fido2 = Fido2::new("hopital.test", "CH de test", &[ORIGIN]).expect("settings");
        let now = "2026-11-22T08:00:00Z".parse().expect("a time");
        let begun = fido2.begin_registration(holder(), "op", "OP", &[], now);
        let (options, ceremony) = begun.expect("begun");
        let options: Value = serde_json::from_str(&options.0).expect("JSON");
        let mut key = Authenticator::new();
        let answer = key.register(ORIGIN, &options).expect("registered");
        let credential = fido2.finish_registration(&ceremony, &answer.to_string(), now);
        let credential = credential.expect("a key");
        let (options, login) = fido2.begin_login(None, now).expect("begun");
        let options: Value = serde_json::from_str(&options.0).expect("JSON");
        let signed = key.sign_in(ORIGIN, &options).expect("the key answers");
        let login = (login.text().expect("kept"), signed);
        Lab { fido2, now, registration: (ceremony, answer), login, credential }
    })
}

/// The attestation object of this answer, with each byte changed that three others name: place (two) and value.
fn changed(answer: &Value, changes: &[u8]) -> Vec<u8> {
    let held = answer["response"]["attestationObject"].as_str().expect("text");
    let mut object = URL_SAFE_NO_PAD.decode(held).expect("base64url");
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % object.len();
        object[place] = change[2];
    }
    object
}

fn text(bytes: &[u8]) -> Value {
    json!(URL_SAFE_NO_PAD.encode(bytes))
}

fuzz_target!(|bytes: &[u8]| {
    let lab = lab();
    let Some((kind, rest)) = bytes.split_first() else { return };
    if kind % 2 == 0 {
        let (ceremony, answer) = &lab.registration;
        let mut answer = answer.clone();
        // Every other one is the true object with some bytes changed, so that what comes after its reading is reached too.
        let object = if kind & 2 == 0 { rest.to_vec() } else { changed(&answer, rest) };
        answer["response"]["attestationObject"] = text(&object);
        if let Ok(read) = lab.fido2.finish_registration(ceremony, &answer.to_string(), lab.now) {
            let kept = read.text().expect("what was read is kept");
            assert!(Fido2Credential::from_text(&kept).is_ok(), "what was kept is read");
        }
        return;
    }
    let (said, signature) = rest.split_at(rest.len().min(37));
    let (ceremony, answer) = &lab.login;
    let mut answer = answer.clone();
    answer["response"]["authenticatorData"] = text(said);
    answer["response"]["signature"] = text(signature);
    let Ok(presented) = lab.fido2.presented(&answer.to_string()) else { return };
    let ceremony = LoginCeremony::from_text(ceremony).expect("as it was kept");
    let verified = lab.fido2.finish_login(ceremony, &presented, holder(), &lab.credential, lab.now);
    assert!(verified.is_err(), "a signature that nobody made");
});

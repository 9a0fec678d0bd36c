//! Any text as an assertion, a request object, a key set or a name of a kept request: refused, never a panic. Nobody
//! holds the client's private key, so that whatever is taken for signed by it is a find.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{ClientKeys, judge_assertion, read_request_object, read_request_uri, verify_jws};

#[path = "client.rs"]
mod client;

fuzz_target!(|text: &str| {
    let client = client::client();
    let now = client.created_at;
    assert!(judge_assertion(text, &client, "https://hygie.hopital.test/oauth2/token", now).is_err());
    assert!(read_request_object(text, &client, now).is_err());
    assert!(verify_jws(text, "JWT", &[]).is_err());
    if let Ok(keys) = ClientKeys::read(text) {
        assert!(!keys.to_document().to_string().contains("\"d\""), "a private member was kept");
    }
    let _answered = read_request_uri(text);
});

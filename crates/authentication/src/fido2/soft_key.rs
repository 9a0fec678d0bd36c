//! A software key for the tests of this crate: ES256, resident, counts its signatures.
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};

pub struct SoftKey {
    pair: EcdsaKeyPair,
    id: [u8; 16],
    handle: Vec<u8>,
    pub counter: u32,
    pub user_verified: bool,
    pub origin: String,
    pub cross_origin: bool,
    rp_id: String,
}

impl SoftKey {
    /// Answers creation options.
    pub fn register(options: &str, origin: &str, user_verified: bool) -> (Self, String) {
        let options: Value = serde_json::from_str(options).expect("options are JSON");
        let options = &options["publicKey"];
        let handle =
            B64.decode(options["user"]["id"].as_str().expect("user.id")).expect("base64url");
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let mut id = [0u8; 16];
        aws_lc_rs::rand::fill(&mut id).expect("chance");
        let rp_id = options["rp"]["id"].as_str().expect("rp.id").to_owned();
        let origin = origin.to_owned();
        let key = Self {
            pair,
            id,
            handle,
            counter: 1,
            user_verified,
            origin,
            cross_origin: false,
            rp_id,
        };
        let client = key.client_data("webauthn.create", &options["challenge"]);
        let mut auth = key.auth_data(0x40);
        auth.extend([0u8; 16]);
        auth.extend([0, 16]);
        auth.extend(key.id);
        let point = key.pair.public_key().as_ref();
        // COSE EC2 key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        auth.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        auth.extend(&point[1..33]);
        auth.extend([0x22, 0x58, 0x20]);
        auth.extend(&point[33..]);
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = vec![0xa3, 0x63, b'f', b'm', b't', 0x64, b'n', b'o', b'n', b'e'];
        object.extend([0x67, b'a', b't', b't', b'S', b't', b'm', b't', 0xa0]);
        object.extend([0x68, b'a', b'u', b't', b'h', b'D', b'a', b't', b'a', 0x58]);
        object.push(u8::try_from(auth.len()).expect("under 256 bytes"));
        object.extend(&auth);
        let answer = json!({
            "id": B64.encode(key.id), "rawId": B64.encode(key.id), "type": "public-key",
            "response": { "clientDataJSON": B64.encode(client), "attestationObject": B64.encode(object) },
            "clientExtensionResults": {},
        });
        (key, answer.to_string())
    }

    /// Answers request options, counting one up.
    pub fn answer(&mut self, options: &str) -> Value {
        self.counter += 1;
        self.answer_without_counting(options)
    }

    pub fn answer_without_counting(&self, options: &str) -> Value {
        let options: Value = serde_json::from_str(options).expect("options are JSON");
        let client = self.client_data("webauthn.get", &options["publicKey"]["challenge"]);
        let auth = self.auth_data(0);
        let mut message = auth.clone();
        message.extend(digest(&SHA256, client.as_bytes()).as_ref());
        let signature = self.pair.sign(&SystemRandom::new(), &message).expect("signed");
        json!({
            "id": B64.encode(self.id), "rawId": B64.encode(self.id), "type": "public-key",
            "response": {
                "clientDataJSON": B64.encode(client),
                "authenticatorData": B64.encode(auth),
                "signature": B64.encode(signature.as_ref()),
                "userHandle": B64.encode(&self.handle),
            },
            "clientExtensionResults": {},
        })
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> String {
        json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin
        })
        .to_string()
    }

    fn auth_data(&self, more_flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(1 | if self.user_verified { 4 } else { 0 } | more_flags);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

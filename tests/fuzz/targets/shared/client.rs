//! The client of the fuzz targets: it has a public key, and nobody has the private one.
use chrono::{DateTime, Utc};
use oidc::{AuthMethod, Client, ClientDraft, ClientKeys, Profile};

/// RFC 7517, appendix A.1.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

pub fn client() -> Client {
    let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().expect("time");
    let issuer = "https://hygie.hopital.test".parse().expect("issuer");
    let mut draft = ClientDraft::new("DPI", Profile::PscLike, AuthMethod::PrivateKeyJwt);
    draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
    draft.security.keys = Some(ClientKeys::read(KEYS).expect("keys"));
    let settings = draft.check(&issuer, now).expect("a good draft");
    Client {
        id: kernel::ClientId::from(kernel::Uuid::nil()),
        client_id: "dpi".to_owned(),
        issuer,
        name: "DPI".to_owned(),
        enabled: true,
        profile: Profile::PscLike,
        settings,
        secret: None,
        version: 1,
        created_at: now,
    }
}

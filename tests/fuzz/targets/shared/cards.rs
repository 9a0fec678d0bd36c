//! The made-up PKI of the fuzz targets of cards: what any bytes say once its authority signed them.
use cards::CardAuthorities;
use chrono::{DateTime, Utc};

#[path = "../../../../crates/demo/src/cards/mod.rs"]
#[expect(dead_code, unused_imports, reason = "demo as a whole would bring its HTTP clients")]
pub mod pki;

/// The moment of the seeds.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_507_200, 0).expect("a time")
}

pub fn scene() -> (pki::TestPki, CardAuthorities) {
    let pki = pki::TestPki::new(now());
    let authorities = CardAuthorities::from_pem(pki.issuer.pem().as_bytes()).expect("pinned");
    (pki, authorities)
}

//! The certificates of cards (`cps-igc-sante.md` §6), and of whatever is no card.
use super::authority::TestAuthority;
use super::der::{
    attribute, bit_string, boolean, context, extension, integer, number, octets, oid, printable,
    sequence, time, utf8, value,
};
use super::keys::{KeyKind, TestKey, pem};
use chrono::{DateTime, Utc};

pub const DIGITAL_SIGNATURE: u8 = 0x80;
pub const NON_REPUDIATION: u8 = 0x40;
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
/// The arc of the cards' own extensions.
const ARC: &str = "1.2.250.1.71.1.2";

/// What a certificate says. A test changes what it is about, and leaves the rest good.
#[derive(Debug, Clone)]
pub struct CardProfile {
    /// The number of the holder, her surname and her given name: DER of each text.
    pub cn: Vec<u8>,
    pub sn: Vec<u8>,
    pub gn: Vec<u8>,
    /// The order of the three in their set; `[0, 1, 2]` is that of DER, by their bytes.
    pub order: [usize; 3],
    /// The whole subject instead.
    pub subject: Option<Vec<u8>>,
    /// DER of what each extension of the cards' arc holds, if it stands there. Table G01, an octet.
    pub category: Option<Vec<u8>>,
    /// Table G02.
    pub kind: Option<Vec<u8>>,
    pub card_number: Option<Vec<u8>>,
    /// Table G15.
    pub profession: Option<Vec<u8>>,
    pub key_usage: Option<u8>,
    pub extended_key_usage: Option<Vec<&'static str>>,
    /// Without it the extension is absent.
    pub is_authority: Option<bool>,
    /// Further extensions, each whole (`der::extension`).
    pub further: Vec<Vec<u8>>,
    /// Where the list of revoked cards is said to be.
    pub list_places: Vec<String>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub serial: Vec<u8>,
    /// `None`: of the first version, which has no extensions.
    pub version: Option<u64>,
    pub key: KeyKind,
    /// DER of another public key than its own.
    pub public_key: Option<Vec<u8>>,
    /// DER of another algorithm than the one it is signed by, written in both places.
    pub algorithm: Option<Vec<u8>>,
}

impl CardProfile {
    /// A test card of a made-up doctor. Its serial is drawn from the number.
    pub fn new(rpps: &str, family: &str, given: &str, now: DateTime<Utc>) -> Self {
        let number_of_card: String = rpps.chars().skip(1).collect();
        let digits = rpps.bytes().map(|byte| byte.wrapping_mul(7)).collect::<Vec<_>>();
        Self {
            cn: printable(&format!("8{rpps}")),
            sn: utf8(family),
            gn: utf8(given),
            order: [0, 1, 2],
            subject: None,
            category: Some(octets(&[0x80])),
            kind: Some(number(0)),
            card_number: Some(printable(&format!("8025000001/{number_of_card}"))),
            profession: Some(number(10)),
            key_usage: Some(DIGITAL_SIGNATURE),
            extended_key_usage: Some(vec![CLIENT_AUTH]),
            is_authority: Some(false),
            further: Vec::new(),
            list_places: vec!["http://igc.fictif.test/CRL/ACI-FO-PP-FICTIF.crl".to_owned()],
            from: now - chrono::Duration::days(30),
            until: now + chrono::Duration::days(3 * 365),
            serial: [&[0x10, 0x20, 0x30, 0x40, 0x50][..], &digits].concat(),
            version: Some(2),
            key: KeyKind::P256,
            public_key: None,
            algorithm: None,
        }
    }

    /// As a card in use says it of itself (G01 without the mark of tests). Of the made-up authority all the same.
    pub fn in_production(mut self) -> Self {
        self.category = Some(octets(&[0x00]));
        self
    }

    fn subject(&self) -> Vec<u8> {
        if let Some(subject) = &self.subject {
            return subject.clone();
        }
        let mut three = [
            attribute("2.5.4.3", &self.cn),
            attribute("2.5.4.4", &self.sn),
            attribute("2.5.4.42", &self.gn),
        ];
        three.sort();
        let ordered = self.order.map(|place| three[place].clone());
        sequence(&[
            value(0x31, &[attribute("2.5.4.6", &printable("FR"))]),
            value(0x31, &[attribute("2.5.4.12", &utf8("Médecin"))]),
            value(0x31, &ordered),
        ])
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut written = Vec::new();
        if let Some(is_authority) = self.is_authority {
            let said = if is_authority { vec![boolean(true)] } else { Vec::new() };
            written.push(extension("2.5.29.19", false, &sequence(&said)));
        }
        if let Some(usage) = self.key_usage {
            written.push(extension("2.5.29.15", true, &bit_string(&[usage])));
        }
        if let Some(uses) = &self.extended_key_usage {
            let uses = sequence(&uses.iter().map(|one| oid(one)).collect::<Vec<_>>());
            written.push(extension("2.5.29.37", false, &uses));
        }
        if !self.list_places.is_empty() {
            let point = |place: &String| sequence(&[context(0, &[full_name(place)])]);
            let points = sequence(&self.list_places.iter().map(point).collect::<Vec<_>>());
            written.push(extension("2.5.29.31", false, &points));
        }
        for (last, content) in
            [(5, &self.category), (2, &self.kind), (3, &self.card_number), (7, &self.profession)]
        {
            if let Some(content) = content {
                written.push(extension(&format!("{ARC}.{last}"), false, content));
            }
        }
        written.extend(self.further.iter().cloned());
        written
    }
}

/// A place of lists, as certificates and lists name it.
pub(super) fn full_name(place: &str) -> Vec<u8> {
    context(0, &[value(0x86, &[place.as_bytes().to_vec()])])
}

/// A certificate and its key, as a TLS client or a card has them.
pub struct TestCard {
    pub der: Vec<u8>,
    pub key: TestKey,
}

impl TestCard {
    pub(super) fn issue(authority: &TestAuthority, profile: &CardProfile) -> Self {
        let key = TestKey::new(profile.key);
        let algorithm = profile.algorithm.clone().unwrap_or_else(|| authority.key.algorithm());
        let mut body = Vec::new();
        body.extend(profile.version.map(|version| context(0, &[number(version)])));
        body.extend([
            integer(&profile.serial),
            algorithm.clone(),
            authority.name.clone(),
            sequence(&[time(profile.from), time(profile.until)]),
            profile.subject(),
            profile.public_key.clone().unwrap_or_else(|| key.public()),
        ]);
        if profile.version.is_some() {
            body.push(context(3, &[sequence(&profile.extensions())]));
        }
        let body = sequence(&body);
        let der = match &profile.algorithm {
            None => authority.key.sign(&body),
            Some(_) => sequence(&[body, algorithm, bit_string(&[7; 256])]),
        };
        Self { der, key }
    }

    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// PKCS#8.
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.key.private())
    }
}

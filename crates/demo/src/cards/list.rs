//! Lists of revoked cards.
use super::certificate::full_name;
use super::der::{context, extension, integer, number, sequence, time};
use super::keys::TestKey;
use chrono::{DateTime, Duration, Utc};

/// What a list says. A test changes what it is about, and leaves the rest good.
#[derive(Debug, Clone)]
pub struct ListProfile {
    /// Absent when `None`.
    pub number: Option<u64>,
    pub this_update: DateTime<Utc>,
    pub next_update: Option<DateTime<Utc>>,
    /// The serials of those revoked.
    pub revoked: Vec<Vec<u8>>,
    /// DER of the extensions of each entry, if there are any.
    pub of_entries: Vec<Vec<u8>>,
    /// The place that the list is for (`issuingDistributionPoint`).
    pub place: Option<String>,
    /// What else stands in that extension.
    pub place_parts: Vec<Vec<u8>>,
    /// The number of the list that this one only adds to.
    pub delta_of: Option<u64>,
    /// Further extensions, each whole (`der::extension`).
    pub further: Vec<Vec<u8>>,
    /// Absent in a list of the first version.
    pub version: Option<u64>,
    /// DER of another algorithm than the one it is signed by, in the signed part.
    pub algorithm: Option<Vec<u8>>,
}

impl ListProfile {
    /// Of an hour ago, good for a day.
    pub fn new(number: u64, now: DateTime<Utc>) -> Self {
        Self {
            number: Some(number),
            this_update: now - Duration::hours(1),
            next_update: Some(now + Duration::hours(23)),
            revoked: Vec::new(),
            of_entries: Vec::new(),
            place: None,
            place_parts: Vec::new(),
            delta_of: None,
            further: Vec::new(),
            version: Some(1),
            algorithm: None,
        }
    }

    pub fn revoking(mut self, serials: &[&[u8]]) -> Self {
        self.revoked = serials.iter().map(|serial| serial.to_vec()).collect();
        self
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut written = Vec::new();
        written.extend(self.number.map(|given| extension("2.5.29.20", false, &number(given))));
        if self.place.is_some() || !self.place_parts.is_empty() {
            let place = self.place.iter().map(|place| context(0, &[full_name(place)]));
            let parts: Vec<_> = place.chain(self.place_parts.iter().cloned()).collect();
            written.push(extension("2.5.29.28", true, &sequence(&parts)));
        }
        written.extend(self.delta_of.map(|base| extension("2.5.29.27", true, &number(base))));
        written.extend(self.further.iter().cloned());
        written
    }

    pub(super) fn write(&self, issuer: &[u8], key: &TestKey) -> Vec<u8> {
        let entry = |serial: &Vec<u8>| {
            let mut parts = vec![integer(serial), time(self.this_update)];
            if !self.of_entries.is_empty() {
                parts.push(sequence(&self.of_entries));
            }
            sequence(&parts)
        };
        let mut body: Vec<Vec<u8>> = self.version.map(number).into_iter().collect();
        body.extend([
            self.algorithm.clone().unwrap_or_else(|| key.algorithm()),
            issuer.to_vec(),
            time(self.this_update),
        ]);
        body.extend(self.next_update.map(time));
        if !self.revoked.is_empty() {
            body.push(sequence(&self.revoked.iter().map(entry).collect::<Vec<_>>()));
        }
        let extensions = self.extensions();
        if !extensions.is_empty() {
            body.push(context(0, &[sequence(&extensions)]));
        }
        key.sign(&sequence(&body))
    }
}

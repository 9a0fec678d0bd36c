//! Cursors: where the next page begins, signed and bound to who asked what, so that none can be made or moved (AM-05).
use crate::problem::Problem;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{KeyStore, OperatorId};
use serde::{Serialize, de::DeserializeOwned};

/// A cursor longer than this is none of ours.
const MAX_BYTES: usize = 2048;
const MAC_BYTES: usize = 16;

/// What a cursor is bound to.
pub struct Bound<'a> {
    pub keys: &'a dyn KeyStore,
    pub operator: OperatorId,
    /// The route and its filters, without cursor and limit.
    pub query: &'a str,
}

impl Bound<'_> {
    pub fn seal<T: Serialize>(&self, position: &T) -> String {
        let position = serde_json::to_vec(position).expect("positions are plain");
        let mut whole = self.mac(&position).to_vec();
        whole.extend(position);
        BASE64_URL_SAFE_NO_PAD.encode(whole)
    }

    pub fn open<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, Problem> {
        let refused = || Problem::bad_request("the cursor is not of this list");
        if cursor.len() > MAX_BYTES {
            return Err(refused());
        }
        let whole = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let (mac, position) = whole.split_at_checked(MAC_BYTES).ok_or_else(refused)?;
        if !kernel::Secret::new(self.mac(position).to_vec()).matches(mac) {
            return Err(refused());
        }
        serde_json::from_slice(position).map_err(|_| refused())
    }

    fn mac(&self, position: &[u8]) -> [u8; MAC_BYTES] {
        let bound = format!("{}\0{}\0{}\0", self.query, self.operator, position.len());
        let mut message = bound.into_bytes();
        message.extend(position);
        let mac = self.keys.mac("web-cursor", &message);
        let mut short = [0; MAC_BYTES];
        short.copy_from_slice(&mac[..MAC_BYTES]);
        short
    }
}

//! Sealed bytes: format, version of the key, nonce, then AES-256-GCM-SIV. GCM-SIV because nonces are
//! drawn, and a twin drawn after a restored snapshot must not open anything (RFC 8452).
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use kernel::{KeyError, Secret};
use zeroize::Zeroize;

/// AES-256-GCM-SIV under a key derived from the master key file.
const FORMAT: u8 = 1;
/// Raised when a second master key lives beside the first.
const KEY_VERSION: u8 = 1;
const HEADER_LEN: usize = 2 + NONCE_LEN;

pub(crate) struct Sealer(LessSafeKey);

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).expect("a key of 32 bytes");
        Self(LessSafeKey::new(key))
    }

    pub(crate) fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Failed { attempted: "seal", cause: "cipher".to_owned() };
        let mut nonce = [0u8; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(failed)?;
        let mut sealed = Vec::with_capacity(HEADER_LEN + plain.len() + AES_256_GCM_SIV.tag_len());
        sealed.extend_from_slice(&[FORMAT, KEY_VERSION]);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        let outcome = self.0.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            bound(context),
            &mut body,
        );
        if let Err(cause) = outcome {
            body.zeroize();
            return Err(failed(cause));
        }
        sealed.append(&mut body);
        Ok(sealed)
    }

    pub(crate) fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, KeyError> {
        let [FORMAT, KEY_VERSION, rest @ ..] = sealed else { return Err(KeyError::NotOpened) };
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(KeyError::NotOpened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::NotOpened)?;
        let mut body = body.to_vec();
        let length = match self.0.open_in_place(nonce, bound(context), &mut body) {
            Ok(plain) => plain.len(),
            Err(_) => {
                body.zeroize();
                return Err(KeyError::NotOpened);
            }
        };
        body.truncate(length);
        Ok(Secret::new(body))
    }
}

/// What is bound to the sealed bytes beside them: their format and their place.
fn bound(context: &str) -> Aad<Vec<u8>> {
    let mut bytes = Vec::with_capacity(2 + context.len());
    bytes.extend_from_slice(&[FORMAT, KEY_VERSION]);
    bytes.extend_from_slice(context.as_bytes());
    Aad::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_whole_in_its_place_and_under_its_key() {
        let sealer = Sealer::new(&[7; 32]);
        for plain in [&b""[..], b"x", &[0; 4096]] {
            let sealed = sealer.seal("signing_key/1/private", plain).expect("sealed");
            let opened = sealer.open("signing_key/1/private", &sealed).expect("opened");
            assert_eq!(opened.expose(), plain);
            for elsewhere in ["", "signing_key/2/private", "signing_key/1/privat"] {
                assert!(sealer.open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
            }
            assert!(Sealer::new(&[8; 32]).open("signing_key/1/private", &sealed).is_err());
        }
    }

    #[test]
    fn any_altered_or_missing_byte_is_seen() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal("place", b"secret").expect("sealed");
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert!(sealer.open("place", &altered).is_err(), "byte {place}");
            assert!(sealer.open("place", &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn the_same_value_sealed_twice_shows_nothing_in_common() {
        let sealer = Sealer::new(&[7; 32]);
        let (one, two) = (sealer.seal("p", b"v").expect("1"), sealer.seal("p", b"v").expect("2"));
        assert_ne!(one, two);
    }
}

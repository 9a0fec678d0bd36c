use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{ClientId, Randomness, Secret};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// A client secret as it is shown once: 256 bits that we draw, never chosen by anybody (threats OP-10, KY-04).
pub struct ClientSecret(Secret<String>);

/// What is kept of it. The secret has 256 bits, so a plain hash cannot be searched; the client's id is hashed
/// with it, so that one client's row says nothing about another's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientSecretHash(pub [u8; 32]);

impl ClientSecret {
    pub fn draw(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0u8; 32];
        randomness.fill(&mut bytes);
        Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
    }
    /// To show once to whoever registers the client.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
    pub fn hash(&self, client: ClientId) -> ClientSecretHash {
        ClientSecretHash::of(client, self.expose())
    }
}

impl ClientSecretHash {
    fn of(client: ClientId, secret: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"hygie-client-secret\0");
        hasher.update(client.uuid().as_bytes());
        hasher.update(secret.as_bytes());
        Self(hasher.finalize().into())
    }
    /// In constant time; the empty secret is nobody's.
    pub fn admits(&self, client: ClientId, presented: &str) -> bool {
        !presented.is_empty() && bool::from(Self::of(client, presented).0.ct_eq(&self.0))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

impl fmt::Debug for ClientSecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{FixedClock, SeededRandomness};

    #[test]
    fn op_10_only_the_drawn_secret_of_this_client_is_admitted() {
        let (clock, chance) = (FixedClock::at("2026-11-22T08:00:00Z"), SeededRandomness::new(3));
        let (client, other) = (ClientId::new(&clock, &chance), ClientId::new(&clock, &chance));
        let secret = ClientSecret::draw(&chance);
        let hash = secret.hash(client);
        assert_eq!(secret.expose().len(), 43);
        assert!(hash.admits(client, secret.expose()));
        assert!(!hash.admits(other, secret.expose()));
        let padded = format!("{} ", secret.expose());
        for wrong in ["", "a", &secret.expose()[1..], &padded] {
            assert!(!hash.admits(client, wrong), "{wrong:?}");
        }
        assert!(!format!("{secret:?}{hash:?}").contains(secret.expose()));
    }
}

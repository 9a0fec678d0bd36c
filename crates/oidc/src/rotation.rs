//! When signing keys change: the next one is published a day before it signs, the last one a day after it signed, so
//! that no client that keeps our keys for hours meets a `kid` that it does not know.
use crate::{KeyState, SigningKey};
use chrono::{DateTime, Duration, Utc};
use kernel::{SigningAlgorithm, SigningKeyId};
use std::collections::BTreeSet;

/// How long a key signs.
const LIFE: Duration = Duration::days(90);
/// Published this long before its first signature.
pub const PUBLISHED_BEFORE: Duration = Duration::hours(24);
/// Published this long after its last.
pub const PUBLISHED_AFTER: Duration = Duration::hours(24);

/// One thing to do to the keys of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStep {
    /// A key of this algorithm that signs from then on, in the place of that one.
    Create { algorithm: SigningAlgorithm, active_from: DateTime<Utc>, replaces: SigningKeyId },
    /// Another signs: out of use now, out of sight after.
    Retire { key: SigningKeyId, until: DateTime<Utc> },
    /// It leaked: out of everything now.
    Revoke { key: SigningKeyId },
}

/// Why keys are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The daily look: what age and successors ask for.
    Scheduled,
    /// Somebody wants the next keys, with the same courtesy to clients.
    Asked,
    /// A key leaked: the next signs at once, and what the last signed is refused everywhere.
    Emergency,
}

/// What to do now. Scheduled twice, the second time asks for nothing.
pub fn rotation_steps(keys: &[SigningKey], why: Rotation, now: DateTime<Utc>) -> Vec<KeyStep> {
    let active: Vec<&SigningKey> =
        keys.iter().filter(|key| key.state == KeyState::Active).collect();
    let algorithms: BTreeSet<SigningAlgorithm> = active.iter().map(|key| key.algorithm).collect();
    let mut steps = Vec::new();
    for algorithm in algorithms {
        let same = || active.iter().copied().filter(|key| key.algorithm == algorithm);
        let Some(youngest) = same().max_by_key(|key| (key.active_from, key.id)) else { continue };
        let signs = youngest.active_from <= now;
        let create =
            |active_from| KeyStep::Create { algorithm, active_from, replaces: youngest.id };
        match why {
            Rotation::Scheduled
                if signs && now >= youngest.active_from + LIFE - PUBLISHED_BEFORE =>
            {
                steps.push(create(now + PUBLISHED_BEFORE));
            }
            Rotation::Asked if signs => steps.push(create(now + PUBLISHED_BEFORE)),
            Rotation::Scheduled | Rotation::Asked => {}
            Rotation::Emergency => {
                steps.push(create(now));
                steps.extend(same().map(|key| KeyStep::Revoke { key: key.id }));
                continue;
            }
        }
        let late = |key: &&SigningKey| signs && key.id != youngest.id;
        let until = youngest.active_from.max(now) + PUBLISHED_AFTER;
        steps.extend(same().filter(late).map(|key| KeyStep::Retire { key: key.id, until }));
    }
    if why == Rotation::Emergency {
        // What was retired may have leaked with the rest.
        let retired = keys.iter().filter(|key| key.state == KeyState::Retired);
        steps.extend(retired.map(|key| KeyStep::Revoke { key: key.id }));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::tests::{key, keystore};
    use crate::{jwks_document, signing_key_for};
    use kernel::{FixedClock, SeededRandomness};

    const START: &str = "2026-11-22T08:00:00Z";

    /// Does what the steps say.
    fn follow(keys: &mut Vec<SigningKey>, steps: &[KeyStep], chance: &SeededRandomness) {
        let store = keystore();
        for step in steps {
            match step {
                KeyStep::Create { algorithm, active_from, .. } => keys.push(SigningKey {
                    id: SigningKeyId::new(&FixedClock::at(START), chance),
                    active_from: *active_from,
                    ..key(&store, *algorithm)
                }),
                KeyStep::Retire { key, until } => {
                    for found in keys.iter_mut().filter(|found| found.id == *key) {
                        (found.state, found.retire_after) = (KeyState::Retired, Some(*until));
                    }
                }
                KeyStep::Revoke { key } => {
                    for found in keys.iter_mut().filter(|found| found.id == *key) {
                        found.state = KeyState::Revoked;
                    }
                }
            }
        }
    }

    /// Conformance: `oidcc-server-rotate-keys`. A client that read the keys a day ago knows whatever is signed now,
    /// and one that reads them now knows whatever was signed a day ago; every hour of a year.
    #[test]
    fn no_client_meets_a_key_that_it_cannot_know() {
        let (store, chance) = (keystore(), SeededRandomness::new(8));
        let start: DateTime<Utc> = START.parse().expect("time");
        let mut keys = vec![key(&store, SigningAlgorithm::Es256)];
        let mut seen: Vec<(String, String)> = Vec::new();
        for hour in 0..365 * 24 {
            let now = start + Duration::hours(hour);
            let steps = rotation_steps(&keys, Rotation::Scheduled, now);
            follow(&mut keys, &steps, &chance);
            assert!(rotation_steps(&keys, Rotation::Scheduled, now).is_empty(), "done is done");
            let signs = signing_key_for(&keys, SigningAlgorithm::Es256, now).expect("one signs");
            seen.push((signs.kid.clone(), jwks_document(&keys, now)));
            let day_ago = seen.len().saturating_sub(24);
            assert!(seen[day_ago].1.contains(&signs.kid), "hour {hour}");
            assert!(jwks_document(&keys, now).contains(&seen[day_ago].0), "hour {hour}");
        }
        let signers: BTreeSet<_> = seen.iter().map(|(kid, _)| kid).collect();
        assert_eq!(signers.len(), 5, "one key each ninety days");
        assert!(seen.iter().all(|(_, jwks)| jwks.matches("\"kid\"").count() <= 2));
    }

    #[test]
    fn in_an_emergency_nothing_of_before_is_believed() {
        let (store, chance) = (keystore(), SeededRandomness::new(8));
        let now: DateTime<Utc> = START.parse().expect("time");
        let mut keys =
            vec![key(&store, SigningAlgorithm::Es256), key(&store, SigningAlgorithm::EdDsa)];
        keys[1].id = SigningKeyId::new(&FixedClock::at(START), &chance);
        let asked = rotation_steps(&keys, Rotation::Asked, now);
        follow(&mut keys, &asked, &chance);
        assert_eq!(keys.len(), 4);
        assert!(
            rotation_steps(&keys, Rotation::Asked, now).is_empty(),
            "the next ones wait already"
        );
        let before: Vec<String> = keys.iter().map(|key| key.kid.clone()).collect();
        let steps = rotation_steps(&keys, Rotation::Emergency, now);
        follow(&mut keys, &steps, &chance);
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
            let signs = signing_key_for(&keys, algorithm, now).expect("one signs at once");
            assert!(!before.contains(&signs.kid));
        }
        let document = jwks_document(&keys, now);
        assert!(before.iter().all(|kid| !document.contains(kid.as_str())));
    }
}

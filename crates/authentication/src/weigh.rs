use crate::{Demand, Factor, Level, MeansKind, Proof, ProofOf};
use chrono::{DateTime, Duration, Utc};
use kernel::Reach;
use std::collections::{BTreeMap, BTreeSet};

/// Proofs this far in the future are no proofs: no two of our clocks differ so much.
const CLOCK_SKEW: Duration = Duration::seconds(5);

/// What a kind of means is worth and how it is called in `amr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleRow {
    pub amr: Vec<String>,
    /// Added when the hardware is attested, in the place of `amr_unattested`.
    pub amr_attested: Vec<String>,
    pub amr_unattested: Vec<String>,
    /// Best level that a login with this means may reach with two factors.
    pub level: Level,
}

/// The table of design §5, editable by the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansScale(pub BTreeMap<MeansKind, ScaleRow>);

impl Default for MeansScale {
    fn default() -> Self {
        let row = |amr: &[&str], attested: &[&str], unattested: &[&str], level| ScaleRow {
            amr: amr.iter().map(|&name| name.to_owned()).collect(),
            amr_attested: attested.iter().map(|&name| name.to_owned()).collect(),
            amr_unattested: unattested.iter().map(|&name| name.to_owned()).collect(),
            level,
        };
        Self(BTreeMap::from([
            (MeansKind::Password, row(&["pwd"], &[], &[], Level::Faible)),
            (MeansKind::Pin, row(&["pin"], &[], &[], Level::Faible)),
            (MeansKind::Totp, row(&["otp"], &[], &[], Level::Faible)),
            (MeansKind::Fido2, row(&[], &["hwk"], &["swk"], Level::Substantiel)),
            (MeansKind::CpsCard, row(&["sc", "pin"], &["hwk"], &[], Level::Substantiel)),
            (MeansKind::WorkstationTicket, row(&["wia"], &[], &[], Level::Faible)),
        ]))
    }
}

/// What a set of proofs is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assurance {
    pub level: Level,
    pub factors: BTreeSet<Factor>,
    pub two_factors: bool,
    /// RFC 8176 names, in the order of the table.
    pub amr: Vec<String>,
    /// The last full login: the oldest proof that this assurance needs.
    pub auth_time: DateTime<Utc>,
}

/// What the demand still wants. The first that fails, from the hardest to mend to the easiest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// No policy allows anything here.
    Policy,
    /// No proof, or none of an allowed kind.
    AnyProof,
    SecondFactor,
    HardwareKey,
    HigherLevel,
    /// All is there, but too long ago.
    FreshLogin,
}

impl Missing {
    pub fn code(self) -> &'static str {
        match self {
            Self::Policy => "no_policy",
            Self::AnyProof => "no_proof",
            Self::SecondFactor => "second_factor_missing",
            Self::HardwareKey => "hardware_key_missing",
            Self::HigherLevel => "level_too_low",
            Self::FreshLogin => "login_too_old",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weighed {
    Enough(Assurance),
    Missing(Missing),
}

/// Weighs proofs against a demand: pure, and monotone (a stricter demand never allows more, AU-12).
/// `None` as demand is a missing policy. Dependencies that are lost never enlarge what is allowed (I-17): today no
/// demand is eased by them, and `reach` is asked for so that no caller forgets it when break-glass comes.
pub fn weigh(
    proofs: &[Proof],
    demand: Option<&Demand>,
    scale: &MeansScale,
    _reach: &Reach,
    now: DateTime<Utc>,
) -> Weighed {
    let Some(demand) = demand else { return Weighed::Missing(Missing::Policy) };
    let allowed = |proof: &&Proof| {
        demand.kinds.contains(&proof.kind())
            && scale.0.contains_key(&proof.kind())
            && proof.at() <= now + CLOCK_SKEW
    };
    let latest = latest_of_each(proofs.iter().filter(allowed));
    if latest.is_empty() {
        return Weighed::Missing(Missing::AnyProof);
    }
    if demand.hardware && !latest.iter().any(|proof| proof.attested()) {
        return Weighed::Missing(Missing::HardwareKey);
    }
    let assurance = assurance_of(&latest, scale, now);
    if demand.two_factors && !assurance.two_factors {
        return Weighed::Missing(Missing::SecondFactor);
    }
    if assurance.level < demand.level {
        return Weighed::Missing(Missing::HigherLevel);
    }
    if demand.longest_age.is_some_and(|longest| now - assurance.auth_time > longest) {
        return Weighed::Missing(Missing::FreshLogin);
    }
    Weighed::Enough(assurance)
}

/// One secret counts once, at its latest proof (threats AU-09).
fn latest_of_each<'a>(proofs: impl Iterator<Item = &'a Proof>) -> Vec<&'a Proof> {
    let mut latest: BTreeMap<ProofOf, &Proof> = BTreeMap::new();
    for proof in proofs {
        latest
            .entry(proof.of())
            .and_modify(|kept| {
                if proof.at() > kept.at() {
                    *kept = proof;
                }
            })
            .or_insert(proof);
    }
    latest.into_values().collect()
}

fn assurance_of(proofs: &[&Proof], scale: &MeansScale, now: DateTime<Utc>) -> Assurance {
    let factors: BTreeSet<Factor> =
        proofs.iter().flat_map(|proof| proof.factors().iter().copied()).collect();
    let two_factors = factors.contains(&Factor::Possession)
        && (factors.contains(&Factor::Knowledge) || factors.contains(&Factor::UserVerification));
    let mut amr = Vec::new();
    for proof in proofs {
        let row = &scale.0[&proof.kind()];
        let marked = if proof.attested() { &row.amr_attested } else { &row.amr_unattested };
        amr.extend(row.amr.iter().chain(marked).cloned());
        if proof.user_verified() {
            amr.push("user".to_owned());
        }
    }
    if two_factors {
        amr.push("mfa".to_owned());
    }
    let mut seen = BTreeSet::new();
    amr.retain(|name| seen.insert(name.clone()));
    Assurance {
        level: level_of(proofs, scale),
        factors,
        two_factors,
        amr,
        auth_time: full_login(proofs).min(now),
    }
}

/// A level above *faible* is reached by a means that shows two factors by itself: what two weaker means are worth
/// together is a decision of homologation, not a sum.
fn level_of(proofs: &[&Proof], scale: &MeansScale) -> Level {
    let alone = |proof: &&&Proof| {
        proof.factors().contains(&Factor::Possession) && proof.factors().len() > 1
    };
    let levels = proofs.iter().filter(alone).map(|proof| scale.0[&proof.kind()].level);
    levels.max().unwrap_or(Level::Faible)
}

/// When the login that carries the assurance was full: the latest proof of two factors at once, else the moment when
/// the oldest of the latest knowledge and possession was shown, else the latest proof.
fn full_login(proofs: &[&Proof]) -> DateTime<Utc> {
    let whole = |proof: &&&Proof| proof.factors().len() > 1;
    let latest_with = |factor: Factor| {
        proofs
            .iter()
            .filter(|proof| proof.factors().contains(&factor))
            .map(|proof| proof.at())
            .max()
    };
    let latest = proofs.iter().map(|proof| proof.at()).max().unwrap_or_default();
    let by_one = proofs.iter().filter(whole).map(|proof| proof.at()).max();
    let by_two = latest_with(Factor::Knowledge)
        .zip(latest_with(Factor::Possession))
        .map(|(known, held)| known.min(held));
    match (by_one, by_two) {
        (Some(one), Some(two)) => one.max(two),
        (one, two) => one.or(two).unwrap_or(latest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ask, Place, Policy, PolicyMode, PolicyRule};
    use kernel::{Clock, FixedClock, MeansId};
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        FixedClock::at("2026-03-01T08:00:00Z").now()
    }

    fn proof(secret: u128, kind: MeansKind, factors: &[Factor], seconds_ago: i64) -> Proof {
        let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
        let of = ProofOf::Means(MeansId::from(uuid::Uuid::from_u128(secret)));
        let at = now() - Duration::seconds(seconds_ago);
        Proof::recalled(of, kind, factors.iter().copied().collect(), false, at, place)
    }

    fn password(ago: i64) -> Proof {
        proof(1, MeansKind::Password, &[Factor::Knowledge], ago)
    }
    fn key(ago: i64) -> Proof {
        proof(2, MeansKind::Fido2, &[Factor::Possession, Factor::UserVerification], ago)
    }
    fn touched(secret: u128, ago: i64) -> Proof {
        proof(secret, MeansKind::Fido2, &[Factor::Possession], ago)
    }

    fn worth(proofs: &[Proof], demand: &Demand) -> Weighed {
        weigh(proofs, Some(demand), &MeansScale::default(), &Reach::all_online(), now())
    }

    #[test]
    fn each_login_says_what_it_was() {
        let any = Demand::anything();
        for (name, proofs, level, amr, age) in [
            ("password", vec![password(10)], Level::Faible, "pwd", 10),
            ("key", vec![key(10)], Level::Substantiel, "swk user mfa", 10),
            ("touch", vec![touched(3, 10)], Level::Faible, "swk", 10),
            (
                "password, touch",
                vec![password(30), touched(3, 10)],
                Level::Faible,
                "pwd swk mfa",
                30,
            ),
            (
                "password, key",
                vec![password(30), key(10)],
                Level::Substantiel,
                "pwd swk user mfa",
                10,
            ),
        ] {
            let Weighed::Enough(assurance) = worth(&proofs, &any) else { panic!("{name}") };
            assert_eq!(assurance.level, level, "{name}");
            assert_eq!(assurance.amr.join(" "), amr, "{name}");
            assert_eq!(assurance.auth_time, now() - Duration::seconds(age), "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let two = Demand::two_factors();
        let fresh = Demand { longest_age: Some(Duration::minutes(5)), ..Demand::anything() };
        let high = Demand { level: Level::Eleve, ..Demand::anything() };
        let hard = Demand { hardware: true, ..Demand::anything() };
        let cards = Demand { kinds: BTreeSet::from([MeansKind::CpsCard]), ..Demand::anything() };
        for (name, proofs, demand, missing) in [
            ("nothing", vec![], &two, Missing::AnyProof),
            ("password", vec![password(1)], &two, Missing::SecondFactor),
            ("two touches", vec![touched(3, 1), touched(4, 1)], &two, Missing::SecondFactor),
            ("old key", vec![key(301)], &fresh, Missing::FreshLogin),
            ("key", vec![key(1)], &high, Missing::HigherLevel),
            ("synced key", vec![key(1)], &hard, Missing::HardwareKey),
            ("not this way", vec![key(1)], &cards, Missing::AnyProof),
            ("tomorrow", vec![key(-3600)], &two, Missing::AnyProof),
        ] {
            assert_eq!(worth(&proofs, demand), Weighed::Missing(missing), "{name}");
        }
        let without = weigh(&[key(1)], None, &MeansScale::default(), &Reach::all_online(), now());
        assert_eq!(without, Weighed::Missing(Missing::Policy), "AU-12: no policy, no login");
    }

    fn any_proof() -> impl Strategy<Value = Proof> {
        let kinds = prop::sample::select(vec![
            (MeansKind::Password, vec![Factor::Knowledge]),
            (MeansKind::Pin, vec![Factor::Knowledge]),
            (MeansKind::Fido2, vec![Factor::Possession]),
            (MeansKind::Fido2, vec![Factor::Possession, Factor::UserVerification]),
        ]);
        (1u128..5, kinds, 0i64..600)
            .prop_map(|(secret, (kind, factors), ago)| proof(secret, kind, &factors, ago))
    }

    fn any_demand() -> impl Strategy<Value = Demand> {
        let kinds =
            prop::collection::btree_set(prop::sample::select(MeansKind::ALL.to_vec()), 0..10);
        let level = prop::sample::select(Level::ALL.to_vec());
        (level, any::<bool>(), kinds, prop::option::of(0i64..600), any::<bool>()).prop_map(
            |(level, two_factors, kinds, age, hardware)| Demand {
                level,
                two_factors,
                kinds,
                longest_age: age.map(Duration::seconds),
                hardware,
            },
        )
    }

    fn any_rule() -> impl Strategy<Value = PolicyRule> {
        let name =
            || prop::option::of(prop::sample::select(vec!["dpi".to_owned(), "ward".to_owned()]));
        let mode = prop::sample::select(vec![
            PolicyMode::ReportOnly,
            PolicyMode::Warn,
            PolicyMode::Enforce,
        ]);
        (name(), name(), mode, any_demand()).prop_map(|(application, zone, mode, demand)| {
            PolicyRule {
                name: "rule".into(),
                application,
                zone,
                population: None,
                from: now(),
                mode,
                demand,
            }
        })
    }

    proptest! {
        #[test]
        fn au_09_two_factors_are_two_kinds_never_one_twice(proofs in prop::collection::vec(any_proof(), 1..5)) {
            let Weighed::Enough(assurance) = worth(&proofs, &Demand::anything()) else {
                return Err(TestCaseError::fail("some proof is there"));
            };
            let mut latest: BTreeMap<ProofOf, &Proof> = BTreeMap::new();
            for proof in &proofs {
                let kept = latest.entry(proof.of()).or_insert(proof);
                if proof.at() > kept.at() { *kept = proof; }
            }
            let shown = |wanted: &[Factor]| latest.values().any(|p| p.factors().iter().any(|f| wanted.contains(f)));
            let two = shown(&[Factor::Possession]) && shown(&[Factor::Knowledge, Factor::UserVerification]);
            prop_assert_eq!(assurance.two_factors, two);
            prop_assert_eq!(assurance.amr.contains(&"mfa".to_owned()), two);
            prop_assert!(assurance.auth_time <= now());
            prop_assert!(two || assurance.level == Level::Faible);
        }

        #[test]
        fn au_12_a_restriction_never_raises_what_is_allowed(
            proofs in prop::collection::vec(any_proof(), 0..4),
            base in any_demand(),
            rules in prop::collection::vec(any_rule(), 0..4),
            more in any_rule(),
        ) {
            let ask = Ask { application: "dpi", zone: "ward", populations: &[] };
            let before = Policy { base: Some(base), rules };
            let mut after = before.clone();
            after.rules.push(more);
            let allowed = |policy: &Policy| {
                let standing = policy.standing(&ask, now()).expect("a base");
                matches!(worth(&proofs, &standing.demand), Weighed::Enough(_))
            };
            prop_assert!(allowed(&before) || !allowed(&after));
            let without_base = Policy { base: None, ..after };
            prop_assert!(without_base.standing(&ask, now()).is_none());
        }
    }
}

use chrono::{DateTime, Duration, Utc};
use kernel::{KeyStore, MeansId, PersonId};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a counter of refusals belongs to. Never a person alone: nobody can lock a colleague or a ward (AU-02).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ThrottleScope<'a> {
    /// One means, tried from one seat or network.
    Means { means: MeansId, network: &'a str },
    /// One name as typed (canonical), known or not, tried from one network.
    Name { name: &'a str, network: &'a str },
    /// One account anywhere: keeps our binds below the lock-out of the directory.
    DirectoryBinds { account: &'a str },
    /// One network, whatever the names: spraying.
    Network { network: &'a str },
    /// What one person types of codes that devices show: she waits, nobody else (RFC 8628 §5.1).
    UserCodes { person: PersonId },
    /// Codes that one network asks for in the name of devices that prove nothing: it waits, no other does.
    DeviceAsks { network: &'a str },
    /// Connector checks that one network begins in a sandbox: they take the places of no other's.
    Checks { network: &'a str },
    /// The same of all networks around it: an address book of IPv6 networks is one visitor's.
    ChecksAround { around: &'a str },
}

impl ThrottleScope<'_> {
    /// What is stored: a MAC, since names typed by visitors stay out of the base.
    pub fn key(&self, keys: &dyn KeyStore) -> [u8; 32] {
        let text = match self {
            Self::Means { means, network } => format!("means\0{means}\0{network}"),
            Self::Name { name, network } => format!("name\0{name}\0{network}"),
            Self::DirectoryBinds { account } => format!("binds\0{account}"),
            Self::Network { network } => format!("network\0{network}"),
            Self::UserCodes { person } => format!("user-codes\0{person}"),
            Self::DeviceAsks { network } => format!("device-asks\0{network}"),
            Self::Checks { network } => format!("checks\0{network}"),
            Self::ChecksAround { around } => format!("checks-around\0{around}"),
        };
        keys.mac("throttle", text.as_bytes())
    }

    pub fn rule(&self) -> ThrottleRule {
        match self {
            Self::Means { .. } | Self::Name { .. } | Self::UserCodes { .. } => ThrottleRule::EACH,
            Self::DirectoryBinds { .. } => ThrottleRule::DIRECTORY,
            Self::Network { .. } => ThrottleRule::NETWORK,
            Self::DeviceAsks { .. } => ThrottleRule::DEVICES,
            Self::Checks { .. } => ThrottleRule::CHECKS,
            Self::ChecksAround { .. } => ThrottleRule::CHECKS_AROUND,
        }
    }
}

/// One line of a house: of an IPv6 address its first half, since whoever has one has the whole of the second.
pub fn network_of(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) if address.to_ipv4_mapped().is_none() => {
            let [first, second, third, fourth, ..] = address.segments();
            Ipv6Addr::new(first, second, third, fourth, 0, 0, 0, 0).to_string()
        }
        Ok(_) | Err(_) => address.to_owned(),
    }
}

/// What one house, or one street, holds of addresses: 256 of IPv4, and of IPv6 the /48 that a provider hands out.
pub fn around(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [first, second, third, ..] = address.segments();
            Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0).to_string()
        }
        Ok(IpAddr::V4(address)) => {
            let [first, second, third, _] = address.octets();
            Ipv4Addr::new(first, second, third, 0).to_string()
        }
        Err(_) => address.to_owned(),
    }
}

/// How refusals turn into waiting: growing, bounded, and forgotten after a calm while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleRule {
    /// Refusals that cost nothing.
    pub free: u32,
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// Refusals older than this are forgotten.
    pub memory: Duration,
    /// One more is forgotten each time so much has passed: for what is counted though it be right.
    pub drains: Option<Duration>,
}

impl ThrottleRule {
    /// PSSI-S: at least a minute after three failures; grows to a quarter of an hour, never a lock.
    pub const EACH: Self = Self {
        free: 2,
        first_wait: Duration::seconds(60),
        longest_wait: Duration::minutes(15),
        memory: Duration::hours(1),
        drains: None,
    };
    /// Two under the usual threshold of five bad binds in half an hour.
    pub const DIRECTORY: Self = Self {
        free: 2,
        first_wait: Duration::minutes(31),
        longest_wait: Duration::minutes(31),
        memory: Duration::minutes(31),
        drains: None,
    };
    /// A ward, or a whole house behind a proxy, shares one address: wide, and short. It is never calm, so that refusals grow
    /// old one by one, as fast as whoever guesses without end is let in.
    pub const NETWORK: Self = Self {
        free: 60,
        first_wait: Duration::seconds(5),
        longest_wait: Duration::seconds(60),
        memory: Duration::minutes(10),
        drains: Some(Duration::seconds(60)),
    };
    /// Sixty at once, thirty a minute for ever: with codes that live two minutes, some six score of a client's places.
    pub const DEVICES: Self = Self { drains: Some(Duration::seconds(2)), ..Self::NETWORK };
    /// Sixty at once, twenty an hour for ever: no editor waits, and a week of it fills no sandbox by itself. Whoever asks
    /// too early waits as long as one takes to be forgotten: less would forget nothing and let one more in each time.
    pub const CHECKS: Self = Self {
        drains: Some(Duration::minutes(3)),
        longest_wait: Duration::minutes(3),
        memory: Duration::hours(4),
        ..Self::NETWORK
    };
    /// Six hundred at once, two hundred an hour for ever: ten networks of editors side by side wait for nobody.
    pub const CHECKS_AROUND: Self = Self {
        free: 600,
        drains: Some(Duration::seconds(18)),
        memory: Duration::hours(4),
        ..Self::NETWORK
    };
}

/// What was counted for one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    pub refusals: u32,
    pub last_at: DateTime<Utc>,
}

impl Attempts {
    pub fn none(now: DateTime<Utc>) -> Self {
        Self { refusals: 0, last_at: now }
    }

    /// How long to wait before the next try is looked at. `None`: now.
    pub fn wait(&self, rule: ThrottleRule, now: DateTime<Utc>) -> Option<Duration> {
        let wait = self.drained(rule, now).penalty(rule);
        // A clock set back keeps people waiting no longer than the penalty itself.
        let passed = (now - self.last_at).max(Duration::zero());
        (passed < wait).then(|| wait - passed)
    }

    /// Counts one try before it is verified (AU-03); a success takes it back with [`Attempts::forgive`].
    #[must_use]
    pub fn counted(self, rule: ThrottleRule, now: DateTime<Utc>) -> Self {
        let calm = now - self.last_at >= rule.memory;
        let left = self.drained(rule, now).refusals;
        let refusals = if calm { 1 } else { left.saturating_add(1) };
        Self { refusals, last_at: now.max(self.last_at) }
    }

    /// The try was right.
    #[must_use]
    pub fn forgive(self, now: DateTime<Utc>) -> Self {
        Self { refusals: 0, last_at: now.max(self.last_at) }
    }

    fn drained(self, rule: ThrottleRule, now: DateTime<Utc>) -> Self {
        let Some(every) = rule.drains else { return self };
        let passed = (now - self.last_at).max(Duration::zero());
        let gone = passed.num_milliseconds() / every.num_milliseconds().max(1);
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        Self { refusals: self.refusals.saturating_sub(gone), ..self }
    }

    fn penalty(&self, rule: ThrottleRule) -> Duration {
        match self.refusals.checked_sub(rule.free + 1) {
            None => Duration::zero(),
            Some(beyond) => {
                let seconds = rule.first_wait.num_seconds() << beyond.min(16);
                Duration::seconds(seconds).min(rule.longest_wait)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrolment::tests::TestKeys;
    use kernel::{Clock, FixedClock};

    #[test]
    fn au_02_the_wait_grows_from_the_third_refusal_and_is_never_a_lock() {
        let now = FixedClock::at("2026-03-01T08:00:00Z").now();
        let mut attempts = Attempts::none(now);
        for seconds in [0, 0, 60, 120, 240, 480, 900, 900, 900] {
            attempts = attempts.counted(ThrottleRule::EACH, now);
            let wait = attempts.wait(ThrottleRule::EACH, now).unwrap_or(Duration::zero());
            assert_eq!(wait, Duration::seconds(seconds), "{} refusals", attempts.refusals);
        }
        for _ in 0..500 {
            attempts = attempts.counted(ThrottleRule::EACH, now);
        }
        assert_eq!(attempts.wait(ThrottleRule::EACH, now + Duration::minutes(15)), None);
        let later = attempts.counted(ThrottleRule::EACH, now + Duration::hours(1));
        assert_eq!(later.refusals, 1, "a calm hour forgets");
        assert_eq!(attempts.forgive(now).wait(ThrottleRule::EACH, now), None);
    }

    #[test]
    fn au_03_an_address_forgets_slips_and_lets_a_spray_in_once_a_minute() {
        let mut now = FixedClock::at("2026-03-01T08:00:00Z").now();
        let mut attempts = Attempts::none(now);
        // A house behind one address: a slip each two minutes, all day, and never ten minutes of calm.
        for _ in 0..720 {
            now += Duration::minutes(2);
            assert_eq!(attempts.wait(ThrottleRule::NETWORK, now), None, "at {now}");
            attempts = attempts.counted(ThrottleRule::NETWORK, now);
        }
        let mut tried = 0;
        for _ in 0..3_600 {
            now += Duration::seconds(1);
            if attempts.wait(ThrottleRule::NETWORK, now).is_none() {
                attempts = attempts.counted(ThrottleRule::NETWORK, now);
                tried += 1;
            }
        }
        assert!(tried <= 61 + 5 + 60, "{tried} guesses in an hour without end");
    }

    #[test]
    fn op_26_what_is_counted_though_right_drains() {
        let mut now = FixedClock::at("2026-03-01T08:00:00Z").now();
        let mut attempts = Attempts::none(now);
        let mut ask = |now| {
            let goes = attempts.wait(ThrottleRule::DEVICES, now).is_none();
            if goes {
                attempts = attempts.counted(ThrottleRule::DEVICES, now);
            }
            goes
        };
        assert_eq!((0..200).filter(|_| ask(now)).count(), 61, "at once");
        now += Duration::minutes(3);
        // A ward behind one address, all day: one code each three seconds.
        for _ in 0..9_600 {
            now += Duration::seconds(3);
            assert!(ask(now), "at {now}");
        }
        let goes = (0..600).filter(|_| {
            now += Duration::milliseconds(200);
            ask(now)
        });
        assert!(goes.count() <= 61 + 61, "two minutes of somebody who asks without end");
    }

    /// Checks that go through over so long, asked for each so many seconds.
    fn begun(rule: ThrottleRule, every: i64, over: Duration) -> i64 {
        let mut now = FixedClock::at("2026-03-01T08:00:00Z").now();
        let until = now + over;
        let mut attempts = Attempts::none(now);
        let mut begun = 0;
        while now < until {
            if attempts.wait(rule, now).is_none() {
                attempts = attempts.counted(rule, now);
                begun += 1;
            }
            now += Duration::seconds(every);
        }
        begun
    }

    #[test]
    fn op_26_checks_of_a_day_are_those_that_were_promised() {
        for (rule, an_hour) in [(ThrottleRule::CHECKS, 20), (ThrottleRule::CHECKS_AROUND, 200)] {
            let free = i64::from(rule.free) + 1;
            // Six more while the waits grow to their longest.
            for every in [1, 5, 59, 60, 61, 179, 180, 181] {
                let begun = begun(rule, every, Duration::hours(24));
                assert!(begun <= free + 6 + an_hour * 24, "{begun}, one try each {every} s");
            }
            // And no fewer to whoever asks at that pace.
            assert_eq!(begun(rule, 3600 / an_hour, Duration::hours(24)), an_hour * 24);
        }
        let week = begun(ThrottleRule::CHECKS, 60, Duration::days(7));
        assert!(week < 10_000, "{week}");
    }

    #[test]
    fn op_26_networks_side_by_side_are_one_neighbourhood() {
        for (address, expected) in [
            ("2001:db8:1:2:3::4", "2001:db8:1::"),
            ("2001:db8:1:ffff::", "2001:db8:1::"),
            ("2001:db8:2::1", "2001:db8:2::"),
            ("192.0.2.77", "192.0.2.0"),
            ("::ffff:192.0.2.77", "192.0.2.0"),
            ("nobody", "nobody"),
        ] {
            assert_eq!(around(address), expected, "{address}");
        }
    }

    #[test]
    fn au_02_binds_stay_two_under_a_threshold_of_five() {
        let mut now = FixedClock::at("2026-03-01T08:00:00Z").now();
        let mut attempts = Attempts::none(now);
        let mut binds = 0;
        // Half an hour of tries, one a second: what the directory sees.
        for _ in 0..1_800 {
            if attempts.wait(ThrottleRule::DIRECTORY, now).is_none() {
                attempts = attempts.counted(ThrottleRule::DIRECTORY, now);
                binds += 1;
            }
            now += Duration::seconds(1);
        }
        assert_eq!(binds, 3);
    }

    #[test]
    fn au_02_no_scope_is_counted_as_another() {
        let keys = TestKeys(1);
        let means = MeansId::from(kernel_uuid());
        let scopes = [
            ThrottleScope::Means { means, network: "10.0.0.1" },
            ThrottleScope::Means { means, network: "10.0.0.2" },
            ThrottleScope::Name { name: "dupont", network: "10.0.0.1" },
            ThrottleScope::Name { name: "durand", network: "10.0.0.1" },
            ThrottleScope::DirectoryBinds { account: "dupont" },
            ThrottleScope::Network { network: "10.0.0.1" },
            ThrottleScope::DeviceAsks { network: "10.0.0.1" },
            ThrottleScope::Checks { network: "10.0.0.1" },
            ThrottleScope::ChecksAround { around: "10.0.0.1" },
            ThrottleScope::UserCodes { person: PersonId::from(kernel_uuid()) },
        ];
        let distinct: std::collections::BTreeSet<_> =
            scopes.iter().map(|scope| scope.key(&keys)).collect();
        assert_eq!(distinct.len(), scopes.len());
    }

    fn kernel_uuid() -> uuid::Uuid {
        uuid::Uuid::from_u128(7)
    }
}

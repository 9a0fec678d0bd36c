use std::collections::BTreeSet;
use std::time::Duration;

/// How long one destination is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// One answer, or one page of answers.
    pub answer: Duration,
}

impl Timeouts {
    pub fn seconds(connect: u64, answer: u64) -> Self {
        Self { connect: Duration::from_secs(connect), answer: Duration::from_secs(answer) }
    }
}

/// Hosts that the settings file allows, by name or address, with or without a port. Empty allows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(BTreeSet<String>);

impl AllowedHosts {
    pub fn new<T: AsRef<str>>(hosts: impl IntoIterator<Item = T>) -> Self {
        Self(hosts.into_iter().map(|host| host.as_ref().trim().to_ascii_lowercase()).collect())
    }

    /// A name with its final dot is the same name.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        self.0.contains(host) || self.0.contains(&format!("{host}:{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_named_are_allowed() {
        let allowed = AllowedHosts::new(["DC1.hopital.test", "127.0.0.10:636", "[::1]:8443"]);
        for (host, port, yes) in [
            ("dc1.hopital.test", 636, true),
            ("dc1.hopital.test.", 389, true),
            ("127.0.0.10", 636, true),
            ("127.0.0.10", 22, false),
            ("[::1]", 8443, true),
            ("hopital.test", 636, false),
            ("xdc1.hopital.test", 636, false),
            ("", 0, false),
        ] {
            assert_eq!(allowed.allows(host, port), yes, "{host}:{port}");
        }
        assert!(!AllowedHosts::default().allows("dc1.hopital.test", 636));
    }
}

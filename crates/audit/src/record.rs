use crate::{AuditEvent, Digest, leaf_hash};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// C2SP tlog-tiles: the length of an entry is told in two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("an entry of the log holds at most {MAX_ENTRY_BYTES} bytes, this one {0}")]
    TooLong(usize),
    #[error("this entry of the log is not a record of ours")]
    Malformed(#[source] serde_json::Error),
}

/// One event with its time and node: an entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    #[serde(with = "micros")]
    pub at: DateTime<Utc>,
    /// The node that acted, by the name that its settings give.
    pub node: String,
    #[serde(flatten)]
    pub event: AuditEvent,
}

impl AuditRecord {
    /// The leaf: one line of JSON, keys in the order of the types (`at`, `node`, `event`, then the event's own). Written once
    /// and kept; a later version may write other bytes for the same event, so nobody makes them again.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let bytes = serde_json::to_vec(self).map_err(RecordError::Malformed)?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(RecordError::TooLong(bytes.len()));
        }
        Ok(bytes)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        serde_json::from_slice(bytes).map_err(RecordError::Malformed)
    }

    pub fn leaf_hash(&self) -> Result<Digest, RecordError> {
        Ok(leaf_hash(&self.to_bytes()?))
    }
}

/// RFC 3339 with exactly six decimals, since one instant must have one text.
mod micros {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        let at = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(at.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Reference, RunCounts};
    use kernel::{ActorId, Clock, FixedClock};
    use serde_json::Value;

    fn record(event: AuditEvent) -> AuditRecord {
        AuditRecord { at: FixedClock::at("2026-03-01T10:15:00.5Z").now(), node: "un".into(), event }
    }
    fn id<T: From<uuid::Uuid>>(low: u128) -> T {
        T::from(uuid::Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0000 + low))
    }

    #[test]
    fn records_are_written_as_they_always_were() {
        let operator = ActorId::Operator { operator: id(1), person: id(2) };
        let reference: Reference = "K7Q2M9".parse().expect("reference");
        let cases = [
            (
                AuditEvent::PersonSuspended { by: operator.clone(), person: id(3), motive: None },
                r#"{"at":"2026-03-01T10:15:00.500000Z","node":"un","event":"person_suspended","by":{"kind":"operator","operator":"01950000-0000-7000-8000-000000000001","person":"01950000-0000-7000-8000-000000000002"},"person":"01950000-0000-7000-8000-000000000003","motive":null}"#,
            ),
            (
                AuditEvent::LoginRefused {
                    by: ActorId::Nobody,
                    person: None,
                    means: None,
                    client: None,
                    listener: crate::AccessKind::Public,
                    place: None,
                    reason: Code::of("unknown_login"),
                    reference: reference.clone(),
                },
                r#"{"at":"2026-03-01T10:15:00.500000Z","node":"un","event":"login_refused","by":{"kind":"nobody"},"person":null,"means":null,"client":null,"listener":"public","place":null,"reason":"unknown_login","reference":"K7Q2M9"}"#,
            ),
            (
                AuditEvent::RunPlanned {
                    by: ActorId::Job { name: "sync".into() },
                    source: id(4),
                    run: id(5),
                    counts: RunCounts { lines: 12, created: 3, ..RunCounts::default() },
                },
                r#"{"at":"2026-03-01T10:15:00.500000Z","node":"un","event":"run_planned","by":{"kind":"job","name":"sync"},"source":"01950000-0000-7000-8000-000000000004","run":"01950000-0000-7000-8000-000000000005","counts":{"lines":12,"created":3,"changed":0,"closed":0,"reopened":0,"conflicts":0,"doubts":0,"faults":0}}"#,
            ),
        ];
        for (event, expected) in cases {
            let bytes = record(event).to_bytes().expect("short");
            assert_eq!(String::from_utf8_lossy(&bytes), expected);
        }
    }

    #[test]
    fn every_event_comes_back_and_bears_its_name() {
        for event in AuditEvent::samples() {
            let written = record(event);
            let bytes = written.to_bytes().expect("short");
            assert!(!bytes.contains(&b'\n'));
            assert_eq!(AuditRecord::from_bytes(&bytes).expect("ours"), written);
            let json: Value = serde_json::from_slice(&bytes).expect("json");
            assert_eq!(json["event"], written.event.name());
        }
    }

    #[test]
    fn an_entry_longer_than_the_log_takes_is_refused() {
        let mut long = record(AuditEvent::SystemStopped { by: ActorId::Nobody });
        long.node = "n".repeat(MAX_ENTRY_BYTES);
        assert!(matches!(long.to_bytes(), Err(RecordError::TooLong(_))));
    }
}

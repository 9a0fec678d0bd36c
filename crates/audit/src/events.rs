use crate::AuditEvent;

/// One event, or those of a batch; never none, so that nothing can be committed untraced (style rule 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    first: AuditEvent,
    rest: Vec<AuditEvent>,
}

/// A batch without an event is no act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an act leaves at least one event")]
pub struct NoEvent;

impl Events {
    pub fn iter(&self) -> impl Iterator<Item = &AuditEvent> {
        std::iter::once(&self.first).chain(&self.rest)
    }
    /// How many; at least one.
    pub fn count(&self) -> usize {
        1 + self.rest.len()
    }
}

impl IntoIterator for Events {
    type Item = AuditEvent;
    type IntoIter = std::iter::Chain<std::iter::Once<AuditEvent>, std::vec::IntoIter<AuditEvent>>;
    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.rest)
    }
}

impl From<AuditEvent> for Events {
    fn from(first: AuditEvent) -> Self {
        Self { first, rest: Vec::new() }
    }
}

impl From<(AuditEvent, Vec<AuditEvent>)> for Events {
    fn from((first, rest): (AuditEvent, Vec<AuditEvent>)) -> Self {
        Self { first, rest }
    }
}

impl TryFrom<Vec<AuditEvent>> for Events {
    type Error = NoEvent;
    fn try_from(events: Vec<AuditEvent>) -> Result<Self, NoEvent> {
        let mut events = events.into_iter();
        let first = events.next().ok_or(NoEvent)?;
        Ok(Self { first, rest: events.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ActorId;

    #[test]
    fn lg_04_no_batch_is_empty() {
        assert_eq!(Events::try_from(Vec::new()), Err(NoEvent));
        let stop = AuditEvent::SystemStopped { by: ActorId::CommandLine { uid: 0 } };
        for (events, count) in [
            (Events::from(stop.clone()), 1),
            (Events::from((stop.clone(), vec![stop.clone(); 2])), 3),
            (Events::try_from(vec![stop.clone(); 2]).expect("two"), 2),
        ] {
            assert_eq!((events.count(), events.iter().count()), (count, count));
            assert!(events.into_iter().all(|event| event == stop));
        }
    }
}

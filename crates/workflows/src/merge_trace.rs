//! What the journal says of a merge and of its way back, and the seal over what moved: a list rewritten by another hand
//! is not followed.
use crate::{MergeEvidence, Workflows};
use audit::{AuditEvent, Code, Digest, Events};
use directory::NationalIdentity;
use kernel::{Actor, MergeId, PersonId};
use store::{Merge, Moved};

impl Workflows {
    pub(crate) fn seal_of(
        &self,
        moved: &Moved,
        id: MergeId,
        kept: PersonId,
        absorbed: PersonId,
    ) -> String {
        let text = moved.sealed_text(id, kept, absorbed);
        Digest::from_bytes(self.keys().mac("person-merge", text.as_bytes())).to_string()
    }

    /// Who took whom in, on what; how much moved; each number that has another bearer from now on; what ended.
    pub(crate) fn merge_events(
        &self,
        actor: &Actor,
        merge: &Merge,
        ended: Vec<AuditEvent>,
    ) -> Events {
        let (by, person, other) = (actor.id(), merge.kept, merge.absorbed);
        let merged = AuditEvent::PeopleMerged {
            by: by.clone(),
            person,
            other,
            merge: merge.id,
            evidence: Code::of(
                MergeEvidence::from_name(&merge.evidence).map_or("unknown", MergeEvidence::name),
            ),
            motive: Some(self.motive(&merge.motive)),
        };
        let moved = &merge.moved;
        let count = |ids: &[kernel::Uuid]| u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let text = moved.sealed_text(merge.id, merge.kept, merge.absorbed);
        let mut rest = vec![
            AuditEvent::PersonAbsorbed {
                by: by.clone(),
                person: other,
                into: person,
                merge: merge.id,
            },
            AuditEvent::MergeMoved {
                by: by.clone(),
                person,
                other,
                merge: merge.id,
                posts: count(&moved.posts),
                accounts: count(&moved.accounts),
                links: count(&moved.national_identities),
                means: count(&moved.means),
                moved: Digest::from_bytes(self.keys().mac("audit-evidence", text.as_bytes())),
            },
        ];
        rest.extend(moved.national_identities.iter().map(|link| {
            AuditEvent::NationalIdentityMoved {
                by: by.clone(),
                person,
                from: other,
                national_identity: (*link).into(),
                merge: merge.id,
            }
        }));
        rest.extend(ended);
        Events::from((merged, rest))
    }

    /// `held`: the links of the record that stayed, before those that had moved went back.
    pub(crate) fn split_events(
        &self,
        actor: &Actor,
        merge: &Merge,
        held: &[NationalIdentity],
        motive: &str,
        ended: Vec<AuditEvent>,
    ) -> Events {
        let (by, person, other) = (actor.id(), merge.kept, merge.absorbed);
        let split = AuditEvent::PeopleSplit {
            by: by.clone(),
            person,
            other,
            merge: merge.id,
            motive: Some(self.motive(motive)),
        };
        let mut rest = vec![AuditEvent::PersonGivenBack {
            by: by.clone(),
            person: other,
            from: person,
            merge: merge.id,
        }];
        let went_along =
            |link: &&NationalIdentity| merge.moved.national_identities.contains(&link.id.uuid());
        rest.extend(held.iter().filter(went_along).map(|link| AuditEvent::NationalIdentityMoved {
            by: by.clone(),
            person: other,
            from: person,
            national_identity: link.id,
            merge: merge.id,
        }));
        rest.extend(ended);
        Events::from((split, rest))
    }
}

//! What the other extracts add to a person: skills, diplomas and authorisations, mailboxes.
use super::fill::Filling;
use super::{RegisterError, Tried};
use identity::register::{Column, ExtractKind, RegisterRow};
use rusqlite::params;

impl Filling {
    /// A line of an extract that completes persons. One about nobody that we know is counted, not kept.
    pub(super) fn push_complement(
        &mut self,
        kind: ExtractKind,
        row: &RegisterRow<'_>,
    ) -> Result<(), RegisterError> {
        let id_nat = row.get(Column::IdNat);
        let of_structure = kind == ExtractKind::Mailboxes && id_nat.is_empty();
        let seq = if of_structure { Some(0) } else { self.seq_of(id_nat) };
        let Some(seq) = seq else {
            self.unknown += 1;
            return Ok(());
        };
        let added = match kind {
            ExtractKind::Skills => {
                let kind = self.kinds.skill(row, &self.database)?;
                self.add_kind("INSERT OR IGNORE INTO skill VALUES (?1,?2)", seq, kind)?
            }
            ExtractKind::Diplomas => {
                let kind = self.kinds.diploma(row, &self.database)?;
                self.add_kind("INSERT OR IGNORE INTO diploma VALUES (?1,?2)", seq, kind)?
            }
            ExtractKind::Mailboxes => self.add_mailbox(seq, row)?,
            ExtractKind::Open | ExtractKind::Restricted => 0,
        };
        self.counts.complements += added;
        Ok(())
    }

    fn add_kind(&self, sql: &str, seq: u32, kind: u32) -> Result<u64, RegisterError> {
        let added = self
            .database
            .prepare_cached(sql)
            .and_then(|mut insert| insert.execute(params![seq, kind]))
            .tried("write what completes a person")?;
        Ok(added as u64)
    }

    /// Some addresses stand twice in the extract.
    fn add_mailbox(&self, seq: u32, row: &RegisterRow<'_>) -> Result<u64, RegisterError> {
        let get = |column| row.get(column);
        let added = self
            .database
            .prepare_cached("INSERT OR IGNORE INTO mailbox VALUES (?1,?2,?3,?4,?5)")
            .and_then(|mut insert| {
                insert.execute(params![
                    seq,
                    get(Column::Mailbox),
                    get(Column::MailboxKind),
                    get(Column::MailboxStructure),
                    get(Column::MailboxService),
                ])
            })
            .tried("write a mailbox")?;
        Ok(added as u64)
    }

    /// Before an extract is read again from its start.
    pub(super) fn forget_complements(&mut self, kind: ExtractKind) -> Result<(), RegisterError> {
        let sql = match kind {
            ExtractKind::Open | ExtractKind::Restricted => return Ok(()),
            ExtractKind::Skills => "DELETE FROM skill",
            ExtractKind::Diplomas => "DELETE FROM diploma",
            ExtractKind::Mailboxes => "DELETE FROM mailbox",
        };
        let removed = self.database.execute(sql, []).tried("begin an extract again")?;
        self.counts.complements -= removed as u64;
        Ok(())
    }
}

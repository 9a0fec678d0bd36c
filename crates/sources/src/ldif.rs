//! An export of a directory in LDIF (RFC 2849), as ldifde and ldapsearch write it. Checked to its end before the first
//! entry is handed over.
mod parse;

pub use parse::{LdifEntry, LdifFault, parse_ldif};

use crate::directory_line::{Asked, Entry};
use crate::files::Folders;
use crate::hr_csv::into_batches;
use async_trait::async_trait;
use identity::mapping::LdifSettings;
use identity::{Line, Mapping, Origin, Reading, Source, SourceError};

pub struct Ldif {
    name: String,
    settings: LdifSettings,
    asked: Asked,
    folders: Folders,
}

impl Ldif {
    pub fn new(mapping: &Mapping, settings: &LdifSettings, folders: Folders) -> Self {
        let (name, asked) = (mapping.name.clone(), Asked::new(mapping));
        Self { name, settings: settings.clone(), asked, folders }
    }
}

#[async_trait]
impl Source for Ldif {
    async fn read(&self) -> Result<Box<dyn Reading>, SourceError> {
        let whole = self.folders.read(&self.name, &self.settings.path).await?;
        let (asked, base) = (self.asked.clone(), self.settings.base.clone());
        let name = self.name.clone();
        let parsed = tokio::task::spawn_blocking(move || {
            let lines = accounts(&whole.origin.file, &whole.bytes, &asked, base.as_deref())?;
            Ok(LdifReading { batches: into_batches(lines), origin: whole.origin })
        });
        let reading: Result<LdifReading, SourceError> = parsed
            .await
            .unwrap_or_else(|cause| Err(SourceError::Truncated { name, cause: cause.to_string() }));
        Ok(Box::new(reading?))
    }
}

struct LdifReading {
    batches: std::vec::IntoIter<Vec<Line>>,
    origin: Origin,
}

#[async_trait]
impl Reading for LdifReading {
    async fn next_batch(&mut self) -> Result<Option<Vec<Line>>, SourceError> {
        Ok(self.batches.next())
    }
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
    fn origin(&self) -> Option<Origin> {
        Some(self.origin.clone())
    }
}

/// The accounts of people among the entries: what the filter of a live directory would have given.
fn accounts(
    file: &str,
    bytes: &[u8],
    asked: &Asked,
    base: Option<&str>,
) -> Result<Vec<Line>, SourceError> {
    let mut lines = Vec::new();
    let mut entries = 0_u64;
    for entry in parse_ldif(bytes) {
        let entry = entry.map_err(|fault| SourceError::Malformed {
            place: format!("{file}, ligne {}", fault.line),
            expected: fault.expected.to_owned(),
            found: fault.found.to_owned(),
        })?;
        entries += 1;
        let (number, entry) = (entry.line, Entry::from(entry));
        if entry.is_account() && base.is_none_or(|base| entry.is_under(base)) {
            lines.push(asked.line(number, &entry));
        }
    }
    if lines.is_empty() {
        return Err(SourceError::Malformed {
            place: file.to_owned(),
            expected: "au moins un compte".to_owned(),
            found: format!("{entries} entrée(s), aucune n’en est un"),
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = "version: 1\n\n# Personnel\ndn: OU=Personnel,DC=hopital,DC=test\nobjectClass: top\nobjectClass: organizationalUnit\n\n\
dn:: Q049U29sw6huZSxPVT1QZXJzb25uZWwsREM9aG9waXRhbCxEQz10ZXN0\nobjectClass: person\nobjectClass: user\ngivenName:: U29sw6huZQ==\nsamaccountname: s\n legoff\n\
otherMailbox: b@x.test\notherMailbox: a@x.test\nobjectGUID:: cfxW3oGhO7uZ3yAv7aHfSg==\nlastLogon: 1\n\n\
dn: CN=PC001,OU=Personnel,DC=hopital,DC=test\nobjectClass: user\nobjectClass: computer\nsAMAccountName: PC001$\n\n\
dn: CN=svc,OU=Services,DC=hopital,DC=test\nobjectClass: user\nsAMAccountName: svc\n\n\
# search result\nsearch: 2\nresult: 0 Success\n\n";

    fn asked() -> Asked {
        let text = "[source]\nname='ad'\nkind='ldif'\npath='x'\n[[field]]\ncolumn='otherMailbox'\nto='mail'\n\
[[field]]\ncolumn='givenName'\nto='given'\n";
        Asked::new(&Mapping::parse(text).expect("mapping"))
    }

    #[test]
    fn the_accounts_of_people_are_read_under_their_base() {
        let lines = accounts("ad.ldif", EXPORT.as_bytes(), &asked(), None).expect("lines");
        let logins: Vec<_> =
            lines.iter().map(|line| line.columns["sAMAccountName"].as_str()).collect();
        assert_eq!(logins, ["slegoff", "svc"]);
        let first = &lines[0];
        assert_eq!(first.number, 8);
        assert_eq!(first.columns["objectGUID"], "71fc56de81a13bbb99df202feda1df4a");
        assert_eq!(first.columns["givenName"], "Solène");
        assert_eq!(first.columns["otherMailbox"], "a@x.test\u{1f}b@x.test");
        assert_eq!(first.columns["distinguishedName"], "CN=Solène,OU=Personnel,DC=hopital,DC=test");
        assert!(!first.columns.contains_key("lastLogon"));
        let base = Some("ou=personnel, dc=Hopital,dc=test");
        assert_eq!(accounts("ad.ldif", EXPORT.as_bytes(), &asked(), base).expect("lines").len(), 1);
        let elsewhere = accounts("ad.ldif", EXPORT.as_bytes(), &asked(), Some("DC=ailleurs"));
        assert_eq!(
            elsewhere.expect_err("nobody").message_fr(),
            "ad.ldif : attendu au moins un compte ; trouvé 4 entrée(s), aucune n’en est un"
        );
    }

    /// Threat DA-06: cut anywhere, an export never gives half an entry.
    #[test]
    fn da_06_an_export_cut_at_any_byte_is_refused_or_loses_whole_entries() {
        let whole = accounts("ad.ldif", EXPORT.as_bytes(), &asked(), None).expect("lines");
        for cut in 0..EXPORT.len() {
            if let Ok(lines) = accounts("ad.ldif", &EXPORT.as_bytes()[..cut], &asked(), None) {
                assert_eq!(lines, whole[..lines.len()], "cut at {cut}");
            }
        }
    }
}

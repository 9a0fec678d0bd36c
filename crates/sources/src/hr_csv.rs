//! An HR export in CSV. Whatever is wrong with the file as a whole is found before the first line is handed over,
//! so that a bad delivery changes nothing.
mod encoding;
mod header;
mod lines;

use crate::files::Folders;
use async_trait::async_trait;
use identity::mapping::CsvSettings;
use identity::{Line, Mapping, Origin, Reading, Source, SourceError};
use lines::CsvLines;
use std::collections::BTreeSet;

const BATCH: usize = 1000;

pub struct HrCsv {
    name: String,
    settings: CsvSettings,
    columns: BTreeSet<String>,
    folders: Folders,
}

impl HrCsv {
    pub fn new(mapping: &Mapping, settings: &CsvSettings, folders: Folders) -> Self {
        let columns = mapping.fields.iter().map(|rule| rule.column.clone()).collect();
        Self { name: mapping.name.clone(), settings: settings.clone(), columns, folders }
    }
}

#[async_trait]
impl Source for HrCsv {
    async fn read(&self) -> Result<Box<dyn Reading>, SourceError> {
        let whole = self.folders.read(&self.name, &self.settings.path).await?;
        let (settings, columns) = (self.settings.clone(), self.columns.clone());
        let name = self.name.clone();
        // The whole file is parsed off the event loop: it is checked to its end before anything is told.
        let parsed = tokio::task::spawn_blocking(move || {
            let parsed = parse_csv(&whole.origin.file, &whole.bytes, &settings, &columns)?;
            Ok(CsvReading {
                batches: into_batches(parsed.0),
                warnings: parsed.1,
                origin: whole.origin,
            })
        });
        let reading: Result<CsvReading, SourceError> = parsed
            .await
            .unwrap_or_else(|cause| Err(SourceError::Truncated { name, cause: cause.to_string() }));
        Ok(Box::new(reading?))
    }
}

struct CsvReading {
    batches: std::vec::IntoIter<Vec<Line>>,
    warnings: Vec<String>,
    origin: Origin,
}

#[async_trait]
impl Reading for CsvReading {
    async fn next_batch(&mut self) -> Result<Option<Vec<Line>>, SourceError> {
        Ok(self.batches.next())
    }
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
    fn origin(&self) -> Option<Origin> {
        Some(self.origin.clone())
    }
}

pub(crate) fn into_batches(lines: Vec<Line>) -> std::vec::IntoIter<Vec<Line>> {
    let mut batches = Vec::with_capacity(lines.len() / BATCH + 1);
    let mut lines = lines.into_iter();
    loop {
        let batch: Vec<Line> = lines.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return batches.into_iter();
        }
        batches.push(batch);
    }
}

/// Reads a whole export, or tells why none of it can be believed. Only the columns asked for are kept: a payroll holds
/// more than an identity needs. Also: warnings.
pub fn parse_csv(
    file: &str,
    bytes: &[u8],
    settings: &CsvSettings,
    columns: &BTreeSet<String>,
) -> Result<(Vec<Line>, Vec<String>), SourceError> {
    let mut warnings = Vec::new();
    let (body, encoding, warning) = encoding::detect(file, bytes, settings.encoding)?;
    warnings.extend(warning);
    let mut reader = CsvLines::new(file, body, encoding, settings, columns)?;
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line()? {
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(SourceError::Malformed {
            place: file.to_owned(),
            expected: "au moins une ligne de données".to_owned(),
            found: "aucune".to_owned(),
        });
    }
    if reader.empty_lines > 0 {
        warnings.push(format!("{} ligne(s) vide(s) ignorée(s)", reader.empty_lines));
    }
    Ok((lines, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::mapping::Encoding;
    use proptest::prelude::*;

    fn settings(encoding: Encoding) -> CsvSettings {
        CsvSettings {
            path: "hr.csv".to_owned(),
            encoding,
            delimiter: b';',
            open_last_line: false,
            finess_ej: None,
        }
    }

    fn columns() -> BTreeSet<String> {
        ["MATRICULE", "NOM", "DT_FIN"].map(str::to_owned).into()
    }

    fn parse(bytes: &[u8], encoding: Encoding) -> Result<(Vec<Line>, Vec<String>), SourceError> {
        parse_csv("hr.csv", bytes, &settings(encoding), &columns())
    }

    fn told(bytes: &[u8], encoding: Encoding) -> String {
        match parse(bytes, encoding) {
            Ok((lines, warnings)) => format!("{} lignes {warnings:?}", lines.len()),
            Err(error) => error.message_fr(),
        }
    }

    const GOOD: &[u8] = b"MATRICULE;NOM;SALAIRE;DT_FIN\r\n12;L'H\xd4TE;1800;\r\n13;\"D;E \"\"F\"\"\";1900;31/12/2026\r\n";

    #[test]
    fn a_good_export_is_read_and_only_the_mapped_columns_are_kept() {
        let (lines, warnings) = parse(GOOD, Encoding::Windows1252).expect("lines");
        assert!(warnings.is_empty());
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(lines[0].columns["NOM"], "L'HÔTE");
        assert_eq!(lines[1].columns["NOM"], "D;E \"F\"");
        assert_eq!(lines[1].columns["DT_FIN"], "31/12/2026");
        assert!(!lines[0].columns.contains_key("SALAIRE"));
        let utf8 = "\u{feff}MATRICULE ;NOM;DT_FIN\n1;Œuvrard;\n;;\n";
        let (lines, warnings) = parse(utf8.as_bytes(), Encoding::Auto).expect("lines");
        assert_eq!((lines.len(), lines[0].columns["NOM"].as_str()), (1, "Œuvrard"));
        assert_eq!(warnings, ["1 ligne(s) vide(s) ignorée(s)"]);
    }

    #[test]
    fn s14_each_bad_delivery_is_refused_whole_with_a_clear_message() {
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("A;B".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let long = format!("MATRICULE;NOM;DT_FIN\n1;{};\n", "x".repeat(70_000));
        let cases: [(&[u8], Encoding, &str); 16] = [
            (
                b"MATRICULE;NOM;DATE_FIN\n1;A;\n",
                Encoding::Auto,
                "hr.csv, en-tête : attendu la colonne « DT_FIN » ; trouvé aucune ; la plus proche : « DATE_FIN »",
            ),
            (
                b"Mat;x\n1;2\n",
                Encoding::Auto,
                "hr.csv, en-tête : attendu les colonnes « DT_FIN », « MATRICULE », « NOM » ; trouvé « Mat », « x »",
            ),
            (
                b"MATRICULE;NOM;NOM;DT_FIN\n1;A;B;\n",
                Encoding::Auto,
                "hr.csv, en-tête : attendu une seule colonne « NOM » ; trouvé 2",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;A;\n2;B\n",
                Encoding::Auto,
                "hr.csv, ligne 3 : attendu 3 champs ; trouvé 2",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;A;B;\n2;B;\n",
                Encoding::Auto,
                "hr.csv, ligne 2 : attendu 3 champs ; trouvé 4",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;A;\n2;B;31/12/20",
                Encoding::Auto,
                "hr.csv, ligne 3 : attendu une dernière ligne terminée ; trouvé une coupure : le dépôt est incomplet (ou régler open_last_line)",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;A;\n2;\"B;C\n",
                Encoding::Auto,
                "hr.csv, ligne 3 : attendu des guillemets refermés ; trouvé la fin du fichier",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;A\0;\n",
                Encoding::Auto,
                "hr.csv, ligne 2 : attendu du texte ; trouvé un octet nul",
            ),
            (&utf16, Encoding::Auto, "hr.csv : attendu UTF-8 ou Windows-1252 ; trouvé UTF-16"),
            (
                "MATRICULE;NOM;DT_FIN\n1;HÔTE;\n".as_bytes(),
                Encoding::Windows1252,
                "hr.csv : attendu Windows-1252, comme déclaré ; trouvé UTF-8 (ligne 2)",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;H\xd4TE;\n",
                Encoding::Utf8,
                "hr.csv : attendu UTF-8, comme déclaré ; trouvé un autre encodage (ligne 2)",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;H\x81TE;\n",
                Encoding::Auto,
                "hr.csv : attendu UTF-8 ou Windows-1252 ; trouvé un octet qui n’est ni l’un ni l’autre (ligne 2)",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n",
                Encoding::Auto,
                "hr.csv : attendu au moins une ligne de données ; trouvé aucune",
            ),
            (b"", Encoding::Auto, "hr.csv : attendu un en-tête ; trouvé un fichier vide"),
            (
                long.as_bytes(),
                Encoding::Auto,
                "hr.csv, ligne 2 : attendu au plus 65536 octets ; trouvé 70004",
            ),
            (
                b"MATRICULE;NOM;DT_FIN\n1;H\xd4TE;\n",
                Encoding::Auto,
                "1 lignes [\"lu en Windows-1252, faute d’être de l’UTF-8 : à déclarer dans la définition de la source\"]",
            ),
        ];
        for (bytes, encoding, message) in cases {
            assert_eq!(told(bytes, encoding), message);
        }
    }

    /// Threat DA-06: cut anywhere, a delivery never gives half a line.
    #[test]
    fn da_06_a_file_cut_at_any_byte_is_refused_or_loses_whole_lines() {
        let (whole, _) = parse(GOOD, Encoding::Windows1252).expect("lines");
        for cut in 0..GOOD.len() {
            if let Ok((lines, _)) = parse(&GOOD[..cut], Encoding::Windows1252) {
                assert_eq!(lines, whole[..lines.len()], "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_last_line_left_open_is_read_when_the_definition_says_so() {
        let open = CsvSettings { open_last_line: true, ..settings(Encoding::Auto) };
        let read = |text: &str| parse_csv("hr.csv", text.as_bytes(), &open, &columns());
        assert_eq!(read("MATRICULE;NOM;DT_FIN\n1;A;").expect("lines").0.len(), 1);
        assert!(read("MATRICULE;NOM;DT_FIN\n1;A").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b';'), Just(b'"'), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200
            ),
            with_header in any::<bool>(),
        ) {
            let head: &[u8] = if with_header { b"MATRICULE;NOM;DT_FIN\n" } else { b"" };
            let bytes = [head, &bytes].concat();
            for encoding in [Encoding::Auto, Encoding::Utf8, Encoding::Windows1252] {
                let _outcome = parse(&bytes, encoding);
            }
        }
    }
}

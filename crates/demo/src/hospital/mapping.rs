//! How the columns of the views become fields: the TOML form that a source is added with.
use super::jobs::{Grade, JOBS, Standing};
use std::collections::BTreeMap;
use std::fmt::Write;

const FIELDS: [(&str, &str); 19] = [
    ("MATRICULE", "matricule"),
    ("NOM_NAISSANCE", "birth_family"),
    ("NOM_USAGE", "usage_family"),
    ("PRENOM", "given"),
    ("AUTRES_PRENOMS", "other_given"),
    ("SEXE", "sex"),
    ("DT_NAISSANCE", "birth_date"),
    ("INSEE_NAISSANCE", "birth_place_code"),
    ("LIEU_NAISSANCE", "birth_place_label"),
    ("RPPS", "rpps"),
    ("MAIL", "mail"),
    ("FINESS_EJ", "finess_ej"),
    ("FINESS_ET", "finess_et"),
    ("UF", "unit_code"),
    ("LIB_UF", "unit_label"),
    ("FONCTION", "function_label"),
    ("TYPE_CONTRAT", "contract_kind"),
    ("DT_DEBUT", "starts_on"),
    ("DT_FIN", "ends_on"),
];

/// Mapping of the payroll export. The function tells the profession where it does; a grade such as
/// PRATICIEN HOSPITALIER is borne by physicians, pharmacists and dentists alike.
pub fn payroll() -> String {
    let mut text = String::from(
        "[source]\nname = \"rh\"\nkind = \"hr_csv\"\npath = \"hr-v1.csv\"\nencoding = \"windows-1252\"\ndelimiter = \";\"\n",
    );
    for (column, field) in FIELDS {
        put(&mut text, format_args!("\n[[field]]\ncolumn = \"{column}\"\nto = \"{field}\"\n"));
    }
    text.push_str(
        "\n# Une fonction absente de la table ne dit rien de la profession (cadre, interne, faisant fonction…).\n",
    );
    text.push_str("[[field]]\ncolumn = \"FONCTION\"\nto = \"profession\"\ntransform = \"table\"\n\n[field.table]\n");
    for (function, code) in professions_by_function() {
        put(&mut text, format_args!("\"{function}\" = \"{code}\"\n"));
    }
    text
}

/// Mapping of the directory's export.
pub fn directory() -> &'static str {
    "[source]\nname = \"ad\"\nkind = \"ldif\"\npath = \"ad-v1.ldif\"\nbase = \"OU=Hopital,DC=hopital,DC=test\"\n"
}

fn professions_by_function() -> BTreeMap<&'static str, &'static str> {
    let mut table: BTreeMap<&str, &str> = BTreeMap::new();
    for job in JOBS.iter().filter(|job| job.tells == Grade::Tells) {
        // Biologists are pharmacists or physicians: the function does not tell.
        if let (Standing::Profession(code), false) = (job.standing, job.function == "BIOLOGISTE") {
            table.insert(job.function, code);
        }
    }
    table
}

fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("writing to a text cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_stands_for_two_professions() {
        let table = professions_by_function();
        for job in JOBS {
            let mapped = table.get(job.function);
            let truly = match job.standing {
                Standing::Profession(code) | Standing::Student(code) => Some(code),
                Standing::Role(_) | Standing::Nothing => None,
            };
            assert!(mapped.is_none() || mapped.copied() == truly, "{}", job.function);
        }
        assert_eq!(table.get("MEDECIN"), Some(&"10"));
        assert_eq!(table.get("CADRE DE SANTE"), None);
    }

    #[test]
    fn the_mappings_are_such_as_a_source_takes() {
        for text in [payroll(), directory().to_owned()] {
            let mapping = identity::Mapping::parse(&text);
            assert!(mapping.is_ok(), "{mapping:?}");
        }
    }

    #[test]
    fn every_mapped_column_is_in_the_export() {
        for (column, _) in FIELDS {
            assert!(super::super::hr::COLUMNS.contains(&column), "{column}");
        }
    }
}

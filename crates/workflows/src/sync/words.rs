//! Words of plans as closed codes of the audit: compiled in, so that no text of a feed can become one.
use audit::Code;

const FIELDS: [(&str, &str); 30] = [
    ("birth_family", "birth_family"),
    ("usage_family", "usage_family"),
    ("given", "given"),
    ("usual_given", "usual_given"),
    ("sex", "sex"),
    ("birth_date", "birth_date"),
    ("birth_insee", "birth_insee"),
    ("birth_label", "birth_label"),
    ("mail", "mail"),
    ("declared_rpps", "declared_rpps"),
    ("posts", "posts"),
    ("record", "record"),
    ("post.finess_ej", "post_finess_ej"),
    ("post.finess_et", "post_finess_et"),
    ("post.unit_code", "post_unit_code"),
    ("post.unit_label", "post_unit_label"),
    ("post.function_label", "post_function_label"),
    ("post.profession", "post_profession"),
    ("post.contract_kind", "post_contract_kind"),
    ("post.starts_on", "post_starts_on"),
    ("post.ends_on", "post_ends_on"),
    ("login", "login"),
    ("upn", "upn"),
    ("distinguished_name", "distinguished_name"),
    ("enabled", "enabled"),
    ("must_change_password", "must_change_password"),
    ("expires_at", "expires_at"),
    ("name", "name"),
    ("matricule", "matricule"),
    ("person", "person"),
];

const BRAKES: [&str; 5] = ["creations", "changes", "closings", "absences", "unit_closings"];

/// A field of a plan's line.
pub fn field(name: &str) -> Code {
    let known = FIELDS.iter().find(|(field, _)| *field == name);
    Code::of(known.map_or("other", |(_, word)| word))
}

pub fn brake(name: &str) -> Code {
    Code::of(BRAKES.into_iter().find(|brake| *brake == name).unwrap_or("other"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_code_and_an_unknown_one_tells_nothing() {
        for (name, word) in FIELDS {
            assert_eq!(field(name).as_str(), word);
        }
        for name in BRAKES {
            assert_eq!(brake(name).as_str(), name);
        }
        assert_eq!(field("MARTIN").as_str(), "other");
        assert_eq!(brake("MARTIN").as_str(), "other");
    }
}

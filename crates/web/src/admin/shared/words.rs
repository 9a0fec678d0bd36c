//! French words for codes that reach a screen as values.

/// Professions of the register (ANS, NOS: TRE_G15 and TRE_R95), as it labels them.
const PROFESSIONS: [(&str, &str); 34] = [
    ("10", "Médecin"),
    ("21", "Pharmacien"),
    ("26", "Audioprothésiste"),
    ("28", "Opticien-lunetier"),
    ("31", "Assistant dentaire"),
    ("32", "Physicien médical"),
    ("35", "Aide-soignant"),
    ("36", "Ambulancier"),
    ("37", "Auxiliaire de puériculture"),
    ("38", "Préparateur en pharmacie hospitalière"),
    ("39", "Préparateur en pharmacie"),
    ("40", "Chirurgien-dentiste"),
    ("41", "Assistant de service social"),
    ("50", "Sage-femme"),
    ("60", "Infirmier"),
    ("69", "Infirmier psychiatrique"),
    ("70", "Masseur-kinésithérapeute"),
    ("71", "Ostéopathe"),
    ("72", "Psychothérapeute"),
    ("73", "Chiropracteur"),
    ("80", "Pédicure-podologue"),
    ("81", "Orthoprothésiste"),
    ("82", "Podo-orthésiste"),
    ("83", "Orthopédiste-orthésiste"),
    ("84", "Oculariste"),
    ("85", "Épithésiste"),
    ("86", "Technicien de laboratoire médical"),
    ("91", "Orthophoniste"),
    ("92", "Orthoptiste"),
    ("93", "Psychologue"),
    ("94", "Ergothérapeute"),
    ("95", "Diététicien"),
    ("96", "Psychomotricien"),
    ("98", "Manipulateur ERM"),
];

/// `60` or `60, 70` as people say them; what is no code of the register stays as it is.
pub fn professions(told: &str) -> String {
    let word = |code: &str| {
        let known = PROFESSIONS.iter().find(|(known, _)| *known == code.trim());
        known.map_or_else(|| code.trim().to_owned(), |(_, word)| (*word).to_owned())
    };
    told.split(',').map(word).collect::<Vec<_>>().join(", ")
}

/// Numbers of sites as their names, where the register knows them; the others stay numbers.
pub fn sites(told: &str, names: &std::collections::BTreeMap<String, String>) -> String {
    let mut shown = Vec::new();
    for number in told.split(',').map(str::trim).filter(|number| !number.is_empty()) {
        let name = names.get(number).map_or(number, String::as_str).to_owned();
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words_and_what_is_no_code_stays() {
        for (told, shown) in [
            ("60", "Infirmier"),
            ("10, 50", "Médecin, Sage-femme"),
            ("Infirmier", "Infirmier"),
            ("ZZ", "ZZ"),
        ] {
            assert_eq!(professions(told), shown);
        }
        let names = [("990000012".to_owned(), "CH de Valmont".to_owned())].into();
        assert_eq!(sites("990000012, 990000099", &names), "CH de Valmont, 990000099");
    }
}

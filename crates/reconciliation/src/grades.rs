//! What an HR grade or function tells of the profession: only what it tells for sure.
use identity::names::fold;
use std::collections::HashMap;
use words::*;

mod words;

pub(crate) use words::STUDENT_ROLES;

/// What the words of a grade are worth.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// A profession of the register, by its code.
    Profession(String),
    /// A role of the register (TRE_R85), by its code: registered only when RPPS+ knows them.
    Role(String),
    /// One of several professions.
    OneOf(Group),
    /// A student: never yet the professional.
    Student,
    /// A student of whom the words tell which, by the role in which an establishment registers them (TRE_R85).
    StudentOf(String),
    /// Work that no registered profession does.
    NotCare,
    /// Could be several professions, or none.
    Unclear,
}

/// Grades that several professions hold, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Interns: registered as students of a medical profession.
    Resident,
    /// Doctors who may still be students of the third cycle: `docteur junior`, on a special list of the Order;
    /// `médecin remplaçant`, a doctor or an intern with a licence (CSP, L4131-2).
    Junior,
    /// Medical grades of public hospitals (CSP, L6152-1).
    Practitioner,
    /// `Cadre de santé`: nursing, rehabilitation, medico-technical (decree 2012-1466).
    HealthManager,
}

impl Group {
    pub fn professions(self) -> &'static [&'static str] {
        match self {
            Self::Resident | Self::Junior | Self::Practitioner => &["10", "21", "40"],
            Self::HealthManager => {
                &["60", "69", "70", "80", "86", "91", "92", "94", "95", "96", "98"]
            }
        }
    }

    pub fn holds(self, profession: &str, category: &str) -> bool {
        let student = category == "E";
        self.professions().contains(&profession)
            && match self {
                Self::Resident => student,
                Self::Junior => true,
                Self::Practitioner | Self::HealthManager => !student,
            }
    }

    fn of(says: impl Fn(&str) -> bool) -> Option<Self> {
        let any = |list: &[&str]| list.iter().any(|words| says(words));
        if any(&["docteur junior"]) {
            Some(Self::Junior)
        } else if any(&["interne"]) {
            Some(Self::Resident)
        } else if any(PRACTITIONERS) && !any(&["cadre", "associe"]) {
            Some(Self::Practitioner)
        } else if any(HEALTH_MANAGERS) && !any(&["socio educatif"]) {
            Some(Self::HealthManager)
        } else {
            None
        }
    }
}

/// The same without the code: who of them the register holds differs by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Profession,
    Role,
    Student,
    NotCare,
    Unclear,
}

impl Kind {
    pub const COUNT: usize = 5;

    /// Of all posts, the one that makes an entry of the register likeliest.
    pub fn of(meanings: &[Meaning]) -> Self {
        let has = |wanted: fn(&Meaning) -> bool| meanings.iter().any(wanted);
        if has(|meaning| matches!(meaning, Meaning::Profession(_) | Meaning::OneOf(_))) {
            Self::Profession
        } else if meanings.is_empty() || has(|meaning| *meaning == Meaning::Unclear) {
            Self::Unclear
        } else if has(|meaning| matches!(meaning, Meaning::Role(_))) {
            Self::Role
        } else if has(|meaning| matches!(meaning, Meaning::Student | Meaning::StudentOf(_))) {
            Self::Student
        } else {
            Self::NotCare
        }
    }
}

/// Reads the words of one grade.
pub fn meaning(grade: &str) -> Meaning {
    read(grade).unwrap_or(Meaning::Unclear)
}

/// The words of a grade as its statute writes them: folded, initials put together, abbreviations in full.
fn in_full(grade: &str) -> String {
    let folded = fold(grade);
    let mut words: Vec<String> = Vec::new();
    let mut initials = false;
    for word in folded.split(' ') {
        let initial = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        match words.last_mut() {
            Some(last) if initial && initials => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        initials = initial;
    }
    let full = |(place, word): (usize, &String)| {
        let of = |list: &'static [(&str, &'static str)]| {
            list.iter().find(|(short, _)| short == word).map(|(_, full)| *full)
        };
        let head = if place == 0 { of(AT_THE_HEAD) } else { None };
        head.or_else(|| of(ABBREVIATIONS)).unwrap_or(word).to_owned()
    };
    let mut text =
        format!(" {} ", words.iter().enumerate().map(full).collect::<Vec<_>>().join(" "));
    for (words, instead) in NO_GRADE {
        text = text.replace(words, instead);
    }
    text
}

/// `None` when no word of it is known.
fn read(grade: &str) -> Option<Meaning> {
    let text = in_full(grade);
    let says =
        |words: &str| text.contains(&format!(" {words} ")) || text.contains(&format!(" {words}s "));
    let any = |list: &[&str]| list.iter().any(|words| says(words));
    // Already of the trade, or of one of several: what they learn is the next one.
    if any(STUDENT) && any(LEARNT_AFTER_A_DIPLOMA) || any(&["stagiaire associe"]) {
        return Some(Meaning::Unclear);
    }
    let named = PROFESSIONS.iter().find(|(words, _)| says(words));
    let starts = named.is_some_and(|(words, _)| text.starts_with(&format!(" {words}")));
    // Payrolls call so a civil servant in the first year, schools a student.
    if starts && any(&["stagiaire"]) {
        return Some(Meaning::Unclear);
    }
    if any(STUDENT) {
        let learnt = LEARNT.iter().find(|(words, _)| says(words));
        return Some(match learnt {
            Some((_, role)) => Meaning::StudentOf((*role).to_owned()),
            None => Meaning::Student,
        });
    }
    if any(&["faisant fonction", "ff", "ffi", "directeur des soins", "directrice des soins"]) {
        return Some(Meaning::Unclear);
    }
    if let Some((_, code)) = ROLES.iter().find(|(words, _)| says(words)) {
        return Some(Meaning::Role((*code).to_owned()));
    }
    if any(NOT_CARE) {
        return Some(Meaning::NotCare);
    }
    // A grade of midwives alone, who are no `cadre de santé` (decree 2003-655).
    if any(&["sage femme cadre", "cadre sage femme"]) {
        return Some(Meaning::Profession("50".to_owned()));
    }
    if any(UNCLEAR) && !practitioner_by_name(&text) {
        return Some(Group::of(says).map_or(Meaning::Unclear, Meaning::OneOf));
    }
    if any(COORDINATORS) && !starts {
        return Some(Meaning::Unclear);
    }
    match named {
        Some((_, "10")) if any(&["remplacant", "remplacante"]) => {
            Some(Meaning::OneOf(Group::Junior))
        }
        Some((_, code)) => Some(Meaning::Profession((*code).to_owned())),
        None => any(SAYS_NOTHING).then_some(Meaning::Unclear),
    }
}

/// `Praticien hospitalier médecin` says which practitioner, `praticien hospitalier` does not.
fn practitioner_by_name(folded: &str) -> bool {
    let says = |words: &str| folded.contains(&format!(" {words} "));
    (says("praticien") || says("attache") || says("contractuel"))
        && ["medecin", "pharmacien", "chirurgien dentiste", "sage femme"].into_iter().any(says)
        && !["interne", "cadre", "chef", "cheffe", "associe", "associee"].into_iter().any(says)
}

/// The register tells nurses of the psychiatric diploma apart, their corps and its grades do not (CSP, L4311-5).
pub(crate) fn same_trade(ours: &str, theirs: &str) -> bool {
    ours == theirs || matches!((ours, theirs), ("60", "69") | ("69", "60"))
}

/// What posts tell, each pair of code and label read once: a house has a few hundred for thousands of people.
#[derive(Default)]
pub(crate) struct Grades {
    known: HashMap<(Option<String>, Option<String>), Meaning>,
}

impl Grades {
    pub fn of(&mut self, code: Option<&str>, label: Option<&str>) -> Meaning {
        let pair = (code.map(str::to_owned), label.map(str::to_owned));
        self.known.entry(pair).or_insert_with(|| of_post(code, label)).clone()
    }
}

/// What a post tells: the code that HR gives counts only where the words do not speak against it.
pub fn of_post(code: Option<&str>, label: Option<&str>) -> Meaning {
    let words = label.and_then(read);
    let by_code = code.map(|code| {
        let is_role = code.len() == 3 && code.starts_with('3');
        if is_role { Meaning::Role(code.to_owned()) } else { Meaning::Profession(code.to_owned()) }
    });
    match (by_code, words) {
        (None, None) => Meaning::Unclear,
        (None, Some(words)) => words,
        (Some(by_code), None) => by_code,
        (Some(by_code), Some(words)) if by_code == words => by_code,
        (Some(_), Some(student @ (Meaning::Student | Meaning::StudentOf(_)))) => student,
        (Some(Meaning::Profession(code)), Some(Meaning::OneOf(group)))
            if group.professions().contains(&code.as_str()) =>
        {
            Meaning::OneOf(group)
        }
        (Some(_), Some(_)) => Meaning::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_tells_no_more_than_it_says() {
        let profession = |code: &str| Meaning::Profession(code.to_owned());
        let role = |code: &str| Meaning::Role(code.to_owned());
        let student = |code: &str| Meaning::StudentOf(code.to_owned());
        for (grade, expected) in [
            ("INFIRMIER EN SOINS GENERAUX GR 1", profession("60")),
            ("Infirmière D.E.", profession("60")),
            ("IBODE", profession("60")),
            ("AIDE-SOIGNANT CL NORMALE", role("313")),
            ("Aide soignante", role("313")),
            ("PRATICIEN HOSPITALIER", Meaning::OneOf(Group::Practitioner)),
            ("Praticien associé", Meaning::Unclear),
            ("PRATICIEN HOSPITALIER MEDECIN", profession("10")),
            ("Médecin", profession("10")),
            ("CADRE DE SANTE INFIRMIER", Meaning::OneOf(Group::HealthManager)),
            ("Cadre socio-éducatif", Meaning::Unclear),
            ("Interne en médecine", Meaning::OneOf(Group::Resident)),
            ("FAISANT FONCTION D INTERNE", Meaning::Unclear),
            ("CHEF DE SERVICE MEDECIN", Meaning::OneOf(Group::Practitioner)),
            ("ETUDIANT INFIRMIER", student("346")),
            ("Élève aide-soignante", student("347")),
            ("Étudiant", Meaning::Student),
            ("RESPONSABLE MEDICAL", Meaning::OneOf(Group::Practitioner)),
            ("Cheffe de pôle", Meaning::OneOf(Group::Practitioner)),
            ("Chef de pôle", Meaning::OneOf(Group::Practitioner)),
            ("Responsable de pôle", Meaning::Unclear),
            ("FAISANT FONCTION INFIRMIER", Meaning::Unclear),
            ("FF aide-soignant", Meaning::Unclear),
            ("SAGE-FEMME", profession("50")),
            ("Masseur-kinésithérapeute", profession("70")),
            ("MANIPULATEUR D'ELECTRORADIOLOGIE", profession("98")),
            ("ADJOINT ADMINISTRATIF", Meaning::NotCare),
            ("Secrétaire médicale", role("331")),
            ("Informaticienne", role("340")),
            ("Technicien supérieur hospitalier", Meaning::NotCare),
            ("Comptable", role("341")),
            ("Infirmier(ère) D.E.", profession("60")),
            ("IDE bloc", profession("60")),
            ("Aide-soignant(e)", role("313")),
            ("Interne de spécialité", Meaning::OneOf(Group::Resident)),
            ("Étudiant infirmier 3e année", student("346")),
            ("Agent des services hospitaliers", Meaning::NotCare),
            ("", Meaning::Unclear),
            ("XYZ", Meaning::Unclear),
            // As payrolls shorten them.
            ("INF. SOINS GENERAUX GR 2", profession("60")),
            ("INF SOINS GENX & SPEC. 1ER GR", profession("60")),
            ("I.D.E. CL SUP", profession("60")),
            ("INF. ANESTHESISTE GR 2", profession("60")),
            ("I.A.D.E. 1ER GRADE", profession("60")),
            ("IDEC", profession("60")),
            ("AUXIL. MEDICAL PRATIQUE AVANCEE", profession("60")),
            ("TECH. INF.", Meaning::Unclear),
            ("MASSEUR-KINE. CL SUP", profession("70")),
            ("M.K. CL NORMALE", profession("70")),
            ("TECH. LABO. MEDICAL CL N", profession("86")),
            ("TECHNICIEN DE LABO", profession("86")),
            ("MANIP. ELECTRORADIO MEDICALE", profession("98")),
            ("AUXIL. DE PUER.", role("315")),
            ("PREP. PHARM. HOSP.", role("316")),
            ("A.S. CONTRACTUEL", role("313")),
            ("ACC. EDUC. ET SOCIAL", role("328")),
            ("ADJ. ADM. PRINC. 2E CL", Meaning::NotCare),
            ("ASS. MEDICO-ADM. CL NORMALE", role("331")),
            ("ASS. SERVICE SOCIAL", profession("41")),
            ("AGENT SERV. HOSP. QUAL.", Meaning::NotCare),
            ("A.S.H.Q.", Meaning::NotCare),
            ("Adjoint des cadres", Meaning::NotCare),
            ("AIDE DE LABORATOIRE", Meaning::NotCare),
            ("PRAT. CONTRACT.", Meaning::OneOf(Group::Practitioner)),
            ("P.U.-P.H.", Meaning::OneOf(Group::Practitioner)),
            ("MCU-PH", Meaning::OneOf(Group::Practitioner)),
            ("PH TEMPS PLEIN", Meaning::OneOf(Group::Practitioner)),
            ("ASST GENERALISTE HOP.", Meaning::OneOf(Group::Practitioner)),
            ("PRAT. ATTACHE ASSOCIE", Meaning::Unclear),
            ("MEDECIN ATTACHE ASSOCIE", Meaning::Unclear),
            ("F.F.I.", Meaning::Unclear),
            ("DOCTEUR JUNIOR", Meaning::OneOf(Group::Junior)),
            // A contract takes nothing from the trade.
            ("PSYCHOLOGUE CONTRACTUEL", profession("93")),
            ("IDE REMPLACANT(E)", profession("60")),
            ("SAGE FEMME CONTRACT.", profession("50")),
            ("MEDECIN REMPLACANT", Meaning::OneOf(Group::Junior)),
            ("VACATAIRE", Meaning::Unclear),
            ("IDE coordinatrice", profession("60")),
            ("Médecin coordonnateur", profession("10")),
            ("Coordinatrice infirmier libéral", Meaning::Unclear),
            ("COORDONNATEUR GENERAL DES SOINS", Meaning::Unclear),
            ("DIRECTEUR DES SOINS", Meaning::Unclear),
            ("DIRECTION DES SOINS INFIRMIERS", Meaning::Unclear),
            // Social workers and educators share it.
            ("ASSISTANT SOCIO-EDUC. GR 1", Meaning::Unclear),
            ("Sage-femme cadre supérieur", profession("50")),
            ("PHARMACIEN BIOLOGISTE", profession("21")),
            ("BIOLOGISTE", Meaning::Unclear),
            ("Cardiologue", profession("10")),
            ("Anesthésiste-réanimateur", profession("10")),
            // Units that are named as a grade is.
            ("INFIRMIER MEDECINE INTERNE", profession("60")),
            ("INTERNE MEDECINE INTERNE", Meaning::OneOf(Group::Resident)),
            ("IDE CONSULTATIONS EXTERNES", profession("60")),
            // Students who are of a trade already.
            ("ELEVE INF. ANESTHESISTE", Meaning::Unclear),
            ("Étudiante puéricultrice", Meaning::Unclear),
            ("STAGIAIRE ASSOCIE", Meaning::Unclear),
            ("Apprentie auxiliaire de puériculture", student("348")),
            ("ETUDIANT SOINS INF", student("346")),
            ("STAGIAIRE PSYCHOLOGUE", Meaning::Student),
            ("INFIRMIER STAGIAIRE", Meaning::Unclear),
        ] {
            assert_eq!(meaning(grade), expected, "{grade}");
        }
    }

    #[test]
    fn a_code_that_the_words_do_not_bear_out_tells_nothing() {
        let nurse = Meaning::Profession("60".to_owned());
        for (code, label, expected) in [
            (Some("60"), Some("Infirmier"), nurse.clone()),
            (Some("60"), None, nurse),
            (Some("60"), Some("Étudiant infirmier"), Meaning::StudentOf("346".to_owned())),
            (Some("60"), Some("Cadre de santé"), Meaning::OneOf(Group::HealthManager)),
            (Some("21"), Some("Cadre de santé"), Meaning::Unclear),
            (Some("10"), Some("Infirmier"), Meaning::Unclear),
            (Some("86"), Some("TSH cat. A"), Meaning::Profession("86".to_owned())),
            (None, None, Meaning::Unclear),
        ] {
            assert_eq!(of_post(code, label), expected, "{code:?} {label:?}");
        }
    }
}

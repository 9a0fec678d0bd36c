//! What an HR grade or function tells of the profession: only what it tells for sure.
use identity::names::fold;
use std::collections::HashMap;

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
    /// Medical grades of public hospitals (CSP, L6152-1).
    Practitioner,
    /// `Cadre de santé`: nursing, rehabilitation, medico-technical (decree 2012-1466).
    HealthManager,
}

impl Group {
    pub fn professions(self) -> &'static [&'static str] {
        match self {
            Self::Resident | Self::Practitioner => &["10", "21", "40"],
            Self::HealthManager => {
                &["60", "69", "70", "80", "86", "91", "92", "94", "95", "96", "98"]
            }
        }
    }

    pub fn holds(self, profession: &str, category: &str) -> bool {
        self.professions().contains(&profession) && (category == "E") == (self == Self::Resident)
    }

    fn of(says: impl Fn(&str) -> bool) -> Option<Self> {
        let any = |list: &[&str]| list.iter().any(|words| says(words));
        if any(&["interne", "docteur junior"]) {
            Some(Self::Resident)
        } else if any(&PRACTITIONERS) && !any(&["cadre", "associe"]) {
            Some(Self::Practitioner)
        } else if any(&HEALTH_MANAGERS) && !any(&["socio educatif"]) {
            Some(Self::HealthManager)
        } else {
            None
        }
    }
}

const PRACTITIONERS: [&str; 12] = [
    "praticien hospitalier",
    "praticien contractuel",
    "praticien attache",
    "assistant specialiste",
    "assistant des hopitaux",
    "assistant hospitalier",
    "chef de clinique",
    "chef de service",
    "cheffe de service",
    // Heads of clinical and medico-technical poles are practitioners (CSP, L6146-1).
    "chef de pole",
    "cheffe de pole",
    "responsable medical",
];

const HEALTH_MANAGERS: [&str; 5] = [
    "cadre de sante",
    "cadre superieur de sante",
    "cadre sup de sante",
    "cadre sante",
    // Of the other corps none is called so alone.
    "cadre superieur",
];

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

/// Words that make what follows unsure: `cadre de santé` may be a nurse or a radiographer ([`Group`]).
const UNCLEAR: &[&str] = &[
    "interne",
    "docteur junior",
    "cadre",
    "chef",
    "cheffe",
    "responsable",
    "coordonnateur",
    "coordinateur",
    "coordonnatrice",
    "faisant fonction",
    "ff",
    "f f",
    "praticien",
    "attache",
    "assistant specialiste",
    "assistant des hopitaux",
    "assistant hospitalier",
    "contractuel",
    "vacataire",
    "directeur des soins",
    "directrice des soins",
    "padhue",
    "stagiaire associe",
    "biologiste",
    "remplacant",
    "agent",
    "personnel",
    "formateur",
    "iade ibode",
];

const STUDENT: &[&str] = &[
    "etudiant",
    "etudiante",
    "eleve",
    "externe",
    "apprenti",
    "apprentie",
    "stagiaire",
    "esi",
    "eas",
];

/// Roles in which establishments register students (TRE_R85), who are no professionals yet.
pub(crate) const STUDENT_ROLES: [&str; 9] =
    ["346", "347", "348", "349", "354", "355", "356", "357", "358"];

/// What a student learns, and the role of those students.
const LEARNT: &[(&str, &str)] = &[
    ("infirmier", "346"),
    ("infirmiere", "346"),
    ("soins infirmiers", "346"),
    ("aide soignant", "347"),
    ("aide soignante", "347"),
    ("auxiliaire de puericulture", "348"),
    ("auxiliaire puericulture", "348"),
    ("masseur kinesitherapeute", "349"),
    ("kinesitherapeute", "349"),
];

/// In this order: the longer says more than what it holds (`aide soignant` before `soignant`).
const PROFESSIONS: &[(&str, &str)] = &[
    ("pharmacien", "21"),
    ("pharmacienne", "21"),
    ("chirurgien dentiste", "40"),
    ("odontologiste", "40"),
    ("sage femme", "50"),
    ("maieuticien", "50"),
    ("infirmier psychiatrique", "69"),
    ("infirmier", "60"),
    ("infirmiere", "60"),
    ("puericultrice", "60"),
    ("iade", "60"),
    ("ibode", "60"),
    ("ide", "60"),
    ("isg", "60"),
    ("masseur kinesitherapeute", "70"),
    ("kinesitherapeute", "70"),
    ("pedicure podologue", "80"),
    ("orthoprothesiste", "81"),
    ("technicien de laboratoire", "86"),
    ("technicienne de laboratoire", "86"),
    ("technicien labo", "86"),
    ("orthophoniste", "91"),
    ("orthoptiste", "92"),
    ("psychologue", "93"),
    ("ergotherapeute", "94"),
    ("dieteticien", "95"),
    ("dieteticienne", "95"),
    ("psychomotricien", "96"),
    ("psychomotricienne", "96"),
    ("manipulateur", "98"),
    ("manipulatrice", "98"),
    ("merm", "98"),
    ("audioprothesiste", "26"),
    ("opticien", "28"),
    ("opticienne", "28"),
    ("physicien medical", "32"),
    ("radiophysicien", "32"),
    ("assistant de service social", "41"),
    ("assistante de service social", "41"),
    ("assistant social", "41"),
    ("assistante sociale", "41"),
    ("assistant dentaire", "31"),
    ("assistante dentaire", "31"),
    ("medecin", "10"),
    ("chirurgien", "10"),
    ("anesthesiste", "10"),
];

const ROLES: &[(&str, &str)] = &[
    ("aide soignant", "313"),
    ("aide soignante", "313"),
    ("auxiliaire de puericulture", "315"),
    ("auxiliaire puericulture", "315"),
    ("ambulancier", "314"),
    ("preparateur", "316"),
    ("preparatrice", "316"),
    ("brancardier", "360"),
    ("secretaire medical", "331"),
    ("secretaire medicale", "331"),
    ("assistant medico administratif", "331"),
    ("assistante medico administrative", "331"),
    ("assistant medical", "332"),
    ("technicien d information medicale", "362"),
    ("technicien information medicale", "362"),
    ("technicienne d information medicale", "362"),
    ("agent des admissions", "365"),
    ("agente des admissions", "365"),
    ("educateur specialise", "326"),
    ("attache de recherche clinique", "363"),
    ("technicien d etude clinique", "373"),
    ("technicienne d etude clinique", "373"),
    ("moniteur educateur", "324"),
    ("monitrice educatrice", "324"),
    ("educateur de jeunes enfants", "325"),
    ("educatrice de jeunes enfants", "325"),
    ("educatrice specialisee", "326"),
    ("surveillant de nuit", "367"),
    ("surveillante de nuit", "367"),
    ("informaticien", "340"),
    ("informaticienne", "340"),
    ("technicien informatique", "340"),
    ("technicienne informatique", "340"),
    ("responsable informatique", "340"),
    ("systeme d information", "340"),
    ("systemes d information", "340"),
    ("comptable", "341"),
    ("charge de communication", "342"),
    ("chargee de communication", "342"),
    ("ressources humaines", "343"),
    ("affaires medicales", "344"),
    ("archiviste", "366"),
];

const NOT_CARE: &[&str] = &[
    "adjoint administratif",
    "adjoint adm",
    "attache d administration",
    "ingenieur",
    "technicien superieur",
    "technicien hospitalier",
    "ouvrier",
    "cuisinier",
    "agent hotelier",
    "agent de restauration",
    "technicien biomedical",
    "hotelier",
    "cuisiniere",
    "agent de service",
    "agent de services hospitaliers",
    "agent des services hospitaliers",
    "ash",
    "asq",
    "agent d entretien",
    "agent d accueil",
    "gestionnaire",
    "secretaire",
    "standardiste",
    "lingere",
    "magasinier",
    "directeur",
    "juriste",
    "agent de securite",
    "electricien",
    "plombier",
    "jardinier",
    "chauffeur",
    "agent administratif",
    "agent logistique",
    "agent technique",
    "maitre ouvrier",
    "administratif",
    "administrative",
    "assistant socio educatif",
];

/// Reads the words of one grade.
pub fn meaning(grade: &str) -> Meaning {
    read(grade).unwrap_or(Meaning::Unclear)
}

/// `None` when no word of it is known.
fn read(grade: &str) -> Option<Meaning> {
    let folded = fold(grade).replace(" de la ", " de ").replace(" en soins generaux", "");
    let folded = format!(" {folded} ");
    let says = |words: &str| {
        folded.contains(&format!(" {words} ")) || folded.contains(&format!(" {words}s "))
    };
    if STUDENT.iter().any(|words| says(words)) {
        let learnt = LEARNT.iter().find(|(words, _)| says(words));
        return Some(match learnt {
            Some((_, role)) => Meaning::StudentOf((*role).to_owned()),
            None => Meaning::Student,
        });
    }
    if says("faisant fonction") || says("ff") || says("f f") {
        return Some(Meaning::Unclear);
    }
    if let Some((_, code)) = ROLES.iter().find(|(words, _)| says(words)) {
        return Some(Meaning::Role((*code).to_owned()));
    }
    if NOT_CARE.iter().any(|words| says(words)) {
        return Some(Meaning::NotCare);
    }
    if UNCLEAR.iter().any(|words| says(words)) && !practitioner_by_name(&folded) {
        return Some(Group::of(says).map_or(Meaning::Unclear, Meaning::OneOf));
    }
    PROFESSIONS
        .iter()
        .find(|(words, _)| says(words))
        .map(|(_, code)| Meaning::Profession((*code).to_owned()))
}

/// `Praticien hospitalier médecin` says which practitioner, `praticien hospitalier` does not.
fn practitioner_by_name(folded: &str) -> bool {
    let says = |words: &str| folded.contains(&format!(" {words} "));
    (says("praticien") || says("attache") || says("contractuel"))
        && ["medecin", "pharmacien", "chirurgien dentiste", "sage femme"].into_iter().any(says)
        && !["interne", "cadre", "chef", "cheffe", "faisant fonction", "ff"].into_iter().any(says)
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

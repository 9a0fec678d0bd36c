//! Professions, roles and specialities by the codes of the NOS tables (TRE_G15, TRE_R85, TRE_R38).
use super::chance::{Chance, Share};

/// Who registers a profession decides how its names are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Order,
    Agency,
}

#[derive(Debug)]
pub struct Profession {
    pub code: &'static str,
    pub label: &'static str,
    pub women: Share,
    pub origin: Origin,
    /// The triple of column `Autorité d'enregistrement`.
    pub authority: &'static str,
    pub diploma: (&'static str, &'static str),
    /// Salaried rather than in a cabinet.
    pub salaried: Share,
    /// Share of the persons of the register.
    pub share: Share,
}

const fn profession(
    code: &'static str,
    label: &'static str,
    (share, women, salaried): (Share, Share, Share),
    order: &'static str,
    diploma: (&'static str, &'static str),
) -> Profession {
    let origin = if order.is_empty() { Origin::Agency } else { Origin::Order };
    let authority = if order.is_empty() { "ARS/ARS/ARS" } else { order };
    Profession { code, label, women, origin, authority, diploma, salaried, share }
}

const DE: &str = "Diplôme d'Etat d";

/// Regulated professions, and users of a title.
pub const PROFESSIONS: &[Profession] = &[
    profession("60", "Infirmier", (37_000, 87_000, 80_000), "ONI/ONI/ARS", ("DE02", "'infirmier")),
    profession(
        "10",
        "Médecin",
        (17_000, 50_000, 52_000),
        "CNOM/CNOM/ARS",
        ("DE28", "e docteur en médecine"),
    ),
    profession(
        "70",
        "Masseur-Kinésithérapeute",
        (7_000, 52_000, 20_000),
        "CNOMK/CNOMK/ARS",
        ("DE05", "e masseur-kinésithérapeute"),
    ),
    profession("93", "Psychologue", (5_000, 85_000, 65_000), "", ("DIV01", "e psychologue")),
    profession(
        "21",
        "Pharmacien",
        (5_000, 67_000, 60_000),
        "CNOP/CNOP/ARS",
        ("DE29", "e docteur en pharmacie"),
    ),
    profession("91", "Orthophoniste", (1_900, 96_000, 20_000), "", ("CC01", "'orthophoniste")),
    profession("92", "Orthoptiste", (300, 88_000, 40_000), "", ("CC02", "'orthoptiste")),
    profession("94", "Ergothérapeute", (900, 87_000, 80_000), "", ("DE09", "'ergothérapeute")),
    profession("95", "Diététicien", (900, 95_000, 60_000), "", ("BTS1", "e diététicien")),
    profession("96", "Psychomotricien", (1_000, 86_000, 65_000), "", ("DE10", "e psychomotricien")),
    profession(
        "40",
        "Chirurgien-Dentiste",
        (3_000, 50_000, 15_000),
        "CNOCD/CNOCD/ARS",
        ("DE30", "e docteur en chirurgie dentaire"),
    ),
    profession(
        "86",
        "Technicien de laboratoire médical",
        (3_000, 77_000, 98_000),
        "",
        ("DE13", "e technicien de laboratoire médical"),
    ),
    profession(
        "28",
        "Opticien-Lunetier",
        (3_000, 58_000, 70_000),
        "",
        ("BTS2", "'opticien-lunetier"),
    ),
    profession(
        "98",
        "Manipulateur ERM",
        (2_000, 74_000, 97_000),
        "",
        ("DE11", "e manipulateur d'électroradiologie médicale"),
    ),
    profession(
        "50",
        "Sage-Femme",
        (1_700, 97_000, 65_000),
        "CNOSF/CNOSF/ARS",
        ("DE03", "e sage-femme"),
    ),
    profession(
        "80",
        "Pédicure-Podologue",
        (1_000, 66_000, 3_000),
        "CNOPP/CNOPP/ARS",
        ("DE07", "e pédicure-podologue"),
    ),
    profession("71", "Ostéopathe", (2_600, 48_000, 2_000), "", ("TIT1", "'ostéopathe")),
    profession(
        "72",
        "Psychothérapeute",
        (1_100, 75_000, 30_000),
        "",
        ("TIT2", "e psychothérapeute"),
    ),
    profession("73", "Chiropracteur", (300, 40_000, 2_000), "", ("TIT3", "e chiropracteur")),
    profession("26", "Audioprothésiste", (350, 50_000, 75_000), "", ("DE12", "'audioprothésiste")),
    profession("81", "Orthoprothésiste", (130, 35_000, 80_000), "", ("BTS3", "'orthoprothésiste")),
    profession("82", "Podo-Orthésiste", (60, 35_000, 60_000), "", ("BTS4", "e podo-orthésiste")),
    profession(
        "83",
        "Orthopédiste-Orthésiste",
        (60, 50_000, 60_000),
        "",
        ("DIV2", "'orthopédiste"),
    ),
    profession(
        "41",
        "Assistant de service social",
        (1_000, 92_000, 97_000),
        "",
        ("DE31", "'assistant de service social"),
    ),
    profession(
        "31",
        "Assistant dentaire",
        (400, 95_000, 95_000),
        "",
        ("CQP1", "'assistant dentaire"),
    ),
    profession(
        "32",
        "Physicien médical",
        (100, 40_000, 95_000),
        "",
        ("DQ01", "e physicien médical"),
    ),
    profession(
        "69",
        "Infirmier psychiatrique",
        (200, 60_000, 95_000),
        "ONI/ONI/ARS",
        ("DE04", "'infirmier psychiatrique"),
    ),
];

impl Profession {
    pub fn of(code: &str) -> &'static Self {
        PROFESSIONS.iter().find(|profession| profession.code == code).unwrap_or(&PROFESSIONS[0])
    }

    pub fn draw(chance: &mut Chance) -> &'static Self {
        &PROFESSIONS[chance.weigh(PROFESSIONS.iter().map(|profession| profession.share))]
    }

    pub fn diploma_label(&self) -> String {
        format!("{DE}{}", self.diploma.1)
    }

    pub fn is_doctor(&self) -> bool {
        matches!(self.code, "10" | "21" | "40")
    }
}

#[derive(Debug)]
pub struct Role {
    pub code: &'static str,
    pub label: &'static str,
    pub genre: (&'static str, &'static str),
    pub women: Share,
    weight: Share,
}

const CARE: (&str, &str) = ("GENR11", "Activité d'accompagnement au soin");
const OFFICE: (&str, &str) = ("GENR13", "Activité médico-administrative");
const OTHER: (&str, &str) = ("GENR99", "Autre activité");

const fn role(
    code: &'static str,
    label: &'static str,
    genre: (&'static str, &'static str),
    women: Share,
    weight: Share,
) -> Role {
    Role { code, label, genre, women, weight }
}

/// Persons registered by a structure, with a role and no profession.
pub const ROLES: &[Role] = &[
    role("313", "Aide-soignant", CARE, 90_000, 45),
    role("331", "Secrétaire assistante médico-administrative", OFFICE, 95_000, 20),
    role("332", "Assistant médical", OFFICE, 90_000, 8),
    role("315", "Auxiliaire de puériculture", CARE, 98_000, 5),
    role("360", "Brancardier", CARE, 30_000, 5),
    role("316", "Préparateur en pharmacie hospitalière", CARE, 85_000, 5),
    role("314", "Ambulancier", CARE, 30_000, 4),
    role("340", "Direction des systèmes d'information", OTHER, 25_000, 4),
    role("365", "Agent des admissions et frais de séjour", OFFICE, 85_000, 4),
    role("362", "Technicien de l'information médicale", OFFICE, 80_000, 3),
    role("346", "Etudiant infirmier", CARE, 85_000, 4),
    role("364", "Praticien à diplôme hors Union européenne", CARE, 45_000, 3),
];

impl Role {
    pub fn of(code: &str) -> &'static Self {
        ROLES.iter().find(|role| role.code == code).unwrap_or(&ROLES[0])
    }

    pub fn draw(chance: &mut Chance) -> &'static Self {
        &ROLES[chance.weigh(ROLES.iter().map(|role| role.weight))]
    }
}

/// Specialities of physicians (TRE_R38), with their weights.
pub const SPECIALITIES: &[(&str, &str, Share)] = &[
    ("SM54", "Médecine générale", 22),
    ("SM53", "Spécialiste en Médecine Générale", 14),
    ("SM26", "Qualifié en Médecine Générale", 8),
    ("SM02", "Anesthésie-réanimation", 6),
    ("SM42", "Psychiatrie", 7),
    ("SM44", "Radio-diagnostic", 5),
    ("SM40", "Pédiatrie", 5),
    ("SM04", "Cardiologie et maladies vasculaires", 4),
    ("SM38", "Ophtalmologie", 3),
    ("SM20", "Gynécologie-obstétrique", 3),
    ("SM24", "Gastro-entérologie et hépatologie", 2),
    ("SM15", "Dermatologie et vénéréologie", 2),
    ("SM41", "Pneumologie", 2),
    ("SM08", "Chirurgie orthopédique et traumatologie", 2),
    ("SM14", "Chirurgie viscérale et digestive", 2),
    ("SM32", "Neurologie", 2),
    ("SM48", "Rhumatologie", 2),
    ("SM18", "Gériatrie", 2),
    ("SM03", "Biologie médicale", 2),
    ("SM27", "Médecine interne", 1),
    ("SM30", "Néphrologie", 1),
    ("SM37", "Oncologie option médicale", 1),
    ("SM16", "Endocrinologie et métabolisme", 1),
    ("SM12", "Chirurgie urologique", 1),
    ("SM29", "Médecine physique et réadaptation", 1),
    ("SM01", "Anatomie et cytologie pathologiques", 1),
    ("SM49", "Santé publique et médecine sociale", 1),
    ("SM25", "Médecine du travail", 1),
    ("SM46", "Réanimation médicale", 1),
];

/// The ordinal speciality of a physician.
pub fn draw_speciality(chance: &mut Chance) -> (&'static str, &'static str) {
    let drawn = SPECIALITIES[chance.weigh(SPECIALITIES.iter().map(|speciality| speciality.2))];
    (drawn.0, drawn.1)
}

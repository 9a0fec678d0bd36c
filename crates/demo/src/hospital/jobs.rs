//! What people do in the hospital, as payroll names it (grade, function) and as it truly is.
use super::chance::{Chance, Share};
use super::figures::Figures;

/// What the register would hold of someone with this job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Profession(&'static str),
    /// A student of the profession, registered as such (interns): category E.
    Student(&'static str),
    Role(&'static str),
    Nothing,
}

/// How much the grade tells of the profession.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    Tells,
    /// Tells nothing (cadre, interne, chef de service), or something false (étudiant, faisant fonction).
    Vague,
}

#[derive(Debug)]
pub struct Job {
    pub grade: &'static str,
    pub function: &'static str,
    pub standing: Standing,
    pub tells: Grade,
    pub women: Share,
    /// Of all staff.
    share: Share,
    /// Of those with this job: truly in the register.
    pub registered: Share,
    pub department: Department,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Department {
    Care,
    Laboratory,
    Imaging,
    Pharmacy,
    Office,
    Technical,
}

const fn job(
    (grade, function): (&'static str, &'static str),
    standing: Standing,
    tells: Grade,
    (share, registered, women): (Share, Share, Share),
    department: Department,
) -> Job {
    Job { grade, function, standing, tells, women, share, registered, department }
}

use Department::{Care, Imaging, Laboratory, Office, Pharmacy, Technical};
use Grade::{Tells, Vague};
use Standing::{Nothing, Profession, Role, Student};

pub const DOCTOR: usize = 0;
pub const NURSE: usize = 1;

pub const JOBS: &[Job] = &[
    job(
        ("PRATICIEN HOSPITALIER", "MEDECIN"),
        Profession("10"),
        Tells,
        (7_500, 99_500, 50_000),
        Care,
    ),
    job(
        ("INFIRMIER SOINS GENERAUX 1ER GRADE", "INFIRMIER"),
        Profession("60"),
        Tells,
        (13_000, 97_000, 87_000),
        Care,
    ),
    job(
        ("INFIRMIER SOINS GENERAUX 2EME GRADE", "INFIRMIER"),
        Profession("60"),
        Tells,
        (8_500, 98_000, 87_000),
        Care,
    ),
    job(
        ("IDE CLASSE SUPERIEURE", "INFIRMIER DE NUIT"),
        Profession("60"),
        Tells,
        (2_000, 96_000, 85_000),
        Care,
    ),
    job(("INFIRMIER ANESTHESISTE", "IADE"), Profession("60"), Tells, (1_000, 99_000, 65_000), Care),
    job(
        ("INFIRMIER BLOC OPERATOIRE", "IBODE"),
        Profession("60"),
        Tells,
        (800, 99_000, 85_000),
        Care,
    ),
    job(("PUERICULTRICE", "PUERICULTRICE"), Profession("60"), Tells, (1_200, 98_000, 97_000), Care),
    job(
        ("INFIRMIER EN PRATIQUE AVANCEE", "IPA"),
        Profession("60"),
        Tells,
        (300, 99_000, 85_000),
        Care,
    ),
    job(
        ("PRATICIEN CONTRACTUEL", "MEDECIN"),
        Profession("10"),
        Tells,
        (2_000, 98_000, 52_000),
        Care,
    ),
    job(
        ("ASSISTANT DES HOPITAUX", "MEDECIN ASSISTANT"),
        Profession("10"),
        Tells,
        (1_000, 99_000, 55_000),
        Care,
    ),
    job(
        ("CHEF DE SERVICE", "RESPONSABLE MEDICAL"),
        Profession("10"),
        Vague,
        (250, 99_500, 35_000),
        Care,
    ),
    job(
        ("CHEF DE SERVICE", "RESPONSABLE DE POLE"),
        Profession("21"),
        Vague,
        (50, 99_500, 45_000),
        Pharmacy,
    ),
    job(("INTERNE", "INTERNE"), Student("10"), Vague, (3_300, 99_000, 55_000), Care),
    job(("INTERNE", "INTERNE"), Student("21"), Vague, (500, 99_000, 65_000), Pharmacy),
    job(("INTERNE", "INTERNE"), Student("40"), Vague, (100, 99_000, 55_000), Care),
    job(("FAISANT FONCTION D'INTERNE", "FFI"), Role("364"), Vague, (400, 50_000, 45_000), Care),
    job(
        ("PRATICIEN HOSPITALIER", "PHARMACIEN"),
        Profession("21"),
        Tells,
        (600, 99_500, 62_000),
        Pharmacy,
    ),
    job(
        ("PRATICIEN HOSPITALIER", "BIOLOGISTE"),
        Profession("21"),
        Tells,
        (150, 99_500, 62_000),
        Laboratory,
    ),
    job(
        ("PRATICIEN HOSPITALIER", "ODONTOLOGISTE"),
        Profession("40"),
        Tells,
        (200, 99_500, 50_000),
        Care,
    ),
    job(
        ("SAGE-FEMME DES HOPITAUX", "SAGE-FEMME"),
        Profession("50"),
        Tells,
        (1_600, 99_500, 97_000),
        Care,
    ),
    job(
        ("CADRE DE SANTE PARAMEDICAL", "CADRE DE SANTE"),
        Profession("60"),
        Vague,
        (1_500, 96_000, 82_000),
        Care,
    ),
    job(
        ("CADRE SUPERIEUR DE SANTE", "CADRE SUPERIEUR"),
        Profession("60"),
        Vague,
        (250, 95_000, 80_000),
        Care,
    ),
    job(
        ("CADRE DE SANTE PARAMEDICAL", "CADRE DE SANTE"),
        Profession("70"),
        Vague,
        (80, 97_000, 55_000),
        Care,
    ),
    job(
        ("CADRE DE SANTE PARAMEDICAL", "CADRE DE SANTE"),
        Profession("98"),
        Vague,
        (120, 97_000, 60_000),
        Imaging,
    ),
    job(
        ("CADRE DE SANTE PARAMEDICAL", "CADRE DE SANTE"),
        Profession("86"),
        Vague,
        (120, 97_000, 65_000),
        Laboratory,
    ),
    job(
        ("FAISANT FONCTION DE CADRE", "FF CADRE DE SANTE"),
        Profession("60"),
        Vague,
        (300, 96_000, 85_000),
        Care,
    ),
    job(
        ("MASSEUR-KINESITHERAPEUTE", "KINESITHERAPEUTE"),
        Profession("70"),
        Tells,
        (1_100, 98_500, 58_000),
        Care,
    ),
    job(
        ("MANIPULATEUR ELECTRORADIOLOGIE MEDICALE", "MANIPULATEUR"),
        Profession("98"),
        Tells,
        (2_000, 98_000, 72_000),
        Imaging,
    ),
    job(
        ("TECHNICIEN DE LABORATOIRE MEDICAL", "TECHNICIEN LABO"),
        Profession("86"),
        Tells,
        (1_800, 98_000, 78_000),
        Laboratory,
    ),
    job(
        ("PSYCHOLOGUE CLASSE NORMALE", "PSYCHOLOGUE"),
        Profession("93"),
        Tells,
        (1_300, 98_000, 86_000),
        Care,
    ),
    job(("ORTHOPHONISTE", "ORTHOPHONISTE"), Profession("91"), Tells, (300, 98_500, 95_000), Care),
    job(("ORTHOPTISTE", "ORTHOPTISTE"), Profession("92"), Tells, (100, 98_500, 88_000), Care),
    job(("ERGOTHERAPEUTE", "ERGOTHERAPEUTE"), Profession("94"), Tells, (500, 98_500, 87_000), Care),
    job(("DIETETICIEN", "DIETETICIEN"), Profession("95"), Tells, (400, 98_500, 94_000), Care),
    job(
        ("PSYCHOMOTRICIEN", "PSYCHOMOTRICIEN"),
        Profession("96"),
        Tells,
        (200, 98_500, 86_000),
        Care,
    ),
    job(
        ("ASSISTANT SOCIO-EDUCATIF", "ASSISTANT SOCIAL"),
        Profession("41"),
        Tells,
        (800, 95_000, 92_000),
        Care,
    ),
    job(
        ("AIDE-SOIGNANT CLASSE NORMALE", "AIDE-SOIGNANT"),
        Role("313"),
        Tells,
        (11_500, 28_000, 89_000),
        Care,
    ),
    job(
        ("AIDE-SOIGNANT CLASSE SUPERIEURE", "AIDE-SOIGNANT"),
        Role("313"),
        Tells,
        (5_000, 28_000, 91_000),
        Care,
    ),
    job(
        ("AUXILIAIRE DE PUERICULTURE", "AUXILIAIRE PUERICULTURE"),
        Role("315"),
        Tells,
        (1_500, 30_000, 98_000),
        Care,
    ),
    job(
        ("ASSISTANT MEDICO-ADMINISTRATIF", "SECRETAIRE MEDICALE"),
        Role("331"),
        Tells,
        (5_000, 40_000, 96_000),
        Office,
    ),
    job(
        ("AGENT DE SERVICE MORTUAIRE ET BRANCARDAGE", "BRANCARDIER"),
        Role("360"),
        Tells,
        (1_500, 40_000, 25_000),
        Care,
    ),
    job(
        ("PREPARATEUR EN PHARMACIE HOSPITALIERE", "PREPARATEUR"),
        Role("316"),
        Tells,
        (1_000, 70_000, 86_000),
        Pharmacy,
    ),
    job(("CONDUCTEUR AMBULANCIER", "AMBULANCIER"), Role("314"), Tells, (500, 40_000, 25_000), Care),
    job(
        ("TECHNICIEN SUPERIEUR HOSPITALIER", "INFORMATICIEN"),
        Role("340"),
        Tells,
        (1_000, 30_000, 22_000),
        Technical,
    ),
    job(
        ("ADJOINT ADMINISTRATIF", "AGENT DES ADMISSIONS"),
        Role("365"),
        Tells,
        (1_000, 40_000, 85_000),
        Office,
    ),
    job(
        ("TECHNICIEN SUPERIEUR HOSPITALIER", "TECHNICIEN INFORMATION MEDICALE"),
        Role("362"),
        Tells,
        (300, 60_000, 80_000),
        Office,
    ),
    job(("ETUDIANT INFIRMIER", "ETUDIANT"), Role("346"), Vague, (600, 30_000, 85_000), Care),
    job(("ETUDIANT EN MEDECINE", "EXTERNE"), Nothing, Vague, (500, 0, 58_000), Care),
    job(("AIDE-SOIGNANT", "FAISANT FONCTION D'INFIRMIER"), Nothing, Vague, (120, 0, 88_000), Care),
    job(
        ("AGENT DE SERVICE HOSPITALIER QUALIFIE", "AGENT HOTELIER"),
        Nothing,
        Tells,
        (5_200, 0, 80_000),
        Care,
    ),
    job(("ADJOINT ADMINISTRATIF", "GESTIONNAIRE"), Nothing, Tells, (3_300, 0, 82_000), Office),
    job(("OUVRIER PRINCIPAL", "AGENT LOGISTIQUE"), Nothing, Tells, (3_400, 0, 25_000), Technical),
    job(
        ("TECHNICIEN HOSPITALIER", "TECHNICIEN BIOMEDICAL"),
        Nothing,
        Tells,
        (1_100, 0, 20_000),
        Technical,
    ),
    job(("INGENIEUR HOSPITALIER", "INGENIEUR"), Nothing, Tells, (600, 0, 35_000), Technical),
    job(
        ("ATTACHE D'ADMINISTRATION", "CADRE ADMINISTRATIF"),
        Nothing,
        Tells,
        (600, 0, 65_000),
        Office,
    ),
];

impl Job {
    pub fn draw(figures: &Figures, chance: &mut Chance) -> &'static Self {
        let weigh = |job: &Job| match job.tells {
            Tells => job.share * 100,
            Vague => job.share * figures.vague_grades_hundredths,
        };
        &JOBS[chance.weigh(JOBS.iter().map(weigh))]
    }

    /// A grade by which a reader expects a registered health professional.
    pub fn is_clinical(&self) -> bool {
        matches!(self.standing, Profession(_) | Student(_)) || self.function.contains("INFIRMIER")
    }

    /// The profession that a namesake in the register would share.
    pub fn profession(&self) -> Option<&'static str> {
        match self.standing {
            Profession(code) | Student(code) => Some(code),
            Role(_) => None,
            Nothing if self.function.contains("INFIRMIER") => Some("60"),
            Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_55_in_100_are_registered_with_a_profession_and_10_with_a_role() {
        let total: u64 = JOBS.iter().map(|job| u64::from(job.share)).sum();
        let share = |wanted: fn(&Standing) -> bool| {
            let jobs = JOBS.iter().filter(|job| wanted(&job.standing));
            jobs.map(|job| u64::from(job.share) * u64::from(job.registered)).sum::<u64>() / total
        };
        let regulated = share(|standing| matches!(standing, Profession(_) | Student(_)));
        let role = share(|standing| matches!(standing, Role(_)));
        assert!((53_000..57_000).contains(&regulated), "{regulated}");
        assert!((9_000..11_000).contains(&role), "{role}");
    }
}

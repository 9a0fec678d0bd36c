//! Functional units (UF) of the hospital, by department.
use super::chance::Chance;
use super::jobs::Department;

#[derive(Debug, PartialEq, Eq)]
pub struct Unit {
    pub code: &'static str,
    pub label: &'static str,
    department: Department,
}

const fn unit(code: &'static str, label: &'static str, department: Department) -> Unit {
    Unit { code, label, department }
}

use Department::{Care, Imaging, Laboratory, Office, Pharmacy, Technical};

const UNITS: &[Unit] = &[
    unit("1101", "URGENCES ADULTES", Care),
    unit("1102", "SMUR", Care),
    unit("1110", "REANIMATION POLYVALENTE", Care),
    unit("1111", "SURVEILLANCE CONTINUE", Care),
    unit("1201", "CARDIOLOGIE HOSPITALISATION", Care),
    unit("1202", "SOINS INTENSIFS CARDIOLOGIE", Care),
    unit("1210", "PNEUMOLOGIE", Care),
    unit("1220", "NEUROLOGIE", Care),
    unit("1221", "UNITE NEURO-VASCULAIRE", Care),
    unit("1230", "GASTRO-ENTEROLOGIE", Care),
    unit("1240", "MEDECINE INTERNE", Care),
    unit("1250", "NEPHROLOGIE DIALYSE", Care),
    unit("1260", "ONCOLOGIE HOPITAL DE JOUR", Care),
    unit("1301", "CHIRURGIE ORTHOPEDIQUE", Care),
    unit("1302", "CHIRURGIE VISCERALE", Care),
    unit("1303", "CHIRURGIE AMBULATOIRE", Care),
    unit("1310", "BLOC OPERATOIRE", Care),
    unit("1311", "SALLE DE REVEIL", Care),
    unit("1401", "MATERNITE", Care),
    unit("1402", "BLOC OBSTETRICAL", Care),
    unit("1403", "NEONATALOGIE", Care),
    unit("1410", "PEDIATRIE", Care),
    unit("1501", "GERIATRIE AIGUE", Care),
    unit("1502", "SOINS DE SUITE", Care),
    unit("1503", "EHPAD LES TILLEULS", Care),
    unit("1601", "PSYCHIATRIE SECTEUR 1", Care),
    unit("1602", "PSYCHIATRIE SECTEUR 2", Care),
    unit("1603", "CENTRE MEDICO-PSYCHOLOGIQUE", Care),
    unit("1701", "EQUIPE MOBILE SOINS PALLIATIFS", Care),
    unit("1702", "HOSPITALISATION A DOMICILE", Care),
    unit("2101", "LABORATOIRE BIOCHIMIE", Laboratory),
    unit("2102", "LABORATOIRE MICROBIOLOGIE", Laboratory),
    unit("2201", "RADIOLOGIE", Imaging),
    unit("2202", "IRM ET SCANNER", Imaging),
    unit("2301", "PHARMACIE A USAGE INTERIEUR", Pharmacy),
    unit("3101", "DIRECTION DES RESSOURCES HUMAINES", Office),
    unit("3102", "BUREAU DES ENTREES", Office),
    unit("3103", "SECRETARIATS MEDICAUX", Office),
    unit("3412", "INFORMATION MEDICALE", Office),
    unit("4101", "SYSTEMES D'INFORMATION", Technical),
    unit("4102", "BIOMEDICAL", Technical),
    unit("4103", "RESTAURATION ET LOGISTIQUE", Technical),
];

impl Unit {
    /// Place of the cardiology ward in the list.
    pub const CARDIOLOGY: usize = 4;

    pub fn at(index: usize) -> &'static Self {
        &UNITS[index]
    }

    pub fn draw(department: Department, chance: &mut Chance) -> usize {
        let weigh = |unit: &Unit| u32::from(unit.department == department);
        chance.weigh(UNITS.iter().map(weigh))
    }
}

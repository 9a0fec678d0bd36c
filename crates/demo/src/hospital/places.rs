//! Where people were born and where they work. Towns, structures and their numbers are invented:
//! FINESS numbers begin with 99, telephones with 0199.
use super::chance::{Chance, Share};
use std::fmt::Write;

/// A site of the hospital or of its group.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub finess_et: &'static str,
    pub finess_ej: &'static str,
    pub name: &'static str,
    pub street: &'static str,
    pub weight: Share,
}

pub const HOSPITAL: &str = "CH de Valbrume";
pub const SITES: &[Site] = &[
    site("990000010", "990000002", "CH DE VALBRUME", "DE L HOPITAL", 70),
    site("990000028", "990000002", "HOPITAL SAINT-JEAN", "DES CEDRES", 14),
    site("990000036", "990000002", "EHPAD LES TILLEULS", "DES TILLEULS", 8),
    site("990000051", "990000044", "CH DE SAINT-ELOI", "DU MOULIN", 8),
];

const fn site(
    finess_et: &'static str,
    finess_ej: &'static str,
    name: &'static str,
    street: &'static str,
    weight: Share,
) -> Site {
    Site { finess_et, finess_ej, name, street, weight }
}

pub fn draw_site(chance: &mut Chance) -> usize {
    chance.weigh(SITES.iter().map(|site| site.weight))
}

/// Where somebody practises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// A site of ours, by its place in `SITES`.
    House(usize),
    Hospital(u32),
    Cabinet(u32),
    Shop(u32),
}

/// Hospitals elsewhere in the country.
pub const HOSPITALS: u64 = 1_400;

/// What a register line says of a structure.
#[derive(Debug, Default)]
pub struct Address {
    pub siret: String,
    pub siren: String,
    pub finess_et: String,
    pub finess_ej: String,
    pub technical: String,
    pub former: String,
    pub name: String,
    pub brand: String,
    pub number: String,
    pub repeat: &'static str,
    pub street_kind: (&'static str, &'static str),
    pub street: &'static str,
    pub delivery: String,
    pub postcode: String,
    pub phone: String,
    pub sector: (&'static str, &'static str),
}

const STREETS: &[&str] = &[
    "DE L HOPITAL",
    "DES TILLEULS",
    "DU MOULIN",
    "DES LILAS",
    "DE LA GARE",
    "DE LA REPUBLIQUE",
    "DU STADE",
    "DES ECOLES",
    "DE LA FONTAINE",
    "DU CHATEAU",
    "DES VIGNES",
    "DE LA MAIRIE",
    "DU LAVOIR",
    "DES ACACIAS",
];
const STREET_KINDS: &[(&str, &str)] = &[
    ("R", "Rue"),
    ("R", "Rue"),
    ("AV", "Avenue"),
    ("BD", "Boulevard"),
    ("PL", "Place"),
    ("CHE", "Chemin"),
];

/// Shares that decide which numbers a line bears.
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    pub finess_on_hospital: Share,
    pub siret_on_cabinet: Share,
}

impl Structure {
    /// `holder`: the name in practice of whom the line is about, `chance`: the line's own.
    pub fn address(self, holder: &str, filled: Filled, chance: &mut Chance) -> Address {
        match self {
            Self::House(place) => house(&SITES[place], filled, chance),
            Self::Hospital(number) => hospital(number, filled, chance),
            Self::Cabinet(number) => cabinet(number, holder, filled),
            Self::Shop(number) => shop(number),
        }
    }
}

fn house(site: &Site, filled: Filled, chance: &mut Chance) -> Address {
    let town = if site.finess_ej == SITES[0].finess_ej { "VALBRUME" } else { "SAINT ELOI" };
    let mut address = Address {
        name: site.name.to_owned(),
        number: "1".to_owned(),
        street_kind: STREET_KINDS[0],
        street: site.street,
        delivery: format!("99000 {town} CEDEX"),
        postcode: "99000".to_owned(),
        sector: ("SA01", "Etablissement public de santé"),
        ..Address::default()
    };
    number_hospital(&mut address, (site.finess_et, site.finess_ej), filled, chance);
    address
}

fn hospital(number: u32, filled: Filled, chance: &mut Chance) -> Address {
    let mut own = Chance::of(0, "hospital", number.into());
    let town = town(&mut own);
    let (kind, sector) = match own.below(10) {
        0..=5 => ("CH DE", ("SA01", "Etablissement public de santé")),
        6..=7 => ("CLINIQUE DE", ("SA02", "Etablissement privé de santé")),
        _ => ("EHPAD DE", ("SA17", "Etablissement d'hébergement pour personnes âgées")),
    };
    let mut address = street(&mut own, &town);
    address.name = format!("{kind} {town}");
    address.sector = sector;
    let et = with_luhn_key(&format!("991{number:05}"));
    let ej = with_luhn_key(&format!("992{number:05}"));
    number_hospital(&mut address, (&et, &ej), filled, chance);
    address
}

/// A few lines bear only one of the two numbers, or none.
fn number_hospital(
    address: &mut Address,
    (et, ej): (&str, &str),
    filled: Filled,
    chance: &mut Chance,
) {
    address.technical = format!("F{et}");
    if !chance.hits(filled.finess_on_hospital) {
        address.technical = format!("R99{:06}", chance.below(1_000_000));
        return;
    }
    address.former = format!("1{et}");
    match chance.below(100) {
        0..=1 => ej.clone_into(&mut address.finess_ej),
        2..=4 => et.clone_into(&mut address.finess_et),
        _ => {
            et.clone_into(&mut address.finess_et);
            ej.clone_into(&mut address.finess_ej);
        }
    }
}

fn cabinet(number: u32, holder: &str, filled: Filled) -> Address {
    let mut own = Chance::of(0, "cabinet", number.into());
    let town = town(&mut own);
    let mut address = street(&mut own, &town);
    let grouped = own.hits(30_000);
    address.sector =
        if grouped { ("SA08", "Cabinet de groupe") } else { ("SA07", "Cabinet individuel") };
    address.name = match (grouped, own.below(3)) {
        (true, _) => format!("MAISON DE SANTE DE {town}"),
        (false, 0) => format!("CABINET {}", holder.to_uppercase()),
        (false, 1) => format!("CABINET DU DR {}", holder.to_uppercase()),
        (false, _) => "CABINET".to_owned(),
    };
    address.technical = format!("R99{number:08}");
    address.phone = format!("019900{:04}", own.below(10_000));
    if own.hits(filled.siret_on_cabinet) {
        address.siren = with_luhn_key(&format!("99{:06}", number % 1_000_000));
        address.siret = with_luhn_key(&format!("{}0001", address.siren));
        address.technical = format!("C{}", address.siret);
    }
    address
}

fn shop(number: u32) -> Address {
    let mut own = Chance::of(0, "shop", number.into());
    let town = town(&mut own);
    let mut address = street(&mut own, &town);
    address.sector = ("SA33", "Pharmacie d'officine");
    address.name = format!("PHARMACIE {}", STREETS[own.index(STREETS.len())]);
    address.brand = format!("OFFICINE DE {town}");
    address.finess_et = with_luhn_key(&format!("993{:05}", number % 100_000));
    address.technical = format!("F{}", address.finess_et);
    address.former = format!("1{}", address.finess_et);
    address
}

fn street(own: &mut Chance, town: &str) -> Address {
    let postcode = format!("{:02}{:03}", own.between(1, 95), own.below(90) * 10);
    Address {
        number: own.between(1, 120).to_string(),
        repeat: if own.hits(3_000) { "B" } else { "" },
        street_kind: own.pick(STREET_KINDS),
        street: own.pick(STREETS),
        delivery: format!("{postcode} {town}"),
        postcode,
        ..Address::default()
    }
}

fn town(chance: &mut Chance) -> String {
    let start = chance
        .pick(&["VAL", "MONT", "CLAIR", "FON", "BEAU", "ROCHE", "BEL", "GRAND", "AUBE", "SAINT-"]);
    let middle = chance.pick(&["BRU", "TE", "RE", "CHAM", "NE", "VI", "SO", "LA", "MER", "GUI"]);
    let end =
        chance.pick(&["ME", "VILLE", "RAC", "GNY", "LLES", "SART", "BOURG", "DAN", "ZAN", "COURT"]);
    format!("{start}{middle}{end}")
}

/// The digits with their Luhn key after them.
pub fn with_luhn_key(digits: &str) -> String {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let digit = u32::from(byte - b'0');
        sum += match (place % 2, digit * 2) {
            (1, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        };
    }
    let mut numbered = digits.to_owned();
    write!(numbered, "{}", (10 - sum % 10) % 10).expect("writing to a text cannot fail");
    numbered
}

/// Where somebody was born.
#[derive(Debug, Clone, Copy)]
pub enum BirthPlace {
    /// Department and number of the commune.
    France(u16, u16),
    /// By its place in `COUNTRIES`.
    Abroad(usize),
}

/// INSEE codes of countries.
pub const COUNTRIES: &[(&str, &str)] = &[
    ("99139", "PORTUGAL"),
    ("99350", "MAROC"),
    ("99352", "ALGERIE"),
    ("99351", "TUNISIE"),
    ("99127", "ITALIE"),
    ("99134", "ESPAGNE"),
    ("99243", "VIET NAM"),
    ("99341", "SENEGAL"),
    ("99335", "MALI"),
    ("99326", "COTE D'IVOIRE"),
    ("99114", "ROUMANIE"),
    ("99122", "POLOGNE"),
    ("99208", "TURQUIE"),
    ("99333", "MADAGASCAR"),
    ("99131", "BELGIQUE"),
    ("99312", "REPUBLIQUE DEMOCRATIQUE DU CONGO"),
    ("99223", "INDE"),
    ("99109", "ALLEMAGNE"),
];

impl BirthPlace {
    pub fn draw(abroad: bool, chance: &mut Chance) -> Self {
        if abroad {
            return Self::Abroad(chance.index(COUNTRIES.len()));
        }
        let department = chance.between(1, 95).unsigned_abs();
        let commune = chance.between(1, 590).unsigned_abs();
        let narrow = |number: u32| u16::try_from(number).expect("below 1 000");
        Self::France(narrow(department), narrow(commune))
    }

    /// Code of the commune, or of the country for those born abroad.
    pub fn code(self) -> String {
        match self {
            Self::France(20, commune) => format!("2A{commune:03}"),
            Self::France(department, commune) => format!("{department:02}{commune:03}"),
            Self::Abroad(country) => COUNTRIES[country].0.to_owned(),
        }
    }

    pub fn country_code(self) -> &'static str {
        match self {
            Self::France(..) => "99000",
            Self::Abroad(country) => COUNTRIES[country].0,
        }
    }

    pub fn label(self) -> String {
        match self {
            Self::France(department, commune) => {
                let index = u64::from(department) * 1_000 + u64::from(commune);
                town(&mut Chance::of(0, "commune", index))
            }
            Self::Abroad(country) => COUNTRIES[country].1.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_bear_their_key() {
        for (digits, numbered) in [("9990000123", "99900001233"), ("99000001", "990000010")] {
            assert_eq!(with_luhn_key(digits), numbered);
        }
        for site in SITES {
            assert!(kernel::luhn_holds(site.finess_et), "{}", site.finess_et);
            assert!(kernel::luhn_holds(site.finess_ej), "{}", site.finess_ej);
        }
    }
}

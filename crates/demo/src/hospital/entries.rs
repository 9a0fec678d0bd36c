//! What the register holds at each of its places, in each version. A pure function of the place:
//! nothing is kept, so 1.8 million persons cost no memory.
use super::chance::Chance;
use super::jobs::Standing;
use super::names::Sex;
use super::person::{Ages, Civil, NameUse, first_january};
use super::personas::{THIRD_CANDIDATE, date};
use super::places::{HOSPITALS, Structure, draw_site};
use super::professions::{Origin, Profession, Role, draw_speciality};
use super::spelling::{AGENCY, Habits, ORDER};
use super::staff::Agent;
use super::world::{Bearer, Version, World};

/// Profession or role, category and speciality.
#[derive(Debug, Clone, Copy)]
pub struct Practice {
    pub profession: Option<&'static Profession>,
    pub role: Option<&'static Role>,
    pub category: Category,
    pub speciality: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    Civil,
    Student,
    PublicAgent,
}

impl Category {
    pub fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Civil => ("C", "Civil"),
            Self::Student => ("E", "Etudiant"),
            Self::PublicAgent => ("M", "Agent public"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Activity {
    /// Mode of exercise; none where there is no activity.
    pub mode: Option<(&'static str, &'static str)>,
    pub structure: Option<Structure>,
}

/// One person of the register.
pub struct Entry<'a> {
    pub place: u64,
    pub rpps: String,
    pub civil: Civil<'a>,
    pub exercise: NameUse,
    pub practices: Vec<Practice>,
    pub activities: Vec<Activity>,
}

const SALARIED: (&str, &str) = ("S", "Salarié");
const LIBERAL: (&str, &str) = ("L", "Libéral, indépendant, artisan, commerçant");
const OTHER_MODES: [(&str, &str); 2] = [("B", "Bénévole"), ("I", "Indirect")];

impl Entry<'_> {
    pub fn habits(&self) -> &'static Habits {
        match self.practices[0].profession.map(|profession| profession.origin) {
            Some(Origin::Order) => &ORDER,
            Some(Origin::Agency) | None => &AGENCY,
        }
    }
}

/// Reads the register as it was in one version.
pub struct Register<'w> {
    pub world: &'w World,
    pub staff: &'w [Agent<'w>],
    pub version: Version,
}

impl<'w> Register<'w> {
    /// How many places to ask for.
    pub fn places(&self) -> u64 {
        self.world.places(self.version)
    }

    /// None where the person has been closed meanwhile.
    pub fn entry(&self, place: u64) -> Option<Entry<'w>> {
        let bearer = self.world.bearer(place);
        let mut entry = match bearer {
            Bearer::Staff(number) => match self.agent(number) {
                agent if agent.registered => self.of_staff(place, agent),
                _ => self.of_stranger(place),
            },
            Bearer::NamesakeOf(number) => match self.agent(number) {
                agent if agent.has_namesake => self.of_namesake(place, agent),
                _ => self.of_stranger(place),
            },
            Bearer::Former(number) => match self.is_former(number) {
                true => self.of_former(place, number),
                false => self.of_stranger(place),
            },
            Bearer::Stranger => self.of_stranger(place),
        };
        let ours = matches!(bearer, Bearer::Staff(number) if self.agent(number).registered);
        let told = !matches!(bearer, Bearer::Stranger);
        for version in 2..=self.version {
            let mut chance = self.world.chance("weekly", place * 4 + u64::from(version));
            let figures = &self.world.figures;
            if chance.hits(figures.weekly_closures) && !told {
                return None;
            }
            if chance.hits(figures.weekly_structure_changes) && !told {
                entry.activities = self.activities(&entry.practices[0], &mut chance);
            }
            if chance.hits(figures.weekly_name_changes) && !ours && !told {
                entry.exercise = match entry.exercise {
                    NameUse::Birth => NameUse::Spouse,
                    NameUse::Spouse | NameUse::Double { .. } => NameUse::Birth,
                };
            }
        }
        Some(entry)
    }

    fn agent(&self, number: u64) -> &'w Agent<'w> {
        &self.staff[usize::try_from(number).expect("a staff number")]
    }

    fn is_former(&self, number: u64) -> bool {
        number == THIRD_CANDIDATE.0
            || self.world.chance("former", number).hits(self.world.figures.former_staff)
    }

    fn of_staff(&self, place: u64, agent: &'w Agent<'w>) -> Entry<'w> {
        let chance = &mut self.world.chance("own entry", agent.number);
        let practice = practice_of(agent.job.standing, chance);
        let figures = &self.world.figures;
        let mut activities = match chance.below(100_000) {
            drawn
                if agent.persona.is_some()
                    || drawn
                        >= u64::from(
                            figures.staff_without_structure + figures.staff_still_at_last_place,
                        ) =>
            {
                agent
                    .posts
                    .iter()
                    .take(1)
                    .map(|post| salaried(Structure::House(post.site)))
                    .collect()
            }
            drawn if drawn < u64::from(figures.staff_without_structure) => vec![NOWHERE],
            _ => vec![salaried(elsewhere(chance))],
        };
        let doctor = practice.profession.is_some_and(Profession::is_doctor);
        let second = match agent.persona {
            Some(persona) => persona.key == "doctor",
            None => doctor && chance.hits(12_000),
        };
        if second {
            activities.push(liberal(chance));
        }
        let mut civil = agent.civil.clone();
        if chance.hits(figures.changed_civil_sex) && agent.persona.is_none() {
            civil.sex = if civil.sex == Sex::Woman { Sex::Man } else { Sex::Woman };
            let birth_year = chrono::Datelike::year(&civil.birth);
            let former = self.world.lexicon.first_name(civil.sex, birth_year, chance);
            civil.first_names = [Some(former), None, None];
            civil.usual = 0;
        }
        let mut practice = practice;
        if agent.persona.is_some_and(|persona| persona.key == "doctor") {
            practice.speciality = Some(("SM04", "Cardiologie et maladies vasculaires"));
        }
        let exercise = agent.exercise(self.version);
        self.finish(place, civil, exercise, practice, activities)
    }

    /// Same names and profession as this member of staff, another birth date, mostly another place.
    fn of_namesake(&self, place: u64, agent: &'w Agent<'w>) -> Entry<'w> {
        let chance = &mut self.world.chance("namesake", agent.number);
        let mut civil = self.stranger_civil(place, Ages::AtWork, 50_000);
        civil.sex = agent.civil.sex;
        civil.birth_name = agent.civil.birth_name;
        civil.spouse_name = agent.civil.spouse_name;
        civil.first_names = agent.civil.first_names;
        civil.usual = agent.civil.usual;
        let profession = agent.job.profession().unwrap_or("60");
        let practice = practice_of(Standing::Profession(profession), chance);
        let former = agent.registered && chance.hits(self.world.figures.namesake_is_former_staff);
        let activities = match former {
            true => vec![salaried(Structure::House(0))],
            false => vec![salaried(elsewhere(chance))],
        };
        self.finish(place, civil, agent.civil.exercise, practice, activities)
    }

    fn of_former(&self, place: u64, number: u64) -> Entry<'w> {
        let chance = &mut self.world.chance("former entry", number);
        if number == THIRD_CANDIDATE.0 {
            let mut civil = self.agent(number).civil.clone();
            civil.birth = date(THIRD_CANDIDATE.1);
            let practice = practice_of(Standing::Profession("60"), chance);
            let activities = vec![salaried(Structure::House(0))];
            return self.finish(place, civil, NameUse::Birth, practice, activities);
        }
        let profession = chance.pick(&["60", "60", "60", "10", "98", "86", "70", "50"]);
        let practice = practice_of(Standing::Profession(profession), chance);
        let women = Profession::of(profession).women;
        let civil = self.stranger_civil(place, Ages::InRegister, women);
        let mut activities = vec![salaried(Structure::House(draw_site(chance)))];
        if chance.hits(20_000) {
            activities.push(salaried(elsewhere(chance)));
        }
        let exercise = civil.exercise;
        self.finish(place, civil, exercise, practice, activities)
    }

    fn of_stranger(&self, place: u64) -> Entry<'w> {
        let practice = self.stranger_practice(place);
        let mut civil = self.stranger_identity(place, &practice);
        self.make_relative(place, &mut civil);
        let chance = &mut self.world.chance("activities", place);
        let activities = self.activities(&practice, chance);
        let exercise = civil.exercise;
        self.finish(place, civil, exercise, practice, activities)
    }

    fn stranger_identity(&self, place: u64, practice: &Practice) -> Civil<'w> {
        let women = match (practice.profession, practice.role) {
            (Some(profession), _) => profession.women,
            (None, Some(role)) => role.women,
            (None, None) => 50_000,
        };
        let ages = match practice.category {
            Category::Student => Ages::Students,
            Category::Civil | Category::PublicAgent => Ages::InRegister,
        };
        let mut civil = self.stranger_civil(place, ages, women);
        if self.relation(place) == Some(Relation::SameNameSameFirstJanuary) {
            civil.birth = first_january(civil.birth);
        }
        civil
    }

    fn stranger_civil(&self, place: u64, ages: Ages, women: u32) -> Civil<'w> {
        let chance = &mut self.world.chance("stranger", place);
        Civil::draw(&self.world.lexicon, &self.world.figures, women, ages, chance)
    }

    fn stranger_practice(&self, place: u64) -> Practice {
        let family = self.relation(place).filter(|relation| *relation == Relation::ParentAndChild);
        // Parent and child practise the same: both draw from the stream of the even place.
        let index = if family.is_some() { place & !1 } else { place };
        let chance = &mut self.world.chance("practice", index);
        let standing = match chance.hits(4_000) {
            true => Standing::Role(Role::draw(chance).code),
            false => Standing::Profession(Profession::draw(chance).code),
        };
        let mut practice = practice_of(standing, chance);
        let student = matches!(practice.profession, Some(profession) if profession.is_doctor());
        practice.category = match chance.below(1_000) {
            0..=14 => Category::PublicAgent,
            15..=154 if student => Category::Student,
            15..=30 => Category::Student,
            _ => Category::Civil,
        };
        practice
    }

    /// Pairs of neighbours in the register who are easily taken for one another.
    fn relation(&self, place: u64) -> Option<Relation> {
        let figures = &self.world.figures;
        let shares =
            [figures.twins, figures.same_name_same_first_january, figures.parent_and_child];
        let none = super::chance::WHOLE - shares.iter().sum::<u32>();
        let mut chance = self.world.chance("relation", place / 2);
        match chance.weigh(shares.into_iter().chain([none])) {
            0 => Some(Relation::Twins),
            1 => Some(Relation::SameNameSameFirstJanuary),
            2 => Some(Relation::ParentAndChild),
            _ => None,
        }
    }

    /// The odd place of a pair takes after the even one, be that a stranger or our staff.
    fn make_relative(&self, place: u64, civil: &mut Civil<'w>) {
        let Some(mut relation) = self.relation(place) else { return };
        if place.is_multiple_of(2) {
            return;
        }
        let other = match self.world.bearer(place - 1) {
            Bearer::Staff(number) if self.agent(number).registered => {
                if relation == Relation::SameNameSameFirstJanuary {
                    relation = Relation::Twins;
                }
                self.agent(number).civil.clone()
            }
            Bearer::Stranger => {
                let practice = self.stranger_practice(place - 1);
                self.stranger_identity(place - 1, &practice)
            }
            Bearer::Staff(_) | Bearer::NamesakeOf(_) | Bearer::Former(_) => return,
        };
        let chance = &mut self.world.chance("relative", place);
        civil.birth_name = other.birth_name;
        match relation {
            Relation::SameNameSameFirstJanuary => {
                civil.birth = other.birth;
                civil.sex = other.sex;
                civil.first_names = other.first_names;
                civil.usual = other.usual;
                civil.spouse_name = other.spouse_name;
                civil.exercise = other.exercise;
            }
            Relation::Twins => {
                civil.birth = other.birth;
                civil.birth_place = other.birth_place;
                let model = other.first_name();
                let name = self.world.lexicon.sibling_first_name(civil.sex, model, chance);
                civil.first_names = [Some(name), None, None];
                civil.usual = 0;
                civil.exercise = NameUse::Birth;
            }
            Relation::ParentAndChild => {
                civil.birth =
                    other.birth - chrono::Duration::days(chance.between(8_000, 12_500).into());
                civil.exercise = NameUse::Birth;
                if civil.sex == other.sex && chance.hits(10_000) {
                    civil.first_names = other.first_names;
                }
            }
        }
    }

    fn activities(&self, practice: &Practice, chance: &mut Chance) -> Vec<Activity> {
        let count = chance.weigh(self.world.figures.activities.into_iter());
        if count == 0 {
            return vec![NOWHERE];
        }
        let salaried_share = practice.profession.map_or(97_000, |profession| profession.salaried);
        (0..count)
            .map(|_| match chance.hits(salaried_share) {
                true => shop_or_hospital(practice, chance),
                false => liberal(chance),
            })
            .collect()
    }

    fn finish(
        &self,
        place: u64,
        civil: Civil<'w>,
        exercise: NameUse,
        practice: Practice,
        activities: Vec<Activity>,
    ) -> Entry<'w> {
        let mut practices = vec![practice];
        let mut chance = self.world.chance("second practice", place);
        if practice.profession.is_some() && chance.hits(self.world.figures.two_professions) {
            let second =
                if practice.profession.is_some_and(|p| p.code == "60") { "93" } else { "71" };
            practices.push(practice_of(Standing::Profession(second), &mut chance));
        }
        Entry { place, rpps: self.world.rpps(place), civil, exercise, practices, activities }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Twins,
    SameNameSameFirstJanuary,
    ParentAndChild,
}

const NOWHERE: Activity = Activity { mode: None, structure: None };

fn salaried(structure: Structure) -> Activity {
    Activity { mode: Some(SALARIED), structure: Some(structure) }
}

fn elsewhere(chance: &mut Chance) -> Structure {
    Structure::Hospital(u32::try_from(chance.below(HOSPITALS)).expect("a few hundred"))
}

fn liberal(chance: &mut Chance) -> Activity {
    let cabinet = Structure::Cabinet(u32::try_from(chance.below(600_000)).expect("fits"));
    Activity { mode: Some(LIBERAL), structure: Some(cabinet) }
}

fn shop_or_hospital(practice: &Practice, chance: &mut Chance) -> Activity {
    let shop = matches!(practice.profession, Some(p) if matches!(p.code, "21" | "28" | "26"));
    let structure = match shop && chance.hits(75_000) {
        true => Structure::Shop(u32::try_from(chance.below(20_000)).expect("fits")),
        false => elsewhere(chance),
    };
    let mode = if chance.hits(3_000) { chance.pick(&OTHER_MODES) } else { SALARIED };
    Activity { mode: Some(mode), structure: Some(structure) }
}

fn practice_of(standing: Standing, chance: &mut Chance) -> Practice {
    let (profession, role, category) = match standing {
        Standing::Profession(code) => (Some(Profession::of(code)), None, Category::Civil),
        Standing::Student(code) => (Some(Profession::of(code)), None, Category::Student),
        Standing::Role(code) => (None, Some(Role::of(code)), Category::Civil),
        Standing::Nothing => (None, None, Category::Civil),
    };
    let doctor = standing == Standing::Profession("10");
    let speciality = (doctor && chance.hits(92_000)).then(|| draw_speciality(chance));
    Practice { profession, role, category, speciality }
}

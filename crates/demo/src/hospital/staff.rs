//! Who works in the hospital, and what HR makes of them. Everything here is truth; the files are views.
use super::chance::Chance;
use super::jobs::{JOBS, Job, Standing};
use super::person::{Ages, Civil, NameUse, first_day};
use super::personas::{Persona, persona};
use super::places::draw_site;
use super::units::Unit;
use super::world::{NEVER, Version, World};
use chrono::{Duration, NaiveDate};

/// The RPPS number as HR gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    No,
    Right,
    Typo,
    /// Number of this other member of staff.
    Colleague(u64),
    Adeli,
    Leading8,
    /// Taken from the public directory, of somebody else with that name.
    Namesake,
}

/// A surname that changes; each source learns it in its own time.
#[derive(Debug, Clone, Copy)]
pub struct NameChange {
    pub from: NameUse,
    pub hr_since: Version,
    pub ad_since: Version,
    pub register_since: Version,
}

#[derive(Debug, Clone)]
pub struct Post {
    pub site: usize,
    unit: usize,
    /// Unit after a move, and the version that shows it.
    moved: Option<(usize, Version)>,
    pub contract: &'static str,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Post {
    pub fn unit(&self, version: Version) -> &'static Unit {
        match self.moved {
            Some((unit, since)) if version >= since => Unit::at(unit),
            _ => Unit::at(self.unit),
        }
    }
}

pub struct Agent<'a> {
    pub number: u64,
    pub matricule: String,
    pub civil: Civil<'a>,
    pub job: &'static Job,
    pub registered: bool,
    /// Somebody else in the register has the same names and profession.
    pub has_namesake: bool,
    pub homonym_in_house: bool,
    pub given: Given,
    pub posts: Vec<Post>,
    pub since: Version,
    pub until: Version,
    pub change: Option<NameChange>,
    pub persona: Option<&'static Persona>,
    pub login: String,
    pub mail: String,
}

impl<'a> Agent<'a> {
    pub fn is_present(&self, version: Version) -> bool {
        self.since <= version && version < self.until
    }

    pub fn usage_in_hr(&self, version: Version) -> NameUse {
        self.use_by(version, self.civil.usage, |change| change.hr_since)
    }

    pub fn usage_in_ad(&self, version: Version) -> NameUse {
        self.use_by(version, self.civil.usage, |change| change.ad_since)
    }

    pub fn exercise(&self, version: Version) -> NameUse {
        self.use_by(version, self.civil.exercise, |change| change.register_since)
    }

    fn use_by(&self, version: Version, now: NameUse, since: fn(&NameChange) -> Version) -> NameUse {
        match &self.change {
            Some(change) if version < since(change) => change.from,
            _ => now,
        }
    }

    /// Whose surname is not the one they were born with, in some source or at some time.
    pub fn changed_name(&self) -> bool {
        self.change.is_some()
            || self.civil.usage != NameUse::Birth
            || self.civil.exercise != NameUse::Birth
    }
}

/// Draws all staff of all versions, by number.
pub fn draw_staff(world: &World) -> Vec<Agent<'_>> {
    let mut agents: Vec<Agent> =
        (0..world.all_staff()).map(|number| draw_agent(world, number)).collect();
    let bearers: Vec<u64> = agents
        .iter()
        .filter(|agent| agent.registered && agent.persona.is_none())
        .map(|agent| agent.number)
        .collect();
    for agent in &mut agents {
        if let Given::Colleague(number) = &mut agent.given {
            let mut chance = world.chance("colleague", agent.number);
            let other = chance.pick(&bearers);
            *number = other;
            if other == agent.number {
                agent.given = Given::Right;
            }
        }
    }
    super::logins::name_accounts(&mut agents);
    agents
}

fn draw_agent(world: &World, number: u64) -> Agent<'_> {
    let persona = persona(number);
    let chance = &mut world.chance("agent", number);
    let figures = &world.figures;
    let drawn_job = draw_job(world, number);
    let job = persona.map_or(drawn_job, |persona| &JOBS[persona.job]);
    let (civil, homonym) = draw_civil(world, number, job);
    let civil = persona.map_or(civil, |persona| persona.civil());
    let registered = chance.hits(job.registered)
        && !(job.is_clinical() && chance.hits(figures.clinical_not_registered));
    let registered = registered || persona.is_some();
    let namesake_share = match registered {
        true => figures.namesake_of_the_registered,
        false => figures.namesake_of_the_unregistered,
    };
    let has_namesake = job.is_clinical() && chance.hits(namesake_share) && persona.is_none();
    let change = draw_change(world, &civil, chance).filter(|_| persona.is_none());
    let given = match persona {
        Some(persona) if persona.gives_rpps => Given::Right,
        Some(_) => Given::No,
        None => draw_given(world, job, (registered, has_namesake), chance),
    };
    let (since, until) = draw_stay(world, number, chance);
    Agent {
        number,
        matricule: matricule(number),
        job,
        registered,
        has_namesake,
        homonym_in_house: homonym,
        given,
        posts: draw_posts(world, (job, civil.birth), (since, persona.is_some()), chance),
        since,
        until: if persona.is_some() { NEVER } else { until },
        civil,
        change,
        persona,
        login: String::new(),
        mail: String::new(),
    }
}

fn draw_job(world: &World, number: u64) -> &'static Job {
    Job::draw(&world.figures, &mut world.chance("job", number))
}

/// Names, birth; sometimes the names of a colleague.
fn draw_civil<'a>(world: &'a World, number: u64, job: &Job) -> (Civil<'a>, bool) {
    let own = |number: u64, job: &Job| {
        let ages = match job.standing {
            Standing::Student(_) | Standing::Role("346") => Ages::Students,
            _ if job.function == "EXTERNE" => Ages::Students,
            _ => Ages::AtWork,
        };
        let chance = &mut world.chance("civil", number);
        Civil::draw(&world.lexicon, &world.figures, job.women, ages, chance)
    };
    let mut civil = own(number, job);
    let chance = &mut world.chance("homonym", number);
    let homonym = number > 20 && chance.hits(world.figures.homonyms_in_the_house);
    if homonym {
        let other = 4 + chance.below(world.staff - 4);
        let model = own(other, draw_job(world, other));
        civil.sex = model.sex;
        civil.birth_name = model.birth_name;
        civil.first_names = model.first_names;
        civil.usual = model.usual;
        civil.usage = NameUse::Birth;
    }
    (civil, homonym)
}

/// Recent marriages and divorces (known here and not there), and those of the coming two weeks.
fn draw_change(world: &World, civil: &Civil, chance: &mut Chance) -> Option<NameChange> {
    let from = match civil.usage {
        NameUse::Birth => NameUse::Spouse,
        NameUse::Spouse | NameUse::Double { .. } => NameUse::Birth,
    };
    let mut known = || if chance.hits(50_000) { 1 } else { NEVER };
    let [hr_since, ad_since, register_since] = [known(), known(), known()];
    if chance.hits(world.figures.recent_name_change) {
        return Some(NameChange { from, hr_since, ad_since, register_since });
    }
    let weekly = chance.hits(2 * world.figures.weekly_renames);
    let hr_since = if chance.hits(50_000) { 2 } else { 3 };
    weekly.then_some(NameChange { from, hr_since, ad_since: 3, register_since: NEVER })
}

fn draw_given(
    world: &World,
    job: &Job,
    (registered, namesake): (bool, bool),
    chance: &mut Chance,
) -> Given {
    let figures = &world.figures;
    if namesake && chance.hits(figures.hr_rpps_of_namesake) {
        return Given::Namesake;
    }
    let regulated = registered && job.is_clinical();
    if !regulated || !chance.hits(figures.hr_rpps_given) {
        return Given::No;
    }
    let wrong = [
        figures.hr_rpps_typo,
        figures.hr_rpps_of_colleague,
        figures.hr_rpps_is_adeli,
        figures.hr_rpps_leading_8,
    ];
    let right = super::chance::WHOLE - wrong.iter().sum::<u32>();
    match chance.weigh(wrong.into_iter().chain([right])) {
        0 => Given::Typo,
        1 => Given::Colleague(0),
        2 => Given::Adeli,
        3 => Given::Leading8,
        _ => Given::Right,
    }
}

/// First and last version that show somebody.
fn draw_stay(world: &World, number: u64, chance: &mut Chance) -> (Version, Version) {
    let since = match number.checked_sub(world.staff) {
        None => 1,
        Some(arrival) if arrival < world.arrivals => 2,
        Some(_) => 3,
    };
    // Leaving in the second or the third version, once each week.
    let until = match chance.hits(2 * world.figures.weekly_departures) {
        true if since == 1 => 2 + u8::from(chance.hits(50_000)),
        _ => NEVER,
    };
    (since, until)
}

fn draw_posts(
    world: &World,
    (job, birth): (&'static Job, NaiveDate),
    (since, persona): (Version, bool),
    chance: &mut Chance,
) -> Vec<Post> {
    let count = if chance.hits(world.figures.second_post) && !persona { 2 } else { 1 };
    let mut posts = Vec::with_capacity(count);
    for nth in 0..count {
        let (contract, ends) = draw_contract(job, chance);
        let week = i64::from(since) - 1;
        let from = match since {
            1 => first_day() - Duration::days(chance.between(20, longest_stay(job, birth)).into()),
            _ => first_day() + Duration::days(7 * (week - 1) + 1),
        };
        let ends = ends && !persona;
        let to = ends.then(|| first_day() + Duration::days(chance.between(45, 1_100).into()));
        // The personas' parts play in cardiology.
        let (unit, after) =
            (Unit::draw(job.department, chance), Unit::draw(job.department, chance));
        let moves = chance.hits(2 * world.figures.weekly_moves) && !persona && unit != after;
        let version = 2 + u8::from(chance.hits(50_000));
        posts.push(Post {
            site: if persona { 0 } else { (draw_site(chance) + nth) % super::places::SITES.len() },
            unit: if persona { Unit::CARDIOLOGY } else { unit },
            moved: moves.then_some((after, version)),
            contract,
            from,
            to,
        });
    }
    posts
}

/// Days at work so far at the most: nobody starts before 18, and students come and go.
fn longest_stay(job: &Job, birth: NaiveDate) -> i32 {
    let since_18 = (first_day() - birth).num_days() - 18 * 366;
    let most =
        if job.function == "INTERNE" || job.grade.starts_with("ETUDIANT") { 500 } else { 9_000 };
    i32::try_from(since_18.clamp(30, most)).expect("clamped")
}

fn draw_contract(job: &Job, chance: &mut Chance) -> (&'static str, bool) {
    match job.standing {
        Standing::Student(_) => ("INTERNE", true),
        Standing::Nothing if job.grade.starts_with("ETUDIANT") => ("STAGE", true),
        Standing::Profession("10") => ([("PH", false), ("CONTRACTUEL", true)])[chance.index(2)],
        _ => match chance.below(100) {
            0..=71 => ("TITULAIRE", false),
            72..=84 => ("CDI", false),
            85..=91 => ("STAGIAIRE", false),
            _ => ("CDD", true),
        },
    }
}

/// Six digits, no order to read in them.
fn matricule(number: u64) -> String {
    format!("{:06}", 100_000 + (number * 7_919 + 31_337) % 899_981)
}

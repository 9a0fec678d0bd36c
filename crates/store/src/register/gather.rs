//! What the lines of one person add up to.
use super::kinds::{Kinds, PracticeId, StructureId};
use chrono::{Datelike, NaiveDate};
use identity::register::{Column, RegisterRow};
use reconciliation::Practice;

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    New,
    /// Seen higher up in the same extract.
    Again,
    /// An extract read before told all but the birth.
    BirthOnly,
}

#[derive(Default)]
pub(super) struct Gathered {
    pub seq: u32,
    pub id: i64,
    /// As the extract writes it.
    pub number: String,
    pub state: State,
    pub civility: String,
    pub title: String,
    pub family: String,
    pub given: String,
    /// Each way of practising once, by its first practice.
    pub practices: Vec<Practice>,
    pub places: Vec<String>,
    /// Structures that a line names without any FINESS.
    pub named: Vec<String>,
    pub somewhere: bool,
    pub activities: Vec<(PracticeId, StructureId)>,
    pub birth: Option<Birth>,
    pub former_numbers: Vec<String>,
}

pub(super) struct Birth {
    pub family: String,
    pub given: String,
    pub date: Option<NaiveDate>,
    pub place: String,
    pub sex: String,
}

impl Gathered {
    pub fn begin(seq: u32, id: i64, state: State, row: &RegisterRow<'_>) -> Self {
        Self {
            seq,
            state,
            id,
            number: row.get(Column::IdNat).to_owned(),
            civility: row.get(Column::Civility).to_owned(),
            title: row.get(Column::CivilityOfExercise).to_owned(),
            family: row.get(Column::ExerciseFamily).to_owned(),
            given: row.get(Column::ExerciseGiven).to_owned(),
            ..Self::default()
        }
    }

    /// One activity more.
    pub fn add(
        &mut self,
        activity: (PracticeId, StructureId),
        row: &RegisterRow<'_>,
        kinds: &Kinds,
    ) {
        let new_practice = self.activities.iter().all(|(practice, _)| *practice != activity.0);
        self.activities.push(activity);
        if new_practice && let Some(practice) = kinds.practice(activity.0) {
            self.add_practice(practice.clone());
        }
        for place in [row.get(Column::FinessSite), row.get(Column::FinessEntity)] {
            self.add_place(place);
        }
        if row.get(Column::FinessSite).is_empty() && row.get(Column::FinessEntity).is_empty() {
            self.add_named(row.get(Column::StructureName));
        }
        self.somewhere |=
            [Column::FinessSite, Column::Siret, Column::StructureId, Column::StructureName]
                .into_iter()
                .any(|column| !row.get(column).is_empty());
    }

    /// What no activity tells: birth, and numbers borne before.
    pub fn add_identity(&mut self, row: &RegisterRow<'_>) {
        if self.birth.is_none() {
            self.birth = birth_of(row);
        }
        for number in former_numbers(row.get(Column::OtherIds)) {
            let own = super::fill::rpps_number(number) == Some(self.id);
            if !own && !self.former_numbers.iter().any(|known| known == number) {
                self.former_numbers.push(number.to_owned());
            }
        }
    }

    fn add_practice(&mut self, practice: Practice) {
        if !self.practices.contains(&practice) {
            self.practices.push(practice);
        }
    }

    fn add_place(&mut self, place: &str) {
        if !place.is_empty() && !self.places.iter().any(|known| known == place) {
            self.places.push(place.to_owned());
        }
    }

    fn add_named(&mut self, name: &str) {
        if !name.is_empty() && !self.named.iter().any(|known| known == name) {
            self.named.push(name.to_owned());
        }
    }

    /// Takes over what was written of this person before.
    pub fn add_written(&mut self, practices: &str, places: &str, somewhere: bool) {
        practices_from(practices).for_each(|practice| self.add_practice(practice));
        places.split_whitespace().for_each(|place| self.add_place(place));
        self.somewhere |= somewhere;
    }

    // Control characters never pass the reader, so they part the fields.
    pub fn practices_text(&mut self) -> String {
        self.practices.sort_unstable();
        let mut text = String::new();
        for practice in &self.practices {
            let parts = [&practice.profession, "\t", &practice.category, "\t", &practice.role];
            if !text.is_empty() {
                text.push('\n');
            }
            parts.into_iter().for_each(|part| text.push_str(part));
        }
        text
    }

    pub fn places_text(&mut self) -> String {
        self.places.sort_unstable();
        self.places.join(" ")
    }

    pub fn activities_blob(&self) -> Vec<u8> {
        let words =
            self.activities.iter().flat_map(|(practice, structure)| [practice.0, structure.0]);
        words.flat_map(u32::to_le_bytes).collect()
    }
}

/// Practice and structure of each activity, as [`Gathered::activities_blob`] wrote them.
pub(super) fn activities_from(blob: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    let (words, _) = blob.as_chunks::<4>();
    words.chunks_exact(2).map(|pair| (u32::from_le_bytes(pair[0]), u32::from_le_bytes(pair[1])))
}

pub(super) fn practices_from(text: &str) -> impl Iterator<Item = Practice> + '_ {
    text.lines().filter_map(|line| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(Practice { profession: parts.next()?, category: parts.next()?, role: parts.next()? })
    })
}

/// A year of four digits, without a sign: the others have no room in an outline.
fn is_told(date: &NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

fn birth_of(row: &RegisterRow<'_>) -> Option<Birth> {
    let (family, date) = (row.get(Column::BirthFamily), row.get(Column::BirthDate));
    if family.is_empty() && date.is_empty() {
        return None;
    }
    let commune = row.get(Column::BirthCommune);
    let place = if commune.is_empty() { row.get(Column::BirthCountry) } else { commune };
    Some(Birth {
        family: family.to_owned(),
        given: row.get(Column::BirthGiven).to_owned(),
        date: NaiveDate::parse_from_str(date, "%d/%m/%Y").ok().filter(is_told),
        place: place.to_owned(),
        sex: row.get(Column::Sex).to_owned(),
    })
}

/// National numbers among `Autres identifiants`; items look like `810001234567,RPPS,1` (id, origin, quality).
fn former_numbers(text: &str) -> impl Iterator<Item = &str> {
    let items = text.split([';', ' ', '~']).filter(|item| !item.is_empty());
    items.filter_map(|item| {
        let mut parts = item.split(',');
        let (number, origin) = (parts.next()?.trim(), parts.next()?.trim());
        let national = matches!(origin, "RPPS" | "ADELI" | "FINESS" | "SIRET" | "SIREN");
        (national && number.parse::<kernel::IdNat>().is_ok()).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_numbers_are_those_of_a_known_origin() {
        for (text, expected) in [
            ("", &[][..]),
            ("899900001233,RPPS,1", &["899900001233"]),
            ("899900001233,RPPS,1;0990000010,ADELI,1", &["899900001233", "0990000010"]),
            ("899900001233", &[]),
            ("x,RPPS,1", &[]),
            ("899900001233,PSI,1", &[]),
        ] {
            let found: Vec<&str> = former_numbers(text).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}

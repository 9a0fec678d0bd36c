//! Tells a pair in French: what each field showed on both sides, and what it weighed.
use crate::compare::{Agreement, BirthLevel, Comparison, Ours, Theirs};
use crate::levels::{FamilyLevel, GivenLevel};
use crate::model::Model;
use crate::why::{Contribution, Field, Sign};
use chrono::NaiveDate;
use identity::Sex;

/// The table of contributions; their weights add up to the score.
pub(crate) fn contributions(
    ours: &Ours,
    theirs: &Theirs,
    pair: &Comparison,
    (model, persons): (&Model, u64),
) -> Vec<Contribution> {
    let tell = |field| {
        let (our_side, their_side) = sides(field, ours, theirs, pair);
        Contribution {
            field,
            ours: our_side,
            theirs: their_side,
            sign: sign(field, pair),
            weight: model.weight(field, pair),
        }
    };
    let prior = Contribution {
        field: Field::Prior,
        ours: None,
        theirs: Some(format!("1 sur {persons}")),
        sign: Sign::Missing,
        weight: model.prior(pair.kind),
    };
    Field::COMPARED.into_iter().map(tell).chain([prior]).collect()
}

/// Whether a field speaks for the pair.
pub(crate) fn sign(field: Field, pair: &Comparison) -> Sign {
    match field {
        Field::FamilyName => match pair.family {
            FamilyLevel::Exact | FamilyLevel::Reordered => Sign::Same,
            FamilyLevel::Part | FamilyLevel::Cut | FamilyLevel::Near | FamilyLevel::Sound => {
                Sign::Near
            }
            FamilyLevel::Missing => Sign::Missing,
            FamilyLevel::Different => Sign::Different,
        },
        Field::GivenNames => match pair.given {
            GivenLevel::Exact => Sign::Same,
            GivenLevel::First | GivenLevel::Other | GivenLevel::Near => Sign::Near,
            GivenLevel::Missing => Sign::Missing,
            GivenLevel::Different => Sign::Different,
        },
        Field::BirthDate => match pair.birth {
            BirthLevel::Missing => Sign::Missing,
            BirthLevel::Different => Sign::Different,
            BirthLevel::Default | BirthLevel::OneDigit | BirthLevel::Inverted => Sign::Near,
            BirthLevel::Exact => Sign::Same,
        },
        Field::Sex => sign_of(pair.sex),
        Field::BirthPlace => sign_of(pair.place),
        Field::Profession => sign_of(pair.profession),
        Field::Structure => sign_of(pair.structure),
        Field::DeclaredRpps => sign_of(pair.declared),
        Field::Prior | Field::Matricule | Field::Mail => Sign::Missing,
    }
}

fn sign_of(agreement: Agreement) -> Sign {
    match agreement {
        Agreement::Same => Sign::Same,
        Agreement::Near => Sign::Near,
        Agreement::Different => Sign::Different,
        Agreement::Missing => Sign::Missing,
    }
}

type Sides = (Option<String>, Option<String>);

fn sides(field: Field, ours: &Ours, theirs: &Theirs, pair: &Comparison) -> Sides {
    let birth = theirs.person.birth.as_ref();
    match field {
        Field::FamilyName => (shown(&ours.shown_family), shown(&their_family(theirs))),
        Field::GivenNames => (shown(&ours.shown_given), shown(&their_given(theirs))),
        Field::Sex => (ours.sex.map(french_sex), theirs.person.sex.map(french_sex)),
        Field::BirthDate => {
            (ours.birth_date.map(french_date), birth.and_then(|birth| birth.date).map(french_date))
        }
        Field::BirthPlace => {
            (ours.birth_place.clone(), birth.and_then(|birth| birth.place.clone()))
        }
        Field::Profession => (ours.shown_profession.clone(), shown(&their_practices(theirs))),
        Field::Structure => {
            let theirs = match pair.structure {
                Agreement::Same => "exerce ici",
                Agreement::Different => "exerce ailleurs",
                Agreement::Near | Agreement::Missing => "sans structure",
            };
            (Some("notre établissement".to_owned()), Some(theirs.to_owned()))
        }
        Field::DeclaredRpps => (
            ours.declared.as_ref().map(ToString::to_string),
            theirs.person.id_nat.rpps().map(|rpps| rpps.to_string()),
        ),
        Field::Prior | Field::Matricule | Field::Mail => (None, None),
    }
}

fn shown(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn french_sex(sex: Sex) -> String {
    match sex {
        Sex::Female => "femme".to_owned(),
        Sex::Male => "homme".to_owned(),
    }
}

fn french_date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn their_family(theirs: &Theirs) -> String {
    match &theirs.person.birth {
        Some(birth) if birth.family != theirs.person.family && !birth.family.is_empty() => {
            format!("{} (naissance : {})", theirs.person.family, birth.family)
        }
        _ => theirs.person.family.clone(),
    }
}

fn their_given(theirs: &Theirs) -> String {
    match &theirs.person.birth {
        Some(birth) if !birth.given.is_empty() => {
            let civil = birth.given.trim_end_matches('\'').replace('\'', ", ");
            format!("{} (état civil : {civil})", theirs.person.given)
        }
        _ => theirs.person.given.clone(),
    }
}

fn their_practices(theirs: &Theirs) -> String {
    let mut words: Vec<String> = theirs
        .person
        .practices
        .iter()
        .map(|practice| match (practice.profession.as_str(), practice.role.as_str()) {
            ("", role) => format!("rôle {role}"),
            (profession, _) if practice.category == "E" => format!("{profession} (étudiant)"),
            (profession, _) => profession.to_owned(),
        })
        .collect();
    words.sort();
    words.dedup();
    words.join(", ")
}

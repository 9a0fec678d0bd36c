//! The userinfo layout of Pro Santé Connect, for one exercise: the one that she works under now.
use crate::subject::{Activity, Exercise};
use serde_json::{Map, Value, json};

/// NOS TRE_G15, professions.
const PROFESSIONS: &str = "1.2.250.1.213.1.1.5.5";
/// NOS TRE_R02, sectors of activity.
const SECTORS: &str = "1.2.250.1.71.4.2.4";
/// Fixed by Pro Santé Connect.
pub(crate) const PSI_LOCALE: &str = "1.2.250.1.213.1.3.1.1";

/// `code^OID`.
pub(crate) fn subject_role(exercise: &Exercise) -> Option<Value> {
    filled(&exercise.profession).map(|code| json!([format!("{code}^{PROFESSIONS}")]))
}

pub(crate) fn sector(exercise: &Exercise) -> Option<Value> {
    filled(&exercise.activity.sector).map(|code| format!("{code}^{SECTORS}").into())
}

pub(crate) fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// `SubjectRefPro`.
pub(crate) fn subject_ref_pro(exercise: &Exercise) -> Value {
    json!({
        "codeCivilite": exercise.civility,
        "exercices": [{
            "codeProfession": exercise.profession,
            "codeCategorieProfessionnelle": exercise.category,
            "codeCiviliteDexercice": exercise.practice_title,
            "nomDexercice": exercise.family_name,
            "prenomDexercice": exercise.given_name,
            "codeTypeSavoirFaire": exercise.expertise_kind,
            "codeSavoirFaire": exercise.expertise,
            "activities": [activity(&exercise.activity)],
        }],
    })
}

fn activity(activity: &Activity) -> Value {
    let members: [(&str, &String); 30] = [
        ("codeModeExercice", &activity.mode),
        ("codeSecteurDactivite", &activity.sector),
        ("codeSectionPharmacien", &activity.pharmacist_section),
        ("codeRole", &activity.role),
        ("codeGenreActivite", &activity.genre),
        ("numeroSiretSite", &activity.siret),
        ("numeroSirenSite", &activity.siren),
        ("numeroFinessSite", &activity.finess_site),
        ("numeroFinessetablissementJuridique", &activity.finess_entity),
        ("identifiantTechniqueDeLaStructure", &activity.structure_id),
        ("raisonSocialeSite", &activity.structure_name),
        ("enseigneCommercialeSite", &activity.structure_sign),
        ("complementDestinataire", &activity.recipient),
        ("complementPointGeographique", &activity.location),
        ("numeroVoie", &activity.street_number),
        ("indiceRepetitionVoie", &activity.street_repeat),
        ("codeTypeDeVoie", &activity.street_kind),
        ("libelleVoie", &activity.street),
        ("mentionDistribution", &activity.distribution),
        ("bureauCedex", &activity.delivery),
        ("codePostal", &activity.postal_code),
        ("codeCommune", &activity.commune),
        ("codePays", &activity.country),
        ("telephone", &activity.phone),
        ("telephone2", &activity.phone_2),
        ("telecopie", &activity.fax),
        ("adresseEMail", &activity.mail),
        ("codeDepartement", &activity.department),
        ("ancienIdentifiantDeLaStructure", &activity.former_structure_id),
        ("autoriteDenregistrement", &activity.authority),
    ];
    let members = members.into_iter().map(|(name, text)| (name.to_owned(), text.as_str().into()));
    Value::Object(Map::from_iter(members))
}

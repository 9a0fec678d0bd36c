//! The RPPS+ work list as a table for the manager: what the portal asks, in its order.
use identity::Sex;
use workflows::sync::ToRegister;

const HEADER: &str = "à faire;RPPS;sexe;nom de naissance;prénoms;nom d’usage;date de naissance;lieu de naissance;courriel;\
    code rôle;fonction;FINESS géographique;FINESS juridique;début;fin";

pub fn csv(list: &[ToRegister]) -> String {
    // A spreadsheet takes the file for UTF-8 only with its mark.
    let mut text = format!("\u{feff}{HEADER}\r\n");
    for one in list {
        let (person, fields) = (&one.person, &one.post.fields);
        let date = |date: Option<kernel::NaiveDate>| {
            date.map(|date| date.format("%d/%m/%Y").to_string()).unwrap_or_default()
        };
        let sex = match person.sex {
            Some(Sex::Female) => "F",
            Some(Sex::Male) => "M",
            None => "",
        };
        let finess = |number: &Option<kernel::Finess>| {
            number.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        let cells = [
            todo_words(one.reason).to_owned(),
            one.id_nat.as_ref().map(ToString::to_string).unwrap_or_default(),
            sex.to_owned(),
            person.names.birth_family.clone().unwrap_or_default(),
            person.names.given.clone().unwrap_or_default(),
            person.names.usage_family.clone().unwrap_or_default(),
            date(person.birth_date),
            person
                .birth_place
                .label
                .clone()
                .or(person.birth_place.insee_code.clone())
                .unwrap_or_default(),
            person.mail.clone().unwrap_or_default(),
            one.role.clone().unwrap_or_default(),
            fields.function_label.clone().unwrap_or_default(),
            finess(&fields.finess_et),
            finess(&fields.finess_ej),
            date(fields.starts_on),
            date(fields.ends_on),
        ];
        text.push_str(&cells.map(|cell| web::admin::safe_cell(&cell)).join(";"));
        text.push_str("\r\n");
    }
    text
}

fn todo_words(reason: &str) -> &str {
    match reason {
        "not_registered" => "à enregistrer",
        "not_in_register" => "absent de l’Annuaire Santé",
        "no_activity_here" => "activité chez nous à déclarer",
        "role_differs" => "rôle à corriger",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_there_without_a_line() {
        assert_eq!(csv(&[]).lines().count(), 1);
    }
}

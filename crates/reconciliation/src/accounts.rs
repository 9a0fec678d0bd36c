//! Whose is this login? Never decided by a name: a key of the person, and names that agree.
use crate::known::{KnownPeople, KnownPerson};
use crate::people::{Likeness, Verdict, doubt};
use crate::why::{Contribution, Field, Sign, Why};
use identity::Identity;

/// Decides for one account: `New` is nobody's for now (a service, or an owner that nothing tells).
pub fn account_of(account: &Identity, known: &KnownPeople) -> Verdict {
    if let Some(matricule) = &account.matricule {
        let bearers = known.by_matricule(None, matricule);
        if !bearers.is_empty() {
            return by_names(account, &bearers, (Field::Matricule, matricule.as_str()));
        }
    }
    let Some(mail) = &account.mail else { return Verdict::New };
    let mut alike = known.by_mail(mail);
    alike.retain(|person| Likeness::of(account, person).names_agree());
    match alike.is_empty() {
        // A box of the service, or of a couple: without the names it says nothing.
        true => Verdict::New,
        false => by_names(account, &alike, (Field::Mail, mail)),
    }
}

/// Among the bearers of a key, the one whose names agree.
fn by_names(account: &Identity, bearers: &[&KnownPerson], key: (Field, &str)) -> Verdict {
    let mut alike = bearers.to_vec();
    alike.retain(|person| Likeness::of(account, person).names_agree());
    let what = key.0.french();
    match alike.as_slice() {
        [one] => {
            let sentence = format!("Même {what}, et le nom concorde.");
            Verdict::Same { person: one.id, why: explained(account, one, key, sentence) }
        }
        [] => {
            let sentence = format!("Le {what} du compte est connu sous un autre nom.");
            let why = match bearers.first() {
                Some(first) => explained(account, first, key, sentence),
                None => Why::sentence(sentence),
            };
            doubt(bearers, why)
        }
        several => {
            let sentence = format!("Plusieurs personnes portent ce {what} et ce nom.");
            doubt(several, Why::sentence(sentence))
        }
    }
}

fn explained(
    account: &Identity,
    person: &KnownPerson,
    (field, value): (Field, &str),
    sentence: String,
) -> Why {
    let value = Some(value.to_owned());
    let key =
        Contribution { field, ours: value.clone(), theirs: value, sign: Sign::Same, weight: 0.0 };
    let mut contributions = vec![key];
    contributions.extend(Likeness::of(account, person).contributions);
    Why { sentence, contributions }
}

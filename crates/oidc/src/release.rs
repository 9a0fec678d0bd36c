//! Which claims leave for whom: what the client was granted, of what it asked, of what is true and proved
//! (threats OP-27, invariant I-13). The same claims whatever the path.
use crate::psc_layout::{PSI_LOCALE, filled, sector, subject_ref_pro, subject_role};
use crate::subject::{Exercise, Subject};
use crate::{Acr, ClaimsRequest, Client, LoginFacts, Profile, Wanted};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What must be proved before a claim may leave, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    Person,
    /// A verified link to a national identity, and the client's level for it.
    NationalIdentity,
    /// The same, and one chosen exercise.
    Exercise,
}

/// One claim that we know how to fill.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    pub name: &'static str,
    pub needs: Needs,
    /// The scope that brings it, if one does.
    pub scope: Option<&'static str>,
}

const fn claim(name: &'static str, needs: Needs, scope: Option<&'static str>) -> Claim {
    Claim { name, needs, scope }
}

const PSC: Option<&str> = Some("scope_all");

/// Scopes that we know.
pub const SCOPES: [&str; 4] = ["openid", "profile", "email", "scope_all"];

/// Claims that we know, but `sub`, which is always there.
pub const CLAIMS: [Claim; 33] = [
    claim("name", Needs::Person, Some("profile")),
    claim("given_name", Needs::Person, Some("profile")),
    claim("family_name", Needs::Person, Some("profile")),
    claim("preferred_username", Needs::Person, Some("profile")),
    claim("locale", Needs::Person, Some("profile")),
    claim("zoneinfo", Needs::Person, Some("profile")),
    claim("email", Needs::Person, Some("email")),
    claim("email_verified", Needs::Person, Some("email")),
    claim("oid", Needs::Person, None),
    claim("service", Needs::Person, None),
    claim("saml_authn_context", Needs::Person, None),
    claim("authMode", Needs::Person, PSC),
    claim("rpps", Needs::NationalIdentity, None),
    claim("SubjectNameID", Needs::NationalIdentity, PSC),
    claim("otherIds", Needs::NationalIdentity, PSC),
    claim("SubjectRole", Needs::Exercise, PSC),
    claim("SubjectRefPro", Needs::Exercise, PSC),
    claim("SubjectOrganization", Needs::Exercise, PSC),
    claim("SubjectOrganizationID", Needs::Exercise, PSC),
    claim("Secteur_Activite", Needs::Exercise, PSC),
    claim("codeCivilite", Needs::Exercise, PSC),
    claim("codeGenreActivite", Needs::Exercise, PSC),
    claim("codeProfession", Needs::Exercise, None),
    claim("codeTypeSavoirFaire", Needs::Exercise, None),
    claim("codeSavoirFaire", Needs::Exercise, None),
    claim("codeSectionPharmacien", Needs::Exercise, None),
    claim("codeRole", Needs::Exercise, None),
    claim("finess", Needs::Exercise, None),
    claim("PSI_Locale", Needs::NationalIdentity, PSC),
    claim("Palier_Authentification", Needs::NationalIdentity, PSC),
    claim("Mode_Acces_Raison", Needs::NationalIdentity, PSC),
    claim("Acces_Regulation_Medicale", Needs::NationalIdentity, PSC),
    claim("UITVersion", Needs::NationalIdentity, PSC),
];

/// Claims that `scope_all` brings beside its own, as Pro Santé Connect does.
const PSC_STANDARD: [&str; 3] = ["given_name", "family_name", "preferred_username"];

impl Claim {
    fn comes_with(&self, scope: &str) -> bool {
        self.scope == Some(scope) || scope == "scope_all" && PSC_STANDARD.contains(&self.name)
    }
}

/// What a scope brings.
pub fn claims_of_scope(scope: &str) -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().filter(move |claim| claim.comes_with(scope)).map(|claim| claim.name)
}

/// Where claims are about to go.
#[derive(Debug, Clone, Copy)]
pub enum Destination<'a> {
    /// The claims of the scopes, and those asked one by one.
    Userinfo { scopes: &'a BTreeSet<String>, asked: &'a BTreeMap<String, Wanted> },
    /// Those asked one by one, and those that the client's settings put there.
    IdToken { asked: &'a BTreeMap<String, Wanted> },
}

/// The claims to send, `sub` apart.
pub fn released(
    destination: Destination<'_>,
    client: &Client,
    subject: &Subject,
    login: &LoginFacts,
) -> Map<String, Value> {
    let mut released = Map::new();
    for claim in wanted(destination, client) {
        if proved(claim.needs, client, subject, login.acr)
            && let Some(value) = value(claim.name, client, subject, login)
        {
            released.insert(claim.name.to_owned(), value);
        }
    }
    released
}

/// The most that any claim to send there needs: spares reading a register for a client that is told a name.
pub fn most_needed(destination: Destination<'_>, client: &Client) -> Option<Needs> {
    let practice = client.profile == Profile::PscLike;
    let needed = wanted(destination, client).map(|claim| claim.needs).max();
    // There a name is the exercise's, and the login name the national identity's.
    needed.map(|needs| if practice { Needs::Exercise } else { needs })
}

/// Whether anything that these scopes and claims bring tells under which exercise she acts.
pub fn tells_exercise(scopes: &BTreeSet<String>, claims: &ClaimsRequest, client: &Client) -> bool {
    let userinfo = Destination::Userinfo { scopes, asked: &claims.userinfo };
    let id_token = Destination::IdToken { asked: &claims.id_token };
    [userinfo, id_token]
        .into_iter()
        .any(|to| wanted(to, client).any(|claim| claim.needs == Needs::Exercise))
}

/// Request within grant: asking for more adds nothing.
fn wanted<'a>(
    destination: Destination<'a>,
    client: &'a Client,
) -> impl Iterator<Item = Claim> + use<'a> {
    let settings = &client.settings;
    let granted = |claim: &Claim| {
        settings.claims.contains(claim.name)
            || settings.scopes.iter().any(|scope| claim.comes_with(scope))
    };
    let asked = move |claim: &Claim| match destination {
        Destination::Userinfo { scopes, asked } => {
            asked.contains_key(claim.name) || scopes.iter().any(|scope| claim.comes_with(scope))
        }
        Destination::IdToken { asked } => {
            asked.contains_key(claim.name) || settings.id_token_claims.contains(claim.name)
        }
    };
    CLAIMS.into_iter().filter(move |claim| asked(claim) && granted(claim))
}

fn proved(needs: Needs, client: &Client, subject: &Subject, reached: Acr) -> bool {
    let national =
        || subject.national_id.is_some() && reached >= client.settings.national_identity_acr;
    match needs {
        Needs::Person => true,
        Needs::NationalIdentity => national(),
        Needs::Exercise => national() && subject.exercise.is_some(),
    }
}

/// The value, when there is one: no claim is ever null, and only the layout of Pro Santé Connect has empty ones.
fn value(name: &str, client: &Client, subject: &Subject, login: &LoginFacts) -> Option<Value> {
    let psc = client.profile == Profile::PscLike;
    let practice = subject
        .exercise
        .as_ref()
        .filter(|_| psc && proved(Needs::Exercise, client, subject, login.acr));
    let family_name = practice
        .and_then(|exercise| filled(&exercise.family_name))
        .or(subject.family_name.as_deref());
    let given_name = practice
        .and_then(|exercise| filled(&exercise.given_name))
        .or(subject.given_name.as_deref());
    let national = subject.national_id.as_ref().map(|national| &national.id_nat);
    let proved_national =
        national.filter(|_| proved(Needs::NationalIdentity, client, subject, login.acr));
    match name {
        "name" => {
            let words: Vec<&str> = given_name.into_iter().chain(family_name).collect();
            (!words.is_empty()).then(|| words.join(" ").into())
        }
        "given_name" => given_name.map(Value::from),
        "family_name" => family_name.map(Value::from),
        // A client of Pro Santé Connect finds the pivot there.
        "preferred_username" => match proved_national.filter(|_| psc) {
            Some(national) => Some(national.as_str().into()),
            None => subject.login.as_deref().map(Value::from),
        },
        "locale" => Some("fr-FR".into()),
        "zoneinfo" => Some("Europe/Paris".into()),
        "email" => subject.mail.as_deref().map(Value::from),
        // The address is the hospital's word; nobody proved that she reads it.
        "email_verified" => (psc || subject.mail.is_some()).then_some(Value::Bool(false)),
        "oid" => Some(subject.person.to_string().into()),
        "service" => subject.unit.as_deref().map(Value::from),
        "saml_authn_context" => saml_authn_context(&login.amr).map(Value::from),
        "authMode" => login.amr.iter().any(|way| way == "sc").then(|| "CARD".into()),
        "rpps" => national.and_then(|id| id.rpps()).map(|rpps| rpps.as_str().into()),
        "SubjectNameID" => national.map(|id| id.as_str().into()),
        "otherIds" => national
            .filter(|id| id.rpps().is_some())
            .map(|id| json!([{ "identifiant": id.as_str(), "origine": "RPPS", "qualite": 1 }])),
        "PSI_Locale" => Some(PSI_LOCALE.into()),
        "UITVersion" => Some("1.0".into()),
        "Acces_Regulation_Medicale" => Some("FAUX".into()),
        // Empty in the layout of Pro Santé Connect: its levels are not ours to claim.
        "Palier_Authentification" | "Mode_Acces_Raison" => psc.then(|| "".into()),
        _ => subject.exercise.as_ref().and_then(|exercise| of_exercise(name, psc, exercise)),
    }
}

fn of_exercise(name: &str, psc: bool, exercise: &Exercise) -> Option<Value> {
    let text = |text: &str| filled(text).map(Value::from);
    let activity = &exercise.activity;
    match name {
        "SubjectRole" => subject_role(exercise),
        "SubjectRefPro" => Some(subject_ref_pro(exercise)),
        "SubjectOrganization" => text(&activity.structure_name),
        "SubjectOrganizationID" if psc => text(&activity.structure_id),
        "SubjectOrganizationID" => activity.structure_id_nat().map(Value::from),
        "Secteur_Activite" => sector(exercise),
        "codeCivilite" => text(&exercise.civility),
        "codeGenreActivite" => text(&activity.genre),
        "codeProfession" => text(&exercise.profession),
        "codeTypeSavoirFaire" => text(&exercise.expertise_kind),
        "codeSavoirFaire" => text(&exercise.expertise),
        "codeSectionPharmacien" => text(&activity.pharmacist_section),
        "codeRole" => text(&activity.role),
        "finess" => text(&activity.finess_entity),
        _ => None,
    }
}

/// SAML class of the login, for a DPI that writes a VIHF. Only where a class says what happened: a key has
/// none of its own, and one factor never gets the class of two.
fn saml_authn_context(amr: &[String]) -> Option<&'static str> {
    let has = |way: &str| amr.iter().any(|used| used == way);
    match (has("sc") && has("pin"), has("mfa"), has("pwd")) {
        (true, _, _) => Some("urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"),
        (false, false, true) => {
            Some("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
        }
        (false, true, _) | (false, false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::subject::{Activity, NationalId};
    use crate::{AuthMethod, parse_claims, subject_identifier};
    use chrono::{DateTime, Utc};
    use kernel::{FixedClock, OpeningId, PersonId, SeededRandomness, SessionId};

    const NOW: &str = "2026-11-22T08:00:00Z";

    fn doctor() -> Subject {
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(4));
        Subject {
            person: PersonId::new(&clock, &chance),
            family_name: Some("Le Goff".to_owned()),
            given_name: Some("Anne-Sophie".to_owned()),
            login: Some("aslegoff".to_owned()),
            mail: Some("as.legoff@hopital.test".to_owned()),
            unit: Some("Cardiologie 3A".to_owned()),
            national_id: Some(NationalId { id_nat: "899900001233".parse().expect("IdNat") }),
            exercise: Some(Exercise {
                profession: "10".to_owned(),
                category: "C".to_owned(),
                practice_title: "DR".to_owned(),
                family_name: "LE GOFF-MARTIN".to_owned(),
                given_name: "ANNE-SOPHIE".to_owned(),
                civility: "MME".to_owned(),
                expertise_kind: "S".to_owned(),
                expertise: "SM04".to_owned(),
                activity: Activity {
                    mode: "S".to_owned(),
                    sector: "SA01".to_owned(),
                    finess_entity: "990000010".to_owned(),
                    finess_site: "990000002".to_owned(),
                    structure_id: "F990000010".to_owned(),
                    structure_name: "CH DE VALBRUME".to_owned(),
                    ..Activity::default()
                },
            }),
        }
    }

    fn login(acr: Acr, amr: &[&str]) -> LoginFacts {
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(6));
        LoginFacts {
            person: PersonId::new(&clock, &chance),
            session: SessionId::new(&clock, &chance),
            sid: OpeningId::new(&clock, &chance),
            auth_time: NOW.parse::<DateTime<Utc>>().expect("time"),
            acr,
            amr: amr.iter().map(|way| (*way).to_owned()).collect(),
        }
    }

    fn userinfo(
        client: &Client,
        subject: &Subject,
        login: &LoginFacts,
        scopes: &str,
        claims: &str,
    ) -> Map<String, Value> {
        let scopes = scopes.split(' ').map(str::to_owned).collect();
        let asked = parse_claims(claims).expect("claims").userinfo;
        released(Destination::Userinfo { scopes: &scopes, asked: &asked }, client, subject, login)
    }

    fn names(map: &Map<String, Value>) -> Vec<&str> {
        map.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_psc_client_finds_the_layout_it_knows() {
        let (client, _) = client(Profile::PscLike, AuthMethod::ClientSecretBasic);
        let login = login(Acr::Eidas2, &["sc", "pin", "mfa", "hwk"]);
        let info = userinfo(&client, &doctor(), &login, "openid scope_all", "{}");
        for (name, expected) in [
            ("SubjectNameID", json!("899900001233")),
            ("preferred_username", json!("899900001233")),
            ("family_name", json!("LE GOFF-MARTIN")),
            ("given_name", json!("ANNE-SOPHIE")),
            ("SubjectRole", json!(["10^1.2.250.1.213.1.1.5.5"])),
            ("Secteur_Activite", json!("SA01^1.2.250.1.71.4.2.4")),
            ("SubjectOrganization", json!("CH DE VALBRUME")),
            ("SubjectOrganizationID", json!("F990000010")),
            ("PSI_Locale", json!("1.2.250.1.213.1.3.1.1")),
            ("UITVersion", json!("1.0")),
            ("Acces_Regulation_Medicale", json!("FAUX")),
            ("Mode_Acces_Raison", json!("")),
            ("codeCivilite", json!("MME")),
            ("authMode", json!("CARD")),
            ("otherIds", json!([{"identifiant": "899900001233", "origine": "RPPS", "qualite": 1}])),
        ] {
            assert_eq!(info[name], expected, "{name}");
        }
        let exercise = &info["SubjectRefPro"]["exercices"][0];
        assert_eq!(exercise["codeSavoirFaire"], "SM04");
        let activity = &exercise["activities"][0];
        assert_eq!(activity["numeroFinessetablissementJuridique"], "990000010");
        assert_eq!(activity.as_object().expect("object").len(), 30);
    }

    #[test]
    fn i_13_no_link_no_level_no_exercise_means_no_such_claim() {
        let (client, _) = client(Profile::PscLike, AuthMethod::ClientSecretBasic);
        let strong = login(Acr::Eidas2, &["hwk", "user", "mfa"]);
        let weak = login(Acr::Eidas1, &["pwd"]);
        let unlinked = Subject { national_id: None, ..doctor() };
        let unchosen = Subject { exercise: None, ..doctor() };
        for (subject, login, national, exercise) in [
            (&doctor(), &strong, true, true),
            (&doctor(), &weak, false, false),
            (&unlinked, &strong, false, false),
            (&unchosen, &strong, true, false),
        ] {
            let info = userinfo(&client, subject, login, "openid scope_all", "{}");
            for claim in CLAIMS.iter().filter(|claim| claim.scope == PSC) {
                let due = match claim.needs {
                    Needs::Person => continue,
                    Needs::NationalIdentity => national,
                    Needs::Exercise => exercise && claim.name != "codeGenreActivite",
                };
                assert_eq!(info.contains_key(claim.name), due, "{}", claim.name);
            }
            let text = Value::Object(info).to_string();
            assert_eq!(text.contains("899900001233"), national);
            assert_eq!(text.contains("LE GOFF-MARTIN"), exercise);
        }
    }

    #[test]
    fn op_27_asking_for_more_than_the_grant_adds_nothing() {
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let login = login(Acr::Eidas3, &["sc", "pin", "mfa"]);
        let everything: Map<String, Value> =
            CLAIMS.iter().map(|claim| (claim.name.to_owned(), Value::Null)).collect();
        let asked = json!({ "userinfo": everything, "id_token": everything }).to_string();
        let granted =
            ["family_name", "given_name", "locale", "name", "preferred_username", "zoneinfo"];
        let info = userinfo(&client, &doctor(), &login, "openid email scope_all", &asked);
        assert_eq!(names(&info), granted);
        // A claim granted alone comes when it is asked, and not otherwise.
        client.settings.claims = ["rpps".to_owned()].into();
        let rpps = r#"{"userinfo":{"rpps":null}}"#;
        let info = userinfo(&client, &doctor(), &login, "openid", rpps);
        let asked = parse_claims(rpps).expect("claims").userinfo;
        for (scopes, asked, needed) in [
            ("openid", &BTreeMap::new(), None),
            ("profile", &BTreeMap::new(), Some(Needs::Person)),
            ("profile", &asked, Some(Needs::NationalIdentity)),
        ] {
            let scopes = [scopes.to_owned()].into();
            let destination = Destination::Userinfo { scopes: &scopes, asked };
            assert_eq!(most_needed(destination, &client), needed);
        }
        assert_eq!(info["rpps"], "99900001233");
        assert_eq!(names(&info), ["rpps"]);
        assert!(userinfo(&client, &doctor(), &login, "openid", "{}").is_empty());
    }

    #[test]
    fn every_claim_that_is_listed_reaches_a_client_that_was_granted_it() {
        let (mut client, _) = client(Profile::PscLike, AuthMethod::ClientSecretBasic);
        client.settings.scopes = ["openid".to_owned()].into();
        let mut pharmacist = doctor();
        if let Some(exercise) = &mut pharmacist.exercise {
            exercise.activity.genre = "GENR01".to_owned();
            exercise.activity.pharmacist_section = "A".to_owned();
            exercise.activity.role = "FON-01".to_owned();
        }
        let login = login(Acr::Eidas2, &["sc", "pin", "mfa"]);
        for claim in CLAIMS {
            let asked = json!({ "userinfo": { claim.name: null } }).to_string();
            client.settings.claims = [claim.name.to_owned()].into();
            let info = userinfo(&client, &pharmacist, &login, "openid", &asked);
            assert_eq!(names(&info), [claim.name]);
            client.settings.claims.clear();
            assert!(userinfo(&client, &pharmacist, &login, "openid", &asked).is_empty());
        }
    }

    #[test]
    fn the_id_token_has_only_what_was_asked_for_it_or_set() {
        let (mut client, _) = client(Profile::PscLike, AuthMethod::ClientSecretBasic);
        let login = login(Acr::Eidas2, &["hwk", "user", "mfa"]);
        let id_token = |client: &Client, claims: &str| {
            let asked = parse_claims(claims).expect("claims").id_token;
            released(Destination::IdToken { asked: &asked }, client, &doctor(), &login)
        };
        assert!(id_token(&client, "{}").is_empty());
        let asked = r#"{"id_token":{"SubjectNameID":null,"email":null}}"#;
        assert_eq!(names(&id_token(&client, asked)), ["SubjectNameID"]);
        client.settings.id_token_claims = ["SubjectRole".to_owned(), "email".to_owned()].into();
        assert_eq!(names(&id_token(&client, "{}")), ["SubjectRole"]);
    }

    #[test]
    fn nothing_is_null_and_nothing_empty_outside_the_psc_layout() {
        let bare = Subject {
            family_name: None,
            given_name: None,
            login: None,
            mail: None,
            unit: None,
            exercise: Some(Exercise::default()),
            ..doctor()
        };
        let (mut client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        client.settings.scopes = SCOPES.map(str::to_owned).into();
        client.settings.claims = CLAIMS.iter().map(|claim| claim.name.to_owned()).collect();
        let login = login(Acr::Eidas3, &["hwk"]);
        let info = userinfo(&client, &bare, &login, "openid profile email scope_all", "{}");
        for (name, value) in &info {
            assert!(!value.is_null() && value != "", "{name}");
        }
        assert!(!info.contains_key("email") && !info.contains_key("email_verified"));
    }

    #[test]
    fn one_factor_never_gets_the_saml_class_of_two() {
        for (amr, expected) in [
            (&["pwd"][..], Some("PasswordProtectedTransport")),
            (&["sc", "pin", "mfa", "hwk"], Some("SmartcardPKI")),
            (&["sc"], None),
            (&["hwk", "user", "mfa"], None),
            (&["pwd", "otp", "mfa"], None),
            (&[], None),
        ] {
            let amr: Vec<String> = amr.iter().map(|way| (*way).to_owned()).collect();
            let class = saml_authn_context(&amr).and_then(|class| class.rsplit(':').next());
            assert_eq!(class, expected, "{amr:?}");
        }
    }

    #[test]
    fn op_28_each_sector_knows_a_person_by_another_name() {
        use crate::SubjectType;
        let keys = crate::keys::tests::keystore();
        let (public, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let person = doctor().person;
        let sector = |sector: &str| {
            let mut client = public.clone();
            client.settings.subject = SubjectType::Pairwise { sector: sector.to_owned() };
            subject_identifier(&client, person, &keys)
        };
        assert_eq!(subject_identifier(&public, person, &keys), person.to_string());
        assert_eq!(sector("dpi.test"), sector("dpi.test"));
        assert_ne!(sector("dpi.test"), sector("labo.test"));
        assert!(!sector("dpi.test").contains(&person.to_string()));
    }
}

//! A staged record becomes an identity, or tells all that is wrong with it. Pure.
use crate::fault::{Expected, Fault};
use crate::mapping::{FieldRule, Mapping, Reader, Target, Transform};
use crate::stage::StagedRecord;
use crate::value::{self, Noted};
use crate::{BirthPlace, Identity, IdentityKind, Line, Names, PostFields};
use chrono::NaiveDate;
use kernel::Matricule;

/// An identity, and what an operator should know about it though it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised {
    pub identity: Identity,
    pub warnings: Vec<Fault>,
}

/// Reads one record. Faults set this record aside and nothing of it changes; the others go on.
/// The record is present all the same: a faulty one is never an absent one.
pub fn normalise(
    mapping: &Mapping,
    record: &StagedRecord,
    today: NaiveDate,
) -> Result<Normalised, Vec<Fault>> {
    let mut reader = RecordReader { mapping, today, faults: Vec::new(), warnings: Vec::new() };
    let is_directory = !matches!(mapping.reader, Reader::HrCsv(_));
    let identity = match is_directory {
        true => reader.account(record),
        false => reader.agent(record),
    };
    match identity {
        Some(identity) if reader.faults.is_empty() => {
            Ok(Normalised { identity, warnings: reader.warnings })
        }
        _ => Err(reader.faults),
    }
}

pub(crate) struct RecordReader<'m> {
    mapping: &'m Mapping,
    today: NaiveDate,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<Fault>,
}

impl RecordReader<'_> {
    fn agent(&mut self, record: &StagedRecord) -> Option<Identity> {
        let first = record.lines.first()?;
        let Ok(matricule) = record.key.0.parse::<Matricule>() else {
            let fault = Fault::new(first.number, "matricule", &record.key.0, Expected::Matricule);
            self.faults.push(fault);
            return None;
        };
        let mut identity = self.person(first);
        identity.key = record.key.clone();
        identity.lines = record.lines.iter().map(|line| line.number).collect();
        identity.matricule = Some(matricule.clone());
        for line in &record.lines[1..] {
            let other = self.person(line);
            self.agree(&mut identity, other, line);
        }
        let mut posts: Vec<PostFields> =
            record.lines.iter().map(|line| self.post(line, &matricule)).collect();
        let told = posts.len();
        posts.sort_by_cached_key(order_of_posts);
        posts.dedup();
        if posts.len() < told {
            let fault = Fault::new(first.number, "ligne", "", Expected::OneLine);
            self.warnings.push(fault);
        }
        identity.posts = posts;
        Some(identity)
    }

    /// Who the line is about, posts and keys apart.
    pub(crate) fn person(&mut self, line: &Line) -> Identity {
        let (given, usual_given) = self.first_names(line);
        Identity {
            kind: IdentityKind::Agent,
            key: crate::ExternalKey(String::new()),
            lines: Vec::new(),
            names: Names {
                birth_family: self.words(line, Target::BirthFamily),
                usage_family: self.words(line, Target::UsageFamily),
                given,
                usual_given,
            },
            sex: self.noted(line, Target::Sex, value::sex),
            birth_date: self.date(line, Target::BirthDate),
            birth_place: BirthPlace {
                insee_code: self.words(line, Target::BirthPlaceCode),
                label: self.words(line, Target::BirthPlaceLabel),
            },
            matricule: None,
            declared_rpps: self.noted(line, Target::Rpps, value::rpps),
            mail: self.noted(line, Target::Mail, value::mail),
            posts: Vec::new(),
            account: None,
        }
    }

    /// All civil first names, and the usual one: the first column where the others have their own.
    fn first_names(&mut self, line: &Line) -> (Option<String>, Option<String>) {
        let usual = self.words(line, Target::UsualGiven);
        match (self.words(line, Target::Given), self.words(line, Target::OtherGiven)) {
            (Some(first), Some(others)) => {
                (Some(format!("{first} {others}")), usual.or(Some(first)))
            }
            (first, others) => (first.or(others), usual),
        }
    }

    fn post(&mut self, line: &Line, matricule: &Matricule) -> PostFields {
        let entity = match &self.mapping.reader {
            Reader::HrCsv(settings) => settings.finess_ej.clone(),
            Reader::ActiveDirectory(_) | Reader::Ldif(_) => None,
        };
        let post = PostFields {
            matricule: matricule.clone(),
            finess_ej: self.noted(line, Target::FinessEj, value::finess).or(entity),
            finess_et: self.noted(line, Target::FinessEt, value::finess),
            unit_code: self.words(line, Target::UnitCode),
            unit_label: self.words(line, Target::UnitLabel),
            function_label: self.words(line, Target::FunctionLabel),
            profession: self.noted(line, Target::Profession, value::profession),
            contract_kind: self.words(line, Target::ContractKind),
            starts_on: self.date(line, Target::StartsOn),
            ends_on: self.date(line, Target::EndsOn),
        };
        if let (Some(start), Some(end)) = (post.starts_on, post.ends_on)
            && end < start
        {
            self.fault(line, Target::EndsOn, Expected::EndAfterStart);
        }
        post
    }

    /// Several posts are one person: what is said of the person must be the same on each line, or left out.
    fn agree(&mut self, ours: &mut Identity, theirs: Identity, line: &Line) {
        let places = [
            (Target::BirthFamily, merge(&mut ours.names.birth_family, theirs.names.birth_family)),
            (Target::UsageFamily, merge(&mut ours.names.usage_family, theirs.names.usage_family)),
            (Target::Given, merge(&mut ours.names.given, theirs.names.given)),
            (Target::UsualGiven, merge(&mut ours.names.usual_given, theirs.names.usual_given)),
            (Target::Sex, merge(&mut ours.sex, theirs.sex)),
            (Target::BirthDate, merge(&mut ours.birth_date, theirs.birth_date)),
            (
                Target::BirthPlaceCode,
                merge(&mut ours.birth_place.insee_code, theirs.birth_place.insee_code),
            ),
            (Target::BirthPlaceLabel, merge(&mut ours.birth_place.label, theirs.birth_place.label)),
            (Target::Rpps, merge(&mut ours.declared_rpps, theirs.declared_rpps)),
            (Target::Mail, merge(&mut ours.mail, theirs.mail)),
        ];
        for (target, agrees) in places {
            if !agrees {
                self.fault(line, target, Expected::Agreement);
            }
        }
    }

    /// The rule and the raw text of a field, when it is mapped and the line says something.
    fn raw<'l>(&self, line: &'l Line, target: Target) -> Option<(&FieldRule, &'l str)> {
        let rule = self.mapping.fields.iter().find(|rule| rule.to == target)?;
        let text = line.columns.get(&rule.column)?;
        (!text.trim().is_empty()).then_some((rule, text))
    }

    pub(crate) fn words(&mut self, line: &Line, target: Target) -> Option<String> {
        let (rule, text) = self.raw(line, target)?;
        match value::words(text, &rule.transform) {
            Ok(value) => value,
            Err(expected) => {
                self.fault(line, target, expected);
                None
            }
        }
    }

    pub(crate) fn noted<T>(
        &mut self,
        line: &Line,
        target: Target,
        read: impl Fn(&str) -> Noted<T>,
    ) -> Option<T> {
        let noted = read(&self.words(line, target)?);
        if let Some(warning) = noted.warning {
            let (column, text) = self.place(line, target);
            self.warnings.push(Fault::new(line.number, &column, &text, warning));
        }
        noted.value
    }

    fn date(&mut self, line: &Line, target: Target) -> Option<NaiveDate> {
        let (rule, text) = self.raw(line, target)?;
        let transform: Transform = rule.transform.clone();
        match value::date(text, &transform, target, self.today) {
            Ok(noted) => {
                if let Some(warning) = noted.warning {
                    let (column, text) = self.place(line, target);
                    self.warnings.push(Fault::new(line.number, &column, &text, warning));
                }
                noted.value
            }
            Err(expected) => {
                self.fault(line, target, expected);
                None
            }
        }
    }

    fn place(&self, line: &Line, target: Target) -> (String, String) {
        match self.raw(line, target) {
            Some((rule, text)) => (rule.column.clone(), text.to_owned()),
            None => (target.name().to_owned(), String::new()),
        }
    }

    fn fault(&mut self, line: &Line, target: Target, expected: Expected) {
        let (column, text) = self.place(line, target);
        self.faults.push(Fault::new(line.number, &column, &text, expected));
    }
}

/// Fills what is missing; false when both speak and differ.
fn merge<T: PartialEq>(ours: &mut Option<T>, theirs: Option<T>) -> bool {
    match (&ours, theirs) {
        (_, None) => true,
        (None, theirs) => {
            *ours = theirs;
            true
        }
        (Some(mine), Some(theirs)) => *mine == theirs,
    }
}

type PostOrder = (Option<NaiveDate>, Option<NaiveDate>, [Option<String>; 7]);

/// The order of the lines in a file is chance: posts have one of their own.
fn order_of_posts(post: &PostFields) -> PostOrder {
    let texts = [
        post.finess_ej.as_ref().map(ToString::to_string),
        post.finess_et.as_ref().map(ToString::to_string),
        post.unit_code.clone(),
        post.unit_label.clone(),
        post.function_label.clone(),
        post.profession.as_ref().map(|profession| profession.0.clone()),
        post.contract_kind.clone(),
    ];
    (post.starts_on, post.ends_on, texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stager;

    const MAPPING: &str = r#"
[source]
name = "rh"
kind = "hr_csv"
path = "hr.csv"
finess_ej = "990000010"
field = []
"#;

    fn hr() -> Mapping {
        let columns = [
            ("M", "matricule"),
            ("NOM", "birth_family"),
            ("PRENOM", "given"),
            ("NE", "birth_date"),
            ("SEXE", "sex"),
            ("RPPS", "rpps"),
            ("MEL", "mail"),
            ("UF", "unit_code"),
            ("DEBUT", "starts_on"),
            ("FIN", "ends_on"),
        ];
        let mut text = MAPPING.replace("field = []\n", "");
        for (column, to) in columns {
            text.push_str(&format!("[[field]]\ncolumn='{column}'\nto='{to}'\n"));
        }
        Mapping::parse(&text).expect("mapping")
    }

    #[test]
    fn civil_first_names_in_two_columns_are_one_list() {
        let others = "[[field]]\ncolumn='AUTRES'\nto='other_given'\n";
        let text = format!(
            "{}[[field]]\ncolumn='M'\nto='matricule'\n[[field]]\ncolumn='PRENOM'\nto='given'\n{others}",
            MAPPING.replace("field = []\n", "")
        );
        let mapping = Mapping::parse(&text).expect("mapping");
        for (first, others, given, usual) in [
            ("Marie", "Claire Océane", Some("Marie Claire Océane"), Some("Marie")),
            ("Marie", "", Some("Marie"), None),
            ("", "Claire", Some("Claire"), None),
            ("", "", None, None),
        ] {
            let line = [("M", "1"), ("PRENOM", first), ("AUTRES", others)];
            let read = read(&mapping, &[&line]).expect("normalised").identity.names;
            assert_eq!(
                (read.given.as_deref(), read.usual_given.as_deref()),
                (given, usual),
                "{first} / {others}"
            );
        }
    }

    fn ad() -> Mapping {
        Mapping::parse("[source]\nname='ad'\nkind='ldif'\npath='ad.ldif'\n").expect("mapping")
    }

    fn read(mapping: &Mapping, lines: &[&[(&str, &str)]]) -> Result<Normalised, Vec<Fault>> {
        let mut stager = Stager::new(mapping);
        stager.push(
            (1..)
                .zip(lines)
                .map(|(number, columns)| Line {
                    number,
                    columns: columns
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                        .collect(),
                })
                .collect(),
        );
        let staged = stager.finish();
        assert_eq!((staged.records.len(), staged.faults.len()), (1, 0));
        normalise(mapping, &staged.records[0], "2026-11-22".parse().expect("date"))
    }

    fn codes(faults: &[Fault]) -> Vec<(u64, &'static str)> {
        faults.iter().map(|fault| (fault.line, fault.code())).collect()
    }

    #[test]
    fn two_lines_are_one_person_with_two_posts_in_an_order_of_their_own() {
        let first: &[_] = &[("M", "12"), ("NOM", "L'HÔTE"), ("NE", "07/03/1980"), ("UF", "B")];
        let second: &[_] =
            &[("M", "12"), ("NOM", "L'HÔTE"), ("NE", ""), ("UF", "A"), ("MEL", "A@b.fr")];
        let read_it = read(&hr(), &[first, second, second]).expect("identity");
        assert_eq!(codes(&read_it.warnings), [(1, "line_repeated")]);
        let identity = read_it.identity;
        assert_eq!(identity.lines, [1, 2, 3]);
        assert_eq!(identity.names.birth_family.as_deref(), Some("L'HÔTE"));
        assert_eq!(identity.birth_date, "1980-03-07".parse().ok());
        assert_eq!(identity.mail.as_deref(), Some("a@b.fr"));
        let posts: Vec<_> = identity.posts.iter().map(|post| post.unit_code.as_deref()).collect();
        assert_eq!(posts, [Some("A"), Some("B")]);
        let entity = identity.posts[0].finess_ej.as_ref().map(ToString::to_string);
        assert_eq!(entity.as_deref(), Some("990000010"));
        let swapped = read(&hr(), &[second, first]).expect("identity").identity;
        assert_eq!(swapped.posts, identity.posts);
    }

    #[test]
    fn what_is_wrong_sets_the_record_aside_and_what_is_doubtful_is_told() {
        let cases: &[(&Columns, &[&str], &[&str])] = &[
            (&[("NE", "07/03/2062")], &["birth_in_the_future"], &[]),
            (&[("NE", "31/02/1980")], &["date_unreadable"], &[]),
            (&[("DEBUT", "01/01/2024"), ("FIN", "31/12/2023")], &["end_before_start"], &[]),
            (&[("DEBUT", "01/01/2062")], &["start_too_far"], &[]),
            (
                &[("NOM", "MAR\u{200b}TIN"), ("NE", "x")],
                &["hidden_characters", "date_unreadable"],
                &[],
            ),
            (&[("NE", "07/03/80"), ("SEXE", "?")], &[], &["sex_unknown", "year_guessed"]),
            (&[("RPPS", "691234567"), ("MEL", "x")], &[], &["rpps_malformed", "mail_malformed"]),
            (&[("RPPS", "99900001234")], &[], &["rpps_key_wrong"]),
        ];
        for (columns, faults, warnings) in cases {
            let line: Vec<_> = [("M", "12")].iter().chain(*columns).copied().collect();
            let (found_faults, found_warnings) = match read(&hr(), &[&line]) {
                Ok(read_it) => (Vec::new(), read_it.warnings),
                Err(faults) => (faults, Vec::new()),
            };
            let names = |faults: &[Fault]| faults.iter().map(Fault::code).collect::<Vec<_>>();
            assert_eq!(names(&found_faults), *faults, "{columns:?}");
            assert_eq!(names(&found_warnings), *warnings, "{columns:?}");
        }
    }

    #[test]
    fn lines_that_contradict_each_other_are_never_settled_by_chance() {
        for (column, one, other) in [
            ("NE", "07/03/1980", "03/07/1980"),
            ("NOM", "MARTIN", "MARTINEZ"),
            ("RPPS", "99900001233", "99900004567"),
            ("MEL", "a@b.fr", "c@b.fr"),
        ] {
            let read_it =
                read(&hr(), &[&[("M", "1"), (column, one)], &[("M", "1"), (column, other)]]);
            let faults = read_it.expect_err(column);
            assert_eq!(codes(&faults), [(2, "lines_disagree")], "{column}");
            assert_eq!(faults[0].column, column);
        }
    }

    type Columns = [(&'static str, &'static str)];

    const GUID: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn an_account_is_read_from_the_attributes_that_ad_fixes() {
        let line: &[_] = &[
            ("objectGUID", GUID),
            ("sAMAccountName", "mmartin"),
            ("userPrincipalName", "mmartin@hopital.test"),
            ("distinguishedName", "CN=mmartin,OU=Personnel,DC=hopital,DC=test"),
            ("userAccountControl", "514"),
            ("accountExpires", "131000000000000000"),
            ("pwdLastSet", "0"),
            ("employeeID", "100001"),
            ("sn", "Martin"),
            ("mail", "Marie.Martin@hopital.test"),
        ];
        let identity = read(&ad(), &[line]).expect("identity").identity;
        assert_eq!(identity.kind, IdentityKind::Account);
        assert_eq!(identity.matricule.as_ref().map(Matricule::as_str), Some("100001"));
        assert_eq!(identity.names.usage_family.as_deref(), Some("Martin"));
        let account = identity.account.expect("account");
        assert_eq!(
            (account.enabled, account.deleted, account.must_change_password),
            (false, false, true)
        );
        let expiry = account.expires_at.map(|time| time.to_rfc3339());
        assert_eq!(expiry.as_deref(), Some("2016-02-15T08:53:20+00:00"));
        let never: Vec<_> = line
            .iter()
            .map(|(name, value)| match *name {
                "accountExpires" => (*name, "9223372036854775807"),
                "userAccountControl" => (*name, "512"),
                _ => (*name, *value),
            })
            .collect();
        let account = read(&ad(), &[&never]).expect("identity").identity.account.expect("account");
        assert_eq!((account.enabled, account.expires_at), (true, None));
    }

    #[test]
    fn an_account_that_cannot_be_judged_is_set_aside() {
        let dn = ("distinguishedName", "CN=a\nDEL:1,CN=Deleted Objects,DC=h");
        let login = ("sAMAccountName", "a");
        let control = ("userAccountControl", "512");
        let guid = ("objectGUID", GUID);
        let tombstone =
            read(&ad(), &[&[guid, login, dn, ("isDeleted", "TRUE")]]).expect("identity");
        let account = tombstone.identity.account.expect("account");
        assert_eq!((account.deleted, account.enabled), (true, false));
        let cases: &[(&Columns, &[&str])] = &[
            (&[guid, login, dn], &["account_control_missing"]),
            (&[guid, dn, control], &["login_missing"]),
            (&[guid, login, control], &["dn_missing"]),
            (&[guid, login, dn, control, ("accountExpires", "x")], &["number_unreadable"]),
        ];
        for (line, expected) in cases {
            let faults = read(&ad(), &[line]).expect_err("faults");
            assert_eq!(faults.iter().map(Fault::code).collect::<Vec<_>>(), *expected, "{line:?}");
        }
        let other: &[_] = &[guid, ("sAMAccountName", "b"), dn, control];
        let twice = read(&ad(), &[&[guid, login, dn, control], other]).expect_err("faults");
        assert_eq!(codes(&twice), [(2, "object_twice")]);
    }
}

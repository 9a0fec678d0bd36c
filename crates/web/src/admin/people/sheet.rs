use super::lines::{identity_state, site_name, state};
use super::views::{
    Account, AccountState, Channel, Contribution, Homonym, NationalIdentity, NationalIdentityState,
    OwnedValue, Person, PersonApplication, PersonMerge, Post, SessionView, Sign, ValueClash,
};
use crate::admin::means;
use crate::admin::shared::views::{Owner, Reason};
use crate::admin::shared::{self, actor_name, person_ref, reason, reason_with, words};
use chrono::{Days, NaiveDate};
use directory::{CaseKind, PostState};
use identity::SourceKind;
use kernel::SourceId;
use reconciliation::Why;
use workflows::Merge;
use workflows::views::people_list::{IdentityStanding, PersonLine, RECHECK_DAYS, Standing};
use workflows::views::{ApplicationStanding, PersonSheet, SiteNames};

/// The page of one person.
pub fn person(sheet: &PersonSheet, today: NaiveDate) -> Person {
    let (line, known) = (&sheet.line, &sheet.line.person);
    let homonym = |other: &PersonLine| Homonym {
        person: person_ref(&other.person, true),
        function: other.main_post(today).and_then(|post| post.fields.function_label.clone()),
        unit_name: other.main_post(today).and_then(|post| post.fields.unit_label.clone()),
    };
    let question = sheet.cases.iter().find(|case| case.kind == CaseKind::NationalIdentity);
    let question = question.or_else(|| sheet.cases.first());
    Person {
        id: known.id.uuid(),
        etag: crate::call::etag(known.version),
        family: shared::family(known),
        birth_family: shared::other_birth_family(known),
        given: known.names.given().unwrap_or_default().to_owned(),
        sex: known.sex.map(shared::sex),
        birth_date: known.birth_date,
        state: state(line.standing(today)),
        values: values(sheet),
        clashes: sheet.cases.iter().filter_map(|case| clash(sheet, case)).collect(),
        posts: line.posts.iter().map(|post| shown_post(sheet, post, today)).collect(),
        accounts: sheet.accounts.iter().map(|account| shown_account(sheet, account)).collect(),
        national_identities: line
            .identities
            .iter()
            .map(|identity| shown_identity(sheet, identity, today))
            .collect(),
        identity_state: identity_state(line.identity_standing(today)),
        open_case_id: question.map(|case| case.id.uuid()),
        means: sheet.means.iter().filter_map(means::view).collect(),
        sessions: sheet.sessions.iter().map(shown_session).collect(),
        homonyms: sheet.homonyms.iter().map(homonym).collect(),
        why_state: why_state(sheet, today),
        applications: Some(sheet.applications.iter().map(application).collect()),
        closed_at: known
            .closing
            .as_ref()
            .filter(|_| known.state == directory::PersonState::Closed)
            .map(|closing| closing.at),
        closes_at: known.closes_at(),
        merges: sheet.merges.iter().map(|(merge, other)| merged(sheet, merge, other)).collect(),
    }
}

fn merged(sheet: &PersonSheet, merge: &Merge, other: &directory::Person) -> PersonMerge {
    PersonMerge {
        id: merge.id.uuid(),
        kept: merge.kept == sheet.line.person.id,
        other: person_ref(other, true),
        merged_at: merge.merged_at,
        evidence: merge.evidence.clone(),
        motive: merge.motive.clone(),
    }
}

/// Where a source says another thing than what is kept: the value that waits for an answer, beside ours.
fn clash(sheet: &PersonSheet, case: &directory::Case) -> Option<ValueClash> {
    if case.kind != CaseKind::Conflict {
        return None;
    }
    let payload: serde_json::Value = serde_json::from_str(&case.payload).ok()?;
    let field = payload["evidence"]["field"].as_str()?;
    let source = case.source.and_then(|source| sheet.sources.get(&source));
    let line = payload["record"]["lines"][0].as_i64();
    let value = |told: &serde_json::Value, line: Option<i64>| {
        Some(OwnedValue {
            field: field.to_owned(),
            value: told.as_str()?.to_owned(),
            owner: Owner::Hr,
            source_name: source.map(|source| source.name.clone()),
            line,
            read_at: Some(case.opened_at),
        })
    };
    let evidence = &payload["evidence"];
    let values = [value(&evidence["before"], None), value(&evidence["after"], line)];
    Some(ValueClash {
        field: field.to_owned(),
        values: values.into_iter().flatten().collect(),
        case_id: Some(case.id.uuid()),
    })
}

/// Why an application does not open for a person, in words.
pub fn not_opened(code: &'static str) -> Reason {
    let told = match code {
        "client_suspended" => "L’application est suspendue.",
        "needs_key" => "L’application demande une clé, la personne n’en a pas d’active.",
        "no_national_identity" => {
            "L’application demande une identité nationale vérifiée, aucune n’est reliée à la fiche."
        }
        "no_means" => "La personne n’a aucun moyen actif de se connecter.",
        "no_post" => "Aucune affectation n’est connue.",
        "post_planned" => "Aucune affectation n’est encore en cours.",
        "post_over" => "Ses affectations sont terminées.",
        "account_disabled" => "Son compte d’annuaire est désactivé.",
        "account_expired" => "Son compte d’annuaire a expiré.",
        "account_deleted" => "Son compte d’annuaire a été supprimé.",
        "person_suspended" => "L’accès de la personne est suspendu.",
        _ => "L’accès de la personne est fermé.",
    };
    reason(code, told)
}

fn application(standing: &ApplicationStanding) -> PersonApplication {
    PersonApplication {
        client_id: standing.client.client_id.clone(),
        name: standing.client.name.clone(),
        allowed: standing.refused.is_none(),
        reason: standing.refused.map(not_opened),
        last_opened_at: standing.last_opened_at,
    }
}

/// The HR record that owns civil identity, with its source and line.
struct Origin {
    source: Option<SourceId>,
    line: Option<u64>,
}

fn hr_origin(sheet: &PersonSheet) -> Origin {
    let hr = |source: SourceId| {
        sheet.sources.get(&source).is_some_and(|known| known.kind == SourceKind::HrCsv)
    };
    let record = sheet.records.iter().find(|record| hr(record.source));
    Origin {
        source: record.map(|record| record.source),
        line: record.and_then(|record| record.identity.lines.first().copied()),
    }
}

fn source_name(sheet: &PersonSheet, source: SourceId) -> Option<String> {
    sheet.sources.get(&source).map(|source| source.name.clone())
}

fn values(sheet: &PersonSheet) -> Vec<OwnedValue> {
    let person = &sheet.line.person;
    let hr = hr_origin(sheet);
    let place = &person.birth_place;
    let civil = [
        ("usage_name", person.names.usage_family.clone()),
        ("birth_name", person.names.birth_family.clone()),
        ("given_names", person.names.given.clone()),
        ("birth_date", person.birth_date.map(|date| date.to_string())),
        ("birth_place", place.label.clone().or_else(|| place.insee_code.clone())),
    ];
    let of_hr = |(field, value): (&str, Option<String>)| {
        value.map(|value| OwnedValue {
            field: field.to_owned(),
            value,
            owner: Owner::Hr,
            source_name: hr.source.and_then(|source| source_name(sheet, source)),
            line: hr.line.and_then(|line| i64::try_from(line).ok()),
            read_at: hr.source.and_then(|source| sheet.read_at.get(&source).copied()),
        })
    };
    let mut values: Vec<OwnedValue> = civil.into_iter().filter_map(of_hr).collect();
    for account in sheet.accounts.iter().filter(|account| !account.fields.deleted) {
        let told = |field: &str, value: &str| OwnedValue {
            field: field.to_owned(),
            value: value.to_owned(),
            owner: Owner::ActiveDirectory,
            source_name: source_name(sheet, account.source),
            line: None,
            read_at: sheet.read_at.get(&account.source).copied(),
        };
        values.push(told("login", &account.fields.login));
        values.extend(account.mail.as_deref().map(|mail| told("mail", mail)));
    }
    if !values.iter().any(|value| value.field == "mail") {
        values.extend(person.mail.clone().and_then(|mail| of_hr(("mail", Some(mail)))));
    }
    values
}

fn shown_post(sheet: &PersonSheet, post: &directory::Post, today: NaiveDate) -> Post {
    let fields = &post.fields;
    let text = |finess: &Option<kernel::Finess>| finess.as_ref().map(ToString::to_string);
    let record = sheet.records.iter().find(|record| record.source == post.source);
    let place = record.and_then(|record| {
        let at = record.identity.posts.iter().position(|told| told == fields)?;
        record.identity.lines.get(at).copied()
    });
    Post {
        id: post.id.uuid(),
        entity: text(&fields.finess_ej).unwrap_or_default(),
        site: text(&fields.finess_et),
        site_name: fields.finess_et.as_ref().map(|site| site_name(site, &sheet.sites)),
        unit: fields.unit_code.clone(),
        unit_name: fields.unit_label.clone(),
        function: fields.function_label.clone(),
        contract: fields.contract_kind.clone(),
        from: fields.starts_on,
        to: fields.ends_on,
        current: post.state(today) == PostState::Current,
        source_name: source_name(sheet, post.source),
        line: place.and_then(|line| i64::try_from(line).ok()),
    }
}

fn shown_account(sheet: &PersonSheet, account: &directory::Account) -> Account {
    Account {
        id: account.id.uuid(),
        system: "active_directory".to_owned(),
        login: account.fields.login.clone(),
        state: match (account.fields.deleted, account.fields.enabled) {
            (true, _) => AccountState::Deleted,
            (false, true) => AccountState::Active,
            (false, false) => AccountState::Disabled,
        },
        linked_by: None,
        read_at: sheet.read_at.get(&account.source).copied(),
        source_name: source_name(sheet, account.source),
        last_change_at: None,
    }
}

fn shown_identity(
    sheet: &PersonSheet,
    identity: &directory::NationalIdentity,
    today: NaiveDate,
) -> NationalIdentity {
    let why = why_of(&identity.evidence);
    let due = identity.next_check <= today + Days::new(RECHECK_DAYS);
    let at_midnight = identity.next_check.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    NationalIdentity {
        id: identity.id.uuid(),
        idnat: identity.id_nat.to_string(),
        rpps: identity.id_nat.rpps().map(|rpps| rpps.to_string()),
        kind: if identity.id_nat.rpps().is_some() { "rpps" } else { "other" }.to_owned(),
        channel: match identity.channel {
            directory::Channel::CredentialProved => Channel::Credential,
            directory::Channel::HumanDecided => Channel::HumanDecided,
            directory::Channel::HrDeclaredChecked => Channel::HrDeclared,
            directory::Channel::RegisterMatch => Channel::RegisterMatch,
        },
        state: match due {
            true => NationalIdentityState::ToRecheck,
            false => NationalIdentityState::Verified,
        },
        evidence: evidence_of(&identity.evidence),
        decided_by: actor_name(&identity.decided_by, &sheet.deciders),
        decided_at: Some(identity.verified_at),
        verified_at: Some(identity.verified_at),
        next_check_at: at_midnight,
        register_version: None,
        score: why.as_ref().map(Why::score),
        threshold: None,
        why: reason("matched", why.as_ref().map(|why| why.sentence.clone()).unwrap_or_default()),
        contributions: why.map(|why| contributions(&why, &sheet.sites)).unwrap_or_default(),
    }
}

/// The explanation kept with a link: the matcher's own, or inside what a human decided on.
fn why_of(evidence: &str) -> Option<Why> {
    let kept: serde_json::Value = serde_json::from_str(evidence).ok()?;
    let of = |value: &serde_json::Value| serde_json::from_value(value.clone()).ok();
    of(&kept).or_else(|| of(&kept["why"]))
}

fn evidence_of(evidence: &str) -> Option<String> {
    let kept: serde_json::Value = serde_json::from_str(evidence).ok()?;
    kept["evidence"].as_str().map(str::to_owned)
}

/// What each field weighed, by the names that the console words.
pub(crate) fn contributions(why: &Why, sites: &SiteNames) -> Vec<Contribution> {
    let value = |field: reconciliation::Field, told: &Option<String>| {
        let told = told.as_deref()?;
        Some(match field {
            reconciliation::Field::Profession => words::professions(told),
            reconciliation::Field::Structure => words::sites(told, sites),
            _ => told.to_owned(),
        })
    };
    let shown = |part: &reconciliation::Contribution| Contribution {
        field: field_name(part.field).to_owned(),
        ours: value(part.field, &part.ours),
        theirs: value(part.field, &part.theirs),
        differs: matches!(part.sign, reconciliation::Sign::Different | reconciliation::Sign::Near),
        sign: match part.sign {
            reconciliation::Sign::Same => Sign::Equal,
            reconciliation::Sign::Near => Sign::Near,
            reconciliation::Sign::Different => Sign::Different,
            reconciliation::Sign::Missing => Sign::Absent,
        },
        weight: part.weight,
    };
    why.contributions.iter().map(shown).collect()
}

pub(crate) fn field_name(field: reconciliation::Field) -> &'static str {
    use reconciliation::Field;
    match field {
        Field::FamilyName => "exercise_name",
        Field::GivenNames => "given_names",
        Field::Sex => "sex",
        Field::BirthDate => "birth_date",
        Field::BirthPlace => "birth_place",
        Field::Profession => "profession",
        Field::Structure => "place",
        Field::DeclaredRpps => "declared_rpps",
        Field::Matricule => "matricule",
        Field::Mail => "mail",
        Field::Prior => "prior",
    }
}

fn shown_session(session: &workflows::views::person_parts::SessionBrief) -> SessionView {
    SessionView {
        id: session.id.uuid(),
        r#where: None,
        opened_at: session.opened_at,
        last_seen_at: Some(session.last_seen_at),
        factors: session.factors,
        expires_at: session.expires_at,
        applications: session.applications.clone(),
        console: session.console,
    }
}

/// The source and line that told of the current posts.
fn origin_of_posts(sheet: &PersonSheet) -> Vec<(&'static str, String)> {
    let hr = hr_origin(sheet);
    let source = hr.source.and_then(|source| source_name(sheet, source));
    let source = source.map(|name| ("source", name));
    let line = hr.line.map(|line| ("line", line.to_string()));
    source.into_iter().chain(line).collect()
}

/// « Pourquoi cet état ? », one sentence a fact.
fn why_state(sheet: &PersonSheet, today: NaiveDate) -> Vec<Reason> {
    let line = &sheet.line;
    let of = |state| line.posts.iter().filter(|post| post.state(today) == state).count();
    let (current, coming) = (of(PostState::Current), of(PostState::Planned));
    let mut told = Vec::new();
    match line.standing(today) {
        Standing::Closed => {
            let motive = line.person.closing.as_ref().map(|closing| closing.motive.clone());
            let motive = motive.unwrap_or_default();
            let text = format!("Accès fermé : {motive}");
            told.push(reason_with("closed", text, &[("motive", motive)]));
        }
        Standing::Suspended => told.push(reason("suspended", "Accès suspendu.")),
        Standing::Coming => {
            let text = format!("{coming} affectation(s) à venir, aucune en cours.");
            told.push(reason_with("coming", text, &[("count", coming.to_string())]));
        }
        Standing::Active if current > 0 => {
            let text = format!("{current} affectation(s) en cours.");
            let mut params = vec![("count", current.to_string())];
            params.extend(origin_of_posts(sheet));
            told.push(reason_with("posts_current", text, &params));
        }
        Standing::Active => told.push(reason("no_post", "Aucune affectation en cours.")),
    }
    let absent = sheet.records.iter().filter_map(|record| record.absent_since).min();
    if let Some(since) = absent {
        let day = since.format("%d/%m/%Y");
        let text = format!("Absence dans sa source depuis le {day}.");
        told.push(reason_with("absent", text, &[("since", since.to_rfc3339())]));
    }
    if line.identity_standing(today) == IdentityStanding::ToDecide {
        told.push(reason("to_decide", "Identité nationale à arbitrer."));
    }
    told
}

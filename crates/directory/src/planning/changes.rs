use crate::FieldChange;
use identity::{Identity, PostFields};

/// What differs between two sayings about a person, field by field.
pub fn person_changes(before: &Identity, after: &Identity) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut add = |field: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange { field: field.to_owned(), before, after });
        }
    };
    let shown = |value: &Option<String>| value.clone();
    add("birth_family", shown(&before.names.birth_family), shown(&after.names.birth_family));
    add("usage_family", shown(&before.names.usage_family), shown(&after.names.usage_family));
    add("given", shown(&before.names.given), shown(&after.names.given));
    add("usual_given", shown(&before.names.usual_given), shown(&after.names.usual_given));
    add("sex", before.sex.map(|sex| format!("{sex:?}")), after.sex.map(|sex| format!("{sex:?}")));
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    add("birth_date", date(before.birth_date), date(after.birth_date));
    add("birth_insee", shown(&before.birth_place.insee_code), shown(&after.birth_place.insee_code));
    add("birth_label", shown(&before.birth_place.label), shown(&after.birth_place.label));
    add("mail", shown(&before.mail), shown(&after.mail));
    let rpps = |identity: &Identity| identity.declared_rpps.as_ref().map(ToString::to_string);
    add("declared_rpps", rpps(before), rpps(after));
    post_changes(&before.posts, &after.posts, &mut add);
    changes
}

fn post_changes(
    before: &[PostFields],
    after: &[PostFields],
    add: &mut impl FnMut(&str, Option<String>, Option<String>),
) {
    let (before, after) = (in_order(before), in_order(after));
    if before.len() != after.len() {
        add("posts", Some(summary(&before)), Some(summary(&after)));
        return;
    }
    for (old, new) in before.iter().zip(&after) {
        let text = |number: &Option<kernel::Finess>| number.as_ref().map(ToString::to_string);
        let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
        let code = |post: &PostFields| post.profession.as_ref().map(|code| code.0.clone());
        add("post.finess_ej", text(&old.finess_ej), text(&new.finess_ej));
        add("post.finess_et", text(&old.finess_et), text(&new.finess_et));
        add("post.unit_code", old.unit_code.clone(), new.unit_code.clone());
        add("post.unit_label", old.unit_label.clone(), new.unit_label.clone());
        add("post.function_label", old.function_label.clone(), new.function_label.clone());
        add("post.profession", code(old), code(new));
        add("post.contract_kind", old.contract_kind.clone(), new.contract_kind.clone());
        add("post.starts_on", date(old.starts_on), date(new.starts_on));
        add("post.ends_on", date(old.ends_on), date(new.ends_on));
    }
}

/// One order for posts, whatever the order of lines.
fn in_order(posts: &[PostFields]) -> Vec<&PostFields> {
    let mut posts: Vec<&PostFields> = posts.iter().collect();
    posts.sort_by(|left, right| {
        (&left.finess_et, left.starts_on, &left.unit_code, left.ends_on).cmp(&(
            &right.finess_et,
            right.starts_on,
            &right.unit_code,
            right.ends_on,
        ))
    });
    posts
}

fn summary(posts: &[&PostFields]) -> String {
    let one = |post: &&PostFields| {
        let unit = post.unit_code.as_deref().unwrap_or("–");
        let end = post.ends_on.map(|date| date.to_string()).unwrap_or_default();
        format!("{unit} → {end}")
    };
    posts.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// What differs between two sayings about an account.
pub fn account_changes(before: &Identity, after: &Identity) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut add = |field: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange { field: field.to_owned(), before, after });
        }
    };
    let (Some(old), Some(new)) = (&before.account, &after.account) else { return changes };
    add("login", Some(old.login.clone()), Some(new.login.clone()));
    add("upn", old.upn.clone(), new.upn.clone());
    add(
        "distinguished_name",
        Some(old.distinguished_name.clone()),
        Some(new.distinguished_name.clone()),
    );
    let yes_no = |value: bool| Some(if value { "oui" } else { "non" }.to_owned());
    add("enabled", yes_no(old.enabled), yes_no(new.enabled));
    add("must_change_password", yes_no(old.must_change_password), yes_no(new.must_change_password));
    let time = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| time.to_rfc3339());
    add("expires_at", time(old.expires_at), time(new.expires_at));
    add("mail", before.mail.clone(), after.mail.clone());
    let names = |identity: &Identity| {
        let given = identity.names.given().unwrap_or_default();
        Some(format!("{} {given}", identity.names.family().unwrap_or_default()))
    };
    add("name", names(before), names(after));
    let matricule = |identity: &Identity| identity.matricule.as_ref().map(ToString::to_string);
    add("matricule", matricule(before), matricule(after));
    changes
}

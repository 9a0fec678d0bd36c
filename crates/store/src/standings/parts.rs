//! The one statement of the choke point, and its rows.
use crate::by_place::Row;
use crate::entity::{account, means, person, post};
use sea_orm::DbErr;
use std::sync::LazyLock;

/// A row of one of the tables.
pub enum Part {
    Person(Box<person::Model>),
    Post(post::Model),
    Account(account::Model),
    /// Without what it verifies by: what stands is not in it.
    Means(means::Model),
    Epoch(i64),
}

/// Places of the columns: ids, texts, switches, times, days, a number. Each table takes what it needs, in this order.
const IDS: usize = 1;
const TEXTS: usize = IDS + 3;
const SWITCHES: usize = TEXTS + 11;
const TIMES: usize = SWITCHES + 3;
const DAYS: usize = TIMES + 4;
const NUMBER: usize = DAYS + 2;

struct Table {
    kind: i64,
    ids: &'static [&'static str],
    texts: &'static [&'static str],
    switches: &'static [&'static str],
    times: &'static [&'static str],
    days: &'static [&'static str],
    number: Option<&'static str>,
    from: &'static str,
}

impl Table {
    fn select(&self) -> String {
        let mut columns = vec![format!("CAST({} AS bigint)", self.kind)];
        // Nothing of the right type where a table has no such column: PostgreSQL asks for it, SQLite doesn't mind.
        let mut fill = |named: &[&str], width: usize, kind: &str| {
            columns.extend(named.iter().map(|name| (*name).to_owned()));
            columns.extend((named.len()..width).map(|_| format!("CAST(NULL AS {kind})")));
        };
        fill(self.ids, TEXTS - IDS, "uuid");
        fill(self.texts, SWITCHES - TEXTS, "text");
        fill(self.switches, TIMES - SWITCHES, "boolean");
        fill(self.times, DAYS - TIMES, "timestamptz");
        fill(self.days, NUMBER - DAYS, "date");
        fill(self.number.as_slice(), 1, "bigint");
        format!("SELECT {} FROM {}", columns.join(", "), self.from)
    }
}

/// By the person four times: `$1` to `$4`.
pub static STANDING: LazyLock<String> = LazyLock::new(|| {
    let tables = [PERSON, POST, ACCOUNT, MEANS, EPOCH];
    let selects: Vec<String> = tables.iter().map(Table::select).collect();
    selects.join(" UNION ALL ")
});

const NONE: Table = Table {
    kind: 0,
    ids: &[],
    texts: &[],
    switches: &[],
    times: &[],
    days: &[],
    number: None,
    from: "",
};

const PERSON: Table = Table {
    ids: &["id"],
    texts: &[
        "state",
        "birth_family",
        "usage_family",
        "given",
        "usual_given",
        "sex",
        "birth_insee",
        "birth_label",
        "mail",
        "declared_rpps",
        "close_motive",
    ],
    times: &["closed_at", "created_at"],
    days: &["birth_date"],
    number: Some("version"),
    from: "person WHERE id = $1",
    ..NONE
};

const POST: Table = Table {
    kind: 1,
    ids: &["id", "person_id", "source_id"],
    texts: &[
        "matricule",
        "finess_ej",
        "finess_et",
        "unit_code",
        "unit_label",
        "function_label",
        "profession",
        "contract_kind",
    ],
    days: &["starts_on", "ends_on"],
    from: "post WHERE person_id = $2",
    ..NONE
};

const ACCOUNT: Table = Table {
    kind: 2,
    ids: &["id", "person_id", "source_id"],
    texts: &["external_key", "login", "login_key", "upn", "distinguished_name", "mail"],
    switches: &["enabled", "deleted", "must_change_password"],
    times: &["expires_at", "first_seen"],
    from: "account WHERE person_id = $3",
    ..NONE
};

const MEANS: Table = Table {
    kind: 3,
    ids: &["id", "person_id", "operator_id"],
    texts: &["kind", "label", "serial", "status", "enrolment"],
    times: &["issued_at", "activated_at", "expires_at", "last_used_at"],
    number: Some("version"),
    from: "means WHERE person_id = $4",
    ..NONE
};

const EPOCH: Table =
    Table { kind: 4, number: Some("value"), from: "counter WHERE name = 'restore_epoch'", ..NONE };

pub fn part(row: &Row<'_>) -> Result<Part, DbErr> {
    Ok(match row.get::<i64>(0)? {
        0 => Part::Person(Box::new(person_of(row)?)),
        1 => Part::Post(post_of(row)?),
        2 => Part::Account(account_of(row)?),
        3 => Part::Means(means_of(row)?),
        _ => Part::Epoch(row.get(NUMBER)?),
    })
}

fn person_of(row: &Row<'_>) -> Result<person::Model, DbErr> {
    Ok(person::Model {
        id: row.get(IDS)?,
        state: row.get(TEXTS)?,
        birth_family: row.get(TEXTS + 1)?,
        usage_family: row.get(TEXTS + 2)?,
        given: row.get(TEXTS + 3)?,
        usual_given: row.get(TEXTS + 4)?,
        // Keys of lists: they are made of the names.
        sort_key: String::new(),
        search_key: String::new(),
        homonym_key: String::new(),
        sex: row.get(TEXTS + 5)?,
        birth_date: row.get(DAYS)?,
        birth_insee: row.get(TEXTS + 6)?,
        birth_label: row.get(TEXTS + 7)?,
        mail: row.get(TEXTS + 8)?,
        declared_rpps: row.get(TEXTS + 9)?,
        closed_at: row.get(TIMES)?,
        close_motive: row.get(TEXTS + 10)?,
        created_at: row.get(TIMES + 1)?,
        version: row.get(NUMBER)?,
    })
}

fn post_of(row: &Row<'_>) -> Result<post::Model, DbErr> {
    Ok(post::Model {
        id: row.get(IDS)?,
        person_id: row.get(IDS + 1)?,
        source_id: row.get(IDS + 2)?,
        matricule: row.get(TEXTS)?,
        finess_ej: row.get(TEXTS + 1)?,
        finess_et: row.get(TEXTS + 2)?,
        unit_code: row.get(TEXTS + 3)?,
        unit_label: row.get(TEXTS + 4)?,
        function_label: row.get(TEXTS + 5)?,
        profession: row.get(TEXTS + 6)?,
        contract_kind: row.get(TEXTS + 7)?,
        starts_on: row.get(DAYS)?,
        ends_on: row.get(DAYS + 1)?,
    })
}

fn account_of(row: &Row<'_>) -> Result<account::Model, DbErr> {
    Ok(account::Model {
        id: row.get(IDS)?,
        source_id: row.get(IDS + 2)?,
        external_key: row.get(TEXTS)?,
        person_id: row.get(IDS + 1)?,
        login: row.get(TEXTS + 1)?,
        login_key: row.get(TEXTS + 2)?,
        upn: row.get(TEXTS + 3)?,
        distinguished_name: row.get(TEXTS + 4)?,
        enabled: row.get(SWITCHES)?,
        deleted: row.get(SWITCHES + 1)?,
        expires_at: row.get(TIMES)?,
        must_change_password: row.get(SWITCHES + 2)?,
        mail: row.get(TEXTS + 5)?,
        first_seen: row.get(TIMES + 1)?,
    })
}

fn means_of(row: &Row<'_>) -> Result<means::Model, DbErr> {
    Ok(means::Model {
        id: row.get(IDS)?,
        person_id: row.get(IDS + 1)?,
        operator_id: row.get(IDS + 2)?,
        kind: row.get(TEXTS)?,
        label: row.get(TEXTS + 1)?,
        serial: row.get(TEXTS + 2)?,
        status: row.get(TEXTS + 3)?,
        secret: None,
        credential_id: None,
        enrolment: row.get(TEXTS + 4)?,
        issued_at: row.get(TIMES)?,
        activated_at: row.get(TIMES + 1)?,
        expires_at: row.get(TIMES + 2)?,
        last_used_at: row.get(TIMES + 3)?,
        version: row.get(NUMBER)?,
    })
}

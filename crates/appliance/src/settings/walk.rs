//! Walks a TOML file and gathers every fault, so that all are told at once (style, settings).
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use toml::{Table, Value};

/// One fault of the settings file: where, what, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFault {
    /// `section.key`, or a section.
    pub place: String,
    pub message: String,
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Gathers faults while the file is walked.
#[derive(Default)]
pub struct Faults(RefCell<Vec<SettingsFault>>);

impl Faults {
    pub fn add(&self, place: impl Into<String>, message: impl Into<String>) {
        self.0.borrow_mut().push(SettingsFault { place: place.into(), message: message.into() });
    }
    pub fn into_vec(self) -> Vec<SettingsFault> {
        self.0.into_inner()
    }
}

/// One table of the file. What is not asked for by the time it is finished is an unknown key.
pub struct Section<'a> {
    name: String,
    table: Option<&'a Table>,
    faults: &'a Faults,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    pub fn root(table: &'a Table, faults: &'a Faults) -> Self {
        Self { name: String::new(), table: Some(table), faults, asked: RefCell::default() }
    }

    pub fn place(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub fn fault(&self, key: &str, message: impl Into<String>) {
        self.faults.add(self.place(key), message);
    }

    pub fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Whether the key stands there; asking makes it a known one.
    pub fn holds(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(key);
        self.table?.get(key)
    }

    /// A sub-table; absent, it answers as an empty one.
    pub fn section(&self, key: &'static str) -> Section<'a> {
        let table = match self.value(key) {
            Some(Value::Table(table)) => Some(table),
            Some(_) => {
                self.fault(key, "expected a section");
                None
            }
            None => None,
        };
        Section { name: self.place(key), table, faults: self.faults, asked: RefCell::default() }
    }

    pub fn text(&self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::String(_) => {
                self.fault(key, "is empty");
                None
            }
            _ => {
                self.fault(key, "expected a text between quotes");
                None
            }
        }
    }

    /// A text that must be there; absent, told, and an empty one takes its place until the faults are shown.
    pub fn needed_text(&self, key: &'static str, why: &str) -> String {
        if self.table.is_none_or(|table| !table.contains_key(key)) {
            self.asked.borrow_mut().insert(key);
            self.fault(key, format!("is missing: {why}"));
        }
        self.text(key).unwrap_or_default()
    }

    pub fn flag(&self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Boolean(value)) => *value,
            Some(_) => {
                self.fault(key, "expected true or false");
                false
            }
        }
    }

    pub fn integer(
        &self,
        key: &'static str,
        default: i64,
        allowed: std::ops::RangeInclusive<i64>,
    ) -> i64 {
        match self.value(key) {
            None => default,
            Some(Value::Integer(value)) if allowed.contains(value) => *value,
            Some(_) => {
                self.fault(
                    key,
                    format!("expected a number from {} to {}", allowed.start(), allowed.end()),
                );
                default
            }
        }
    }

    pub fn texts(&self, key: &'static str) -> Vec<String> {
        match self.value(key) {
            None => Vec::new(),
            Some(Value::Array(values)) if values.iter().all(Value::is_str) => {
                values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
            }
            Some(_) => {
                self.fault(key, "expected a list of texts");
                Vec::new()
            }
        }
    }

    /// Tells what nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for key in
            self.table.into_iter().flat_map(Table::keys).filter(|key| !asked.contains(key.as_str()))
        {
            let known: Vec<&str> = asked.iter().copied().collect();
            let hint = identity::nearest::nearest(key, known)
                .map(|nearest| format!("; did you mean {nearest}?"))
                .unwrap_or_default();
            self.fault(key, format!("is not a setting{hint}"));
        }
    }
}

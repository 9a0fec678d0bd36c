//! Walks a TOML table key by key, keeps every fault with its line, and refuses what nobody asked for.
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// One thing wrong in a mapping, where it is and what to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFault {
    /// 1-based.
    pub line: usize,
    /// Dotted, for example `source.path` or `field[3].to`.
    pub key: String,
    /// French, for the operator.
    pub message: String,
}

impl fmt::Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ligne {}, « {} » : {}", self.line, self.key, self.message)
    }
}

/// The text and the faults found so far.
pub(super) struct Walk<'t> {
    text: &'t str,
    pub(super) faults: Vec<MappingFault>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new() }
    }

    pub(super) fn fault(&mut self, at: usize, key: &str, message: impl Into<String>) {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        self.faults.push(MappingFault { line, key: key.to_owned(), message: message.into() });
    }
}

/// One table being read. `close` must be called last: it tells the keys that nobody asked for.
pub(super) struct Section<'v, 't> {
    path: String,
    at: usize,
    table: &'v DeTable<'t>,
    asked: BTreeSet<&'static str>,
}

impl<'v, 't> Section<'v, 't> {
    pub(super) fn new(path: impl Into<String>, at: usize, table: &'v DeTable<'t>) -> Self {
        Self { path: path.into(), at, table, asked: BTreeSet::new() }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'v Spanned<DeString<'t>>, &'v Spanned<DeValue<'t>>)> {
        self.table.iter()
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<&'v Spanned<DeValue<'t>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    pub(super) fn text(
        &mut self,
        walk: &mut Walk<'_>,
        key: &'static str,
    ) -> Option<(String, usize)> {
        let value = self.take(key)?;
        let at = value.span().start;
        match value.get_ref().as_str() {
            Some(text) if text.chars().all(|letter| letter != '\0') && text.len() <= 4096 => {
                Some((text.to_owned(), at))
            }
            Some(_) => {
                walk.fault(at, &self.key(key), "texte trop long ou contenant un octet nul");
                None
            }
            None => {
                walk.fault(at, &self.key(key), "un texte entre guillemets est attendu");
                None
            }
        }
    }

    pub(super) fn needed_text(
        &mut self,
        walk: &mut Walk<'_>,
        key: &'static str,
    ) -> Option<(String, usize)> {
        if self.take(key).is_none() {
            walk.fault(self.at, &self.key(key), "clé obligatoire absente");
            return None;
        }
        let (text, at) = self.text(walk, key)?;
        if text.trim().is_empty() {
            walk.fault(at, &self.key(key), "ne peut pas être vide");
            return None;
        }
        Some((text, at))
    }

    pub(super) fn integer(
        &mut self,
        walk: &mut Walk<'_>,
        key: &'static str,
        within: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = self.take(key)?;
        let number = value.get_ref().as_integer().and_then(|number| {
            let digits = number.as_str().replace('_', "");
            u64::from_str_radix(digits.trim_start_matches('+'), number.radix()).ok()
        });
        match number {
            Some(number) if within.contains(&number) => Some(number),
            _ => {
                let message =
                    format!("un entier de {} à {} est attendu", within.start(), within.end());
                walk.fault(value.span().start, &self.key(key), message);
                None
            }
        }
    }

    pub(super) fn share(&mut self, walk: &mut Walk<'_>, key: &'static str) -> Option<f64> {
        let value = self.take(key)?;
        let text = match value.get_ref() {
            DeValue::Float(number) => Some(number.as_str()),
            DeValue::Integer(number) => Some(number.as_str()),
            _ => None,
        };
        match text.and_then(|text| text.parse::<f64>().ok()) {
            Some(share) if (0.0..=1.0).contains(&share) => Some(share),
            _ => {
                walk.fault(
                    value.span().start,
                    &self.key(key),
                    "une part entre 0 et 1 est attendue",
                );
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, walk: &mut Walk<'_>, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            walk.fault(value.span().start, &self.key(key), "true ou false est attendu");
        }
        found
    }

    pub(super) fn section(&mut self, walk: &mut Walk<'_>, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        let Range { start, .. } = value.span();
        let Some(table) = value.get_ref().as_table() else {
            walk.fault(start, &self.key(key), "une section est attendue");
            return None;
        };
        Some(Self::new(self.key(key), start, table))
    }

    /// Tells each key that nobody asked for, with the nearest one that exists.
    pub(super) fn close(self, walk: &mut Walk<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(name) {
                continue;
            }
            let known: Vec<&str> = self.asked.iter().copied().collect();
            let message = match crate::nearest::nearest(name, known.iter().copied()) {
                Some(near) => format!("clé inconnue ; la plus proche : « {near} »"),
                None => format!("clé inconnue ; attendues : {}", known.join(", ")),
            };
            walk.fault(key.span().start, &self.key(name), message);
        }
    }
}

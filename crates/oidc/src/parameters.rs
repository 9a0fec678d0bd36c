//! Parameters of a request as they arrived, each at most once (threats OP-02: never "last wins").
use crate::OAuthError;
use std::collections::BTreeMap;

/// More pairs than any honest request has.
const MOST_PAIRS: usize = 64;

/// The named parameters of a request. Others are ignored, as RFC 6749 §3.1 asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parameters(BTreeMap<&'static str, String>);

impl Parameters {
    /// `known`: each name with its longest value in bytes.
    pub(crate) fn read(
        pairs: &[(String, String)],
        known: &[(&'static str, usize)],
    ) -> Result<Self, OAuthError> {
        if pairs.len() > MOST_PAIRS {
            return Err(OAuthError::invalid_request("too many parameters"));
        }
        let mut read = BTreeMap::new();
        for (name, value) in pairs {
            let Some((name, longest)) = known.iter().find(|(known, _)| known == name) else {
                continue;
            };
            if value.len() > *longest {
                return Err(OAuthError::invalid_request("a parameter is too long"));
            }
            if value.chars().any(char::is_control) {
                return Err(OAuthError::invalid_request("a parameter has control characters"));
            }
            if read.insert(*name, value.clone()).is_some() {
                return Err(OAuthError::invalid_request("a parameter is present twice"));
            }
        }
        // Sent without a value, it counts as left out (RFC 6749 §3.1), but still only once.
        read.retain(|_, value| !value.is_empty());
        Ok(Self(read))
    }

    /// A parameter of ours, in place of what came.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Words of a space-separated list, each once, in order.
pub(crate) fn words(list: Option<&str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in list.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

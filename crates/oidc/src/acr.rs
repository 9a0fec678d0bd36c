use serde::{Deserialize, Serialize};

/// How much a login is worth, as clients read it: faible, substantiel, élevé (design, section 5), in the
/// words of Pro Santé Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acr {
    Eidas1,
    Eidas2,
    Eidas3,
}

impl Acr {
    pub const ALL: [Self; 3] = [Self::Eidas1, Self::Eidas2, Self::Eidas3];

    /// Those that some means of ours reaches: `eidas3` waits for cards, and is understood where it is asked.
    pub const REACHED: [Self; 2] = [Self::Eidas1, Self::Eidas2];

    pub fn name(self) -> &'static str {
        match self {
            Self::Eidas1 => "eidas1",
            Self::Eidas2 => "eidas2",
            Self::Eidas3 => "eidas3",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|acr| acr.name() == name)
    }
}

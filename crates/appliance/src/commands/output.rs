use serde_json::Value;

/// Words for people, or one JSON document for machines.
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    #[expect(clippy::print_stdout, reason = "the answer of a command")]
    pub fn show(&self, document: &Value, words: &str) {
        if self.json {
            println!("{document}");
        } else {
            println!("{words}");
        }
    }

    /// A line while it works, on stderr, for people alone.
    #[expect(clippy::print_stderr, reason = "progress of a command")]
    pub fn progress(&self, words: &str) {
        if !self.json {
            eprintln!("{words}");
        }
    }
}

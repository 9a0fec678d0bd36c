//! A report that somebody hands in: what a sandbox said of a connector. Nothing vouches for it, so that of its words only
//! names of our own rules and verdicts are taken; what they mean is said by us.
use super::judge::{Finding, Report, Verdict};
use super::rules::{LOGOUTS, PLAYS, REQUESTS, Rule};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// A report of a sandbox is some twenty thousand letters.
const LONGEST: usize = 200_000;
const LONGEST_NAME: usize = 100;

/// What was read of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedReport {
    /// As the editor named the check.
    pub name: String,
    pub begun_at: DateTime<Utc>,
    pub logins: u32,
    pub report: Report,
}

/// Why a file is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    #[error("a report has 200 000 letters at most")]
    TooLong,
    #[error("this is no report of a connector check")]
    NotOne,
    /// Its lines are not those that this version knows.
    #[error("this report is of another version of the check")]
    OtherVersion,
}

#[derive(Deserialize)]
struct File {
    name: String,
    begun_at: DateTime<Utc>,
    logins: u32,
    requests: Vec<Line>,
    plays: Vec<Line>,
    logouts: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    rule: String,
    verdict: String,
}

impl HandedReport {
    /// What the file holds beside, secrets of the check among it, is let go.
    pub fn read(text: &str) -> Result<Self, ReportFault> {
        if text.len() > LONGEST {
            return Err(ReportFault::TooLong);
        }
        let file: File = serde_json::from_str(text).map_err(|_| ReportFault::NotOne)?;
        let name = file.name.trim();
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(ReportFault::NotOne);
        }
        let report = Report {
            requests: findings(&REQUESTS, &file.requests)?,
            plays: findings(&PLAYS, &file.plays)?,
            logouts: findings(&LOGOUTS, &file.logouts)?,
        };
        Ok(Self { name: name.to_owned(), begun_at: file.begun_at, logins: file.logins, report })
    }

    /// The text that the store keeps; `read` reads it again.
    pub fn to_text(&self) -> String {
        let lines = |findings: &[Finding]| -> Vec<Value> {
            let line =
                |one: &Finding| json!({ "rule": one.rule.name, "verdict": one.verdict.name() });
            findings.iter().map(line).collect()
        };
        json!({
            "name": self.name, "begun_at": self.begun_at, "logins": self.logins,
            "requests": lines(&self.report.requests), "plays": lines(&self.report.plays),
            "logouts": lines(&self.report.logouts),
        })
        .to_string()
    }
}

/// Each of our rules once, in our order: a report that leaves lines out would look better than it is.
fn findings(rules: &[Rule], lines: &[Line]) -> Result<Vec<Finding>, ReportFault> {
    if lines.len() != rules.len() {
        return Err(ReportFault::OtherVersion);
    }
    let finding = |rule: &Rule| {
        let line = lines.iter().find(|line| line.rule == rule.name);
        let line = line.ok_or(ReportFault::OtherVersion)?;
        let verdict = Verdict::from_name(&line.verdict).ok_or(ReportFault::NotOne)?;
        Ok(Finding { rule: *rule, verdict })
    };
    rules.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdict: &str) -> Value {
        let lines = |rules: &[Rule]| -> Vec<Value> {
            let line = |rule: &Rule| json!({ "rule": rule.name, "verdict": verdict, "title": "<b>x</b>", "mend": "call me" });
            rules.iter().map(line).collect()
        };
        json!({
            "check": "c1", "name": " DPI ", "begun_at": "2026-11-22T14:20:00Z", "logins": 14,
            "client_secret": "never kept", "next": "normal",
            "requests": lines(&REQUESTS), "plays": lines(&PLAYS), "logouts": lines(&LOGOUTS),
        })
    }

    #[test]
    fn names_and_verdicts_are_taken_and_nothing_else_of_the_file() {
        let read = HandedReport::read(&report("right").to_string()).expect("a report");
        assert_eq!((read.name.as_str(), read.logins), ("DPI", 14));
        let all = REQUESTS.len() + PLAYS.len() + LOGOUTS.len();
        assert_eq!(read.report.count(Verdict::Right), all);
        let kept = read.to_text();
        assert!(!kept.contains("never kept") && !kept.contains("call me"), "{kept}");
        assert_eq!(HandedReport::read(&kept).expect("read again"), read);
    }

    #[test]
    fn what_is_no_report_is_refused_with_its_reason() {
        let without = |section: &str| {
            let mut file = report("right");
            file[section].as_array_mut().expect("lines").pop();
            file.to_string()
        };
        let twice = {
            let mut file = report("right");
            file["plays"][1] = file["plays"][0].clone();
            file.to_string()
        };
        let mut named = report("right");
        named["name"] = "x".repeat(101).into();
        for (text, fault) in [
            ("x".repeat(LONGEST + 1), ReportFault::TooLong),
            (String::new(), ReportFault::NotOne),
            ("[]".to_owned(), ReportFault::NotOne),
            (report("perfect").to_string(), ReportFault::NotOne),
            (named.to_string(), ReportFault::NotOne),
            (without("requests"), ReportFault::OtherVersion),
            (without("logouts"), ReportFault::OtherVersion),
            (twice, ReportFault::OtherVersion),
        ] {
            assert_eq!(HandedReport::read(&text), Err(fault), "{text:.60}");
        }
    }
}

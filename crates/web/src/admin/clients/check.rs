use super::views::{CheckLine, CheckReport, CheckSection, CheckVerdict, ClientCheck, ReportFile};
use crate::admin::shared::person_ref;
use crate::call::{Answer, At, Body, Call, Tagged, etag};
use crate::problem::Problem;
use oidc::check::{Finding, Verdict};
use workflows::oidc::KeptReport;

/// The report of the connector check that was handed in last for this application.
///
/// Permission: `ReadClients`.
#[utoipa::path(get, path = "/api/v1/clients/{client_id}/check", operation_id = "find_client_check", tag = "clients",
    params(("client_id" = String, Path)),
    responses((status = 200, body = ClientCheck), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(call: Call, At(client_id): At<String>) -> Answer<Tagged<ClientCheck>> {
    let found = call.workflows.connector_report(call.actor(), &client_id).await?;
    Ok(shown(found.as_ref()))
}

/// Hand in the report (JSON) that a sandbox gave, in the place of the one before (412 when another was handed in since). Names of rules and verdicts are kept of it.
///
/// Permission: `ManageClients`.
#[utoipa::path(put, path = "/api/v1/clients/{client_id}/check", operation_id = "hand_in_client_check", tag = "clients",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ReportFile,
    responses((status = 200, body = ClientCheck), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn hand_in(
    call: Call,
    At(client_id): At<String>,
    Body(body): Body<ReportFile>,
) -> Answer<Tagged<ClientCheck>> {
    let (workflows, before) = (&call.workflows, call.shown_version());
    let kept = workflows.hand_in_report(call.actor(), &client_id, before, &body.file).await?;
    Ok(shown(Some(&kept)))
}

fn shown(report: Option<&KeptReport>) -> Tagged<ClientCheck> {
    let version = report.map_or(0, |report| report.kept.version());
    Tagged(version, ClientCheck { etag: etag(version), report: report.map(view) })
}

fn view(report: &KeptReport) -> CheckReport {
    let read = report.read.as_ref();
    let sections = read.map(|read| {
        let report = &read.report;
        [
            (CheckSection::Requests, &report.requests),
            (CheckSection::Plays, &report.plays),
            (CheckSection::Logouts, &report.logouts),
        ]
    });
    let lines = sections
        .into_iter()
        .flatten()
        .flat_map(|(section, findings)| findings.iter().map(move |finding| line(section, finding)));
    let digest = report.kept.file.as_bytes();
    CheckReport {
        at: report.kept.at,
        by: report.by.as_ref().map(|person| person_ref(person, false)),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        name: read.map(|read| read.name.clone()),
        played_at: read.map(|read| read.begun_at),
        logins: read.map(|read| i64::from(read.logins)),
        lines: lines.collect(),
    }
}

fn line(section: CheckSection, finding: &Finding) -> CheckLine {
    let rule = &finding.rule;
    CheckLine {
        section,
        rule: rule.name.to_owned(),
        verdict: match finding.verdict {
            Verdict::Wrong => CheckVerdict::Wrong,
            Verdict::Advised => CheckVerdict::Advised,
            Verdict::AskSomebody => CheckVerdict::AskSomebody,
            Verdict::NotPlayed => CheckVerdict::NotPlayed,
            Verdict::Right => CheckVerdict::Right,
        },
        title: rule.title.to_owned(),
        mend: rule.mend.to_owned(),
        references: rule.references.iter().map(|text| (*text).to_owned()).collect(),
    }
}

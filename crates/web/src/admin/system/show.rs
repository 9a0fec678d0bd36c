use super::views::{
    Certificate, DatabaseView, KeyView, Listener, Node, RoleHolders, SettingLine, System,
};
use crate::admin::AdminState;
use crate::admin::facts::SystemFacts;
use crate::admin::me::views::Role;
use crate::admin::shared::views::Health;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use workflows::views::SystemSheet;

/// A certificate that ends sooner is told of.
const SOON_DAYS: i64 = 30;

/// Nodes, certificates, keys, settings.
///
/// Permission: `ReadSystem`.
#[utoipa::path(get, path = "/api/v1/system", operation_id = "find_system", tag = "system",
    responses((status = 200, body = System), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(State(state): State<AdminState>, call: Call) -> Answer<Json<System>> {
    let sheet = call.workflows.show_system(call.actor()).await?;
    let (facts, now) = (&state.facts, call.workflows.now());
    Ok(Json(System {
        version: facts.version.clone(),
        build: facts.build.clone(),
        nodes: vec![Node {
            name: sheet.node.clone(),
            since: facts.started_at.unwrap_or(now),
            rss_mb: None,
            leader: true,
        }],
        listeners: listeners(facts),
        certificates: certificates(facts, now),
        keys: sheet.keys.iter().map(|line| key(line, sheet.at)).collect(),
        database: DatabaseView {
            kind: sheet.backend.to_owned(),
            location: facts.database_location.clone(),
            version: String::new(),
            size_bytes: None,
            schema: String::new(),
            last_backup_verified_at: None,
        },
        settings: settings(facts),
        settings_path: facts.settings_path.clone(),
        advisories: None,
        roles: Some(roles(&sheet)),
    }))
}

fn listeners(facts: &SystemFacts) -> Vec<Listener> {
    let shown = |listener: &crate::admin::facts::ListenerFact| Listener {
        name: listener.name.clone(),
        address: listener.address.clone(),
        tls: listener.tls.clone(),
        enabled: listener.enabled,
    };
    facts.listeners.iter().map(shown).collect()
}

fn certificates(facts: &SystemFacts, now: DateTime<Utc>) -> Vec<Certificate> {
    let shown = |certificate: &crate::admin::facts::CertificateFact| {
        let days_left = (certificate.not_after - now).num_days();
        Certificate {
            name: certificate.name.clone(),
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            not_after: certificate.not_after,
            days_left,
            health: match days_left {
                days if days < 0 => Health::Failure,
                days if days < SOON_DAYS => Health::Warning,
                _ => Health::Ok,
            },
        }
    };
    facts.certificates.iter().map(shown).collect()
}

fn key(key: &workflows::views::KeyLine, now: DateTime<Utc>) -> KeyView {
    KeyView {
        id: key.kid.clone(),
        r#use: "sig".to_owned(),
        algorithm: key.algorithm.clone(),
        created_at: key.created_at,
        next_rotation_at: key.retire_after,
        state: match key.state.as_str() {
            "active" if key.active_from > now => "published".to_owned(),
            state => state.to_owned(),
        },
    }
}

fn settings(facts: &SystemFacts) -> Vec<SettingLine> {
    let shown = |setting: &crate::admin::facts::SettingFact| SettingLine {
        section: setting.section.clone(),
        key: setting.key.clone(),
        value: setting.value.clone(),
        line: setting.line.map(i64::from),
        default: setting.default,
    };
    facts.settings.iter().map(shown).collect()
}

fn roles(sheet: &SystemSheet) -> Vec<RoleHolders> {
    let mut held: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    for (roles, name) in &sheet.operators {
        for role in roles {
            held.entry(Role::from(*role)).or_default().push(name.clone());
        }
    }
    held.into_iter().map(|(role, holders)| RoleHolders { role, holders }).collect()
}

//! Migrations: the schema, step by step, the same on SQLite and PostgreSQL. Never edit one that has shipped.
//! Knows no domain type. Start at `Migrator`.
use sea_orm_migration::prelude::*;

mod append_only;
mod m20261122_060000_ground;
mod m20261122_060100_directory;
mod m20261122_060200_sources;
mod m20261122_060300_means;
mod m20261122_060400_sessions;
mod m20261122_060500_clients;
mod m20261122_060600_audit;
mod m20261122_090000_console;
mod m20261122_093000_run_release;
mod m20261122_100500_grants;
mod m20261122_103000_logout_calls;
mod m20261122_112000_register_follow_up;
mod m20261122_124500_listing;
mod m20261122_125500_accord;
mod m20261122_133000_client_use;
mod m20261122_160500_person_word;
mod m20261122_161000_decoupled;
mod m20261122_163000_person_merge;
mod m20261122_164500_post_of_person;
mod m20261122_165000_ping;
mod m20261122_165500_consent;
mod m20261122_195500_listing_at_once;
mod m20261122_223600_accord_of_case;
mod m20261122_224500_listing_one_row;
mod m20261122_231000_connector_check;
mod m20261122_231500_fewer_indexes;
mod m20261123_022500_job_pause;
mod m20261123_023000_connector_report;
mod m20261123_023000_pending_lines;
mod m20261123_054500_claimed_number;
mod m20261123_055000_sealed_leaves;
mod m20261123_090000_token_rows;
mod m20261123_154500_session_exercise;
mod m20261124_020000_card_hand_over;
mod only_one;

/// All steps, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_060000_ground::Migration),
            Box::new(m20261122_060100_directory::Migration),
            Box::new(m20261122_060200_sources::Migration),
            Box::new(m20261122_060300_means::Migration),
            Box::new(m20261122_060400_sessions::Migration),
            Box::new(m20261122_060500_clients::Migration),
            Box::new(m20261122_060600_audit::Migration),
            Box::new(m20261122_090000_console::Migration),
            Box::new(m20261122_093000_run_release::Migration),
            Box::new(m20261122_100500_grants::Migration),
            Box::new(m20261122_103000_logout_calls::Migration),
            Box::new(m20261122_112000_register_follow_up::Migration),
            Box::new(m20261122_124500_listing::Migration),
            Box::new(m20261122_125500_accord::Migration),
            Box::new(m20261122_133000_client_use::Migration),
            Box::new(m20261122_160500_person_word::Migration),
            Box::new(m20261122_161000_decoupled::Migration),
            Box::new(m20261122_163000_person_merge::Migration),
            Box::new(m20261122_164500_post_of_person::Migration),
            Box::new(m20261122_165000_ping::Migration),
            Box::new(m20261122_165500_consent::Migration),
            Box::new(m20261122_195500_listing_at_once::Migration),
            Box::new(m20261122_223600_accord_of_case::Migration),
            Box::new(m20261122_224500_listing_one_row::Migration),
            Box::new(m20261122_231000_connector_check::Migration),
            Box::new(m20261122_231500_fewer_indexes::Migration),
            Box::new(m20261123_022500_job_pause::Migration),
            Box::new(m20261123_023000_connector_report::Migration),
            Box::new(m20261123_023000_pending_lines::Migration),
            Box::new(m20261123_054500_claimed_number::Migration),
            Box::new(m20261123_055000_sealed_leaves::Migration),
            Box::new(m20261123_090000_token_rows::Migration),
            Box::new(m20261123_154500_session_exercise::Migration),
            Box::new(m20261124_020000_card_hand_over::Migration),
        ]
    }
}

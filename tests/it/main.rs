//! Scenario tests: one binary, a file a scene, against real parts.
//! Knows the product from outside (the program, its listeners) or through `workflows`; no crate's inside.
//! Start at `architecture` for the import table, then at the scene that bears the story's number.

mod account_names;
mod ad_password;
mod ad_runs;
mod ad_source;
mod architecture;
mod bad_moments;
mod disk_full;
mod house;
mod killed_sync;
mod merged;
mod mtls_listener;
mod person_ids;
mod program;
mod publisher;
mod quiet_logs;
mod register_fetched;
mod register_kept;
mod restored;
mod s01_first_morning;
mod s04_two_marie_martins;
mod s14_bad_feeds;
mod s14_runs;
mod scheduled;
mod smuggling;
mod source_rules;
mod stolen_file;
mod threats;

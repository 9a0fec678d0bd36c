//! Reads one source as a run would, and tells counts and faults without a value:
//! `cargo run -p sources --example read_source -- DEFINITION.toml FOLDER [HOST]`.
use identity::{Mapping, SourceOpener, Stager, normalise};
use outbound::AllowedHosts;
use sources::{Opener, OpenerSettings};
use std::collections::BTreeMap;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(file), Some(folder)) = (words.next(), words.next()) else {
        return Err("read_source DEFINITION.toml FOLDER [HOST]".into());
    };
    let definition = std::fs::read_to_string(file)?;
    let mapping = Mapping::parse(&definition)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let settings = OpenerSettings {
        folders: vec![folder.into()],
        allowed_hosts: AllowedHosts::new(words),
        anchors_pem: Vec::new(),
    };
    let source = Opener::new(settings).open(&definition);
    let mut reading = match source {
        Ok(source) => source.read().await.map_err(|error| error.message_fr())?,
        Err(error) => return Err(error.message_fr().into()),
    };
    let mut stager = Stager::new(&mapping);
    while let Some(batch) = reading.next_batch().await.map_err(|error| error.message_fr())? {
        stager.push(batch);
    }
    let staged = stager.finish();
    let today = kernel::Clock::now(&kernel::SystemClock).date_naive();
    let (mut good, mut posts, mut codes) = (0, 0, BTreeMap::<&str, u64>::new());
    for record in &staged.records {
        let told = match normalise(&mapping, record, today) {
            Ok(read) => {
                good += 1;
                posts += read.identity.posts.len();
                read.warnings
            }
            Err(faults) => faults,
        };
        told.iter().for_each(|fault| *codes.entry(fault.code()).or_default() += 1);
    }
    println!(
        "lines {}, records {}, good {good}, posts {posts}, lines of nobody {}",
        staged.lines,
        staged.records.len(),
        staged.faults.len()
    );
    println!("{codes:?}");
    reading.warnings().iter().for_each(|warning| println!("{warning}"));
    Ok(())
}

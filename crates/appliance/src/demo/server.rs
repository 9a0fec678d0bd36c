//! The appliance as its own process, so that its start and its memory are what an operator would see.
use super::job::House;
use anyhow::{Context, bail};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Server {
    child: Child,
    pub start_ms: u64,
    pub idle_rss_mb: f64,
}

/// A start that takes longer has failed.
const LONGEST_START: Duration = Duration::from_secs(30);
/// Memory is read once the first work is over.
const IDLE_AFTER: Duration = Duration::from_secs(2);

impl Server {
    pub async fn start(house: &mut House) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("finding this program")?;
        house.kept_ports.clear();
        let started = Instant::now();
        let child = Command::new(program)
            .arg("--settings")
            .arg(&house.settings_file)
            .arg("serve")
            .stdin(Stdio::null())
            .spawn()
            .context("starting the appliance")?;
        let mut server = Self { child, start_ms: 0, idle_rss_mb: 0.0 };
        let ready = format!("http://{}/readyz", house.health);
        let client = reqwest::Client::builder().timeout(Duration::from_secs(1)).build()?;
        loop {
            let answer = client.get(&ready).send().await;
            // Its own end is looked at first: another appliance may answer on that port.
            if let Some(status) = server.child.try_wait()? {
                bail!("the appliance ended before it was ready: {status}");
            }
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if started.elapsed() > LONGEST_START {
                bail!("the appliance was not ready after {} s", LONGEST_START.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.start_ms = u64::try_from(started.elapsed().as_millis())?;
        tokio::time::sleep(IDLE_AFTER).await;
        server.idle_rss_mb = resident_mb(server.child.id())?;
        Ok(server)
    }

    /// Asks it to stop, and waits for the end of what it began.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        if !asked.success() {
            self.child.kill()?;
        }
        let deadline = Instant::now() + Duration::from_secs(15);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.child.kill()?;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    /// On a failure of the demo, nothing is left running.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok((kilobytes / 102.4).round() / 10.0)
}

//! The program itself, as an operator runs it. `HYGIE_BIN` names it; with `CI` set a missing one is a failure.
use crate::house::hospital;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[expect(clippy::disallowed_methods, reason = "tests are told where the program is")]
fn binary() -> Option<PathBuf> {
    let program = std::env::var("HYGIE_BIN").ok().map(PathBuf::from);
    assert!(program.is_some() || std::env::var("CI").is_err(), "HYGIE_BIN names no program");
    program
}

pub struct Program {
    binary: PathBuf,
    pub folder: PathBuf,
    _kept: tempfile::TempDir,
}

impl Program {
    /// A new appliance, made by `hygie init`. `None`, said aloud, where there is no program to try.
    pub fn init() -> Option<Self> {
        Self::init_with(&[])
    }

    /// The same, with more arguments of `init`.
    pub fn init_with(more: &[String]) -> Option<Self> {
        let Some(binary) = binary() else {
            eprintln!("skipped: HYGIE_BIN names no program");
            return None;
        };
        let kept = tempfile::tempdir().expect("folder");
        let folder = kept.path().join("appliance");
        let program = Self { binary, folder, _kept: kept };
        let feeds = program.feeds();
        std::fs::create_dir_all(&feeds).expect("feeds");
        let made = Command::new(&program.binary)
            .args(["init", "--host", "hygie.hopital.test", "--admin-host", "console.hopital.test"])
            .args(["--admin-family", "Roy", "--admin-given", "Maxime", "--json"])
            .args([
                "--bind",
                "127.0.0.1:0",
                "--admin-bind",
                "127.0.0.1:0",
                "--health-bind",
                "127.0.0.1:0",
            ])
            .arg("--folder")
            .arg(&program.folder)
            .arg("--source-folder")
            .arg(&feeds)
            .args(more)
            .output()
            .expect("hygie runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(program)
    }

    pub fn feeds(&self) -> PathBuf {
        self.folder.with_file_name("feeds")
    }

    pub fn settings(&self) -> PathBuf {
        self.folder.join("hygie.toml")
    }

    pub fn deliver(&self, from: &str, to: &str) -> PathBuf {
        let to = self.feeds().join(to);
        std::fs::copy(hospital().0.join(from), &to).expect("a file of the hospital");
        to
    }

    /// The program without settings.
    pub fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments);
        command
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg("--settings")
            .arg(self.settings())
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("hygie runs")
    }

    /// Runs to a success; its JSON document.
    pub fn done(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{arguments:?}: {said} {}",
            String::from_utf8_lossy(&output.stdout)
        );
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// Runs to a failure of exit code 1; what it says.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub fn add_hr(&self) {
        let mapping = self.deliver("hr/mapping.toml", "mapping.toml");
        self.deliver("hr/hr-v1.csv", "hr-v1.csv");
        self.done(&["source", "add", &path(&mapping)]);
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.join("hygie.db")).expect("database")
    }
}

pub fn path(path: &Path) -> String {
    path.display().to_string()
}

/// ANSSI, R49: what only made-up people may meet is refused beside others, whoever writes the settings.
#[test]
fn a_sandbox_is_made_by_its_command_and_never_by_a_section_in_the_settings() {
    let Some(program) = Program::init() else { return };
    std::fs::write(program.folder.join("registration.token"), "0".repeat(64)).expect("token");
    std::fs::write(program.folder.join("people.json"), "[]").expect("people");
    // Should it be let through all the same, it ends at once: its address is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = taken.local_addr().expect("an address").to_string();
    let settings = std::fs::read_to_string(program.settings()).expect("settings");
    let section = "\n[sandbox]\nregistration_token_file = \"registration.token\"\n\
                   people_file = \"people.json\"\n";
    let settings = settings.replacen("127.0.0.1:0", &address, 1) + section;
    std::fs::write(program.settings(), settings).expect("settings");
    let said = program.refused(&["serve"]);
    assert!(said.contains("`hygie sandbox` did not make"), "{said}");
}

/// As an editor types it: a file beside him, a word too few, a sandbox that was not finished.
#[test]
fn a_sandbox_says_what_is_missing_before_it_makes_anything() {
    let Some(program) = Program::init() else { return };
    let folder = program.folder.with_file_name("sandbox");
    let begun = |more: &[&str]| {
        let mut command = program.bare(&["sandbox", "--no-serve", "--folder"]);
        let output = command.arg(&folder).args(more).output().expect("hygie runs");
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = begun(&["--allowed-host", "dpi.editeur.example"]);
    assert!(said.contains("--anchors-file"), "{said}");
    let said = begun(&["--allowed-host", "dpi.editeur.example", "--anchors-file", "nowhere.pem"]);
    assert!(said.contains("nowhere.pem"), "{said}");
    assert!(!folder.exists(), "nothing was made");
    std::fs::create_dir_all(folder.join("keys")).expect("folder");
    std::fs::copy(program.settings(), folder.join("hygie.toml")).expect("settings");
    std::fs::write(folder.join("people.json"), "[]").expect("people");
    let said = begun(&[]);
    assert!(said.contains("remove"), "{said}");
}

/// As README types it: the folder is named from where the command is typed, and goes elsewhere whole.
#[test]
fn a_sandbox_is_made_in_a_folder_named_from_here() {
    let Some(program) = Program::init() else { return };
    let here = program.folder.with_file_name("editor");
    std::fs::create_dir_all(&here).expect("folder");
    let made = |folder: &str| {
        let mut command = program.bare(&["sandbox", "--no-serve", "--folder", folder]);
        let output = command.current_dir(&here).output().expect("hygie runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    };
    made("sb");
    let settings = std::fs::read_to_string(here.join("sb/hygie.toml")).expect("settings");
    assert!(settings.contains("\"hospital/hr\""), "{settings}");
    std::fs::rename(here.join("sb"), here.join("moved")).expect("moved");
    made("moved");
    // Each of its people has the account that `preferred_username` tells.
    let people = std::fs::read_to_string(here.join("moved/people.json")).expect("people");
    let people: Vec<serde_json::Value> = serde_json::from_str(&people).expect("people");
    assert!(!people.is_empty());
    let settings = path(&here.join("moved/hygie.toml"));
    for person in people {
        let id = person["id"].as_str().expect("an id");
        let mut shown = program.bare(&["--settings", &settings, "--json", "person", "show", id]);
        let shown = shown.output().expect("hygie runs").stdout;
        let shown: serde_json::Value = serde_json::from_slice(&shown).expect("a person");
        assert_eq!(shown["accounts"].as_array().map(Vec::len), Some(1), "{shown}");
    }
}

/// systemd hands a service its credentials by an access list, which `stat` shows as a mode of 0440, in a folder that it
/// cannot write to: the key is read there, and the anchor of the audit stays where `init` made it.
#[test]
fn the_master_key_is_read_among_the_credentials_of_the_system() {
    use std::os::unix::fs::PermissionsExt;
    let Some(program) = Program::init() else { return };
    let credentials = program.folder.with_file_name("credentials");
    std::fs::create_dir(&credentials).expect("folder");
    let key = credentials.join("master.key");
    std::fs::rename(program.folder.join("keys/master.key"), &key).expect("moved");
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
    };
    mode(&key, 0o440);
    mode(&credentials, 0o500);
    let settings = std::fs::read_to_string(program.settings()).expect("settings");
    let settings = settings.replace("keys/master.key", &path(&key));
    std::fs::write(program.settings(), settings).expect("settings");
    let said = program.refused(&["audit", "verify"]);
    assert!(said.contains("chmod 600"), "nothing says that it is a credential: {said}");
    let mut verify = program.command(&["audit", "verify"]);
    let output = verify.env("CREDENTIALS_DIRECTORY", &credentials).output().expect("hygie runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = std::fs::read_dir(&credentials).expect("folder").count();
    assert_eq!(files, 1, "nothing is written among the credentials");
    mode(&credentials, 0o700);
}

//! A full disk: the act is refused in words, nothing half done stays, and work goes on when there is room again.
use crate::program::{Program, path};
use std::path::PathBuf;
use std::process::Command;

/// A small file system of its own, gone with the test.
pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    /// `None`, said aloud, where this user may not mount one.
    pub fn mount(at: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&at).expect("folder");
        let options = format!("size={size},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).status();
        if !mounted.is_ok_and(|status| status.success()) {
            println!("skipped: a small file system cannot be mounted here");
            return None;
        }
        Some(Self(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let left = Command::new("umount").arg(&self.0).status();
        assert!(left.is_ok_and(|status| status.success()), "the small file system stays mounted");
    }
}

#[test]
fn a_full_disk_refuses_the_sync_and_keeps_what_was_there() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    let Some(disk) = SmallDisk::mount(program.folder.with_file_name("small"), "1500k") else {
        return;
    };
    let database = disk.0.join("hygie.db");
    std::fs::copy(program.folder.join("hygie.db"), &database).expect("copy");
    let text = std::fs::read_to_string(program.settings()).expect("settings");
    let moved = text.replace("path = \"hygie.db\"", &format!("path = \"{}\"", path(&database)));
    assert_ne!(moved, text);
    std::fs::write(program.settings(), moved).expect("settings");

    let refused = program.run(&["source", "sync", "rh"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("Le disque de la base est plein") || said.contains("the disk is full"),
        "{said}"
    );

    // Room again: the file is whole, and the work is done once.
    let saved = program.folder.with_file_name("saved");
    std::fs::create_dir_all(&saved).expect("folder");
    for file in std::fs::read_dir(&disk.0).expect("disk").flatten() {
        std::fs::copy(file.path(), saved.join(file.file_name())).expect("copy");
    }
    let moved = text
        .replace("path = \"hygie.db\"", &format!("path = \"{}\"", path(&saved.join("hygie.db"))));
    std::fs::write(program.settings(), moved).expect("settings");
    assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
    assert_eq!(program.done(&["source", "sync", "rh"])["counts"]["create"], 0);
    assert_eq!(program.done(&["audit", "verify"])["holds"], true);
}

use super::*;
use std::path::PathBuf;

#[test]
fn tmp_dump() {
    let out = PathBuf::from("/tmp/hygie/demo-out");
    let plan = Plan { seed: 1, size: Size::Default, hard: std::path::Path::new("/tmp/hygie/demo-hard").exists() };
    let at = std::time::Instant::now();
    generate(&plan, &out, &mut |_, _, _| ()).expect("generates");
    println!("{:?}", at.elapsed());
}

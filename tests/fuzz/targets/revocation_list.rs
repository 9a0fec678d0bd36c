//! Any bytes as a list of revoked cards, and any body rightly signed by the pinned authority: never a panic, neither before
//! the signature nor behind it (CP-07), and what is believed has a number, an end, and the order of its numbers.
#![no_main]

use cards::{CardAuthorities, RevocationList, RevocationLists};
use libfuzzer_sys::fuzz_target;
use made::pki::TestPki;
use std::sync::OnceLock;

#[path = "shared/cards.rs"]
mod made;

static SCENE: OnceLock<(TestPki, CardAuthorities)> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let (pki, authorities) = SCENE.get_or_init(made::scene);
    assert!(RevocationList::read(bytes, authorities, made::now()).is_err(), "nobody signed it");
    let signed = pki.issuer.key.sign(bytes);
    if let Ok(list) = RevocationList::read(&signed, authorities, made::now()) {
        let number = list.number();
        assert!(number == "0" || !number.is_empty() && !number.starts_with('0'));
        assert!(!list.is_older_than(number) && !list.is_older_than("0"));
        assert!(list.next_update() > list.this_update());
        let mut lists = RevocationLists::default();
        lists.take(list.clone(), Some(list.number())).expect("as new as what was seen");
        lists.take(list, None).expect("as new as what is held");
        assert_eq!(lists.lines().len(), 1);
    }
});

//! Any bytes as the certificate of a card, and any body rightly signed by the pinned authority: never a panic, and whoever is
//! let in bears a national number of a person and a name of plain letters.
#![no_main]

use cards::{
    CardAuthorities, CardRules, RevocationList, RevocationLists, VerifiedCard, judge_card,
};
use kernel::IdNatPrefix;
use libfuzzer_sys::fuzz_target;
use made::pki::{ListProfile, TestPki};
use std::sync::OnceLock;

#[path = "shared/cards.rs"]
mod made;

fn scene() -> &'static (TestPki, CardAuthorities, RevocationLists) {
    static SCENE: OnceLock<(TestPki, CardAuthorities, RevocationLists)> = OnceLock::new();
    SCENE.get_or_init(|| {
        let (pki, authorities) = made::scene();
        let list = pki.issuer.list(&ListProfile::new(1, made::now()));
        let list = RevocationList::read(&list, &authorities, made::now()).expect("a list");
        let mut lists = RevocationLists::default();
        lists.take(list, None).expect("the first");
        (pki, authorities, lists)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let (pki, authorities, lists) = scene();
    let _pinned = CardAuthorities::from_pem(bytes);
    let judge =
        |der: &[u8]| judge_card(der, authorities, lists, &CardRules::default(), made::now());
    assert!(judge(bytes).is_err(), "nobody signed it");
    if let Ok(card) = judge(&pki.issuer.key.sign(bytes)) {
        assert!(matches!(card.id_nat().prefix(), IdNatPrefix::Rpps | IdNatPrefix::Adeli));
        assert!(!card.id_nat().as_str().contains('/') && !card.is_test());
        for name in [card.family(), card.given()] {
            assert!(!name.trim().is_empty() && !name.chars().any(char::is_control));
        }
        assert!(card.until() > made::now());
        assert_eq!(VerifiedCard::from_text(&card.text()).as_ref(), Ok(&card));
    }
});

//! `[card]`: where browsers show the certificate of a card.
use super::Listener;
use super::walk::Section;
use std::path::{Path, PathBuf};

/// The listener that reads cards, and who is believed there.
#[derive(Debug, Clone)]
pub struct CardListener {
    pub listener: Listener,
    /// PEM of the authorities that issue cards: these alone, not what their roots vouch for besides.
    pub authorities_file: PathBuf,
    /// Their lists of revoked certificates, a file each, as they publish them.
    pub revocation_folder: PathBuf,
    /// How long a list goes on after it should have been replaced.
    pub revocation_grace_hours: i64,
    /// Cards that say of themselves that they are for tests: in a sandbox alone.
    pub test_cards: bool,
}

impl CardListener {
    pub(super) fn walk(
        section: Section<'_>,
        data: &Path,
        ([public, admin], is_sandbox): ([&Listener; 2], bool),
    ) -> Option<Self> {
        if !section.is_there() {
            return None;
        }
        let authorities =
            section.needed_text("authorities_file", "PEM of the authorities that issue the cards");
        let lists = section
            .needed_text("revocation_folder", "the lists of revoked cards (CRL), a file each");
        let hours = section.integer("revocation_grace_hours", 24, 0..=24 * 7);
        let test_cards = section.flag("test_cards");
        let tls13 = section.flag("tls13");
        if test_cards && !is_sandbox {
            section.fault("test_cards", "is for a sandbox: a test card proves nobody");
        }
        let origin = section.text("origin").unwrap_or_default();
        if !origin.is_empty() && !origin.starts_with("https://") {
            section.fault("origin", "certificates are shown over https alone");
        }
        let same =
            |other: &Listener| origin.trim_end_matches('/').eq_ignore_ascii_case(&other.origin);
        if [public, admin].into_iter().any(same) {
            section
                .fault("origin", "is that of another listener: cards are read at one of their own");
        }
        Some(Self {
            authorities_file: data.join(authorities),
            revocation_folder: data.join(lists),
            revocation_grace_hours: hours,
            test_cards,
            // TLS 1.3 has no use for the signatures of CPS3 cards, and a browser that is offered it takes it: 1.2 alone
            // reads every card (sheet of cards, section 8).
            listener: Listener { tls13, ..Listener::walk(section, data, true) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::super::tests::GOOD;
    use super::*;

    const CARD: &str = r#"
        [card]
        bind = "127.0.0.1:8445"
        origin = "https://carte.hopital.test"
        certificate = "tls/cert.pem"
        private_key = "tls/key.pem"
        authorities_file = "cards/authorities.pem"
        revocation_folder = "cards/lists"
    "#;

    fn read(card: &str) -> Result<Settings, Vec<String>> {
        let settings = Settings::parse(&format!("{GOOD}{card}"), Path::new("/srv"));
        settings.map_err(|faults| faults.iter().map(|fault| fault.place.clone()).collect())
    }

    #[test]
    fn every_card_is_read_unless_the_file_says_that_all_are_new() {
        let card = read(CARD).expect("good").card.expect("there");
        assert_eq!((card.listener.tls12, card.listener.tls13), (true, false));
        assert_eq!((card.revocation_grace_hours, card.test_cards), (24, false));
        let new = read(&format!("{CARD}tls13 = true\n")).expect("good").card.expect("there");
        assert_eq!((new.listener.tls12, new.listener.tls13), (true, true));
        assert!(read("").expect("good").card.is_none());
    }

    #[test]
    fn cards_have_an_origin_of_their_own_and_test_cards_a_sandbox() {
        for (was, is, place) in [
            ("https://carte.hopital.test", "https://HYGIE.hopital.test/", "card.origin"),
            ("https://carte.hopital.test", "https://console.hopital.test", "card.origin"),
            ("https://carte.hopital.test", "http://localhost:8445", "card.origin"),
            ("authorities_file", "test_cards = true\nauthorities_file", "card.test_cards"),
            ("authorities_file", "authority_file", "card.authorities_file"),
            ("revocation_folder", "#", "card.revocation_folder"),
        ] {
            let faults = read(&CARD.replace(was, is)).expect_err(is);
            assert!(faults.iter().any(|fault| fault == place), "{is}: {faults:?}");
        }
    }
}

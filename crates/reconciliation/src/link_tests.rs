use crate::link::{Decision, LinkChannel, LinkError, LinkPolicy, Outcome, Staff, link};
use crate::scripted::{OURS, Scripted, registered, staff};
use kernel::Rpps;
use proptest::prelude::*;
use std::ops::ControlFlow;

const CROWD: u64 = 100_000;
const RARE: (&str, &str) = ("Kerzrehovec", "Gwenaelle");

fn decide(staff: &[Staff], register: &Scripted, policy: &LinkPolicy) -> Vec<Decision> {
    link(staff, register, policy, &mut |_, _| ControlFlow::Continue(())).expect("linked")
}

/// `L` and the last digit of the number, `?` or `-`, for each member of staff.
fn told(decisions: &[Decision]) -> String {
    decisions
        .iter()
        .map(|decision| match &decision.outcome {
            Outcome::Linked { id_nat, .. } => format!("L{}", &id_nat.as_str()[11..]),
            Outcome::Doubt { .. } => "?".to_owned(),
            Outcome::Unmatched { .. } => "-".to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn what_agrees_beyond_the_name_decides() {
    let here = || registered(1, RARE, "60", OURS, "");
    let elsewhere = || registered(1, RARE, "60", "750000001", "");
    let born = |number, date| registered(number, RARE, "60", "750000001", date);
    let declared = "99900000001";
    for (case, staff, register, expected) in [
        ("trade and structure", staff(1, RARE, "60", "", ""), vec![here()], "L1"),
        ("name and trade alone", staff(1, RARE, "60", "", ""), vec![elsewhere()], "?"),
        (
            "a number copied from the directory",
            staff(1, RARE, "60", "", declared),
            vec![elsewhere()],
            "?",
        ),
        ("number, trade, structure", staff(1, RARE, "60", "", declared), vec![here()], "L1"),
        ("another trade", staff(1, RARE, "10", "", ""), vec![here()], "?"),
        ("birth date", staff(1, RARE, "60", "1980-05-13", ""), vec![born(1, "1980-05-13")], "L1"),
        (
            "another birth date",
            staff(1, RARE, "60", "1980-05-13", declared),
            vec![born(1, "1971-11-02")],
            "?",
        ),
        (
            "of two, the one born that day",
            staff(1, RARE, "60", "1980-05-13", ""),
            vec![born(1, "1971-11-02"), born(2, "1980-05-13")],
            "L2",
        ),
        (
            "two of one name here",
            staff(1, RARE, "60", "", ""),
            vec![here(), registered(2, RARE, "60", OURS, "")],
            "?",
        ),
        (
            "two of one name here, and the number of one: it may be copied",
            staff(1, RARE, "60", "", declared),
            vec![here(), registered(2, RARE, "60", OURS, "")],
            "?",
        ),
        (
            "two called here by her second first name, and the number of one: it may be copied",
            staff(1, (RARE.0, "Rozenn Gwenaelle"), "60", "", declared),
            vec![here(), registered(2, RARE, "60", OURS, "")],
            "?",
        ),
        (
            "a surname that HR does not know, by our structure and the number",
            staff(1, ("Durand", RARE.1), "60", "", declared),
            vec![here()],
            "L1",
        ),
        (
            "the same, and another bears that name: the number may be copied",
            staff(1, ("Durand", RARE.1), "60", "", declared),
            vec![here(), registered(2, RARE, "60", "750000001", "")],
            "?",
        ),
        (
            "the number of a stranger is HR's mistake, and tells nothing of her",
            staff(1, RARE, "60", "", "99900000003"),
            vec![here(), registered(3, ("Durand", "Luc"), "60", "750000001", "")],
            "L1",
        ),
        (
            "swapped names of two words, structure",
            staff(1, ("Anne", "Le Goff Marie"), "60", "", ""),
            vec![registered(1, ("LE GOFF", "ANNE"), "60", OURS, "")],
            "L1",
        ),
        (
            "the number of a colleague",
            staff(1, RARE, "60", "", declared),
            vec![registered(1, ("Durand", "Luc"), "60", "750000001", "")],
            "?",
        ),
        ("an empty register", staff(1, RARE, "60", "1980-05-13", declared), vec![], "-"),
        (
            "swapped names, birth date",
            staff(1, (RARE.1, RARE.0), "60", "1980-05-13", ""),
            vec![born(1, "1980-05-13")],
            "L1",
        ),
        (
            "a look-alike letter",
            staff(1, ("Kerzrehov\u{435}c", RARE.1), "60", "1980-05-13", ""),
            vec![born(1, "1980-05-13")],
            "?",
        ),
    ] {
        let register = Scripted::new(register, CROWD);
        assert_eq!(told(&decide(&[staff], &register, &LinkPolicy::default())), expected, "{case}");
    }
}

#[test]
fn a_commune_of_birth_tells_as_much_as_a_date() {
    for (case, ours, theirs, date, expected) in [
        ("the same commune and the trade", "29019", "29019", "", "L1"),
        ("another commune", "29019", "56121", "", "-"),
        ("a country is no commune", "99139", "99139", "", "?"),
        ("a default for a date", "29019", "29019", "1980-01-01", "L1"),
        ("a slip in the date", "29019", "29019", "1980-05-14", "L1"),
        ("a slip in the date, elsewhere", "29019", "56121", "1980-05-14", "?"),
        ("another date", "29019", "29019", "1971-11-02", "?"),
    ] {
        let mut person = registered(1, RARE, "60", "750000001", "1980-05-13");
        person.birth.as_mut().expect("born").place = Some(theirs.to_owned());
        let mut one = staff(1, RARE, "60", date, "");
        one.birth_place.insee_code = Some(ours.to_owned());
        let register = Scripted::new(vec![person], CROWD);
        assert_eq!(told(&decide(&[one], &register, &LinkPolicy::default())), expected, "{case}");
    }
}

/// 300 nurses whose declared numbers stand here, `copied` more whose number is a namesake's elsewhere, one whom
/// the register shows at her last place, and one who stands here under her number, her namesake elsewhere.
fn house(copied: u64) -> (Vec<Staff>, Scripted) {
    const SYLLABLES: [&str; 8] = ["ba", "dro", "ker", "lin", "mou", "pes", "tri", "zan"];
    let family = |number: u64| -> String {
        let places = [number / 64, number / 8, number].map(|place| place as usize % 8);
        places.into_iter().map(|place| SYLLABLES[place]).chain(["ec"]).collect()
    };
    let number = |number: u64| format!("999{number:08}");
    let (mut people, mut register) = (Vec::new(), Vec::new());
    for nurse in 0..300 + copied {
        let (name, is_copied) = (family(nurse), nurse >= 300);
        let namesake = 1_000 + nurse;
        register.push(registered(nurse, (&name, "Anne"), "60", OURS, ""));
        if is_copied {
            register.push(registered(namesake, (&name, "Anne"), "60", "750000001", ""));
        }
        let declared = number(if is_copied { namesake } else { nurse });
        people.push(staff(nurse, (&name, "Anne"), "60", "", &declared));
    }
    register.push(registered(2_000, RARE, "60", "750000001", ""));
    people.push(staff(2_000, RARE, "60", "", &number(2_000)));
    let other = ("Vantroyec", "Solenne");
    register.push(registered(3_001, other, "60", OURS, ""));
    register.push(registered(3_002, other, "60", "750000001", ""));
    people.push(staff(3_000, other, "60", "", &number(3_001)));
    (people, Scripted::new(register, CROWD))
}

/// The register may show her namesake, and HR have copied the number there: however good its other numbers are. Beside
/// a namesake elsewhere, our structure and the number are enough where numbers have proved right.
#[test]
fn a_declared_number_without_our_structure_is_confirmed_by_a_human() {
    for (copied, beside_a_namesake) in [(0, "L1"), (2, "?")] {
        let (people, register) = house(copied);
        let decisions = decide(&people, &register, &LinkPolicy::default());
        let told = told(&decisions);
        let words: Vec<&str> = told.split(' ').collect();
        let last = &words[words.len() - 2..];
        assert_eq!(last, ["?", beside_a_namesake], "{copied} copied");
        let linked = words[..300].iter().filter(|word| word.starts_with('L')).count();
        assert!(linked >= 290, "{linked} of 300 linked, {copied} copied");
        assert!(words[300..300 + copied as usize].iter().all(|word| *word == "?"), "{told}");
    }
}

/// A number leads to a surname that HR does not know, and somebody elsewhere bears the same names. Whoever copies a number
/// finds it by the name that he knows: where she stands here, in her trade, the number is her own. So it is where she
/// goes by a part of her surname and by another of her first names.
#[test]
fn a_number_that_leads_here_to_a_name_that_hr_does_not_know_is_her_own() {
    let number = |number: u64| format!("999{number:08}");
    for (case, copied, ours, hers, site, trade, expected) in [
        ("married", 0, ("Kerzrehove", "Maelenn"), ("Tregastel", "Maelenn"), OURS, "60", "L1"),
        (
            "numbers were copied",
            2,
            ("Kerzrehove", "Maelenn"),
            ("Tregastel", "Maelenn"),
            OURS,
            "60",
            "?",
        ),
        (
            "elsewhere",
            0,
            ("Kerzrehove", "Maelenn"),
            ("Tregastel", "Maelenn"),
            "750000001",
            "60",
            "?",
        ),
        ("no trade told", 0, ("Kerzrehove", "Maelenn"), ("Tregastel", "Maelenn"), OURS, "", "?"),
        ("no first name", 0, ("Kerzrehove", "Rozenn"), ("Tregastel", "Maelenn"), OURS, "60", "?"),
        (
            "a part of each",
            0,
            ("Kerzrehove-Tregastel", "Rozenn Maelenn"),
            ("Tregastel", "Maelenn"),
            OURS,
            "60",
            "L1",
        ),
        (
            "a part of each, elsewhere",
            0,
            ("Kerzrehove-Tregastel", "Rozenn Maelenn"),
            ("Tregastel", "Maelenn"),
            "750000001",
            "60",
            "?",
        ),
    ] {
        let (mut people, register) = house(copied);
        people.push(staff(4_000, ours, trade, "", &number(4_001)));
        let bearers = [
            registered(4_001, hers, "60", site, ""),
            registered(4_002, hers, "60", "750000001", ""),
        ];
        let register = register.with(bearers);
        let told = told(&decide(&people, &register, &LinkPolicy::default()));
        assert_eq!(told.split(' ').next_back(), Some(expected), "{case}");
    }
}

/// Two surnames, one written wrong, and each of them stands here: only one of the two people is a colleague.
#[test]
fn a_slip_in_one_of_two_surnames_is_asked_about_where_both_stand_here() {
    let mut nurse = staff(1, RARE, "60", "", "");
    nurse.names.usage_family = Some("Vantroyec".to_owned());
    let misspelt = registered(1, ("Kerzrehove", RARE.1), "60", OURS, "");
    let married = registered(2, ("Vantroyec", RARE.1), "60", OURS, "");
    let alone = Scripted::new(vec![married.clone()], CROWD);
    assert_eq!(told(&decide(&[nurse.clone()], &alone, &LinkPolicy::default())), "L2");
    let both = Scripted::new(vec![misspelt, married], CROWD);
    assert_eq!(told(&decide(&[nurse.clone()], &both, &LinkPolicy::default())), "?");
    let colleague = staff(3, ("Kerzrehove", RARE.1), "60", "", "");
    let two = [nurse.clone(), colleague.clone()];
    assert_eq!(told(&decide(&two, &both, &LinkPolicy::default())), "L2 L1");
    // Linked the night before, she is not asked for again.
    let mut later = LinkPolicy::default();
    later.taken.insert("899900000001".parse().expect("number"), colleague.person);
    assert_eq!(told(&decide(&[nurse.clone()], &both, &later)), "L2");
    // One who is no nurse is not that nurse.
    let mut clerk = staff(3, ("Kerzrehove", RARE.1), "", "", "");
    clerk.posts[0].function_label = Some("ADJOINT ADMINISTRATIF".to_owned());
    assert_eq!(told(&decide(&[nurse, clerk], &both, &LinkPolicy::default()))[..1].to_owned(), "?");
}

/// HR says whose number it is: another first name of hers is likelier than a second of that surname.
#[test]
fn a_number_declared_for_a_colleague_of_that_surname_is_nobody_elses_without_a_birth_date() {
    let colleague = |family| staff(1, (family, "Rozenn"), "60", "", "99900000001");
    let nurse = staff(2, RARE, "60", "1980-05-13", "");
    let open = Scripted::new(vec![registered(1, RARE, "60", OURS, "")], CROWD);
    let born = Scripted::new(vec![registered(1, RARE, "60", OURS, "1980-05-13")], CROWD);
    for (case, other, register, expected) in [
        ("of that surname", RARE.0, &open, "? ?"),
        ("of another surname, a slip of a line", "Durand", &open, "? L1"),
        ("born that day", RARE.0, &born, "? L1"),
    ] {
        let told =
            told(&decide(&[colleague(other), nurse.clone()], register, &LinkPolicy::default()));
        assert_eq!(told, expected, "{case}");
    }
}

/// One husband's name, one first name and one day: two people whose birth names tell them apart.
#[test]
fn birth_names_that_differ_speak_against_a_birth_date_alone() {
    let mut nurse = staff(1, (RARE.0, RARE.1), "60", "1980-05-13", "");
    nurse.names.usage_family = Some(RARE.0.to_owned());
    for (maiden, theirs, place, expected) in [
        ("Durand", "Vantroyec", "750000001", "?"),
        ("Durand", "Vantroyec", OURS, "L1"),
        ("Durand", "Durant", "750000001", "L1"),
        ("Durand", RARE.0, "750000001", "L1"),
        (RARE.0, "Vantroyec", "750000001", "L1"),
    ] {
        nurse.names.birth_family = Some(maiden.to_owned());
        let mut person = registered(1, RARE, "60", place, "1980-05-13");
        if let Some(birth) = &mut person.birth {
            birth.family = theirs.to_owned();
        }
        let register = Scripted::new(vec![person], CROWD);
        let told = told(&decide(&[nurse.clone()], &register, &LinkPolicy::default()));
        assert_eq!(told, expected, "{maiden} {theirs} {place}");
    }
}

#[test]
fn two_namesakes_in_the_house_are_never_linked_by_name() {
    let pair = [staff(1, RARE, "60", "", ""), staff(2, RARE, "60", "", "")];
    let one = Scripted::new(vec![registered(1, RARE, "60", OURS, "")], CROWD);
    assert_eq!(told(&decide(&pair, &one, &LinkPolicy::default())), "? ?");
    let both = vec![registered(1, RARE, "60", OURS, ""), registered(2, RARE, "60", OURS, "")];
    assert_eq!(told(&decide(&pair, &Scripted::new(both, CROWD), &LinkPolicy::default())), "? ?");
    let dated = vec![
        registered(1, RARE, "60", OURS, "1980-05-13"),
        registered(2, RARE, "60", OURS, "1991-02-04"),
    ];
    let pair = [staff(1, RARE, "60", "1991-02-04", ""), staff(2, RARE, "60", "1980-05-13", "")];
    assert_eq!(told(&decide(&pair, &Scripted::new(dated, CROWD), &LinkPolicy::default())), "L2 L1");
}

#[test]
fn what_is_decided_is_not_asked_again_nor_given_twice_da_12() {
    let register = Scripted::new(vec![registered(1, RARE, "60", OURS, "1980-05-13")], CROWD);
    let one = staff(1, RARE, "60", "1980-05-13", "");
    let other = staff(2, ("Durand", "Luc"), "60", "", "").person;
    let id_nat = "99900000001".parse::<Rpps>().expect("rpps").id_nat();
    let held = LinkPolicy {
        taken: [(id_nat.clone(), other)].into_iter().collect(),
        ..LinkPolicy::default()
    };
    assert_eq!(told(&decide(std::slice::from_ref(&one), &register, &held)), "?");
    let refused = LinkPolicy {
        refused: [(one.person, id_nat)].into_iter().collect(),
        ..LinkPolicy::default()
    };
    assert_eq!(told(&decide(&[one], &register, &refused)), "-");
}

#[test]
fn a_link_says_its_channel_and_why() {
    let register = Scripted::new(vec![registered(1, RARE, "60", OURS, "")], CROWD);
    let decisions =
        decide(&[staff(1, RARE, "60", "", "99900000001")], &register, &LinkPolicy::default());
    let Outcome::Linked { channel, why, .. } = &decisions[0].outcome else {
        panic!("{decisions:?}");
    };
    assert_eq!(*channel, LinkChannel::HrDeclaredChecked);
    assert!(why.sentence.starts_with("Concordent : nom, prénom"), "{}", why.sentence);
    assert!(why.contributions.len() >= 8 && why.score() > 10.0);
    let json = serde_json::to_string(why).expect("plain");
    assert_eq!(serde_json::from_str::<crate::Why>(&json).expect("back").sentence, why.sentence);
}

#[test]
fn a_long_search_can_be_stopped() {
    let register = Scripted::new(vec![], CROWD);
    let one = staff(1, RARE, "60", "", "");
    let stopped =
        link(&[one], &register, &LinkPolicy::default(), &mut |_, _| ControlFlow::Break(()));
    assert_eq!(stopped, Err(LinkError::Stopped));
}

const FAMILIES: [&str; 6] = ["Martin", "Durand", "Kerzrehovec", "Le Goff-Martin", "D’Hondt", "Zo"];
const GIVENS: [&str; 5] = ["Marie", "Gwenaelle", "Anne-Sophie", "Luc", "Marie Claire"];
const DATES: [&str; 4] = ["", "1980-05-13", "1980-01-01", "1991-02-04"];
const TRADES: [&str; 4] = ["60", "10", "", "313"];

prop_compose! {
    fn any_staff()(family in 0..6usize, given in 0..5usize, trade in 0..4usize, date in 0..4usize, rpps in 0..12u64)
        -> (usize, usize, usize, usize, u64) { (family, given, trade, date, rpps) }
}

fn build_staff(drawn: &[(usize, usize, usize, usize, u64)]) -> Vec<Staff> {
    let one = |(number, (family, given, trade, date, rpps)): (
        usize,
        &(usize, usize, usize, usize, u64),
    )| {
        let rpps = if *rpps < 6 { format!("999{rpps:08}") } else { String::new() };
        staff(
            number as u64,
            (FAMILIES[*family], GIVENS[*given]),
            TRADES[*trade],
            DATES[*date],
            &rpps,
        )
    };
    drawn.iter().enumerate().map(one).collect()
}

fn build_register(drawn: &[(usize, usize, usize, usize, u64)]) -> Vec<crate::RegisterPerson> {
    let one = |(number, (family, given, trade, date, place)): (
        usize,
        &(usize, usize, usize, usize, u64),
    )| {
        let place = [OURS, "750000001", ""][*place as usize % 3];
        registered(
            number as u64,
            (FAMILIES[*family], GIVENS[*given]),
            TRADES[*trade],
            place,
            DATES[*date],
        )
    };
    drawn.iter().enumerate().map(one).collect()
}

proptest! {
    /// Whatever the register: without birth date, structure or declared number, no link.
    #[test]
    fn never_on_the_name_alone(
        people in prop::collection::vec(any_staff(), 1..12),
        drawn in prop::collection::vec(any_staff(), 0..12),
    ) {
        let mut register = build_register(&drawn);
        for person in &mut register {
            person.birth = None;
            person.places.clear();
        }
        let mut staff = build_staff(&people);
        for one in &mut staff {
            one.declared_rpps = None;
        }
        let register = Scripted::new(register, CROWD);
        let decisions = decide(&staff, &register, &LinkPolicy { link_from: -100.0, lead: 0.0, ..LinkPolicy::default() });
        prop_assert!(!told(&decisions).contains('L'), "{}", told(&decisions));
    }

    /// Neither the order of staff nor that of the register changes a decision; each number goes to one at most.
    #[test]
    fn order_changes_nothing(
        people in prop::collection::vec(any_staff(), 1..12),
        drawn in prop::collection::vec(any_staff(), 0..12),
        turn in 0..12usize,
    ) {
        let staff = build_staff(&people);
        let register = build_register(&drawn);
        let policy = LinkPolicy::default();
        let first = decide(&staff, &Scripted::new(register.clone(), CROWD), &policy);
        let again = decide(&staff, &Scripted::new(register.clone(), CROWD), &policy);
        prop_assert_eq!(&first, &again);
        let mut turned = staff.clone();
        turned.rotate_left(turn % staff.len());
        turned.reverse();
        let mut shuffled = register;
        shuffled.reverse();
        let mut other = decide(&turned, &Scripted::new(shuffled, CROWD), &policy);
        other.sort_by_key(|decision| decision.person);
        let mut sorted = first.clone();
        sorted.sort_by_key(|decision| decision.person);
        prop_assert_eq!(told(&sorted), told(&other));
        let mut given: Vec<_> = first.iter().filter_map(|decision| match &decision.outcome {
            Outcome::Linked { id_nat, .. } => Some(id_nat),
            Outcome::Doubt { .. } | Outcome::Unmatched { .. } => None,
        }).collect();
        let all = given.len();
        given.sort();
        given.dedup();
        prop_assert_eq!(given.len(), all);
    }
}

/// Forty who are shown at the site of their post, under the name that they use, and one shown under another name.
#[test]
fn another_name_at_another_site_is_asked_about_where_sites_tell() {
    const OTHER: &str = "990000028";
    let at = |mut one: Staff, site: &str| {
        one.posts[0].finess_et = site.parse().ok();
        one
    };
    let married = |number, site| {
        let mut one = at(staff(number, RARE, "60", "", ""), site);
        one.names.usage_family = Some("Sertichamot".to_owned());
        one
    };
    let told_of = |hers: Staff, shown: &str, site_of_all: &str| {
        let letters = |number: u64| char::from(b'a' + (number % 26) as u8);
        let name = |number: u64| format!("Trev{}zan{}", letters(number), letters(number / 26));
        let crowd: Vec<(Staff, _)> = (10..50)
            .map(|number| {
                let both = (name(number), name(number * 7));
                let named = (both.0.as_str(), both.1.as_str());
                (
                    at(staff(number, named, "60", "", ""), OURS),
                    registered(number, named, "60", site_of_all, ""),
                )
            })
            .collect();
        let (mut people, mut register): (Vec<_>, Vec<_>) = crowd.into_iter().unzip();
        people.push(hers);
        register.push(registered(1, RARE, "60", shown, ""));
        // Somebody stands at each site.
        register.push(registered(2, ("Autre", "Personne"), "10", OURS, ""));
        register.push(registered(3, ("Autre", "Encore"), "10", OTHER, ""));
        let policy = LinkPolicy {
            places: [OURS, OTHER].iter().filter_map(|site| site.parse().ok()).collect(),
            ..LinkPolicy::default()
        };
        let decisions = decide(&people, &Scripted::new(register, CROWD), &policy);
        told(&decisions[40..])
    };
    assert_eq!(told_of(married(1, OURS), OURS, OURS), "L1", "her site, the name of birth");
    assert_eq!(told_of(married(1, OURS), OTHER, OURS), "?", "another site, the name of birth");
    let used = || at(staff(1, RARE, "60", "", ""), OURS);
    assert_eq!(told_of(used(), OTHER, OURS), "L1", "another site, the name that she uses");
    assert_eq!(told_of(married(1, OURS), OTHER, OTHER), "L1", "sites that tell nothing");
    let mut numbered = married(1, OURS);
    numbered.declared_rpps = "99900000001".parse().ok();
    assert_eq!(told_of(numbered, OTHER, OURS), "L1", "the number that HR declares");
}

/// A house of forty at the site of their post, and ten whom the register shows here and who are nobody of ours: half
/// of them at the other site, three in another establishment too. What a way to stand tells is learnt from both.
#[test]
fn how_somebody_stands_here_weighs_what_it_tells_of_our_own_and_of_others() {
    const OTHER: &str = "990000028";
    const STRANGE: &str = "750000001";
    let at = |mut one: Staff, site: &str| {
        one.posts[0].finess_et = site.parse().ok();
        one
    };
    let letter = |number: u64| char::from(b'a' + (number % 26) as u8);
    let decide_of = |hers: Staff, shown: &[&str], moved: u64, link_from: f64| {
        let (mut people, mut register) = (vec![hers], Vec::new());
        for number in 10..60_u64 {
            let family = format!("Trev{}zan{}", letter(number), letter(number / 26));
            let given = format!("Orl{}wen{}", letter(number * 7), letter(number * 7 / 26));
            let named = (family.as_str(), given.as_str());
            let site = if number < 10 + moved || number % 10 < 1 { OTHER } else { OURS };
            let mut person = registered(number, named, "60", site, "");
            if number < 50 {
                let post = if number < 10 + moved { OURS } else { site };
                people.push(at(staff(number, named, "60", "", ""), post));
            } else {
                let site = if number % 2 == 0 { OTHER } else { OURS };
                person.places = site.parse().into_iter().collect();
                // Each in one of their own: what many share tells nobody apart.
                let elsewhere = ["750000019", "750000027", "750000035"].get(number as usize % 10);
                person.places.extend(elsewhere.and_then(|place| place.parse().ok()));
            }
            register.push(person);
        }
        let mut her = registered(1, RARE, "60", OURS, "");
        her.places = shown.iter().filter_map(|place| place.parse().ok()).collect();
        register.push(her);
        let places = [OURS, OTHER].iter().filter_map(|site| site.parse().ok()).collect();
        let policy = LinkPolicy { places, link_from, ..LinkPolicy::default() };
        decide(&people, &Scripted::new(register, CROWD), &policy).swap_remove(0)
    };
    let nurse = || at(staff(1, RARE, "60", "", ""), OURS);
    let Outcome::Linked { why, .. } = decide_of(nurse(), &[OURS], 0, 9.0).outcome else {
        panic!("linked where she stands as our own do");
    };
    let just = why.score() - 1.0;
    let other = "sur un autre site que celui de son poste";
    let too = "dans un autre établissement aussi";
    for (case, shown, moved, link_from, asked) in [
        ("at the site of her post", &[OURS][..], 0, just, None),
        ("at the other", &[OTHER], 0, just, Some(other)),
        ("at both", &[OURS, OTHER], 0, just, None),
        ("so surely that it may be", &[OTHER], 0, just - 8.0, None),
        ("where half of our own do", &[OTHER], 20, just - 2.0, None),
        ("somewhere else as well", &[OURS, STRANGE], 0, just, Some(too)),
        ("so surely, somewhere else as well", &[OURS, STRANGE], 0, just - 4.0, None),
    ] {
        let told = match decide_of(nurse(), shown, moved, link_from).outcome {
            Outcome::Linked { .. } => None,
            Outcome::Doubt { why, .. } => Some(why.sentence),
            Outcome::Unmatched { why } => panic!("{case}: {why:?}"),
        };
        match (asked, told) {
            (None, None) => {}
            (Some(words), Some(sentence)) if sentence.contains(words) => {}
            (_, told) => panic!("{case}: {told:?}"),
        }
    }
    let mut numbered = nurse();
    numbered.declared_rpps = "99900000001".parse().ok();
    let told = decide_of(numbered, &[OTHER, STRANGE], 0, just).outcome;
    assert!(matches!(told, Outcome::Linked { .. }), "the number that HR declares: {told:?}");
}

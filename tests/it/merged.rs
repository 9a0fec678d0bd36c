//! Two records of one person become one, two numbers too, and the sources go on being read.
use crate::house::House;
use audit::{AuditEvent, AuditRecord};
use directory::{Channel, Person, RunState};
use kernel::{IdNat, PersonId};
use workflows::{MergeEvidence, MergePeople};

/// Columns of the HR file.
const RPPS: usize = 10;
const UNIT_LABEL: usize = 15;

/// Writes another value on the lines of this matricule.
fn change(house: &House, matricule: &str, column: usize, value: &str) {
    let path = house.feeds.join("hr-v1.csv");
    let text = std::fs::read(&path).expect("delivered");
    let mut found = false;
    let lines: Vec<Vec<u8>> = text
        .split(|byte| *byte == b'\n')
        .map(|line| {
            let mut cells: Vec<&[u8]> = line.split(|byte| *byte == b';').collect();
            if cells[0] == matricule.as_bytes() {
                (cells[column], found) = (value.as_bytes(), true);
            }
            cells.join(&b';')
        })
        .collect();
    assert!(found, "no line of {matricule}");
    std::fs::write(&path, lines.join(&b'\n')).expect("written");
}

async fn units(house: &House, person: PersonId) -> Vec<(String, String)> {
    let posts = house.workflows.store().read().posts().of(person).await.expect("posts");
    let mut told: Vec<(String, String)> = posts
        .into_iter()
        .map(|post| (post.fields.matricule.to_string(), post.fields.unit_label.unwrap_or_default()))
        .collect();
    told.sort();
    told
}

/// Two people of whom HR says no number, each with one matricule.
async fn pair(house: &House) -> Vec<(Person, String)> {
    let reader = house.workflows.store().read();
    let mut found = Vec::new();
    for person in reader.people().all().await.expect("people") {
        let records = reader.records().about(person.id).await.expect("records");
        let posts = reader.posts().of(person.id).await.expect("posts");
        if let ([record], [post]) = (records.as_slice(), posts.as_slice())
            && person.declared_rpps.is_none()
            && record.identity.matricule.as_ref() == Some(&post.fields.matricule)
        {
            found.push((person, post.fields.matricule.to_string()));
        }
        if found.len() == 2 {
            break;
        }
    }
    found
}

#[tokio::test]
async fn op_30_a_merge_keeps_the_survivor_while_sources_are_read_and_a_split_gives_each_her_own() {
    House::on_each(async |house| {
        house.add_sources().await;
        house.sync("rh").await;
        let [(kept, own), (absorbed, other)] = pair(&house).await.try_into().expect("two people");
        let (kept_before, other_before) =
            (units(&house, kept.id).await, units(&house, absorbed.id).await);
        let wish = MergePeople {
            kept: kept.id,
            absorbed: absorbed.id,
            evidence: MergeEvidence::IdentityDocument,
            motive: "Deux matricules, une personne".to_owned(),
        };
        let merge = house.workflows.merge_people(&house.actor, wish).await.expect("merged");
        let both = [kept_before.clone(), other_before.clone()].concat();
        assert_eq!(units(&house, kept.id).await.len(), both.len());

        // The same file again says nothing new, and brings nobody back.
        let again = house.sync("rh").await;
        assert_eq!(again.state, RunState::Applied);
        let told = (again.counts.create, again.counts.change, again.counts.reopen);
        assert_eq!((told, again.counts.doubt), ((0, 0, 0), 0));

        // What HR changes about the one goes to the record that stays, beside the other's post.
        change(&house, &other, UNIT_LABEL, "UNITE NOUVELLE");
        assert_eq!(house.sync("rh").await.state, RunState::Applied);
        let now = units(&house, kept.id).await;
        assert!(now.contains(&(other.clone(), "UNITE NOUVELLE".to_owned())), "{now:?}");
        assert!(now.iter().any(|(matricule, _)| *matricule == own), "{now:?}");
        assert!(units(&house, absorbed.id).await.is_empty());

        // A source wrote the posts anew since: each goes to whom its record is about.
        let split = house.workflows.split_people(&house.actor, merge.id, "Deux personnes").await;
        split.expect("split");
        assert_eq!(units(&house, kept.id).await, kept_before);
        let given_back = units(&house, absorbed.id).await;
        assert_eq!(given_back, [(other, "UNITE NOUVELLE".to_owned())]);
        let back = house.workflows.store().read().people().find(absorbed.id).await;
        let back = back.expect("read").expect("still there");
        assert_eq!((back.state, back.closing), (absorbed.state, absorbed.closing));
        let quiet = house.sync("rh").await;
        assert_eq!((quiet.counts.create, quiet.counts.change), (0, 0));
        house.audit_holds().await;
    })
    .await;
}

/// Somebody whom a declared number linked: her matricule, and the number.
async fn declared(house: &House) -> (String, IdNat) {
    let reader = house.workflows.store().read();
    for link in reader.national_identities().all().await.expect("links") {
        let person = reader.people().find(link.person).await.expect("read").expect("there");
        let posts = reader.posts().of(link.person).await.expect("posts");
        let declared = person.declared_rpps.is_some() && person.declared_rpps == link.id_nat.rpps();
        if link.channel == Channel::HrDeclaredChecked
            && declared
            && let [post] = posts.as_slice()
        {
            return (post.fields.matricule.to_string(), link.id_nat);
        }
    }
    panic!("nobody was linked by a declared number");
}

#[tokio::test]
async fn a_declared_number_that_became_another_is_followed_and_said() {
    let known = House::open().await;
    known.first_morning().await;
    let (matricule, current) = declared(&known).await;
    drop(known);

    House::on_each(async |house| {
        house.add_sources().await;
        let former: IdNat = "819999999999".parse().expect("a number that nobody bears");
        let declared = former.rpps().expect("an RPPS").to_string();
        change(&house, &matricule, RPPS, &declared);
        house.sync("rh").await;
        house.sync("ad").await;
        house
            .workflows
            .keep_alias(&house.actor, former.clone(), current.clone(), "order_certificate")
            .await
            .expect("kept");
        assert_eq!(house.import_register(true).await.state, store::JobState::Done);
        // What no register lists is nobody's newer number, and nothing is said without a proof.
        let [unknown, older] =
            ["899999999999", "819999999998"].map(|number| number.parse::<IdNat>().expect("number"));
        for (to, evidence, code) in [(&unknown, "seen", "NotListed"), (&current, " ", "NoEvidence")]
        {
            let kept =
                house.workflows.keep_alias(&house.actor, older.clone(), to.clone(), evidence);
            let refused = kept.await.expect_err(code);
            assert_eq!(format!("{refused:?}"), code);
        }
        assert_eq!(house.reconcile().await.state, RunState::Applied);
        let reader = house.workflows.store().read();
        let link = reader.national_identities().bearer(&current).await.expect("read");
        let link = link.expect("the current number is borne");
        assert_eq!(link.channel, Channel::HrDeclaredChecked);
        let person = reader.people().find(link.person).await.expect("read").expect("there");
        assert_eq!(person.declared_rpps, former.rpps(), "what HR says is kept as it says it");
        let said = reader.audit().unsealed(100_000).await.expect("journal");
        let said = said
            .iter()
            .filter_map(|entry| AuditRecord::from_bytes(entry.body.as_bytes()).ok())
            .filter(|record| {
                let AuditEvent::DeclaredNumberFollowed { person, .. } = record.event else {
                    return false;
                };
                person == link.person
            });
        assert_eq!(said.count(), 1, "the journal says whose number was followed");

        // Whoever verifies by the number on HR's file verifies the link.
        house.wait_days(1);
        let verified = house.workflows.verify_identity(&house.actor, &former, "carte").await;
        assert_eq!(verified.expect("verified").id, link.id);
    })
    .await;
}

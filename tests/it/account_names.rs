//! A login is a name, and names are given again; an account is its objectGUID.
use crate::house::House;
use directory::RunState;

/// The same export, where the account of this login was deleted and its name given to a newcomer.
fn given_again(export: &str, login: &str) -> String {
    let mut entries: Vec<String> = export.split("\n\n").map(str::to_owned).collect();
    let entry = entries
        .iter_mut()
        .find(|entry| entry.contains(&format!("sAMAccountName: {login}\n")))
        .expect("the account is in the export");
    let mut lines: Vec<String> = entry.lines().map(str::to_owned).collect();
    lines.retain(|line| {
        !["employeeID:", "mail:", "userPrincipalName:"].iter().any(|name| line.starts_with(name))
    });
    let guid = lines.iter_mut().find(|line| line.starts_with("objectGUID:")).expect("a key");
    *guid = "objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==".to_owned();
    *entry = lines.join("\n");
    entries.join("\n\n")
}

#[tokio::test]
async fn ad_10_a_login_given_again_is_another_account_and_nobodys_until_a_key_says_so() {
    let house = House::open().await;
    house.add_sources().await;
    for source in ["rh", "ad"] {
        assert_eq!(house.sync(source).await.state, RunState::Applied);
    }
    let reader = house.workflows.store().read();
    let all = reader.accounts().all().await.expect("accounts");
    let old = all.iter().find(|account| account.person.is_some()).expect("somebody's").clone();
    let export = std::fs::read_to_string(house.feeds.join("ad-v1.ldif")).expect("export");
    let export = given_again(&export, &old.fields.login);
    std::fs::write(house.feeds.join("ad-v1.ldif"), export).expect("written");

    let run = house.sync("ad").await;
    assert_eq!(run.state, RunState::Applied, "{:?} {:?}", run.error, run.brakes);
    let bearers = reader.accounts().by_login(&old.fields.login).await.expect("accounts");
    let new: Vec<_> =
        bearers.iter().filter(|account| account.external_key != old.external_key).collect();
    assert_eq!(new.len(), 1, "the newcomer's account is known, beside the old one");
    assert_eq!(new[0].person, None, "a name gives no account to anybody");
    let kept = bearers.iter().find(|account| account.id == old.id).expect("the old one");
    assert_eq!(kept.external_key, old.external_key, "and the old one never takes its key");
    house.audit_holds().await;
}

//! Logins and addresses as an IT department gives them: first come, first served, then numbered.
use super::spelling::slug;
use super::staff::Agent;
use std::collections::HashSet;

const MAIL_DOMAIN: &str = "ch-valbrume.test";
/// sAMAccountName holds no more.
const LONGEST_LOGIN: usize = 20;

pub fn name_accounts(agents: &mut [Agent<'_>]) {
    let mut taken = HashSet::new(); // asked only whether it holds a text: its order is never read
    for agent in agents {
        let usage = agent.usage_in_ad(1);
        let surname = slug(&agent.civil.surname(usage));
        let first_name = slug(agent.civil.usual_first_name());
        let initial = &first_name[..first_name.len().min(1)];
        let login: String = format!("{initial}{surname}").chars().take(LONGEST_LOGIN - 2).collect();
        agent.login = free(&mut taken, &login, "");
        let address = format!("{first_name}.{surname}");
        agent.mail = free(&mut taken, &address, &format!("@{MAIL_DOMAIN}"));
    }
}

fn free(taken: &mut HashSet<String>, wanted: &str, ending: &str) -> String {
    let tries = std::iter::once(String::new()).chain((2..).map(|number: u32| number.to_string()));
    for number in tries {
        let text = format!("{wanted}{number}{ending}");
        if taken.insert(text.clone()) {
            return text;
        }
    }
    unreachable!("numbers do not end")
}

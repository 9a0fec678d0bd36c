//! The account that reads must be able to read and nothing more (threats AD-06): one that is more is told.
use outbound::OutboundError;
use outbound::ldap::{Entry, LdapConnection, Scope, Search, ldap_escape};

const UNREADABLE: &str =
    "les droits du compte de lecture n’ont pas pu être vérifiés : son entrée n’est pas visible";

/// Groups of the domain by their last number, groups of every domain by their whole identifier.
const DOMAIN_GROUPS: [(u32, &str); 6] = [
    (512, "Admins du domaine"),
    (516, "Contrôleurs de domaine"),
    (518, "Administrateurs du schéma"),
    (519, "Administrateurs de l’entreprise"),
    (520, "Propriétaires créateurs de la stratégie de groupe"),
    (526, "Administrateurs clés"),
];
const BUILTIN_GROUPS: [(u32, &str); 4] = [
    (544, "Administrateurs"),
    (548, "Opérateurs de compte"),
    (549, "Opérateurs de serveur"),
    (551, "Opérateurs de sauvegarde"),
];

/// What is too much in the rights of the account that just logged in. « WhoAmI » is not asked: not all answer it.
pub(super) async fn warnings(
    connection: &mut LdapConnection,
    bind_dn: &str,
) -> Result<Vec<String>, OutboundError> {
    let attributes = ["tokenGroups", "adminCount", "objectSid"];
    let Some(dn) = own_name(connection, bind_dn).await? else {
        return Ok(vec![UNREADABLE.to_owned()]);
    };
    let entry = connection.read(&dn, &attributes).await?;
    Ok(entry.map_or_else(|| vec![UNREADABLE.to_owned()], |entry| too_much(&entry)))
}

async fn own_name(
    connection: &mut LdapConnection,
    bind_dn: &str,
) -> Result<Option<String>, OutboundError> {
    if bind_dn.contains('=') {
        return Ok(Some(bind_dn.to_owned()));
    }
    let Some(base) = naming_context(connection).await? else { return Ok(None) };
    // An account may log in as LOGIN@DOMAIN without that name being written anywhere.
    let login = match (bind_dn.split_once('\\'), bind_dn.split_once('@')) {
        (Some((_domain, login)), _) | (None, Some((login, _domain))) => login,
        (None, None) => bind_dn,
    };
    for (attribute, name) in [("userPrincipalName", bind_dn), ("sAMAccountName", login)] {
        let filter = format!("({attribute}={})", ldap_escape(name));
        let search = Search {
            base: &base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["1.1"],
            controls: &[],
        };
        if let [only] = connection.search(&search, 2).await?.as_slice() {
            return Ok(Some(only.dn.clone()));
        }
    }
    Ok(None)
}

/// The domain's own base, as the directory tells it.
pub(super) async fn naming_context(
    connection: &mut LdapConnection,
) -> Result<Option<String>, OutboundError> {
    let root = connection.read("", &["defaultNamingContext"]).await?;
    let base = root.and_then(|root| root.values("defaultNamingContext").first().cloned());
    Ok(base.and_then(|base| String::from_utf8(base).ok()))
}

fn too_much(entry: &Entry) -> Vec<String> {
    let mut warnings: Vec<String> = entry
        .values("tokenGroups")
        .iter()
        .filter_map(|sid| powerful(sid))
        .map(|group| {
            format!("le compte de lecture est membre de « {group} » : un simple utilisateur suffit")
        })
        .collect();
    let admin_count = entry.values("adminCount").first();
    if warnings.is_empty() && admin_count.is_some_and(|count| count != b"0") {
        warnings.push("le compte de lecture est un compte protégé (adminCount)".to_owned());
    }
    warnings.sort();
    warnings.dedup();
    warnings
}

/// `S-1-5-21-…-RID` or `S-1-5-32-RID`, as bytes: revision, count, authority (6, big-endian), then 32-bit numbers.
fn powerful(sid: &[u8]) -> Option<&'static str> {
    let [1, count, 0, 0, 0, 0, 0, 5, numbers @ ..] = sid else { return None };
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_le_bytes);
    let numbers: Vec<u32> = numbers.chunks(4).map(number).collect::<Option<_>>()?;
    if numbers.len() != usize::from(*count) {
        return None;
    }
    let (groups, rid): (&[(u32, &'static str)], u32) = match numbers[..] {
        [21, _, _, _, rid] => (&DOMAIN_GROUPS, rid),
        [32, rid] => (&BUILTIN_GROUPS, rid),
        _ => return None,
    };
    groups.iter().find(|(own, _)| *own == rid).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn sid(numbers: &[u32]) -> Vec<u8> {
        let count = u8::try_from(numbers.len()).expect("short");
        let mut bytes = vec![1, count, 0, 0, 0, 0, 0, 5];
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    #[test]
    fn ad_06_an_account_that_may_more_than_read_is_told() {
        let domain = |rid| sid(&[21, 1, 2, 3, rid]);
        for (groups, admin_count, told) in [
            (vec![domain(513), sid(&[32, 545])], None, 0),
            (vec![domain(512), domain(512)], Some("1"), 1),
            (vec![domain(519), sid(&[32, 544])], Some("1"), 2),
            (vec![domain(513)], Some("1"), 1),
            (vec![domain(513)], Some("0"), 0),
            (vec![sid(&[32, 512]), sid(&[21, 512])], None, 0),
            (vec![vec![], vec![1, 5, 0], b"S-1-5-32-544".to_vec()], None, 0),
        ] {
            let mut attributes = BTreeMap::from([("tokenGroups".to_owned(), groups.clone())]);
            attributes.extend(
                admin_count.map(|count: &str| ("adminCount".to_owned(), vec![count.into()])),
            );
            let entry = Entry { dn: "CN=svc".to_owned(), attributes };
            assert_eq!(too_much(&entry).len(), told, "{groups:?} {admin_count:?}");
        }
    }
}

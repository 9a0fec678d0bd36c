//! An open connection. Every call is bounded in time; the first fault ends it.
use super::entry::Entry;
use super::{LdapTarget, ber};
use crate::OutboundError;
use kernel::Secret;
use ldap3::asn1::{PL, StructureTag, parse_tag, parse_uint};
use ldap3::controls::{self, RawControl};
use ldap3::{Ldap, LdapError, SearchOptions};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use ldap3::Scope;

/// A search answer with a critical control of the directory's own, such as « show deleted ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    pub oid: &'static str,
    pub value: Option<Vec<u8>>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    pub base: &'a str,
    pub scope: Scope,
    pub filter: &'a str,
    pub attributes: &'a [&'a str],
    pub controls: &'a [Control],
}

/// One page of an answer. An empty cookie is the last page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub cookie: Vec<u8>,
}

/// What a directory said to a bind: 0 is yes; the sub-code of a no is in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAnswer {
    pub code: u32,
    pub diagnostic: String,
}

/// An open connection to one directory; ended when dropped.
pub struct LdapConnection {
    ldap: Ldap,
    place: String,
    answer: Duration,
    /// What made the incoming side stop, when it did.
    fault: Arc<OnceLock<String>>,
}

impl LdapConnection {
    pub async fn open(target: &LdapTarget) -> Result<Self, OutboundError> {
        let fault = Arc::default();
        let ldap = target.connect_telling(&fault).await?;
        Ok(Self { ldap, place: target.place(), answer: target.timeouts().answer, fault })
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    /// Simple bind. An empty name or password is refused before anything is sent.
    pub async fn bind(
        &mut self,
        name: &str,
        password: &Secret<String>,
    ) -> Result<BindAnswer, OutboundError> {
        let attempted = "log in";
        let secret = password.expose(); // goes to the directory, under TLS, and nowhere else
        if name.trim().is_empty() || secret.is_empty() {
            return Err(OutboundError::EmptyCredential);
        }
        let answer = self.ldap.with_timeout(self.answer).simple_bind(name, secret).await;
        let answer = answer.map_err(|cause| self.error(cause, attempted))?;
        Ok(BindAnswer { code: answer.rc, diagnostic: answer.text })
    }

    /// The one entry of that name, if the account may see it.
    pub async fn read(
        &mut self,
        dn: &str,
        attributes: &[&str],
    ) -> Result<Option<Entry>, OutboundError> {
        const NO_SUCH_OBJECT: u32 = 32;
        let search = Search {
            base: dn,
            scope: Scope::Base,
            filter: "(objectClass=*)",
            attributes,
            controls: &[],
        };
        match self.search(&search, 1).await {
            Ok(entries) => Ok(entries.into_iter().next()),
            Err(OutboundError::Refused { code: NO_SUCH_OBJECT, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A small search, answered in one go. More than `most` entries is an error, never a cut.
    pub async fn search(
        &mut self,
        search: &Search<'_>,
        most: usize,
    ) -> Result<Vec<Entry>, OutboundError> {
        let attempted = "search";
        let late = OutboundError::TimedOut { place: self.place.clone(), attempted };
        let page = tokio::time::timeout(self.answer, self.ask(search, None, most)).await;
        Ok(page.map_err(|_| late)??.entries)
    }

    /// One page of a long search: give it the cookie of the page before, empty at first.
    pub async fn search_page(
        &mut self,
        search: &Search<'_>,
        page_size: u32,
        cookie: Vec<u8>,
    ) -> Result<Page, OutboundError> {
        let attempted = "give a page";
        let late = OutboundError::TimedOut { place: self.place.clone(), attempted };
        let size = i32::try_from(page_size).unwrap_or(i32::MAX);
        let most = usize::try_from(page_size).unwrap_or(usize::MAX);
        let paging = controls::PagedResults { size, cookie };
        let page = tokio::time::timeout(self.answer, self.ask(search, Some(paging), most)).await;
        page.map_err(|_| late)?
    }

    async fn ask(
        &mut self,
        search: &Search<'_>,
        paging: Option<controls::PagedResults>,
        most: usize,
    ) -> Result<Page, OutboundError> {
        let attempted = "search";
        let is_paged = paging.is_some();
        let mut controls: Vec<RawControl> = search
            .controls
            .iter()
            .map(|own| RawControl { ctype: own.oid.to_owned(), crit: true, val: own.value.clone() })
            .collect();
        controls.extend(paging.map(|paging| RawControl { crit: true, ..paging.into() }));
        if !controls.is_empty() {
            self.ldap.with_controls(controls);
        }
        self.ldap.with_timeout(self.answer).with_search_options(SearchOptions::new());
        let (base, filter) = (search.base, search.filter);
        let stream = self
            .ldap
            .streaming_search(base, search.scope, filter, search.attributes.to_vec())
            .await;
        let mut stream = stream.map_err(|cause| self.error(cause, attempted))?;
        let mut entries = Vec::new();
        loop {
            let next = stream.next().await.map_err(|cause| self.error(cause, attempted))?;
            let Some(answer) = next else { break };
            // Referrals are never followed: another server would be given our password.
            if answer.is_ref() || answer.is_intermediate() {
                continue;
            }
            let entry = Entry::read(answer.0).ok_or_else(|| self.malformed("an entry"))?;
            entries.push(entry);
            if entries.len() > most {
                return Err(self.malformed("more entries than were asked for"));
            }
        }
        let result = stream.finish().await;
        if result.rc != 0 {
            return Err(OutboundError::Refused {
                place: self.place.clone(),
                attempted,
                code: result.rc,
                text: result.text.chars().take(200).collect(),
            });
        }
        let cookie = match is_paged {
            true => self.cookie(&result.ctrls)?,
            false => Vec::new(),
        };
        Ok(Page { entries, cookie })
    }

    /// A server that answers a paged search without its control has not paged it: what came may not be all.
    fn cookie(&self, answered: &[controls::Control]) -> Result<Vec<u8>, OutboundError> {
        const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
        let own = answered.iter().find(|control| control.1.ctype == PAGED_RESULTS);
        let value = own.and_then(|control| control.1.val.as_deref());
        let value = value.ok_or_else(|| self.malformed("a search that was not paged"))?;
        paging_cookie(value).ok_or_else(|| self.malformed("a paging control"))
    }

    fn malformed(&self, what: &str) -> OutboundError {
        OutboundError::Malformed { place: self.place.clone(), cause: what.to_owned() }
    }

    fn error(&self, cause: LdapError, attempted: &'static str) -> OutboundError {
        let place = self.place.clone();
        if let Some(fault) = self.fault.get() {
            return OutboundError::Malformed { place, cause: fault.clone() };
        }
        match cause {
            LdapError::Timeout { .. } => OutboundError::TimedOut { place, attempted },
            LdapError::FilterParsing => OutboundError::Settings {
                what: "LDAP filter",
                cause: "it cannot be parsed".to_owned(),
            },
            _ => OutboundError::Closed { place, attempted },
        }
    }
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696).
fn paging_cookie(value: &[u8]) -> Option<Vec<u8>> {
    ber::check_message(value).ok()?;
    let (_, StructureTag { payload: PL::C(parts), .. }) = parse_tag(value).ok()? else {
        return None;
    };
    let [size, cookie] = <[StructureTag; 2]>::try_from(parts).ok()?;
    parse_uint(&size.expect_primitive()?).ok()?;
    cookie.expect_primitive()
}

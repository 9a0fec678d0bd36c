//! A browser without a window: cookies, forms and a software key, enough to walk through server-rendered pages.
use anyhow::{Context, bail};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// Redirects followed before giving up.
const MOST_HOPS: usize = 12;

pub struct Browser {
    client: reqwest::Client,
    /// Cookies by origin, as a browser keeps them on loopback.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// A page as it arrived.
pub struct Page {
    pub url: Url,
    pub body: String,
}

/// A form found in a page.
pub struct Form {
    pub action: Url,
    pub fields: Vec<(String, String)>,
    attributes: BTreeMap<String, String>,
}

impl Browser {
    pub fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(10))
            .build()?;
        Ok(Self { client, cookies: BTreeMap::new() })
    }

    pub async fn get(&mut self, url: Url) -> anyhow::Result<Page> {
        self.walk(url, None).await
    }

    pub async fn submit(&mut self, form: &Form) -> anyhow::Result<Page> {
        self.walk(form.action.clone(), Some(form.fields.clone())).await
    }

    async fn walk(
        &mut self,
        mut url: Url,
        mut form: Option<Vec<(String, String)>>,
    ) -> anyhow::Result<Page> {
        for _ in 0..MOST_HOPS {
            let origin = url.origin().ascii_serialization();
            let mut request = match form.take() {
                Some(fields) => {
                    let body: String = url::form_urlencoded::Serializer::new(String::new())
                        .extend_pairs(&fields)
                        .finish();
                    let form = "application/x-www-form-urlencoded";
                    self.client
                        .post(url.clone())
                        .header(ORIGIN, &origin)
                        .header(CONTENT_TYPE, form)
                        .body(body)
                }
                None => self.client.get(url.clone()),
            };
            if let Some(cookies) = self.cookies.get(&origin).filter(|cookies| !cookies.is_empty()) {
                let line: Vec<String> =
                    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(COOKIE, line.join("; "));
            }
            let answer = request.send().await.with_context(|| format!("asking {}", url.path()))?;
            self.remember(&origin, answer.headers());
            let status = answer.status();
            if status.is_redirection() {
                let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                url = url.join(to.context("a redirect without an address")?)?;
                continue;
            }
            let body = answer.text().await?;
            if !status.is_success() {
                let said = heading(&body).unwrap_or_default();
                bail!("{} answered {status}: {said}", url.path());
            }
            match refresh(&body) {
                Some(next) => url = url.join(&next)?,
                None => return Ok(Page { url, body }),
            }
        }
        bail!("more than {MOST_HOPS} redirects")
    }

    fn remember(&mut self, origin: &str, headers: &reqwest::header::HeaderMap) {
        let jar = self.cookies.entry(origin.to_owned()).or_default();
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if value.is_empty() || rest.to_ascii_lowercase().contains("max-age=0") {
                jar.remove(name.trim());
            } else {
                jar.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

impl Page {
    /// Its first heading.
    pub fn says(&self) -> String {
        heading(&self.body).unwrap_or_default()
    }

    /// The form whose tag holds this text.
    pub fn form(&self, mark: &str) -> anyhow::Result<Form> {
        let mut rest = self.body.as_str();
        while let Some(start) = rest.find("<form") {
            let from = &rest[start..];
            let end = from.find("</form>").unwrap_or(from.len());
            let (tag, inside) = from[..end].split_once('>').context("a form without an end")?;
            if tag.contains(mark) {
                return self.read_form(tag, inside);
            }
            rest = &from[end..];
        }
        let said = heading(&self.body).unwrap_or_default();
        bail!("the page {} has no form {mark}: {said}", self.url.path())
    }

    fn read_form(&self, tag: &str, inside: &str) -> anyhow::Result<Form> {
        let attributes = attributes(tag);
        let action = attributes.get("action").map_or("", String::as_str);
        let inputs = inside.split("<input").skip(1).map(|input| {
            let tag = input.split('>').next().unwrap_or_default();
            let attributes = self::attributes(tag);
            let value = attributes.get("value").cloned().unwrap_or_default();
            (attributes.get("name").cloned().unwrap_or_default(), value)
        });
        Ok(Form {
            action: self.url.join(action)?,
            fields: inputs.filter(|(name, _)| !name.is_empty()).collect(),
            attributes,
        })
    }
}

impl Form {
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub fn attribute(&self, name: &str) -> anyhow::Result<&str> {
        self.attributes
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("the form has no {name}"))
    }
}

/// `name="value"` pairs of a tag.
fn attributes(tag: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = tag;
    while let Some(equals) = rest.find("=\"") {
        let name =
            rest[..equals].rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
        let after = &rest[equals + 2..];
        let Some(end) = after.find('"') else { break };
        found.insert(name.to_owned(), unescape(&after[..end]));
        rest = &after[end + 1..];
    }
    found
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Where a page sends on at once, without script.
fn refresh(body: &str) -> Option<String> {
    let tag = body.split_once("http-equiv=\"refresh\"")?.1.split('>').next()?;
    let content = attributes(tag).remove("content")?;
    Some(content.split_once("url=")?.1.to_owned())
}

/// The first heading: what the page says.
fn heading(body: &str) -> Option<String> {
    let from = body.split_once("<h1")?.1.split_once('>')?.1;
    Some(unescape(from.split_once("</h1>")?.0.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_by_its_mark_with_its_fields_and_attributes() {
        let page = Page {
            url: "http://localhost:1/login".parse().expect("url"),
            body: "<form action=\"/a\"><input name=\"x\" value=\"1\"></form>\
                   <form id=\"key\" action=\"/b\" data-options=\"{&quot;a&quot;:1}\">\
                   <input type=\"hidden\" name=\"t\" value=\"hl_&amp;\"><input name=\"answer\" value=\"\"></form>"
                .to_owned(),
        };
        let mut form = page.form("id=\"key\"").expect("form");
        form.set("answer", "yes");
        assert_eq!(form.action.as_str(), "http://localhost:1/b");
        assert_eq!(form.attribute("data-options").expect("options"), "{\"a\":1}");
        let pairs = [("t", "hl_&"), ("answer", "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(form.fields, pairs);
        assert!(page.form("id=\"none\"").is_err());
    }
}

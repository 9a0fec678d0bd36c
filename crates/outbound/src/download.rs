//! A large file fetched to disk: in pieces that are kept, taken up where it stopped (RFC 9110, sections 13 and 14),
//! bounded in size and in silence. Whole, or an error: a part never bears the file's name.
use crate::http::{HttpClient, HttpRequest, why};
use crate::{OutboundError, Timeouts};
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap,
    HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::{Method, StatusCode};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

/// What one download may do to us.
#[derive(Debug, Clone, Copy)]
pub struct DownloadLimits {
    pub most_bytes: u64,
    /// Between two pieces.
    pub silence: Duration,
    /// Connections made for one file, each of which must bring something more.
    pub attempts: u32,
    /// For the whole file, all attempts together: who sends a byte a minute is left.
    pub whole: Duration,
}

/// What the server says of the file, to know whether it is another one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// From `Content-Disposition`, its last path part, without anything but letters, digits, `.`, `_`, `-`.
    pub file_name: Option<String>,
    pub bytes: Option<u64>,
}

impl Published {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
            file_name: text(CONTENT_DISPOSITION).as_deref().and_then(disposition_name),
            bytes: text(CONTENT_LENGTH).and_then(|bytes| bytes.parse().ok()),
        }
    }

    /// What proves, when a part is continued, that it is still the same file. A weak tag proves nothing.
    fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| tag.starts_with('"'));
        strong.or(self.last_modified.as_deref())
    }
}

/// The file name that a server proposes, made harmless.
fn disposition_name(value: &str) -> Option<String> {
    let (_, name) = value.split_once("filename=")?;
    let name = name.split(';').next()?.trim().trim_matches('"');
    let name = name.rsplit(['/', '\\']).next()?;
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let good = !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name.chars().all(harmless);
    good.then(|| name.to_owned())
}

impl HttpClient {
    /// What is published there, without fetching it.
    pub async fn look(&self, url: &str, headers: &HeaderMap) -> Result<Published, OutboundError> {
        let request = HttpRequest {
            method: Method::HEAD,
            url: url.to_owned(),
            headers: headers.clone(),
            body: Vec::new(),
        };
        let answer = self.send(request).await?;
        match answer.status {
            200..=299 => Ok(Published::of(&answer.headers)),
            status => Err(refused(&self.place(url)?, u32::from(status))),
        }
    }

    /// Fetches `url` into `target`, which is there only once it is whole. What a broken fetch leaves is beside it,
    /// `target.part` and `target.part.from`, and the next fetch goes on from there when the server still has the same.
    pub async fn download(
        &self,
        url: &str,
        headers: &HeaderMap,
        target: &Path,
        limits: DownloadLimits,
        watch: &mut (dyn FnMut(u64, Option<u64>) -> ControlFlow<()> + Send),
    ) -> Result<Published, OutboundError> {
        let part = Part::beside(target);
        let mut last = None;
        let late = tokio::time::Instant::now() + limits.whole;
        for _ in 0..limits.attempts.max(1) {
            let before = part.len().await;
            match self.fetch_more(url, headers, &part, (limits, late), watch).await {
                Ok(published) => {
                    part.become_whole(target).await.map_err(|cause| disk(target, cause))?;
                    return Ok(published);
                }
                // Only a connection that ended, and had brought something, is worth another.
                Err(error)
                    if is_broken(&error)
                        && part.len().await > before
                        && tokio::time::Instant::now() < late =>
                {
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let attempted = "send the whole file";
        match last {
            Some(error) => Err(error),
            None => Err(OutboundError::Closed { place: self.place(url)?, attempted }),
        }
    }

    async fn fetch_more(
        &self,
        url: &str,
        headers: &HeaderMap,
        part: &Part,
        (limits, whole): (DownloadLimits, tokio::time::Instant),
        watch: &mut (dyn FnMut(u64, Option<u64>) -> ControlFlow<()> + Send),
    ) -> Result<Published, OutboundError> {
        let (mut done, mut asked) = (part.len().await, headers.clone());
        // The bytes as they are: a range of a compressed answer means nothing here.
        asked.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        match part.validator(url).await.and_then(|known| HeaderValue::from_str(&known).ok()) {
            Some(known) if done > 0 => {
                asked.insert(IF_RANGE, known);
                let range = format!("bytes={done}-");
                asked.insert(RANGE, range.parse().expect("digits make a header"));
            }
            _ => done = 0,
        }
        let (mut answer, place) = self.open(url, asked).await?;
        let status = answer.status();
        let malformed = |cause: String| OutboundError::Malformed { place: place.clone(), cause };
        let total = match status {
            StatusCode::OK => {
                done = 0;
                answer.content_length()
            }
            StatusCode::PARTIAL_CONTENT => {
                let (start, total) = content_range(answer.headers())
                    .ok_or_else(|| malformed("a part without its place".to_owned()))?;
                if start != done {
                    return Err(malformed(format!("bytes from {start}, asked from {done}")));
                }
                Some(total)
            }
            // What we have is not of the file that is there now.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                part.forget().await.map_err(|cause| disk(&part.path, cause))?;
                let attempted = "go on with a part";
                return Err(OutboundError::Closed { place, attempted });
            }
            status => return Err(refused(&place, u32::from(status.as_u16()))),
        };
        if total.is_some_and(|total| total > limits.most_bytes) {
            return Err(malformed(format!("more than {} bytes", limits.most_bytes)));
        }
        let published = Published::of(answer.headers());
        let mut file =
            part.open(url, &published, done).await.map_err(|cause| disk(&part.path, cause))?;
        loop {
            if watch(done, total).is_break() {
                let attempted = "send a file (stopped here)";
                return Err(OutboundError::Closed { place, attempted });
            }
            let late = |_| OutboundError::TimedOut { place: place.clone(), attempted: "send more" };
            if tokio::time::Instant::now() >= whole {
                let attempted = "send the whole file in the time allowed";
                return Err(OutboundError::TimedOut { place, attempted });
            }
            let piece = tokio::time::timeout(limits.silence, answer.chunk()).await.map_err(late)?;
            let broken = |cause| OutboundError::Unreachable { place: place.clone(), cause };
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => {
                    file.flush().await.map_err(|cause| disk(&part.path, cause))?;
                    return Err(broken(why(&error)));
                }
            };
            let Some(piece) = piece else { break };
            done += piece.len() as u64;
            if done > limits.most_bytes || total.is_some_and(|total| done > total) {
                return Err(malformed(format!(
                    "more than {} bytes",
                    total.unwrap_or(limits.most_bytes)
                )));
            }
            file.write_all(&piece).await.map_err(|cause| disk(&part.path, cause))?;
        }
        file.sync_all().await.map_err(|cause| disk(&part.path, cause))?;
        match total {
            Some(total) if total != done => {
                let attempted = "send the whole file";
                Err(OutboundError::Closed { place, attempted })
            }
            _ => Ok(published),
        }
    }

    async fn open(
        &self,
        url: &str,
        headers: HeaderMap,
    ) -> Result<(reqwest::Response, String), OutboundError> {
        let Timeouts { connect, answer } = self.timeouts();
        let place = self.place(url)?;
        let late = |_| OutboundError::TimedOut { place: place.clone(), attempted: "send a file" };
        // The name is resolved within the time too.
        let client = tokio::time::timeout(connect, self.client_for(url, None)).await;
        let (client, url, _) = client.map_err(late)??;
        let sent = client.request(Method::GET, url).headers(headers).send();
        let sent = tokio::time::timeout(connect + answer, sent).await;
        let unreachable = |cause| OutboundError::Unreachable { place: place.clone(), cause };
        let answer = sent.map_err(late)?.map_err(|error| unreachable(why(&error)))?;
        Ok((answer, place))
    }
}

fn is_broken(error: &OutboundError) -> bool {
    matches!(
        error,
        OutboundError::Unreachable { .. }
            | OutboundError::TimedOut { .. }
            | OutboundError::Closed { attempted: "send the whole file", .. }
    )
}

fn refused(place: &str, code: u32) -> OutboundError {
    let (attempted, text) = ("send a file", String::new());
    OutboundError::Refused { place: place.to_owned(), attempted, code, text }
}

fn disk(path: &Path, cause: std::io::Error) -> OutboundError {
    let place = path.display().to_string();
    OutboundError::Disk { place, cause: cause.to_string() }
}

/// `bytes 100-199/200` → (100, 200).
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, total) = text.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end, total): (u64, u64, u64) =
        (start.parse().ok()?, end.parse().ok()?, total.parse().ok()?);
    (start <= end && end < total).then_some((start, total))
}

/// What was fetched so far, and of what.
struct Part {
    path: PathBuf,
    /// First line the address, second what proves that it is the same file.
    from: PathBuf,
}

impl Part {
    fn beside(target: &Path) -> Self {
        let with = |suffix: &str| {
            let mut name = target.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { path: with(".part"), from: with(".part.from") }
    }

    async fn len(&self) -> u64 {
        tokio::fs::metadata(&self.path).await.map_or(0, |metadata| metadata.len())
    }

    async fn validator(&self, url: &str) -> Option<String> {
        let text = tokio::fs::read_to_string(&self.from).await.ok()?;
        let (from, known) = text.split_once('\n')?;
        (from == url && !known.is_empty()).then(|| known.to_owned())
    }

    async fn open(&self, url: &str, published: &Published, done: u64) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        let file = match done {
            0 => options.create(true).write(true).truncate(true).open(&self.path).await?,
            _ => options.append(true).open(&self.path).await?,
        };
        if done == 0 {
            let known = published.validator().unwrap_or_default();
            tokio::fs::write(&self.from, format!("{url}\n{known}")).await?;
        }
        Ok(file)
    }

    async fn forget(&self) -> std::io::Result<()> {
        for path in [&self.path, &self.from] {
            match tokio::fs::remove_file(path).await {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
                _ => {}
            }
        }
        Ok(())
    }

    async fn become_whole(&self, target: &Path) -> std::io::Result<()> {
        tokio::fs::rename(&self.path, target).await?;
        tokio::fs::remove_file(&self.from).await
    }
}

#[cfg(test)]
mod tests;

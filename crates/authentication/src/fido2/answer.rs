use super::AssertionRefused;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};

/// No honest answer comes near (threats FI-09).
const MOST_BYTES: usize = 64 * 1024;

pub(super) fn registration(text: &str) -> Result<RegisterPublicKeyCredential, AssertionRefused> {
    let answer: RegisterPublicKeyCredential = read(text)?;
    ids_agree(&answer.id, &answer.raw_id, &answer.type_)?;
    same_origin_frame(answer.response.client_data_json.as_ref())?;
    Ok(answer)
}

pub(super) fn assertion(text: &str) -> Result<PublicKeyCredential, AssertionRefused> {
    let answer: PublicKeyCredential = read(text)?;
    ids_agree(&answer.id, &answer.raw_id, &answer.type_)?;
    same_origin_frame(answer.response.client_data_json.as_ref())?;
    Ok(answer)
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, AssertionRefused> {
    if text.len() > MOST_BYTES {
        return Err(AssertionRefused::Malformed);
    }
    serde_json::from_str(text).map_err(|_| AssertionRefused::Malformed)
}

// FI-01: servers that looked one up and verified the other were fooled.
fn ids_agree(id: &str, raw_id: &[u8], kind: &str) -> Result<(), AssertionRefused> {
    let agree = kind == "public-key" && id.trim_end_matches('=') == URL_SAFE_NO_PAD.encode(raw_id);
    agree.then_some(()).ok_or(AssertionRefused::Malformed)
}

// FI-08: the library reads this flag and lets it pass.
fn same_origin_frame(client_data: &[u8]) -> Result<(), AssertionRefused> {
    #[derive(Deserialize)]
    struct Frame {
        #[serde(rename = "crossOrigin", default)]
        cross_origin: bool,
        #[serde(rename = "topOrigin", default)]
        top_origin: Option<serde_json::Value>,
    }
    let frame: Frame =
        serde_json::from_slice(client_data).map_err(|_| AssertionRefused::Malformed)?;
    if frame.cross_origin || frame.top_origin.is_some() {
        return Err(AssertionRefused::CrossOrigin);
    }
    Ok(())
}

//! Answers kept for calls that the network may send twice. They may hold what is shown once, so they are sealed.
use crate::Workflows;
use kernel::KeyError;
use store::{Repeated, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum RepeatError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("a kept answer does not parse")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptAnswer {
    First,
    Running,
    Done(String),
}

impl Workflows {
    pub async fn claim_call(&self, name: &str) -> Result<KeptAnswer, RepeatError> {
        Ok(match self.store().upkeep().claim_call(name, "console").await? {
            Repeated::First => KeptAnswer::First,
            Repeated::Running => KeptAnswer::Running,
            Repeated::Done(sealed) => {
                let sealed = from_hex(&sealed).ok_or(RepeatError::Unreadable)?;
                let opened = self.keys().open(&context(name), &sealed)?;
                let text = String::from_utf8(opened.expose().clone());
                KeptAnswer::Done(text.map_err(|_| RepeatError::Unreadable)?)
            }
        })
    }

    pub async fn keep_answer(&self, name: &str, answer: &str) -> Result<(), RepeatError> {
        let sealed = self.keys().seal(&context(name), answer.as_bytes())?;
        let text: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.store().upkeep().keep_answer(name, &text).await?)
    }

    pub async fn forget_call(&self, name: &str) -> Result<(), RepeatError> {
        Ok(self.store().upkeep().forget_call(name).await?)
    }
}

fn context(name: &str) -> String {
    format!("idempotency/{name}")
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

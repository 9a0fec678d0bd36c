//! Who is at the other end of a cookie: logins under way and people logged in, in memory only.
use super::client::{LoggedIn, Pending};
use openidconnect::CsrfToken;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A demo holds few visitors; the oldest makes room.
const MOST: usize = 500;

#[derive(Default)]
pub struct Visitors {
    pending: Mutex<VecDeque<(String, Pending)>>,
    logged_in: Mutex<VecDeque<(String, LoggedIn)>>,
}

impl Visitors {
    /// Returns the value for the browser's cookie.
    pub fn begin(&self, pending: Pending) -> String {
        keep(&self.pending, pending)
    }

    /// The login that this browser began, once.
    pub fn take_pending(&self, cookie: &str) -> Option<Pending> {
        take(&self.pending, cookie)
    }

    pub fn log_in(&self, logged_in: LoggedIn) -> String {
        keep(&self.logged_in, logged_in)
    }

    pub fn logged_in(&self, cookie: &str) -> Option<LoggedIn> {
        let all = self.logged_in.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(kept, _)| kept == cookie).map(|(_, person)| person.clone())
    }

    pub fn log_out(&self, cookie: &str) -> Option<LoggedIn> {
        take(&self.logged_in, cookie)
    }
}

fn keep<T>(all: &Mutex<VecDeque<(String, T)>>, value: T) -> String {
    let cookie = CsrfToken::new_random().into_secret();
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST {
        all.pop_front();
    }
    all.push_back((cookie.clone(), value));
    cookie
}

fn take<T>(all: &Mutex<VecDeque<(String, T)>>, cookie: &str) -> Option<T> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let place = all.iter().position(|(kept, _)| kept == cookie)?;
    all.remove(place).map(|(_, value)| value)
}

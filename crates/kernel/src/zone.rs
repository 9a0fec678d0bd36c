use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// The clock on the hospital's wall, by its IANA name: contracts begin and end by its days, in summer too. The rules of
/// all zones are in the program, so that a bare machine knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

static KNOWN: LazyLock<jiff::tz::TimeZoneDatabase> =
    LazyLock::new(jiff::tz::TimeZoneDatabase::bundled);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no time zone bears the name {0}; for example Europe/Paris, America/Cayenne or Indian/Reunion"
)]
pub struct UnknownZone(pub String);

impl FromStr for Zone {
    type Err = UnknownZone;
    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        KNOWN.get(name).map(Self).map_err(|_| UnknownZone(name.to_owned()))
    }
}

impl Default for Zone {
    fn default() -> Self {
        "Europe/Paris".parse().expect("the bundled zones hold that of Paris")
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("?"))
    }
}

impl Zone {
    /// What the wall clock shows at this instant.
    pub fn at(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        // An instant that jiff cannot hold is beyond the year 9999: no rule of a zone reaches there.
        let ahead = jiff::Timestamp::from_second(instant.timestamp())
            .map_or(0, |timestamp| self.0.to_offset(timestamp).seconds());
        (instant + Duration::seconds(ahead.into())).naive_utc()
    }

    /// The first instant of a day here; `None` where no calendar of ours reaches.
    pub fn start_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.instant_of(day, 0)
    }

    /// When the wall clock shows this minute of a day: the first time where it does twice, and as much after the hour
    /// changed where it never does. `None` where no calendar of ours reaches.
    pub fn instant_of(&self, day: NaiveDate, minute: u32) -> Option<DateTime<Utc>> {
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
        let day = jiff::civil::Date::new(year, month, i8::try_from(of_month).ok()?).ok()?;
        let (hours, minutes) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let time = jiff::civil::Time::new(hours, minutes, 0, 0).ok()?;
        let instant = self.0.to_zoned(day.to_datetime(time)).ok()?;
        DateTime::from_timestamp(instant.timestamp().as_second(), 0)
    }

    pub fn date(&self, instant: DateTime<Utc>) -> NaiveDate {
        self.at(instant).date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, FixedClock};

    #[test]
    fn a_day_begins_at_the_hospitals_midnight_in_winter_and_in_summer() {
        for (zone, instant, local) in [
            ("Europe/Paris", "2026-01-31T22:59:59Z", "2026-01-31T23:59:59"),
            ("Europe/Paris", "2026-01-31T23:00:00Z", "2026-02-01T00:00:00"),
            ("Europe/Paris", "2026-06-30T21:59:59Z", "2026-06-30T23:59:59"),
            ("Europe/Paris", "2026-06-30T22:00:00Z", "2026-07-01T00:00:00"),
            // The nights on which the hour changes.
            ("Europe/Paris", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00"),
            ("Europe/Paris", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00"),
            ("Indian/Reunion", "2026-06-30T20:00:00Z", "2026-07-01T00:00:00"),
            ("America/Cayenne", "2026-07-01T02:59:59Z", "2026-06-30T23:59:59"),
        ] {
            let zone: Zone = zone.parse().expect("a zone");
            let at = zone.at(FixedClock::at(instant).now());
            assert_eq!(at.to_string().replace(' ', "T"), local, "{zone:?} {instant}");
        }
        assert_eq!(Zone::default(), "Europe/Paris".parse().expect("a zone"));
        for (zone, day, start) in [
            ("Europe/Paris", "2026-02-01", "2026-01-31T23:00:00Z"),
            ("Europe/Paris", "2026-07-01", "2026-06-30T22:00:00Z"),
            ("Indian/Reunion", "2026-07-01", "2026-06-30T20:00:00Z"),
        ] {
            let zone: Zone = zone.parse().expect("a zone");
            let found = zone.start_of(day.parse().expect("a day"));
            assert_eq!(found, Some(FixedClock::at(start).now()), "{zone:?} {day}");
        }
    }

    #[test]
    fn a_time_of_the_wall_clock_is_one_instant_on_the_nights_that_change_the_hour() {
        let paris = Zone::default();
        for (day, minute, instant) in [
            ("2026-11-23", 6 * 60, "2026-11-23T05:00:00Z"),
            ("2026-07-01", 6 * 60, "2026-07-01T04:00:00Z"),
            ("2026-03-29", 2 * 60 + 30, "2026-03-29T01:30:00Z"),
            ("2026-10-25", 2 * 60 + 30, "2026-10-25T00:30:00Z"),
        ] {
            let found = paris.instant_of(day.parse().expect("a day"), minute);
            assert_eq!(found, Some(FixedClock::at(instant).now()), "{day} {minute}");
        }
        assert_eq!(paris.instant_of("2026-11-23".parse().expect("a day"), 24 * 60), None);
    }

    #[test]
    fn what_is_no_zone_is_refused_with_examples() {
        for name in ["", "Paris", "+01:00", "Europe/Pariss", "../etc/passwd"] {
            let refused = name.parse::<Zone>().expect_err(name);
            assert!(refused.to_string().contains("Europe/Paris"), "{refused}");
        }
    }
}

//! Until when the certificate in use holds, and who hears of it: the log and administrators in time, the metrics always.

use super::certificate;
use crate::clock::Clock;
use rustls::pki_types::CertificateDer;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zhicha_core::{
    api::{CertificateNotice, CertificateStanding as Standing, RenewedBy},
    time::Timestamp,
};

const LOOK: Duration = Duration::from_secs(2);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const SOON_MS: i64 = 14 * DAY_MS;
// Certificates of a few days are renewed when a third of their time is left.
const LATE: i64 = 4;

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    from: Timestamp,
    until: Timestamp,
}

/// The certificate in use: its dates, once there is one, and who renews it; neither where there is no TLS.
#[derive(Debug, Default)]
pub struct InUse {
    dates: Mutex<Option<Dates>>,
    by: Option<RenewedBy>,
}

impl Dates {
    /// Those of a certificate.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(der: &CertificateDer<'_>) -> anyhow::Result<Self> {
        let (from, until) = certificate::validity(der)?;
        Ok(Self { from, until })
    }

    /// Whether it has expired.
    pub fn over(self, now: Timestamp) -> bool {
        self.until <= now
    }

    /// When it expires, for people.
    pub fn end(self) -> String {
        shown(self.until)
    }

    // Nothing while it is good.
    fn standing(self, now: Timestamp) -> Option<Standing> {
        let left = self.until.0 - now.0;
        if self.over(now) {
            Some(Standing::Over)
        } else if self.from > now {
            Some(Standing::NotYet)
        } else {
            let soon = SOON_MS.min((self.until.0 - self.from.0) / LATE);
            (left < soon).then_some(Standing::Soon)
        }
    }

    fn word(self, by: RenewedBy, now: Timestamp) -> Option<String> {
        let (day, (zh, en)) = (self.end(), what_to_do(by));
        Some(match self.standing(now)? {
            Standing::Over => format!(
                "证书已于 {day} 过期，浏览器会拒绝；手机上的记录安全，换好证书后自动补送。{zh} / the certificate expired on {day}; browsers refuse it. Records are safe on the phones and are sent once there is a new one. {en}"
            ),
            Standing::NotYet => {
                let day = shown(self.from);
                format!(
                    "证书自 {day} 起有效，或本机时钟有误 / the certificate is valid from {day} on only; is this machine's clock right?"
                )
            }
            Standing::Soon => {
                let days = (self.until.0 - now.0) / DAY_MS;
                format!(
                    "证书将于 {day} 过期（还有 {days} 天）。{zh} / the certificate expires on {day}, in {days} days. {en}"
                )
            }
        })
    }
}

fn what_to_do(by: RenewedBy) -> (&'static str, &'static str) {
    match by {
        RenewedBy::Files => (
            "请更换文件，无需重启",
            "Renew the files: they are taken without a restart",
        ),
        RenewedBy::Own => (
            "请放回 tls/ca.pem 并执行 zhicha tls renew，无需重启",
            "Put tls/ca.pem back and run zhicha tls renew; no restart is needed",
        ),
        RenewedBy::Directory => (
            "自动续期没有成功，原因见日志中的 ACME",
            "Renewing by itself has failed; lines with ACME in the log say why",
        ),
    }
}

impl InUse {
    /// Of a server with TLS, before its first certificate.
    pub fn renewed(by: RenewedBy) -> Arc<Self> {
        Arc::new(Self {
            by: Some(by),
            ..Self::default()
        })
    }

    /// Notes those of the certificate that is used from now on.
    pub fn set(&self, dates: Dates) {
        *self.dates.lock().unwrap_or_else(PoisonError::into_inner) = Some(dates);
    }

    /// Until when it holds.
    pub fn until(&self) -> Option<Timestamp> {
        self.get().map(|dates| dates.until)
    }

    /// What an operator should hear of it.
    pub fn word(&self, now: Timestamp) -> Option<String> {
        self.get()?.word(self.by?, now)
    }

    /// The same for administrators, in the office.
    pub fn notice(&self, now: Timestamp) -> Option<CertificateNotice> {
        let dates = self.get()?;
        let standing = dates.standing(now)?;
        Some(CertificateNotice {
            standing,
            at: match standing {
                Standing::NotYet => dates.from,
                Standing::Soon | Standing::Over => dates.until,
            },
            renewed_by: self.by?,
        })
    }

    fn get(&self) -> Option<Dates> {
        *self.dates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self, now: Timestamp) -> Option<Standing> {
        self.get()?.standing(now)
    }
}

/// Warns when it begins to be over soon, when it is over, and once a day in between and afterwards, for as long as it is polled.
/// What holds at the beginning was said at the start.
pub async fn keep(in_use: Arc<InUse>, clock: Clock) {
    let mut said_at = clock.now();
    let mut said = in_use.standing(said_at);
    loop {
        tokio::time::sleep(LOOK).await;
        let now = clock.now();
        let standing = in_use.standing(now);
        if standing == said && now.0.abs_diff(said_at.0) < DAY_MS.unsigned_abs() {
            continue;
        }
        (said, said_at) = (standing, now);
        if let Some(word) = in_use.word(now) {
            tracing::warn!("{word}");
        }
    }
}

/// A time for people to read.
pub fn shown(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.0 / 1000);
    at.ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(days: i64, left: i64) -> Option<Standing> {
        let until = Timestamp(days * DAY_MS);
        let from = Timestamp(0);
        Dates { from, until }.standing(until.plus(-left * DAY_MS))
    }

    #[test]
    fn a_certificate_of_a_few_days_is_over_soon_only_when_its_renewal_is_late() {
        assert_eq!(standing(90, 14), None);
        assert_eq!(standing(90, 13), Some(Standing::Soon));
        assert_eq!(standing(8, 2), None);
        assert_eq!(standing(8, 1), Some(Standing::Soon));
        assert_eq!(standing(90, 0), Some(Standing::Over));
        assert_eq!(standing(90, 91), Some(Standing::NotYet));
    }
}

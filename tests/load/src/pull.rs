//! A pull of a page while there is little, and while there is a hundred times as much.

use crate::{
    device::Device,
    figure::{Figure, found, median},
    fill::{opened, register},
    program::Program,
    push::send,
};
use anyhow::ensure;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use zhicha_core::sync::wire::PullPage;

/// The first region, where the inspector of a town works.
const TOWN: &str = "示例000镇";
const TIMES: usize = 100;
/// Of one town.
const SITES: usize = 1_200;
/// Of the one who asks.
const INSPECTIONS: usize = 40;
const ASKED: usize = 61;
const BOUND: f64 = 1.5;

/// A server, and who asks it.
struct Side {
    server: Arc<Program>,
    town: String,
    district: String,
    _folder: TempDir,
}

/// What is asked of both.
struct Ask {
    what: &'static str,
    stream: &'static str,
    of_town: bool,
    /// How many pages of the large one are read before the one that is measured.
    deep: usize,
}

const ASKS: [Ask; 6] = [
    Ask {
        what: "first page of sites, one town of a district",
        stream: "sites",
        of_town: true,
        deep: 0,
    },
    Ask {
        what: "second page of sites, one town of a district",
        stream: "sites",
        of_town: true,
        deep: 1,
    },
    Ask {
        what: "first page of sites, the whole district",
        stream: "sites",
        of_town: false,
        deep: 0,
    },
    Ask {
        what: "page 100 of sites, the whole district, against page 2",
        stream: "sites",
        of_town: false,
        deep: 99,
    },
    Ask {
        what: "first page of the own records",
        stream: "records",
        of_town: true,
        deep: 0,
    },
    Ask {
        what: "page 100 of the own records, against page 2",
        stream: "records",
        of_town: true,
        deep: 99,
    },
];

/// Measures the row.
pub async fn row() -> anyhow::Result<()> {
    let (small, large) = (Side::of(1).await?, Side::of(TIMES).await?);
    let mut figures = Vec::new();
    for ask in &ASKS {
        let once = small.path(ask, ask.deep.min(1)).await?;
        let often = large.path(ask, ask.deep).await?;
        let (mut few, mut many) = (Vec::new(), Vec::new());
        for _ in 0..ASKED {
            few.push(small.time(ask, &once).await?);
            many.push(large.time(ask, &often).await?);
        }
        let (few, many) = (median(few), median(many));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        figures.push(Figure {
            what: format!(
                "pull at {TIMES} × the data: {} (median of {ASKED})",
                ask.what
            ),
            ours: ms(many),
            against: Some(format!("at 1 ×: {}", ms(few))),
            ratio: Some(ratio),
            bound: Some(format!("≤ {BOUND} × the time")),
            holds: Some(ratio <= BOUND),
        });
    }
    found("pull", &figures)
}

impl Side {
    // Towns, and records of the one who asks, so many times as many.
    async fn of(times: usize) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        // The first start makes the district.
        drop(Program::start(folder.path())?);
        let store = opened(folder.path()).await?;
        register(&store, SITES * times, |n| format!("示例{:03}镇", n % times)).await?;
        store.close().await;
        let mut server = Program::start(folder.path())?;
        let administrator = server.administrator().await?;
        let town = server.inspector(&administrator, "town", &[TOWN]).await?;
        let district = server.inspector(&administrator, "district", &["*"]).await?;
        let mut phone = Device::enrol(&server, &town, 1).await?;
        let server = Arc::new(server);
        send(&server, vec![phone.pushes(INSPECTIONS * times).await?]).await?;
        Ok(Self {
            server,
            town,
            district,
            _folder: folder,
        })
    }

    async fn get(&self, ask: &Ask, path: &str) -> anyhow::Result<String> {
        let session = if ask.of_town {
            &self.town
        } else {
            &self.district
        };
        Ok(self.server.get(path, session).await?.text().await?)
    }

    // The address of the page behind so many.
    async fn path(&self, ask: &Ask, deep: usize) -> anyhow::Result<String> {
        let first = format!("/api/v1/sync/pull?stream={}", ask.stream);
        let mut path = first.clone();
        for _ in 0..deep {
            let page: PullPage = serde_json::from_str(&self.get(ask, &path).await?)?;
            path = format!("{first}&cursor={}", page.cursor);
        }
        let page: PullPage = serde_json::from_str(&self.get(ask, &path).await?)?;
        ensure!(page.more, "not a full page: {}", ask.what);
        Ok(path)
    }

    async fn time(&self, ask: &Ask, path: &str) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let text = self.get(ask, path).await?;
        let took = begun.elapsed();
        ensure!(!text.is_empty());
        Ok(took)
    }
}

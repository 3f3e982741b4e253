//! The canary's producer: idempotent, acks=all, at a steady rate, one partition after the other.

use super::tally::{Line, Run};
use super::waits::Waits;
use super::{Canary, Phase, client_error, lock};
use crate::error::Error;
use crate::event::canary::{Beat, Gap};
use crate::kafka::librdkafka::{self, Contact};
use jiff::Timestamp;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, ProducerContext};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// As long as Java's producers try by default (`delivery.timeout.ms`).
const DELIVERY: &str = "120000";
const LINE_EVERY: Duration = Duration::from_millis(100);
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// So long without a turn of the loop: the process was stopped, and nobody watched.
const STOPPED: Duration = Duration::from_secs(5);
/// From here on an acknowledgement that does not come is worth saying why.
const LATE: u64 = 2000;

/// What a record says: the session and its number there, apart for each partition.
pub(super) fn payload(session: u32, number: u64) -> String {
    format!("krun canary {session} {number}")
}

/// Session and number of a record; nothing where it is not one of a canary.
pub(super) fn parse(payload: &[u8]) -> Option<(u32, u64)> {
    let (session, number) = std::str::from_utf8(payload).ok()?.strip_prefix("krun canary ")?.split_once(' ')?;
    Some((session.parse().ok()?, number.parse().ok()?))
}

/// Travels with a record to its delivery.
struct Stamp {
    partition: i32,
    number: u64,
    sent: Instant,
}

struct Delivery {
    stamp: Stamp,
    at: Instant,
    /// Its offset, or why the producer gave up.
    outcome: Result<i64, String>,
}

struct Courier {
    contact: Contact,
    delivered: Arc<Mutex<Vec<Delivery>>>,
}

impl ClientContext for Courier {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = Contact::ENABLE_REFRESH_OAUTH_TOKEN;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        self.contact.log(level, facility, text);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.contact.error(error, reason);
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.contact.generate_oauth_token(config)
    }
}

impl ProducerContext for Courier {
    type DeliveryOpaque = Box<Stamp>;

    fn delivery(&self, result: &DeliveryResult<'_>, stamp: Box<Stamp>) {
        let outcome = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => {
                self.contact.error(error.clone(), &error.to_string());
                Err(error.rdkafka_error_code().map_or_else(|| error.to_string(), |code| code.to_string()))
            }
        };
        lock(&self.delivered).push(Delivery { stamp: *stamp, at: Instant::now(), outcome });
    }
}

/// One partition: what was sent and has no answer yet.
#[derive(Default)]
struct Lane {
    sent: u64,
    under_way: VecDeque<(u64, Instant)>,
    answered: Option<Instant>,
}

impl Lane {
    /// For how long records have waited without any acknowledgement.
    fn gap(&self, now: Instant) -> Duration {
        let Some((_, sent)) = self.under_way.front() else { return Duration::ZERO };
        now.saturating_duration_since(self.answered.map_or(*sent, |answered| answered.max(*sent)))
    }
}

/// What has happened since the last line.
#[derive(Default)]
struct News {
    acked: Vec<Run>,
    waits: Waits,
    failed: u64,
    failed_because: Option<String>,
    gap: Option<Gap>,
    has_sent: bool,
}

struct Work<'a> {
    canary: &'a Canary,
    producer: BaseProducer<Courier>,
    delivered: Arc<Mutex<Vec<Delivery>>>,
    session: u32,
    lanes: BTreeMap<i32, Lane>,
    news: News,
    longest: Duration,
    acked_before: u64,
}

pub(super) fn produce(canary: &Canary, tell: impl Fn(&Beat)) -> Result<(), Error> {
    let delivered = Arc::<Mutex<Vec<Delivery>>>::default();
    let producer = make(canary, &delivered)?;
    let lanes = (0..canary.plan().partitions).map(|partition| (partition, Lane::default())).collect();
    let (session, acked_before) = {
        let ledger = canary.ledger();
        (ledger.tally.session, ledger.tally.acked_count())
    };
    let news = News::default();
    Work { canary, producer, delivered, session, lanes, news, longest: Duration::ZERO, acked_before }.flow(tell)
}

fn make(canary: &Canary, delivered: &Arc<Mutex<Vec<Delivery>>>) -> Result<BaseProducer<Courier>, Error> {
    let courier = Courier { contact: canary.0.contact.clone(), delivered: Arc::clone(delivered) };
    librdkafka::settings(&canary.0.client)?
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", DELIVERY)
        .set("retry.backoff.ms", "50")
        // A topic is not taken for gone because a broker that has just started does not know it yet. An hour is the most.
        .set("topic.metadata.propagation.max.ms", "3600000")
        .create_with_context(courier)
        .map_err(|error| client_error("producer", &error))
}

impl Work<'_> {
    fn flow(mut self, tell: impl Fn(&Beat)) -> Result<(), Error> {
        let began = Instant::now();
        let (mut turned, mut written, mut beaten) = (began, began, began);
        // How many are due counts from here on.
        let (mut counts_from, mut given) = (began, 0);
        let mut drains_since = None;
        // Each partition has its first one at once, whatever the rate.
        for _ in 0..self.lanes.len() {
            self.send()?;
        }
        loop {
            let now = Instant::now();
            if now.duration_since(turned) > STOPPED {
                self.forgive(now);
                (counts_from, given) = (now, 0);
            }
            turned = now;
            match self.canary.phase() {
                Phase::Cut => break,
                Phase::Flow => {
                    let due = now.duration_since(counts_from).as_millis() * u128::from(self.canary.plan().rate) / 1000;
                    while given < due && self.send()? {
                        given += 1;
                    }
                    // Whatever the queue did not take is not made up for.
                    if given < due {
                        (counts_from, given) = (now, 0);
                    }
                }
                Phase::Drain | Phase::Drained => {
                    let idle = *drains_since.get_or_insert(now);
                    let last =
                        self.lanes.values().filter_map(|lane| lane.answered).max().map_or(idle, |at| at.max(idle));
                    let is_over = self.lanes.values().all(|lane| lane.under_way.is_empty());
                    if is_over || now.duration_since(last) > self.canary.plan().patience {
                        break;
                    }
                }
            }
            self.producer.poll(Duration::from_millis(5));
            self.take_deliveries();
            if written.elapsed() >= LINE_EVERY && (self.has_news() || written.elapsed() >= BEAT_EVERY) {
                written = Instant::now();
                self.write()?;
            }
            if beaten.elapsed() >= BEAT_EVERY {
                tell(&self.beat(beaten.elapsed()));
                beaten = Instant::now();
            }
        }
        self.take_deliveries();
        self.write()?;
        self.canary.write(&Line::Ended { at: Timestamp::now() })
    }

    /// Hands the next record to the producer; false where its queue is full.
    fn send(&mut self) -> Result<bool, Error> {
        let Some((&partition, lane)) = self.lanes.iter_mut().min_by_key(|(_, lane)| lane.sent) else {
            return Ok(false);
        };
        let (number, sent) = (lane.sent, Instant::now());
        let text = payload(self.session, number);
        let record = BaseRecord::<(), str, Box<Stamp>>::with_opaque_to(
            &self.canary.plan().topic,
            Box::new(Stamp { partition, number, sent }),
        );
        match self.producer.send(record.partition(partition).payload(&text)) {
            Ok(()) => {
                lane.sent += 1;
                lane.under_way.push_back((number, sent));
                self.news.has_sent = true;
                Ok(true)
            }
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => Ok(false),
            // An idempotent producer gives up for good where the log is not as it left it, such as after an unclean
            // election; and any, where a broker that has just started knows no topic yet: just then somebody must go on
            // watching.
            Err((
                KafkaError::MessageProduction(
                    RDKafkaErrorCode::Fatal | RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownPartition,
                ),
                _,
            )) => {
                self.producer = make(self.canary, &self.delivered)?;
                Ok(false)
            }
            Err((error, _)) => Err(client_error("producer", &error)),
        }
    }

    fn take_deliveries(&mut self) {
        let delivered = std::mem::take(&mut *lock(&self.delivered));
        for delivery in delivered {
            let Delivery { stamp: Stamp { partition, number, sent }, at, outcome } = delivery;
            let Some(lane) = self.lanes.get_mut(&partition) else { continue };
            let gap = lane.gap(at);
            lane.under_way.retain(|(other, _)| *other != number);
            let offset = match outcome {
                Ok(offset) => offset,
                Err(why) => {
                    self.news.failed += 1;
                    self.news.failed_because.get_or_insert(why);
                    continue;
                }
            };
            lane.answered = Some(at);
            let wait = at.saturating_duration_since(sent);
            self.news.waits.add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            Run::append(&mut self.news.acked, Run { partition, number, offset, count: 1 });
            self.notice_gap(partition, gap);
        }
    }

    fn notice_gap(&mut self, partition: i32, gap: Duration) {
        if gap > self.longest {
            self.longest = gap;
            self.news.gap = Some(as_told(partition, gap));
        }
    }

    /// The process was stopped: what waited meanwhile waited for krun, not for a broker.
    fn forgive(&mut self, now: Instant) {
        self.lanes.values_mut().for_each(|lane| lane.answered = Some(now));
    }

    fn has_news(&self) -> bool {
        self.news.has_sent || !self.news.acked.is_empty() || self.news.failed > 0
    }

    fn write(&mut self) -> Result<(), Error> {
        // A gap that has not ended yet counts as well: nobody knows whether it ever will.
        let now = Instant::now();
        let open = self.lanes.iter().map(|(partition, lane)| (*partition, lane.gap(now))).max_by_key(|(_, gap)| *gap);
        if let Some((partition, gap)) = open.filter(|(_, gap)| *gap > Duration::from_secs(1)) {
            self.notice_gap(partition, gap);
        }
        let mut news = std::mem::take(&mut self.news);
        self.canary.write(&Line::Went {
            at: Timestamp::now(),
            sent: self.lanes.iter().map(|(partition, lane)| (*partition, lane.sent)).collect(),
            acked: news.acked,
            waits: news.waits.take(),
            failed: news.failed,
            failed_because: news.failed_because,
            gap: news.gap,
        })
    }

    fn beat(&mut self, passed: Duration) -> Beat {
        let now = Instant::now();
        let gap = self.lanes.values().map(|lane| lane.gap(now)).max().unwrap_or_default();
        let gap_ms = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX);
        let (sent, acked) = {
            let ledger = self.canary.ledger();
            (ledger.tally.sent_count(), ledger.tally.acked_count())
        };
        let since = u128::from(acked - self.acked_before) * 1000 / passed.as_millis().max(1);
        self.acked_before = acked;
        let mut beat = lock(&self.canary.0.beat);
        *beat = Beat {
            sent,
            acked,
            read: beat.read,
            per_second: u64::try_from(since).unwrap_or(u64::MAX),
            gap_ms,
            complaint: self.canary.complaint().filter(|_| gap_ms >= LATE),
        };
        beat.clone()
    }
}

fn as_told(partition: i32, gap: Duration) -> Gap {
    let ms = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX);
    let now = Timestamp::now();
    Gap { partition, from: now.checked_sub(gap).unwrap_or(now), ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_what_it_is() {
        assert_eq!(parse(payload(3, 70_000).as_bytes()), Some((3, 70_000)));
        assert_eq!(parse(b"somebody else's"), None);
    }
}

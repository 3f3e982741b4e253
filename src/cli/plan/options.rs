//! What can be written behind `krun plan`.

use super::times::{Order, Pace};
use crate::error::Error;
use crate::plan::{Aim, Replacement, Scope};
use crate::quantity::{Rate, Size};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

const ABOUT_STATE: &str = "\
Where the cluster comes from: --cluster NAME asks it now; --state FILE reads a state file, as `krun snapshot` writes it, and \
`--state -` reads one from stdin. A folder given to --state is where krun keeps its runs, as for every other command.

With --json, stdout has the JSON for kafka-reassign-partitions.sh and nothing else.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT_STATE)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Plan {
    /// Only these topics
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "What")]
    topics: Option<Vec<String>>,
    /// Not the topics whose whole name matches; repeatable
    #[arg(long, value_name = "REGEX", help_heading = "What")]
    exclude: Vec<String>,
    /// Only the topics of this file of kafka-reassign-partitions.sh
    #[arg(long, value_name = "FILE", conflicts_with = "topics", help_heading = "What")]
    pub(super) topics_to_move_json_file: Option<PathBuf>,
    /// Plan nothing: say what the plan in this file of kafka-reassign-partitions.sh costs and reaches
    #[arg(long, value_name = "FILE", help_heading = "What", conflicts_with_all = [
        "topics", "exclude", "topics_to_move_json_file", "brokers", "drain", "replace", "replication_factor", "max_bytes",
        "by", "tolerance", "spare", "forced_only", "leaders_only",
    ])]
    pub(super) reassignment_json_file: Option<PathBuf>,
    /// The brokers that may hold the topics afterwards [default: all that are not leaving]
    #[arg(long, value_name = "IDS", value_delimiter = ',', visible_alias = "broker-list", help_heading = "How")]
    brokers: Option<Vec<i32>>,
    /// Brokers that must end empty
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = "How")]
    drain: Vec<i32>,
    /// A broker that must end empty, and the one that takes its place: 5=7
    #[arg(long, value_name = "OLD=NEW", value_delimiter = ',', value_parser = replacement, help_heading = "How")]
    replace: Vec<Replacement>,
    /// How many replicas each partition is to have
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "How")]
    replication_factor: Option<u16>,
    /// Copy at most so much, such as 500GB: a balanced part now, the rest another time
    #[arg(long, value_name = "SIZE", help_heading = "How")]
    max_bytes: Option<Size>,
    /// What every broker should have alike
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Counts, help_heading = "How")]
    by: By,
    /// With --by bytes: how far from the level a broker may be [default: 10%]
    #[arg(long, value_name = "PERCENT", value_parser = percent, help_heading = "How")]
    tolerance: Option<u8>,
    /// Per cent of each disk that stay free [default: 15%]
    #[arg(long, value_name = "PERCENT", value_parser = percent, help_heading = "How")]
    spare: Option<u8>,
    /// Move only what must leave its broker, and level nothing
    #[arg(long, help_heading = "How")]
    forced_only: bool,
    /// Level the leaders, and move no replica that does not have to
    #[arg(long, conflicts_with = "forced_only", help_heading = "How")]
    leaders_only: bool,
    /// Estimate for brokers that copy at most so much, in and out
    #[arg(long, value_name = "RATE", default_value = "20MB/s", help_heading = "Times")]
    throttle: Rate,
    /// Estimate for at most so many moves that touch one broker at the same time
    #[arg(long, value_name = "N", default_value = "5", help_heading = "Times")]
    at_once: NonZeroUsize,
    /// The order that is meant; both are estimated
    #[arg(long, value_enum, default_value_t = Order::OneTopic, help_heading = "Times")]
    order: Order,
    /// Write move.json and rollback.json there
    #[arg(long, value_name = "DIR", conflicts_with_all = ["move_file", "rollback"], help_heading = "Output")]
    pub(super) write: Option<PathBuf>,
    /// Write the moves there
    #[arg(long = "move", value_name = "FILE", help_heading = "Output")]
    pub(super) move_file: Option<PathBuf>,
    /// Write the way back there
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) rollback: Option<PathBuf>,
    /// Replace such files where they are there with another content
    #[arg(long, help_heading = "Output")]
    pub(super) force: bool,
    /// Show every topic and every broker
    #[arg(long, help_heading = "Output")]
    pub(super) full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Replicas, within one
    Counts,
    /// Bytes, within the tolerance
    Bytes,
}

const TOLERANCE: u8 = 10;

impl Plan {
    /// What clap cannot say.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.tolerance.is_some() && self.by != By::Bytes {
            let error = Error::new("USAGE", "--tolerance is how far bytes may be from their level");
            return Err(error.hint("give --by bytes with it"));
        }
        Ok(())
    }

    pub(super) fn scope(&self) -> Scope {
        Scope {
            topics: self.topics.clone(),
            exclude: self.exclude.clone(),
            brokers: self.brokers.clone(),
            drain: self.drain.clone(),
            replace: self.replace.clone(),
            replication_factor: self.replication_factor,
            max_bytes: self.max_bytes.map(Size::bytes),
            by: match self.by {
                By::Counts => Aim::Counts,
                By::Bytes => Aim::Bytes { tolerance: self.tolerance.unwrap_or(TOLERANCE) },
            },
            spare: self.spare,
            forced_only: self.forced_only,
            leaders_only: self.leaders_only,
        }
    }

    pub(super) fn pace(&self) -> Pace {
        Pace { throttle: self.throttle, at_once: self.at_once, order: self.order }
    }
}

fn replacement(text: &str) -> Result<Replacement, Error> {
    let pair = text.split_once('=').and_then(|(old, new)| Some((old.trim().parse().ok()?, new.trim().parse().ok()?)));
    match pair {
        Some((broker, with)) => Ok(Replacement { broker, with }),
        None => Err(Error::new("REPLACEMENT", format!("`{text}` names no two brokers: write OLD=NEW, such as 5=7"))),
    }
}

/// `10%`, or `10`.
fn percent(text: &str) -> Result<u8, Error> {
    let number = text.trim().strip_suffix('%').unwrap_or(text.trim()).trim_end();
    let number: Option<u8> = number.parse().ok().filter(|number| *number <= 100);
    number.ok_or_else(|| Error::new("PERCENT", format!("`{text}` is no percentage from 0% to 100%")))
}

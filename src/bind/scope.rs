//! The options of `plan::level`: what a plan is asked for.

use crate::bind::options::Options;
use crate::error::Error;
use crate::plan::{Aim, Replacement, Scope};
use crate::quantity::Size;
use rhai::Map;

/// How far brokers may be from their level where bytes are levelled and nothing else is said: per cent.
const TOLERANCE: u8 = 10;

pub(crate) fn read(given: Map) -> Result<Scope, Error> {
    let mut options = Options::new("plan::level", given);
    let replace = options.texts("replace")?.unwrap_or_default();
    let factor = options.count("replication_factor")?;
    let most = options.text("max_bytes")?;
    let by = options.text("by")?;
    let tolerance = options.per_cent("tolerance")?;
    let scope = Scope {
        topics: options.texts("topics")?,
        exclude: options.texts("exclude")?.unwrap_or_default(),
        brokers: options.ids("brokers")?,
        drain: options.ids("drain")?.unwrap_or_default(),
        replace: replace.iter().map(|text| text.parse()).collect::<Result<Vec<Replacement>, _>>()?,
        // More than Kafka allows is more than there are brokers: the planner tells.
        replication_factor: factor.map(|factor| u16::try_from(factor).unwrap_or(u16::MAX)),
        max_bytes: most.map(|text| text.parse::<Size>()).transpose()?.map(Size::bytes),
        by: aim(by.as_deref(), tolerance)?,
        spare: options.per_cent("spare")?,
        forced_only: options.flag("forced_only")?,
        leaders_only: options.flag("leaders_only")?,
    };
    options.finish()?;
    Ok(scope)
}

fn aim(by: Option<&str>, tolerance: Option<u8>) -> Result<Aim, Error> {
    match by {
        None | Some("counts") if tolerance.is_none() => Ok(Aim::Counts),
        Some("bytes") => Ok(Aim::Bytes { tolerance: tolerance.unwrap_or(TOLERANCE) }),
        None | Some("counts") => {
            Err(Error::new("INVALID_ARGUMENT", "a tolerance is for levelling by bytes").hint("add by: \"bytes\""))
        }
        Some(other) => Err(Error::new("INVALID_ARGUMENT", format!("`{other}` cannot be levelled"))
            .hint("levelled are \"counts\" or \"bytes\"")),
    }
}

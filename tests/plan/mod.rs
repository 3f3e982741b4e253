//! Quantities, the inventory and the planner: pure, so tested by value and by property.

#[path = "../bench/cluster/mod.rs"]
mod cluster;

mod carrying_out;
mod claims;
mod generator;
mod inventory;
mod jobs;
mod json_soup;
mod kafka_files;
mod planning;
mod quantity;
mod random;
mod scorer;
mod spread;
mod state_file;
mod upgrade;
mod window;

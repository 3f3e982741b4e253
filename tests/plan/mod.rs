//! Quantities, the inventory and the planner: pure, so tested by value and by property.

mod carrying_out;
mod inventory;
mod jobs;
mod kafka_files;
mod planning;
mod quantity;
mod state_file;
mod window;

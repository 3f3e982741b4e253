//! Quantities, the inventory and the planner: pure, so tested by value and by property.

mod quantity;
mod window;

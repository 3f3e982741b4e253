//! What a person and a program see of a run: whole screens, from sample streams of events.

mod json;
mod runs;
mod samples;
mod screen;
mod screens;
mod stream;

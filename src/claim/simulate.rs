//! A migration script, applied to the catalogs as a value: what it would do, without doing it.
//!
//! Nothing is executed. The catalogs come in as a [`world::World`], each statement changes it as the server would, and the
//! claims are judged against the result.

pub mod effect;
pub mod world;

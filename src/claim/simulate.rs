//! A migration script, applied to the catalogs as a value: what it would do, without doing it.
//!
//! Nothing is executed. The text is split as psql splits it ([`split`]): into statements, psql's own commands, and the rows
//! of `COPY`. The catalogs come in as a [`world::World`], each statement changes it as the server would ([`effect`]), and the
//! claims ([`input`]) are judged against the result, which makes one [`row`] a statement.

pub mod apply;
pub mod bounds;
mod catalog;
pub mod describe;
pub mod effect;
pub mod export;
pub mod input;
mod judge;
pub mod parse;
pub mod preview;
pub mod report;
pub mod row;
mod scan;
pub mod split;
pub mod world;

pub use preview::{Options, ScriptError, preview};

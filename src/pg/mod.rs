//! The Postgres boundary: only here SPI, `pg_sys` and unsafe.

pub mod acl;
pub mod blockers;
pub mod catalog;
pub mod compat;
pub mod ddl;
pub mod error;
pub mod fence;
pub mod guard;
pub mod jsonb;
pub mod ledger;
pub mod names;
pub mod probe;
pub mod relations;
pub mod role;
pub mod schema;
pub mod security;
pub mod session;
pub mod settings;
pub mod spi;
pub mod stamp;
pub mod statement;
pub mod store;
pub mod subtransaction;
pub mod transaction;
pub mod types;

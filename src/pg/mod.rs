//! The Postgres boundary: only here SPI, `pg_sys` and unsafe.

pub mod acl;
pub mod adoption;
pub mod blockers;
pub mod bulk;
pub mod catalog;
pub mod closure;
pub mod collected;
pub mod compat;
pub mod configured;
pub mod ddl;
pub mod dependents;
pub mod effects;
pub mod error;
pub mod exposure;
pub mod fence;
pub mod grants;
pub mod guard;
<<<<<<< HEAD
pub mod held;
=======
pub mod health;
>>>>>>> 4e6a50b (Tell what stakeholders reach besides their claims, what has drifted, and whether all is well: exposure, privilege_drift, repair_privileges, doctor)
pub mod jsonb;
pub mod ledger;
pub mod names;
pub mod probe;
pub mod rehearsal;
pub mod relations;
pub mod role;
pub mod role_setting;
pub mod rows;
pub mod scan;
pub mod schema;
pub mod security;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod spi;
pub mod stamp;
pub mod statement;
pub mod statements;
pub mod store;
pub mod subtransaction;
pub mod tags;
pub mod timer;
pub mod transaction;
pub mod types;
pub mod world;

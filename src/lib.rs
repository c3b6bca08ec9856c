//! Skeleton, to be replaced.
use pgrx::prelude::*;

::pgrx::pg_module_magic!();

#[pg_extern]
fn skeleton() -> &'static str {
    "ok"
}

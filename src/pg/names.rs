//! Names for "did you mean".

use std::cell::RefCell;
use std::collections::HashMap;

use integratedb_claim::expand::Names;

use super::spi::{self, bind};

/// The names of this database, each list read once.
#[derive(Default)]
pub struct Server {
    relations: RefCell<HashMap<String, Vec<String>>>,
    schemas: RefCell<Option<Vec<String>>>,
}

impl Names for Server {
    fn relations(&self, schema: &str) -> Vec<String> {
        self.relations.borrow_mut().entry(schema.to_owned()).or_insert_with(|| relations(schema)).clone()
    }

    fn schemas(&self) -> Vec<String> {
        self.schemas.borrow_mut().get_or_insert_with(schemas).clone()
    }
}

/// Names of relations of a schema that can be claimed; none when they cannot be read: it is only a hint.
fn relations(schema: &str) -> Vec<String> {
    spi::query(
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1::name AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1 LIMIT 10000",
        &[bind(schema)],
        |row| row.need(1),
    )
    .unwrap_or_default()
}

/// Names of schemas; none when they cannot be read.
fn schemas() -> Vec<String> {
    spi::query(
        "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1 LIMIT 10000",
        &[],
        |row| row.need(1),
    )
    .unwrap_or_default()
}

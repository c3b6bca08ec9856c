//! integratedb: shared PostgreSQL databases that applications cannot break for each other.
//!
//! [`api`] is what SQL calls, [`event_trigger`] what the server calls; both hand on to [`flow`], which asks the pure
//! engine (`integratedb_claim`) and the Postgres boundary ([`pg`]). See `docs/architecture.md`.

use pgrx::prelude::*;

mod api;
mod event_trigger;
mod flow;
mod pg;

::pgrx::pg_module_magic!(name, version);

extension_sql_file!("../sql/schema.sql", name = "schema", bootstrap);
extension_sql_file!("../sql/tables.sql", name = "tables", requires = ["schema"]);
extension_sql_file!(
    "../sql/views.sql",
    name = "views",
    requires = [
        "tables",
        api::admin::is_admin,
        api::admin::owns,
        api::view::shape_text,
        api::view::arguments_text,
        api::evolution::first_met
    ]
);
extension_sql_file!(
    "../sql/evolution.sql",
    name = "evolution",
    requires = ["views", api::view::path_text, api::evolution::needed_by, api::evolution::column_alternatives]
);
extension_sql_file!("../sql/requests.sql", name = "requests", requires = ["evolution", api::request::request_parts]);
extension_sql_file!("../sql/credentials.sql", name = "credentials", requires = ["requests"]);
extension_sql_file!("../sql/finish.sql", name = "finish", finalize);

#[pg_guard]
extern "C-unwind" fn _PG_init() {
    pg::settings::define();
    pg::relations::register();
    pg::sessions::register();
    pg::transaction::register(event_trigger::before_commit);
}

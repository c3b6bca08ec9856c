//! Reads the catalogs as one value: what a script is applied to without executing it.
//!
//! By scans of the catalogs as of one moment, the latest. No lock but ACCESS SHARE on the catalogs themselves, and no
//! function that opens a relation: it answers while somebody holds ACCESS EXCLUSIVE on every table there is.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use integratedb_claim::simulate::world::{DefaultPrivilege, Schema, World};
use pgrx::pg_sys;

use super::error::Result;
use super::scan::Moment;
use super::{catalog, session};

mod constraints;
mod dependencies;
mod functions;
mod relations;
mod roles;
mod rows;
mod types;
mod writing;

const PG_DEFAULT_ACL: u32 = 826;
/// Schemas whose relations and functions no script changes; their types are what columns are of.
const SYSTEM_SCHEMAS: [&str; 3] = ["pg_catalog", "pg_toast", "information_schema"];

/// Reads the catalogs for a script that `user` runs under a search path; with `writes` also what is behind views.
///
/// # Errors
/// XX000
pub fn read(user: pg_sys::Oid, search_path: Vec<String>, writes: bool) -> Result<World> {
    session::accept_invalidations();
    let moment = Moment::now();
    let schemas = schemas(&moment);
    let is_system = |schema: &Schema| SYSTEM_SCHEMAS.contains(&schema.name.as_str());
    let of_users: BTreeSet<u32> =
        schemas.iter().filter(|(_, schema)| !is_system(schema)).map(|(oid, _)| *oid).collect();
    let mut relations = relations::read(&moment, &of_users);
    if writes {
        writing::read(&moment, &mut relations)?;
    }
    let types = types::read(&moment, &schemas, &relations);
    let constraints = constraints::read(&moment, &relations, &types);
    // Since PostgreSQL 18 attnotnull is set by a NOT NULL constraint that is not validated, too.
    for constraint in constraints.values().filter(|constraint| constraint.kind == 'n' && !constraint.validated) {
        let columns = relations.get_mut(&constraint.relation).into_iter().flat_map(|relation| &mut relation.columns);
        columns.filter(|column| constraint.columns.contains(&column.number)).for_each(|column| column.not_null = false);
    }
    let attachments = constraints::attachments(&moment, &relations);
    let mut world = World::default();
    world.server_version = session::server_version();
    world.database = session::database_name();
    world.user = user.to_u32();
    world.search_path = search_path;
    world.roles = roles::read(&moment);
    world.schemas = schemas;
    world.types = types;
    world.collations = types::collations(&moment);
    world.relations = relations.into_iter().map(|(oid, relation)| (oid, Rc::new(relation))).collect();
    world.constraints = constraints;
    world.functions = functions::read(&moment, &of_users);
    world.attachments = attachments.known;
    world.default_privileges = default_privileges(&moment);
    dependencies::read(&moment, &mut world, &attachments.queries);
    world.next_oid = next_oid(&world);
    Ok(world)
}

/// Reads pg_namespace but for temporary schemas.
fn schemas(moment: &Moment) -> BTreeMap<u32, Schema> {
    let mut schemas = BTreeMap::new();
    let columns = [c"oid", c"nspname", c"nspowner", c"nspacl"];
    rows::each(pg_sys::NamespaceRelationId.to_u32(), columns, moment, |row| {
        let name = row.name(1);
        if !name.starts_with("pg_temp_") && !name.starts_with("pg_toast_temp_") {
            schemas.insert(row.oid(0), Schema { name, owner: row.oid(2), acl: row.grants(3).unwrap_or_default() });
        }
    });
    schemas
}

fn default_privileges(moment: &Moment) -> Vec<DefaultPrivilege> {
    let mut all = Vec::new();
    let columns = [c"defaclrole", c"defaclnamespace", c"defaclobjtype", c"defaclacl"];
    rows::each(PG_DEFAULT_ACL, columns, moment, |row| {
        all.push(DefaultPrivilege {
            role: row.oid(0),
            schema: row.oid(1),
            kind: row.char(2),
            acl: row.grants(3).unwrap_or_default(),
        });
    });
    all
}

/// Above all that the world knows: it is only in the world that the number has to be free.
fn next_oid(world: &World) -> u32 {
    let highest = [
        world.roles.keys().next_back(),
        world.schemas.keys().next_back(),
        world.types.keys().next_back(),
        world.collations.keys().next_back(),
        world.relations.keys().next_back(),
        world.constraints.keys().next_back(),
        world.functions.keys().next_back(),
        world.attachments.keys().next_back(),
    ];
    highest.into_iter().flatten().max().map_or(1, |oid| oid.saturating_add(1))
}

/// The entries of the session's search path, `$user` among them.
pub fn search_path() -> Vec<String> {
    let text = session::search_path();
    catalog::identifiers(&text).unwrap_or_default()
}

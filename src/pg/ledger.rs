//! The ledger: what the extension granted. Only that is ever revoked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use integratedb_claim::catalog::Relation;
use integratedb_claim::privilege::{Extent, Privilege, Privileges};
use pgrx::datum::JsonString;
use pgrx::pg_sys;

use super::acl;
use super::bulk::{self, Value};
use super::catalog;
use super::error::{Error, Result};
use super::relations;
use super::scan::{Scan, key, text_key};
use super::spi::{self, bind};

/// Attribute numbers of integratedb.granted_privilege_cache (sql/tables.sql).
const STAKEHOLDER: i16 = 1;
const CLASS_OID: i16 = 2;
const OBJECT_OID: i32 = 3;
const OBJECT_KIND: i32 = 10;

/// What was granted on one relation.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// By number.
    pub privileges: Privileges,
    /// For each privilege, the schema, relation and columns under which it is recorded.
    names: BTreeMap<Privilege, (String, String, String)>,
}

impl Entry {
    /// Whether the entry says what `privileges` and the relation's names are now.
    ///
    /// # Errors
    /// XX000
    pub fn is_current(&self, relation: &Relation, privileges: &Privileges) -> Result<bool> {
        if *privileges != self.privileges {
            return Ok(false);
        }
        for (privilege, extent) in privileges.iter() {
            let Some((schema, name, columns)) = self.names.get(&privilege) else { return Ok(false) };
            if *schema != relation.schema || *name != relation.name || *columns != column_names(relation, extent)?.0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What was granted to a stakeholder on these relations.
///
/// # Errors
/// XX000
pub fn relations(stakeholder: &str, oids: Vec<pg_sys::Oid>) -> Result<HashMap<u32, Entry>> {
    let mut entries: HashMap<u32, Entry> = HashMap::new();
    spi::query(
        "SELECT object_oid, whole, attribute_numbers, schema_name::text, relation_name::text, column_names, privilege
         FROM integratedb.granted_privilege_cache
         WHERE stakeholder = $1 AND class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_oid = ANY ($2)
           AND object_kind = 'relation'",
        &[bind(stakeholder), bind(oids)],
        |row| {
            let columns: Vec<i16> = row.need(3)?;
            let extent = Extent { whole: row.need(2)?, columns: columns.into_iter().collect() };
            let privilege = privilege(&row.need::<String>(7)?)?;
            let entry = entries.entry(row.need::<pg_sys::Oid>(1)?.to_u32()).or_default();
            entry.privileges.set(privilege, extent);
            entry.names.insert(privilege, (row.need(4)?, row.need(5)?, row.need(6)?));
            Ok(())
        },
    )?;
    Ok(entries)
}

fn privilege(word: &str) -> Result<Privilege> {
    Privilege::from_word(word).ok_or_else(|| Error::internal(format!("unknown privilege {word}")))
}

/// The names of the columns of a grant, as they are recorded.
fn column_names(relation: &Relation, extent: &Extent) -> Result<JsonString> {
    let granted = relation.columns.iter().filter(|column| extent.columns.contains(&column.number));
    let names: Vec<&str> = granted.map(|column| column.name.as_str()).collect();
    serde_json::to_string(&names).map(JsonString).map_err(|error| Error::internal(error.to_string()))
}

/// Records schemas under the names that they have now.
///
/// # Errors
/// XX000
pub fn follow_schemas(oids: Vec<pg_sys::Oid>) -> Result<()> {
    for sql in [
        "UPDATE integratedb.granted_privilege g SET schema_name = n.nspname
         FROM integratedb.granted_privilege_cache k JOIN pg_catalog.pg_namespace n ON n.oid = k.object_oid
         WHERE k.class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND k.object_oid = ANY ($1)
           AND k.schema_name <> n.nspname AND g.stakeholder = k.stakeholder AND g.object_kind = 'schema'
           AND g.schema_name = k.schema_name",
        "UPDATE integratedb.granted_privilege_cache k SET schema_name = n.nspname
         FROM pg_catalog.pg_namespace n
         WHERE n.oid = k.object_oid AND k.class_oid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
           AND k.object_oid = ANY ($1) AND k.schema_name <> n.nspname",
    ] {
        spi::execute(sql, &[bind(oids.clone())])?;
    }
    Ok(())
}

/// The stakeholders to whom anything was granted on these objects, and whether on one that is no relation.
///
/// # Errors
/// XX000
pub fn stakeholders(oids: Vec<pg_sys::Oid>) -> Result<BTreeMap<String, bool>> {
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    spi::query(
        "SELECT DISTINCT stakeholder, object_kind <> 'relation' FROM integratedb.granted_privilege_cache
         WHERE object_oid = ANY ($1) AND object_kind <> 'schema'",
        &[bind(oids)],
        |row| {
            *found.entry(row.need(1)?).or_default() |= row.need::<bool>(2)?;
            Ok(())
        },
    )?;
    Ok(found)
}

/// The ledger by OID, by its primary key.
fn open_cache() -> Result<Scan> {
    let table = relations::oid(c"granted_privilege_cache")?;
    Ok(Scan::table(table, Some(relations::oid(c"granted_privilege_cache_pkey")?)))
}

/// All relations on which anything was granted to a stakeholder. Without SQL: every claim asks twice.
///
/// # Errors
/// XX000
pub fn relation_oids(stakeholder: &str) -> Result<Vec<pg_sys::Oid>> {
    let mut oids = Vec::new();
    let class = key(CLASS_OID, pg_sys::F_OIDEQ, pg_sys::RelationRelationId.into());
    let scan = open_cache()?;
    scan.find(&mut [text_key(STAKEHOLDER, stakeholder), class], |tuple| {
        if tuple.text(OBJECT_KIND).is_some_and(|kind| kind == "relation") {
            oids.extend(tuple.get(OBJECT_OID).map(|oid| pg_sys::Oid::from(oid.value() as u32)));
        }
        true
    });
    scan.close();
    // One entry for each privilege, in the order of the index.
    oids.dedup();
    Ok(oids)
}

/// The relations on which something is granted to a stakeholder that claims nothing under the names that they have now.
///
/// # Errors
/// XX000
pub fn unclaimed_relations() -> Result<BTreeMap<String, Vec<pg_sys::Oid>>> {
    let mut found: BTreeMap<String, Vec<pg_sys::Oid>> = BTreeMap::new();
    spi::query(
        "SELECT DISTINCT k.stakeholder, k.object_oid
         FROM integratedb.granted_privilege_cache k
         JOIN pg_catalog.pg_class c ON c.oid = k.object_oid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE k.object_kind = 'relation'
           AND NOT EXISTS (SELECT FROM integratedb.claimed_relation r
                           JOIN integratedb.claim l ON l.claim_id = r.claim_id AND l.stakeholder = k.stakeholder
                           WHERE r.schema_name = n.nspname AND r.relation_name = c.relname AND r.kind = 'relation')",
        &[],
        |row| {
            found.entry(row.need(1)?).or_default().push(row.need(2)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The stakeholders that have been granted USAGE on one of these schemas.
///
/// # Errors
/// XX000
pub fn stakeholders_of_schemas(oids: Vec<pg_sys::Oid>) -> Result<Vec<String>> {
    spi::query(
        "SELECT DISTINCT stakeholder FROM integratedb.granted_privilege_cache
         WHERE object_oid = ANY ($1) AND object_kind = 'schema'",
        &[bind(oids)],
        |row| row.need(1),
    )
}

/// Writes what is now granted on relations. `first`: nothing has been granted to the stakeholder before, and we are alone
/// behind the fence. Otherwise two sessions may grant on the same relation at once, and a row may still stand under a name
/// that a relation has lost: then the last word counts.
///
/// # Errors
/// XX000
pub fn set_relations(stakeholder: &str, entries: &[(&Relation, &Privileges)], first: bool) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    if !first {
        forget_relations(Some(stakeholder), entries.iter().map(|(relation, _)| relation.oid.into()).collect())?;
    }
    let kept: Vec<(&Relation, Privilege, &Extent)> = entries
        .iter()
        .flat_map(|(relation, privileges)| privileges.iter().map(|(privilege, extent)| (*relation, privilege, extent)))
        .collect();
    if kept.is_empty() {
        return Ok(());
    }
    let names: Vec<JsonString> =
        kept.iter().map(|(relation, _, extent)| column_names(relation, extent)).collect::<Result<_>>()?;
    if first {
        return add_relations(stakeholder, &kept, &names);
    }
    let texts: Vec<String> = names.iter().map(|names| names.0.clone()).collect();
    let schemas: Vec<String> = kept.iter().map(|(relation, ..)| relation.schema.clone()).collect();
    let relations: Vec<String> = kept.iter().map(|(relation, ..)| relation.name.clone()).collect();
    let whole: Vec<bool> = kept.iter().map(|(.., extent)| extent.whole).collect();
    let privileges: Vec<String> = kept.iter().map(|(_, privilege, _)| privilege.as_str().to_owned()).collect();
    spi::execute(
        "INSERT INTO integratedb.granted_privilege
                (stakeholder, object_kind, schema_name, relation_name, whole, column_names, privilege)
         SELECT $1, 'relation', unnest($2), unnest($3), unnest($4), unnest($5), unnest($6)
         ON CONFLICT (stakeholder, object_kind, schema_name, relation_name, privilege, arguments) DO UPDATE
         SET whole = excluded.whole, column_names = excluded.column_names",
        &[
            bind(stakeholder),
            bind(schemas.clone()),
            bind(relations.clone()),
            bind(whole.clone()),
            bind(names),
            bind(privileges.clone()),
        ],
    )?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege_cache
                (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers, column_names,
                 privilege, object_kind)
         SELECT $1, 'pg_catalog.pg_class'::pg_catalog.regclass, unnest($2), unnest($3), unnest($4), unnest($5),
                unnest($6)::int2[], unnest($7), unnest($8), 'relation'
         ON CONFLICT (stakeholder, class_oid, object_oid, privilege) DO UPDATE
         SET whole = excluded.whole, attribute_numbers = excluded.attribute_numbers,
             schema_name = excluded.schema_name, relation_name = excluded.relation_name,
             column_names = excluded.column_names",
        &[
            bind(stakeholder),
            bind(kept.iter().map(|(relation, ..)| relation.oid.into()).collect::<Vec<pg_sys::Oid>>()),
            bind(schemas),
            bind(relations),
            bind(whole),
            bind(kept.iter().map(|(.., extent)| numbers(&extent.columns)).collect::<Vec<String>>()),
            bind(texts),
            bind(privileges),
        ],
    )?;
    Ok(())
}

/// The first entries of a stakeholder: there is none that they could meet.
fn add_relations(
    stakeholder: &str,
    granted: &[(&Relation, Privilege, &Extent)],
    column_names: &[JsonString],
) -> Result<()> {
    bulk::insert(
        c"granted_privilege",
        [
            c"stakeholder",
            c"object_kind",
            c"schema_name",
            c"relation_name",
            c"whole",
            c"column_names",
            c"privilege",
            c"arguments",
        ],
        granted.iter().zip(column_names).map(|((relation, privilege, extent), column_names)| {
            [
                Value::Text(stakeholder),
                Value::Text("relation"),
                Value::Name(&relation.schema),
                Value::Name(&relation.name),
                Value::Bool(extent.whole),
                Value::Json(&column_names.0),
                Value::Text(privilege.as_str()),
                Value::Text(""),
            ]
        }),
    )?;
    let numbers: Vec<Vec<i16>> = granted.iter().map(|(.., extent)| extent.columns.iter().copied().collect()).collect();
    bulk::insert(
        c"granted_privilege_cache",
        [
            c"stakeholder",
            c"class_oid",
            c"object_oid",
            c"schema_name",
            c"relation_name",
            c"whole",
            c"attribute_numbers",
            c"column_names",
            c"privilege",
            c"object_kind",
            c"arguments",
        ],
        granted.iter().zip(column_names).zip(&numbers).map(
            |(((relation, privilege, extent), column_names), numbers)| {
                [
                    Value::Text(stakeholder),
                    Value::Oid(pg_sys::RelationRelationId),
                    Value::Oid(relation.oid.into()),
                    Value::Name(&relation.schema),
                    Value::Name(&relation.name),
                    Value::Bool(extent.whole),
                    Value::Int2s(numbers),
                    Value::Text(&column_names.0),
                    Value::Text(privilege.as_str()),
                    Value::Text("relation"),
                    Value::Text(""),
                ]
            },
        ),
    )
}

/// The literal of an int2 array.
fn numbers(columns: &BTreeSet<i16>) -> String {
    let numbers: Vec<String> = columns.iter().map(i16::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// Forgets what was granted on relations that are gone, or that are written anew.
///
/// # Errors
/// XX000
pub fn forget_relations(stakeholder: Option<&str>, oids: Vec<pg_sys::Oid>) -> Result<()> {
    let gone = spi::returning(
        "DELETE FROM integratedb.granted_privilege_cache
         WHERE (stakeholder = $1 OR $1 IS NULL)
           AND class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_oid = ANY ($2)
           AND object_kind = 'relation'
         RETURNING stakeholder, schema_name::text, relation_name::text",
        &[bind(stakeholder), bind(oids)],
        |row| Ok((row.need::<String>(1)?, row.need::<String>(2)?, row.need::<String>(3)?)),
    )?;
    if gone.is_empty() {
        return Ok(());
    }
    // A relation that has taken the name of another one keeps the entry.
    let relations = gone.iter().map(|(_, _, relation)| relation.clone()).collect::<Vec<_>>();
    let taken: HashSet<(String, String, String)> = spi::query(
        "SELECT stakeholder, schema_name::text, relation_name::text FROM integratedb.granted_privilege_cache
         WHERE class_oid = 'pg_catalog.pg_class'::pg_catalog.regclass AND object_kind = 'relation'
           AND relation_name = ANY ($1::name[])",
        &[bind(relations)],
        |row| Ok((row.need(1)?, row.need(2)?, row.need(3)?)),
    )?
    .into_iter()
    .collect();
    let gone = gone.into_iter().filter(|entry| !taken.contains(entry));
    let (stakeholders, names): (Vec<String>, Vec<(String, String)>) =
        gone.map(|(stakeholder, schema, relation)| (stakeholder, (schema, relation))).unzip();
    let (schemas, relations): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    spi::execute(
        "DELETE FROM integratedb.granted_privilege g
         USING unnest($1, $2::name[], $3::name[]) AS gone (stakeholder, schema_name, relation_name)
         WHERE g.stakeholder = gone.stakeholder AND g.object_kind = 'relation'
           AND g.schema_name = gone.schema_name AND g.relation_name = gone.relation_name",
        &[bind(stakeholders), bind(schemas), bind(relations)],
    )
}

/// An object that is no relation, and on which one privilege was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedObject {
    /// `schema`, `function`, `sequence` or `type`.
    pub kind: String,
    /// Its OID.
    pub oid: pg_sys::Oid,
    /// Schema: of a schema, itself.
    pub schema: String,
    /// Name; empty for a schema.
    pub name: String,
    /// Of a function, the types of its arguments.
    pub arguments: String,
}

/// The catalog in which objects of a kind stand.
fn class_of(kind: &str) -> pg_sys::Oid {
    match kind {
        "schema" => pg_sys::NamespaceRelationId,
        "function" => pg_sys::ProcedureRelationId,
        "type" => pg_sys::TypeRelationId,
        _ => pg_sys::RelationRelationId,
    }
}

/// The objects that are no relations and on which a stakeholder was granted something.
///
/// # Errors
/// XX000
pub fn objects(stakeholder: &str) -> Result<Vec<GrantedObject>> {
    spi::query(
        "SELECT object_kind, object_oid, schema_name::text, relation_name::text, arguments
         FROM integratedb.granted_privilege_cache WHERE stakeholder = $1 AND object_kind <> 'relation'",
        &[bind(stakeholder)],
        |row| {
            Ok(GrantedObject {
                kind: row.need(1)?,
                oid: row.need(2)?,
                schema: row.need(3)?,
                name: row.need(4)?,
                arguments: row.need(5)?,
            })
        },
    )
}

/// Records a grant on an object.
///
/// # Errors
/// XX000
pub fn add_object(stakeholder: &str, object: &GrantedObject) -> Result<()> {
    remove_object(stakeholder, object)?;
    let privilege = acl::privilege_on(&object.kind).as_str();
    spi::execute(
        "INSERT INTO integratedb.granted_privilege
                (stakeholder, object_kind, schema_name, relation_name, whole, privilege, arguments)
         VALUES ($1, $2, $3::name, $4::name, true, $5, $6) ON CONFLICT DO NOTHING",
        &[
            bind(stakeholder),
            bind(object.kind.as_str()),
            bind(object.schema.as_str()),
            bind(object.name.as_str()),
            bind(privilege),
            bind(object.arguments.as_str()),
        ],
    )?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege_cache
                (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers, privilege,
                 object_kind, arguments)
         VALUES ($1, $2, $3, $4::name, $5::name, true, '{}', $6, $7, $8)
         ON CONFLICT DO NOTHING",
        &[
            bind(stakeholder),
            bind(class_of(&object.kind)),
            bind(object.oid),
            bind(object.schema.as_str()),
            bind(object.name.as_str()),
            bind(privilege),
            bind(object.kind.as_str()),
            bind(object.arguments.as_str()),
        ],
    )
}

/// Whether anything is recorded on an object; without SQL, because most often there is nothing.
fn is_recorded(stakeholder: &str, object: &GrantedObject) -> Result<bool> {
    let mut found = false;
    let keys = [(CLASS_OID, class_of(&object.kind)), (OBJECT_OID as i16, object.oid)];
    let [class, oid] = keys.map(|(attribute, oid)| key(attribute, pg_sys::F_OIDEQ, oid.into()));
    let scan = open_cache()?;
    scan.find(&mut [text_key(STAKEHOLDER, stakeholder), class, oid], |_| {
        found = true;
        false
    });
    scan.close();
    Ok(found)
}

/// Forgets a grant on an object.
///
/// # Errors
/// XX000
pub fn remove_object(stakeholder: &str, object: &GrantedObject) -> Result<()> {
    if !is_recorded(stakeholder, object)? {
        return Ok(());
    }
    spi::execute(
        "WITH gone AS (
            DELETE FROM integratedb.granted_privilege_cache
            WHERE stakeholder = $1 AND class_oid = $2 AND object_oid = $3 AND object_kind = $4
            RETURNING stakeholder, object_kind, schema_name, relation_name, privilege, arguments)
         DELETE FROM integratedb.granted_privilege g USING gone
         WHERE g.stakeholder = gone.stakeholder AND g.object_kind = gone.object_kind AND g.schema_name = gone.schema_name
           AND g.relation_name = gone.relation_name AND g.privilege = gone.privilege AND g.arguments = gone.arguments",
        &[bind(stakeholder), bind(class_of(&object.kind)), bind(object.oid), bind(object.kind.as_str())],
    )
}

/// Makes the cache again from the names, after a restore: the ledger is dumped, its OIDs and numbers are not.
///
/// # Errors
/// XX000
pub fn rebuild_cache() -> Result<()> {
    spi::execute("DELETE FROM integratedb.granted_privilege_cache", &[])?;
    spi::execute(
        "INSERT INTO integratedb.granted_privilege_cache
                (stakeholder, class_oid, object_oid, schema_name, relation_name, whole, attribute_numbers, column_names,
                 privilege, object_kind, arguments)
         SELECT g.stakeholder, 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, g.schema_name, '', true, '{}', '[]',
                g.privilege, g.object_kind, ''
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         WHERE g.object_kind = 'schema'
         UNION ALL
         SELECT g.stakeholder, 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, g.schema_name, g.relation_name, g.whole,
                ARRAY(SELECT a.attnum FROM pg_catalog.json_array_elements_text(g.column_names) AS x (name)
                      JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = c.oid AND a.attname = x.name::name AND a.attnum > 0 AND NOT a.attisdropped),
                g.column_names::text, g.privilege, g.object_kind, ''
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.relation_name
         WHERE g.object_kind IN ('relation', 'sequence')
         UNION ALL
         SELECT g.stakeholder, 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, g.schema_name, g.relation_name, true, '{}',
                '[]', g.privilege, g.object_kind, ''
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         JOIN pg_catalog.pg_type t ON t.typnamespace = n.oid AND t.typname = g.relation_name
         WHERE g.object_kind = 'type'
         ON CONFLICT DO NOTHING",
        &[],
    )?;
    // Which function it is the types of its arguments say, in our own writing of them.
    let functions = spi::query(
        "SELECT g.stakeholder, n.oid, g.schema_name::text, g.relation_name::text, g.arguments
         FROM integratedb.granted_privilege g
         JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
         WHERE g.object_kind = 'function'",
        &[],
        |row| {
            let namespace: pg_sys::Oid = row.need(2)?;
            Ok((
                row.need::<String>(1)?,
                namespace,
                row.need::<String>(3)?,
                row.need::<String>(4)?,
                row.need::<String>(5)?,
            ))
        },
    )?;
    for (stakeholder, namespace, schema, name, arguments) in functions {
        let found = catalog::functions_named(namespace, &schema, &name)?;
        if let Some(function) = found.into_iter().find(|function| function.identity_arguments == arguments) {
            let kind = "function".to_owned();
            add_object(&stakeholder, &GrantedObject { kind, oid: function.oid.into(), schema, name, arguments })?;
        }
    }
    Ok(())
}

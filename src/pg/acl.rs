//! The one place that grants and revokes: through the server's own routine, without SQL text.

use std::ffi::{CStr, CString};

use integratedb_claim::catalog::Relation;
use integratedb_claim::name::Name;
use integratedb_claim::privilege::{Change, Extent, Privilege};
use pgrx::{PgBox, pg_sys};

use super::catalog;
use super::error::{Error, Result};
use super::held::Held;
use super::ledger::GrantedObject;
use super::subtransaction::{Caught, attempt};
use super::{security, session};

/// A stakeholder's role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Name.
    pub name: String,
    /// OID.
    pub oid: pg_sys::Oid,
}

/// On what a privilege is.
enum Target<'a> {
    Relations(&'a [&'a Relation]),
    Columns(&'a Relation, Vec<Name>),
    Schema(&'a str),
    Object(&'a GrantedObject),
    Routines(&'a str),
    Database,
}

/// Makes the changes on relations: all grants or none; a revoke that fails is said and passed over.
///
/// # Errors
/// 42501 when a grant did not take effect; the server's ERROR otherwise.
pub fn apply(role: &Role, changes: &mut [(&Relation, Change)]) -> Result<()> {
    let touched: usize = changes.iter().map(|(_, change)| change.catalog_rows()).sum();
    let _held = (touched > MANY).then(Held::for_grants);
    // All at once, as each attempt is a subtransaction; one by one only where something stands in the way.
    if with_retry(|| revoke_all(role, changes)).is_err() {
        for (relation, change) in changes.iter_mut() {
            revoke_relation(role, relation, change);
        }
    }
    let changes = &*changes;
    with_retry(|| {
        for privilege in Privilege::ON_RELATION {
            let of = |change: &Change| change.grant.get(privilege).cloned().unwrap_or_default();
            let is_whole = |(_, change): &&(&Relation, Change)| change.grant.get(privilege).is_some_and(|e| e.whole);
            let whole: Vec<&Relation> = changes.iter().filter(is_whole).map(|(relation, _)| *relation).collect();
            for some in whole.chunks(AT_ONCE) {
                execute(true, role, &Target::Relations(some), privilege, false);
            }
            for (relation, change) in changes {
                let granted = of(change).columns.into_iter().map(|number| (number, false));
                let again = change.restore.iter().filter(|(restored, ..)| *restored == privilege);
                let again = again.map(|(_, number, grantable)| (*number, *grantable));
                let (plain, grantable): (Vec<_>, Vec<_>) = granted.chain(again).partition(|(_, grantable)| !grantable);
                for (columns, grant_option) in [(plain, false), (grantable, true)] {
                    let names = column_names(relation, columns.iter().map(|(number, _)| *number));
                    if !names.is_empty() {
                        execute(true, role, &Target::Columns(relation, names), privilege, grant_option);
                    }
                }
            }
        }
    })
    .map_err(|caught| cannot_grant(role, "a privilege on a relation", &caught))?;
    // A superuser grants as the owner of the object (select_best_grantor in acl.c), which cannot fall short.
    if security::is_superuser(security::current_user()) {
        return Ok(());
    }
    changes.iter().try_for_each(|(relation, change)| verify(role, relation, change))
}

fn revoke_all(role: &Role, changes: &[(&Relation, Change)]) {
    for privilege in Privilege::ON_RELATION {
        let is_whole = |(_, change): &&(&Relation, Change)| change.revoke.get(privilege).is_some_and(|e| e.whole);
        let whole: Vec<&Relation> = changes.iter().filter(is_whole).map(|(relation, _)| *relation).collect();
        for some in whole.chunks(AT_ONCE) {
            execute(false, role, &Target::Relations(some), privilege, false);
        }
        for (relation, change) in changes {
            let columns = change.revoke.get(privilege).into_iter().flat_map(|extent| extent.columns.iter().copied());
            let names = column_names(relation, columns);
            if !names.is_empty() {
                execute(false, role, &Target::Columns(relation, names), privilege, false);
            }
        }
    }
}

/// What could not be revoked stays in the ledger, and is tried again at the next occasion.
fn revoke_relation(role: &Role, relation: &Relation, change: &mut Change) {
    let path = integratedb_claim::path::display_relation(&relation.schema, &relation.name);
    for (privilege, extent) in change.revoke.clone().iter() {
        let mut revoked = extent.clone();
        let mut kept = change.ledger.get(privilege).cloned().unwrap_or_default();
        if extent.whole && !revoke(role, &Target::Relations(&[relation]), privilege, &path) {
            revoked.whole = false;
            kept.whole = true;
        }
        let names = column_names(relation, extent.columns.iter().copied());
        if !names.is_empty() && try_revoke(role, &Target::Columns(relation, names), privilege).is_err() {
            // One that was granted onward does not hold up the others.
            for number in std::mem::take(&mut revoked.columns) {
                let name = column_names(relation, std::iter::once(number));
                let what = format!("column {} of {path}", name.join(""));
                if name.is_empty() || revoke(role, &Target::Columns(relation, name), privilege, &what) {
                    revoked.columns.insert(number);
                } else {
                    kept.columns.insert(number);
                }
            }
        }
        change.revoke.set(privilege, revoked);
        change.ledger.set(privilege, kept);
    }
}

/// Grants USAGE on a schema, sequence or type, or EXECUTE on a function.
///
/// # Errors
/// As [`apply`].
pub fn grant_object(role: &Role, object: &GrantedObject) -> Result<()> {
    let privilege = privilege_on(&object.kind);
    with_retry(|| execute(true, role, &Target::Object(object), privilege, false))
        .map_err(|caught| cannot_grant(role, privilege.as_str(), &caught))
}

/// Revokes it; a failure is a WARNING. Tells whether it is revoked.
pub fn revoke_object(role: &Role, object: &GrantedObject) -> bool {
    let what = match object.name.as_str() {
        "" => object.schema.clone(),
        name => format!("{} {}", object.kind, integratedb_claim::path::display_relation(&object.schema, name)),
    };
    revoke(role, &Target::Object(object), privilege_on(&object.kind), &what)
}

/// The privilege that is granted on objects of a kind other than relations.
pub fn privilege_on(kind: &str) -> Privilege {
    if kind == "function" { Privilege::Execute } else { Privilege::Usage }
}

/// Grants all privileges on the stakeholder's own schema.
///
/// # Errors
/// As [`apply`].
pub fn grant_own_schema(role: &Role, schema: &str) -> Result<()> {
    with_retry(|| {
        for privilege in [c"usage", c"create"] {
            execute_word(true, role, &Target::Schema(schema), privilege, false);
        }
    })
    .map_err(|caught| cannot_grant(role, "ALL", &caught))
}

/// Revokes what [`grant_own_schema`] granted; a failure is a WARNING.
pub fn revoke_own_schema(role: &Role, schema: &str) {
    for privilege in [c"usage", c"create"] {
        revoke_word(role, &Target::Schema(schema), privilege, schema);
    }
}

/// Grants EXECUTE on all functions and procedures of a schema.
///
/// # Errors
/// As [`apply`].
pub fn grant_routines(role: &Role, schema: &str) -> Result<()> {
    with_retry(|| execute_word(true, role, &Target::Routines(schema), c"execute", false))
        .map_err(|caught| cannot_grant(role, "EXECUTE", &caught))
}

/// Revokes what [`grant_routines`] granted; a failure is a WARNING.
pub fn revoke_routines(role: &Role, schema: &str) {
    revoke_word(role, &Target::Routines(schema), c"execute", &format!("the functions of {schema}"));
}

/// Grants CONNECT on the current database.
///
/// # Errors
/// As [`apply`].
pub fn grant_connect(role: &Role) -> Result<()> {
    with_retry(|| execute_word(true, role, &Target::Database, c"connect", false))
        .map_err(|caught| cannot_grant(role, "CONNECT", &caught))
}

/// Revokes CONNECT on the current database; a failure is a WARNING.
pub fn revoke_connect(role: &Role) {
    revoke_word(role, &Target::Database, c"connect", "the database");
}

/// Reads the ACLs again: one scan a relation costs less than a look-up a column.
fn verify(role: &Role, relation: &Relation, change: &Change) -> Result<()> {
    let on_columns = change.grant.iter().any(|(_, extent)| !extent.columns.is_empty());
    let held = catalog::granted_to(role.oid, relation.oid.into(), on_columns);
    let nothing = Extent::default();
    for (privilege, granted) in change.grant.iter() {
        let held = held.get(privilege).unwrap_or(&nothing);
        if (held.whole || !granted.whole) && granted.columns.is_subset(&held.columns) {
            continue;
        }
        let privilege = privilege.as_str();
        return Err(Error::wrong_state(
            format!("{privilege} on {}.{} could not be granted to \"{}\"", relation.schema, relation.name, role.name),
            "The grant was made and the role still lacks it.",
            "The owner of the extension must be a superuser: see \\dx+ integratedb.",
        ));
    }
    Ok(())
}

fn cannot_grant(role: &Role, privilege: &str, caught: &Caught) -> Error {
    Error::wrong_state(
        format!("{privilege} could not be granted to \"{}\": {}", role.name, caught.message),
        caught.detail.clone().unwrap_or_else(|| "The server refused the grant.".to_owned()),
        caught.hint.clone().unwrap_or_else(|| "Check that the owner of the extension is a superuser.".to_owned()),
    )
}

fn try_revoke(role: &Role, target: &Target, privilege: Privilege) -> std::result::Result<(), Caught> {
    with_retry(|| execute(false, role, target, privilege, false))
}

fn revoke(role: &Role, target: &Target, privilege: Privilege, what: &str) -> bool {
    revoke_word(role, target, &word(privilege), what)
}

fn revoke_word(role: &Role, target: &Target, privilege: &CStr, what: &str) -> bool {
    let result = with_retry(|| execute_word(false, role, target, privilege, false));
    let revoked = result.is_ok();
    if let Err(caught) = result {
        Error::wrong_state(
            format!(
                "could not revoke {} on {what} from \"{}\": {}",
                privilege.to_string_lossy().to_uppercase(),
                role.name,
                caught.message
            ),
            caught.detail.unwrap_or_else(|| "The server refused the REVOKE.".to_owned()),
            "The role has granted it onward: revoke that, then SELECT integratedb.sync().",
        )
        .warn();
    }
    revoked
}

/// A privilege as the server's own GRANT names it.
fn word(privilege: Privilege) -> CString {
    CString::new(privilege.word()).unwrap_or_default()
}

/// So often a grant is tried that meets another session's. Its commit is seen in the rows before it is told to the caches.
const TRIES: u32 = 10;

/// Another session may update the same catalog row; the server's answer to that is an ERROR, not a wait.
fn with_retry(work: impl Fn()) -> std::result::Result<(), Caught> {
    let attempt_once = || attempt(std::panic::AssertUnwindSafe(&work));
    // SAFETY: only sets a flag of the running event trigger, if there is one: our grants are not part of its command.
    unsafe { pg_sys::EventTriggerInhibitCommandCollection() };
    let mut result = attempt_once();
    for tried in 1..TRIES {
        if !result.as_ref().is_err_and(|caught| caught.message.starts_with("tuple concurrently")) {
            break;
        }
        // SAFETY: a wait of 1 to 256 milliseconds.
        unsafe { pg_sys::pg_usleep(1000 << (tried - 1)) };
        session::accept_invalidations();
        pgrx::check_for_interrupts!();
        result = attempt_once();
    }
    // SAFETY: as above.
    unsafe { pg_sys::EventTriggerUndoInhibitCommandCollection() };
    result
}

fn column_names(relation: &Relation, numbers: impl Iterator<Item = i16>) -> Vec<Name> {
    numbers
        .filter_map(|number| relation.columns.iter().find(|column| column.number == number))
        .map(|column| column.name.clone())
        .collect()
}

fn execute(is_grant: bool, role: &Role, target: &Target, privilege: Privilege, grant_option: bool) {
    execute_word(is_grant, role, target, &word(privilege), grant_option);
}

/// Relations in one GRANT: what it does to one is freed, and told to the caches, only when it is done with all.
const AT_ONCE: usize = 20;

/// So many rows of the catalogs are changed before it pays to hold the locks on these.
const MANY: usize = 20;

/// Of so many columns of a relation one is looked up for less than all of them.
const FEW: usize = 4;

/// One GRANT or REVOKE as a parse tree, in memory of its own: a thousand of them would leave as much behind as the server
/// leaves in a thousand statements, which it frees one by one.
fn execute_word(is_grant: bool, role: &Role, target: &Target, privilege: &CStr, grant_option: bool) {
    // SAFETY: every node is palloc'd here with its own tag, every text is copied into palloc'd memory. On an ERROR the
    // context goes with its parent, and the current one is put back by whoever catches it.
    unsafe {
        let context = pg_sys::AllocSetContextCreateInternal(
            pg_sys::CurrentMemoryContext,
            c"integratedb grant".as_ptr(),
            pg_sys::ALLOCSET_DEFAULT_MINSIZE as pg_sys::Size,
            pg_sys::ALLOCSET_DEFAULT_INITSIZE as pg_sys::Size,
            pg_sys::ALLOCSET_DEFAULT_MAXSIZE as pg_sys::Size,
        );
        let before = pg_sys::MemoryContextSwitchTo(context);
        let mut statement = PgBox::<pg_sys::GrantStmt>::alloc_node(pg_sys::NodeTag::T_GrantStmt);
        let mut access = PgBox::<pg_sys::AccessPriv>::alloc_node(pg_sys::NodeTag::T_AccessPriv);
        let mut grantee = PgBox::<pg_sys::RoleSpec>::alloc_node(pg_sys::NodeTag::T_RoleSpec);
        access.priv_name = pg_sys::pstrdup(privilege.as_ptr());
        grantee.roletype = pg_sys::RoleSpecType::ROLESPEC_CSTRING;
        grantee.rolename = copy(&role.name);
        let mut objects = std::ptr::null_mut();
        statement.targtype = pg_sys::GrantTargetType::ACL_TARGET_OBJECT;
        match target {
            Target::Relations(relations) => {
                for relation in *relations {
                    objects = pg_sys::lappend(objects, range_var(relation).cast());
                }
                statement.objtype = pg_sys::ObjectType::OBJECT_TABLE;
            }
            Target::Columns(relation, names) => {
                if names.len() * FEW >= relation.columns.len() {
                    catalog::cache_columns(relation.oid.into());
                }
                objects = pg_sys::lappend(objects, range_var(relation).cast());
                for name in names {
                    access.cols = pg_sys::lappend(access.cols, pg_sys::makeString(copy(name)).cast());
                }
                statement.objtype = pg_sys::ObjectType::OBJECT_TABLE;
            }
            Target::Schema(schema) => {
                objects = pg_sys::lappend(objects, pg_sys::makeString(copy(schema)).cast());
                statement.objtype = pg_sys::ObjectType::OBJECT_SCHEMA;
            }
            Target::Routines(schema) => {
                objects = pg_sys::lappend(objects, pg_sys::makeString(copy(schema)).cast());
                statement.targtype = pg_sys::GrantTargetType::ACL_TARGET_ALL_IN_SCHEMA;
                statement.objtype = pg_sys::ObjectType::OBJECT_ROUTINE;
            }
            Target::Object(object) => {
                let (kind, name) = object_node(object);
                statement.objtype = kind;
                objects = pg_sys::lappend(objects, name);
            }
            Target::Database => {
                let name = pg_sys::get_database_name(pg_sys::MyDatabaseId);
                objects = pg_sys::lappend(objects, pg_sys::makeString(name).cast());
                statement.objtype = pg_sys::ObjectType::OBJECT_DATABASE;
            }
        }
        statement.is_grant = is_grant;
        statement.objects = objects;
        statement.privileges = pg_sys::lappend(std::ptr::null_mut(), access.into_pg().cast());
        statement.grantees = pg_sys::lappend(std::ptr::null_mut(), grantee.into_pg().cast());
        statement.grant_option = grant_option;
        statement.behavior = pg_sys::DropBehavior::DROP_RESTRICT;
        pg_sys::ExecuteGrantStmt(statement.into_pg());
        pg_sys::CommandCounterIncrement();
        pg_sys::MemoryContextSwitchTo(before);
        pg_sys::MemoryContextDelete(context);
    }
}

/// An object as GRANT names it: its kind, and the node of its name.
///
/// # Safety
/// Allocates in the current memory context, which must outlive the use.
unsafe fn object_node(object: &GrantedObject) -> (pg_sys::ObjectType::Type, *mut std::ffi::c_void) {
    // SAFETY: as promised by the caller; every text is copied into palloc'd memory.
    unsafe {
        let part = |text: &str| pg_sys::makeString(copy(text));
        let qualified = || {
            let names = pg_sys::lappend(std::ptr::null_mut(), part(&object.schema).cast());
            pg_sys::lappend(names, part(&object.name).cast())
        };
        match object.kind.as_str() {
            "schema" => (pg_sys::ObjectType::OBJECT_SCHEMA, part(&object.schema).cast()),
            "sequence" => {
                let name = pg_sys::makeRangeVar(copy(&object.schema), copy(&object.name), -1);
                (pg_sys::ObjectType::OBJECT_SEQUENCE, name.cast())
            }
            "type" => (pg_sys::ObjectType::OBJECT_TYPE, qualified().cast()),
            _ => {
                let mut named = PgBox::<pg_sys::ObjectWithArgs>::alloc_node(pg_sys::NodeTag::T_ObjectWithArgs);
                named.objname = qualified();
                for argument in catalog::argument_types(object.oid) {
                    named.objargs = pg_sys::lappend(named.objargs, pg_sys::makeTypeNameFromOid(argument, -1).cast());
                }
                // ROUTINE: a function, an aggregate or a procedure.
                (pg_sys::ObjectType::OBJECT_ROUTINE, named.into_pg().cast())
            }
        }
    }
}

/// # Safety
/// Allocates in the current memory context, which must outlive the use.
unsafe fn range_var(relation: &Relation) -> *mut pg_sys::RangeVar {
    // SAFETY: as promised by the caller.
    unsafe { pg_sys::makeRangeVar(copy(&relation.schema), copy(&relation.name), -1) }
}

/// # Safety
/// Allocates in the current memory context, which must outlive the use.
pub(super) unsafe fn copy(text: &str) -> *mut std::ffi::c_char {
    let text = CString::new(text).unwrap_or_default();
    // SAFETY: as promised by the caller.
    unsafe { pg_sys::pstrdup(text.as_ptr()) }
}

/// The role's attributes that matter to the engine, for [`integratedb_claim::privilege::Reader`].
pub fn bypasses_row_security(role: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up.
    security::is_superuser(role) || unsafe { pg_sys::has_bypassrls_privilege(role) }
}

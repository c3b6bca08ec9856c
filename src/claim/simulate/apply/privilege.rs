//! GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, and what new objects are granted.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::resolve::{Name, identifier, known_name};
use super::{function, ownership, role, type_name};
use crate::catalog::Grant;
use crate::privilege::{Privilege, PrivilegeSet};
use crate::simulate::world::{DefaultPrivilege, World};

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::Grant(node) => {
            let Some(objects) = node.on_privilege_objects_clause().and_then(|clause| clause.privilege_objects()) else {
                return role::grant(cx, node);
            };
            let option = matches!(node.grant_with_clause(), Some(clause) if clause.grant_option().is_some());
            let change = Change { grants: true, option, cascade: false };
            on_objects(cx, &objects, node.privileges(), node.role_ref_list(), change)
        }
        Stmt::Revoke(node) => {
            let Some(objects) = node.on_privilege_objects_clause().and_then(|clause| clause.privilege_objects()) else {
                return Refusal::unknown("which roles are left to a role after REVOKE cannot be told");
            };
            let option = matches!(node.revoke_option_for(), Some(ast::RevokeOptionFor::GrantOptionFor(_)));
            let cascade = matches!(node.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            let change = Change { grants: false, option, cascade };
            on_objects(cx, &objects, node.privileges(), node.role_ref_list(), change)
        }
        Stmt::AlterDefaultPrivileges(node) => alter_defaults(cx, node),
        Stmt::DropOwned(node) => ownership::drop_owned(cx, node),
        Stmt::Reassign(node) => ownership::reassign(cx, node),
        _ => role::apply(cx, statement),
    }
}

#[derive(Clone, Copy)]
struct Change {
    grants: bool,
    /// WITH GRANT OPTION, GRANT OPTION FOR.
    option: bool,
    cascade: bool,
}

fn set(privileges: &[Privilege]) -> PrivilegeSet {
    privileges.iter().copied().collect()
}

/// All privileges of a kind of object, as far as a claim can ask for them. `kind` as in `pg_default_acl`.
fn all_of(kind: char) -> PrivilegeSet {
    match kind {
        'r' => set(&Privilege::ON_RELATION),
        'S' => set(&[Privilege::Select, Privilege::Update, Privilege::Usage]),
        'f' => set(&[Privilege::Execute]),
        _ => set(&[Privilege::Usage]),
    }
}

/// `acldefault`: what an object is granted whose access control list is NULL.
fn server_default(kind: char, owner: u32) -> Vec<Grant> {
    let entry = |grantee| Grant { grantee, grantor: owner, privileges: all_of(kind), grantable: PrivilegeSet::NONE };
    match kind {
        'f' | 'T' => vec![entry(0), entry(owner)],
        _ => vec![entry(owner)],
    }
}

/// How a world shows an access control list that is NULL.
fn shown_default(kind: char, owner: u32) -> Vec<Grant> {
    let mut acl = server_default(kind, owner);
    acl.retain(|grant| grant.grantee == 0);
    acl
}

/// What ALTER DEFAULT PRIVILEGES grants on a new object of the user's: `kind` as in `pg_default_acl`, and the server's own
/// defaults where they are not empty (types, functions).
pub(super) fn initial(world: &World, kind: char, schema: u32) -> Vec<Grant> {
    initial_for(world, kind, schema, world.user)
}

/// The same for an owner (`get_user_default_acl` in PostgreSQL's aclchk.c).
pub(super) fn initial_for(world: &World, kind: char, schema: u32, owner: u32) -> Vec<Grant> {
    let entry = |schema| {
        let mut known = world.default_privileges.iter();
        known.find(|known| known.role == owner && known.kind == kind && known.schema == schema)
    };
    // What is temporary has no schema of its own here.
    let in_schema = if schema == 0 { None } else { entry(schema) };
    let global = entry(0);
    if in_schema.is_none() && global.is_none() {
        return shown_default(kind, owner);
    }
    let mut acl = global.map_or_else(|| server_default(kind, owner), |global| global.acl.clone());
    for grant in in_schema.iter().flat_map(|known| &known.acl) {
        merge(&mut acl, *grant);
    }
    if is_same(&acl, &server_default(kind, owner)) { shown_default(kind, owner) } else { acl }
}

fn is_same(left: &[Grant], right: &[Grant]) -> bool {
    left.len() == right.len() && left.iter().all(|grant| right.contains(grant))
}

fn merge(acl: &mut Vec<Grant>, new: Grant) {
    match acl.iter_mut().find(|known| (known.grantee, known.grantor) == (new.grantee, new.grantor)) {
        Some(known) => {
            known.privileges = known.privileges.iter().chain(new.privileges.iter()).collect();
            known.grantable = known.grantable.iter().chain(new.grantable.iter()).collect();
        }
        None => acl.push(new),
    }
}

fn without(from: PrivilegeSet, what: PrivilegeSet) -> PrivilegeSet {
    from.iter().filter(|privilege| !what.contains(*privilege)).collect()
}

fn common(left: PrivilegeSet, right: PrivilegeSet) -> PrivilegeSet {
    left.iter().filter(|privilege| right.contains(*privilege)).collect()
}

/// Changes an access control list for some grantees (`aclupdate`).
fn update(
    acl: &mut Vec<Grant>,
    owner: u32,
    grantor: u32,
    grantees: &[u32],
    privileges: PrivilegeSet,
    change: Change,
) -> Result<(), Refusal> {
    for grantee in grantees {
        if change.grants {
            if privileges.is_empty() {
                continue;
            }
            let grantable = if change.option { privileges } else { PrivilegeSet::NONE };
            merge(acl, Grant { grantee: *grantee, grantor, privileges, grantable });
        } else {
            revoke(acl, owner, (*grantee, grantor), privileges, change)?;
        }
    }
    Ok(())
}

/// What others were granted by who loses the right to grant goes too, with CASCADE (`recursive_revoke`).
fn revoke(
    acl: &mut Vec<Grant>,
    owner: u32,
    (grantee, grantor): (u32, u32),
    privileges: PrivilegeSet,
    change: Change,
) -> Result<(), Refusal> {
    let Some(at) = acl.iter().position(|grant| (grant.grantee, grant.grantor) == (grantee, grantor)) else {
        return Ok(());
    };
    let old = acl[at];
    let lost_option = common(old.grantable, privileges);
    acl[at].grantable = without(old.grantable, privileges);
    if !change.option {
        acl[at].privileges = without(old.privileges, privileges);
    }
    if acl[at].privileges.is_empty() {
        acl.remove(at);
    }
    if grantee == owner || lost_option.is_empty() {
        return Ok(());
    }
    let still: PrivilegeSet =
        acl.iter().filter(|grant| grant.grantee == grantee).flat_map(|grant| grant.grantable.iter()).collect();
    let lost = without(lost_option, still);
    let dependents: Vec<u32> = acl
        .iter()
        .filter(|grant| grant.grantor == grantee && !common(grant.privileges, lost).is_empty())
        .map(|grant| grant.grantee)
        .collect();
    for dependent in dependents {
        if !change.cascade {
            return Refusal::fails("dependent privileges exist");
        }
        revoke(acl, owner, (dependent, grantee), lost, Change { option: false, ..change })?;
    }
    Ok(())
}

/// A privilege, and the columns that it is on; none for the whole.
struct Wanted {
    privileges: PrivilegeSet,
    columns: Vec<String>,
}

fn wanted(privileges: Option<ast::Privileges>, kind: char) -> Result<Vec<Wanted>, Refusal> {
    let columns = |list: Option<ast::ColumnRefList>| -> Vec<String> {
        let names = list.into_iter().flat_map(|list| list.column_name_refs());
        names.map(|name| identifier(name.syntax())).collect()
    };
    match privileges {
        Some(ast::Privileges::AllPrivileges(all)) => {
            let columns = columns(all.column_ref_list());
            let all = all_of(kind);
            let of_columns = all.iter().filter(|privilege| privilege.is_of_columns()).collect();
            Ok(vec![Wanted { privileges: if columns.is_empty() { all } else { of_columns }, columns }])
        }
        Some(ast::Privileges::RevokeCommandList(list)) => {
            let mut wanted = Vec::new();
            for command in list.revoke_commands() {
                let text = command.syntax().text().to_string().to_ascii_lowercase();
                let word = text.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
                let columns = columns(command.column_ref_list());
                let privileges = match (word, Privilege::from_word(word)) {
                    ("all", _) => all_of(kind),
                    (_, Some(privilege)) => set(&[privilege]),
                    // No claim can ask for these.
                    (
                        "truncate" | "trigger" | "create" | "connect" | "temporary" | "temp" | "maintain" | "alter"
                        | "set",
                        None,
                    ) => {
                        continue;
                    }
                    _ => return Refusal::fails(format!("unrecognized privilege type \"{word}\"")),
                };
                // SELECT on a function, for one.
                let allowed = match kind {
                    'r' => set(&[Privilege::Usage]),
                    _ => PrivilegeSet::NONE,
                };
                let known: PrivilegeSet = all_of(kind).iter().chain(allowed.iter()).collect();
                if !without(privileges, known).is_empty() {
                    return Refusal::fails(format!(
                        "invalid privilege type {} for this kind of object",
                        word.to_uppercase()
                    ));
                }
                wanted.push(Wanted { privileges, columns });
            }
            Ok(wanted)
        }
        None => Refusal::unknown("privileges are missing"),
    }
}

fn grantees(cx: &Context, list: Option<ast::RoleRefList>) -> Result<Vec<u32>, Refusal> {
    list.into_iter()
        .flat_map(|list| list.role_refs())
        .map(|role| match role.role_ref_value() {
            Some(ast::RoleRefValue::RoleNameRef(name)) if identifier(name.syntax()) == "public" => Ok(0),
            _ => cx.role(Some(role)),
        })
        .collect()
}

/// Who counts as the grantor: the owner, for all who may act as it (`select_best_grantor`).
fn grantor(cx: &Context, owner: u32, acl: &[Grant], wanted: PrivilegeSet) -> Result<u32, Refusal> {
    let world = cx.world();
    let Some(user) = world.roles.get(&world.user) else { return Refusal::unknown("who runs it is not known") };
    if user.superuser || world.user == owner || user.inherits.contains(&owner) {
        return Ok(owner);
    }
    let granted: PrivilegeSet =
        acl.iter().filter(|grant| grant.grantee == world.user).flat_map(|grant| grant.grantable.iter()).collect();
    if !wanted.is_empty() && without(wanted, granted).is_empty() {
        return Ok(world.user);
    }
    Refusal::unknown("which privileges its grantor may grant cannot be told")
}

fn on_objects(
    cx: &mut Context,
    objects: &ast::PrivilegeObjects,
    privileges: Option<ast::Privileges>,
    roles: Option<ast::RoleRefList>,
    change: Change,
) -> Result<(), Refusal> {
    use ast::PrivilegeObjects as On;
    let grantees = grantees(cx, roles)?;
    if change.grants && change.option && grantees.contains(&0) {
        return Refusal::fails("grant options can only be granted to roles");
    }
    if !change.grants {
        // What a claim needs is granted to its stakeholder's own role: who has it through another one loses nothing.
        cx.effect.touched.revoked.extend(grantees.iter().copied().filter(|grantee| *grantee != 0));
    }
    let relations = |cx: &Context, names: Vec<Option<ast::PathRef>>| -> Result<Vec<u32>, Refusal> {
        names.into_iter().map(|name| cx.relation_of(&known_name(name)?)).collect()
    };
    let in_schemas = |cx: &Context, schemas: Vec<ast::SchemaRef>| -> Result<Vec<u32>, Refusal> {
        schemas.into_iter().map(|schema| cx.schema(&identifier(schema.syntax()))).collect()
    };
    match objects {
        On::PrivilegeDefault(list) => {
            let found = relations(cx, list.relation_name_refs().map(|name| name.path_ref()).collect())?;
            on_relations(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeTable(list) => {
            let found = relations(cx, list.relation_name_refs().map(|name| name.path_ref()).collect())?;
            on_relations(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeSequence(list) => {
            let found = relations(cx, list.sequence_refs().map(|name| name.path_ref()).collect())?;
            if let Some(other) = found.iter().find(|oid| cx.relation(**oid).kind != 'S') {
                return Refusal::fails(format!("\"{}\" is not a sequence", cx.relation(*other).name));
            }
            on_relations(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeAllTablesInSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            let found = relations_in(cx, &schemas, &['r', 'v', 'm', 'f', 'p']);
            on_relations(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeAllSequencesInSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            let found = relations_in(cx, &schemas, &['S']);
            on_relations(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeAllFunctionsInSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            on_functions(cx, &functions_in(cx, &schemas, &['f', 'a', 'w']), privileges, &grantees, change)
        }
        On::PrivilegeAllProceduresInSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            on_functions(cx, &functions_in(cx, &schemas, &['p']), privileges, &grantees, change)
        }
        On::PrivilegeAllRoutinesInSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            on_functions(cx, &functions_in(cx, &schemas, &['f', 'a', 'w', 'p']), privileges, &grantees, change)
        }
        On::PrivilegeFunction(list) => {
            let signatures = list.function_sig_list().into_iter().flat_map(|list| list.function_sigs());
            let signatures =
                signatures.map(|one| (one.function_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            let found = named_functions(cx, signatures.collect(), &['f', 'a', 'w'])?;
            on_functions(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeProcedure(list) => {
            let signatures = list.procedure_sig_list().into_iter().flat_map(|list| list.procedure_sigs());
            let signatures =
                signatures.map(|one| (one.procedure_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            let found = named_functions(cx, signatures.collect(), &['p'])?;
            on_functions(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeRoutine(list) => {
            let signatures = list.routine_sig_list().into_iter().flat_map(|list| list.routine_sigs());
            let signatures =
                signatures.map(|one| (one.routine_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            let found = named_functions(cx, signatures.collect(), &['f', 'a', 'w', 'p'])?;
            on_functions(cx, &found, privileges, &grantees, change)
        }
        On::PrivilegeSchema(list) => {
            let schemas = in_schemas(cx, list.schema_refs().collect())?;
            on_schemas(cx, &schemas, privileges, &grantees, change)
        }
        On::PrivilegeType(list) => {
            let names = list.type_name_refs().map(|name| name.path_ref()).collect();
            on_types(cx, names, privileges, &grantees, change)
        }
        On::PrivilegeDomain(list) => {
            let names = list.domain_refs().map(|name| name.path_ref()).collect();
            on_types(cx, names, privileges, &grantees, change)
        }
        // No claim rests on these.
        On::PrivilegeDatabase(_)
        | On::PrivilegeForeignDataWrapper(_)
        | On::PrivilegeForeignServer(_)
        | On::PrivilegeLanguage(_)
        | On::PrivilegeLargeObject(_)
        | On::PrivilegeParameter(_)
        | On::PrivilegeTablespace(_) => Ok(()),
        On::PrivilegePropertyGraph(_) => Refusal::unknown("privileges on property graphs are not simulated"),
    }
}

fn relations_in(cx: &Context, schemas: &[u32], kinds: &[char]) -> Vec<u32> {
    let found = schemas.iter().flat_map(|schema| cx.world().relations_in(*schema));
    found.filter(|oid| kinds.contains(&cx.relation(*oid).kind)).collect()
}

fn functions_in(cx: &Context, schemas: &[u32], kinds: &[char]) -> Vec<u32> {
    let found = schemas.iter().flat_map(|schema| cx.world().functions_in(*schema));
    found.filter(|oid| kinds.contains(&cx.world().functions[oid].kind)).collect()
}

fn named_functions(
    cx: &Context,
    signatures: Vec<(Option<ast::PathRef>, Option<ast::ParamList>)>,
    kinds: &[char],
) -> Result<Vec<u32>, Refusal> {
    let find = |(name, parameters)| {
        let name: Name = known_name(name)?;
        function::find(cx, &name, parameters, kinds)
    };
    signatures.into_iter().map(find).collect()
}

/// An access control list that is about to change is no longer NULL.
fn written(acl: &mut Vec<Grant>, kind: char, owner: u32) {
    if is_same(acl, &shown_default(kind, owner)) {
        *acl = server_default(kind, owner);
    }
}

/// One that says what NULL says stays as it is; one that was not touched, too.
fn on_relations(
    cx: &mut Context,
    relations: &[u32],
    privileges: Option<ast::Privileges>,
    grantees: &[u32],
    change: Change,
) -> Result<(), Refusal> {
    for oid in relations {
        let relation = cx.relation(*oid).clone();
        let kind = match relation.kind {
            'S' => 'S',
            'i' | 'I' => return Refusal::fails(format!("\"{}\" is an index", relation.name)),
            'c' => return Refusal::fails(format!("\"{}\" is a composite type", relation.name)),
            _ => 'r',
        };
        let mut acl = relation.acl.clone();
        let mut columns = relation.columns.clone();
        for wanted in wanted(privileges.clone(), kind)? {
            let grantor = grantor(cx, relation.owner, &relation.acl, wanted.privileges)?;
            let mut named = BTreeSet::new();
            for name in &wanted.columns {
                named.insert(cx.column(*oid, name)?);
            }
            let whole = named.is_empty();
            if whole {
                written(&mut acl, kind, relation.owner);
                update(&mut acl, relation.owner, grantor, grantees, wanted.privileges, change)?;
            }
            // What is taken from the whole is taken from each column.
            if !whole || !change.grants {
                let of_columns: PrivilegeSet =
                    wanted.privileges.iter().filter(|privilege| privilege.is_of_columns()).collect();
                if !whole && of_columns != wanted.privileges {
                    return Refusal::fails("invalid privilege type for column");
                }
                for column in columns.iter_mut().filter(|column| whole || named.contains(&column.number)) {
                    update(&mut column.acl, relation.owner, grantor, grantees, of_columns, change)?;
                }
            }
        }
        cx.change_relation(*oid, |relation| {
            relation.acl = acl;
            relation.columns = columns;
        });
    }
    Ok(())
}

fn on_functions(
    cx: &mut Context,
    functions: &[u32],
    privileges: Option<ast::Privileges>,
    grantees: &[u32],
    change: Change,
) -> Result<(), Refusal> {
    for oid in functions {
        let mut function = (*cx.world().functions[oid]).clone();
        let (owner, kind) = (function.owner, 'f');
        on_list(cx, &mut function.acl, owner, kind, privileges.clone(), grantees, change)?;
        cx.set_function(*oid, Some(function));
    }
    Ok(())
}

fn on_schemas(
    cx: &mut Context,
    schemas: &[u32],
    privileges: Option<ast::Privileges>,
    grantees: &[u32],
    change: Change,
) -> Result<(), Refusal> {
    for oid in schemas {
        let Some(mut schema) = cx.world().schemas.get(oid).cloned() else { continue };
        let owner = schema.owner;
        on_list(cx, &mut schema.acl, owner, 'n', privileges.clone(), grantees, change)?;
        cx.set_schema(*oid, Some(schema));
    }
    Ok(())
}

fn on_types(
    cx: &mut Context,
    names: Vec<Option<ast::PathRef>>,
    privileges: Option<ast::Privileges>,
    grantees: &[u32],
    change: Change,
) -> Result<(), Refusal> {
    for name in names {
        let oid = type_name::find(cx, &known_name(name)?)?;
        let found = cx.world().types[&oid].clone();
        let mut acl = found.acl;
        on_list(cx, &mut acl, found.owner, 'T', privileges.clone(), grantees, change)?;
        cx.change_type(oid, |r#type| r#type.acl = acl);
    }
    Ok(())
}

fn on_list(
    cx: &Context,
    acl: &mut Vec<Grant>,
    owner: u32,
    kind: char,
    privileges: Option<ast::Privileges>,
    grantees: &[u32],
    change: Change,
) -> Result<(), Refusal> {
    for wanted in wanted(privileges, kind)? {
        if !wanted.columns.is_empty() {
            return Refusal::fails("column privileges are only valid for relations");
        }
        let grantor = grantor(cx, owner, acl, wanted.privileges)?;
        written(acl, kind, owner);
        update(acl, owner, grantor, grantees, wanted.privileges, change)?;
    }
    Ok(())
}

/// ALTER DEFAULT PRIVILEGES.
fn alter_defaults(cx: &mut Context, node: &ast::AlterDefaultPrivileges) -> Result<(), Refusal> {
    let roles: Vec<u32> = match node.for_roles().and_then(|roles| roles.role_ref_list()) {
        Some(list) => list.role_refs().map(|role| cx.role(Some(role))).collect::<Result<_, _>>()?,
        None => vec![cx.world().user],
    };
    let schemas: Vec<u32> = match node.in_schemas() {
        Some(list) => {
            let names = list.schema_refs().map(|schema| identifier(schema.syntax()));
            names.map(|name| cx.schema(&name)).collect::<Result<_, _>>()?
        }
        None => vec![0],
    };
    let (privileges, target, to, change) = match node.action() {
        Some(ast::AlterDefaultPrivilegesAction::GrantDefaultPrivileges(action)) => {
            let option = matches!(action.grant_with_clause(), Some(clause) if clause.grant_option().is_some());
            let change = Change { grants: true, option, cascade: false };
            (action.privileges(), action.privilege_target(), action.role_ref_list(), change)
        }
        Some(ast::AlterDefaultPrivilegesAction::RevokeDefaultPrivileges(action)) => {
            let option = action.grant_option_for().is_some();
            let cascade = matches!(action.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            let change = Change { grants: false, option, cascade };
            (action.privileges(), action.privilege_target(), action.role_ref_list(), change)
        }
        None => return Refusal::unknown("ALTER DEFAULT PRIVILEGES that says nothing"),
    };
    let kind = match target {
        Some(ast::PrivilegeTarget::PrivilegeTargetTables(_)) => 'r',
        Some(ast::PrivilegeTarget::PrivilegeTargetSequences(_)) => 'S',
        Some(ast::PrivilegeTarget::PrivilegeTargetFunctions(_) | ast::PrivilegeTarget::PrivilegeTargetRoutines(_)) => {
            'f'
        }
        Some(ast::PrivilegeTarget::PrivilegeTargetTypes(_)) => 'T',
        Some(ast::PrivilegeTarget::PrivilegeTargetSchemas(_)) if schemas != [0] => {
            return Refusal::fails("cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
        }
        Some(ast::PrivilegeTarget::PrivilegeTargetSchemas(_)) => 'n',
        Some(ast::PrivilegeTarget::PrivilegeTargetLargeObjects(_)) => return Ok(()),
        None => return Refusal::unknown("ALTER DEFAULT PRIVILEGES that says nothing"),
    };
    let grantees = grantees(cx, to)?;
    let wanted = wanted(privileges, kind)?;
    for role in roles {
        for schema in &schemas {
            let known = cx.world().default_privileges.iter();
            let known = known.into_iter().find(|known| (known.role, known.schema, known.kind) == (role, *schema, kind));
            let default = if *schema == 0 { server_default(kind, role) } else { Vec::new() };
            let mut acl = known.map_or_else(|| default.clone(), |known| known.acl.clone());
            for wanted in &wanted {
                update(&mut acl, role, role, &grantees, wanted.privileges, change)?;
            }
            let schema = *schema;
            cx.change_default_privileges(|all| {
                all.retain(|known| (known.role, known.schema, known.kind) != (role, schema, kind));
                // What says no more than the server's own defaults is not kept.
                if !is_same(&acl, &default) {
                    all.push(DefaultPrivilege { role, schema, kind, acl });
                }
            });
        }
    }
    Ok(())
}

/// Takes a role out of an access control list, as grantee; what it granted on goes with it (DROP OWNED).
pub(super) fn forget(acl: &mut Vec<Grant>, owner: u32, role: u32) {
    if role == owner {
        return;
    }
    let change = Change { grants: false, option: false, cascade: true };
    let entries: Vec<Grant> = acl.iter().filter(|grant| grant.grantee == role).copied().collect();
    for grant in entries {
        // With CASCADE nothing is refused.
        let _ = revoke(acl, owner, (role, grant.grantor), grant.privileges, change);
    }
}

#[cfg(test)]
mod tests;

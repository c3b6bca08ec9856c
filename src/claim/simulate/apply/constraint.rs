//! Constraints of tables, as they are written, and CHECK.

use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal, relation_object};
use super::expression::{self, Uses};
use super::index::{IndexDefinition, Key};
use super::resolve::{Name, identifier, known_name};
use super::{foreign_key, key};
use crate::simulate::world::{Class, Constraint, Object, Relation};

/// A constraint that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its name, if one is given.
    pub(super) name: Option<String>,
    /// What it is.
    pub(super) kind: Kind,
    /// NOT VALID, or NOT ENFORCED.
    pub(super) not_valid: bool,
    /// DEFERRABLE.
    pub(super) deferrable: bool,
    /// NO INHERIT.
    pub(super) no_inherit: bool,
}

/// What a constraint is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// CHECK.
    Check(ast::Expr),
    /// NOT NULL, of the column.
    NotNull(String),
    /// PRIMARY KEY, UNIQUE: columns, and those of INCLUDE.
    Key { primary: bool, columns: Vec<String>, include: Vec<String>, temporal: bool },
    /// PRIMARY KEY, UNIQUE, with an index that is there.
    UsingIndex { primary: bool, index: Name },
    /// EXCLUDE.
    Exclusion(ast::ExcludeConstraint),
    /// FOREIGN KEY; without columns it is to the primary key.
    ForeignKey { columns: Vec<String>, table: Name, referenced: Vec<String> },
}

fn column_names(names: impl Iterator<Item = ast::ColumnNameRef>) -> Vec<String> {
    names.map(|name| identifier(name.syntax())).collect()
}

fn include(clause: Option<ast::ConstraintIncludeClause>) -> Vec<String> {
    let list = clause.and_then(|clause| clause.column_ref_list());
    list.map(|list| column_names(list.column_name_refs())).unwrap_or_default()
}

/// What a node asks for; `None` for what is no constraint of the catalogs: NULL, DEFAULT, GENERATED. `column` is the column
/// that it is written at.
pub(super) fn wanted(node: &ast::Constraint, column: Option<&str>) -> Result<Option<Wanted>, Refusal> {
    let own = || column.map(str::to_owned).into_iter().collect::<Vec<String>>();
    let key = |primary, parameters: Option<ast::IndexParameters>, index: Option<ast::UsingIndexName>| {
        if let Some(index) = index {
            let index = known_name(index.index_ref().and_then(|index| index.path_ref()))?;
            return Ok(Kind::UsingIndex { primary, index });
        }
        let list = parameters.as_ref().and_then(|parameters| parameters.column_list());
        Ok(Kind::Key {
            primary,
            temporal: list.as_ref().is_some_and(|list| list.without_overlaps().is_some()),
            columns: list.map_or_else(own, |list| column_names(list.column_name_refs())),
            include: include(parameters.and_then(|parameters| parameters.constraint_include_clause())),
        })
    };
    let kind = match node {
        ast::Constraint::CheckConstraint(node) => match node.expr() {
            Some(expression) => Kind::Check(expression),
            None => return Refusal::unknown("a CHECK without an expression"),
        },
        ast::Constraint::NotNullConstraint(node) => {
            let named = node.column_name_ref().map(|name| identifier(name.syntax()));
            match named.or_else(|| column.map(str::to_owned)) {
                Some(column) => Kind::NotNull(column),
                None => return Refusal::unknown("a NOT NULL without a column"),
            }
        }
        ast::Constraint::PrimaryKeyConstraint(node) => key(true, node.index_parameters(), node.using_index())?,
        ast::Constraint::UniqueConstraint(node) => key(false, node.index_parameters(), node.using_index())?,
        ast::Constraint::ExcludeConstraint(node) => Kind::Exclusion(node.clone()),
        ast::Constraint::ReferencesConstraint(node) => Kind::ForeignKey {
            columns: own(),
            table: known_name(node.table().and_then(|table| table.path_ref()))?,
            referenced: column_names(node.column().into_iter()),
        },
        ast::Constraint::ForeignKeyConstraint(node) => {
            // The first list is its own columns, and so is the only one.
            let lists: Vec<Vec<String>> = node
                .syntax()
                .children()
                .filter_map(ast::ForeignKeyColumnList::cast)
                .map(|list| column_names(list.column_name_refs()))
                .collect();
            Kind::ForeignKey {
                columns: lists.first().cloned().unwrap_or_default(),
                table: known_name(node.table_name_ref().and_then(|table| table.path_ref()))?,
                referenced: lists.get(1).cloned().unwrap_or_default(),
            }
        }
        ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_)
        | ast::Constraint::NullConstraint(_) => return Ok(None),
    };
    let mut wanted = Wanted {
        name: node.constraint_name().map(|name| identifier(name.syntax())),
        kind,
        not_valid: false,
        deferrable: false,
        no_inherit: false,
    };
    for option in node.constraint_options() {
        match option {
            ast::ConstraintOption::NotValid(_) | ast::ConstraintOption::NotEnforced(_) => wanted.not_valid = true,
            ast::ConstraintOption::NoInherit(_) => wanted.no_inherit = true,
            ast::ConstraintOption::DeferrableConstraintOption(_)
            | ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => wanted.deferrable = true,
            ast::ConstraintOption::NotDeferrableConstraintOption(_)
            | ast::ConstraintOption::InitiallyImmediateConstraintOption(_)
            | ast::ConstraintOption::Enforced(_)
            | ast::ConstraintOption::Inherit(_) => {}
        }
    }
    Ok(Some(wanted))
}

/// What is common to all constraints that are added to one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Adding {
    /// To the children, too.
    pub(super) recurse: bool,
    /// The table is new and has no rows to check.
    pub(super) empty: bool,
}

/// Adds a constraint to a table.
pub(super) fn add(cx: &mut Context, table: u32, wanted: &Wanted, adding: Adding) -> Result<(), Refusal> {
    match &wanted.kind {
        Kind::Check(expression) => add_check(cx, table, wanted, expression, adding),
        Kind::NotNull(column) => {
            let number = cx.column(table, column)?;
            super::not_null::set(cx, table, number, wanted.name.as_deref(), adding)
        }
        Kind::Key { primary, columns, include, temporal } => {
            if *temporal {
                return Refusal::unknown("WITHOUT OVERLAPS is not simulated");
            }
            key::add(cx, table, wanted, *primary, columns, include, adding)
        }
        Kind::UsingIndex { primary, index } => key::use_index(cx, table, wanted, *primary, index, adding),
        Kind::Exclusion(node) => {
            let definition = exclusion(cx, table, wanted, node)?;
            key::add_with_index(cx, table, 'x', definition, adding)
        }
        Kind::ForeignKey { columns, table: referenced, referenced: to } => {
            foreign_key::add(cx, table, wanted, columns, referenced, to, adding)
        }
    }
}

/// The constraint of a table that has this name.
pub(super) fn named(cx: &Context, table: u32, name: &str) -> Option<u32> {
    let world = cx.world();
    world.constraints_of(table).into_iter().find(|oid| world.constraints[oid].name == name)
}

/// Refuses a name that the table has a constraint of already.
pub(super) fn refuse_taken(cx: &Context, table: u32, name: &str) -> Result<(), Refusal> {
    match named(cx, table, name) {
        Some(_) => {
            let table = &cx.relation(table).name;
            Refusal::fails(format!("constraint \"{name}\" for relation \"{table}\" already exists"))
        }
        None => Ok(()),
    }
}

/// The name of a CHECK that has none: `table_column_check` if it is about one column.
fn check_name(cx: &Context, relation: &Relation, uses: &Uses, others: &[String]) -> String {
    let column = match uses.columns.iter().collect::<Vec<_>>()[..] {
        [number] => relation.columns.iter().find(|column| column.number == *number).map(|column| column.name.as_str()),
        _ => None,
    };
    cx.choose_constraint_name(relation.schema, &relation.name, column, "check", others)
}

fn add_check(
    cx: &mut Context,
    table: u32,
    wanted: &Wanted,
    expression: &ast::Expr,
    adding: Adding,
) -> Result<(), Refusal> {
    let relation = cx.relation(table).clone();
    let uses = expression::uses(cx, &relation.name, &relation.columns, expression)?;
    let name = match &wanted.name {
        Some(name) => name.clone(),
        None => check_name(cx, &relation, &uses, &[]),
    };
    if wanted.no_inherit && relation.kind == 'p' {
        return Refusal::fails(format!("cannot add NO INHERIT constraint to partitioned table \"{}\"", relation.name));
    }
    match named(cx, table, &name) {
        // What a parent has given already becomes its own as well.
        Some(known) if inherited_check(cx, known) => cx.change_constraint(known, |known| known.local = true),
        Some(_) => refuse_taken(cx, table, &name)?,
        None => {
            let constraint = Constraint {
                name: name.clone(),
                kind: 'c',
                relation: table,
                domain: 0,
                validated: !wanted.not_valid || adding.empty,
                columns: uses.columns.iter().copied().collect(),
                references: 0,
                referenced: Vec::new(),
                index: 0,
                parent: 0,
                local: true,
                inherited: 0,
                no_inherit: wanted.no_inherit,
                checks_not_null: expression::not_null_test(&relation.columns, expression),
            };
            let constraint = cx.add_constraint(constraint);
            depend(cx, Object { class: Class::Constraint, oid: constraint, column: 0 }, &uses);
        }
    }
    if !wanted.not_valid && !adding.empty {
        cx.effect.scans.insert(table);
    }
    let Some(constraint) = named(cx, table, &name) else { return Ok(()) };
    if !wanted.no_inherit {
        let children = cx.world().children(table);
        if !children.is_empty() && !adding.recurse {
            return Refusal::fails("constraint must be added to child tables too");
        }
        for child in children {
            inherit_check(cx, constraint, child, adding)?;
        }
    }
    Ok(())
}

fn inherited_check(cx: &Context, constraint: u32) -> bool {
    let constraint = &cx.world().constraints[&constraint];
    constraint.kind == 'c' && constraint.inherited > 0 && !constraint.local
}

/// Gives a child, and its children, a CHECK of the parent's; if it has one of that name, they become one.
pub(super) fn inherit_check(cx: &mut Context, parent: u32, child: u32, adding: Adding) -> Result<(), Refusal> {
    let found = cx.world().constraints[&parent].clone();
    cx.lock(child, crate::simulate::effect::LockMode::AccessExclusive);
    match named(cx, child, &found.name) {
        Some(known) => {
            let known_constraint = &cx.world().constraints[&known];
            if known_constraint.kind != 'c' {
                return refuse_taken(cx, child, &found.name);
            }
            if known_constraint.no_inherit {
                let child = &cx.relation(child).name;
                return Refusal::fails(format!(
                    "constraint \"{}\" conflicts with non-inherited constraint on relation \"{child}\"",
                    found.name
                ));
            }
            let partition = cx.relation(child).partition;
            cx.change_constraint(known, |known| {
                known.inherited += 1;
                known.local &= !partition;
            });
            return Ok(());
        }
        None => {
            let columns = map_columns(cx, found.relation, child, &found.columns)?;
            let null =
                found.checks_not_null.map(|column| map_columns(cx, found.relation, child, &[column])).transpose()?;
            let constraint = Constraint {
                relation: child,
                columns,
                checks_not_null: null.and_then(|columns| columns.first().copied()),
                local: false,
                inherited: 1,
                ..found.clone()
            };
            let constraint = cx.add_constraint(constraint);
            copy_dependencies(cx, Class::Constraint, parent, constraint);
            if found.validated && !adding.empty {
                cx.effect.scans.insert(child);
            }
            for grandchild in cx.world().children(child) {
                inherit_check(cx, constraint, grandchild, adding)?;
            }
        }
    }
    Ok(())
}

/// The numbers that columns of one table have in another, by name.
pub(super) fn map_columns(cx: &Context, from: u32, to: u32, columns: &[i16]) -> Result<Vec<i16>, Refusal> {
    let from = cx.relation(from);
    let name = |number: &i16| from.columns.iter().find(|column| column.number == *number);
    columns.iter().map(|number| name(number).map_or(Ok(0), |column| cx.column(to, &column.name))).collect()
}

/// That an object rests on what an expression uses.
pub(super) fn depend(cx: &mut Context, dependent: Object, uses: &Uses) {
    for object in &uses.objects {
        cx.depend(dependent, *object, false);
    }
}

/// What one constraint, index or default rests on, a copy of it does, too.
pub(super) fn copy_dependencies(cx: &mut Context, class: Class, from: u32, to: u32) {
    for dependency in cx.world().dependencies_of(class, from) {
        let dependent = Object { oid: to, ..dependency.dependent };
        cx.depend(dependent, dependency.on, dependency.automatic);
    }
}

fn exclusion(
    cx: &Context,
    table: u32,
    wanted: &Wanted,
    node: &ast::ExcludeConstraint,
) -> Result<IndexDefinition, Refusal> {
    let relation = cx.relation(table).clone();
    let mut definition = IndexDefinition::new(wanted.name.clone());
    let list = node.constraint_exclusion_list();
    for element in list.iter().flat_map(|list| list.constraint_exclusions()) {
        match element.expr() {
            Some(expression) => definition.keys.push(Key::new(cx, &relation, &expression, &mut definition.uses)?),
            None => return Refusal::unknown("an exclusion constraint of this form is not simulated"),
        }
    }
    for name in include(node.constraint_include_clause()) {
        definition.include.push((cx.column(table, &name)?, name));
    }
    if let Some(predicate) = node.where_condition_clause().and_then(|clause| clause.expr()) {
        definition.partial = true;
        definition.predicate(cx, &relation, &predicate)?;
    }
    definition.immediate = !wanted.deferrable;
    Ok(definition)
}

/// ALTER TABLE ... DROP CONSTRAINT.
pub(super) fn drop(
    cx: &mut Context,
    table: u32,
    name: &str,
    if_exists: bool,
    cascade: bool,
    recurse: bool,
) -> Result<(), Refusal> {
    let Some(oid) = named(cx, table, name) else {
        let relation = &cx.relation(table).name;
        let what = format!("constraint \"{name}\" of relation \"{relation}\" does not exist");
        if if_exists {
            cx.notice(format!("{what}, skipping"));
            return Ok(());
        }
        return Refusal::fails(what);
    };
    let constraint = cx.world().constraints[&oid].clone();
    if constraint.inherited > 0 {
        let relation = &cx.relation(table).name;
        return Refusal::fails(format!("cannot drop inherited constraint \"{name}\" of relation \"{relation}\""));
    }
    let mut targets = vec![Object { class: Class::Constraint, oid, column: 0 }];
    if constraint.kind == 'c' && !constraint.no_inherit {
        if !recurse && cx.relation(table).kind == 'p' && !cx.world().children(table).is_empty() {
            return Refusal::fails("cannot remove constraint from only the partitioned table when partitions exist");
        }
        disinherit(cx, table, name, recurse, &mut targets)?;
    }
    super::drop::remove(cx, &targets, cascade)
}

/// Children let go of a constraint of their parent's: those that have it from elsewhere keep it.
fn disinherit(cx: &mut Context, table: u32, name: &str, recurse: bool, gone: &mut Vec<Object>) -> Result<(), Refusal> {
    for child in cx.world().children(table) {
        let Some(oid) = named(cx, child, name) else { continue };
        cx.lock(child, crate::simulate::effect::LockMode::AccessExclusive);
        let constraint = &cx.world().constraints[&oid];
        if recurse && constraint.inherited <= 1 && !constraint.local {
            gone.push(Object { class: Class::Constraint, oid, column: 0 });
            disinherit(cx, child, name, recurse, gone)?;
        } else {
            cx.change_constraint(oid, |constraint| {
                constraint.inherited -= 1;
                constraint.local |= !recurse;
            });
        }
    }
    Ok(())
}

/// ALTER TABLE ... VALIDATE CONSTRAINT.
pub(super) fn validate(cx: &mut Context, table: u32, name: &str, recurse: bool) -> Result<(), Refusal> {
    use crate::simulate::effect::LockMode;
    let Some(oid) = named(cx, table, name) else {
        let relation = &cx.relation(table).name;
        return Refusal::fails(format!("constraint \"{name}\" of relation \"{relation}\" does not exist"));
    };
    let constraint = cx.world().constraints[&oid].clone();
    if !matches!(constraint.kind, 'c' | 'f' | 'n') {
        return Refusal::fails(format!("constraint \"{name}\" is not a foreign key or check constraint"));
    }
    cx.lock(table, LockMode::ShareUpdateExclusive);
    if constraint.validated {
        return Ok(());
    }
    if constraint.kind == 'f' {
        cx.lock(constraint.references, LockMode::RowShare);
    }
    cx.effect.scans.insert(table);
    if constraint.kind != 'f' && !constraint.no_inherit {
        let children = cx.world().children(table);
        if !children.is_empty() && !recurse {
            return Refusal::fails("constraint must be validated on child tables too");
        }
        for child in children {
            validate(cx, child, name, recurse)?;
        }
    }
    let not_null = constraint.kind == 'n';
    cx.change_constraint(oid, |constraint| constraint.validated = true);
    if not_null {
        cx.change_relation(table, |relation| {
            for column in relation.columns.iter_mut().filter(|column| constraint.columns.contains(&column.number)) {
                column.not_null = true;
            }
        });
    }
    Ok(())
}

/// ALTER TABLE ... RENAME CONSTRAINT.
pub(super) fn rename(cx: &mut Context, table: u32, name: &str, new: &str, recurse: bool) -> Result<(), Refusal> {
    let Some(oid) = named(cx, table, name) else {
        let relation = &cx.relation(table).name;
        return Refusal::fails(format!("constraint \"{name}\" for table \"{relation}\" does not exist"));
    };
    let constraint = cx.world().constraints[&oid].clone();
    if constraint.inherited > 0 {
        return Refusal::fails(format!("cannot rename inherited constraint \"{name}\""));
    }
    rename_down(cx, table, oid, new, recurse)
}

fn rename_down(cx: &mut Context, table: u32, oid: u32, new: &str, recurse: bool) -> Result<(), Refusal> {
    let constraint = cx.world().constraints[&oid].clone();
    if constraint.kind == 'c' && !constraint.no_inherit {
        let children = cx.world().children(table);
        if !children.is_empty() && !recurse {
            let name = &constraint.name;
            return Refusal::fails(format!("inherited constraint \"{name}\" must be renamed in child tables too"));
        }
        for child in children {
            if let Some(inherited) = named(cx, child, &constraint.name) {
                rename_down(cx, child, inherited, new, recurse)?;
            }
        }
    }
    refuse_taken(cx, table, new)?;
    if matches!(constraint.kind, 'p' | 'u' | 'x') && constraint.index != 0 {
        super::rename::refuse_taken_relation(cx, cx.relation(table).schema, new)?;
        cx.change_relation(constraint.index, |index| index.name = new.to_owned());
        cx.touch_relation(relation_object(table).oid);
    }
    cx.change_constraint(oid, |constraint| constraint.name = new.to_owned());
    Ok(())
}

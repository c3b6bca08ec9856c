//! CREATE TABLE, CREATE FOREIGN TABLE.

use squawk_syntax::ast::{self, AstNode, HasCreateTable};

use super::column::{self, Definition};
use super::constraint::{Adding, Kind, Wanted, wanted};
use super::context::{Context, Refusal};
use super::inherit::{self, Inherited};
use super::rename::{blank_relation, create_with_row_type};
use super::resolve::{Name, identifier, known_name, new_name};
use super::{like, not_null, partition, type_name};
use crate::simulate::effect::LockMode;
use crate::simulate::world::{Relation, TypeKind};

/// A new table is empty, and its children are not there yet.
pub(super) const NEW: Adding = Adding { recurse: true, empty: true };

/// What CREATE TABLE and CREATE FOREIGN TABLE have in common.
struct Statement {
    name: Name,
    kind: char,
    if_not_exists: bool,
    persistence: Option<ast::Persistence>,
    arguments: Option<ast::TableArgList>,
    inherits: Option<ast::Inherits>,
    partition_of: Option<ast::PartitionOf>,
    of_type: Option<ast::Type>,
}

/// CREATE TABLE.
pub(super) fn create(cx: &mut Context, node: &ast::CreateTable) -> Result<(), Refusal> {
    let statement = Statement {
        name: new_name(node.table_name().and_then(|name| name.path()))?,
        kind: if node.partition_by().is_some() { 'p' } else { 'r' },
        if_not_exists: node.if_not_exists().is_some(),
        persistence: node.persistence(),
        arguments: node.table_arg_list(),
        inherits: HasCreateTable::inherits(node),
        partition_of: node.partition_of(),
        of_type: node.of_type().and_then(|of| of.ty()),
    };
    statement.apply(cx)
}

/// CREATE FOREIGN TABLE.
pub(super) fn create_foreign(cx: &mut Context, node: &ast::CreateForeignTable) -> Result<(), Refusal> {
    let statement = Statement {
        name: new_name(node.table_name().and_then(|name| name.path()))?,
        kind: 'f',
        if_not_exists: node.if_not_exists().is_some(),
        persistence: None,
        arguments: node.table_arg_list(),
        inherits: HasCreateTable::inherits(node),
        partition_of: node.partition_of(),
        of_type: None,
    };
    statement.apply(cx)
}

/// Where a new relation goes, and whether it is temporary or unlogged; nothing if it is there already and that is allowed.
pub(super) fn place(
    cx: &mut Context,
    name: &Name,
    kind: char,
    if_not_exists: bool,
    persistence: Option<&ast::Persistence>,
) -> Result<Option<Relation>, Refusal> {
    let temporary = matches!(persistence, Some(ast::Persistence::Temp(_)));
    let schema = match &name.schema {
        None if temporary => 0,
        Some(schema) if temporary && schema != "pg_temp" => {
            return Refusal::fails("cannot create temporary relation in non-temporary schema");
        }
        _ => cx.creation_schema(name)?,
    };
    if is_system(cx, schema) {
        return Refusal::fails(format!("permission denied to create \"{}\"", name.display()));
    }
    if cx.world().relation_named(schema, &name.name).is_some() {
        let what = format!("relation \"{}\" already exists", name.name);
        if if_not_exists {
            cx.notice(format!("{what}, skipping"));
            return Ok(None);
        }
        return Refusal::fails(what);
    }
    let mut relation = blank_relation(schema, name.name.clone(), kind, cx.world().user);
    relation.unlogged = matches!(persistence, Some(ast::Persistence::Unlogged(_)));
    Ok(Some(relation))
}

fn is_system(cx: &Context, schema: u32) -> bool {
    cx.world().schemas.get(&schema).is_some_and(|schema| schema.name == "pg_catalog")
}

impl Statement {
    fn apply(&self, cx: &mut Context) -> Result<(), Refusal> {
        let placed = place(cx, &self.name, self.kind, self.if_not_exists, self.persistence.as_ref())?;
        let Some(mut relation) = placed else { return Ok(()) };
        let oid = cx.new_oid();
        let parents = self.parents(cx)?;
        let partition = self.partition_of.is_some();
        relation.parents = parents.clone();
        relation.partition = partition;
        let mut inherited = inherit::columns(cx, &parents, partition)?;
        let mut constraints: Vec<Wanted> = Vec::new();
        let mut likes = Vec::new();
        let mut definitions = self.of_type_columns(cx, &mut relation)?;
        self.arguments(cx, &relation, &mut definitions, &mut constraints, &mut likes)?;
        for definition in &mut definitions {
            constraints.append(&mut definition.constraints);
        }
        inherited.merge(&definitions, partition)?;
        relation.last_number = inherited.columns.last().map_or(0, |column| column.number);
        relation.columns = inherited.columns.clone();
        for definition in &definitions {
            if let Some(name) = &definition.sequence {
                let number = inherited.number(&definition.name);
                let identity = definition.filled.is_identity();
                column::add_sequence(cx, (oid, &relation), (&definition.name, number), name.as_ref(), identity)?;
            }
        }
        create_with_row_type(cx, oid, relation)?;
        self.defaults(cx, oid, &definitions, &inherited)?;
        for column in &inherited.columns {
            if column.not_null {
                let own = definitions.iter().any(|definition| definition.name == column.name && definition.not_null);
                not_null::mark(
                    cx,
                    oid,
                    column.number,
                    not_null_name(&constraints, &column.name),
                    own,
                    column.inherited,
                )?;
            }
        }
        constraints.retain(|wanted| !matches!(&wanted.kind, Kind::NotNull(column) if inherited.is_not_null(column)));
        for parent in &parents {
            partition::inherit_checks(cx, *parent, oid, NEW)?;
        }
        like::after(cx, oid, &likes)?;
        if partition {
            partition::complete(cx, parents[0], oid, NEW)?;
        }
        column::add_constraints(cx, oid, &constraints, NEW)?;
        like::indexes(cx, oid, &likes)
    }

    fn parents(&self, cx: &mut Context) -> Result<Vec<u32>, Refusal> {
        let mut parents = Vec::new();
        let listed = self.inherits.iter().flat_map(|inherits| inherits.table_name_refs());
        for name in listed {
            let name = known_name(name.path_ref())?;
            let parent = cx.relation_of(&name)?;
            match cx.relation(parent).kind {
                'r' | 'f' => {}
                'p' => return Refusal::fails(format!("cannot inherit from partitioned table \"{}\"", name.name)),
                _ => return Refusal::fails(format!("inherited relation \"{}\" is not a table", name.name)),
            }
            if parents.contains(&parent) {
                return Refusal::fails(format!("relation \"{}\" would be inherited from more than once", name.name));
            }
            cx.lock(parent, LockMode::ShareUpdateExclusive);
            parents.push(parent);
        }
        if let Some(of) = &self.partition_of {
            let name = known_name(of.table_name_ref().and_then(|name| name.path_ref()))?;
            let parent = cx.relation_of(&name)?;
            if cx.relation(parent).kind != 'p' {
                return Refusal::fails(format!("\"{}\" is not partitioned", name.name));
            }
            cx.lock(parent, LockMode::AccessExclusive);
            parents.push(parent);
        }
        Ok(parents)
    }

    /// OF type: its attributes are the columns.
    fn of_type_columns(&self, cx: &Context, relation: &mut Relation) -> Result<Vec<Definition>, Refusal> {
        let Some(node) = &self.of_type else { return Ok(Vec::new()) };
        let found = type_name::resolve(cx, node)?;
        let Some(TypeKind::Composite(of)) = cx.world().types.get(&found.oid).map(|found| found.kind.clone()) else {
            return Refusal::fails("the type of a typed table must be a composite type");
        };
        if cx.relation(of).kind != 'c' {
            return Refusal::fails("the type of a typed table must be a stand-alone composite type");
        }
        relation.of_type = found.oid;
        Ok(cx.relation(of).columns.iter().map(like::definition).collect())
    }

    fn arguments(
        &self,
        cx: &mut Context,
        relation: &Relation,
        definitions: &mut Vec<Definition>,
        constraints: &mut Vec<Wanted>,
        likes: &mut Vec<like::Like>,
    ) -> Result<(), Refusal> {
        let options = relation.of_type != 0;
        for argument in self.arguments.iter().flat_map(|list| list.args()) {
            match argument {
                ast::TableArg::Column(node) => {
                    let mut definition = definition(cx, &node)?;
                    constraints.append(&mut definition.constraints);
                    match definitions.iter_mut().find(|known| known.name == definition.name) {
                        Some(known) if options && definition.r#type.is_none() => {
                            known.not_null |= definition.not_null;
                            known.filled = definition.filled;
                            known.expression = definition.expression;
                            known.sequence = definition.sequence;
                        }
                        Some(_) => {
                            let name = &definition.name;
                            return Refusal::fails(format!("column \"{name}\" specified more than once"));
                        }
                        None => definitions.push(definition),
                    }
                }
                ast::TableArg::TableConstraint(node) => {
                    if let Some(node) = ast::Constraint::cast(node.syntax().clone()) {
                        constraints.extend(wanted(&node, None)?);
                    }
                }
                ast::TableArg::LikeClause(node) => {
                    let like = like::before(cx, &node)?;
                    for copied in like.definitions(cx) {
                        if definitions.iter().any(|known| known.name == copied.name) {
                            return Refusal::fails(format!("column \"{}\" specified more than once", copied.name));
                        }
                        definitions.push(copied);
                    }
                    likes.push(like);
                }
            }
        }
        // The columns of a key are NOT NULL from the start.
        for wanted in constraints.iter() {
            let columns: &[String] = match &wanted.kind {
                Kind::Key { primary: true, columns, .. } => columns,
                Kind::NotNull(column) => std::slice::from_ref(column),
                _ => continue,
            };
            for definition in definitions.iter_mut().filter(|known| columns.contains(&known.name)) {
                definition.not_null = true;
            }
        }
        Ok(())
    }

    fn defaults(
        &self,
        cx: &mut Context,
        oid: u32,
        definitions: &[Definition],
        inherited: &Inherited,
    ) -> Result<(), Refusal> {
        for definition in definitions {
            if let Some(expression) = &definition.expression {
                let number = inherited.number(&definition.name);
                column::add_expression(cx, oid, number, definition.filled, expression)?;
            }
        }
        for (number, from) in &inherited.defaults {
            column::copy_default(cx, *from, (oid, *number))?;
        }
        Ok(())
    }
}

fn not_null_name<'a>(constraints: &'a [Wanted], column: &str) -> Option<&'a str> {
    let of_column = |wanted: &&Wanted| matches!(&wanted.kind, Kind::NotNull(of) if of == column);
    constraints.iter().filter(of_column).find_map(|wanted| wanted.name.as_deref())
}

/// A column of CREATE TABLE.
fn definition(cx: &Context, node: &ast::Column) -> Result<Definition, Refusal> {
    let Some(name) = node.name() else { return Refusal::unknown("a column without a name") };
    let mut collate = None;
    let mut constraints = Vec::new();
    for clause in node.clauses() {
        match clause {
            ast::ColumnClause::Collate(clause) => collate = Some(clause),
            ast::ColumnClause::ColumnConstraint(clause) => {
                constraints.extend(ast::Constraint::cast(clause.syntax().clone()));
            }
            ast::ColumnClause::AlterOptionList(_)
            | ast::ColumnClause::CompressionMethod(_)
            | ast::ColumnClause::Storage(_)
            | ast::ColumnClause::WithOptions(_) => {}
        }
    }
    column::define(cx, identifier(name.syntax()), node.ty(), collate, constraints.into_iter())
}

//! CREATE TABLE AS and SELECT INTO: tables whose columns are those of a query.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::context::{Context, Refusal};
use super::mentions;
use super::query;
use super::rename::create_with_row_type;
use super::resolve::{Name, identifier, new_name};
use super::table::place;
use crate::catalog::Filled;
use crate::simulate::effect::LockMode;
use crate::simulate::world::Column;

/// CREATE TABLE AS.
pub(super) fn create(cx: &mut Context, node: &ast::CreateTableAs) -> Result<(), Refusal> {
    let name = new_name(node.table_name().and_then(|name| name.path()))?;
    let names = node.table_arg_list();
    let names: Vec<String> = names
        .iter()
        .flat_map(|list| list.syntax().descendants())
        .filter_map(ast::ColumnName::cast)
        .map(|name| identifier(name.syntax()))
        .collect();
    let query = match node.query() {
        Some(ast::CreateTableAsQuery::SelectVariant(query)) => Some(query),
        Some(ast::CreateTableAsQuery::Execute(_)) | None => None,
    };
    let if_not_exists = node.if_not_exists().is_some();
    let analysis = query.map(|query| query::analyse(cx, &query));
    if !matches!(node.data_option(), Some(ast::DataOption::WithNoData(_))) {
        doubt_calls(cx, node.syntax());
    }
    fill(cx, &name, if_not_exists, node.persistence().as_ref(), &names, analysis)
}

/// The query runs, and what it calls may do anything.
fn doubt_calls(cx: &mut Context, node: &SyntaxNode) {
    if let Some(why) = mentions::of(cx, node).dangerous(cx) {
        cx.effect.doubt(why, []);
    }
}

/// SELECT INTO.
pub(super) fn select_into(cx: &mut Context, node: &ast::SelectInto) -> Result<(), Refusal> {
    let Some(into) = node.into_clause() else { return Refusal::unknown("SELECT INTO without a name") };
    let name = new_name(into.table_name().and_then(|name| name.path()))?;
    let analysis = query::analyse_into(cx, node);
    doubt_calls(cx, node.syntax());
    fill(cx, &name, false, into.persistence().as_ref(), &[], Some(analysis))
}

fn fill(
    cx: &mut Context,
    name: &Name,
    if_not_exists: bool,
    persistence: Option<&ast::Persistence>,
    names: &[String],
    analysis: Option<Result<query::Analysis, Refusal>>,
) -> Result<(), Refusal> {
    let Some(mut relation) = place(cx, name, 'r', if_not_exists, persistence)? else { return Ok(()) };
    match analysis {
        Some(Err(Refusal::Fails(why))) => return Refusal::fails(why),
        Some(Err(Refusal::Unknown(why))) => relation.uncertain = Some(why),
        None => relation.uncertain = Some("the query of EXECUTE was prepared elsewhere".to_owned()),
        Some(Ok(analysis)) => {
            for read in analysis.reads {
                cx.lock(read, LockMode::AccessShare);
            }
            relation.uncertain = analysis.uncertain;
            if names.len() > analysis.columns.len() && relation.uncertain.is_none() {
                return Refusal::fails("too many column names were specified");
            }
            for (position, given) in analysis.columns.into_iter().enumerate() {
                relation.columns.push(Column {
                    number: i16::try_from(position + 1).unwrap_or(i16::MAX),
                    name: names.get(position).cloned().unwrap_or(given.name),
                    r#type: given.r#type.oid,
                    modifier: given.r#type.modifier,
                    not_null: false,
                    filled: Filled::Nothing,
                    collation: given.collation,
                    local: true,
                    inherited: 0,
                    acl: Vec::new(),
                });
            }
        }
    }
    relation.last_number = i16::try_from(relation.columns.len()).unwrap_or(i16::MAX);
    for (position, column) in relation.columns.iter().enumerate() {
        if relation.columns[..position].iter().any(|other| other.name == column.name) {
            return Refusal::fails(format!("column \"{}\" specified more than once", column.name));
        }
    }
    let oid = cx.new_oid();
    create_with_row_type(cx, oid, relation)
}

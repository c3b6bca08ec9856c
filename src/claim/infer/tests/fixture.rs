//! The catalog that the tests are about.

use std::rc::Rc;

use serde_json::Value;

use crate::catalog::{Catalog, Column, Function, Grant, Relation, RelationKind};
use crate::infer::{Inference, infer, parse};
use crate::rules::fixtures;
use crate::types::TypeName;
use crate::validate::fixtures as relations;

const PUBLIC: Grant = Grant {
    grantee: 0,
    grantor: 10,
    privileges: crate::privilege::PrivilegeSet::SELECT,
    grantable: crate::privilege::PrivilegeSet::NONE,
};

fn column(number: i16, name: &str, data_type: &str, not_null: bool) -> Column {
    let mut column = fixtures::column(name, data_type, -1);
    column.number = number;
    column.not_null = not_null;
    column
}

/// `id int8!, note text`: `!` stands for NOT NULL.
fn relation(schema: &str, name: &str, kind: RelationKind, columns: &str) -> Relation {
    let columns = columns.split(", ").filter(|column| !column.is_empty()).zip(1..).map(|(text, number)| {
        let (name, data_type) = text.split_once(' ').expect("a name and a type");
        let not_null = data_type.ends_with('!');
        column(number, name, data_type.trim_end_matches('!'), not_null)
    });
    let mut relation = relations::relation(schema, name, columns.collect());
    relation.kind = kind;
    relation
}

fn function(schema: &str, name: &str, arguments: &str, defaults: usize, variadic: bool) -> Function {
    Function {
        oid: 1,
        schema: schema.to_owned(),
        name: name.to_owned(),
        identity_arguments: arguments.to_owned(),
        arguments: arguments.split(", ").filter(|argument| !argument.is_empty()).count(),
        defaults,
        variadic,
        kind: 'f',
        returns: Rc::new(TypeName::builtin("text")),
        returns_set: false,
        security_definer: false,
        owner: 10,
        argument_types: Vec::new(),
        acl: Vec::new(),
    }
}

pub(super) fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let mut add = |schema, name, kind, columns| catalog.add_relation(Rc::new(relation(schema, name, kind, columns)));
    add("shop", "orders", RelationKind::Table, "id int8!, state text!, total numeric!, note text, tags text");
    add("shop", "stock", RelationKind::Table, "sku text!, quantity int4!, shelf text");
    add("shop", "empty", RelationKind::Table, "");
    add("shop", "Mixed Case", RelationKind::Table, "Id int4!, * text");
    add("shop", "numbers", RelationKind::Other('S'), "last_value int8");
    add("public", "orders", RelationKind::Table, "id int8!, legacy text");
    add("public", "paid", RelationKind::View, "id int8, total numeric");
    for (name, public) in [("pg_class", true), ("pg_authid", false)] {
        let mut relation = relation("pg_catalog", name, RelationKind::Table, "relname name!, rolpassword text");
        if public {
            relation.acl = vec![PUBLIC];
        }
        catalog.add_relation(Rc::new(relation));
    }
    let mut invoker = relation("shop", "invoker", RelationKind::View, "id int8");
    invoker.security_invoker = true;
    catalog.add_relation(Rc::new(invoker));
    let mut temporary = relation("shop", "passing", RelationKind::Table, "id int8");
    temporary.temporary = true;
    catalog.add_relation(Rc::new(temporary));

    for (name, arguments) in [
        ("lower", "text"),
        ("upper", "text"),
        ("count", ""),
        ("count", "\"any\""),
        ("max", "text"),
        ("sum", "bigint"),
        ("now", ""),
        ("row_to_json", "record"),
        ("nextval", "regclass"),
        ("currval", "regclass"),
        ("setval", "regclass, bigint"),
        ("generate_series", "integer, integer"),
        ("unnest", "anyarray"),
    ] {
        catalog.add_function(Rc::new(function("pg_catalog", name, arguments, 0, false)));
    }
    catalog.add_function(Rc::new(function("shop", "label", "text", 0, false)));
    catalog.add_function(Rc::new(function("shop", "label", "bigint", 0, false)));
    catalog.add_function(Rc::new(function("shop", "tax", "numeric, integer", 1, false)));
    catalog.add_function(Rc::new(function("shop", "any_of", "text[]", 0, true)));
    catalog.add_function(Rc::new(function("shop", "rows_of", "text", 0, false)));
    catalog.add_function(Rc::new(function("public", "lower", "public.citext", 0, false)));
    // Hidden by the one in shop, which is before it in the search path.
    catalog.add_function(Rc::new(function("public", "rows_of", "text", 0, false)));
    let mut definer = function("shop", "trusted", "", 0, false);
    definer.security_definer = true;
    catalog.add_function(Rc::new(definer));
    let mut procedure = function("shop", "close_day", "", 0, false);
    procedure.kind = 'p';
    catalog.add_function(Rc::new(procedure));
    catalog
}

pub(super) fn infer_all(queries: &[&str]) -> Inference {
    let queries: Vec<String> = queries.iter().map(|query| (*query).to_owned()).collect();
    infer(&parse(&queries), &["shop".to_owned(), "public".to_owned()], &catalog())
}

/// The matches of a query's document.
pub(super) fn matches(sql: &str) -> Vec<Value> {
    infer_all(&[sql]).document["match"].as_array().cloned().unwrap_or_default()
}

/// What is unresolved in a query.
pub(super) fn unresolved(sql: &str) -> Vec<String> {
    infer_all(&[sql]).unresolved.into_iter().map(|entry| entry.what).collect()
}

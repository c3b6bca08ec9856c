//! Claims on a small world, made by the documents that applications would give.

use serde_json::{Value, json};

use crate::document::Document;
use crate::expand::{Names, expand, fresh_relation};
use crate::simulate::apply::fixture;
use crate::simulate::catalog::Catalogs;
use crate::simulate::input::{Claims, KnownClaim};
use crate::simulate::judge::grants;
use crate::simulate::preview::{Options, preview};
use crate::simulate::row::{Row, Verdict};
use crate::simulate::world::World;
use crate::types::{DeclaredType, TypeName};

struct NoNames;

impl Names for NoNames {
    fn relations(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn schemas(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A world in which a script has been run.
pub fn world(script: &str) -> World {
    let mut world = fixture::world();
    fixture::run(&mut world, script);
    world
}

/// The claims of alice and bob, by their documents' matches, numbered from 1.
pub fn claims(world: &mut World, documents: &[(&str, Value)]) -> Claims {
    world.index();
    let mut claims = Claims::default();
    for (stakeholder, matches) in documents {
        let document = Document::decode(&json!({ "match": matches })).expect("a document of the tests");
        let mut catalogs = Catalogs::new(world, std::iter::empty());
        let integer = DeclaredType { name: TypeName::builtin("int4"), modifier: -1 };
        catalogs.catalog.types.insert("integer".to_owned(), integer);
        for alternative in document.matches.iter().flat_map(|entry| &entry.alternatives) {
            let claimed = fresh_relation(alternative, &catalogs.catalog);
            catalogs.load(world, &claimed);
        }
        let oids: Vec<u32> = world.relations.keys().copied().collect();
        oids.into_iter().for_each(|oid| drop(catalogs.member(world, oid)));
        let all = expand(&document, stakeholder, &catalogs.catalog, None, &NoNames, false).expect("claimable");
        let role = world.roles.iter().find(|(_, role)| role.name == *stakeholder).map(|(oid, _)| *oid);
        for claim in all {
            if let Some(role) = role {
                grants::grant(world, &catalogs.catalog, &claim, role);
            }
            claims.claims.push(KnownClaim {
                id: claims.claims.len() as i64 + 1,
                stakeholder: claim.stakeholder,
                match_number: claim.match_number,
                optional: claim.optional,
                pending: claim.pending,
                derived: claim.derived,
                alternatives: claim.alternatives,
                status: claim.status,
            });
        }
        claims.roles.extend(role.map(|oid| (stakeholder.to_string(), oid)));
    }
    claims
}

/// A preview of a script as one transaction.
pub fn at_once(world: &World, claims: &Claims, script: &str) -> Vec<Row> {
    preview(world.clone(), claims, script, &Options::default()).expect("a script that can be split")
}

/// A preview of a script of which each statement is a transaction, unless it says otherwise.
pub fn one_by_one(world: &World, claims: &Claims, script: &str) -> Vec<Row> {
    let options = Options { single_transaction: false, ..Options::default() };
    preview(world.clone(), claims, script, &options).expect("a script that can be split")
}

/// The verdicts, by their first letters: `s` safe, `u` unknown, `b` breaks.
pub fn verdicts(rows: &[Row]) -> String {
    rows.iter().map(|row| &row.verdict.as_str()[..1]).collect()
}

/// The detail of a row, counted from 1.
pub fn detail(rows: &[Row], number: usize) -> &str {
    rows[number - 1].detail.as_deref().unwrap_or_default()
}

/// What a row breaks: `alice public.orders note column-exists`.
pub fn broken(rows: &[Row], number: usize) -> Vec<String> {
    let row = &rows[number - 1];
    assert_eq!((row.verdict, row.violations.is_empty()), (Verdict::Breaks, false), "{row:?}");
    let shown = row.violations.iter().map(|broken| {
        let column = broken.column.iter().map(|column| format!(" {column}")).collect::<String>();
        format!("{} {}{column} {}", broken.stakeholder, broken.path, broken.rule)
    });
    shown.collect()
}

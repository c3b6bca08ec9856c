//! Catalogs and claims as one JSON value: what `export_catalog()` writes and `integratedb-preview` reads.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::input::Claims;
use super::world::World;

/// The format that is written, and the only one that is read.
pub const FORMAT: u32 = 1;

/// Catalogs and claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    /// [`FORMAT`].
    pub format: u32,
    /// The catalogs.
    pub world: World,
    /// The claims.
    pub claims: Claims,
}

/// Why a text is no export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoExport {
    /// It is no JSON, or of another form: where and how.
    Unreadable(String),
    /// It is of another format.
    Format(u32),
}

impl fmt::Display for NoExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoExport::Unreadable(found) => write!(f, "not what integratedb.export_catalog() writes: {found}"),
            NoExport::Format(found) => {
                write!(
                    f,
                    "format {found}, and this version reads {FORMAT}: export it again with the version that reads it"
                )
            }
        }
    }
}

impl Export {
    /// Of a database as it is.
    pub fn new(world: World, claims: Claims) -> Export {
        Export { format: FORMAT, world, claims }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is no export, or one of another format.
    pub fn decode(text: &str) -> Result<Export, NoExport> {
        // Another format may be of any form: so its number first.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| NoExport::Unreadable(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.format != FORMAT {
            return Err(NoExport::Format(head.format));
        }
        serde_json::from_str(text).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::catalog::{Filled, Grant};
    use crate::privilege::{Privilege, PrivilegeSet};
    use crate::simulate::input::{Deprecated, KnownClaim, Protected};
    use crate::simulate::world::{Class, Column, Dependency, Object, Relation, Role, Schema, Type, TypeKind, Writing};
    use crate::state::{ClaimedRelation, Status};

    fn export() -> Export {
        let select = PrivilegeSet::NONE.with(Privilege::Select);
        let grant = Grant { grantee: 11, grantor: 10, privileges: select, grantable: PrivilegeSet::NONE };
        let mut world = World::default();
        (world.server_version, world.next_oid, world.search_path) = (150_012, 201, vec!["$user".into()]);
        let role = |name: &str| Role {
            name: name.into(),
            superuser: false,
            bypass_row_security: false,
            inherits: [3].into(),
            member_of: [3].into(),
        };
        world.roles = [(10, role("owner")), (11, role("reader"))].into();
        world.schemas = [(20, Schema { name: "app".into(), owner: 10, acl: vec![grant] })].into();
        let domain = TypeKind::Domain { base: 25, modifier: -1, not_null: true, has_default: false };
        let r#type = |kind| Type { schema: 20, name: "t".into(), owner: 10, kind, array: 0, collation: 0, acl: vec![] };
        world.types = [(30, r#type(domain)), (31, r#type(TypeKind::Enum(vec!["a".into(), "b".into()])))].into();
        let column = Column {
            number: 2,
            name: "c\"\n\u{1f600}".into(),
            r#type: 30,
            modifier: -1,
            not_null: true,
            filled: Filled::Identity,
            collation: 100,
            local: true,
            inherited: 0,
            acl: vec![grant],
        };
        let relation = Relation {
            schema: 20,
            name: "orders".into(),
            kind: 'r',
            owner: 10,
            temporary: false,
            unlogged: true,
            row_security: false,
            force_row_security: false,
            security_invoker: false,
            partition: false,
            parents: vec![7, 5],
            row_type: 40,
            of_type: 0,
            columns: vec![column],
            last_number: 2,
            index: None,
            owned_by: Some((20, 2)),
            identity_sequence: false,
            acl: vec![],
            writing: Some(Writing::Onto { relation: 201, columns: [(1, 2)].into() }),
            uncertain: None,
        };
        world.relations = [(200, Rc::new(relation))].into();
        let object = |class, column| Object { class, oid: 200, column };
        world.dependencies.insert(Dependency {
            dependent: object(Class::Default, 2),
            on: object(Class::Relation, 0),
            automatic: true,
        });
        let claim = KnownClaim {
            id: 1,
            stakeholder: "reader".into(),
            match_number: 0,
            optional: false,
            pending: false,
            derived: true,
            alternatives: vec![ClaimedRelation { schema: "app".into(), ..ClaimedRelation::default() }],
            status: Status::Met,
        };
        let protection = Protected {
            schema: "app".into(),
            relation: "orders".into(),
            whole: false,
            columns: ["ssn".to_owned()].into(),
        };
        let deprecated = Deprecated { schema: "app".into(), relation: "orders".into(), column: None, over: true };
        let claims = Claims {
            claims: vec![claim],
            roles: [("reader".to_owned(), 11)].into(),
            protections: vec![protection],
            deprecated: vec![deprecated],
            ..Claims::default()
        };
        Export::new(world, claims)
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let export = export();
        // As jsonb, which sorts the keys.
        let value = serde_json::to_value(&export).unwrap();
        let read = Export::decode(&value.to_string()).unwrap();
        assert_eq!((read.world, read.claims), (export.world, export.claims));
    }

    #[test]
    fn another_format_is_refused_by_its_number_whatever_its_form() {
        assert_eq!(Export::decode(r#"{"format": 2, "catalogs": []}"#).unwrap_err(), NoExport::Format(2));
    }

    #[test]
    fn what_is_no_export_is_refused() {
        for text in ["", "[]", "{}", r#"{"format": 1}"#, r#"{"format": 1, "world": {"relations": 3}, "claims": {}}"#] {
            assert!(matches!(Export::decode(text), Err(NoExport::Unreadable(_))), "{text}");
        }
    }
}

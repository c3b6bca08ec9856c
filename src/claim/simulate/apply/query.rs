//! What a query gives, and what it rests on.

use std::collections::BTreeSet;

use squawk_syntax::ast;

use super::context::{Context, Refusal};
use super::type_name::TypeUse;
use crate::simulate::world::Object;

/// A column that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputColumn {
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) r#type: TypeUse,
    /// OID of its collation; 0 for none.
    pub(crate) collation: u32,
}

/// What is known of a query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Analysis {
    /// The columns that it gives, in order.
    pub(crate) columns: Vec<OutputColumn>,
    /// Relations, columns, types and functions that it uses: what a view of it depends on.
    pub(crate) uses: BTreeSet<Object>,
    /// Relations that it reads, by OID: views and what is beneath them.
    pub(crate) reads: BTreeSet<u32>,
    /// Why `columns` and `uses` are not sure.
    pub(crate) uncertain: Option<String>,
}

/// Looks at a query.
pub(crate) fn analyse(_: &Context, _: &ast::SelectVariant) -> Result<Analysis, Refusal> {
    Refusal::unknown("a query is not simulated")
}

//! Which statements are understood.

use sqlparser::ast::{FunctionArg, Set, Statement};

use super::function::text_argument;
use super::resolver::Resolver;

impl Resolver<'_> {
    /// One statement of a query.
    pub fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => {
                self.query(query);
            }
            Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Merge(_) => {
                self.modify(statement);
            }
            Statement::Explain { statement, .. } | Statement::Prepare { statement, .. } => self.statement(statement),
            Statement::Declare { stmts } => {
                for declared in stmts {
                    match &declared.for_query {
                        Some(query) => {
                            self.query(query);
                        }
                        None => self.unsupported("declaration"),
                    }
                }
            }
            Statement::Set(set) => self.set(set),
            Statement::Execute { name: Some(name), .. } => self.unresolved(
                format!("EXECUTE {name}"),
                "it runs what was prepared under this name: hand over the query of its PREPARE in its place",
            ),
            // They need no privilege on any object.
            Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ReleaseSavepoint { .. }
            | Statement::ShowVariable { .. }
            // Back to the role and the search path that names are looked up with.
            | Statement::Reset(_)
            | Statement::Deallocate { .. }
            | Statement::Discard { .. }
            | Statement::Fetch { .. }
            | Statement::Close { .. }
            | Statement::LISTEN { .. }
            | Statement::UNLISTEN { .. }
            | Statement::NOTIFY { .. } => {}
            _ => self.unresolved(
                "statement",
                "only SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES are read; claim by hand what it needs",
            ),
        }
        self.levels.clear();
        self.common_tables.clear();
    }

    /// A setting that changes what names mean, or who asks, would make the rest a guess.
    fn set(&mut self, set: &Set) {
        match set {
            Set::SingleAssignment { variable, .. } => {
                let variable = variable.to_string().to_ascii_lowercase();
                if changes_meaning(&variable) {
                    self.unresolved(format!("SET {variable}"), NOT_FOLLOWED);
                }
            }
            Set::SetTimeZone { .. } | Set::SetNames { .. } | Set::SetTransaction { .. } => {}
            _ => self.unresolved("SET", NOT_FOLLOWED),
        }
    }

    /// The function that does what SET does.
    pub fn setting_of(&mut self, function: &str, arguments: &[FunctionArg]) {
        if function != "set_config" {
            return;
        }
        // Named ones may come in any order.
        let first = arguments.first().filter(|first| matches!(first, FunctionArg::Unnamed(_)));
        match first.and_then(text_argument) {
            Some(variable) if changes_meaning(&variable.to_ascii_lowercase()) => {
                self.unresolved(format!("set_config of {variable}"), NOT_FOLLOWED);
            }
            Some(_) => {}
            None => self.unresolved("set_config", "which setting it changes cannot be told; if it is search_path or role, later queries mean something else"),
        }
    }
}

const NOT_FOLLOWED: &str = "what it changes is not followed in later queries";

/// Settings that change what names mean, who asks, or where a string ends.
fn changes_meaning(variable: &str) -> bool {
    matches!(variable, "search_path" | "role" | "session_authorization" | "standard_conforming_strings")
}

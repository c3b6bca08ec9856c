//! Which statements are understood.

use sqlparser::ast::{Set, Statement};

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
            // They need no privilege on any object.
            Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ReleaseSavepoint { .. }
            | Statement::ShowVariable { .. }
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
                if matches!(variable.as_str(), "search_path" | "role" | "session_authorization") {
                    self.unresolved(format!("SET {variable}"), "what it changes is not followed in later queries");
                }
            }
            Set::SetTimeZone { .. } | Set::SetNames { .. } | Set::SetTransaction { .. } => {}
            _ => self.unresolved("SET", "what it changes is not followed in later queries"),
        }
    }
}

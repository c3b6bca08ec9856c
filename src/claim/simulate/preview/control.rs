//! BEGIN, COMMIT and the like: what begins, ends or undoes a transaction.

use squawk_syntax::ast::{self, AstNode, Commit, Rollback, Stmt};

use super::{Block, Preview};

/// A statement that controls transactions.
pub(super) enum Control {
    Begin,
    Commit { chain: bool },
    RollBack { chain: bool },
    Savepoint(String),
    Release(String),
    RollBackTo(String),
    Prepare,
    CommitPrepared,
    RollBackPrepared,
}

impl Control {
    pub(super) fn of(statement: &Stmt) -> Option<Control> {
        let name = |node: Option<&squawk_syntax::SyntaxNode>| node.map(ast::normalize_name_node).unwrap_or_default();
        let chains = |clause: Option<ast::ChainClause>| matches!(clause, Some(ast::ChainClause::AndChain(_)));
        Some(match statement {
            Stmt::Begin(_) => Control::Begin,
            Stmt::Commit(Commit::CommitTransaction(commit)) => Control::Commit { chain: chains(commit.chain_clause()) },
            Stmt::Commit(Commit::CommitPrepared(_)) => Control::CommitPrepared,
            Stmt::Rollback(Rollback::RollbackTransaction(rollback)) => {
                Control::RollBack { chain: chains(rollback.chain_clause()) }
            }
            Stmt::Rollback(Rollback::RollbackToSavepoint(rollback)) => {
                Control::RollBackTo(name(rollback.savepoint_ref().as_ref().map(AstNode::syntax)))
            }
            Stmt::Rollback(Rollback::RollbackPrepared(_)) => Control::RollBackPrepared,
            Stmt::SavepointCreate(savepoint) => {
                Control::Savepoint(name(savepoint.savepoint().as_ref().map(AstNode::syntax)))
            }
            Stmt::ReleaseSavepoint(release) => {
                Control::Release(name(release.savepoint_ref().as_ref().map(AstNode::syntax)))
            }
            Stmt::PrepareTransaction(_) => Control::Prepare,
            _ => return None,
        })
    }
}

impl Preview {
    pub(super) fn control(&mut self, control: Control) {
        match control {
            Control::Begin => self.begin(),
            Control::Commit { chain } => {
                let chain = chain && self.block.is_some();
                self.commit();
                if chain {
                    self.begin();
                }
            }
            Control::Prepare => self.commit(),
            Control::RollBack { chain } => {
                let chain = chain && self.block.is_some();
                self.roll_back();
                if chain {
                    self.begin();
                }
            }
            // It was judged when it was prepared.
            Control::CommitPrepared => {}
            Control::RollBackPrepared => {
                self.unknown("a prepared transaction is judged as if it were committed".to_owned());
            }
            Control::Savepoint(name) => {
                let snapshot = self.snapshot();
                match &mut self.block {
                    Some(block) => block.savepoints.push((name, snapshot)),
                    None => self.refused("SAVEPOINT can only be used in transaction blocks"),
                }
            }
            Control::Release(name) => match self.find(&name) {
                Some((block, place)) => block.savepoints.truncate(place),
                None => self.no_savepoint(&name),
            },
            Control::RollBackTo(name) => match self.find(&name) {
                Some((block, place)) => {
                    block.savepoints.truncate(place + 1);
                    let snapshot = block.savepoints.pop().and_then(|(_, snapshot)| snapshot);
                    if let Some(snapshot) = snapshot {
                        self.restore(snapshot);
                    }
                    // It stays, to be gone back to once more.
                    let again = self.snapshot();
                    if let Some(block) = &mut self.block {
                        block.savepoints.push((name, again));
                    }
                }
                None => self.no_savepoint(&name),
            },
        }
    }

    /// The latest savepoint of a name.
    fn find(&mut self, name: &str) -> Option<(&mut Block, usize)> {
        let block = self.block.as_mut()?;
        let place = block.savepoints.iter().rposition(|(known, _)| known == name)?;
        Some((block, place))
    }

    fn no_savepoint(&mut self, name: &str) {
        self.refused(&format!("savepoint \"{name}\" does not exist"));
    }
}

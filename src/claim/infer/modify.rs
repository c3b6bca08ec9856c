//! INSERT, UPDATE, DELETE and MERGE.

use sqlparser::ast::{
    Assignment, AssignmentTarget, ConflictTarget, Delete, Expr, FromTable, Insert, Merge, MergeAction, MergeClauseKind,
    MergeInsertExpr, MergeInsertKind, MergeUpdateKind, ObjectName, OnConflict, OnConflictAction, OnInsert, Query,
    SelectItem, SetExpr, Statement, TableFactor, TableObject, Update, UpdateTableFromKind,
};

use super::name::{folded, parts};
use super::need::RelationId;
use super::resolver::Resolver;
use super::scope::{Columns, Item, Level, Lookup, Source};

/// How a column is written.
#[derive(Clone, Copy)]
enum Write {
    Insert,
    Update,
}

impl Resolver<'_> {
    /// A statement that changes a relation. The result is what it returns.
    pub fn modify(&mut self, statement: &Statement) -> Columns {
        self.levels.push(Level::default());
        let depth = self.levels.len();
        let output = match statement {
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge_into(merge),
            _ => {
                self.unsupported("statement");
                Columns::unknown()
            }
        };
        self.levels.truncate(depth - 1);
        Columns { lockable: Vec::new(), ..output }
    }

    fn insert(&mut self, insert: &Insert) -> Columns {
        let foreign = insert.or.is_some()
            || insert.ignore
            || insert.overwrite
            || insert.replace_into
            || insert.partitioned.is_some()
            || insert.output.is_some()
            || insert.multi_table_insert_type.is_some()
            || !insert.assignments.is_empty()
            || !insert.after_columns.is_empty();
        let TableObject::TableName(name) = &insert.table else {
            self.unsupported("INSERT into something that is no relation");
            return Columns::unknown();
        };
        if foreign {
            self.unsupported("a kind of INSERT that PostgreSQL does not have");
        }
        // The source does not see the target.
        let source = insert.source.as_ref().map(|source| (&**source, self.query(source)));
        let mut target = self.target_item(name, None);
        if let Some(alias) = &insert.table_alias {
            target.name = Some(folded(&alias.alias));
            target.schema = None;
        }
        self.inserted(&target, &insert.columns, source.as_ref().map(|(query, output)| (*query, output)));
        match &insert.on {
            None => {}
            Some(OnInsert::OnConflict(conflict)) => self.on_conflict(conflict, &target),
            Some(_) => self.unsupported("ON DUPLICATE KEY"),
        }
        self.level().items = vec![target];
        self.returning(insert.returning.as_deref())
    }

    /// The columns that an INSERT supplies.
    fn inserted(&mut self, target: &Item, columns: &[ObjectName], source: Option<(&Query, &Columns)>) {
        let Source::Relation(id, known, _) = &target.source else { return };
        if !columns.is_empty() {
            for column in columns {
                self.written(target, column, Write::Insert);
            }
            return;
        }
        let Some((query, output)) = source else {
            // DEFAULT VALUES
            self.need(*id).insert_any = true;
            return;
        };
        // Without a list the first columns are meant, as many as there are values.
        let count = match &*query.body {
            SetExpr::Values(values) => values.rows.iter().map(|row| row.content.len()).max(),
            _ => output.complete.then_some(output.columns.len()),
        };
        match count {
            Some(count) => self.insert_first(target, count),
            None => {
                let reason = "how many columns are inserted is not known; write the list of columns";
                self.unresolved(format!("relation {}", known.relation.name), reason);
            }
        }
    }

    /// A column that is written. Of a name of several parts the first is the column, the others are attributes in it.
    fn written(&mut self, target: &Item, name: &ObjectName, write: Write) {
        let Source::Relation(id, ..) = &target.source else { return };
        let parts = parts(name).unwrap_or_default();
        let Some(column) = parts.first() else {
            self.unsupported("a kind of column");
            return;
        };
        match target.find(column) {
            Lookup::Found(reads) => {
                let need = self.need(*id);
                let set = match write {
                    Write::Insert => &mut need.insert,
                    Write::Update => &mut need.update,
                };
                set.extend(reads.iter().map(|(_, number)| *number));
            }
            _ => {
                let relation = self.known[*id].relation.name.clone();
                let reason = "the relation has no such column";
                self.unresolved(format!("column {relation}.{column}"), reason);
            }
        }
    }

    fn on_conflict(&mut self, conflict: &OnConflict, target: &Item) {
        self.level().items = vec![target.clone()];
        match &conflict.conflict_target {
            None => {}
            // The columns that tell the index are read.
            Some(ConflictTarget::Columns(columns)) => {
                for column in columns {
                    self.identifier(column);
                }
            }
            Some(ConflictTarget::OnConstraint(constraint)) => {
                let what = format!("constraint {}", parts(constraint).unwrap_or_default().join("."));
                let reason = "SELECT on its columns is needed; write ON CONFLICT with the list of columns";
                self.unresolved(what, reason);
            }
        }
        if let OnConflictAction::DoUpdate(update) = &conflict.action {
            let mut excluded = target.clone();
            excluded.name = Some("excluded".to_owned());
            excluded.schema = None;
            self.level().items.push(excluded);
            self.assignments(target, &update.assignments);
            self.expressions(&update.selection);
        }
    }

    fn assignments(&mut self, target: &Item, assignments: &[Assignment]) {
        for assignment in assignments {
            match &assignment.target {
                AssignmentTarget::ColumnName(column) => self.written(target, column, Write::Update),
                AssignmentTarget::Tuple(columns) => {
                    for column in columns {
                        self.written(target, column, Write::Update);
                    }
                }
            }
            self.expression(&assignment.value);
        }
    }

    fn update(&mut self, update: &Update) -> Columns {
        let foreign = update.or.is_some()
            || update.output.is_some()
            || update.limit.is_some()
            || !update.order_by.is_empty()
            || !update.table.joins.is_empty();
        if foreign {
            self.unsupported("a kind of UPDATE that PostgreSQL does not have");
        }
        let Some(target) = self.target(&update.table.relation) else { return Columns::unknown() };
        match &update.from {
            None => {}
            Some(UpdateTableFromKind::AfterSet(from)) => {
                for item in from {
                    self.join_tree(item);
                }
            }
            Some(UpdateTableFromKind::BeforeSet(_)) => self.unsupported("FROM before SET"),
        }
        self.level().items.insert(0, target.clone());
        self.assignments(&target, &update.assignments);
        self.expressions(&update.selection);
        self.returning(update.returning.as_deref())
    }

    fn delete(&mut self, delete: &Delete) -> Columns {
        let foreign = delete.output.is_some()
            || delete.limit.is_some()
            || !delete.order_by.is_empty()
            || !delete.tables.is_empty();
        if foreign {
            self.unsupported("a kind of DELETE that PostgreSQL does not have");
        }
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let [single] = from.as_slice() else {
            self.unsupported("DELETE from several relations");
            return Columns::unknown();
        };
        if !single.joins.is_empty() {
            self.unsupported("DELETE from a join");
        }
        let Some(target) = self.target(&single.relation) else { return Columns::unknown() };
        if let Source::Relation(id, ..) = &target.source {
            self.need(*id).delete = true;
        }
        for item in delete.using.iter().flatten() {
            self.join_tree(item);
        }
        self.level().items.insert(0, target);
        self.expressions(&delete.selection);
        self.returning(delete.returning.as_deref())
    }

    fn target(&mut self, factor: &TableFactor) -> Option<Item> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => Some(self.target_item(name, alias.as_ref())),
            _ => {
                self.unsupported("change of something that is no relation");
                None
            }
        }
    }

    fn returning(&mut self, list: Option<&[SelectItem]>) -> Columns {
        list.map_or_else(|| Columns::named([]), |list| self.output(list))
    }

    fn merge_into(&mut self, merge: &Merge) -> Columns {
        if merge.output.is_some() {
            self.unsupported("MERGE that returns");
        }
        let Some(target) = self.target(&merge.table) else { return Columns::unknown() };
        self.factor(&merge.source);
        self.level().items.push(target.clone());
        self.expression(&merge.on);
        if let Source::Relation(id, ..) = &target.source
            && merge.clauses.iter().all(|clause| matches!(clause.action, MergeAction::DoNothing { .. }))
        {
            // The server asks for SELECT where there is nothing else to ask for.
            self.need(*id).select_any = true;
        }
        for clause in &merge.clauses {
            // What is not matched has no row of the target, or none of the source.
            let (sees_source, sees_target) = match clause.clause_kind {
                MergeClauseKind::Matched => (true, true),
                MergeClauseKind::NotMatched | MergeClauseKind::NotMatchedByTarget => (true, false),
                MergeClauseKind::NotMatchedBySource => (false, true),
            };
            let items = self.level().items.clone();
            let last = items.len() - 1;
            for (at, item) in self.level().items.iter_mut().enumerate() {
                let visible = if at == last { sees_target } else { sees_source };
                item.by_name &= visible;
                item.by_column &= visible;
            }
            self.expressions(&clause.predicate);
            self.merge_action(&clause.action, &target);
            self.level().items = items;
        }
        Columns::named([])
    }

    fn merge_action(&mut self, action: &MergeAction, target: &Item) {
        match action {
            MergeAction::Insert(insert) => self.merge_insert(insert, target),
            MergeAction::Update(update) => match &update.kind {
                MergeUpdateKind::Set(assignments) => {
                    if update.update_predicate.is_some() || update.delete_predicate.is_some() {
                        self.unsupported("WHERE in an action of MERGE");
                    }
                    self.assignments(target, assignments);
                }
                _ => self.unsupported("a kind of UPDATE in MERGE"),
            },
            MergeAction::Delete { .. } => {
                if let Source::Relation(id, ..) = &target.source {
                    self.need(*id).delete = true;
                }
            }
            MergeAction::DoNothing { .. } => {}
        }
    }

    fn merge_insert(&mut self, insert: &MergeInsertExpr, target: &Item) {
        if insert.insert_predicate.is_some() {
            self.unsupported("WHERE in an action of MERGE");
        }
        let MergeInsertKind::Values(values) = &insert.kind else {
            self.unsupported("a kind of INSERT in MERGE");
            return;
        };
        let rows: Vec<&Vec<Expr>> = values.rows.iter().map(|row| &row.content).collect();
        for expression in rows.iter().flat_map(|row| row.iter()) {
            self.expression(expression);
        }
        for column in &insert.columns {
            self.written(target, column, Write::Insert);
        }
        if insert.columns.is_empty() {
            let count = rows.first().map_or(0, |row| row.len());
            self.insert_first(target, count);
        }
    }

    /// The first columns of the target are inserted.
    fn insert_first(&mut self, target: &Item, count: usize) {
        let Source::Relation(id, known, _) = &target.source else { return };
        let id: RelationId = *id;
        let relation = &known.relation;
        if count == 0 {
            self.need(id).insert_any = true;
        } else if count <= relation.columns.len() {
            let numbers = relation.columns[..count].iter().map(|column| column.number);
            self.need(id).insert.extend(numbers);
        } else {
            let reason = format!("it has {} columns, and {count} values are inserted", relation.columns.len());
            self.unresolved(format!("relation {}", relation.name), reason);
        }
    }
}

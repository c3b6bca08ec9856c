//! What a parse tree tells before its statement runs. Names are resolved as the caller would: under its own search path.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::session;

/// Whether the statement concerns temporary relations only: then it does not touch the fence, because applications
/// make temporary tables in long transactions.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn is_temporary(node: *mut pg_sys::Node) -> bool {
    // SAFETY: the tag says which struct the node is.
    unsafe {
        match (*node).type_ {
            pg_sys::NodeTag::T_CreateStmt => makes_temporary((*node.cast::<pg_sys::CreateStmt>()).relation),
            pg_sys::NodeTag::T_CreateTableAsStmt => {
                let into = (*node.cast::<pg_sys::CreateTableAsStmt>()).into;
                !into.is_null() && makes_temporary((*into).rel)
            }
            pg_sys::NodeTag::T_ViewStmt => makes_temporary((*node.cast::<pg_sys::ViewStmt>()).view),
            pg_sys::NodeTag::T_IndexStmt => is_temporary_relation((*node.cast::<pg_sys::IndexStmt>()).relation),
            pg_sys::NodeTag::T_CreateSeqStmt => makes_temporary((*node.cast::<pg_sys::CreateSeqStmt>()).sequence),
            pg_sys::NodeTag::T_AlterSeqStmt => is_temporary_relation((*node.cast::<pg_sys::AlterSeqStmt>()).sequence),
            pg_sys::NodeTag::T_CreateFunctionStmt => {
                let mut names = elements((*node.cast::<pg_sys::CreateFunctionStmt>()).funcname);
                names.next().is_some_and(|name| CStr::from_ptr((*name.cast::<pg_sys::String>()).sval) == c"pg_temp")
            }
            pg_sys::NodeTag::T_AlterTableStmt => {
                // A temporary composite type can have lasting tables.
                let alter = &*node.cast::<pg_sys::AlterTableStmt>();
                alter.objtype != pg_sys::ObjectType::OBJECT_TYPE && is_temporary_relation(alter.relation)
            }
            pg_sys::NodeTag::T_RenameStmt => {
                let rename = &*node.cast::<pg_sys::RenameStmt>();
                rename.renameType != pg_sys::ObjectType::OBJECT_ATTRIBUTE && is_temporary_relation(rename.relation)
            }
            pg_sys::NodeTag::T_DropStmt => drops_nothing_lasting(&*node.cast::<pg_sys::DropStmt>()),
            _ => false,
        }
    }
}

/// Whether the statement commits on the way, so that nothing it did can be undone by an ERROR, and no transaction id
/// may be assigned before it.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn is_concurrent(node: *mut pg_sys::Node) -> bool {
    // SAFETY: the tag says which struct the node is.
    unsafe {
        match (*node).type_ {
            pg_sys::NodeTag::T_DropStmt => (*node.cast::<pg_sys::DropStmt>()).concurrent,
            pg_sys::NodeTag::T_IndexStmt => (*node.cast::<pg_sys::IndexStmt>()).concurrent,
            pg_sys::NodeTag::T_AlterTableStmt => {
                let commands = (*node.cast::<pg_sys::AlterTableStmt>()).cmds;
                elements(commands).any(|command| {
                    let command = &*command.cast::<pg_sys::AlterTableCmd>();
                    command.subtype == pg_sys::AlterTableType::AT_DetachPartition
                        && !command.def.is_null()
                        && (*command.def.cast::<pg_sys::PartitionCmd>()).concurrent
                })
            }
            _ => false,
        }
    }
}

/// A command that controls transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// BEGIN, SAVEPOINT, RELEASE: what has been done stays.
    GoesOn,
    /// COMMIT, PREPARE TRANSACTION: what has been done is accepted.
    Accepts,
    /// ROLLBACK: what has been done is undone.
    Undoes,
    /// ROLLBACK TO: a part of it is.
    UndoesInPart,
    /// COMMIT PREPARED, ROLLBACK PREPARED: about another transaction.
    OfAnother,
}

/// What a command does to its transaction, if that is what it is for.
///
/// # Safety
/// `node` is a parse tree.
pub unsafe fn control(node: *mut pg_sys::Node) -> Option<Control> {
    use pg_sys::TransactionStmtKind as Of;
    // SAFETY: the tag says which struct the node is.
    let kind = unsafe {
        if (*node).type_ != pg_sys::NodeTag::T_TransactionStmt {
            return None;
        }
        (*node.cast::<pg_sys::TransactionStmt>()).kind
    };
    Some(match kind {
        Of::TRANS_STMT_COMMIT | Of::TRANS_STMT_PREPARE => Control::Accepts,
        Of::TRANS_STMT_ROLLBACK => Control::Undoes,
        Of::TRANS_STMT_ROLLBACK_TO => Control::UndoesInPart,
        Of::TRANS_STMT_COMMIT_PREPARED | Of::TRANS_STMT_ROLLBACK_PREPARED => Control::OfAnother,
        _ => Control::GoesOn,
    })
}

/// The indexes that a DROP INDEX names and that are there, resolved as the caller would.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn dropped_indexes(node: *mut pg_sys::Node) -> Vec<pg_sys::Oid> {
    // SAFETY: the tag says which struct the node is; an index is named by a list of name parts.
    unsafe {
        if (*node).type_ != pg_sys::NodeTag::T_DropStmt {
            return Vec::new();
        }
        let drop = &*node.cast::<pg_sys::DropStmt>();
        if drop.removeType != pg_sys::ObjectType::OBJECT_INDEX {
            return Vec::new();
        }
        elements(drop.objects)
            .map(|names| names.cast::<pg_sys::List>())
            .filter(|names| (**names).length <= 3)
            .map(|names| resolve(pg_sys::makeRangeVarFromNameList(names)))
            .filter(|oid| *oid != pg_sys::InvalidOid)
            .collect()
    }
}

/// The partition that a DETACH names, resolved as the caller would.
///
/// # Safety
/// `command` is NULL or the parse tree of an ALTER TABLE subcommand.
pub unsafe fn detached_partition(command: *mut pg_sys::Node) -> Option<pg_sys::Oid> {
    // SAFETY: the tags say which struct a node is.
    unsafe {
        if command.is_null() || (*command).type_ != pg_sys::NodeTag::T_AlterTableCmd {
            return None;
        }
        let command = &*command.cast::<pg_sys::AlterTableCmd>();
        let detaches = matches!(
            command.subtype,
            pg_sys::AlterTableType::AT_DetachPartition | pg_sys::AlterTableType::AT_DetachPartitionFinalize
        );
        if !detaches || command.def.is_null() {
            return None;
        }
        let oid = resolve((*command.def.cast::<pg_sys::PartitionCmd>()).name);
        (oid != pg_sys::InvalidOid).then_some(oid)
    }
}

/// Whether the statement makes an INSTEAD OF trigger, for which a claim may have been waiting.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn makes_view_updatable(node: *mut pg_sys::Node) -> bool {
    // SAFETY: the tag says which struct the node is.
    unsafe {
        (*node).type_ == pg_sys::NodeTag::T_CreateTrigStmt
            && (*node.cast::<pg_sys::CreateTrigStmt>()).timing as u32 == pg_sys::TRIGGER_TYPE_INSTEAD
    }
}

/// Whether the statement gives something another name or schema.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn renames(node: *mut pg_sys::Node) -> bool {
    // SAFETY: every node begins with its tag.
    matches!(unsafe { (*node).type_ }, pg_sys::NodeTag::T_RenameStmt | pg_sys::NodeTag::T_AlterObjectSchemaStmt)
}

/// Whether the statement is CREATE, ALTER or DROP EXTENSION of ours, which always passes.
///
/// # Safety
/// `node` is a parse tree of a utility statement.
pub unsafe fn is_about_us(node: *mut pg_sys::Node) -> bool {
    // SAFETY: the tag says which struct the node is; names are NUL-terminated.
    unsafe {
        let is_ours = |name: *const std::ffi::c_char| !name.is_null() && CStr::from_ptr(name) == c"integratedb";
        match (*node).type_ {
            pg_sys::NodeTag::T_CreateExtensionStmt => is_ours((*node.cast::<pg_sys::CreateExtensionStmt>()).extname),
            pg_sys::NodeTag::T_AlterExtensionStmt => is_ours((*node.cast::<pg_sys::AlterExtensionStmt>()).extname),
            pg_sys::NodeTag::T_AlterExtensionContentsStmt => {
                is_ours((*node.cast::<pg_sys::AlterExtensionContentsStmt>()).extname)
            }
            pg_sys::NodeTag::T_DropStmt => {
                let drop = &*node.cast::<pg_sys::DropStmt>();
                drop.removeType == pg_sys::ObjectType::OBJECT_EXTENSION
                    && elements(drop.objects).any(|name| is_ours((*name.cast::<pg_sys::String>()).sval))
            }
            _ => false,
        }
    }
}

/// # Safety
/// `relation` is NULL or a RangeVar.
unsafe fn makes_temporary(relation: *mut pg_sys::RangeVar) -> bool {
    // SAFETY: as promised by the caller; names are NUL-terminated.
    unsafe {
        !relation.is_null()
            && ((*relation).relpersistence as u8 == pg_sys::RELPERSISTENCE_TEMP
                || (!(*relation).schemaname.is_null() && CStr::from_ptr((*relation).schemaname) == c"pg_temp"))
    }
}

/// # Safety
/// `relation` is NULL or a RangeVar.
unsafe fn is_temporary_relation(relation: *mut pg_sys::RangeVar) -> bool {
    // A session that never made a temporary relation can name none: nothing to look up.
    if relation.is_null() || !session::has_temporary_schema() {
        return false;
    }
    // SAFETY: as promised by the caller.
    unsafe {
        let oid = resolve(relation);
        oid != pg_sys::InvalidOid && pg_sys::get_rel_persistence(oid) as u8 == pg_sys::RELPERSISTENCE_TEMP
    }
}

/// Looks a relation up under the caller's search path, without a lock. A caller without rights on the schema is told so
/// by the statement itself.
///
/// # Safety
/// `relation` is a RangeVar.
unsafe fn resolve(relation: *mut pg_sys::RangeVar) -> pg_sys::Oid {
    let missing_ok = pg_sys::RVROption::RVR_MISSING_OK;
    // Another database's: what is wrong with that the statement says itself.
    // SAFETY: as promised by the caller; both names are NUL-terminated.
    unsafe {
        let catalog = (*relation).catalogname;
        if !catalog.is_null() {
            let own = pg_sys::get_database_name(pg_sys::MyDatabaseId);
            if own.is_null() || CStr::from_ptr(catalog) != CStr::from_ptr(own) {
                return pg_sys::InvalidOid;
            }
        }
    }
    // SAFETY: as promised by the caller.
    unsafe { pg_sys::RangeVarGetRelidExtended(relation, pg_sys::NoLock as i32, missing_ok, None, std::ptr::null_mut()) }
}

/// Whether a DROP is of temporary relations, or of none at all.
///
/// # Safety
/// `drop` is a DropStmt.
unsafe fn drops_nothing_lasting(drop: &pg_sys::DropStmt) -> bool {
    let is_relation = matches!(
        drop.removeType,
        pg_sys::ObjectType::OBJECT_TABLE
            | pg_sys::ObjectType::OBJECT_VIEW
            | pg_sys::ObjectType::OBJECT_INDEX
            | pg_sys::ObjectType::OBJECT_SEQUENCE
    );
    // SAFETY: for these types each object is a list of name parts.
    is_relation
        && drop.behavior == pg_sys::DropBehavior::DROP_RESTRICT
        && unsafe {
            // IF EXISTS of what does not exist is no more than that. Should it come into being meanwhile, the end of the
            // command still shares the fence before it judges.
            elements(drop.objects).all(|names| {
                let names = names.cast::<pg_sys::List>();
                if (*names).length > 3 {
                    return false;
                }
                let oid = resolve(pg_sys::makeRangeVarFromNameList(names));
                oid == pg_sys::InvalidOid || pg_sys::get_rel_persistence(oid) as u8 == pg_sys::RELPERSISTENCE_TEMP
            })
        }
}

/// # Safety
/// `list` is NULL or a valid List of pointers.
unsafe fn elements(list: *mut pg_sys::List) -> impl Iterator<Item = *mut std::ffi::c_void> {
    // SAFETY: as promised by the caller.
    let length = if list.is_null() { 0 } else { unsafe { (*list).length } };
    (0..length as usize).map(move |index| {
        // SAFETY: as promised by the caller, and index is below the length.
        unsafe { (*(*list).elements.add(index)).ptr_value }
    })
}

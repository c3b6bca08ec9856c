//! Functions, procedures and aggregates.

use squawk_syntax::ast::{self, AstNode};

use super::builtin::{RECORD, VOID};
use super::context::{Context, Refusal};
use super::resolve::{Name, identifier, known_name, new_name};
use super::{drop, mentions, options, rename, type_name, view};
use crate::simulate::world::{Class, Function, Object};

pub(super) fn apply(cx: &mut Context, statement: &ast::Stmt) -> Result<(), Refusal> {
    use ast::Stmt;
    match statement {
        Stmt::CreateFunction(node) => {
            let name = new_name(node.name().and_then(|name| name.path()))?;
            let result = node.ret_type();
            create(
                cx,
                &name,
                'f',
                node.or_replace().is_some(),
                node.param_list(),
                result,
                node.option_list(),
                node.body(),
            )
        }
        Stmt::CreateProcedure(node) => {
            let name = new_name(node.name().and_then(|name| name.path()))?;
            create(
                cx,
                &name,
                'p',
                node.or_replace().is_some(),
                node.param_list(),
                None,
                node.option_list(),
                node.body(),
            )
        }
        Stmt::CreateAggregate(node) => create_aggregate(cx, node),
        Stmt::AlterFunction(node) => {
            let Some(signature) = node.function_sig() else { return missing() };
            let name = known_name(signature.function_name_ref().and_then(|name| name.path_ref()))?;
            let oid = find(cx, &name, signature.param_list(), &['f', 'w'])?;
            alter(cx, oid, node.syntax())
        }
        Stmt::AlterProcedure(node) => {
            let Some(signature) = node.procedure_sig() else { return missing() };
            let name = known_name(signature.procedure_name_ref().and_then(|name| name.path_ref()))?;
            let oid = find(cx, &name, signature.param_list(), &['p'])?;
            alter(cx, oid, node.syntax())
        }
        Stmt::AlterRoutine(node) => {
            let Some(signature) = node.routine_sig() else { return missing() };
            let name = known_name(signature.routine_name_ref().and_then(|name| name.path_ref()))?;
            let oid = find(cx, &name, signature.param_list(), &['f', 'w', 'p', 'a'])?;
            alter(cx, oid, node.syntax())
        }
        Stmt::AlterAggregate(node) => {
            let Some(signature) = node.aggregate() else { return missing() };
            let name = known_name(signature.syntax().children().find_map(ast::PathRef::cast))?;
            let oid = find(cx, &name, signature.param_list(), &['a'])?;
            alter(cx, oid, node.syntax())
        }
        Stmt::DropFunction(node) => {
            let listed = node.function_sig_list().into_iter().flat_map(|list| list.function_sigs());
            let listed = listed.map(|one| (one.function_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            remove(cx, listed.collect(), &['f', 'w'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropProcedure(node) => {
            let listed = node.procedure_sig_list().into_iter().flat_map(|list| list.procedure_sigs());
            let listed =
                listed.map(|one| (one.procedure_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            remove(cx, listed.collect(), &['p'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropRoutine(node) => {
            let listed = node.routine_sig_list().into_iter().flat_map(|list| list.routine_sigs());
            let listed = listed.map(|one| (one.routine_name_ref().and_then(|name| name.path_ref()), one.param_list()));
            remove(cx, listed.collect(), &['f', 'w', 'p', 'a'], node.if_exists(), node.drop_behavior())
        }
        Stmt::DropAggregate(node) => {
            let listed =
                node.aggregates().map(|one| (one.syntax().children().find_map(ast::PathRef::cast), one.param_list()));
            remove(cx, listed.collect(), &['a'], node.if_exists(), node.drop_behavior())
        }
        _ => Refusal::unknown("a statement of this kind is not simulated"),
    }
}

fn missing<T>() -> Result<T, Refusal> {
    Refusal::unknown("a function's name is missing")
}

/// What the parameters of a function come to.
#[derive(Default)]
struct Parameters {
    /// Types of what goes in.
    input: Vec<u32>,
    /// Types of what comes out.
    output: Vec<u32>,
    defaults: usize,
    variadic: bool,
}

impl Parameters {
    fn of(cx: &Context, list: Option<ast::ParamList>) -> Result<Parameters, Refusal> {
        let mut parameters = Parameters::default();
        for parameter in list.into_iter().flat_map(|list| list.params()) {
            let Some(r#type) = parameter.func_type() else { return Refusal::unknown("a parameter without a type") };
            let (oid, _) = type_name::resolve_function_type(cx, &r#type)?;
            let mode = parameter.mode();
            let (goes_in, comes_out) = match &mode {
                None | Some(ast::ParamMode::ParamIn(_) | ast::ParamMode::ParamVariadic(_)) => (true, false),
                Some(ast::ParamMode::ParamInOut(_)) => (true, true),
                Some(ast::ParamMode::ParamOut(_)) => (false, true),
            };
            parameters.variadic |= matches!(mode, Some(ast::ParamMode::ParamVariadic(_)));
            if goes_in {
                parameters.input.push(oid);
            }
            if comes_out {
                parameters.output.push(oid);
            }
            parameters.defaults += usize::from(parameter.param_default().is_some());
        }
        Ok(parameters)
    }
}

#[allow(clippy::too_many_arguments)]
fn create(
    cx: &mut Context,
    name: &Name,
    kind: char,
    or_replace: bool,
    parameters: Option<ast::ParamList>,
    result: Option<ast::RetType>,
    options: Option<ast::FuncOptionList>,
    body: Option<ast::RoutineBody>,
) -> Result<(), Refusal> {
    let schema = cx.creation_schema(name)?;
    let mut uses = mentions::Mentions::default();
    for default in parameters.iter().flat_map(|list| list.params()).filter_map(|parameter| parameter.param_default()) {
        let found = mentions::of(cx, default.syntax());
        uses.functions.extend(found.functions);
        uses.relations.extend(found.relations);
    }
    if let Some(body) = &body {
        let found = mentions::of(cx, body.syntax());
        uses.functions.extend(found.functions);
        uses.relations.extend(found.relations);
        uses.types.extend(found.types);
    }
    let parameters = Parameters::of(cx, parameters)?;
    let (returns, returns_set) = returned(cx, kind, &parameters, result)?;
    let options: Vec<ast::FuncOption> = options.into_iter().flat_map(|list| list.options()).collect();
    let is_window = options.iter().any(|option| matches!(option, ast::FuncOption::WindowFuncOption(_)));
    let function = Function {
        schema,
        name: name.name.clone(),
        kind: if is_window { 'w' } else { kind },
        owner: cx.world().user,
        arguments: parameters.input,
        defaults: parameters.defaults,
        variadic: parameters.variadic,
        returns,
        returns_set,
        security_definer: is_definer(&options).unwrap_or(false),
        acl: Vec::new(),
    };
    add(cx, function, or_replace, &uses)
}

fn add(cx: &mut Context, mut function: Function, or_replace: bool, uses: &mentions::Mentions) -> Result<(), Refusal> {
    let same = cx.world().functions_named(function.schema, &function.name);
    let same = same.into_iter().find(|oid| cx.world().functions[oid].arguments == function.arguments);
    let oid = match same {
        None => {
            function.acl = cx.initial_privileges('f', function.schema);
            cx.new_oid()
        }
        Some(_) if !or_replace => {
            return Refusal::fails(format!("function \"{}\" already exists with same argument types", function.name));
        }
        Some(oid) => {
            let old = &cx.world().functions[&oid];
            if old.kind != function.kind {
                return Refusal::fails("cannot change routine kind");
            }
            if (old.returns, old.returns_set) != (function.returns, function.returns_set) {
                return Refusal::fails("cannot change return type of existing function");
            }
            if function.defaults < old.defaults {
                return Refusal::fails("cannot remove parameter defaults from existing function");
            }
            function.acl.clone_from(&old.acl);
            function.owner = old.owner;
            cx.forget_dependencies_of(Object { class: Class::Function, oid, column: 0 });
            oid
        }
    };
    cx.set_function(oid, Some(function));
    view::depend(cx, Object { class: Class::Function, oid, column: 0 }, uses);
    Ok(())
}

/// The type of the result, and whether it is a set.
fn returned(
    cx: &Context,
    kind: char,
    parameters: &Parameters,
    result: Option<ast::RetType>,
) -> Result<(u32, bool), Refusal> {
    let of_output = match parameters.output.as_slice() {
        [] => None,
        [only] if kind != 'p' => Some(*only),
        _ => Some(RECORD),
    };
    let Some(result) = result else {
        return match (of_output, kind) {
            (Some(oid), _) => Ok((oid, false)),
            (None, 'p') => Ok((VOID, false)),
            (None, _) => Refusal::fails("function result type must be specified"),
        };
    };
    if let Some(list) = result.return_table_arg_list() {
        let mut types = Vec::new();
        for column in list.args() {
            let Some(r#type) = column.func_type() else { return Refusal::unknown("a column without a type") };
            types.push(type_name::resolve_function_type(cx, &r#type)?.0);
        }
        return match types.as_slice() {
            [only] => Ok((*only, true)),
            _ => Ok((RECORD, true)),
        };
    }
    let Some(r#type) = result.func_type() else { return Refusal::unknown("a result without a type") };
    let (oid, set) = type_name::resolve_function_type(cx, &r#type)?;
    match of_output {
        Some(wanted) if wanted != oid => Refusal::fails("function result type must be that of its OUT parameters"),
        _ => Ok((oid, set)),
    }
}

fn is_definer(options: &[ast::FuncOption]) -> Option<bool> {
    options.iter().rev().find_map(|option| match option {
        ast::FuncOption::SecurityDefinerFuncOption(_) => Some(true),
        ast::FuncOption::SecurityInvokerFuncOption(_) => Some(false),
        _ => None,
    })
}

fn create_aggregate(cx: &mut Context, node: &ast::CreateAggregate) -> Result<(), Refusal> {
    let name = new_name(node.aggregate_name().and_then(|name| name.path()))?;
    let schema = cx.creation_schema(&name)?;
    if node.param_list().is_none() {
        return Refusal::unknown("the old form of CREATE AGGREGATE is not simulated");
    }
    let parameters = Parameters::of(cx, node.param_list())?;
    let list = node.attribute_list();
    let typed = |wanted: &str| {
        let option = list
            .iter()
            .flat_map(|list| list.attribute_options())
            .find(|option| option.name().is_some_and(|name| identifier(name.syntax()).eq_ignore_ascii_case(wanted)))?;
        option.attribute_value()?.syntax().children().find_map(ast::Type::cast)
    };
    let mut uses = mentions::Mentions::default();
    for option in
        ["sfunc", "finalfunc", "combinefunc", "serialfunc", "deserialfunc", "msfunc", "minvfunc", "mfinalfunc"]
    {
        if let Some(ast::Type::PathType(path)) = typed(option) {
            let name = known_name(path.path_ref())?;
            let found = candidates(cx, &name);
            if found.len() == 1 {
                uses.functions.extend(found);
            }
        }
    }
    let returns = match typed("finalfunc") {
        None => match typed("stype") {
            Some(r#type) => type_name::resolve(cx, &r#type)?.oid,
            None => return Refusal::fails("aggregate stype must be specified"),
        },
        Some(ast::Type::PathType(path)) => {
            let name = known_name(path.path_ref())?;
            match candidates(cx, &name).as_slice() {
                [only] => cx.world().functions[only].returns,
                _ => return Refusal::unknown("what the aggregate's final function gives cannot be told"),
            }
        }
        Some(_) => return Refusal::unknown("what the aggregate's final function gives cannot be told"),
    };
    let function = Function {
        schema,
        name: name.name,
        kind: 'a',
        owner: cx.world().user,
        arguments: parameters.input,
        defaults: 0,
        variadic: parameters.variadic,
        returns,
        returns_set: false,
        security_definer: false,
        acl: Vec::new(),
    };
    if options::value(list.clone(), "basetype").is_some() {
        return Refusal::unknown("the old form of CREATE AGGREGATE is not simulated");
    }
    // An aggregate rests on its functions one by one, not on one that its text may mean.
    let functions = std::mem::take(&mut uses.functions);
    add(cx, function, node.or_replace().is_some(), &uses)?;
    let made = cx.world().functions_named(schema, &identifier_of(node)).into_iter().max();
    for used in functions {
        if let Some(oid) = made {
            let whole = |oid| Object { class: Class::Function, oid, column: 0 };
            cx.depend(whole(oid), whole(used), false);
        }
    }
    Ok(())
}

fn identifier_of(node: &ast::CreateAggregate) -> String {
    new_name(node.aggregate_name().and_then(|name| name.path())).map(|name| name.name).unwrap_or_default()
}

/// All functions that a name may mean.
fn candidates(cx: &Context, name: &Name) -> Vec<u32> {
    let world = cx.world();
    let schemas = match &name.schema {
        Some(schema) => world.schema_named(schema).into_iter().collect(),
        None => cx.path(),
    };
    schemas.into_iter().flat_map(|schema| world.functions_named(schema, &name.name)).collect()
}

/// The function of this signature; without parameters the only one of its name.
pub(super) fn find(
    cx: &Context,
    name: &Name,
    parameters: Option<ast::ParamList>,
    kinds: &[char],
) -> Result<u32, Refusal> {
    if name.schema.as_deref() == Some("pg_catalog") {
        return Refusal::unknown(format!("{} belongs to the server's own catalogs", name.display()));
    }
    if let Some(schema) = &name.schema {
        cx.schema(schema)?;
    }
    let of_kind = |oid: &u32| kinds.contains(&cx.world().functions[oid].kind);
    let found: Vec<u32> = candidates(cx, name).into_iter().filter(of_kind).collect();
    let Some(parameters) = parameters else {
        return match found.as_slice() {
            [only] => Ok(*only),
            [] => Refusal::fails(format!("could not find a function named \"{}\"", name.display())),
            _ => Refusal::fails(format!("function name \"{}\" is not unique", name.display())),
        };
    };
    let wanted = Parameters::of(cx, Some(parameters))?;
    match found.into_iter().find(|oid| cx.world().functions[oid].arguments == wanted.input) {
        Some(oid) => Ok(oid),
        None => Refusal::fails(format!("function {}() with these arguments does not exist", name.display())),
    }
}

fn alter(cx: &mut Context, oid: u32, node: &squawk_syntax::SyntaxNode) -> Result<(), Refusal> {
    let mut function = (*cx.world().functions[&oid]).clone();
    let refuse_taken = |cx: &Context, schema: u32, name: &str| {
        let same = cx.world().functions_named(schema, name);
        match same.into_iter().any(|other| cx.world().functions[&other].arguments == function.arguments) {
            true => Refusal::fails(format!("function {name}() already exists in the schema")),
            false => Ok(()),
        }
    };
    let path = node.children().filter(|child| !matches!(child.kind(), squawk_syntax::SyntaxKind::FUNCTION_SIG));
    let children: Vec<_> = path.collect();
    for child in &children {
        if let Some(to) = ast::OwnerTo::cast(child.clone()) {
            let owner = cx.role(to.role_ref())?;
            rename::change_owner_of_grants(&mut function.acl, function.owner, owner);
            function.owner = owner;
            cx.set_function(oid, Some(function));
            return Ok(());
        }
        if let Some(to) = ast::SetSchema::cast(child.clone()) {
            let schema = to.schema_ref().map(|schema| identifier(schema.syntax())).unwrap_or_default();
            let schema = cx.schema(&schema)?;
            if schema != function.schema {
                refuse_taken(cx, schema, &function.name)?;
            }
            function.schema = schema;
            cx.set_function(oid, Some(function));
            return Ok(());
        }
        if let Some(list) = ast::FuncOptionList::cast(child.clone()) {
            let options: Vec<_> = list.options().collect();
            if let Some(definer) = is_definer(&options) {
                function.security_definer = definer;
                cx.set_function(oid, Some(function));
            }
            return Ok(());
        }
        if ast::DependsOnExtension::can_cast(child.kind()) || ast::NoDependsOnExtension::can_cast(child.kind()) {
            return Ok(());
        }
        // RENAME TO is a kind of its own for each kind of function.
        if child.first_token().is_some_and(|token| token.kind() == squawk_syntax::SyntaxKind::RENAME_KW) {
            let new = new_name(child.descendants().find_map(ast::Path::cast))?.name;
            refuse_taken(cx, function.schema, &new)?;
            function.name = new;
            cx.set_function(oid, Some(function));
            return Ok(());
        }
    }
    Refusal::unknown("ALTER FUNCTION of this kind is not simulated")
}

fn remove(
    cx: &mut Context,
    listed: Vec<(Option<ast::PathRef>, Option<ast::ParamList>)>,
    kinds: &[char],
    if_exists: Option<ast::IfExists>,
    behavior: Option<ast::DropBehavior>,
) -> Result<(), Refusal> {
    let mut objects = Vec::new();
    for (path, parameters) in listed {
        let name = known_name(path)?;
        match find(cx, &name, parameters, kinds) {
            Ok(oid) => objects.push(Object { class: Class::Function, oid, column: 0 }),
            Err(Refusal::Fails(why)) if if_exists.is_some() && !why.ends_with("is not unique") => {
                cx.notice(format!("{why}, skipping"));
            }
            Err(refusal) => return Err(refusal),
        }
    }
    drop::remove(cx, &objects, matches!(behavior, Some(ast::DropBehavior::Cascade(_))))
}

#[cfg(test)]
mod tests;

//! The command as a whole: what it says, and its exit status.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::rc::Rc;

use integratedb_claim::simulate::export::Export;
use integratedb_claim::simulate::input::{Claims, KnownClaim};
use integratedb_claim::simulate::world::{Relation, Role, Schema, World};
use integratedb_claim::state::{ClaimedRelation, Status};

/// A database in which public.orders is claimed.
fn export() -> Export {
    let mut world = World::default();
    let role = |name: &str| Role {
        name: name.into(),
        superuser: name == "owner",
        bypass_row_security: false,
        inherits: [].into(),
        member_of: [].into(),
    };
    world.server_version = 150_000;
    world.roles = [(10, role("owner")), (11, role("reporter"))].into();
    let schema = |name: &str| Schema { name: name.into(), owner: 10, acl: vec![] };
    world.schemas = [(11, schema("pg_catalog")), (20, schema("public")), (21, schema("reporter"))].into();
    world.search_path = vec!["$user".into(), "public".into()];
    world.user = 10;
    let relation = |schema: u32| Relation {
        schema,
        name: "orders".into(),
        kind: 'r',
        owner: 10,
        temporary: false,
        unlogged: false,
        row_security: false,
        force_row_security: false,
        security_invoker: false,
        partition: false,
        parents: vec![],
        row_type: 0,
        of_type: 0,
        columns: vec![],
        last_number: 0,
        index: None,
        owned_by: None,
        identity_sequence: false,
        acl: vec![],
        writing: None,
        uncertain: None,
    };
    world.relations = [(100, Rc::new(relation(20))), (101, Rc::new(relation(21)))].into();
    world.next_oid = 200;
    let orders =
        ClaimedRelation { schema: "public".into(), relation: Some("orders".into()), ..ClaimedRelation::default() };
    let claim = KnownClaim {
        id: 1,
        stakeholder: "reporter".into(),
        match_number: 0,
        optional: false,
        pending: false,
        derived: false,
        alternatives: vec![orders],
        status: Status::Met,
    };
    Export::new(world, Claims { claims: vec![claim], roles: [("reporter".into(), 11)].into(), ..Claims::default() })
}

/// A directory of the test's own, with the export in catalog.json.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("catalog.json"), serde_json::to_string(&export()).unwrap()).unwrap();
    directory
}

/// Runs the command in a directory, with this on its standard input.
fn run(directory: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_integratedb-preview"))
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn preview(directory: &Path, options: &[&str], script: &str) -> (i32, String, String) {
    let arguments: Vec<&str> = ["--catalog", "catalog.json"].iter().chain(options).copied().collect();
    let output = run(directory, &arguments, script);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_status_is_the_worst_verdict() {
    let here = directory("status");
    assert_eq!(preview(&here, &["-"], "").0, 0);
    let (status, text, _) = preview(&here, &["-"], "-- first\nDROP TABLE public.orders;");
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("line 2: DROP TABLE public.orders"), "{text}");
    assert!(text.contains("reporter: public.orders: expected"), "{text}");
    let unknown = "DO $$ BEGIN END $$;";
    assert_eq!(preview(&here, &["-"], unknown).0, 2);
    assert_eq!(preview(&here, &["--allow-unknown", "-"], unknown).0, 0);
    let both = format!("{unknown} DROP TABLE public.orders");
    assert_eq!(preview(&here, &["--allow-unknown", "-"], &both).0, 1);
}

#[test]
fn names_are_found_as_the_user_would() {
    let here = directory("user");
    assert_eq!(preview(&here, &["-"], "DROP TABLE orders").0, 1);
    let (status, _, message) = preview(&here, &["--user", "nobody", "-"], "DROP TABLE orders");
    assert_eq!((status, message.as_str()), (65, "integratedb-preview: catalog.json: there is no role \"nobody\"\n"));
    // reporter has a schema of its own, with another table of that name.
    assert_ne!(preview(&here, &["--user", "reporter", "-"], "DROP TABLE orders").0, 1);
}

#[test]
fn json_names_file_and_line() {
    let here = directory("json");
    fs::write(here.join("a.sql"), "CREATE SCHEMA x").unwrap();
    fs::write(here.join("b.sql"), "\n\nDROP TABLE public.orders;\n").unwrap();
    let (status, text, _) = preview(&here, &["--json", "a.sql", "b.sql"], "");
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, rows.as_array().unwrap().len()), (1, 2), "{text}");
    assert_eq!((&rows[0]["file"], &rows[0]["line"]), (&"a.sql".into(), &1.into()));
    assert_eq!(
        (&rows[1]["file"], &rows[1]["line"], &rows[1]["verdict"]),
        (&"b.sql".into(), &3.into(), &"breaks".into())
    );
}

#[test]
fn what_cannot_be_read_has_a_status_of_its_own() {
    let here = directory("unreadable");
    fs::write(here.join("other.json"), r#"{"format": 2}"#).unwrap();
    fs::write(here.join("latin1.sql"), b"-- caf\xe9").unwrap();
    let status = |arguments: &[&str]| run(&here, arguments, "").status.code();
    assert_eq!(status(&[]), Some(64));
    assert_eq!(status(&["--help"]), Some(0));
    assert_eq!(status(&["--catalog", "nowhere.json", "-"]), Some(66));
    assert_eq!(status(&["--catalog", "catalog.json", "nowhere.sql"]), Some(66));
    assert_eq!(status(&["--catalog", "other.json", "-"]), Some(65));
    assert_eq!(status(&["--catalog", "catalog.json", "latin1.sql"]), Some(65));
    let (status, _, message) = preview(&here, &["-"], "SELECT 'x");
    assert_eq!(status, 65);
    assert!(message.starts_with("integratedb-preview: <stdin>: "), "{message}");
}

#[test]
fn a_long_chain_does_not_exhaust_the_stack() {
    let here = directory("chain");
    for script in [format!("SELECT 1{}", " + 1".repeat(1_000_000)), format!("SELECT {}1", "(".repeat(1_000_000))] {
        let (status, ..) = preview(&here, &["-"], &script);
        assert!([0, 2].contains(&status), "{status}");
    }
}

use crate::simulate::apply::fixture::{failure, run, unknown, world};

#[test]
fn members_have_what_their_groups_have() {
    let mut world = world();
    run(
        &mut world,
        "create role readers; create role app login in role readers; grant app to alice; create role boss superuser bypassrls",
    );
    let role = |name: &str| world.roles.iter().find(|(_, role)| role.name == name).expect("a role");
    let (readers, app) = (*role("readers").0, *role("app").0);
    assert!(role("app").1.inherits.contains(&readers));
    assert!(role("alice").1.member_of.contains(&readers) && role("alice").1.inherits.contains(&app));
    assert!(role("boss").1.superuser && role("boss").1.bypass_row_security);
    run(&mut world, "create role later; grant later to readers");
    let later = world.roles.iter().find(|(_, role)| role.name == "later").map_or(0, |(oid, _)| *oid);
    assert!(world.roles[&101].member_of.contains(&later) && world.roles[&101].inherits.contains(&later));
    failure(&mut world, "create role app");
    failure(&mut world, "grant alice to readers");
    unknown(&mut world, "revoke app from alice");
    run(&mut world, "alter role boss nosuperuser nobypassrls; alter role boss rename to chief; drop role chief");
    assert!(world.roles.values().all(|role| role.name != "chief"));
    failure(&mut world, "grant usage on schema public to app; drop role app");
    run(&mut world, "drop role if exists nobody");
}

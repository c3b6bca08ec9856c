//! What a role can reach besides its claims: the statement that closes it, and whom else that would touch.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::report::{count, one_line};

/// PUBLIC, as an access control list has it.
pub const PUBLIC: u32 = 0;

/// So many names of roles are spelled out.
const SHOWN: usize = 5;

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// OID.
    pub oid: u32,
    /// As SQL writes it.
    pub name: String,
    /// Whom no access control list binds.
    pub superuser: bool,
    /// One of PostgreSQL's own, `pg_*`.
    pub predefined: bool,
}

/// That one role is a member of another.
#[derive(Debug, Clone, Copy)]
pub struct Membership {
    /// Who is a member.
    pub member: u32,
    /// Of which role.
    pub of: u32,
    /// Whether it has the role's privileges without SET ROLE.
    pub inherits: bool,
}

/// All roles, with what each has through others.
#[derive(Debug, Default)]
pub struct Roles {
    all: BTreeMap<u32, Role>,
    inherited: HashMap<u32, BTreeSet<u32>>,
    becomes: HashMap<u32, BTreeSet<u32>>,
    losers: RefCell<HashMap<Loss, Option<String>>>,
}

/// Who has a privilege before and after somebody loses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Loss {
    /// From whom it is taken.
    pub from: Vec<u32>,
    /// Who holds it all the same.
    pub holders: Vec<u32>,
    /// Who may look into the schema of the object; none for an object without one.
    pub schema: Option<Vec<u32>>,
    /// Who is not to be named.
    pub except: Vec<u32>,
}

impl Roles {
    /// From all roles and memberships of a cluster.
    pub fn new(roles: impl IntoIterator<Item = Role>, memberships: &[Membership]) -> Roles {
        let all: BTreeMap<u32, Role> = roles.into_iter().map(|role| (role.oid, role)).collect();
        let reached = |inheriting: bool| {
            let mut edges: HashMap<u32, Vec<u32>> = HashMap::new();
            for one in memberships.iter().filter(|one| one.inherits || !inheriting) {
                edges.entry(one.member).or_default().push(one.of);
            }
            all.keys().map(|role| (*role, closure(*role, &edges))).collect()
        };
        let (inherited, becomes) = (reached(true), reached(false));
        Roles { all, inherited, becomes, losers: RefCell::default() }
    }

    /// A role's name as SQL writes it.
    pub fn name(&self, role: u32) -> String {
        match self.all.get(&role) {
            _ if role == PUBLIC => "PUBLIC".to_owned(),
            Some(role) => role.name.clone(),
            None => role.to_string(),
        }
    }

    /// Whether a role is a superuser.
    pub fn is_superuser(&self, role: u32) -> bool {
        self.all.get(&role).is_some_and(|role| role.superuser)
    }

    /// A role by the name that SQL writes.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.all.values().find(|role| role.name == name).map(|role| role.oid)
    }

    /// The roles that a role can become by SET ROLE, itself among them; of a superuser only those it is made a member of.
    pub fn becomes(&self, role: u32) -> Vec<&Role> {
        self.becomes.get(&role).into_iter().flatten().filter_map(|oid| self.all.get(oid)).collect()
    }

    /// Whether a role has what one of these is granted, without SET ROLE.
    pub fn has_any(&self, role: u32, of: &[u32]) -> bool {
        self.is_superuser(role)
            || of.contains(&PUBLIC)
            || self.inherited.get(&role).is_some_and(|reached| of.iter().any(|one| reached.contains(one)))
    }

    /// Who would lose something: how many roles and the names of the first; superusers and PostgreSQL's own aside.
    pub fn losers(&self, loss: Loss) -> Option<String> {
        if let Some(known) = self.losers.borrow().get(&loss) {
            return known.clone();
        }
        let mut names: Vec<&str> = self
            .all
            .values()
            .filter(|role| !role.superuser && !role.predefined && !loss.except.contains(&role.oid))
            .filter(|role| self.has_any(role.oid, &loss.from) && !self.has_any(role.oid, &loss.holders))
            .filter(|role| loss.schema.as_ref().is_none_or(|users| self.has_any(role.oid, users)))
            .map(|role| role.name.as_str())
            .collect();
        names.sort_unstable();
        let text = listed(&names);
        self.losers.borrow_mut().insert(loss, text.clone());
        text
    }
}

/// `2 roles: a, b`, on one line; none for nobody.
pub fn listed(names: &[&str]) -> Option<String> {
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| one_line(&format!("{}: {shown}{more}", count(names.len(), "role"))))
}

fn closure(from: u32, edges: &HashMap<u32, Vec<u32>>) -> BTreeSet<u32> {
    let mut reached = BTreeSet::from([from]);
    let mut next = VecDeque::from([from]);
    while let Some(role) = next.pop_front() {
        for of in edges.get(&role).into_iter().flatten() {
            if reached.insert(*of) {
                next.push_back(*of);
            }
        }
    }
    reached
}

/// An entry of an access control list that no claim accounts for.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// What GRANT calls the kind of object: `TABLE`, `FUNCTION`, `LARGE OBJECT`.
    pub kind: String,
    /// What a person calls it: `view`.
    pub noun: String,
    /// The object as SQL writes it.
    pub object: String,
    /// One of its columns, as SQL writes it.
    pub column: Option<String>,
    /// Who owns it.
    pub owner: u32,
    /// To whom it is granted.
    pub grantee: u32,
    /// By whom.
    pub grantor: u32,
    /// As SQL writes it.
    pub privilege: String,
    /// Whether the grantee may grant it on.
    pub grantable: bool,
    /// Whether it is ours, and only its grant option is not.
    pub recorded: bool,
    /// All who are granted the privilege on this object, PUBLIC aside.
    pub holders: Vec<u32>,
    /// To whom the grantee has granted it on.
    pub onward: Vec<u32>,
    /// Columns, as SQL writes them, on which it has been granted for claims, and that a REVOKE on the whole takes along.
    pub claimed_columns: Vec<String>,
}

impl Entry {
    /// The statement that closes it, to be executed by a superuser.
    pub fn statement(&self, roles: &Roles) -> String {
        let privilege = match &self.column {
            Some(column) => format!("{} ({column})", self.privilege),
            None => self.privilege.clone(),
        };
        let on = format!("ON {} {}", self.kind, self.object);
        let grantee = roles.name(self.grantee);
        // Without its grant option nobody keeps what depends on it.
        let cascade = if self.onward.is_empty() { "" } else { " CASCADE" };
        if self.grantor != self.owner && roles.is_superuser(self.grantor) {
            // A superuser revokes as the owner, and so not what it once granted as itself.
            let grantor = roles.name(self.grantor);
            return format!("REVOKE GRANT OPTION FOR {privilege} {on} FROM {grantor} CASCADE");
        }
        if self.recorded && self.grantor == self.owner {
            return format!("REVOKE GRANT OPTION FOR {privilege} {on} FROM {grantee}{cascade}");
        }
        let revoke = format!("REVOKE {privilege} {on} FROM {grantee}{cascade}");
        if self.grantor != self.owner {
            // REVOKE takes only what its own role has granted.
            return format!("SET ROLE {}; {revoke}; RESET ROLE", roles.name(self.grantor));
        }
        if self.claimed_columns.is_empty() {
            return revoke;
        }
        format!("{revoke}; GRANT {privilege} ({}) {on} TO {grantee}", self.claimed_columns.join(", "))
    }

    /// From whom the statement takes the privilege, and who holds it all the same.
    pub fn loss(&self, schema: Option<Vec<u32>>, except: Vec<u32>, roles: &Roles) -> Loss {
        let mut from = self.onward.clone();
        if !self.recorded {
            from.push(self.grantee);
        }
        let mut holders: Vec<u32> = self.holders.iter().copied().filter(|holder| !from.contains(holder)).collect();
        holders.extend(self.everywhere().iter().filter_map(|name| roles.find(name)));
        holders.sort_unstable();
        holders.dedup();
        from.sort_unstable();
        Loss { from, holders, schema, except }
    }

    /// The predefined roles that have the privilege on every object.
    fn everywhere(&self) -> &'static [&'static str] {
        match (self.kind.as_str(), self.privilege.as_str()) {
            ("TABLE" | "SEQUENCE", "SELECT") => &["pg_read_all_data"],
            ("TABLE", "INSERT" | "UPDATE" | "DELETE") => &["pg_write_all_data"],
            ("SCHEMA", "USAGE") => &["pg_read_all_data", "pg_write_all_data"],
            _ => &[],
        }
    }
}

/// One way to more than is claimed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Whose; none: everybody's, through PUBLIC.
    pub stakeholder: Option<String>,
    /// How it is reached.
    pub how: &'static str,
    /// The object, with its kind.
    pub object: String,
    /// One of its columns.
    pub column: Option<String>,
    /// What can be done there.
    pub privilege: String,
    /// What else there is to know.
    pub detail: Option<String>,
    /// The statement that closes it.
    pub statement: String,
    /// Whom else that would touch.
    pub touches: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: u32 = 10;
    const APP: u32 = 11;
    const GROUP: u32 = 12;
    const OTHER: u32 = 13;

    fn roles() -> Roles {
        let role = |oid, name: &str, superuser| Role {
            oid,
            name: name.to_owned(),
            superuser,
            predefined: name.starts_with("pg_"),
        };
        Roles::new(
            [
                role(9, "postgres", true),
                role(OWNER, "owner", false),
                role(APP, "app", false),
                role(GROUP, "\"Group\"", false),
                role(OTHER, "other", false),
                role(14, "pg_read_all_data", false),
            ],
            &[
                Membership { member: APP, of: GROUP, inherits: true },
                Membership { member: OTHER, of: GROUP, inherits: false },
            ],
        )
    }

    fn table(grantee: u32) -> Entry {
        Entry {
            kind: "TABLE".to_owned(),
            object: "public.t".to_owned(),
            owner: OWNER,
            grantor: OWNER,
            grantee,
            privilege: "SELECT".to_owned(),
            holders: vec![OWNER, GROUP],
            ..Entry::default()
        }
    }

    #[test]
    fn who_has_it_otherwise_loses_nothing() {
        let roles = roles();
        let loss = table(PUBLIC).loss(None, Vec::new(), &roles);
        assert_eq!(roles.losers(loss).as_deref(), Some("1 role: other"), "it must SET ROLE to have what the group has");
    }

    #[test]
    fn who_reads_everything_loses_nothing() {
        let all = roles();
        let mut memberships = vec![Membership { member: OTHER, of: 14, inherits: true }];
        let with = Roles::new(all.all.values().cloned(), &memberships);
        assert_eq!(with.losers(table(PUBLIC).loss(None, vec![APP, GROUP], &with)), None);
        memberships.clear();
        let without = Roles::new(all.all.values().cloned(), &memberships);
        assert!(without.losers(table(PUBLIC).loss(None, vec![APP, GROUP], &without)).is_some());
    }

    #[test]
    fn who_may_not_look_into_the_schema_loses_nothing() {
        let roles = roles();
        assert_eq!(roles.losers(table(PUBLIC).loss(Some(vec![OWNER]), Vec::new(), &roles)), None);
    }

    #[test]
    fn names_are_capped() {
        assert_eq!(listed(&["a", "b", "c", "d", "e", "f", "g"]).as_deref(), Some("7 roles: a, b, c, d, e and 2 more"));
        assert_eq!(listed(&["a"]).as_deref(), Some("1 role: a"));
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&["\"a\nERROR\""]).as_deref(), Some("1 role: \"a\\nERROR\""));
    }

    #[test]
    fn what_was_granted_on_is_taken_along() {
        let entry = Entry { onward: vec![OTHER], grantable: true, ..table(GROUP) };
        let roles = roles();
        assert_eq!(entry.statement(&roles), "REVOKE SELECT ON TABLE public.t FROM \"Group\" CASCADE");
        let loss = entry.loss(None, vec![GROUP], &roles);
        assert_eq!(roles.losers(loss).as_deref(), Some("2 roles: app, other"));
    }

    #[test]
    fn what_another_granted_is_revoked_as_that_one() {
        let entry = Entry { grantor: OTHER, ..table(APP) };
        let revoke = "SET ROLE other; REVOKE SELECT ON TABLE public.t FROM app; RESET ROLE";
        assert_eq!(entry.statement(&roles()), revoke);
        let entry = Entry { grantor: 9, ..table(APP) };
        assert_eq!(entry.statement(&roles()), "REVOKE GRANT OPTION FOR SELECT ON TABLE public.t FROM postgres CASCADE");
    }

    #[test]
    fn claimed_columns_are_granted_again() {
        let entry = Entry { claimed_columns: vec!["id".to_owned(), "\"E\"".to_owned()], ..table(APP) };
        assert_eq!(
            entry.statement(&roles()),
            "REVOKE SELECT ON TABLE public.t FROM app; GRANT SELECT (id, \"E\") ON TABLE public.t TO app"
        );
    }

    #[test]
    fn only_the_grant_option_of_a_claimed_privilege_goes() {
        let entry = Entry { recorded: true, grantable: true, column: Some("id".to_owned()), ..table(APP) };
        assert_eq!(entry.statement(&roles()), "REVOKE GRANT OPTION FOR SELECT (id) ON TABLE public.t FROM app");
        assert_eq!(roles().losers(entry.loss(None, Vec::new(), &roles())), None);
    }
}

//! What stakeholders can reach besides their claims.

use std::collections::{BTreeMap, HashMap, HashSet};

use integratedb_claim::exposure::{Entry, Finding, Loss, PUBLIC, Roles};
use integratedb_claim::report::{count, one_line};
use pgrx::pg_sys;

use super::beyond;
use crate::pg::configured;
use crate::pg::error::Result;
use crate::pg::exposure::entries::{self, Found};
use crate::pg::exposure::{Grantees, defaults, objects, owned, roles};

/// Everything that a stakeholder can reach besides its claims, or that any of them can; writes nothing.
///
/// # Errors
/// XX000
pub fn exposure(stakeholder: Option<&str>) -> Result<Vec<Finding>> {
    let grantees = beyond::grantees(stakeholder)?;
    if grantees.roles.is_empty() {
        return Ok(Vec::new());
    }
    let only = stakeholder.and(grantees.roles.first()).map(|role| role.to_u32());
    let audit = Audit { grantees, only, roles: roles::all()?, schema_users: objects::schema_users()? };
    let mut findings = audit.of_entries()?;
    findings.extend(audit.of_attributes()?);
    findings.extend(audit.of_memberships()?);
    findings.extend(audit.of_ownership()?);
    findings.extend(audit.of_defaults()?);
    findings.extend(audit.of_user_mappings()?);
    findings.extend(audit.of_large_objects()?);
    findings.sort_unstable();
    Ok(findings)
}

struct Audit {
    grantees: Grantees,
    /// The stakeholder that was asked about.
    only: Option<u32>,
    roles: Roles,
    schema_users: HashMap<u32, Vec<u32>>,
}

/// Who holds which privilege on what.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place<'a> {
    kind: &'a str,
    oid: u32,
    attribute: i16,
    privilege: &'a str,
    role: u32,
}

impl Place<'_> {
    fn of(found: &Found) -> Place<'_> {
        let Entry { kind, privilege, grantee, .. } = &found.entry;
        Place { kind, oid: found.oid.to_u32(), attribute: found.attribute, privilege, role: *grantee }
    }
}

impl Audit {
    fn of_entries(&self) -> Result<Vec<Finding>> {
        let mut found = entries::in_schemas(&self.grantees)?;
        found.extend(entries::beyond_schemas(&self.grantees)?);
        let found = beyond::claims(found, &self.grantees)?;
        let by_hand: HashSet<Place> =
            found.iter().filter(|one| !one.entry.recorded && one.entry.grantee != PUBLIC).map(Place::of).collect();
        let told = found.iter().filter(|one| one.entry.grantee != PUBLIC || self.is_beyond_claims(one, &by_hand));
        Ok(told.map(|one| self.of_entry(one)).collect())
    }

    /// What PUBLIC has concerns the stakeholders that can reach the object and have not been granted it for a claim.
    fn is_beyond_claims(&self, found: &Found, by_hand: &HashSet<Place>) -> bool {
        let users = found.schema.map(|schema| self.users(schema));
        self.grantees.roles.iter().map(|role| role.to_u32()).any(|role| {
            let held_by_hand = || {
                let here = Place { role, ..Place::of(found) };
                by_hand.contains(&here) || by_hand.contains(&Place { attribute: 0, ..here })
            };
            users.is_none_or(|users| self.roles.has_any(role, users))
                && (!found.entry.holders.contains(&role) || held_by_hand())
        })
    }

    fn users(&self, schema: u32) -> &[u32] {
        self.schema_users.get(&schema).map_or(&[], Vec::as_slice)
    }

    fn of_entry(&self, found: &Found) -> Finding {
        let entry = &found.entry;
        let how = match entry {
            Entry { grantee: PUBLIC, .. } => "PUBLIC",
            Entry { recorded: true, .. } => "grant option",
            _ => "grant",
        };
        let schema = found.schema.map(|schema| self.users(schema).to_vec());
        let loss = entry.loss(schema, self.except(entry.grantee), &self.roles);
        Finding {
            stakeholder: self.grantees.stakeholder(entry.grantee).map(str::to_owned),
            how,
            object: one_line(&format!("{} {}", entry.noun, entry.object)),
            column: entry.column.as_deref().map(one_line),
            privilege: entry.privilege.clone(),
            detail: self.detail(entry),
            statement: entry.statement(&self.roles),
            touches: self.roles.losers(loss),
        }
    }

    fn detail(&self, entry: &Entry) -> Option<String> {
        let mut parts = Vec::new();
        if entry.noun.starts_with("SECURITY DEFINER") {
            let superuser = if self.roles.is_superuser(entry.owner) { ", a superuser" } else { "" };
            parts.push(format!("runs with the rights of {}{superuser}", self.roles.name(entry.owner)));
        }
        if entry.kind == "SCHEMA" && entry.privilege == "CREATE" && entry.grantee == PUBLIC {
            parts.push("what anybody makes there can stand for what others name without a schema".to_owned());
        }
        if entry.grantable && !entry.recorded {
            parts.push("with grant option".to_owned());
        }
        if !entry.onward.is_empty() {
            let names: Vec<String> = entry.onward.iter().map(|role| self.roles.name(*role)).collect();
            parts.push(format!("granted on to {}", names.join(", ")));
        }
        if entry.grantor != entry.owner {
            parts.push(format!("granted by {}", self.roles.name(entry.grantor)));
        }
        (!parts.is_empty()).then(|| one_line(&parts.join("; ")))
    }

    /// The stakeholder that a row is about is not told that it would lose something.
    fn except(&self, grantee: u32) -> Vec<u32> {
        match grantee {
            PUBLIC => self.only.into_iter().collect(),
            role => vec![role],
        }
    }

    /// Who has what a role has, because it is a member of it; for PUBLIC everybody.
    fn others(&self, role: u32) -> Option<String> {
        let except = self.except(role);
        self.roles.losers(Loss { from: vec![role], holders: Vec::new(), schema: None, except })
    }

    fn finding(&self, role: u32, how: &'static str) -> Finding {
        Finding {
            stakeholder: self.grantees.stakeholder(role).map(str::to_owned),
            how,
            object: one_line(&format!("role {}", self.roles.name(role))),
            column: None,
            privilege: String::new(),
            detail: None,
            statement: String::new(),
            touches: None,
        }
    }

    fn of_attributes(&self) -> Result<Vec<Finding>> {
        let found = roles::attributes(&self.grantees)?.into_iter();
        let findings = found.map(|(role, attribute)| Finding {
            statement: format!("ALTER ROLE {} NO{attribute}", self.roles.name(role)),
            privilege: attribute,
            ..self.finding(role, "attribute")
        });
        Ok(findings.collect())
    }

    fn of_memberships(&self) -> Result<Vec<Finding>> {
        let mut brought: BTreeMap<u32, String> = BTreeMap::new();
        let mut findings = Vec::new();
        for direct in roles::memberships(&self.grantees)? {
            let brings = match brought.get(&direct.of) {
                Some(known) => known.clone(),
                None => {
                    let brings = self.brings(direct.of)?;
                    brought.insert(direct.of, brings.clone());
                    brings
                }
            };
            let privilege = if direct.admin { "MEMBER WITH ADMIN OPTION" } else { "MEMBER" };
            findings.push(Finding {
                object: one_line(&format!("role {}", self.roles.name(direct.of))),
                privilege: privilege.to_owned(),
                detail: Some(one_line(&brings)),
                statement: direct.statement,
                touches: self.others(direct.member),
                ..self.finding(direct.member, "membership")
            });
        }
        Ok(findings)
    }

    /// What somebody has who is a member of a role, with SET ROLE too.
    fn brings(&self, role: u32) -> Result<String> {
        let reached = self.roles.becomes(role);
        let mut parts = Vec::new();
        let special = reached.iter().filter(|one| one.superuser || one.predefined);
        parts.extend(special.map(|one| match one.superuser {
            true => format!("{} is a superuser", one.name),
            false => format!("{} is a predefined role", one.name),
        }));
        let oids: Vec<pg_sys::Oid> = reached.iter().map(|one| one.oid.into()).collect();
        let (owned, granted, first) = roles::brought(oids)?;
        if owned > 0 {
            parts.push(format!("owns {}", count(owned as usize, "object")));
        }
        if granted > 0 {
            parts.push(format!("has privileges on {}", count(granted as usize, "object")));
        }
        if parts.is_empty() {
            return Ok("brings nothing in this database today".to_owned());
        }
        let more = if owned + granted > first.len() as i64 { ", ..." } else { "" };
        let of = if first.is_empty() { String::new() } else { format!(": {}{more}", first.join(", ")) };
        Ok(format!("{}{of}", parts.join(", ")))
    }

    fn of_ownership(&self) -> Result<Vec<Finding>> {
        let found = owned::outside_own_schemas(&self.grantees)?.into_iter();
        let findings = found.map(|one| Finding {
            object: one_line(&one.object),
            privilege: "OWNER".to_owned(),
            detail: Some(format!("would belong to {}", one_line(&self.roles.name(one.new_owner)))),
            statement: one.statement,
            touches: self.others(one.role),
            ..self.finding(one.role, "ownership")
        });
        Ok(findings.collect())
    }

    fn of_defaults(&self) -> Result<Vec<Finding>> {
        let found = defaults::all(&self.grantees)?.into_iter();
        let findings = found.map(|one| Finding {
            object: one_line(&one.object),
            privilege: one.privilege,
            detail: Some("concerns objects that are made later".to_owned()),
            statement: one.statement,
            ..self.finding(one.grantee, "default privileges")
        });
        Ok(findings.collect())
    }

    fn of_user_mappings(&self) -> Result<Vec<Finding>> {
        let found = objects::user_mappings(&self.grantees)?.into_iter();
        let findings = found.map(|(role, server, statement)| Finding {
            object: one_line(&server),
            privilege: "USER MAPPING".to_owned(),
            statement,
            touches: self.others(role),
            ..self.finding(role, "user mapping")
        });
        Ok(findings.collect())
    }

    fn of_large_objects(&self) -> Result<Vec<Finding>> {
        let found = configured::otherwise(vec!["lo_compat_privileges".to_owned()], vec!["off".to_owned()])?.into_iter();
        let concerned = found.filter(|one| one.role.is_none_or(|role| self.grantees.stakeholder(role).is_some()));
        let findings = concerned.map(|one| {
            let role = one.role.unwrap_or(PUBLIC);
            Finding {
                object: "every large object".to_owned(),
                privilege: "SELECT, UPDATE".to_owned(),
                detail: Some(one_line(&format!("lo_compat_privileges is {} for {}", one.value, one.place))),
                statement: one.statement,
                touches: self.others(role),
                ..self.finding(role, "setting")
            }
        });
        Ok(findings.collect())
    }
}

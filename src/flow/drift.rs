//! Privileges against claims and ledger: what is missing, what is left over, what has been granted by hand.

use integratedb_claim::exposure::PUBLIC;
use integratedb_claim::report::one_line;
use integratedb_claim::state::Claim;

use super::declare::{self, Before, close_fence};
use super::reader::role_of;
use super::reconcile::{Apply, Grants, Made};
use super::{adopt, beyond};
use crate::pg::catalog::Reader as CatalogReader;
use crate::pg::error::{Error, Result};
use crate::pg::exposure::{entries, roles};
use crate::pg::stamp::{self, Stamp};
use crate::pg::{adoption, fence, relations, session, store};

/// One privilege that is not as the claims and the ledger have it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// Whose.
    pub stakeholder: String,
    /// `missing`, `extra` or `by hand`.
    pub state: &'static str,
    /// The object.
    pub path: String,
    /// One of its columns.
    pub column: Option<String>,
    /// As SQL writes it.
    pub privilege: String,
    /// The statement that mends it.
    pub statement: String,
}

/// All of them; writes nothing. What a claim needs and the role has not is missing, what was granted for claims that are gone is
/// extra, and what somebody else has granted is by hand unless a claim needs it.
///
/// # Errors
/// 55000 when the caches are another database's: then nobody knows what was granted.
pub fn drift() -> Result<Vec<Drift>> {
    let is_known = match stamp::read()? {
        Stamp::Valid | Stamp::Marked => true,
        Stamp::Absent => relations::is_empty(c"stakeholder")?,
        Stamp::Foreign => false,
    };
    if !is_known {
        return Err(Error::caches_of_another());
    }
    let mut all: Vec<Drift> = Vec::new();
    for due in due()? {
        let made = due.made;
        all.push(Drift {
            state: if made.action == "grant" { "missing" } else { "extra" },
            path: made.path.to_string(),
            column: made.column.as_deref().map(str::to_owned),
            privilege: made.privilege.to_owned(),
            // Names of stakeholders need no quoting.
            statement: format!("SELECT * FROM integratedb.repair_privileges('{}')", due.stakeholder),
            stakeholder: due.stakeholder,
        });
    }
    all.extend(by_hand()?);
    all.sort_unstable();
    Ok(all)
}

/// What would bring the privileges of all stakeholders in line with their claims as they are stored, with what is left of unmet
/// ones.
fn due() -> Result<Vec<Repaired>> {
    let mut all = Vec::new();
    let mut catalog = CatalogReader::default();
    for stakeholder in store::stakeholders()? {
        let Some(role) = role_of(&stakeholder)?.role().cloned() else { continue };
        if store::given(&stakeholder)?.schema && adoption::lacks_own_schema(role.oid, &stakeholder)? {
            all.push(own_schema(&stakeholder));
        }
        let claims = store::granting_claims(&stakeholder)?;
        let claims: Vec<&Claim> = claims.iter().collect();
        let concerned = declare::load_claimed(&stakeholder, &claims, Vec::new(), &mut catalog)?;
        let (relations, grants) = (&concerned.still, Grants::WhatIsLeft);
        let made = declare::difference(&stakeholder, &role, &claims, relations, &catalog, grants, Apply::OnlySay)?;
        all.extend(made.into_iter().map(|made| Repaired { stakeholder: stakeholder.clone(), made }));
        if catalog.is_large() {
            catalog = CatalogReader::default();
        }
        pgrx::check_for_interrupts!();
    }
    Ok(all)
}

fn own_schema(stakeholder: &str) -> Repaired {
    let path = stakeholder.into();
    let made = Made { action: "grant", privilege: "USAGE, CREATE", path, column: None };
    Repaired { stakeholder: stakeholder.to_owned(), made }
}

fn by_hand() -> Result<Vec<Drift>> {
    let grantees = beyond::grantees(None)?;
    let mut found = entries::in_schemas(&grantees)?;
    found.retain(|one| one.entry.grantee != PUBLIC);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let roles = roles::all()?;
    let found = beyond::claims(found, &grantees)?.into_iter();
    let rows = found.filter_map(|one| {
        let entry = one.entry;
        let option = if entry.recorded { "GRANT OPTION FOR " } else { "" };
        Some(Drift {
            stakeholder: grantees.stakeholder(entry.grantee)?.to_owned(),
            state: "by hand",
            path: one_line(&entry.object),
            column: entry.column.as_deref().map(one_line),
            privilege: format!("{option}{}", entry.privilege),
            statement: entry.statement(&roles),
        })
    });
    Ok(rows.collect())
}

/// One grant or revoke that repairs a privilege.
#[derive(PartialEq, Eq)]
pub struct Repaired {
    /// Whose.
    pub stakeholder: String,
    /// What is done.
    pub made: Made,
}

/// Grants what is missing, of all stakeholders or of one, and revokes what is extra; what was granted by hand stays. A role that is
/// not to be trusted is a WARNING.
///
/// # Errors
/// 42704 for an unknown stakeholder; 55P03 when the fence is held; 55000 when a privilege cannot be granted.
pub fn repair(stakeholder: Option<&str>) -> Result<Vec<Repaired>> {
    // What has passed with enforcement = off is repaired already when the fence is closed, with all claims read anew.
    let due_before = if stamp::read()? == Stamp::Marked {
        fence::close()?;
        session::accept_invalidations();
        due()?
    } else {
        Vec::new()
    };
    close_fence()?;
    let stakeholders = match stakeholder {
        Some(one) => {
            store::document(one)?;
            vec![one.to_owned()]
        }
        None => store::stakeholders()?,
    };
    let mut all = Vec::new();
    for stakeholder in stakeholders {
        let state = role_of(&stakeholder)?;
        if let Some(role) = state.role()
            && adopt::give_schema(role, &stakeholder, store::given(&stakeholder)?)?
        {
            all.push(own_schema(&stakeholder));
        }
        let before = Before::load(&stakeholder)?;
        let claims: Vec<&Claim> = before.claims.iter().map(|next| &next.claim).collect();
        let catalog = &mut CatalogReader::default();
        let made = declare::settle(&stakeholder, &state, &claims, &before, catalog, Grants::WhatIsLeft)?;
        all.extend(made.into_iter().map(|made| Repaired { stakeholder: stakeholder.clone(), made }));
    }
    if !due_before.is_empty() {
        let still_due = due()?;
        let done = due_before.into_iter().filter(|one| !still_due.contains(one) && !all.contains(one));
        all.splice(0..0, done.collect::<Vec<_>>());
    }
    Ok(all)
}

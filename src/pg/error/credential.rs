//! Errors of credentials.

use integratedb_claim::report::{count, shown};

use super::Error;

impl Error {
    /// 42704: no such credential.
    pub fn undefined_credential(username: &str) -> Error {
        Error::new("42704", format!("credential \"{}\" does not exist", shown(username)))
            .detail("It was never issued, or has been revoked, or its time was over.")
            .hint("The view integratedb.credentials lists them.")
    }

    /// 42710: it is one already.
    pub fn credential_exists(username: &str) -> Error {
        Error::new("42710", format!("credential \"{}\" already exists", shown(username)))
            .detail("A login acts as one stakeholder.")
            .hint("The view integratedb.credentials lists them.")
    }

    /// 42501: a role that is more than a login.
    pub fn cannot_register(username: &str, reasons: &[String]) -> Error {
        Error::new("42501", format!("role \"{}\" cannot be registered as a credential", shown(username)))
            .detail(reasons.join("\n"))
            .hint("Register a role that was just made with LOGIN, a password and VALID UNTIL: it is dropped when the credential goes.")
    }

    /// 55000: a credential that cannot be used any more.
    pub fn credential_without_role(username: &str, is_revoked: bool) -> Error {
        Error::wrong_state(
            format!("credential \"{username}\" cannot be used any more"),
            if is_revoked {
                "It has been revoked, or its time is over."
            } else {
                "Its role has been dropped or renamed, or was not made for this database."
            },
            "Issue another one: integratedb.issue_credential(stakeholder).",
        )
    }

    /// 42501: a stakeholder's own login is for administrators to replace by credentials.
    pub fn own_login_issues_nothing(stakeholder: &str) -> Error {
        Error::new("42501", "permission denied for function issue_credential")
            .detail(format!("Role \"{stakeholder}\" has logged in itself; with its first credential it could do so no more."))
            .hint("Ask an administrator for the first credential. integratedb.rotate_password(stakeholder) gives the role another password.")
    }

    /// 42501: not with this session's credential.
    pub fn another_credential(function: &str, session: &str) -> Error {
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!("This session belongs to \"{}\", which may do this to its own credential, the one that it came from and the one that it issued.", shown(session)))
            .hint("Ask an administrator: the view integratedb.admins lists them.")
    }

    /// 42501: a login that reaches more than a stakeholder does.
    pub fn login_of_superusers(function: &str, stakeholder: &str, reasons: &[String]) -> Error {
        let reasons: Vec<String> = reasons.iter().map(|reason| shown(reason)).collect();
        Error::new("42501", format!("permission denied for function {function}"))
            .detail(format!(
                "Logins and settings of role \"{stakeholder}\" are a superuser's to give.\n{}",
                reasons.join("\n")
            ))
            .hint("Ask a superuser.")
    }

    /// 55000: a rotation that is not finished.
    pub fn issued_already(username: &str, other: &str) -> Error {
        Error::wrong_state(
            format!("credential \"{username}\" cannot be used to issue another one yet"),
            format!("Credential \"{other}\", which it came from or has issued, is still valid."),
            "Finish the rotation first: integratedb.revoke_credential(username) for one of the two.",
        )
    }

    /// 55000: there are credentials.
    pub fn logs_in_by_credentials(stakeholder: &str) -> Error {
        Error::wrong_state(
            format!("stakeholder \"{stakeholder}\" logs in by credentials, not by its own role"),
            "It has credentials that are not revoked; its own role has no LOGIN.",
            "Name the credential, or issue another one: integratedb.issue_credential(stakeholder).",
        )
    }

    /// 55000: the stakeholder's role has no LOGIN.
    pub fn login_is_taken(stakeholder: &str) -> Error {
        Error::wrong_state(
            format!("role \"{stakeholder}\" has no LOGIN"),
            "It was taken with its first credential, or by an administrator.",
            "Ask an administrator for a credential.",
        )
    }

    /// 55P03: a session of the stakeholder itself, perhaps.
    pub fn stakeholder_in_use(stakeholder: &str) -> Error {
        Error::new("55P03", format!("stakeholder \"{stakeholder}\" is being changed by another transaction"))
            .detail("One that changes the stakeholder, or with which it issues a credential for itself, is open. Everybody's DDL would wait meanwhile.")
            .hint("Try again. If sessions of the stakeholder do not end by themselves: CALL integratedb.revoke_stakeholder_access(name).")
    }

    /// NOTICE: with the first credential.
    pub fn login_taken(stakeholder: &str) -> Error {
        Error::new("00000", format!("role \"{stakeholder}\" cannot log in itself any more")).detail(
            "From its first credential on the stakeholder logs in by credentials only. Sessions that are there go on.",
        )
    }

    /// NOTICE: when there is no credential left.
    pub fn login_given(stakeholder: &str) -> Error {
        Error::new("00000", format!("role \"{stakeholder}\" can log in itself again"))
            .detail("The stakeholder has no credential.")
    }

    /// WARNING: a setting that the server does not take any more.
    pub fn setting_not_copied(role: &str, name: &str, why: &str) -> Error {
        Error::new("01000", format!("setting \"{}\" is not copied to role \"{role}\"", shown(name)))
            .detail(shown(why))
            .hint("Set it right on the stakeholder's role, with ALTER ROLE.")
    }

    /// WARNING: a role that cannot go.
    pub fn credential_kept(stakeholder: &str, what: &str) -> Error {
        Error::new(
            "01000",
            format!("a credential of stakeholder \"{stakeholder}\" is revoked, and its role is still there"),
        )
        .detail(what.to_owned())
        .hint("See to what stands in the way, and call integratedb.reap_credentials().")
    }

    /// 55000: sessions that do not end.
    pub fn sessions_left(role: &str, number: usize) -> Error {
        Error::wrong_state(
            format!("{} of role \"{role}\" did not end", count(number, "session")),
            "LOGIN has been taken from it, and its sessions were told to end.",
            "Look at them in pg_stat_activity, and call integratedb.revoke_stakeholder_access again.",
        )
    }

    /// 25001: in a transaction block.
    pub fn in_transaction_block(procedure: &str) -> Error {
        Error::new("25001", format!("{procedure} cannot run inside a transaction block"))
            .detail("It commits on its way, so that nobody logs in again while sessions are being ended.")
            .hint("CALL it by itself.")
    }

    /// 0A000: sessions are ended by who commits.
    pub fn sessions_to_end() -> Error {
        Error::new("0A000", "cannot PREPARE a transaction that has revoked credentials")
            .detail("Their sessions are ended by the session that commits.")
            .hint("COMMIT it instead.")
    }
}

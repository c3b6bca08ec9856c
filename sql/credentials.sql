-- Logins of stakeholders besides their own roles. As in tables.sql: names are dumped, OIDs are not. Never a secret.

CREATE TABLE integratedb.credential (
    username text PRIMARY KEY,
    stakeholder text NOT NULL,
    label text,
    issued_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    issued_by text NOT NULL,
    -- The credential with which the stakeholder has issued this one for itself.
    issued_through text,
    rotated_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX credential_stakeholder ON integratedb.credential (stakeholder);
COMMENT ON TABLE integratedb.credential IS 'Logins issued for stakeholders. One that has a stakeholder''s own name is its own role, once its password has been rotated';

CREATE TABLE integratedb.credential_cache (
    username text PRIMARY KEY,
    role_oid oid NOT NULL,
    -- A database that was made from this one as a template has a copy of this table.
    database_oid oid NOT NULL
);
COMMENT ON TABLE integratedb.credential_cache IS 'The role that was made for a credential. Not dumped';

-- Which role a credential is, if it is still the one that was made for it: by OID or, after a restore, when the role is set
-- up for this very database. In a copy of the database beside the original it is not: there, nothing touches it.
CREATE VIEW integratedb.credential_role AS
SELECT c.username,
       c.stakeholder,
       c.issued_through,
       c.revoked_at IS NOT NULL AS is_revoked,
       r.oid AS found_oid,
       CASE WHEN o.is_own THEN r.oid END AS role_oid,
       COALESCE(r.rolvaliduntil, 'infinity') AS valid_until,
       CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked'
            WHEN r.oid IS NULL THEN 'missing'
            WHEN o.is_own IS NOT TRUE THEN 'replaced'
            WHEN r.rolvaliduntil <= pg_catalog.now() THEN 'expired'
            WHEN NOT r.rolcanlogin THEN 'disabled'
            ELSE 'valid' END AS status
FROM integratedb.credential c
CROSS JOIN (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) d
LEFT JOIN integratedb.credential_cache k ON k.username = c.username AND k.database_oid = d.oid
LEFT JOIN pg_catalog.pg_roles r ON r.rolname = c.username::name
LEFT JOIN LATERAL (
    SELECT CASE WHEN k.role_oid IS NULL
                THEN EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s
                             WHERE s.setrole = r.oid AND s.setdatabase = d.oid AND 'role=' || c.stakeholder = ANY (s.setconfig))
                ELSE k.role_oid = r.oid END AS is_own) o ON true
WHERE c.username <> c.stakeholder;
COMMENT ON VIEW integratedb.credential_role IS 'Internal: the role that each credential is, and whether it is the one that was made for it';

CREATE VIEW integratedb.credentials WITH (security_barrier) AS
SELECT l.stakeholder,
       l.username,
       l.label,
       l.status,
       l.valid_until,
       l.issued_at,
       l.issued_by,
       l.issued_through,
       l.rotated_at,
       (SELECT pg_catalog.count(*)::integer FROM pg_catalog.pg_stat_get_activity(NULL) a WHERE a.usesysid = l.role_oid) AS sessions
FROM (
    SELECT c.stakeholder, c.username, c.label, r.status, CASE WHEN r.role_oid IS NOT NULL THEN r.valid_until END AS valid_until,
           c.issued_at, c.issued_by, c.issued_through, c.rotated_at, r.role_oid
    FROM integratedb.credential c JOIN integratedb.credential_role r USING (username)
    UNION ALL
    -- The stakeholder's own role, as long as it can be used to log in.
    SELECT s.name, s.name, NULL, CASE WHEN r.rolvaliduntil <= pg_catalog.now() THEN 'expired' ELSE 'valid' END,
           COALESCE(r.rolvaliduntil, 'infinity'), s.created_at, s.created_by, NULL, c.rotated_at, r.oid
    FROM integratedb.stakeholder s
    JOIN pg_catalog.pg_roles r ON r.rolname = s.name::name AND r.rolcanlogin
    LEFT JOIN integratedb.stakeholder_cache k ON k.stakeholder = s.name
    LEFT JOIN integratedb.credential c ON c.username = s.name
    WHERE k.role_oid IS NULL OR k.role_oid = r.oid) l
WHERE (SELECT integratedb.is_admin())
   OR pg_catalog.pg_has_role((SELECT k.role_oid FROM integratedb.stakeholder_cache k WHERE k.stakeholder = l.stakeholder), 'USAGE');
COMMENT ON VIEW integratedb.credentials IS 'One row a login of a stakeholder: until when it is valid, who has issued it, how many sessions it has now. Never a secret';

-- No SET clause: with one it could not COMMIT. Every name is qualified instead.
CREATE PROCEDURE integratedb.revoke_stakeholder_access(name text) LANGUAGE plpgsql AS $$
BEGIN
    -- From here on nobody logs in any more; whoever has is thrown out at COMMIT, even if what follows fails.
    PERFORM integratedb.forbid_access(revoke_stakeholder_access.name);
    COMMIT;
    PERFORM integratedb.end_access(revoke_stakeholder_access.name);
END
$$;
COMMENT ON PROCEDURE integratedb.revoke_stakeholder_access(text) IS 'For an emergency: ends every login of a stakeholder, its own included, and all their sessions. Claims and objects stay';

SELECT pg_catalog.pg_extension_config_dump('integratedb.credential', '');

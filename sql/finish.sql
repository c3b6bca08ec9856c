COMMENT ON FUNCTION integratedb.create_stakeholder(text, jsonb) IS 'Registers an application: makes its role, its schema and its password, which is shown this once';
COMMENT ON FUNCTION integratedb.grant_admin(text) IS 'Makes a role an administrator: it may register stakeholders, claim for them and approve requests. For superusers';
COMMENT ON FUNCTION integratedb.revoke_admin(text) IS 'Takes back what grant_admin gave';
COMMENT ON FUNCTION integratedb.is_admin() IS 'Whether the current role is an administrator';
COMMENT ON FUNCTION integratedb.owns(text, text) IS 'Internal: whether the current role has the privileges of a relation''s owner';
COMMENT ON FUNCTION integratedb.alter_stakeholder(text, jsonb) IS 'Changes options of a stakeholder: limits that its role cannot lift, defaults that it can, and who answers for it; null takes one back';
COMMENT ON FUNCTION integratedb.issue_credential(text, interval, text) IS 'Issues a login that acts as a stakeholder''s role and ends by itself; the password is shown this once. With the first one the role itself loses LOGIN';
COMMENT ON FUNCTION integratedb.register_credential(text, text, text) IS 'Makes a login role that was just made, by a secret manager for example, act as a stakeholder''s role: a credential like those that are issued';
COMMENT ON FUNCTION integratedb.renew_credential(text, interval) IS 'Says anew, from now on, how long a credential is valid';
COMMENT ON FUNCTION integratedb.rotate_password(text) IS 'Gives a stakeholder''s role, or a credential, another password, which is shown this once';
COMMENT ON FUNCTION integratedb.revoke_credential(text) IS 'Revokes a credential: drops its role and, at COMMIT, ends its sessions';
COMMENT ON FUNCTION integratedb.reap_credentials() IS 'Removes credentials whose time is over, with their sessions';
COMMENT ON FUNCTION integratedb.forbid_access(text) IS 'Internal: the first half of revoke_stakeholder_access';
COMMENT ON FUNCTION integratedb.end_access(text) IS 'Internal: the second half of revoke_stakeholder_access';
COMMENT ON FUNCTION integratedb.adopt_stakeholder(text) IS 'Registers an application whose role exists: takes over role and schema without touching what they have';
COMMENT ON FUNCTION integratedb.rename_stakeholder(text, text) IS 'Renames a stakeholder with its role and schema; the password stays';
COMMENT ON FUNCTION integratedb.drop_stakeholder(text, boolean) IS 'Drops a stakeholder with its claims, grants, schema and role: all or nothing. With keep, what cannot go stays (role NOLOGIN) and is listed';
COMMENT ON FUNCTION integratedb.claim(text, jsonb) IS 'Replaces a stakeholder''s claim document; returns the grants and revokes that this made';
COMMENT ON FUNCTION integratedb.claim(text, text, text[]) IS 'Adds or replaces one match of a stakeholder''s claim document: claim(''reporter'', ''public.orders'', ''{id,total}'')';
COMMENT ON FUNCTION integratedb.unclaim(text, text) IS 'Removes one match of a stakeholder''s claim document, or all of it; returns the revokes that this made';
COMMENT ON FUNCTION integratedb.request_claim(jsonb, text) IS 'Asks, as a stakeholder, for a claim document: owners of what it names and administrators approve it. Returns the number of the request';
COMMENT ON FUNCTION integratedb.approve_request(bigint, text) IS 'Approves what the caller owns of a request, an administrator all of it; the last approval claims, and returns the grants';
COMMENT ON FUNCTION integratedb.refuse_request(bigint, text) IS 'Refuses a request, and says why. A stakeholder takes its own back so';
COMMENT ON FUNCTION integratedb.request_parts(bigint) IS 'Internal: what the current role may see of a request';
COMMENT ON FUNCTION integratedb.export_configuration() IS 'All stakeholders with options and claims, and all protections, as one document for a repository. No secrets';
COMMENT ON FUNCTION integratedb.apply_configuration(jsonb, boolean, boolean) IS 'Makes of what is there what such a document says: the differences, which a dry run (the default) only tells. With prune, what it does not name goes';
COMMENT ON FUNCTION integratedb.check_document(jsonb, text) IS 'Everything that is wrong with a claim document, and what claiming it would grant and revoke. Changes nothing';
COMMENT ON FUNCTION integratedb.protect(text, text[], text) IS 'Keeps wildcards from taking a relation, or columns of it; lists the claims that take it today';
COMMENT ON FUNCTION integratedb.waive(text, text, text[], text, timestamptz) IS 'Lets named breaks of a stakeholder''s claims pass until a time, on the record. For the stakeholder itself and superusers';
COMMENT ON FUNCTION integratedb.unwaive(bigint) IS 'Takes a waiver back';
COMMENT ON FUNCTION integratedb.unprotect(text, text[]) IS 'Takes a protection back';
COMMENT ON FUNCTION integratedb.arguments_text(json) IS 'Internal: the arguments of a claimed function as a person writes them';
COMMENT ON FUNCTION integratedb.infer_claims(text[], text) IS 'The smallest claim document under which these queries run, and what could not be resolved';
COMMENT ON FUNCTION integratedb.infer_claims_from_statistics(text) IS 'The same for the queries that a role has run, as pg_stat_statements has them';
COMMENT ON FUNCTION integratedb.claim_queries(text, text[]) IS 'Claims what these queries need, in place of the stakeholder''s document; returns the grants and revokes that this made';
COMMENT ON FUNCTION integratedb.claim_document(text) IS 'A stakeholder''s claim document as given';
COMMENT ON FUNCTION integratedb.claim_schema() IS 'The JSON Schema (2020-12) of the claim document, for editors and CI';
COMMENT ON FUNCTION integratedb.explain_denied(text, text, text) IS 'Why a stakeholder is denied a permission: the claim that is missing, or what else stands in the way; and what is granted';
COMMENT ON FUNCTION integratedb.impact(text, text[]) IS 'Everything that depends on a relation, or on columns of it: claims, views, foreign keys; and what would have to happen before it can go';
COMMENT ON FUNCTION integratedb.can_drop(text, text[]) IS 'Whether a DROP of a relation, or of columns of it, would pass, and if not why';
COMMENT ON FUNCTION integratedb.can_rename(text, text[]) IS 'Whether a relation, or columns of it, could get another name, and if not why';
COMMENT ON FUNCTION integratedb.can_alter_type(text, text, text) IS 'Whether a column could get a type, and if not why';
COMMENT ON FUNCTION integratedb.impact_graph(text) IS 'Claimed relations, who claims them, and the views and foreign keys between them, as a Mermaid flowchart';
COMMENT ON FUNCTION integratedb.export_grants(text) IS 'The claim document that needs what a role has been granted itself; what it leaves out is a WARNING';
COMMENT ON FUNCTION integratedb.unmet_claims(integer) IS 'What the catalogs no longer satisfy, one row a reason. Owners of relations see what concerns them';
COMMENT ON FUNCTION integratedb.rehearse_migration(text, interval, interval) IS 'Runs a migration script as the caller, says of each statement what it breaks, locks and writes anew, and undoes it all';
COMMENT ON FUNCTION integratedb.rehearse_migration_json(text, interval, interval) IS 'What rehearse_migration says, as one JSON value';
COMMENT ON FUNCTION integratedb.assert_rehearsal(text, interval, interval, boolean) IS 'Rehearses a script: the number of its statements, or an error that says what it breaks or what fails';
COMMENT ON FUNCTION integratedb.validate_migration(integer) IS '0 if every claim is met, or an error that lists every violation. Owners of relations are told what concerns them';
COMMENT ON FUNCTION integratedb.preview_migration(text, boolean) IS 'What a migration script would do to the claims, one row a statement. Executes nothing, and locks no relation';
COMMENT ON FUNCTION integratedb.preview_migration_json(text, boolean) IS 'The same as one JSON value';
COMMENT ON FUNCTION integratedb.assert_preview(text, boolean, boolean) IS 'The number of statements of a script that breaks nothing, or an error that lists all that it breaks';
COMMENT ON FUNCTION integratedb.export_catalog() IS 'Catalogs and claims as one value, for the command integratedb-preview';
COMMENT ON FUNCTION integratedb.exposure(text) IS 'What a stakeholder, or any, can reach besides its claims: how, the statement that closes it, and whom else that would touch';
COMMENT ON FUNCTION integratedb.privilege_drift() IS 'Privileges that are not as claims and ledger have them: missing, extra, or granted by hand';
COMMENT ON FUNCTION integratedb.repair_privileges(text) IS 'Grants what privilege_drift() finds missing and revokes what is extra, for all stakeholders or one; returns what it did';
COMMENT ON FUNCTION integratedb.doctor() IS 'Whether all is as it should be: one row a check, with what is wrong and the statement that mends it. Changes nothing';
COMMENT ON FUNCTION integratedb.sync() IS 'Accepts today''s catalogs: expands every document again and brings all privileges in line';
COMMENT ON FUNCTION integratedb.install_compat(text) IS 'Creates integratedb_validate_migration(), integratedb_unmet_claims() and integratedb_sync() in a schema';
COMMENT ON FUNCTION integratedb.path_text(text, text) IS 'Internal: a path as a claim document writes it';
COMMENT ON FUNCTION integratedb.shape_text(json) IS 'Internal: a required shape as a person writes it';
COMMENT ON FUNCTION integratedb.deprecate(text, text[], text, date, text) IS 'Announces that a relation, or columns of it, will go: after drop_after (UTC) claims on it hold no longer. For owners';
COMMENT ON FUNCTION integratedb.undeprecate(text, text[]) IS 'Takes an announcement of deprecate back';
COMMENT ON FUNCTION integratedb.claim_diff(text, integer, integer) IS 'What differs between two versions of a stakeholder''s claim document';
COMMENT ON FUNCTION integratedb.restore_claim(text, integer) IS 'Claims a version of a stakeholder''s document again; returns the grants and revokes that this made';
COMMENT ON FUNCTION integratedb.needed_by(text, text, text) IS 'Internal: who would lose a claim if a relation or column were dropped';
COMMENT ON FUNCTION integratedb.first_met(json) IS 'Internal: which alternative of a field is the first that is met';
COMMENT ON FUNCTION integratedb.column_alternatives(json) IS 'Internal: the alternatives of fields that have several';
COMMENT ON FUNCTION integratedb.on_ddl_command_start() IS 'Internal: event trigger';
COMMENT ON FUNCTION integratedb.on_sql_drop() IS 'Internal: event trigger';
COMMENT ON FUNCTION integratedb.on_ddl_command_end() IS 'Internal: event trigger';

COMMENT ON FUNCTION integratedb.on_data_loaded() IS 'Internal: trigger';

-- A restore loads these tables behind our back; from then on the caches are not to be trusted.
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.stakeholder
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.claim
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.claimed_relation
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.protection
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.granted_privilege
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
CREATE TRIGGER loaded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON integratedb.deprecation
    FOR EACH STATEMENT EXECUTE FUNCTION integratedb.on_data_loaded();
ALTER TABLE integratedb.deprecation ENABLE ALWAYS TRIGGER loaded;
ALTER TABLE integratedb.stakeholder ENABLE ALWAYS TRIGGER loaded;
ALTER TABLE integratedb.claim ENABLE ALWAYS TRIGGER loaded;
ALTER TABLE integratedb.claimed_relation ENABLE ALWAYS TRIGGER loaded;
ALTER TABLE integratedb.protection ENABLE ALWAYS TRIGGER loaded;
ALTER TABLE integratedb.granted_privilege ENABLE ALWAYS TRIGGER loaded;

-- Nobody may do anything, but for what follows.
-- Not only from PUBLIC: default privileges of whoever installs the extension may have given others a trigger on our
-- tables, which would run as the owner.
DO $$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
        FROM (SELECT c.relowner AS owner, a.grantee
              FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
              WHERE c.relnamespace = 'integratedb'::pg_catalog.regnamespace
              UNION
              SELECT p.proowner, a.grantee
              FROM pg_catalog.pg_proc p
              CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
              WHERE p.pronamespace = 'integratedb'::pg_catalog.regnamespace
              UNION
              SELECT t.typowner, a.grantee
              FROM pg_catalog.pg_type t
              CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))) a
              WHERE t.oid = 'integratedb.administrator'::pg_catalog.regtype) a
        WHERE a.grantee <> a.owner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL TABLES IN SCHEMA integratedb FROM %s CASCADE', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA integratedb FROM %s CASCADE', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL ROUTINES IN SCHEMA integratedb FROM %s CASCADE', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON TYPE integratedb.administrator FROM %s CASCADE', grantee);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA integratedb TO PUBLIC;

-- What is for administrators only grant_admin() gives; the functions test the caller themselves as well. The rest is for
-- everybody, because every role may own a relation or be a stakeholder's.

-- Owners are told what concerns their relations, and speak for them.
GRANT EXECUTE ON FUNCTION integratedb.validate_migration(integer), integratedb.unmet_claims(integer),
    integratedb.impact(text, text[]), integratedb.can_drop(text, text[]), integratedb.can_rename(text, text[]),
    integratedb.can_alter_type(text, text, text), integratedb.impact_graph(text),
    integratedb.deprecate(text, text[], text, date, text), integratedb.undeprecate(text, text[]) TO PUBLIC;
-- Stakeholders ask about their own claims, and speak for them.
GRANT EXECUTE ON FUNCTION integratedb.claim_document(text), integratedb.claim_diff(text, integer, integer),
    integratedb.check_document(jsonb, text), integratedb.explain_denied(text, text, text), integratedb.exposure(text),
    integratedb.waive(text, text, text[], text, timestamptz), integratedb.unwaive(bigint) TO PUBLIC;
-- Stakeholders ask, owners answer.
GRANT EXECUTE ON FUNCTION integratedb.request_claim(jsonb, text), integratedb.approve_request(bigint, text),
    integratedb.refuse_request(bigint, text), integratedb.request_parts(bigint) TO PUBLIC;
GRANT SELECT ON integratedb.requests TO PUBLIC;
-- They replace their own secrets.
GRANT EXECUTE ON FUNCTION integratedb.issue_credential(text, interval, text), integratedb.rotate_password(text),
    integratedb.revoke_credential(text) TO PUBLIC;
-- They run the caller's script with the caller's rights, as the caller could by hand.
GRANT EXECUTE ON FUNCTION integratedb.rehearse_migration(text, interval, interval),
    integratedb.rehearse_migration_json(text, interval, interval),
    integratedb.assert_rehearsal(text, interval, interval, boolean) TO PUBLIC;
-- They tell a role what its own script would do, and of claims only those on what it owns.
GRANT EXECUTE ON FUNCTION integratedb.preview_migration(text, boolean), integratedb.preview_migration_json(text, boolean),
    integratedb.assert_preview(text, boolean, boolean) TO PUBLIC;
-- It says what a document may look like, and nothing of this database.
GRANT EXECUTE ON FUNCTION integratedb.claim_schema() TO PUBLIC;
-- Each shows its reader what concerns it. The functions are what they call: those of a view run as its reader.
GRANT SELECT ON integratedb.admins, integratedb.stakeholders, integratedb.credentials, integratedb.claims, integratedb.claimed_columns, integratedb.protections,
    integratedb.claim_history, integratedb.migration_history, integratedb.waivers, integratedb.deprecations, integratedb.evolution TO PUBLIC;
GRANT EXECUTE ON FUNCTION integratedb.is_admin(), integratedb.owns(text, text), integratedb.needed_by(text, text, text),
    integratedb.path_text(text, text), integratedb.shape_text(json), integratedb.arguments_text(json), integratedb.first_met(json),
    integratedb.column_alternatives(json) TO PUBLIC;

-- Last, because from here on every command of this script would be judged. ALWAYS: session_replication_role = replica
-- is no way around them.
CREATE EVENT TRIGGER integratedb_ddl_command_start ON ddl_command_start EXECUTE FUNCTION integratedb.on_ddl_command_start();
CREATE EVENT TRIGGER integratedb_sql_drop ON sql_drop EXECUTE FUNCTION integratedb.on_sql_drop();
CREATE EVENT TRIGGER integratedb_ddl_command_end ON ddl_command_end EXECUTE FUNCTION integratedb.on_ddl_command_end();
COMMENT ON EVENT TRIGGER integratedb_ddl_command_start IS 'Before DDL: keeps claims and DDL from passing each other';
COMMENT ON EVENT TRIGGER integratedb_sql_drop IS 'After DDL: notes what was dropped';
COMMENT ON EVENT TRIGGER integratedb_ddl_command_end IS 'After DDL: judges the claims that it touched';
ALTER EVENT TRIGGER integratedb_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER integratedb_sql_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER integratedb_ddl_command_end ENABLE ALWAYS;

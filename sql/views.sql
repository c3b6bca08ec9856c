-- Monitoring views read our tables only and write nothing, so that they work on a standby. Administrators see all rows, a
-- stakeholder its own, the owner of a relation what is claimed on that. security_barrier: a caller's own functions are not
-- given other rows.

CREATE VIEW integratedb.admins AS
SELECT r.rolname::text AS role,
       CASE WHEN r.oid = t.typowner THEN 'owner of the extension'
            WHEN r.rolsuper THEN 'superuser'
            WHEN EXISTS (SELECT FROM pg_catalog.aclexplode(t.typacl) a WHERE a.grantee = r.oid) THEN 'granted'
            ELSE 'member' END AS administrator_by,
       r.rolcanlogin AS can_login
FROM pg_catalog.pg_type t
CROSS JOIN pg_catalog.pg_roles r
WHERE t.typnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'integratedb') AND t.typname = 'administrator'
  AND pg_catalog.has_type_privilege(r.oid, t.oid, 'USAGE');
COMMENT ON VIEW integratedb.admins IS 'Roles that may register stakeholders, claim for them and approve requests: superusers, those to whom grant_admin gave it, and their members';

CREATE VIEW integratedb.stakeholders WITH (security_barrier) AS
SELECT s.name AS stakeholder,
       s.name AS username,
       s.name AS schema_name,
       CASE WHEN r.oid IS NULL THEN 'missing'
            WHEN r.oid <> k.role_oid THEN 'replaced'
            ELSE 'present' END AS role_status,
       COALESCE(r.rolcanlogin, false) AS can_login,
       s.adopted,
       (SELECT pg_catalog.count(*) FROM integratedb.claim c WHERE c.stakeholder = s.name) AS claims,
       (SELECT pg_catalog.count(*) FROM integratedb.claim c WHERE c.stakeholder = s.name AND c.status = 'unmet') AS unmet_claims,
       (SELECT pg_catalog.count(*) FROM integratedb.claim c WHERE c.stakeholder = s.name AND c.status = 'pending') AS pending_claims,
       -- What the role cannot lift, and what it can: the options of src/flow/option.rs.
       o.limits,
       o.defaults,
       s.options ->> 'owner' AS owner,
       s.options ->> 'contact' AS contact,
       s.options ->> 'team' AS team,
       s.options ->> 'description' AS description,
       s.created_at,
       s.created_by,
       s.claimed_at
FROM integratedb.stakeholder s
LEFT JOIN pg_catalog.pg_roles r ON r.rolname = s.name
LEFT JOIN integratedb.stakeholder_cache k ON k.stakeholder = s.name
CROSS JOIN LATERAL (
    SELECT COALESCE(pg_catalog.jsonb_object_agg(key, value) FILTER (WHERE key IN ('connection_limit', 'temp_file_limit')), '{}') AS limits,
           COALESCE(pg_catalog.jsonb_object_agg(key, value)
                        FILTER (WHERE key IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'work_mem',
                                              'default_transaction_read_only', 'search_path')), '{}') AS defaults
    FROM pg_catalog.jsonb_each(s.options)) o
WHERE (SELECT integratedb.is_admin()) OR pg_catalog.pg_has_role(k.role_oid, 'USAGE');
COMMENT ON VIEW integratedb.stakeholders IS 'One row a stakeholder: its role and schema, and how many of its claims are met';

CREATE VIEW integratedb.claims WITH (security_barrier) AS
SELECT c.stakeholder,
       c.claim_id,
       r.path,
       c.status,
       c.optional,
       c.derived AS from_wildcard,
       c.pending AS may_be_pending,
       c.reason,
       r.kind,
       r.alternatives,
       r.met_alternatives,
       r.active_alternative,
       r.active_path,
       c.match_number
FROM integratedb.claim c
JOIN (SELECT claim_id,
             pg_catalog.string_agg(path, ' | ' ORDER BY alternative) AS path,
             pg_catalog.count(*)::integer AS alternatives,
             pg_catalog.min(kind) AS kind,
             COALESCE(pg_catalog.array_agg(alternative + 1 ORDER BY alternative) FILTER (WHERE status = 'met'), '{}') AS met_alternatives,
             pg_catalog.min(alternative) FILTER (WHERE status = 'met') + 1 AS active_alternative,
             (pg_catalog.array_agg(path ORDER BY alternative) FILTER (WHERE status = 'met'))[1] AS active_path
      FROM (SELECT claim_id, r.alternative, r.status, r.kind,
                   integratedb.path_text(r.schema_name::text, r.relation_name::text)
                       || COALESCE(CASE r.kind WHEN 'function' THEN integratedb.arguments_text(r.requirements) END, '') AS path
            FROM integratedb.claimed_relation r
            JOIN integratedb.claim c USING (claim_id)
            LEFT JOIN integratedb.stakeholder_cache k USING (stakeholder)
            WHERE (SELECT integratedb.is_admin()) OR pg_catalog.pg_has_role(k.role_oid, 'USAGE')
               OR integratedb.owns(r.schema_name::text, r.relation_name::text)) a
      GROUP BY claim_id) r USING (claim_id);
COMMENT ON VIEW integratedb.claims IS 'One row a claim: its path (alternatives joined by |), whether it is met and why not, and by which alternatives, counted from 1; the first that is met is active';

CREATE VIEW integratedb.claimed_columns WITH (security_barrier) AS
SELECT c.stakeholder,
       c.claim_id,
       integratedb.path_text(r.schema_name::text, r.relation_name::text) AS path,
       column_alternative ->> 'name' AS column_name,
       integratedb.shape_text(column_alternative) AS shape,
       COALESCE(column_alternative ->> 'status', 'met') AS status,
       COALESCE((field ->> 'optional')::boolean, false) AS optional,
       r.alternative + 1 AS alternative,
       f.number::integer AS field,
       a.number::integer AS field_alternative,
       r.is_active AND a.number = f.first_met IS TRUE AS active
FROM integratedb.claim c
JOIN (SELECT r.*, r.status = 'met' AND r.alternative = pg_catalog.min(r.alternative) FILTER (WHERE r.status = 'met')
                      OVER (PARTITION BY r.claim_id) AS is_active
      FROM integratedb.claimed_relation r) r USING (claim_id)
-- Not by a window: the planner believes in so many columns that it would compile the query.
CROSS JOIN LATERAL (SELECT x.field, x.number, integratedb.first_met(x.field) AS first_met
                    FROM pg_catalog.json_array_elements(r.fields) WITH ORDINALITY AS x (field, number)) f
CROSS JOIN LATERAL pg_catalog.json_array_elements(f.field -> 'columns') WITH ORDINALITY AS a (column_alternative, number)
LEFT JOIN integratedb.stakeholder_cache k ON k.stakeholder = c.stakeholder
WHERE (SELECT integratedb.is_admin()) OR pg_catalog.pg_has_role(k.role_oid, 'USAGE')
   OR integratedb.owns(r.schema_name::text, r.relation_name::text);
COMMENT ON VIEW integratedb.claimed_columns IS 'One row a claimed column, or alternative of one: the shape that is required of it, whether it is met, and whether it is the one that counts now';

CREATE VIEW integratedb.protections WITH (security_barrier) AS
SELECT integratedb.path_text(p.schema_name::text, p.relation_name::text) AS path,
       NULLIF(p.column_name::text, '') AS column_name,
       p.reason,
       p.protected_at,
       p.protected_by,
       ARRAY(SELECT DISTINCT c.stakeholder
             FROM integratedb.claimed_relation r
             JOIN integratedb.claim c USING (claim_id)
             LEFT JOIN LATERAL (
                 SELECT column_alternative ->> 'name' AS name
                 FROM pg_catalog.json_array_elements(r.fields) AS f (field)
                 CROSS JOIN LATERAL pg_catalog.json_array_elements(f.field -> 'columns') AS a (column_alternative)) x ON true
             WHERE r.kind = 'relation' AND r.schema_name = p.schema_name AND r.relation_name = p.relation_name
               AND (p.column_name = '' OR x.name = p.column_name)
             ORDER BY 1) AS claimed_by
FROM integratedb.protection p
WHERE (SELECT integratedb.is_admin()) OR integratedb.owns(p.schema_name::text, p.relation_name::text);
COMMENT ON VIEW integratedb.protections IS 'What no wildcard takes, and what an explicit claim takes only with "acknowledge_protected": true; and who claims it all the same';

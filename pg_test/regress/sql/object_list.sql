-- What the extension consists of, each with a comment; what is not listed here fails this test.
\set test 'integratedb_object_list'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SELECT extname, extnamespace::regnamespace, extrelocatable FROM pg_extension WHERE extname = 'integratedb';
SELECT superuser, trusted, schema FROM pg_available_extension_versions WHERE name = 'integratedb' AND installed;
SELECT pg_describe_object(classid, objid, objsubid) AS object
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'integratedb') AND deptype = 'e'
       -- Row and array types are members in some versions only.
   AND classid <> 'pg_type'::regclass
 ORDER BY 1;
-- Nothing in the schema that is no member of the extension.
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS not_a_member
  FROM pg_depend AS d
 WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'integratedb'::regnamespace AND d.deptype = 'n' AND d.classid NOT IN ('pg_type'::regclass, 'pg_extension'::regclass)
   AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
 ORDER BY 1;
-- Everything has a comment.
SELECT pg_describe_object(classid, objid, 0) AS without_comment
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'integratedb') AND deptype = 'e'
   AND classid <> 'pg_type'::regclass AND obj_description(objid, classid::regclass::name) IS NULL
   AND NOT (classid = 'pg_class'::regclass AND objid IN (SELECT oid FROM pg_class WHERE relkind = 'S'))
 ORDER BY 1;
SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'integratedb';
-- Functions: signature, result, and what pins them down. Only the event triggers' resolve names under the caller's path.
SELECT p.oid::regprocedure AS function, pg_get_function_result(p.oid) AS result, p.prosecdef AS definer, p.provolatile AS volatility, p.proisstrict AS strict,
       p.proconfig AS config, l.lanname AS language
  FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.pronamespace = 'integratedb'::regnamespace ORDER BY p.proname, p.pronargs;
SELECT proname, pg_get_function_arguments(oid) AS arguments FROM pg_proc WHERE pronamespace = 'integratedb'::regnamespace ORDER BY proname, pronargs;
SELECT evtname, evtevent, evtenabled, evttags, evtfoid::regproc, evtowner = (SELECT extowner FROM pg_extension WHERE extname = 'integratedb') AS extension_owner_owns
  FROM pg_event_trigger ORDER BY 1;
-- Each table with a column has a primary key, for publications of all tables; none has a trigger or a foreign key.
SELECT c.relname AS without_primary_key FROM pg_class AS c
 WHERE c.relnamespace = 'integratedb'::regnamespace AND c.relkind = 'r' AND c.relnatts > 0 AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p') ORDER BY 1;
-- Triggers on tables: those that notice what a restore loads.
SELECT tgrelid::regclass AS "table", tgname, tgenabled FROM pg_trigger
 WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace) ORDER BY 1, 2;
-- What pg_dump carries.
SELECT config.oid::regclass FROM pg_extension, unnest(extconfig) AS config(oid) WHERE extname = 'integratedb' ORDER BY 1;
-- The settings.
SELECT name, setting, unit, context, vartype, enumvals, min_val, boot_val FROM pg_settings WHERE name LIKE 'integratedb.%' ORDER BY 1;
\i :end

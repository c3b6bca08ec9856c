-- A GRANT takes nothing, and a REVOKE from one stakeholder takes nothing from another.
\set test 'integratedb_grant_harms_nobody'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE ROLE regress_owner;
CREATE SCHEMA b AUTHORIZATION regress_owner;
SET ROLE regress_owner;
CREATE TABLE b.t (id integer, note text);
CREATE TABLE b.u (id integer, note text);
RESET ROLE;
SELECT stakeholder FROM integratedb.create_stakeholder('one');
SELECT stakeholder FROM integratedb.create_stakeholder('two');
SELECT stakeholder FROM integratedb.create_stakeholder('three');
SELECT count(*) FROM integratedb.claim('one', 'b.*', '{*}');
SELECT count(*) FROM integratedb.claim('two', 'b.*', '{*}');
SELECT count(*) FROM integratedb.claim('three', '{"match": [{"path": "b.t", "fields": ["id"]}, {"alternatives": [{"path": "b.no_such", "fields": ["*"]}, {"path": "b.u", "fields": ["note"]}]}]}');
CREATE VIEW readers AS SELECT role, readable(role, 'b.t') AS t, readable(role, 'b.u') AS u FROM unnest('{one,two,three}'::name[]) AS role;
CREATE TABLE ledger AS SELECT g::text AS entry FROM integratedb.granted_privilege AS g;
GRANT SELECT ON readers TO regress_owner;
TABLE readers;
SET ROLE regress_owner;
GRANT SELECT ON b.t TO two;
GRANT SELECT (id) ON b.t TO three;
GRANT SELECT ON ALL TABLES IN SCHEMA b TO one;
GRANT INSERT, UPDATE ON b.u TO one, two;
GRANT USAGE ON SCHEMA b TO two;
RESET ROLE;
TABLE readers;
SET ROLE regress_owner;
REVOKE INSERT ON b.u FROM one;
REVOKE UPDATE ON ALL TABLES IN SCHEMA b FROM one, two, three;
REVOKE ALL ON b.t FROM PUBLIC;
REVOKE SELECT (note) ON b.t FROM three;
REVOKE GRANT OPTION FOR SELECT ON b.t FROM two;
TABLE readers;
-- A REVOKE of what is claimed is the only one that is refused, for its own grantee.
REVOKE SELECT ON b.t FROM two;
REVOKE ALL ON b.u FROM three;
BEGIN;
REVOKE SELECT ON b.t FROM two;
GRANT SELECT ON b.t TO two;
COMMIT;
RESET ROLE;
TABLE readers;
SELECT entry AS lost FROM ledger EXCEPT SELECT g::text FROM integratedb.granted_privilege AS g;
SELECT g::text AS won FROM integratedb.granted_privilege AS g EXCEPT TABLE ledger;
-- Nobody's claims are forgotten when another's are evaluated: a change of the relation, a drop and a new one.
SET ROLE regress_owner;
ALTER TABLE b.u ADD COLUMN more text;
BEGIN;
DROP TABLE b.t;
CREATE TABLE b.t (id integer, note text);
GRANT SELECT ON b.t TO two;
COMMIT;
RESET ROLE;
TABLE readers;
SELECT integratedb.validate_migration();

\i :end

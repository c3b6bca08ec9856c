-- optional: absent is met; there with the wrong shape is pending when claimed, and a break later.
\set test 'integratedb_claim_optional'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE TABLE public.t (id bigint PRIMARY KEY, name text);
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT * FROM integratedb.claim('regress_app', '{"match": [
  {"path": "public.t", "fields": ["id", {"name": "nickname", "type": "text", "optional": true}]},
  {"path": "public.extra", "fields": ["id", {"name": "note", "type": "varchar(20)"}], "optional": true}]}');
SELECT path, status, optional FROM integratedb.claims ORDER BY path;
SELECT path, column_name, shape, status, optional FROM integratedb.claimed_columns ORDER BY 1, 2;
SELECT * FROM integratedb.unmet_claims();
SELECT integratedb.validate_migration();

-- When it comes with the right shape, it is granted and guarded.
ALTER TABLE public.t ADD COLUMN nickname text;
SELECT has_column_privilege('regress_app', 'public.t', 'nickname', 'SELECT');
ALTER TABLE public.t ALTER nickname TYPE varchar(10);
CREATE TABLE public.extra (id bigint, note varchar(20));
SELECT has_column_privilege('regress_app', 'public.extra', 'note', 'SELECT');
SELECT path, status, active_path FROM integratedb.claims ORDER BY path;
ALTER TABLE public.extra ALTER note TYPE text;
ALTER TABLE public.extra DROP COLUMN note;
-- It may go again: absent is met.
ALTER TABLE public.t DROP COLUMN nickname;
DROP TABLE public.extra;
SELECT path, status FROM integratedb.claims ORDER BY path;

-- With the wrong shape, from absent: a break.
ALTER TABLE public.t ADD COLUMN nickname integer;
CREATE TABLE public.extra (id bigint);
-- A rename brings it in with the wrong shape, too.
ALTER TABLE public.t ADD COLUMN other integer;
ALTER TABLE public.t RENAME COLUMN other TO nickname;

-- There with the wrong shape when claimed: pending, and stops nobody.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": ["id", {"name": "other", "type": "text", "optional": true}]}]}');
SELECT path, status FROM integratedb.claims;
SELECT column_name, shape, status FROM integratedb.claimed_columns ORDER BY 1;
SELECT has_column_privilege('regress_app', 'public.t', 'id', 'SELECT') AS id, has_column_privilege('regress_app', 'public.t', 'other', 'SELECT') AS other;
SELECT path, column_name, rule, expected, actual FROM integratedb.unmet_claims();
ALTER TABLE public.t ALTER other TYPE bigint;
ALTER TABLE public.t ALTER other TYPE text;
SELECT path, status FROM integratedb.claims;
SELECT has_column_privilege('regress_app', 'public.t', 'other', 'SELECT') AS other;
ALTER TABLE public.t ALTER other TYPE varchar(3);
-- A relation, likewise: nothing of it is granted until it is met.
CREATE TABLE public.extra (id bigint);
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.extra", "fields": ["id", "note"], "optional": true}]}');
SELECT path, status, active_path FROM integratedb.claims;
SELECT has_column_privilege('regress_app', 'public.extra', 'id', 'SELECT') AS id;
SELECT integratedb.validate_migration();
DROP TABLE public.extra;
SELECT path, status, active_path FROM integratedb.claims;
CREATE TABLE public.extra (id bigint, note text);
SELECT path, status, active_path FROM integratedb.claims;
SELECT has_column_privilege('regress_app', 'public.extra', 'id', 'SELECT') AS id;
-- "optional": false is the same as without.
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.t", "fields": [{"name": "nope", "optional": false}]}]}');
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "public.nope", "optional": false}]}');
\i :end

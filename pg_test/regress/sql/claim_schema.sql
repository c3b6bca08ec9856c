-- claim_schema returns the JSON Schema of the claim document, to everybody.
\set test 'integratedb_claim_schema'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_author;
SET SESSION AUTHORIZATION regress_author;
SELECT integratedb.claim_schema() ->> '$schema' AS dialect, integratedb.claim_schema() ->> '$id' AS id, integratedb.claim_schema() -> 'required' AS required;
SELECT count(*) > 10 AS definitions FROM jsonb_object_keys(integratedb.claim_schema() -> '$defs');
SELECT key FROM jsonb_object_keys(integratedb.claim_schema() #> '{$defs,match_of_relation,properties}') AS key ORDER BY key;
RESET SESSION AUTHORIZATION;
\i :end

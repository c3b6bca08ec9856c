-- Every key with a value of a wrong type, every contradiction: all said at once, each where it stands.
\set test 'integratedb_bad_input_of_new_keys'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set ECHO none
\set digest :abs_srcdir '/include/digest.sql'
\i :digest
CREATE TABLE public.t (id bigint PRIMARY KEY, code varchar(10), total numeric, gross numeric GENERATED ALWAYS AS (total) STORED);
CREATE TABLE public.u (id bigint PRIMARY KEY);
CREATE FUNCTION public.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT stakeholder FROM integratedb.create_stakeholder('app');
SELECT count(*) FROM integratedb.claim('app', 'public.t', '{id}');
-- The problems of a document, one a line; claim() counts as many, says the first 100 of them, and leaves everything as it was.
CREATE FUNCTION public.wrong(document jsonb) RETURNS TABLE (problem text) LANGUAGE plpgsql AS $$
DECLARE
    before text := public.digest();
    said text;
    counted bigint;
BEGIN
    RETURN QUERY SELECT concat_ws(' ', sqlstate, json_path || ':', message, '(' || hint || ')') FROM integratedb.check_document(document, 'app') WHERE finding = 'problem';
    GET DIAGNOSTICS counted = ROW_COUNT;
    BEGIN
        PERFORM integratedb.claim('app', document);
        problem := 'accepted';
        RETURN NEXT;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        said := SQLERRM;
    END;
    IF said IS DISTINCT FROM format('claim of stakeholder "app" has %s problem%s', counted, CASE WHEN counted = 1 THEN '' ELSE 's' END) THEN
        problem := 'BUT claim() says: ' || said;
        RETURN NEXT;
    END IF;
    IF before <> public.digest() THEN
        problem := 'AND it has changed something';
        RETURN NEXT;
    END IF;
END $$;
\pset format unaligned
\pset tuples_only on
-- Every key of a match, as a number, a text, an object, a list of the wrong things.
SELECT wrong('{"match": [{"path": "public.t", "fields": ["*"], "except": 1, "keys": 2, "references": 3, "indexed": 4, "privileges": 5, "shape": 6, "acknowledge_protected": 7, "pending": 8, "optional": 9, "alternatives": 10}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["*"], "except": "a", "keys": "b", "references": "c", "indexed": "d", "privileges": "select", "shape": "e", "acknowledge_protected": "f", "pending": "true", "optional": "no"}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["*"], "except": {}, "keys": {}, "references": {}, "indexed": {}, "privileges": {}, "shape": {}, "acknowledge_protected": {}, "pending": {}, "optional": {}}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["*"], "except": [1, null, ""], "keys": [1, "id", [], [1], [null], ["id", "id"], [[]]], "references": [1, [], {}, {"fields": "id", "path": 1, "to": {}}, {"fields": [], "path": "u", "to": [1]}, {"fields": ["id"], "path": "public.*", "to": ["id"], "match": "full"}],
   "indexed": [1, "id", [], [{}], [""]], "privileges": [1, "SELECT", "trigger", "truncate", "usage", null], "shape": ["pinned"], "acknowledge_protected": [true], "pending": [true]}]}');
SELECT wrong('{"shape": 1, "match": []}');
SELECT wrong('{"shape": "Pinned", "match": []}');
SELECT wrong('{"shape": null, "pending": true, "match": [{"path": "public.t", "kyes": [], "Keys": [], "column": [], "label": []}]}');
-- Null counts as left out.
SELECT wrong('{"shape": null, "match": [{"path": "public.t", "fields": ["id", {"name": "code", "type": null, "max_length": null, "collation": null, "generated": null, "has_default": null, "labels": null, "shape": null, "select": null, "insert": null, "update": null}],
   "except": null, "keys": null, "references": null, "indexed": null, "privileges": null, "shape": null, "acknowledge_protected": null, "pending": null, "optional": null, "alternatives": null}]}');
SELECT count(*) FROM integratedb.claim('app', 'public.t', '{id}');
-- Every key of a field.
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"name": "id", "type": 1, "min_length": "1", "max_length": "2", "is_nullable": 3, "collation": 4, "generated": 5, "has_default": 6, "labels": 7, "shape": 8, "select": 9, "insert": 10, "update": 11, "delete": true}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"name": "id", "type": [], "min_length": 0, "max_length": -1, "is_nullable": "no", "collation": "", "generated": "always", "has_default": "yes", "labels": "x", "shape": "x", "select": "x", "insert": [], "update": {}}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"name": "id", "type": [1, "", null, "a%type"], "max_length": 1.5, "collation": "a.b.c", "labels": [1, "", null, "a", "a", "0123456789012345678901234567890123456789012345678901234567890123"]}, {"name": "code", "max_length": 10485761, "type": {}, "collation": ["C"], "labels": {}}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"alternatives": ["id", {"name": "code", "max_length": "x", "optional": true}], "type": "text", "max_length": 3, "labels": [], "select": 1}]}]}');
-- Functions, sequences, types.
SELECT wrong('{"match": [{"function": 1}, {"function": "f"}, {"function": "public.f"}, {"function": "public.f("}, {"function": "public.f)"}, {"function": "public.f(integer"}, {"function": "public.f(integer,)"}, {"function": "public.f(,integer)"},
   {"function": "public.f(integer) x"}, {"function": "public.*(integer)"}, {"function": "public.f(integer; DROP TABLE x)"}, {"function": "public.f(a integer)"}, {"function": "public.f(OUT integer)"}, {"function": "public.f(integer)", "returns": 1, "allow_security_definer": "yes", "labels": [], "pending": 1, "optional": "x"},
   {"function": "public.f(integer)", "returns": "no_such"}, {"function": "public.f(integer)", "returns": "setof no_such"}, {"function": "public.f(text)"}, {"function": ""}, {"function": []}]}');
SELECT wrong('{"match": [{"sequence": 1}, {"sequence": "s"}, {"sequence": "public.*"}, {"sequence": "public.t", "fields": ["*"]}, {"sequence": "public.t"}, {"type": 1}, {"type": "t"}, {"type": "public.*"}, {"type": "public.t", "labels": 1}, {"type": "public.t[]"}, {"type": "public.no", "returns": "x"}, {"type": "integer"},
   {"type": "pg_catalog.int4"}, {"sequence": "integratedb.claim_claim_id_seq"}, {"function": "pg_catalog.pg_read_file(text)"}, {"function": "integratedb.sync()"}]}');
SELECT wrong('{"match": [{"path": "public.t", "function": "public.f(integer)"}, {"function": "public.f(integer)", "type": "public.x"}, {"sequence": "public.s", "type": "public.x"}, {"alternatives": [{"function": "public.f(integer)"}, {"sequence": "public.s"}]},
   {"function": "public.f(integer)", "alternatives": []}, {"function": "public.f(integer)"}, {"function": "public.f(int4)"}]}');
-- Contradictions.
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"name": "code", "min_length": 5, "max_length": 4}, {"name": "id", "generated": true, "has_default": true}, {"name": "gross", "generated": true, "insert": true, "update": true}, {"name": "total", "generated": true}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["id", "gross"], "privileges": ["select", "insert"], "except": ["code"]}, {"path": "public.u", "except": ["id"]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["id", "code"], "keys": [["id"], ["total"], ["no_such", "id"]], "indexed": [["gross"]], "references": [{"fields": ["total"], "path": "public.u", "to": ["id"]}, {"fields": ["id"], "path": "public.u", "to": ["id", "x"]}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": ["*"], "except": ["total"], "keys": [["total"]], "indexed": [["id", "total"]], "references": [{"fields": ["total", "id"], "path": "public.u", "to": ["id"]}]}]}');
SELECT wrong('{"match": [{"path": "public.t", "keys": [["id"]], "privileges": ["insert"]}, {"path": "public.u", "fields": [], "privileges": ["select", "delete", "update"]}]}');
SELECT wrong('{"match": [{"path": "public.*", "fields": ["*"], "keys": [["id"]], "indexed": [["id"]], "references": [{"fields": ["id"], "path": "public.u", "to": ["id"]}]}, {"path": "other.*", "fields": ["id"], "except": ["x"]}]}');
SELECT wrong('{"match": [{"alternatives": [{"path": "public.t", "fields": ["id"]}, {"path": "public.u", "pending": true}, {"path": "public.*", "fields": ["*"]}], "keys": [["id"]], "except": [], "privileges": ["select"], "acknowledge_protected": true, "shape": "pinned"}]}');
SELECT wrong('{"match": [{"path": "public.t", "fields": [{"name": "id", "labels": ["a"]}, {"name": "code", "labels": ["a"], "collation": "no_such"}, {"name": "total", "min_length": 3, "max_length": 3, "has_default": true}]}]}');
-- Names that would tell something if they were not quoted.
SELECT wrong('{"match": [{"path": "public.t", "fields": ["id"], "keys": [["a\"b", "c\nd"]], "shape": "x\ny", "privileges": ["\u001b[31m"]}, {"function": "public.f(\"a\nb\")"}]}');
-- Of everything too much.
SELECT wrong(jsonb_build_object('match', jsonb_build_array(jsonb_build_object('path', 'public.t', 'fields', '["*"]'::jsonb, 'keys', (SELECT jsonb_agg('["id"]'::jsonb) FROM generate_series(1, 101)), 'indexed', jsonb_build_array((SELECT jsonb_agg('c' || i) FROM generate_series(1, 33) AS i)),
   'references', (SELECT jsonb_agg('{"fields": ["id"], "path": "public.u", "to": ["id"]}'::jsonb) FROM generate_series(1, 101)), 'privileges', (SELECT jsonb_agg('select'::text) FROM generate_series(1, 8)), 'except', (SELECT jsonb_agg('c' || i) FROM generate_series(1, 1665) AS i)))));
SELECT wrong(jsonb_build_object('match', jsonb_build_array(jsonb_build_object('path', 'public.t', 'fields', jsonb_build_array(jsonb_build_object('name', 'id', 'type', (SELECT jsonb_agg('text'::text) FROM generate_series(1, 101)), 'labels', (SELECT jsonb_agg('l' || i) FROM generate_series(1, 1001) AS i)))),
   jsonb_build_object('function', 'public.f(' || (SELECT string_agg('integer', ', ') FROM generate_series(1, 101)) || ')'), jsonb_build_object('function', 'public.f(' || repeat('x', 300) || ')'))));
\i :end

-- Threat: code of a user's in a domain, default, index, trigger, view, cast or policy runs with the extension's rights during DDL or claim.
\set test 'integratedb_threat_user_code'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_attacker;
CREATE SCHEMA evil AUTHORIZATION regress_attacker;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SET SESSION AUTHORIZATION regress_attacker;
CREATE TABLE evil.called (who name, what text);
GRANT USAGE ON SCHEMA evil TO PUBLIC;
GRANT INSERT ON evil.called TO PUBLIC;
CREATE FUNCTION evil.caught(what text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN EXECUTE format('INSERT INTO evil.called VALUES (current_user, %L)', what); RETURN true; EXCEPTION WHEN OTHERS THEN RETURN true; END $$;
CREATE FUNCTION evil.caught_volatile(what text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.called VALUES (current_user, what); RETURN 1; END $$;
CREATE DOMAIN evil.checked AS text CHECK (evil.caught_volatile('domain') = 1);
CREATE DOMAIN evil.checked_array AS text[] CHECK (evil.caught_volatile('domain') = 1);
CREATE TYPE evil.mood AS ENUM ('sad', 'ok');
CREATE FUNCTION evil.to_mood(text) RETURNS evil.mood LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught_volatile('cast'); RETURN NULL; END $$;
CREATE CAST (text AS evil.mood) WITH FUNCTION evil.to_mood(text) AS IMPLICIT;
CREATE FUNCTION evil.from_mood(evil.mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught_volatile('cast'); RETURN NULL; END $$;
CREATE CAST (evil.mood AS text) WITH FUNCTION evil.from_mood(evil.mood) AS IMPLICIT;
CREATE FUNCTION evil.equal(evil.mood, evil.mood) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught_volatile('operator'); RETURN true; END $$;
CREATE OPERATOR evil.= (LEFTARG = evil.mood, RIGHTARG = evil.mood, FUNCTION = evil.equal);
CREATE FUNCTION evil.on_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught_volatile('trigger'); RETURN NULL; END $$;
CREATE TABLE evil.t (id bigint PRIMARY KEY DEFAULT evil.caught_volatile('default'), d evil.checked, da evil.checked_array, m evil.mood, n varchar(20),
    g text GENERATED ALWAYS AS (CASE WHEN evil.caught('generated') THEN 'x' END) STORED, CHECK (evil.caught('check')));
CREATE TRIGGER on_row AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON evil.t FOR EACH STATEMENT EXECUTE FUNCTION evil.on_row();
CREATE INDEX ON evil.t ((evil.caught('index')));
CREATE INDEX ON evil.t (id) WHERE evil.caught('index predicate');
CREATE POLICY p ON evil.t USING (evil.caught('policy'));
CREATE VIEW evil.v AS SELECT id, evil.caught_volatile('view') AS x, d FROM evil.t;
CREATE MATERIALIZED VIEW evil.mv AS SELECT id, evil.caught_volatile('materialized view') AS x FROM evil.t;
CREATE TABLE evil.parted (k text) PARTITION BY LIST ((evil.caught(k)));
CREATE TABLE evil.part PARTITION OF evil.parted FOR VALUES IN (true);
CREATE RULE r AS ON INSERT TO evil.v DO INSTEAD SELECT evil.caught_volatile('rule');
-- The trap is set.
INSERT INTO evil.t (id, d, m) VALUES (1, 'x', 'sad'::text);
SELECT count(*) > 0 AS caught, bool_and(who = 'regress_attacker') AS only_itself FROM evil.called;
DELETE FROM evil.called;
RESET SESSION AUTHORIZATION;

-- The superuser claims it, with types declared, and everything else that reads the catalogs.
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "evil.t", "fields": ["id", {"name": "d", "type": "evil.checked", "min_length": 3}, {"name": "m", "type": "evil.mood"}, {"name": "da", "type": "evil.checked_array"},
    "n", "g"]}, {"path": "evil.*", "fields": ["*"]}]}');
SELECT integratedb.validate_migration();
SELECT count(*) FROM integratedb.unmet_claims();
SELECT integratedb.sync();
SELECT count(*) FROM integratedb.claims;
SELECT count(*) FROM integratedb.claimed_columns;
-- None of it has run.
SELECT * FROM evil.called;

-- DDL by the attacker. What its own statements run, runs as itself.
SET SESSION AUTHORIZATION regress_attacker;
ALTER TABLE evil.t ADD COLUMN more evil.checked DEFAULT 'y';
ALTER TABLE evil.t ALTER n TYPE varchar(30);
ALTER TYPE evil.mood ADD VALUE 'happy';
ALTER DOMAIN evil.checked SET DEFAULT 'z';
ALTER DOMAIN evil.checked ADD CONSTRAINT two CHECK (evil.caught_volatile('domain') = 1);
CREATE OR REPLACE VIEW evil.v AS SELECT id, evil.caught_volatile('view') AS x, d, 1 AS more FROM evil.t;
REFRESH MATERIALIZED VIEW evil.mv;
CREATE TABLE evil.another AS SELECT evil.caught_volatile('query');
CREATE TABLE evil.part2 PARTITION OF evil.parted FOR VALUES IN (false);
ALTER TABLE evil.t DROP COLUMN da;
SET client_min_messages = warning;
DROP DOMAIN evil.checked CASCADE;
RESET client_min_messages;
BEGIN;
ALTER TABLE evil.t RENAME COLUMN n TO nn;
ALTER TABLE evil.t ADD COLUMN n varchar(30) DEFAULT evil.caught_volatile('default')::text;
COMMIT;
ALTER TABLE evil.t OWNER TO regress_attacker;
RESET SESSION AUTHORIZATION;
SELECT count(*) > 0 AS caught, bool_and(who = 'regress_attacker') AS only_itself FROM evil.called;
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": [{"path": "evil.t", "fields": ["id"]}]}');
SELECT count(*) FROM integratedb.unclaim('regress_app');
SELECT count(*) FROM integratedb.drop_stakeholder('regress_app');
SELECT DISTINCT who FROM evil.called;
\i :end

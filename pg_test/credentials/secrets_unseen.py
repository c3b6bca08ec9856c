"""No password and no verifier of one is anywhere but where it belongs: in the answer, and in pg_authid."""

from server import DATABASE, Failure, check

APP = "secret_app"
# Functions whose answer has a password.
_ISSUING = {"create_stakeholder", "issue_credential", "rotate_password"}


class Seen:
    """All secrets so far, by what made them."""

    def __init__(self, server):
        self._server = server
        self._admin = server.admin()
        self._secrets = {}

    def run(self, session, call, name):
        """Runs a function; looks for what it has made, in all places, while its session is still there."""
        rows = session.run(call)
        for row in rows:
            for value in row:
                # Passwords are the only values of 32 characters of the alphabet.
                if name in _ISSUING and value and len(value) == 32 and not value.startswith(APP):
                    self._secrets[f"password of {name}"] = value
        for number, (verifier,) in enumerate(
            self._admin.run(f"SELECT rolpassword FROM pg_authid WHERE rolname LIKE '{APP}%' AND rolpassword IS NOT NULL")
        ):
            parts = verifier.replace("$", ":").split(":")
            if parts[0] != "SCRAM-SHA-256":
                raise Failure(f"{name} has made a verifier that is not SCRAM's")
            self._secrets[f"salt {number} after {name}"] = parts[2]
            self._secrets[f"stored key {number} after {name}"] = parts[3]
            self._secrets[f"server key {number} after {name}"] = parts[4]
        self._look(name)
        return rows

    def _look(self, name):
        places = {
            "the server's log": self._server.log(),
            "pg_stat_statements": _text(self._admin, "SELECT query FROM pg_stat_statements"),
            "pg_stat_activity": _text(self._admin, "SELECT a::text FROM pg_stat_activity a"),
        }
        for (relation,) in self._admin.run(
            "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace AND relkind IN ('r', 'v')"
        ):
            places[relation] = _text(self._admin, f"SELECT t::text FROM {relation} t")
        # A search that finds nothing at all proves nothing.
        for place in ("the server's log", "pg_stat_statements", "pg_stat_activity"):
            if name not in places[place] and place != "pg_stat_activity":
                raise Failure(f"{place} does not show the call of {name}: it is not what was to be searched")
        for what, secret in self._secrets.items():
            for place, text in places.items():
                if secret in text:
                    raise Failure(f"{place} has the {what}")
        check(f"after {name} no secret is found in {len(places)} places", True)

    def number(self):
        """How many secrets there are."""
        return len(self._secrets)


def _text(session, query):
    return "\n".join(row[0] or "" for row in session.run(query))


def test(server):
    """After every function that makes, changes or removes a credential."""
    seen = Seen(server)
    admin = server.admin()
    admin.run("SET password_encryption = 'md5'")
    admin.run("SET debug_print_rewritten = on")
    planted = server.admin()
    planted.run("SET application_name = 'planted_secret'")
    # The search finds what is there to be found.
    if "planted_secret" not in server.log() or "planted_secret" not in _text(admin, "SELECT query FROM pg_stat_activity"):
        raise Failure("the search does not find what is there")
    planted.close()
    run = lambda call, name, session=admin: seen.run(session, call, name)  # noqa: E731
    run(f"SELECT * FROM integratedb.create_stakeholder('{APP}', '{{\"work_mem\": \"8MB\"}}')", "create_stakeholder")
    run(f"SELECT * FROM integratedb.rotate_password('{APP}')", "rotate_password")
    first = run(f"SELECT * FROM integratedb.issue_credential('{APP}', '1 day', 'first')", "issue_credential")[0]
    holder = server.login(first[1], first[2])
    run(f"SELECT * FROM integratedb.rotate_password('{APP}')", "rotate_password", holder)
    second = run(f"SELECT * FROM integratedb.issue_credential('{APP}')", "issue_credential", holder)[0]
    run(f"SELECT integratedb.renew_credential('{second[1]}')", "renew_credential")
    run(f"SELECT integratedb.alter_stakeholder('{APP}', '{{\"work_mem\": \"4MB\", \"connection_limit\": 5}}')", "alter_stakeholder")
    run(f"SELECT integratedb.rename_stakeholder('{APP}', '{APP}_2')", "rename_stakeholder")
    run(f"SELECT * FROM integratedb.revoke_credential('{second[1]}')", "revoke_credential", holder)
    run(f"SELECT * FROM integratedb.rotate_password('{first[1]}')", "rotate_password")
    admin.run(f"ALTER ROLE {first[1]} VALID UNTIL '2020-01-01'")
    run("SELECT * FROM integratedb.reap_credentials()", "reap_credentials")
    run(f"SELECT * FROM integratedb.issue_credential('{APP}_2')", "issue_credential")
    run(f"CALL integratedb.revoke_stakeholder_access('{APP}_2')", "revoke_stakeholder_access")
    run(f"SELECT * FROM integratedb.rotate_password('{APP}_2')", "rotate_password")
    run(f"SELECT * FROM integratedb.drop_stakeholder('{APP}_2')", "drop_stakeholder")
    # A failure tells nothing either.
    for call in (
        f"SELECT integratedb.create_stakeholder('{APP}'), 1 / 0",
        f"DO $$ BEGIN PERFORM integratedb.create_stakeholder('{APP}'); RAISE EXCEPTION 'no'; END $$",
    ):
        admin.attempt(call)
    run(f"SELECT * FROM integratedb.create_stakeholder('{APP}')", "create_stakeholder")
    check("secrets were looked for", seen.number() > 12, seen.number())
    dump = server.dump(DATABASE)
    check("a dump has our tables", "COPY integratedb.stakeholder" in dump)
    check("and no verifier", "SCRAM-SHA-256" not in dump)
    admin.run(f"SELECT * FROM integratedb.drop_stakeholder('{APP}')")
    admin.close()

"""Who may log in, and whose sessions go on."""

import threading

from libpq import ConnectionLost
from server import check, wait_for

APP = "cred_app"


def issue(admin, stakeholder=APP, valid_for="1 hour"):
    """Username and password of a new credential."""
    return admin.run(
        f"SELECT username, password FROM integratedb.issue_credential('{stakeholder}', '{valid_for}')"
    )[0]


def test(server):
    """All of them."""
    admin = server.admin()
    password = admin.run(f"SELECT password FROM integratedb.create_stakeholder('{APP}', '{{\"connection_limit\": 2}}')")[0][0]
    admin.run(f"SELECT count(*) FROM integratedb.claim('{APP}', 'public.orders', '{{*}}')")
    logging_in(server, admin, password)
    rotation(server, admin)
    revocation(server, admin)
    rolled_back(server, admin)
    by_itself(server, admin)
    kept(server, admin)
    in_the_way(server, admin)
    holding(server, admin)
    all_access(server, admin)
    dropped(server, admin)
    admin.close()


def logging_in(server, admin, password):
    """By its own role until there is a credential, then by that, until its time is over."""
    own = server.login(APP, password)
    username, secret = issue(admin)
    check("the password of a credential is good", server.may_log_in(username, secret))
    check("another one is not", not server.may_log_in(username, secret + "x"))
    check("with a credential the stakeholder's own password is good no more", not server.may_log_in(APP, password))
    check("a session that the stakeholder's own role has goes on", own.is_alive())
    holder = server.login(username, secret)
    holder.run(f"ALTER ROLE {APP} PASSWORD 'planted'")
    check("nor is one that the holder of a credential gives it", not server.may_log_in(APP, "planted"))
    second = server.login(username, secret)
    check("the limit on connections is each credential's", not server.may_log_in(username, secret))
    second.close()
    admin.run(f"ALTER ROLE {username} VALID UNTIL '2020-01-01'")
    check("a credential whose time is over is refused", not server.may_log_in(username, secret))
    check("its session goes on until it is reaped", holder.is_alive())
    holder.run("SET ROLE NONE")
    holder.run(f"ALTER ROLE {username} PASSWORD 'another'")
    check("another password does not help", not server.may_log_in(username, "another"))
    admin.run("SELECT * FROM integratedb.reap_credentials()")
    check("then it ends", not holder.is_alive())
    check("the stakeholder's own session is not concerned", own.is_alive())
    own.close()


def rotation(server, admin):
    """Of a password, by whom it belongs to."""
    username, secret = issue(admin)
    holder = server.login(username, secret)
    renamed, rotated = holder.run(f"SELECT username, password FROM integratedb.rotate_password('{APP}')")[0]
    check("the password of the session's credential is rotated", renamed == username)
    check("the new one is good", server.may_log_in(username, rotated))
    check("the old one is not", not server.may_log_in(username, secret))
    check("the session goes on", holder.is_alive())
    admin.run(f"SELECT integratedb.revoke_credential('{username}')")
    wait_for("the session ends", lambda: not holder.is_alive())
    again = admin.run(f"SELECT password FROM integratedb.rotate_password('{APP}')")[0][0]
    check("without a credential the role can log in when an administrator says so", server.may_log_in(APP, again))


def revocation(server, admin):
    """No session outlives it, in whatever database."""
    username, secret = issue(admin)
    here, there = server.login(username, secret), server.login(username, secret, "elsewhere")
    found = admin.run(f"SELECT sessions FROM integratedb.credentials WHERE username = '{username}'")
    check("sessions are counted in all databases", found == [["2"]], found)
    done = admin.run(f"SELECT action FROM integratedb.revoke_credential('{username}')")
    check("what was done is told", done == [["end"], ["drop"]], done)
    check("the sessions are gone", not here.is_alive() and not there.is_alive())
    check("nobody logs in", not server.may_log_in(username, secret))


def rolled_back(server, admin):
    """A revocation that is not committed ends nothing."""
    username, secret = issue(admin)
    holder = server.login(username, secret)
    admin.run("BEGIN")
    admin.run(f"SELECT integratedb.revoke_credential('{username}')")
    check("before COMMIT the session goes on", holder.is_alive())
    admin.run("ROLLBACK")
    check("after ROLLBACK, too", holder.is_alive() and server.may_log_in(username, secret))
    admin.run("BEGIN")
    admin.run("SAVEPOINT s")
    admin.run(f"SELECT integratedb.revoke_credential('{username}')")
    admin.run("ROLLBACK TO s")
    admin.run("COMMIT")
    check("so it is with a savepoint", holder.is_alive() and server.may_log_in(username, secret))
    admin.run("BEGIN")
    admin.run(f"SELECT integratedb.revoke_credential('{username}')")
    refused = admin.attempt("PREPARE TRANSACTION 'p'")
    check("it cannot be prepared, because then nobody would end the sessions", refused.sqlstate == "0A000", refused)
    check("and the session goes on", holder.is_alive())
    refused = admin.attempt(f"BEGIN; CALL integratedb.revoke_stakeholder_access('{APP}')")
    check("the procedure is refused in a transaction block", refused.sqlstate == "25001", refused)
    admin.run("ROLLBACK")
    check("and has done nothing", holder.is_alive() and server.may_log_in(username, secret))
    admin.run("BEGIN")
    admin.run("SAVEPOINT s")
    admin.run(f"SELECT integratedb.revoke_credential('{username}')")
    admin.run("RELEASE s")
    admin.run("COMMIT")
    check("released and committed it ends it", not holder.is_alive())


def by_itself(server, admin):
    """The session of a credential revokes that."""
    username, secret = issue(admin)
    holder = server.login(username, secret)
    holder.outcome(f"SELECT integratedb.revoke_credential('{username}')")
    wait_for("the session has ended itself", lambda: not holder.is_alive())
    check("a credential that has revoked itself is good no more", not server.may_log_in(username, secret))
    found = admin.run(f"SELECT status FROM integratedb.credentials WHERE username = '{username}'")
    check("its role, which was in use, is left to reap_credentials", found == [["revoked"]], found)
    found = admin.run("SELECT username FROM integratedb.reap_credentials()")
    check("which drops it", found == [[username]], found)


def kept(server, admin):
    """A role that owns something in another database."""
    username, secret = issue(admin)
    elsewhere = server.login(username, secret, "elsewhere")
    elsewhere.run("SELECT lo_create(1)")
    found = admin.run(f"SELECT action FROM integratedb.revoke_credential('{username}')")
    check("a role that owns something elsewhere is kept, and said so", found == [["end"], ["keep"]], found)
    check("without a session", not elsewhere.is_alive())
    check("without LOGIN", not server.may_log_in(username, secret))
    refused = admin.attempt(f"SELECT integratedb.renew_credential('{username}')")
    check("it is not renewed", refused.sqlstate == "55000", refused)
    found = admin.run("SELECT username FROM integratedb.reap_credentials()")
    check("reap_credentials cannot drop it either", found == [], found)
    mender = server.admin("elsewhere")
    mender.run(f"DROP OWNED BY {username}")
    mender.close()
    found = admin.run("SELECT username FROM integratedb.reap_credentials()")
    check("until nothing stands in the way", found == [[username]], found)


def in_the_way(server, admin):
    """A session that alters its own role holds a lock for which the revocation would wait."""
    username, secret = issue(admin)
    for role in ("the credential's", "the stakeholder's"):
        holder = server.login(username, secret)
        name = APP
        if role == "the credential's":
            holder.run("SET ROLE NONE")
            name = username
        holder.run("BEGIN")
        holder.run(f"ALTER ROLE {name} PASSWORD 'mine'")
        if role == "the credential's":
            admin.run(f"SELECT integratedb.revoke_credential('{username}')")
            username, secret = issue(admin)
        else:
            admin.run(f"CALL integratedb.revoke_stakeholder_access('{APP}')")
        check(f"who holds a lock on {role} role is ended", not holder.is_alive())
    check("and nothing is left", admin.run("SELECT * FROM integratedb.credentials") == [])


def holding(server, admin):
    """What a credential's session can keep locked, in a transaction that it leaves open."""
    admin.run("SET statement_timeout = '20s'")
    username, secret = issue(admin)

    def rotating():
        holder = server.login(username, secret)
        holder.run("BEGIN")
        issue(holder)
        return holder

    holder = rotating()
    admin.run(f"SELECT count(*) FROM integratedb.claim('{APP}', 'public.orders', '{{id}}')")
    check("who is issuing holds up no claim", holder.is_alive())
    admin.run("SELECT integratedb.create_stakeholder('cred_other')")
    issue(admin, "cred_other")
    check("nor what concerns other stakeholders", holder.is_alive())
    issue(admin)
    check("nor administrators who issue", holder.is_alive())
    refused = admin.attempt(f"SELECT integratedb.drop_stakeholder('{APP}')")
    check("but the stakeholder is not dropped, and nobody waits", refused.sqlstate == "55P03", refused)
    refused = admin.attempt(f"SELECT integratedb.rename_stakeholder('{APP}', 'cred_new')")
    check("nor renamed", refused.sqlstate == "55P03", refused)
    done = admin.run(f"SELECT action FROM integratedb.revoke_credential('{username}')")
    check("its credential is revoked all the same", done[-1] == ["drop"] and not holder.is_alive(), done)
    username, secret = issue(admin)
    holder = rotating()
    admin.run(f"ALTER ROLE {username} VALID UNTIL '2020-01-01'")
    found = admin.run("SELECT username FROM integratedb.reap_credentials()")
    check("or reaped when its time is over", found == [[username]] and not holder.is_alive(), found)
    username, secret = issue(admin)
    holder = server.login(username, secret)
    holder.run("SET ROLE NONE")
    holder.run(f"CREATE TABLE {APP}.own ()")
    holder.run("BEGIN")
    holder.run(f"LOCK TABLE {APP}.own")
    done = admin.run(f"SELECT action FROM integratedb.revoke_credential('{username}')")
    check("what it owns and has locked keeps its role", done == [["end"], ["keep"]], done)
    check("and no session", not holder.is_alive() and not server.may_log_in(username, secret))
    found = admin.run("SELECT username FROM integratedb.reap_credentials()")
    check("which is dropped at the next occasion", found == [[username]], found)
    found = admin.run(f"SELECT relowner::regrole FROM pg_class WHERE relname = 'own'")
    check("what it owned is the stakeholder's", found == [[APP]], found)
    admin.run(f"DROP TABLE {APP}.own")
    admin.run("SELECT integratedb.drop_stakeholder('cred_other')")
    admin.run("SET statement_timeout = '120s'")


def all_access(server, admin):
    """While somebody logs in as fast as he can, and issues credentials for himself."""
    logins = [issue(admin) for _ in range(2)]
    stop, alive = threading.Event(), []

    def log_in(login):
        while not stop.is_set():
            try:
                session = server.login(*login)
                alive.append(session)
                session.outcome(f"SELECT integratedb.issue_credential('{APP}')")
            except ConnectionLost:
                pass

    threads = [threading.Thread(target=log_in, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    wait_for("they log in", lambda: len(alive) > 3)
    admin.run(f"CALL integratedb.revoke_stakeholder_access('{APP}')")
    check("after revoke_stakeholder_access no session is alive", not any(session.is_alive() for session in list(alive)))
    stop.set()
    for thread in threads:
        thread.join()
    check("nor has one begun since", not any(session.is_alive() for session in alive))
    check("no credential is left", admin.run("SELECT * FROM integratedb.credential WHERE username <> stakeholder") == [])
    found = admin.run(f"SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE '{APP}%'")
    check("the stakeholder's role is, without LOGIN", found == [[APP, "f"]], found)
    found = admin.run(f"SELECT count(*) FROM integratedb.claims WHERE stakeholder = '{APP}'")
    check("its claims stay", found == [["1"]], found)
    username, secret = issue(admin)
    check("it can be given a credential again", server.may_log_in(username, secret))


def dropped(server, admin):
    """With the stakeholder go its sessions: a session outlives the role otherwise."""
    username, secret = issue(admin)
    holder = server.login(username, secret)
    admin.run(f"SELECT * FROM integratedb.drop_stakeholder('{APP}')")
    check("no session outlives its stakeholder", not holder.is_alive())
    password = admin.run(f"SELECT password FROM integratedb.create_stakeholder('{APP}')")[0][0]
    own = server.login(APP, password)
    admin.run(f"SELECT * FROM integratedb.drop_stakeholder('{APP}')")
    check("nor one of its own role", not own.is_alive())

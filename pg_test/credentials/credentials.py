"""Runs the tests of credentials one after the other, on a cluster of their own."""

import sys
import traceback

import secrets_unseen
import sessions
from server import DATABASE, Failure, Server, check


def prepare(server):
    """The database, with a stakeholder whose password is returned."""
    with_all = server.admin("postgres")
    with_all.run(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    with_all.run("CREATE DATABASE elsewhere TEMPLATE template0")
    with_all.close()
    admin = server.admin()
    admin.run("CREATE EXTENSION integratedb")
    admin.run("CREATE EXTENSION pg_stat_statements")
    admin.run("CREATE TABLE public.orders (id bigint)")
    admin.run("INSERT INTO public.orders VALUES (1)")
    admin.close()


def main():
    """0 when all hold."""
    server = Server()
    try:
        prepare(server)
        sessions.test(server)
        secrets_unseen.test(server)
    except Failure as failure:
        print(f"FAILED: {failure}")
        traceback.print_exc(limit=4)
        return 1
    finally:
        server.destroy()
    print(f"credentials: {check.passed} checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""libpq through ctypes: the standard library has no PostgreSQL driver, and libpq is there with psql."""

import ctypes
import ctypes.util
from dataclasses import dataclass

_pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
_NOTICE_RECEIVER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)

for _name, _result, _arguments in (
    ("PQconnectdb", ctypes.c_void_p, [ctypes.c_char_p]),
    ("PQstatus", ctypes.c_int, [ctypes.c_void_p]),
    ("PQerrorMessage", ctypes.c_char_p, [ctypes.c_void_p]),
    ("PQfinish", None, [ctypes.c_void_p]),
    ("PQsetNoticeReceiver", ctypes.c_void_p, [ctypes.c_void_p, _NOTICE_RECEIVER, ctypes.c_void_p]),
    ("PQexec", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]),
    ("PQclear", None, [ctypes.c_void_p]),
    ("PQresultStatus", ctypes.c_int, [ctypes.c_void_p]),
    ("PQresultErrorField", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int]),
    ("PQntuples", ctypes.c_int, [ctypes.c_void_p]),
    ("PQnfields", ctypes.c_int, [ctypes.c_void_p]),
    ("PQgetisnull", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
    ("PQgetvalue", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
):
    _function = getattr(_pq, _name)
    _function.restype, _function.argtypes = _result, _arguments

_CONNECTION_OK = 0
# PGRES_EMPTY_QUERY, PGRES_COMMAND_OK, PGRES_TUPLES_OK
_SUCCESS = (0, 1, 2)


@dataclass
class Message:
    """A WARNING that the server sent, or an ERROR."""

    sqlstate: str
    message: str
    detail: str

    def __str__(self):
        return f"{self.sqlstate}: {self.message}" + (f"\n{self.detail}" if self.detail else "")


class DatabaseError(Exception):
    """A statement failed; `report` is the server's ERROR."""

    def __init__(self, report, sql):
        super().__init__(f"{report}\n{sql}")
        self.report = report


class ConnectionLost(Exception):
    """The server is gone: it crashed, or was stopped."""


class Connection:
    """A session."""

    def __init__(self, **parameters):
        """Parameters of a connection string. Raises ConnectionLost when there is no server."""
        text = " ".join(f"{key}='{value}'" for key, value in parameters.items())
        self._connection = _pq.PQconnectdb(text.encode())
        if _pq.PQstatus(self._connection) != _CONNECTION_OK:
            raise ConnectionLost(_pq.PQerrorMessage(self._connection).decode())
        self.warnings = []
        # ctypes keeps no reference to a callback.
        self._receiver = _NOTICE_RECEIVER(lambda _, result: self.warnings.append(_message(result)))
        _pq.PQsetNoticeReceiver(self._connection, self._receiver, None)

    def close(self):
        """Ends the session."""
        _pq.PQfinish(self._connection)

    def run(self, sql):
        """The rows of a statement, as lists of text or None. Raises DatabaseError; `warnings` has what was said. A
        statement may be given as bytes, which need not be UTF-8."""
        self.warnings.clear()
        result = _pq.PQexec(self._connection, sql if isinstance(sql, bytes) else sql.encode())
        try:
            if not result or _pq.PQstatus(self._connection) != _CONNECTION_OK:
                raise ConnectionLost(f"{_pq.PQerrorMessage(self._connection).decode()}\n{sql}")
            if _pq.PQresultStatus(result) not in _SUCCESS:
                raise DatabaseError(_message(result), sql)
            return [
                [_value(result, row, column) for column in range(_pq.PQnfields(result))]
                for row in range(_pq.PQntuples(result))
            ]
        finally:
            _pq.PQclear(result)

    def attempt(self, sql):
        """Runs it; the ERROR, or None."""
        try:
            self.run(sql)
        except DatabaseError as error:
            return error.report
        return None


def _message(result):
    def field(code):
        return (_pq.PQresultErrorField(result, ord(code)) or b"").decode()

    return Message(field("C"), field("M"), field("D"))


def _value(result, row, column):
    if _pq.PQgetisnull(result, row, column):
        return None
    return _pq.PQgetvalue(result, row, column).decode()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A receiver for Dockbell: verifies, stores, answers, then works. Python 3.9, standard library.

WEBHOOK_SECRET (whsec_..., two separated by a comma while rotating), PORT, STATE (a directory).
"""
import base64, contextlib, hashlib, hmac, json, os, re, sqlite3, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
BODY_MAX = 4 * 1024 * 1024
KEYS = [base64.b64decode(secret.strip().removeprefix("whsec_"))
        for secret in os.environ["WEBHOOK_SECRET"].split(",")]
DATABASE = os.path.join(os.environ["STATE"], "inbox.db")
CLAIM = os.path.join(os.environ["STATE"], "claim.db")
work = threading.Event()


def connect():
    # No transactions but those that we begin ourselves.
    database = sqlite3.connect(DATABASE, timeout=10, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    return contextlib.closing(database)


def why_not_genuine(headers, body):
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", id) or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return "no webhook-id or webhook-timestamp"
    if abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return "timestamp too far from our clock"
    given = headers.get("webhook-signature", "").split(" ")
    for key in KEYS:
        digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        wanted = b"v1," + base64.b64encode(digest)
        if any(hmac.compare_digest(wanted, one.encode()) for one in given):
            return None
    return "wrong signature"


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    timeout = 60

    def do_POST(self):
        size = int(self.headers.get("content-length", 0))
        if size > BODY_MAX:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(size)  # the raw bytes, before any parser
        why = why_not_genuine(self.headers, body)
        if why:
            # Not 400: Dockbell keeps the event and tries again, until the secret is right.
            return self.answer(401, why)
        id, sequence = self.headers["webhook-id"], self.headers.get("dockbell-sequence", "")
        sequence = int(sequence) if re.fullmatch("[0-9]{1,18}", sequence) else 0
        # Dedupe and store in one step. Only what is on disk is answered with 2xx.
        with connect() as database:
            added = database.execute("INSERT OR IGNORE INTO inbox (id, sequence, body) VALUES (?, ?, ?)",
                                     (id, sequence, body)).rowcount
        # The trace id is the same for all attempts of an event, to all webhooks.
        trace = self.headers.get("traceparent", "--").split("-")[1]
        print("stored" if added else "repeat", id, "trace", trace, flush=True)
        work.set()
        self.answer(204)

    def do_OPTIONS(self):  # dockbell check --online asks whether somebody is here
        self.answer(204, allow="POST, OPTIONS")

    def answer(self, status, text="", allow=None):
        self.send_response(status)
        if allow:
            self.send_header("allow", allow)
        if status != 204:
            self.send_header("content-length", str(len(text)))
        self.end_headers()
        if status != 204:
            self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def reports_state(data):
    """Not a tip, not an event about one item: the state of the whole order."""
    return data["changeType"] == "OrderStatusChange" and data.get("level") in (None, "OrderLevel")


def apply(database, id, sequence, event):
    """Everything the event changes, in the transaction that marks it done."""
    if event.get("type") != "amazon.order_change":  # ping, and types that we do not know
        print("ignored", id, event.get("type"), flush=True)
        return
    data = event["data"]
    if data["cancelRequested"]:
        # The buyer wants to cancel. Act on it whenever it arrives: stop the parcel if it is still here.
        print("requested", id, data["orderId"], flush=True)
        if not reports_state(data):
            return
    if not reports_state(data):  # act on it if you need it, but never compare it with a state
        print("ignored", id, event["type"], flush=True)
    elif database.execute(
            # Only a state that is newer than the one we have: late states change nothing.
            "INSERT INTO orders (seller, id, at, sequence, status) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (seller, id) DO UPDATE SET at = excluded.at,"
            " sequence = excluded.sequence, status = excluded.status"
            " WHERE (excluded.at, excluded.sequence) > (orders.at, orders.sequence)",
            (data["sellerId"], data["orderId"], event["timestamp"], sequence,
             data["status"])).rowcount:
        print("applied", id, data["orderId"], data["status"], event["timestamp"], flush=True)
    else:
        print("stale", id, data["orderId"], flush=True)


@contextlib.contextmanager
def claimed():
    """One event at a time, whatever process works on it: this file is only for its lock."""
    with contextlib.closing(sqlite3.connect(CLAIM, timeout=60, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def work_on_next(database):
    """Works on one event. False: there is none."""
    row = database.execute("SELECT id, sequence, body FROM inbox WHERE done IS NULL"
                           " ORDER BY rowid LIMIT 1").fetchone()
    if not row:
        return False
    id, sequence, body = row
    # From the first write on, the database is locked and nothing can be stored: be slow before it.
    database.execute("BEGIN")
    try:
        apply(database, id, sequence, json.loads(body))
        # The id stays: it is the memory against repeats. Delete it after 7 days or more.
        database.execute("UPDATE inbox SET done = ?, body = NULL WHERE id = ?", (time.time(), id))
    except sqlite3.OperationalError:
        raise  # the disk, or a lock: the event is as good as before
    except Exception as error:
        database.execute("ROLLBACK")
        put_aside(database, id, repr(error))
    database.execute("COMMIT")
    return True


def put_aside(database, id, error):
    """One bad event must not stop the rest. To work on it again, set done to NULL."""
    database.execute("BEGIN")
    database.execute("INSERT OR REPLACE INTO failed VALUES (?, ?, ?)", (id, time.time(), error))
    database.execute("UPDATE inbox SET done = ? WHERE id = ?", (time.time(), id))
    print("failed", id, error, flush=True)


def work_on_all():
    with connect() as database:
        more = True
        while more:
            with claimed():
                more = work_on_next(database)


def work_forever():
    while True:
        try:
            work_on_all()
            work.wait(60)  # another process may have left something
            work.clear()
        except sqlite3.Error as error:
            print("the database:", error, file=sys.stderr, flush=True)
            time.sleep(1)


class Server(ThreadingHTTPServer):
    request_queue_size = 1024  # connections that wait to be accepted; the default is 5


def main():
    with connect() as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE IF NOT EXISTS inbox"
                         " (id TEXT PRIMARY KEY, sequence INTEGER, body BLOB, done REAL)")
        database.execute("CREATE TABLE IF NOT EXISTS failed (id TEXT PRIMARY KEY, at REAL, error TEXT)")
        database.execute("CREATE TABLE IF NOT EXISTS orders (seller TEXT, id TEXT, at TEXT,"
                         " sequence INTEGER, status TEXT, PRIMARY KEY (seller, id))")
    threading.Thread(target=work_forever, daemon=True).start()
    server = Server(("127.0.0.1", int(os.environ.get("PORT", 8080))), Receiver)
    print("listening on", server.server_port, flush=True)
    work.set()
    server.serve_forever()


if __name__ == "__main__":
    main()

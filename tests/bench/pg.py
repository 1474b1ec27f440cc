"""Durable submissions on PostgreSQL, beside pgbench with the same transaction and as many clients. The server is one of the run's own,
with its default durability."""
import pathlib
import re
import subprocess
import tempfile

import database
import load
import peer
import postgres
import seed
import submissions

COUNTS = {1: 60, 16: 200, 64: 300}  # submissions for each second of measuring
CONNECTIONS = 64


def transaction():
    """The statements of a submission as a script of pgbench, whose values come from a row of bench_draft. A transaction that is repeated
    begins with the script's first line, so that the count goes up in its last."""
    lines = ["\\set n :i * :clients + :client_id",
             "SELECT * FROM bench_draft WHERE n = :n \\gset", "BEGIN ISOLATION LEVEL SERIALIZABLE;"]
    for line in peer.STATEMENTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        values, sql = line.split("\t")
        found = re.findall(r"'[^']*'|\S+", values)
        given = [value if value[0] in "'0123456789" or value == "null" else f":{NAMES.get(value, value)}" for value in found]
        lines.append(re.sub(r"\$(\d+)", lambda match, given=given: given[int(match[1]) - 1], sql) + ";")
    return "\n".join([*lines, "COMMIT;", "\\set i :i + 1", ""])


NAMES = {"user": "owner", "order": "ord", "now": "at"}  # that are no words of SQL


def give_rows(store, drafts):
    store.run("DROP TABLE IF EXISTS bench_draft; CREATE TABLE bench_draft (n BIGINT PRIMARY KEY, account TEXT, owner TEXT,"
              " request TEXT, e164 TEXT, reversed TEXT, key TEXT, ord TEXT, number TEXT, event TEXT, at BIGINT)")
    rows = [", ".join(map(seed.quoted, (
        n, each.customer.account, each.customer.user, each.id, each.number, each.number[:0:-1], f"bench-key-{each.id}",
        each.id.replace("pr_", "ord_"), each.id.replace("pr_", "num_"), each.id.replace("pr_", "ev_"), 1790000000000000 + n)))
        for n, each in enumerate(drafts)]
    for at in range(0, len(rows), seed.CHUNK):
        store.run("INSERT INTO bench_draft VALUES " + ",\n".join(f"({row})" for row in rows[at:at + seed.CHUNK]))


def pgbench(url, clients, count):
    """Its rate and the mean time of a transaction."""
    with tempfile.TemporaryDirectory(prefix="portdesk-pgbench-") as folder:
        script = pathlib.Path(folder) / "submission.sql"
        script.write_text(transaction(), encoding="utf-8")
        done = subprocess.run(["pgbench", "-n", "-M", "prepared", "--max-tries=100", "-c", str(clients), "-j", str(min(2, clients)),
                               "-t", str(count // clients), "-D", "i=0", "-D", f"clients={clients}", "-f", str(script), url],
                              capture_output=True, text=True, check=False)
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or not rate or (failed and int(failed[1])):
        raise SystemExit(f"script/bench: pgbench: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    return {"per_second": float(rate[1])}


def report_all(report, seconds):
    report.begin("Durable submissions on PostgreSQL", "  pgbench: the same statements in serializable transactions, prepared, on as "
                 "many connections")
    cluster = postgres.Cluster({"fsync": "on", "shared_buffers": "128MB"}).create().start()
    database.SERVER = cluster.url
    desk = submissions.Desk("bench-postgres", {"database.connections": str(CONNECTIONS)})
    try:
        desk.store = seed.Postgres(desk.database_url)
        desk.prepare()
        for at, (clients, each) in enumerate(COUNTS.items()):
            count = max(64, int(each * seconds))
            drafts = desk.drafts(count, (2 * at + 1) * 100000)
            desk.store.psql("ANALYZE")
            ours = load.run(desk.port, clients, 120, desk.submissions(drafts), once=True, pid=desk.portdesk.process.pid)
            for_pgbench = desk.drafts(count, (2 * at + 2) * 100000)
            give_rows(desk.store, for_pgbench)
            desk.store.psql("ANALYZE")
            theirs = pgbench(desk.database_url, clients, count)
            report.add("Portdesk", clients, ours)
            report.add("pgbench", clients, theirs, ours["per_second"] / theirs["per_second"], "pgbench")
    finally:
        desk.stop()
        database.SERVER = ""
        cluster.remove()

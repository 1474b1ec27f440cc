// Work that is stuck, as the test of its page needs it. Neither the sandbox carrier nor its mail server refuses for as long as it takes
// until a job is given up, so the rows are written into the desk's database.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { requestAt } from './requests.mjs';

/** Runs one statement on the desk's database. */
export function write(desk, sql, values = {}) {
    const script = 'import json, sqlite3, sys\n'
        + 'with sqlite3.connect(sys.argv[1], timeout=30) as records:\n'
        + '    changed = records.execute(sys.argv[2], json.loads(sys.argv[3])).rowcount\n'
        + 'sys.exit(changed < 1)';
    execFileSync('python3', ['-c', script, path.join(desk.directory, 'data/portdesk.db'), sql, JSON.stringify(values)]);
}

/** A job that was given up, about the request's order; `phase` is what the order's phase is set to. */
export function deadJob(desk, request, kind, phase) {
    const id = request.split('/').at(-1);
    if (phase) write(desk, 'UPDATE carrier_order SET phase = :phase WHERE request = :id', { phase, id });
    write(desk, `INSERT INTO job (account, kind, subject, state, due, attempt, problem, changed_at)
        SELECT account, :kind, id, 'dead', created_at, 12, 'the carrier said <b>no</b>', created_at FROM carrier_order
        WHERE request = :id LIMIT 1`, { kind, id });
}

/** A dead job, one that the order is past by now, a refused mail and an unknown word of one request; its page's address. */
export async function oneOfEach(desk) {
    const person = await requestAt(desk, 'waiting');
    const id = person.address.split('/').at(-1);
    deadJob(desk, person.address, 'order_cancel');
    deadJob(desk, person.address, 'order_place');
    write(desk, `INSERT INTO mail (account, id, request, notice, once_key, to_name, to_address, queued_at, refused)
        SELECT account, 'stuck-' || id, id, 'rejected', id, 'Dana', 'dana@gone.example', changed_at,
        '550 5.1.1 <dana@gone.example>: no such mailbox here' FROM port_request WHERE id = :id`, { id });
    write(desk, `INSERT OR REPLACE INTO unknown_word (carrier, word, times, last_order, last_at)
        SELECT 'twilio', 'in-limbo', 3, id, created_at FROM carrier_order WHERE request = :id`, { id });
    await person.close();
    return person.address;
}

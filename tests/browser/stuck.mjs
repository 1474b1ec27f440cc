// Work that is stuck, as the test of its page needs it. Neither the sandbox carrier nor its mail server refuses for as long as it takes
// until a job is given up, so the rows are written into the desk's database.
import { database } from './frame.mjs';
import { requestAt } from './requests.mjs';

/** Runs one statement on the desk's database. */
export function write(desk, sql, values = {}) {
    database('write', desk.database, sql, JSON.stringify(values));
}

/** A job that was given up, about the request's order; `phase` is what the order's phase is set to. */
export function deadJob(desk, request, kind, phase) {
    const id = request.split('/').at(-1);
    if (phase) write(desk, 'UPDATE carrier_order SET phase = :phase WHERE request = :id', { phase, id });
    write(desk, `INSERT INTO job (account, kind, subject, state, due, attempt, problem, changed_at)
        SELECT account, :kind, id, 'dead', created_at, 12, 'the carrier said <b>no</b>', created_at FROM carrier_order
        WHERE request = :id LIMIT 1`, { kind, id });
}

/** So many jobs that were given up, of kinds of their own, about the request's order. */
export function deadJobs(desk, request, count) {
    write(desk, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Number(count)})
        INSERT INTO job (account, kind, subject, state, due, attempt, problem, changed_at)
        SELECT o.account, 'x' || n.i, o.id, 'dead', o.created_at, 12, 'no', o.created_at FROM n
        CROSS JOIN (SELECT * FROM carrier_order WHERE request = :id LIMIT 1) AS o`, { id: request.split('/').at(-1) });
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
    write(desk, `INSERT INTO unknown_word (carrier, word, times, last_order, last_at)
        SELECT 'twilio', 'in-limbo', 3, id, created_at FROM carrier_order WHERE request = :id LIMIT 1
        ON CONFLICT (carrier, word) DO UPDATE SET last_order = excluded.last_order, last_at = excluded.last_at`, { id });
    await person.close();
    return person.address;
}

// The peer of script/bench: the same create and the same two reads as Portdesk's, on the same tables, with the same durability, as
// they are usually written in Node. `node server.mjs PORT DATABASE STATEMENTS`.
import {createHash, createHmac, randomBytes, timingSafeEqual} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import Database from 'better-sqlite3';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import {Eta} from 'eta';
import fastify from 'fastify';

const [port, path, list] = process.argv.slice(2);
const db = new Database(path, {fileMustExist: true});
for (const line of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'cache_size = -16384', 'wal_autocheckpoint = 8000'])
    db.pragma(line);
const eta = new Eta({views: fileURLToPath(new URL('views', import.meta.url)), cache: true, autoTrim: false});
const secret = 'the peer needs no secret of its own';
const csrfOf = token => createHmac('sha256', secret).update(token).digest('base64url');
const identity = prefix => {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    return `${prefix}_${bytes.toString('hex')}`;
};

// ---- Who asks ----

const session = db.prepare(`SELECT s.created_at, s.seen_at, u.id AS user, u.name, u.email, u.role, u.time_zone, u.theme,
    a.name AS account_name, a.id AS account FROM session s JOIN app_user u ON u.account = s.account AND u.id = s.user_id
    JOIN account a ON a.id = s.account WHERE s.account = ? AND s.token_hash = ? AND s.created_at > ? AND s.seen_at > ?`);
const WEEK = 7 * 24 * 3600 * 1e6;

function actorOf(request) {
    const token = request.cookies.portdesk ?? '';
    const hash = createHash('sha256').update(token).digest('hex');
    const now = Date.now() * 1000;
    const actor = session.get(token.split('.')[0], hash, now - 4 * WEEK, now - WEEK);
    return actor && {...actor, token, csrf: csrfOf(token)};
}

// ---- The create ----

// Each statement of the list with what stands for its $1, $2, ...
const statements = readFileSync(list, 'utf8').split('\n').filter(line => line && !line.startsWith('#')).map(line => {
    const [values, sql] = line.split('\t');
    const names = values.match(/'[^']*'|\S+/g);
    return {statement: db.prepare(sql), reads: sql.startsWith('SELECT'), names};
});
const draftOf = db.prepare('SELECT * FROM port_request WHERE account = ? AND id = ?');
const documentsOf = db.prepare('SELECT * FROM document WHERE account = ? AND request = ?');
const pinOf = db.prepare('SELECT given_at FROM port_pin WHERE account = ? AND request = ?');
const useOf = db.prepare('SELECT kind FROM number_use WHERE account = ? AND e164 = ?');

function valueOf(name, names) {
    if (name[0] === '\'') return name.slice(1, -1);
    if (name === 'null') return null;
    return /^\d+$/.test(name) ? Number(name) : names[name];
}

const create = db.transaction(names => {
    for (const {statement, reads, names: wanted} of statements) {
        const values = {};
        wanted.forEach((name, at) => { values[at + 1] = valueOf(name, names); });
        if (reads) statement.get(values);
        else statement.run(values);
    }
});

function check(actor, id, form) {
    const draft = draftOf.get(actor.account, id);
    if (!draft || draft.status !== 'draft') return {status: 409};
    const documents = documentsOf.all(actor.account, id);
    pinOf.get(actor.account, id);
    const missing = ['losing_carrier', 'account_name', 'owner_name', 'owner_email', 'street', 'city', 'state', 'zip'].filter(name => !draft[name]);
    const e164 = draft.numbers_typed.trim();
    if (missing.length || !documents.length || !/^\+1\d{10}$/.test(e164) || !/^[^@\s]+@[^@\s]+$/.test(draft.owner_email) ||
        (form.wished_date && !/^\d{4}-\d\d-\d\d$/.test(form.wished_date)) || useOf.get(actor.account, e164))
        return {status: 422};
    return {status: 303, e164};
}

// ---- The reads ----

const read = {
    numbers: db.prepare('SELECT * FROM port_number WHERE account = ? AND request = ?'),
    orders: db.prepare('SELECT * FROM carrier_order WHERE account = ? AND request = ?'),
    account: db.prepare('SELECT name FROM account WHERE id = ?'),
    user: db.prepare('SELECT name FROM app_user WHERE account = ? AND id = ?'),
    events: db.prepare('SELECT * FROM timeline WHERE account = ? AND request = ? ORDER BY id DESC LIMIT 200'),
    changes: db.prepare('SELECT * FROM attempt_change WHERE account = ? AND request = ? ORDER BY attempt DESC, field LIMIT 400'),
    answers: db.prepare(`SELECT o.attempt, min(n.rejection) AS rejection FROM carrier_order o CROSS JOIN order_number n
        WHERE o.account = ? AND o.request = ? AND n.account = o.account AND n.carrier_order = o.id AND n.rejection IS NOT NULL
        GROUP BY o.attempt`),
    mine: db.prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM port_request r WHERE r.account = ? AND r.turn = 'customer'
        AND (r.status <> 'draft' OR r.changed_at <> r.created_at) LIMIT 1000)`),
    list: db.prepare(`SELECT * FROM port_request r WHERE r.account = ? AND (r.status <> 'draft' OR r.changed_at <> r.created_at)
        ORDER BY r.changed_at DESC, r.id DESC LIMIT 51`),
    counts: ["(r.status <> 'draft' OR r.changed_at <> r.created_at)", "r.ended_at IS NULL AND r.status <> 'draft'",
        'r.ended_at IS NOT NULL'].map(which => db.prepare(`SELECT count(*) AS count FROM
        (SELECT 1 FROM port_request r WHERE r.account = ? AND ${which} LIMIT 1000)`)),
    inventory: db.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM number WHERE account = ? LIMIT 1000)'),
};
const sentences = {
    in_review: 'In Review', waiting_for_signature: 'Waiting for Signature', submitted: 'Submitted', pending: 'Pending',
    action_required: 'Action Required', completed: 'Completed', canceled: 'Canceled', draft: 'Draft',
};
const tools = {
    number: e164 => e164 ? e164.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3') : 'No number yet',
    day: at => at ? new Date(at / 1000).toISOString().slice(0, 16).replace('T', ' ') : 'No date yet',
    status: name => sentences[name] ?? name,
};

const snapshot = db.transaction((actor, id) => {
    const request = draftOf.get(actor.account, id);
    return request && {
        request, numbers: read.numbers.all(actor.account, id), orders: read.orders.all(actor.account, id),
        documents: documentsOf.all(actor.account, id), account: read.account.get(actor.account),
        submitter: read.user.get(actor.account, request.submitted_by), pin: pinOf.get(actor.account, id),
        events: read.events.all(actor.account, id), changes: read.changes.all(actor.account, id),
        answers: read.answers.all(actor.account, id),
    };
});

// ---- The server ----

const app = fastify({logger: false});
app.register(cookie);
app.register(formbody);
app.get('/healthz', () => 'ok');
app.get('/requests', (request, reply) => {
    const actor = actorOf(request);
    if (!actor) return reply.redirect('/sign-in', 303);
    return reply.type('text/html').send(eta.render('list', {
        tools, actor, rows: read.list.all(actor.account), counts: read.counts.map(count => count.get(actor.account).count), mine: read.mine.get(actor.account).count,
        inventory: read.inventory.get(actor.account).count,
    }));
});
app.get('/requests/:id', (request, reply) => {
    const actor = actorOf(request);
    if (!actor) return reply.redirect('/sign-in', 303);
    const found = snapshot.deferred(actor, request.params.id);
    if (!found) return reply.code(404).send('not found');
    return reply.type('text/html').send(eta.render('request', {tools, actor, ...found, mine: read.mine.get(actor.account).count}));
});
app.post('/requests/:id/submit', (request, reply) => {
    const actor = actorOf(request);
    if (!actor) return reply.redirect('/sign-in', 303);
    const given = Buffer.from(request.body?.csrf ?? ''), wanted = Buffer.from(actor.csrf);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply.code(403).send('csrf');
    const {status, e164} = check(actor, request.params.id, request.body);
    if (status !== 303) return reply.code(status).send('refused');
    create.immediate({
        account: actor.account, user: actor.user, request: request.params.id, e164, reversed: [...e164.slice(1)].reverse().join(''),
        key: request.body.key, now: Date.now() * 1000,
        order: identity('ord'), number: identity('num'), event: identity('ev'),
    });
    return reply.redirect(`/requests/${request.params.id}`, 303);
});
process.on('SIGTERM', () => app.close().then(() => db.close()));
await app.listen({port: Number(port), host: '127.0.0.1'});

// Starts the real programs for a browser test, opens Chromium and looks at what a person would complain of: errors in the
// console, requests that fail, and every finding of axe.
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const build = process.env.PORTDESK_BUILD || path.join(root, 'build-test');
const logs = process.env.PORTDESK_LOGS || path.join(root, 'build-test/logs');
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const bothThemes = process.env.PORTDESK_LOOKS === 'all';
let looked = 0;
/** In which theme and at which width a page is looked at. */
export const views = bothThemes ? [['light', 1280], ['light', 390], ['dark', 1280], ['dark', 390]] : [['light', 1280], ['dark', 390]];

// The same pages come from either engine: what they look like is looked at on one; what they do is tested on both.
export const onPostgres = Boolean(process.env.PORTDESK_TEST_DATABASE);

export const accountSid = 'AC' + '0123456789abcdef'.repeat(2);
export const authToken = 'fedcba9876543210'.repeat(2);
const sanitizer = /(ERROR|SUMMARY|WARNING): \w*Sanitizer|runtime error:/;

/** What tests/integration/database.py does with these words; what it prints. */
export function database(...words) {
    return execFileSync('python3', [path.join(root, 'tests/integration/database.py'), ...words], { encoding: 'utf8' }).trim();
}

/** Ports that nobody listens on; from the range that tests/integration/ports.py takes them from, for the same reason. */
async function freePorts(count) {
    const [first, last] = (process.env.PORTDESK_TEST_PORTS || '10000-29999').split('-').map(Number);
    const servers = [];
    while (servers.length < count) {
        const port = first + Math.floor(Math.random() * (last - first + 1));
        const server = await new Promise(resolve => {
            const probe = net.createServer().on('error', () => resolve(null)).listen(port, '127.0.0.1', () => resolve(probe));
        });
        if (server) servers.push(server);
    }
    const ports = servers.map(server => server.address().port);
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
    return ports;
}

/** Polls until the function gives something true: for the work of other processes, never for the time of day. */
export async function waitFor(what, until, seconds = 60) {
    const end = performance.now() + seconds * 1000;
    for (let pause = 10; ; pause = Math.min(pause * 1.5, 200)) {
        const got = await until();
        if (got) return got;
        assert.ok(performance.now() < end, `waited ${seconds} s for ${what}`);
        await new Promise(resolve => setTimeout(resolve, pause));
    }
}

function writeIni(file, settings) {
    const sections = {};
    for (const [name, value] of Object.entries(settings)) {
        const [section, key] = name.split('.');
        (sections[section] ||= []).push(`${key} = ${value}\n`);
    }
    const text = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join('')}`).join('');
    fs.writeFileSync(file, text, { mode: 0o600 });
}

class Program {
    constructor(name, port, words, log) {
        Object.assign(this, { name, port, words, log });
    }

    async start() {
        const out = fs.openSync(this.log, 'a');
        this.process = spawn(path.join(build, this.name), this.words, {
            stdio: ['ignore', out, out],
            env: {
                ...process.env,
                ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99',
                UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1:exitcode=99',
            },
        });
        fs.closeSync(out);
        this.ended = new Promise(resolve => this.process.once('exit', (code, signal) => resolve(code ?? signal)));
        await waitFor(`${this.name} to answer`, async () => {
            assert.equal(this.process.exitCode, null, `${this.name} ended at its start:\n${this.tail()}`);
            return fetch(`http://127.0.0.1:${this.port}/healthz`).then(answer => answer.status === 200, () => false);
        });
    }

    tail() {
        return fs.existsSync(this.log) ? fs.readFileSync(this.log, 'utf8').slice(-3000) : '';
    }

    async stop() {
        if (!this.process) return;
        this.process.kill('SIGTERM');
        const timer = setTimeout(() => this.process.kill('SIGKILL'), 30000);
        const code = await this.ended;
        clearTimeout(timer);
        assert.equal(code, 0, `${this.name} ended with ${code}:\n${this.tail()}`);
        assert.doesNotMatch(fs.readFileSync(this.log, 'utf8'), sanitizer, `a sanitizer's report in ${this.log}`);
    }
}

/** A whole desk with its sandbox carrier and one Chromium. */
export class Desk {
    sharesSessions = false;
    sessions = new Map(); // cookies of who has signed in

    /** `host` is what the desk calls itself: passkeys need a name, and browsers have none at a bare address. */
    static async start(name, { host = '127.0.0.1' } = {}) {
        const desk = new Desk();
        desk.name = name;
        desk.directory = fs.mkdtempSync(path.join(os.tmpdir(), `portdesk-${name}-`));
        desk.logs = path.join(logs, `browser-${name}`);
        fs.rmSync(desk.logs, { recursive: true, force: true });
        fs.mkdirSync(desk.logs, { recursive: true });
        const [port, sandboxPort, mailPort] = await freePorts(3);
        desk.origin = `http://${host}:${port}`;
        desk.sandboxOrigin = `http://127.0.0.1:${sandboxPort}`;
        const config = path.join(desk.directory, 'portdesk.ini');
        const sandboxConfig = path.join(desk.directory, 'sandbox.ini');
        const clock = path.join(desk.directory, 'clock');
        const mail = `127.0.0.1:${mailPort}`;
        fs.mkdirSync(path.join(desk.directory, 'sandbox'), { mode: 0o700 });
        // As setting: "" for the file below data.dir; and as the tests find it.
        desk.databaseUrl = database('new', name);
        desk.database = desk.databaseUrl || path.join(desk.directory, 'data/portdesk.db');
        writeIni(config, {
            'web.listen': `127.0.0.1:${port}`, 'web.base_url': desk.origin,
            'data.dir': path.join(desk.directory, 'data'), 'clock.file': clock, 'database.url': desk.databaseUrl,
            'mail.smtp_url': `smtp://${mail}`, 'mail.from': 'portdesk@demo.example',
            'twilio.base_url': desk.sandboxOrigin, 'twilio.upload_url': desk.sandboxOrigin, 'twilio.api_url': desk.sandboxOrigin,
            'twilio.account_sid': accountSid, 'twilio.auth_token': authToken,
            'demo.enabled': 'true', 'people.sign_up': 'true', 'demo.sandbox_url': desk.sandboxOrigin,
            'reader.program': path.join(build, 'src/billreader/portdesk-billreader'),
        });
        writeIni(sandboxConfig, {
            'web.listen': `127.0.0.1:${sandboxPort}`, 'web.base_url': desk.sandboxOrigin,
            'data.dir': path.join(desk.directory, 'sandbox'), 'clock.file': clock,
            'mail.listen': mail, 'mail.smtp_url': `smtp://${mail}`,
            'carrier.account_sid': accountSid, 'carrier.auth_token': authToken,
        });
        const said = execFileSync(path.join(build, 'portdesk'), ['init', '--demo', '--config', config], { encoding: 'utf8' });
        desk.people = [...said.matchAll(/(\S+@\S+) +(\S+)$/gm)].map(found => ({ address: found[1], role: found[2] }));
        desk.password = said.match(/password (\S+)/)[1];
        desk.sandbox = new Program('portdesk-sandbox', sandboxPort, ['serve', '--config', sandboxConfig], path.join(desk.logs, 'sandbox.log'));
        desk.portdesk = new Program('portdesk', port, ['serve', '--config', config], path.join(desk.logs, 'portdesk.log'));
        desk.config = config;
        try {
            await desk.sandbox.start();
            await desk.portdesk.start();
            desk.chromium = await chromium.launch({
                executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
                // All pages are ours: one renderer serves them.
                args: ['--disable-gpu', '--in-process-gpu', '--renderer-process-limit=1', '--disable-site-isolation-trials', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
            });
        } catch (failure) {
            await desk.stop().catch(() => {});
            throw failure;
        }
        return desk;
    }

    async stop() {
        await this.chromium?.close();
        const ends = await Promise.allSettled([this.portdesk.stop(), this.sandbox.stop()]);
        if (!process.env.PORTDESK_KEEP) {
            fs.rmSync(this.directory, { recursive: true, force: true });
            if (this.databaseUrl) database('drop', this.databaseUrl);
        }
        for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }

    /** The table of routes as the program itself tells it. */
    routes() {
        return JSON.parse(execFileSync(path.join(build, 'portdesk'), ['routes'], { encoding: 'utf8' }));
    }

    /** Somebody with a browser of their own. `options` are Playwright's: javaScriptEnabled, viewport, ... */
    /** `selfRefresh`: whether an open request page may reload itself, which would cross what a test does with the page. */
    async person({ selfRefresh = false, ...options } = {}) {
        const context = await this.chromium.newContext({ baseURL: this.origin, locale: 'en-US', reducedMotion: 'reduce', ...options });
        if (!selfRefresh)
            await context.route('**/requests/*/state', route => route.fulfill({ status: 404 }));
        context.setDefaultTimeout(20000);
        const page = await context.newPage();
        return new Person(this, context, page, options);
    }

    /** The first demo user with that role, or whose address begins so. */
    address(who) {
        const found = this.people.find(each => each.role === who || each.address.startsWith(who));
        assert.ok(found, `the demo has no ${who}, only ${JSON.stringify(this.people)}`);
        return found.address;
    }

    /** The id of that demo user, or another column of theirs. */
    user(who, column = 'id') {
        return database('read', this.database, `SELECT ${column} FROM app_user WHERE email = ?`, this.address(who));
    }

    /** That demo user, signed in. With `sharesSessions` the session of an earlier time is used again: for tests that look at pages only. */
    async signedIn(who = 'owner', options = {}) {
        const person = await this.person(options);
        const kept = this.sharesSessions && this.sessions.get(who);
        if (kept) {
            await person.context.addCookies(kept);
            const answer = await person.context.request.get('/settings');
            if (new URL(answer.url()).pathname === '/settings') return person;
        }
        await person.signIn(who);
        this.sessions.set(who, await person.context.cookies());
        return person;
    }

    async sandboxJson(address) {
        const answer = await fetch(this.sandboxOrigin + address);
        assert.equal(answer.status, 200, `sandbox ${address}`);
        return answer.json();
    }

    async control(action, fields = {}) {
        const answer = await fetch(`${this.sandboxOrigin}/control/${action}`, {
            method: 'POST', body: new URLSearchParams(fields), headers: { Origin: this.sandboxOrigin }, redirect: 'manual',
        });
        assert.ok(answer.status < 400, `sandbox /control/${action}: ${answer.status} ${await answer.text()}`);
    }

    /** The carrier's newest port with that number. */
    port(number) {
        return waitFor(`the carrier's port of ${number}`, async () => {
            const state = await this.sandboxJson('/control/state');
            return state.ports.find(port => port.phone_numbers.some(each => each.phone_number === number));
        });
    }

    /** Lets the carrier's next step of a port happen now. */
    nextEvent(sid) {
        return waitFor(`something to come at ${sid}`, () => this.control(`ports/${sid}/next`).then(() => true, () => false));
    }

    /** Moves the clock of both programs forward. */
    advance(seconds) {
        return this.control('clock', { advance: String(seconds) });
    }

    /** Waits for a mail to that address with that word in the subject; the newest. */
    mail(to, subject) {
        return waitFor(`a mail to ${to} about "${subject}"`, async () => {
            const found = await this.sandboxJson('/mail.json');
            return found.mails.filter(mail => mail.to.includes(to) && mail.subject.includes(subject)).at(-1);
        });
    }
}

class Person {
    constructor(desk, context, page, options) {
        Object.assign(this, { desk, context, page, options, complaints: [] });
        page.on('pageerror', error => this.complaints.push(`script: ${error.message}`));
        page.on('console', message => {
            // A refused form is an answer with a 4xx status; the console calls that an error too.
            if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) this.complaints.push(`console: ${message.text()}`);
        });
        page.on('response', answer => {
            const kind = answer.request().resourceType();
            if (answer.status() >= 500 || (answer.status() >= 400 && kind !== 'document' && kind !== 'fetch' && kind !== 'xhr'))
                this.complaints.push(`${answer.status()} for ${answer.url()}`);
        });
    }

    async signIn(who) {
        await this.page.goto('/sign-in');
        await this.page.fill('#email', this.desk.address(who));
        await this.page.fill('#password', this.desk.password);
        await Promise.all([
            this.page.waitForURL(url => !url.pathname.startsWith('/sign-in')),
            this.page.click('form:has(#password) [type=submit]'),
        ]);
    }

    /** Fails on any finding of axe on the page as it stands, and on whatever the console complained of so far. `always`: on either engine. */
    async looks(name, { always = false } = {}) {
        if (onPostgres && !always) return this.content();
        await this.shot(name);
        const found = await axeFindings(this.page);
        assert.deepEqual(found, [], `axe on ${this.page.url()}`);
        this.content();
    }

    /** The same in light or in dark, in turn, or in both with PORTDESK_LOOKS=all; and nothing is too wide. The page is left in light, as it
     * came. What axe takes its time for are the colors. */
    async looksInEitherTheme(name) {
        looked += 1;
        if (bothThemes || looked % 2) await this.looks(name && `${name}-light`);
        if (bothThemes || !(looked % 2)) {
            await this.theme('dark');
            await this.looks(name && `${name}-dark`);
            await this.theme('light');
        }
        await this.fits();
    }

    /** Chromium does not color all that stands in a container query anew when the theme of an open page changes: it draws anew. */
    async theme(colorScheme) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await this.page.evaluate(() => {
            document.body.hidden = true;
            document.body.getBoundingClientRect();
            document.body.hidden = false;
        });
    }

    async fits() {
        const spill = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(spill <= 0, `${this.page.url()} is ${spill} px too wide`);
    }

    /** The same person at another tab of the same browser. */
    tab(page) {
        return new Person(this.desk, this.context, page, this.options);
    }

    content() {
        assert.deepEqual(this.complaints, [], `complaints on ${this.page.url()}`);
    }

    /** Pictures, for whoever wants to look at the pages. */
    async shot(name) {
        if (name && process.env.PORTDESK_PICTURES) await this.page.screenshot({ path: path.join(this.desk.logs, `${name}.png`), fullPage: true });
    }

    close() {
        return this.context.close();
    }
}

async function axeFindings(page) {
    // Through the debugger's own world, so the page's content security policy stays as strict as it is.
    await page.evaluate(axe);
    const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    return result.violations.map(each => ({
        rule: each.id, help: each.help, at: each.nodes.map(node => `${node.target.join(' ')}: ${node.failureSummary}`),
    }));
}

// Stuck work: the porting team's page of what did not go on by itself, used without scripts; looked at with them.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk } from './frame.mjs';
import { team } from './requests.mjs';
import { deadJob, deadJobs, oneOfEach } from './stuck.mjs';

let desk;
before(async () => {
    desk = await Desk.start('stuck');
});
after(() => desk.stop());

const page = '/team/stuck';
const noScripts = { javaScriptEnabled: false };
const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();
const rail = person => text(person, '.nav');

async function press(person, where) {
    await Promise.all([person.page.waitForNavigation(), person.page.click(where)]);
}

async function everyLook(name) {
    for (const colorScheme of ['light', 'dark'])
        for (const width of [1280, 390]) {
            const person = await team(desk, page, { colorScheme, viewport: { width, height: 900 } });
            await person.looks(`${name}-${colorScheme}-${width}`);
            const spill = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(spill <= 0, `${name} is ${spill} px too wide at ${width}`);
            await person.close();
        }
}

test('nothing is stuck', async () => {
    const person = await team(desk, page, noScripts);
    assert.match(await text(person), /Nothing is stuck/);
    assert.match(await rail(person), /Stuck work People/);
    await everyLook('empty');
    await person.close();
});

test('each kind is told in plain words, leads to its request and can be narrowed to', async () => {
    const address = await oneOfEach(desk);
    const person = await team(desk, page, noScripts);
    assert.match(await rail(person), /Stuck work.*2 jobs were given up People/);
    const rows = person.page.locator('tbody tr');
    assert.equal(await rows.count(), 4);
    const wanted = {
        'Canceling the order at the carrier': /Harbor & Pine Realty PR-\d+ .*12 tries.*the carrier said <b>no<\/b>.*Try again/,
        'Placing the order at the carrier': /past this by now, or is worked by hand.*Take off the list/,
        'Refused mail: a number was sent back': /To dana@gone.example: 550 5.1.1/,
        'Unknown word from Twilio': /seen 3 times.*It says “in-limbo”/,
    };
    for (const [name, shown] of Object.entries(wanted)) {
        const row = `tr:has-text("${name}")`;
        assert.match(await text(person, row), shown, name);
        assert.equal(await person.page.getAttribute(`${row} a`, 'href'), address, name);
    }
    await everyLook('each');
    for (const [chip, count] of [['Given up', 2], ['Refused mail', 1], ['Unknown words', 1], ['All', 4]]) {
        await press(person, `main .chip:has-text("${chip}")`);
        assert.match(await text(person, '.chip[aria-current]'), new RegExp(`${chip} ${count}`));
        assert.equal(await rows.count(), count, chip);
    }
    await person.page.goto(`${page}?show=nonsense&before=<b>`);
    assert.equal(await rows.count(), 4);
    await press(person, 'tbody tr:first-child a');
    assert.equal(new URL(person.page.url()).pathname, address);
    await person.close();
});

test('a job is tried again, once', async () => {
    const person = await team(desk, page, noScripts);
    const old = await team(desk, page, noScripts);
    await press(person, 'text=Try again');
    assert.match(await text(person), /It is being tried again now/);
    assert.ok(!(await text(person)).includes('Canceling the order'));
    assert.match(await rail(person), /Stuck work.*1 job was given up People/);
    await press(person, 'text=Take off the list');
    assert.match(await text(person), /It is off the list/);
    assert.match(await rail(person), /Stuck work People/);
    await press(old, 'text=Try again');
    assert.match(await text(old), /This is not stuck any more\. Nothing was done/);
    assert.match(await text(person), /Refused mail/);
    await person.page.goto(`${page}?show=jobs`);
    assert.match(await text(person), /There is nothing of this kind/);
    await person.close();
    await old.close();
});

test('a job is looked at closer, and dropped after a question', async () => {
    const address = await oneOfEach(desk);
    const person = await team(desk, page, noScripts);
    await press(person, 'tr:has-text("Canceling the order") a:has-text("Look closer")');
    assert.match(await text(person), /Canceling the order at the carrier It was given up.*12 tries.*the carrier said <b>no<\/b>.*PR-\d+.*Harbor & Pine Realty.*order_cancel/);
    await press(person, 'main a:has-text("Drop it")');
    assert.match(await text(person), /Drop this job\?.*taken off the list for good.*The carrier is not asked to cancel the order/);
    const question = new URL(person.page.url()).pathname + new URL(person.page.url()).search;
    const old = await team(desk, question, noScripts);
    const older = await team(desk, question, noScripts);
    await press(person, 'text=Keep it');
    assert.match(await text(person, 'tbody'), /Canceling the order/);
    await press(old, 'text=Drop it for good');
    assert.match(await text(old), /The job was dropped/);
    assert.ok(!(await text(old, 'tbody')).includes('Canceling the order'));
    await old.page.goto(address);
    assert.match(await text(old), /Work that was given up was taken off the list for good: Canceling the order at the carrier/);
    const owner = await desk.signedIn('owner', noScripts);
    await owner.page.goto(address);
    assert.ok(!(await text(owner)).includes('given up'));
    await press(older, 'text=Drop it for good');
    assert.match(await text(older), /This is not stuck any more/);
    await person.page.goto(`${page}/job?account=<b>&kind=&subject=x`);
    assert.match(await text(person), /This is not stuck any more/);
    await press(person, 'text=Take off the list');
    for (const each of [person, old, older, owner]) await each.close();
});

test('many are paged, newest first', async () => {
    const address = await oneOfEach(desk);
    deadJobs(desk, address, 51);
    const person = await team(desk, `${page}?show=jobs`, noScripts);
    const rows = person.page.locator('tbody tr');
    assert.equal(await rows.count(), 50);
    await press(person, 'text=Older');
    assert.equal(await rows.count(), 3);
    assert.match(await text(person, '.chip[aria-current]'), /Given up 53/);
    await press(person, 'text=Back to the newest');
    assert.equal(await rows.count(), 50);
    await person.close();
});

test('nobody else sees it', async () => {
    const owner = await desk.signedIn('owner', noScripts);
    assert.ok(!(await rail(owner)).includes('Stuck work'));
    const answer = await owner.context.request.get(page);
    assert.equal(answer.status(), 403);
    assert.ok(!(await answer.text()).includes('Harbor &amp; Pine Realty PR'));
    const csrf = await owner.page.inputValue('[name=csrf] >> nth=0');
    const job = { csrf, key: 'k'.repeat(22), account: 'operator', kind: 'x1', subject: 'x' };
    for (const action of ['retry', 'drop'])
        assert.equal((await owner.context.request.post(`${page}/${action}`, { form: job })).status(), 403, action);
    for (const look of ['job', 'drop'])
        assert.equal((await owner.context.request.get(`${page}/${look}?account=operator&kind=x1&subject=x`)).status(), 403, look);
    await owner.close();
});

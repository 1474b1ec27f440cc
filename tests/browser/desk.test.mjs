// The porting team's desk: from the queue to the end of a request that is worked by hand, by the keyboard alone and on a phone; looked at on the way.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk } from './frame.mjs';
import * as journey from './journey.mjs';
import { byHand, team } from './requests.mjs';

let desk;
before(async () => {
    desk = await Desk.start('desk');
});
after(() => desk.stop());

const noScripts = { javaScriptEnabled: false };
const phone = { viewport: { width: 390, height: 844 } };
const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();

async function everyLook(person, name) {
    for (const [theme, width] of [['light', 1280], ['light', 390], ['dark', 1280], ['dark', 390]]) {
        await person.page.setViewportSize({ width, height: 900 });
        await person.theme(theme);
        await person.looks(`${name}-${theme}-${width}`);
        await person.fits();
    }
    await person.theme('light');
}

/** Presses Tab until what has the focus is that. */
async function tabTo(person, selector) {
    for (let presses = 0; presses < 150; presses++) {
        await person.page.keyboard.press('Tab');
        if (await person.page.evaluate(wanted => Boolean(document.activeElement?.matches(wanted)), selector)) return;
    }
    assert.fail(`no way to ${selector} by Tab on ${person.page.url()}`);
}

async function enter(person, selector) {
    await tabTo(person, selector);
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
}

/** A business day some weeks ahead, as a date field takes it. */
function day(weeks) {
    const date = new Date(Date.now() + weeks * 7 * 86400e3);
    while ([0, 6].includes(date.getUTCDay()) || (date.getUTCMonth() === 0 && date.getUTCDate() === 1)) date.setUTCDate(date.getUTCDate() + 1);
    return date.toISOString().slice(0, 10);
}

test('an empty desk says so', async () => {
    const person = await team(desk, '/', noScripts);
    assert.equal(new URL(person.page.url()).pathname, '/team');
    assert.match(await text(person), /The desk is clear/);
    await person.close();
});

test('from the queue to the end, by the keyboard alone', async () => {
    const owner = await byHand(desk);
    const { address } = owner;
    const person = await team(desk, '/team');
    assert.match(await text(person, '.nav'), /Desk 1 1 on the desk, 0 of them yours/);
    await everyLook(person, 'queue');
    await person.page.setViewportSize({ width: 1280, height: 900 });
    await enter(person, `form[action="${address}/assign"] button`);
    assert.match(await text(person), /It is yours now/);
    await enter(person, `a[href="${address}"]`);
    assert.match(await text(person), /You act for Harbor & Pine Realty.*You have this request/);
    // A message, and its answer.
    await tabTo(person, '#message');
    await person.page.keyboard.type('Which day suits you? http://evil.example');
    await tabTo(person, 'form[action$="/messages"] button');
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    assert.match(await text(person, '#messages'), /Nadia Weiss, our porting team.*Which day suits you\?/);
    assert.equal(await person.page.locator('a[href*="evil"]').count(), 0);
    await tabTo(person, '#note');
    await person.page.keyboard.type('Calls back on Monday.');
    await enter(person, 'form[action$="/notes"] button');
    await everyLook(person, 'request-team');
    await owner.page.setViewportSize(phone.viewport);
    await owner.page.goto('/requests');
    assert.match(await text(owner, `tr:has(a[href="${address}"])`), /New message/);
    await everyLook(owner, 'list-unread');
    await owner.page.setViewportSize(phone.viewport);
    await enter(owner, `a[href="${address}"]`);
    assert.match(await text(owner), /Our porting team is on it/);
    assert.match(await text(owner, '#messages'), /1 new/);
    assert.ok(!(await text(owner)).includes('Calls back'));
    await everyLook(owner, 'request-customer');
    await owner.page.goto('/requests');
    assert.ok(!(await text(owner, `tr:has(a[href="${address}"])`)).includes('New message'));
    await owner.page.goto(address);
    await owner.page.setViewportSize(phone.viewport);
    await tabTo(owner, '#message');
    await owner.page.keyboard.type('Any Tuesday.');
    await enter(owner, 'form[action$="/messages"] button');
    // The day, and the end.
    await person.page.setViewportSize({ width: 1280, height: 900 });
    await person.page.goto('/team?whose=mine&why=message');
    await enter(person, `a[href="${address}"]`);
    assert.match(await text(person, '#messages'), /Any Tuesday\./);
    await person.page.selectOption('#status', 'pending');
    await person.page.fill('#firm_date', day(3));
    await person.page.focus('#words');
    await enter(person, '#record [type=submit]');
    assert.match(await text(person), /It is recorded.*Firm date/);
    await desk.mail(desk.address('owner'), 'Date set');
    await person.page.selectOption('#status', 'completed');
    await person.page.focus('#words');
    await enter(person, '#record [type=submit]');
    assert.match(await text(person, '#record'), /This cannot be undone/);
    await everyLook(person, 'record-sure');
    await tabTo(person, '#sure');
    await person.page.keyboard.press('Space');
    await enter(person, '#record [type=submit]');
    assert.match(await text(person), /The number has moved/);
    await desk.mail(desk.address('owner'), 'Completed');
    await owner.page.goto(address);
    assert.match(await text(owner), /The number has moved/);
    await person.close();
    await owner.close();
});

test('errors stand at their fields, and what was typed stays', async () => {
    const owner = await byHand(desk, noScripts);
    const person = await team(desk, owner.address);
    await Promise.all([person.page.waitForNavigation(), person.page.click('form[action$="/messages"] button')]);
    assert.match(await text(person, '#message-e'), /Please write something first/);
    await person.looks('message-error');
    await person.page.fill('#message', 'y'.repeat(4001));
    await Promise.all([person.page.waitForNavigation(), person.page.click('form[action$="/messages"] button')]);
    assert.match(await text(person, '#message-e'), /4000 characters fit here/);
    assert.equal((await person.page.inputValue('#message')).length, 4001);
    await person.page.selectOption('#status', 'pending');
    await person.page.fill('#firm_date', '2020-01-06');
    await Promise.all([person.page.waitForNavigation(), person.page.click('#record [type=submit]')]);
    assert.match(await text(person, '#firm_date-e'), /This day is over/);
    assert.equal(await person.page.inputValue('#firm_date'), '2020-01-06');
    await person.close();
    await owner.close();
});

test('an open page shows a message that comes, but never while somebody writes', async () => {
    const owner = await byHand(desk);
    const watching = await team(desk, owner.address, { selfRefresh: true });
    await owner.page.goto(owner.address);
    await owner.page.fill('#message', 'Hello there');
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('form[action$="/messages"] button')]);
    await watching.page.waitForSelector('#messages >> text=Hello there');
    await watching.page.fill('#message', 'I am writing');
    await owner.page.fill('#message', 'And more');
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('form[action$="/messages"] button')]);
    await watching.page.waitForResponse(() => true, { timeout: 6000 }).then(() => assert.fail('it asked while somebody wrote'), () => {});
    assert.equal(await watching.page.inputValue('#message'), 'I am writing');
    await watching.close();
    await owner.close();
});

test('the wizard shows for whom the team acts', async () => {
    const owner = await desk.signedIn('owner');
    await owner.page.goto('/requests');
    await owner.page.click('main form[action="/requests"] [type=submit]');
    await owner.page.waitForURL('**/steps/1');
    const person = await team(desk, new URL(owner.page.url()).pathname);
    assert.match(await text(person, '.acting'), /You act for Harbor & Pine Realty/);
    assert.equal(await owner.page.locator('.acting').count(), 0);
    await everyLook(person, 'wizard-acting');
    await person.close();
    await owner.close();
});

test('a request begun for who phones in, by the keyboard alone, then on a phone', async () => {
    const number = journey.number();
    const person = await team(desk, `/accounts/${desk.user('agent', 'account')}/people/${desk.user('agent')}`);
    const page = new URL(person.page.url()).pathname;
    assert.match(await text(person), /New Port Request for Elena Marsh/);
    await enter(person, `form[action="${page}/requests"] button`);
    assert.match(await text(person, '.acting'), /You act for Harbor & Pine Realty/);
    const address = new URL(person.page.url()).pathname.replace('/steps/1', '');
    await tabTo(person, '#carrier');
    await person.page.keyboard.type('Verizon');
    await tabTo(person, '#numbers');
    await person.page.keyboard.type(number);
    await enter(person, '#wizard [name=go][value=close]');
    // Found again on the person's page.
    assert.equal(new URL(person.page.url()).pathname, page);
    assert.match(await text(person), /PR-\d+ \(415\) 221-\d{4}/);
    await everyLook(person, 'person-begun');
    await person.page.setViewportSize(phone.viewport);
    await enter(person, `a[href^="${address}/steps/"]`);
    assert.match(await text(person, '.acting'), /You act for Harbor & Pine Realty/);
    // Elena Marsh has it: the mail leads there, and it is on the list.
    const mail = await desk.mail(desk.address('agent'), 'Begun for you');
    assert.ok(mail.text.includes(address));
    const agent = await desk.signedIn('agent', phone);
    await agent.page.goto(address);
    assert.match(new URL(agent.page.url()).pathname, /\/steps\/1$/);
    assert.equal(await agent.page.locator('.acting').count(), 0);
    assert.equal(await agent.page.inputValue('#carrier'), 'Verizon');
    await agent.page.goto('/requests');
    assert.equal(await agent.page.locator(`a[href^="${address}"]`).count(), 1);
    // The team goes on to the end; the timeline says who began it.
    await journey.finish(person, address, [number]);
    await agent.page.goto(address);
    assert.match(await text(agent), /Draft started\..*Nadia Weiss, our porting team, for Harbor & Pine Realty/);
    await person.page.goto(page);
    assert.equal(await person.page.locator(`a[href^="${address}"]`).count(), 0);
    await person.close();
    await agent.close();
});

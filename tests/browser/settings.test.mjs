// My Settings, the way from the wizard there and back when somebody moves their own mobile, and the check-list: with the mouse, by the
// keyboard alone, on a phone, in light and in dark.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk, views } from './frame.mjs';
import { number, start, submit, submitAtOnce } from './journey.mjs';

let desk;
before(async () => {
    desk = await Desk.start('settings');
});
after(() => desk.stop());

const shown = e164 => `(${e164.slice(2, 5)}) ${e164.slice(5, 8)}-${e164.slice(8)}`;
const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();

async function everyLook(person, name) {
    for (const [theme, width] of views) {
        await person.page.setViewportSize({ width, height: 900 });
        await person.theme(theme);
        await person.looks(`${name}-${theme}-${width}`);
        await person.fits();
    }
    await person.theme('light');
}

async function save(person, phone) {
    await person.page.fill('#personal_phone', phone);
    await Promise.all([person.page.waitForNavigation(), person.page.click('#settings [type=submit]')]);
}

/** Presses Tab until the element has the focus: it must be reached by the keyboard. */
async function tabTo(page, selector, at = 60) {
    for (let pressed = 0; pressed < at; pressed++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(wanted => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`Tab does not reach ${selector}`);
}

test('a phone is set by the keyboard alone, and stands there again', async () => {
    const person = await desk.signedIn('agent', { viewport: { width: 1280, height: 900 } });
    const { page } = person;
    await page.goto('/requests');
    await tabTo(page, 'a.who');
    await Promise.all([page.waitForURL('**/settings'), page.keyboard.press('Enter')]);
    assert.equal(await page.getAttribute('a.who', 'aria-current'), 'page');
    await tabTo(page, '#personal_phone');
    const phone = number();
    await page.keyboard.type(phone.slice(2));
    await tabTo(page, 'summary');
    await page.keyboard.press('Enter');
    assert.ok(await page.isVisible('details p'));
    await tabTo(page, '#time_zone');
    await page.keyboard.type('Pacific');
    await tabTo(page, '[name=mails][value=dates]');
    await page.keyboard.press('Space');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]); // a form is sent from any of its fields
    assert.match(await text(person), /Your settings are saved\./);
    assert.equal(await page.inputValue('#personal_phone'), shown(phone));
    assert.equal(await page.inputValue('#time_zone'), 'America/Los_Angeles');
    assert.equal(await page.isChecked('[name=mails][value=dates]'), false);
    await everyLook(person, 'saved');
    await save(person, '');
    await person.close();
});

test('a number that cannot be a phone is told at the field, with the request that holds it', async () => {
    const person = await desk.signedIn('owner', { viewport: { width: 1280, height: 900 } });
    const { page } = person, ported = number(), phone = number();
    await page.goto('/settings');
    await save(person, phone);
    const request = await submitAtOnce(person, [ported]);
    await page.goto('/settings');
    await save(person, ported);
    assert.match(await page.title(), /^Error:/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'errors');
    assert.match(await text(person, '#personal_phone-e'), /while it is being moved here/);
    assert.match(await text(person), new RegExp(`Your personal phone is still ${shown(phone).replace(/[()]/g, '\\$&')}`));
    assert.equal(await page.getAttribute('#settings .callout a', 'href'), request);
    await everyLook(person, 'refused');
    await save(person, '');
    await person.close();
});

for (const javaScriptEnabled of [true, false]) {
    test(`one's own mobile: to My Settings and back, the draft intact (scripts: ${javaScriptEnabled})`, async () => {
        const person = await desk.signedIn('owner', { javaScriptEnabled, viewport: { width: 390, height: 844 } });
        const { page } = person, mine = number(), other = number();
        await page.goto('/settings');
        await save(person, mine);
        await start(person);
        const draft = page.url();
        await page.fill('#carrier', 'Verizon');
        await page.fill('#numbers', `${mine}\n${other}`);
        await Promise.all([page.waitForNavigation(), page.click('[name=go][value=check]')]);
        assert.match(await text(person, '#verdicts'), /is your own personal phone/);
        if (javaScriptEnabled) await everyLook(person, 'own-mobile');
        await Promise.all([page.waitForNavigation(), page.click('#wizard [name=go][value=next]')]);
        assert.match(await text(person), /Choose another phone in My Settings first/);
        await page.fill('#numbers', `${mine}\n${other}\n415 221`); // typed and not saved: the button saves it
        await Promise.all([page.waitForURL('**/settings?return=*'), page.click('#verdicts [value=settings]')]);
        assert.match(await text(person), /You come back to the port request/);
        if (javaScriptEnabled) await everyLook(person, 'on-the-way');
        await page.fill('#personal_phone', number());
        await Promise.all([page.waitForURL(draft), page.click('#settings [type=submit]')]);
        assert.match(await text(person), /Go on with your port request\./);
        assert.equal(await page.inputValue('#numbers'), `${mine}\n${other}\n415 221`);
        assert.equal(await page.inputValue('#carrier'), 'Verizon');
        assert.doesNotMatch(await text(person), /personal phone/);
        person.content();
        await page.goto('/settings');
        await save(person, '');
        await person.close();
    });
}

test('the check-list is ticked in the wizard, shown at the review and kept on the page until it is done', async () => {
    const person = await desk.signedIn('owner', { viewport: { width: 1280, height: 900 } });
    const { page } = person;
    await start(person);
    await page.fill('#carrier', 'Verizon');
    await page.fill('#numbers', number());
    await page.click('#wizard [name=go][value=next]');
    await page.waitForURL('**/steps/2');
    await tabTo(page, '[name=checklist][value=sim]');
    await page.keyboard.press('Space');
    await everyLook(person, 'ready');
    await page.click('#wizard [name=go][value=next]');
    await page.waitForURL('**/steps/3');
    await page.goto(page.url().replace('/3', '/7'));
    assert.match(await text(person), /4 of these are still to do/);
    await everyLook(person, 'review');
    await page.goto(await submit(person));
    await page.check('#checklist [type=checkbox][value=banks]');
    await everyLook(person, 'request');
    await Promise.all([page.waitForNavigation(), page.click('#checklist [type=submit]')]);
    assert.match(await text(person), /The list is saved\./);
    assert.equal(await page.isChecked('#checklist [type=checkbox][value=banks]'), true);
    for (const box of await page.locator('#checklist [type=checkbox]').all()) await box.check();
    await Promise.all([page.waitForNavigation(), page.click('#checklist [type=submit]')]);
    assert.match(await text(person), /The list is done\./);
    assert.equal(await page.locator('#checklist').count(), 0);
    person.content();
    await person.close();
});

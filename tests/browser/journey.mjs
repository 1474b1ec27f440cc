// The ways through the product that several tests take, as a person with a browser goes them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { root, waitFor } from './frame.mjs';

/** What stands on the sample bill; a test overrides what it is about. */
export const typed = {
    carrier: 'Verizon', account_name: 'Harbor Lane Realty LLC', account_type: 'business', account_number: '942118306-00001',
    owner_name: 'Dana Whitfield', owner_email: 'dana@harborlane.example', street: '1180 Fillmore St', unit: 'Ste 4',
    city: 'San Francisco', state: 'CA', zip: '94115', pin: '482913',
};
export const sampleBill = path.join(root, 'examples/sample-bill.pdf');

let serial = 200; // the endings before mean something to the sandbox carrier
/** A number of San Francisco that no test of this file has used. */
export function number() {
    serial += 1;
    return `+1415221${String(serial).padStart(4, '0')}`;
}

const hasJavaScript = person => person.options.javaScriptEnabled !== false;

async function go(page) {
    const before = page.url();
    await page.click('#wizard [name=go][value=next]');
    await page.waitForURL(url => url.href !== before);
}

/** Presses New port request. */
export async function start({ page }) {
    await page.goto('/requests');
    await page.click('main form[action="/requests"] [type=submit]');
    await page.waitForURL('**/steps/1');
}

const steps = {
    async 1({ page }, numbers, values) {
        await page.fill('#carrier', values.carrier);
        await page.fill('#numbers', numbers.join('\n'));
        await go(page);
    },
    async 2({ page }) {
        await go(page);
    },
    async 3(person) {
        const { page } = person;
        await page.setInputFiles('#bill', sampleBill);
        if (hasJavaScript(person)) await page.waitForSelector('#files >> text=sample-bill.pdf');
        await page.check('#bill_confirmed');
        await go(page);
    },
    async 4({ page }, numbers, values) {
        await page.fill('#account_name', values.account_name);
        await page.check(`[name=account_type][value=${values.account_type}]`);
        await page.fill('#account_number', values.account_number);
        await page.fill('#btn', numbers[0]);
        if (values.pin) {
            await page.check('[name=pin_when][value=now]');
            await page.fill('#pin', values.pin);
        }
        await go(page);
    },
    async 5({ page }, numbers, values) {
        await page.fill('#owner_name', values.owner_name);
        await page.fill('#owner_email', values.owner_email);
        await go(page);
    },
    async 6({ page }, numbers, values) {
        for (const name of ['street', 'unit', 'city', 'zip']) await page.fill(`#${name}`, values[name]);
        await page.selectOption('#state', values.state);
        await go(page);
    },
};

/** From New port request to that step of the wizard, all fields before it filled. */
export async function upTo(person, step, numbers = [number()], values = {}) {
    await start(person);
    for (let at = 1; at < step; at++) await steps[at](person, numbers, { ...typed, ...values });
}

/** A whole request; its address. */
export async function submit(person, numbers = [number()], values = {}) {
    await upTo(person, 7, numbers, values);
    return submitReview(person);
}

/** A draft that is there already, from its first step on; its address. */
export async function finish(person, address, numbers, values = {}) {
    await person.page.goto(`${address}/steps/1`);
    for (let at = 1; at < 7; at++) await steps[at](person, numbers, { ...typed, ...values });
    return submitReview(person);
}

async function submitReview({ page }) {
    for (const box of await page.locator('[name=acknowledged]').all()) await box.check();
    await page.click('#wizard [formaction$="/submit"]');
    await page.waitForURL(url => /^\/requests\/[^/]+$/.test(url.pathname));
    return new URL(page.url()).pathname;
}

/** The same by the forms alone, no page looked at: for tests that are about what comes afterwards. */
export async function submitAtOnce({ context, desk }, numbers = [number()], values = {}) {
    const all = { ...typed, ...values };
    const pick = names => Object.fromEntries(names.split(' ').map(name => [name, all[name]]));
    let page = await context.request.get('/requests');
    const send = async (form, fields, files) => {
        const html = await page.text();
        const hidden = Object.fromEntries([...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(found => [found[1], found[2]]));
        const body = files ? { multipart: { ...hidden, ...fields, ...files } } : {
            data: new URLSearchParams(Object.entries({ ...hidden, ...fields }).flatMap(([name, value]) => [value].flat().map(one => [name, one]))).toString(),
        };
        const headers = { Origin: desk.origin, ...(files ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }) };
        page = await context.request.post(form, { ...body, headers });
        assert.equal(page.status(), 200, `${form}: ${await page.text()}`);
    };
    const next = (step, fields, files) => {
        assert.ok(page.url().endsWith(`/steps/${step}`), `step ${step}, not ${page.url()}`);
        return send(page.url(), { ...fields, go: 'next' }, files);
    };
    await send('/requests', {});
    await next(1, { ...pick('carrier'), numbers: numbers.join('\n') });
    await next(2, {});
    await next(3, { bill_confirmed: 'yes' }, { bill: { name: 'sample-bill.pdf', mimeType: 'application/pdf', buffer: fs.readFileSync(sampleBill) } });
    await next(4, { ...pick('account_name account_type account_number'), btn: numbers[0], ...(all.pin ? { pin: all.pin, pin_when: 'now' } : {}) });
    await next(5, pick('owner_name owner_email'));
    await next(6, pick('street unit city state zip'));
    const acknowledged = [...(await page.text()).matchAll(/name="acknowledged" value="([^"]*)"/g)].map(found => found[1]);
    await send(page.url().replace(/steps\/7$/, 'submit'), { wished_date: '', acknowledged });
    return new URL(page.url()).pathname;
}

/** Signs the newest letter for that number on the carrier's page; the carrier's name for the port. */
export async function sign(desk, person, letterNumber) {
    const port = await waitFor(`a letter for ${letterNumber}`, async () => {
        const found = await desk.port(letterNumber);
        if (found.port_in_request_status !== 'Waiting for Signature') {
            await desk.control(`ports/${found.port_in_request_sid}/next`).catch(() => {});
            return null;
        }
        return found.sign_url ? found : null;
    });
    const page = await person.context.newPage();
    await page.goto(port.sign_url);
    await page.check('[name=agree_letter]');
    await page.check('[name=agree_electronic]');
    await page.fill('#signature', typed.owner_name);
    await page.click('main form [type=submit]');
    await page.waitForSelector('.callout.tone-good');
    await page.close();
    return port.port_in_request_sid;
}

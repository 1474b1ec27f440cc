// The ways through the product that several tests take, as a person with a browser goes them.
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
    const { page } = person;
    await upTo(person, 7, numbers, values);
    for (const box of await page.locator('[name=acknowledged]').all()) await box.check();
    await page.click('#wizard [formaction$="/submit"]');
    await page.waitForURL(url => /^\/requests\/[^/]+$/.test(url.pathname));
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

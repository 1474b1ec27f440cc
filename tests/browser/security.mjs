// Two-step sign-in as a person with an app does it.
import crypto from 'node:crypto';
import assert from 'node:assert/strict';

/** The code (RFC 6238) of a key as the page shows it. */
export function code(key, seconds) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...key.replace(/ /g, '')].map(letter => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const secret = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
    const mac = crypto.createHmac('sha1', secret).update(step).digest();
    return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A code that was not used: the next step's. */
export async function nextCode(desk, key) {
    await desk.advance(30);
    const state = await desk.sandboxJson('/control/state');
    return code(key, Date.parse(state.now) / 1000);
}

/** To the page with the QR code; the key that it shows. */
export async function beginSetUp(person) {
    await person.page.goto('/settings/security/code');
    if (!await person.page.locator('code.secret').count())
        await Promise.all([person.page.waitForNavigation(), person.page.click('main form [type=submit]')]);
    return person.page.innerText('code.secret');
}

async function fillPassword(person) {
    if (await person.page.locator('#password').count()) await person.page.fill('#password', person.desk.password);
}

/** Turns it on for somebody who is signed in; leaves the person at the page with the recovery codes. */
export async function turnOn(person) {
    person.key = await beginSetUp(person);
    await person.page.fill('#code', await nextCode(person.desk, person.key));
    await fillPassword(person);
    await Promise.all([person.page.waitForNavigation(), person.page.click('main form:has(#code) [type=submit]')]);
    person.codes = await person.page.locator('.secret-codes code').allInnerTexts();
    assert.equal(person.codes.length, 10);
    return person;
}

export async function turnOff(person) {
    await person.page.goto('/settings/security/off');
    await person.page.fill('#code', await nextCode(person.desk, person.key));
    await fillPassword(person);
    await Promise.all([person.page.waitForNavigation(), person.page.click('main form:has(#code) [type=submit]')]);
    assert.match(await person.page.innerText('main'), /Two-step sign-in is off/);
}

/** The first step; leaves the person at the page that asks the code. */
export async function halfSignIn(person, who) {
    await person.page.goto('/sign-in');
    await person.page.fill('#email', person.desk.address(who));
    await person.page.fill('#password', person.desk.password);
    await Promise.all([person.page.waitForURL('**/sign-in/code*'), person.page.click('form:has(#password) [type=submit]')]);
}

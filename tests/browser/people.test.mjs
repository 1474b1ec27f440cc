// How somebody comes in, changes what they sign in with, and is removed: with a mouse, with the keyboard alone, at the width of a phone.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk } from './frame.mjs';
import { invite, linkOf } from './people.mjs';

const password = 'three wet umbrellas';
const phone = { viewport: { width: 390, height: 844 } };

let desk;
before(async () => {
    desk = await Desk.start('people');
});
after(() => desk.stop());

let guests = 0;
const guest = () => `guest${++guests}@fresh.example`;

/** Somebody who was invited, joined and is signed in. */
async function joined(options = {}) {
    const email = guest();
    const owner = await desk.signedIn('owner', options);
    await owner.page.goto('/people');
    await invite(owner, email);
    const person = await desk.person(options);
    await person.page.goto(linkOf(await desk.mail(email, 'invites you')));
    await person.page.fill('#password', password);
    await person.page.click('form:has(#password) [type=submit]');
    await person.page.waitForURL('**/requests');
    return { owner, person, email };
}

test('an invitation: sent, opened from the mail, joined, and there', async () => {
    const { owner, person, email } = await joined(phone);
    await person.looks('joined');
    await person.fits();
    await owner.page.goto('/people');
    assert.match(await owner.page.textContent(`tr:has-text("${email}")`), /Robin Vale/);
    await owner.looksInEitherTheme('people-390');
    await person.close();
    await owner.close();
});

test('by the keyboard alone: invite, join', async () => {
    const email = guest();
    const owner = await desk.signedIn('owner');
    const { page } = owner;
    await page.goto('/people');
    await tabTo(page, 'a[href$="/invite"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/invite');
    await tabTo(page, '#name');
    await page.keyboard.type('Kay Board');
    await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await tabTo(page, '[name=role]');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.toast');
    await owner.looks('invited-by-keyboard');
    const person = await desk.person();
    await person.page.goto(linkOf(await desk.mail(email, 'invites you')));
    await person.looksInEitherTheme('join');
    await tabTo(person.page, '#password');
    await person.page.keyboard.type('short');
    await person.page.keyboard.press('Enter');
    await person.page.waitForSelector('#password-e');
    await person.looks('join-error');
    await tabTo(person.page, '#password');
    await person.page.keyboard.type(password);
    await person.page.keyboard.press('Enter');
    await person.page.waitForURL('**/requests');
    await person.close();
    await owner.close();
});

/** Presses the tab key until the focus is there. */
async function tabTo(page, selector) {
    for (let i = 0; i < 60; i++) {
        if (await page.evaluate(wanted => document.activeElement?.matches(wanted), selector)) return;
        await page.keyboard.press('Tab');
    }
    assert.fail(`the tab key does not lead to ${selector}`);
}

test('a forgotten password', async () => {
    const { owner, person, email } = await joined();
    await owner.close();
    const visitor = await desk.person(phone);
    const { page } = visitor;
    await page.goto('/sign-in');
    await page.click('a[href="/forgot-password"]');
    await visitor.looksInEitherTheme('forgot');
    await page.fill('#email', email);
    await page.click('form:has(#email) [type=submit]');
    await page.waitForURL(url => url.search === '?sent=yes');
    await visitor.looksInEitherTheme('forgot-sent');
    await page.goto(linkOf(await desk.mail(email, 'A new password')));
    await visitor.looksInEitherTheme('reset');
    await page.fill('#password', 'a lamp under the stairs');
    await page.click('form:has(#password) [type=submit]');
    await page.waitForSelector('.toast');
    await page.fill('#email', email);
    await page.fill('#password', 'a lamp under the stairs');
    await page.click('form:has(#password) [type=submit]');
    await page.waitForURL('**/requests');
    await person.page.goto('/requests');
    assert.match(person.page.url(), /sign-in/); // the other browser is signed out
    await person.close();
    await visitor.close();
});

test('a link that is over says so', async () => {
    const visitor = await desk.person(phone);
    await visitor.page.goto(`/join/acc_${'0'.repeat(32)}/${'A'.repeat(43)}`);
    await visitor.page.waitForSelector('text=does not work any more');
    await visitor.looksInEitherTheme('join-over');
    await visitor.close();
});

test('another e-mail address', async () => {
    const { owner, person, email } = await joined();
    const to = guest();
    await person.page.goto('/settings/email');
    await person.page.fill('#email', to);
    await person.page.fill('#current', password);
    await person.page.click('form:has(#current) [type=submit]');
    await person.page.waitForSelector('.callout');
    await person.looksInEitherTheme('email-waits');
    await person.page.goto(linkOf(await desk.mail(to, 'Confirm your new')));
    await person.looksInEitherTheme('email-confirm');
    await person.page.click('main [type=submit]');
    await person.page.waitForURL('**/requests');
    await person.page.goto(linkOf(await desk.mail(email, 'Your e-mail address was changed')));
    await person.looksInEitherTheme('email-undo');
    await person.close();
    await owner.close();
});

test('a role is changed, and the person is removed', async () => {
    const { owner, person, email } = await joined(phone);
    const { page } = owner;
    await page.goto('/people');
    await page.click(`tr:has-text("${email}") a`);
    await owner.looksInEitherTheme('person');
    await page.check('[name=role][value=admin]');
    await page.click('form:has([name=role]) [type=submit]');
    await page.waitForSelector('.toast');
    assert.match(await page.textContent(`tr:has-text("${email}")`), /Admin/);
    await page.click(`tr:has-text("${email}") a`);
    await page.click('a[href$="/remove"]');
    await owner.looksInEitherTheme('person-remove');
    await page.click('main .danger-solid');
    await page.waitForSelector('.toast');
    assert.equal(await page.locator(`tr:has-text("${email}")`).count(), 0);
    await person.page.goto('/requests');
    assert.match(person.page.url(), /sign-in/);
    await person.close();
    await owner.close();
});

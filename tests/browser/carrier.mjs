// The sandbox carrier's pages as people use them, by clicks alone: what the carriers do next, the mailbox, the letter that is signed.
import assert from 'node:assert/strict';
import { waitFor } from './frame.mjs';

/** What stands beside "Next step now", by what it does. */
export const steps = {
    review: 'Twilio ends its review and sends the letter.',
    answer: 'The losing carrier answers.',
    move: 'The number moves.',
    cancel: 'The cancellation is confirmed.',
};

/** As the pages show a number. */
export const shown = number => `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`;

export async function press(page, button) {
    await Promise.all([page.waitForNavigation(), button.click()]);
}

/** Opens the page again until it shows what `looked` finds. */
export async function reread(page, address, what, looked) {
    await waitFor(what, async () => {
        await page.goto(address);
        return (await looked.count()) > 0;
    });
}

/** The newest port of that number on the control page. */
export const port = (page, number) => page.locator(`article:has-text("${number}")`).first();

/** The control page, as soon as that is what comes next for that number. */
export async function openControl({ desk, page }, number, step) {
    await reread(page, `${desk.sandboxOrigin}/control`, `"${step}" for ${number}`, port(page, number).getByText(step));
}

/** Presses "Next step now" when that is what it does for that number. */
export async function nextStep(person, number, step) {
    await openControl(person, number, step);
    await press(person.page, port(person.page, number).getByRole('button', { name: 'Next step now' }));
}

/** Opens the newest mail to that address with that subject from the mailbox, once there are `count` of them; its subject. */
export async function openMail({ desk, page }, to, subject, count = 1) {
    const rows = page.locator('tbody tr', { hasText: to }).filter({ hasText: subject });
    await reread(page, `${desk.sandboxOrigin}/mail`, `mail ${count} to ${to} about ${subject}`, rows.nth(count - 1));
    await press(page, rows.first().getByRole('link'));
    return page.locator('h1').innerText();
}

/** Presses a link of the mail that is open; the person at the tab that it opens. */
export async function followMail(person, words) {
    const [page] = await Promise.all([
        person.context.waitForEvent('page'), person.page.frameLocator('iframe').getByRole('link', { name: words }).click(),
    ]);
    await page.waitForLoadState();
    return person.tab(page);
}

/** The same with the mail's page opened by itself. */
export async function followMailAlone(person, words) {
    await press(person.page, person.page.getByRole('link', { name: 'Open it by itself' }));
    const [page] = await Promise.all([
        person.context.waitForEvent('page'), person.page.getByRole('link', { name: words }).click(),
    ]);
    await page.waitForLoadState();
    return person.tab(page);
}

export const signButton = page => page.getByRole('button', { name: 'Sign the letter' });

/** Signs the letter that is open. */
export async function signLetter({ page }, name) {
    await page.getByLabel('I have read the letter').check();
    await page.getByLabel('I agree to use an electronic signature').check();
    await page.getByLabel('Your full name').fill(name);
    await press(page, signButton(page));
    assert.equal(await page.locator('h1').innerText(), 'Thank you, the letter is signed');
}

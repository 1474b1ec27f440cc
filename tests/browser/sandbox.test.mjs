// The sandbox carrier's pages: what can be done there by clicks, and how each looks, wide and narrow, in light and in dark.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { accountSid, authToken, Desk } from './frame.mjs';
import { followMail, openControl, openMail, port, press, shown, signButton, steps } from './carrier.mjs';
import { number as fresh, submit, typed } from './journey.mjs';

let desk, person, number;
const text = async (where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();
const control = () => person.page.goto(`${desk.sandboxOrigin}/control`);
const ofPort = name => port(person.page, number).getByRole('button', { name });

/** The page as it stands, wide and narrow. */
async function look(name, who = person) {
    for (const width of [1280, 390]) {
        await who.page.setViewportSize({ width, height: 900 });
        await who.looksInEitherTheme(`${name}-${width}`);
    }
    await who.page.setViewportSize({ width: 1280, height: 900 });
}

/** A signature with the mouse: two lines. */
async function draw(page) {
    await page.locator('#drawing-pad').scrollIntoViewIfNeeded();
    const box = await page.locator('#drawing-pad').boundingBox();
    for (const [from, to] of [[0.1, 0.5], [0.6, 0.9]]) {
        await page.mouse.move(box.x + box.width * from, box.y + box.height * 0.7);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * (from + to) / 2, box.y + box.height * 0.3, { steps: 5 });
        await page.mouse.move(box.x + box.width * to, box.y + box.height * 0.6, { steps: 5 });
        await page.mouse.up();
    }
    assert.match(await page.inputValue('#drawing'), /^\d+,\d+( \d+,\d+)+;\d+,\d+( \d+,\d+)+$/);
}

before(async () => {
    desk = await Desk.start('sandbox');
    person = await desk.signedIn('owner', { reducedMotion: 'reduce' });
});
after(() => desk.stop());

test('before anything came', async () => {
    await control();
    assert.match(await text(), /No port has been asked for yet.*Duplicates refused 0.*PIN 0000 The losing carrier refuses it/);
    await look('control-empty');
    await press(person.page, person.page.getByRole('link', { name: 'Mailbox' }));
    assert.match(await text(), /No mail has come yet/);
    await look('mailbox-empty');
});

test('what is not there is said, with the way back where there is one', async () => {
    await person.page.goto(`${desk.sandboxOrigin}/sign/${'0'.repeat(43)}`);
    assert.match(await text(), /There is nothing at this address/);
    assert.equal(await person.page.getByRole('link', { name: 'Control' }).count(), 0, 'who signs gets no control page');
    await look('not-found');
    await person.page.goto(`${desk.sandboxOrigin}/mail/4711`);
    assert.match(await text(), /There is nothing at this address/);
    await look('no-mail');
    await press(person.page, person.page.getByRole('link', { name: 'Mailbox' }));
    assert.match(await text('h1'), /Mailbox/);
});

test('the losing carrier is told what to answer; a step that is done cannot be done again', async () => {
    number = fresh();
    await submit(person, [number]);
    await openControl(person, number, steps.review);
    await port(person.page, number).getByLabel('The losing carrier').selectOption('INVALID_ADDRESS');
    await press(person.page, ofPort('Set'));
    assert.match(await port(person.page, number).innerText(), /will be refused: INVALID_ADDRESS/);
    await look('control-port');
    await port(person.page, number).getByLabel('The losing carrier').selectOption('');
    await press(person.page, ofPort('Set'));
    assert.doesNotMatch(await port(person.page, number).innerText(), /will be refused/);
    const late = person.tab(await person.context.newPage());
    await openControl(late, number, steps.review);
    await press(person.page, ofPort('Next step now'));
    await person.page.waitForURL('**/control');
    await openControl(person, number, 'Let the letter run out of time');
    await press(late.page, port(late.page, number).getByRole('button', { name: 'Next step now' }));
    assert.match(await late.page.innerText('main'), /Nothing of this port is due that could come sooner/);
    await look('nothing-due', late);
    await press(late.page, late.page.getByRole('link', { name: 'Control' }));
    await look('control-letter', late);
    await late.page.close();
});

test('the letter: its mail, the page to sign, what is missing there, signed', async () => {
    // The signer is to land at another origin.
    const configured = await fetch(`${desk.sandboxOrigin}/v1/SigningRequest/Configuration`, {
        method: 'POST', body: JSON.stringify({ product: 'Porting', country: 'US', url_redirection: `${desk.origin}/sign-in` }),
        headers: { Authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`, 'Content-Type': 'application/json' },
    });
    assert.equal(configured.status, 201);
    await openMail(person, typed.owner_email, 'Signature requested by Twilio');
    await look('mail-letter');
    const owner = await followMail(person, 'Read and sign the letter');
    await look('sign', owner);
    await press(owner.page, signButton(owner.page));
    assert.match(await owner.page.title(), /^Error: /);
    assert.deepEqual(await owner.page.locator('[aria-labelledby=errors] a').evaluateAll(all => all.map(one => one.hash)),
        ['#agree-letter', '#agree-electronic', '#signature']);
    for (const field of ['agree-letter', 'agree-electronic', 'signature'])
        assert.match(await owner.page.getAttribute(`#${field}`, 'aria-describedby'), new RegExp(`\\b${field}-error\\b`));
    await look('sign-errors', owner);
    await owner.page.fill('#signature', '<b>Dana</b>');
    await owner.page.check('#agree-letter');
    await press(owner.page, signButton(owner.page));
    assert.equal(await owner.page.locator('.field-error').count(), 1);
    assert.equal(await owner.page.inputValue('#signature'), '<b>Dana</b>', 'what was typed stays');
    assert.ok(await owner.page.isChecked('#agree-letter'));
    await owner.page.getByLabel('Draw it').check();
    await press(owner.page, signButton(owner.page));
    assert.match(await owner.page.innerText('[aria-labelledby=errors]'), /Draw your signature/);
    assert.ok(await owner.page.isChecked('#sig-draw'));
    await draw(owner.page);
    await owner.page.getByRole('button', { name: 'Start over' }).click();
    assert.equal(await owner.page.inputValue('#drawing'), '');
    await draw(owner.page);
    await look('sign-drawn', owner);
    await owner.page.check('#agree-electronic');
    const letter = owner.page.url();
    await press(owner.page, signButton(owner.page));
    assert.ok(owner.page.url().startsWith(`${desk.origin}/`), owner.page.url());
    await owner.page.goto(letter);
    assert.equal(await owner.page.innerText('h1'), 'Thank you, the letter is signed');
    await look('signed', owner);
    assert.match(await owner.page.innerText('main'), new RegExp(`Signed by ${typed.owner_name}`));
    await owner.page.close();
    await openMail(person, typed.owner_email, `signed by ${typed.owner_name}`);
    const [pdf] = await Promise.all([person.page.waitForEvent('download'), person.page.click('a[href$="/attachment"]')]);
    assert.equal(pdf.suggestedFilename(), 'attachment.pdf');
    await look('mail-signed');
    await press(person.page, person.page.getByRole('link', { name: 'Mailbox' }).first());
    await look('mailbox');
});

test('a letter that is declined, after a look at the letter once more', async () => {
    number = fresh();
    await submit(person, [number], { owner_email: 'unwilling@harborlane.example' });
    await openControl(person, number, steps.review);
    await press(person.page, ofPort('Next step now'));
    await openControl(person, number, 'Let the letter run out of time');
    await press(person.page, port(person.page, number).getByRole('link', { name: 'Open the letter' }));
    await press(person.page, person.page.getByRole('link', { name: 'I do not want to sign' }));
    await look('decline');
    await press(person.page, person.page.getByRole('link', { name: 'Back to the letter' }));
    await press(person.page, person.page.getByRole('link', { name: 'I do not want to sign' }));
    await person.page.getByLabel('Why not?').fill('x'.repeat(501));
    await press(person.page, person.page.getByRole('button', { name: 'Decline to sign' }));
    assert.match(await person.page.title(), /^Error: /);
    assert.match(await person.page.getAttribute('#reason', 'aria-describedby'), /reason-error/);
    await person.page.getByLabel('Why not?').fill('The address is our old one.');
    await press(person.page, person.page.getByRole('button', { name: 'Decline to sign' }));
    assert.match(await text(), /This letter was declined/);
});

test('a letter that ran out of time', async () => {
    number = fresh();
    await submit(person, [number], { owner_email: 'late@harborlane.example' });
    await openControl(person, number, steps.review);
    await press(person.page, ofPort('Next step now'));
    await openControl(person, number, 'Let the letter run out of time');
    const letter = await port(person.page, number).getByRole('link', { name: 'Open the letter' }).getAttribute('href');
    await press(person.page, ofPort('Let the letter run out of time'));
    await person.page.goto(desk.sandboxOrigin + letter);
    assert.match(await text(), /This letter has run out of time It had to be signed before/);
    await look('expired');
    await openMail(person, desk.address('owner'), `Expired: the letter for ${shown(number)} was not signed`);
    person.content();
});

// The last one: it ends everybody's session.
test('the clock runs faster and moves on', async () => {
    await control();
    const now = async () => Date.parse((await text('section:has(#clock)')).match(/It is (\w+ \d+, \d+, \d+:\d+ [AP]M)/)[1]);
    const before = await now();
    await press(person.page, person.page.getByRole('button', { name: 'One day' }));
    await press(person.page, person.page.getByRole('button', { name: 'One hour' }));
    const moved = (await now() - before) / 3600000;
    assert.ok(moved >= 25 && moved < 25.5, `${moved} hours`);
    await press(person.page, person.page.getByRole('button', { name: 'A minute each second' }));
    const speed = person.page.locator('[aria-pressed=true]');
    assert.equal(await speed.innerText(), 'A minute each second');
    await press(person.page, person.page.getByRole('button', { name: 'Real time' }));
    assert.equal(await speed.innerText(), 'Real time');
});

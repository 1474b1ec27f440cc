// The two journeys as people go them, by clicks on the pages alone: a number is ported; a wrong PIN is rejected, corrected, sent
// again and ported. Each with scripts and without. Every page that is met on the way with scripts is looked at by axe.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Desk, onPostgres } from './frame.mjs';
import { followMail, followMailAlone, nextStep, openControl, openMail, press, reread, shown, signLetter, steps } from './carrier.mjs';
import { number as fresh, submit, typed } from './journey.mjs';

let desk;
before(async () => {
    desk = await Desk.start('journey');
});
after(() => desk.stop());

const wide = { width: 1280, height: 900 };
const narrow = { width: 390, height: 844 };
const letterSubject = /^Porting Letter of Authorization \(LOA\) - Signature requested by Twilio Onboarding Team before (\w{3} \d{1,2}, \d{4})$/;
const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();

/** A person who takes one number through. `look` lets axe look where scripts run. */
async function traveller(name, options) {
    const person = await desk.signedIn('owner', options);
    const scripts = options.javaScriptEnabled !== false;
    person.number = fresh();
    person.email = `dana+${name}@harborlane.example`;
    person.look = (page, who = person) => scripts ? who.looksInEitherTheme(`${name}-${page}`) : who.fits();
    person.follow = scripts ? followMail : followMailAlone;
    return person;
}

/** The request's page, once its status says so. */
async function status(person, words) {
    await reread(person.page, desk.origin + person.address, `${words} of ${person.number}`,
        person.page.locator('.hero-now .pill').getByText(words, { exact: true }));
    return text(person);
}

async function submitted(person, values = {}) {
    person.address = await submit(person, [person.number], { owner_email: person.email, ...values });
    assert.match(await text(person, '.hero-now'), /^In Review/);
    await person.look('in-review');
}

/** From the review to the signed letter. The second letter of a person looks as the first one did. */
async function signed(person, count = 1) {
    const look = page => count === 1 ? person.look(page) : null;
    await openControl(person, person.number, steps.review);
    await look('control');
    await nextStep(person, person.number, steps.review);
    const subject = await openMail(person, person.email, 'Signature requested by Twilio', count);
    const date = subject.match(letterSubject)?.[1];
    assert.ok(date, subject);
    const days = (Date.parse(date) - Date.now()) / 86400000;
    assert.ok(days > 27 && days < 31, `${date} is 30 days ahead`);
    await look('mail-letter');
    const owner = await person.follow(person, 'Read and sign the letter');
    assert.match(await text(owner), new RegExp(`Hello Dana Whitfield.*Please sign before \\w+, ${date.slice(0, 3)}\\w* ${date.slice(4)}\\.`));
    assert.ok((await text(owner, 'article')).includes(person.number.slice(-4)));
    await status(person, 'Waiting for Signature');
    await look('waiting');
    await signLetter(owner, typed.owner_name);
    const [letter] = await Promise.all([
        owner.page.waitForEvent('download'), owner.page.getByRole('link', { name: 'Download the signed letter' }).click(),
    ]);
    assert.equal(fs.readFileSync(await letter.path()).subarray(0, 5).toString(), '%PDF-');
    owner.content();
    await owner.page.close();
    await openMail(person, person.email, `signed by ${typed.owner_name}`, count);
    assert.equal(await person.page.locator('a[href$="/attachment"]').count(), 1);
    await status(person, 'Port Submitted');
    await look('submitted');
}

const begun = ['Draft started.', 'Bill added: sample-bill.pdf', 'Submitted with 1 number. All warnings read and accepted.'];
const handed = ['Handed to Twilio.', 'The letter of authorization went to Dana Whitfield by e-mail.',
    'The letter of authorization was signed.', 'On its way to Verizon.'];
const refused = ['Sent back: The transfer PIN is wrong', 'Put right, to be sent again: try 2.'];
const moved = ['Verizon has the request.', 'Firm date set.', 'Moved from Verizon.', 'The PIN was wiped.'];

/** What happened, oldest first. Mails go out by themselves: when they do is not said; the mailbox shows them. */
async function timeline(person) {
    const said = await person.page.locator('.timeline li p').allInnerTexts();
    return said.reverse().filter(each => !each.startsWith('E-mail sent')).map(each => each.replace(/^(Firm date set): \w+, \w+ \d+\.$/, '$1.'));
}

/** From the signed letter to the inventory. */
async function ported(person, happened) {
    await nextStep(person, person.number, steps.answer);
    assert.match(await status(person, 'Port Pending'), /The number moves on/);
    await person.look('pending');
    await nextStep(person, person.number, steps.move);
    assert.match(await status(person, 'Completed'), /Test before you cancel anything at Verizon.*Completed The number has moved/);
    await person.look('completed');
    assert.deepEqual(await timeline(person), happened);
    await person.page.getByRole('link', { name: 'See your numbers' }).click();
    await person.page.waitForURL('**/numbers');
    assert.match(await text(person, `tr:has-text("${shown(person.number)}")`), /VoIP number.*Verizon/);
    await person.look('numbers');
    await openMail(person, desk.address('owner'), `Completed: ${shown(person.number)} has moved`);
    assert.match(await text(person, '.mail-text'), /Call the number and send it a text before you cancel anything/);
    await person.look('mail-completed');
    const again = await person.follow(person, 'Open the request');
    assert.equal(new URL(again.page.url()).pathname, person.address);
    person.content();
}

// With scripts on SQLite, where axe looks as well; without them on PostgreSQL.
const here = ([, options]) => onPostgres === (options.javaScriptEnabled === false);

for (const [name, options] of [
    ['with scripts, wide', { viewport: wide }], ['without scripts, narrow', { viewport: narrow, javaScriptEnabled: false }],
].filter(here))
    test(`a number is ported, ${name}`, async () => {
        const person = await traveller(`port-${options.viewport.width}`, options);
        await submitted(person);
        await signed(person);
        await ported(person, [...begun, ...handed, ...moved]);
        await person.close();
    });

for (const [name, options] of [
    ['with scripts, narrow', { viewport: narrow }], ['without scripts, wide', { viewport: wide, javaScriptEnabled: false }],
].filter(here))
    test(`a wrong PIN is corrected and sent again, ${name}`, async () => {
        const person = await traveller(`pin-${options.viewport.width}`, options);
        await submitted(person, { pin: '0000' });
        await signed(person);
        await nextStep(person, person.number, steps.answer);
        assert.match(await status(person, 'Action Required'), /The transfer PIN is wrong/);
        await person.look('action-required');

        await openMail(person, desk.address('owner'), `Action Required: ${shown(person.number)} from Verizon`);
        const mail = await text(person, '.mail-text');
        for (const words of ['Verizon did not take the transfer PIN', 'Get a new transfer PIN from Verizon', 'INVALID_PIN',
            'the owner gets a new letter to sign'])
            assert.ok(mail.includes(words), `${words} in ${mail}`);
        await person.look('mail-rejected');
        const fixer = await person.follow(person, 'Correct it and send again');
        fixer.address = person.address;
        assert.equal(new URL(fixer.page.url()).pathname, `${person.address}/fix`);
        assert.deepEqual(await fixer.page.locator('#fix input:visible').evaluateAll(all => all.map(one => one.name)), ['pin']);
        assert.match(await text(fixer), /One field to correct.*Dana Whitfield signs once more Twilio sends Dana Whitfield a new letter/);
        await person.look('fix', fixer);
        await fixer.page.getByLabel('Transfer PIN').fill(typed.pin);
        await press(fixer.page, fixer.page.getByRole('button', { name: 'Send again' }));
        assert.match(await text(fixer), /In Review The corrected request is being sent.*Action Required → sending the corrected request/);
        await person.look('sending', fixer);
        await fixer.page.close();

        await nextStep(person, person.number, steps.cancel);
        await signed(person, 2);
        await ported(person, [...begun, ...handed, ...refused, ...handed, ...moved]);
        await person.page.goto(`${desk.sandboxOrigin}/control`);
        assert.deepEqual(await person.page.locator(`article:has-text("${person.number}") .pill`).allInnerTexts(), ['Completed', 'Canceled']);
        assert.match(await text(person), /Duplicates refused 0/);
        await person.page.goto(desk.origin + person.address);
        assert.match(await text(person), /Try 2.*Transfer PIN: changed.*Try 1/);
        await person.close();
    });

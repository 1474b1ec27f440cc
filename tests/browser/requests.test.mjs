// Number Ports and the page of a request: every state with how it looks, and everything that can be done there, with scripts and without.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk, waitFor, views } from './frame.mjs';
import * as journey from './journey.mjs';
import { byHand, requestAt, team, until, ways } from './requests.mjs';

let desk;
before(async () => {
    desk = await Desk.start('requests');
});
after(() => desk.stop());

const noScripts = { javaScriptEnabled: false };
const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();

/** Both widths, both themes: no finding of axe, nothing too wide. */
async function everyLook(person, name) {
    for (const [colorScheme, width] of views) {
        await person.page.setViewportSize({ width, height: 900 });
        await person.theme(colorScheme);
        await person.looks(`${name}-${colorScheme}-${width}`);
        await person.fits();
    }
    await person.theme('light');
    await person.page.setViewportSize({ width: 1280, height: 900 });
}

async function press(person, where) {
    await Promise.all([person.page.waitForNavigation(), person.page.click(where)]);
}

test('an account without anything is told how to begin', async () => {
    const person = await desk.signedIn('tom', noScripts);
    await person.page.goto('/requests');
    assert.match(await text(person), /Bring your numbers with you.*3 to 7 days on average/);
    await everyLook(await desk.signedIn('tom').then(async other => (await other.page.goto('/requests'), other)), 'empty');
    await person.page.goto('/numbers');
    assert.match(await text(person), /No number is here yet/);
    await press(person, 'text=New Port Request');
    assert.match(person.page.url(), /steps\/1$/);
    await person.close();
});

test('waiting for the signature: reminder, the signing link, cancel', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'waiting', noScripts, [number]);
    const shown = await text(person);
    for (const words of ['Keep your Verizon service on.', 'Waiting for Signature', 'Dana Whitfield needs to sign', 'since today',
        'Now: Letter signed', 'At Verizon', '942118306-00001', 'sealed, shown to nobody', 'Only for Dana Whitfield', 'sample-bill.pdf'])
        assert.ok(shown.includes(words), `${words} in ${shown}`);
    assert.ok(!shown.includes(journey.typed.pin));
    assert.match(await person.page.inputValue('#signing-link'), /^http/);
    await press(person, 'text=Send a reminder');
    assert.match(await text(person), /The reminder is on its way/);
    await desk.mail(journey.typed.owner_email, 'Please sign');
    await press(person, 'text=Send a reminder');
    assert.match(await text(person, 'body'), /less than an hour ago/);
    await person.page.goto(person.address);
    await press(person, 'text=Cancel the request');
    assert.match(await text(person), /Cancel this request\? We ask Twilio to cancel/);
    await press(person, 'text=No, keep it');
    assert.equal(new URL(person.page.url()).pathname, person.address);
    await person.page.goto(`${person.address}/cancel`);
    await press(person, 'text=Yes, cancel it');
    assert.match(await text(person), /Cancel(ing|ed)/);
    const port = await desk.port(number);
    await waitFor('Canceled', async () => {
        await desk.control(`ports/${port.port_in_request_sid}/next`).catch(() => {});
        await person.page.goto(person.address);
        return (await text(person, '.hero')).includes('The request was canceled');
    });
    assert.match(await text(person, '.keep'), /The numbers are still at Verizon/);
    await person.page.goto(`${person.address}/cancel`);
    assert.equal(new URL(person.page.url()).pathname, person.address);
    await person.close();
});

for (const options of [{}, noScripts]) {
    test(`a wrong PIN is corrected and sent again ${options === noScripts ? 'without' : 'with'} scripts`, async () => {
        const number = journey.number();
        const person = await requestAt(desk, 'rejected', options, [number], { pin: '0000' });
        assert.match(await text(person, '.hero'), /Action Required The transfer PIN is wrong.*Your turn/);
        if (options !== noScripts) await everyLook(person, 'rejected');
        await press(person, 'text=Correct it and send again');
        assert.deepEqual(await person.page.locator('#fix > .body > .stack-5 > .field input').evaluateAll(all => all.map(one => one.name)), ['pin']);
        assert.match(await text(person), /One field to correct.*Dana Whitfield signs once more/);
        assert.equal(await person.page.inputValue('#street'), '1180 Fillmore St');
        if (options !== noScripts) await everyLook(person, 'fix');
        await person.page.fill('#pin', '4');
        await press(person, '#fix [type=submit]');
        assert.match(await person.page.title(), /^Error: /);
        assert.match(await text(person, '#pin-e'), /4 to 15/);
        if (options !== noScripts) await everyLook(person, 'fix-error');
        await person.page.fill('#pin', journey.typed.pin);
        await press(person, '#fix [type=submit]');
        assert.equal(new URL(person.page.url()).pathname, person.address);
        const shown = await text(person);
        assert.match(shown, /Try 2.*Transfer PIN: changed.*Try 1/);
        assert.ok(!shown.includes(journey.typed.pin));
        if (options !== noScripts) await everyLook(person, 'resent');
        await person.page.goto(`${person.address}/fix`);
        assert.equal(new URL(person.page.url()).pathname, person.address, 'there is nothing more to correct');
        await ways.completed(desk, person, number);
        await person.close();
    });
}

/** As somebody who reads the mail and is not signed in. Presses, and counts each press. */
test('from the mail that a number came back to "sent again": at most four clicks and the fields', async () => {
    const number = journey.number();
    const before = await requestAt(desk, 'rejected', noScripts, [number], { pin: '0000' });
    const shown = `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`;
    const mail = await desk.mail(desk.address('owner'), `Action Required: ${shown}`);
    const person = await desk.person();
    let clicks = 0;
    const click = async where => {
        clicks += 1;
        await press(person, where);
    };
    await person.page.goto('/sign-in');
    await person.page.setContent(mail.html);
    await click('text=Correct it and send again');
    await person.page.fill('#email', desk.address('owner'));
    await person.page.fill('#password', desk.password);
    await click('form:has(#password) [type=submit]');
    assert.equal(new URL(person.page.url()).pathname, `${before.address}/fix`);
    const page = await text(person);
    assert.match(page, /Number Transfer PIN|#PORT|My Verizon/, 'the way to the PIN at this carrier');
    assert.match(page, /It is good for 7 days/);
    assert.match(page, /Try 1.*What was sent then/);
    assert.ok(page.indexOf('signs once more') < page.lastIndexOf('Send again'), 'the new letter is told before the button');
    assert.equal(await person.page.locator('.viewer img').count(), 1, 'the bill stands beside');
    await person.page.fill('#pin', journey.typed.pin);
    await click('#fix [type=submit]');
    assert.match(await text(person, 'body'), /The corrected request is on its way/);
    assert.ok(clicks <= 4, `${clicks} clicks`);
    await person.close();
    await before.close();
});

test('who signs is corrected while the letter waits', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'waiting', {}, [number]);
    await press(person, 'text=Correct who signs');
    assert.match(await text(person), /Who signs The letter that is out now is taken back/);
    assert.deepEqual(await person.page.locator('#fix > .body > .stack-5 > .field input').evaluateAll(all => all.map(one => one.name)), ['owner_name', 'owner_email']);
    await everyLook(person, 'fix-signer');
    await person.page.fill('#owner_email', 'robin@harborlane.example');
    await press(person, '#fix [type=submit]');
    await person.page.click('summary:has-text("What was sent then") >> nth=1');
    assert.match(await text(person), /E-mail of the owner: dana@harborlane.example robin@harborlane.example.*Account number and PIN are sealed/);
    await everyLook(person, 'tries');
    await person.close();
});

test('a refused address opens its five fields, keeps what was typed and tells what was sent', async () => {
    const person = await requestAt(desk, 'rejected', noScripts, undefined, { street: '1 Wrong St' });
    await person.page.goto(`${person.address}/fix`);
    assert.match(await text(person), /5 fields to correct.*We sent: 1 Wrong St/);
    await person.page.fill('#street', '<b>"1180" Fillmore St</b>');
    await person.page.fill('#zip', '12');
    await person.page.selectOption('#state', '');
    await press(person, '#fix [type=submit]');
    assert.equal(await person.page.inputValue('#street'), '<b>"1180" Fillmore St</b>');
    assert.match(await text(person, '#errors'), /2 things must be put right/);
    assert.equal(await person.page.locator('.field.bad').count(), 2);
    await person.page.fill('#street', '1180 Fillmore St');
    await person.page.fill('#zip', '94115');
    await person.page.selectOption('#state', 'CA');
    await press(person, '#fix [type=submit]');
    assert.match(await text(person), /Street and number: 1 Wrong St 1180 Fillmore St/);
    await person.close();
});

test('completed: what to do before canceling, and the number in the inventory', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'completed', {}, [number]);
    assert.match(await text(person), /Test before you cancel anything at Verizon\. Call and text the number\. When both arrive/);
    assert.match(await text(person, '.hero'), /The number has moved.*Nobody.*Done: Moved/);
    assert.equal(await person.page.locator('.journey .done').count(), 6);
    await everyLook(person, 'completed');
    await press(person, 'text=See your numbers');
    const row = await text(person, `tr:has-text("${number.slice(8)}")`);
    assert.match(row, /VoIP number.*Nobody yet.*Verizon/);
    await everyLook(person, 'numbers');
    await person.close();
});

test('the list: chips, search by number and reference, whose turn', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'submitted', noScripts, [number, journey.number()]);
    const reference = (await text(person, '.crumbs')).match(/PR-\d+/)[0];
    for (const search of [reference, reference.toLowerCase(), number.slice(-7), `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`]) {
        await person.page.goto('/requests');
        await person.page.fill('[name=q]', search);
        await press(person, '[role=search] [type=submit]');
        assert.deepEqual(await person.page.locator('tbody .num').allTextContents(), [reference], search);
    }
    assert.match(await text(person, 'tbody tr'), /and 1 more In Review.*Twilio since today.*Verizon/);
    for (const search of ['<script>', "'; DROP TABLE port_request; --", '99999999', 'x'.repeat(40)]) {
        await person.page.goto(`/requests?q=${encodeURIComponent(search)}`);
        assert.match(await text(person), /Nothing found/);
    }
    await person.page.goto('/requests?show=ended');
    assert.ok(!(await text(person, '.wrap')).includes(reference));
    await person.page.goto('/requests?show=under_way&before=nonsense');
    assert.ok((await text(person)).includes(reference));
    const scripted = await desk.signedIn('owner');
    await scripted.page.goto('/requests');
    await everyLook(scripted, 'list');
    await person.close();
    await scripted.close();
});

test('the porting team works a Canadian number by hand, visibly for the account', async () => {
    const owner = await byHand(desk);
    assert.match(await text(owner, '.hero'), /Our porting team takes this through by hand.*Our porting team/);
    assert.equal(await owner.page.locator('#record').count(), 0);
    const person = await team(desk, '/requests');
    assert.match(await text(person, '.chip[aria-current]'), /Your turn \d+/);
    assert.match(await text(person, 'tbody'), /Harbor & Pine Realty/);
    await everyLook(person, 'queue');
    await person.page.goto(owner.address);
    assert.match(await text(person), /You act for Harbor & Pine Realty/);
    await press(person, '#record [type=submit]');
    assert.match(await text(person, '#status-e'), /choose a status/);
    await everyLook(person, 'record');
    await person.page.selectOption('#status', 'rejected');
    await press(person, '#record [type=submit]');
    assert.match(await text(person, '#rejection-e'), /needed/);
    await person.page.selectOption('#rejection', 'account_number');
    await person.page.fill('#words', 'No such account <i>here</i>');
    await press(person, '#record [type=submit]');
    await owner.page.goto(owner.address);
    assert.match(await text(owner), /The account number does not match.*Their own words: “No such account <i>here<\/i>”/);
    await owner.page.goto(`${owner.address}/fix`);
    assert.equal(await owner.page.inputValue('#account_number'), journey.typed.account_number);
    await owner.page.fill('#account_number', '942118306-00002');
    await press(owner, '#fix [type=submit]');
    await person.page.goto(owner.address);
    await person.page.selectOption('#status', 'pending');
    await person.page.fill('#firm_date', '2027-01-05');
    await press(person, '#record [type=submit]');
    assert.match(await text(person, '.hero'), /moves on\s*Tue, Jan 5, 2027/);
    await person.page.selectOption('#status', 'completed');
    await press(person, '#record [type=submit]');
    assert.match(await text(person, '#sure-e'), /This cannot be undone/);
    await person.page.check('#sure');
    await press(person, '#record [type=submit]');
    await until(owner, owner.address, 'The number has moved');
    assert.equal((await person.page.goto('/numbers')).status(), 403); // the team has none
    await person.close();
    await owner.close();
});

test('a letter that ran out is sent again, with the wiped PIN asked anew', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'waiting', noScripts, [number]);
    await desk.control(`ports/${(await desk.port(number)).port_in_request_sid}/expire`);
    await until(person, person.address, 'The letter was not signed in time');
    await press(person, 'text=Send again');
    assert.match(await text(person), /the one we had was wiped/);
    await press(person, '#fix [type=submit]');
    assert.match(await text(person, '#pin-e'), /\w/);
    await person.page.fill('#pin', journey.typed.pin);
    await press(person, '#fix [type=submit]');
    await ways.waiting(desk, person, number);
    await person.close();
});

test('a number that is locked opens no field: it is only sent again', async () => {
    const person = await requestAt(desk, 'rejected', noScripts, ['+14152210192']);
    await press(person, 'text=Correct it and send again');
    assert.match(await text(person), /Nothing to correct in the form.*I have done it, send again/);
    await press(person, '#fix [type=submit]');
    assert.match(await text(person), /Try 2.*nothing, sent again as it was/);
    await person.close();
});

test('an open page shows by itself that something is new', async () => {
    const number = journey.number();
    const person = await requestAt(desk, 'waiting', { selfRefresh: true }, [number]);
    const sid = await journey.sign(desk, person, number);
    await desk.control(`ports/${sid}/next`).catch(() => {});
    await person.page.waitForSelector('.hero-now:not(:has-text("Waiting for Signature"))');
    person.content();
    await person.close();
});

test('others know of nothing', async () => {
    const person = await requestAt(desk, 'submitted', noScripts);
    const other = await desk.signedIn('tom', noScripts);
    await other.page.goto('/requests');
    const csrf = await other.page.inputValue('main form[action="/requests"] [name=csrf]');
    for (const below of ['', '/state', '/cancel', '/fix']) {
        const answer = await other.context.request.get(person.address + below);
        assert.equal(answer.status(), 404, below);
    }
    for (const [below, status] of [['/remind', 404], ['/cancel', 404], ['/fix', 404], ['/record', 403], ['/put-off', 403],
        ['/messages', 404], ['/notes', 403], ['/assign', 403], ['/settle', 403]]) {
        const answer = await other.context.request.post(person.address + below, { form: { csrf, key: 'k'.repeat(22) } });
        assert.equal(answer.status(), status, below);
    }
    for (const below of ['/remind', '/cancel', '/fix'])
        assert.equal((await person.context.request.post(person.address + below, { form: {} })).status(), 403, `${below} without a token`);
    await person.page.goto(person.address);
    assert.match(await text(person, '.hero'), /In Review/);
    await person.close();
    await other.close();
});

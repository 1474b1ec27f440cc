// The seven steps of a port request: with scripts and without, saved by themselves, resumed elsewhere, refused with reasons.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Desk, waitFor } from './frame.mjs';
import { draftAt, fresh, go, good, newDraft, sampleBill, steps, titles, walk } from './wizard.mjs';

let desk;
before(async () => {
    desk = await Desk.start('wizard');
});
after(() => desk.stop());

const title = person => person.page.title();
const submit = person => Promise.all([person.page.waitForNavigation(), person.page.click('button.primary[formaction]')]);

for (const scripts of [true, false]) {
    const kind = scripts ? 'with scripts' : 'without scripts';

    test(`the whole wizard ${kind}`, async () => {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person), values = fresh();
        await person.page.goto(`${draft}/steps/1`);
        for (let step = 1; step <= 7; step++) {
            assert.match(await title(person), new RegExp(`^${titles[step - 1]} · `));
            await steps[step](person, values);
            if (step < 7) await go.next(person);
        }
        const text = await person.page.textContent('main');
        for (const shown of ['Harbor Lane Realty LLC', '942118306-00001', 'Dana Whitfield', '1180 Fillmore St, Ste 4', 'sample-bill.pdf'])
            assert.ok(text.includes(shown), `the review shows ${shown}`);
        assert.ok(!(await person.page.content()).includes(good.pin), 'the PIN is never given back');
        await submit(person);
        assert.equal(person.page.url(), draft);
        // Another submit of the same request is the same one.
        await person.page.goto(`${draft}/steps/7`);
        assert.equal(person.page.url(), draft);
        // Its numbers are taken now: another draft of them is told so at once.
        const again = await newDraft(person);
        await person.page.goto(`${again}/steps/1`);
        await steps[1](person, { ...values, numbers: values.btn });
        await go.next(person);
        assert.match(await person.page.textContent('#numbers-e'), /being moved already/);
        assert.match(await person.page.textContent('.verdicts li'), /Needs you/);
        person.content();
        await person.close();
    });

    test(`each step says what is missing, at its fields, ${kind}`, async () => {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person);
        const wanted = { 1: ['carrier', 'numbers'], 3: ['bill', 'bill_confirmed'], 5: ['owner_name', 'owner_email'],
            4: ['account_name', 'account_type', 'account_number', 'btn'], 6: ['street', 'city', 'state', 'zip'] };
        for (const [step, fields] of Object.entries(wanted)) {
            await person.page.goto(`${draft}/steps/${step}`);
            await go.next(person);
            assert.match(await title(person), /^Error: /, `step ${step}`);
            for (const field of fields) {
                assert.equal(await person.page.locator(`#errors a[href="#${field}"]`).count(), 1, `${field} in the summary`);
                assert.match(await person.page.getAttribute(`#${field}`, 'aria-describedby'), new RegExp(`\\b${field}-e\\b`));
                assert.ok((await person.page.textContent(`#${field}-e`)).trim().length > 5);
            }
            if (scripts) {
                assert.equal(await person.page.evaluate(() => document.activeElement.id), 'errors');
                await person.looks(`errors-${step}`);
            }
        }
        await person.close();
    });

    test(`what was typed stays, whichever way one leaves, ${kind}`, async () => {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person);
        const shown = async (step, field) => {
            await person.page.goto(`${draft}/steps/${step}`);
            return person.page.inputValue(`#${field}`);
        };
        await person.page.goto(`${draft}/steps/5`);
        await person.page.fill('#owner_name', 'Dana');
        await go.back(person);
        assert.match(person.page.url(), /steps\/4$/);
        assert.equal(await shown(5, 'owner_name'), 'Dana');
        await person.page.fill('#owner_name', 'Dana <W>');
        await go.close(person);
        assert.match(person.page.url(), /\/requests$/);
        assert.equal(await shown(5, 'owner_name'), 'Dana <W>');
        await person.page.fill('#owner_email', 'half@');
        await go.next(person);
        assert.match(await title(person), /^Error: /);
        assert.equal(await shown(5, 'owner_email'), 'half@');
        await person.page.fill('#owner_name', 'Dana Whitfield');
        await Promise.all([person.page.waitForNavigation(), person.page.locator('.steps button[value="6"]').click({ force: true })]);
        assert.match(person.page.url(), /steps\/6$/);
        assert.equal(await shown(5, 'owner_name'), 'Dana Whitfield');
        await person.close();
    });

    test(`a wrong field leads back to its step, ${kind}`, async () => {
        const person = await draftAt(desk, 7, { javaScriptEnabled: scripts });
        await person.page.goto(`${person.draft}/steps/6`);
        await person.page.fill('#zip', '941');
        await Promise.all([person.page.waitForNavigation(), person.page.locator('.steps button[value="7"]').click({ force: true })]);
        await steps[7](person);
        await submit(person);
        assert.match(person.page.url(), /steps\/6\?check=1#zip$/);
        assert.match(await title(person), /^Error: /);
        assert.match(await person.page.textContent('#zip-e'), /five digits/);
        if (scripts) assert.equal(await person.page.evaluate(() => document.activeElement.id), 'zip');
        // The boxes of the last page were kept.
        await person.page.goto(`${person.draft}/steps/7`);
        assert.equal(await person.page.locator('[name=acknowledged]:checked').count(), 7);
        await person.close();
    });

    test(`files that are no bills are refused, good ones kept, ${kind}`, async () => {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person);
        const wrong = { name: '<b>"bill".pdf', mimeType: 'application/pdf', buffer: Buffer.from('not a bill') };
        const bill = { name: 'bill & more.pdf', mimeType: 'text/plain', buffer: fs.readFileSync(sampleBill) };
        await person.page.goto(`${draft}/steps/3`);
        await person.page.setInputFiles('#bill', [wrong, bill]);
        if (!scripts) await go_upload(person);
        await person.page.waitForSelector('#files .filerow >> text=bill & more.pdf');
        await person.page.waitForSelector('.field-error');
        assert.equal(await person.page.locator('.filerow a').count(), 1);
        if (scripts) await person.looks('refused-file');
        const link = await person.page.getAttribute('.filerow a', 'href');
        const file = await person.context.request.get(link);
        assert.equal(file.status(), 200);
        assert.deepEqual(await file.body(), bill.buffer);
        assert.equal(file.headers()['content-disposition'], "attachment; filename*=UTF-8''bill%20%26%20more.pdf");
        assert.equal(file.headers()['x-content-type-options'], 'nosniff');
        assert.match(file.headers()['content-security-policy'], /sandbox/);
        assert.equal(file.headers()['cache-control'], 'no-store');
        const preview = await person.context.request.get(`${link}/preview`);
        assert.equal(preview.headers()['content-type'], 'image/png');
        assert.equal((await preview.body()).subarray(1, 4).toString(), 'PNG');
        await Promise.all([person.page.waitForNavigation(), person.page.click('.filerow button[formaction]')]);
        assert.equal(await person.page.locator('.filerow a').count(), 0);
        assert.equal((await person.context.request.get(link)).status(), 404);
        await person.close();
    });
}

function go_upload(person) {
    return Promise.all([person.page.waitForNavigation(), person.page.click('button[value=upload]')]);
}

test('numbers are judged one by one', async () => {
    for (const scripts of [true, false]) {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person);
        await person.page.goto(`${draft}/steps/1`);
        await person.page.fill('#carrier', 'Verizon');
        await person.page.fill('#numbers', '415-552-0190\n415-552-019\n416-552-0177; 800 552 0199\n(415) 552-0190\n+44 20 7946 0018');
        if (scripts) await person.page.press('#numbers', 'Tab');
        else await Promise.all([person.page.waitForNavigation(), person.page.click('button[value=check]')]);
        await person.page.waitForSelector('.verdicts li');
        const lines = (await person.page.locator('.verdicts li').allTextContents()).map(line => line.replace(/\s+/g, ' '));
        assert.match(await person.page.textContent('#verdicts h2'), /^6 numbers found$/);
        assert.match(lines[0], /415-552-019 ?Not complete ?One digit is missing\./);
        assert.match(lines[1], /\+44 20 7946 0018/);
        assert.ok(lines.some(line => /\(415\) 552-0190 ?Can move ?California/.test(line)), lines.join('\n'));
        assert.ok(lines.some(line => /\(416\) 552-0177 ?Own way ?A Canadian number/.test(line)));
        assert.ok(lines.some(line => /\(800\) 552-0199 ?Own way ?Toll-free/.test(line)));
        assert.ok(lines.some(line => /Listed twice/.test(line)));
        await go.next(person);
        assert.match(await title(person), /^Error: /);
        assert.match(await person.page.textContent('#numbers-e'), /2 numbers need you/);
        if (scripts) await person.looks('verdicts');
        await person.close();
    }
});

test('a carrier is found while typing, by its other names too, and by the keyboard alone', async () => {
    const person = await desk.signedIn('owner');
    const draft = await newDraft(person);
    await person.page.goto(`${draft}/steps/1`);
    await person.page.locator('#carrier').pressSequentially('cingu');
    assert.equal(await person.page.getAttribute('#carrier', 'aria-expanded'), 'true');
    await person.looks('combobox');
    await person.page.press('#carrier', 'ArrowDown');
    assert.equal(await person.page.getAttribute('#carrier', 'aria-activedescendant'), 'carrier-0');
    await person.page.press('#carrier', 'Enter');
    assert.equal(await person.page.inputValue('#carrier'), 'AT&T');
    await person.page.fill('#carrier', 'Harbor Telephone Cooperative');
    await person.page.press('#carrier', 'ArrowUp');
    await person.page.press('#carrier', 'Enter');
    assert.ok(await person.page.isChecked('#carrier_other'));
    await person.page.fill('#numbers', '415-552-0191');
    await go.next(person);
    assert.match(person.page.url(), /steps\/2$/);
    assert.match(await person.page.textContent('main'), /Harbor Telephone Cooperative/);
    await person.looks('unknown-carrier');
    await person.close();
});

test('an unknown carrier is asked about, and those that begin so are offered', async () => {
    const person = await desk.signedIn('owner', { javaScriptEnabled: false });
    const draft = await newDraft(person);
    await person.page.goto(`${draft}/steps/1`);
    await person.page.fill('#carrier', 'veri');
    await person.page.fill('#numbers', '415-552-0192');
    await go.next(person);
    assert.match(await person.page.textContent('#carrier-e'), /veri/);
    await Promise.all([person.page.waitForNavigation(), person.page.locator('button[name=pick]').first().click()]);
    assert.match(await person.page.inputValue('#carrier'), /^Verizon/);
    assert.equal(await person.page.inputValue('#numbers'), '415-552-0192');
    await go.next(person);
    assert.match(person.page.url(), /steps\/2$/);
    await person.close();
});

test('a draft is saved by itself and goes on in another browser', async () => {
    const first = await draftAt(desk, 4);
    await first.page.fill('#account_name', 'Harbor Lane');
    await first.page.fill('#account_number', '9421');
    await waitFor('the draft to be saved', async () => {
        const second = await desk.signedIn('owner');
        await second.page.goto(`${first.draft}/steps/4`);
        const saved = await second.page.inputValue('#account_number') === '9421';
        if (saved) {
            assert.equal(await second.page.inputValue('#account_name'), 'Harbor Lane');
            assert.match(await second.page.textContent('#saved-ok'), /Draft saved\s+\d+:\d\d [AP]M/);
            assert.equal(await second.page.locator('.viewer img').count(), 1);
            await second.page.waitForFunction(() => document.querySelector('.viewer img').naturalWidth > 100);
            await second.looks('resumed');
            await second.page.fill('#account_number', good.account_number);
            await steps[4](second, fresh());
            await go.next(second);
            await walk(second, 5, 7);
        }
        await second.close();
        return saved;
    });
    // Half-typed fields were saved without a word of blame.
    assert.equal(await first.page.locator('#errors').count(), 0);
    await first.close();
});

test('a CSV file becomes the list of numbers', async () => {
    const person = await desk.signedIn('owner');
    const draft = await newDraft(person);
    await person.page.goto(`${draft}/steps/1`);
    await person.page.setInputFiles('#csv', { name: 'lines.csv', mimeType: 'text/csv', buffer: Buffer.from('\uFEFFName,Phone number\r\nFront,"(415) 552-0193"\r\nBack,415-552-0194\r\n') });
    await person.page.waitForSelector('.verdicts li');
    assert.match(await person.page.textContent('#verdicts h2'), /^2 numbers found$/);
    await person.close();
});

test('a bill that is too large is refused before it is sent, and by the server', async () => {
    const large = path.join(desk.directory, 'large.pdf');
    fs.writeFileSync(large, Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(10 * 1024 * 1024)]));
    for (const scripts of [true, false]) {
        const person = await desk.signedIn('owner', { javaScriptEnabled: scripts });
        const draft = await newDraft(person);
        await person.page.goto(`${draft}/steps/3`);
        await person.page.setInputFiles('#bill', large);
        if (!scripts) await go_upload(person);
        await person.page.waitForSelector('.field-error >> text=larger than 10 MB');
        await person.close();
    }
});

test('a missing PIN is asked for on the last page', async () => {
    const person = await desk.signedIn('owner');
    const draft = await newDraft(person);
    await person.page.goto(`${draft}/steps/1`);
    await walk(person, 1, 7, fresh({ pin: '' }));
    await steps[7](person);
    await submit(person);
    assert.match(person.page.url(), /steps\/7\?check=1#pin$/);
    await person.page.fill('#pin', '4');
    await submit(person);
    assert.match(await person.page.textContent('#pin-e'), /4 to 15/);
    await person.looks('pin');
    await person.page.fill('#pin', '482913');
    await submit(person);
    assert.equal(person.page.url(), draft);
    await person.close();
});

test('every step in dark colors, by the keyboard alone', async () => {
    const person = await desk.signedIn('owner', { colorScheme: 'dark' });
    const draft = await newDraft(person), values = fresh();
    await person.page.goto(`${draft}/steps/1`);
    for (let step = 1; step <= 7; step++) {
        await steps[step](person, values);
        await person.looks(`dark-${step}`);
        if (step === 7) break;
        await person.page.locator('.wiz-foot .primary').focus();
        await Promise.all([person.page.waitForURL(`**/steps/${step + 1}`), person.page.keyboard.press('Enter')]);
    }
    // Enter in a field goes on as well: the shell's own button stands before, and is not the one.
    await person.page.goto(`${draft}/steps/5`);
    await person.page.locator('#owner_name').focus();
    await Promise.all([person.page.waitForURL('**/steps/6'), person.page.keyboard.press('Enter')]);
    await person.close();
});

test('a double click submits once, and what was typed just before goes with it', async () => {
    const person = await draftAt(desk, 7);
    await steps[7](person);
    await person.page.fill('#wished_date', '');
    await person.page.dblclick('button.primary[formaction]');
    // Not waitForURL: the second click may end the way there that the first began, which is a failure to that.
    await waitFor('the request', async () => person.page.url() === person.draft);
    await waitFor('the carrier to have it', async () => (await desk.sandboxJson('/control/state')).ports_count > 0);
    assert.equal((await desk.sandboxJson('/control/state')).duplicates, 0);
    await person.close();
});

test('Canadian and toll-free numbers go their own way', async () => {
    const person = await desk.signedIn('owner');
    const draft = await newDraft(person);
    await person.page.goto(`${draft}/steps/1`);
    await walk(person, 1, 7, fresh({ numbers: '415-552-0196, 416-552-0196, 800-552-0196', btn: '415-552-0196' }));
    const text = (await person.page.textContent('.orders')).replace(/\s+/g, ' ');
    for (const part of ['Order 1', '(415) 552-0196', 'Order 2', '(416) 552-0196', 'Order 3', '(800) 552-0196', 'by hand']) assert.ok(text.includes(part), `${part} in ${text}`);
    assert.match(await person.page.textContent('.wiz-aside'), /No fees/);
    await person.looks('three-orders');
    await person.close();
});

test('a draft is thrown away with its bill', async () => {
    const person = await draftAt(desk, 4);
    const preview = await person.page.getAttribute('.viewer img', 'src');
    await person.page.click('details.more summary');
    await Promise.all([person.page.waitForNavigation(), person.page.click('details.more button')]);
    assert.match(person.page.url(), /\/requests$/);
    assert.equal((await person.context.request.get(preview)).status(), 404);
    assert.equal((await person.page.goto(`${person.draft}/steps/1`)).status(), 404);
    await person.close();
});

test('strangers find nothing', async () => {
    const person = await draftAt(desk, 4);
    const preview = await person.page.getAttribute('.viewer img', 'src');
    const other = await desk.person();
    for (const address of [`${person.draft}/steps/4`, preview]) {
        const answer = await other.context.request.get(address, { maxRedirects: 0 });
        assert.equal(answer.status(), 303);
        assert.match(answer.headers().location, /^\/sign-in/);
    }
    await other.close();
    await person.close();
});

test('every field takes what hostile hands type', async () => {
    const person = await desk.signedIn('owner');
    const draft = await newDraft(person);
    const nasty = ['<script>alert(1)</script>', "'; DROP TABLE port_request; --", '"><img src=x>', 'Zoë 🏠 李', 'x'.repeat(5000)];
    const csrf = async () => (await person.context.request.get(`${draft}/steps/1`).then(answer => answer.text())).match(/name="csrf" value="([^"]+)"/)[1];
    const forms = { 1: ['carrier', 'numbers'], 4: ['account_name', 'account_number', 'btn', 'pin'], 5: ['owner_name', 'owner_email'],
        6: ['street', 'unit', 'city', 'state', 'zip'], 7: ['wished_date', 'wished_time', 'acknowledged', 'pin'] };
    for (const [step, fields] of Object.entries(forms)) {
        for (const value of nasty) {
            const form = { csrf: await csrf(), go: 'next', ...Object.fromEntries(fields.map(field => [field, value])) };
            const answer = await person.context.request.post(`${draft}/steps/${step}`, { form });
            assert.ok([200, 422].includes(answer.status()), `step ${step}, ${value.slice(0, 20)}: ${answer.status()}`);
            const page = await answer.text();
            assert.ok(!page.includes('<script>alert') && !page.includes('<img src=x'), `step ${step} escapes`);
        }
    }
    const answer = await person.context.request.post(`${draft}/steps/5`, {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, data: Buffer.from(`csrf=${await csrf()}&owner_name=%FF%FE`),
    });
    assert.equal(answer.status(), 400);
    assert.equal((await person.context.request.post(`${draft}/steps/5`, { form: { owner_name: 'x' } })).status(), 403);
    await person.close();
});

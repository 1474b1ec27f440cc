// Passkeys with Chromium's virtual authenticator: adding, signing in, removing, and what must not work.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk } from './frame.mjs';
import { addPasskey, authenticator, passkeysPage } from './passkeys.mjs';

let desk;
before(async () => {
    desk = await Desk.start('passkeys', { host: 'localhost' });
});
after(() => desk.stop());

const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();
const button = '#passkey-sign-in [type=submit]';

/** A visitor of the sign-in page in the same browser, signed out, so that the authenticator stays. */
async function signOut(person) {
    await person.context.clearCookies();
    await person.page.goto('/sign-in');
    await person.page.waitForSelector(button);
}

async function pressSignIn(person) {
    await Promise.all([person.page.waitForNavigation(), person.page.click(button)]);
}

const path = person => new URL(person.page.url()).pathname;

test('a passkey is added, signs in without a name or a password, and is removed', async () => {
    const person = await desk.signedIn('owner', { viewport: { width: 390, height: 844 } });
    const key = await authenticator(person);
    await person.page.goto(passkeysPage);
    assert.match(await text(person), /You have no passkey yet/);
    await person.looksInEitherTheme('none');
    await addPasskey(person, 'Work laptop');
    assert.match(await text(person), /The passkey was added.*Work laptop.*On one device.*Never/);
    await person.looksInEitherTheme('one');
    const [credential] = await key.credentials();
    assert.equal(credential.isResidentCredential, true);
    assert.equal(credential.rpId, 'localhost');
    const handle = Buffer.from(credential.userHandle, 'base64');
    assert.equal(handle.length, 32);
    assert.ok(!handle.includes('@'));
    const mail = await desk.mail(desk.address('owner'), 'A passkey was added');
    assert.match(JSON.stringify(mail), /Work laptop/);

    await signOut(person);
    await person.looksInEitherTheme('sign-in');
    await pressSignIn(person);
    assert.ok(!path(person).startsWith('/sign-in'), path(person));
    await person.page.goto(passkeysPage);
    assert.ok(!(await text(person)).includes('Never'));

    await person.page.click('tbody a');
    await person.looksInEitherTheme('passkey');
    await person.page.fill('#name', 'Old laptop');
    await Promise.all([person.page.waitForNavigation(), person.page.click('text=Save the name')]);
    assert.match(await text(person), /The name was saved.*Old laptop/);
    await person.page.click('tbody a');
    await Promise.all([person.page.waitForNavigation(), person.page.click('main >> text=Remove the passkey')]);
    assert.match(await text(person), /The passkey was removed.*no passkey yet/);
    await desk.mail(desk.address('owner'), 'A passkey was removed');
    await signOut(person);
    await pressSignIn(person); // the device still has it
    assert.match(await text(person), /could not be used/);
    await person.looksInEitherTheme('refused');
    person.content();
    await person.close();
});

test('the way back: whoever came for a page is led there', async () => {
    const person = await desk.signedIn('agent');
    await authenticator(person);
    await addPasskey(person, 'Phone');
    await person.context.clearCookies();
    await person.page.goto('/numbers');
    await pressSignIn(person);
    assert.equal(path(person), '/numbers');
    await person.close();
});

test('a passkey that is chosen in the list of the e-mail field signs in at once', async () => {
    const person = await desk.signedIn('owner');
    await authenticator(person, { offers: true });
    await addPasskey(person, 'Offered');
    await person.context.clearCookies();
    // The virtual authenticator chooses without being asked.
    await person.page.goto('/sign-in?next=/numbers');
    await person.page.waitForURL(url => url.pathname === '/numbers');
    await person.close();
});

test('by the keyboard alone', async () => {
    const person = await desk.signedIn('owner');
    await authenticator(person);
    await person.page.goto(passkeysPage);
    await person.page.focus('#name');
    await person.page.keyboard.type('Keyboard');
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    assert.match(await text(person), /Keyboard/);
    await signOut(person);
    const reached = async () => person.page.evaluate(wanted => document.activeElement.matches(wanted), button);
    for (let i = 0; i < 10 && !await reached(); i++) await person.page.keyboard.press('Tab');
    assert.ok(await reached());
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    assert.ok(!path(person).startsWith('/sign-in'));
    await person.close();
});

test('a while after the sign-in the password is asked for once more', async () => {
    const person = await desk.signedIn('owner');
    await authenticator(person);
    await person.page.goto(passkeysPage);
    await desk.advance(601);
    // The page was drawn before: it is drawn again, now with the field.
    await person.page.fill('#name', 'Tablet');
    await Promise.all([person.page.waitForNavigation(), person.page.click('#passkey-add [type=submit]')]);
    await person.page.waitForSelector('#password');
    await person.page.fill('#name', 'Tablet');
    await person.page.fill('#password', 'not my password');
    await person.page.click('#passkey-add [type=submit]');
    await person.page.waitForSelector('#passkey-add [role=alert]:not([hidden])');
    assert.match(await text(person, '#passkey-add'), /This is not your password/);
    await person.looksInEitherTheme('password');
    await addPasskey(person, 'Tablet', desk.password);
    assert.match(await text(person), /Tablet/);
    // So is removing it, also without scripts.
    const plain = await desk.person({ javaScriptEnabled: false, storageState: await person.context.storageState() });
    await plain.page.goto(passkeysPage);
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('tbody a:has-text("Tablet")')]);
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('text=Remove the passkey')]);
    assert.match(await text(plain), /Enter your password/);
    await plain.page.fill('#password', desk.password);
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('text=Remove the passkey')]);
    assert.match(await text(plain), /The passkey was removed/);
    await plain.close();
    await person.close();
});

test('the device is asked for its user, and a device that has the person’s passkey makes no second one', async () => {
    const person = await desk.signedIn('owner');
    const key = await authenticator(person);
    await key.verified(false);
    await person.page.goto(passkeysPage);
    await person.page.fill('#name', 'Unlocked by nobody');
    await person.page.click('#passkey-add [type=submit]');
    await person.page.waitForSelector('#passkey-add [role=alert]:not([hidden])');
    assert.match(await text(person, '#passkey-add'), /did not work/);
    await key.verified(true);
    await addPasskey(person, 'First');
    await person.page.fill('#name', 'Second');
    await person.page.click('#passkey-add [type=submit]');
    await person.page.waitForSelector('#passkey-add [role=alert]:not([hidden])');
    assert.match(await text(person, '#passkey-add'), /has a passkey for you already/);
    await person.looksInEitherTheme('known');
    await person.close();
});

test('a copied passkey is refused, and its owner is told', async () => {
    const person = await desk.signedIn('agent');
    const key = await authenticator(person);
    await addPasskey(person, 'Copied');
    const [copy] = await key.credentials();
    await signOut(person);
    await pressSignIn(person);
    assert.ok(!path(person).startsWith('/sign-in'));
    await key.clear();
    await key.take(copy); // as it was before: it counts on from there
    await signOut(person);
    await pressSignIn(person);
    assert.match(await text(person), /could not be used/);
    const mail = await desk.mail(desk.address('agent'), 'A passkey of yours was refused');
    assert.match(JSON.stringify(mail), /Copied/);
    await person.close();
});

test('an answer made at another origin signs nobody in', async () => {
    const person = await desk.signedIn('owner');
    await authenticator(person);
    await addPasskey(person, 'Lured');
    await signOut(person);
    // The same host, so that the browser itself has no objection, at another port: whoever has that port passes the challenge on.
    const csrf = await person.page.inputValue('#passkey-sign-in [name=csrf]');
    const { challenge } = await (await person.context.request.get('/sign-in/passkey')).json();
    await person.context.route('http://localhost:1/', route => route.fulfill({ contentType: 'text/html', body: '<title>Lure</title>' }));
    await person.page.goto('http://localhost:1/');
    const form = await person.page.evaluate(async wanted => {
        const encode = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
        const decode = plain => Uint8Array.from(atob(plain.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
        const found = await navigator.credentials.get({ publicKey: { challenge: decode(wanted), rpId: 'localhost', userVerification: 'required' } });
        const { response } = found;
        return {
            credential: encode(found.rawId), user_handle: encode(response.userHandle), client_data: encode(response.clientDataJSON),
            auth_data: encode(response.authenticatorData), signature: encode(response.signature),
        };
    }, challenge);
    assert.match(Buffer.from(form.client_data, 'base64').toString(), /"origin":"http:\/\/localhost:1"/);
    const answer = await person.context.request.post('/sign-in/passkey', { form: { ...form, csrf, next: '/' }, maxRedirects: 0 });
    assert.equal(answer.status(), 422);
    assert.match(await answer.text(), /could not be used/);
    assert.ok(!(await person.context.cookies()).some(cookie => cookie.name.endsWith('portdesk')));
    await person.close();
});

test('without scripts or passkeys nothing of it is seen at the sign-in', async () => {
    const plain = await desk.person({ javaScriptEnabled: false });
    await plain.page.goto('/sign-in');
    assert.ok(!(await text(plain)).includes('passkey'));
    await plain.signIn('owner');
    await plain.page.goto(passkeysPage);
    assert.match(await text(plain), /scripts are turned off/);
    assert.ok(!(await text(plain)).includes('Add a passkey'));
    await plain.close();
    const old = await desk.person();
    await old.page.addInitScript(() => delete globalThis.PublicKeyCredential);
    await old.page.goto('/sign-in');
    assert.ok(!(await text(old)).includes('passkey'));
    await old.close();
});

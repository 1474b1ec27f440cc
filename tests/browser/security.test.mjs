// Security: where one is signed in, two-step sign-in from its beginning to its end, without scripts, by the keyboard alone, on a phone.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk } from './frame.mjs';
import { beginSetUp, halfSignIn, nextCode, turnOff } from './security.mjs';

let desk;
before(async () => {
    desk = await Desk.start('security');
});
after(() => desk.stop());

const text = async (person, where = 'main') => (await person.page.innerText(where)).replace(/\s+/g, ' ').trim();
const noScripts = { javaScriptEnabled: false };

/** Tab until the element has the focus. */
async function tabTo(person, selector) {
    for (let i = 0; i < 60; i++) {
        await person.page.keyboard.press('Tab');
        if (await person.page.evaluate(wanted => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`${selector} was not reached by the keyboard on ${person.page.url()}`);
}

async function enter(person, selector) {
    await tabTo(person, selector);
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
}

test('the whole way by the keyboard alone, on a phone', async () => {
    const person = await desk.signedIn('agent', { viewport: { width: 390, height: 844 } });
    await person.page.goto('/settings/security');
    assert.match(await text(person), /Two-step sign-in Off.*Chrome on Linux.*This browser.*signed in nowhere else/);
    await person.looksInEitherTheme('security-off');
    await enter(person, 'main form[action$="/begin"] button');
    await person.looksInEitherTheme('setup');
    const key = await person.page.innerText('code.secret');
    // The picture says what the key says.
    assert.match(await person.page.getAttribute('svg.qr-code path', 'd'), /^(M\d+ \d+h\d+v1h-\d+z)+$/);
    // A wrong code is told at its field, and the same key stays.
    await tabTo(person, '#code');
    await person.page.keyboard.type('000000');
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    assert.match(await person.page.title(), /^Error:/);
    await person.looksInEitherTheme('setup-wrong');
    assert.equal(await person.page.innerText('code.secret'), key);
    await tabTo(person, '#code');
    await person.page.keyboard.type(await nextCode(desk, key));
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    assert.match(await text(person), /Your recovery codes.*Two-step sign-in is on/);
    await person.looksInEitherTheme('codes');
    const codes = await person.page.locator('.secret-codes code').allInnerTexts();
    assert.equal(codes.length, 10);
    await tabTo(person, 'form[action$="/file"] button');
    const [download] = await Promise.all([person.page.waitForEvent('download'), person.page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
    await enter(person, 'main a.btn.primary');
    assert.match(await text(person), /Two-step sign-in On.*left 10/);
    await person.looksInEitherTheme('security-on');
    // Out, and in again with a code.
    await person.page.goto('/settings/security');
    await person.page.click('.menu-label');
    await Promise.all([person.page.waitForURL('**/sign-in'), person.page.click('form[action="/sign-out"] button')]);
    await halfSignIn(person, 'agent');
    await person.looksInEitherTheme('code');
    assert.equal(await person.page.evaluate(() => document.activeElement.id), 'code');
    await person.page.keyboard.type(await nextCode(desk, key));
    await Promise.all([person.page.waitForURL('**/requests'), person.page.keyboard.press('Enter')]);
    // With a recovery code, once.
    const other = await desk.person({ ...noScripts, viewport: { width: 390, height: 844 } });
    for (const [code, good] of [[codes[0], true], [codes[0], false], [codes[1].toUpperCase().replaceAll('-', ' '), true]]) {
        await other.context.clearCookies();
        await halfSignIn(other, 'agent');
        await Promise.all([other.page.waitForURL('**/sign-in/recovery*'), other.page.click('main a[href*="recovery"]')]);
        await other.page.fill('#code', code);
        await Promise.all([other.page.waitForNavigation(), other.page.keyboard.press('Enter')]);
        assert.equal(new URL(other.page.url()).pathname, good ? '/requests' : '/sign-in/recovery');
    }
    // Where one is signed in; the other browser is signed out.
    await person.page.goto('/settings/security');
    await person.looksInEitherTheme('sessions');
    assert.match(await text(person), /With password and code.*With password and recovery code/);
    await enter(person, 'button.danger');
    assert.match(await text(person), /You are signed out everywhere else/);
    await other.page.goto('/requests');
    assert.match(other.page.url(), /\/sign-in/);
    person.key = key;
    await turnOff(person);
    await other.close();
    await person.close();
});

test('who must set it up is led there and reaches nothing else', async () => {
    const owner = await desk.signedIn('owner', noScripts);
    owner.key = await beginSetUp(owner);
    await owner.page.fill('#code', await nextCode(desk, owner.key));
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('main form:has(#code) [type=submit]')]);
    await owner.page.goto('/account/security');
    await owner.page.check('input[value=all]');
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('main [type=submit]')]);
    assert.match(await text(owner), /The rule is saved/);
    const person = await desk.person({ viewport: { width: 390, height: 844 } });
    await person.page.goto('/sign-in?next=/numbers');
    await person.page.fill('#email', desk.address('admin'));
    await person.page.fill('#password', desk.password);
    await Promise.all([person.page.waitForURL('**/settings/security/code'), person.page.click('form:has(#password) [type=submit]')]);
    assert.match(await text(person), /Harbor & Pine Realty asks for two-step sign-in/);
    await person.looksInEitherTheme('must-begin');
    await person.page.goto('/requests');
    assert.match(person.page.url(), /\/settings\/security\/code$/);
    person.key = await beginSetUp(person);
    await person.looksInEitherTheme('must');
    await person.page.fill('#code', await nextCode(desk, person.key));
    await Promise.all([person.page.waitForNavigation(), person.page.click('main form:has(#code) [type=submit]')]);
    await Promise.all([person.page.waitForNavigation(), person.page.click('main a.btn.primary')]);
    assert.match(await text(person), /cannot be turned off/);
    // Lost: the owner takes it away.
    await owner.page.goto(`/accounts/${desk.user('admin', 'account')}/people/${desk.user('admin')}`);
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('main a[href$="/second-factor"]')]);
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('button.danger-solid')]);
    assert.match(await text(owner), /was reset, and the person was told/);
    await desk.mail(desk.address('admin'), 'was reset');
    await person.page.goto('/requests');
    assert.match(person.page.url(), /\/sign-in/);
    await owner.page.goto('/account/security');
    await owner.page.check('input[value=free]');
    await Promise.all([owner.page.waitForNavigation(), owner.page.click('main [type=submit]')]);
    await turnOff(owner);
    await owner.close();
    await person.close();
});

// One case for each page of the route table: opens it as somebody who may and gives back the person.
import { start, submitAtOnce, upTo } from './journey.mjs';
import { beginSetUp, halfSignIn, turnOff, turnOn } from './security.mjs';
import { byHand, requestAt, team } from './requests.mjs';
import { addPasskey, authenticator } from './passkeys.mjs';
import { oneOfEach } from './stuck.mjs';
import { invite, linkOf } from './people.mjs';

const visitor = address => async (desk, options) => {
    const person = await desk.person(options);
    await person.page.goto(address);
    return person;
};

const owner = address => async (desk, options) => {
    const person = await desk.signedIn('owner', options);
    await person.page.goto(address);
    return person;
};

const wizard = step => async (desk, options) => {
    const person = await desk.signedIn('owner', options);
    await (step === 1 ? start(person) : upTo(person, step));
    return person;
};

const request = (suffix = '') => async (desk, options) => {
    const person = await desk.signedIn('owner', options);
    const address = await submitAtOnce(person);
    await person.page.goto(address + suffix);
    return person;
};

/** A request that was rejected for a wrong PIN, at the page that mends it. */
const fix = async (desk, options) => {
    const person = await requestAt(desk, 'rejected', options, undefined, { pin: '0000' });
    await person.page.goto(`${person.address}/fix`);
    return person;
};

const stuck = async (desk, options) => {
    await oneOfEach(desk);
    return team(desk, '/team/stuck', options);
};

/** One of the jobs that were given up, at the page that shows it, or that asks whether it is to be dropped. */
const stuckJob = link => async (desk, options) => {
    const person = await stuck(desk, options);
    await person.page.goto(await person.page.getAttribute('tbody a[href*="/team/stuck/job"]', 'href'));
    if (link) await person.page.goto(await person.page.getAttribute(link, 'href'));
    return person;
};

/** The operator's connection to the carrier. */
const connection = async (desk, options) => {
    const person = await team(desk, '/connections', options);
    await person.page.goto(await person.page.getAttribute('tbody a', 'href'));
    return person;
};

/** The first page of setting up two-step sign-in, at its QR code. */
const setUp = async (desk, options) => {
    const person = await desk.signedIn('agent', options);
    await beginSetUp(person);
    return person;
};

/** Somebody whose two-step sign-in is on, at a page of it. A person of its own for each, whom nobody else signs in as. */
const twoSteps = (who, address) => async (desk, options) => {
    const person = await desk.signedIn(who, options);
    await turnOn(person);
    await person.page.goto(address);
    person.close = async () => {
        await turnOff(person);
        await person.context.close();
    };
    return person;
};

const secondStep = address => async (desk, options) => {
    const first = await desk.signedIn('admin', options);
    await turnOn(first);
    const person = await desk.person(options);
    await halfSignIn(person, 'admin');
    await person.page.goto(address);
    person.close = async () => {
        await turnOff(first);
        await first.context.close();
        await person.context.close();
    };
    return person;
};

/** An admin of the account, as whoever may would reset their second factor. */
const reset = async (desk, options) => {
    const person = await desk.signedIn('owner', options);
    const id = desk.user('admin');
    await person.page.goto(`/accounts/${desk.user('admin', 'account')}/people/${id}/second-factor`);
    return person;
};

const passkeys = async (desk, options) => {
    const person = await desk.signedIn('owner', options);
    await authenticator(person);
    await addPasskey(person, 'Work laptop');
    return person;
};

const passkey = async (desk, options) => {
    const person = await passkeys(desk, options);
    await person.page.goto(await person.page.getAttribute('tbody a', 'href'));
    return person;
};

/** The people page of the account of the porting team's first customer, or a page below it. */
const customer = (suffix = '') => async (desk, options) => {
    const person = await team(desk, '/accounts?q=harbor', options);
    await person.page.goto(await person.page.getAttribute('tbody a', 'href') + suffix);
    return person;
};

/** A page about one of the account's people: an agent. */
const member = (suffix = '') => async (desk, options) => {
    const person = await owner('/people')(desk, options);
    await person.page.goto(await person.page.getAttribute('tr:has-text("elena@") a', 'href') + suffix);
    return person;
};

/** The page behind an invitation's link. */
const invited = async (desk, options) => {
    const email = `guest${Date.now()}@fresh.example`;
    const host = await owner('/people')(desk, options);
    await invite(host, email);
    await host.close();
    return visitor(linkOf(await desk.mail(email, 'invites you')))(desk, options);
};

export const cases = {
    sign_in_code: secondStep('/sign-in/code'),
    sign_in_recovery: secondStep('/sign-in/recovery'),
    security: owner('/settings/security'),
    security_code: setUp,
    security_off: twoSteps('admin', '/settings/security/off'),
    security_recovery: twoSteps('admin', '/settings/security/recovery'),
    account_security: owner('/account/security'),
    second_factor_reset: reset,
    people: async (desk, options) => {
        const person = await owner('/people')(desk, options);
        await invite(person, `guest${Date.now()}@fresh.example`);
        return person;
    },
    account_settings_own: owner('/account'),
    accounts: (desk, options) => team(desk, '/accounts', options),
    account_new: (desk, options) => team(desk, '/accounts/new', options),
    account: customer(),
    account_settings: customer('/settings'),
    invite: customer('/invite'),
    person: member(),
    person_remove: member('/remove'),
    person_owner: member('/ownership'),
    join: invited,
    forgot_password: visitor('/forgot-password'),
    sign_up: visitor('/sign-up'),
    settings_password: owner('/settings/password'),
    settings_email: owner('/settings/email'),
    passkeys,
    passkey,
    connections: (desk, options) => team(desk, '/connections', options),
    connection_new: (desk, options) => team(desk, '/connections/new', options),
    connection,
    sign_in: visitor('/sign-in'),
    home: owner('/'),
    numbers: owner('/numbers'),
    requests: owner('/requests'),
    wizard_numbers: wizard(1),
    wizard_ready: wizard(2),
    wizard_bill: wizard(3),
    wizard_account: wizard(4),
    wizard_owner: wizard(5),
    wizard_address: wizard(6),
    wizard_review: wizard(7),
    request: request(),
    request_cancel: request('/cancel'),
    fix,
    settings: owner('/settings'),
    rights: owner('/people/rights'),
    audit: (desk, options) => team(desk, '/audit', options),
    team: async (desk, options) => {
        const owner = await byHand(desk);
        await owner.close();
        return team(desk, '/team', options);
    },
    team_stuck: stuck,
    team_stuck_job: stuckJob(),
    team_stuck_drop: stuckJob('a[href*="/team/stuck/drop"]'),
};

/** What the table has as GET but is no page: files, and answers for scripts. */
export const noPages = ['audit_download', 'document', 'connection_state', 'document_preview', 'request_state', 'sign_in_passkey'];

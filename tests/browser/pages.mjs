// One case for each page of the route table: opens it as somebody who may and gives back the person.
import { start, submitAtOnce, upTo } from './journey.mjs';
import { requestAt, team } from './requests.mjs';
import { oneOfEach } from './stuck.mjs';

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

export const cases = {
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
    team_stuck: stuck,
    team_stuck_job: stuckJob(),
    team_stuck_drop: stuckJob('a[href*="/team/stuck/drop"]'),
};

/** What the table has as GET but is no page: files, and answers for scripts. */
export const noPages = ['audit_download', 'document', 'connection_state', 'document_preview', 'request_state'];

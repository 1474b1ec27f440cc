// What the wizard's tests do at each step. Everything works with and without scripts.
import assert from 'node:assert/strict';
import { number, sampleBill, typed } from './journey.mjs';

export { sampleBill, typed as good };

/** The good values with numbers that no other test has taken, in several ways of writing; the first is the main number. */
export function fresh(values = {}) {
    const numbers = [number(), number(), number()];
    return { ...typed, numbers: `${numbers[0]}\n${numbers[1].slice(2)}, ${numbers[2]}`, btn: numbers[0], ...values };
}

/** A new draft of this person; gives its address. Drafts that were not touched are given back, so this types into each. */
export async function newDraft(person) {
    await person.page.goto('/requests');
    const csrf = await person.page.locator('input[name=csrf]').first().getAttribute('value');
    const answer = await person.context.request.post('/requests', { form: { csrf } });
    assert.match(answer.url(), /\/requests\/pr_[0-9a-f]{32}\/steps\/1$/);
    return answer.url().replace(/\/steps\/1$/, '');
}

const press = (person, name, pressed) => Promise.all([
    person.page.waitForNavigation(), person.page.locator(`button[name=go][value="${name}"]:visible`).last().click(), pressed,
]);

export const go = {
    next: person => press(person, 'next'),
    back: person => press(person, 'back'),
    close: person => press(person, 'close'),
};

async function fill(person, names, values) {
    for (const name of names) await person.page.fill(`#${name}`, values[name]);
}

/** Fills the step that is shown. */
export const steps = {
    1: async (person, values) => {
        await fill(person, ['carrier', 'numbers'], values);
    },
    2: async () => {},
    3: async (person, values, file = sampleBill) => {
        await person.page.setInputFiles('#bill', file);
        await person.page.check('#bill_confirmed');
    },
    4: async (person, values) => {
        await fill(person, ['account_name', 'account_number', 'btn'], values);
        await person.page.check(`[name=account_type][value=${values.account_type}]`);
        await person.page.check(`[name=pin_when][value=${values.pin ? 'now' : 'later'}]`);
        if (values.pin) await fill(person, ['pin'], values);
    },
    5: (person, values) => fill(person, ['owner_name', 'owner_email'], values),
    6: async (person, values) => {
        await fill(person, ['street', 'unit', 'city', 'zip'], values);
        await person.page.selectOption('#state', values.state);
    },
    7: async person => {
        for (const box of await person.page.locator('[name=acknowledged]').all()) await box.check();
    },
};

/** Goes from step `from` to step `to` as a customer does. */
export async function walk(person, from, to, values = fresh()) {
    for (let step = from; step < to; step++) {
        await person.page.waitForURL(new RegExp(`/steps/${step}(\\?|#|$)`));
        await steps[step](person, values);
        await go.next(person);
    }
    await person.page.waitForURL(new RegExp(`/steps/${to}(\\?|#|$)`));
}

/** A person with a draft that is filled up to a step. */
export async function draftAt(desk, step, options = {}) {
    const person = await desk.signedIn('owner', options);
    person.draft = await newDraft(person);
    await person.page.goto(`${person.draft}/steps/1`);
    await walk(person, 1, step);
    return person;
}

export const titles = ['Carrier and numbers', 'Get ready', 'Upload your bill', 'Account', 'Owner', 'Address', 'Review and submit'];

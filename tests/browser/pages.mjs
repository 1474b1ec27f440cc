// One case for each page of the route table: opens it as somebody who may and gives back the person.

import { draftAt } from './wizard.mjs';

async function visitor(desk, options, path) {
    const person = await desk.person(options);
    await person.page.goto(path);
    return person;
}

/** A bill and its picture are no pages of ours; they are looked at where they stand. */
async function beside(desk, options, file) {
    const person = await draftAt(desk, 4, options);
    const address = await person.page.getAttribute('.viewer a', 'href');
    const answer = await person.context.request.get(address + file);
    if (answer.status() !== 200) throw new Error(`${address}${file}: ${answer.status()}`);
    return person;
}

export const cases = {
    document: (desk, options) => beside(desk, options, ''),
    document_preview: (desk, options) => beside(desk, options, '/preview'),
    wizard_numbers: (desk, options) => draftAt(desk, 1, options),
    wizard_ready: (desk, options) => draftAt(desk, 2, options),
    wizard_bill: (desk, options) => draftAt(desk, 3, options),
    wizard_account: (desk, options) => draftAt(desk, 4, options),
    wizard_owner: (desk, options) => draftAt(desk, 5, options),
    wizard_address: (desk, options) => draftAt(desk, 6, options),
    wizard_review: (desk, options) => draftAt(desk, 7, options),
    sign_in: (desk, options) => visitor(desk, options, '/sign-in'),
};

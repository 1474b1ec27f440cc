// Requests in each state that their page can show, as the tests of pages need them.
import { waitFor } from './frame.mjs';
import * as journey from './journey.mjs';

/** Reads the request's page again until it says so. */
export async function until(person, address, words) {
    await waitFor(`"${words}" on ${address}`, async () => {
        await person.page.goto(address);
        return (await person.page.textContent('main')).includes(words);
    });
}

/** A request of a new owner's browser that has come to that status; `to` is a key of `ways`. */
export async function requestAt(desk, to, options = {}, numbers = [journey.number()], values = {}) {
    const person = await desk.signedIn('owner', options);
    person.address = await journey.submitAtOnce(person, numbers, values);
    await ways[to](desk, person, numbers[0], values);
    return person;
}

const reaches = words => async (desk, person, number) => {
    const sid = await journey.sign(desk, person, number);
    await waitFor(`"${words}" of ${number}`, async () => {
        await desk.control(`ports/${sid}/next`).catch(() => {});
        await person.page.goto(person.address);
        return (await person.page.textContent('.hero-now')).includes(words);
    });
};

export const ways = {
    async submitted(desk, person) {
        await until(person, person.address, 'In Review');
    },
    async waiting(desk, person, number) {
        // Of a request that is sent again, the port that the carrier has may be the one before for a moment.
        await waitFor(`the letter of ${number}`, async () => {
            const port = await desk.port(number);
            await desk.control(`ports/${port.port_in_request_sid}/next`).catch(() => {});
            await person.page.goto(person.address);
            return (await person.page.textContent('main')).includes('needs to sign the letter');
        });
    },
    pending: reaches('Port Pending'),
    rejected: reaches('Action Required'),
    completed: reaches('Completed'),
};

/** A number of Toronto goes to the porting team. */
let canadian = 0;
export async function byHand(desk, options = {}) {
    canadian += 1;
    return requestAt(desk, 'submitted', options, [`+1416221${String(canadian).padStart(4, '0')}`]);
}

/** The porting team on that request. */
export async function team(desk, address, options = {}) {
    const person = await desk.signedIn('porting_team', options);
    await person.page.goto(address);
    return person;
}

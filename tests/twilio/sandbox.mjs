// A sandbox carrier for Twilio's own package: the client pointed at it, what the package has no call for (documents, the letter), and a
// receiver of webhooks. Nothing here is of the tests alone: docs/sandbox.md shows the same lines.
import http from 'node:http';
import twilio from 'twilio';

const { SANDBOX_ORIGIN: origin, SANDBOX_ACCOUNT_SID: accountSid, SANDBOX_AUTH_TOKEN: authToken } = process.env;
export { origin, accountSid, authToken };

/** Sends what the package sends, but to the sandbox: the way of Twilio's guide on custom HTTP clients. */
export class SandboxClient extends twilio.RequestClient {
    request(options) {
        const url = new URL(options.uri);
        return super.request({ ...options, uri: origin + url.pathname + url.search });
    }
}

export const client = twilio(accountSid, authToken, { httpClient: new SandboxClient() });
export const porting = client.numbers.v1;

/** Uploads a bill; Twilio's package has no call for it. */
export async function upload(file = '%PDF-1.4\nbill\n%%EOF', type = 'utility_bill', mime = 'application/pdf') {
    const form = new FormData();
    form.set('document_type', type);
    form.set('friendly_name', 'bill');
    form.set('File', new Blob([file], { type: mime }), 'bill.pdf');
    const answer = await fetch(`${origin}/v1/Documents`, {
        method: 'POST', body: form, headers: { Authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
    });
    if (answer.status !== 201) throw new Error(`upload: ${answer.status} ${await answer.text()}`);
    return answer.json();
}

/** A request for these numbers; `changes` go into it, `losing` into what the losing carrier knows. */
export async function order(numbers, changes = {}, losing = {}) {
    return {
        account_sid: accountSid,
        documents: [(await upload()).sid],
        notification_emails: ['desk@northline.example'],
        phone_numbers: numbers.map(number => ({ phone_number: number, pin: '1234' })),
        losing_carrier_information: {
            customer_type: 'Business', customer_name: 'Harbor & Pine Realty LLC', account_number: '942118306-00001',
            account_telephone_number: numbers[0], authorized_representative: 'Dana Whitfield',
            authorized_representative_email: 'dana@harbor.example',
            address: { street: '1180 Fillmore St', city: 'San Francisco', state: 'CA', zip: '94115', country: 'US' },
            ...losing,
        },
        ...changes,
    };
}

let last = 3000000;
/** A number that nobody has asked for; `ending` its last four digits. */
export function number(ending) {
    last += 10000;
    return `+1628${ending ? String(last).slice(0, 3) + ending : last}`;
}

/** One call of the control API; what it answers. */
export async function control(path, body) {
    const answer = await fetch(`${origin}/control/api/${path}`, {
        method: 'POST', body: JSON.stringify(body ?? {}), headers: { 'Content-Type': 'application/json' },
    });
    const json = answer.status === 204 ? null : await answer.json();
    if (answer.status >= 400) throw Object.assign(new Error(json.message), { status: answer.status });
    return json;
}

export const advance = (port, steps = 1) => control(`ports/${port.portInRequestSid}/advance`, { steps });

/** Fills in and sends the page behind a signing link, as its form stands there. */
export async function signOnPage(link, fields) {
    const page = await fetch(link);
    const html = await page.text();
    if (page.status !== 200 || !html.includes('name="agree_letter"')) throw new Error(`signing page: ${page.status}`);
    const [, action] = html.match(/<form method="post" action="([^"]+)"/);
    return fetch(new URL(action, link), {
        method: 'POST', redirect: 'manual', body: new URLSearchParams({ agree_letter: 'yes', agree_electronic: 'yes', ...fields }),
    });
}

export async function mails(to) {
    const answer = await fetch(`${origin}/mail.json?to=${encodeURIComponent(to)}`);
    return (await answer.json()).mails;
}

/** Waits for something of another process to be there. */
export async function until(what, look) {
    const end = Date.now() + 20000;
    while (Date.now() < end) {
        const found = await look();
        if (found) return found;
        await new Promise(resume => setTimeout(resume, 10));
    }
    throw new Error(`waited too long for ${what}`);
}

/** Takes webhooks and checks each with Twilio's own function. */
export class Receiver {
    events = [];
    forged = 0;
    async start() {
        this.server = http.createServer((request, answer) => {
            let body = '';
            request.on('data', part => { body += part; });
            request.on('end', () => {
                const url = `http://${request.headers.host}${request.url}`;
                const good = twilio.validateRequestWithBody(authToken, request.headers['x-twilio-signature'] ?? '', url, body);
                if (good) this.events.push(JSON.parse(body));
                else this.forged++;
                answer.writeHead(good ? 204 : 403).end();
            });
        });
        await new Promise(ready => this.server.listen(0, '127.0.0.1', ready));
        this.url = `http://127.0.0.1:${this.server.address().port}/hook?token=x`;
        return this;
    }

    of(port) {
        return this.events.filter(event => event.port_in_request_sid === port.portInRequestSid);
    }

    stop() {
        this.server.closeAllConnections();
        return new Promise(done => this.server.close(done));
    }
}

// Twilio's own package against the sandbox carrier: every porting call that it has, and whole lives of ports.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import twilio from 'twilio';
import {
    accountSid, advance, authToken, client, control, mails, number, order, origin, porting, Receiver, SandboxClient, signOnPage, until, upload,
} from './sandbox.mjs';

let receiver;
before(async () => { receiver = await new Receiver().start(); });
after(() => receiver.stop());

const fetched = port => porting.portingPortIns(port.portInRequestSid).fetch();
const statuses = (port, phone = null) => receiver.of(port).filter(event => event.phone_number === phone).map(event => event.status);

/** A port whose letter waits to be signed. */
async function waiting(numbers = [number()], changes = {}, losing = {}) {
    const port = await porting.portingPortIns.create(await order(numbers, changes, losing));
    await advance(port);
    return fetched(port);
}

/** What the call is refused with. */
const refused = (call, status, code) => assert.rejects(call, error => {
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
});

test('the webhook is configured, read, filtered and removed', async () => {
    const made = await porting.portingWebhookConfigurations.create({
        port_in_target_url: receiver.url, port_out_target_url: `${receiver.url}&out`, notifications_of: ['PortInCompleted'] });
    assert.deepEqual([made.portInTargetUrl, made.notificationsOf], [receiver.url, ['PortInCompleted']]);
    const read = await porting.webhook.fetch();
    assert.deepEqual([read.portInTargetUrl, read.portOutTargetUrl], [receiver.url, `${receiver.url}&out`]);
    assert.ok(read.portInTargetDateCreated instanceof Date && read.portOutTargetDateCreated instanceof Date);
    assert.equal(await porting.portingWebhookConfigurationsDelete('PORT_OUT').remove(), true);
    assert.equal((await porting.webhook.fetch()).portOutTargetUrl, null);
    const port = await waiting();
    await signOnPage(port.signatureRequestUrl, { signature: 'Dana Whitfield' });
    await advance(port, 2);
    await until('the only webhook', () => receiver.of(port).length);
    assert.deepEqual(statuses(port), ['Completed']);
    await porting.portingWebhookConfigurations.create({ port_in_target_url: receiver.url, notifications_of: [] });
});

test('portability: yes, no with a reason, no with 400, and what is no number', async () => {
    const free = await porting.portingPortabilities(number()).fetch({ targetAccountSid: accountSid });
    assert.deepEqual([free.portable, free.numberType, free.country, free.notPortableReasonCode], [true, 'LOCAL', 'US', null]);
    const mobile = await porting.portingPortabilities(number('0195')).fetch();
    assert.deepEqual([mobile.numberType, mobile.pinAndAccountNumberRequired], ['MOBILE', true]);
    const tollFree = await porting.portingPortabilities('+18005550100').fetch();
    assert.deepEqual([tollFree.portable, tollFree.notPortableReason, tollFree.notPortableReasonCode, tollFree.numberType],
        [false, 'MANUAL_PORTING_AVAILABLE', 22133, 'TOLL-FREE']);
    const unsupported = await fetch(`${origin}/v1/Porting/Portability/PhoneNumber/${encodeURIComponent(number('0199'))}`,
        { headers: { Authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` } });
    assert.deepEqual([unsupported.status, (await unsupported.json()).not_portable_reason_code], [400, 22130]);
    await assert.rejects(porting.portingPortabilities(number('0199')).fetch(), { status: 400 });
    await refused(porting.portingPortabilities('415').fetch(), 400, 22102);
    await refused(porting.portingPortabilities(number()).fetch({ targetAccountSid: `AC${'1'.repeat(32)}` }), 403, 20003);
});

test('a port of two numbers from the bill to the inventory, its letter signed with a drawing', async () => {
    const numbers = [number(), number()];
    const port = await porting.portingPortIns.create(await order(numbers, {
        target_port_in_date: '2099-02-03', target_port_in_time_range_start: '20:00:00-08:00', target_port_in_time_range_end: '21:00:00-08:00' }));
    assert.equal(port.portInRequestStatus, 'In review');
    assert.deepEqual([port.targetPortInDate.toISOString().slice(0, 10), port.targetPortInTimeRangeStart], ['2099-02-04', '04:00:00Z']);
    assert.ok(port.supportTicketId > 0 && port.dateCreated instanceof Date && port.signatureRequestUrl === null);
    await advance(port);
    let now = await fetched(port);
    assert.equal(now.portInRequestStatus, 'Waiting for Signature');
    const mail = (await until('the letter', async () => (await mails('dana@harbor.example')).filter(
        each => each.text.includes(now.signatureRequestUrl))[0]));
    assert.match(mail.subject, /^Porting Letter of Authorization \(LOA\) - Signature requested by Twilio Onboarding Team before \w{3} \d+, \d{4}$/);
    const drawing = '10,60 20,30 30,70 40,30 50,70;80,50 90,50 100,50 110,55';
    assert.equal((await signOnPage(now.signatureRequestUrl, { how: 'draw', drawing })).status, 303);
    const letter = await fetch(`${now.signatureRequestUrl}/letter.pdf`);
    assert.equal(Buffer.from(await letter.arrayBuffer()).subarray(0, 5).toString(), '%PDF-');
    assert.equal((await fetched(port)).portInRequestStatus, 'In progress');
    await advance(port);
    now = await fetched(port);
    assert.deepEqual(now.phoneNumbers.map(each => each.portInPhoneNumberStatus), ['port_pending', 'port_pending']);
    assert.ok(now.phoneNumbers[0].portDate instanceof Date || now.phoneNumbers[0].portDate);
    assert.equal((await client.incomingPhoneNumbers.list({ phoneNumber: numbers[0] })).length, 0);
    await advance(port);
    assert.equal((await fetched(port)).portInRequestStatus, 'Completed');
    const [owned] = await client.incomingPhoneNumbers.list({ phoneNumber: numbers[0] });
    assert.deepEqual([owned.phoneNumber, owned.accountSid, owned.capabilities.voice], [numbers[0], accountSid, true]);
    assert.equal((await client.incomingPhoneNumbers(owned.sid).fetch()).phoneNumber, numbers[0]);
    const one = await porting.portingPortInPhoneNumber(port.portInRequestSid, now.phoneNumbers[0].portInPhoneNumberSid).fetch();
    assert.deepEqual([one.phoneNumber, one.portInPhoneNumberStatus, one.missingRequiredFields, one.country], [numbers[0], 'completed', false, 'US']);
    await until('the webhooks', () => receiver.of(port).length === 11);
    assert.deepEqual(statuses(port), ['Waiting for Signature', 'In progress', 'Completed']);
    for (const each of numbers)
        assert.deepEqual(statuses(port, each), ['waiting_for_signature', 'port_submitted', 'port_pending', 'completed']);
    assert.equal((await porting.portingPortabilities(numbers[0]).fetch()).notPortableReasonCode, 22131);
    await refused(porting.portingPortIns(port.portInRequestSid).remove(), 400, 20001);
});

test('rejected, the number canceled, sent again with what was wrong corrected', async () => {
    const phone = number();
    const body = await order([phone]);
    body.phone_numbers[0].pin = '0000';
    const port = await porting.portingPortIns.create(body);
    await advance(port);
    await control(`ports/${port.portInRequestSid}/sign`);
    await advance(port);
    let now = await fetched(port);
    const [rejected] = now.phoneNumbers;
    assert.deepEqual([now.portInRequestStatus, rejected.portInPhoneNumberStatus, rejected.rejectionReason],
        ['Action Required', 'port_rejected', 'INVALID_PIN']);
    assert.equal(typeof rejected.rejectionReasonCode, 'string');
    const sub = porting.portingPortInPhoneNumber(port.portInRequestSid, rejected.portInPhoneNumberSid);
    assert.equal(typeof (await sub.fetch()).rejectionReasonCode, 'number');
    const [listed] = await porting.portingAllPortIns.list({ portInRequestSid: port.portInRequestSid });
    assert.deepEqual([listed.portInRequestStatus, listed.phoneNumbersRequested, listed.phoneNumbersPorted], ['Action Required', 1, 0]);
    assert.match(listed.suggestedAction, /rejection reason/);
    await refused(porting.portingPortIns.create(await order([phone])), 400, 22137);
    assert.equal(await sub.remove(), true);
    assert.equal((await sub.fetch()).portInPhoneNumberStatus, 'canceling');
    await advance(port);
    now = await fetched(port);
    assert.equal(now.portInRequestStatus, 'Canceled');
    assert.equal((await waiting([phone])).portInRequestStatus, 'Waiting for Signature');
    await until('the webhook of the rejection', () => statuses(port).includes('Action Required'));
});

test('what the losing carrier answers can be chosen, and taken back', async () => {
    const port = await waiting();
    await control(`ports/${port.portInRequestSid}/answer`, { reason: 'INVALID_ADDRESS' });
    await control(`ports/${port.portInRequestSid}/answer`, { reason: null });
    await control(`ports/${port.portInRequestSid}/answer`, { reason: 'INVALID_END_USER_NAME' });
    await control(`ports/${port.portInRequestSid}/sign`, { name: 'Dana W.' });
    const told = await advance(port);
    assert.equal(told.phone_numbers[0].rejection_reason, 'INVALID_END_USER_NAME');
    await assert.rejects(control(`ports/${port.portInRequestSid}/answer`, { reason: 'NONSENSE' }), { status: 400 });
    await assert.rejects(control(`ports/${port.portInRequestSid}/answer`, { reason: 'INVALID_PIN' }), { status: 409 });
});

test('the numbers of one port have different fates', async () => {
    const numbers = [number(), number(), number()];
    const port = await waiting(numbers);
    const answer = (phone_number, reason) => control(`ports/${port.portInRequestSid}/answer`, { phone_number, reason });
    await answer(numbers[1], 'INVALID_ADDRESS');
    await assert.rejects(answer(number(), 'INVALID_ADDRESS'), { status: 409 });
    await control(`ports/${port.portInRequestSid}/sign`);
    await advance(port);
    const [first, second, third] = (await fetched(port)).phoneNumbers;
    assert.deepEqual([first, second, third].map(each => each.portInPhoneNumberStatus), ['port_pending', 'port_rejected', 'port_pending']);
    await porting.portingPortInPhoneNumber(port.portInRequestSid, second.portInPhoneNumberSid).remove();
    await porting.portingPortInPhoneNumber(port.portInRequestSid, third.portInPhoneNumberSid).remove();
    await advance(port, 3);
    const now = await fetched(port);
    assert.deepEqual(now.phoneNumbers.map(each => each.portInPhoneNumberStatus), ['completed', 'canceled', 'canceled']);
    assert.equal(now.portInRequestStatus, 'Completed', 'which is not all ported');
    const [listed] = await porting.portingAllPortIns.list({ portInRequestSid: port.portInRequestSid });
    assert.deepEqual([listed.phoneNumbersRequested, listed.phoneNumbersPorted], [3, 1]);
});

test('canceled as a whole, before and after the letter was signed', async () => {
    for (const signed of [false, true]) {
        const port = await waiting([number(), number()]);
        if (signed) await signOnPage(port.signatureRequestUrl, { signature: 'Dana Whitfield' });
        assert.equal(await porting.portingPortIns(port.portInRequestSid).remove(), true);
        await advance(port);
        const now = await fetched(port);
        assert.deepEqual([now.portInRequestStatus, now.orderCancellationReason], ['Canceled', 'Canceled by customer']);
        assert.deepEqual(now.phoneNumbers.map(each => each.portInPhoneNumberStatus), ['canceled', 'canceled']);
    }
});

test('the letter runs out of time', async () => {
    const port = await waiting();
    await control(`ports/${port.portInRequestSid}/expire`);
    assert.equal((await fetched(port)).portInRequestStatus, 'Expired');
    assert.equal((await fetch(port.signatureRequestUrl)).status, 410);
    await assert.rejects(control(`ports/${port.portInRequestSid}/sign`), { status: 409 });
    await until('its webhook', () => statuses(port).includes('Expired'));
});

test('the letter is declined on its page', async () => {
    const port = await waiting();
    const page = await (await fetch(`${port.signatureRequestUrl}/decline`)).text();
    assert.match(page, /This letter cannot be signed later/);
    const answer = await fetch(`${port.signatureRequestUrl}/decline`, {
        method: 'POST', redirect: 'manual', body: new URLSearchParams({ reason: 'The address is our old one' }) });
    assert.equal(answer.status, 303);
    const now = await fetched(port);
    assert.deepEqual([now.portInRequestStatus, now.orderCancellationReason, now.signatureRequestUrl],
        ['Canceled', 'Signature request declined by the authorized representative: The address is our old one', null]);
    assert.match(await (await fetch(port.signatureRequestUrl)).text(), /This letter was declined/);
    await until('its webhook', () => statuses(port).includes('Canceled'));
});

test('the letter carries the account\'s own words and logo, and brings the signer back', async () => {
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    const logo = await upload(png, 'logo', 'image/png');
    const configurations = porting.signingRequestConfigurations;
    const made = await configurations.create({ product: 'Porting', country: 'US', friendly_name: 'Northline', logo_sid: logo.sid,
        email_subject: 'Northline asks for your signature', email_message: 'Hello,\nplease sign.', url_redirection: 'https://desk.example/signed?x=1' });
    assert.equal(made.emailSubject, 'Northline asks for your signature');
    const [read] = await configurations.list({ country: 'US', product: 'Porting' });
    assert.deepEqual([read.urlRedirection, read.logoSid], ['https://desk.example/signed?x=1', logo.sid]);
    assert.equal((await configurations.list({ country: 'MX' })).length, 0);
    const port = await waiting([number()], {}, { authorized_representative_email: 'branded@harbor.example' });
    const mail = await until('the letter', async () => (await mails('branded@harbor.example'))[0]);
    assert.equal(mail.subject, 'Northline asks for your signature');
    assert.match(mail.text, /Hello,\r?\nplease sign\./);
    const picture = await fetch(mail.html.match(/<img src="([^"]+)"/)[1]);
    assert.deepEqual([picture.status, Buffer.from(await picture.arrayBuffer())], [200, png]);
    const signed = await signOnPage(port.signatureRequestUrl, { signature: 'Dana Whitfield' });
    assert.deepEqual([signed.status, signed.headers.get('location')], [303, 'https://desk.example/signed?x=1']);
    await refused(configurations.create({ email_subject: 'x'.repeat(256) }), 400, 20001);
    await refused(configurations.create({ email_message: 'x'.repeat(5001) }), 400, 20001);
    await refused(configurations.create({ logo_sid: `RD${'0'.repeat(32)}` }), 400, 20404);
    await configurations.create({ product: 'Porting', country: 'US' });
});

test('the list: pages, and each filter', async () => {
    const made = [];
    for (let i = 0; i < 3; i++) made.push((await porting.portingPortIns.create(await order([number()]))).portInRequestSid);
    const portInRequestSid = made.join(',');
    const list = extra => porting.portingAllPortIns.list({ portInRequestSid, ...extra });
    assert.deepEqual((await list({})).map(each => each.portInRequestSid), made.reverse());
    assert.equal((await list({ size: 2 })).length, 2);
    assert.equal((await list({ size: 2, token: made[2] })).length, 1);
    assert.equal((await list({ portInRequestStatus: 'In review' })).length, 3);
    assert.equal((await list({ portInRequestStatus: 'Completed' })).length, 0);
    assert.equal((await list({ createdBefore: '2020-01-01' })).length, 0);
    assert.equal((await list({ createdAfter: '2020-01-01' })).length, 3);
    await refused(list({ size: 101 }), 400, 20001);
});

test('an address by its SID is copied into the port', async () => {
    const address = await client.addresses.create({ customerName: 'Harbor & Pine', street: '9 Main St', city: 'Reno', region: 'NV',
        postalCode: '89501', isoCountry: 'US' });
    assert.equal((await client.addresses(address.sid).fetch()).city, 'Reno');
    const port = await porting.portingPortIns.create(await order([number()], {}, { address: undefined, address_sid: address.sid }));
    assert.deepEqual([port.losingCarrierInformation.addressSid ?? port.losingCarrierInformation.address_sid,
        port.losingCarrierInformation.address.street], [address.sid, '9 Main St']);
});

test('what is refused, with Twilio\'s codes', async () => {
    const create = async (numbers, changes, losing) => porting.portingPortIns.create(await order(numbers, changes, losing));
    await refused(create(['+14155550100', '+14165550100']), 400, 22172);
    await refused(create(['415'], {}, { account_telephone_number: undefined }), 400, 22172);
    await refused(create([number()], {}, { account_telephone_number: '415' }), 400, 22102);
    await refused(create([number('0195')], {}, { account_number: undefined }), 400, 22171);
    await refused(create([number('0198')]), 400, 22132);
    await refused(create([number()], { account_sid: `AC${'1'.repeat(32)}` }), 403, 20003);
    await refused(create([number()], { documents: [`RD${'0'.repeat(32)}`] }), 400, 20404);
    await refused(create([number()], { documents: [(await upload('')).sid] }), 400, 20001);
    await refused(create([number()], { documents: [(await upload('%PDF-1.4', 'passport')).sid] }), 400, 22171);
    await refused(create([number()], { target_port_in_date: '2020-01-01' }), 400, 20001);
    await refused(create([number()], { notification_emails: Array.from({ length: 11 }, (_, i) => `a${i}@b.example`) }), 400, 20001);
    await refused(porting.portingPortIns(`KW${'0'.repeat(32)}`).fetch(), 404, 20404);
});

test('an API key does as well as the account; wrong credentials do not', async () => {
    const { SANDBOX_API_KEY_SID: key, SANDBOX_API_KEY_SECRET: secret } = process.env;
    const byKey = twilio(key, secret, { accountSid, httpClient: new SandboxClient() });
    assert.ok((await byKey.numbers.v1.portingAllPortIns.list({ size: 1 })).length);
    const wrong = twilio(key, 'wrong', { accountSid, httpClient: new SandboxClient() });
    await refused(wrong.numbers.v1.portingAllPortIns.list({ size: 1 }), 401, 20003);
});

test('Lookup tells the carrier and the kind of line', async () => {
    const found = await client.lookups.v2.phoneNumbers(number('0195')).fetch({ fields: 'line_type_intelligence' });
    assert.deepEqual([found.valid, found.countryCode, found.lineTypeIntelligence.type], [true, 'US', 'mobile']);
    assert.equal((await client.lookups.v2.phoneNumbers('+14155550100').fetch()).lineTypeIntelligence, null);
});

// The last two: they move the clock, and remove everything.
test('days pass on the clock, to the minute when wanted', async () => {
    const port = await waiting();
    await signOnPage(port.signatureRequestUrl, { signature: 'Dana Whitfield' });
    const { now } = await control('clock', { advance_seconds: 2 * 86400 });
    const [pending] = (await fetched(port)).phoneNumbers;
    assert.equal(pending.portInPhoneNumberStatus, 'port_pending');
    const to = new Date(pending.portDate).toISOString();
    assert.ok(new Date(to) > new Date(now));
    const there = await control('clock', { to, speed: 1 });
    assert.equal(there.speed, 1);
    assert.ok(new Date(there.now) - new Date(to) >= 0 && new Date(there.now) - new Date(to) < 60000, `${there.now}, wanted ${to}`);
    assert.equal((await fetched(port)).portInRequestStatus, 'Completed');
    await assert.rejects(control('clock', { to: '2020-01-01T00:00:00Z' }), { status: 400 });
    assert.equal(receiver.forged, 0);
});

test('everything can be thrown away', async () => {
    await until('the last mail and webhook', async () => (await (await fetch(`${origin}/control/api/state`)).json()).deliveries_waiting === 0);
    await control('reset');
    assert.equal((await porting.portingAllPortIns.list()).length, 0);
    assert.equal((await mails('dana@harbor.example')).length, 0);
    await refused(porting.webhook.fetch(), 404, 20404);
});

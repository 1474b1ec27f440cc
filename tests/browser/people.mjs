// What tests of people share.

/** The path of the link in a mail. */
export const linkOf = mail => mail.text.match(/\/join\/acc_\w+\/[\w-]{43}/)[0];

/** From the page of the people to an invitation that is on its way. */
export async function invite(person, email, { name = 'Robin Vale', role = 'agent' } = {}) {
    const { page } = person;
    await page.click('a[href$="/invite"]');
    await page.fill('#name', name);
    await page.fill('#email', email);
    await page.check(`[name=role][value=${role}]`);
    await page.click('form:has(#email) [type=submit]');
    await page.waitForSelector('.toast');
}

// Chromium's virtual authenticator, and the ways that tests take with it.

export const passkeysPage = '/settings/passkeys';

/** An authenticator in the person's page, which says yes to everything at once. So that a test says when a passkey is used, the browser does
 * not offer any at the e-mail field, unless `offers`. */
export async function authenticator(person, { offers = false, ...options } = {}) {
    if (!offers) await person.context.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = undefined; });
    const cdp = await person.context.newCDPSession(person.page);
    await cdp.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
            automaticPresenceSimulation: true, ...options,
        },
    });
    return {
        credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
        /** The same key in another authenticator, as it stands. */
        take: credential => cdp.send('WebAuthn.addCredential', { authenticatorId, credential }),
        clear: () => cdp.send('WebAuthn.clearCredentials', { authenticatorId }),
        verified: isUserVerified => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
        present: enabled => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    };
}

/** Adds a passkey in the settings; the page says so afterwards. */
export async function addPasskey(person, name, password) {
    await person.page.goto(passkeysPage);
    await person.page.fill('#name', name);
    if (password) await person.page.fill('#password', password);
    await Promise.all([person.page.waitForNavigation(), person.page.click('#passkey-add [type=submit]')]);
}

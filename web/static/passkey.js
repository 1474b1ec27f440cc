// Passkeys: adding one in the settings, and signing in with one. The forms are hidden until this script has seen that the browser can.
const can = globalThis.isSecureContext && typeof globalThis.PublicKeyCredential === 'function' && navigator.credentials;
const timeout = 240000; // a challenge is good for five minutes

function bytes(text) {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, letter => letter.charCodeAt(0));
}

function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Sends the form as it stands, with what the authenticator said. */
function send(form, fields) {
    for (const [name, buffer] of Object.entries(fields)) {
        const input = document.createElement('input');
        input.type = 'hidden';
        input.name = name;
        input.value = text(buffer);
        form.append(input);
    }
    form.submit();
}

function say(form, sentence) {
    const alert = form.querySelector('[role=alert]');
    alert.hidden = !sentence;
    alert.querySelector('span').textContent = sentence;
}

/** What the browser's refusal means. That somebody closed the dialog is told in the same words as that it took too long: browsers do not
 * tell them apart. */
function why(form, failure) {
    if (failure.name === 'InvalidStateError' && form.dataset.known) return form.dataset.known;
    return failure.name === 'SecurityError' ? form.dataset.unsafe : form.dataset.failed;
}

async function json(address, options = {}) {
    const answer = await fetch(address, {
        ...options, credentials: 'same-origin', headers: { Accept: 'application/json', ...options.headers },
    });
    return { ok: answer.ok, said: await answer.json() };
}

/** Does it once at a time, and tells what went wrong. */
function onSubmit(form, act) {
    let busy = false;
    form.addEventListener('submit', async event => {
        event.preventDefault();
        if (busy) return;
        busy = true;
        say(form, '');
        try {
            await act();
        } catch (failure) {
            say(form, why(form, failure));
        }
        busy = false;
    });
}

const adding = document.getElementById('passkey-add');

async function add() {
    const { name, password, csrf } = adding.elements;
    if (!name.value.trim()) {
        adding.submit(); // the desk says what is missing
        return;
    }
    const { ok, said } = await json('/settings/passkeys/begin', {
        method: 'POST', headers: { 'X-CSRF-Token': csrf.value }, body: new URLSearchParams({ password: password?.value ?? '' }),
    });
    if (!ok) {
        if (said.field === 'password' && !password) location.reload(); // it is a while since the sign-in: now it is asked for
        else say(adding, said.title);
        if (said.field === 'password') password?.focus();
        return;
    }
    const made = await navigator.credentials.create({
        publicKey: {
            challenge: bytes(said.challenge),
            rp: { id: said.rp, name: said.rp_name },
            user: { id: bytes(said.user), name: said.user_name, displayName: said.user_display },
            pubKeyCredParams: [{ type: 'public-key', alg: -8 }, { type: 'public-key', alg: -7 }],
            authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
            excludeCredentials: said.exclude.map(id => ({ type: 'public-key', id: bytes(id) })),
            attestation: 'none', timeout,
        },
    });
    if (password) password.disabled = true; // it was asked for already, and need not go out again
    send(adding, { client_data: made.response.clientDataJSON, attestation: made.response.attestationObject });
}

const signingIn = document.getElementById('passkey-sign-in');
let offered; // the request that waits in the e-mail field's list

async function signIn(options = {}) {
    const { ok, said } = await json('/sign-in/passkey');
    if (!ok) {
        say(signingIn, said.title);
        return;
    }
    const found = await navigator.credentials.get({
        publicKey: { challenge: bytes(said.challenge), rpId: said.rp, userVerification: 'required', timeout }, ...options,
    });
    send(signingIn, {
        credential: found.rawId, user_handle: found.response.userHandle ?? new ArrayBuffer(0),
        client_data: found.response.clientDataJSON, auth_data: found.response.authenticatorData, signature: found.response.signature,
    });
}

/** Passkeys in the list that the browser opens at the e-mail field, with a new challenge before the old one is too old. */
async function offer() {
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
    for (let again = true; again;) {
        const request = offered = new AbortController();
        const timer = setTimeout(() => request.abort('renew'), timeout);
        try {
            await signIn({ mediation: 'conditional', signal: request.signal });
            again = false;
        } catch {
            again = request.signal.aborted && request.signal.reason === 'renew';
        }
        clearTimeout(timer);
    }
}

if (can && adding) {
    document.getElementById('passkey-none').hidden = true;
    adding.hidden = false;
    onSubmit(adding, add);
}
if (can && signingIn) {
    signingIn.hidden = false;
    onSubmit(signingIn, async () => {
        offered?.abort('pressed');
        await signIn();
    });
    offer();
}

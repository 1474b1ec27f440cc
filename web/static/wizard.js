// Every step of the wizard: what is typed is saved by itself, and what is odd is told beside the field once it was left.
const form = document.getElementById('wizard');
const busy = (globalThis.wizardBusy ||= new Set()); // promises that a submit waits for
let timer = 0;
let flight = null; // the save that is under way: the next one waits, so that none overtakes another
let sent = snapshot();

function fields() {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    // A PIN is sent when its field was left, not while it is being typed.
    if (document.activeElement?.name === 'pin') data.delete('pin');
    data.delete('key');
    data.set('autosave', '1');
    return form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
}

function snapshot() {
    return form ? new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString() : '';
}

function tell(answer) {
    const ok = document.getElementById('saved-ok'), failed = document.getElementById('saved-failed');
    ok.hidden = !answer;
    failed.hidden = !!answer;
    if (!answer) return;
    const time = ok.querySelector('time');
    time.textContent = answer.saved_at;
    time.dateTime = answer.saved_at_iso;
}

/** The sentences that belong to filled fields which nobody is typing in. */
function note(findings) {
    for (const box of form.querySelectorAll('.note-box')) {
        const name = box.id.replace(/-n$/, '');
        const control = form.elements[name];
        const typing = document.activeElement?.name === name;
        const found = findings.find(each => each.field === name && each.severity !== 'good');
        const filled = control && 'value' in control ? control.value !== '' : false;
        const told = document.getElementById(`${name}-e`);
        if (told && !typing && found?.severity !== 'must') {
            told.remove();
            control?.removeAttribute?.('aria-invalid');
            box.closest('.bad')?.classList.remove('bad');
        }
        if (typing || document.getElementById(`${name}-e`)) continue;
        box.replaceChildren();
        if (!found || !filled) continue;
        const evidence = document.createElement('div'), line = document.createElement('p'), text = document.createElement('span');
        evidence.className = 'evidence tone-warn';
        text.textContent = found.sentence;
        line.append(text);
        evidence.append(line);
        box.append(evidence);
    }
}

async function save(keepalive = false) {
    clearTimeout(timer);
    const now = snapshot();
    if (now === sent) return;
    sent = now;
    const abort = flight = new AbortController();
    try {
        const answer = await fetch(form.action, {
            method: 'POST', body: fields(), keepalive, redirect: 'error', credentials: 'same-origin', signal: abort.signal,
            headers: { Accept: 'application/json', 'X-CSRF-Token': form.elements.csrf.value },
        });
        const told = answer.ok ? await answer.json() : null;
        if (!told) sent = '';
        tell(told);
        if (told) {
            note(told.findings);
            document.dispatchEvent(new CustomEvent('wizard:saved', { detail: told }));
        }
    } catch {
        if (!abort.signal.aborted) {
            sent = '';
            if (!keepalive) tell(null);
        }
    } finally {
        if (flight === abort) flight = null;
    }
}

let queue = Promise.resolve();
function saveSoon() {
    clearTimeout(timer);
    const job = queue = queue.then(() => save());
    busy.add(job);
    job.finally(() => busy.delete(job));
}

/** The page goes away: what is under way is out of date, and what is there now is sent even when the page has gone. */
function saveAtOnce() {
    if (snapshot() === sent) return;
    flight?.abort();
    save(true);
}

if (form) {
    form.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(saveSoon, 900);
    });
    form.addEventListener('change', event => {
        if (event.target.type !== 'file') saveSoon();
    });
    // What is under way ends first, so that two saves never overtake each other. The second submit of a double click carries the
    // same key as the first.
    let leaving = false;
    form.addEventListener('submit', async event => {
        clearTimeout(timer);
        if (leaving || !busy.size) {
            leaving = true;
            return undefined;
        }
        event.preventDefault();
        const submitter = event.submitter;
        while (busy.size) await Promise.allSettled([...busy]);
        if (leaving) return undefined;
        if (!submitter || submitter.isConnected) {
            form.requestSubmit(submitter);
            return undefined;
        }
        // The save has drawn the part of the page anew in which the button stood.
        const pressed = document.createElement('input');
        Object.assign(pressed, { type: 'hidden', name: submitter.name, value: submitter.value });
        form.append(pressed);
        form.requestSubmit();
        return undefined;
    });
    addEventListener('pageshow', () => {
        leaving = false;
    });
    addEventListener('pagehide', () => {
        if (!leaving) saveAtOnce();
    });
    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden' && !leaving) saveAtOnce();
    });
}

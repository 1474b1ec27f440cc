// Step 3: files go up one after the other, each with its progress and a way to stop it; the list comes from the server.
const form = document.getElementById('wizard');
const input = document.getElementById('bill');
const drop = input?.closest('.drop');
const files = document.getElementById('files');
const uploads = document.getElementById('uploads');
const words = document.getElementById('upload-words')?.dataset;
const busy = (globalThis.wizardBusy ||= new Set());
let queue = Promise.resolve();

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function button(word, name, act) {
    const made = document.createElement('button'), hidden = document.createElement('span');
    made.type = 'button';
    made.className = 'btn quiet sm';
    hidden.className = 'vh';
    hidden.textContent = ` ${name}`;
    made.append(word, hidden);
    made.addEventListener('click', act);
    return made;
}

/** One row while a file is on its way, and while it tells why it was not taken. */
class Row {
    constructor(file) {
        this.file = file;
        this.element = document.createElement('div');
        this.element.className = 'filerow card';
        this.name = document.createElement('b');
        this.name.textContent = file.name;
        this.under = document.createElement('div');
        this.under.className = 'under stack-2';
        this.progress = document.createElement('progress');
        this.progress.max = 100;
        this.progress.value = 0;
        this.progress.setAttribute('aria-label', file.name);
        this.hint = document.createElement('p');
        this.hint.className = 'hint';
        this.under.append(this.progress, this.hint);
        this.act = button(words.stop, file.name, () => this.stop());
        const space = document.createElement('span');
        this.element.append(space, this.name, this.act, this.under);
        uploads.append(this.element);
    }

    stop() {
        this.stopped = true;
        this.request?.abort();
        this.element.remove();
    }

    moved(share) {
        this.progress.value = share;
        this.hint.textContent = share < 100 ? fill(words.uploading, { percent: share }) : words.checking;
    }

    failed(sentence) {
        const line = document.createElement('p'), text = document.createElement('span');
        line.className = 'field-error';
        line.setAttribute('role', 'alert');
        text.textContent = sentence;
        line.append(text);
        this.under.replaceChildren(line);
        const close = button(words.remove, this.file.name, () => this.element.remove());
        this.act.replaceWith(close);
    }
}

function send(row) {
    return new Promise(resolve => {
        if (row.stopped) return resolve();
        const data = new FormData();
        data.set('csrf', form.elements.csrf.value);
        data.set('autosave', '1');
        if (form.elements.bill_confirmed.checked) data.set('bill_confirmed', 'yes');
        data.append('bill', row.file, row.file.name);
        const request = row.request = new XMLHttpRequest();
        request.open('POST', form.action);
        request.setRequestHeader('Accept', 'application/json');
        request.setRequestHeader('X-CSRF-Token', form.elements.csrf.value);
        request.responseType = 'json';
        request.upload.addEventListener('progress', event => {
            if (event.lengthComputable) row.moved(Math.floor(event.loaded / event.total * 100));
        });
        request.addEventListener('load', () => {
            done(row, request);
            resolve();
        });
        for (const event of ['error', 'timeout']) {
            request.addEventListener(event, () => {
                row.failed(words.failed);
                resolve();
            });
        }
        request.addEventListener('abort', resolve);
        request.send(data);
        return undefined;
    });
}

function done(row, request) {
    const answer = request.response;
    if (request.status !== 200 || !answer) {
        row.failed(answer?.title || words.failed);
        return;
    }
    files.innerHTML = answer.html; // made by our own template, escaped there
    if (answer.refused.length) row.failed(answer.refused[0].sentence);
    else row.element.remove();
    document.dispatchEvent(new CustomEvent('wizard:uploaded', { detail: answer }));
}

function take(list) {
    for (const file of list) {
        const row = new Row(file);
        if (file.size > Number(words.max)) {
            row.failed(words.large);
            continue;
        }
        row.moved(0);
        const job = queue.then(() => send(row));
        queue = job;
        busy.add(job);
        job.finally(() => busy.delete(job));
    }
}

if (form && input && words) {
    for (const each of document.querySelectorAll('.no-js')) each.hidden = true;
    drop.classList.add('live');
    input.addEventListener('change', () => {
        take([...input.files]);
        input.value = '';
    });
    for (const event of ['dragenter', 'dragover']) drop.addEventListener(event, () => drop.classList.add('over'));
    for (const event of ['dragleave', 'drop']) drop.addEventListener(event, () => drop.classList.remove('over'));
    // A file that misses the box is not opened in place of the page.
    for (const event of ['dragover', 'drop']) {
        document.addEventListener(event, moved => {
            if (moved.target !== input) moved.preventDefault();
        });
    }
}

// Step 1: the list of carriers that narrows while one types, a CSV file into the list of numbers, verdicts while typing.
const input = document.getElementById('carrier');
const other = document.getElementById('carrier_other');
const numbers = document.getElementById('numbers');
const csv = document.getElementById('csv');
const shownAtMost = 8;

const plain = text => text.toLowerCase().normalize('NFKD').replace(/[^\p{L}\p{N}&*]+/gu, ' ').trim();
const carriers = [...document.querySelectorAll('#carriers option')].map(option => ({
    name: option.value, kind: option.textContent, usual: option.dataset.usual,
    words: plain(`${option.value} ${option.dataset.also}`).split(' '),
}));

function matches(typed) {
    const wanted = plain(typed).split(' ').filter(Boolean);
    const fits = carriers.filter(each => wanted.every(part => each.words.some(word => word.startsWith(part))));
    const first = plain(typed);
    return fits.sort((a, b) => Number(plain(b.name).startsWith(first)) - Number(plain(a.name).startsWith(first))).slice(0, shownAtMost);
}

function combobox() {
    const list = document.createElement('ul');
    let active = -1;
    list.className = 'combo-list';
    list.id = 'carrier-list';
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.labels[0].textContent);
    input.closest('.field').append(list);
    input.removeAttribute('list');
    // The list offers it; the box stands below only while it is ticked.
    const showOther = () => { other.closest('label').hidden = !other.checked; };
    showOther();
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', list.id]])
        input.setAttribute(name, value);

    function option(index, main, sub, end, take) {
        const item = document.createElement('li'), text = document.createElement('span'), bold = document.createElement(sub ? 'b' : 'span');
        item.id = `carrier-${index}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', 'false');
        bold.textContent = main;
        text.append(bold);
        if (sub) {
            const small = document.createElement('small');
            small.textContent = sub;
            text.append(document.createElement('br'), small);
        }
        item.append(text);
        if (end) {
            const right = document.createElement('span');
            right.className = 'end';
            right.textContent = end;
            item.append(right);
        }
        // The field keeps the focus.
        item.addEventListener('mousedown', event => event.preventDefault());
        item.addEventListener('click', take);
        return item;
    }

    function open() {
        const found = matches(input.value);
        const items = found.map((each, index) => option(index, each.name, each.kind, each.usual, () => choose(each.name, false)));
        items.push(option(items.length, other.labels[0].querySelector('span').firstChild.textContent.trim(), '', '', () => choose(input.value, true)));
        list.replaceChildren(...items);
        list.hidden = false;
        input.setAttribute('aria-expanded', 'true');
        mark(-1);
    }

    function close() {
        list.hidden = true;
        input.setAttribute('aria-expanded', 'false');
        input.removeAttribute('aria-activedescendant');
        active = -1;
    }

    function mark(index) {
        active = index;
        [...list.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === index)));
        if (index < 0) input.removeAttribute('aria-activedescendant');
        else {
            input.setAttribute('aria-activedescendant', list.children[index].id);
            list.children[index].scrollIntoView({ block: 'nearest' });
        }
    }

    function choose(name, isOther) {
        input.value = name;
        other.checked = isOther;
        showOther();
        close();
        input.dispatchEvent(new Event('change', { bubbles: true }));
    }

    input.addEventListener('input', () => {
        other.checked = false;
        showOther();
        open();
    });
    input.addEventListener('click', () => list.hidden && open());
    input.addEventListener('blur', close);
    input.addEventListener('keydown', event => {
        const count = list.children.length;
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            if (list.hidden) open();
            const total = list.children.length;
            mark(event.key === 'ArrowDown' ? (active + 1) % total : (active <= 0 ? total : active) - 1);
        } else if (event.key === 'Enter' && !list.hidden && active >= 0 && active < count) {
            event.preventDefault();
            list.children[active].click();
        } else if (event.key === 'Escape' && !list.hidden) {
            event.preventDefault();
            close();
        }
    });
}

if (input && other) combobox();

if (csv && numbers) {
    csv.closest('.js-only').hidden = false;
    csv.addEventListener('change', async () => {
        const file = csv.files[0];
        if (!file) return;
        const text = (await file.slice(0, Number(csv.dataset.max)).text()).replace(/^\uFEFF/, '').replace(/\0/g, '');
        numbers.value = numbers.value.trim() ? `${numbers.value.trimEnd()}\n${text}` : text;
        csv.value = '';
        numbers.dispatchEvent(new Event('change', { bubbles: true }));
        numbers.focus();
    });
}

// The verdicts are drawn anew after each save, but never under a finger, and whoever has the focus in them keeps it.
const verdicts = document.getElementById('verdicts');
let pressing = false;
let waiting = null;

function draw(html) {
    waiting = null;
    const name = verdicts.contains(document.activeElement) ? document.activeElement.value : null;
    verdicts.innerHTML = html; // made by our own template, escaped there
    if (name) [...verdicts.querySelectorAll('button')].find(each => each.value === name)?.focus();
}

verdicts?.addEventListener('pointerdown', () => {
    pressing = true;
});
for (const over of ['pointerup', 'pointercancel'])
    addEventListener(over, () => {
        pressing = false;
        // After the click that belongs to it.
        setTimeout(() => waiting !== null && draw(waiting));
    });
document.addEventListener('wizard:saved', event => {
    if (typeof event.detail.html !== 'string') return;
    if (pressing) waiting = event.detail.html;
    else draw(event.detail.html);
});

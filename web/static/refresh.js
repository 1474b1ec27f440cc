// Asks now and then whether anything is new on this request, and shows it. Without this script "Look again" does the same.
(() => {
    'use strict';
    const script = document.currentScript;
    const { url, stamp } = script.dataset;
    const every = 4000;
    // Nobody loses what they are typing.
    const busy = () => {
        const at = document.activeElement;
        const fields = [...document.querySelectorAll('main textarea, main select, main input:not([type=hidden]):not([readonly])')];
        return (at && at.matches('main input, main select, main textarea'))
            || fields.some(field => field.matches('select')
                ? [...field.options].some(option => option.selected !== option.defaultSelected && field.value !== '')
                : field.matches('[type=checkbox], [type=radio]') ? field.checked !== field.defaultChecked
                    : field.value !== field.defaultValue);
    };
    const look = async () => {
        if (!document.hidden && !busy()) {
            try {
                const answer = await fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
                if (answer.status === 401 || answer.status === 404) return;
                if (answer.ok && (await answer.json()).state !== stamp && !busy()) {
                    location.reload();
                    return;
                }
            } catch {
                // The server is away for a moment: ask again.
            }
        }
        setTimeout(look, every);
    };
    setTimeout(look, every);
})();

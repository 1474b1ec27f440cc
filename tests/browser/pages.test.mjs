// Every page of the table of routes: opened as somebody who may, with no finding of axe and no complaint of the console, in
// both widths, light and dark, and without a scrollbar to the side. A GET page in the table without a case here fails.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk, views } from './frame.mjs';
import { cases, noPages } from './pages.mjs';

let desk;
before(async () => {
    desk = await Desk.start('pages', { host: 'localhost' });
    desk.sharesSessions = true;
});
after(() => desk.stop());

test('every GET page of the route table has a case, and every case a page', () => {
    const pages = desk.routes().filter(route => route.method === 'GET' && route.rights !== 'outside').map(route => route.page);
    assert.ok(pages.length > 0);
    assert.deepEqual([...new Set(pages)].sort(), [...Object.keys(cases), ...noPages].sort());
});

for (const [name, open] of Object.entries(cases)) {
    test(`page ${name}`, async () => {
        const person = await open(desk, { viewport: { width: 1280, height: 900 } });
        for (const [theme, width] of views) {
            await person.page.setViewportSize({ width, height: 900 });
            await person.theme(theme);
            await person.looks(`${name}-${theme}-${width}`, { always: true });
            await person.fits();
        }
        await person.close();
    });
}

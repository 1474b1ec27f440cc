// Every page of the table of routes: opened as somebody who may, with no finding of axe and no complaint of the console, in
// both widths and without a scrollbar to the side. A GET page in the table without a case here fails.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Desk, onPostgres } from './frame.mjs';
import { cases, noPages } from './pages.mjs';

const widths = [[1280, 900, ''], ...(onPostgres ? [] : [[375, 740, '-narrow']])];
let desk;
before(async () => {
    desk = await Desk.start('pages');
});
after(() => desk.stop());

test('every GET page of the route table has a case, and every case a page', () => {
    const pages = desk.routes().filter(route => route.method === 'GET' && route.rights !== 'outside').map(route => route.page);
    assert.ok(pages.length > 0);
    assert.deepEqual([...new Set(pages)].sort(), [...Object.keys(cases), ...noPages].sort());
});

for (const [name, open] of Object.entries(cases)) {
    test(`page ${name}`, async () => {
        const person = await open(desk, { viewport: { width: widths[0][0], height: widths[0][1] } });
        for (const [width, height, suffix] of widths) {
            await person.page.setViewportSize({ width, height });
            await person.looks(`${name}${suffix}`);
            const spill = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(spill <= 0, `${name} is ${spill} px too wide at ${width}`);
        }
        await person.close();
    });
}

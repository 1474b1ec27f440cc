// Runs the browser tests: `node run.mjs` all *.test.mjs beside it, `node run.mjs NAME...` those files.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2).map(name => path.basename(name));
// How pages look and what people press is the same on either engine: most files run on one. What they store is tested on both by
// tests/integration. The lane on PostgreSQL, which is the shorter one, takes the look at every page.
const onPostgres = Boolean(process.env.PORTDESK_TEST_DATABASE), elsewhere = process.env.PORTDESK_TEST_ONCE === 'elsewhere';
const once = onPostgres ? ['desk', 'passkeys', 'people', 'sandbox', 'security', 'settings', 'stuck', 'wizard'].map(name => `${name}.test.mjs`)
    : elsewhere ? ['pages.test.mjs'] : [];
const files = (names.length ? names : fs.readdirSync(here).filter(name => name.endsWith('.test.mjs') && !once.includes(name)).sort());
if (!files.length) {
    console.log('no test file\n0 passed, 1 failed');
    process.exit(1);
}
const done = spawnSync(process.execPath, [
    '--test', '--test-concurrency=1', `--test-reporter=${path.join(here, 'reporter.mjs')}`, '--test-reporter-destination=stdout',
    ...files.map(name => path.join(here, name)),
], { stdio: ['ignore', 'inherit', 'inherit'] });
process.exit(done.status ?? 1);

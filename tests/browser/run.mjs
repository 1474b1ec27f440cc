// Runs the browser tests: `node run.mjs` all *.test.mjs beside it, `node run.mjs NAME...` those files.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2).map(name => path.basename(name));
// How each page looks, the wizard's fields and scripts, and the carrier's own pages are the same on either engine: they are looked at on
// one. What the wizard stores is tested on both by tests/integration/wizard_test.py.
const once = process.env.PORTDESK_TEST_DATABASE ? ['pages.test.mjs', 'sandbox.test.mjs', 'wizard.test.mjs'] : [];
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

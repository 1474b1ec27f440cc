// Prints one line a test, and the count as the last line. A skipped test counts as failed.
export default async function* (source) {
    let passed = 0;
    let failed = 0;
    for await (const event of source) {
        if (event.type === 'test:stderr' || event.type === 'test:stdout') yield event.data.message;
        if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
        const { name, details = {}, skip, todo } = event.data;
        // A file and a group are no tests of their own; they count only when they fail for a reason of their own.
        const container = details.type === 'suite' || name.endsWith('.test.mjs');
        const seconds = ((details.duration_ms ?? 0) / 1000).toFixed(1);
        if (event.type === 'test:pass') {
            if (container) continue;
            if (skip !== undefined || todo !== undefined) {
                failed += 1;
                yield `FAILED  ${name}: skipped\n`;
            } else {
                passed += 1;
                yield `ok      ${name} (${seconds} s)\n`;
            }
        } else if (details.error?.failureType !== 'subtestsFailed') {
            failed += 1;
            const cause = details.error?.cause ?? details.error;
            yield `FAILED  ${name} (${seconds} s)\n${String(cause?.stack ?? cause).replace(/^/gm, '        ')}\n`;
        }
    }
    yield `${passed} passed, ${failed} failed\n`;
}

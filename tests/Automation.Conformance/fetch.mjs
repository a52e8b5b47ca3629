// Fetches the packages of package.json for the tests:
//
//     node tests/Automation.Conformance/fetch.mjs
//
// Output: artifacts/conformance, git-ignored. The tests skip with a message where npm does not have them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', '..', 'artifacts', 'conformance');
const manifest = readFileSync(join(here, 'package.json'), 'utf8');
const stamp = join(target, 'stamp');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) {
  console.log('Conformance: already fetched.');
  process.exit(0);
}

mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'package.json'), manifest);
try {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'], { cwd: target, stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
} catch (error) {
  console.error(`Conformance: npm cannot install the packages; comparisons with them are skipped. ${String(error.stderr ?? error.message).split('\n')[0]}`);
  process.exit(1);
}

writeFileSync(stamp, manifest);
console.log('Conformance: fetched.');

// Fetches the library of the console's page from npm, at the version and with the integrity that package-lock.json names. Each build runs it:
//
//     node src/Automation.Cli/Web/fetch.mjs
//
// Output: artifacts/console/htm-preact.js, git-ignored, which the build embeds. A change of version is `npm install htm@VERSION --package-lock-only
// --omit-lockfile-registry-resolved` in this folder.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', '..', '..', 'artifacts', 'console');
const folder = join(target, `npm-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(folder, file));
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000, shell: process.platform === 'win32' });
  copyFileSync(join(folder, 'node_modules', 'htm', 'preact', 'standalone.module.js'), join(target, 'htm-preact.js'));
} catch (error) {
  console.error(`npm cannot fetch the library of the console's page (htm), so this build has no page. ${String(error.stderr ?? error.message).split('\n')[0]}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// Makes the picture of the console in README.md: the demo's fleet while the gate blocks an image. It needs Chromium, and playwright-core from
// tests/Automation.Conformance/fetch.mjs.
//   node .ci/console-picture.mjs .ci/console.png
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { chromium } = createRequire(join(root, 'artifacts', 'conformance', 'package.json'))('playwright-core');
const picture = process.argv[2] ?? join(root, '.ci', 'console.png');

// The demo prints the address, and then plays slowly enough to be watched.
const demo = spawn('dotnet', ['run', '-c', 'Release', '--project', join(root, 'src', 'Automation.Local'), '--', 'demo', '--console'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
const address = await new Promise((found, failed) => {
  createInterface({ input: demo.stdout }).on('line', line => { if (/^Open (\S+)/.test(line)) found(/^Open (\S+)/.exec(line)[1]); });
  demo.on('exit', code => failed(new Error(`The demo ended with ${code} before it printed the address.`)));
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 452 }, deviceScaleFactor: 1.5, colorScheme: 'light' });
  await page.goto(address);
  await page.locator('.card .state', { hasText: 'blocked' }).waitFor({ timeout: 120_000 });
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
  demo.removeAllListeners('exit');
  demo.kill('SIGTERM');
}

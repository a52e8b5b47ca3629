// Drives the page of the console in headless Chromium. Reads { browser, scenario, entry, pictures } and writes what the page showed as JSON. An error of
// the page, or anything that its content security policy stopped, is among `faults`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.argv[2], 'package.json'))('playwright-core');
const input = JSON.parse(readFileSync(0, 'utf8'));
const faults = [];
const asked = [];

const text = (page, selector) => page.locator(selector).allInnerTexts();
const picture = (page, name) => input.pictures ? page.screenshot({ path: join(input.pictures, `${name}.png`) }) : null;
const sideways = page => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

const scenarios = {
  // The graph, its search, its filters and its folding.
  async fleet(page) {
    const cards = await text(page, '.card');
    await page.getByRole('searchbox').fill('app-web');
    await page.locator('.found').waitFor();
    const found = await text(page, '.card:not(.dim) .card-top a');
    const kept = await text(page, '.card.dim .card-top a');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Collapse golden/base:stable' }).click();
    const collapsed = await page.locator('.card').count();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    const rows = await text(page, 'table.fleet tbody tr th');
    return { cards, found, kept, collapsed, rows, address: page.url() };
  },

  // Without a mouse: from the first link to an image and back.
  async keyboard(page) {
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press('/');
    const search = await page.evaluate(() => document.activeElement.type);
    await page.keyboard.type('app-web');
    await page.locator('.found').waitFor();
    await page.locator('.card:not(.dim) .card-top a').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'app-web', level: 1 }).waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1');
    const heading = await page.evaluate(() => document.activeElement.textContent);
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select')]
      .filter(element => !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length)).length);
    const landmarks = await page.evaluate(() => ['header', 'nav', 'main'].filter(name => document.querySelector(name)));
    return { first, search, heading, unnamed, landmarks };
  },

  async image(page) {
    await page.goto(`${page.url()}#/image/app`);
    await page.locator('.build-item').first().waitFor();
    const builds = await text(page, '.build-item h3');
    const facts = await text(page, '.build-item .fact');
    await page.getByLabel('Compare build 1.0.0/1').check();
    await page.getByLabel('Compare build 1.0.0/2').check();
    await page.getByRole('link', { name: 'Compare 1.0.0/1 with 1.0.0/2' }).click();
    await page.locator('table.compare').waitFor();
    const rows = await text(page, 'table.compare tbody tr');
    const recipe = await text(page, '.recipe >> nth=0');
    await picture(page, 'compare-1280-light');
    return { builds, facts, rows, recipe };
  },

  async readOnly(page) {
    await page.goto(`${page.url()}#/image/app`);
    await page.getByRole('heading', { name: 'Builds' }).waitFor();
    const forged = await page.evaluate(async () => (await fetch('api/action', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"action":"build","image":"app"}' })).status);
    return { actions: await page.locator('.actions').count(), mode: await text(page, '.mode'), forged };
  },

  async hold(page) {
    await page.goto(`${page.url()}#/image/app`);
    await page.getByRole('button', { name: 'Hold …' }).click();
    const modal = await page.evaluate(() => document.querySelector('dialog').matches(':modal'));
    const before = await page.getByRole('button', { name: 'Hold', exact: true }).isDisabled();
    await page.getByLabel('Reason, which status and why show').fill("it's a test");
    const command = await text(page, '.command code');
    await picture(page, 'hold-1280-light');
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    await page.locator('.result').waitFor();
    const result = await text(page, '.result');
    await page.keyboard.press('Escape');
    await page.locator('main .heading .state', { hasText: 'held' }).waitFor();
    return { modal, before, command, result, notes: await text(page, '.notes li') };
  },

  async approve(page) {
    await page.goto(`${page.url()}#/live`);
    await page.getByRole('button', { name: 'See and approve …' }).click();
    await page.locator('dialog table.compare').waitFor();
    const shown = await text(page, 'dialog table.compare thead th');
    await picture(page, 'approve-1280-light');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.locator('.result').waitFor();
    const result = await text(page, '.result');
    await page.keyboard.press('Escape');
    await page.locator('.execution .state', { hasText: 'promoted' }).waitFor();
    return { shown, result, approvals: await text(page, 'aside .quiet >> nth=0') };
  },

  // A page of another origin that runs in the same browser, with the cookie of the console.
  async attack(page) {
    const target = new URL(page.url()).origin;
    const other = await page.context().newPage();
    await other.route('http://localhost:9/**', route => route.fulfill({ contentType: 'text/html', body: '<h1>another page</h1>' }));
    await other.goto('http://localhost:9/');
    const send = init => other.evaluate(async ([url, options]) => fetch(url, options).then(answer => `answered ${answer.type} ${answer.status}`, () => 'stopped'), [`${target}/api/action`, init]);
    const body = '{"action":"build","image":"app"}';
    const results = [
      await send({ method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body }),
      await send({ method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json', 'x-automation-console': 'guess' }, body }),
      await other.evaluate(url => fetch(url, { credentials: 'include' }).then(() => 'read', () => 'stopped'), `${target}/api/session`),
    ];
    const framed = await other.evaluate(url => new Promise(done => {
      const frame = document.createElement('iframe');
      frame.src = url;
      frame.onload = () => { try { done(frame.contentDocument ? 'blank' : 'opaque'); } catch { done('opaque'); } };
      document.body.append(frame);
      setTimeout(() => done('never'), 3000);
    }), target);
    return { results, framed };
  },

  async wide(page) {
    const rows = await page.locator('table.fleet tbody tr').count();
    await picture(page, 'wide-1280-light');
    const start = Date.now();
    await page.getByRole('searchbox').fill('ledger');
    await page.locator('.found').waitFor();
    const searched = Date.now() - start;
    const found = await text(page, '.found');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: /^held/ }).click();
    await page.locator('.found').waitFor();
    const held = await page.locator('table.fleet tbody tr:not(.dim):not(.base)').count();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Collapse by base', exact: true }).click();
    const collapsed = await text(page, 'table.fleet tbody tr');
    await picture(page, 'wide-collapsed-1280-light');
    await page.getByRole('button', { name: 'Expand all', exact: true }).click();
    await page.getByRole('button', { name: 'Graph', exact: true }).click();
    const cards = await page.locator('.card').count();
    await picture(page, 'wide-graph-1280-light');
    return { rows, searched, found, held, collapsed, cards };
  },

  // What the rehearsal shows, its filter, and the account at its end.
  async rehearsal(page) {
    const heading = await text(page, 'main .summary');
    const tiles = await text(page, '.tile');
    const differs = await text(page, 'section[aria-labelledby="differs"] tbody tr');
    const days = await text(page, '.day summary');
    const rows = await text(page, '.days tbody tr');
    const forbidden = await text(page, '.banner');
    await page.locator('.chip', { hasText: 'blocked' }).click();
    await page.locator('.found').waitFor();
    const blocked = await text(page, '.days tbody tr');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Search decisions by image and reason').fill('no such image');
    const none = await text(page, 'section[aria-labelledby="days"] .empty');
    const notes = await text(page, 'section[aria-labelledby="assumed"] li');
    await page.getByRole('link', { name: 'Fleet', exact: true }).click();
    await page.locator('.card').first().waitFor();
    const cards = await text(page, '.card');
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await page.locator('.events li').first().waitFor();
    return { heading, tiles, differs, days, rows, forbidden, blocked, none, notes, cards, events: await text(page, '.events li'), clock: await text(page, '.clock') };
  },

  async empty(page) {
    await picture(page, 'empty-1280-light');
    return { text: await text(page, 'main'), fresh: await text(page, '.fresh') };
  },

  // Every view at both widths and in both schemes: nothing scrolls sideways, and every text has contrast.
  async looks(page) {
    const wide = [];
    const weak = [];
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const view of input.views ?? ['fleet', 'image/app', 'live', 'retention', 'compare/app/1.0.0/1/1.0.0/2']) {
          await page.goto(`${page.url().split('#')[0]}#/${view}`);
          await page.locator('main .loading').waitFor({ state: 'detached' });
          await page.locator('main :is(.canvas, table, .build-item, .execution, .empty, .tiles, .day)').first().waitFor();
          if (await sideways(page) > 0) wide.push(`${view} at ${width}`);
          weak.push(...(await page.evaluate(weakTexts)).map(found => `${view}, ${scheme}: ${found}`));
          await picture(page, `${view.split('/')[0]}-${width}-${scheme}`);
        }
      }
    }
    return { wide, weak: [...new Set(weak)] };
  },
};

// Runs in the page. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio : 4.5 for text
function weakTexts() {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = color => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('main *, header *')) {
    const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.textContent.trim()).join(' ').trim();
    if (!own || element.closest('.dim, .spoken, [disabled]')) continue;
    const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) found.push(`"${own.slice(0, 30)}" has ${contrast.toFixed(1)}`);
  }
  return found;
}

const browser = await chromium.launch({ executablePath: input.browser, args: ['--no-sandbox'] });
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', error => faults.push(error.message));
  page.on('console', message => { if (message.type() === 'error' && !/status of 40[13]/.test(message.text())) faults.push(message.text()); });
  page.on('request', request => asked.push(new URL(request.url()).host));
  await page.goto(input.entry);
  await page.locator('main .loading').waitFor({ state: input.scenario === 'empty' ? 'visible' : 'detached' });
  if (input.scenario === 'empty') await page.locator('main .problem').waitFor();
  const result = await scenarios[input.scenario](page);
  process.stdout.write(JSON.stringify({ ...result, faults, hosts: [...new Set(asked)], address: page.url() }));
} finally {
  await browser.close();
}

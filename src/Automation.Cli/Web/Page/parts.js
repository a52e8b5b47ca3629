// Small parts that several views use: shapes of states, times, digests, sizes, severities.
import { html } from './vendor/htm-preact.js';

// Each state has a tone and a shape of its own, so that it is known without colour too.
const states = {
  'unknown': ['bad', 'question'], 'no-pipeline': ['bad', 'cross'], 'incident': ['bad', 'alarm'], 'blocked': ['bad', 'stop'], 'drift': ['bad', 'drift'],
  'held': ['warn', 'pause'], 'approval': ['warn', 'person'], 'overdue': ['warn', 'clock'], 'not-running': ['warn', 'hollow'], 'waits': ['run', 'glass'],
  'building': ['run', 'gear'], 'due': ['run', 'next'], 'new': ['idle', 'ring'], 'ok': ['good', 'check'],
};
export const stateOrder = Object.keys(states);
export const toneOf = state => (states[state] ?? ['idle'])[0];

const shapes = {
  check: html`<circle cx="8" cy="8" r="7" class="fill"/><path d="M4.6 8.3l2.3 2.3 4.4-4.8" class="ink"/>`,
  stop: html`<path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" class="fill"/><path d="M4.5 8h7" class="ink"/>`,
  alarm: html`<path d="M8 1l7.4 13.6H.6z" class="fill"/><path d="M8 6v4M8 12v.6" class="ink"/>`,
  cross: html`<rect x="1" y="1" width="14" height="14" rx="2" class="fill"/><path d="M5 5l6 6M11 5l-6 6" class="ink"/>`,
  question: html`<circle cx="8" cy="8" r="6.6" class="line" stroke-dasharray="3 2"/><path d="M6 6.4c0-2.6 4-2.4 4 0 0 1.5-2 1.5-2 3M8 11.6v.5" class="line"/>`,
  drift: html`<path d="M1 5h9M7.5 2l3 3-3 3M15 11H6M8.5 8l-3 3 3 3" class="line"/>`,
  pause: html`<rect x="1.5" y="1.5" width="13" height="13" rx="6.5" class="fill"/><path d="M6 5v6M10 5v6" class="ink"/>`,
  person: html`<path d="M8 .8L15.2 8 8 15.2.8 8z" class="fill"/><path d="M8 4.5v4.2M8 11v.5" class="ink"/>`,
  clock: html`<circle cx="8" cy="8" r="6.5" class="line"/><path d="M8 4v4.3l2.8 1.7" class="line"/>`,
  hollow: html`<rect x="2" y="2" width="12" height="12" rx="2" class="line"/><path d="M5 8h6" class="line"/>`,
  glass: html`<path d="M3.5 1.5h9M3.5 14.5h9M4.5 1.5c0 4 3 4.5 3 6.5s-3 2.5-3 6.5M11.5 1.5c0 4-3 4.5-3 6.5s3 2.5 3 6.5" class="line"/>`,
  gear: html`<path d="M8 1.5a6.5 6.5 0 1 1-6.5 6.5" class="line"/><circle cx="8" cy="8" r="2.2" class="fill"/>`,
  next: html`<path d="M3 1.8L14 8 3 14.2z" class="fill"/>`,
  ring: html`<circle cx="8" cy="8" r="6" class="line"/>`,
  minus: html`<circle cx="8" cy="8" r="6.5" class="line"/><path d="M5 8h6" class="line"/>`,
  trash: html`<path d="M2.5 4h11M6 4V2h4v2M4 4l.7 10h6.6L12 4" class="line"/>`,
  mark: html`<path d="M4 1.5h8v13l-4-3-4 3z" class="line"/>`,
};

export const Shape = ({ name, tone }) => html`<svg class="shape tone-${tone}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shapes[name]}</svg>`;

export const State = ({ state }) => {
  const [tone, shape] = states[state] ?? ['idle', 'ring'];
  return html`<span class="state tone-${tone}"><${Shape} name=${shape} tone=${tone} /> ${state}</span>`;
};

const outcomes = {
  promoted: ['good', 'check'], available: ['good', 'check'], keep: ['good', 'check'], succeeded: ['good', 'check'], blocked: ['bad', 'stop'], failed: ['bad', 'cross'],
  rejected: ['bad', 'cross'], cancelled: ['bad', 'cross'], missing: ['bad', 'question'], aborted: ['bad', 'cross'], timed_out: ['bad', 'clock'],
  'rolled-back': ['warn', 'drift'], held: ['warn', 'pause'], running: ['run', 'gear'], inprogress: ['run', 'gear'], waits: ['run', 'glass'],
  approval: ['warn', 'person'], pushed: ['run', 'next'], build: ['run', 'gear'], 'build-failed': ['bad', 'cross'], overtaken: ['idle', 'minus'],
  deleted: ['warn', 'trash'], 'would-delete': ['idle', 'trash'], delete: ['warn', 'trash'], supersede: ['idle', 'mark'], superseded: ['idle', 'minus'], pruned: ['good', 'check'],
};
export const Outcome = ({ word }) => {
  const [tone, shape] = outcomes[word] ?? ['idle', 'ring'];
  return html`<span class="state tone-${tone}"><${Shape} name=${shape} tone=${tone} /> ${word}</span>`;
};

export const count = (number, one) => `${number} ${one}${number === 1 ? '' : 's'}`;

// The largest unit with a count of at least two, as the commands print it.
export function age(from, now) {
  const minutes = Math.max(0, Math.floor((new Date(now) - new Date(from)) / 60000));
  return minutes >= 2880 ? `${Math.floor(minutes / 1440)} days` : minutes >= 120 ? `${Math.floor(minutes / 60)} h` : `${minutes} min`;
}

export const clock = time => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`;

export const Time = ({ at, now }) => html`<time datetime=${at} title=${clock(at)}>${age(at, now)} ago</time>`;

export const short = digest => digest?.startsWith('sha256:') ? digest.slice(7, 19) : digest;

export const Digest = ({ value }) => value ? html`<code class="digest" title=${value}>${short(value)}</code>` : html`<span class="quiet">none</span>`;

export function size(bytes) {
  for (const [unit, of] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]]) {
    if (bytes >= of) return `${(bytes / of).toFixed(bytes / of < 10 ? 1 : 0)} ${unit}`;
  }
  return `${bytes} B`;
}

export const dollars = amount => amount === 0 ? '0 USD' : amount < 0.01 ? '< 0.01 USD' : `${amount.toFixed(2)} USD`;

const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'];
export const Severities = ({ scan }) => {
  if (!scan) return html`<span class="quiet">not read</span>`;
  if (!scan.counts) return html`<span class="quiet">${scan.text}</span>`;
  const found = severities.filter(severity => scan.counts[severity]);
  return found.length === 0
    ? html`<span class="tone-good"><${Shape} name="check" tone="good" /> no findings</span>`
    : html`<span class="severities" title=${(scan.findings ?? []).slice(0, 20).join('\n')}>${found.map(severity =>
        html`<span class="severity ${severity.toLowerCase()}"><b>${scan.counts[severity]}</b> ${severity.toLowerCase()}</span>`)}</span>`;
};

// The host of a registry in ECR says nothing that the header does not say: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base -> golden/base
export const plain = text => text.replace(/\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//g, '');

export const reasons = list => plain((list ?? []).map(reason => reason.text).join('; '));

export const Tags = ({ tags }) => tags.map(tag => html`<code class="tag">${tag}</code> `);

// What a view shows while there is nothing to show: progress, a problem, or both.
export const Loading = ({ answer, what }) => answer.view ? null : html`
  <div class="loading" role="status">
    ${answer.problem
      ? html`<p class="problem"><${Shape} name="alarm" tone="bad" /> ${answer.problem}</p><p class="quiet">The console asks again every few seconds.</p>`
      : html`<p>Reading ${what}${answer.of > 0 ? `: ${answer.done} of ${count(answer.of, 'image')}` : ' …'}</p>
             ${answer.of > 0 && html`<progress value=${answer.done} max=${answer.of}></progress>`}`}
  </div>`;

export const Problem = ({ answer }) => answer.view && answer.problem && html`
  <p class="problem banner" role="alert"><${Shape} name="alarm" tone="bad" /> This is what was read before. ${answer.problem}</p>`;

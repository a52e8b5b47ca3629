// The fleet: bases, images and their children as a graph or as a table, with search, filter and collapsing.
import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { lineage, rowsOf, statesBelow } from './lineage.js';
import { Graph } from './graph.js';
import { age, count, Digest, Loading, plain, Problem, Shape, State, stateOrder, Tags } from './parts.js';

// Above this, a graph of cards takes more room than a screen has.
const manyImages = 40;

function useNarrow() {
  const query = useMemo(() => matchMedia('(max-width: 760px)'), []);
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const follow = () => setNarrow(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [query]);
  return narrow;
}

export const promotedText = status => {
  const builds = new Map();
  for (const tag of status.promoted.filter(tag => !tag.notPromoted)) {
    const version = tag.version ?? 'unknown build';
    builds.set(version, (builds.get(version) ?? new Set()).add(tag.tag));
  }
  return [...builds].map(([version, tags]) => ({ version, tags: [...tags] }));
};

export const promotedAt = status => status.promoted.map(tag => tag.promotedAt).filter(Boolean).sort().at(-1);

// Announces a change of state once to screen readers.
function Announcer({ images }) {
  const before = useRef(null);
  const [text, setText] = useState('');
  useEffect(() => {
    const now = new Map(images.map(image => [image.status.image, image.status.state]));
    if (before.current) {
      const changed = [...now].filter(([name, state]) => before.current.has(name) && before.current.get(name) !== state);
      if (changed.length > 0) setText(changed.slice(0, 3).map(([name, state]) => `${name} is ${state}`).join(', '));
    }
    before.current = now;
  }, [images]);
  return html`<p class="spoken" role="status" aria-live="polite">${text}</p>`;
}

function Row({ row, now, rules: hasRules, collapsed, toggle }) {
  const { node, depth } = row;
  const indent = { '--depth': Math.min(depth, 8) };
  const fold = node.children.length > 0 && html`
    <button class="fold" aria-expanded=${!collapsed.has(node.name)} aria-label="${collapsed.has(node.name) ? 'Expand' : 'Collapse'} ${node.name}" onClick=${() => toggle(node.name)}>
      ${collapsed.has(node.name) ? '▸' : '▾'}</button>`;
  const hidden = collapsed.has(node.name) && node.below > 0
    ? html` <span class="quiet">${count(node.below, 'image')}${node.image ? `: ${statesBelow(node, stateOrder)}` : ''}</span>` : null;
  if (!node.image) {
    return html`<tr class="base"><th scope="row" style=${indent}><span class="name">${fold}<span class="base-name">${node.name}</span></span>${hidden}</th>
      <td class="cell-state"><span class="quiet">base</span></td><td colspan=${hasRules ? 2 : 1}><${Digest} value=${node.base?.digest} /></td>
      <td>${node.base?.pushedAt ? age(node.base.pushedAt, now) : ''}</td><td class="why">${node.base?.unread ? html`<span class="tone-bad">${node.base.unread}</span> ` : ''}<span class="quiet">${statesBelow(node, stateOrder)}</span></td></tr>`;
  }
  const { status, rules, why, watches } = node.image;
  const promoted = promotedText(status);
  const at = promotedAt(status);
  return html`<tr class=${row.dim ? 'dim' : ''}>
    <th scope="row" style=${indent}><span class="name">${fold || html`<span class="leaf"></span>`}<a href="#/image/${status.image}">${status.image}</a></span>${hidden}</th>
    <td class="cell-state"><${State} state=${status.state} /></td>
    <td class="cell-promoted">${promoted.length === 0 ? html`<span class="quiet">nothing</span>` : promoted.map(each => html`<span class="build">${each.version}</span> <${Tags} tags=${each.tags} />`)}</td>
    ${hasRules && html`<td class="cell-rules">${rules.join(', ')}</td>`}
    <td class="cell-age">${at ? age(at, now) : ''}</td>
    <td class="why">${plain(why)}${watches.length > 0 ? html` <span class="quiet">also watches ${watches.join(', ')}</span>` : ''}</td></tr>`;
}

const Table = ({ rows, now, rules, collapsed, toggle }) => html`
  <div class="scroll"><table class="fleet">
    <caption class="spoken">Images under their bases, with state, promoted build, rules, age and reason</caption>
    <thead><tr><th scope="col">Image</th><th scope="col">State</th><th scope="col">Promoted</th>${rules && html`<th scope="col">Must pass</th>`}<th scope="col">Age</th><th scope="col">Why</th></tr></thead>
    <tbody>${rows.map(row => html`<${Row} key=${row.key} row=${row} now=${now} rules=${rules} collapsed=${collapsed} toggle=${toggle} />`)}</tbody>
  </table></div>`;

const Note = ({ image, state, text }) => html`<li><${State} state=${state ?? image.status.state} /><span><a href="#/image/${image.status.image}">${image.status.image}</a> ${plain(text)}</span></li>`;

// In full what the cards show in two lines.
function Attention({ images }) {
  const needs = images.filter(image => image.status.isProblem);
  const waits = images.filter(image => !image.status.isProblem && image.why);
  const drift = images.flatMap(image => [...image.status.behind.map(note => [image, 'drift', `${note.what}: ${note.why}`]),
    ...image.status.notRunning.map(note => [image, 'not-running', `${note.what} ${note.why}`])]);
  return html`<div class="attention">
    <section aria-labelledby="needs"><h2 id="needs">Needs a person</h2>${needs.length === 0 ? html`<p class="quiet">Nothing.</p>` : html`<ul>${needs.map(image => html`<${Note} image=${image} text=${image.why} />`)}</ul>`}</section>
    <section aria-labelledby="waits"><h2 id="waits">Waits or is due</h2>${waits.length === 0 ? html`<p class="quiet">Nothing is due.</p>` : html`<ul>${waits.map(image => html`<${Note} image=${image} text=${image.why} />`)}</ul>`}</section>
    <section aria-labelledby="drift"><h2 id="drift">Drift</h2>${drift.length === 0 ? html`<p class="quiet">Tags and workloads are on what is promoted, as far as it is known.</p>` : html`<ul>${drift.map(([image, state, text]) => html`<${Note} image=${image} state=${state} text=${text} />`)}</ul>`}</section>
  </div>`;
}

const Start = () => html`<div class="start"><h2>What may help</h2><dl class="facts">
  <dt><code>automation doctor</code></dt><dd>checks account, Region and stack, and says what to do</dd>
  <dt><code>npx aws-cdk@2 deploy</code></dt><dd>deploys the stack with the catalog, in a clone of the repository</dd>
  <dt><code>--region</code>, <code>--profile</code></dt><dd>let the console show another account or Region</dd></dl></div>`;

const Empty = () => html`
  <div class="empty"><${Shape} name="ring" tone="idle" /><h2>The catalog has no image</h2>
    <p>Write one with <code>automation init</code>, which reads the pipelines of this account, and deploy it.</p></div>`;

export function Fleet({ show }) {
  const answer = useView('fleet', 4);
  const [text, setText] = useState('');
  const [states, setStates] = useState(new Set());
  const [collapsed, setCollapsed] = useState(new Set());
  const [chosen, setChosen] = useState(null);
  const search = useRef(null);
  const narrow = useNarrow();
  useEffect(() => show(answer), [answer]);
  useEffect(() => {
    const focus = event => {
      if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
        event.preventDefault();
        search.current?.focus();
      }
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  const view = answer.view;
  const tree = useMemo(() => view ? lineage(view) : null, [view]);
  if (!view) return html`<div class="heading"><h1 tabindex="-1">Fleet</h1></div><${Loading} answer=${answer} what="the fleet" />${answer.problem && html`<${Start} />`}`;

  const mode = narrow ? 'table' : chosen ?? (view.images.length > manyImages ? 'table' : 'graph');
  const counts = new Map();
  for (const image of view.images) counts.set(image.status.state, (counts.get(image.status.state) ?? 0) + 1);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = image => (states.size === 0 || states.has(image.status.state))
    && words.every(word => `${image.status.image} ${image.status.repository} ${image.from.join(' ')} ${image.status.state} ${image.why}`.toLowerCase().includes(word));
  const filtering = states.size > 0 || words.length > 0;
  const rows = rowsOf(tree, filtering ? fits : null, filtering ? new Set() : collapsed);
  const found = view.images.filter(fits).length;
  const toggle = name => setCollapsed(before => {
    const next = new Set(before);
    if (!next.delete(name)) next.add(name);
    return next;
  });
  const pick = state => setStates(before => {
    const next = new Set(before);
    if (!next.delete(state)) next.add(state);
    return next;
  });
  const parents = tree.all.filter(node => node.children.length > 0).map(node => node.name);
  return html`
    <div class="heading"><h1 tabindex="-1">Fleet</h1><p class="summary">${view.count}</p></div>
    <${Problem} answer=${answer} />
    <${Announcer} images=${view.images} />
    <div class="tools" role="search">
      <input ref=${search} type="search" value=${text} placeholder="Search images, bases, reasons" aria-label="Search images, bases and reasons. Key: /"
        onInput=${event => setText(event.target.value)} />
      <div class="chips" role="group" aria-label="Show only these states">
        ${stateOrder.filter(state => counts.has(state)).map(state => html`
          <button class="chip" aria-pressed=${states.has(state)} onClick=${() => pick(state)}><${State} state=${state} /> <b>${counts.get(state)}</b></button>`)}
      </div>
      <span class="grow"></span>
      ${parents.length > 0 && !filtering && html`<button onClick=${() => setCollapsed(collapsed.size > 0 ? new Set() : new Set(tree.roots.map(node => node.name)))}>
        ${collapsed.size > 0 ? 'Expand all' : 'Collapse by base'}</button>`}
      ${!narrow && html`<div class="switch" role="group" aria-label="Form">
        <button aria-pressed=${mode === 'graph'} onClick=${() => setChosen('graph')}>Graph</button><button aria-pressed=${mode === 'table'} onClick=${() => setChosen('table')}>Table</button></div>`}
    </div>
    ${filtering && html`<p class="quiet found" role="status">${found} of ${count(view.images.length, 'image')}
      <button class="link" onClick=${() => { setText(''); setStates(new Set()); }}>Show all</button></p>`}
    ${view.images.length === 0 ? html`<${Empty} />`
      : rows.length === 0 ? html`<p class="empty">No image fits.</p>`
      : mode === 'graph' ? html`<${Graph} rows=${rows} now=${view.place.now} collapsed=${collapsed} toggle=${toggle} many=${rows.length > manyImages} />`
      : html`<${Table} rows=${rows} now=${view.place.now} rules=${view.images.some(image => image.rules.length > 0)} collapsed=${collapsed} toggle=${toggle} />`}
    ${mode === 'graph' && html`<${Attention} images=${view.images} />`}`;
}

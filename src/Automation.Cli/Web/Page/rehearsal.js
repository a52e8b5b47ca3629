// The rehearsal that this console was started with: what happens on which day and why, what it counts to and costs, and what a changed catalog changes.
import { html, useEffect, useMemo, useState } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { clock, count, dollars, Loading, Outcome, plain, Shape, Tags } from './parts.js';

// Days with more rows open on request.
const manyRows = 60;
// In this order on the line of a day; other kinds follow.
const order = ['pushed', 'build', 'build-failed', 'promoted', 'blocked', 'approval', 'held', 'superseded', 'would-delete', 'deleted'];
const serious = new Set(['blocked', 'build-failed', 'failed', 'rejected', 'missing']);

const number = value => value.toLocaleString('en-US');
const hours = minutes => `${(minutes / 60).toFixed(1)} h`;
const gigabytes = bytes => `${(bytes / 1e9).toFixed(2)} GB`;
const rank = kind => { const place = order.indexOf(kind); return place < 0 ? order.length : place; };

function kindsOf(decisions) {
  const counts = new Map();
  for (const decision of decisions) counts.set(decision.kind, (counts.get(decision.kind) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

const automation = view => view.costUsd.transitions + view.costUsd.requests;
const tiles = [
  ['builds', view => number(view.totals.builds), view => `${number(view.totals.failedBuilds)} failed`],
  ['promotions', view => number(view.totals.promotions)],
  ['blocked', view => number(view.totals.blocked)],
  ['deletions', view => number(view.totals.deletions), () => 'images and build records'],
  ['API calls', view => number(view.totals.apiCalls), view => `${count(view.totals.invocations, 'invocation')}, ${count(view.totals.transitions, 'transition')}`],
  ['build instances', view => dollars(view.costUsd.buildInstances), view => `${hours(view.totals.buildMinutes)} of m5.large`],
  ['the automation', view => dollars(automation(view)), () => 'Step Functions and Lambda requests'],
  ['images a month', view => dollars(view.costUsd.storageMonth), view => `${gigabytes(view.totals.storedBytes)} at the end`],
];

function Totals({ wanted, deployed }) {
  return html`<dl class="tiles many">${tiles.map(([name, value, note]) => html`<div class="tile"><dt>${name}</dt><dd>${value(wanted)}</dd>
    ${note && html`<dd class="quiet">${note(wanted)}</dd>`}${deployed && html`<dd class="quiet">deployed catalog: ${value(deployed)}</dd>`}</div>`)}</dl>`;
}

const Subject = ({ decision, images }) => html`${images.has(decision.image) ? html`<a href="#/image/${decision.image}">${decision.image}</a>` : decision.image}
  ${decision.subject && html` <span class="build">${decision.subject}</span>`}`;

function Row({ decision, images, regions, sign }) {
  return html`<tr>${sign && html`<td class="sign-cell">${sign}</td>`}
    <td class="when"><time datetime=${decision.at}>${sign ? `day ${decision.day}, ${clock(decision.at).slice(11)}` : clock(decision.at).slice(11)}</time></td>
    <td class="what"><${Outcome} word=${decision.kind} /></td><td class="which"><${Subject} decision=${decision} images=${images} />
      ${decision.region && regions && html`<span class="quiet"> in ${decision.region}</span>`}${decision.tags?.length > 0 && html` <${Tags} tags=${decision.tags} />`}</td>
    <td class="why">${plain(decision.why)}</td></tr>`;
}

const Decisions = ({ caption, decisions, images, regions, signs }) => html`<table class="decisions"><caption class="spoken">${caption}</caption>
  <thead><tr>${signs && html`<th scope="col">Only with</th>`}<th scope="col">${signs ? 'When' : 'Time'}</th><th scope="col">What</th><th scope="col">Which</th><th scope="col">Why</th></tr></thead>
  <tbody>${decisions.map((decision, i) => html`<${Row} decision=${decision} images=${images} regions=${regions} sign=${signs?.[i]} />`)}</tbody></table>`;

function Day({ day, from, decisions, images, regions, open }) {
  const [shown, setShown] = useState(open);
  const kinds = kindsOf(decisions);
  const date = new Date(new Date(from).getTime() + (day - 1) * 86400000);
  const title = `Day ${day}, ${date.toLocaleDateString('en-GB', { weekday: 'short', day: '2-digit', month: 'short', timeZone: 'UTC' })}`;
  return html`<li class="day"><details open=${open} onToggle=${event => setShown(event.target.open)}>
    <summary><h3>${title}</h3><span class="kinds">${kinds.length === 0 ? html`<span class="quiet">nothing</span>`
      : kinds.map(([kind, each]) => html`<span class="kind"><b>${each}</b> <${Outcome} word=${kind} /></span>`)}</span></summary>
    ${shown && (decisions.length === 0 ? html`<p class="quiet nothing">Nothing is built, promoted or pruned.</p>`
      : html`<${Decisions} caption=${title} decisions=${decisions} images=${images} regions=${regions} />`)}</details></li>`;
}

function DifferenceOf({ difference, images, regions }) {
  const both = [...difference.onlyDeployed.map(each => ['deployed', each]), ...difference.onlyChanged.map(each => ['changed', each])]
    .filter(([, each]) => each.kind !== 'move').sort(([, a], [, b]) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
  return html`<section aria-labelledby="differs"><h2 id="differs">What the changed catalog changes</h2>
    ${both.length === 0 ? html`<p class="empty">Both catalogs bring the same decisions.</p>`
      : html`<div class="tall"><${Decisions} caption="Decisions of only one of the catalogs" decisions=${both.map(([, each]) => each)} images=${images} regions=${regions}
          signs=${both.map(([side]) => html`<span class="side ${side}">${side === 'changed' ? '+' : '−'} ${side}</span>`)} /></div>`}</section>`;
}

const Notes = ({ id, title, lines, shape, tone }) => lines.length > 0 && html`<section aria-labelledby=${id}><h2 id=${id}>${title}</h2>
  <ul class="notes shapes">${lines.map(line => html`<li><${Shape} name=${shape} tone=${tone} /><span>${plain(line)}</span></li>`)}</ul></section>`;

const Calls = ({ calls }) => html`<details class="calls"><summary>API calls by operation</summary><table><caption class="spoken">API calls by operation</caption>
  <thead><tr><th scope="col">Operation</th><th scope="col" class="number">Calls</th></tr></thead>
  <tbody>${Object.entries(calls).map(([name, each]) => html`<tr><td>${name}</td><td class="number">${number(each)}</td></tr>`)}</tbody></table></details>`;

export function Rehearsal({ show }) {
  const answer = useView('rehearsal', 60);
  const [text, setText] = useState('');
  const [kinds, setKinds] = useState(new Set());
  useEffect(() => show(answer), [answer]);
  const view = answer.view;
  const wanted = view && (view.changed ?? view.deployed);
  const all = useMemo(() => wanted ? wanted.decisions.filter(each => each.kind !== 'move') : [], [wanted]);
  if (!view) return html`<div class="heading"><h1 tabindex="-1">Rehearsal</h1></div><${Loading} answer=${answer} what="the rehearsal" />`;
  const images = new Set(view.place.images);
  // With one Region, it is in the header.
  const regions = new Set(all.map(each => each.region).filter(Boolean)).size > 1;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter(each => (kinds.size === 0 || kinds.has(each.kind))
    && words.every(word => `${each.image} ${each.subject} ${each.kind} ${each.why}`.toLowerCase().includes(word)));
  const filtering = kinds.size > 0 || words.length > 0;
  const days = Map.groupBy(shown, each => each.day);
  const numbers = Array.from({ length: view.days }, (_, i) => i + 1).filter(day => !filtering || days.has(day));
  const pick = kind => setKinds(before => {
    const next = new Set(before);
    if (!next.delete(kind)) next.add(kind);
    return next;
  });
  return html`
    <div class="heading"><h1 tabindex="-1">Rehearsal</h1><p class="summary">${count(view.days, 'day')} of ${view.stack} from ${clock(view.from)}${view.changed ? ', with the changed catalog' : ''}. Nothing of this has happened.</p></div>
    ${view.forbidden.length > 0 && html`<div class="problem banner" role="alert">${view.forbidden.map(line => html`<p><${Shape} name="stop" tone="bad" /> Forbidden: ${line}</p>`)}</div>`}
    <${Totals} wanted=${wanted} deployed=${view.changed ? view.deployed : null} />
    ${view.difference && html`<${DifferenceOf} difference=${view.difference} images=${images} regions=${regions} />`}
    <section aria-labelledby="days"><div class="tools"><h2 id="days">Days</h2>
      <input type="search" value=${text} placeholder="Search images, reasons" aria-label="Search decisions by image and reason" onInput=${event => setText(event.target.value)} />
      <div class="chips" role="group" aria-label="Show only these decisions">${kindsOf(all).map(([kind, each]) => html`
        <button class="chip" aria-pressed=${kinds.has(kind)} onClick=${() => pick(kind)}><${Outcome} word=${kind} /> <b>${each}</b></button>`)}</div></div>
      ${filtering && html`<p class="quiet found" role="status">${shown.length} of ${count(all.length, 'decision')}
        <button class="link" onClick=${() => { setText(''); setKinds(new Set()); }}>Show all</button></p>`}
      ${numbers.length === 0 ? html`<p class="empty">No decision fits.</p>` : html`<ol class="days">${numbers.map(day => {
        const decisions = days.get(day) ?? [];
        const open = decisions.length > 0 && decisions.length <= manyRows && (filtering || view.days <= 7 || decisions.some(each => serious.has(each.kind)));
        return html`<${Day} key=${`${day}-${filtering}`} day=${day} from=${view.from} decisions=${decisions} images=${images} regions=${regions} open=${open} />`;
      })}</ol>`}</section>
    <${Notes} id="still" title="Still waits at the end" shape="glass" tone="run"
      lines=${wanted.waiting.map(each => `${each.execution} waits in ${each.state} since ${clock(each.since)}.`)} />
    <${Notes} id="warnings" title="Warnings" shape="alarm" tone="bad" lines=${wanted.warnings} />
    <${Notes} id="assumed" title="Assumed" shape="ring" tone="idle" lines=${view.assumptions} />
    <${Calls} calls=${wanted.totals.calls} />`;
}

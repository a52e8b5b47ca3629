// The prune plan of every image, with reasons, sizes and what it saves.
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { count, dollars, Loading, Outcome, Problem, reasons, Shape, short, size, Tags } from './parts.js';

const Tile = ({ name, value, note }) => html`<div class="tile"><dt>${name}</dt><dd>${value}</dd>${note && html`<dd class="quiet">${note}</dd>`}</div>`;

function Region({ image, prune, actions }) {
  const items = prune.items.filter(item => actions.has(item.action));
  return html`
    <div class="prune-head"><b><a href="#/image/${image.image}">${image.image}</a></b> <span class="quiet">${image.repository} in ${prune.region}, mode ${prune.mode}</span><span class="grow"></span>
      <span class="quiet">${count(prune.deleteImages, 'image')} and ${count(prune.deleteRecords, 'record')} to delete (${size(prune.deleteBytes)}), ${prune.supersede} to mark, ${prune.keep} to keep</span></div>
    ${prune.stopped && html`<p class="problem"><${Shape} name="stop" tone="bad" /> ${prune.stopped}</p>`}
    ${items.length > 0 && html`<div class="scroll"><table class="prune">
      <caption class="spoken">${image.image} in ${prune.region}</caption>
      <thead><tr><th scope="col">Action</th><th scope="col">Build</th><th scope="col">Image</th><th scope="col">Tags</th><th scope="col" class="number">Size</th><th scope="col">Why</th></tr></thead>
      <tbody>${items.map(item => html`<tr><td><${Outcome} word=${item.action} /></td><td><span class="build">${item.version ?? ''}</span></td>
        <td>${item.digest && item.bytes !== undefined ? html`<code class="digest">${short(item.digest)}</code>` : 'record'}</td><td><${Tags} tags=${item.tags} /></td>
        <td class="number">${item.bytes ? size(item.bytes) : ''}</td><td class="why">${reasons(item.reasons)}</td></tr>`)}</tbody></table></div>`}`;
}

export function Retention({ show }) {
  const answer = useView('retention', 10);
  const [text, setText] = useState('');
  const [kept, setKept] = useState(false);
  useEffect(() => show(answer), [answer]);
  const view = answer.view;
  if (!view) return html`<div class="heading"><h1 tabindex="-1">Retention</h1></div><${Loading} answer=${answer} what="the prune plan" />`;
  const all = view.images.flatMap(image => image.prune);
  const sum = of => all.reduce((total, prune) => total + prune[of], 0);
  const actions = new Set(kept ? ['delete', 'supersede', 'keep'] : ['delete', 'supersede']);
  const shown = view.images.filter(image => `${image.image} ${image.repository}`.toLowerCase().includes(text.toLowerCase()));
  const busy = shown.filter(image => kept || image.unread || image.prune.some(prune => prune.stopped || prune.items.some(item => actions.has(item.action))));
  const isReport = all.some(prune => prune.mode === 'report');
  return html`
    <div class="heading"><h1 tabindex="-1">Retention</h1><p class="summary">What a prune would do now. This page deletes nothing.</p></div>
    <${Problem} answer=${answer} />
    <dl class="tiles">
      <${Tile} name="to delete" value=${count(sum('deleteImages'), 'image')} note="and ${count(sum('deleteRecords'), 'build record')}" />
      <${Tile} name="to mark" value=${sum('supersede')} note="deleted after their grace period" />
      <${Tile} name="to keep" value=${count(sum('keep'), 'image')} />
      <${Tile} name="size to delete" value=${size(view.deleteBytes)} note="at most: shared layers stay" />
      <${Tile} name="saves a month" value=${dollars(view.savedPerMonth)} note=${html`at most, at ${view.price.toFixed(2)} USD for a GB: <a href=${view.priceSource} rel="noreferrer">ECR pricing</a>`} />
    </dl>
    <div class="tools" role="search"><input type="search" value=${text} placeholder="Search images" aria-label="Search images" onInput=${event => setText(event.target.value)} />
      <label class="check"><input type="checkbox" checked=${kept} onChange=${() => setKept(!kept)} /> Show what is kept</label>
      ${isReport && html`<span class="quiet">In mode report, a prune deletes nothing until the catalog says <code>"mode": "delete"</code>.</span>`}</div>
    ${busy.length === 0 ? html`<p class="empty">${view.images.length === 0 ? 'The catalog has no image.' : shown.length === 0 ? 'No image fits.' : 'There is nothing to delete or to mark.'}</p>`
      : busy.map(image => html`<section key=${image.image} class="prune-image" aria-label="Plan of ${image.image}">
        ${image.unread && html`<p class="problem"><${Shape} name="question" tone="bad" /> ${image.image}: ${image.unread}</p>`}
        ${image.prune.map(prune => html`<${Region} image=${image} prune=${prune} actions=${actions} />`)}</section>`)}`;
}

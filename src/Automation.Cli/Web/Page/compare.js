// Two builds side by side: build, base, recipe, packages and findings.
import { html, useEffect } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { clock, count, Digest, Loading, Problem, Shape } from './parts.js';

function Pair({ name, left, right, of }) {
  const [a, b] = [left ? of(left) : null, of(right)];
  const text = value => JSON.stringify(value);
  const same = text(left ? of(left) : null) === text(b);
  return html`<tr class=${same ? '' : 'differs'}><th scope="row">${name}</th><td>${a ?? html`<span class="quiet">none</span>`}</td><td>${b ?? html`<span class="quiet">none</span>`}</td>
    <td class="sign">${same ? html`<span class="quiet">same</span>` : 'differs'}</td></tr>`;
}

const DigestRow = ({ name, a, b }) => html`<tr class=${a === b ? '' : 'differs'}><th scope="row">${name}</th><td><${Digest} value=${a} /></td><td><${Digest} value=${b} /></td>
  <td class="sign">${a === b ? html`<span class="quiet">same</span>` : 'differs'}</td></tr>`;

// Lines of one recipe that the other one lacks are marked with a sign besides the colour.
function Recipe({ recipe, other, sign, title }) {
  const known = new Set(other?.lines ?? []);
  return html`<div><h3>${title}</h3>${recipe ? html`<pre class="recipe">${recipe.lines.map(line => html`<span class=${other && !known.has(line) ? 'changed' : ''}>${other && !known.has(line) ? sign : ' '} ${line}${'\n'}</span>`)}</pre>`
    : html`<p class="quiet">It cannot be read.</p>`}</div>`;
}

export function Comparison({ view, level = 2 }) {
  const { now, new: next, findings } = view;
  const H = `h${level}`;
  return html`
    <div class="scroll"><table class="compare">
      <thead><tr><th scope="col"><span class="spoken">What</span></th><th scope="col">${now ? now.version : 'Nothing promoted'}</th><th scope="col">${next.version}</th><th scope="col"><span class="spoken">Difference</span></th></tr></thead>
      <tbody>
        <${Pair} name="built" left=${now} right=${next} of=${build => clock(build.builtAt)} />
        <${DigestRow} name="image" a=${now?.digest} b=${next.digest} />
        <${DigestRow} name="base" a=${now?.base} b=${next.base} />
        <${Pair} name="recipe" left=${now} right=${next} of=${build => build.recipe?.name} />
        <${Pair} name="scan" left=${now} right=${next} of=${build => build.scan} />
        <tr><th scope="row">tags</th><td></td><td>${view.tags.length === 0 ? 'none would move' : `${view.tags.join(', ')} would move`}</td><td></td></tr>
      </tbody></table></div>
    <div class="columns">
      <section><${H}>Findings</${H}>${!findings ? html`<p class="quiet">The scans cannot be compared.</p>` : html`
        <p>${count(findings.added.length, 'finding')} only in ${next.version}, ${findings.fixed.length} only in ${now?.version}, ${findings.both} in both.</p>
        <ul class="notes shapes">${findings.added.map(each => html`<li><${Shape} name="alarm" tone="bad" /> <span>${each} <span class="quiet">added</span></span></li>`)}
          ${findings.fixed.map(each => html`<li><${Shape} name="check" tone="good" /> <span>${each} <span class="quiet">fixed</span></span></li>`)}</ul>`}</section>
      <section><${H}>Packages</${H}>${!view.packages ? html`<p class="quiet">${view.packagesUnknown}</p>` : view.packages.length === 0 ? html`<p>No package changed.</p>` : html`
        <div class="scroll tall"><table><thead><tr><th scope="col">Package</th><th scope="col">${now?.version}</th><th scope="col">${next.version}</th></tr></thead>
          <tbody>${view.packages.map(each => html`<tr><th scope="row">${each.name}</th><td>${each.old ?? html`<span class="quiet">absent</span>`}</td><td>${each.new ?? html`<span class="quiet">absent</span>`}</td></tr>`)}</tbody></table></div>`}</section>
    </div>
    <section><${H}>Recipe</${H}><div class="columns recipes">
      <${Recipe} title=${now?.version ?? 'Nothing promoted'} recipe=${now?.recipe} other=${next.recipe} sign="−" /><${Recipe} title=${next.version} recipe=${next.recipe} other=${now?.recipe} sign="+" /></div></section>`;
}

export function Compare({ path, image, show }) {
  const answer = useView(`compare/${path}`, 15);
  useEffect(() => show(answer.view ? { ...answer, view: { ...answer.view, place: null } } : answer), [answer]);
  return html`
    <p class="crumbs"><a href="#/fleet">Fleet</a> <span aria-hidden="true">›</span> <a href="#/image/${image}">${image}</a></p>
    <h1 tabindex="-1">Two builds of ${image}</h1>
    <${Problem} answer=${answer} /><${Loading} answer=${answer} what="both builds" />
    ${answer.view && html`<${Comparison} view=${answer.view} />`}`;
}

// One image: its state and rules, its builds as a timeline, its tags by Region, and what retention will do.
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { promotedText } from './fleet.js';
import { clock, count, Digest, Loading, Outcome, plain, Problem, reasons, Severities, Shape, size, State, Tags, Time } from './parts.js';

// The release marks of Automation are the state of a build that is available.
const buildWord = build => build.state !== 'available' ? build.state : build.release?.state ?? build.state;

// For each build version: the planned items of every Region.
function planned(plan) {
  const found = new Map();
  for (const prune of plan.prune) {
    for (const item of prune.items) {
      if (item.version) found.set(item.version, [...found.get(item.version) ?? [], { ...item, region: prune.region, stopped: prune.stopped }]);
    }
  }
  return found;
}

// new-base-digest: golden/base:stable is … -> golden/base:stable is …
const cause = text => plain(text.replace(/^[a-z-]+: /, ''));

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

function Actions({ name, view, act }) {
  const { status } = view.image;
  const ask = action => act({ key: `${action}-${name}`, action, image: name, view });
  return html`<div class="actions" role="group" aria-label="Actions on ${name}">
    <button onClick=${() => ask('build')}>Build …</button>
    <button onClick=${() => ask('promote')}>Promote …</button>
    <button onClick=${() => ask('rollback')}>Roll back …</button>
    ${status.hold ? html`<button onClick=${() => ask('unhold')}>End the hold …</button>` : html`<button onClick=${() => ask('hold')}>Hold …</button>`}
    <button onClick=${() => ask('prune')}>Report a prune …</button></div>`;
}

function Build({ build, view, scans, retained, tags, chosen, choose, last }) {
  const now = view.place.now;
  const word = buildWord(build);
  const plan = retained.get(build.version) ?? [];
  const where = tags.filter(each => each.version === build.version);
  return html`<li class="build-item">
    <div class="rail" aria-hidden="true"></div>
    <article aria-labelledby="build-${build.version}">
      <header>
        <label class="pick"><input type="checkbox" checked=${chosen.includes(build.version)} onChange=${() => choose(build.version)} aria-label="Compare build ${build.version}" /></label>
        <h3 id="build-${build.version}">${build.version}</h3><${Outcome} word=${word} /><span class="quiet right"><${Time} at=${build.startedAt} now=${now} /></span>
      </header>
      <p class="cause">${build.trigger ? html`<b>${build.trigger}</b>${build.attempt > 1 ? html` <span class="badge">attempt ${build.attempt}</span>` : ''}${build.why ? html` <span class="quiet">${cause(build.why)}</span>` : ''}` : html`<span class="quiet">not started by the automation</span>`}</p>
      ${build.failure && html`<p class="tone-bad">${build.failure}</p>`}
      <dl class="facts">
        <${Fact} name="base"><${Digest} value=${build.base} /></${Fact}>
        ${build.watched.length > 0 && html`<${Fact} name="watched">${build.watched.map(each => html`<${Digest} value=${each} /> `)}</${Fact}>`}
        <${Fact} name="image"><${Digest} value=${build.digest} /></${Fact}>
        ${build.digest && html`<${Fact} name="scan"><${Severities} scan=${scans.get(build.digest)} /></${Fact}>`}
        ${build.release && html`<${Fact} name="release"><span>${build.release.state} <${Time} at=${build.release.at} now=${now} />${build.release.attempt > 1 ? `, attempt ${build.release.attempt}` : ''}${build.release.why ? html` <span class="quiet">${build.release.why}</span>` : ''}</span></${Fact}>`}
        ${build.promotedAt && build.release?.state !== 'promoted' && html`<${Fact} name="promoted"><${Time} at=${build.promotedAt} now=${now} /></${Fact}>`}
        ${build.supersededAt && html`<${Fact} name="superseded"><${Time} at=${build.supersededAt} now=${now} /></${Fact}>`}
        ${where.filter(each => each.tags.length > 0).map(each => html`<${Fact} name=${each.region}><${Tags} tags=${each.tags} /></${Fact}>`)}
        ${plan.map(item => html`<${Fact} name=${view.plan.prune.length > 1 ? `retention ${item.region}` : 'retention'}><span><${Outcome} word=${item.action} />${item.digest && item.bytes !== undefined ? '' : ' the record'} <span class="quiet">${reasons(item.reasons)}${item.bytes ? ` (${size(item.bytes)})` : ''}</span></span></${Fact}>`)}
        ${build.executions.length > 0 && html`<${Fact} name="executions"><span class="quiet">${build.executions.map(each => `${each.name}${each.status ? `, ${each.status}` : ''}`).join('; ')}</span></${Fact}>`}
      </dl>
    </article></li>`;
}

function Findings({ state }) {
  const { status, why } = state;
  const notes = [...status.incidents.map(each => ['alarm', 'bad', `${each.kind}: ${each.why}`]), ...status.blocked.map(each => ['stop', 'bad', `${each.what}: ${each.why}`]),
    ...status.behind.map(each => ['drift', 'bad', `${each.what}: ${each.why}`]), ...status.notRunning.map(each => ['hollow', 'warn', `${each.what} ${each.why}`]),
    ...status.unread.map(each => ['question', 'bad', `${each.what}: ${each.why}`]),
    ...(status.hold ? [['pause', 'warn', `${status.hold.scope} held: ${status.hold.why}${status.hold.until ? ` until ${clock(status.hold.until)}` : ''}`]] : []),
    ...status.waiting.map(each => [each.approval ? 'person' : 'glass', each.approval ? 'warn' : 'run', `${each.what}${each.until ? ` until ${clock(each.until)}` : ''}: ${each.why}`])];
  return notes.length > 0 ? html`<ul class="notes shapes">${notes.map(([shape, tone, text]) => html`<li><${Shape} name=${shape} tone=${tone} /> <span>${plain(text)}</span></li>`)}</ul>`
    : why ? html`<p>${plain(why)}</p>` : null;
}

export function Image({ name, session, act, show }) {
  const answer = useView(`image/${name}`, 5);
  const [chosen, setChosen] = useState([]);
  useEffect(() => show(answer), [answer]);
  const view = answer.view;
  if (!view) return html`<p class="crumbs"><a href="#/fleet">Fleet</a></p><div class="heading"><h1 tabindex="-1">${name}</h1></div><${Loading} answer=${answer} what=${name} />`;

  const { status, from, watches, rules } = view.image;
  const builds = view.history?.builds ?? [];
  const scans = new Map(view.scans.map(scan => [scan.digest, scan]));
  const retained = planned(view.plan);
  const promoted = promotedText(status);
  const current = promoted[0]?.version;
  const choose = version => setChosen(before => before.includes(version) ? before.filter(each => each !== version) : [...before.slice(-1), version]);
  const known = builds.map(build => build.version);
  const newest = builds.find(build => build.state === 'available' && build.version !== current)?.version;
  const suggested = known.includes(current) && newest ? [current, newest] : null;

  // The older one comes first.
  const pair = (chosen.length === 2 ? [...chosen] : suggested)?.sort((a, b) => known.indexOf(b) - known.indexOf(a));
  return html`
    <p class="crumbs"><a href="#/fleet">Fleet</a> ${from.map(each => html`<span aria-hidden="true">›</span> <span>${each}</span> `)}</p>
    <div class="heading"><h1 tabindex="-1">${name}</h1><${State} state=${status.state} /></div>
    <${Problem} answer=${answer} />
    <${Findings} state=${view.image} />
    ${view.problem && html`<p class="problem">${view.problem}</p>`}
    ${session.allowActions && html`<${Actions} name=${name} view=${view} act=${act} />`}
    <dl class="facts wide">
      <${Fact} name="promoted">${promoted.length === 0 ? html`<span class="quiet">nothing</span>` : promoted.map(each => html`<span class="build">${each.version}</span> <${Tags} tags=${each.tags} />`)}</${Fact}>
      <${Fact} name="base">${status.base ? plain(status.base) : 'unknown'} <${Digest} value=${status.baseDigest} /></${Fact}>
      <${Fact} name="must pass">${rules.length > 0 ? rules.join(', ') : 'nothing'}</${Fact}>
      <${Fact} name="repository">${status.repository}</${Fact}>
      ${watches.length > 0 && html`<${Fact} name="watches">${watches.join(', ')}</${Fact}>`}
      <${Fact} name="next build"><span>${status.build.decision}${status.build.until ? ` until ${clock(status.build.until)}` : ''} <span class="quiet">${reasons(status.build.reasons)}</span></span></${Fact}>
      ${view.plan.releases.filter(release => release.decision !== 'no').map(release => html`<${Fact} name="release ${release.version}"><span>${release.decision} <span class="quiet">${reasons(release.reasons)}</span></span></${Fact}>`)}
    </dl>
    <div class="heading sub"><h2>Builds</h2><span class="quiet">${count(builds.length, 'build')}</span><span class="grow"></span>
      ${pair && html`<a class="button" href="#/compare/${name}/${pair[0]}/${pair[1]}">Compare ${pair[0]} with ${pair[1]}</a>`}
      ${chosen.length < 2 && builds.length > 1 && html`<span class="quiet">${pair ? 'or select two' : 'Select two to compare'}</span>`}</div>
    ${builds.length === 0 ? html`<p class="empty">It was never built. ${reasons(status.build.reasons)}</p>`
      : html`<ol class="timeline">${builds.map(build => html`<${Build} key=${build.version} build=${build} view=${view} scans=${scans} retained=${retained} tags=${view.tags} chosen=${chosen} choose=${choose} />`)}</ol>`}
    <div class="columns">
      <section aria-labelledby="tags"><h2 id="tags">Tags by account and Region</h2>
        ${view.tags.length === 0 ? html`<p class="quiet">No build has a tag.</p>` : html`<div class="scroll"><table>
          <thead><tr><th scope="col">Account</th><th scope="col">Region</th><th scope="col">Build</th><th scope="col">Image</th><th scope="col">Tags</th></tr></thead>
          <tbody>${view.tags.map(each => html`<tr><td>${each.account}</td><td class="short">${each.region}</td><td>${each.version ?? ''}</td><td>${each.digest ? html`<${Digest} value=${each.digest} />` : ''}</td>
            <td>${each.unread ? html`<span class="tone-bad">${each.unread}</span>` : html`<${Tags} tags=${each.tags} />`}</td></tr>`)}</tbody></table></div>`}</section>
      <section aria-labelledby="uses"><h2 id="uses">Where it runs</h2>
        ${view.uses.length === 0 ? html`<p class="quiet">No workload that the catalog names runs it.</p>`
          : html`<ul class="notes">${view.uses.map(use => html`<li>${use.use === 'runs' ? '' : `${use.use}: `}${use.where}${use.version ? html` <span class="build">${use.version}</span>` : ''}</li>`)}</ul>`}</section>
    </div>`;
}

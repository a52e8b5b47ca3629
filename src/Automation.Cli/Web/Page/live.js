// What happens now: executions with their steps, approvals, incidents and dead letters.
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { useView } from './api.js';
import { clock, count, Loading, Outcome, plain, Problem, Shape, Time } from './parts.js';

const wordOf = execution => execution.status !== 'running' ? (execution.status === 'succeeded' ? execution.outcome ?? execution.status : execution.status)
  : execution.waits ? (execution.waits.approval ? 'approval' : 'waits') : 'running';

function Execution({ execution, now, open }) {
  const word = wordOf(execution);
  return html`<li class="execution"><details open=${open}>
    <summary><${Outcome} word=${word} /><b>${execution.action}</b> ${execution.image ?? ''} ${execution.version ? html`<span class="build">${execution.version}</span>` : ''}
      <span class="quiet name-of">${execution.name}</span><span class="quiet right"><${Time} at=${execution.startedAt} now=${now} /></span></summary>
    ${execution.waits && html`<p class="waits"><${Shape} name=${execution.waits.approval ? 'person' : 'glass'} tone=${execution.waits.approval ? 'warn' : 'run'} /> ${execution.waits.state}${execution.waits.until ? ` until ${clock(execution.waits.until)}` : ''}: ${plain(execution.waits.why)}</p>`}
    ${execution.steps.length === 0 ? html`<p class="quiet">No step has ended yet.</p>` : html`<ol class="steps">${execution.steps.map(step => html`
      <li class=${step.failed ? 'failed' : ''}><time datetime=${step.at}>${clock(step.at).slice(11)}</time><b>${step.state}</b><div>${step.lines.map(line => html`<p>${plain(line)}</p>`)}</div></li>`)}</ol>`}
  </details></li>`;
}

const Event = ({ event }) => html`<li class=${event.decisions.length === 0 ? 'failed' : ''}><time datetime=${event.at} title=${clock(event.at)}>${clock(event.at).slice(11)}</time>
  <b>${plain(event.subject.split(':image/').at(-1))} <span class="quiet">${event.kind}</span></b>
  <div>${event.decisions.length === 0 ? html`<p>Nothing was decided. The log of the function has the reason.</p>` : event.decisions.map(each => html`
    <p><span class="decision">${each.subject.split(':image/').at(-1)}: ${each.decision}</span> ${each.execution && html`<span class="quiet">${each.execution}</span> `}${plain(each.why)}</p>`)}</div></li>`;

function Approval({ execution, session, act }) {
  return html`<li><${Shape} name="person" tone="warn" /><div><b>${execution.image} ${execution.version}</b> waits for an approval${execution.waits.until ? ` until ${clock(execution.waits.until)}` : ''}.
    <p class="quiet">${execution.name}</p>
    <div class="actions"><button onClick=${() => act({ key: `look-${execution.name}`, action: session.allowActions ? 'approve' : 'look', image: execution.image, version: execution.version, execution: execution.name })}>
      ${session.allowActions ? 'See and approve …' : 'See what it changes …'}</button>
      ${session.allowActions && html`<button onClick=${() => act({ key: `reject-${execution.name}`, action: 'reject', image: execution.image, version: execution.version, execution: execution.name })}>Reject …</button>`}</div></div></li>`;
}

export function Live({ session, act, show }) {
  const answer = useView('live', 1.5);
  const [kind, setKind] = useState('all');
  useEffect(() => show(answer), [answer]);
  const view = answer.view;
  if (!view) return html`<div class="heading"><h1 tabindex="-1">Live</h1></div><${Loading} answer=${answer} what="the executions" />`;
  const now = view.place.now;
  const running = view.executions.filter(each => each.status === 'running');
  const approvals = running.filter(each => each.waits?.approval);
  const kinds = ['all', ...new Set(view.executions.map(each => each.action))];
  const shown = view.executions.filter(each => kind === 'all' || each.action === kind);
  return html`
    <div class="heading"><h1 tabindex="-1">Live</h1><p class="summary" role="status">${count(running.length, 'execution')} running, ${count(approvals.length, 'approval')} wanted, ${count(view.incidents.length, 'open incident')}</p>
      <span class="grow"></span><button class="link" onClick=${() => document.getElementById('events').scrollIntoView()}>${view.eventsUnknown ? 'Events' : count(view.events.length, 'event')} of the last day</button></div>
    <${Problem} answer=${answer} />
    <div class="live">
      <section aria-labelledby="executions">
        <div class="tools"><h2 id="executions">Executions</h2><span class="grow"></span>
          <div class="switch" role="group" aria-label="Show only these actions">${kinds.map(each => html`<button aria-pressed=${kind === each} onClick=${() => setKind(each)}>${each}</button>`)}</div></div>
        ${shown.length === 0 ? html`<p class="empty">No execution yet. A push to a base, a schedule or a command starts one.</p>`
          : html`<ol class="executions">${shown.map((each, i) => html`<${Execution} key=${each.name} execution=${each} now=${now} open=${each.status === 'running' || i < 2} />`)}</ol>`}
        <h2 id="events">Events of the last day</h2>
        ${view.eventsUnknown ? html`<p class="quiet">Not known: ${view.eventsUnknown}</p>`
          : view.events.length === 0 ? html`<p class="empty">No event arrived: no push to a base, and no build that ended.</p>`
          : html`<ol class="steps events" aria-labelledby="events">${view.events.map(each => html`<${Event} key=${each.at + each.subject} event=${each} />`)}</ol>`}
      </section>
      <aside aria-label="What needs people">
        <h2>Approvals</h2>
        ${approvals.length === 0 ? html`<p class="quiet">No release waits for one.</p>` : html`<ul class="notes shapes">${approvals.map(each => html`<${Approval} key=${each.name} execution=${each} session=${session} act=${act} />`)}</ul>`}
        <h2>Incidents</h2>
        ${view.incidents.length === 0 ? html`<p class="quiet">None is open.</p>` : html`<ul class="notes shapes">${view.incidents.map(each => html`
          <li><${Shape} name="alarm" tone="bad" /><div><b>${each.image}</b> ${each.kind} <span class="quiet"><${Time} at=${each.since} now=${now} /></span><p>${plain(each.why)}</p></div></li>`)}</ul>`}
        <h2>Dead letters</h2>
        ${view.deadLetters === 0 ? html`<p class="quiet">None.</p>`
          : view.deadLetters > 0 ? html`<p><${Shape} name="alarm" tone="bad" /> ${count(view.deadLetters, 'message')} could not be processed: <code>automation redrive</code></p>`
          : html`<p class="quiet">Not known: ${view.deadLettersUnknown}</p>`}
      </aside>
    </div>`;
}

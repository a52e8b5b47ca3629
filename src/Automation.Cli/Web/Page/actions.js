// The confirmation of an action: its command, what it would do, and its result. The command runs only after the button in the dialog.
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { runAction, useView } from './api.js';
import { Comparison } from './compare.js';
import { Loading, Outcome, reasons, size } from './parts.js';

const titles = {
  build: 'Build', promote: 'Promote a build of', rollback: 'Roll back', hold: 'Hold', unhold: 'End the hold of', approve: 'Approve the release of', reject: 'Reject the release of',
  prune: 'Report a prune of', look: 'What the release changes in',
};
const quote = text => /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function commandOf(action, image, form, asked) {
  switch (action) {
    case 'promote': return ['promote', image, ...(form.version ? [form.version] : [])];
    case 'rollback': return ['rollback', image, form.version ?? ''];
    case 'hold': return ['hold', image, `--reason=${form.reason ?? ''}`, ...(form.until ? [`--until=${form.until}`] : []), ...(form.scope ? [`--scope=${form.scope}`] : [])];
    case 'approve': return ['approve', asked.execution, '--yes'];
    case 'reject': return ['reject', asked.execution, ...(form.reason ? [`--reason=${form.reason}`] : [])];
    default: return [action, image];
  }
}

function Difference({ image, version }) {
  const answer = useView(`compare/${image}/${version}`, 30);
  return html`<${Loading} answer=${answer} what="what would change" />${answer.view && html`<${Comparison} view=${answer.view} level=${3} />`}`;
}

// What the planners of the commands say about the action.
function Plan({ asked, form }) {
  const { action, image, view } = asked;
  if (['approve', 'reject', 'look'].includes(action)) return html`<${Difference} image=${image} version=${asked.version} />`;
  if (['promote', 'rollback'].includes(action)) return form.version ? html`<${Difference} key=${form.version} image=${image} version=${form.version} />` : null;
  const { status } = view.image;
  switch (action) {
    case 'build': return html`<p>The rules say: <b>${status.build.decision}</b> <span class="quiet">${reasons(status.build.reasons)}</span></p>
      <p>A requested build starts anyway. Holds and quiet times do not stop it.</p>${status.running.length > 0 && html`<p class="quiet">Running now: ${status.running.join(', ')}</p>`}`;
    case 'hold': return html`<p>Builds and floating tags of ${image} stop at once. What is promoted stays.</p>`;
    case 'unhold': return html`<p>It is held: ${status.hold?.why}. The next reconcile does what is due then.</p>`;
    case 'prune': return html`<p>The prune only reports; it deletes nothing. Now it would report:</p>${view.plan.prune.map(prune => html`
      <p><b>${prune.region}</b> delete ${prune.deleteImages} images (${size(prune.deleteBytes)}) and ${prune.deleteRecords} records, mark ${prune.supersede}, keep ${prune.keep}</p>
      <ul class="notes">${prune.items.filter(item => item.action !== 'keep').map(item => html`<li><${Outcome} word=${item.action} /> ${item.target} <span class="quiet">${reasons(item.reasons)}</span></li>`)}</ul>`)}`;
    default: return null;
  }
}

function Form({ asked, form, set }) {
  const field = (name, label, props = {}) => html`<label class="field"><span>${label}</span>
    <input name=${name} value=${form[name] ?? ''} onInput=${event => set({ ...form, [name]: event.target.value })} autocomplete="off" ...${props} /></label>`;
  switch (asked.action) {
    case 'promote':
    case 'rollback': {
      const builds = (asked.view.history?.builds ?? []).filter(build => build.state === 'available');
      return html`<label class="field"><span>Build</span><select name="version" value=${form.version} onChange=${event => set({ ...form, version: event.target.value })}>
        ${builds.map(build => html`<option value=${build.version}>${build.version}${build.release ? `, ${build.release.state}` : ''}</option>`)}</select></label>`;
    }
    case 'hold': return html`${field('reason', 'Reason, which status and why show', { required: true })}${field('until', 'Until (2026-01-31T03:00Z, 36h or 7d); empty: until it is ended')}
      <label class="field"><span>Scope</span><select name="scope" value=${form.scope ?? 'everything'} onChange=${event => set({ ...form, scope: event.target.value })}>
        <option value="everything">builds and floating tags</option><option value="promotion">floating tags only</option></select></label>`;
    case 'reject': return field('reason', 'Reason, which is written on the build');
    default: return null;
  }
}

function firstForm(asked) {
  const builds = (asked.view?.history?.builds ?? []).filter(build => build.state === 'available');
  const promoted = builds.filter(build => build.release?.state === 'promoted');
  if (asked.action === 'promote') return { version: (builds.find(build => build.release?.state !== 'promoted') ?? builds[0])?.version };
  if (asked.action === 'rollback') return { version: (promoted[1] ?? builds[1] ?? builds[0])?.version };
  return {};
}

export function ActionDialog({ asked, session, close }) {
  const dialog = useRef(null);
  const [form, setForm] = useState(() => firstForm(asked));
  const [result, setResult] = useState(null);
  const [busy, setBusy] = useState(false);
  const { action, image } = asked;
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  const command = commandOf(action, image, form, asked);
  const needsVersion = ['promote', 'rollback'].includes(action) && !form.version;
  const missing = needsVersion || (action === 'hold' && !form.reason?.trim());
  const run = async event => {
    event.preventDefault();
    setBusy(true);
    try {
      setResult(await runAction(session, { action, image, version: form.version, execution: asked.execution, reason: form.reason?.trim(), until: form.until?.trim(), scope: form.scope }));
    } catch (error) {
      setResult({ command: '', exitCode: 1, lines: [error.message] });
    }
    setBusy(false);
  };
  return html`<dialog ref=${dialog} aria-labelledby="dialog-title" onClose=${close}>
    <form onSubmit=${run}>
      <header><h2 id="dialog-title">${titles[action]} ${image}</h2><button type="button" class="plain" aria-label="Close" onClick=${() => dialog.current.close()}>✕</button></header>
      <div class="dialog-body">
        ${!result && html`<${Form} asked=${asked} form=${form} set=${setForm} /><${Plan} asked=${asked} form=${form} />`}
        ${action !== 'look' && html`<p class="command"><span class="quiet">It runs</span> <code>automation ${command.map(quote).join(' ')}</code></p>`}
        <div role="status" aria-live="polite">${result && html`<p><${Outcome} word=${result.exitCode === 0 ? 'succeeded' : 'failed'} /></p><pre class="result">${result.lines.join('\n')}</pre>`}</div>
      </div>
      <footer>${result || action === 'look' ? html`<button type="button" class="primary" onClick=${() => dialog.current.close()}>Close</button>`
        : html`<button type="button" onClick=${() => dialog.current.close()}>Cancel</button><button type="submit" class="primary" disabled=${busy || missing || !session.allowActions}>${busy ? 'Running …' : titles[action].split(' ')[0]}</button>`}</footer>
    </form></dialog>`;
}

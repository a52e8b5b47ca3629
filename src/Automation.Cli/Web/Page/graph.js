// The lineage as a graph from left to right. Cards are HTML, so they can be read, focused and selected; edges are SVG behind them.
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { statesBelow } from './lineage.js';
import { age, plain, short, State, stateOrder } from './parts.js';
import { promotedAt, promotedText } from './fleet.js';

const sizes = { few: { height: 92, gap: 16, columnGap: 64, widest: 320 }, many: { height: 54, gap: 6, columnGap: 40, widest: 300 } };
const narrowest = 210;

// The columns share the width of the page, as far as a card stays readable.
function sizeFor(rows, many, room) {
  const size = many ? sizes.many : sizes.few;
  const columns = Math.max(...rows.map(row => row.depth)) + 1;
  return { ...size, width: Math.max(narrowest, Math.min(size.widest, Math.floor((room - (columns - 1) * size.columnGap) / columns))) };
}

// Leaves take the next free place. A parent is beside the middle of its children, or beside the first one if they fill more than a screen.
function place(rows, { width, height, gap, columnGap }) {
  const children = new Map(rows.map(row => [row, []]));
  for (const row of rows) if (row.parent) children.get(row.parent).push(row);
  let next = 0;
  const set = row => {
    const below = children.get(row);
    row.x = row.depth * (width + columnGap);
    if (below.length === 0) {
      row.y = next;
      next += height + gap;
    } else {
      below.forEach(set);
      row.y = below.at(-1).y - below[0].y > 600 ? below[0].y : (below[0].y + below.at(-1).y) / 2;
    }
  };
  for (const row of rows) {
    if (!row.parent) {
      set(row);
      next += gap;
    }
  }
  return { height: next - 2 * gap, width: Math.max(...rows.map(row => row.x)) + width };
}

const edge = (from, to, { width, height }) => {
  const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
};

function Fold({ node, collapsed, toggle }) {
  const closed = collapsed.has(node.name);
  return node.children.length > 0 && html`
    <button class="fold" aria-expanded=${!closed} aria-label="${closed ? 'Expand' : 'Collapse'} ${node.name}" onClick=${() => toggle(node.name)}>
      ${closed ? `▸ ${node.below}` : '▾'}</button>`;
}

function Card({ row, now, size, many, collapsed, toggle }) {
  const { node } = row;
  const style = { left: `${row.x}px`, top: `${row.y}px`, width: `${size.width}px`, height: `${size.height}px` };
  if (!node.image) {
    return html`<li class="card base" style=${style}>
      <div class="card-top"><b class="base-name">${node.name}</b><${Fold} node=${node} collapsed=${collapsed} toggle=${toggle} /></div>
      <div class="card-fact"><span class="quiet">base</span> ${node.base?.digest ? html`<code class="digest">${short(node.base.digest)}</code>` : ''}
        ${node.base?.pushedAt ? html`<span class="quiet">pushed ${age(node.base.pushedAt, now)} ago</span>` : html`<span class="quiet">${node.base?.unread ?? ''}</span>`}</div>
      ${!many && html`<div class="card-why quiet">below it: ${statesBelow(node, stateOrder) || 'nothing'}</div>`}</li>`;
  }
  const { status, rules, why } = node.image;
  const promoted = promotedText(status);
  const at = promotedAt(status);
  return html`<li class="card edge-${status.state} ${row.dim ? 'dim' : ''}" style=${style}>
    <div class="card-top"><a href="#/image/${status.image}" title=${plain(why) || status.state}>${status.image}</a><${State} state=${status.state} />
      <${Fold} node=${node} collapsed=${collapsed} toggle=${toggle} /></div>
    <div class="card-fact">${promoted.length > 0
      ? html`<span class="build">${promoted[0].version}</span>${promoted[0].tags.slice(0, 3).map(tag => html`<code class="tag">${tag}</code>`)}${promoted.length > 1 ? ` +${promoted.length - 1}` : ''}`
      : html`<span class="quiet">nothing promoted</span>`}${at ? html`<span class="quiet right">${age(at, now)}</span>` : ''}</div>
    ${!many && html`<div class="card-why ${why ? '' : 'quiet'}">${plain(why) || (rules.length > 0 ? `passed ${rules.join(', ')}` : 'no gate')}</div>`}</li>`;
}

export function Graph({ rows, now, collapsed, toggle, many }) {
  const box = useRef(null);
  const [room, setRoom] = useState(1200);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setRoom(Math.floor(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const size = sizeFor(rows, many, room);
  const area = place(rows, size);
  const at = new Map(rows.map(row => [row.node, row]));
  const more = rows.flatMap(row => row.node.more.map(other => [at.get(other), row])).filter(([from]) => from && from !== null);
  return html`
    <div ref=${box} class="scroll graph" role="region" aria-label="Lineage from bases to images" tabindex="0">
      <div class="canvas" style=${{ width: `${area.width}px`, height: `${area.height}px` }}>
        <svg width=${area.width} height=${area.height} aria-hidden="true" focusable="false">
          ${rows.filter(row => row.parent).map(row => html`<path class="edge ${row.dim ? 'dim' : ''}" d=${edge(row.parent, row, size)} />`)}
          ${more.map(([from, to]) => html`<path class="edge watched" d=${edge(from, to, size)} />`)}
        </svg>
        <ul>${rows.map(row => html`<${Card} key=${row.key} row=${row} now=${now} size=${size} many=${many} collapsed=${collapsed} toggle=${toggle} />`)}</ul>
      </div>
    </div>
    ${more.length > 0 && html`<p class="quiet legend">A dashed line is a watched image: its push rebuilds too.</p>`}`;
}

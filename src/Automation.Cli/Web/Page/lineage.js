// The lineage as a forest: each node below its first parent. Other parents and watched images are further edges.
const newNode = name => ({ name, image: null, base: null, children: [], parent: null, more: [], below: 0, states: new Map() });

const add = (states, state, number) => states.set(state, (states.get(state) ?? 0) + number);

export function lineage(view) {
  const nodes = new Map();
  const node = name => nodes.get(name) ?? nodes.set(name, newNode(name)).get(name);
  for (const base of view.bases) node(base.name).base = base;
  for (const image of view.images) node(image.status.image).image = image;
  for (const image of view.images) {
    const own = node(image.status.image);
    const [first, ...others] = image.from;
    own.more = [...others, ...image.watches].map(node);
    if (first && first !== own.name) {
      own.parent = node(first);
      own.parent.children.push(own);
    }
  }
  const all = [...nodes.values()];
  const roots = all.filter(each => !each.parent);
  const seen = new Set();
  const tally = each => {
    if (seen.has(each)) return;
    seen.add(each);
    each.children.sort((a, b) => a.name.localeCompare(b.name));
    for (const child of each.children) {
      tally(child);
      each.below += child.below + 1;
      if (child.image) add(each.states, child.image.status.state, 1);
      for (const [state, number] of child.states) add(each.states, state, number);
    }
  };
  roots.forEach(tally);
  roots.sort((a, b) => (a.image ? 1 : 0) - (b.image ? 1 : 0) || a.name.localeCompare(b.name));
  return { roots, all };
}

// The visible nodes from top to bottom. With a filter, the parents of what fits stay, dimmed.
export function rowsOf(tree, fits, collapsed) {
  const rows = [];
  const visit = (node, depth, parent) => {
    const self = !fits || (node.image && fits(node.image));
    const row = { node, depth, parent, key: node.name, dim: fits && node.image && !self };
    const at = rows.push(row);
    let any = self;
    if (!collapsed.has(node.name)) for (const child of node.children) any = visit(child, depth + 1, row) || any;
    if (!any) rows.length = at - 1;
    return any;
  };
  for (const root of tree.roots) visit(root, 0, null);
  return rows;
}

// 54 ok, 2 blocked: the states of everything below a node, in the order of the list.
export const statesBelow = (node, order) => order.filter(state => node.states.has(state)).map(state => `${node.states.get(state)} ${state}`).join(', ');

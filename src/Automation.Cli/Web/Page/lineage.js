// The lineage as a forest: each node below its first parent. Other parents and watched images are further edges.
const newNode = name => ({ name, image: null, base: null, children: [], parent: null, more: [], below: 0, problemsBelow: 0 });

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
      each.problemsBelow += child.problemsBelow + (child.image?.status.isProblem ? 1 : 0);
    }
  };
  roots.forEach(tally);
  roots.sort((a, b) => (a.image ? 1 : 0) - (b.image ? 1 : 0) || a.name.localeCompare(b.name));
  return { roots, all };
}

// The visible nodes from top to bottom. With a filter, the parents of what fits stay, dimmed.
export function rowsOf(tree, fits, collapsed) {
  const rows = [];
  const add = (node, depth, parent) => {
    const self = !fits || (node.image && fits(node.image));
    const row = { node, depth, parent, key: node.name, dim: fits && node.image && !self };
    const at = rows.push(row);
    let any = self;
    if (!collapsed.has(node.name)) for (const child of node.children) any = add(child, depth + 1, row) || any;
    if (!any) rows.length = at - 1;
    return any;
  };
  for (const root of tree.roots) add(root, 0, null);
  return rows;
}

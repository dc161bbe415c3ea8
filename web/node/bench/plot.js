/** plot.js: the results as SVG: for each program a bar for each runner, its speed as a multiple of a reference's, on a
 * logarithmic scale; bars to the right of the line are faster, bars to the left slower. */

/** Colours that are told apart, by people who see few colours too, on light and on dark ground. */
const COLOURS = /** @type {Record<string, string>} */ ({
  cpython: '#7d8590', javascript: '#d98c1f', interpreted: '#2f7fd1', translated: '#3aa26b', calling: '#8fce9f' });
/** For peers. */
const MORE_COLOURS = ['#b05fc0', '#c2504a', '#17a2b0', '#9a7b4f'];
const LABELS = 150;
const WIDTH = 640;
const BAR = 11;
const GAP = 12;
const TOP = 74;

/** @typedef {import('./sample.js').Measurement} Measurement */

const PARTS = /** @type {const} */ ([
  ['fib', 'recursive Fibonacci'],
  ['programs', 'programs of the default image'],
  ['awfy', 'are-we-fast-yet on Cuis 5.0'],
  ['micro', 'micro benchmarks'],
]);

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

/** CPython where it ran that program, or else our interpreter. @param {Measurement[]} group */
const reference = (group) => group.find(({ runner }) => runner === 'cpython') ?? group.find(({ runner }) => runner === 'interpreted') ?? group[0];

/** The programs of each part with their bars. @param {Measurement[]} measurements */
function groups(measurements) {
  return PARTS.flatMap(([part, title]) => {
    const own = measurements.filter((each) => each.part === part);
    const names = [...new Set(own.map(({ name }) => name))];
    return names.map((name, i) => {
      const group = own.filter((each) => each.name === name);
      const base = reference(group);
      return {
        heading: i === 0 ? `${title} (${base.runner} = 1)` : null,
        name,
        bars: group.filter((each) => each !== base).map(({ runner, median }) => ({ runner, speed: base.median / median })),
      };
    });
  });
}

/** @param {Measurement[]} measurements @param {{cpu?: string, engine: string}} machine @returns {string} */
export function plot(measurements, machine) {
  const all = groups(measurements);
  const speeds = all.flatMap(({ bars }) => bars.map(({ speed }) => speed));
  const runners = [...new Set(all.flatMap(({ bars }) => bars.map(({ runner }) => runner)))];
  const others = runners.filter((runner) => !(runner in COLOURS));
  /** @param {string} runner */
  const colour = (runner) => COLOURS[runner] ?? MORE_COLOURS[others.indexOf(runner) % MORE_COLOURS.length];
  // Whole powers of ten on both sides, and 1 always in sight.
  const low = Math.min(0, Math.floor(Math.log10(Math.min(1, ...speeds))));
  const high = Math.max(1, Math.ceil(Math.log10(Math.max(1, ...speeds))));
  /** @param {number} speed */
  const x = (speed) => LABELS + ((Math.log10(speed) - low) / (high - low)) * WIDTH;
  const parts = [];
  let y = TOP;
  for (const { heading, name, bars } of all) {
    if (heading !== null) {
      y += 14;
      parts.push(`<text class="h" x="14" y="${y}">${escape(heading)}</text>`);
      y += 12;
    }
    const height = Math.max(bars.length, 1) * BAR;
    parts.push(`<text x="${LABELS - 10}" y="${y + height / 2 + 4}" text-anchor="end">${escape(name)}</text>`);
    bars.forEach(({ runner, speed }, i) => {
      const [from, to] = [x(1), x(speed)].sort((a, b) => a - b);
      const at = y + i * BAR;
      const beside = speed >= 1 ? `x="${(to + 4).toFixed(1)}"` : `x="${(from - 4).toFixed(1)}" text-anchor="end"`;
      const shown = speed >= 10 ? speed.toFixed(0) : speed.toPrecision(2);
      parts.push(`<rect x="${from.toFixed(1)}" y="${at + 1}" width="${Math.max(to - from, 1).toFixed(1)}" height="${BAR - 2}" fill="${colour(runner)}"><title>${escape(`${name}, ${runner}: ${speed.toPrecision(3)} ×`)}</title></rect>`);
      parts.push(`<text class="v" ${beside} y="${at + BAR - 2}">${shown}</text>`);
    });
    y += height + GAP;
  }
  const grid = [];
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power).toFixed(1);
    grid.push(`<line class="${power === 0 ? 'one' : 'grid'}" x1="${at}" y1="${TOP}" x2="${at}" y2="${y}"/>`);
    grid.push(`<text class="v" x="${at}" y="${TOP - 5}" text-anchor="middle">${power < 0 ? `1/${10 ** -power}` : 10 ** power} ×</text>`);
  }
  const legend = runners.map((runner, i) =>
    `<rect x="${LABELS + i * 105}" y="34" width="11" height="11" fill="${colour(runner)}"/><text x="${LABELS + i * 105 + 16}" y="44">${escape(runner)}</text>`);
  const width = LABELS + WIDTH + 60;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 20}" width="${width}" height="${y + 20}" font-family="system-ui, sans-serif" font-size="12">
<style>
  .paper { fill: #ffffff } text { fill: #24292f } .v { font-size: 9px; fill: #57606a } .h { font-weight: 600; stroke: #ffffff; stroke-width: 4; paint-order: stroke }
  .grid { stroke: #d0d7de } .one { stroke: #57606a; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181d } .h { stroke: #14181d } text { fill: #e6edf3 } .v { fill: #9aa4af } .grid { stroke: #343b44 } .one { stroke: #9aa4af }
  }
</style>
<rect class="paper" width="100%" height="100%"/>
<text x="14" y="22" font-size="15" font-weight="600">Catalyst: how many times as fast</text>
<text class="v" x="${width - 14}" y="22" text-anchor="end">${escape(`${machine.cpu ?? ''}, ${machine.engine}`)}</text>
${legend.join('\n')}
${grid.join('\n')}
${parts.join('\n')}
</svg>
`;
}

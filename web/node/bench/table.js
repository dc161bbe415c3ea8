/** table.js: the results as text. */

/** @param {number} value  with three digits or so */
const number = (value) => (value === undefined || !Number.isFinite(value) ? '–' : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** @param {(string | number)[][]} rows  the first is the heading; numbers stand on the right */
function table(rows) {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell)));
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells.map((row) => '  ' + row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i] + 2))).join('').trimEnd()).join('\n');
}

/** @param {number} value */
const percent = (value) => `${(value * 100).toFixed(1)} %`;

/** @param {any} fib */
function fibText(fib) {
  const peers = Object.keys(fib.timesFasterThanPeers);
  const cpython = fib.nsPerSend.cpython;
  const heading = ['', 'ns a send', '× CPython', ...peers.map((name) => `× ${name}`)];
  const rows = Object.entries(fib.nsPerSend).map(([name, ns]) => [name, ns, cpython / ns, ...peers.map((peer) => fib.nsPerSend[peer] / ns)]);
  return `recursive Fibonacci, ${fib.inner} benchFib\n${table([heading, ...rows])}\n`;
}

/** @param {any} micro */
function microText({ rows }) {
  const peers = Object.keys(rows[0].ns).filter((name) => name !== 'interpreted' && name !== 'translated');
  const heading = ['', 'of one', 'interpreted', 'translated', 'gain', 'spread', '× the loop', ...peers];
  const lines = rows.map((/** @type {any} */ { name, unit, ns, translatedTimesFaster, spread, timesTheLoop }) =>
    [name, unit, ns.interpreted, ns.translated, translatedTimesFaster, percent(spread.translated), timesTheLoop?.translated ?? '', ...peers.map((peer) => ns[peer])]);
  return `micro benchmarks (ns); × the loop: the same with to:do:, both translated\n${table([heading, ...lines])}\n`;
}

/** @param {any} programs */
function programsText({ rows, translatedTimesFaster }) {
  const runners = Object.keys(rows[0].ms);
  const heading = ['', ...runners, 'gain', 'spread'];
  const lines = rows.map((/** @type {any} */ { name, ms, spread }) =>
    [name, ...runners.map((runner) => ms[runner]), ms.interpreted / ms.translated, percent(spread.translated)]);
  const means = Object.entries(translatedTimesFaster).map(([name, ratio]) => `  translated, × ${name}: ${number(Number(ratio))} (geometric mean)`);
  return `programs of the default image (ms an iteration); gain: interpreted / translated\n${table([heading, ...lines])}\n${means.join('\n')}\n`;
}

/** @param {any} awfy */
function awfyText({ rows, scale, geometricMeans, leastOverSqueakJS }) {
  const peers = Object.keys(rows[0].peersMs);
  const heading = ['', 'interpreted', 'translated', 'SqueakJS', 'Cog', '× SqueakJS', ...peers];
  const lines = rows.map((/** @type {any} */ row) =>
    [row.name, row.interpretedMs, row.translatedMs, row.squeakjsMs, row.cogMs, row.squeakjsMs / row.translatedMs, ...peers.map((peer) => row.peersMs[peer])]);
  const means = Object.entries(geometricMeans).map(([name, ratio]) => `  ${name}: ${number(Number(ratio))} ×`);
  return `are-we-fast-yet on Cuis (ms); SqueakJS and Cog: published times × ${scale.toFixed(2)}, by CPython\n${table([heading, ...lines])}\n${means.join('\n')}\n  the least over SqueakJS: ${number(leastOverSqueakJS)} ×\n`;
}

/** @param {any} costs */
function costsText({ demonstration, script }) {
  return `what translation costs
  the demonstration: ${number(demonstration.ms)} ms, ${number(demonstration.translatingMs)} ms of it translating: ${percent(demonstration.share)}
  a short script: ${number(script.interpretedMs)} ms interpreted, ${number(script.translatedMs)} ms translated: ratio ${script.ratio.toFixed(3)}, spread ${percent(script.spread)}
    of processor time ${number(script.interpretedCpuMs)} and ${number(script.translatedCpuMs)} ms: ratio ${script.cpuRatio.toFixed(3)}
`;
}

/** @param {any} result */
export const text = ({ machine, fib, micro, programs, awfy, costs }) =>
  [`in ${machine.engine}\n`, fib && fibText(fib), micro && microText(micro), programs && programsText(programs), awfy && awfyText(awfy), costs && costsText(costs)]
    .filter(Boolean)
    .join('\n');

/** programs.js: the default image's whole programs beside their ports, and its micro benchmarks. */
import { catalyst, peerRunner, peers, python } from './runners.js';
import { measure } from './measure.js';
import { geometricMean } from './sample.js';

/** What a micro benchmark does, how often for each of its inner rounds, and what it is held against.
 * @type {Record<string, {unit: string, times: number, against?: string}>} */
const MICRO = {
  Bytecodes: { unit: 'bytecode', times: 500_000 },
  LoopDo: { unit: 'element', times: 1000, against: 'LoopToDo' },
  LoopInject: { unit: 'element', times: 1000, against: 'LoopToDo' },
  LoopToDo: { unit: 'element', times: 1000 },
  LoopDetect: { unit: 'element', times: 1000, against: 'LoopSearch' },
  LoopSearch: { unit: 'element', times: 1000 },
  ProcessSwitch: { unit: 'switch', times: 2 },
  Exception: { unit: 'signal', times: 1 },
  NonLocalReturn: { unit: 'return', times: 1 },
};

/** The names of the image's programs. @param {string[]} options */
const named = (...options) =>
  catalyst(['run', 'default', '--', 'bench', ...options, '--list']).trim().split('\n').map((line) => line.split(' ')[0]);

/** @param {string[]} all @param {string[]} wanted  none means all */
const chosen = (all, wanted) => all.filter((name) => wanted.length === 0 || wanted.some((each) => each.toLowerCase() === name.toLowerCase()));

/**
 * The names among these that name no program.
 * @param {string[]} wanted
 */
export function unknownPrograms(wanted) {
  if (wanted.length === 0) return [];
  const known = [...named(), ...named('--micro')].map((name) => name.toLowerCase());
  return wanted.filter((each) => !known.includes(each.toLowerCase()));
}

/** Medians by runner, program by program. @param {import('./sample.js').Measurement[]} found */
function rowsOf(found) {
  /** @type {Map<string, {name: string, inner: number, ms: Record<string, number>, spread: Record<string, number>}>} */
  const rows = new Map();
  for (const { name, runner, inner, median, spread } of found) {
    const row = rows.get(name) ?? { name, inner, ms: {}, spread: {} };
    row.ms[runner] = median;
    row.spread[runner] = spread;
    rows.set(name, row);
  }
  return [...rows.values()];
}

/** @param {import('./runners.js').Engine} engine @param {number} rounds @param {number} iterations @param {string[]} wanted
 * @param {import('./sample.js').Measurement[]} measurements */
export function benchPrograms({ interpreted, translated, javascript }, rounds, iterations, wanted, measurements) {
  const cpython = python();
  const runners = [...(cpython ? [cpython] : []), javascript, interpreted, translated, ...peers().map(peerRunner)];
  const programs = chosen(named(), wanted);
  if (programs.length === 0) return null;
  const found = measure({ part: 'programs', programs, runners, rounds, iterations });
  measurements.push(...found);
  const rows = rowsOf(found);
  /** How many times the translated program is faster, as a mean over all. @param {string} runner */
  const translatedOver = (runner) => geometricMean(rows.map(({ ms }) => ms[runner] / ms.translated));
  return {
    rows,
    translatedTimesFaster: Object.fromEntries(runners.filter((each) => each !== translated).map(({ name }) => [name, translatedOver(name)])),
  };
}

/** @param {import('./runners.js').Engine} engine @param {number} rounds @param {number} iterations @param {string[]} wanted
 * @param {import('./sample.js').Measurement[]} measurements */
export function benchMicro({ interpreted, translated }, rounds, iterations, wanted, measurements) {
  const runners = [interpreted, translated, ...peers().map(peerRunner)];
  const programs = chosen(named('--micro'), wanted);
  if (programs.length === 0) return null;
  const found = measure({ part: 'micro', programs, runners, rounds, iterations });
  measurements.push(...found);
  const all = rowsOf(found);
  const rows = all.map(({ name, inner, ms, spread }) => {
    const { unit, times, against } = MICRO[name] ?? { unit: 'round', times: 1 };
    const other = all.find((each) => each.name === against);
    return {
      name,
      inner,
      unit,
      ms,
      spread,
      ns: Object.fromEntries(Object.entries(ms).map(([runner, value]) => [runner, (value * 1e6) / (inner * times)])),
      translatedTimesFaster: ms.interpreted / ms.translated,
      ...(other ? { against, timesTheLoop: { interpreted: ms.interpreted / other.ms.interpreted, translated: ms.translated / other.ms.translated } } : {}),
    };
  });
  const bytecodes = rows.find(({ name }) => name === 'Bytecodes');
  return {
    rows,
    ...(bytecodes ? { bytecodesPerSecond: Object.fromEntries(Object.entries(bytecodes.ns).map(([runner, ns]) => [runner, 1e9 / ns])) } : {}),
  };
}

/** awfy.js: the fourteen are-we-fast-yet programs of awfy-cuis-5.0.image, where it is present. */
import fs from 'node:fs';
import path from 'node:path';
import { sharedImages } from '../paths.js';
import { catalyst, examples, inFolder, peers, progress, runOnPeer } from './runners.js';
import { geometricMean, measurement } from './sample.js';

/** The image, or null. */
export function awfyImage() {
  const folder = sharedImages();
  const file = folder && path.join(folder, 'awfy-cuis-5.0.image');
  return file && fs.existsSync(file) ? file : null;
}

/**
 * Who runs the image: how, and how many of the iterations.
 * @typedef {{name: string, share: number, run: (image: string, args: string[]) => void}} AwfyRunner
 */
/** @param {string} node @param {string} name @param {string} mode @returns {AwfyRunner} */
const own = (node, name, mode) =>
  ({ name, share: 1, run: (image, args) => catalyst(['run', mode, image, '--', ...args], path.dirname(image), node) });

/** @returns {AwfyRunner[]} */
const others = () =>
  peers().flatMap((peer) => {
    if (peer.takesArguments) return [{ name: peer.name, share: 0, run: (/** @type {string} */ image, /** @type {string[]} */ args) => void runOnPeer(peer, image, args) }];
    progress(`${peer.name} gets no {args}: are-we-fast-yet is left out there`);
    return [];
  });

/** Milliseconds of each iteration. @param {AwfyRunner} runner @param {string} name @param {number} iterations @param {number} inner */
function times(runner, name, iterations, inner) {
  progress(`${name} ${runner.name}`);
  return inFolder((folder) => {
    const image = path.join(folder, 'awfy.image');
    fs.copyFileSync(/** @type {string} */ (awfyImage()), image);
    fs.chmodSync(image, 0o644);
    const out = path.join(folder, `${name}.txt`);
    runner.run(image, [name, String(iterations), String(inner), out]);
    if (!fs.existsSync(out)) throw new Error(`${runner.name} did not run ${name}`);
    const found = fs.readFileSync(out, 'latin1').split(/[\r\n]+/).filter((line) => line.startsWith(name + ' ')).map((line) => {
      if (!line.endsWith(' ok')) throw new Error(`wrong answer: ${line}`);
      return Number(line.split(' ')[3]) / 1000;
    });
    if (found.length !== iterations) throw new Error(`${name} did not finish in ${runner.name}`);
    return found;
  });
}

/**
 * @param {string} node @param {number} iterations @param {() => number} cpythonNs  measures a call of recursive Fibonacci again and answers the best so far,
 *   which the published times are scaled by as the best times are compared here
 * @param {string[]} wanted @param {import('./sample.js').Measurement[]} measurements
 */
export function benchAwfy(node, iterations, cpythonNs, wanted, measurements) {
  const reference = JSON.parse(fs.readFileSync(path.join(examples, 'awfy-reference.json'), 'utf8'));
  const runners = [own(node, 'interpreted', '--no-translate'), own(node, 'translated', '--translate=hot'), ...others()];
  const measured = Object.entries(/** @type {Record<string, number[]>} */ (reference.programs))
    .filter(([name]) => wanted.length === 0 || wanted.some((each) => each.toLowerCase() === name.toLowerCase()))
    .map(([name, [inner, ...published]]) => {
      cpythonNs();
      /** @type {Record<string, number>} */
      const best = {};
      for (const runner of runners) {
        const samples = times(runner, name, runner.share === 0 ? 1 : iterations, inner);
        measurements.push(measurement('awfy', name, runner.name, inner, samples));
        best[runner.name] = Math.min(...samples);
      }
      return { name, published, best };
    });
  if (measured.length === 0) return null;
  const scale = cpythonNs() / reference.cpythonFibNs;
  const rows = measured.map(({ name, published, best: { interpreted, translated, ...peersMs } }) => {
    const [cogMs, stackMs, squeakjsMs] = published.map((ms) => ms * scale);
    return { name, interpretedMs: interpreted, translatedMs: translated, squeakjsMs, cogMs, stackMs, peersMs };
  });
  /** @param {'squeakjsMs' | 'cogMs' | 'stackMs'} peer @param {'interpretedMs' | 'translatedMs'} mode */
  const faster = (peer, mode) => geometricMean(rows.map((row) => row[peer] / row[mode]));
  return {
    scale,
    rows,
    geometricMeans: {
      interpretedOverSqueakJS: faster('squeakjsMs', 'interpretedMs'),
      translatedOverSqueakJS: faster('squeakjsMs', 'translatedMs'),
      interpretedOverStackVM: faster('stackMs', 'interpretedMs'),
      translatedOverCog: faster('cogMs', 'translatedMs'),
      ...Object.fromEntries(others().map(({ name }) => [`translatedOver_${name}`, geometricMean(rows.map((row) => row.peersMs[name] / row.translatedMs))])),
    },
    leastOverSqueakJS: Math.min(...rows.map((row) => row.squeakjsMs / row.translatedMs)),
  };
}

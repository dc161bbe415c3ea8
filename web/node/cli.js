/** cli.js: the command line: finds the command, prints help, turns errors into one line and an exit code. */
import { UsageError } from './usage.js';

/** One row per command; each module exports `help` and `run(args)`, which answers the exit code. */
const COMMANDS = [
  ['run', 'run an image, or Smalltalk files, or with no argument the demonstration'],
  ['eval', 'evaluate an expression and print its value'],
  ['repl', 'evaluate line by line'],
  ['build', 'compile Smalltalk source into an image'],
  ['info', 'say what an image is: format, classes, processes, primitives'],
  ['convert', 'write an image of another format as Spur of 32 bits'],
  ['screenshot', 'write what an image shows as a PNG file'],
  ['dump', 'show what an image holds and how the VM sees it'],
  ['bench', 'run the benchmarks, interpreted, translated and beside peers'],
  ['test', 'run every test'],
  ['doctor', 'say what is installed and what is missing'],
];

const HELP = `Catalyst runs Smalltalk on WebAssembly.

Usage: ./catalyst COMMAND [ARGUMENTS]

${COMMANDS.map(([name, what]) => `  ${name.padEnd(10)} ${what}`).join('\n')}

./catalyst COMMAND --help tells more. Exit codes: 0 fine, 1 the program failed, 2 wrong usage,
3 bad input file.
`;

/** @param {string[]} argv @returns {Promise<number>} */
async function main([name = '--help', ...args]) {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (name === '--version') {
    const { version } = await import('./paths.js');
    process.stdout.write(`Catalyst ${version()}\n`);
    return 0;
  }
  if (!COMMANDS.some(([known]) => known === name))
    throw new UsageError(`there is no command '${name}'; ./catalyst --help lists them`);
  const command = await import(`./commands/${name}.js`);
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    const expected =
      typeof error.exitCode === 'number' || error.syscall !== undefined || error.code?.startsWith?.('ERR_PARSE_ARGS');
    process.stderr.write(`catalyst: ${expected ? error.message : error.stack}\n`);
    process.exitCode = error.exitCode ?? (error.code?.startsWith?.('ERR_PARSE_ARGS') ? 2 : 1);
  },
);

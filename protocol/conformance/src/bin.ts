/** Runs the command line with the process's own arguments. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2));

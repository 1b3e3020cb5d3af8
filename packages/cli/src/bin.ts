/** Runs the command line with the process's own arguments. */
import { main } from './main.ts';

await main(process.argv.slice(2));

#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Node keeps what it compiled (and the types it stripped) from one start to the next: half of the time to the first
// answer is saved. It has to be switched on before anything else is loaded, hence the import below and not above.
enableCompileCache();
const { runCommand } = await import('./command-line.ts');
await runCommand(process.argv.slice(2));

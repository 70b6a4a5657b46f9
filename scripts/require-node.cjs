// Loaded before anything else (node --require), in words that every Node understands: an older one would stop at the
// first line of TypeScript with an error that names neither the cause nor the cure.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`This is Node ${process.versions.node}, too old for Poolkeeper. Run \`npm ci\` first:`);
  console.error('it brings the Node that the repository uses, and npm scripts find it by themselves.');
  process.exit(1);
}

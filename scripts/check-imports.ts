/**
 * Keeps imports running one way through packages/*\/src, type imports included.
 * It says how much it read, and fails when that is not everything: a checker that reads nothing finds nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, posix, relative, sep } from 'node:path';
import { type Argument, parseSync, Visitor } from 'oxc-parser';

/** The server's rooms from the ground up. A room imports itself and what lies below; rooms of one floor stay apart. */
const floors = [
  ['platform', 'errors', 'config'],
  ['storage'],
  ['outbox'],
  ['domain'],
  ['operations'],
  ['wire', 'oauth', 'web', 'admin'],
  ['http'],
  ['server'],
  ['commands'],
  ['command-line'],
  ['main', 'index'],
];

/** Libraries that must not spread, and the only places for them. */
const keptTo: readonly { readonly module: RegExp; readonly places: readonly string[] }[] = [
  { module: /^(?:kysely|pg|node:sqlite)(?:\/|$)/, places: ['storage/'] },
  { module: /^(?:fastify|@fastify)(?:\/|$)/, places: ['http/', 'oauth/', 'web/', 'admin/'] },
  {
    module: /^(?:nodemailer|twilio|@aws-sdk|@aws-crypto|@smithy)(?:\/|$)/,
    places: [
      'domain/delivery/channels/',
      'domain/triggers/invokers/',
      'domain/triggers/kms/',
      'config/kms.ts',
    ],
  },
];

const typesOfModel = ({ to, typeOnly }: Import) => to === '@poolkeeper/model' && typeOnly;

/** What a package may take from outside its own folder. Console pages are rendered by the server, so Node is there. */
const packages: Readonly<Record<string, (edge: Import) => boolean>> = {
  model: () => false,
  client: typesOfModel,
  console: (edge) => typesOfModel(edge) || edge.to.startsWith('node:'),
  server: ({ to }) => !to.startsWith('@poolkeeper/') || /^@poolkeeper\/(?:model|console)$/.test(to),
};

/** Every operation is a file in a family's folder; the files beside the folders belong to the room. */
const isOperation = (path: string) => /^operations\/.+\//.test(path);

interface Import {
  /** The package's folder, e.g. `server`. */
  readonly in: string;
  /** The importing file, from the package's src. */
  readonly from: string;
  /** The imported file, from the package's src (`../` leads out of it), or the name of a module. */
  readonly to: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Verdict {
  readonly filesOnDisk: number;
  readonly filesRead: number;
  readonly imports: number;
  /** One sentence each, led by `file:line`. */
  readonly violations: readonly string[];
}

/** Checks a repository that has the workspaces model, client, console and server in its packages folder. */
export function checkImports(root: string): Verdict {
  const violations: string[] = [];
  let filesOnDisk = 0;
  let filesRead = 0;
  let imports = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const source = join(root, 'packages', name, 'src');
    const say = (from: string, line: number, text: string) =>
      violations.push(`packages/${name}/src/${from}:${line} ${text}`);
    for (const file of codeFiles(source)) {
      filesOnDisk += 1;
      const reading = readImports(name, source, file);
      if (typeof reading === 'string') {
        say(file, 1, `cannot be read: ${reading}`);
        continue;
      }
      filesRead += 1;
      imports += reading.length;
      for (const edge of reading) {
        const wrong = judge(edge, source);
        if (wrong !== undefined) say(file, edge.line, wrong);
      }
    }
  }
  return { filesOnDisk, filesRead, imports, violations };
}

/** Nothing found is worth something only if this holds: everything was read, and code does import. */
export const lookedAtEverything = ({ filesOnDisk, filesRead, imports }: Verdict) =>
  filesOnDisk > 0 && filesRead === filesOnDisk && imports >= filesOnDisk;

function codeFiles(source: string): string[] {
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\.[cm]?[jt]sx?$/.test(extname(entry.name)))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}

/** The imports of a file in every form that the language has, or why it cannot be read. */
function readImports(packageName: string, source: string, file: string): Import[] | string {
  const text = readFileSync(join(source, file), 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) return errors[0].message;
  if (text.trim() !== '' && program.body.length === 0) return 'it holds no statement.';

  const found: Import[] = [];
  const add = (specifier: string, start: number, typeOnly: boolean) => {
    const local = /^\.{1,2}(?:\/|$)/.test(specifier);
    found.push({
      in: packageName,
      from: file,
      to: local ? posix.join(dirname(file), specifier) : specifier,
      local,
      typeOnly,
      line: text.slice(0, start).split('\n').length,
    });
  };
  const addComputed = (argument: Argument) =>
    add(
      argument.type === 'Literal' && typeof argument.value === 'string' ? argument.value : COMPUTED,
      argument.start,
      false,
    );
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.start, node.importKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source.value, node.start, node.exportKind === 'type'),
    ExportNamedDeclaration(node) {
      if (node.source !== null) add(node.source.value, node.start, node.exportKind === 'type');
    },
    ImportExpression: (node) => addComputed(node.source),
    TSImportType: (node) => add(node.source.value, node.start, true),
    TSExternalModuleReference: (node) => add(node.expression.value, node.start, false),
    CallExpression(node) {
      const [argument] = node.arguments;
      if (node.callee.type === 'Identifier' && node.callee.name === 'require' && argument) {
        addComputed(argument);
      }
    },
  }).visit(program);
  return found;
}

const COMPUTED = '(computed)';
/** It imports what an operator's option names: a function of theirs. */
const OF_USERS = 'domain/triggers/invokers/module-runtime.ts';

/** What is wrong with an import, or undefined. */
function judge(edge: Import, source: string): string | undefined {
  const { from, to } = edge;
  if (to === COMPUTED && from === OF_USERS) return undefined;
  if (to === COMPUTED) return 'imports a computed name, which nobody can check: write it out.';
  if (edge.local) {
    if (to.startsWith('../')) return `reaches out of its package for ${to}: import the package by its name.`;
    if (!existsSync(join(source, to))) return `imports ${to}, which is not there.`;
    return edge.in === 'server' ? judgeRooms(from, to) : undefined;
  }
  const allowed = packages[edge.in];
  if (allowed === undefined) return `belongs to a package that the rules of scripts/check-imports.ts omit.`;
  if (!allowed(edge)) {
    return `imports ${to}${edge.typeOnly ? '' : ' at run time'}, which packages/${edge.in} must not.`;
  }
  const kept = keptTo.find(({ module }) => module.test(to));
  if (kept !== undefined && !kept.places.some((place) => from.startsWith(place))) {
    return `imports ${to}, which belongs in ${kept.places.join(', ')} alone.`;
  }
  return undefined;
}

function judgeRooms(from: string, to: string): string | undefined {
  const [room, other] = [roomOf(from), roomOf(to)];
  const [floor, below] = [floorOf(room), floorOf(other)];
  if (floor < 0) return `is in no room that scripts/check-imports.ts knows.`;
  if (below < 0) return `imports ${to}, which is in no room that scripts/check-imports.ts knows.`;
  if (isOperation(to) && from !== 'operations/index.ts') {
    return `imports the operation ${to}: what two operations share is domain, all others call operations/index.ts.`;
  }
  if (room === other || below < floor) return undefined;
  return `imports ${to}: ${room} comes ${below === floor ? 'beside' : 'before'} ${other}.`;
}

const roomOf = (path: string) => path.replace(/(?:\.ts|\/.*)$/, '');
const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));

if (import.meta.main) {
  const verdict = checkImports(dirname(import.meta.dirname));
  for (const violation of verdict.violations) console.error(violation);
  const { filesRead, filesOnDisk, imports, violations } = verdict;
  console.log(
    `Imports: read ${filesRead} of ${filesOnDisk} files with ${imports} imports, ${violations.length} against the rules.`,
  );
  if (!lookedAtEverything(verdict)) console.error('That is not all there is: the check proves nothing.');
  process.exit(violations.length === 0 && lookedAtEverything(verdict) ? 0 : 1);
}

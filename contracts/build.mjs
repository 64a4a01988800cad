// Compiles src/*.sol with the pinned solc (WASM, offline) and writes artifacts/<Contract>.json.
// `--check` compares instead of writing and fails on any difference: CI runs it, so that `cargo build` needs no node.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

const root = dirname(fileURLToPath(import.meta.url));
const CONTRACTS = ['Officers', 'Agencies', 'Policies', 'Requesters', 'Poseidon6', 'Programs', 'Decisions'];
const PINNED = '0.8.37';
// Paris: no PUSH0, so that consortium chains that are a few forks behind run the same bytecode.
const settings = {
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode', 'storageLayout'] } },
};

const version = solc.version();
if (!version.startsWith(`${PINNED}+`)) {
  console.error(`solc ${version} is installed, ${PINNED} is pinned: run npm ci in contracts/`);
  process.exit(2);
}
const names = readdirSync(join(root, 'src')).filter((f) => f.endsWith('.sol')).sort();
const text = Object.fromEntries(names.map((f) => [f, readFileSync(join(root, 'src', f), 'utf8')]));
const hash = createHash('sha256');
for (const [name, content] of Object.entries(text)) hash.update(`${name}\0${content}\0`);
const sourceHash = '0x' + hash.digest('hex');

const output = JSON.parse(solc.compile(JSON.stringify({
  language: 'Solidity',
  sources: Object.fromEntries(Object.entries(text).map(([n, content]) => [n, { content }])),
  settings,
})));
const problems = output.errors ?? [];
for (const problem of problems) console.error(problem.formattedMessage);
if (problems.length > 0) process.exit(1); // warnings too

// AST ids in type names and source positions would make artefacts change with unrelated edits.
const plain = (layout) => ({
  storage: layout.storage.map(({ label, slot, offset, type }) => ({ label, slot, offset, type: named(type) })),
  types: Object.fromEntries(Object.entries(layout.types ?? {}).map(([id, t]) => [named(id), {
    label: t.label,
    numberOfBytes: t.numberOfBytes,
    ...(t.members && { members: t.members.map((m) => ({ label: m.label, slot: m.slot, offset: m.offset, type: named(m.type) })) }),
  }]).sort(([a], [b]) => (a < b ? -1 : 1))),
});
const named = (type) => type.replace(/\)\d+_/g, ')_');

let stale = 0;
mkdirSync(join(root, 'artifacts'), { recursive: true });
for (const name of CONTRACTS) {
  const contract = output.contracts[`${name}.sol`][name];
  const links = Object.values(contract.evm.deployedBytecode.immutableReferences ?? {}).flat().map(({ start, length }) => ({ start, length }));
  links.sort((a, b) => a.start - b.start);
  const artefact = JSON.stringify({
    contractName: name,
    compiler: version,
    evmVersion: settings.evmVersion,
    sourceHash,
    abi: contract.abi,
    bytecode: '0x' + contract.evm.bytecode.object,
    deployedBytecode: '0x' + contract.evm.deployedBytecode.object,
    immutables: links,
    storageLayout: plain(contract.storageLayout),
  }, null, 1) + '\n';
  const path = join(root, 'artifacts', `${name}.json`);
  const size = contract.evm.deployedBytecode.object.length / 2;
  if (size > 24576) {
    console.error(`${name}: ${size} bytes exceed the limit of EIP-170`);
    stale++;
  }
  if (!process.argv.includes('--check')) {
    writeFileSync(path, artefact);
    console.log(`${name}: ${size} bytes`);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== artefact) {
    console.error(`artifacts/${name}.json is not what the sources compile to: run npm run build in contracts/`);
    stale++;
  }
}
process.exit(stale > 0 ? 1 : 0);

// Makes verifier/tests/vectors/snarkjs/*.json with snarkjs alone: its setup, its prover, its own form of the files.
// Run where snarkjs is installed: node tests/node/known_answer.js DIRECTORY. Every run has another setup, so the files differ each time.
//
// The statement: "I know x with x^3 + a = y", with y and a public. a is p - 1, the largest field element.

const fs = require("fs"), os = require("os"), path = require("path");
const snarkjs = require("snarkjs");
const { writeR1cs } = require("r1csfile");
const { getCurveFromName } = require("ffjavascript");

async function main(out) {
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "known-answer-"));
    const file = (name) => path.join(scratch, name);
    const curve = await getCurveFromName("bn128");
    const F = curve.Fr, one = F.one, minus = F.neg(F.one);
    // Wires: 1, y, a, x, x².
    const constraints = [
        [{ 3: one }, { 3: one }, { 4: one }],
        [{ 4: one }, { 3: one }, { 1: one, 2: minus }],
    ];
    const r1cs = {
        prime: F.p, curve, n8: 32, nVars: 5, nOutputs: 1, nPubInputs: 1, nPrvInputs: 1, nLabels: 5,
        nConstraints: 2, constraints, map: [0, 1, 2, 3, 4], useCustomGates: false,
        customGates: [], customGatesUses: [],
    };
    await writeR1cs(file("circuit.r1cs"), r1cs);
    fs.writeFileSync(file("witness.wtns"), wtns(F.p, [1n, 26n, F.p - 1n, 3n, 9n]));

    const random = () => require("crypto").randomBytes(32).toString("hex");
    await snarkjs.powersOfTau.newAccumulator(curve, 4, file("0.ptau"));
    await snarkjs.powersOfTau.contribute(file("0.ptau"), file("1.ptau"), "one", random());
    await snarkjs.powersOfTau.preparePhase2(file("1.ptau"), file("2.ptau"));
    await snarkjs.zKey.newZKey(file("circuit.r1cs"), file("2.ptau"), file("0.zkey"));
    await snarkjs.zKey.contribute(file("0.zkey"), file("1.zkey"), "one", random());

    const { proof, publicSignals } = await snarkjs.groth16.prove(file("1.zkey"), file("witness.wtns"));
    const key = await snarkjs.zKey.exportVerificationKey(file("1.zkey"));
    // The key that snarkjs makes where nobody contributed to the second phase: delta is gamma, and anybody can forge.
    const uncontributed = await snarkjs.zKey.exportVerificationKey(file("0.zkey"));
    if (!(await snarkjs.groth16.verify(key, publicSignals, proof))) throw new Error("snarkjs rejects its own proof");
    fs.mkdirSync(out, { recursive: true });
    const files = { verification_key: key, proof, public: publicSignals, uncontributed };
    for (const [name, value] of Object.entries(files)) {
        fs.writeFileSync(path.join(out, name + ".json"), JSON.stringify(value, null, 1) + "\n");
    }
    fs.rmSync(scratch, { recursive: true });
    process.exit(0);
}

// snarkjs's witness file: header, then n8 and the prime, then the values, all little-endian.
function wtns(prime, values) {
    const number = (x, bytes) => Buffer.from([...Array(bytes).keys()].map((i) => Number((BigInt(x) >> BigInt(8 * i)) & 255n)));
    const section = (id, content) => Buffer.concat([number(id, 4), number(content.length, 8), content]);
    return Buffer.concat([
        Buffer.from("wtns"), number(2, 4), number(2, 4),
        section(1, Buffer.concat([number(32, 4), number(prime, 32), number(values.length, 4)])),
        section(2, Buffer.concat(values.map((value) => number(value, 32)))),
    ]);
}

main(process.argv[2]);

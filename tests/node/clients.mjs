// Reads a served chain with another project's client, and sends an officer's transaction: `node clients.mjs ethers|viem URL SECRET OFFICERS CALL`.
// Prints what the client saw, as one line of JSON.

import { readFileSync } from "node:fs";

const [, , client, url, secret, officers, call] = process.argv;
const artefact = new URL("../../contracts/artifacts/Officers.json", import.meta.url);
const { abi } = JSON.parse(readFileSync(artefact, "utf8"));

async function withEthers() {
  const { Contract, JsonRpcProvider, Wallet } = await import("ethers");
  const provider = new JsonRpcProvider(url);
  const network = await provider.getNetwork();
  const head = await provider.getBlock("latest");
  const contract = new Contract(officers, abi, new Wallet(secret, provider));
  const delay = Number(await contract.delay());
  const receipt = await (await contract.propose(call)).wait();
  const events = await provider.getLogs({ address: officers, fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber });
  let revert = null;
  try {
    await new Contract(officers, abi, Wallet.createRandom(provider)).propose.staticCall(call);
  } catch (error) {
    revert = error.revert?.name ?? error.message;
  }
  provider.destroy();
  return { chainId: Number(network.chainId), head: head.hash, delay, status: receipt.status === 1, block: receipt.blockNumber, events: events.length, revert };
}

async function withViem() {
  const { createPublicClient, createWalletClient, defineChain, http } = await import("viem");
  const { generatePrivateKey, privateKeyToAccount } = await import("viem/accounts");
  const publicClient = createPublicClient({ transport: http(url) });
  const id = await publicClient.getChainId();
  const chain = defineChain({ id, name: "sealroot", nativeCurrency: { name: "none", symbol: "NONE", decimals: 18 }, rpcUrls: { default: { http: [url] } } });
  const head = await publicClient.getBlock();
  const delay = Number(await publicClient.readContract({ address: officers, abi, functionName: "delay" }));
  const wallet = createWalletClient({ account: privateKeyToAccount(secret), chain, transport: http(url) });
  const hash = await wallet.writeContract({ address: officers, abi, functionName: "propose", args: [call] });
  const receipt = await publicClient.waitForTransactionReceipt({ hash });
  const events = await publicClient.getLogs({ address: officers, fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber });
  let revert = null;
  try {
    const stranger = privateKeyToAccount(generatePrivateKey());
    await publicClient.simulateContract({ account: stranger, address: officers, abi, functionName: "propose", args: [call] });
  } catch (error) {
    revert = error.walk((cause) => cause.data?.errorName)?.data?.errorName ?? error.shortMessage;
  }
  return { chainId: id, head: head.hash, delay, status: receipt.status === "success", block: Number(receipt.blockNumber), events: events.length, revert };
}

console.log(JSON.stringify(await (client === "ethers" ? withEthers() : withViem())));

// node tag.mjs FOLDER < sentences.jsonl: read a sentence {"tokens": […]} per line, print its tags per line.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { makeTagger } from "./tagger.mjs";

const [folder, runtime = "onnxruntime-web"] = process.argv.slice(2);
const BATCH = 32; // sentences; a batch is as wide as its longest sentence
const ort = await import(runtime);
const about = JSON.parse(await readFile(`${folder}/tagger.json`, "utf8"));
const path = about.external_data; // a large table of word vectors lies beside the model
const externalData = path ? [{ path, data: await readFile(`${folder}/${path}`) }] : [];
const session = await ort.InferenceSession.create(await readFile(`${folder}/${about.model}`), { externalData });
const tag = makeTagger({ ort, about, session });

let waiting = [];
async function flush() {
  for (const tags of await tag(waiting)) console.log(JSON.stringify(tags));
  waiting = [];
}
for await (const line of createInterface({ input: process.stdin })) {
  waiting.push(JSON.parse(line));
  if (waiting.length === BATCH) await flush();
}
await flush();

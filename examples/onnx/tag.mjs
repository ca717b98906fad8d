// node tag.mjs FOLDER [RUNTIME] < sentences.jsonl: read a sentence {"tokens": […]} per line, print its tags per line.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Mistake, sentenceOf } from "./sentences.mjs";
import { makeTagger } from "./tagger.mjs";

const USAGE = "usage: node tag.mjs FOLDER [onnxruntime-web or onnxruntime-node] < sentences.jsonl";
const EXPORT = "write one with: seqlab export RUN --format onnx --name NAME";
const BATCH = 32; // sentences; a batch is as wide as its longest sentence

/** The content of a file; a missing one is a mistake with this message. */
const read = (file, missing) => readFile(file).catch(() => { throw new Mistake(missing); });

/** The description of the tagger in a folder. A run directory has a tagger.json too, with other content. */
async function describe(folder) {
  const about = JSON.parse(await read(`${folder}/tagger.json`, `${folder}: no ONNX tagger here; ${EXPORT}`));
  if (!about.model) throw new Mistake(`${folder}: holds a run, but no ONNX tagger; ${EXPORT}`);
  return about;
}

async function load(folder, runtime) {
  const about = await describe(folder), path = about.external_data; // a large table of word vectors lies beside the model
  const ort = await import(runtime).catch(() => { throw new Mistake(`${runtime} is not installed: npm install ${runtime}`); });
  const bytes = (name) => read(`${folder}/${name}`, `${folder}/${name}: missing; copy the whole folder`);
  const externalData = path ? [{ path, data: await bytes(path) }] : [];
  const session = await ort.InferenceSession.create(await bytes(about.model), { externalData });
  return { about, tag: makeTagger({ ort, about, session }) };
}

async function main([folder, runtime = "onnxruntime-web"]) {
  if (!folder) throw new Mistake(`no folder is given; ${USAGE}`);
  const { about, tag } = await load(folder, runtime);
  let waiting = [], number = 0;
  const flush = async () => {
    for (const tags of await tag(waiting)) console.log(JSON.stringify(tags));
    waiting = [];
  };
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      waiting.push(sentenceOf(line, (number += 1), about));
      if (waiting.length === BATCH) await flush();
    }
  } finally {
    await flush(); // the sentences before a mistake are tagged
  }
}

await main(process.argv.slice(2)).catch((error) => {
  if (!(error instanceof Mistake)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
});

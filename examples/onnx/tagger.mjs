// Tag tokens with a folder that `seqlab export RUN --format onnx` wrote.
import { makeDecoder } from "./decoding.mjs";
import { makeEncoder } from "./encoding.mjs";

/**
 * A function from sentences to tags. Each sentence is {tokens: ["…"]}, with features: {column: ["…"]} and
 * numbers: {column: [1.5, null]} for a tagger that was trained with columns. The answer is one list of
 * {tag, score} per sentence.
 *
 * ort: onnxruntime-web or onnxruntime-node. about: tagger.json. session: an InferenceSession of tagger.onnx.
 */
export function makeTagger({ ort, about, session }) {
  const encode = makeEncoder(about, ort.Tensor), decode = makeDecoder(about);
  return async (sentences) => {
    if (!sentences.length) return []; // the LSTM of onnxruntime stops at a batch of none
    const inputs = encode(sentences);
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]]));
    const { emissions: { data, dims: [, width, classes] } } = await session.run(feeds);
    const row = (sentence, token) => [...data.subarray((sentence * width + token) * classes).subarray(0, classes)];
    return sentences.map(({ tokens }, sentence) => decode(tokens.map((_, token) => row(sentence, token))));
  };
}

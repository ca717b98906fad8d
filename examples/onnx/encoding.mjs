// Sentences -> inputs of the network, by the vocabularies of tagger.json.
import { normalise, symbolOf } from "./spelling.mjs";

/** A function from sentences to the network's inputs. about: tagger.json. Tensor: that of onnxruntime. */
export function makeEncoder(about, Tensor) {
  const digits = new Set(about.digits), { unicode_form: form, max_chars: most } = about;
  const [findWord, findChar] = [about.words, about.characters].map(finder);
  const frozen = { symbols: about.frozen_words ?? [], first_id: about.words.first_id + about.words.symbols.length };
  const findFrozen = finder({ ...frozen, unknown: 1 });
  const features = Object.entries(about.word_features).map(([name, known]) => [name, finder(known)]);
  const columns = Object.entries(about.feature_columns).map(([name, known]) => [name, known.input, finder(known)]);
  const numbers = Object.entries(about.numeric_columns);

  function wordId(word) {
    const spellings = [word, word.toLowerCase(), normalise(word)];
    return [findWord(spellings[2]), ...spellings.map(findFrozen)].find((id) => id !== 1) ?? 1;
  }
  function charIds(word) { // a long word keeps its first and its last characters
    const letters = [...word], head = Math.ceil(most / 2);
    if (letters.length > most) letters.splice(head, letters.length - most);
    return letters.map(findChar);
  }
  function scaled(number, { mean, deviation, missing }) { // a missing number becomes the mean, which is 0
    const isMissing = number === null || Number.isNaN(number), limit = about.largest_number;
    const input = isMissing ? 0 : Math.min(Math.max((number - mean) / deviation, -limit), limit);
    return missing ? [input, Number(isMissing)] : [input];
  }
  return (sentences) => {
    const batch = [sentences.length, Math.max(1, ...sentences.map(({ tokens }) => tokens.length))];
    const feeds = { lengths: new Tensor("int32", Int32Array.from(sentences, (s) => Math.max(1, s.tokens.length)), [batch[0]]) };
    const put = (name, size, read, type = "int32") => {
      const data = new (type === "int32" ? Int32Array : Float32Array)(batch[0] * batch[1] * size);
      sentences.forEach((sentence, row) => sentence.tokens.forEach((token, time) => {
        const word = form === "none" ? token : token.normalize(form.toUpperCase());
        data.set(read(word, sentence, time), (row * batch[1] + time) * size);
      }));
      feeds[name] = new Tensor(type, data, size === 1 && type === "int32" ? batch : [...batch, size]);
    };
    put("words", 1, (word) => [wordId(word)]);
    put("chars", most, charIds);
    for (const [name, find] of features) put(name, 1, (word) => [find(symbolOf(name, word, digits))]);
    for (const [name, input, find] of columns) put(input, 1, (_, sentence, time) => [find(sentence.features[name][time])]);
    const inputs = numbers.flatMap(([, scaling]) => scaled(null, scaling)).length;
    const row = (sentence, time) => numbers.flatMap(([name, scaling]) => scaled(sentence.numbers[name][time], scaling));
    put("numbers", inputs, (_, sentence, time) => row(sentence, time), "float32");
    return feeds;
  };
}

function finder({ symbols, first_id, unknown }) {
  const ids = new Map(symbols.map((symbol, index) => [symbol, index + first_id]));
  return (symbol) => ids.get(symbol) ?? unknown;
}

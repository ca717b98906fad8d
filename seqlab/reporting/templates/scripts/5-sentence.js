// One sentence of the browser: gold spans above its tokens, predicted ones below. All corpus text goes through textContent.
const [SPLIT, SOURCE, TOKENS, GOLD, PREDICTED, ERRORS, SUSPECTS, TAGS] = [0, 1, 2, 3, 4, 5, 6, 7];

const widthOf = (tokens) => tokens.join(" ").length * 8;
const labelOf = (className, tokens, parts) => {
  const label = made("span", className);
  const text = parts.join(" ");
  // A label may reach over the next token, unless its span is shorter than the label.
  if (tokens.length > 1 && widthOf(tokens) > text.length * 7) label.classList.add("free");
  label.append(visible(parts[0]));
  if (parts.length > 1) label.append(" ", made("i", "", parts[1]));
  return label;
};

const tokenElement = (sentence, index, marks, wanted) => {
  const { gold, predicted, missed, wrong, suspect } = marks;
  const element = made("span", "token");
  const above = gold === undefined ? null : sentence[GOLD][gold];
  const below = predicted === undefined ? null : sentence[PREDICTED][predicted];
  const starts = (span) => span && span[0] === index;
  const inside = (span) => sentence[TOKENS].slice(span[0], span[1]);
  const labelled = above || below;
  if (labelled) element.append(starts(above) ? labelOf("over", inside(above), [above[2]]) : made("span", "over"));
  const word = made("span", "word");
  word.append(...highlighted(visible(sentence[TOKENS][index]), wanted));
  element.append(word);
  const confidence = below && figureText(below[3]).replace(/^0/, "").slice(0, 3);
  if (labelled) element.append(starts(below) ? labelOf("under", inside(below), [below[2], confidence]) : made("span", "under"));
  if (above) element.classList.add("in-gold");
  if (above && missed.has(gold)) element.classList.add("gold-missed");
  if (below) element.classList.add(wrong.has(predicted) ? "in-wrong" : "in-right");
  if (suspect) element.classList.add("suspect");
  const ends = (span) => !span || span[1] === index + 1;
  if (labelled) element.classList.add(ends(above) && ends(below) ? "ends" : "joined");
  return element;
};

const highlighted = (text, wanted) => {
  const at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), made("mark", "", text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
};

const spanAt = (spans, length) => {
  const at = new Array(length);
  spans.forEach((span, index) => { for (let i = span[0]; i < span[1]; i++) at[i] = index; });
  return at;
};

// The file and line of a sentence; its folder is in the title.
const placeElement = (source) => {
  const element = made("span", "", visible(source.split(/[\\/]/).pop()));
  element.title = visible(source);
  return element;
};

const sentenceElement = (sentence, wanted) => {
  const item = made("li");
  const about = made("p", "about");
  about.append(placeElement(sentence[SOURCE]), made("span", "", sentence[SPLIT]));
  const told = [...new Set(sentence[ERRORS].map(([kind, , , label]) => `${kind}: ${visible(label)}`))];
  for (const text of told) about.append(made("b", "", text));
  const copy = made("button", "", "Copy");
  copy.type = "button";
  copy.setAttribute("aria-label", `Copy ${visible(sentence[SOURCE])} as JSONL`);
  copy.addEventListener("click", () => copyText(`${jsonLine(sentence)}\n`, "Sentence"));
  about.append(copy);
  const length = sentence[TOKENS].length;
  const gold = spanAt(sentence[GOLD], length), predicted = spanAt(sentence[PREDICTED], length);
  const missed = new Set(sentence[ERRORS].map((error) => error[1]).filter((index) => index !== null));
  // A prediction is right only if it equals a gold span; some wrong ones are named by no error.
  const right = new Set(sentence[GOLD].map((span) => JSON.stringify(span)));
  const wrong = new Set(sentence[PREDICTED].flatMap((span, index) => (right.has(JSON.stringify(span.slice(0, 3))) ? [] : [index])));
  const suspects = new Set(sentence[SUSPECTS].map(([position]) => position));
  const tokens = made("div", "tokens");
  for (let i = 0; i < length; i++) {
    const marks = { gold: gold[i], predicted: predicted[i], missed, wrong, suspect: suspects.has(i) };
    tokens.append(tokenElement(sentence, i, marks, wanted));
  }
  item.append(about, tokens);
  for (const [position, given, suggested, confidence] of sentence[SUSPECTS]) {
    const text = `“${visible(sentence[TOKENS][position])}” is labelled ${visible(given)} (confidence ${figureText(confidence)}); ` +
      `the tagger suggests ${visible(suggested)}.`;
    item.append(made("p", "advice", text));
  }
  return item;
};

// A line that seqlab reads as a corpus: tokens with gold tags in IOB2, beside what was predicted.
const jsonLine = (sentence) => {
  let tags = sentence[TAGS];
  if (!tags) {
    tags = sentence[TOKENS].map(() => "O");
    for (const [start, end, label] of sentence[GOLD]) for (let i = start; i < end; i++) tags[i] = `${i === start ? "B" : "I"}-${label}`;
  }
  const spans = (list) => list.map(([start, end, label, confidence]) => ({ start, end, label, confidence }));
  return JSON.stringify({
    tokens: sentence[TOKENS], tags, split: sentence[SPLIT], source: sentence[SOURCE],
    gold: spans(sentence[GOLD]), predicted: spans(sentence[PREDICTED]),
    errors: sentence[ERRORS].map(([kind, , , label]) => ({ kind, label })),
  });
};

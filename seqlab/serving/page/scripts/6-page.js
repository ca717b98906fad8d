// The page: which tagger, what it answered, and when it is asked again.
let taggers = [], tagger = null;
let answer = { text: "", parts: [], tokens: [], milliseconds: 0 };

const fault = (message) => {
  byId("fault").hidden = !message;
  byId("fault").textContent = message ?? "";
};
// UTF-16 units, which JavaScript counts, to code points, which Python counts.
const codePoints = (text) => {
  let units = 0, points = 0;
  return (offset) => {
    for (; units < offset; points += 1) units += text.codePointAt(units) > 0xffff ? 2 : 1;
    return points;
  };
};
const partsOf = (text, { spans, tokens }) => {
  const found = tagger.plain ? tokens.map((token) => ({ ...token, label: token.tag })) : spans;
  const point = codePoints(text);
  return found.map((part) => ({ ...part, colour: classes.get(part.label)?.colour ?? colourOf(0, 1), codeStart: point(part.start), codeEnd: point(part.end) }));
};
const colourOfTag = (token) => {
  const own = tagger.plain ? token.tag : token.tag.slice(2);
  const one = classes.get(own);
  return one && isShown({ label: own, score: token.score }) ? one.colour : undefined;
};
// A span below its threshold is left out, as the server leaves it out. A plain tag below it is grey: each token has its tag.
const isFaded = (token) => tagger.plain && !isShown({ label: token.tag, score: token.score });
const partsToDraw = () => tagger.plain
  ? answer.parts.map((part) => ({ ...part, faded: !isShown(part) }))
  : answer.parts.filter(isShown);

// Draw the answer. Highlights follow the text as it stands now, which may be newer than the answer.
const draw = () => {
  const shown = partsToDraw();
  drawHighlights(area.value, moved(shown, answer.text, area.value));
  countClasses(answer.parts);
  drawTokens(byId("tokens").open ? answer.tokens : [], colourOfTag, isFaded);
  if (!tagger.plain) drawSpans(answer.text, shown);
  byId("nothing").hidden = tagger.plain || shown.length > 0;
  byId("nothing").textContent = answer.parts.length ? "No span reaches its threshold." : answer.text ? "No span is found." : "Nothing is tagged yet.";
  const body = { text: area.value, ...(taggers.length > 1 ? { tagger: tagger.name } : {}), thresholds: thresholds() };
  if (tagger.plain || !Object.keys(body.thresholds).length) delete body.thresholds;
  byId("curl").textContent = byId("request").open ? curlCommand(body) : "";
  const what = tagger.plain ? countText(answer.tokens.length, "token") : countText(shown.length, "span");
  byId("status").textContent = answer.text ? `${what} · ${Math.max(1, Math.round(answer.milliseconds))} ms` : "";
  announce(answer.text ? what : "", 900);
};

// One request at a time; after its answer, the newest text is sent, if it has changed.
let asked = 0, answered = 0, running = false;
const tagSoon = async () => {
  asked += 1;
  if (running) return;
  running = true;
  sheet.ariaBusy = "true";
  while (answered !== asked) {
    answered = asked;
    await tagNow();
  }
  sheet.ariaBusy = String(frame > 0);
  running = false;
};
const tagNow = async () => {
  if (area.disabled) return;
  const text = area.value, { name, version } = tagger, details = tagger.plain || byId("tokens").open;
  const start = performance.now();
  const result = text.trim()
    ? await ask("tag", { text, tagger: name, offsets: "utf16", details })
    : { value: { spans: [], tokens: [], version } };
  if (tagger.name !== name) return; // another one was chosen meanwhile, and is asked next
  if (result.status === 401) return askToken();
  fault(result.message);
  if (result.wait) setTimeout(tagSoon, 1000 * result.wait);
  if (!result.value) {
    byId("status").textContent = "";
    return;
  }
  if (result.value.version !== version) await load();
  const { spans, tokens = [] } = result.value;
  answer = { text, tokens, parts: partsOf(text, { spans, tokens }), milliseconds: performance.now() - start };
  draw();
};

const choose = (name) => {
  tagger = taggers.find((one) => one.name === name) ?? taggers[0];
  const shown = visible(tagger.name);
  byId("name").textContent = shown;
  document.title = `${shown} · seqlab`;
  byId("facts").textContent = `${countText(tagger.labels.length, "class", "classes")} · version ${tagger.version}`;
  sheet.className = `sheet ${tagger.plain ? "plain" : "spans"}`;
  byId("threshold-help").textContent = tagger.plain
    ? "Tags with a lower score are grey."
    : "Only spans with at least this score are shown.";
  byId("found-heading").parentElement.hidden = tagger.plain;
  if (tagger.plain) byId("tokens").open = true;
  makeSliders(tagger.labels, draw);
  const columns = [...(tagger.features ?? []), ...(tagger.numbers ?? [])];
  area.disabled = columns.length > 0;
  fault(columns.length ? `This tagger reads more than the text: ${columns.map(visible).join(", ")}. Send tokens with these columns to POST /tag.` : null);
  answer = { text: "", parts: [], tokens: [], milliseconds: 0 };
};

const askToken = (refused = Boolean(sessionStorage.getItem(TOKEN))) => {
  byId("ask-token").hidden = false;
  byId("workbench").hidden = true;
  byId("facts").textContent = "";
  byId("token-refused").textContent = refused ? "The server refuses this token." : "";
  byId("token").focus();
};

// Read the taggers and their classes; again when a tagger has another version.
const load = async () => {
  const result = await ask("labels");
  if (result.status === 401) return askToken();
  if (!result.value) {
    byId("facts").textContent = result.message;
    return setTimeout(start, 2000);
  }
  taggers = result.value.taggers;
  byId("tagger").replaceChildren(...taggers.map((one) => made("option", { value: one.name, text: visible(one.name) })));
  byId("choose-tagger").hidden = taggers.length < 2;
  byId("ask-token").hidden = true;
  byId("workbench").hidden = false;
  choose(tagger?.name);
  byId("tagger").value = tagger.name;
};
const start = async () => {
  await load();
  if (tagger && !byId("workbench").hidden) await tagSoon();
};

// A text that is pasted comes as an event per line: it is drawn and sent once, before the next frame.
let frame = 0;
area.addEventListener("input", () => {
  sheet.ariaBusy = "true";
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    drawHighlights(area.value, moved(partsToDraw(), answer.text, area.value));
    tagSoon();
  });
});
byId("tagger").addEventListener("change", () => {
  choose(byId("tagger").value);
  tagSoon();
});
byId("tokens").addEventListener("toggle", () => tagger && tagSoon());
byId("request").addEventListener("toggle", () => tagger && draw());
byId("ask-token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, byId("token").value);
  byId("token").value = "";
  start();
});
start();

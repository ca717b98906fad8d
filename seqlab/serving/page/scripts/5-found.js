// What is found: a table of spans, a strip of tokens, and the command that asks the same.
const MOST_SPANS = 500, MOST_TOKENS = 2000;
const more = (element, shown, all, what) => {
  element.hidden = shown >= all;
  element.textContent = `The first ${shown.toLocaleString("en")} of ${countText(all, what)} are shown.`;
};

const drawSpans = (text, spans) => {
  const rows = spans.slice(0, MOST_SPANS).map((span) => {
    const button = made("button", { type: "button", dir: "auto", text: visible(text.slice(span.start, span.end)), title: "Select it in the text" });
    button.addEventListener("click", () => select(span));
    return made("tr", {}, [
      made("td", {}, [button]),
      made("td", { className: "class", colour: span.colour, text: visible(span.label) }),
      made("td", { className: "number", text: scoreText(span.score) }),
      made("td", { className: "number", text: `${span.codeStart}–${span.codeEnd}` }),
    ]);
  });
  byId("spans").replaceChildren(...rows);
  byId("span-table").hidden = !rows.length;
  more(byId("more-spans"), rows.length, spans.length, "span");
};

const drawTokens = (tokens, colourOfTag, isFaded) => {
  const items = tokens.slice(0, MOST_TOKENS).map((token) => {
    const colour = colourOfTag(token);
    return made("li", { className: isFaded(token) ? "faded" : colour === undefined ? "" : "coloured", colour }, [
      made("span", { className: "word", dir: "auto", text: visible(token.text) }),
      made("span", { className: "tag", text: visible(token.tag) }),
      made("span", { className: "score", text: scoreText(token.score) }),
    ]);
  });
  byId("token-strip").replaceChildren(...items);
  more(byId("more-tokens"), items.length, tokens.length, "token");
};

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
// ASCII alone: no invisible character of the text reaches the terminal.
const ascii = (json) => json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const curlCommand = (body) => [
  `curl -s ${quoted(new URL("tag", document.baseURI).href)}`,
  `-H 'Content-Type: application/json'`,
  ...(sessionStorage.getItem(TOKEN) ? [`-H "Authorization: Bearer $SEQLAB_TOKEN"`] : []),
  `-d ${quoted(ascii(JSON.stringify(body)))}`,
].join(" \\\n  ");
// navigator.clipboard is there for pages of this machine and of HTTPS alone; copying a selection works everywhere.
byId("copy").addEventListener("click", () => {
  getSelection().selectAllChildren(byId("curl"));
  if (document.execCommand("copy")) announce("Command copied");
});

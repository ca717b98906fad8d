// The browser of errors: filters over all sentences, and a page of twenty of them.
{
  const ON_A_PAGE = 20;
  const data = island("browser");
  const form = document.getElementById("browse");
  if (data && form) {
    const rows = data.sentences.map((sentence, index) => ({
      sentence,
      index,
      text: `${sentence[TOKENS].join(" ")} ${sentence[SOURCE]}`.toLowerCase(),
      sure: Math.max(0, ...sentence[ERRORS].map(([, , predicted]) => (predicted === null ? 0 : sentence[PREDICTED][predicted][3]))),
    }));
    const byId = (id) => document.getElementById(id);
    const list = byId("sentences"), sure = form.querySelector("[data-sure]");
    let found = rows, page = 0;

    const valueOf = (name) => (form.elements[name] ? form.elements[name].value : "");
    const matches = (wanted) => ({ sentence, text, sure: top }) => {
      if (wanted.split && sentence[SPLIT] !== wanted.split) return false;
      if (wanted.suspect && !sentence[SUSPECTS].length) return false;
      if (wanted.text && !text.includes(wanted.text)) return false;
      if (top < wanted.sure) return false;
      if (!wanted.label && !wanted.kind && !wanted.sure) return true;
      return sentence[ERRORS].some(([kind, , predicted, label]) =>
        (!wanted.label || label === wanted.label) && (!wanted.kind || kind === wanted.kind) &&
        (!wanted.sure || (predicted !== null && sentence[PREDICTED][predicted][3] >= wanted.sure)));
    };
    const orders = {
      rare: (a, b) => a.index - b.index,
      sure: (a, b) => b.sure - a.sure || a.index - b.index,
      source: (a, b) => a.sentence[SOURCE].localeCompare(b.sentence[SOURCE], undefined, { numeric: true }),
    };
    const draw = () => {
      const pages = Math.max(1, Math.ceil(found.length / ON_A_PAGE));
      const shown = found.slice(page * ON_A_PAGE, (page + 1) * ON_A_PAGE);
      list.replaceChildren(...shown.map(({ sentence }) => sentenceElement(sentence, valueOf("text").trim().toLowerCase())));
      byId("earlier").disabled = page === 0;
      byId("later").disabled = page + 1 >= pages;
      byId("page-number").textContent = `${page + 1} of ${pages}`;
    };
    const filter = () => {
      const wanted = {
        text: valueOf("text").trim().toLowerCase(), label: valueOf("label") === "" ? "" : data.labels[Number(valueOf("label"))], kind: valueOf("kind"), split: valueOf("split"),
        sure: Number(valueOf("sure")), suspect: form.elements.suspect ? form.elements.suspect.checked : false,
      };
      sure.textContent = wanted.sure.toFixed(2);
      found = rows.filter(matches(wanted)).sort(orders[valueOf("order")]);
      page = 0;
      const text = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} sentences`;
      byId("found-count").textContent = text;
      byId("copy-all").disabled = !found.length;
      draw();
      return text;
    };
    const turn = (by) => {
      page += by;
      draw();
      byId("browser").scrollIntoView({ block: "start" });
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => announce(filter()));
    byId("earlier").addEventListener("click", () => turn(-1));
    byId("later").addEventListener("click", () => turn(1));
    byId("copy-all").addEventListener("click", () =>
      copyText(found.map(({ sentence }) => `${jsonLine(sentence)}\n`).join(""), `${found.length} sentences`));
    for (const part of [form, ...every(".found, .pager")]) part.hidden = false;
    filter();
  }
}

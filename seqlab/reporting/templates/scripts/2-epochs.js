// Charts over epochs: all of them show the same epoch, so that a falling loss and a dying class are read together.
{
  const LEFT = 24, RIGHT = 252;
  const panels = island("panels") || [];
  const charts = every("[data-panel]").map((svg) => ({
    svg,
    ...panels[Number(svg.dataset.panel)],
    cross: svg.querySelector(".cross"),
    readout: svg.closest("figure").querySelector("[data-readout]"),
    rest: [...svg.closest("figure").querySelector("[data-readout]").childNodes],
  }));
  const epochsOf = (chart) => chart.values[0].length;
  const said = (chart, epoch) =>
    `epoch ${epoch}: ` + chart.names.map((name, i) => `${name} ${figureText(chart.values[i][epoch - 1])}`).join(" · ");
  const show = (epoch) => {
    for (const chart of charts) {
      const count = epochsOf(chart);
      const at = Math.min(epoch, count);
      const x = LEFT + ((RIGHT - LEFT) * (at - 1)) / Math.max(1, count - 1);
      chart.cross.setAttribute("x1", x);
      chart.cross.setAttribute("x2", x);
      chart.cross.style.visibility = "visible";
      chart.readout.textContent = said(chart, at);
      chart.svg.setAttribute("aria-valuenow", at);
      chart.svg.setAttribute("aria-valuetext", said(chart, at));
    }
  };
  const rest = () => {
    for (const chart of charts) {
      chart.cross.style.visibility = "hidden";
      chart.readout.replaceChildren(...chart.rest);
    }
  };
  for (const chart of charts) {
    const epochAt = (event) => {
      const box = chart.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * 260;
      const count = epochsOf(chart);
      return Math.max(1, Math.min(count, 1 + Math.round(((x - LEFT) / (RIGHT - LEFT)) * (count - 1))));
    };
    chart.svg.addEventListener("pointermove", (event) => show(epochAt(event)));
    chart.svg.addEventListener("pointerleave", rest);
    chart.svg.addEventListener("focus", () => show(Number(chart.svg.getAttribute("aria-valuenow"))));
    chart.svg.addEventListener("blur", rest);
    chart.svg.addEventListener("keydown", (event) => {
      const now = Number(chart.svg.getAttribute("aria-valuenow"));
      const count = epochsOf(chart);
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 1, End: count }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      show(Math.max(1, Math.min(count, to)));
    });
  }
}

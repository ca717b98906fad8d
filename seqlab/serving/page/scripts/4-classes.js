// A threshold for each class of the tagger. `classes` has { colour, threshold, slider, count } by name.
let classes = new Map();
const setThreshold = (one, value) => {
  one.threshold = value;
  one.slider.value = value;
  one.output.value = value.toFixed(2);
};

const sliderRow = (name, { colour, className = "" }, onChange) => {
  const slider = made("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, ariaLabel: `Threshold: ${name}` });
  const output = made("output", { text: "0.00" });
  const count = made("span", { className: "count" });
  const row = made("li", { className, colour }, [made("span", { className: "name", text: name }), count, slider, output]);
  slider.addEventListener("input", () => onChange(Number(slider.value)));
  return { row, slider, output, count, colour, threshold: 0 };
};

// The list fades at its end while more classes stand below.
const classList = byId("classes");
const markMore = () => classList.classList.toggle("more-below", classList.scrollHeight - classList.clientHeight - classList.scrollTop > 4);
classList.addEventListener("scroll", markMore, { passive: true });
new ResizeObserver(markMore).observe(classList);

const makeSliders = (labels, onChange) => {
  const kept = new Map([...classes].map(([label, one]) => [label, one.threshold]));
  const all = sliderRow("All classes", { className: "all" }, (value) => {
    for (const one of [all, ...classes.values()]) setThreshold(one, value);
    onChange();
  });
  classes = new Map(labels.map((label, number) => {
    const one = sliderRow(visible(label), { colour: colourOf(number, labels.length) }, (value) => {
      setThreshold(one, value);
      onChange();
    });
    setThreshold(one, kept.get(label) ?? 0);
    return [label, one];
  }));
  const rows = [...classes.values()].map((one) => one.row);
  classList.replaceChildren(...(labels.length > 1 ? [all.row] : []), ...rows);
  markMore();
  byId("reset").onclick = () => {
    for (const one of [all, ...classes.values()]) setThreshold(one, 0);
    onChange();
  };
};

const thresholds = () => Object.fromEntries([...classes].filter(([, one]) => one.threshold > 0).map(([label, one]) => [label, one.threshold]));
const isShown = (part) => (part.score ?? 0) >= (classes.get(part.label)?.threshold ?? 0);

// How many parts of each class there are, and how many of them are shown.
const countClasses = (parts) => {
  for (const [label, one] of classes) {
    const own = parts.filter((part) => part.label === label);
    const shown = own.filter(isShown).length;
    one.count.textContent = shown === own.length ? (shown || "") : `${shown} of ${own.length}`;
  }
  byId("reset").disabled = !Object.keys(thresholds()).length;
};

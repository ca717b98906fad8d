// A slider moves the bias of a class, and says what would be predicted.
{
  const LEFT = 24, RIGHT = 252;
  const curves = island("curves") || [];
  for (const slider of every("[data-slider]")) {
    const figure = slider.closest("figure");
    const svg = figure.querySelector("[data-curve]");
    const points = curves[Number(svg.dataset.curve)];
    const cross = svg.querySelector(".cross");
    const low = points[0][0], high = points[points.length - 1][0];
    const show = () => {
      const [bias, precision, recall, predicted] = points[Number(slider.value)];
      const x = LEFT + ((RIGHT - LEFT) * (bias - low)) / (high - low || 1);
      cross.setAttribute("x1", x);
      cross.setAttribute("x2", x);
      cross.style.visibility = "visible";
      const right = precision === null ? 0 : Math.round(precision * predicted);
      const sign = bias < 0 ? "−" : "+";
      const text = `bias ${sign}${Math.abs(bias).toFixed(2)}: ${predicted} predicted, ${right} of them right; ` +
        `precision ${figureText(precision)}, recall ${figureText(recall)}`;
      figure.querySelector("output").textContent = text;
      slider.setAttribute("aria-valuetext", text);
    };
    slider.hidden = false;
    slider.addEventListener("input", show);
    show();
  }
}

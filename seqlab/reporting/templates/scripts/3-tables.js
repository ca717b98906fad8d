// Tables that can be sorted by a column and filtered by the name of a row.
for (const table of every("table.sortable")) {
  const body = table.tBodies[0];
  const heads = every("thead th", table);
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v === undefined) return cell.textContent;
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  heads.forEach((head, column) => {
    head.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
      rows.sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : down ? compare(b, a) : compare(a, b)));
      body.append(...rows.map(([, row]) => row));
    });
  });
}

for (const field of every("[data-filter-rows]")) {
  const name = field.dataset.filterRows;
  const lost = document.querySelector(`[data-lost-rows="${name}"]`);
  const count = document.querySelector(`[data-count-rows="${name}"]`);
  const filter = () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0, all = 0;
    for (const row of every(`table[data-rows="${name}"] tbody tr`)) {
      const fits = row.cells[0].textContent.toLowerCase().includes(wanted) && (!lost.checked || row.classList.contains("lost"));
      row.hidden = !fits;
      if (row.closest("[hidden]:not(tr)")) continue;
      all += 1;
      shown += fits ? 1 : 0;
    }
    count.textContent = shown === all ? "" : `${shown} of ${all} rows`;
    announce(`${shown} of ${all} rows`);
  };
  field.addEventListener("input", filter);
  lost.addEventListener("change", filter);
}

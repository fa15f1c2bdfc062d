// Tables are sorted by a click on a heading; what is unknown stays at the end.
const POINT = document.documentElement.lang === "en" ? "." : ",";
function figure(text) {
  const found = text.replace("−", "-").match(/-?[\d\s\u00a0,.]*\d/);
  if (!found || text.startsWith("—")) return null;
  const plain = POINT === "." ? found[0].replace(/,/g, "") : found[0].replace(/[\s\u00a0]/g, "").replace(",", ".");
  return parseFloat(plain);
}
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    while (head.firstChild && !(head.firstChild.classList && head.firstChild.classList.contains("what"))) button.append(head.firstChild);
    head.prepend(button);
    button.addEventListener("click", () => {
      const number = head.classList.contains("n"), down = head.ariaSort === "descending" ? 1 : head.ariaSort === "ascending" ? -1 : number ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
      const value = (row) => number ? figure(row.cells[column].textContent) : row.cells[column].textContent;
      const body = table.tBodies[0];
      body.append(...[...body.rows].map((row) => [value(row), row]).sort(([a], [b]) => a == null || b == null ? (a == null) - (b == null) : (number ? a - b : a.localeCompare(b, document.documentElement.lang)) * down).map(([, row]) => row));
    });
  });
}
for (const area of document.querySelectorAll("textarea[readonly]")) area.addEventListener("focus", () => area.select());

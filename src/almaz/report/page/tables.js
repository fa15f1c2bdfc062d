// Tables: sorted by a click on a heading, the first rows at once and all on request; what is shown is what is downloaded.
const FIRST = 60, tables = {};
const FORMS = { count: (v) => number(v, 0), decimal: (v) => number(v, 2), percent: (v) => percent(v, 1), fine: (v) => v == null ? "—" : number(v, v === 0 ? 2 : Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(Math.abs(v)))))), text: (v) => v == null ? "—" : v };

// columns: {head, form, value(row) → number or text, show(row) → text or element (by default the value in its form)};
// name, also: the heading and the further columns {head, value} of a download.
function table(id, columns, list) {
  tables[id] = { columns, list, sort: null, all: false };
  fill(id);
}

function fill(id) {
  const { columns, list, sort, all } = tables[id], place = $(id);
  const ordered = sort == null ? list : [...list].sort((a, b) => compare(columns[sort.column].value(a), columns[sort.column].value(b)) * sort.direction);
  place.replaceChildren();
  const head = place.createTHead().insertRow();
  columns.forEach((column, i) => {
    const th = document.createElement("th"), button = document.createElement("button");
    th.scope = "col";
    if (column.form !== "text") th.className = "n";
    if (sort && sort.column === i) th.ariaSort = sort.direction > 0 ? "ascending" : "descending";
    button.type = "button";
    button.textContent = column.head;
    button.addEventListener("click", () => {
      const down = sort && sort.column === i ? -sort.direction : column.form === "text" ? 1 : -1;
      tables[id].sort = { column: i, direction: down };
      fill(id);
    });
    th.append(button);
    head.append(th);
  });
  const body = place.createTBody();
  for (const row of all ? ordered : ordered.slice(0, FIRST)) {
    const line = body.insertRow();
    for (const column of columns) {
      const cell = line.insertCell(), shown = column.show ? column.show(row) : FORMS[column.form](column.value(row));
      if (column.form !== "text") cell.className = "n";
      cell.append(shown);
    }
  }
  if (!all && ordered.length > FIRST) {
    const cell = body.insertRow().insertCell(), button = document.createElement("button");
    cell.colSpan = columns.length;
    button.type = "button";
    button.textContent = W.show_all + " (" + number(ordered.length, 0) + ")";
    button.addEventListener("click", () => { tables[id].all = true; fill(id); });
    cell.append(button);
  }
}

function compare(a, b) { // what is unknown stays at the end
  if (a == null || b == null) return (a == null) - (b == null);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), language);
}

function tag(text, kind = "") {
  const span = document.createElement("span");
  span.className = "tag " + kind;
  span.textContent = text;
  return span;
}

// Charts are drawn when they come into sight: the chart bundle is fetched once, with the first of them.
const VEGA = document.querySelector("script[data-vega]").dataset.vega;
let bundle = null;

const vega = () => bundle ??= new Promise((done, failed) => {
  const script = document.createElement("script");
  script.src = VEGA;
  script.addEventListener("load", done);
  script.addEventListener("error", failed);
  document.head.append(script);
});

async function draw(place) {
  const [answer] = await Promise.all([fetch(place.dataset.chart), vega()]);
  const { chart, format } = await answer.json();
  if (innerWidth < 600) narrow(chart);
  place.replaceChildren();
  await window.vegaEmbed(place, chart, { actions: false, renderer: "svg", ast: true, formatLocale: format, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
  const choices = place.querySelector(".vega-bindings");
  if (choices) place.before(choices);
  place.role = "img";
  place.ariaLabel = place.dataset.title;
  place.tabIndex = 0;
  for (const part of place.querySelectorAll("svg *")) for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
  for (const svg of place.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
  place.dataset.ready = "yes";
}

function narrow(spec) { // on a phone names may take a third of the width, and a map need not be tall
  if (spec.config && spec.config.axis) spec.config.axis.labelLimit = 120;
  if (spec.projection) spec.height = 240;
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "300px" });
for (const place of document.querySelectorAll("[data-chart]")) seen.observe(place);

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

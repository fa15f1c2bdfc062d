"use strict";
const D = JSON.parse(document.getElementById("data").textContent), views = {};
const formatLocale = { decimal: D.format.decimal, thousands: D.format.thousands, grouping: [3], currency: ["", ""] };
const guarded = (t) => /^[=+\-@\t\r]/.test(t) && !/^-?[\d\s.,%–—]+$/.test(t) ? "'" + t : t;
const csv = (t) => "\ufeff" + [...t.rows].map((r) => [...r.cells].map((c) => '"' + guarded(c.textContent).replaceAll('"', '""') + '"').join(",")).join("\r\n");
function save(name, content, type) {
  const a = document.createElement("a"); a.href = content instanceof Blob ? URL.createObjectURL(content) : content; a.download = D.file + "-" + name; a.click();
}
for (const p of document.querySelectorAll(".downloads")) {
  const { chart, table } = p.dataset;
  const button = (words, act) => { const b = document.createElement("button"); b.type = "button"; b.textContent = words; b.addEventListener("click", act); p.append(b); };
  button("CSV", () => save(table + ".csv", new Blob([csv(document.getElementById(table))], { type: "text/csv" })));
  if (chart) for (const form of ["png", "svg"]) button(form.toUpperCase(), async () => views[chart] && save(chart + "." + form, await views[chart].toImageURL(form, form === "png" ? 2 : 1)));
}
Promise.all(Object.entries(D.figures).map(async ([id, spec]) => { views[id] = (await vegaEmbed("#" + id, spec, { actions: false, renderer: "svg", formatLocale })).view; })).then(() => { document.body.dataset.ready = "yes"; });

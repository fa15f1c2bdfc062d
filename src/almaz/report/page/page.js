"use strict";
const D = JSON.parse(document.getElementById("data").textContent), W = D.words, P = D.portfolio;
const $ = (id) => document.getElementById(id), views = {}, shown = {};
const lang = document.documentElement.lang;
const num = (v, d = 2) => v == null ? "—" : v.toFixed(d).replace(".", D.format.decimal).replace(/\B(?=(\d{3})+(?!\d))/g, (m, a, i, s) => s.indexOf(D.format.decimal) >= 0 && i > s.indexOf(D.format.decimal) ? "" : D.format.thousands);
const pct = (v, d = 0) => v == null ? "—" : num(v * 100, d) + (lang === "en" ? "%" : "\u00a0%");
const rows = P.region.map((r, i) => {
  const row = { region: P.region_codes[r], cluster: P.cluster_codes[P.cluster[i]] };
  for (const k in P) if (!["region", "cluster", "region_codes", "cluster_codes"].includes(k)) row[k] = P[k][i];
  const key = row.region + "|" + row.cluster;
  row.verdicts = D.verdicts[key]; row.type = D.types[key]; row.kind = D.clusters[row.cluster][1];
  row.strong = ["strong", "strong10"].includes(row.verdicts[0][0]);
  row.colour = row.strong ? D.colours.strong : row.kind === "local" ? D.colours.local : D.colours.other;
  row.published = row.size == null ? null : row.size * (1 - (row.hidden_share || 0));
  row.interval = row.ci_low == null ? "—" : num(row.ci_low) + " – " + num(row.ci_high);
  row.bounds = row.low == null ? "—" : num(row.low) + " – " + (row.high == null ? "∞" : num(row.high));
  row.chance = pct(row.p); row.hidden = pct(row.hidden_share, 1);
  return row;
});
const clusterName = (c) => D.clusters[c][0], regionName = (r) => D.regions[r];
const capped = (list) => { // a line without an upper end is drawn to the edge of what is known
  const top = Math.max(1, ...list.map((r) => Math.max(r.lq || 0, r.ci_high || 0))) * 1.1;
  return list.map((r) => ({ ...r, high: r.high == null ? (r.low == null ? null : top) : Math.min(r.high, top), ci_high: r.ci_high == null ? null : Math.min(r.ci_high, top) }));
};
async function draw(id, spec, data) {
  shown[id] = data;
  if (views[id]) { views[id].data("rows", data); await views[id].runAsync(); return; }
  const full = { ...spec, datasets: { ...(spec.datasets || {}), rows: data } };
  const result = await vegaEmbed("#" + id, full, { actions: false, renderer: "svg", formatLocale: { decimal: D.format.decimal, thousands: D.format.thousands, grouping: [3], currency: ["", ""] } });
  views[id] = result.view;
  if (id === "map") result.view.addEventListener("click", (event, item) => { const code = item && item.datum && item.datum.id; if (code && D.regions[code]) { $("place").value = code; region(); $("region").scrollIntoView(); } });
}
const cell = (v, n) => { const td = document.createElement("td"); if (n) td.className = "n"; if (v instanceof Node) td.append(v); else td.textContent = v; return td; };
const tag = (words, kind) => { const s = document.createElement("span"); s.className = "tag " + kind; s.textContent = words; return s; };
function table(id, heads, list) {
  const t = $(id); t.replaceChildren();
  const head = t.createTHead().insertRow();
  for (const h of heads) { const th = document.createElement("th"); th.scope = "col"; th.textContent = h[0]; if (h[2]) th.className = "n"; head.append(th); }
  const body = t.createTBody();
  for (const r of list) { const tr = body.insertRow(); for (const h of heads) tr.append(cell(h[1](r), h[2])); }
}
const COMMON = [[W.size, (r) => num(r.size, 0), 1], [W.lq, (r) => num(r.lq), 1], [W.interval, (r) => r.interval, 1], [W.bounds, (r) => r.bounds, 1], [W.chance, (r) => r.chance, 1],
  [W.rank, (r) => r.rank == null ? "—" : r.rank + " (" + r.rank_low + "–" + r.rank_high + ")", 1], [W.of_cluster, (r) => pct(r.of_cluster, 1), 1], [W.growth, (r) => pct(r.growth, 1), 1],
  [W.hidden_share, (r) => r.hidden, 1], [W.type, (r) => r.type[0] === "unknown" ? tag(W.class_unknown + (r.type[2] ? ": " + r.type[2] : ""), "unknown") : tag(W["class_" + r.type[0]] + (r.type[1] ? " · " + W.near : ""), r.type[0] === "cluster" ? "yes" : "")]];
async function country() {
  const c = $("cluster").value, of = rows.filter((r) => r.cluster === c && r.lq != null);
  let points;
  if (c === "") points = Object.entries(D.strength).map(([code, s]) => ({ region: code, name: regionName(code), value: s[0], shown: s[0] == null ? W.unknown : pct(s[0]) + " (" + pct(s[1]) + " – " + pct(s[2]) + ")", sure: s[0] == null || s[2] - s[1] < 0.25 }));
  else points = of.map((r) => ({ region: r.region, name: regionName(r.region), value: r.lq, shown: num(r.lq) + " (" + r.bounds + ")", sure: (r.hidden_share || 0) < 0.1 }));
  const title = c === "" ? W.cluster_strength : clusterName(c) + ": " + W.lq;
  if ($("map")) { $("map-title").textContent = title; await draw("map", D.specs.map, points); }
  $("leaders-title").textContent = title;
  const leaders = c === "" ? Object.entries(D.strength).filter(([, s]) => s[0] != null).map(([code, s]) => ({ name: regionName(code), lq: s[0], low: s[1], high: s[2], ci_low: null, ci_high: null, colour: D.colours.strong, hidden_share: s[4], size: null, interval: pct(s[1]) + " – " + pct(s[2]), chance: "—", hidden: pct(s[4], 1), s, code })) : capped(of).map((r) => ({ ...r, name: regionName(r.region), code: r.region }));
  const spec = JSON.parse(JSON.stringify(D.specs.ranking).replaceAll(JSON.stringify(W.lq), JSON.stringify(c === "" ? W.cluster_strength : W.lq)));
  if (c === "") spec.layer = spec.layer.filter((l) => !(l.encoding.x && l.encoding.x.field === "one"));
  if (views.leaders) { views.leaders.finalize(); delete views.leaders; }
  await draw("leaders", spec, leaders);
  leaders.sort((a, b) => b.lq - a.lq);
  if (c === "") table("leaders-table", [[W.region, (r) => r.name], [W.cluster_strength, (r) => pct(r.lq, 1), 1], [W.interval, (r) => r.interval, 1], [W.strong_clusters, (r) => num(r.s[3], 0), 1], [W.hidden_share, (r) => r.hidden, 1]], leaders);
  else table("leaders-table", [[W.region, (r) => r.name], ...COMMON], of.sort((a, b) => b.lq - a.lq).map((r) => ({ ...r, name: regionName(r.region) })));
}
const SIGN = { y: "✓", n: "✗" };
const why = (v) => [...v[6]].map((m, i) => SIGN[m] ? SIGN[m] + " " + D.criteria[i] : "").filter((t) => t).join("\n") + (v[3] ? "\n" + v[3] : "");
const verdict = (v, stars) => {
  const unknown = v[0] === "unknown", strong = stars ? +v[0] >= 2 : ["strong", "strong10"].includes(v[0]);
  const words = unknown ? W.unknown + (v[3] ? ": " + v[3] : "") : stars ? (v[0] === "0" ? "0" : "★".repeat(+v[0])) : W[v[0]] || v[0];
  const made = tag(words, unknown ? "unknown" : strong ? "yes" : "");
  made.title = why(v);
  return made;
};
const says = (r) => [["strong", "strong10"].includes(r.verdicts[0][0]), +r.verdicts[1][0] >= 2, r.verdicts[2][0] === "strong"].filter((v, i) => r.verdicts[i][0] !== "unknown");
function rules(mine) {
  const list = mine.filter((r) => r.size == null || r.size > 0).filter((r) => !$("only-disagree").checked || new Set(says(r)).size > 1);
  table("rules-table", [[W.cluster, (r) => clusterName(r.cluster)], [W.us_cluster_mapping, (r) => verdict(r.verdicts[0])], [W.certainty, (r) => r.verdicts[0][2] == null ? "—" : r.verdicts[0][2] === "none" ? W.never : W[r.verdicts[0][2]]],
    [W.p_fillings, (r) => pct(r.verdicts[0][4]), 1], [W.p_sampling, (r) => pct(r.verdicts[0][5]), 1],
    [W.european_stars, (r) => verdict(r.verdicts[1], true)], [W.european_stars_older, (r) => verdict(r.verdicts[3], true)], [W.five_factors, (r) => verdict(r.verdicts[2])], ["", (r) => new Set(says(r)).size > 1 ? tag(W.disagree, "unknown") : tag(W.agree, "")]], list.sort((a, b) => (b.lq || 0) - (a.lq || 0)));
}
async function region() {
  const code = $("place").value, mine = rows.filter((r) => r.region === code), s = D.strength[code];
  const known = mine.filter((r) => r.lq > 0).map((r) => ({ ...r, name: clusterName(r.cluster) }));
  $("profile").replaceChildren(...[[W.cluster_strength, s[0] == null ? W.unknown : pct(s[0]) + " (" + pct(s[1]) + " – " + pct(s[2]) + ")"], [W.strong_clusters, s[3] == null ? String(mine.filter((r) => r.strong).length) : num(s[3], 0)], ...(s[4] == null ? [] : [[W.hidden_share, pct(s[4], 1)]])].map(([k, v]) => { const d = document.createElement("div"), t = document.createElement("dt"), e = document.createElement("dd"); t.textContent = k; e.textContent = v; d.append(t, e); return d; }));
  const growing = known.filter((r) => r.growth != null && r.kind === "traded");
  $("bubbles-hint").textContent = growing.length ? "" : W.growth + ": " + W.not_available;
  $("bubbles").hidden = !growing.length;
  if (growing.length) await draw("bubbles", D.specs.bubbles, growing);
  await draw("bars", D.specs.bars, known.filter((r) => r.size > 0).sort((a, b) => b.size - a.size).slice(0, 25));
  const top = capped(known.filter((r) => r.kind === "traded").sort((a, b) => b.lq - a.lq).slice(0, 30));
  await draw("ranking", D.specs.ranking, top);
  table("region-table", [[W.cluster, (r) => clusterName(r.cluster)], ...COMMON], mine.filter((r) => r.size == null || r.size > 0).sort((a, b) => (b.lq || 0) - (a.lq || 0)));
  rules(mine);
}
function save(name, content, type) {
  const a = document.createElement("a"); a.href = content instanceof Blob ? URL.createObjectURL(content) : content; a.download = D.file + "-" + name; a.click();
}
const guarded = (t) => /^[=+\-@\t\r]/.test(t) && !/^-?[\d\s.,%–—]+$/.test(t) ? "'" + t : t;
function csv(t) { return "\ufeff" + [...t.rows].map((r) => [...r.cells].map((c) => '"' + guarded(c.textContent).replaceAll('"', '""') + '"').join(",")).join("\r\n"); }
const TABLES = { map: "leaders-table", leaders: "leaders-table", bubbles: "region-table", bars: "region-table", ranking: "region-table" };
for (const p of document.querySelectorAll(".downloads")) {
  const chart = p.dataset.chart, t = p.dataset.table || TABLES[chart];
  const button = (words, act) => { const b = document.createElement("button"); b.type = "button"; b.textContent = words; b.addEventListener("click", act); p.append(b); };
  button("CSV", () => save(t + ".csv", new Blob([csv($(t))], { type: "text/csv" })));
  button("XLSX", () => save("tables.xlsx", "data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64," + D.workbook));
  if (chart) for (const form of ["png", "svg"]) button(form.toUpperCase(), async () => views[chart] && save(chart + "." + form, await views[chart].toImageURL(form, form === "png" ? 2 : 1)));
}
const option = (v, t) => { const o = document.createElement("option"); o.value = v; o.textContent = t; return o; };
const sorted = (o, name) => Object.keys(o).map((k) => [k, name(k)]).sort((a, b) => a[1].localeCompare(b[1], lang));
if (Object.values(D.strength).some((s) => s[0] != null)) $("cluster").append(option("", W.all_clusters));
for (const [k, n] of sorted(D.clusters, clusterName)) $("cluster").append(option(k, n));
for (const [k, n] of sorted(D.regions, regionName)) $("place").append(option(k, n));
$("cluster").addEventListener("change", country); $("place").addEventListener("change", region);
$("only-disagree").addEventListener("change", () => rules(rows.filter((r) => r.region === $("place").value)));
const drawn = Object.entries(D.figures).map(async ([id, spec]) => { views[id] = (await vegaEmbed("#" + id, spec, { actions: false, renderer: "svg", formatLocale: { decimal: D.format.decimal, thousands: D.format.thousands, grouping: [3], currency: ["", ""] } })).view; });
Promise.all([country(), region(), ...drawn]).then(() => { document.body.dataset.ready = "yes"; });

// The page: a country by cluster, a region by cluster, the rules side by side, and the sections of the other rooms.
const LEADERS = 40;
const text = (head, value) => ({ head, form: "text", value });
// Shown as one column, sorted by its lower end, downloaded as two.
const between = (head, low, high, say = number) => ({
  head, form: "decimal", value: low, show: (r) => span(low(r), high(r), say), name: head + ", " + W.from, also: [{ head: head + ", " + W.to, value: high }],
});
const MEASURES = [
  { head: W.size, form: "count", value: (r) => r.size },
  { head: W.lq, form: "decimal", value: (r) => r.lq },
  between(W.interval, (r) => r.ci_low, (r) => r.ci_high),
  between(W.bounds, (r) => r.low, (r) => r.high),
  { head: W.chance, form: "percent", value: (r) => r.p, show: (r) => percent(r.p) },
  { head: W.rank, form: "count", value: (r) => r.rank, show: (r) => r.rank == null ? "—" : `${r.rank} (${r.rank_low}–${r.rank_high})`,
    also: [{ head: W.rank + ", " + W.from, value: (r) => r.rank_low }, { head: W.rank + ", " + W.to, value: (r) => r.rank_high }] },
  { head: W.of_cluster, form: "percent", value: (r) => r.of_cluster },
  { head: W.growth, form: "percent", value: (r) => r.growth,
    also: [{ head: W.national, value: (r) => r.national }, { head: W.mix, value: (r) => r.mix }, { head: W.regional, value: (r) => r.regional }] },
  { head: W.hidden_share, form: "percent", value: (r) => r.hidden_share },
  { head: W.type, form: "text", value: (r) => W["class_" + r.type] || r.type, show: typeTag },
].filter((column) => column.head !== W.growth || rows.some((row) => row.growth != null));

function typeTag(row) {
  if (row.type === "unknown") return tag(W.class_unknown + (row.type_missing ? ": " + row.type_missing : ""), "unknown");
  return tag(W["class_" + row.type] + (row.near ? " · " + W.near : ""), row.type === "cluster" ? "yes" : "");
}
const described = (row, name) => ({
  ...row, name,
  interval: span(row.ci_low, row.ci_high), chance: percent(row.p), hidden: percent(row.hidden_share, 1),
  published: row.size == null ? null : row.size * (1 - (row.hidden_share || 0)),
});

// --- the country ---
const strengths = D.strength.region.map((code, i) => ({
  region: code, name: regionName(code), lq: D.strength.value[i], low: D.strength.low[i], high: D.strength.high[i],
  strong: D.strength.strong[i], hidden_share: D.strength.hidden_share[i], colour: D.palette.strong, ci_low: null, ci_high: null,
  shown: D.strength.value[i] == null ? W.unknown : `${percent(D.strength.value[i])} (${span(D.strength.low[i], D.strength.high[i], percent)})`,
}));
const strengthOf = new Map(strengths.map((row) => [row.region, row]));

async function country() {
  const chosen = $("cluster").value, whole = chosen === "";
  const list = whole ? strengths.filter((row) => row.lq != null) : rows.filter((row) => row.cluster === chosen && row.lq != null).map((row) => described(row, regionName(row.region)));
  const ordered = [...list].sort((a, b) => b.lq - a.lq), title = whole ? W.cluster_strength : clusterName(chosen) + ": " + W.lq;
  if ($("map")) {
    $("map-title").textContent = title;
    const top = Math.max(...list.map((row) => row.lq));
    await draw("map", D.specs.map, list.map((row) => ({
      region: row.region, name: row.name, colour: whole ? ramp(row.lq, top) : shade(row.lq),
      shown: whole ? row.shown : `${number(row.lq)} (${span(row.low, row.high)})`,
      sure: whole ? row.high - row.low < 0.25 : row.low >= 1 || (row.high != null && row.high <= 1) || !(row.hidden_share > 0),
    })));
    if (whole) legend("map-legend", RAMP, RAMP.map((_, i) => `${percent((i * top) / RAMP.length)} – ${percent(((i + 1) * top) / RAMP.length)}`), true);
    else legend("map-legend", SHADES, quotientLabels(), true);
  }
  $("leaders-title").textContent = title;
  $("leaders").hidden = whole;
  $("strengths").hidden = !whole;
  await draw(whole ? "strengths" : "leaders", D.specs[whole ? "strengths" : "leaders"], whole ? ordered.slice(0, LEADERS) : capped(ordered.slice(0, LEADERS)));
  $("leaders-downloads").dataset.chart = whole ? "strengths" : "leaders";
  table("leaders-table", whole ? [
    text(W.region, (r) => r.name), { head: W.cluster_strength, form: "percent", value: (r) => r.lq },
    between(W.bounds, (r) => r.low, (r) => r.high, percent),
    { head: W.strong_clusters, form: "count", value: (r) => r.strong }, { head: W.hidden_share, form: "percent", value: (r) => r.hidden_share },
  ] : [text(W.region, (r) => r.name), ...MEASURES], ordered);
}

// --- a region ---
function profile(code) {
  const whole = strengthOf.get(code) || {}, mine = byRegion.get(code) || [];
  const figures = [[W.cluster_strength, whole.lq == null ? W.unknown : whole.shown], [W.strong_clusters, number(whole.strong ?? mine.filter((row) => row.strong).length, 0)]];
  if (whole.hidden_share != null) figures.push([W.hidden_share, percent(whole.hidden_share, 1)]);
  $("profile").replaceChildren(...figures.map(([name, value]) => {
    const box = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name;
    said.textContent = value;
    box.append(term, said);
    return box;
  }));
}

function leaves(known) {
  const kinds = [...new Set(known.map((row) => row.kind))];
  const tip = (row) => ({ " ": row.name, [W.size]: number(row.size, 0), [W.lq]: number(row.lq), [W.interval]: row.interval, [W.chance]: row.chance, [W.hidden_share]: row.hidden });
  return [{ id: "all", parent: null }, ...kinds.map((kind) => ({ id: "kind " + kind, parent: "all" })),
    ...known.filter((row) => row.size > 0).map((row) => ({ id: row.cluster, parent: "kind " + row.kind, name: row.name, size: row.size, hidden_share: row.hidden_share, colour: shade(row.lq), dark: isDark(row.lq), shown: number(row.size, 0) + " · " + number(row.lq), tip: tip(row) }))];
}

// The clusters whose names find room beside their bubbles.
function apart(wanted, all) {
  const spread = (of) => Math.max(...all.map(of)) - Math.min(...all.map(of)) || 1, across = (row) => Math.log(row.lq);
  const wide = spread(across), tall = spread((row) => row.growth), kept = [];
  for (const row of wanted) {
    if (kept.every((other) => Math.abs(row.growth - other.growth) / tall > 0.045 || Math.abs(across(row) - across(other)) / wide > 0.45)) kept.push(row);
  }
  return new Set(kept.map((row) => row.cluster));
}

async function region() {
  const code = $("place").value, mine = byRegion.get(code) || [];
  const known = mine.filter((row) => row.lq > 0).map((row) => described(row, clusterName(row.cluster)));
  profile(code);
  const additive = known.some((row) => row.share != null);
  $("treemap-card").hidden = !additive;
  if (additive) {
    await draw("treemap", D.specs.treemap, leaves(known));
    legend("treemap-legend", SHADES, quotientLabels(), false);
  }
  const growing = known.filter((row) => row.growth != null && row.kind === "traded").sort((a, b) => b.size - a.size);
  $("bubbles-card").hidden = !growing.length;
  const named = apart([...growing].sort((a, b) => b.lq - a.lq).slice(0, 8).concat(growing.slice(0, 4)), growing);
  if (growing.length) await draw("bubbles", D.specs.bubbles, growing.map((row) => ({ ...row, label: named.has(row.cluster) })));
  await draw("ranking", D.specs.ranking, capped(known.filter((row) => row.kind === "traded").sort((a, b) => b.lq - a.lq).slice(0, 30)));
  table("region-table", [text(W.cluster, (r) => clusterName(r.cluster)), ...MEASURES], mine.filter((row) => row.size == null || row.size > 0).sort((a, b) => (b.lq || 0) - (a.lq || 0)));
  rules();
  follow();
}

// A chart of another room that lets a region be chosen shows the one chosen on the page.
function follow() {
  const name = regionName($("place").value);
  for (const select of document.querySelectorAll(".vega-bindings select")) {
    const option = [...select.options].find((one) => one.textContent === name);
    if (!option || select.value === option.value) continue;
    select.value = option.value;
    for (const event of ["input", "change"]) select.dispatchEvent(new Event(event));
  }
}

// --- the rules ---
const says = (row) => [
  row.us_cluster_mapping === "unknown" ? null : row.strong,
  row.european_stars === "unknown" ? null : +row.european_stars >= 2,
  row.five_factors === "unknown" ? null : row.five_factors === "strong",
].filter((said) => said != null);
const differ = (row) => new Set(says(row)).size > 1;
function verdict(row, rule) {
  const said = row[rule], reason = row[rule + "_reason"];
  const stars = rule.startsWith("european_stars"), strong = stars ? +said >= 2 : ["strong", "strong10"].includes(said);
  const words = said === "unknown" ? W.unknown + (reason ? ": " + reason : "") : stars ? (+said ? "★".repeat(+said) : "0") : W[said] || said;
  const made = tag(words, said === "unknown" ? "unknown" : strong ? "yes" : "");
  const marks = [...(row[rule + "_marks"] || "")].map((mark, i) => mark === "-" ? null : (mark === "y" ? "✓ " : "✗ ") + D.criteria[i]);
  made.title = [...marks, said === "unknown" ? null : reason].filter(Boolean).join("\n");
  return made;
}
function rules() {
  const mine = (byRegion.get($("place").value) || []).filter((row) => row.size == null || row.size > 0);
  const rule = (name) => ({ head: W[name], form: "text", value: (r) => r[name], show: (r) => verdict(r, name) });
  table("rules-table", [
    text(W.cluster, (r) => clusterName(r.cluster)), rule("us_cluster_mapping"),
    { head: W.certainty, form: "text", value: (r) => r.certainty == null ? null : r.certainty === "none" ? W.never : W[r.certainty] },
    ...(rows.some((row) => row.p_strong_fillings != null) ? [{ head: W.p_fillings, form: "percent", value: (r) => r.p_strong_fillings }] : []), { head: W.p_sampling, form: "percent", value: (r) => r.p_strong_sampling },
    rule("european_stars"), rule("european_stars_older"), rule("five_factors"),
    { head: W.verdict, form: "text", value: (r) => differ(r) ? W.disagree : W.agree, show: (r) => tag(differ(r) ? W.disagree : W.agree, differ(r) ? "unknown" : "") },
  ], ($("only-disagree").checked ? mine.filter(differ) : mine).sort((a, b) => (b.lq || 0) - (a.lq || 0)));
}

// --- choices ---
function options(place, names, first) {
  const option = (value, words) => Object.assign(document.createElement("option"), { value, textContent: words });
  if (first) place.append(option("", first));
  for (const [value, words] of Object.entries(names).sort((a, b) => a[1].localeCompare(b[1], language))) place.append(option(value, words));
}
options($("cluster"), Object.fromEntries(Object.keys(D.clusters).map((code) => [code, clusterName(code)])), strengths.some((row) => row.lq != null) ? W.all_clusters : null);
options($("place"), D.regions);
const asked = new URLSearchParams(location.hash.slice(1));
if (asked.has("region") && D.regions[asked.get("region")]) $("place").value = asked.get("region");
if (asked.has("cluster") && D.clusters[asked.get("cluster")]) $("cluster").value = asked.get("cluster");
const remember = () => history.replaceState(null, "", "#" + new URLSearchParams({ region: $("place").value, cluster: $("cluster").value }));
$("cluster").addEventListener("change", () => { remember(); country(); });
$("place").addEventListener("change", () => { remember(); region(); });
$("only-disagree").addEventListener("change", rules);

offerDownloads();
await Promise.all([country(), region(), rooms()]);
follow();
if (views.map) views.map.addEventListener("click", (_event, item) => {
  const code = item && item.datum && item.datum.id;
  if (!D.regions[code]) return;
  $("place").value = code;
  remember();
  region();
  $("region").scrollIntoView();
});
document.body.dataset.ready = "yes";

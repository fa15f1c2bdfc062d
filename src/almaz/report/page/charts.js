// Charts: drawn once, then given new rows; colours of the location quotient are those of the legend.
const views = {}, BREAKS = D.scale.breaks, SHADES = D.scale.shades, RAMP = D.scale.ramp;
const LOCALE = { decimal: POINT, thousands: THOUSANDS, grouping: [3], currency: ["", ""] };

async function draw(id, spec, data) {
  if (views[id]) {
    views[id].data("rows", data);
    await views[id].resize().runAsync();
    describe(id);
    return;
  }
  const vega = spec.$schema.includes("/vega/");
  if (innerWidth < 600) narrow(spec);
  const full = vega || !data ? spec : { ...spec, datasets: { ...(spec.datasets || {}), rows: data } };
  if (vega) full.data[0].values = data;
  views[id] = (await vegaEmbed("#" + id, full, { actions: false, renderer: "svg", formatLocale: LOCALE })).view;
  const choices = $(id).querySelector(".vega-bindings");
  if (choices) $(id).before(choices);
  describe(id);
}

// For a reader who does not see it, a picture is its title; the numbers are in the table beside it.
function describe(id) {
  const place = $(id), title = place.closest("figure").querySelector("h3");
  place.role = "img";
  place.ariaLabel = title ? title.textContent : id;
  place.tabIndex = 0;
  for (const part of place.querySelectorAll("svg *")) for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
  for (const svg of place.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
}

function narrow(spec) { // on a phone names may take a third of the width, and a map need not be tall
  if (spec.config && spec.config.axis) spec.config.axis.labelLimit = 120;
  if (spec.projection) spec.height = 240;
}

const shade = (quotient) => quotient == null ? null : SHADES[BREAKS.filter((edge) => quotient >= edge).length];
const isDark = (quotient) => quotient >= 2;
const ramp = (share, top) => share == null ? null : RAMP[Math.min(RAMP.length - 1, Math.floor((share / (top || 1)) * RAMP.length))];

// A line without an upper end is drawn to the edge of what is known.
function capped(list) {
  const top = Math.max(1, ...list.map((row) => Math.max(row.lq || 0, row.ci_high || 0))) * 1.1;
  const cut = (value) => value == null ? null : Math.min(value, top);
  return list.map((row) => ({ ...row, high: row.high == null && row.low != null ? top : cut(row.high), ci_high: cut(row.ci_high) }));
}

function legend(id, colours, labels, unsure) {
  const place = $(id);
  place.replaceChildren();
  const item = (colour, text, kind) => {
    const box = document.createElement("span"), mark = document.createElement("i");
    mark.style.background = colour;
    if (kind) mark.className = kind;
    box.append(mark, text);
    place.append(box);
  };
  colours.forEach((colour, i) => item(colour, labels[i]));
  item(D.scale.unknown, W.not_available);
  if (unsure) item(SHADES[5], W.open_side, "unsure");
}
const quotientLabels = () => [`< ${number(BREAKS[0], 1)}`, ...BREAKS.map((edge, i) => i + 1 < BREAKS.length ? `${number(edge, 2)} – ${number(BREAKS[i + 1], 2)}` : `≥ ${number(edge, 0)}`)];
